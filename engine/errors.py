"""The one tree of errors: what went wrong, with its values, and what is possible instead.

SamskabtError
├── DefinitionError      a workflow document is wrong: every problem with file, line, column, path and rule
├── InvalidInput         an argument cannot be understood or is out of bounds
├── NotFound             a name or number that does not exist; lists what does
├── Refused              the event is known but may not happen now; lists every missing requirement
├── Conflict             somebody else moved the instance first (stale revision), or a key was used twice
├── NotStable            eventless joins did not come to rest; the definition is faulty
├── DeliveryFailed       a mail could not be handed over; says whether trying again makes sense
├── NotYet               a mail was not tried; says when it may be
├── InboxUnavailable     the mailbox in which bounces and answers come back cannot be read
└── StorageError         the database cannot be used
    ├── DatabaseTooNew   it was written by a newer version
    ├── NotOurDatabase   it is foreign, truncated or damaged
    └── StorageUnavailable   it is read-only, full, locked or out of reach
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .values import Refusal


class SamskabtError(Exception):
    """Base of all errors that this package raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a workflow document; ``line`` and ``column`` count from 1, 0 where unknown."""

    file: str
    line: int
    column: int
    path: str
    rule: str
    message: str

    def __str__(self) -> str:
        """Give the one line that an editor can jump to."""
        where = f" {self.path}:" if self.path else ""
        return f"{self.file}:{self.line}:{self.column}:{where} {self.message} [{self.rule}]"


class DefinitionError(SamskabtError):
    """A workflow document is wrong; ``problems`` holds every mistake that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InvalidInput(SamskabtError):
    """An argument cannot be understood or is out of bounds; ``field`` names it."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(f"{field}: {message}")


class NotFound(SamskabtError):
    """A name or number that does not exist; ``available`` lists what does."""

    def __init__(self, what: str, key: object, available: Iterable[str] = ()) -> None:
        self.what, self.key = what, key
        self.available: tuple[str, ...] = tuple(available)
        super().__init__(f"unknown {what} {key!r}{_hint(str(key), self.available)}")


class Refused(SamskabtError):
    """The event is known but may not happen now; ``refusals`` lists every missing requirement."""

    def __init__(self, event: str, refusals: Sequence[Refusal]) -> None:
        self.event = event
        self.refusals: tuple[Refusal, ...] = tuple(refusals)
        codes = ", ".join(refusal.code for refusal in self.refusals)
        super().__init__(f"{event} is refused: {codes}")


class Conflict(SamskabtError):
    """Somebody else moved the instance first, or a key was used twice; load it again and decide anew."""


class NotStable(SamskabtError):
    """Eventless joins did not come to rest within their bound; the definition is faulty."""


class DeliveryFailed(SamskabtError):
    """A mail could not be handed over; ``retry`` says whether trying again makes sense.

    ``doubtful`` says that it may have been taken all the same: the answer to its last byte never came.
    """

    def __init__(self, message: str, *, retry: bool, doubtful: bool = False) -> None:
        self.retry, self.doubtful = retry, doubtful
        super().__init__(message)


class NotYet(SamskabtError):
    """A mail was not tried, which is no attempt of it; ``at`` (aware) is when it may be.

    ``is_fault`` tells a mail server that nobody can use at present from a pace that is kept on purpose.
    """

    def __init__(self, message: str, *, at: datetime, is_fault: bool = False) -> None:
        self.at, self.is_fault = at, is_fault
        super().__init__(message)


class InboxUnavailable(SamskabtError):
    """The mailbox in which bounces and answers come back cannot be read; nothing in it was changed."""


class StorageError(SamskabtError):
    """The database cannot be used; nothing was changed."""


class DatabaseTooNew(StorageError):
    """The database was written by a newer version of samskabt; upgrade the program, not the file."""


class NotOurDatabase(StorageError):
    """The file or database is foreign, truncated or damaged; it was not touched."""


class StorageUnavailable(StorageError):
    """The database is read-only, full, locked or out of reach; nothing was changed."""


def _hint(key: str, available: Sequence[str]) -> str:
    """Say what there is instead, nearest first, at most twelve names."""
    if not available:
        return ""
    near = get_close_matches(key, available, n=3)
    names = near or list(available)[:12]
    more = "" if near or len(available) <= len(names) else f" and {len(available) - len(names)} more"
    label = "did you mean" if near else "available"
    return f"; {label}: {', '.join(names)}{more}"
