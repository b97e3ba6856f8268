"""The standard texts: each reads well as the mail that it becomes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from samskabt.engine.errors import NotFound
from samskabt.engine.values import Dates, Intent, Nudge, OutboxRow, Recipient
from samskabt.notifications import KNOWN_PLACEHOLDERS, STANDARD_TEXTS, Sender, Text, check, compose, find_text

from ..mails import text_of

NOW = datetime(2019, 9, 17, 6, 0, tzinfo=UTC)
ANNE = Recipient(5, "Anne Sørensen", "anne@nyborg.example")
SENDER = Sender("Sekretariatet for samskabt styring", "samskabt@program.example", "Karen Holm", "karen@program.example")
WANTED = {
    *("indkaldelse", "aendret", "aflyst", "paamindelse_moede", "opfoelgning", "blev_det_holdt", "saet_dato"),
    *("trin_staar_stille", "eskalering_leder", "eskalering_projektleder", "fase_begynder", "fase_slutter"),
    *("evaluering_aaben", "evaluering_paamindelse", "evaluering_lukker", "baseline_frist"),
    *("velkommen", "ikke_valgt", "venteliste", "tilmelding_modtaget", "invitation_til_projekt"),
    *("udfordring_parkeret", "loesning_klar", "proces_afsluttet"),
    *("pausen_skulle_vaere_slut", "overdragelse", "ikke_laengere_med", "ring_i_stedet", "samling", "samling_nyt"),
    *("plads_til_dig", "svar_udbedes"),
}
FRAMES = {"samling", "samling_nyt"}
INTENTS = {
    "indkaldelse": Intent.INVITATION,
    "plads_til_dig": Intent.INVITATION,
    "aendret": Intent.INVITATION,
    "aflyst": Intent.CANCELLATION,
}
EXAMPLES = {name: spot.example for name, spot in KNOWN_PLACEHOLDERS.items()}


def written(key: str, full: bool = True) -> tuple[str, str]:
    """Give subject and body of a standard text, with every value known or with none but the row's own."""
    text = STANDARD_TEXTS[key]
    intent = INTENTS.get(key, Intent.NUDGE if text.stops else Intent.NOTICE)
    values = {**EXAMPLES, "titel": "Fælles opstartsmøde for projektkommunerne"} if full else {}
    values = {name: value for name, value in values.items() if name not in ("hvorfor", "stopper", "navn", "rolle")}
    nudge = Nudge("k", intent, key, "kommunal_konsulent", "regel", values=values, uid="u", sequence=0)
    row = OutboxRow(
        1, 1, 17, 3, "activity", "Fælles opstartsmøde for projektkommunerne",
        "Forenklet beskæftigelsesindsats – fra regelorientering til borgerorientering", "0450",
        "Ringkøbing-Skjern", nudge, False, (ANNE,), "h",
        Dates(date(2019, 9, 20), date(2019, 9, 30), "day") if full else Dates(), NOW,
    )  # fmt: skip
    mail = compose(row, ANNE, text, SENDER, NOW)
    return mail.subject, text_of(mail.content)


def test_all_wanted_texts_are_there() -> None:
    """Each occasion that a programme knows has a text, and no text is left over."""
    assert STANDARD_TEXTS.keys() == WANTED


@pytest.mark.parametrize("key", sorted(WANTED - FRAMES))
def test_a_standard_text_is_short_friendly_and_complete(key: str) -> None:
    """It fits a glance, speaks kindly, says why it came and when it stops, and leaves no placeholder open."""
    check(STANDARD_TEXTS[key], key)
    for full in (True, False):
        subject, body = written(key, full)
        assert len(body) <= 1100 and len(subject) <= 90 and not subject.endswith("…")
        assert max(map(len, body.splitlines())) <= 76
        assert "{" not in subject + body and ".." not in body and "None" not in subject + body
        assert not re.search(r"rykker|de bedes|\bDe\b|\bDem\b|\bDeres\b", subject + body)
        assert body.startswith("Kære Anne\n\n") and "Derfor får du denne mail: " in body
        assert re.search(r"Den stopper, når .|kun denne ene gang|hører kun igen", body.replace("\n", " "))
        assert "\n\nMed venlig hilsen\nKaren Holm\nSekretariatet for samskabt styring\n\n-- \n" in body


@pytest.mark.parametrize("key", sorted(WANTED - FRAMES))
def test_a_standard_text_asks_for_one_thing_in_few_sentences(key: str) -> None:
    """Two to seven sentences, one of which is an instruction."""
    text = STANDARD_TEXTS[key]
    body = f"{text.body}\n{text.action}."
    sentences = re.findall(r"[^.!?]+[.!?](?=\s|$)|Begynd her: \{\{ naeste \}\}", body)
    assert 2 <= len(sentences) <= 7
    orders = r"\b(Sæt|Ret|Slet|Se|Registrér|Find|Begynd|Tag|Ring|Gennemgå|Fortæl|Aftal|Svar|Tal|Genoptag|svar|skal)\b"
    assert re.search(orders, body)


def test_a_programmes_own_text_wins() -> None:
    """A programme may replace a text, add one, and keeps the rest."""
    own = {"indkaldelse": Text("Kom", "Kom nu."), "egen": Text("a", "b")}
    assert find_text("indkaldelse", own).subject == "Kom"
    assert find_text("egen", own).body == "b"
    assert find_text("aflyst", own) is STANDARD_TEXTS["aflyst"]


def test_an_unknown_key_lists_what_there_is() -> None:
    """A slip in a key is answered with the nearest keys."""
    with pytest.raises(NotFound, match="unknown text 'indkaldlse'; did you mean: indkaldelse"):
        find_text("indkaldlse")
