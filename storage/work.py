"""The unit of work: loads an instance with its lock, records a decision by compare-and-set; decides nothing itself.

One rule for locks on PostgreSQL: programme, then parent, then instance, always in id order. Rows are locked FOR NO KEY
UPDATE, which excludes other writers but not the foreign keys of a child's timer or mail: FOR UPDATE would deadlock a
child that pokes its parent with a transaction that walks down the family. SQLite has one writer and needs no row locks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.sql.expression import ClauseElement

from ..engine.errors import Conflict, NotFound
from ..engine.values import (
    NO_FACTS,
    Birth,
    Decision,
    Entry,
    Facts,
    Identity,
    Reach,
    Snapshot,
    Timer,
)
from .acting import StandIns, Tokens
from .attending import Attendances
from .chain import GENESIS, history_rows
from .posting import Claims, LetterReader, Letters, Outcomes, Returned, Wishes
from .prepared import Connection, Row, columns
from .queues import Invitations, Outbox, TimerClaims, Timers
from .registers import Registers
from .registrations import Registrations
from .running import Beats, LeftMails
from .surroundings.relatives import DATES, IDENTITY, INSTANCE, Relatives, dates, kind_in
from .tables import METADATA

HISTORY = METADATA.tables["history"]
STATE = ("title", "position", "entered", "data", *DATES, "revision")


@dataclass(frozen=True, slots=True)
class BornId:
    """An instance that a decision brought to life, and the number it got."""

    kind: str
    key: str
    id: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording led to: the revision, all that was born (parents first), and the parent that was poked."""

    revision: int
    born: tuple[BornId, ...] = ()
    poked: int | None = None


class UnitOfWork:
    """One write transaction; ``timers``, ``outbox``, ``letters``, ``registers`` ... write in the same one."""

    def __init__(
        self,
        connection: Connection,
        known: Mapping[int, Identity],
        activity_kinds: frozenset[str],
        *,
        locks: bool = True,
    ) -> None:
        self.connection = connection
        self.timers = Timers(connection)
        self.leases = TimerClaims(connection)
        self.beats = Beats(connection)
        self.left = LeftMails(connection)
        self.registers = Registers(connection)
        self.registrations = Registrations(connection)
        self.attendances = Attendances(connection)
        self.outbox = Outbox(connection, self.registers)
        self.invitations = Invitations(connection, self.registers)
        self.letters = Letters(connection)
        self.claims = Claims(connection)
        self.returned = Returned(connection)
        self.posted = LetterReader(connection)
        self.wishes = Wishes(connection)
        self.outcomes = Outcomes(connection)
        self.tokens = Tokens(connection)
        self.stand_ins = StandIns(connection)
        self.relatives = Relatives(connection, activity_kinds)
        self.met: dict[int, Identity] = {}
        self._known = known
        self._heads: dict[int, tuple[int, str]] = {}
        self._book = connection.book
        self._has_row_locks = locks and connection.book.dialect == "postgresql"

    def identity(self, instance_id: int) -> Identity:
        """Answer what never changes about an instance; NotFound if there is none of this number."""
        if not isinstance(instance_id, int):
            raise NotFound("instance", instance_id)
        found = self._known.get(instance_id) or self.met.get(instance_id)
        if found is None:
            row = self.connection.row(self._book("identity", _identity), {"b_id": instance_id})
            if row is None:
                raise NotFound("instance", instance_id)
            found = self.met[instance_id] = Identity(*row)
        return found

    def revision(self, instance_id: int) -> int:
        """Answer where an instance's history ends, without locking it; NotFound."""
        row = self.connection.row(self._book("revision", _revision), {"b_id": instance_id})
        if row is None:
            raise NotFound("instance", instance_id)
        return int(row[0])

    def load(self, identity: Identity, reach: frozenset[Reach] = frozenset()) -> Snapshot:
        """Lock an instance and answer it as it stands, with its timers and as many facts as are asked for."""
        if reach and self._has_row_locks:
            self._lock_relatives(identity, reach)
        row = self.connection.row(self._book("load", _load, self._has_row_locks), {"b_id": identity.id})
        if row is None:
            raise NotFound("instance", identity.id)
        self._heads[identity.id] = (row[-2], row[-1])
        timers = self.timers.of(identity.id)
        return snapshot(identity, row[:-1], timers, self.relatives.facts(identity, reach) if reach else NO_FACTS)

    def record(self, snapshot: Snapshot, decision: Decision, *, locked: bool = True) -> Recorded:
        """Write a decision about a snapshot; Conflict if the instance has moved since.

        ``locked=False`` is for a snapshot that this transaction did not load: its row is locked and looked at first,
        even when the decision has no steps. A decision without steps leaves history and revision as they are.
        """
        identity = snapshot.identity
        known = self._heads.get(identity.id) if locked else None
        if known is None or known[0] != snapshot.revision:
            known = self._lock(identity, snapshot.revision)
        born: list[BornId] = []
        revision = self._write(identity, known, decision, born)
        poked = None
        if decision.poke_parent and identity.parent_id is not None:
            poked = identity.parent_id
            self.timers.poke(self.identity(poked), identity.id, revision, decision.event)
        return Recorded(revision, tuple(born), poked)

    def found_programme(self, birth: Birth, workflow_hash: str) -> Recorded:
        """Write the root of a new family, whose programme is itself; it stands first in ``born``."""
        born: list[BornId] = []
        return Recorded(self._bear(birth, None, workflow_hash, born), tuple(born))

    def seen(self, instance_id: int, idempotency_key: str) -> int | None:
        """Answer the revision that the decision with this key led to, or None if it is new."""
        given = {"b_id": instance_id, "b_key": idempotency_key}
        row = self.connection.row(self._book("seen", _seen), given)
        return None if row is None else row[0]

    def family(self, programme_id: int, kinds: frozenset[str]) -> tuple[Snapshot, ...]:
        """Lock a programme, then its instances of these kinds in the order of their numbers; without facts."""
        if self._has_row_locks:
            self.connection.row(self._book("lock write", _lock_write), {"b_id": programme_id})
        timers = self.timers.of_programme(programme_id)
        names = tuple(sorted(kinds))
        found = []
        for row in self.connection.rows(self._book("family", _family, names), {"b_id": programme_id}):
            identity = Identity(*row[: len(IDENTITY)])
            self._heads[identity.id] = (row[-2], row[-1])
            found.append(snapshot(identity, row[len(IDENTITY) : -1], timers.get(identity.id, ())))
        return tuple(found)

    def inside(self, identity: Identity) -> tuple[Snapshot, ...]:
        """Lock all that hangs below an instance, and answer it in the order of the numbers; without timers and facts.

        What is beside it is not read: it may be a hundred times as much.
        """
        whole = identity.id == identity.programme_id
        found = []
        for row in self.connection.rows(self._book("inside", _inside, whole), {"b_id": identity.id}):
            below = Identity(*row[: len(IDENTITY)])
            self._heads[below.id] = (row[-2], row[-1])
            found.append(snapshot(below, row[len(IDENTITY) : -1], ()))
        return tuple(found)

    def _lock_relatives(self, identity: Identity, reach: frozenset[Reach]) -> None:
        """Lock programme, then parent, as strongly as the reach asks for."""
        strong = identity.parent_id if Reach.SIBLINGS in reach else None
        weak = {identity.programme_id} if Reach.PROGRAMME in reach else set()
        if Reach.PARENT in reach and identity.parent_id is not None:
            weak.add(identity.parent_id)
        # A parent is born before its children, so the order of the numbers is the order of the family.
        for number in sorted((weak | ({strong} if strong is not None else set())) - {identity.id}):
            name, build = ("lock write", _lock_write) if number == strong else ("lock read", _lock_read)
            self.connection.row(self._book(name, build), {"b_id": number})

    def _lock(self, identity: Identity, revision: int) -> tuple[int, str]:
        """Lock an instance that must still be at a revision; answer revision and head."""
        row = self.connection.row(self._book("lock head", _lock_head), {"b_id": identity.id})
        if row is None:
            raise NotFound("instance", identity.id)
        if row[0] != revision:
            raise _moved(identity, revision)
        return row[0], row[1]

    def _write(self, identity: Identity, known: tuple[int, str], decision: Decision, born: list[BornId]) -> int:
        """Write history, state, timers, mails and births of one decision; answer the new revision."""
        revision, head = known
        run, book = self.connection.run, self._book
        if decision.steps:
            rows = history_rows(identity, revision, head, decision)
            revision, head = rows[-1]["seq"], rows[-1]["hash"]
            given = _state(decision)
            given.update(revision=revision, head=head, b_id=identity.id, b_revision=known[0])
            if self.connection.change(book("compare and set", _compare_and_set), given) != 1:
                raise _moved(identity, known[0])
            statement = book("history", _insert_history)
            for row in rows:
                run(statement, row)
            self._heads[identity.id] = (revision, head)
        self.timers.apply(identity, decision)
        if decision.nudges:
            self.outbox.queue(identity, decision.nudges, decision.event.recorded_at)
        for birth in decision.births:
            self._bear(birth, identity, identity.workflow_hash, born)
        return revision

    def _bear(self, birth: Birth, parent: Identity | None, workflow_hash: str, born: list[BornId]) -> int:
        """Insert an instance, then write its first decision as any other; answer its revision."""
        given = _state(birth.first)
        given.update(
            kind=birth.kind,
            key=birth.key,
            title=birth.title,
            parent_id=parent.id if parent else None,
            programme_id=parent.programme_id if parent else 0,
            kommune=birth.kommune,
            workflow_hash=workflow_hash,
            revision=0,
            head=GENESIS,
            created_at=birth.first.event.recorded_at,
        )
        row = self.connection.row(self._book("bear", _insert_instance), given)
        assert row is not None
        number: int = row[0]
        programme = parent.programme_id if parent else number
        if parent is None:
            self.connection.run(self._book("own programme", _own_programme), {"b_id": number})
        identity = Identity(number, birth.kind, birth.key, programme, given["parent_id"], birth.kommune, workflow_hash)
        self.met[number] = identity
        born.append(BornId(birth.kind, birth.key, number))
        return self._write(identity, (0, GENESIS), birth.first, born)


def snapshot(identity: Identity, state: Row, timers: tuple[Timer, ...], facts: Facts = NO_FACTS) -> Snapshot:
    """Build a snapshot from the columns of ``STATE``."""
    title, position, entered, data = state[:4]
    entries = {region: Entry(datetime.fromisoformat(at), seq) for region, (at, seq) in entered.items()}
    return Snapshot(identity, title, position, entries, data, dates(state[4:12]), state[12], timers, facts)


def _moved(identity: Identity, revision: int) -> Conflict:
    """Say that somebody else was first."""
    return Conflict(f"{identity.kind} {identity.id} is no longer at revision {revision}; load it again and decide anew")


def _state(decision: Decision) -> dict[str, Any]:
    """Give the columns of an instance that a decision replaces."""
    days = decision.dates
    return {
        "position": decision.position,
        "entered": {region: [_iso(entry.at), entry.seq] for region, entry in decision.entered.items()},
        "data": decision.data,
        "planned_start": days.planned_start,
        "planned_end": days.planned_end,
        "precision": days.precision,
        "actual_start": days.actual_start,
        "actual_end": days.actual_end,
        "effective_on": days.effective_on,
        "fixed_by": days.fixed_by,
        "date_reason": days.reason,
    }


def _iso(at: datetime) -> str:
    """Write an instant in UTC."""
    return at.astimezone(UTC).isoformat()


def _identity() -> ClauseElement:
    return select(*columns(INSTANCE, *IDENTITY)).where(INSTANCE.c.id == bindparam("b_id"))


def _revision() -> ClauseElement:
    return select(INSTANCE.c.revision).where(INSTANCE.c.id == bindparam("b_id"))


def _load(locks: bool) -> ClauseElement:
    found = select(*columns(INSTANCE, *STATE, "head")).where(INSTANCE.c.id == bindparam("b_id"))
    return found.with_for_update(key_share=True) if locks else found


def _lock_head() -> ClauseElement:
    found = select(INSTANCE.c.revision, INSTANCE.c.head).where(INSTANCE.c.id == bindparam("b_id"))
    return found.with_for_update(key_share=True)


def _lock_write() -> ClauseElement:
    return select(INSTANCE.c.id).where(INSTANCE.c.id == bindparam("b_id")).with_for_update(key_share=True)


def _lock_read() -> ClauseElement:
    return select(INSTANCE.c.id).where(INSTANCE.c.id == bindparam("b_id")).with_for_update(read=True)


def _family(kinds: tuple[str, ...]) -> ClauseElement:
    found = select(*columns(INSTANCE, *IDENTITY, *STATE, "head")).where(INSTANCE.c.programme_id == bindparam("b_id"))
    return found.where(kind_in(kinds)).order_by(INSTANCE.c.id).with_for_update(key_share=True)


def _inside(whole: bool) -> ClauseElement:
    found = select(*columns(INSTANCE, *IDENTITY, *STATE, "head"))
    if whole:
        found = found.where(INSTANCE.c.programme_id == bindparam("b_id"), INSTANCE.c.id != bindparam("b_id"))
    else:
        tree = select(INSTANCE.c.id).where(INSTANCE.c.parent_id == bindparam("b_id")).cte("tree", recursive=True)
        tree = tree.union_all(select(INSTANCE.c.id).where(INSTANCE.c.parent_id == tree.c.id))
        found = found.where(INSTANCE.c.id.in_(select(tree.c.id)))
    return found.order_by(INSTANCE.c.id).with_for_update(key_share=True)


def _seen() -> ClauseElement:
    first = HISTORY.alias()
    found = select(HISTORY.c.seq).join(
        first, (first.c.instance_id == HISTORY.c.instance_id) & (first.c.decision_seq == HISTORY.c.decision_seq)
    )
    found = found.where(first.c.instance_id == bindparam("b_id"), first.c.idempotency_key == bindparam("b_key"))
    return found.order_by(HISTORY.c.seq.desc()).limit(1)


def _compare_and_set() -> ClauseElement:
    changed = update(INSTANCE).where(INSTANCE.c.id == bindparam("b_id"), INSTANCE.c.revision == bindparam("b_revision"))
    names = ("position", "entered", "data", *DATES, "revision", "head")
    return changed.values({name: bindparam(name) for name in names})


def _insert_history() -> ClauseElement:
    return insert(HISTORY).values({column.name: bindparam(column.name) for column in HISTORY.c})


def _insert_instance() -> ClauseElement:
    names = [column.name for column in INSTANCE.c if column.name != "id"]
    return insert(INSTANCE).values({name: bindparam(name) for name in names}).returning(INSTANCE.c.id)


def _own_programme() -> ClauseElement:
    return update(INSTANCE).where(INSTANCE.c.id == bindparam("b_id")).values(programme_id=INSTANCE.c.id)
