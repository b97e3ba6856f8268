"""Serves the pages by themselves, for those who embed them nowhere; knows no page."""

from __future__ import annotations

import uvicorn

from ..runtime.engine import Engine
from .guarding import LARGEST_BODY
from .pages import app


def server(engine: Engine, host: str, port: int) -> uvicorn.Server:
    """Make the server. Its own access log is off, because it would write the secrets that are in the paths."""
    config = uvicorn.Config(
        app(engine),
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=True,
        proxy_headers=False,
        h11_max_incomplete_event_size=LARGEST_BODY,
        timeout_keep_alive=5,
        limit_concurrency=200,
    )
    return uvicorn.Server(config)
