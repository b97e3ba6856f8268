"""The registers: kommuner, people, their roles, and published workflows; sends nothing and decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, insert, or_, select, update
from sqlalchemy.sql.expression import ClauseElement

from ..engine.errors import Conflict, NotFound
from ..engine.values import Data, Recipient
from .chain import canonical
from .prepared import Connection, Row, inserting
from .tables import METADATA

KOMMUNE = METADATA.tables["kommune"]
REGION = METADATA.tables["kommune_region"]
PERSON = METADATA.tables["person"]
ROLE = METADATA.tables["role_assignment"]
STAND_IN = METADATA.tables["stand_in"]
WORKFLOW = METADATA.tables["workflow_version"]
META = METADATA.tables["meta"]

ONE_PERSON = "person:"
"""How a mail's role names a single person by number: for what concerns nobody else who has the role."""

_FOLDED = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})


def fold(name: str) -> str:
    """Write a name as people search for it: lower case, without æ, ø and å."""
    return name.casefold().translate(_FOLDED)


@dataclass(frozen=True, slots=True)
class RegionSpan:
    """The region that a kommune belongs to from one day to another, both included; an open end is None."""

    region: str
    from_on: date
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class KommuneRow:
    """A kommune by its four-digit code, and its regions over time."""

    code: str
    name: str
    official_name: str
    population: int | None = None
    regions: tuple[RegionSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person or a shared mailbox; absent up to and including ``paused_until``."""

    id: int
    name: str
    email: str
    is_shared_mailbox: bool
    paused_until: date | None


@dataclass(frozen=True, slots=True)
class RoleRow:
    """Who holds a role, where (None: everywhere), and from which day to which, both included.

    ``substitute_id`` takes over whenever the holder is away, ``stand_in_id`` before that one up to and including
    ``stand_in_until``; ``away_until`` is the last day of the holder's absence.
    """

    id: int
    person_id: int
    role: str
    programme_id: int | None
    kommune: str | None
    from_on: date
    to_on: date | None
    substitute_id: int | None
    stand_in_id: int | None = None
    stand_in_until: date | None = None
    away_until: date | None = None

    def takes_over(self, on: date) -> int | None:
        """Answer who would act in the holder's place on a day: the stand-in of this absence, or the substitute."""
        is_for_now = self.stand_in_until is not None and on <= self.stand_in_until
        return self.stand_in_id if is_for_now else self.substitute_id


class RegisterReader:
    """Look things up, in a read or a write transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def kommuner(self) -> tuple[KommuneRow, ...]:
        """Answer all kommuner in the order of their codes."""
        spans: dict[str, list[RegionSpan]] = {}
        for code, region, from_on, to_on in self._connection.rows(self._book("regions", _regions), {}):
            spans.setdefault(code, []).append(RegionSpan(region, from_on, to_on))
        rows = self._connection.rows(self._book("kommuner", _kommuner), {})
        return tuple(KommuneRow(row[0], row[1], row[2], row[3], tuple(spans.get(row[0], ()))) for row in rows)

    def people(self) -> tuple[PersonRow, ...]:
        """Answer all people and shared mailboxes."""
        return tuple(PersonRow(*row) for row in self._connection.rows(self._book("people", _people), {}))

    def roles(self) -> tuple[RoleRow, ...]:
        """Answer all role assignments, past ones too."""
        return tuple(RoleRow(*row) for row in self._connection.rows(self._book("roles", _roles), {}))

    def recipients(
        self,
        role: str,
        programme_id: int,
        kommune: str | None,
        on: date,
        *,
        own: bool = False,
        with_away: bool = False,
    ) -> tuple[Recipient, ...]:
        """Resolve a role on a local day to people, each once.

        Whoever holds it for the kommune wins over those who hold it for the programme or everywhere; a mail of no
        kommune goes to the role's holders in all of them. An absent person is replaced by the substitute, unless that
        one is absent too. ``person:7`` is person 7 alone, whatever roles they have. ``own`` asks for those
        of the kommune alone, ``with_away`` for those who are absent beside their substitutes.
        """
        if role.startswith(ONE_PERSON):
            return tuple(Recipient(*row) for row in self._person(role.removeprefix(ONE_PERSON)))
        rows = self._holders(role, programme_id, kommune, on)
        closest = [row for row in rows if row[0] is not None and kommune is not None]
        return _resolved(closest or ([] if own else rows), on, with_away=with_away)

    def guests(
        self, role: str, programme_id: int, kommune: str | None, on: date
    ) -> tuple[tuple[Recipient, ...], tuple[Recipient, ...]]:
        """Resolve a role as ``recipients`` does, by one query: who is there, and the same with those who are absent."""
        rows = self._holders(role, programme_id, kommune, on)
        closest = [row for row in rows if row[0] is not None and kommune is not None] or rows
        return _resolved(closest, on, with_away=False), _resolved(closest, on, with_away=True)

    def _holders(self, role: str, programme_id: int, kommune: str | None, on: date) -> list[Row]:
        given = {"b_role": role, "b_programme": programme_id, "b_kommune": kommune, "b_on": on}
        return self._connection.rows(self._book("recipients", _recipients), given)

    def away_until(self, role: str, programme_id: int, kommune: str | None, on: date) -> date | None:
        """Answer the first last day of absence of those who hold a role, None where nobody holds it who is away."""
        rows = self._holders(role, programme_id, kommune, on)
        return min((row[5] for row in rows if row[5] is not None and row[5] >= on), default=None)

    def _person(self, number: str) -> list[Row]:
        """Read one person as a recipient, if the number is one."""
        given = {"b_id": int(number) if number.isascii() and number.isdigit() else 0}
        return self._connection.rows(self._book("one person", _one_person), given)

    def workflow(self, workflow_hash: str) -> str:
        """Answer the canonical document of a workflow by its hash."""
        row = self._connection.row(self._book("workflow", _workflow), {"b_hash": workflow_hash})
        if row is None:
            raise NotFound("workflow", workflow_hash)
        return str(row[0])

    def heartbeat(self) -> datetime | None:
        """Answer when the ticker was last alive, None if never."""
        row = self._connection.row(self._book("meta", _meta), {"b_key": "heartbeat"})
        return None if row is None else datetime.fromisoformat(row[0])


class Registers(RegisterReader):
    """Look things up and write them, in a write transaction."""

    def add_person(
        self, name: str, email: str, *, is_shared_mailbox: bool = False, paused_until: date | None = None
    ) -> int:
        """Enter a person or a shared mailbox and answer the number."""
        given = {"name": name, "email": email, "is_shared_mailbox": is_shared_mailbox, "paused_until": paused_until}
        return self._added("add person", PERSON, given)

    def pause_person(self, person_id: int, until: date | None) -> None:
        """Note that a person is absent up to and including a day, or back (None)."""
        changed = self._connection.change(self._book("pause person", _pause), {"b_id": person_id, "b_until": until})
        if changed != 1:
            raise NotFound("person", person_id)

    def assign_role(
        self,
        person_id: int,
        role: str,
        *,
        from_on: date,
        to_on: date | None = None,
        programme_id: int | None = None,
        kommune: str | None = None,
        substitute_id: int | None = None,
    ) -> int:
        """Give a person a role in a programme and a kommune (None: in all), and answer the assignment's number."""
        given = {"person_id": person_id, "role": role, "programme_id": programme_id, "kommune": kommune}
        given |= {"from_on": from_on, "to_on": to_on, "substitute_id": substitute_id}
        return self._added("assign role", ROLE, given)

    def end_role(self, role_id: int, on: date) -> None:
        """Let one role assignment end on a day."""
        self._connection.run(self._book("end role", _end_role), {"b_id": role_id, "b_on": on})

    def give_role(self, role_id: int, person_id: int, substitute_id: int | None) -> None:
        """Let somebody else have a role assignment that has not begun yet."""
        given = {"b_id": role_id, "b_person": person_id, "b_substitute": substitute_id}
        self._connection.run(self._book("give role", _give_role), given)

    def end_roles(self, programme_id: int, kommune: str | None, on: date) -> int:
        """Let a kommune's role assignments in a programme (None: all of the programme's) end on a day; say how many."""
        given = {"b_programme": programme_id, "b_kommune": kommune, "b_on": on}
        return self._connection.change(self._book("end roles", _end_roles, kommune is not None), given)

    def reopen_role(self, role_id: int, ended_on: date, to_on: date | None) -> None:
        """Give a role assignment its former last day back, if it still ends on the day on which it was ended."""
        given = {"b_id": role_id, "b_on": ended_on, "b_to": to_on}
        self._connection.run(self._book("reopen role", _reopen_role), given)

    def put_kommuner(self, rows: Iterable[KommuneRow]) -> None:
        """Enter kommuner with their regions; those that are there already get the new values."""
        dialect = self._book.dialect
        put_kommune = self._book("put kommune", _upsert, dialect, KOMMUNE)
        put_region = self._book("put region", _upsert, dialect, REGION)
        for row in rows:
            given: dict[str, Any] = {"code": row.code, "name": row.name, "official_name": row.official_name}
            given |= {"name_key": fold(row.name), "population": row.population}
            self._connection.run(put_kommune, given)
            for span in row.regions:
                dated = {"code": row.code, "region": span.region, "from_on": span.from_on, "to_on": span.to_on}
                self._connection.run(put_region, dated)

    def put_workflow(
        self,
        workflow_hash: str,
        key: str,
        version: int,
        format: int,
        document: str,
        *,
        published_at: datetime,
        overlay: Data | None = None,
    ) -> None:
        """Publish a workflow document; again is fine, but Conflict if this version was published as something else."""
        given: dict[str, Any] = {"hash": workflow_hash, "key": key, "version": version, "format": format}
        given |= {"document": document, "overlay": overlay, "published_at": published_at}
        statement = self._book("put workflow", _put_workflow, self._book.dialect)
        if self._connection.change(statement, given) == 1:
            return
        row = self._connection.row(self._book("workflow", _workflow), {"b_hash": workflow_hash})
        said = f"workflow {key} version {version} is published with another content; raise its version"
        if row is None or (row[0], row[1], row[2], canonical(row[3])) != (document, key, version, canonical(overlay)):
            raise Conflict(said)

    def beat(self, now: datetime) -> None:
        """Note that the ticker is alive."""
        given = {"key": "heartbeat", "value": now.isoformat()}
        self._connection.run(self._book("beat", _upsert, self._book.dialect, META), given)

    def _added(self, name: str, table: Any, given: Mapping[str, Any]) -> int:
        """Insert a row and answer its number."""
        row = self._connection.row(self._book(name, _insert, table, tuple(given)), given)
        assert row is not None
        return int(row[0])


def _is_here(person: Row, on: date) -> bool:
    """Tell whether somebody (number, name, address, shared, last day of absence) is there on a day."""
    number, *_, paused_until = person
    return number is not None and (paused_until is None or paused_until < on)


def _resolved(rows: Iterable[Row], on: date, *, with_away: bool) -> tuple[Recipient, ...]:
    """Give the holders of these rows who are there on a day, and the substitutes of the others, each once."""
    found: dict[int, Recipient] = {}
    for row in rows:
        holder, substitute = row[1:6], row[6:11]
        is_there = _is_here(holder, on)
        if is_there or (with_away and holder[0] is not None):
            found[holder[0]] = Recipient(holder[0], holder[1], holder[2], bool(holder[3]))
        if not is_there and _is_here(substitute, on):
            number, name, email, is_shared = substitute[:4]
            found.setdefault(number, Recipient(number, name, email, bool(is_shared), holder[1], holder[4]))
    return tuple(found[number] for number in sorted(found))


def _insert(table: Any, names: tuple[str, ...]) -> ClauseElement:
    return insert(table).values({name: bindparam(name) for name in names}).returning(table.c.id)


def _upsert(dialect: str, table: Any) -> ClauseElement:
    added = inserting(dialect, table).values({column.name: bindparam(column.name) for column in table.c})
    keys = [column.name for column in table.primary_key]
    changed = {column.name: added.excluded[column.name] for column in table.c if column.name not in keys}
    upserted: ClauseElement = added.on_conflict_do_update(index_elements=keys, set_=changed)
    return upserted


def _put_workflow(dialect: str) -> ClauseElement:
    added = inserting(dialect, WORKFLOW).values({column.name: bindparam(column.name) for column in WORKFLOW.c})
    nothing: ClauseElement = added.on_conflict_do_nothing()
    return nothing


def _workflow() -> ClauseElement:
    columns = (WORKFLOW.c.document, WORKFLOW.c.key, WORKFLOW.c.version, WORKFLOW.c.overlay)
    return select(*columns).where(WORKFLOW.c.hash == bindparam("b_hash"))


def _meta() -> ClauseElement:
    return select(META.c.value).where(META.c.key == bindparam("b_key"))


def _pause() -> ClauseElement:
    return PERSON.update().where(PERSON.c.id == bindparam("b_id")).values(paused_until=bindparam("b_until"))


def _kommuner() -> ClauseElement:
    columns = (KOMMUNE.c.code, KOMMUNE.c.name, KOMMUNE.c.official_name, KOMMUNE.c.population)
    return select(*columns).order_by(KOMMUNE.c.code)


def _regions() -> ClauseElement:
    columns = (REGION.c.code, REGION.c.region, REGION.c.from_on, REGION.c.to_on)
    return select(*columns).order_by(REGION.c.code, REGION.c.from_on)


def _people() -> ClauseElement:
    columns = (PERSON.c.id, PERSON.c.name, PERSON.c.email, PERSON.c.is_shared_mailbox, PERSON.c.paused_until)
    return select(*columns).order_by(PERSON.c.id)


def _one_person() -> ClauseElement:
    columns = (PERSON.c.id, PERSON.c.name, PERSON.c.email, PERSON.c.is_shared_mailbox)
    return select(*columns).where(PERSON.c.id == bindparam("b_id"))


def _roles() -> ClauseElement:
    names = ("id", "person_id", "role", "programme_id", "kommune", "from_on", "to_on", "substitute_id")
    more = (STAND_IN.c.person_id.label("stand_in_id"), STAND_IN.c.until, PERSON.c.paused_until)
    found = select(*[ROLE.c[name] for name in names], *more).join(PERSON, PERSON.c.id == ROLE.c.person_id)
    return found.outerjoin(STAND_IN, STAND_IN.c.role_id == ROLE.c.id).order_by(ROLE.c.id)


def _end_role() -> ClauseElement:
    on = bindparam("b_on", type_=ROLE.c.from_on.type)
    return update(ROLE).where(ROLE.c.id == bindparam("b_id")).values(to_on=on)


def _give_role() -> ClauseElement:
    substitute = bindparam("b_substitute", type_=ROLE.c.substitute_id.type)
    given: dict[str, Any] = {"person_id": bindparam("b_person"), "substitute_id": substitute}
    return update(ROLE).where(ROLE.c.id == bindparam("b_id")).values(given)


def _end_roles(in_kommune: bool) -> ClauseElement:
    on = bindparam("b_on", type_=ROLE.c.from_on.type)
    found = update(ROLE).where(ROLE.c.programme_id == bindparam("b_programme"), ROLE.c.from_on <= on)
    if in_kommune:
        found = found.where(ROLE.c.kommune == bindparam("b_kommune"))
    return found.where(or_(ROLE.c.to_on.is_(None), ROLE.c.to_on > on)).values(to_on=on)


_WHO = ("id", "name", "email", "is_shared_mailbox", "paused_until")


def _reopen_role() -> ClauseElement:
    ended = ROLE.c.to_on == bindparam("b_on", type_=ROLE.c.to_on.type)
    found = update(ROLE).where(ROLE.c.id == bindparam("b_id"), ended)
    return found.values(to_on=bindparam("b_to", type_=ROLE.c.to_on.type))


def _recipients() -> ClauseElement:
    other = PERSON.alias()
    found = select(
        ROLE.c.kommune,
        *[PERSON.c[name] for name in _WHO],
        *[other.c[name].label(f"substitute_{name}") for name in _WHO],
    )
    on = bindparam("b_on", type_=ROLE.c.from_on.type)
    found = found.join(PERSON, PERSON.c.id == ROLE.c.person_id)
    found = found.outerjoin(STAND_IN, and_(STAND_IN.c.role_id == ROLE.c.id, STAND_IN.c.until >= on))
    found = found.outerjoin(other, other.c.id == func.coalesce(STAND_IN.c.person_id, ROLE.c.substitute_id))
    here = bindparam("b_kommune", type_=ROLE.c.kommune.type)
    # On the day that a kommune leaves, its people still hear of that, but no more of what is held for all of them.
    is_own = or_(here.is_not(None), ROLE.c.kommune.is_(None))
    return found.where(
        ROLE.c.role == bindparam("b_role"),
        or_(ROLE.c.programme_id.is_(None), ROLE.c.programme_id == bindparam("b_programme")),
        or_(here.is_(None), ROLE.c.kommune.is_(None), ROLE.c.kommune == here),
        on >= ROLE.c.from_on,
        or_(ROLE.c.to_on.is_(None), on < ROLE.c.to_on, and_(on == ROLE.c.to_on, is_own)),
    ).order_by(ROLE.c.id)
