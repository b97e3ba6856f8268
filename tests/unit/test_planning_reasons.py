"""The Danish sentences of reasons."""

from datetime import date

import pytest
from samskabt.engine.planning.reasons import REASON_CODES, Reason, reason, reason_text

DAY = date(2027, 9, 17)
SAID = {
    "Står i dokumentet: »medio 2018«.": reason("fra_dokumentet", text="medio 2018"),
    "Står i dokumentet: fredag den 17. september 2027.": reason("fra_dokumentet", text=DAY),
    "Dokumentet siger det ikke; det er vores forslag.": reason("udledt"),
    "Flyttet 417 uger frem, fordi programmet er flyttet.": reason("flyttet_uger", weeks=417),
    "Flyttet 1 hel måned tilbage, fordi programmet er flyttet.": reason("flyttet_maaneder", months=-1),
    "Flyttet 4 uger frem efter en pause.": reason("flyttet_efter_pause", weeks=4),
    "Datoen følger ikke med, når programmet flyttes.": reason("flytter_ikke"),
    "Flyttet fra fredag den 17. september 2027 til fredag den 17. september 2027, "
    "fordi 17. september er lukket (fri).": reason("flyttet_fra_helligdag", from_=DAY, to=DAY, name="fri"),
    "Ligger på en lukket dag: fredag den 17. september 2027.": reason("lukket_dag", day=DAY, name=""),
    "6 uger efter »x«, som slutter fredag den 17. september 2027.": reason(
        "efter_anker", amount=6, unit="uger", anchor="x", date=DAY
    ),
    "1 arbejdsdag før »x«, som begynder fredag den 17. september 2027.": reason(
        "foer_anker", amount=1, unit="arbejdsdage", anchor="x", date=DAY
    ),
    "Fra »x«, som begynder fredag den 17. september 2027.": reason("fra_anker", anchor="x", date=DAY),
    "Til »x«, som slutter fredag den 17. september 2027.": reason("til_anker", anchor="x", date=DAY),
    "Ligger efter »x«, som slutter fredag den 17. september 2027.": reason("tidligst_efter", anchor="x", date=DAY),
    "Ligger før »x«, som begynder fredag den 17. september 2027.": reason("senest_foer", anchor="x", date=DAY),
    "Venter på en dato for det, som den følger.": reason("anker_mangler", anchor=""),
    "Der er ingen dag mellem fredag den 17. september 2027 og fredag den 17. september 2027.": reason(
        "ingen_plads", after=DAY, before=DAY
    ),
    "Midt mellem fredag den 17. september 2027 og fredag den 17. september 2027.": reason(
        "midtvejs", from_=DAY, to=DAY
    ),
    "Programmet begynder fredag den 17. september 2027.": reason("ved_start", date=DAY),
    "Programmet slutter fredag den 17. september 2027.": reason("ved_slut", date=DAY),
    "Ligger i sin fase.": reason("i_fasen"),
    "Ligger i programmets periode.": reason("i_perioden"),
    "Gentages løbende.": reason("gentages", amount=1, unit=""),
    "Nr. 3 af 9 i rækken.": reason("nummer", number=3, of=9),
    "Rækken har kun 9; aflys denne, eller sæt en dag.": reason("uden_for_raekken", of=9),
    "Ingen dato er givet.": reason("aaben"),
    "Ligger uden for sin fase: fredag den 17. september 2027.": reason("uden_for_fasen", day=DAY),
    "Ligger uden for programmets periode: fredag den 17. september 2027.": reason("uden_for_perioden", day=DAY),
    "Datoen er sat af en person og flyttes ikke.": reason("fastsat_af_person"),
    "Flyttet fra fredag den 17. september 2027 til fredag den 17. september 2027, så vinduet er lige så langt og "
    "begynder på samme ugedag som »x«.": reason("passer_til", from_=DAY, to=DAY, anchor="x"),
    "Lagt uden om 1 lukket dag (langfredag), for »x« rummer ingen.": reason(
        "uden_om_lukket", name="1 lukket dag (langfredag)", anchor="x"
    ),
    "Rummer 1. maj, og der er intet vindue i nærheden uden; det kan ikke sammenlignes rent med »x«.": reason(
        "rummer_lukket", name="1. maj", anchor="x"
    ),
    "Flyttet 1 uge tilbage, så målingen slutter, før »x« begynder.": reason("flyttet_foer", weeks=-1, anchor="x"),
    "Skal være slut senest fredag den 17. september 2027, dagen før »x«; bagefter kan den ikke tages.": reason(
        "sidste_dag", day=DAY, anchor="x"
    ),
    "Begyndte fredag den 17. september 2027.": reason("er_begyndt", date=DAY),
    "Er sket: fredag den 17. september 2027.": reason("er_sket", date=DAY),
}


def test_every_code_has_its_sentence() -> None:
    """Each code is said as written here, and no code is left out."""
    assert [reason_text(why) for why in SAID.values()] == list(SAID)
    assert {why.code for why in SAID.values()} == REASON_CODES


def test_paces_are_said_as_danes_say_them() -> None:
    """Hvert kvartal, hver måned and hver 2. uge differ in gender and number."""
    said = [("kvartaler", 1), ("maaneder", 1), ("uger", 2)]
    texts = [reason_text(reason("gentages", amount=every, unit=unit)) for unit, every in said]
    assert texts == ["Gentages hvert kvartal.", "Gentages hver måned.", "Gentages hver 2. uge."]


def test_titles_replace_keys() -> None:
    """People read the title of an anchor, not its key."""
    why = reason("anker_mangler", anchor="opstartsmoede")
    assert reason_text(why) == "Venter på en dato for »opstartsmoede«."
    assert reason_text(why, {"opstartsmoede": "Opstartsmøde"}) == "Venter på en dato for »Opstartsmøde«."


def test_an_unknown_code_is_an_error() -> None:
    """A code from elsewhere is not guessed at."""
    with pytest.raises(KeyError, match="ukendt"):
        reason_text(Reason("ukendt"))
