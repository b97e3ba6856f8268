"""Health: what it says of a database in each state, and that it costs the same however much is stored."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from threading import Event

import pytest
from samskabt.engine.errors import NotYet
from samskabt.engine.values import Intent
from samskabt.notifications import FolderMailer, Mail
from samskabt.notifications.smtp.inbox import FolderInbox
from samskabt.runtime.posting.restraint import Restraint
from samskabt.runtime.running.health import Health, Level, health_of
from samskabt.runtime.running.process import Running
from samskabt.runtime.running.rounds import Rounds, WatchedMailer
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.storage.running import backlog

from .desk import at, open_desk, settle_desk
from .living import CHOSEN, Life, begun


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """Give a programme with timers that are all due now."""
    life = begun(f"sqlite:///{tmp_path / 'samskabt.db'}")
    life.clock.move_to(CHOSEN)
    return life


def level(health: Health, name: str) -> Level:
    """Give the worst that is said of one thing."""
    return next(check.level for check in health.checks if check.name == name)


def test_a_database_that_nobody_ticks_fails_and_says_what_to_do(life: Life) -> None:
    """No tick ever, and a backlog: whoever watches is told to start the engine."""
    found = health_of(life.engine)
    assert not found.is_well and found.last_tick is None
    assert level(found, "tick") is level(found, "backlog_timers") is Level.FAIL
    assert all(check.advice for check in found.checks if check.level is not Level.OK)
    life.engine.close()


def test_after_a_round_all_is_well_until_the_clock_stands_still(life: Life) -> None:
    """A tick makes it well; three minutes without one is an alarm, and so is a process that is not heard of."""
    Rounds(life.engine).round()
    assert health_of(life.engine).is_well
    life.clock.move_to(CHOSEN + timedelta(minutes=2))
    assert health_of(life.engine).is_well  # Cron starts one a minute, and now and then one takes longer.
    life.clock.move_to(CHOSEN + timedelta(minutes=4))
    found = health_of(life.engine)
    assert level(found, "tick") is Level.FAIL and level(found, "process") is Level.WARN
    assert level(health_of(life.engine, timedelta(minutes=5)), "tick") is Level.OK
    life.engine.close()


def test_a_failing_timer_is_told_with_its_attempts_and_alarms_from_the_fifth(life: Life) -> None:
    """Which instance, how often, when again; the error's class alone."""
    with life.engine.context.store.begin() as uow:
        first = "SELECT id FROM timer WHERE status = 'armed' ORDER BY due_at LIMIT 1"
        uow.connection.raw.execute(f"UPDATE timer SET rule = 'ukendt' WHERE id = ({first})")
    for minutes in (0, 2, 10, 20, 100):
        life.clock.move_to(life.clock.now() + timedelta(minutes=minutes))
        Rounds(life.engine).round()
        attempts = [check for check in health_of(life.engine).checks if check.name == "failing_timer"]
        assert attempts[0].level is (Level.FAIL if minutes == 100 else Level.WARN)
    assert "failed 5 times" in attempts[0].text and "ukendt" not in attempts[0].text
    life.engine.close()


def test_a_disk_that_is_almost_full_alarms(life: Life) -> None:
    """Less room than was asked for."""
    settings = life.engine.settings
    with life.engine.context.store.read() as reader:
        path = reader.connection.ask_all("PRAGMA database_list")[0][2]
    object.__setattr__(settings, "url", f"sqlite:///{path}")
    assert level(health_of(life.engine), "disk") is Level.OK
    assert level(health_of(life.engine, least_bytes=2**60), "disk") is Level.FAIL
    life.engine.close()


def test_no_statement_of_health_reads_a_whole_table(life: Life) -> None:
    """Each one searches an index or stops at its bound: a million pending timers cost nothing."""
    builds = {**{f"waiting {name}": build for name, build in backlog._WAITING.items()}}
    builds |= {"count failing": backlog._count_failing, "failing": backlog._failing}
    builds |= {"stuck letters": backlog._stuck_letters, "stuck mails": backlog._stuck_mails}
    given = {"b_before": CHOSEN, "b_status": "dead"}
    with life.engine.context.store.read() as reader:
        for name, build in builds.items():
            statement = reader.connection.book(name, build)
            plan = reader.connection.raw.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.values(given))
            lines = [row[3] for row in plan.fetchall()]
            reads = [line for line in lines if any(table in line for table in (" timer", " letter", " outbox"))]
            assert reads and all(" INDEX " in line for line in reads), (name, lines)
    life.engine.close()


def test_a_mail_server_that_cannot_be_used_is_seen() -> None:
    """One that is down costs no mail an attempt, and fails the mailer all the same; a pace that is kept does not."""

    class Down:
        is_fault = True

        def send(self, mail: Mail) -> None:  # noqa: ARG002
            raise NotYet("down", at=CHOSEN, is_fault=self.is_fault)

    server = Down()
    watched = WatchedMailer(server)
    mail = Mail("<a@b.example>", "a@b.example", "c@d.example", "Emne", b"")
    with pytest.raises(NotYet):
        watched.send(mail)
    assert watched.failing == "NotYet" and watched.tried
    server.is_fault, watched.failing = False, None
    with pytest.raises(NotYet):
        watched.send(mail)
    assert watched.failing is None


def test_an_inbox_that_cannot_be_read_shows_until_it_is_read(life: Life, tmp_path: Path) -> None:
    """Also in the rounds between two readings, since when, and as an alarm after some minutes."""
    object.__setattr__(life.engine.settings, "inbox", tmp_path / "inbox")
    life.engine.errands["inbox"] = life.engine.inbox.read
    rounds = Rounds(life.engine)
    assert rounds.round().broken == ("inbox",)
    for minutes, expected in ((1, Level.WARN), (11, Level.FAIL)):
        life.clock.move_to(CHOSEN + timedelta(minutes=minutes))
        assert rounds.round().broken == ()  # A minute of the machine has not gone: the inbox was not tried again.
        assert level(health_of(life.engine), "process") is expected
    (tmp_path / "inbox").mkdir()
    rounds._inbox_due = 0.0
    rounds.round()
    assert level(health_of(life.engine), "process") is level(health_of(life.engine), "inbox") is Level.OK
    life.clock.move_to(CHOSEN + timedelta(minutes=30))
    rounds.round()
    assert level(health_of(life.engine), "inbox") is Level.FAIL
    life.engine.close()


class Down:
    """A mailer whose server is down for a while."""

    is_down = True

    def send(self, mail: Mail) -> None:  # noqa: ARG002
        """Say that it cannot be reached."""
        if self.is_down:
            raise NotYet("down", at=CHOSEN + timedelta(hours=1), is_fault=True)


def test_what_fails_under_cron_shows_and_keeps_its_time(life: Life, tmp_path: Path) -> None:
    """Each run is a process that ends: the last one speaks, and takes over since when mail server and inbox fail."""
    mailer = Down()
    life.engine.mailer = mailer
    object.__setattr__(life.engine.settings, "inbox", tmp_path / "inbox")
    life.engine.errands["inbox"] = life.engine.inbox.read
    for minutes in (0, 1, 12):
        life.clock.move_to(CHOSEN + timedelta(minutes=minutes))
        life.engine.sweeper.owner = f"run {minutes}"
        Running(life.engine).once(Event())
        found, wanted = health_of(life.engine), Level.WARN if minutes < 10 else Level.FAIL
        assert level(found, "mailer") is level(found, "process") is wanted
    mailer.is_down = False
    life.clock.move_to(CHOSEN + timedelta(hours=2))
    Running(life.engine).once(Event())
    assert level(health_of(life.engine), "mailer") is Level.OK
    life.engine.close()


def test_a_mailer_is_well_again_though_there_is_nothing_to_send(workflows: Workflows, tmp_path: Path) -> None:
    """It is asked, as soon as no letter waits that has failed; until it works its failure keeps its time."""
    programme = settle_desk(tmp_path / "desk.db", workflows, at(date(2019, 5, 1)))
    eight = at(date(2019, 9, 16), 8)
    desk = open_desk(f"sqlite:///{tmp_path / 'desk.db'}", workflows, eight, programme, Restraint.off())
    with desk.engine as engine:
        engine.mailer = FolderMailer(tmp_path / "mail")
        (tmp_path / "mail").write_text("no folder")
        desk.queue(desk.person(), Intent.NOTICE, template="velkommen", expires_at=eight + timedelta(minutes=30))
        rounds = Rounds(engine)
        for minutes, wanted in ((0, Level.WARN), (60, Level.FAIL)):
            desk.clock.move_to(eight + timedelta(minutes=minutes))
            rounds.round()
            assert level(health_of(engine), "mailer") is wanted
        assert not desk.letters("pending")
        (tmp_path / "mail").unlink()
        rounds.round()
        assert level(health_of(engine), "mailer") is Level.OK and not list((tmp_path / "mail").iterdir())


def test_a_mailer_that_was_mended_before_the_weekend_is_well_over_it(workflows: Workflows, tmp_path: Path) -> None:
    """A letter that waits for Monday's office hours shows nothing until then, so the mailer is asked."""
    programme = settle_desk(tmp_path / "desk.db", workflows, at(date(2019, 5, 1)))
    friday = at(date(2019, 9, 20), 12) + timedelta(minutes=58)
    desk = open_desk(f"sqlite:///{tmp_path / 'desk.db'}", workflows, friday, programme)
    with desk.engine as engine:
        engine.mailer = FolderMailer(tmp_path / "mail")
        (tmp_path / "mail").write_text("no folder")
        row = desk.queue(desk.person(), Intent.INVITATION, template="velkommen")
        rounds = Rounds(engine)
        rounds.round()
        assert level(health_of(engine), "mailer") is Level.WARN and desk.mail(row).status == "posted"
        (tmp_path / "mail").unlink()
        desk.clock.move_to(friday + timedelta(minutes=17))
        rounds.round()
        assert level(health_of(engine), "mailer") is Level.OK and desk.mail(row).status == "posted"


def test_an_inbox_that_is_read_by_hand_is_read(life: Life, tmp_path: Path) -> None:
    """Whoever reads it, a process, a cron of its own or a person: it counts."""
    object.__setattr__(life.engine.settings, "inbox", tmp_path)
    Rounds(life.engine).round()  # which reads none: it has no such errand
    life.clock.move_to(CHOSEN + timedelta(minutes=30))
    assert level(health_of(life.engine), "inbox") is Level.FAIL
    life.engine.inbox.read()
    assert level(health_of(life.engine), "inbox") is Level.OK
    life.engine.close()


def test_what_came_in_for_people_is_counted(life: Life, tmp_path: Path) -> None:
    """A mail that nobody but a person can answer warns until somebody has seen to it."""
    (tmp_path / "1.eml").write_text("From: Anne <a@x.example>\r\nSubject: Kan ikke\r\n\r\nHej\r\n")
    life.engine.inbox.read(inbox=FolderInbox(tmp_path))
    (check,) = (one for one in health_of(life.engine).checks if one.name == "mails_left")
    assert check.level is Level.WARN and "1 mail that came in" in check.text and "inbox list" in check.advice
    life.engine.inbox.settle()
    assert level(health_of(life.engine), "mails_left") is Level.OK
    life.engine.close()
