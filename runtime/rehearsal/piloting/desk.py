"""What everybody of a rehearsal has at hand: the day, the instances and what is possible; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from ....engine.civil.instants import local_date
from ....engine.compiled import Compiled
from ....engine.errors import InvalidInput, NotFound, Refused
from ....engine.values import Json, Option
from ....engine.values.names import LIFE
from ....storage import InstanceView
from ...engine import Engine
from ...simulation import Simulation
from .cast import Cast
from .family import Family
from .notes import Failed, Notes
from .timing import Timing

NEAR_THE_END = timedelta(days=21)


@dataclass(slots=True)
class Desk:
    """One programme as its people see it, and the one way in which they let anything happen."""

    engine: Engine
    simulation: Simulation
    compiled: Compiled
    family: Family
    cast: Cast
    timing: Timing
    notes: Notes = field(default_factory=Notes)

    def today(self) -> date:
        """Give the present day in Denmark."""
        return local_date(self.simulation.clock.now())

    def is_late(self) -> bool:
        """Tell whether the end is so near that nobody waits any longer."""
        return self.today() >= self.timing.last - NEAR_THE_END

    def is_over_time(self) -> bool:
        """Tell whether the programme should have ended a week ago."""
        return self.today() > self.timing.last + timedelta(days=7)

    def takes_part(self, view: InstanceView) -> bool:
        """Tell whether a kommune has been chosen; whoever has not makes no way of its own."""
        return bool(self.compiled.region(view.kind, LIFE).states[view.position[LIFE]].births)

    def waits_in_line(self, view: InstanceView) -> bool:
        """Tell whether a kommune waits for a place that may never come; nobody overrides for it."""
        return view.kind == "kommune" and bool(self.compiled.region(view.kind, LIFE).states[view.position[LIFE]].waits)

    def present(self, view: InstanceView) -> list[str]:
        """List the kommuner that come to what is common to them: those that take part."""
        if view.kommune is not None:
            return [view.kommune]
        return [one.key for one in self.family.now() if one.kind == "kommune" and self.takes_part(one)]

    def options(self, instance_id: int) -> dict[str, Option]:
        """Give what is possible now, by the name of its event."""
        return {option.event: option for option in self.engine.options(instance_id)}

    def advance(
        self,
        view: InstanceView,
        event: str,
        data: Mapping[str, Json],
        *,
        reason: str | None = None,
        override: bool = False,
    ) -> bool:
        """Let an event happen; what is refused is noted, and what no sample answer fits is left out."""
        try:
            self.engine.advance(
                view.id, event, data=data, actor=self.cast.actor(view), reason=reason, override=override
            )
        except Refused as refused:
            self.notes.wait(view.id, event, self.today(), refused.refusals)
            return False
        except (InvalidInput, NotFound) as error:
            self.notes.failed.append(Failed(self.today(), f"{view.title}: {error}", (), view.kind))
            return False
        return True
