"""The programme's instances as they stand now: reads again only what history says has changed; changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ....storage import InstanceView, Reader, Store

PAGE = 1000
MANY = 60
"""When so many have changed, reading all of them costs no more."""


@dataclass(slots=True)
class Family:
    """All instances of one programme, kept up to date by the rows that history has had since the last look."""

    store: Store
    programme_id: int
    _views: dict[int, InstanceView] = field(default_factory=dict)
    _listed: tuple[InstanceView, ...] = ()
    _read_at: datetime | None = None
    _seqs: dict[int, int] = field(default_factory=dict)

    def now(self) -> tuple[InstanceView, ...]:
        """List the instances as they stand, in the order of their numbers: the programme itself first."""
        with self.store.read() as reader:
            changed = self._changed(reader)
            if not self._views or len(changed) > MANY:
                self._views = {one.id: one for one in reader.instances(self.programme_id)}
            else:
                self._views |= {number: reader.instance(number) for number in changed}
        if changed or not self._listed:
            self._listed = tuple(self._views[number] for number in sorted(self._views))
        return self._listed

    def _changed(self, reader: Reader) -> set[int]:
        """Name those that history tells something new of.

        Under the virtual clock much happens at one instant, so the rows of the last instant are looked at again.
        """
        after = None if self._read_at is None else (self._read_at, 0, 0)
        changed: set[int] = set()
        while page := reader.programme_history(self.programme_id, after, PAGE):
            for row in page:
                if row.seq > self._seqs.get(row.instance_id, 0):
                    self._seqs[row.instance_id] = row.seq
                    changed.add(row.instance_id)
            after = (page[-1].recorded_at, page[-1].instance_id, page[-1].seq)
            self._read_at = page[-1].recorded_at
        return changed
