"""Who is where: meetings between two days, roles that change hands, one person alone, and mails in a pause."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from samskabt.engine.pausing.pauses import ABOUT_PAUSE, IN_PAUSE
from samskabt.engine.values import Dates, Json, Recipient
from samskabt.engine.values.kept import PAUSED
from samskabt.storage import ONE_PERSON, Store, meetings_on

from .making import NOW, TODAY, birth, found, moved, nudge, snapshot_of

DAY = date(2019, 10, 8)
HELD: dict[str, Json] = {PAUSED: {"kommune": {"siden": NOW.isoformat(), "fordi": "x", "af": "1"}}}


def plan(store: Store, number: int, dates: Dates) -> None:
    """Give an instance days."""
    with store.begin() as work:
        snapshot = work.load(work.identity(number))
        work.record(snapshot, moved(snapshot, dates=dates))


def test_meetings_are_found_by_their_days(store: Store) -> None:
    """Both ends count, in all programmes; what happened counts where it happened, and vague days do not count."""
    births = [birth("meeting", key) for key in ("a", "b", "c", "d")] + [birth("task", "e")]
    numbers = {one.key: one.id for one in found(store, *births).born}
    later = DAY + timedelta(days=3)
    plan(store, numbers["a"], Dates(DAY, DAY + timedelta(days=1), "day"))
    plan(store, numbers["b"], Dates(DAY, None, "day", actual_start=later))
    plan(store, numbers["c"], Dates(DAY, DAY, "month"))
    plan(store, numbers["e"], Dates(DAY, DAY, "day"))
    with store.read() as reader:
        on = {day: meetings_on(reader.connection, day, day) for day in (DAY, DAY + timedelta(days=1), later)}
    assert {day: [one.identity.key for one in rows] for day, rows in on.items()} == {
        DAY: ["a"],
        DAY + timedelta(days=1): ["a"],
        later: ["b"],
    }
    (first,) = on[DAY]
    assert (first.programme, first.first_on, first.last_on) == ("programme 001", DAY, DAY + timedelta(days=1))


def test_a_role_is_ended_or_given_to_another(store: Store) -> None:
    """One assignment ends on a day, another changes its holder; nobody else's is touched."""
    programme = found(store).born[0].id
    with store.begin() as work:
        registers = work.registers
        anne, bo = (registers.add_person(name, f"{name}@eksempel.example") for name in ("anne", "bo"))
        first = registers.assign_role(anne, "leder", from_on=TODAY, programme_id=programme)
        second = registers.assign_role(anne, "leder", from_on=DAY, programme_id=programme, substitute_id=bo)
        registers.end_role(first, DAY - timedelta(days=1))
        registers.give_role(second, bo, None)
    with store.read() as reader:
        rows = {row.id: row for row in reader.registers.roles()}
        assert rows[first].to_on == DAY - timedelta(days=1)
        assert (rows[second].person_id, rows[second].substitute_id) == (bo, None)


def test_a_mail_may_be_for_one_person_alone(store: Store) -> None:
    """Whatever roles they have; a number that is nobody's reaches nobody."""
    programme = found(store).born[0].id
    with store.begin() as work:
        office = work.registers.add_person("Jobcenter", "job@eksempel.example", is_shared_mailbox=True)
        asked = [f"{ONE_PERSON}{office}", f"{ONE_PERSON}999", f"{ONE_PERSON}ukendt"]
        answers = [work.registers.recipients(role, programme, None, TODAY) for role in asked]
    assert answers == [(Recipient(office, "Jobcenter", "job@eksempel.example", True),), (), ()]


def test_a_stand_in_knows_whom_for(store: Store) -> None:
    """With the last day of the absence; whoever has the role too is there in their own right."""
    programme = found(store).born[0].id
    with store.begin() as work:
        registers = work.registers
        anne, bo, eva = (registers.add_person(name, f"{name}@eksempel.example") for name in ("Anne", "Bo", "Eva"))
        registers.assign_role(anne, "leder", from_on=TODAY, programme_id=programme, substitute_id=bo)
        registers.pause_person(anne, DAY)
        (stands_in,) = registers.recipients("leder", programme, None, TODAY)
        assert stands_in == Recipient(bo, "Bo", "Bo@eksempel.example", False, "Anne", DAY)
        (back,) = registers.recipients("leder", programme, None, DAY + timedelta(days=1))
        assert (back.person_id, back.stands_in_for) == (anne, "")
        for person in (bo, eva):
            registers.assign_role(person, "leder", from_on=TODAY, programme_id=programme)
        both = registers.recipients("leder", programme, None, TODAY)
    assert [(one.name, one.stands_in_for) for one in both] == [("Bo", ""), ("Eva", "")]


def test_a_mail_about_something_paused_is_moot_unless_it_is_meant_for_that(store: Store) -> None:
    """A reminder is; what runs through the pause and what is about the pause are not, until it is over."""
    kommune = found(store, birth("kommune", "0101", "0101")).born[-1].id
    mails = (
        nudge("a"),
        nudge("b", values={PAUSED: IN_PAUSE}),
        nudge("c", values={PAUSED: ABOUT_PAUSE}),
    )
    with store.begin() as work:
        snapshot = work.load(work.identity(kommune))
        work.record(snapshot, moved(snapshot, data=HELD, nudges=mails))
    with store.begin() as work:
        rows = [work.outbox.one(number, NOW, on=TODAY) for number in work.posted.mails_due(NOW, 10)]
    assert {row.nudge.key: row.is_moot for row in rows if row} == {"a": True, "b": False, "c": False}
    assert {row.position["liv"] for row in rows if row} == {"i_gang"}
    snapshot = snapshot_of(store, kommune)
    with store.begin() as work:
        work.record(work.load(work.identity(kommune)), replace(moved(snapshot, "afsluttet"), data={}))
        again = [work.outbox.one(number, NOW, on=TODAY) for number in work.posted.mails_due(NOW, 10)]
    assert {row.nudge.key: row.is_moot for row in again if row} == {"a": False, "b": False, "c": True}
