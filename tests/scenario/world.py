"""A programme under test: the real engine on a real database in virtual time, and the verbs that scenarios speak."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from samskabt.engine.errors import Refused
from samskabt.engine.values import Actor, ActorKind, Json, Refusal
from samskabt.notifications import MemoryMailer
from samskabt.runtime.clock import VirtualClock
from samskabt.runtime.engine import Engine, connect
from samskabt.runtime.posting.restraint import Restraint
from samskabt.runtime.settings import Settings
from samskabt.runtime.usecases.context import Outcome
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.storage.tables import METADATA

ME = Actor(ActorKind.PERSON, "1")
KEY = "forenklet-beskaeftigelsesindsats"
PUBLISHED = datetime(2019, 8, 14, 8, tzinfo=UTC)
CHOSEN = datetime(2019, 9, 4, 8, tzinfo=UTC)
ENROLLED = ("København", "Greve", "Aarhus", "Læsø", "Ballerup", "Brøndby")
ROLES = ("partskonsulent", "kommunal_konsulent", "leder", "parter", "ekstern_evaluator", "klk_konsulent", "forsker")


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody tried an event; ``refusals`` is empty when it happened."""

    kind: str
    key: str
    event: str
    refusals: tuple[Refusal, ...] = ()


@dataclass(slots=True)
class World:
    """One engine and one of its programmes; ``attempts`` remembers all that was tried."""

    engine: Engine
    clock: VirtualClock
    mailer: MemoryMailer
    programme: int = 0
    attempts: list[Attempt] = field(default_factory=list)

    def do(
        self,
        number: int,
        event: str,
        data: Mapping[str, Json] | None = None,
        *,
        reason: str | None = None,
        override: bool = False,
        happened_at: datetime | None = None,
        **more: Json,
    ) -> Outcome:
        """Let an event happen; what is refused is remembered, and raised."""
        one = self.engine.show(number)
        try:
            outcome = self.engine.advance(
                number,
                event,
                data={**(data or {}), **more},
                actor=ME,
                reason=reason,
                override=override,
                happened_at=happened_at,
            )
        except Refused as refused:
            self.attempts.append(Attempt(one.kind, one.key, event, refused.refusals))
            raise
        self.attempts.append(Attempt(one.kind, one.key, event))
        return outcome

    def refused(
        self,
        number: int,
        event: str,
        data: Mapping[str, Json] | None = None,
        *,
        reason: str | None = None,
        override: bool = False,
        **more: Json,
    ) -> set[str]:
        """Try an event that may not happen, see that nothing has changed, and give the codes."""
        before = self.engine.show(number)
        try:
            self.do(number, event, {**(data or {}), **more}, reason=reason, override=override)
        except Refused as refused:
            assert self.engine.show(number) == before
            return {refusal.code for refusal in refused.refusals}
        raise AssertionError(f"{event} of {before.kind} {before.key} was not refused")

    def kommune(self, name: str) -> int:
        """Give a kommune's process by the kommune's name."""
        with self.engine.context.store.read() as reader:
            found = [one.id for one in reader.instances(self.programme, "kommune") if one.title == name]
        return found[0]

    def activity(self, key: str, kommune: str | None = None) -> int:
        """Give an activity or evaluation by its key, of one kommune or of the programme."""
        parent = self.kommune(kommune) if kommune else self.programme
        with self.engine.context.store.read() as reader:
            found = [one.id for one in reader.instances(self.programme) if (one.parent_id, one.key) == (parent, key)]
        return found[0]

    def kind(self, kind: str) -> list[int]:
        """List the programme's instances of a kind."""
        with self.engine.context.store.read() as reader:
            return [one.id for one in reader.instances(self.programme, kind)]

    def children(self, parent: int, kind: str) -> list[int]:
        """List the children of an instance of a kind."""
        with self.engine.context.store.read() as reader:
            return [one.id for one in reader.instances(self.programme, kind) if one.parent_id == parent]

    def state(self, number: int, region: str = "status") -> str:
        """Say where an instance stands."""
        return self.engine.show(number).position[region]

    def add(self, parent: int, kind: str, title: str, **data: Json) -> int:
        """Add a challenge to a kommune, or a solution to a challenge."""
        one = self.engine.show(parent)
        outcome = self.engine.add(parent, kind, title, data=data, actor=ME)
        self.attempts.append(Attempt(one.kind, one.key, outcome.events[0]))
        return next(iter(outcome.born.values()))

    def move_to(self, day: date, hour: int = 8) -> None:
        """Move the clock to an hour (UTC) of a day; nothing fires by itself."""
        self.clock.move_to(datetime(day.year, day.month, day.day, hour, tzinfo=UTC))

    def live_until(self, day: date) -> None:
        """Live through every timer and mail up to a day, at the instant when each is due."""
        end = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
        while (due := self.engine.sweeper.next_due()) is not None and due <= end:
            self.clock.move_to(max(due, self.clock.now()))
            report = self.engine.tick()
            assert report.failed == 0
            self.engine.deliver()
        self.clock.move_to(end)
        self.engine.tick()
        self.engine.deliver()

    def dump(self) -> Mapping[str, list[tuple[object, ...]]]:
        """Give every row of every table."""
        with self.engine.context.store.read() as reader:
            raw = reader.connection.raw
            return {name: _rows(raw, table.columns.keys(), name) for name, table in METADATA.tables.items()}


def _rows(raw: object, columns: list[str], table: str) -> list[tuple[object, ...]]:
    found = raw.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()  # type: ignore[attr-defined]
    return sorted((tuple(row) for row in found), key=repr)


def open_world(
    url: str,
    workflows: Workflows,
    at: datetime,
    programme: int = 0,
    restraint: Restraint | None = None,
    *,
    durable: bool = False,
    inbox: Path | None = None,
) -> World:
    """Open a database, new or copied, with the clock standing at an instant; mails go at once, each by itself.

    Where restraint is what a test is about, it says which. Unless it is to be ``durable``, it waits for no disk: what
    a scenario shows is what was decided. Nobody's answer comes in, unless there is an ``inbox``.
    """
    clock, mailer = VirtualClock(at), MemoryMailer()
    settings = Settings(restraint=restraint or Restraint.off(), message_secret="world", inbox=inbox)
    engine = connect(url, workflows=workflows, clock=clock, mailer=mailer, settings=settings)
    if not durable:
        engine.context.store.hurry()
    return World(engine, clock, mailer, programme)


def start(world: World, on: date | None = None) -> World:
    """Start the programme, open it for enrolment and give every role to somebody."""
    world.programme = world.engine.programmes.start(KEY, actor=ME, start=on).instance_id
    world.do(world.programme, "forloeb.aabn_tilmelding")
    known = {one.name: one.id for one in world.engine.people.all()[0]}  # in a second programme they are the same
    for role in ROLES:
        name, email = role.capitalize(), f"{role.replace('_', '.')}@eksempel.example"
        person = known.get(name) or world.engine.people.add(name, email)
        world.engine.people.assign(person, role, programme_id=world.programme)
    return world


def enrol_and_choose(world: World, on: datetime = CHOSEN) -> World:
    """Enrol six kommuner, and after the deadline choose four of them."""
    for name in ENROLLED:
        world.engine.programmes.enrol(world.programme, name, actor=ME)
        world.attempts.append(Attempt("programme", KEY, "forloeb.tilmeld_kommune"))
    world.clock.move_to(on)
    world.engine.programmes.choose(world.programme, actor=ME)
    world.do(world.programme, "forloeb.luk_tilmelding")
    return world


def copied(template: Path, target: Path) -> str:
    """Copy a closed SQLite file and give the copy's address."""
    shutil.copyfile(template, target)
    return f"sqlite:///{target}"
