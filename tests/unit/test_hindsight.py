"""What a late registration overtakes, what it may not, and which joins rest on nothing once something is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from samskabt.engine.decide import decide
from samskabt.engine.deciding.correct import CORRECT, correct
from samskabt.engine.deciding.finish import PLAN
from samskabt.engine.errors import Refused
from samskabt.engine.hindsight.joins import Life, judged, moved_on, unearned
from samskabt.engine.hindsight.overtaken import is_late, overtaken, require_room, said_before, taking_back
from samskabt.engine.hindsight.past import Past, decision_of, was_closed
from samskabt.engine.refusals import refusal_text
from samskabt.engine.values import SYSTEM, Decision, Event, Json, Relative, Snapshot, StepKind, TimerStatus

from .core_cases import DAY, Family, alone, at, founded, with_challenge, with_kommune

LIGHT = """
ting:
  title: Ting
  regions:
    lampe:
      title: Lampe
      states: {slukket: Slukket, taendt: Tændt, gul: Gul}
      moves: {taend: slukket -> taendt, gulne: taendt -> gul, sluk: "taendt, gul -> slukket", noter: {in: taendt}}
"""
RULES = """
taender_selv: {title: Tænder selv, on: ting, during: lampe.slukket, offset: 10 dage, fires: taend}
gulner_selv: {title: Gulner selv, on: ting, during: lampe.taendt, offset: 10 dage, fires: gulne}
lyser_laenge: {title: Lyser længe, on: ting, during: lampe.gul, offset: 5 dage, to: nogen, text: blev_det_holdt}
"""
TEXTS = """
roles: {nogen: {does: Ser på}}
"""


def pasts(family: Family, number: int) -> list[Past]:
    """Give an instance's history as hindsight reads it."""
    out: list[Past] = []
    for owner, decision in family.decisions:
        first, event = len(out) + 1, decision.event
        for step in decision.steps if owner == number else ():
            seq = len(out) + 1
            out.append(Past(seq, first, step, event.actor.kind, event.happened_at, event.recorded_at, event.reason))
    return out


def lamp() -> Family:
    """Give a lamp that has gone on after ten days and yellow after twenty, by itself; today is day thirty."""
    family = alone(LIGHT, reminders=RULES, more=TEXTS)
    family.tick(family.now + 30 * DAY)
    assert family.snapshots[1].position == {"lampe": "gul"}
    return family


def late(family: Family, name: str, happened: datetime) -> list[list[Past]]:
    """Ask what a late event overtakes."""
    event = family.event(name, happened)
    assert is_late(family.compiled, family.snapshot(1), event)
    return overtaken(family.compiled, family.snapshot(1), event, pasts(family, 1))


def replayed_late(family: Family, name: str, happened: datetime) -> Decision:
    """Take back what a late event overtakes, and decide it."""
    event = family.event(name, happened)
    for rows in late(family, name, happened):
        cause = taking_back(family.compiled, family.snapshot(1), event)
        recorded = [row.recorded for row in rows]
        family.record(
            1, correct(family.compiled, family.snapshot(1), recorded, cause, family.now, bore=False, replays=True)
        )
    return family.record(1, decide(family.compiled, family.snapshot(1), event, family.now))


def test_nearly_all_events_come_in_time() -> None:
    """Later than the last step, or at the same instant and possible; a timer's and the system's own are never late."""
    family = lamp()
    snapshot, compiled = family.snapshot(1), family.compiled
    entered = snapshot.entered["lampe"].at
    assert not is_late(compiled, snapshot, family.event("sluk", entered + DAY))
    assert is_late(compiled, snapshot, family.event("sluk", entered))  # The lamp went yellow by itself.
    assert is_late(compiled, snapshot, family.event("gulne", entered))
    assert not is_late(compiled, snapshot, Event("sluk", entered - DAY, family.now, SYSTEM))
    assert not is_late(compiled, snapshot, family.event("sluk", entered - DAY, timer="x"))
    family.send(1, "sluk")
    assert not is_late(compiled, family.snapshot(1), family.event("taend"))


def test_the_systems_steps_are_overtaken_newest_first() -> None:
    """Lit by hand on day three: neither the going on nor the going yellow would have been when they were."""
    family = lamp()
    born = family.snapshots[1].entered["lampe"].at - 20 * DAY
    assert [[row.dest for row in rows] for rows in late(family, "taend", born + 3 * DAY)] == [["gul"], ["taendt"]]
    assert [[row.dest for row in rows] for rows in late(family, "sluk", born + 15 * DAY)] == [["gul"]]
    replayed_late(family, "taend", born + 3 * DAY)
    assert family.snapshots[1].entered["lampe"].at == born + 3 * DAY
    family.tick()
    assert family.snapshots[1].position == {"lampe": "gul"}
    assert family.snapshots[1].entered["lampe"].at.date() == (born + 13 * DAY).date()


def test_what_could_not_have_happened_then_overtakes_nothing() -> None:
    """Put out while it was out: the core refuses it as it stands."""
    family = lamp()
    born = family.snapshots[1].entered["lampe"].at - 20 * DAY
    assert late(family, "sluk", born + 3 * DAY) == []
    assert late(family, "sluk", born - DAY) == []


def test_a_persons_step_stands() -> None:
    """Alone in the way it is the core's to refuse; under the system's steps, or hiding the event, it is named."""
    family = alone(LIGHT, reminders=RULES, more=TEXTS)
    born = family.now
    family.now += 5 * DAY
    family.send(1, "taend")
    assert late(family, "sluk", born + 4 * DAY) == []
    family.tick(family.now + 20 * DAY)
    for name in ("taend",):
        with pytest.raises(Refused) as caught:
            late(family, name, born + 4 * DAY)
        assert [(one.code, one.values["seq"]) for one in caught.value.refusals] == [("foer_seneste_skridt", 2)]
    family.send(1, "sluk")
    with pytest.raises(Refused) as caught:
        late(family, "gulne", born + 6 * DAY)
    (refusal,) = caught.value.refusals
    assert "(nr. 4). Er det skridt forkert" in refusal_text(refusal, family.compiled.workflow, "ting")


def test_what_a_person_registered_meanwhile_must_still_have_been_possible() -> None:
    """A note was made while it was lit: whoever says that it was out by then is refused, whoever lit it earlier not."""
    family = alone(LIGHT, reminders=RULES, more=TEXTS)
    born = family.now
    family.tick(born + 12 * DAY)
    family.send(1, "noter")
    taken = late(family, "taend", born + 3 * DAY)
    lit = replayed_late(family, "taend", born + 3 * DAY)
    require_room(lit.event, taken, pasts(family, 1))
    family.tick(born + 40 * DAY)
    taken = late(family, "sluk", born + 5 * DAY)
    out = replayed_late(family, "sluk", born + 5 * DAY)
    with pytest.raises(Refused, match="senere_skridt"):
        require_room(out.event, taken, pasts(family, 1))


def test_plans_that_came_since_go_with_the_one_that_is_overtaken() -> None:
    """A visit got a day, and another one; it was held before both: both plans go, and with them the join."""
    family, kommune = with_kommune()
    visit = family.id_of("besoeg", kommune)
    for day in ("2019-04-01", "2019-04-08"):
        family.now += 10 * DAY
        data: dict[str, Json] = {"dates": {"planned_start": day, "planned_end": day, "precision": "day"}, "data": {}}
        plan = Event(PLAN, family.now, family.now, SYSTEM, data)
        family.record(visit, decide(family.compiled, family.snapshot(visit), plan, family.now))
    assert [row.kind for row in pasts(family, visit)][-3:] == [StepKind.PLAN, StepKind.JOIN, StepKind.PLAN]
    event = family.event("afhold", at("2019-02-05"))
    assert is_late(family.compiled, family.snapshot(visit), event)
    taken = overtaken(family.compiled, family.snapshot(visit), event, pasts(family, visit))
    assert [[row.kind for row in rows] for rows in taken] == [[StepKind.PLAN], [StepKind.PLAN, StepKind.JOIN]]
    family.send(visit, "ret_dato", dato="2019-06-04")
    with pytest.raises(Refused) as caught:
        overtaken(family.compiled, family.snapshot(visit), event, pasts(family, visit))
    assert [one.code for one in caught.value.refusals] == ["senere_skridt"]


def test_what_was_said_of_a_step_is_not_said_again() -> None:
    """The reminder of the yellow lamp has gone out; yellow again on another day, it is kept as skipped."""
    family = lamp()
    snapshot, born = family.snapshot(1), family.snapshots[1].entered["lampe"].at - 20 * DAY
    taken = late(family, "taend", born + 3 * DAY)
    assert said_before(family.compiled, snapshot, taken) == {"lyser_laenge#1"}
    replayed_late(family, "taend", born + 3 * DAY)
    moves = family.snapshot(1)
    again = Snapshot(
        moves.identity, moves.title, moves.position, moves.entered, moves.data, moves.dates, moves.revision,
        moves.timers, moves.facts, frozenset({"lyser_laenge#1"}),
    )  # fmt: skip
    timer = next(one for one in again.timers if one.rule == "gulner_selv")
    event = Event(timer.rule, timer.due_at, family.now, SYSTEM, timer=timer.key)
    yellow = decide(family.compiled, again, event, family.now)
    assert [(one.rule, one.status) for one in yellow.arm] == [("lyser_laenge", TimerStatus.SKIPPED)]


def test_what_the_system_closed_is_told_from_what_its_timers_did() -> None:
    """Both are the system's moves; only one of them hangs on what was above."""
    family = lamp()
    rows = pasts(family, 1)
    assert not was_closed(family.compiled, "ting", rows[-1])
    closed = decide(family.compiled, family.snapshot(1), Event("sluk", family.now, family.now, SYSTEM), family.now)
    family.record(1, closed)
    assert was_closed(family.compiled, "ting", pasts(family, 1)[-1])
    assert decision_of(pasts(family, 1), 4)[0].source == "gul"


def lives(family: Family, numbers: Sequence[int]) -> list[Life]:
    """Give instances with their histories."""
    found = [family.snapshots[number] for number in numbers]
    relatives = [Relative.of(one.identity, one.title, one.position, one.data, one.dates) for one in found]
    return [Life(who, pasts(family, who.id)) for who in relatives]


def test_a_join_that_nobodys_history_supports_is_unearned() -> None:
    """The one challenge was never prioritised, so trin 3 never began; had another one been there, it would have."""
    family, kommune = with_kommune()
    first, second = (with_challenge(family, kommune) for _ in range(2))
    family.send(kommune, "trin_2.afslut", override=True, reason="x")
    family.send(first, "prioriter", override=True, reason="x")
    family.tick()
    assert family.snapshots[kommune].position["trin_3"] == "i_gang"
    seq = next(row.seq for row in pasts(family, first) if row.step.event == "prioriter")

    def found() -> list[str | None]:
        around = lives(family, [first, second])
        return [
            row.region for row in unearned(family.compiled, family.snapshot(kommune), pasts(family, kommune), around)
        ]

    assert found() == [] and judged(family.compiled, "kommune", pasts(family, kommune))
    assert not judged(family.compiled, "challenge", pasts(family, second))
    family.correct(first, seq)
    assert found() == ["trin_3"]
    (join,) = unearned(
        family.compiled, family.snapshot(kommune), pasts(family, kommune), lives(family, [first, second])
    )
    refusal = moved_on(family.snapshots[kommune], join)
    assert "er gået videre siden" in refusal_text(refusal, family.compiled.workflow, "kommune")
    event = Event(CORRECT, family.now, family.now, SYSTEM, reason="x")
    taken = correct(family.compiled, family.snapshot(kommune), [join.recorded], event, family.now, bore=False)
    assert taken.position["trin_3"] == "venter"
    family.record(kommune, taken)
    assert found() == []


def test_what_others_did_earlier_counts_as_where_they_stand() -> None:
    """The programme's rows are older than the kommune: no moment of theirs is judged, but they stay where they came."""
    family = founded()
    family.send(1, "forloeb.aabn_tilmelding")
    family.now += timedelta(days=1)
    family, kommune = with_kommune(family)
    first = with_challenge(family, kommune)
    family.send(kommune, "trin_2.afslut", override=True, reason="x")
    family.send(first, "prioriter", override=True, reason="x")
    family.tick()
    around = lives(family, [1, first])
    assert around[0].rows[0].recorded_at < pasts(family, kommune)[0].recorded_at
    assert family.snapshots[kommune].position["trin_3"] == "i_gang"
    assert unearned(family.compiled, family.snapshot(kommune), pasts(family, kommune), around) == []
    family.correct(first, next(row.seq for row in around[1].rows if row.step.event == "prioriter"))
    (join,) = unearned(family.compiled, family.snapshot(kommune), pasts(family, kommune), lives(family, [1, first]))
    assert join.region == "trin_3"


def test_joins_that_look_at_the_instance_itself_are_not_judged() -> None:
    """A meeting's day makes it planned; that is no business of its neighbours."""
    family = founded()
    family.send(3, "planlaeg", dato="2019-05-06")
    assert not judged(family.compiled, "meeting", pasts(family, 2))
    assert unearned(family.compiled, family.snapshot(2), pasts(family, 2), []) == []
