"""What every store promises about timers, mails, people and workflows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from samskabt.engine.errors import Conflict, NotFound
from samskabt.engine.values import OutboxRow, Timer, TimerStatus
from samskabt.storage import KommuneRow, RegionSpan, Store

from .making import (
    KOMMUNER,
    NOW,
    TODAY,
    advance,
    birth,
    found,
    moved,
    nudge,
    snapshot_of,
    still,
    timer,
)

HOUR = timedelta(hours=1)


def effects(store: Store, number: int, **more: object) -> tuple[Timer, ...]:
    """Record effects without a step and answer the timers after it."""
    with store.begin() as work:
        snapshot = work.load(work.identity(number))
        work.record(snapshot, still(snapshot, **more))
    return snapshot_of(store, number).timers


def look(store: Store, minutes: int = 0, limit: int = 10) -> tuple[OutboxRow, ...]:
    """Look at the mails that are due some minutes from now."""
    now = NOW + timedelta(minutes=minutes)
    with store.begin() as work:
        found = (work.outbox.one(number, now, on=TODAY) for number in work.posted.mails_due(now, limit))
        return tuple(row for row in found if row is not None)


def test_a_timer_comes_back_as_it_was_armed(store: Store) -> None:
    """Local day and time, zone, calendar and lateness survive."""
    number = found(store).born[0].id
    assert effects(store, number, arm=(timer(),)) == (timer(),)


def test_rearming_keeps_the_key_and_raises_the_generation(store: Store) -> None:
    """A moved anchor replaces the row; a generation never comes back, even after a cancellation."""
    number = found(store).born[0].id
    effects(store, number, arm=(timer(),))
    (again,) = effects(store, number, arm=(timer(due_at=NOW + HOUR, generation=2),))
    assert (again.generation, again.due_at) == (2, NOW + HOUR)
    assert effects(store, number, cancel=(timer().key,)) == ()
    (third,) = effects(store, number, arm=(timer(generation=1),))
    assert (third.generation, third.status) == (3, TimerStatus.ARMED)


def test_fired_and_skipped_timers_stay_but_are_not_due(store: Store) -> None:
    """The snapshot tells of them, the sweep does not."""
    number = found(store).born[0].id
    effects(store, number, arm=(timer("a:1#1"), timer("b:1#1"), timer("c:1#1")))
    timers = effects(store, number, fired=("a:1#1",), cancel=("b:1#1",))
    assert [(t.key, t.status.value) for t in timers] == [("a:1#1", "fired"), ("c:1#1", "armed")]
    with store.read() as reader:
        assert [due.key for due in reader.due(NOW, 10)] == ["c:1#1"]


def test_due_timers_come_oldest_first_and_never_early(store: Store) -> None:
    """The order is by due time, the limit holds, and what is due a microsecond later is not there."""
    programme = found(store).born[0].id
    tick = timedelta(microseconds=1)
    effects(store, programme, arm=(timer("b:1#1", NOW), timer("a:1#1", NOW - HOUR), timer("c:1#1", NOW + tick)))
    with store.read() as reader:
        assert [(due.key, due.generation, due.programme_id) for due in reader.due(NOW, 10)] == [
            *(("a:1#1", 1, programme), ("b:1#1", 1, programme)),
        ]
        assert [due.key for due in reader.due(NOW, 1)] == ["a:1#1"]
        assert len(reader.due(NOW + tick, 10)) == 3


def test_a_failed_timer_waits_for_its_next_try(store: Store) -> None:
    """It stays armed, is not due before then, and does not hide the others."""
    programme = found(store).born[0].id
    effects(store, programme, arm=(timer("a:1#1"), timer("b:1#1")))
    with store.begin() as work:
        work.timers.failed(programme, "a:1#1", "det gik galt", NOW + HOUR)
        assert [due.key for due in work.timers.due(NOW, 10)] == ["b:1#1"]
        assert work.timers.next_due() == NOW
    with store.read() as reader:
        (failed, _) = reader.timers(programme_id=programme, status="armed")
        assert (failed.attempts, failed.last_error, failed.retry_at) == (1, "det gik galt", NOW + HOUR)
        assert len(reader.due(NOW + HOUR, 10)) == 2


def test_next_due_counts_tries_and_says_none_when_nothing_waits(store: Store) -> None:
    """The earliest of what is due and what is to be tried again."""
    programme = found(store).born[0].id
    with store.read() as reader:
        assert reader.next_due() is None
    effects(store, programme, arm=(timer("a:1#1", NOW - HOUR), timer("b:1#1", NOW + 2 * HOUR)))
    with store.begin() as work:
        work.timers.failed(programme, "a:1#1", "igen", NOW + HOUR)
        assert work.timers.next_due() == NOW + HOUR


def test_a_poke_is_a_due_timer_of_the_parent_until_it_is_consumed(store: Store) -> None:
    """Each child's decision pokes once; the parent's decision deletes what it has seen."""
    programme, child = (b.id for b in found(store, birth("process", "0101")).born)
    assert advance(store, child, poke_parent=True).poked == programme
    advance(store, child, poke_parent=True)
    pokes = snapshot_of(store, programme).timers
    assert [(t.key, t.rule, t.due_at) for t in pokes] == [
        *((f"poke:{child}:{n}", "poke", NOW) for n in (2, 3)),
    ]
    assert [t.key for t in effects(store, programme, fired=(pokes[0].key,))] == [pokes[1].key]
    assert advance(store, programme, poke_parent=True).poked is None


def test_a_mail_is_queued_once_for_each_key(store: Store) -> None:
    """The same key queued again changes nothing; the same key of another instance is another mail."""
    programme, child = (b.id for b in found(store, birth("process", "0101", nudges=(nudge("k"),))).born)
    effects(store, programme, nudges=(nudge("k"),))
    effects(store, programme, nudges=(nudge("k", values={"anden": 1}),))
    with store.read() as reader:
        mails = reader.outbox(programme, "pending")
    assert [(mail.instance_id, mail.nudge.values) for mail in mails] == [(child, {}), (programme, {})]


def test_a_mail_comes_back_as_it_was_queued(store: Store) -> None:
    """The nudge, its instance, its programme and its kommune are handed out."""
    wanted = nudge("k", values={"æ": [1]}, uid="uid-1", sequence=3)
    born = found(store, birth("process", "0101", "0101", nudges=(wanted,))).born
    (row,) = look(store)
    assert row.nudge == wanted
    assert (row.instance_id, row.programme_id, row.kind) == (born[1].id, born[0].id, "process")
    assert (row.title, row.programme_title) == ("process 0101", "programme 001")
    assert (row.kommune, row.kommune_name, row.workflow_hash, row.fence) == ("0101", "København", "hash-1", 0)
    assert row.queued_at == NOW


def test_a_posted_mail_is_looked_at_no_more_until_it_is_asked_for(store: Store) -> None:
    """Once it stands in letters it waits there; looked at anew, it is due again."""
    found(store, nudges=(nudge(),))
    (row,) = look(store)
    with store.begin() as work:
        work.outbox.post(row.id)
    assert look(store) == ()
    with store.begin() as work:
        work.outbox.again(row.id, NOW + HOUR)
    assert look(store, minutes=59) == () and len(look(store, minutes=60)) == 1


def test_a_mail_that_waits_says_why_and_until_when(store: Store) -> None:
    """The reason stays until it is posted or settled."""
    found(store, nudges=(nudge(),))
    (row,) = look(store)
    with store.begin() as work:
        work.outbox.wait(row.id, NOW + HOUR, "venter til mandag")
    assert look(store, minutes=59) == ()
    with store.read() as reader:
        assert [mail.waits for mail in reader.outbox()] == ["venter til mandag"]
        assert reader.posted.next_due() == NOW + HOUR
    with store.begin() as work:
        assert work.outbox.settle(row.id, "withdrawn", NOW, result={"note": "klaret"})
        assert not work.outbox.settle(row.id, "sent", NOW)
    with store.read() as reader:
        assert [(mail.status, mail.waits, mail.result) for mail in reader.outbox()] == [
            ("withdrawn", None, {"note": "klaret"}),
        ]


def test_a_mail_that_could_not_be_looked_at_is_counted(store: Store) -> None:
    """The error and the number of attempts are kept."""
    found(store, nudges=(nudge(),))
    (row,) = look(store)
    with store.begin() as work:
        assert [work.outbox.failed(row.id, "KeyError") for _ in range(2)] == [1, 2]
    with store.read() as reader:
        assert [(mail.attempts, mail.last_error) for mail in reader.outbox(status="pending")] == [(2, "KeyError")]


def test_a_mail_is_moot_when_its_state_was_left_or_it_expired(store: Store) -> None:
    """The entry that it is about is compared with the region's current one."""
    nudges = (nudge("a", "liv", 1), nudge("b"), nudge("c", expires_at=NOW), nudge("d", "spor", 1))
    programme = found(store, nudges=nudges).born[0].id
    assert {row.nudge.key: row.is_moot for row in look(store)} == {"a": False, "b": False, "c": True, "d": True}
    advance(store, programme)
    assert {row.nudge.key: row.is_moot for row in look(store, minutes=5)}["a"]


def test_roles_are_resolved_by_day_scope_and_absence(store: Store) -> None:
    """Dates hold, the kommune's own wins, and an absent person's substitute steps in."""
    programme = found(store).born[0].id
    with store.begin() as work:
        people = work.registers
        a, b, c, d = (people.add_person(name, f"{name}@example.dk") for name in "abcd")
        people.assign_role(a, "r", from_on=date(2019, 1, 1), to_on=TODAY)
        people.assign_role(b, "r", from_on=date(2019, 9, 3))
        people.assign_role(c, "r", from_on=TODAY, kommune="0101", programme_id=programme, substitute_id=d)
        people.assign_role(d, "r", from_on=TODAY, programme_id=programme)

        def who(kommune: str | None, on: date = TODAY, programme_id: int = programme) -> list[int]:
            return [r.person_id for r in people.recipients("r", programme_id, kommune, on)]

        assert (who(None), who("0360"), who("0101")) == ([a, c, d], [a, d], [c])
        assert who("0360", date(2019, 9, 3)) == [b, d]
        assert who(None, programme_id=programme + 1) == [a]
        people.pause_person(c, TODAY)
        assert (who("0101"), who("0101", date(2019, 9, 3))) == ([d], [c])
        people.pause_person(d, TODAY)
        assert who("0101") == []


def test_a_published_workflow_cannot_change(store: Store) -> None:
    """The same again is fine, another content under the version is a conflict, an overlay stands beside it."""
    with store.begin() as work:
        for _ in range(2):
            work.registers.put_workflow("h1", "k", 1, 1, '{"a":1}', published_at=NOW)
        work.registers.put_workflow("h2", "k", 1, 1, '{"a":1}', published_at=NOW, overlay={"ø": 1})
        assert work.registers.workflow("h1") == '{"a":1}'
    with pytest.raises(Conflict, match="raise its version"), store.begin() as work:
        work.registers.put_workflow("h3", "k", 1, 1, '{"a":2}', published_at=NOW)
    with pytest.raises(NotFound, match="unknown workflow 'h3'"), store.read() as reader:
        reader.registers.workflow("h3")


def test_kommuner_are_entered_once_and_their_regions_are_dated(store: Store) -> None:
    """Entering them again replaces names and closes a region on its last day."""
    spans = (RegionSpan("Sjælland", date(2007, 1, 1), date(2026, 12, 31)), RegionSpan("Østdanmark", date(2027, 1, 1)))
    changed = KommuneRow("0360", "Lolland", "Lolland Kommune", 40_000, spans)
    with store.begin() as work:
        work.registers.put_kommuner(KOMMUNER)
        work.registers.put_kommuner([changed])
    with store.read() as reader:
        assert reader.registers.kommuner() == (KOMMUNER[0], changed)


def test_counts_and_heartbeat(store: Store) -> None:
    """The store counts by kind and status, and remembers when the ticker was last alive."""
    number = found(store, birth("process", "a"), nudges=(nudge(),), arm=(timer(),)).born[0].id
    advance(store, number)
    with store.begin() as work:
        work.registers.beat(NOW)
        work.registers.beat(NOW + HOUR)
    with store.read() as reader:
        counts, beat = reader.counts(), reader.heartbeat
    assert counts.instances == {"programme": 1, "process": 1}
    assert (counts.timers, counts.outbox, counts.history) == ({"armed": 1}, {"pending": 1}, 3)
    assert beat == NOW + HOUR


def test_what_a_decision_moves_and_queues_goes_in_one_transaction(store: Store) -> None:
    """A conflict on history takes timers and mails of the same decision with it."""
    number = found(store).born[0].id
    stale = snapshot_of(store, number)
    advance(store, number)
    with pytest.raises(Conflict), store.begin() as work:
        work.record(stale, moved(stale, arm=(timer(),), nudges=(nudge(),)))
    assert look(store) == ()
