"""What a clock that was wrong for a while left far ahead in the post: found again and made due; sends nothing."""

from __future__ import annotations

from datetime import date, datetime

from ...engine.civil.instants import local_date
from ...notifications.logs import logger
from ..usecases.context import Context

log = logger("samskabt.runtime")


class Strays:
    """Letters and mails that a wrong clock left far ahead: looked for once a day, and when the clock goes back."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._looked: tuple[date, datetime] | None = None

    def bring_back(self, now: datetime) -> int:
        """Make due now what no right clock can have made, held or let wait so far ahead; answer how many they were."""
        today = local_date(now)
        if self._looked is not None and self._looked[0] == today and self._looked[1] <= now:
            self._looked = today, now
            return 0
        with self._context.store.read() as reader:
            is_any = reader.posted.has_strays(now)
        count = 0
        if is_any:
            with self._context.begin() as uow:
                uow.letters.lock()
                count = uow.letters.bring_back(now)
            log.warning("strays_brought_back", rows=count)
        self._looked = today, now
        return count
