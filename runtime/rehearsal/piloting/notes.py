"""What is noted while a rehearsal is lived, beside what the database remembers; judges nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from ....engine.values import Refusal


@dataclass(frozen=True, slots=True)
class Waited:
    """A step whose day had come and that could not be taken: since when, and what was missing."""

    instance_id: int
    event: str
    since: date
    missing: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Yielded:
    """A step that was taken although something soft was missing."""

    instance_id: int
    event: str
    on: date
    missing: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """Something that the script, or the office, wanted and that was refused."""

    on: date
    what: str
    missing: tuple[Refusal, ...]
    kind: str


@dataclass(slots=True)
class Notes:
    """The log of one rehearsal; ``waited`` holds the latest of every step, ``given_up`` what was closed unfinished,
    ``no_place`` when kommuner in line were told that no place became free."""

    waited: dict[tuple[int, str], Waited] = field(default_factory=dict)
    yielded: list[Yielded] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    postponed: dict[int, list[date]] = field(default_factory=dict)
    given_up: list[Waited] = field(default_factory=list)
    no_place: dict[int, date] = field(default_factory=dict)

    def wait(self, instance_id: int, event: str, today: date, missing: Iterable[Refusal]) -> Waited:
        """Note that a step must wait; its first day stays."""
        before = self.waited.get((instance_id, event))
        since = before.since if before else today
        found = self.waited[instance_id, event] = Waited(instance_id, event, since, tuple(missing))
        return found

    def taken(self, instance_id: int, event: str) -> None:
        """Forget that a step had to wait, once it is taken."""
        self.waited.pop((instance_id, event), None)

    def refused(self, instance_id: int, event: str) -> tuple[Refusal, ...]:
        """Give what a step was missing when it was last tried; nothing where it has not had to wait."""
        found = self.waited.get((instance_id, event))
        return found.missing if found else ()

    def reason(self, instance_id: int) -> Waited | None:
        """Give what an instance waits for, if anything is known."""
        found = [one for one in self.waited.values() if one.instance_id == instance_id]
        return found[-1] if found else None
