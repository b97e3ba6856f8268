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

    @property
    def name(self) -> str:
        """Say which inbox this is, as its mails are known by it; holds no password."""

    @property
    def is_forgetful(self) -> bool:
        """Tell, after ``fetch``, that the server cannot keep which mails were left: give the last one back then."""

    def fetch(self, limit: int, after: str = "") -> Iterator[InboxMail]:
        """Give at most ``limit`` mails that nobody is done with, oldest first; a forgetful one those ``after`` one."""

    def done(self, id: str) -> None:
        """Put a mail away that was understood and handled."""

    def leave(self, id: str) -> str:
        """Leave a mail to people, and do not give it again; answer where they find it."""


class FolderInbox:
    """A folder of ``.eml`` files, or a Maildir; what is done with is moved to ``done/`` in it, the rest to ``other/``.

    Raises InboxUnavailable, which names the setting, where the folder cannot be used.
    """

    is_forgetful = False

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        """Name the folder."""
        return f"folder:{self._path}"

    def fetch(self, limit: int, after: str = "") -> Iterator[InboxMail]:  # noqa: ARG002
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

    def leave(self, id: str) -> str:
        """Move the file to ``other/``, and say where it is there."""
        return self._move(id, "other")

    def _files(self) -> Iterator[Path]:
        if not self._path.is_dir():
            raise FileNotFoundError(2, "no such folder", str(self._path))
        is_maildir, folders = self._folders()
        for folder in folders:
            yield from (file for file in folder.iterdir() if _is_mail(file, is_maildir))

    def _folders(self) -> tuple[bool, tuple[Path, ...]]:
        maildir = (self._path / "new", self._path / "cur")
        return (True, maildir) if all(folder.is_dir() for folder in maildir) else (False, (self._path,))

    def _move(self, id: str, where: str) -> str:
        with self._usable():
            if not self._path.is_dir():
                raise FileNotFoundError(2, "no such folder", str(self._path))
            is_maildir, folders = self._folders()
            file = self._path / id
            if file.parent not in folders or not _is_mail(file, is_maildir):
                return ""  # somebody else has put it away
            (self._path / where).mkdir(exist_ok=True)
            place = _free(self._path / where, file.name)
            with suppress(FileNotFoundError):
                file.replace(place)
            return str(place)

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

    One connection for each ``fetch`` and what is put away meanwhile. Not every server keeps a keyword of ours (Exchange
    does not): such a one is forgetful. Raises InboxUnavailable.
    """

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._client: _Client | None = None
        self._validity = ""
        self.is_forgetful = False

    @property
    def name(self) -> str:
        """Name user, server and mailbox."""
        settings = self._settings
        return f"imaps://{settings.user}@{settings.host}:{settings.port}/{settings.mailbox}"

    def __repr__(self) -> str:
        """Name the server, and nothing that is secret."""
        return f"ImapInbox(imaps://{self._settings.host}:{self._settings.port}/{self._settings.mailbox})"

    def fetch(self, limit: int, after: str = "") -> Iterator[InboxMail]:
        """Give unread mails by UID; reading marks none of them."""
        with self._usable():
            client = self._open()
        try:
            with self._usable():
                uids = self._unread(client, after)
            for uid in uids[:limit]:
                with self._usable():
                    raw = self._read(client, uid)
                if raw is not None:
                    yield InboxMail(f"{self._validity}.{uid}", raw)
        finally:
            self.close()

    def _unread(self, client: _Client, after: str) -> list[int]:
        """List the UIDs of what is unread and was not left: by its keyword, or by the UID of the last one."""
        since = int(self._uid(after) or 0)
        wanted = f"UNSEEN UNDELETED UID {since + 1}:*" + ("" if self.is_forgetful else f" UNKEYWORD {LEFT}")
        found = _checked(client.uid("SEARCH", wanted))
        uids = sorted(int(uid) for line in found if isinstance(line, bytes) for uid in line.split())
        return [uid for uid in uids if uid > since]  # "9:*" is the last mail too, whatever its number (RFC 3501).

    def done(self, id: str) -> None:
        """Mark the mail as read; where the settings name a mailbox for it and the server can, move it there."""
        with self._usable(), self._reaching() as client:
            uid = self._uid(id)
            if uid is None:
                return
            _checked(client.uid("STORE", uid, "+FLAGS.SILENT", "(\\Seen)"))
            if self._settings.done and "MOVE" in client.capabilities:
                _checked(client.uid("MOVE", uid, quoted(self._settings.done)))

    def leave(self, id: str) -> str:
        """Give the mail a keyword of ours, if the server keeps any; it stays unread where it is."""
        with self._usable(), self._reaching() as client:
            uid = self._uid(id)
            if uid is not None and not self.is_forgetful:
                kind, _ = client.uid("STORE", uid, "+FLAGS.SILENT", f"({LEFT})")
                self.is_forgetful = kind != "OK"
        return f"{self.name} (UID {id.partition('.')[2]})"

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
        kept = client.response("PERMANENTFLAGS")[1]
        flags = b" ".join(one for one in kept or () if isinstance(one, bytes)).decode("ascii", "replace")
        self.is_forgetful = bool(flags) and "\\*" not in flags and LEFT.lower() not in flags.lower()
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


def _free(folder: Path, name: str) -> Path:
    """Give a name in a folder that nobody has: what lies there is never written over."""
    place, count = folder / name, 1
    while place.exists():
        count += 1
        place = folder / f"{count}.{name}"
    return place
