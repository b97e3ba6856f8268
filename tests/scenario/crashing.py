"""Victims for kill -9: the real demo lives once in a warm process, and at its stops forks children that are killed.

Each child goes on with the very demo it was forked from, in a copy of its folder, and dies at a random moment or at a
statement that was aimed at. It tells a board in shared memory where it stands, and a file what was acknowledged to it.
"""

from __future__ import annotations

import mmap
import os
import shutil
import signal
import struct
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from samskabt.notifications import FolderMailer
from samskabt.notifications.compose import Mail
from samskabt.notifications.mailer import file_name
from samskabt.runtime.demo import run
from samskabt.runtime.engine import Engine
from samskabt.runtime.usecases.context import Outcome
from samskabt.runtime.usecases.handling import Command, handle
from samskabt.runtime.usecases.programmes import Chosen, Programmes
from samskabt.storage import Store

PHASES = ("other", "migration", "decision", "ticker", "delivery")
DATABASE, MAILS, ACKS = "samskabt.db", "mail", "acknowledged.txt"
STOPS = 540
"""The kills are spread over so many stops of the demo, which has some twenty more."""

LONGEST = 400
"""A child that misses what was aimed at dies after so many statements; hooks come before and after each."""

AIMS = (
    *("before begin", "after begin", "before commit", "after commit", "after compare and set", "after history"),
    *("after arm timer", "after fire timer", "after queue mail", "after bear"),
    *("after look at mail", "after open letter", "after put into letter", "after post mail", "after settle"),
    *("after look at letter", "after take letter", "before send", "after send", "before deliver", "after deliver"),
    *("before end items", "after end letter"),
)
BOARD = struct.Struct("<Bd32s")


@dataclass(frozen=True, slots=True)
class Aim:
    """When a child dies: at the n-th hook of a name (of any name if empty), or after so many seconds."""

    statement: str = ""
    number: int = 0
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Death:
    """A child that was killed: its folder, what it was doing, at which statement, and what time it was to it."""

    folder: Path
    phase: str
    statement: str
    now: datetime


class Watch:
    """What a victim's every step passes: the board for whoever kills it, the file of acknowledgements, and the aim."""

    def __init__(self, folder: Path, plant: str = "") -> None:
        self.board = mmap.mmap(-1, BOARD.size)
        self.plant = plant
        self.engine: Engine | None = None
        self._folder = folder
        self._phase, self._aim, self._left, self._rest = 0, Aim(), 0, -1

    def move(self, folder: Path, aim: Aim) -> None:
        """Go on in another folder with a death before us; the connections of the one before are kept, and not used."""
        assert self.engine is not None
        self._folder, self._aim, self._left = folder, aim, aim.number
        self._rest = LONGEST if aim.seconds is None else -1
        self.inherited = self.engine.context.store
        self.engine.context.store = Store.open(f"sqlite:///{folder / DATABASE}", self.hook)
        mailers = {"half": HalfMailer, "lazy": LazyMailer}
        self.engine.mailer = WatchedMailer(mailers.get(self.plant, FolderMailer)(folder / MAILS), self)

    def hook(self, statement: str) -> None:
        """Note a statement, and die at it if it is the one."""
        now = self.engine.context.clock.now().timestamp() if self.engine is not None else 0.0
        BOARD.pack_into(self.board, 0, self._phase, now, statement.encode()[:32])
        if self._rest < 0:
            return
        self._rest -= 1
        self._left -= statement == self._aim.statement or not self._aim.statement
        if self._left < 0 or self._rest <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def death(self) -> tuple[str, str, datetime]:
        """Read phase, statement and time from the board."""
        phase, now, statement = BOARD.unpack_from(self.board, 0)
        return PHASES[phase], statement.rstrip(b"\0").decode(), datetime.fromtimestamp(now, UTC)

    def acknowledge(self, answer: object) -> None:
        """Write down what a caller was told, before he does anything else."""
        outcomes: Iterable[Outcome] = ()
        if isinstance(answer, Outcome):
            outcomes = (answer,)
        elif isinstance(answer, Chosen):
            outcomes = answer.outcomes
        lines = [f"{one.instance_id} {one.revision} {','.join(one.events)}\n" for one in outcomes]
        if lines:
            with (self._folder / ACKS).open("a") as file:
                file.write("".join(lines))

    @contextmanager
    def within(self, phase: str) -> Iterator[None]:
        """Say what is being done."""
        before, self._phase = self._phase, PHASES.index(phase)
        yield
        self._phase = before

    def install(self) -> None:
        """Watch every use case of this process, which must be a victim's: nothing is ever put back."""

        def watched(owner: type, name: str, phase: str) -> None:
            whole = getattr(owner, name)

            def call(this: Any, *arguments: Any, **more: Any) -> Any:
                with self.within(phase):
                    answer = whole(this, *arguments, **more)
                if not (self.plant == "early" and name == "advance"):
                    self.acknowledge(answer)
                return answer

            setattr(owner, name, call)

        def made(engine: Engine, *arguments: Any, **more: Any) -> None:
            build(engine, *arguments, **more)
            self.engine = engine

        build = Engine.__init__
        setattr(Engine, "__init__", made)  # noqa: B010
        for name in ("advance", "add", "reschedule", "correct"):
            watched(Engine, name, "decision")
        for name in ("start", "enrol", "choose", "withdraw"):
            watched(Programmes, name, "decision")
        watched(Engine, "tick", "ticker")
        watched(Engine, "deliver", "delivery")
        if self.plant == "early":
            setattr(Engine, "_run", self._early)  # noqa: B010

    def _early(self, instance_id: int, command: Command, expected: int | None) -> Outcome:
        """The planted bug: tell the caller before the commit."""
        assert self.engine is not None
        with self.engine.context.begin() as uow:
            outcome = handle(self.engine.context, uow, instance_id, command, expected)
            self.acknowledge(outcome)
        return outcome


class WatchedMailer:
    """A mailer whose every mail passes the hook."""

    def __init__(self, mailer: FolderMailer, watch: Watch) -> None:
        self._mailer, self._watch = mailer, watch

    def send(self, mail: Mail) -> None:
        """Send it."""
        self._watch.hook("before send")
        self._mailer.send(mail)
        self._watch.hook("after send")


class HalfMailer(FolderMailer):
    """The planted bug: writes under the final name, without a file beside it that is renamed."""

    def send(self, mail: Mail) -> None:
        """Write the first half, and die there."""
        with (self._folder / file_name(mail.message_id)).open("wb") as file:
            file.write(mail.content[: len(mail.content) // 2])
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)


class LazyMailer(FolderMailer):
    """The planted bug: says that a mail is safe before it is on disk."""

    def send(self, mail: Mail) -> None:
        """Keep it in memory for later."""


def fork() -> int:
    """Fork; Python 3.12 and later warn that the child of a process with threads may hang, and ours use none of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def reap(child: int) -> bool:
    """Wait for a child's end; tell whether it was killed, and raise where it ended by itself in error."""
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL), f"a victim ended with {code}"
    return code != 0


def demo_deaths(folder: Path, seed: int, kills: int, *, plant: str = "", stops: int = STOPS) -> Iterator[Death]:
    """Live the demo in a forked process under ``folder / "demo"``; give every child of it that was killed."""
    reading, writing = os.pipe()
    keeper = fork()
    if keeper == 0:
        os.close(reading)
        with os.fdopen(writing, "w", buffering=1) as told:
            try:
                _keep(folder, seed, kills, plant, stops, lambda line: print(line, file=told))
                print("end", file=told)
            except BaseException:
                print("error " + traceback.format_exc().replace("\n", " | "), file=told)
        os._exit(0)
    os.close(writing)
    is_over = False
    with os.fdopen(reading) as heard:
        for line in heard:
            assert not line.startswith("error"), line
            is_over = line == "end\n"
            if not is_over:
                name, phase, now, statement = line.rstrip("\n").split("\t")
                yield Death(folder / name, phase, statement, datetime.fromisoformat(now))
    reap(keeper)
    assert is_over, "the demo did not come to its end"


class _Enough(Exception):
    """The demo has gone as far as it was wanted."""


def _keep(folder: Path, seed: int, kills: int, plant: str, stops: int, tell: Callable[[str], None]) -> None:
    """Live the demo, and fork children at its stops; they leave by being killed, or by ``os._exit`` at the end."""
    home, random = folder / "demo", Random(seed)
    watch = Watch(home, plant)
    watch.install()
    stop = made = 0

    def progress(*_: object) -> None:
        nonlocal stop, made
        stop += 1
        if stop >= stops + 20 and stops < STOPS:
            raise _Enough
        while made < min(kills, kills * stop // stops):
            life, aim = folder / f"life{made}", _aim(random, plant)
            _copy(home, life)
            BOARD.pack_into(watch.board, 0, 0, _now(watch), b"")
            child = fork()
            if child == 0:
                watch.move(life, aim)
                stop, made = -(10**9), kills
                return
            if aim.seconds is not None:
                time.sleep(aim.seconds)
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            if not reap(child):  # it came to the demo's end before its own: another one dies instead
                shutil.rmtree(life)
                continue
            phase, statement, now = watch.death()
            tell(f"{life.name}\t{phase}\t{now.isoformat()}\t{statement}")
            made += 1

    with suppress(_Enough):
        run(home, seed, progress)
    if stop < 0:
        os._exit(0)


def _now(watch: Watch) -> float:
    assert watch.engine is not None
    return watch.engine.context.clock.now().timestamp()


def _aim(random: Random, plant: str) -> Aim:
    """Choose how a child dies: after a number of statements, at a kind of statement, or at any moment."""
    match plant, random.random():
        case "early", _:
            return Aim("before commit", random.randrange(20))
        case "lazy", _:
            return Aim("after commit", 20 + random.randrange(60))  # Late enough for a letter to have been marked.
        case _, chance if chance < 0.4:
            return Aim("", random.randrange(LONGEST - 50))
        case _, chance if chance < 0.8:
            return Aim(random.choice(AIMS), random.randrange(4))
        case _:
            return Aim(seconds=random.random() * 0.1)


def _copy(home: Path, life: Path) -> None:
    """Copy a demo that stands still: its database with the log, its mails as links (they are never written again)."""
    (life / MAILS).mkdir(parents=True)
    for name in (DATABASE, f"{DATABASE}-wal", ACKS):
        if (home / name).exists():
            shutil.copyfile(home / name, life / name)
    for mail in (home / MAILS).glob("*.eml"):
        os.link(mail, life / MAILS / mail.name)


def migration_death(folder: Path, aim: Aim) -> Death | None:
    """Open a new database in a forked child that dies at a hook; None where it got through."""
    folder.mkdir()
    watch = Watch(folder)
    child = fork()
    if child == 0:
        watch._aim, watch._left, watch._rest = aim, aim.number, 10**9
        with watch.within("migration"), suppress(BaseException):
            Store.open(f"sqlite:///{folder / DATABASE}", watch.hook)
            os._exit(0)
        os._exit(1)
    if not reap(child):
        return None
    phase, statement, _ = watch.death()
    return Death(folder, phase, statement, datetime(2019, 8, 14, 8, tzinfo=UTC))
