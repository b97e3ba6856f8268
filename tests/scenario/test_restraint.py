"""People are spared: office hours, a weekly budget, one mail for a day's matters, and nothing that is no longer so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

import pytest
from samskabt.engine.civil.calendar import CalendarSettings, WorkingCalendar
from samskabt.engine.civil.instants import local_date
from samskabt.engine.errors import DeliveryFailed
from samskabt.engine.values import Intent
from samskabt.runtime.posting.restraint import Digest, Restraint
from samskabt.runtime.usecases.programmes import Workflows

from .desk import Desk, at, open_desk, settle_desk
from .world import ME, copied

MONDAY = date(2019, 9, 16)
"""The Monday of week 38, with nothing closed around it."""


@pytest.fixture(scope="module")
def desk_file(workflows: Workflows, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Make the database that every desk is a copy of."""
    path = tmp_path_factory.mktemp("post") / "post.db"
    return path, settle_desk(path, workflows, at(date(2019, 5, 1)))


@pytest.fixture
def desk_at(workflows: Workflows, desk_file: tuple[Path, int], tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Open a desk at an instant, under the usual restraint or another."""
    opened: list[Desk] = []

    def open_(
        start: datetime, restraint: Restraint | None = None, calendars: dict[str, CalendarSettings] | None = None
    ) -> Desk:
        url = copied(desk_file[0], tmp_path / f"{len(opened)}.db")
        opened.append(open_desk(url, workflows, start, desk_file[1], restraint, calendars))
        return opened[-1]

    yield open_
    for desk in opened:
        desk.engine.close()


def test_a_days_matters_go_in_one_mail(desk_at: Callable[..., Desk]) -> None:
    """Whatever is queued before 9.30 is one letter at 9.30, over programmes and kommuner."""
    desk = desk_at(at(MONDAY, 8))
    anne = desk.person()
    other = desk.engine.programmes.start("mere-kerneopgave-mindre-bureaukrati", actor=ME).instance_id
    rows = [
        desk.queue(anne),
        desk.queue(anne, Intent.NOTICE, about=other),
        desk.queue(anne, about=desk.kommune("Greve")),
    ]
    desk.live_until(at(MONDAY, 17))
    assert desk.times() == [datetime(2019, 9, 16, 9, 30)]
    (letter,) = desk.letters()
    assert (letter.shape, letter.status, letter.mails) == ("digest", "sent", tuple(rows))
    assert {mail.status for mail in desk.mails() if mail.id in rows} == {"sent"}


def test_the_digest_of_a_day_is_half_open(desk_at: Callable[..., Desk]) -> None:
    """What is queued a microsecond before the cut goes today, at the cut tomorrow; Friday's rest waits for Monday."""
    desk = desk_at(at(MONDAY, 9))
    anne = desk.person()
    cut = at(MONDAY, 9, 30)
    desk.clock.move_to(cut - timedelta(microseconds=1))
    desk.queue(anne)
    desk.clock.move_to(cut)
    desk.queue(anne)
    desk.live_until(at(MONDAY + timedelta(days=4), 9, 31))
    desk.queue(anne, Intent.NOTICE)
    desk.live_until(at(MONDAY + timedelta(days=8)))
    assert desk.times() == [datetime(2019, 9, day, 9, 30) for day in (16, 17, 23)]


def test_invitations_are_letters_of_their_own_at_once_in_office_hours(desk_at: Callable[..., Desk]) -> None:
    """Two of one moment are two mails; they use up nothing of the week's budget."""
    desk = desk_at(at(MONDAY, 11))
    anne = desk.person()
    for _ in range(5):
        desk.queue(anne, Intent.INVITATION, template="indkaldelse", dato="2019-10-01")
    desk.engine.deliver()
    assert desk.times() == [datetime(2019, 9, 16, 11)] * 5
    with desk.engine.context.store.read() as reader:
        assert not any(letter.row.has_nudge for letter in reader.posted.letters())


@pytest.mark.parametrize(
    ("queued", "sent"),
    [
        (datetime(2019, 9, 16, 7, 59), datetime(2019, 9, 16, 8)),  # before office hours
        (datetime(2019, 9, 16, 14, 59), datetime(2019, 9, 16, 14, 59)),
        (datetime(2019, 9, 16, 15), datetime(2019, 9, 17, 8)),  # just closed
        (datetime(2019, 9, 20, 12, 59), datetime(2019, 9, 20, 12, 59)),
        (datetime(2019, 9, 20, 13), datetime(2019, 9, 23, 8)),  # Friday afternoon
        (datetime(2019, 10, 11, 14), datetime(2019, 10, 21, 8)),  # week 42 is closed
        (datetime(2020, 4, 8, 16), datetime(2020, 4, 14, 8)),  # Easter
        (datetime(2019, 6, 4, 16), datetime(2019, 6, 6, 8)),  # grundlovsdag
        (datetime(2019, 12, 20, 14), datetime(2020, 1, 6, 8)),  # Christmas and New Year
        (datetime(2027, 3, 26, 23), datetime(2027, 3, 30, 8)),  # the clocks go forward on Easter Sunday
        (datetime(2027, 10, 31, 2, 30), datetime(2027, 11, 1, 8)),  # the hour that comes twice
        (datetime(2027, 3, 28, 3, 30), datetime(2027, 3, 30, 8)),
    ],
)
def test_mails_go_in_office_hours_of_working_days(
    desk_at: Callable[..., Desk], queued: datetime, sent: datetime
) -> None:
    """An invitation to a meeting far ahead waits for the next hours that are open."""
    desk = desk_at(at(queued.date(), queued.hour, queued.minute))
    far = (queued + timedelta(days=100)).date().isoformat()
    desk.queue(desk.person(), Intent.INVITATION, template="indkaldelse", dato=far)
    desk.live_until(at(sent.date(), 20))
    assert desk.times() == [sent]


def test_a_kommunes_own_closed_days_are_kept(desk_at: Callable[..., Desk]) -> None:
    """Greve holds the Tuesday closed; what is about Greve waits, what is about others does not."""
    tuesday = MONDAY + timedelta(days=1)
    desk = desk_at(at(MONDAY, 16), None, {"0253": CalendarSettings(closed_dates=frozenset({tuesday}))})
    anne, bo = desk.person(), desk.person("Bo Lind")
    desk.queue(anne, about=desk.kommune("Greve"))
    desk.queue(bo, about=desk.kommune("Aarhus"))
    desk.live_until(at(MONDAY + timedelta(days=3)))
    assert desk.times() == [datetime(2019, 9, 17, 9, 30), datetime(2019, 9, 18, 9, 30)]


@pytest.mark.parametrize("intent", [Intent.INVITATION, Intent.CANCELLATION])
def test_what_cannot_wait_goes_at_once(desk_at: Callable[..., Desk], intent: Intent) -> None:
    """A meeting before the next office hours: its invitation and cancellation go on a Saturday, but not at night."""
    saturday = date(2027, 10, 30)
    desk = desk_at(at(saturday, 20))
    anne = desk.person()
    desk.queue(anne, intent, template="indkaldelse", dato="2027-11-01")
    desk.engine.deliver()
    desk.clock.move_to(datetime(2027, 10, 31, 0, 30, tzinfo=UTC))  # 2.30, the first time
    desk.queue(anne, intent, template="indkaldelse", dato="2027-11-15", tidligere="2027-10-31")
    desk.queue(anne, intent, template="indkaldelse", dato="2027-11-15")
    desk.live_until(at(date(2027, 11, 1), 12))
    assert desk.times() == [
        datetime(2027, 10, 30, 20), datetime(2027, 10, 31, 3), datetime(2027, 11, 1, 8),
    ]  # fmt: skip


def test_the_weeks_budget_is_kept_and_the_wait_is_told(desk_at: Callable[..., Desk]) -> None:
    """Three letters with reminders a week, the last kept for what is urgent until Friday; each wait has a reason."""
    desk = desk_at(at(MONDAY, 8))
    anne = desk.person()
    told: dict[int, str] = {}
    for number in range(5):
        row = desk.queue(anne)
        desk.live_until(at(MONDAY + timedelta(days=number), 10))
        told[number] = desk.engine.post.why(row)
        desk.live_until(at(MONDAY + timedelta(days=number + 1), 8))
    assert told[2] == (
        "venter til fredag den 20. september 2019: den sidste af de 3 mails i uge 38 er gemt til det, der haster"
    )
    late = desk.queue(anne)
    desk.engine.post.post()
    assert desk.engine.post.why(late).startswith("går til Anne Holm mandag den 23. september 2019 kl. 9.30")
    desk.live_until(at(MONDAY + timedelta(days=8)))
    assert [stamp.day for stamp in desk.times()] == [16, 17, 20, 23]
    assert all(mail.waits is None for mail in desk.mails())


def test_what_is_over_budget_says_which_week_is_full(desk_at: Callable[..., Desk]) -> None:
    """The reason names the day, the number and the week."""
    desk = desk_at(at(MONDAY, 8), Restraint(budget=1))
    anne = desk.person()
    desk.queue(anne)
    desk.live_until(at(MONDAY, 12))
    row = desk.queue(anne)
    desk.engine.deliver()
    assert (
        desk.engine.post.why(row) == "venter til mandag den 23. september 2019: budgettet på 1 mail i uge 38 er brugt"
    )
    assert desk.mail(row).not_before == at(date(2019, 9, 23), 0)


def test_what_is_urgent_gets_the_last_mail_of_the_week(desk_at: Callable[..., Desk]) -> None:
    """On Wednesday an ordinary reminder waits and an urgent one goes; the ordinary one joins it."""
    desk = desk_at(at(MONDAY, 8))
    anne = desk.person()
    for number in range(2):
        desk.queue(anne)
        desk.live_until(at(MONDAY + timedelta(days=number + 1), 8))
    ordinary = desk.queue(anne)
    urgent = desk.queue(anne, haster=True)
    desk.live_until(at(MONDAY + timedelta(days=2), 10))
    assert desk.mail(urgent).status == desk.mail(ordinary).status == "sent"
    assert [stamp.day for stamp in desk.times()] == [16, 17, 18]


def test_an_urgent_reminder_that_would_expire_goes_within_todays_hours(desk_at: Callable[..., Desk]) -> None:
    """Queued after the cut and worth nothing tomorrow, it goes now; another such reminder lapses."""
    desk = desk_at(at(MONDAY, 11))
    anne, midnight = desk.person(), at(MONDAY + timedelta(days=1), 0)
    urgent = desk.queue(anne, haster=True, expires_at=midnight)
    ordinary = desk.queue(anne, expires_at=midnight)
    desk.live_until(at(MONDAY + timedelta(days=2)))
    assert desk.times() == [datetime(2019, 9, 16, 11)]
    assert (desk.mail(urgent).status, desk.mail(ordinary).status) == ("sent", "withdrawn")


def test_a_letter_is_looked_at_again_when_it_goes(desk_at: Callable[..., Desk]) -> None:
    """What has expired since, and what is somebody else's by now, is dropped; the rest goes, and the new one hears."""
    desk = desk_at(at(MONDAY, 8))
    anne, bo = desk.person(), desk.person("Bo Lind")
    people, role = desk.engine.people, "kommunal_konsulent"
    people.assign(anne, role, programme_id=desk.programme, from_on=MONDAY - timedelta(days=7))
    kept, moot = desk.queue(anne), desk.queue(anne, expires_at=at(MONDAY, 9, 15))
    moved = desk.queue(role)
    desk.engine.deliver()
    assert [letter.mails for letter in desk.letters("pending")] == [(kept, moot, moved)]
    with desk.engine.context.begin() as uow:
        (own,) = [one for one in uow.registers.roles() if one.person_id == anne]
        uow.registers.end_role(own.id, MONDAY - timedelta(days=1))
    people.assign(bo, role, programme_id=desk.programme)
    desk.live_until(at(MONDAY, 12))
    statuses = [
        (desk.mail(one).status, [got.person_id for got in desk.mail(one).deliveries]) for one in (kept, moot, moved)
    ]
    assert statuses == [("sent", [anne]), ("withdrawn", []), ("sent", [bo])]


def test_a_letter_of_which_nothing_is_left_is_withdrawn(desk_at: Callable[..., Desk]) -> None:
    """Nobody gets an empty mail, and what comes later that morning begins the day's letter anew."""
    desk = desk_at(at(MONDAY, 7))
    anne = desk.person()
    desk.queue(anne, expires_at=at(MONDAY, 9))
    desk.live_until(at(MONDAY, 12))
    assert desk.times() == [] and [letter.status for letter in desk.letters()] == ["withdrawn"]
    assert desk.letters()[0].note == "intet i brevet er længere aktuelt"


def test_days_of_downtime_make_no_burst(desk_at: Callable[..., Desk]) -> None:
    """Five days of daily reminders to ten people come as one mail each when the machine is back."""
    desk = desk_at(at(MONDAY, 8))
    people = [desk.person(f"Person {number}") for number in range(10)]
    for day in range(5):
        desk.clock.move_to(at(MONDAY + timedelta(days=day), 9))
        for person in people:
            desk.queue(person)
            desk.queue(person, Intent.NOTICE)
    desk.move(at(MONDAY + timedelta(days=5), 9))  # Saturday: back again
    assert desk.times() == []
    desk.live_until(at(MONDAY + timedelta(days=9)))
    assert desk.times() == [datetime(2019, 9, 23, 9, 30)] * 10
    assert sum(len(mail.deliveries) for mail in desk.mails()) == 100


def test_a_mail_server_down_for_days_makes_no_burst(desk_at: Callable[..., Desk]) -> None:
    """The digests that could not go merge into one as soon as one of them can."""
    desk = desk_at(at(MONDAY, 8))
    anne = desk.person()
    desk.mailer.trouble = DeliveryFailed("mailserveren svarer ikke", retry=True)
    for day in range(3):
        desk.live_until(at(MONDAY + timedelta(days=day), 9))
        desk.queue(anne, Intent.NOTICE)
    desk.live_until(at(MONDAY + timedelta(days=2), 12))
    desk.mailer.trouble = None
    desk.live_until(at(MONDAY + timedelta(days=4), 12))
    assert len(desk.times()) == 1
    assert sum(len(mail.deliveries) for mail in desk.mails()) == 3
    assert [letter.status for letter in desk.letters()].count("sent") == 1


def test_a_retry_outside_the_hours_waits_for_them(desk_at: Callable[..., Desk]) -> None:
    """The backoff of an afternoon does not wake anybody in the evening."""
    desk = desk_at(at(MONDAY, 14, 50))
    desk.mailer.trouble = DeliveryFailed("mailserveren svarer ikke", retry=True)
    desk.queue(desk.person(), Intent.INVITATION, template="indkaldelse", dato="2019-12-01")
    desk.live_until(at(MONDAY, 17))
    desk.mailer.trouble = None
    desk.live_until(at(MONDAY + timedelta(days=1), 12))
    assert desk.times() == [datetime(2019, 9, 17, 8)]


def test_who_wants_one_mail_a_week_gets_one(desk_at: Callable[..., Desk]) -> None:
    """It goes on the first open day of the week; what is urgent does not wait for it."""
    desk = desk_at(at(MONDAY, 11), Restraint(digest=Digest.WEEK))
    anne = desk.person()
    for day in range(4):
        desk.live_until(at(MONDAY + timedelta(days=day), 11))
        desk.queue(anne)
    desk.queue(anne, haster=True)
    desk.live_until(at(MONDAY + timedelta(days=14)))
    assert [(stamp.day, stamp.hour) for stamp in desk.times()] == [(20, 9), (23, 9)]


def test_without_digests_each_mail_is_a_letter_within_the_budget(desk_at: Callable[..., Desk]) -> None:
    """The hours and the budget hold all the same; notices use nothing of it."""
    desk = desk_at(at(MONDAY, 11), Restraint(digest=Digest.OFF, budget=2))
    anne = desk.person()
    for _ in range(3):
        desk.queue(anne)
        desk.queue(anne, Intent.NOTICE)
    desk.live_until(at(MONDAY + timedelta(days=10)))
    assert [stamp.day for stamp in desk.times()] == [16, 16, 16, 16, 16, 23]


def test_no_restraint_sends_every_intent_at_once(desk_at: Callable[..., Desk]) -> None:
    """Each in a letter of its own, at any hour."""
    desk = desk_at(at(date(2019, 12, 24), 2, 30), Restraint.off())
    anne = desk.person()
    for _ in range(7):
        desk.queue(anne)
    desk.engine.deliver()
    assert desk.times() == [datetime(2019, 12, 24, 2, 30)] * 7


SEEDS = (3, 4)
"""What every run tries: one with a digest a day, one with a digest a week; `make soak` tries twelve."""


@pytest.mark.soak
def test_nobody_ever_gets_more_than_the_budget_nor_anything_at_a_wrong_hour(
    desk_at: Callable[..., Desk], soak: bool
) -> None:
    """Ten weeks of random mails to five people, with closed weeks, downtime and a mail server that fails at times."""
    for seed in range(12) if soak else SEEDS:
        _ten_weeks(desk_at, Random(seed), date(2019, 9, 23) if seed % 2 else date(2020, 3, 9))


def _ten_weeks(desk_at: Callable[..., Desk], random: Random, start: date) -> None:
    budget = random.randint(1, 4)
    digest = random.choice([Digest.DAY, Digest.DAY, Digest.WEEK, Digest.OFF])
    desk = desk_at(at(start, 6), Restraint(budget=budget, digest=digest))
    people = [desk.person(f"Person {number}") for number in range(5)]
    now, end = at(start, 6), at(start + timedelta(weeks=10), 6)
    while now < end:
        now += timedelta(minutes=random.randint(1, 60 * 30))
        desk.mailer.trouble = DeliveryFailed("mailserveren svarer ikke", retry=True) if random.random() < 0.2 else None
        if random.random() < 0.9:  # else the machine was down
            desk.live_until(now)
        desk.clock.move_to(max(now, desk.clock.now()))
        for _ in range(random.randint(0, 6)):
            expires = now + timedelta(days=random.randint(1, 9)) if random.random() < 0.3 else None
            desk.queue(random.choice(people), haster=random.random() < 0.2, expires_at=expires)
    desk.mailer.trouble = None
    desk.live_until(end + timedelta(weeks=8))
    _within_restraint(desk, budget)
    assert not desk.letters("pending") and {mail.status for mail in desk.mails()} <= {"sent", "withdrawn", "held"}
    assert len(desk.mailer.sent) > 5 * budget


def _within_restraint(desk: Desk, budget: int) -> None:
    """Check every mail against the calendar, the hours and the receiver's week."""
    calendar = WorkingCalendar()
    for (instant, _), wall in zip(desk.mailer.sent, desk.times(), strict=True):
        closes = time(13) if wall.isoweekday() == 5 else time(15)
        assert calendar.is_open(local_date(instant)) and time(8) <= wall.time() < closes, wall
    most = max(desk.weeks().values())
    assert most <= budget, desk.weeks().most_common(3)
    subjects = [mail.message_id for _, mail in desk.mailer.sent]
    assert len(subjects) == len(set(subjects))
    got = [(one.id, delivery.person_id) for one in desk.mails() for delivery in one.deliveries]
    assert len(got) == len(set(got))


def test_restraint_refuses_what_cannot_be_kept() -> None:
    """A cut outside the hours, a budget of nothing, hours that end before they begin."""
    from samskabt.engine.errors import InvalidInput
    from samskabt.runtime.posting.restraint import Window

    for wrong in (
        lambda: Restraint(budget=0),
        lambda: Restraint(cut=time(14)),
        lambda: Window(time(14), time(15)),
        lambda: replace(Restraint(), budget=51),
    ):
        with pytest.raises(InvalidInput):
            wrong()
