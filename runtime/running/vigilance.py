"""What a running process makes of a clock that has leapt: waits, for people to see it, and then goes on; fires nothing.

Nothing fires twice or early by the clock, whatever it says; but a clock that is a month ahead by mistake makes a month
of mails due at once, and what was sent cannot be taken back. Nobody can tell that from two months of downtime but a
person. So after a leap nothing is fired or sent for an hour, in which health alarms; then it goes on by itself, because
a scheduler that waits for ever is worse than one that catches up.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ...storage import Store

NOTE = "clock_leap"
"""Where all processes of a database note a leap."""

JITTER = timedelta(seconds=60)
"""So much the clocks of two machines may differ."""


@dataclass(frozen=True, slots=True)
class Vigilance:
    """How far the clock may be ahead of the last heartbeat without anybody being asked, and how long is waited."""

    leap: timedelta = timedelta(days=3)
    hold: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Leap:
    """That the clock was seen to have leapt, from the last heartbeat to when it was seen; back, if that is earlier.

    Nothing is fired or sent ``until`` an instant; from then on the note stands for that people could look, and holds
    nobody, until a tick has come to its end: who crashes in it, or comes to it, need not wait again.
    """

    before: datetime
    seen: datetime
    until: datetime

    @property
    def is_back(self) -> bool:
        """Tell whether the clock was set back."""
        return self.seen < self.before

    def text(self) -> str:
        """Write it as it is noted."""
        return json.dumps({name: getattr(self, name).isoformat() for name in self.__slots__})

    @classmethod
    def read(cls, noted: str | None) -> Leap | None:
        """Read a note."""
        if noted is None:
            return None
        found = json.loads(noted)
        return cls(**{name: datetime.fromisoformat(said) for name, said in found.items()})

    def holds(self, now: datetime) -> bool:
        """Tell whether nothing may be fired or sent now."""
        return not self.is_back and now < self.until


def must_hold(store: Store, now: datetime, vigilance: Vigilance | None, *, accept: bool = False) -> Leap | None:
    """Compare the clock with the last heartbeat; the leap for which nothing may be fired or sent now, if there is one.

    A leap is noted for all processes. ``accept`` says that a person has looked at the clock. None as vigilance never
    holds anything.
    """
    if vigilance is None:
        return None
    with store.read() as reader:
        last, noted = reader.heartbeat, Leap.read(reader.beats.note(NOTE))
    found = _judged(last, noted, now, vigilance)
    if accept and found is not None and found.holds(now):
        found = replace(found, until=now)
    if found != noted:
        with store.begin() as uow:
            if found is None:
                uow.beats.drop_note(NOTE)
            else:
                uow.beats.put_note(NOTE, found.text())
    return found if found is not None and found.holds(now) else None


def _judged(last: datetime | None, noted: Leap | None, now: datetime, vigilance: Vigilance) -> Leap | None:
    """Tell which leap is to be noted now: a new one, the same as before, or none any more."""
    if last is not None and now + JITTER < last:
        return Leap(last, now, now)  # Set back: nothing is early then, so nothing is held; people are told for a day.
    if noted is not None and noted.is_back:
        noted = noted if now < noted.seen + timedelta(days=1) else None
    leapt = last is not None and now - last > vigilance.leap
    if not leapt or last is None:
        return noted if noted is not None and noted.is_back else None
    is_same = noted is not None and not noted.is_back and noted.before == last
    if noted is not None and is_same and noted.seen <= now <= noted.until + vigilance.leap:
        return noted
    return Leap(last, now, now + vigilance.hold)
