"""What stands before every page: strict headers, bounded bodies, who may post, who tries too often; knows no page."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 32 * 1024
MOST_FIELDS = 200
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""On every answer, also of errors. The secret is in the path, so nothing may pass the address on or keep the page."""

HTTPS_ONLY = "max-age=31536000"


class BadForm(Exception):
    """A body that cannot be read: ``status`` says why."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(str(status))


class StrictHeaders:
    """Puts the headers on whatever is answered, in place of those that were there."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    if name != "Cache-Control" or name not in headers:
                        headers[name] = value
                if scope.get("scheme") == "https":
                    headers["Strict-Transport-Security"] = HTTPS_ONLY
            await send(message)

        await self._app(scope, receive, sending)


class Catching:
    """Answers for what broke unseen, within the other middleware: Starlette's own would stand outside of it."""

    def __init__(self, app: ASGIApp, answer: Callable[[Request, Exception], Response]) -> None:
        self._app, self._answer = app, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        has_begun = False

        async def sending(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            if scope["type"] != "http" or has_begun:
                raise
            await self._answer(Request(scope), error)(scope, receive, send)


class Watching:
    """Tells a listener of every request: method, path without its secret, status. Nothing of what was asked or said."""

    def __init__(self, app: ASGIApp, tell: Callable[[str, str, int], None]) -> None:
        self._app, self._tell = app, tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            self._tell(scope["method"][:10], masked(scope["path"], scope.get("root_path", "")), status)


def masked(path: str, root: str = "") -> str:
    """Give the first part of a path, which names the kind of page, and nothing of what follows."""
    first, slash, _ = path.removeprefix(root).lstrip("/").partition("/")
    return f"/{first[:20]}{'/***' if slash else ''}" if first.isascii() and first.isprintable() else "/***"


def is_from_our_page(request: Request) -> bool:
    """Tell whether a form was sent from one of our own pages, as far as the browser says where it was.

    Our pages pass no referrer, so browsers send ``Origin: null`` with their forms; ``Sec-Fetch-Site`` tells the truth.
    """
    headers = Headers(scope=request.scope)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    if origin is None or origin == "null":
        return True  # an old browser; without the secret in the path nobody can post anything
    return urlsplit(origin).netloc.lower() == headers.get("host", "").lower()


async def body_of(request: Request) -> bytes:
    """Read a body up to its bound. Raises BadForm for what is longer, and for one that never ends."""
    read = bytearray()
    try:
        async for chunk in request.stream():
            read += chunk
            if len(read) > LARGEST_BODY:
                raise BadForm(413)
    except ClientDisconnect:
        raise BadForm(400) from None
    return bytes(read)


def is_one_click(request: Request, body: bytes) -> bool:
    """Tell whether a mail program unsubscribes (RFC 8058); it may send a form of either encoding."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return b'name="List-Unsubscribe"' in body and b"One-Click" in body and len(body) < 2_000
    return body.strip() == b"List-Unsubscribe=One-Click"


def form_of(request: Request, body: bytes) -> dict[str, str]:
    """Read a form; of a field that is there twice the last one counts. Raises BadForm."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise BadForm(415)
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise BadForm(400) from None
    return dict(pairs)


class Patience:
    """Counts wrong links per client; its memory is bounded, and forgets the oldest client first."""

    def __init__(self, most: int = 20, per: timedelta = timedelta(minutes=10), clients: int = 10_000) -> None:
        self._most, self._per, self._clients = most, per, clients
        self._lock = Lock()
        self._seen: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def is_at_an_end(self, client: str, now: datetime) -> bool:
        """Count one more wrong link of a client, and tell whether it was one too many."""
        with self._lock:
            since, count = self._seen.pop(client, (now, 0))
            if not timedelta() <= now - since < self._per:
                since, count = now, 0
            self._seen[client] = (since, count + 1)
            while len(self._seen) > self._clients:
                self._seen.popitem(last=False)
            return count >= self._most
