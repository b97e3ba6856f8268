"""What every store promises when many write at once: nothing lost, nothing claimed twice, no capacity exceeded."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import cast

from samskabt.engine.errors import Conflict
from samskabt.engine.values import Reach
from samskabt.storage import Store, verify_chain

from .making import LEASE, NOW, advance, birth, event, found, identity_of, letter, moved, nudge, snapshot_of

THREADS = 8


def together(work: Callable[[int], int]) -> list[int]:
    """Run a function in all threads at once, with their numbers, and answer what each answered."""
    barrier = threading.Barrier(THREADS)

    def run(number: int) -> int:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_no_increment_is_lost(store: Store) -> None:
    """Eight threads count to 200 together in the data of one instance."""
    number = found(store, data={"antal": 0}).born[0].id

    def count(_: int) -> int:
        for _ in range(25):
            with store.begin() as work:
                snapshot = work.load(work.identity(number))
                more = cast(int, snapshot.data["antal"]) + 1
                work.record(snapshot, moved(snapshot, data={"antal": more}))
        return 25

    assert sum(together(count)) == 200
    after = snapshot_of(store, number)
    assert (after.data, after.revision) == ({"antal": 200}, 201)
    with store.read() as reader:
        assert verify_chain(row.columns() for row in reader.history(number, limit=300)) is None


def test_one_of_many_decisions_about_one_snapshot_wins(store: Store) -> None:
    """Eight threads decide about the same revision; one is recorded, seven are told."""
    number = found(store).born[0].id
    old = snapshot_of(store, number)

    def decide(_: int) -> int:
        try:
            with store.begin() as work:
                work.record(old, moved(old))
        except Conflict:
            return 0
        return 1

    assert sum(together(decide)) == 1
    assert snapshot_of(store, number).revision == 2


def test_siblings_cannot_exceed_a_capacity_together(store: Store) -> None:
    """Eight siblings want one of three places; the lock on their parent lets them count one after another."""
    born = found(store, *[birth("solution", str(n)) for n in range(THREADS)]).born[1:]

    def enter(number: int) -> int:
        with store.begin() as work:
            snapshot = work.load(work.identity(born[number].id), frozenset({Reach.SIBLINGS}))
            if sum(sibling.position["liv"] == "i_gang" for sibling in snapshot.facts.siblings) >= 3:
                return 0
            work.record(snapshot, moved(snapshot))
            return 1

    assert sum(together(enter)) == 3


def test_children_that_poke_do_not_block_a_walk_down_the_family(store: Store) -> None:
    """Children poke their parent while the whole family is locked again and again: no deadlock, no lost poke."""
    born = found(store, *[birth("process", str(n)) for n in range(THREADS - 1)]).born
    programme, children = born[0].id, born[1:]

    def work(number: int) -> int:
        for _ in range(10):
            if number == THREADS - 1:
                with store.begin() as unit:
                    for snapshot in unit.family(programme, frozenset({"programme", "process"})):
                        unit.record(snapshot, moved(snapshot))
            else:
                advance(store, children[number].id, poke_parent=True)
        return 10

    together(work)
    pokes = [t for t in snapshot_of(store, programme).timers if t.rule == "poke"]
    assert len(pokes) == 10 * (THREADS - 1)
    assert snapshot_of(store, children[0].id).revision == 21


def test_a_letter_is_taken_by_one(store: Store) -> None:
    """Eight workers share forty letters without one being handed out twice."""
    found(store, nudges=tuple(nudge(f"mail-{n}") for n in range(40)))
    with store.begin() as unit:
        person = unit.registers.add_person("Åse", "aase@example.dk")
        for number in unit.posted.mails_due(NOW, 100):
            unit.letters.put(unit.letters.open(letter(f"mail:{number}", person), NOW), number, is_nudge=True)
    taken: list[int] = []

    def work(_: int) -> int:
        with store.read() as reader:
            due = reader.posted.due(NOW, 40)
        for number in due:
            with store.begin() as unit:
                one = unit.claims.look(number, NOW)
                if one is not None:
                    unit.claims.take(one, LEASE, NOW)
                    taken.append(one.id)
        return 0

    together(work)
    assert len(taken) == len(set(taken)) == 40


def test_a_key_is_used_by_one(store: Store) -> None:
    """Of eight clicks with one idempotency key, one is recorded."""
    number = found(store).born[0].id
    identity = identity_of(store, number)

    def click(_: int) -> int:
        with store.begin() as work:
            snapshot = work.load(identity)
            if work.seen(number, "klik") is not None:
                return 0
            work.record(snapshot, moved(snapshot, happening=event(key="klik")))
            return 1

    assert sum(together(click)) == 1


def test_a_forked_child_opens_its_own_connections(store: Store) -> None:
    """A child process writes and ends without disturbing its parent's connections."""
    number = found(store).born[0].id
    sys.stdout.flush()
    with warnings.catch_warnings():
        # Python 3.12 and later warn that the child of a process with threads may hang; ours starts none and ends hard.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        status = 1
        try:
            advance(store, number)
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert advance(store, number).revision == 3
