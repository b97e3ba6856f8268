"""How a process of our own writes its log: lines of text, or of JSON; an application that embeds us sets up its own.

Only what samskabt says is written with its keys: ids, counts, classes of errors. Of what libraries say, the words are
left out, for they may hold what people wrote.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, TextIO

from ...engine.errors import InvalidInput

VARIABLE: Final = "SAMSKABT_LOG"
FORMATS: Final = ("json", "text")
OURS: Final = "samskabt"
_PLAIN: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_LEVELS: Final[Mapping[str, int]] = MappingProxyType({OURS: logging.INFO, "apscheduler": logging.ERROR})


class Lines(logging.Formatter):
    """One line a record: JSON with the keys ``at``, ``level``, ``logger``, ``event`` and the ids, or that in text."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self._is_json = form == "json"

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as one line."""
        is_ours = record.name.partition(".")[0] == OURS
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage() if is_ours else "library",
        }
        if is_ours:
            line |= {key: value for key, value in record.__dict__.items() if key not in _PLAIN}
        elif record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        if self._is_json:
            return json.dumps(line, ensure_ascii=True, default=str)
        return " ".join(
            str(value) if key in ("at", "level", "event") else f"{key}={value}" for key, value in line.items()
        )


def form_of(environment: Mapping[str, str]) -> str:
    """Read ``SAMSKABT_LOG``; ``text`` where a person looks on, else ``json``. Raises InvalidInput."""
    form = environment.get(VARIABLE) or ("text" if sys.stderr.isatty() else "json")
    if form not in FORMATS:
        raise InvalidInput(VARIABLE, f"write {' or '.join(FORMATS)}, not {form!r}")
    return form


@contextmanager
def writing_log(form: str, stream: TextIO | None = None) -> Iterator[None]:
    """Let this process write its log to a stream (stderr) within; for a process of our own, never where embedded."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines(form))
    root, levels = logging.getLogger(), {logging.getLogger(name): level for name, level in _LEVELS.items()}
    before = {log: log.level for log in levels}
    root.addHandler(handler)
    for log, level in levels.items():
        log.setLevel(level)
    try:
        yield
    finally:
        root.removeHandler(handler)
        for log, level in before.items():
            log.setLevel(level)
