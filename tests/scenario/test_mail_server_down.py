"""A mail server that is down, refuses, is slow or falls silent, over days of virtual time: nothing lost, no burst."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from samskabt.engine.civil.instants import local
from samskabt.engine.values import Intent
from samskabt.notifications.smtp import Security, SmtpMailer, SmtpSettings
from samskabt.runtime.running.health import Level, health_of
from samskabt.runtime.running.rounds import Rounds
from samskabt.runtime.usecases.programmes import Workflows

from ..mailserver import HANG, PASSWORD, USER, Certificates, MailServer, closed_port, mail_server, make_certificates
from .desk import Desk, at, open_desk, settle_desk
from .world import copied

FRIDAY = date(2019, 9, 20)
MONDAY = FRIDAY + timedelta(days=3)
NOW_AND_THEN = timedelta(hours=4)
PACE = 4


@dataclass
class Office:
    """A desk whose process runs in rounds and sends over SMTP; ``arrived`` is what the mail server took, and when."""

    desk: Desk
    smtp: SmtpSettings
    certificates: Certificates
    arrived: list[tuple[datetime, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rounds = self._rounds()

    def _rounds(self) -> Rounds:
        self.desk.engine.mailer = self.mailer = SmtpMailer(self.smtp, self.desk.clock.now)
        return Rounds(self.desk.engine)

    def patience(self, seconds: float, in_all: float) -> None:
        """Wait so long for a mail server from now on."""
        self.smtp = replace(self.smtp, seconds=seconds, seconds_in_all=in_all)
        self.rounds = self._rounds()

    def server(self, **script: Any) -> AbstractContextManager[MailServer]:
        """Turn the mail server on, with a way to misbehave."""

        def keep(receivers: list[str], content: bytes) -> None:
            name = str(message_from_bytes(content, policy=policy.default)["Message-ID"]).strip()
            self.arrived.extend((self.desk.clock.now(), receiver, name) for receiver in receivers)

        return mail_server(self.certificates.good, script=script, port=self.smtp.port, keep=keep)

    def live_until(self, end: datetime, *, every: timedelta = timedelta(seconds=5)) -> None:
        """Do a round whenever something is due, at most so often, and now and then."""
        clock = self.desk.clock
        while True:
            due = self.desk.next_due()
            then = min(max(due, clock.now() + every) if due else end, clock.now() + NOW_AND_THEN)
            if then >= end:
                break
            clock.move_to(then)
            self._round()
        clock.move_to(max(end, clock.now()))
        self._round()

    def _round(self) -> None:
        self.rounds.round()
        self.mailer.close()

    def levels(self) -> dict[str, Level]:
        """Give the worst that health says of each thing, and see that whatever is wrong has a way out."""
        found: dict[str, Level] = {}
        for check in health_of(self.desk.engine, NOW_AND_THEN).checks:
            assert check.level is Level.OK or check.advice, check
            found.setdefault(check.name, check.level)
        return found

    def people(self) -> Counter[str]:
        """Count what each person got."""
        return Counter(receiver for _, receiver, _ in self.arrived)

    def invite(self, *people: int) -> list[int]:
        """Queue an invitation to a meeting far ahead for each."""
        return [self.desk.queue(one, Intent.INVITATION, template="indkaldelse", dato="2019-12-01") for one in people]


@pytest.fixture(scope="module")
def desk_file(workflows: Workflows, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Make the database that every desk is a copy of."""
    path = tmp_path_factory.mktemp("post") / "post.db"
    return path, settle_desk(path, workflows, at(date(2019, 5, 1)))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Give certificates, good and bad."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def office(
    workflows: Workflows, desk_file: tuple[Path, int], certificates: Certificates, tmp_path: Path
) -> Iterator[Office]:
    """Open an office on a Friday at eight; its mail server is off."""
    desk = open_desk(copied(desk_file[0], tmp_path / "post.db"), workflows, at(FRIDAY, 8), desk_file[1])
    smtp = SmtpSettings("localhost", closed_port(), Security.STARTTLS, USER, PASSWORD, certificates.ca, seconds=5)
    desk.engine.tick()  # what the programme itself has to say is out of the way
    desk.engine.deliver()
    yield Office(desk, replace(smtp, most_per_minute=PACE), certificates)
    desk.engine.close()


def test_a_weekend_without_a_mail_server_loses_nothing_and_ends_without_a_burst(office: Office) -> None:
    """Down from Friday to Sunday: on Monday, in office hours, at the usual pace, what still matters arrives once."""
    desk = office.desk
    guests = [desk.person(f"Gæst {number}") for number in range(10)]
    anne, late, changed = desk.person("Anne"), desk.person("Sen"), desk.person("Fortrudt")
    office.invite(*guests)
    desk.queue(anne)
    moot = [desk.queue(late, expires_at=at(MONDAY, 7)), desk.queue(changed, template="begynd_leder")]
    office.live_until(at(FRIDAY, 9, 35))
    assert office.levels()["mailer"] is Level.FAIL  # the invitations have been tried since eight
    office.live_until(at(FRIDAY, 16))
    for day in (1, 2):  # reminders that come due while it is down
        desk.queue(anne)
        desk.engine.post.preferences.opt_out(changed, "text:begynd_leder")
        office.live_until(at(FRIDAY + timedelta(days=day), 12))
        assert office.levels()["mailer"] is Level.FAIL and office.arrived == []
    with office.server():
        office.live_until(at(MONDAY, 7, 59))
        assert office.arrived == []  # it is up since Sunday, and nobody is written to on a Sunday
        office.live_until(at(MONDAY, 12))
    assert set(office.people().values()) - {office.people()[f"p{anne}@eksempel.example"]} <= {1, 2}
    assert len(office.people()) == len(guests) + 1 and len({name for *_, name in office.arrived}) == len(office.arrived)
    assert {desk.mail(number).status for number in moot} == {"withdrawn"}
    assert all(local(when).date() == MONDAY and local(when).hour >= 8 for when, *_ in office.arrived)
    minutes = Counter(when.replace(second=0, microsecond=0) for when, *_ in office.arrived)
    assert max(minutes.values()) <= 2 * PACE  # any sixty seconds hold PACE, and lie in two minutes
    assert office.levels()["mailer"] is Level.OK and not desk.letters("pending")
    assert desk.findings() == []


def test_a_weekend_of_reminders_is_one_mail_and_within_the_budget(office: Office) -> None:
    """Five reminders that could not go are one letter on Monday, and the next week's budget holds."""
    desk = office.desk
    anne = desk.person("Anne")
    for hour in (8, 10, 12, 13, 14):
        office.live_until(at(FRIDAY, hour))
        desk.queue(anne)
    office.live_until(at(FRIDAY + timedelta(days=2), 12))
    with office.server():
        for day in range(5):
            office.live_until(at(MONDAY + timedelta(days=day), 8))
            desk.queue(anne)
            office.live_until(at(MONDAY + timedelta(days=day), 14))
            assert len(office.arrived) <= 2 + day
    assert 2 <= len(office.arrived) <= 3
    assert desk.findings() == []


def test_hours_of_4xx_cost_nobody_his_mail(office: Office) -> None:
    """Each letter is tried again, later and later; health warns, then alarms, and is quiet once it has gone."""
    desk = office.desk
    row = office.invite(desk.person("Anne"))[0]
    with office.server(RCPT="451 4.3.0 Try later") as server:
        office.live_until(at(FRIDAY, 8, 1))
        assert office.levels()["mailer"] is Level.WARN
        office.live_until(at(FRIDAY, 11))
        assert office.levels()["mailer"] is Level.FAIL
        assert server.received.verbs.count("RCPT") <= 6 and desk.mail(row).status == "posted"
        server.script.clear()
        office.live_until(at(MONDAY, 14))
    assert list(office.people().values()) == [1] and desk.mail(row).status == "sent"
    assert office.levels()["mailer"] is Level.OK and desk.findings() == []


def test_a_refused_address_is_one_persons_and_sent_again_when_it_is_mended(office: Office) -> None:
    """The others get theirs; the dead letter is told with a way out until somebody sends it again."""
    desk = office.desk
    rows = office.invite(desk.person("Anne"), desk.person("Bo"))
    with office.server(RCPT=["550 5.1.1 No such user"]):
        office.live_until(at(FRIDAY, 9))
        levels = office.levels()
        assert (levels["mailer"], levels["mails_dead"]) == (Level.OK, Level.WARN)
        assert [desk.mail(row).status for row in rows] == ["dead", "sent"]
        desk.engine.post.resend(desk.letters("dead")[0].id)
        office.live_until(at(FRIDAY, 10))
    assert sorted(office.people().values()) == [1, 1] and office.levels()["mails_dead"] is Level.OK
    assert desk.findings() == []


@pytest.mark.parametrize("script", [{"MAIL": "550 5.7.1 Not you"}, {"RCPT": "554 5.7.1 Relay denied"}])
def test_a_server_that_refuses_everybody_kills_no_letter(office: Office, script: dict[str, str]) -> None:
    """What is the installation's fault is nobody's end: it is told as the mail server's, and all go when it is over."""
    desk = office.desk
    rows = office.invite(*(desk.person(f"Gæst {number}") for number in range(4)))
    with office.server(**script) as server:
        office.live_until(at(FRIDAY, 12))
        assert office.levels()["mailer"] is Level.FAIL and not office.arrived
        assert {desk.mail(row).status for row in rows} == {"posted"}
        server.script.clear()
        office.live_until(at(MONDAY, 14))
    assert list(office.people().values()) == [1] * len(rows)
    assert office.levels()["mailer"] is Level.OK and desk.findings() == []


def test_a_silence_after_the_dot_is_a_second_copy_or_a_question(office: Office) -> None:
    """What may come twice is sent again under its Message-ID; what may not waits for a human, and health says so."""
    desk = office.desk
    office.patience(1.0, 10.0)
    often, once = (
        office.invite(desk.person("Anne"))[0],
        desk.queue(desk.person("Bo"), Intent.NOTICE, hoejst_en_gang=True),
    )
    with office.server(DOT=[HANG, HANG]):
        office.live_until(at(FRIDAY, 10))
        assert (desk.mail(often).status, desk.mail(once).status) == ("sent", "doubtful")
        assert office.levels()["mails_doubtful"] is Level.WARN
        assert sorted(Counter(name for *_, name in office.arrived).values()) == [1, 2]
        desk.engine.post.resend(desk.letters("doubtful")[0].id)
        office.live_until(at(FRIDAY, 11))
    assert desk.mail(once).status == "sent" and office.levels()["mails_doubtful"] is Level.OK
    assert desk.findings() == []


SLOW = dict.fromkeys(("EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "DOT"), 0.1)


def test_a_slow_server_gets_its_time_and_not_more(office: Office) -> None:
    """A tenth of a second for each verb is waited for; where that is too long in all nothing is lost or doubled."""
    desk = office.desk
    office.patience(1.0, 0.45)
    rows = office.invite(desk.person("Anne"), desk.person("Bo"))
    with office.server(**SLOW):
        office.live_until(at(FRIDAY, 8, 20))
        assert not office.arrived and office.levels()["mailer"] is Level.FAIL
        office.patience(1.0, 10.0)
        office.live_until(at(FRIDAY, 12))
    assert list(office.people().values()) == [1, 1] and {desk.mail(row).status for row in rows} == {"sent"}
    assert desk.findings() == []


@contextmanager
def cramped(desk: Desk) -> Iterator[None]:
    """Let the database have no page more than it has."""
    store = desk.engine.context.store
    with store.read() as reader:
        pages = reader.connection.ask("PRAGMA page_count") - reader.connection.ask("PRAGMA freelist_count")
    roomy: Callable[[], Any] = store._engine.connect

    def connect() -> Any:
        raw = roomy()
        raw.execute(f"PRAGMA max_page_count = {pages}")
        return raw

    def renew(how: Callable[[], Any]) -> None:
        while store._idle:
            store._idle.pop().raw.close()
        store._engine = replace(store._engine, connect=how)

    renew(connect)
    yield
    renew(roomy)


@pytest.mark.no_cover  # It lives four hours of minutes; tracing makes five minutes of them.
def test_a_full_disk_stops_the_post_and_is_told_and_all_goes_when_there_is_room(office: Office) -> None:
    """Letters that cannot be written down wait; afterwards each person gets one, a second copy only of what was out."""
    desk = office.desk
    rows = office.invite(*(desk.person(f"Gæst {number}") for number in range(40)))
    with office.server():
        with cramped(desk):
            office.live_until(at(FRIDAY, 8, 2))
            waiting = [row for row in rows if desk.mail(row).status != "sent"]
            assert waiting, "the disk was not full"
            office.live_until(at(FRIDAY, 8, 45), every=timedelta(minutes=1))
            assert Level.FAIL in {office.levels()[name] for name in ("process", "backlog_mails", "backlog_letters")}
        office.live_until(at(FRIDAY, 12), every=timedelta(minutes=1))
    assert len(office.people()) == len(rows) and {desk.mail(row).status for row in rows} == {"sent"}
    assert {office.levels()[name] for name in ("process", "backlog_mails", "backlog_letters")} == {Level.OK}
    assert desk.findings() == []
