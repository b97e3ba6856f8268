"""What comes back, as raw mails out of a folder or an IMAP mailbox; understands none of them."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from ...engine.errors import InboxUnavailable
from .connection import Unprotected, trust, why_untrusted
from .settings import INBOX_VARIABLE, ImapSettings

MOST_BYTES: Final = 1_000_000
"""As much of a mail as is read: reports and answers to invitations are small, and what matters stands in front."""

LEFT: Final = "SamskabtLeft"
"""The keyword of a mail in which there was nothing for us; people still see it as unread."""


@dataclass(frozen=True, slots=True)
class InboxMail:
    """A mail that came in: how its inbox knows it, and its first ``MOST_BYTES`` bytes as they came."""

    id: str
    raw: bytes


class Inbox(Protocol):
    """Gives mails until they are done with. Several readers may see the same one: handle it twice without harm."""

    def fetch(self, limit: int) -> Iterator[InboxMail]:
        """Give at most ``limit`` mails that nobody is done with, oldest first."""

    def done(self, id: str) -> None:
        """Put a mail away that was understood and handled."""

    def leave(self, id: str) -> None:
        """Leave a mail to people, and do not give it again."""


class FolderInbox:
    """A folder of ``.eml`` files, or a Maildir; what is done with is moved to ``done/`` in it, the rest to ``other/``.

    Raises InboxUnavailable, which names the setting, where the folder cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def fetch(self, limit: int) -> Iterator[InboxMail]:
        """Give the files by name; a mail that somebody else takes away meanwhile is passed over."""
        with self._usable():
            files = sorted(self._files())[:limit]
        for file in files:
            with suppress(FileNotFoundError), self._usable():
                with file.open("rb") as opened:
                    raw = opened.read(MOST_BYTES)
                yield InboxMail(file.relative_to(self._path).as_posix(), raw)

    def done(self, id: str) -> None:
        """Move the file to ``done/``."""
        self._move(id, "done")

    def leave(self, id: str) -> None:
        """Move the file to ``other/``."""
        self._move(id, "other")

    def _files(self) -> Iterator[Path]:
        if not self._path.is_dir():
            raise FileNotFoundError(2, "no such folder", str(self._path))
        folders = [self._path / "new", self._path / "cur"]
        is_maildir = all(folder.is_dir() for folder in folders)
        for folder in folders if is_maildir else [self._path]:
            yield from (file for file in folder.iterdir() if _is_mail(file, is_maildir))

    def _move(self, id: str, where: str) -> None:
        with self._usable():
            file = next((one for one in self._files() if one.relative_to(self._path).as_posix() == id), None)
            if file is None:
                return  # somebody else has put it away
            (self._path / where).mkdir(exist_ok=True)
            with suppress(FileNotFoundError):
                file.replace(self._path / where / file.name)

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            if error.filename != str(self._path):
                raise
            raise InboxUnavailable(
                f"{INBOX_VARIABLE}: there is no folder {self._path}; make it, or name another"
            ) from error
        except OSError as error:
            raise InboxUnavailable(
                f"{INBOX_VARIABLE}: the folder {self._path} cannot be used: {error.strerror}"
            ) from error


class ImapInbox:
    """A mailbox over IMAP and verified TLS, known by UID; what is done with is marked as read, and moved if so set.

    One connection for each ``fetch`` and what is put away meanwhile. Raises InboxUnavailable.
    """

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._client: _Client | None = None
        self._validity = ""

    def __repr__(self) -> str:
        """Name the server, and nothing that is secret."""
        return f"ImapInbox(imaps://{self._settings.host}:{self._settings.port}/{self._settings.mailbox})"

    def fetch(self, limit: int) -> Iterator[InboxMail]:
        """Give unread mails by UID; reading marks none of them."""
        with self._usable():
            client = self._open()
        try:
            with self._usable():
                found = _checked(client.uid("SEARCH", f"UNSEEN UNDELETED UNKEYWORD {LEFT}"))
                uids = sorted(int(uid) for line in found if isinstance(line, bytes) for uid in line.split())
            for uid in uids[:limit]:
                with self._usable():
                    raw = self._read(client, uid)
                if raw is not None:
                    yield InboxMail(f"{self._validity}.{uid}", raw)
        finally:
            self.close()

    def done(self, id: str) -> None:
        """Mark the mail as read; where the settings name a mailbox for it and the server can, move it there."""
        with self._usable(), self._reaching() as client:
            uid = self._uid(id)
            if uid is None:
                return
            _checked(client.uid("STORE", uid, "+FLAGS.SILENT", "(\\Seen)"))
            if self._settings.done and "MOVE" in client.capabilities:
                _checked(client.uid("MOVE", uid, quoted(self._settings.done)))

    def leave(self, id: str) -> None:
        """Give the mail a keyword of ours; a server that keeps no keywords gives it again."""
        with self._usable(), self._reaching() as client:
            uid = self._uid(id)
            if uid is not None:
                client.uid("STORE", uid, "+FLAGS.SILENT", f"({LEFT})")

    def close(self) -> None:
        """Sign out."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                client.logout()

    @contextmanager
    def _reaching(self) -> Iterator[_Client]:
        """Use the connection of ``fetch`` while that goes on, else one of one's own."""
        if self._client is not None:
            yield self._client
            return
        try:
            yield self._open()
        finally:
            self.close()

    def _open(self) -> _Client:
        settings = self._settings
        client = _Client(settings)
        self._client = client
        _sign_in(client, settings)
        _checked(client.select(quoted(settings.mailbox)))
        validity = client.response("UIDVALIDITY")[1]
        self._validity = validity[0].decode("ascii") if validity and isinstance(validity[0], bytes) else "0"
        return client

    def _uid(self, id: str) -> str | None:
        """Give the UID of a mail, None when the server has numbered its mails anew since."""
        validity, _, uid = id.partition(".")
        return uid if validity == self._validity and uid.isdigit() else None

    def _read(self, client: _Client, uid: int) -> bytes | None:
        answer = _checked(client.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{MOST_BYTES}>)"))
        return next((part[1] for part in answer if isinstance(part, tuple)), None)

    @contextmanager
    def _usable(self) -> Iterator[None]:
        """Turn whatever a mailbox can do wrong into one error, which holds no password."""
        host = f"{self._settings.host}:{self._settings.port}"
        try:
            yield
        except ssl.SSLError as error:
            self.close()
            raise InboxUnavailable(why_untrusted(error, self._settings.host, INBOX_VARIABLE)) from error
        except Unprotected as error:
            self.close()
            raise InboxUnavailable(str(error)) from error
        except (OSError, imaplib.IMAP4.error, UnicodeError, ValueError) as error:
            self.close()
            said = _UNSEEN.sub(" ", str(error))[:200].replace(self._settings.password, "***")
            raise InboxUnavailable(f"the mailbox at {host} cannot be read: {said}; check {INBOX_VARIABLE}") from error


class _Client(imaplib.IMAP4_SSL):
    """imaplib's client, which reads no more at once than a mail may have."""

    def __init__(self, settings: ImapSettings) -> None:
        context = trust(settings.ca_file, f"{INBOX_VARIABLE}_CA")
        super().__init__(settings.host, settings.port, ssl_context=context, timeout=settings.seconds)

    def read(self, size: int) -> bytes:
        """Read a literal, if it is one that we can have asked for."""
        if size > MOST_BYTES:
            raise self.abort(f"it sends {size} bytes where {MOST_BYTES} were asked for")
        return super().read(size)


_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def quoted(mailbox: str) -> str:
    """Write the name of a mailbox as a quoted string (RFC 3501)."""
    return '"' + mailbox.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _sign_in(client: _Client, settings: ImapSettings) -> None:
    if "AUTH=PLAIN" in client.capabilities:
        word = b"\0".join((b"", settings.user.encode(), settings.password.encode()))
        client.authenticate("PLAIN", lambda _: word)
    elif settings.user.isascii() and settings.password.isascii():
        client.login(quoted(settings.user), settings.password)
    else:
        raise Unprotected(f"{settings.host} cannot take a user or password beyond ASCII; it offers no AUTH=PLAIN")


def _checked(answer: tuple[str, Sequence[object]]) -> Sequence[object]:
    kind, data = answer
    if kind != "OK":
        said = data[0].decode("utf-8", "replace") if data and isinstance(data[0], bytes) else kind
        raise imaplib.IMAP4.error(said)
    return data


def _is_mail(file: Path, is_maildir: bool) -> bool:
    named = not file.name.startswith(".") and (is_maildir or file.suffix.lower() == ".eml")
    return named and file.is_file() and not file.is_symlink()
