"""What everybody in the demo shares: the engine, the simulation and one random stream each; holds no script."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from ...engine.civil.instants import local_date
from ...engine.civil.kommune import Kommune
from ...engine.errors import Refused
from ...engine.values import Actor, Json
from ...engine.values.names import KOMMUNE
from ...storage import InstanceView
from ..engine import Engine
from ..simulation import Simulation, office_hours
from ..usecases.context import Outcome
from .people import Team

Story = Iterator[date]
"""What somebody does, told in order; it yields the day on which it goes on."""


@dataclass(slots=True)
class World:
    """The programme as its people see it; ``parts`` says which kommune plays which part, by its code.

    ``marks`` are the instances that the story wants to show, by what happened to them.
    """

    engine: Engine
    simulation: Simulation
    programme_id: int
    seed: int
    team: Team
    first: dict[str, Team] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    _agenda: tuple[datetime, tuple[InstanceView, ...]] | None = None

    def now(self) -> datetime:
        """Give the present instant."""
        return self.simulation.clock.now()

    def today(self) -> date:
        """Give the present day in Denmark."""
        return local_date(self.now())

    def next_open(self, day: date) -> date:
        """Give the first day on or after a day on which meetings are held."""
        return self.engine.context.calendar.next_open(day)

    def random(self, name: str) -> Random:
        """Give the random stream of somebody, the same for the same seed."""
        return Random(f"{self.seed}/{name}")

    def instances(self, kind: str | None = None, kommune: str | None = None) -> tuple[InstanceView, ...]:
        """List the programme's instances."""
        with self.engine.context.store.read() as reader:
            return reader.instances(self.programme_id, kind, kommune)

    def agenda(self) -> tuple[InstanceView, ...]:
        """List everything as it stood when the present round began; read once for all who look at the same time."""
        if self._agenda is None or self._agenda[0] != self.now():
            self._agenda = (self.now(), self.instances())
        return self._agenda[1]

    def live(self, story: Story, at: time) -> None:
        """Let somebody's story go on at this time of the days that it names, the first one at once."""
        day = next(story, None)
        if day is not None:
            later = max(day, self.today() + timedelta(days=1))
            self.simulation.at(office_hours(self.engine.context.calendar, later, at), lambda: self.live(story, at))

    def on(self, day: date, at: time, action: Callable[[], None]) -> None:
        """Let somebody do one thing on a day, in office hours."""
        self.simulation.at(office_hours(self.engine.context.calendar, day, at), action)


AGREED = "Aftalt med dem, der havde noget andet den dag."


@dataclass(slots=True)
class Desk:
    """One person's place of work, for one kommune or for the programme: looks at the agenda, registers what happened.

    ``leaves_out`` are keys of activities that somebody else looks after; ``away_until`` is a day before which nobody
    sits here.
    """

    world: World
    actor: Actor
    kommune: Kommune | None = None
    leaves_out: set[str] = field(default_factory=set)
    away_until: date | None = None

    @property
    def code(self) -> str | None:
        """Give the code of the kommune whose desk it is."""
        return self.kommune.code if self.kommune else None

    def mine(self, kind: str | None = None) -> tuple[InstanceView, ...]:
        """List what belongs to this desk: the kommune's instances, or those of the programme itself."""
        found = self.world.instances(kind, self.code)
        return tuple(one for one in found if one.kommune == self.code)

    def find(self, key: str) -> InstanceView:
        """Find an activity of this desk by its key."""
        return next(one for one in self.mine() if one.key == key)

    def process(self) -> InstanceView:
        """Give the kommune's own process."""
        return self.mine(KOMMUNE)[0]

    def may(self, instance_id: int, event: str) -> bool:
        """Look whether something may happen now."""
        options = {option.event: option for option in self.world.engine.options(instance_id)}
        return event in options and options[event].may

    def do(
        self,
        instance_id: int,
        event: str,
        data: Mapping[str, Json] | None = None,
        *,
        reason: str | None = None,
        override: bool = False,
        happened_at: datetime | None = None,
        actor: Actor | None = None,
    ) -> Outcome:
        """Register that something happened."""
        return self.world.engine.advance(
            instance_id,
            event,
            data=data,
            actor=actor or self.actor,
            reason=reason,
            override=override,
            happened_at=happened_at,
        )

    def agree(self, instance_id: int, day: date, *, reason: str | None = None) -> date:
        """Set the first day from a day on when everybody can come, and give it."""
        while True:
            day = self.world.next_open(day)
            try:
                self.world.engine.reschedule(instance_id, day, reason=reason, actor=self.actor)
            except Refused as refused:
                if not _is_busy(refused):
                    raise
                day += timedelta(days=1)
            else:
                return day

    def invite(self, instance_id: int, data: Mapping[str, Json]) -> Outcome:
        """Invite to a meeting; who has something else that day has agreed to leave it."""
        try:
            return self.do(instance_id, "indkald", data)
        except Refused as refused:
            if not _is_busy(refused):
                raise
            return self.do(instance_id, "indkald", data, reason=AGREED, override=True)

    def add(self, parent_id: int, kind: str, title: str, **data: Json) -> int:
        """Add a challenge or a solution and give its number."""
        return next(iter(self.world.engine.add(parent_id, kind, title, data=data, actor=self.actor).born.values()))


def _is_busy(refused: Refused) -> bool:
    """Tell whether nothing stands in the way but that somebody has something else that day."""
    return all(one.code == "dobbeltbooket" for one in refused.refusals)
