"""What the pages log: one event per request, without secrets, addresses or texts; answers nothing."""

from __future__ import annotations

from ...notifications.logs import logger, place_of

log = logger("samskabt.web")


def requested(method: str, path: str, status: int) -> None:
    """Log a request; ``path`` is masked already."""
    log.info("page_asked_for", method=method, path=path, status=status)


def broke(error: BaseException) -> None:
    """Log what went wrong: its kind and its place, not what it says."""
    log.error("page_broke", error=type(error).__name__, place=place_of(error))
