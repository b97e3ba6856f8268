"""Real mail servers for the tests: aiosmtpd with TLS and sign-in, which can be told to misbehave, and a raw one."""

import asyncio
import socket
import socketserver
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

USER, PASSWORD = "samskabt", "hemmeligt æøå 42"
DROP, HANG = "drop", "hang"


@dataclass(frozen=True)
class Certificates:
    """An authority of our own and what it signed, as PEM files (key and certificate in one)."""

    ca: Path
    good: Path
    wrong_name: Path
    expired: Path
    self_signed: Path


def make_certificates(folder: Path) -> Certificates:
    """Make an authority, a good certificate for localhost, and bad ones."""
    now = datetime.now(UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Prøvens autoritet")])
    ca = _builder(name, name, key, now, now + timedelta(days=2))
    ca = ca.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    ca = ca.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    signed = ca.sign(key, hashes.SHA256())
    (folder / "ca.pem").write_bytes(signed.public_bytes(Encoding.PEM))

    def leaf(file: str, host: str, until: datetime, *, by_itself: bool = False) -> Path:
        own = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        made = _builder(subject, subject if by_itself else name, own, until - timedelta(days=4), until)
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        if not by_itself:
            identity = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
            made = made.add_extension(identity, critical=False)
        certificate = made.sign(own if by_itself else key, hashes.SHA256())
        private = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / file).write_bytes(private + certificate.public_bytes(Encoding.PEM))
        return folder / file

    return Certificates(
        ca=folder / "ca.pem",
        good=leaf("good.pem", "localhost", now + timedelta(days=2)),
        wrong_name=leaf("wrong.pem", "mail.eksempel.example", now + timedelta(days=2)),
        expired=leaf("expired.pem", "localhost", now - timedelta(days=1)),
        self_signed=leaf("self.pem", "localhost", now + timedelta(days=2), by_itself=True),
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number())
    return made.not_valid_before(since - timedelta(days=1)).not_valid_after(until)


@dataclass
class Received:
    """What a server has taken: envelopes with contents, verbs in order, and how many connections there were."""

    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)
    connections: int = 0
    signed_in: list[str] = field(default_factory=list)
    keep: Callable[[list[str], bytes], None] | None = None
    """What is done with a mail before the server says that it took it."""


class _Scripted(SMTP):
    """aiosmtpd's server, which answers a verb as the script says; a list is used up one by one.

    It says a line, drops the connection (DROP), hangs (HANG), or does what it should after so many seconds.
    """

    def __init__(
        self, received: Received, script: dict[str, Any], without: tuple[str, ...] = (), **options: Any
    ) -> None:
        self.received, self.script, self.without = received, script, without
        self._has_greeted = False
        super().__init__(self, hostname="mail.eksempel.example", **options)

    def connection_made(self, transport: Any) -> None:
        """Count connections."""
        if self.transport is None:  # not when TLS begins
            self.received.connections += 1
        super().connection_made(transport)

    async def push(self, status: Any) -> None:
        """Answer; the first answer of all is the greeting."""
        if not self._has_greeted:
            self._has_greeted = True
            if await self._misbehaves("CONNECT"):
                return
        await super().push(status)

    async def smtp_EHLO(self, hostname: str) -> None:
        """Greet."""
        if not await self._misbehaves("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:
        """Begin TLS."""
        if not await self._misbehaves("STARTTLS"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        """Sign in."""
        if not await self._misbehaves("AUTH"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        """Take the sender."""
        if not await self._misbehaves("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        """Take the recipient."""
        if not await self._misbehaves("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        """Take the mail."""
        if not await self._misbehaves("DATA"):
            await super().smtp_DATA(arg)

    async def smtp_NOOP(self, arg: str) -> None:
        """Say that one is there."""
        if not await self._misbehaves("NOOP"):
            await super().smtp_NOOP(arg)

    async def handle_EHLO(
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Offer what the server can, without what it shall not have."""
        session.host_name = hostname
        return [one for one in responses if not one.endswith(self.without)] if self.without else responses

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take the whole mail, or do what the script says at its last dot."""
        reply = self._next("DOT")
        if isinstance(reply, float):
            await asyncio.sleep(reply)
            reply = None
        if reply not in (None, HANG) and reply != DROP and not str(reply).startswith("2"):
            return str(reply)
        content = envelope.original_content or b""
        if self.received.keep is not None:
            self.received.keep(list(envelope.rcpt_tos), content)
        self.received.mails.append((envelope.mail_from or "", list(envelope.rcpt_tos), content))
        if reply == DROP:
            self._drop()
        if reply == HANG:
            await asyncio.sleep(5)
        return str(reply) if reply and reply not in (DROP, HANG) else "250 2.0.0 taget"

    async def handle_exception(self, error: Exception) -> str:
        """Say so; being its own handler, it would ask itself for ever."""
        return f"451 4.3.0 {type(error).__name__}"

    async def _misbehaves(self, verb: str) -> bool:
        self.received.verbs.append(verb)
        match self._next(verb):
            case None:
                return False
            case float(seconds):
                await asyncio.sleep(seconds)
                return False
            case "drop":
                self._drop()
            case "hang":
                await asyncio.sleep(5)
            case str(reply):
                await super().push(reply)
                if reply.startswith("421") and self.transport is not None:
                    self.transport.close()
        return True

    def _drop(self) -> None:
        assert isinstance(self.transport, asyncio.WriteTransport)
        self.transport.abort()

    def _next(self, verb: str) -> Any:
        found = self.script.get(verb)
        if isinstance(found, list):
            return found.pop(0) if found else None
        return found


@dataclass
class MailServer:
    """A server that runs; its script may be changed while it does."""

    port: int
    received: Received
    script: dict[str, Any]


@contextmanager
def mail_server(
    certificate: Path | None,
    *,
    script: Mapping[str, Any] | None = None,
    implicit_tls: bool = False,
    login: bool = True,
    port: int = 0,
    keep: Callable[[list[str], bytes], None] | None = None,
    **options: Any,
) -> Iterator[MailServer]:
    """Run a server on a free port of this machine (or on ``port``); without a certificate it offers no TLS.

    ``keep`` is done with every mail (its receivers, its bytes) before the server says that it took it.
    """
    received, told = Received(keep=keep), dict(script or {})
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

    def check(_server: Any, _session: Any, _envelope: Any, _how: str, data: Any) -> AuthResult:
        fits = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        received.signed_in.append(data.login.decode())
        return AuthResult(success=fits, handled=False)

    chosen: dict[str, Any] = {"decode_data": False, "enable_SMTPUTF8": False, **options}
    if context is not None and not implicit_tls:
        chosen = {"tls_context": context, "require_starttls": True, **chosen}
    if login:
        chosen = {"auth_required": True, "authenticator": check, **chosen}
        if implicit_tls or context is None:
            chosen |= {"auth_require_tls": False}

    loop = asyncio.new_event_loop()
    servers: list[asyncio.Server] = []
    ready = threading.Event()

    async def serve() -> None:
        wrapped = context if implicit_tls else None

        def make() -> _Scripted:
            with warnings.catch_warnings():  # aiosmtpd does not know that TLS began before it
                warnings.simplefilter("ignore")
                return _Scripted(received, told, loop=loop, **chosen)

        servers.append(await loop.create_server(make, "127.0.0.1", port, ssl=wrapped))
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.run_forever()
        for server in servers:
            server.close()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield MailServer(servers[0].sockets[0].getsockname()[1], received, told)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


class _Line(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        answer: Callable[[socketserver.StreamRequestHandler], None] = self.server.answer  # type: ignore[attr-defined]
        with suppress(OSError):
            answer(self)


@contextmanager
def raw_server(
    answer: Callable[[socketserver.StreamRequestHandler], None], certificate: Path | None = None
) -> Iterator[int]:
    """Run a server that speaks however ``answer`` does, line by line; give its port."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Line, bind_and_activate=True)
    server.daemon_threads = True
    server.answer = answer  # type: ignore[attr-defined]
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def closed_port() -> int:
    """Give a port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
