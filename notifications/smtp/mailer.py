"""The mailer that hands mails to a mail server; knows no outbox, and is told the time."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Final, assert_never

from ...engine.errors import DeliveryFailed, NotYet
from ..compose import Mail, is_address
from .connection import Connection, Denied, Lost, Note, Unprotected, open_connection, secrets_of
from .pacing import Pacer
from .replies import Blame, Reply, Verb, blame, shown
from .settings import MAIL_VARIABLE, SmtpSettings

PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15))
"""How long a mail server that could not be used is left alone, by the number of its failures; the last one repeats."""

QUIET_SECONDS: Final = 10.0
"""After so long a silence a connection is asked whether it is still there."""

MOST_ON_ONE: Final = 100
"""After so many mails a connection is changed; some servers count them."""

TURN_SECONDS: Final = 30.0
"""How long a thread waits for its turn; with the time of one mail less than the lease of a letter."""

PACED: Final = "its domain has had the mails of this minute"

_OF_ALL_MAILS: Final = frozenset({Verb.CONNECT, Verb.EHLO, Verb.STARTTLS, Verb.AUTH, Verb.MAIL})


class SmtpMailer:
    """Sends over one protected connection, which it keeps until ``close``; threads take turns.

    A server that nobody can use costs no mail an attempt: it is left alone for a while (``PAUSES``), and until then
    every mail is answered NotYet at once. ``now`` gives the aware instant that paces and pauses are counted from.
    """

    def __init__(self, settings: SmtpSettings, now: Callable[[], datetime], note: Note | None = None) -> None:
        self._settings, self._now, self._note = settings, now, note or _untold
        self._pacer = Pacer(settings.most_per_minute)
        self._connection: Connection | None = None
        self._turn = Lock()
        self._failures = 0
        self._failed_at: datetime | None = None
        self._why = ""

    def __repr__(self) -> str:
        """Name the server, and nothing that is secret."""
        return f"SmtpMailer({self._settings.security}://{self._settings.host}:{self._settings.port})"

    def send(self, mail: Mail) -> None:
        """Return when the server has taken the mail.

        Raises DeliveryFailed: for good where the server refuses this mail or its recipient; ``doubtful`` where the
        connection was lost after the mail's end. Raises NotYet where the server cannot be used or the domain has had
        its share of this minute.
        """
        self._check(mail)
        if not self._turn.acquire(timeout=TURN_SECONDS):
            raise NotYet("another mail is still on its way", at=self._now() + PAUSES[0])
        try:
            self._wait_for_server()
            free = self._pacer.take(mail.recipient.rpartition("@")[2], self._now())
            if free is not None:
                raise NotYet(PACED, at=free)
            self._hand_over(mail, monotonic() + self._settings.seconds_in_all)
        finally:
            self._turn.release()

    def not_yet(self, address: str) -> NotYet | None:
        """Say why a mail to an address could not be tried now: the server is left alone, or its domain has its share.

        While another thread sends, nobody can say: it is tried then.
        """
        if not self._turn.acquire(blocking=False):
            return None
        try:
            self._wait_for_server()
            free = self._pacer.free_at(address.rpartition("@")[2], self._now())
            return None if free is None else NotYet(PACED, at=free)
        except NotYet as why:
            return why
        finally:
            self._turn.release()

    def probe(self) -> None:
        """Ask whether the server is there and lets us in, once its pause is over; sends nothing, and raises NotYet.

        While another thread sends there is nothing to ask.
        """
        if not self._turn.acquire(blocking=False):
            return
        try:
            self._wait_for_server()
            until = monotonic() + self._settings.seconds_in_all
            if not self._is_usable(until):
                self._connection = open_connection(self._settings, self._note, until)
            self._failures, self._failed_at = 0, None
        except (Unprotected, Lost, Denied) as error:
            raise self._unusable(f"{self._server()} cannot be used: {self._shown(str(error))}") from error
        finally:
            self._turn.release()

    def close(self) -> None:
        """Close the connection; the next mail opens another."""
        with self._turn:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def _check(self, mail: Mail) -> None:
        """Let nothing near a mail server that is no plain address."""
        if not is_address(mail.sender):
            raise DeliveryFailed("SAMSKABT_SENDER holds no plain ASCII mail address", retry=True)
        if not is_address(mail.recipient):
            raise DeliveryFailed("the recipient has no plain ASCII mail address; mend it", retry=False)
        self._require_size(mail, self._settings.most_bytes)

    def _require_size(self, mail: Mail, most: int) -> None:
        if len(mail.content) > most:
            raise DeliveryFailed(f"the mail has {len(mail.content)} bytes, and at most {most} can be sent", retry=False)

    def _wait_for_server(self) -> None:
        """Leave a server alone that has just failed; a clock that was set back does not prolong that."""
        if self._failed_at is None:
            return
        until = self._failed_at + PAUSES[min(self._failures, len(PAUSES)) - 1]
        if self._failed_at <= self._now() < until:
            raise NotYet(self._why, at=until, is_fault=True)

    def _hand_over(self, mail: Mail, until: float) -> None:
        is_kept = self._is_usable(until)
        try:
            try:
                reply = self._send(mail, until)
            except (Lost, Denied) as error:
                # A kept connection may have ended without our knowing: before the first verb of a mail that is no loss.
                if not is_kept or error.verb is not Verb.MAIL or not _has_ended(error):
                    raise
                self._drop()
                reply = self._send(mail, until)
        except Unprotected as error:
            raise self._unusable(str(error)) from error
        except Lost as error:
            self._drop()
            raise self._lost(error) from error
        except Denied as error:
            raise self._denied(error) from error
        self._failures, self._failed_at = 0, None
        self._note("delivered", f"{reply.code} {self._shown(reply.text)}")

    def _is_usable(self, until: float) -> bool:
        """Tell whether the connection that was kept can go on; else let go of it."""
        kept = self._connection
        if kept is None:
            return False
        is_quiet = monotonic() - kept.used_at > QUIET_SECONDS
        if kept.mails >= MOST_ON_ONE:
            kept.close()
        elif is_quiet and not kept.is_alive(until):
            kept.drop()
        else:
            return True
        self._connection = None
        return False

    def _send(self, mail: Mail, until: float) -> Reply:
        if self._connection is None:
            self._connection = open_connection(self._settings, self._note, until)
        content = mail.content
        if not content.isascii() and not self._connection.takes_8bit:
            content = as_7bit(content)
        self._require_size(mail, self._connection.most_bytes)
        return self._connection.send(mail.sender, mail.recipient, content, until)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.drop()

    def _lost(self, error: Lost) -> DeliveryFailed | NotYet:
        server, why = self._server(), self._shown(str(error))
        if error.after_dot:
            return DeliveryFailed(
                f"{server} was given the whole mail and did not say whether it took it ({why})",
                retry=True,
                doubtful=True,
            )
        if error.verb in _OF_ALL_MAILS - {Verb.MAIL}:
            return self._unusable(
                f"{server} cannot be used, at {error.verb}: {why}; check {MAIL_VARIABLE} and the server"
            )
        return DeliveryFailed(f"{server} was lost at {error.verb}: {why}", retry=True)

    def _denied(self, error: Denied) -> DeliveryFailed | NotYet:
        verb, reply = error.verb, error.reply
        said = f"{self._server()} answered {verb} with {reply.code} {self._shown(reply.text)}"
        self._after_denial(reply)
        match blame(verb, reply):
            case Blame.SERVER if verb in _OF_ALL_MAILS:
                return self._unusable(f"{said}; {_WAYS_OUT.get(verb, f'check {MAIL_VARIABLE} and the server')}")
            case Blame.SERVER | Blame.LATER:
                return DeliveryFailed(said, retry=True)
            case Blame.MAIL:
                return DeliveryFailed(said, retry=False)
            case never:
                assert_never(never)

    def _after_denial(self, reply: Reply) -> None:
        """Make the connection ready for the next mail, or let go of it."""
        if self._connection is None:
            return
        try:
            if reply.code != 421:
                self._connection.reset()
                return
        except Lost:
            pass
        self._drop()

    def _unusable(self, why: str) -> NotYet:
        self._drop()
        self._failures, self._failed_at, self._why = self._failures + 1, self._now(), why
        pause = PAUSES[min(self._failures, len(PAUSES)) - 1]
        return NotYet(why, at=self._failed_at + pause, is_fault=True)

    def _server(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"

    def _shown(self, text: str) -> str:
        return shown(text, secrets_of(self._settings))


_WAYS_OUT: Final = {
    Verb.AUTH: f"check the user in {MAIL_VARIABLE} and {MAIL_VARIABLE}_PASSWORD (or _PASSWORD_FILE)",
    Verb.MAIL: f"it will not send for this sender: check SAMSKABT_SENDER, and whether {MAIL_VARIABLE} wants a user",
}


def as_7bit(content: bytes) -> bytes:
    """Write a mail's parts so that every byte is ASCII, for servers that take nothing else; the headers stay."""
    policy = email.policy.SMTP.clone(cte_type="7bit")
    return email.message_from_bytes(content, policy=policy).as_bytes(policy=policy)


def _has_ended(error: Lost | Denied) -> bool:
    return isinstance(error, Lost) or error.reply.code == 421


def _untold(_name: str, _text: str) -> None:
    """Tell nobody."""
