"""Before a fase ends: what belongs to it is held, done or called off, or somebody says why it need not be."""

from __future__ import annotations

from functools import cache

from samskabt.engine.asking.letters import About, letters
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.compiled import Compiled
from samskabt.engine.definition import Part, Programme, assemble
from samskabt.engine.definition.checks import check
from samskabt.engine.options import options
from samskabt.engine.refusals import owner_text, refusal_text
from samskabt.engine.values import Reach, StepKind

from .cohort_cases import begun, end
from .core_cases import Family, at, refused, shipped_part, tree

LITTLE = """
format: 1
workflow: faser-alene
version: 1
title: Faser alene
uses: programramme@1
period: januar 2019 til december 2019
roles: {leder: {does: Leder}, vaert: {does: Holder møder}}
responsible: {programme: leder, cross: leder, kommune: leder, public: leder}
faser:
  indledning: {title: Indledning, when: januar til marts 2019}
  drift: {title: Drift, when: april til december 2019}
activities:
  startmoede: {title: Startmøde, kind: start_meeting, in: indledning / -, level: cross, when: 5. februar 2019,
               facilitator: vaert}
  plan: {title: Plan, kind: planning, in: indledning / -, level: programme, when: marts 2019}
  besoeg: {title: Besøg, kind: visit, in: indledning / -, level: cross, voluntary: true}
  efter: {title: Efter indledningen, kind: meeting, in: indledning / -, level: cross, when: 2 uger efter indledning}
  lokalt: {title: Lokalt møde, kind: meeting, in: indledning / -, level: kommune}
  senere: {title: Senere, kind: meeting, in: drift / -, level: cross, when: maj 2019}
"""
END, OPEN = "fase_indledning.afslut", "mangler_aktivitet"


@cache
def compiled() -> Compiled:
    """Make the little programme ready for deciding."""
    return Compiled(assemble(Programme.model_validate(tree(LITTLE)), [shipped_part("programramme")]), WorkingCalendar())


def programme() -> Family:
    """Give the programme in its first fase, with a kommune that takes part."""
    family = Family(compiled(), now=at("2019-01-02"))
    family.found()
    family.send(1, "forloeb.aabn_tilmelding")
    family.send(1, "forloeb.tilmeld_kommune", kommune="0101", titel="København")
    family.send(family.id_of("0101"), "forloeb.vaelg", override=True, reason="x")
    family.tick()
    assert family.snapshots[1].position["fase_indledning"] == "i_gang"
    return family


def lacking(family: Family, number: int = 1, event: str = END) -> list[object]:
    """Name the activities that stand in the way of an event."""
    (option,) = [one for one in options(family.compiled, family.snapshot(number), family.now) if one.event == event]
    return [one.values["activity"] for one in option.missing]


def test_a_fase_does_not_end_over_open_activities() -> None:
    """Those of the programme are named; the voluntary one, what follows the fase and a kommune's own are not."""
    family = programme()
    family.send(1, "forloeb.tilfoej_aktivitet", aktivitet="besoeg")
    assert refused(family, 1, END) == [OPEN, OPEN]
    assert lacking(family) == ["Startmøde", "Plan"]


def test_what_is_held_done_or_called_off_is_not_waited_for() -> None:
    """One by one they come to their end, each in its own way; then the fase ends without a reason."""
    family = programme()
    family.now = at("2019-02-11")
    family.send(family.id_of("startmoede"), "afhold")
    assert lacking(family) == ["Plan"]
    family.send(family.id_of("plan"), "udgaar", reason="Planen var lagt")
    assert lacking(family) == []
    assert family.send(1, END).position["fase_indledning"] == "afsluttet"


def test_a_reason_lets_it_end_and_stands_in_the_history() -> None:
    """Override without a reason is refused; with one the fase ends and the row says what it passed over."""
    family = programme()
    assert "mangler_begrundelse" in refused(family, 1, END, override=True)
    decision = family.send(1, END, override=True, reason="Mødet er flyttet til næste fase")
    assert decision.steps[0].overridden == (OPEN, OPEN)


def test_the_refusal_says_who_holds_it_and_a_letter_asks_them() -> None:
    """The facilitator answers for the meeting, the leader for the task; a day is told only where it is one."""
    family = programme()
    (option,) = [one for one in options(compiled(), family.snapshot(1), family.now) if one.event == END]
    meeting, task = option.missing
    assert refusal_text(meeting, compiled().workflow, "programme") == (
        "»Startmøde« er ikke gennemført endnu. Den er planlagt til tirsdag den 5. februar 2019."
    )
    assert refusal_text(task, compiled().workflow, "programme") == "»Plan« er ikke gennemført endnu."
    assert owner_text(meeting) == "Vaert kan bringe det i orden. Du kan gå videre alligevel med en begrundelse."
    about = About("programme", "Faser alene", "Afslut fasen", "Faser alene")
    drafts = {one.role: one.body for one in letters(about, option.missing, compiled().workflow)}
    assert sorted(drafts) == ["leder", "vaert"]
    assert "- »Startmøde« er ikke registreret som gennemført." in drafts["vaert"]


def test_the_calendar_waits_as_people_do_and_tries_again() -> None:
    """On 1 April something is open: history says so, the fase goes on; a week later it ends."""
    family = programme()
    family.now = at("2019-02-11")
    family.send(family.id_of("startmoede"), "afhold")
    family.tick(at("2019-04-03"))
    assert family.snapshots[1].position["fase_indledning"] == "i_gang"
    tried = [step for number, one in family.decisions if number == 1 for step in one.steps if one.event.name == END]
    assert [(step.kind, step.overridden) for step in tried] == [(StepKind.TIMER, (OPEN,))]
    family.send(family.id_of("plan"), "afslut")
    family.tick(at("2019-04-08"))
    assert family.snapshots[1].position["fase_indledning"] == "afsluttet"
    assert not [one for one in family.outbox.values() if one.template == "fasen_er_ikke_slut"]


def test_the_responsible_is_told_that_the_fase_hangs() -> None:
    """Seven working days after the planned end, and once more, then no more."""
    family = programme()
    family.tick(at("2019-12-01"))
    told = [one for one in family.outbox.values() if one.template == "fasen_er_ikke_slut"]
    assert [one.role for one in told] == ["leder", "leder"]
    assert family.snapshots[1].position["fase_indledning"] == "i_gang"


def test_a_kommune_waits_for_its_own_activities_alone() -> None:
    """What another kommune has not held stands in nobody else's way; an added interview (op til 3) neither."""
    family, (first, second) = begun(2)
    family.send(first, "forloeb.tilfoej_aktivitet", aktivitet="interview")
    assert lacking(family, first, "fase_opstart.afslut") == ["Dialogmøde", "Valg af temaer"]
    end(family, first)
    assert refused(family, second, "fase_opstart.afslut") == [OPEN, OPEN]


def test_an_offer_that_was_taken_up_is_waited_for() -> None:
    """Whoever has chosen the review of cases has it done before the fase is over, or says why not."""
    family, (kommune,) = begun(1)
    family.send(kommune, "forloeb.tilvaelg_tilbud", tilbud="sager")
    assert "Gennemgang af sager" in lacking(family, kommune, "fase_opstart.afslut")


def test_only_the_end_of_a_fase_reads_activities_for_it() -> None:
    """Its begin needs none of them."""
    relations = compiled().relations
    assert Reach.ACTIVITIES in relations.reach("programme", END)
    assert Reach.ACTIVITIES not in relations.reach("programme", "fase_indledning.begynd")


def test_the_requirement_is_of_a_fase_and_of_states_that_there_are() -> None:
    """Elsewhere it could never be asked; a state that no activity has is a mistake with its place."""
    part = shipped_part("programramme")
    programme_machine = part.machines["programme"]
    life, fase = programme_machine.regions["forloeb"], programme_machine.regions["fase"]
    needs = fase.moves["afslut"].needs
    odd = (needs[0].model_copy(update={"states": ("fløjet",)}),)
    odd[0].model_fields_set.add("states")
    regions = {
        "forloeb": life.model_copy(
            update={"moves": {**life.moves, "begynd": life.moves["begynd"].model_copy(update={"needs": needs})}}
        ),
        "fase": fase.model_copy(
            update={"moves": {**fase.moves, "afslut": fase.moves["afslut"].model_copy(update={"needs": odd})}}
        ),
    }
    machines = {**part.machines, "programme": programme_machine.model_copy(update={"regions": regions})}
    broken: Part = part.model_copy(update={"machines": machines})
    found = [one.message for one in check(assemble(Programme.model_validate(tree(LITTLE)), [broken]))]
    assert "kravet activities gælder kun det, der afslutter en fase; her er der ingen fase at se på" in found
    assert any("fløjet" in one for one in found)
