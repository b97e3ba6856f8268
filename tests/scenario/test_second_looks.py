"""What is asked again of a letter that was made already: wishes, addresses, doubles, the budget, and the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from samskabt.engine.errors import DeliveryFailed
from samskabt.engine.values import Intent, Nudge
from samskabt.notifications.compose import Mail
from samskabt.notifications.smtp.bounces import Bounce
from samskabt.runtime.posting.restraint import Restraint
from samskabt.runtime.usecases.programmes import Workflows

from .desk import Desk, at, open_desk, settle_desk
from .world import ME, copied

MONDAY = date(2019, 9, 16)
FRIDAY = MONDAY + timedelta(days=4)
EIGHT = at(MONDAY, 8)


@pytest.fixture(scope="module")
def desk_file(workflows: Workflows, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Make the database that every desk is a copy of."""
    path = tmp_path_factory.mktemp("looks") / "post.db"
    return path, settle_desk(path, workflows, at(date(2019, 5, 1)))


@pytest.fixture
def desk_at(workflows: Workflows, desk_file: tuple[Path, int], tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Open a desk at an instant, on a copy of its own."""
    opened: list[Desk] = []

    def open_(start: datetime = EIGHT, restraint: Restraint | None = None) -> Desk:
        url = copied(desk_file[0], tmp_path / f"{len(opened)}.db")
        opened.append(open_desk(url, workflows, start, desk_file[1], restraint or Restraint()))
        return opened[-1]

    yield open_
    for one in opened:
        one.engine.close()


def test_a_pause_holds_for_a_letter_already_made(desk_at: Callable[..., Desk]) -> None:
    """Queued on Monday, merged into a letter, paused an hour later: it goes when the pause has ended, once."""
    desk = desk_at()
    anne = desk.person()
    mail = desk.queue(anne, Intent.NOTICE, template="velkommen")
    desk.move(at(MONDAY, 8, 30))
    assert desk.letters("pending")
    desk.engine.post.preferences.pause(anne, date(2019, 9, 18), actor=ME)
    desk.live_until(at(MONDAY + timedelta(days=2), 15))
    assert desk.times() == []
    assert "pause" in desk.engine.post.why(mail)
    desk.live_until(at(FRIDAY, 15))
    assert [stamp.day for stamp in desk.times()] == [19]


def test_what_is_queued_while_an_address_is_marked_is_held_and_can_be_sent(desk_at: Callable[..., Desk]) -> None:
    """A mail to two, one of whose addresses came back: hers is held, shown, and goes when she is sent to again."""
    desk = desk_at()
    anne, bo = desk.person("Anne A"), desk.person("Bo B")
    desk.queue(anne, Intent.NOTICE, template="velkommen")
    desk.live_until(at(MONDAY, 12))
    (_, first), *_ = desk.mailer.sent
    assert desk.engine.inbox.bounced(Bounce((first.message_id,), first.recipient, "5.1.1", True)) == "bounced"
    for one in (anne, bo):
        desk.engine.people.assign(one, "klk_konsulent", programme_id=desk.programme, actor=ME)
    mail = desk.engine.post.message(desk.programme, "klk_konsulent", "Emne", "Tekst til jer.", actor=ME).id
    desk.live_until(at(MONDAY + timedelta(days=2), 12))
    assert desk.mail(mail).status == "sent"
    held = [one for one in desk.letters("held") if mail in one.mails]
    assert [one.person_id for one in held] == [anne]
    desk.engine.inbox.works_again(anne, actor=ME)
    desk.engine.post.resend(held[0].id, actor=ME)
    before = len(desk.times())
    desk.live_until(at(FRIDAY, 12))
    assert len(desk.times()) == before + 1


def test_a_double_that_was_left_out_stays_out(desk_at: Callable[..., Desk]) -> None:
    """Two reminders of one thing to two people, one of whom is replaced meanwhile: the other is told once for all."""
    desk = desk_at()
    anne, bo, carl = desk.person("Anne A"), desk.person("Bo B"), desk.person("Carl C")
    for one in (anne, bo):
        desk.engine.people.assign(one, "klk_konsulent", programme_id=desk.programme, actor=ME)
    with desk.engine.context.begin() as uow:
        identity = uow.identity(desk.kommune("Greve"))
        compiled, snapshot = desk.engine.context.compiled(identity.workflow_hash, uow), uow.load(identity)
        region, entered = next(iter(snapshot.entered.items()))
        rules = [(name, one) for name, one in compiled.workflow.reminders.items() if one.on == "kommune"][:2]
        for name, rule in rules:
            text, role = rule.rung(1)[1], "klk_konsulent"
            given = Nudge(f"t-{name}", Intent.NUDGE, text, role, name, region, entered.seq, {"nummer": 1})
            uow.outbox.queue(identity, (given,), desk.clock.now())
    desk.move(at(MONDAY, 9))
    desk.engine.people.replace(bo, carl, role="klk_konsulent", actor=ME)
    desk.live_until(at(FRIDAY, 15))
    whose = [mail.recipient for _, mail in desk.mailer.sent]
    assert len(whose) == len(set(whose)) == 2


@pytest.mark.parametrize("budget", [1, 3])
def test_what_may_be_out_keeps_its_message_id_whatever_the_budget(desk_at: Callable[..., Desk], budget: int) -> None:
    """Friday's digest was taken and the answer lost; on Monday all goes under the same Message-ID, once."""
    desk = desk_at(at(FRIDAY, 8), Restraint(budget=budget))
    anne = desk.person()
    desk.queue(anne, Intent.NOTICE, template="velkommen")
    desk.queue(anne)
    taken: list[str] = []

    class Taking:
        def send(self, mail: Mail) -> None:
            taken.append(mail.message_id)
            raise DeliveryFailed("no answer after DATA", retry=True, doubtful=True)

    keeps, desk.engine.mailer = desk.engine.mailer, Taking()
    desk.live_until(at(FRIDAY, 14))
    desk.engine.mailer = keeps
    letter = next(one for one in desk.letters() if taken and one.mails and one.status == "pending")
    desk.queue(anne)
    desk.live_until(at(FRIDAY + timedelta(days=12)))
    again = [mail for _, mail in desk.mailer.sent if mail.message_id == taken[0]]
    assert len(again) == 1
    assert all(desk.mail(one).status == "sent" for one in letter.mails)
    reads = [mail for _, mail in desk.mailer.sent if mail.message_id != taken[0]]
    assert len(reads) == 1


def test_a_clock_set_back_a_little_keeps_tomorrows_digest_for_tomorrow(desk_at: Callable[..., Desk]) -> None:
    """What was queued while the clock was twenty minutes fast goes at the hour that it was meant for."""
    desk = desk_at(at(MONDAY, 11))
    anne = desk.person()
    desk.queue(anne, Intent.NOTICE, template="velkommen")
    desk.move(at(MONDAY, 11, 1))
    assert desk.letters("pending")
    with desk.engine.context.begin() as uow:
        assert uow.letters.bring_back(at(MONDAY, 10, 40)) >= 1
    desk.live_until(at(MONDAY, 15))
    assert desk.times() == []
    desk.live_until(at(MONDAY + timedelta(days=1), 12))
    assert [(stamp.day, stamp.hour) for stamp in desk.times()] == [(17, 9)]
