"""What a pause is: read from an instance's data, counted in calendar days; writes nothing and knows no workflow.

An instance holds its own pause and those of everything above it, each under the kind at which it was set: so a child's
own pause survives the resumption of its parent. Which clocks freeze stands in docs/decisions/0016.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ..civil.instants import local_date
from ..values import Data, Json
from ..values.kept import DELAYS, PAUSED, PAUSES

PAUSE, RESUME = "saet_i_bero", "genoptag"
"""The events by which people pause and resume any instance, whatever its machine."""

INHERIT_PAUSE, INHERIT_RESUME = "saet_i_bero_ovenfra", "genoptag_ovenfra"
"""The system's events that pass a pause, and its end, on to everything below."""


PAUSE_IS_OVER = "pausen_skulle_vaere_slut"
"""The rule of the timer that reminds once of a pause whose expected end has come."""

PAUSE_END = "pause_end"
"""The anchor of that timer: the day on which the pause was to end."""

IN_PAUSE, ABOUT_PAUSE = "i_pausen", "om_pausen"
"""Marks in a mail's values (field ``i_bero``): it goes out although its instance is paused, or only while it is."""

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause in force: since when and why, by whom, at which kind of instance, and its expected last day."""

    at: str
    since: datetime
    why: str
    by: str
    until: date | None = None

    def written(self) -> dict[str, Json]:
        """Give it as it is kept in the data; the kind is its key there."""
        values: dict[str, Json] = {"siden": self.since.isoformat(), "fordi": self.why, "af": self.by}
        return values | ({"til": self.until.isoformat()} if self.until else {})


def in_force(data: Data) -> tuple[Pause, ...]:
    """List the pauses in force, the earliest first."""
    held = data.get(PAUSED)
    found = [_read(kind, value) for kind, value in held.items()] if isinstance(held, Mapping) else []
    return tuple(sorted(found, key=lambda pause: (pause.since, pause.at)))


def is_paused(data: Data) -> bool:
    """Tell whether an instance, or something above it, is paused."""
    return bool(data.get(PAUSED))


def own_pause(data: Data, kind: str) -> Pause | None:
    """Give the pause that was set at this instance itself."""
    return next((pause for pause in in_force(data) if pause.at == kind), None)


def paused_since(data: Data) -> datetime | None:
    """Say since when it stands still; None while it does not."""
    pauses = in_force(data)
    return pauses[0].since if pauses else None


def spans(data: Data) -> tuple[Span, ...]:
    """List the times during which it stood still and no longer does, in order; what overlaps counts once."""
    kept = data.get(PAUSES)
    lists = kept.values() if isinstance(kept, Mapping) else ()
    found = sorted(span for spans_ in lists for span in read_spans(spans_))
    out: list[Span] = []
    for start, end in found:
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return tuple(out)


def read_spans(value: Json) -> list[Span]:
    """Read a kept list of times, ``[[from, to], ...]``."""
    pairs = value if isinstance(value, list) else []
    return [(_instant(pair[0]), _instant(pair[1])) for pair in pairs if isinstance(pair, list)]


def write_spans(found: Iterable[Span]) -> list[Json]:
    """Write times as they are kept."""
    return [[start.isoformat(), end.isoformat()] for start, end in found]


def rested(data: Data, kind: str, span: Span) -> dict[str, Json]:
    """Give the data in which a rest that is over counts as a pause for what is below."""
    kept = data.get(PAUSES)
    held = dict(kept) if isinstance(kept, Mapping) else {}
    return {PAUSES: {**held, kind: write_spans([*read_spans(held.get(kind)), span])}}


def days_paused(since: datetime, passed: Span) -> timedelta:
    """Count the calendar days for which a clock that runs since an instant was frozen."""
    start, end = max(passed[0], since), passed[1]
    return max(local_date(end) - local_date(start), timedelta())


def delays(data: Data) -> tuple[tuple[date, int], ...]:
    """List by how many weeks what was left is moved, each with the day from which it counts."""
    kept = data.get(DELAYS)
    pairs = kept if isinstance(kept, list) else []
    return tuple((date.fromisoformat(str(pair[0])), int(str(pair[1]))) for pair in pairs if isinstance(pair, list))


def inherited(data: Data, born_at: datetime) -> dict[str, Json]:
    """Give the data that a child born at an instant takes over: it stands still as its parent does."""
    out: dict[str, Json] = {PAUSED: data[PAUSED]} if is_paused(data) else {}
    kept = data.get(PAUSES)
    if isinstance(kept, Mapping) and any(end > born_at for _, end in spans(data)):
        out[PAUSES] = dict(kept)
    return out


def _read(kind: str, value: Json) -> Pause:
    held = value if isinstance(value, Mapping) else {}
    until = held.get("til")
    last = date.fromisoformat(until) if isinstance(until, str) else None
    return Pause(kind, _instant(held.get("siden")), str(held.get("fordi")), str(held.get("af")), last)


def _instant(value: Json) -> datetime:
    return datetime.fromisoformat(str(value))
