"""What an installation may set about when and how much people are written to; reads no clock and no calendar."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum

from ...engine.errors import InvalidInput

MOST = 50
"""The largest weekly budget that can be set; who wants more wants none."""


class Digest(StrEnum):
    """What is merged into one mail: a person's notices and reminders of a day, of a week, or nothing."""

    DAY = "day"
    WEEK = "week"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Window:
    """The local hours in which mails go on a working day; each ends just before its closing time."""

    opens: time = time(8)
    closes: time = time(15)
    friday_closes: time = time(13)

    def __post_init__(self) -> None:
        if not self.opens < min(self.closes, self.friday_closes):
            raise InvalidInput("window", f"{self.opens} does not lie before {self.closes} and {self.friday_closes}")


@dataclass(frozen=True, slots=True)
class Restraint:
    """How people are spared: office hours, reminders a week, what merges, and when a day's digest is cut (local).

    ``window`` None: at any hour; ``budget`` None: as many as there are. ``budget`` counts the letters with reminders
    that one person gets in an ISO week over all programmes and kommuner. Invitations and cancellations are always
    letters of their own, and count nowhere. Raises InvalidInput where the cut lies outside the hours.
    """

    window: Window | None = field(default_factory=Window)
    budget: int | None = 3
    digest: Digest = Digest.DAY
    cut: time = time(9, 30)

    def __post_init__(self) -> None:
        if self.budget is not None and not 1 <= self.budget <= MOST:
            raise InvalidInput("budget", f"give 1 to {MOST} mails a week, or none at all, not {self.budget}")
        if self.window is not None and not self.window.opens <= self.cut < self.window.friday_closes:
            hours = f"{self.window.opens} to {self.window.friday_closes}"
            raise InvalidInput("cut", f"{self.cut} lies outside {hours}, when mails go on every working day")

    @classmethod
    def off(cls) -> Restraint:
        """Give no restraint: every intent goes at once, in a letter of its own."""
        return cls(window=None, budget=None, digest=Digest.OFF)
