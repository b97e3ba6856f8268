"""How the shell logs: loggers that leave the set-up to the application, and where an error came from; logs nothing."""

from __future__ import annotations

import logging

import structlog


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """Give a logger that renders to the standard library's logger of that name; nothing global is configured."""
    wrapped: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logging.getLogger(name),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.stdlib.render_to_log_kwargs,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    return wrapped


def place_of(error: BaseException) -> str:
    """Say where an error was raised (``module:line``): what it says may hold names or addresses, and is not logged."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "-"
