"""When a letter is dated, what goes again is what went before, and what went on trial holds nothing real back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from samskabt.engine.errors import DeliveryFailed
from samskabt.engine.values import Intent
from samskabt.notifications import Mail, MemoryMailer
from samskabt.notifications.smtp.bounces import Bounce
from samskabt.runtime.clock import VirtualClock
from samskabt.runtime.engine import Engine, connect
from samskabt.runtime.posting.restraint import Restraint
from samskabt.runtime.settings import Settings
from samskabt.runtime.usecases.programmes import Workflows

from ..mails import parsed
from .desk import DatedMailer, Desk, at, open_desk, settle_desk
from .world import KEY, ME, copied

MONDAY = date(2019, 9, 16)
EIGHT = at(MONDAY, 8)
BUSY = DeliveryFailed("451 kom igen", retry=True)
UNHEARD = DeliveryFailed("intet svar efter mailens slutning", retry=True, doubtful=True)


@pytest.fixture(scope="module")
def desk_file(workflows: Workflows, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Make the database that every desk is a copy of."""
    path = tmp_path_factory.mktemp("again") / "post.db"
    return path, settle_desk(path, workflows, at(date(2019, 5, 1)))


@pytest.fixture
def desk(workflows: Workflows, desk_file: tuple[Path, int], tmp_path: Path) -> Iterator[Desk]:
    """Open a desk where every mail goes at once."""
    url = copied(desk_file[0], tmp_path / "desk.db")
    with (opened := open_desk(url, workflows, EIGHT, desk_file[1], Restraint.off())).engine:
        yield opened


@pytest.fixture
def on_trial(desk: Desk, workflows: Workflows, tmp_path: Path) -> Callable[[object], Engine]:
    """Open the desk's database as it runs on trial, with a mailer."""

    def open_(mailer: object) -> Engine:
        settings = Settings(restraint=Restraint.off(), all_mail_to="proeve@program.example")
        clock = VirtualClock(desk.clock.now())
        url = f"sqlite:///{tmp_path / 'desk.db'}"
        return connect(url, workflows=workflows, clock=clock, settings=settings, mailer=mailer)  # type: ignore[arg-type]

    return open_


class Unheard(DatedMailer):
    """A mail server that takes every mail, and whose answer is lost as long as there is trouble."""

    def send(self, mail: Mail) -> None:
        """Take it."""
        trouble, self.trouble = self.trouble, None
        super().send(mail)
        self.trouble = trouble
        if trouble is not None:
            raise trouble


def dated(mail: Mail) -> datetime:
    """Read the date of a mail."""
    return parsedate_to_datetime(str(parsed(mail.content)["Date"]))


def test_a_mail_is_dated_when_it_is_sent(desk: Desk) -> None:
    """Not when it was queued; and what a server refused at first is dated when it takes it."""
    desk.queue(desk.person(), Intent.NOTICE, template="velkommen")
    desk.mailer.trouble = BUSY
    desk.move(EIGHT + timedelta(minutes=30))
    desk.mailer.trouble = None
    desk.move(EIGHT + timedelta(hours=2))
    ((instant, mail),) = desk.mailer.sent
    assert dated(mail) == instant == EIGHT + timedelta(hours=2)


def test_what_may_be_out_goes_again_byte_for_byte(desk: Desk) -> None:
    """With the date, and the days left, of the attempt that may have arrived; a calendar file too."""
    desk.mailer = desk.engine.mailer = Unheard(desk.clock, UNHEARD)
    desk.queue(desk.person(), template="blev_det_holdt", dato="2019-09-19", titel="Temadag")
    desk.move(EIGHT)
    desk.mailer.trouble = BUSY
    desk.move(EIGHT + timedelta(hours=1))
    desk.mailer.trouble = None
    desk.move(EIGHT + timedelta(days=2))
    first, *others = [mail.content for _, mail in desk.mailer.sent]
    assert len(others) == 2 and set(others) == {first} and dated(desk.mailer.sent[-1][1]) == EIGHT
    assert desk.letters()[0].status == "sent"


def test_what_a_person_sends_again_is_dated_anew(desk: Desk) -> None:
    """It goes under its Message-ID, and as of now: nobody looks for it among the mails of last week."""
    desk.mailer = desk.engine.mailer = Unheard(desk.clock, UNHEARD)
    desk.queue(desk.person(), Intent.NOTICE, template="velkommen", hoejst_en_gang=True)
    desk.move(EIGHT)
    (letter,) = desk.letters("doubtful")
    desk.mailer.trouble = None
    desk.clock.move_to(EIGHT + timedelta(days=7))
    desk.engine.post.resend(letter.id)
    desk.engine.deliver()
    (_, before), (_, after) = desk.mailer.sent
    assert before.message_id == after.message_id and dated(after) - dated(before) == timedelta(days=7)


@pytest.mark.parametrize("once", [True, False])
def test_a_doubt_of_the_trial_holds_no_real_mail_back(
    desk: Desk, on_trial: Callable[[object], Engine], once: bool
) -> None:
    """Once only: it is launched, and goes. Else it goes by itself, as new, with what came since in the same digest."""
    row = desk.queue(desk.person(), Intent.NOTICE, template="velkommen", hoejst_en_gang=once)
    with on_trial(Unheard(desk.clock, UNHEARD)) as trial:
        assert trial.deliver().failed == 1
    assert not desk.mailer.sent
    desk.clock.move_to(EIGHT + timedelta(hours=1))
    assert desk.engine.post.launch().mails == int(once)
    desk.engine.deliver()
    ((instant, mail),) = desk.mailer.sent
    assert dated(mail) == instant and "PRØVE" not in mail.subject and desk.mail(row).status == "sent"
    assert desk.findings() == []


def test_a_programme_that_begins_in_the_past_is_entered_in_silence(workflows: Workflows, tmp_path: Path) -> None:
    """Its fases begin and end late; nobody hears of meetings and deadlines that were over, then or later."""
    clock = VirtualClock(at(date(2021, 9, 15)))
    with connect(
        f"sqlite:///{tmp_path / 'late.db'}", workflows=workflows, clock=clock, mailer=MemoryMailer()
    ) as engine:
        number = engine.programmes.start(KEY, actor=ME, start=date(2019, 9, 1)).instance_id
        for days in (0, 1, 8, 22):
            clock.move_to(at(date(2021, 9, 15)) + timedelta(days=days))
            engine.sweeper.tick()
        with engine.context.store.read() as reader:
            assert [mail.nudge.why for mail in reader.outbox() if mail.nudge.intent is Intent.NUDGE] == []
            assert "fase_afslutning.afslut" in [row.event for row in reader.history(number)]


def test_what_is_entered_a_day_late_gets_its_receipt_all_the_same(workflows: Workflows, tmp_path: Path) -> None:
    """A receipt answers what was entered; only reminders of days that were over are left out."""
    clock = VirtualClock(at(date(2019, 5, 6)))
    with connect(
        f"sqlite:///{tmp_path / 'late.db'}", workflows=workflows, clock=clock, mailer=MemoryMailer()
    ) as engine:
        number = engine.programmes.start(KEY, actor=ME).instance_id
        engine.advance(number, "forloeb.aabn_tilmelding", actor=ME)
        clock.move_to(at(date(2019, 5, 13)))
        engine.programmes.enrol(number, "Greve", actor=ME, happened_at=at(date(2019, 5, 12)))
        engine.sweeper.tick()
        with engine.context.store.read() as reader:
            assert "tilmelding_modtaget" in [mail.nudge.template for mail in reader.outbox()]


def test_what_was_held_for_a_broken_address_goes_as_one_mail_when_it_is_mended(
    workflows: Workflows, desk_file: tuple[Path, int], tmp_path: Path
) -> None:
    """Nobody has sent it yet: days of reminders to a new address are one letter, not one each."""
    desk = open_desk(copied(desk_file[0], tmp_path / "held.db"), workflows, EIGHT, desk_file[1])
    anne = desk.person()
    first = desk.queue(anne, Intent.NOTICE, template="velkommen")
    desk.live_until(at(MONDAY, 16))
    (sent,) = [one for one in desk.letters("sent") if first in one.mails]
    desk.engine.inbox.bounced(Bounce((sent.message_id,), desk.mailer.sent[-1][1].recipient, "5.1.1", True))
    for number in range(2):
        desk.queue(anne, titel=f"Møde {number}")
        desk.live_until(desk.clock.now() + timedelta(days=2))
    assert sum(one.status == "held" for one in desk.letters()) > 1
    before = len(desk.mailer.sent)
    desk.engine.people.readdress(anne, "ny@eksempel.example")
    desk.live_until(desk.clock.now() + timedelta(days=3))
    assert [mail.recipient for _, mail in desk.mailer.sent[before:]] == ["ny@eksempel.example"]
    assert not desk.findings()
    desk.engine.close()


def test_who_dies_on_trial_leaves_no_doubt_about_the_real_letter(
    desk: Desk, on_trial: Callable[[object], Engine]
) -> None:
    """What may go once only is sent once for real, though a process died with its trial in hand."""

    class Dying(MemoryMailer):
        def send(self, mail: Mail) -> None:  # noqa: ARG002
            raise KeyboardInterrupt

    row = desk.queue(desk.person(), Intent.NOTICE, template="velkommen", hoejst_en_gang=True)
    with on_trial(Dying()) as trial, pytest.raises(KeyboardInterrupt):
        trial.deliver()
    desk.move(EIGHT + timedelta(hours=1))
    assert len(desk.mailer.sent) == 1 and desk.mail(row).status == "sent"
