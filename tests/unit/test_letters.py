"""The mails that would bring what is missing: read as the one who gets them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest
from samskabt.engine.asking.letters import About, Letter, letters
from samskabt.engine.errors import Refused
from samskabt.engine.values import Refusal, Strength

from .core_cases import PROGRAMME, Family, alone, founded, small, with_challenge, with_kommune

OF_GREVE = About("kommune", "Greve", "Afslut trin 1", "Lille program", "Greve")


def of(family: Family, about: About, act: Callable[[], object]) -> dict[str, Letter]:
    """Give the letters of a refusal by role."""
    with pytest.raises(Refused) as caught:
        act()
    return {letter.role: letter for letter in letters(about, caught.value.refusals, family.compiled.workflow)}


def written(*refusals: Refusal, about: About = OF_GREVE, names: Mapping[str, Sequence[str]] | None = None) -> Letter:
    """Give the only letter to these refusals."""
    (letter,) = letters(about, refusals, founded().compiled.workflow, names or {})
    return letter


def tick(name: str, strength: Strength = Strength.SOFT) -> Refusal:
    """Miss a tick of trin 1, which the leader can bring."""
    return Refusal("mangler_flueben", "checklist", strength, {"field": name, "at": "trin_1"}, "leder")


def test_a_letter_says_what_is_missing_why_and_how_to_answer() -> None:
    """Warm and short: the step, the place, each thing with its reason, and that no is an answer."""
    letter = written(tick("ledelsesopbakning"), tick("med_droeftet"), names={"leder": ["Mette"]})
    assert letter.subject == "Kan du hjælpe? »Afslut trin 1«, Greve"
    assert letter.body == (
        "Hej Mette\n\n"
        "Næste skridt i Greve (Lille program) er »Afslut trin 1«. Det venter på noget, som du kan hjælpe med:\n\n"
        "- »Ledelsen har sagt højt, at den bakker op«. Er det på plads, så skriv, hvornår det skete. "
        "Det er helt afgørende for, om nogen tør lave noget om.\n"
        "- »MED-udvalget har drøftet det«. Er det på plads, så skriv, hvilket udvalg og hvilken dag. "
        "Er MED med fra begyndelsen, er medarbejderne det også.\n\n"
        "Svar på denne mail med et par ord, så registrerer jeg det. "
        "Passer det ikke hos jer, så skriv hvorfor; så kan vi gå videre uden.\n\n"
        "På forhånd tak!\n"
    )


def test_several_people_are_greeted_together_and_many_are_not_listed() -> None:
    """Two by name and as I; four with a plain hello."""
    both = written(tick("formaal"), names={"leder": ["Mette", "Jonas"]})
    assert both.body.startswith("Hej Mette og Jonas\n") and "én ting, som I kan hjælpe med" in both.body
    assert both.subject.startswith("Kan I hjælpe?")
    assert written(tick("formaal"), names={"leder": ["A", "B", "C", "D"]}).body.startswith("Hej\n")


def test_what_is_hard_offers_no_way_around() -> None:
    """Where no reason is enough, the letter does not say so."""
    assert "gå videre uden" not in written(tick("formaal"), tick("facilitator", Strength.HARD)).body


def test_each_role_gets_what_it_can_mend_and_nobody_else_does() -> None:
    """Trin 1's list is split between those who answer for it; a missing reason is the asker's own."""
    family, kommune = with_kommune()
    family.send(kommune, "trin_1.begynd")
    found = of(family, OF_GREVE, lambda: family.send(kommune, "trin_1.afslut"))
    assert {role: len(letter.codes) for role, letter in found.items()} == {
        "kommunal_konsulent": 3,
        "leder": 4,
        "programkonsulent": 1,
    }
    assert of(family, OF_GREVE, lambda: family.send(kommune, "forloeb.traek")) == {}


def test_challenges_that_are_waited_for_are_named() -> None:
    """Five by name, the rest by number, with the fields that lack, and why it is asked."""
    family, kommune = with_kommune()
    numbers = [with_challenge(family, kommune, f"Nr. {place}") for place in range(1, 8)]
    family.send(numbers[0], "prioriter", override=True, reason="x")
    body = of(family, OF_GREVE, lambda: family.send(kommune, "trin_2.afslut"))["kommunal_konsulent"].body
    assert "Mindst 1 (udfordring) skal være nået til »Prioriteret« eller »Udvikle løsninger« eller" in body
    assert "lige nu er det 0 af 7. Udfyld også »Hvad går udfordringen ud på?«, »Hvorfor er den vigtig?« og" in body
    assert "Det venter på »Nr. 1«, »Nr. 2«, »Nr. 3«, »Nr. 4«, »Nr. 5« og 2 til." in body
    assert "kan ingen begynde at løse." in body
    assert "Trin 1 (Intro og fælles sprog) skal stå som »Afsluttet«, men står som »I gang«. Hvornår" in body
    none = of(family, OF_GREVE, lambda: family.send(family.id_of("0101"), "trin_6.afslut", override=True))
    assert none == {}


def test_fields_are_asked_for_in_their_own_way() -> None:
    """Words, a list, rows of who, what and when: each says what to answer."""
    family, kommune = with_kommune()
    challenge = with_challenge(family, kommune)
    about = About("challenge", "Ventetid", "Prioritér", "Lille program", "Greve")
    letter = of(family, about, lambda: family.send(challenge, "prioriter"))["kommunal_konsulent"]
    assert "Næste skridt for »Ventetid« i Greve (Lille program) er »Prioritér«." in letter.body
    assert letter.subject == "Kan du hjælpe? »Ventetid«, Greve"
    assert "- »Hvorfor er den vigtig?« Skriv et par linjer. Det er grunden til" in letter.body
    assert "- »Hvem har aktier i den?« Skriv dem på en liste." in letter.body
    plan = Refusal("mangler_felt", "fields", Strength.SOFT, {"field": "plan"}, "leder")
    of_solution = About("solution", "Ét skema", "Tag i brug", "P", "Greve")
    assert "»Hvem gør hvad hvornår?« Skriv hvem, hvad og hvornår." in written(plan, about=of_solution).body


GATES = """
  deltog: {title: T, before: plan, strength: hard, scope: kommune,
           needs: [{activity: opstart, attended: true}, {deadline: ny_lov}]}
"""


def test_activities_and_deadlines_are_asked_for() -> None:
    """Whoever answers for the meeting is asked when it happens; one that was missed, and a day that has passed, too."""
    family, kommune = with_kommune(founded(PROGRAMME + GATES.strip("\n")))
    plan = family.id_of("plan", kommune)
    about = About("task", "Handleplan", "Begynd", "Lille program", "Greve")
    found = of(family, about, lambda: family.send(plan, "begynd"))
    assert found.keys() == {"kommunal_konsulent", "partskonsulent"}
    assert (
        "»Opstartsmøde« er ikke registreret som gennemført. Den er planlagt til torsdag den 14. marts 2019. "
        "Er det sket, eller hvornår sker det?" in found["partskonsulent"].body
    )
    assert "»Besøg« er ikke registreret som gennemført. Er det sket" in found["kommunal_konsulent"].body
    family.now = family.now.replace(month=7, day=15)
    family.send(2, "afhold", fremmoedte=["0147"])
    found = of(family, about, lambda: family.send(plan, "begynd"))
    bodies = "".join(letter.body for letter in found.values())
    assert "I står ikke som deltagere i »Opstartsmøde«. Var I der? Ellers finder vi en anden vej." in bodies
    assert "var mandag den 1. juli 2019. Kan det stadig lade sig gøre?" in bodies


def test_nobody_is_asked_for_time_to_pass() -> None:
    """That the deadline has not run out is nobody's to mend."""
    family = founded()
    family.send(1, "forloeb.aabn_tilmelding")
    assert of(family, About("programme", "P", "Luk", "P"), lambda: family.send(1, "forloeb.luk_tilmelding")) == {}


def test_a_programmes_own_step_and_what_is_not_known_are_said_plainly() -> None:
    """Of the programme itself no place is named; a field of an older definition is read as words."""
    odd = Refusal("mangler_oplysning", "wants", Strength.HARD, {"field": "gammelt_felt"}, "leder")
    letter = written(odd, about=About("gammel_ting", "Lille program", "Afslut", "Lille program"))
    assert "Næste skridt (Lille program) er »Afslut«." in letter.body and "- »gammelt felt« Skriv et par" in letter.body
    assert letter.subject == "Kan du hjælpe? »Afslut«, Lille program"
    reason = Refusal("mangler_begrundelse", "reason", Strength.HARD, {}, "leder")
    assert "- Skriv en begrundelse.\n" in written(reason).body


def test_a_level_without_anybody_responsible_leaves_it_to_the_asker() -> None:
    """Where no role is known there is no letter, and the owner stays open."""
    machine = """
    ting:
      title: T
      regions:
        en: {title: E, states: {a: A, b: {title: B, final: true}}, moves: {gaa: {move: a -> b, needs: {fields: q}}}}
      fields: {q: Q}
    """
    family = alone(machine)
    assert of(family, About("ting", "Tingen", "Gå", "P"), lambda: family.send(1, "gaa")) == {}
    assert small(machine).paper.responsible_for("ukendt", "0101") is None
