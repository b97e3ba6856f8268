"""Reads a database as it was known on an earlier day: what was recorded later is not there; changes nothing.

Every row of history has two times. What was *known* goes by the time of recording: a meeting that was held on Monday
and registered on Friday was not known to be held on Wednesday.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from ...engine.civil.danish import long_date
from ...engine.civil.instants import end_of_day, local, local_date
from ...engine.deciding.replay import replay
from ...engine.errors import InvalidInput
from ...storage import HistoryRow, InstanceView, KnownRow, Reader
from ..usecases.asked import require_day, require_instant
from ..usecases.context import Context

TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class AsOf:
    """The instant until which rows count as known; ``text`` says it in Danish (empty where it is simply now)."""

    at: datetime
    is_now: bool = True
    text: str = ""


def as_of_instant(wanted: date | datetime | None, now: datetime) -> AsOf:
    """Read a day (meaning its end) or an aware instant; what lies ahead means now, and the text says so."""
    if wanted is None:
        return AsOf(now)
    if isinstance(wanted, datetime):
        at = require_instant("as_of", wanted)
        said, is_ahead = f"{long_date(local_date(at))} kl. {local(at):%H.%M}", at > now
    else:
        require_day("as_of", wanted)
        at, said = require_instant("as_of", end_of_day(wanted)) - TICK, long_date(wanted)
        is_ahead = wanted > local_date(now)
    if is_ahead:
        return AsOf(now, True, f"{said[:1].upper()}{said[1:]} ligger i fremtiden; det her er, som det ser ud nu.")
    return AsOf(min(at, now), at >= now, f"Sådan så det ud {said}.")


class PastReader(Reader):
    """A reader that knows nothing of what was recorded after an instant.

    Of timers and mails it knows only how they stand now: their rows do not say how they stood.
    """

    def __init__(self, reader: Reader, at: datetime) -> None:
        super().__init__(reader.connection)
        self._at = at
        self._families: dict[int, Mapping[int, InstanceView]] = {}

    def programmes(self) -> tuple[InstanceView, ...]:
        """Answer the programmes that had begun."""
        known = ((one.id, self._family(one.id)) for one in super().programmes())
        return tuple(family[number] for number, family in known if number in family)

    def instances(
        self, programme_id: int, kind: str | None = None, kommune: str | None = None
    ) -> tuple[InstanceView, ...]:
        """Answer a programme's instances that were born, as they stood."""
        found = self._family(programme_id).values()
        return tuple(one for one in found if kind in (None, one.kind) and kommune in (None, one.kommune))

    def instance(self, instance_id: int) -> InstanceView:
        """Answer one instance as it stood; InvalidInput before it was born, NotFound where it never was."""
        one = super().instance(instance_id)
        found = self._family(one.programme_id).get(instance_id)
        if found is None:
            born = local_date(one.created_at).isoformat()
            raise InvalidInput("as_of", f"{one.kind} {one.id} ({one.title}) was not there yet; it was born on {born}")
        return found

    def history(self, instance_id: int, after: int = 0, limit: int = 200) -> tuple[HistoryRow, ...]:
        """Answer the rows that were recorded by then."""
        return tuple(row for row in super().history(instance_id, after, limit) if row.recorded_at <= self._at)

    def _family(self, programme_id: int) -> Mapping[int, InstanceView]:
        """Replay a whole programme once, from one query."""
        known = self._families.get(programme_id)
        if known is None:
            now = {one.id: one for one in super().instances(programme_id)}
            rows = groupby(self.known(programme_id, self._at), key=lambda row: row.instance_id)
            known = {number: _stood(now[number], list(own)) for number, own in rows}
            self._families[programme_id] = known
        return known


@contextmanager
def reading(context: Context, as_of: AsOf) -> Iterator[Reader]:
    """Read as of an instant, in one transaction."""
    with context.store.read() as reader:
        yield reader if as_of.is_now else PastReader(reader, as_of.at)


def _stood(one: InstanceView, rows: list[KnownRow]) -> InstanceView:
    """Give an instance as its rows until then say it stood."""
    then = replay(rows)
    return replace(
        one,
        position=then.position,
        entered=then.entered,
        data=then.data,
        dates=then.dates,
        revision=rows[-1].seq,
        head=rows[-1].hash,
    )
