"""The edge where mails leave: one protocol, a folder of .eml files and a memory; knows no outbox and no texts."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, runtime_checkable

from ..engine.civil.danish import slug
from ..engine.errors import DeliveryFailed
from ..engine.errors import NotYet as NotYet
from .compose import Mail


class Mailer(Protocol):
    """Hands one mail over. Sending the same Message-ID again is harmless: the first one stands.

    A mail server gives no such promise: there a second copy comes under the same Message-ID. One that is ``Paced``
    too is asked before a letter is made for it.
    """

    def send(self, mail: Mail) -> None:
        """Return when the mail is safely handed over; raise DeliveryFailed when it is not.

        Raises NotYet, which is no attempt, when it cannot be tried at present.
        """


@runtime_checkable
class Connected(Protocol):
    """A mailer that keeps something open between mails."""

    def close(self) -> None:
        """Let go of it; the next mail opens it again."""


@runtime_checkable
class Paced(Protocol):
    """A mailer that knows beforehand what it would not even try."""

    def not_yet(self, address: str) -> NotYet | None:
        """Say why a mail to an address could not be tried now (``""``: any mail); None where it can. Sends nothing."""


@runtime_checkable
class Probed(Protocol):
    """A mailer that can find out whether it would work, without a mail."""

    def probe(self) -> None:
        """Return where mails could be handed over now; raise DeliveryFailed or NotYet where not. Sends nothing."""


class MemoryMailer:
    """Keeps the mails, for embedding and for tests."""

    def __init__(self) -> None:
        self._mails: dict[str, Mail] = {}

    def send(self, mail: Mail) -> None:
        """Keep the mail, once for each Message-ID."""
        self._mails.setdefault(mail.message_id, mail)

    @property
    def mails(self) -> tuple[Mail, ...]:
        """The mails in the order in which they were first sent."""
        return tuple(self._mails.values())


class FolderMailer:
    """Writes each mail as one .eml file, which is whole and on disk before ``send`` returns.

    The file's name comes from the Message-ID alone. Subject and date would read better, but both may differ between
    two attempts at the same mail (a mended text, a mail held for a week), and then there would be two files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: Mail) -> None:
        """Write the file unless it is there. Raises DeliveryFailed (to be retried) when the folder cannot be used."""
        with self._usable():
            target = self._folder / file_name(mail.message_id)
            if not target.exists():
                self._write(target, mail.content)
            _sync_folder(self._folder)

    def probe(self) -> None:
        """Write a file, and take it away again; raises as ``send``."""
        with self._usable():
            probe = self._folder / ".probe"
            self._write(probe, b"?")
            probe.unlink(missing_ok=True)

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            yield
        except OSError as error:
            raise DeliveryFailed(
                f"the mail folder {self._folder} cannot be written ({error.strerror}); "
                "make it a folder that this program may write, with room for the mails",
                retry=True,
            ) from error

    def _write(self, target: Path, content: bytes) -> None:
        handle, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=self._folder)
        unfinished = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(target)
        except BaseException:
            with suppress(OSError):
                unfinished.unlink()
            raise


def file_name(message_id: str) -> str:
    """Name the file of a mail: readable in front, unique behind, the same for the same Message-ID."""
    readable = slug(f"{message_id.strip('<>').partition('@')[0].partition('.')[0]} mail")[:40]
    digest = hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{readable or 'mail'}-{digest}.eml"


def _sync_folder(folder: Path) -> None:
    """Put the new name on disk too; Windows has no way to ask for that."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
