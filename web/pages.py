"""The application: routes, what each answers, and how errors look; every decision is the runtime's.

No cookies and no sessions: the secret in the path is all there is, and it is good for one thing.
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import format_datetime

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from ..engine.errors import NotFound, StorageError
from ..runtime.acting import Done, Shown, Standing
from ..runtime.acting.watching import broke, requested
from ..runtime.engine import Engine
from .drawing import PREFIX, done_page, link_page, style, told_page
from .guarding import (
    BadForm,
    Catching,
    Patience,
    StrictHeaders,
    Watching,
    body_of,
    form_of,
    is_from_our_page,
    is_one_click,
)

LONGEST_SECRET = 100
_STATUS = {
    Standing.OPEN: 200,
    Standing.DONE: 200,
    Standing.OVER: 200,
    Standing.EXPIRED: 410,
    Standing.REVOKED: 410,
    Standing.NOT_YOURS: 403,
}
_TOLD = {
    404: (
        "Siden findes ikke",
        "Måske er linket blevet delt over to linjer i mailen: kopiér hele linket, og prøv igen. Er mailen mere end "
        "tre måneder gammel, så brug linket i en nyere.",
    ),
    405: ("Det kan man ikke her", "Brug linket i mailen, og tryk på en af knapperne på siden."),
    400: ("Det kunne ikke læses", "Gå tilbage, og prøv igen."),
    403: ("Formularen kom ikke herfra", "Åbn linket i mailen, og brug knapperne på siden."),
    413: ("Det var for meget på én gang", "Skriv kortere, og læg resten i jeres eget arkiv."),
    415: ("Det kunne ikke læses", "Åbn linket i mailen, og brug knapperne på siden."),
    429: ("For mange forsøg", "Vent et kvarter, og kopiér så hele linket fra mailen."),
    503: ("Det kan ikke lade sig gøre lige nu", "Der er ikke ændret noget. Prøv igen om lidt."),
    500: ("Noget gik galt hos os", "Vi kan ikke se, om det lykkedes. Åbn linket igen: så står der, hvordan det er nu."),
}


def app(engine: Engine, *, patience: Patience | None = None) -> FastAPI:
    """Give the pages of an engine as an ASGI application, which may be mounted below a prefix.

    It starts no threads and configures no logging. ``patience`` bounds the wrong links of a client.
    """
    pages = _Pages(engine, patience or Patience())
    made = FastAPI(title="samskabt", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    reading = ["GET", "HEAD"]
    made.add_api_route("/h/{secret}", pages.show, methods=reading)
    made.add_api_route("/h/{secret}", pages.act, methods=["POST"])
    made.add_api_route("/kalender/{name}", pages.calendar, methods=reading)
    made.add_api_route("/stil.css", _style, methods=reading)
    made.add_api_route("/sundhed", pages.health, methods=reading)
    made.add_exception_handler(HTTPException, _told)
    made.add_exception_handler(BadForm, _bad_form)
    made.add_exception_handler(StorageError, _storage)
    made.add_middleware(Catching, answer=_broken)
    made.add_middleware(StrictHeaders)
    made.add_middleware(Watching, tell=requested)
    return made


class _Pages:
    """The routes over one engine."""

    def __init__(self, engine: Engine, patience: Patience) -> None:
        self._engine, self._patience = engine, patience

    async def show(self, request: Request, secret: str) -> Response:
        """Show what a link would do; changes nothing, whoever asks."""
        return await self._found(request, secret, lambda: self._engine.acting.look(secret))

    async def act(self, request: Request, secret: str) -> Response:
        """Do what was chosen."""
        body = await body_of(request)
        if is_one_click(request, body):
            return await self._found(request, secret, lambda: self._engine.acting.one_click(secret))
        if not is_from_our_page(request):
            raise HTTPException(403)
        form = form_of(request, body)
        given = {name.removeprefix(PREFIX): value for name, value in form.items() if name.startswith(PREFIX)}
        seen = form.get("revision", "")
        revision = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
        choice = form.get("valg", "")
        acting = self._engine.acting
        return await self._found(request, secret, lambda: acting.spend(secret, choice, given, revision=revision))

    async def calendar(self, request: Request, name: str) -> Response:
        """Give a calendar feed; an unknown address and a revoked one look alike."""
        secret, dot, ending = name.rpartition(".")
        if not dot or ending != "ics" or len(secret) > LONGEST_SECRET:
            return self._unknown(request)
        found = await run_in_threadpool(self._engine.attendance.feed, secret)
        if found is None:
            return self._unknown(request)
        headers = {
            "ETag": f'"{found.etag}"',
            "Last-Modified": format_datetime(found.last_modified, usegmt=True),
            "Cache-Control": "private, max-age=900",
        }
        if request.headers.get("if-none-match", "") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(found.content, media_type="text/calendar; charset=utf-8", headers=headers)

    async def health(self) -> Response:
        """Tell whether the pages reach their database, and nothing else."""
        try:
            await run_in_threadpool(self._reach)
        except StorageError:
            return JSONResponse({"status": "utilgængelig"}, status_code=503)
        return JSONResponse({"status": "ok"})

    def _reach(self) -> None:
        with self._engine.context.store.read() as reader:
            reader.registers.heartbeat()

    async def _found(self, request: Request, secret: str, ask: Callable[[], Done | Shown]) -> Response:
        """Ask about a link, and draw what comes of it; all unknown links look alike."""
        if len(secret) > LONGEST_SECRET:
            return self._unknown(request)
        try:
            found = await run_in_threadpool(ask)
        except NotFound as error:
            if error.what != "link":
                raise
            return self._unknown(request)
        root = request.scope.get("root_path", "")
        if isinstance(found, Shown):
            if found.done is not None:
                return HTMLResponse(done_page(found.done, root))
            return HTMLResponse(link_page(found, root), status_code=422 if found.errors else _STATUS[found.standing])
        if found.opens is not None:
            return RedirectResponse(f"{root}/h/{found.opens}", status_code=303)
        feed = self._feed_address(found)
        return HTMLResponse(done_page(found, root, secret_line=feed), status_code=409 if found.wrong else 200)

    def _feed_address(self, done: Done) -> str:
        """Give the address of a calendar feed that was just made; it is shown this once."""
        if done.secret is None:
            return ""
        return f"{self._engine.settings.web_url or ''}/kalender/{done.secret}.ics"

    def _unknown(self, request: Request) -> Response:
        client = request.client.host if request.client else ""
        is_too_often = self._patience.is_at_an_end(client, self._engine.context.clock.now())
        return _page(request, 429 if is_too_often else 404)


async def _style() -> Response:
    return PlainTextResponse(style(), media_type="text/css", headers={"Cache-Control": "public, max-age=86400"})


def _page(request: Request, status: int) -> Response:
    """Draw an error: constant for its status, without a trace and without anybody's data."""
    title, text = _TOLD.get(status, _TOLD[500])
    headers = {"Retry-After": "900"} if status == 429 else {}
    return HTMLResponse(told_page(title, text, request.scope.get("root_path", "")), status_code=status, headers=headers)


async def _told(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    found = _page(request, status)
    if isinstance(error, HTTPException) and error.headers and "Allow" in error.headers:
        found.headers["Allow"] = error.headers["Allow"]
    return found


async def _bad_form(request: Request, error: Exception) -> Response:
    return _page(request, error.status if isinstance(error, BadForm) else 400)


async def _storage(request: Request, error: Exception) -> Response:
    broke(error)
    return _page(request, 503)


def _broken(request: Request, error: Exception) -> Response:
    broke(error)
    return _page(request, 500)
