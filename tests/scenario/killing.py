"""Kills in the middle of work and of conversations: a mail server that keeps books, and workers who die at any step.

Workers are forked from a warm process and share a clock that its keeper moves. Each tells a board in shared memory
which mail it has in hand, and whether a mail server may have taken it: that is what a second copy is judged by.
"""

from __future__ import annotations

import json
import logging
import mmap
import os
import signal
import struct
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from secrets import token_hex
from typing import Any, NoReturn

from samskabt.engine.errors import DeliveryFailed, NotYet
from samskabt.notifications import Mail, Mailer, Sender
from samskabt.notifications.delivery import ready_of
from samskabt.notifications.smtp import Security, SmtpSettings
from samskabt.notifications.smtp.connection import _Client
from samskabt.runtime.engine import Engine

from ..mailserver import PASSWORD, USER, Certificates, mail_server
from .crashing import Aim, fork, reap

HANDS_FREE, IN_HAND, PERHAPS_TAKEN = range(3)
"""What a worker has: no mail; one whose last dot was not said; one that a mail server may have taken."""

BOARD = struct.Struct("<BI48s200s")
TIME = struct.Struct("<d")
NEVER = Aim(seconds=1e9)
OFFICE = Sender("Prøvens kontor", "kontor@samskabt.example", "Prøvens kontor", "svar@samskabt.example")


class SharedClock:
    """One clock for all processes that are forked after it was made; it stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._memory = mmap.mmap(-1, TIME.size)
        self.move_to(start)

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
        return datetime.fromtimestamp(TIME.unpack_from(self._memory, 0)[0], UTC)

    def move_to(self, instant: datetime) -> None:
        """Move it."""
        TIME.pack_into(self._memory, 0, instant.timestamp())


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that the server has taken: it was on disk before anybody was told."""

    message_id: str
    recipient: str
    subject: str


class Sink:
    """A mail server in a process of its own, with TLS and sign-in, that keeps a book of what it took."""

    def __init__(self, book: Path, port: int, say: int, hear: int) -> None:
        self.book, self._say, self._hear = book, say, hear
        self.port = port

    def script(self, **told: object) -> None:
        """Tell the server how to misbehave from now on (see tests/mailserver.py)."""
        os.write(self._say, json.dumps(told).encode() + b"\n")
        assert os.read(self._hear, 16) == b"ok\n"

    @property
    def size(self) -> int:
        """Answer how far the book goes, to read on from there later."""
        return self.book.stat().st_size

    def taken(self, since: int = 0) -> list[Taken]:
        """Read the book from a place on."""
        with self.book.open("rb") as file:
            file.seek(since)
            return [Taken(*json.loads(line)) for line in file]

    def settings(self, certificates: Certificates) -> SmtpSettings:
        """Give what a mailer needs to send to it; no pace is kept, for there is none among victims."""
        common = {"ca_file": certificates.ca, "seconds": 20.0, "seconds_in_all": 60.0, "most_per_minute": 1_000_000}
        return SmtpSettings("localhost", self.port, Security.STARTTLS, USER, PASSWORD, **common)  # type: ignore[arg-type]


@contextmanager
def sink_at(book: Path, certificates: Certificates) -> Iterator[Sink]:
    """Run a mail server in a forked process until the block ends."""
    orders, say = os.pipe()
    hear, answers = os.pipe()
    book.touch()
    child = fork()
    if child == 0:
        os.close(say)
        os.close(hear)
        _leave(lambda: _serve(book, certificates, orders, answers))
    os.close(orders)
    os.close(answers)
    port = int(os.read(hear, 16))
    try:
        yield Sink(book, port, say, hear)
    finally:
        os.close(say)
        os.close(hear)
        os.kill(child, signal.SIGKILL)  # who stands still has its pipe open too: it would never hear the end
        reap(child)


def _serve(book: Path, certificates: Certificates, orders: int, answers: int) -> None:
    logging.disable()  # it complains of everybody who dies
    with book.open("ab", buffering=0) as file:

        def keep(receivers: list[str], content: bytes) -> None:
            message = message_from_bytes(content, policy=policy.default)
            for receiver in receivers:
                line = [str(message["Message-ID"]).strip(), receiver, str(message["Subject"])]
                file.write(json.dumps(line).encode() + b"\n")
            os.fsync(file.fileno())

        with mail_server(certificates.good, keep=keep) as server, os.fdopen(orders) as heard:
            os.write(answers, f"{server.port}".encode())
            for line in heard:
                server.script.clear()
                server.script.update(json.loads(line))
                os.write(answers, b"ok\n")


def _leave(work: Callable[[], object]) -> NoReturn:
    """Do what a forked child is for, and end it there, whatever happens."""
    code = 1
    try:
        work()
        code = 0
    except BaseException:
        print(traceback.format_exc(), file=sys.__stderr__, flush=True)
    finally:
        os._exit(code)


@dataclass(frozen=True, slots=True)
class Post:
    """Where a worker stood: how many steps it took, the last of them, and the mail that it had, by its Message-ID."""

    steps: int
    step: str
    stage: int
    message_id: str


class Watch:
    """What every step of a worker passes: statements, commits and the verbs of SMTP, before and after each."""

    def __init__(self) -> None:
        self._board = mmap.mmap(-1, BOARD.size)
        self._aim = NEVER
        self._steps = self._met = 0
        self._stage, self._message_id = HANDS_FREE, b""
        self._is_handed = False
        self.on_stop: Callable[[], None] | None = None

    def begin(self, aim: Aim) -> None:
        """Begin a worker's life, in the keeper's process or in its own."""
        self._aim, self._steps, self._met = aim, 0, 0
        self._stage, self._message_id, self._is_handed = HANDS_FREE, b"", False
        self._note("")

    def hook(self, said: str) -> None:
        """Note a step, and die (or stop) at it if it is the one."""
        self._steps += 1
        self._note(said)
        self._look(said)
        if said == "before DOT":
            self._stage = PERHAPS_TAKEN  # from here on nobody can say
            self._note(said)
        elif said == "after commit" and self._is_handed:
            self._free()
            self._note(said)

    @property
    def post(self) -> Post:
        """Read the board."""
        stage, steps, step, message_id = BOARD.unpack_from(self._board, 0)
        return Post(steps, step.rstrip(b"\0").decode(), stage, message_id.rstrip(b"\0").decode())

    def take(self, message_id: str) -> None:
        """Note the mail that is in hand now."""
        self._stage, self._message_id, self._is_handed = IN_HAND, message_id.encode(), False

    def handed(self, *, is_over: bool) -> None:
        """Note that the mailer has returned: the next commit tells of a success, or it ``is_over``."""
        self._is_handed = True
        if is_over:
            self._free()

    def _free(self) -> None:
        self._stage, self._message_id, self._is_handed = HANDS_FREE, b"", False

    def _note(self, said: str) -> None:
        BOARD.pack_into(self._board, 0, self._stage, self._steps, said.encode()[:48], self._message_id)

    def _look(self, said: str) -> None:
        if self._aim.seconds is not None:
            return
        if self._aim.statement in ("", said):
            self._met += 1
        if self._met <= self._aim.number:
            return
        self._aim = NEVER
        if self.on_stop is None:
            os.kill(os.getpid(), signal.SIGKILL)
        else:
            os.kill(os.getpid(), signal.SIGSTOP)
            self.on_stop()


class WatchedMailer:
    """Tells the board which mail is on its way."""

    def __init__(self, mailer: Mailer, watch: Watch) -> None:
        self._mailer, self._watch = mailer, watch

    def not_yet(self, address: str) -> NotYet | None:
        """Say whether the mailer could send to an address now."""
        return ready_of(self._mailer)(address)

    def send(self, mail: Mail) -> None:
        """Send it."""
        self._watch.take(mail.message_id)
        try:
            self._mailer.send(mail)
        except DeliveryFailed as error:
            self._watch.handed(is_over=not error.doubtful)
            raise
        except Exception:
            self._watch.handed(is_over=True)
            raise
        self._watch.handed(is_over=False)


def watch_verbs(watch: Watch) -> None:
    """Let every verb of this process, which must be a worker's, pass the hook; nothing is ever put back."""
    say, hear, hang_up = _Client.send, _Client.getreply, _Client.close
    verbs = ["CONNECT"]

    def send(client: Any, data: Any) -> None:
        is_body = not isinstance(data, str) and data != b".\r\n"
        verb = "BODY" if is_body else ("DOT" if not isinstance(data, str) else data.split(None, 1)[0].upper())
        verbs[0] = verb
        watch.hook(f"before {verb}")
        if is_body:
            say(client, data[: len(data) // 2])
            watch.hook("within BODY")
            say(client, data[len(data) // 2 :])
            watch.hook("after BODY")
        else:
            say(client, data)

    def getreply(client: Any) -> tuple[int, bytes]:
        reply = hear(client)
        watch.hook(f"after {verbs[0]}")
        return reply

    def close(client: Any) -> None:
        hang_up(client)
        verbs[0] = "CONNECT"

    for name, method in (("send", send), ("getreply", getreply), ("close", close)):
        setattr(_Client, name, method)


def let_go(engine: Engine) -> None:
    """Close the keeper's connections before it forks: what SQLite knows of its locks must not be inherited."""
    store = engine.context.store
    while store._idle:
        store._idle.pop().raw.close()


@dataclass
class Worker:
    """A forked process at work, with its board."""

    watch: Watch
    child: int = 0

    def start(self, aim: Aim, engine: Engine, work: Callable[[Watch], object]) -> None:
        """Fork it; it works as a process of its own until it is done, or dies."""
        self.watch.begin(aim)
        self.child = fork()
        if self.child == 0:

            def life() -> None:
                engine.sweeper.owner = token_hex(8)
                watch_verbs(self.watch)
                work(self.watch)

            _leave(life)

    def kill(self) -> None:
        """Kill it from outside."""
        with suppress(ProcessLookupError):
            os.kill(self.child, signal.SIGKILL)

    def stopped(self) -> bool:
        """Wait until it stops itself; False where it came to its end before that."""
        _, status = os.waitpid(self.child, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            return True
        self.child = 0
        assert os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0, f"a worker ended with {status}"
        return False

    def end(self) -> None:
        """Kill it if it lives or stands still."""
        if self.child:
            self.kill()
            self.ended()

    def go_on(self) -> None:
        """Wake it."""
        os.kill(self.child, signal.SIGCONT)

    def ended(self) -> bool:
        """Wait for its end; tell whether it was killed."""
        child, self.child = self.child, 0
        return reap(child)


@dataclass
class Doubts:
    """Which second copies may be: those of mails that somebody who died, or stood still too long, had in hand."""

    perhaps: Counter[str] = field(default_factory=Counter)

    def died(self, post: Post) -> None:
        """Remember what a victim had in hand."""
        if post.stage == PERHAPS_TAKEN:
            self.perhaps[post.message_id] += 1

    def judged(self, taken: Counter[str]) -> tuple[int, list[str]]:
        """Count the doubles, and tell those that no death explains."""
        doubles = {name: number - 1 for name, number in taken.items() if number > 1}
        wrong = [
            f"mail {name} came {more + 1} times, and {self.perhaps[name]} who died may have sent it"
            for name, more in doubles.items()
            if more > self.perhaps[name]
        ]
        return sum(doubles.values()), wrong
