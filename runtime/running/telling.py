"""One event of the log for every use case: which, about what, how long it took and how it ended; ids, never words.

Nothing that a caller wrote is logged: no title, no reason, no name, not even the name of an event that does not exist.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from ...engine.errors import SamskabtError
from ...notifications.logs import logger, place_of
from ..usecases.context import Outcome

log = logger("samskabt.runtime")

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
Told = dict[str, "int | float | str"]


def use_case(name: str, *, makes: bool = True) -> Callable[[Callable[Asked, Answer]], Callable[Asked, Answer]]:
    """Log every call of a use case as ``use_case`` with its name, ids, ``ms`` and ``outcome`` (``ok`` or the error).

    ``makes`` False tells that a number which it answers is a count, not the id of what it made.
    """

    def decorate(work: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
        @wraps(work)
        def told(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
            if not log.isEnabledFor(logging.INFO):
                return work(*args, **kwargs)
            begun = time.perf_counter()
            ids: Told = {"id": args[1]} if len(args) > 1 and type(args[1]) is int else {}
            try:
                answer = work(*args, **kwargs)
            except SamskabtError as error:
                log.info("use_case", use_case=name, outcome=type(error).__name__, ms=since(begun), **ids)
                raise
            except Exception as error:
                broken = {"outcome": type(error).__name__, "place": place_of(error)}
                log.error("use_case", use_case=name, ms=since(begun), **broken, **ids)
                raise
            log.info(
                "use_case", use_case=name, outcome="ok", ms=since(begun), **{**ids, **(ids_of(answer) if makes else {})}
            )
            return answer

        return told

    return decorate


def ids_of(answer: object) -> Told:
    """Give the ids that a use case's answer holds."""
    match answer:
        case Outcome():
            told: Told = {"instance_id": answer.instance_id, "kind": answer.kind, "revision": answer.revision}
            return told | ({"events": ",".join(answer.events)} if answer.events else {})
        case int():
            return {"made_id": answer}
        case _:
            return {}


def since(begun: float) -> float:
    """Say how many milliseconds have gone since a reading of the performance counter."""
    return round(1000 * (time.perf_counter() - begun), 1)
