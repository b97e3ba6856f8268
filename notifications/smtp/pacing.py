"""How many mails a receiving domain gets in a minute; knows no mail server, and is told the time."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
MOST_DOMAINS = 10_000
"""How many domains are remembered at once; what is quiet is forgotten first."""


class Pacer:
    """Counts the mails to each domain within any one minute. Each process has its own; not for several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._sent: dict[str, deque[datetime]] = {}

    def take(self, domain: str, now: datetime) -> datetime | None:
        """Take a place for a mail to a domain: None when it may go now, else the instant at which one is free."""
        free = self.free_at(domain, now)
        if free is not None:
            return free
        self._sent.setdefault(domain.lower(), deque()).append(now)
        if len(self._sent) > MOST_DOMAINS:
            self._forget(now)
        return None

    def free_at(self, domain: str, now: datetime) -> datetime | None:
        """Say when a place for a mail to a domain is free, without taking it: None when one is now."""
        sent = self._sent.get(domain.lower(), deque())
        # What lies after now was counted before the clock was set back; it must not hold mails for as long as that.
        while sent and (sent[0] <= now - MINUTE or sent[-1] > now):
            sent.popleft()
        return sent[0] + MINUTE if len(sent) >= self._most else None

    def _forget(self, now: datetime) -> None:
        quiet = [domain for domain, sent in self._sent.items() if not sent or sent[-1] <= now - MINUTE]
        for domain in quiet:
            del self._sent[domain]
