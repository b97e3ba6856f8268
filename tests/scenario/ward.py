"""A ward of workers on one database: they tick and deliver in epochs, some of them die, and at the end all is counted.

While workers live the clock stands still; between two epochs it goes on by more than any lease, so that what the dead
had in hand is taken up. What has fired is counted by triggers in the database, which know nothing of the engine.
"""

from __future__ import annotations

import logging
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from samskabt.notifications import Claimed
from samskabt.notifications.delivery import Ready, Settled
from samskabt.notifications.mailer import MemoryMailer
from samskabt.notifications.smtp import SmtpMailer, SmtpSettings
from samskabt.runtime import sweep
from samskabt.runtime.clock import VirtualClock
from samskabt.runtime.doctor import examine
from samskabt.runtime.engine import Engine, connect
from samskabt.runtime.posting.restraint import Restraint
from samskabt.runtime.posting.sending import LEASE, Sending
from samskabt.runtime.running.rounds import Rounds
from samskabt.runtime.settings import Settings
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.storage import Store
from samskabt.storage.posting import Claims

from .crashing import Aim
from .killing import (
    HANDS_FREE,
    NEVER,
    OFFICE,
    PERHAPS_TAKEN,
    Doubts,
    Post,
    SharedClock,
    Sink,
    Watch,
    WatchedMailer,
    Worker,
    let_go,
)
from .living import BEGUN, CHOSEN, KEY, ME, ROLES

KOMMUNER = ("0101", "Aarhus", "Læsø", "Greve", "0151", "0153")
PEOPLE = 4
TO_WHOM = "partskonsulent"
SWITCH = timedelta(minutes=1) + LEASE
BEGIN = CHOSEN + timedelta(days=25)
"""From here on there are timers on most days."""

AT = "%Y-%m-%d %H:%M:%S.%f"

TICKER = ("claim timers", "orphan", "claim orphan", "give timer back", "load", "fire timer", "arm timer", "history")
LETTERS = (
    "look at mail",
    "open letter",
    "put into letter",
    "post mail",
    "due letters",
    "look at letter",
    "take letter",
)
VERBS = ("CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "BODY", "DOT", "QUIT")


def settle_ward(url: str, workflows: Workflows) -> int:
    """Make a database with a programme whose kommuner have been chosen; triggers count what fires. Give its number."""
    clock, settings = VirtualClock(BEGUN), Settings(restraint=Restraint.off())
    with connect(url, workflows=workflows, clock=clock, mailer=MemoryMailer(), settings=settings) as engine:
        engine.context.store.hurry()
        programme = engine.programmes.start(KEY, actor=ME).instance_id
        engine.advance(programme, "forloeb.aabn_tilmelding", actor=ME)
        for number in range(PEOPLE):
            person = engine.people.add(f"Person {number}", f"p{number}@eksempel.example")
            for role in ROLES:
                engine.people.assign(person, role, programme_id=programme)
        for kommune in KOMMUNER:
            engine.programmes.enrol(programme, kommune, actor=ME)
        clock.move_to(CHOSEN)
        engine.tick()
        engine.programmes.choose(programme, actor=ME)
        engine.advance(programme, "forloeb.luk_tilmelding", actor=ME)
        clock.move_to(BEGIN)
        engine.tick()
        engine.deliver()
        for sql in _counting(engine.context.store.dialect):
            with engine.context.begin() as uow:
                uow.connection.raw.execute(sql)
    return programme


def _counting(dialect: str) -> Iterator[str]:
    yield "CREATE TABLE kill_clock AS SELECT due_at AS now FROM timer LIMIT 1"
    yield "CREATE TABLE kill_fired AS SELECT id, generation, due_at, due_at AS at FROM timer WHERE id < 0"
    note = "INSERT INTO kill_fired SELECT NEW.id, NEW.generation, NEW.due_at, now FROM kill_clock;"
    if dialect == "sqlite":
        yield f"CREATE TRIGGER kill_note AFTER UPDATE OF status ON timer WHEN NEW.status = 'fired' BEGIN {note} END"
        return
    yield f"CREATE FUNCTION kill_note() RETURNS trigger AS $$ BEGIN {note} RETURN NEW; END $$ LANGUAGE plpgsql"
    when = "FOR EACH ROW WHEN (NEW.status = 'fired') EXECUTE FUNCTION kill_note()"
    yield f"CREATE TRIGGER kill_note AFTER UPDATE OF status ON timer {when}"


@dataclass
class Toll:
    """What became of a ward: kills by place, what was counted, and everything that should not be."""

    places: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def died(self, post: Post) -> None:
        """Count a victim by where it stood."""
        verb = post.step.partition(" ")[2]
        stands = {HANDS_FREE: "ticking or claiming", PERHAPS_TAKEN: "between the dot and the commit"}
        place = stands.get(post.stage, "sending")
        if post.stage == HANDS_FREE and verb in VERBS:
            place = "at a mail server, with no mail"
        elif post.stage == HANDS_FREE and verb in LETTERS:
            place = "making or claiming letters"
        self.places[place] += 1
        self.steps[post.step] += 1


class Ward:
    """Workers on one database; see ``run``. ``plant`` is a bug that every worker has, for the harness to find."""

    def __init__(
        self, url: str, workflows: Workflows, programme: int, sink: Sink, smtp: SmtpSettings, plant: str = ""
    ) -> None:
        self._acting: Watch | None = None
        self._sink, self._smtp, self._programme, self._plant = sink, smtp, programme, plant
        self.clock = SharedClock(BEGIN)
        settings = Settings(restraint=Restraint.off(), smtp=smtp, sender=OFFICE)
        self.engine = Engine(Store.open(url, self._hook), workflows, clock=self.clock, settings=settings)
        self.toll, self._doubts, self._messages = Toll(), Doubts(), 0
        self._since = sink.size
        self._complaints = sink.book.with_suffix(".complaints")
        self._complaints.touch()

    def run(self, processes: int, kills: int, seed: str) -> Toll:
        """Let workers live and die until so many have been killed; then let one finish, and count everything."""
        random, workers = Random(seed), [Worker(Watch()) for _ in range(processes)]
        self._work(5)(Watch())  # what is prepared and compiled here need not be in every worker
        self._acting = None
        epoch = 0
        while self.toll.places.total() < kills:
            self._between(random, epoch)
            if processes > 2 and epoch % 8 == 5:
                self.stall(workers)
            else:
                self._epoch(workers, random, kills - self.toll.places.total())
            epoch += 1
            assert epoch < 20 * kills + 20, "nobody dies any more"
        self.toll.counts["epochs"] = epoch
        self.drain()
        return self.toll

    def drain(self) -> None:
        """Let one process do what is left, and count."""
        self.engine.mailer = SmtpMailer(self._smtp, self.clock.now)
        for _ in range(60):
            self._move(SWITCH)
            fired, sent = self.engine.tick(), self.engine.deliver()
            self.toll.counts["sent at the end"] += sent.sent
            if not self._left() and not fired.fired and not sent.sent:
                break
        self.toll.wrong += [f"{what} for ever" for what in self._left()]
        self._audit()
        self.engine.close()

    def stall(self, workers: list[Worker]) -> None:
        """Let a worker stand still beyond its lease; it comes back while another has its letter in hand, and fails."""
        late, other, third = workers[:3]
        late.watch.on_stop, other.watch.on_stop = self._cut, lambda: None
        self._live(late, Aim("before RCPT"), 30)
        try:
            self._come_back(late, other, third)
        finally:
            for worker in (late, other, third):
                worker.end()
                worker.watch.on_stop = None

    def _come_back(self, late: Worker, other: Worker, third: Worker) -> None:
        if late.stopped():
            self._move(SWITCH)
            self._live(other, Aim("before DOT"), 30)
            is_stopped = other.stopped()
            late.go_on()
            late.ended()
            self._live(third, NEVER, 30)
            third.ended()
            if is_stopped:
                other.go_on()
                other.ended()
            self.toll.counts["stalls"] += is_stopped

    def _between(self, random: Random, epoch: int) -> None:
        """Move the clock beyond the leases, now and then by days, and give the workers something to send."""
        self._move(timedelta(days=1, hours=random.randrange(24)) if epoch % 3 == 0 else SWITCH)
        if epoch % 2 == 0:
            self._messages += 1
            self.engine.post.message(self._programme, TO_WHOM, f"Besked {self._messages}.", "Hej igen", actor=ME)

    def _epoch(self, workers: list[Worker], random: Random, most: int) -> None:
        """Let all workers live at once; one at least shall die, and with others there one at least go on."""
        alone = len(workers) == 1
        dying = min(most, 1 if alone else random.randrange(1, len(workers) + (random.random() < 0.2)))
        aims = [_aim(random) for _ in range(dying)] + [NEVER] * (len(workers) - dying)
        let_go(self.engine)
        begun = time.monotonic()
        for worker, aim in zip(workers, aims, strict=True):
            self._live(worker, aim, random.randrange(4, 12))
        timed = [(aim.seconds, worker) for worker, aim in zip(workers, aims, strict=True) if aim.seconds]
        for at, worker in sorted(((at, one) for at, one in timed if at < 60), key=lambda one: one[0]):
            time.sleep(max(begun + at - time.monotonic(), 0))
            worker.kill()
        for worker in workers:
            if worker.ended():
                self.toll.died(worker.watch.post)
                self._doubts.died(worker.watch.post)

    def _work(self, budget: int) -> Callable[[Watch], None]:
        """Give what a worker does: one round, of which it leaves something to the others."""

        def work(watch: Watch) -> None:
            self._acting, left = watch, budget
            mailer = SmtpMailer(self._smtp, self.clock.now)
            self._mailer = mailer
            self.engine.mailer = WatchedMailer(mailer, watch)

            def go_on() -> bool:
                nonlocal left
                left -= 1
                return left >= 0

            report = Rounds(self.engine).round(go_on)
            mailer.close()
            is_late = watch.on_stop is not None  # a mail server has hung up on it
            is_well = not report.broken and not report.timers.failed and (is_late or not report.mails.failed)
            assert is_well, f"{report}\n{self._complaints.read_text()[-2000:]}"

        return work

    def _live(self, worker: Worker, aim: Aim, budget: int) -> None:
        """Fork a worker: a process of its own, with whatever bug was planted."""
        work = self._work(budget)

        def life(watch: Watch) -> None:
            sweep.BATCH = 3  # so that there is work for all
            complaints = logging.FileHandler(self._complaints)
            nothing = {"error": "", "place": ""}
            complaints.setFormatter(logging.Formatter("%(message)s %(error)s %(place)s", defaults=nothing))
            logging.getLogger("samskabt").addHandler(complaints)
            logging.getLogger("samskabt").setLevel(logging.WARNING)
            _PLANTS.get(self._plant, lambda: None)()
            work(watch)

        worker.start(aim, self.engine, life)

    def _cut(self) -> None:
        """Do what a mail server does to somebody who says nothing for minutes."""
        connection = self._mailer._connection
        assert connection is not None and connection._client.sock is not None
        with suppress(OSError):
            connection._client.sock.shutdown(socket.SHUT_RDWR)

    def _hook(self, said: str) -> None:
        if self._acting is not None:
            self._acting.hook(said)

    def _move(self, span: timedelta) -> None:
        """Move the clock, and the one in the database by which timers are judged."""
        now = self.clock.now() + span
        with self.engine.context.store.begin() as uow:
            uow.connection.raw.execute(f"UPDATE kill_clock SET now = '{now.astimezone(UTC).strftime(AT)}'")
        self.clock.move_to(now)
        let_go(self.engine)

    def _left(self) -> list[str]:
        """Tell what is due and not done."""
        now = self.clock.now()
        with self.engine.context.store.read() as reader:
            wrong = [f"timer {one.key} of {one.instance_id} waits" for one in reader.due(now, 100)]
            mails = [row for row in reader.outbox(limit=100_000) if row.status == "pending" and row.not_before <= now]
            letters = [view.row for view in reader.posted.letters(status="pending", limit=100_000)]
        wrong += [f"mail {row.id} waits" for row in mails]
        return wrong + [f"letter {row.id} waits" for row in letters if row.not_before <= now]

    def _audit(self) -> None:
        """Count what is lost, early or there twice, by the book of the mail server and by the triggers."""
        toll = self.toll
        entries = self._sink.taken(self._since)
        taken = Counter(one.message_id for one in entries)
        toll.counts["taken"] = taken.total()
        toll.counts["doubles"], wrong = self._doubts.judged(taken)
        toll.wrong += wrong
        with self.engine.context.store.read() as reader:
            ask = reader.connection.ask_all
            fired = ask("SELECT id, generation, count(*), min(due_at), min(at) FROM kill_fired GROUP BY id, generation")
            letters = {view.row.message_id: view.row for view in reader.posted.letters(limit=100_000)}
            noted = [one for row in reader.outbox(limit=100_000) for one in row.deliveries if one.at > BEGIN]
            unsettled = ask("SELECT status, count(*) FROM letter GROUP BY status")
        toll.counts["fired"] = len(fired)
        toll.counts["letters"] = len(noted)
        toll.wrong += [f"timer {row[0]}/{row[1]} fired {row[2]} times" for row in fired if row[2] > 1]
        toll.wrong += [f"timer {row[0]}/{row[1]} fired at {row[4]}, due {row[3]}" for row in fired if row[3] > row[4]]
        toll.wrong += [
            f"mail {one.message_id} was noted as sent, and is lost" for one in noted if not taken[one.message_id]
        ]
        toll.wrong += [f"mail {name} is of nobody" for name in taken if name not in letters]
        toll.wrong += [
            f"{count} letters are {name}" for name, count in unsettled if name not in ("sent", "withdrawn", "pending")
        ]
        told = {(one.subject, one.recipient) for one in entries}
        toll.wrong += [
            f"message {number} to person {person} is lost"
            for number in range(1, self._messages + 1)
            for person in range(PEOPLE)
            if not any(f"Besked {number}." in subject and to.startswith(f"p{person}@") for subject, to in told)
        ]
        complaints = [line.split()[0] for line in self._complaints.read_text().splitlines()]
        toll.counts.update(f"({line})" for line in complaints)
        toll.wrong += [f"doctor: {one.text}" for one in examine(self.engine).findings]


def _aim(random: Random) -> Aim:
    """Choose where a worker dies: at any step, at a chosen one, between the dot and its commit, or at any moment."""
    side = random.choice(("before", "after"))
    noting = ("after DOT", "before hold letter", f"{side} deliver", f"{side} end letter", "after settle")
    match random.random():
        case chance if chance < 0.25:
            return Aim("", random.randrange(320))
        case chance if chance < 0.35:
            return Aim(f"{side} {random.choice(TICKER)}", random.randrange(3))
        case chance if chance < 0.60:
            return Aim(f"{side} {random.choice((*LETTERS, *VERBS))}", random.randrange(3))
        case chance if chance < 0.70:
            return Aim(f"{side} commit", random.randrange(12))
        case chance if chance < 0.88:
            return Aim(random.choice(noting), random.randrange(4))
        case _:
            return Aim(seconds=0.005 + random.random() * 0.2)


def _mark_first() -> None:
    """The planted bug: notes a letter as sent when it is claimed."""
    claim, sent = Sending.claim, Sending.sent

    def marking(self: Sending, letter_id: int, now: datetime, ready: Ready) -> Claimed | Settled | None:
        letter = claim(self, letter_id, now, ready)
        if isinstance(letter, Claimed):
            sent(self, letter, now)
        return letter

    setattr(Sending, "claim", marking)  # noqa: B010
    setattr(Sending, "sent", lambda *_: True)  # noqa: B010


def _no_fence() -> None:
    """The planted bug: whoever reports on a letter is believed, however late he comes."""

    def holds(*_: Any) -> bool:
        return True

    setattr(Claims, "holds", holds)  # noqa: B010


_PLANTS = {"mark first": _mark_first, "no fence": _no_fence}
