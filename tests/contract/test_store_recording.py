"""What every store promises about loading and recording: nothing lost, nothing doubled, nothing half done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from samskabt.engine.errors import Conflict, InvalidInput, NotFound
from samskabt.engine.values import SYSTEM, Dates, Entry, Event, Reach, Step, StepKind
from samskabt.storage import BornId, Store, verify_chain

from .making import CONSULTANT, NOW, advance, birth, event, found, moved, nudge, snapshot_of, still, timer


def test_a_snapshot_comes_back_as_it_was_decided(store: Store) -> None:
    """Text with æøå, nested data, days and instants with microseconds survive the way through the database."""
    programme = found(store, birth("process", "0101", "0101")).born[1].id
    data = {"navn": "Ærø: ”smørrebrød” 100 % ☕", "tal": [1, 2.5, -3], "ja": True, "intet": None, "dyb": {"å": [{}]}}
    dates = Dates(date(2019, 9, 2), date(2020, 2, 29), "month", None, None, date(2019, 10, 1), "1", "medio september")
    entered = {"liv": Entry(datetime(2019, 9, 2, 9, 30, 0, 1, timezone(timedelta(hours=2))), 2)}
    advance(store, programme, data=data, dates=dates, entered=entered)
    read = snapshot_of(store, programme)
    assert (read.data, read.dates, read.position, read.revision) == (data, dates, {"liv": "i_gang"}, 2)
    assert read.entered == entered
    assert read.entered["liv"].at.tzinfo is UTC


def test_a_history_row_says_all_that_the_step_said(store: Store) -> None:
    """Actor, states, reason, override, corrections, changes and both instants are in the history."""
    number = found(store).born[0].id
    step = Step(
        *(StepKind.CORRECTION, "fortryd", "liv", "venter", "venter"),
        changes={"data": {"å": None}},
        undo={"entered": ["2019-09-02T07:30:00+00:00", 1]},
        overridden=("quorum", "tjekliste"),
        corrects=1,
    )
    advance(store, number, happening=event("fortryd", "nøgle", "slåfejl"), steps=(step,))
    with store.read() as reader:
        row = reader.history(number)[-1]
    assert (row.kind, row.event, row.actor_kind, row.actor_id) == ("correction", "fortryd", "person", "1")
    assert (row.from_state, row.to_state, row.reason, row.corrects) == ("venter", "venter", "slåfejl", 1)
    assert (row.overridden, row.changes, row.undo) == (step.overridden, step.changes, step.undo)
    assert (row.recorded_at, row.happened_at) == (NOW, NOW - timedelta(hours=1))


def test_every_step_of_a_decision_is_a_row_without_gaps(store: Store) -> None:
    """Three steps become rows 2, 3 and 4 of one decision, and the key stands on the first alone."""
    number = found(store).born[0].id
    steps = tuple(Step(StepKind.JOIN, f"trin {n}") for n in range(3))
    assert advance(store, number, happening=event(key="k"), steps=steps).revision == 4
    with store.read() as reader:
        rows = reader.history(number, after=1)
    assert [(row.seq, row.decision_seq, row.idempotency_key) for row in rows] == [
        (2, 2, "k"),
        (3, 2, None),
        (4, 2, None),
    ]


def test_the_second_of_two_decisions_about_one_snapshot_is_a_conflict(store: Store) -> None:
    """Compare-and-set lets one of two decisions about the same revision through, and nothing of the other."""
    number = found(store).born[0].id
    old = snapshot_of(store, number)
    advance(store, number)
    with pytest.raises(Conflict, match="no longer at revision 1"), store.begin() as work:
        work.record(old, moved(old, "afsluttet", arm=(timer(),), nudges=(nudge(),)))
    with store.read() as reader:
        assert (reader.instance(number).revision, reader.timers(), reader.outbox()) == (2, (), ())


def test_an_old_snapshot_is_a_conflict_even_without_steps(store: Store) -> None:
    """A decision without steps about a snapshot that was not loaded here is compared with the row first."""
    number = found(store).born[0].id
    old = snapshot_of(store, number)
    advance(store, number)
    with pytest.raises(Conflict), store.begin() as work:
        work.record(old, still(old, arm=(timer(),)), locked=False)


def test_a_decision_without_steps_leaves_history_and_revision(store: Store) -> None:
    """Effects alone are written, and nothing else changes."""
    number = found(store).born[0].id
    before = snapshot_of(store, number)
    with store.begin() as work:
        assert work.record(work.load(before.identity), still(before, arm=(timer(),), data={"x": 1})).revision == 1
    after = snapshot_of(store, number)
    assert (after.revision, after.data, [t.key for t in after.timers]) == (1, {}, ["trin_2:1#1"])


def test_one_transaction_may_record_several_decisions(store: Store) -> None:
    """A decision about the state that the one before led to is accepted."""
    number = found(store).born[0].id
    with store.begin() as work:
        first = work.load(work.identity(number))
        work.record(first, moved(first))
        second = work.load(first.identity)
        assert work.record(second, moved(second, "afsluttet")).revision == 3


def test_an_exception_leaves_nothing_behind(store: Store) -> None:
    """History, timers, mails, births and registers of a transaction that fails are gone."""
    number = found(store).born[0].id
    with store.read() as reader:
        before = reader.counts()
    with pytest.raises(RuntimeError), store.begin() as work:
        work.registers.add_person("Åse", "aase@example.dk")
        snapshot = work.load(work.identity(number))
        work.record(snapshot, moved(snapshot, arm=(timer(),), nudges=(nudge(),), births=(birth("process", "0101"),)))
        raise RuntimeError
    with store.read() as reader:
        assert (reader.counts(), reader.registers.people()) == (before, ())


def test_an_instance_of_a_rolled_back_birth_is_unknown(store: Store) -> None:
    """What a failed transaction brought to life is not remembered by the store either."""
    with pytest.raises(RuntimeError), store.begin() as work:
        work.registers.put_workflow("hash-1", "fagligheder", 1, 1, "{}", published_at=NOW)
        number = work.found_programme(birth("programme", "001"), "hash-1").born[0].id
        raise RuntimeError
    with pytest.raises(NotFound, match="unknown instance"), store.begin() as work:
        work.identity(number)


def test_a_caught_failure_still_dooms_the_transaction(store: Store) -> None:
    """A statement that failed makes the commit fail, on both databases, however its error was treated."""
    found(store, kommuner=False)
    with pytest.raises(Conflict), store.begin() as work:
        work.registers.add_person("Åse", "aase@example.dk")
        with pytest.raises(Conflict):
            work.found_programme(birth("programme", "2", births=(birth("task", "a"), birth("task", "a"))), "hash-1")
    with store.read() as reader:
        assert reader.registers.people() == ()


def test_a_key_used_twice_is_a_conflict_and_seen_says_where(store: Store) -> None:
    """An idempotency key leads to the revision of its whole decision, and cannot be used again."""
    number = found(store).born[0].id
    steps = (Step(StepKind.EVENT, "begynd"), Step(StepKind.JOIN, "samlet"))
    advance(store, number, happening=event(key="klik-1"), steps=steps)
    advance(store, number)
    with store.begin() as work:
        assert (work.seen(number, "klik-1"), work.seen(number, "klik-2"), work.seen(999, "klik-1")) == (3, None, None)
    with pytest.raises(Conflict, match="written already"):
        advance(store, number, happening=event(key="klik-1"))


def test_births_make_a_tree_with_its_effects(store: Store) -> None:
    """Children of children are born in one decision, each with history, timers and mails of its own."""
    inner = birth("task", "1", "0101", arm=(timer("frist:1#1"),), nudges=(nudge(),))
    born = found(store, birth("process", "0101", "0101", births=(inner,)), birth("meeting", "start")).born
    assert [(b.kind, b.key) for b in born] == [
        *(("programme", "001"), ("process", "0101"), ("task", "1"), ("meeting", "start")),
    ]
    with store.read() as reader:
        views = {view.id: view for view in reader.instances(born[0].id)}
        assert [views[b.id].parent_id for b in born] == [None, born[0].id, born[1].id, born[0].id]
        assert {view.programme_id for view in views.values()} == {born[0].id}
        assert [view.kommune for view in reader.timers(instance_id=born[2].id)] == ["0101"]
        assert [mail.programme_id for mail in reader.outbox()] == [born[0].id]


def test_two_births_with_one_key_under_one_parent_conflict(store: Store) -> None:
    """Kind and key are unique under a parent."""
    with pytest.raises(Conflict):
        found(store, birth("process", "0101"), birth("process", "0101"))


def test_an_unknown_kommune_is_not_found(store: Store) -> None:
    """The database refuses an owner that it does not know."""
    with pytest.raises(NotFound):
        found(store, birth("process", "9999", "9999"))


def test_the_chain_of_hashes_holds_and_shows_a_changed_row(store: Store) -> None:
    """Rows read from either database verify; a changed reason, a gap or a foreign hash is found at its number."""
    number = found(store).born[0].id
    for n in range(4):
        advance(store, number, happening=event(reason=f"grund {n}"))
    with store.read() as reader:
        rows = [row.columns() for row in reader.history(number)]
        assert reader.instance(number).head == rows[-1]["hash"]
    assert verify_chain(rows) is None
    assert verify_chain([*rows[:2], rows[2] | {"reason": "pyntet"}, *rows[3:]]) == 3
    assert verify_chain([*rows[:1], *rows[2:]]) == 2
    assert verify_chain([rows[0] | {"hash": "0" * 64}, *rows[1:]]) == 1


def test_facts_hold_the_relatives_that_were_asked_for(store: Store) -> None:
    """Each reach brings its relatives and no others; activities are the programme's and the own kommune's."""
    here = birth("process", "0101", "0101", births=(birth("task", "mit", "0101"), birth("challenge", "1", "0101")))
    there = birth("process", "0360", "0360", births=(birth("task", "deres", "0360"),))
    born = {b.key: b.id for b in found(store, here, there, birth("meeting", "start")).born}
    with store.begin() as work:
        identity = work.identity(born["0101"])
        assert work.load(identity).facts.parent is None
        facts = work.load(identity, frozenset(Reach)).facts
    assert facts.parent is not None and facts.parent == facts.programme
    assert facts.parent.id == born["001"]
    assert [r.key for r in facts.children] == ["mit", "1"]
    assert [r.key for r in facts.siblings] == ["0360"]
    assert [r.key for r in facts.activities] == ["mit", "start"]


def test_a_family_is_its_kinds_in_order_with_their_timers(store: Store) -> None:
    """The whole family comes in the order of the numbers, each with its own timers, and can be recorded."""
    births = [birth("process", key, arm=(timer(f"frist:{key}#1"),)) for key in ("b", "a")]
    programme = found(store, *births, birth("task", "x")).born[0].id
    with store.begin() as work:
        family = work.family(programme, frozenset({"programme", "process"}))
        assert [s.identity.key for s in family] == ["001", "b", "a"]
        assert [[t.key for t in s.timers] for s in family] == [[], ["frist:b#1"], ["frist:a#1"]]
        assert [work.record(s, moved(s)).revision for s in family] == [2, 2, 2]


def test_what_is_inside_leaves_out_what_is_beside(store: Store) -> None:
    """All that hangs below comes, to the grandchildren and recordable; neither the instance itself nor its siblings."""
    born = {one.key: one.id for one in found(store, birth("process", "b"), birth("process", "a")).born}
    with store.begin() as work:
        snapshot = work.load(work.identity(born["b"]))
        inner = work.record(snapshot, moved(snapshot, births=(birth("task", "x"),))).born[0].id
    with store.begin() as work:
        snapshot = work.load(work.identity(inner))
        work.record(snapshot, moved(snapshot, births=(birth("task", "y"),)))
    with store.begin() as work:
        below = work.inside(work.identity(born["b"]))
        assert [s.identity.key for s in below] == ["x", "y"]
        assert [s.identity.key for s in work.inside(work.identity(born["001"]))] == ["b", "a", "x", "y"]
        assert [work.record(s, moved(s)).revision for s in below] == [3, 2]


def test_a_family_takes_few_statements(open_store: Callable[..., Store]) -> None:
    """The number of statements does not grow with the number of instances."""
    said: list[str] = []
    store = open_store(said.append)
    programme = found(store, *[birth("process", str(n)) for n in range(30)]).born[0].id
    said.clear()
    with store.begin() as work:
        assert len(work.family(programme, frozenset({"process"}))) == 30
    assert sum(point.startswith("before") for point in said) <= 5


def test_the_hook_hears_every_statement_before_and_after(open_store: Callable[..., Store]) -> None:
    """Begin, each statement and commit are crash points on both sides."""
    said: list[str] = []
    store = open_store(said.append)
    number = found(store).born[0].id
    said.clear()
    advance(store, number, arm=(timer(),), cancel=("andet",), nudges=(nudge(),))
    names = [point.removeprefix("before ") for point in said if point.startswith("before")]
    expected = ["load", "timers", "compare and set", "history", "cancel timer", "arm timer", "queue mail", "commit"]
    assert names == ["begin", *expected]
    assert [point.removeprefix("after ") for point in said if point.startswith("after")] == names


def test_pages_of_history_follow_each_other(store: Store) -> None:
    """An instance's pages go by number, a programme's by when it was recorded."""
    programme = found(store, birth("process", "a")).born[0].id
    for _ in range(4):
        advance(store, programme)
    with store.read() as reader:
        assert [row.seq for row in reader.history(programme, after=2, limit=2)] == [3, 4]
        everything = reader.programme_history(programme)
        last = everything[2]
        page = reader.programme_history(programme, (last.recorded_at, last.instance_id, last.seq), limit=2)
    assert len(everything) == 6
    assert page == everything[3:5]


def test_a_reader_sees_one_moment(store: Store) -> None:
    """What is committed while a reader reads is not seen by it."""
    number = found(store).born[0].id
    with store.read() as reader:
        assert reader.instance(number).revision == 1
        advance(store, number)
        assert reader.instance(number).revision == 1
    with store.read() as reader:
        assert reader.instance(number).revision == 2


def test_the_system_is_an_actor_too(store: Store) -> None:
    """A timer's event is recorded with the system as its actor."""
    number = found(store).born[0].id
    advance(store, number, happening=Event("frist", NOW, NOW, SYSTEM, timer="frist:1#1"))
    with store.read() as reader:
        first, second = reader.history(number)
    assert (first.actor_kind, second.actor_kind) == (CONSULTANT.kind.value, "system")


def test_values_that_the_tables_forbid_are_invalid_input(store: Store) -> None:
    """A CHECK of the database speaks through our own error."""
    number = found(store).born[0].id
    with pytest.raises(InvalidInput):
        advance(store, number, arm=(replace(timer(), generation=0),))


def test_programmes_are_the_roots(store: Store) -> None:
    """Two programmes stand beside each other and do not see each other's instances."""
    first = found(store, birth("process", "a")).born
    second = found(store, birth("process", "a"), kommuner=False).born
    with store.read() as reader:
        assert [view.id for view in reader.programmes()] == [first[0].id, second[0].id]
        assert [view.id for view in reader.instances(second[0].id, kind="process")] == [second[1].id]
    assert second[1] == BornId("process", "a", second[1].id)
