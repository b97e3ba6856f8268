"""kill -9 at every statement and every verb of SMTP of named deliveries: each ends as if nobody had died."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from samskabt.notifications import MemoryMailer
from samskabt.notifications.smtp import SmtpMailer, SmtpSettings
from samskabt.runtime.doctor import examine
from samskabt.runtime.engine import Engine
from samskabt.runtime.posting.sending import LEASE
from samskabt.runtime.settings import Settings
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.storage import Store

from ..mailserver import Certificates, make_certificates
from .conversations import CASES, EIGHT, Case
from .crashing import Aim
from .desk import at, open_desk, settle_desk
from .killing import (
    NEVER,
    OFFICE,
    PERHAPS_TAKEN,
    Post,
    SharedClock,
    Sink,
    Watch,
    WatchedMailer,
    Worker,
    let_go,
    sink_at,
)
from .world import copied

SHARE = 53
"""Under `make test` every so many-th step of a case kills, beginning elsewhere in each case."""

pytestmark = [pytest.mark.no_cover, pytest.mark.xdist_group("kills")]
Say = Callable[[str], None]


@dataclass(frozen=True)
class End:
    """How a case ended: the mails of the outbox, the letters, and how often each mail was taken by the server."""

    mails: tuple[tuple[int, str], ...]
    letters: tuple[tuple[str, str], ...]
    taken: Counter[str] = field(default_factory=Counter)


class Bed:
    """One case on one database file, over and over again from the same start."""

    def __init__(self, case: Case, folder: Path, programme: int, workflows: Workflows, sink: Sink, smtp: SmtpSettings):
        self._case, self._sink, self._smtp = case, sink, smtp
        self._start, self._path = folder / "start.db", folder / "case.db"
        desk = open_desk(f"sqlite:///{self._start}", workflows, EIGHT, programme, case.restraint)
        with desk.engine.context.begin() as uow:
            uow.letters.secret(lambda: "en nøgle for alle liv")  # so that a mail has the same identity in each
        case.prepare(desk)
        desk.engine.close()
        self.clock, self._acting = SharedClock(EIGHT), Watch()
        settings = Settings(restraint=case.restraint, smtp=smtp, all_mail_to=case.all_mail_to, sender=OFFICE)
        self._begin_anew()
        store = Store.open(f"sqlite:///{self._path}", lambda said: self._acting.hook(said))
        self.engine = Engine(store, workflows, clock=self.clock, settings=settings, mailer=MemoryMailer())
        self._acting.begin(NEVER)
        self.worker = Worker(Watch())

    def live(self, aim: Aim) -> tuple[End, Post, bool]:
        """Live the case from its start with a worker that dies as told; give its end, and where the worker stood."""
        let_go(self.engine)
        since = self._begin_anew()
        self.worker.start(aim, self.engine, self._work)
        is_dead = self.worker.ended()
        post = self.worker.watch.post
        self._finish()
        return self._end(since), post, is_dead

    def findings(self) -> list[str]:
        """List what the doctor finds of mails and letters; the programme's timers are left alone here."""
        found = examine(self.engine).findings
        return [f"doctor: {one.text}" for one in found if one.code.startswith(("mail", "letter"))]

    def close(self) -> None:
        """Give back the connections."""
        self.engine.close()

    def _begin_anew(self) -> int:
        for ending in ("-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        shutil.copyfile(self._start, self._path)
        self._sink.script(**self._case.script)
        self.clock.move_to(self._case.rounds[0])
        return self._sink.size

    def _work(self, watch: Watch) -> None:
        self._acting = watch
        mailer = SmtpMailer(self._smtp, self.clock.now)
        for instant in self._case.rounds:
            self.clock.move_to(instant)
            self.engine.post.deliver(WatchedMailer(mailer, watch))
            mailer.close()

    def _finish(self) -> None:
        """Let another process do what is left: at the times of the case, and whenever something is due."""
        mailer = SmtpMailer(self._smtp, self.clock.now)
        now = self.clock.now()
        rounds = [now + LEASE + timedelta(minutes=1), *(one for one in self._case.rounds if one > now)]
        last = max(rounds) + timedelta(hours=4)
        self.engine.context.store.hurry()
        while rounds or (due := self._due()) <= last:
            instant = min(rounds) if rounds else due
            rounds = [one for one in rounds if one > instant]
            self.clock.move_to(max(instant, self.clock.now()))
            self.engine.post.deliver(mailer)
            mailer.close()

    def _due(self) -> datetime:
        with self.engine.context.store.read() as reader:
            return reader.posted.next_due() or at(EIGHT.date() + timedelta(days=999))

    def _end(self, since: int) -> End:
        with self.engine.context.store.read() as reader:
            mails = tuple((row.id, row.status) for row in reader.outbox(limit=1000))
            rows = [view.row for view in reader.posted.letters(limit=1000)]
        letters = tuple((row.message_id, row.status) for row in rows)
        return End(mails, letters, Counter(one.message_id for one in self._sink.taken(since)))


def unlike(found: End, should: End, post: Post, *, is_once: bool) -> list[str]:
    """Tell what is other than if nobody had died, beyond the one second copy that a death explains."""
    wrong = []
    # Whoever died with it in hand may have sent it: a human decides, whether it came or not.
    is_open = is_once and "doubtful" in {status for _, status in found.letters}
    for name in should.taken | found.taken:
        more = found.taken[name] - should.taken[name]
        is_doubled = post.stage == PERHAPS_TAKEN and name == post.message_id and not is_once
        if more not in ((0, 1) if is_doubled else (-1, 0) if is_open else (0,)):
            wrong.append(f"mail {name} was taken {found.taken[name]} times instead of {should.taken[name]}")
    if (found.mails, found.letters) != (should.mails, should.letters) and not is_open:
        wrong.append(f"{found.mails} {found.letters} instead of {should.mails} {should.letters}")
    return wrong


@pytest.fixture(scope="module")
def desk_file(workflows: Workflows, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Make the database that every case begins with."""
    path = tmp_path_factory.mktemp("bed") / "post.db"
    return path, settle_desk(path, workflows, at(EIGHT.date() - timedelta(days=120)))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Give certificates, good and bad."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Sink]:
    """Run a mail server in a process of its own."""
    with sink_at(tmp_path_factory.mktemp("book") / "book.jsonl", certificates) as found:
        yield found


@pytest.mark.soak
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("name", CASES)
def test_a_kill_at_any_step_changes_nothing_but_a_second_copy(
    name: str,
    desk_file: tuple[Path, int],
    workflows: Workflows,
    sink: Sink,
    certificates: Certificates,
    tmp_path: Path,
    say: Say,
    soak: bool,
) -> None:
    """Whoever dies before or after any statement or verb, the next one brings the case to the end it has anyway."""
    copied(desk_file[0], tmp_path / "start.db")
    bed = Bed(CASES[name], tmp_path, desk_file[1], workflows, sink, sink.settings(certificates))
    first, _, _ = bed.live(Aim())  # the keeper does it all, and what it has looked up its workers need not
    should, post, _ = bed.live(NEVER)
    assert first == should, "the case does not end the same way twice"
    begin, step = (0, 1) if soak else (list(CASES).index(name) % SHARE, SHARE)
    places, doubles, wrong = Counter[str](), 0, list[str]()
    is_once = "at most once" in name
    for number in range(begin, post.steps, step):
        found, stood, is_dead = bed.live(Aim("", number))
        assert is_dead, f"it came to its end before step {number}"
        places[stood.step.partition(" ")[2]] += 1
        doubles += (found.taken - should.taken).total()
        told = unlike(found, should, stood, is_once=is_once)
        told += bed.findings() if number % 5 == 0 else []
        wrong += [f"step {number} ({stood.step}): {line}" for line in told]
    bed.close()
    verbs = sum(places[verb] for verb in places if verb.isupper())
    say(f"{name}: {places.total()} of {post.steps} steps killed, {verbs} of them verbs, {doubles} doubles")
    assert wrong[:10] == []
    assert_is_tried(should, places, soak=soak)


def assert_is_tried(should: End, places: Counter[str], *, soak: bool) -> None:
    """Check that the long form has died at every verb where anything was sent at all."""
    verbs = ["EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "BODY", "DOT"]
    if "sent" in {status for _, status in should.letters}:
        verbs.append("QUIT")  # Nobody takes leave of a server that has hung up, as it does where all ends in doubt.
    assert not (soak and should.taken) or all(places[verb] for verb in verbs)
