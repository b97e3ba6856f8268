"""The command that serves the pages behind the links in mails; draws none itself."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import Annotated

import typer

from ...engine.errors import InvalidInput
from ..options import after
from ..session import session_of


def register(app: typer.Typer) -> None:
    """Add the command."""
    example = (
        "SAMSKABT_WEB_URL=https://svar.eksempel.example samskabt web --port 8080\n"
        "(behind a proxy that speaks TLS and sends the path on as it is; its log must not keep the paths either)"
    )
    app.command(epilog=after(example))(web)


def web(
    context: typer.Context,
    host: Annotated[
        str, typer.Option("--host", help="Where to listen; from outside only through a proxy.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes any free one.")] = 8080,
) -> None:
    """Serve the pages behind the links in mails until stopped (Ctrl-C, SIGTERM); needs samskabt[web].

    SAMSKABT_WEB_URL is their address from outside; without it mails have no links that act.
    """
    session = session_of(context)
    with session.engine(False) as engine:
        try:
            from ...web.serving import server
        except ImportError as error:
            raise InvalidInput("web", "the pages need more packages: pip install 'samskabt[web]'") from error
        _require_free(host, port)
        shown = engine.settings.web_url or "(SAMSKABT_WEB_URL is not set: no mail has a link to them)"
        typer.echo(f"samskabt web: http://{host}:{port}, in mails {shown}", err=True)
        server(engine, host, port).run()


def _require_free(host: str, port: int) -> None:
    """Refuse a port on which somebody listens already, before anything begins."""
    try:
        with closing(socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)):
            return
    except OSError as error:
        said = (
            f"{host}:{port} cannot be used ({error.strerror or error}); name another with --port, or 0 for any free one"
        )
        raise InvalidInput("port", said) from error
