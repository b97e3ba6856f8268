"""Letters of which nobody knows whether they are out, that break, that a wrong clock left, or whose address is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from secrets import token_hex

import pytest
from samskabt.engine.civil.calendar import CalendarSettings
from samskabt.engine.errors import DeliveryFailed, NotYet, StorageUnavailable
from samskabt.engine.values import Intent, OutboxRow, Recipient
from samskabt.notifications import message_id_of
from samskabt.notifications.compose import Mail
from samskabt.notifications.delivery import BACKOFF, PACED, SERVER_DOWN
from samskabt.notifications.smtp.bounces import Bounce
from samskabt.runtime import views
from samskabt.runtime.engine import connect
from samskabt.runtime.posting.asking import NoLinks
from samskabt.runtime.posting.restraint import Restraint
from samskabt.runtime.posting.sending import LEASE, RETURNED
from samskabt.runtime.running.vigilance import Vigilance, must_hold
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.storage import Store, UnitOfWork
from samskabt.storage.posting import reading

from .desk import DatedMailer, Desk, at, open_desk, settle_desk
from .world import copied

MONDAY = date(2019, 9, 16)
TUESDAY = MONDAY + timedelta(days=1)
EIGHT = at(MONDAY, 8)
BUSY = DeliveryFailed("451 kom igen", retry=True)


class Died(BaseException):
    """What ends a process."""


@pytest.fixture(scope="module")
def desk_file(workflows: Workflows, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Make the database that every desk is a copy of."""
    path = tmp_path_factory.mktemp("doubts") / "post.db"
    return path, settle_desk(path, workflows, at(date(2019, 5, 1)))


@pytest.fixture
def desk_at(workflows: Workflows, desk_file: tuple[Path, int], tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Open a desk at an instant, on a copy of its own or on that of a name."""
    opened: list[Desk] = []

    def open_(start: datetime = EIGHT, name: str = "", **more: object) -> Desk:
        path = tmp_path / f"{name or len(opened)}.db"
        url = f"sqlite:///{path}" if path.exists() else copied(desk_file[0], path)
        opened.append(open_desk(url, workflows, start, desk_file[1], **more))  # type: ignore[arg-type]
        return opened[-1]

    yield open_
    for desk in opened:
        desk.engine.close()


class Taking(DatedMailer):
    """A mail server that takes mails, after which ``then`` may happen to who sent them."""

    then: Callable[[], None] | None = None

    def send(self, mail: Mail) -> None:
        """Take it."""
        super().send(mail)
        if self.then is not None:
            self.then()


def taking(desk: Desk) -> Taking:
    """Give a desk such a server."""
    desk.mailer = mailer = Taking(desk.clock)
    desk.engine.mailer = mailer
    return mailer


def break_on(desk: Desk, is_broken: Callable[[str], bool]) -> None:
    """Let the database fail at the statements that are told."""

    def hook(said: str) -> None:
        if is_broken(said):
            raise StorageUnavailable("the disk is full")

    with desk.engine.context.store.read() as reader:
        path = reader.connection.ask_all("PRAGMA database_list")[0][2]
    desk.engine.context.store.close()
    desk.engine.context.store = Store.open(f"sqlite:///{path}", hook)


def die() -> None:
    """Die."""
    raise Died


def write(desk: Desk, sql: str) -> None:
    """Write past the engine."""
    with desk.engine.context.begin() as uow:
        uow.connection.raw.execute(sql)


@pytest.mark.parametrize("failures", [1, 2, 99])
def test_what_may_go_once_goes_once_though_noting_it_fails(desk_at: Callable[..., Desk], failures: int) -> None:
    """Once is tried again, twice is in doubt for people; where not even that can be written the lease runs out."""
    desk = desk_at()
    mailer, left = taking(desk), [failures]

    def is_broken(said: str) -> bool:
        hit = bool(mailer.sent) and said == ("before begin" if failures > 2 else "before deliver") and left[0] > 0
        left[0] -= hit
        return hit

    row = desk.queue(desk.person(), Intent.NOTICE, hoejst_en_gang=True)
    break_on(desk, is_broken)
    assert desk.engine.deliver().failed == (failures > 1)
    left[0] = 0
    desk.live_until(at(TUESDAY, 12))
    assert len(desk.times()) == 1
    assert desk.mail(row).status == ("sent" if failures == 1 else "doubtful")


def test_a_doubt_outlives_the_lease_and_every_later_refusal(desk_at: Callable[..., Desk]) -> None:
    """Whoever had a letter in hand died; the next attempt is told to come again, and the letter stays in doubt."""
    desk = desk_at()
    desk.queue(desk.person(), Intent.INVITATION, template="indkaldelse", dato="2019-12-01")
    mailer = taking(desk)
    mailer.then = die
    with pytest.raises(Died):
        desk.engine.deliver()
    mailer.then, mailer.trouble = None, BUSY
    desk.move(desk.clock.now() + LEASE)
    (letter,) = desk.letters("pending")
    with desk.engine.context.store.read() as reader:
        view = reader.posted.letter(letter.id)
    assert view is not None and view.row.lease_until is None and view.row.is_doubtful and view.row.attempts == 2


def test_a_digest_that_may_be_out_takes_nothing_in(desk_at: Callable[..., Desk]) -> None:
    """The server has Monday's; what is new on Tuesday comes under a Message-ID that its reader has not seen."""
    desk = desk_at()
    anne = desk.person()
    desk.queue(anne, Intent.NOTICE, template="velkommen")
    desk.engine.deliver()
    mailer = taking(desk)
    mailer.then = die
    with pytest.raises(Died):
        desk.move(at(MONDAY, 9, 30))
    mailer.then = None
    desk.clock.move_to(at(TUESDAY, 9))
    new = desk.queue(anne, about=desk.kommune("Greve"))
    desk.engine.post.post()
    desk.move(at(TUESDAY, 9, 31))
    first, second = desk.mailer.memory.mails  # the first copy of each Message-ID, as mail programs keep it
    assert b"Greve" not in first.content and b"Greve" in second.content and desk.mail(new).status == "sent"


def test_a_digest_that_was_refused_goes_with_the_next(desk_at: Callable[..., Desk]) -> None:
    """No second mail that day, and none under the Message-ID that was tried before."""
    desk = desk_at()
    anne = desk.person()
    desk.queue(anne, Intent.NOTICE, template="velkommen")
    desk.engine.deliver()
    desk.mailer.trouble = BUSY
    desk.move(at(MONDAY, 9, 30))
    desk.mailer.trouble = None
    desk.clock.move_to(at(TUESDAY, 9))
    desk.queue(anne, about=desk.kommune("Greve"))
    desk.engine.post.post()
    desk.move(at(TUESDAY, 9, 31))
    ((_, mail),) = desk.mailer.sent
    old, new = desk.letters()
    assert (old.status, new.status) == ("withdrawn", "sent") and mail.message_id == new.message_id
    assert {one.status for one in desk.mails()[-2:]} == {"sent"} and desk.findings() == []


def test_nobody_can_compute_a_message_id(desk_at: Callable[..., Desk]) -> None:
    """The same letter has another one in another database, and keeps its own when the database is opened again."""
    found = []
    for name in ("en", "to"):
        desk = desk_at(name=name)
        desk.queue(desk.person())
        desk.engine.deliver()
        (letter,) = desk.letters()
        found.append(letter.message_id)
        with desk_at(name=name).engine.context.begin() as uow:
            secret = uow.letters.secret(lambda: "new")
        key = f"digest:{letter.person_id}:2019-09-16"
        sender = desk.engine.settings.sender
        assert letter.message_id == message_id_of(key, sender, secret) != message_id_of(key, sender, "")
        assert len(secret) == 64 and secret not in repr(desk.engine.settings)
    assert found[0] != found[1]


def test_all_who_open_a_database_at_once_share_its_secret(store_url: str) -> None:
    """Four make one up, and all get the same."""
    Store.open(store_url).close()

    def ask(_: int) -> str:
        with Store.open(store_url) as store, store.begin() as uow:
            return uow.letters.secret(token_hex)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(4)))) == 1


def test_a_mail_that_breaks_its_letter_is_taken_out_and_the_rest_goes(desk_at: Callable[..., Desk]) -> None:
    """It is counted and shown, looked at again, and goes when it is mended."""
    desk = desk_at()
    anne = desk.person()
    broken, _ = desk.queue(anne), desk.queue(anne)
    desk.engine.post.post()
    write(desk, f"UPDATE outbox SET nudge_values = '{{' WHERE id = {broken}")
    desk.move(at(MONDAY, 9, 30))
    with desk.engine.context.store.read() as reader:
        found = reader.connection.ask_all("SELECT status, attempts, waits FROM outbox ORDER BY id")[-2:]
    assert found[1][0] == "sent"
    assert found[0][0] == "pending" and found[0][1] >= 1 and "uventet fejl" in found[0][2]
    write(desk, f"UPDATE outbox SET nudge_values = '{{}}' WHERE id = {broken}")
    desk.live_until(at(TUESDAY, 12))
    assert desk.mail(broken).status == "sent" and desk.findings() == []


def test_what_never_stops_breaking_ends_in_a_list_for_people(desk_at: Callable[..., Desk]) -> None:
    """A letter that cannot be claimed is dead after eight attempts, and a mail that breaks others too."""

    class Breaking(NoLinks):
        def links(self, uow: UnitOfWork, row: OutboxRow, recipient: Recipient, now: datetime) -> Mapping[str, str]:
            if row.nudge.template == "velkommen":
                raise ZeroDivisionError(recipient.email, now, uow)
            return {}

    desk = desk_at(restraint=Restraint.off())
    desk.engine.post.helpers.links = Breaking()
    alone = desk.queue(desk.person(), Intent.NOTICE, template="velkommen")
    desk.live_until(at(MONDAY + timedelta(days=9)))
    assert desk.mail(alone).status == "dead" and "opgivet efter 8 forsøg" in desk.engine.post.why(alone)
    desk = desk_at()
    desk.engine.post.helpers.links = Breaking()
    anne = desk.person()
    bad = desk.queue(anne, Intent.NOTICE, template="velkommen")
    for day in range(20):
        desk.live_until(at(MONDAY + timedelta(days=day), 9))
        desk.queue(anne, Intent.NOTICE)
    assert desk.mail(bad).status == "dead" and "opgivet efter" in desk.engine.post.why(bad)
    assert len(desk.times()) >= 10


def test_a_letter_of_which_every_process_dies_is_left_to_people(desk_at: Callable[..., Desk]) -> None:
    """After eight attempts that were cut off it is in doubt."""
    desk = desk_at()
    desk.queue(desk.person(), Intent.INVITATION, template="indkaldelse", dato="2019-12-01")
    taking(desk).then = die
    for _ in range(8):
        with pytest.raises(Died):
            desk.engine.deliver()
        desk.clock.move_to(desk.clock.now() + LEASE)
    desk.engine.deliver()
    (letter,) = desk.letters("doubtful")
    assert letter.attempts == 8 and "opgivet efter 8 forsøg" in letter.note and len(BACKOFF) == 7


def test_what_a_wrong_clock_left_comes_back_with_the_right_time(desk_at: Callable[..., Desk]) -> None:
    """Letters made, mails queued, and leases taken two days and a month ahead bind nobody once the clock is right."""
    desk = desk_at(name="a")
    anne, bo, carl = (desk.person(name) for name in ("Anne", "Bo", "Carl"))
    invited = desk.queue(carl, Intent.INVITATION, template="indkaldelse", dato="2019-12-01")
    desk.engine.post.post()
    desk.clock.move_to(at(MONDAY + timedelta(days=2), 10))
    made = desk.queue(anne, Intent.NOTICE)
    taking(desk).then = die
    with pytest.raises(Died):
        desk.engine.deliver()
    queued = desk.queue(bo, Intent.NOTICE)
    desk.engine.close()
    mended = desk_at(at(MONDAY, 9), name="a")
    mended.engine.deliver()
    mended.live_until(at(MONDAY, 14))
    assert [mended.mail(one).status for one in (invited, made, queued)] == ["sent"] * 3
    late = mended.queue(anne, Intent.NOTICE)
    mended.engine.deliver()
    write(mended, "UPDATE letter SET not_before = '2019-12-20 08:00:00.000000' WHERE status = 'pending'")
    mended.live_until(at(TUESDAY, 14))  # A day later it is looked at.
    assert mended.mail(late).status == "sent" and mended.findings() == []


def test_a_reminder_that_another_digest_takes_in_uses_the_budget(desk_at: Callable[..., Desk]) -> None:
    """Last week's, that could not go, would be one too many this week: it waits, and the news it was with goes."""
    desk = desk_at(at(MONDAY - timedelta(days=3), 8), restraint=Restraint(budget=1))
    anne = desk.person()
    old = desk.queue(anne)
    desk.engine.deliver()
    desk.mailer.trouble = BUSY
    desk.move(at(MONDAY - timedelta(days=3), 9, 30))
    desk.mailer.trouble = None
    write(desk, "UPDATE letter SET not_before = '2019-09-16 12:00:00.000000' WHERE status = 'pending'")
    desk.clock.move_to(at(MONDAY, 8))
    alone, news = desk.queue(anne, hoejst_en_gang=True), desk.queue(anne, Intent.NOTICE)
    desk.engine.deliver()
    desk.move(at(MONDAY, 9, 30))
    assert [desk.mail(one).status for one in (alone, news, old)] == ["sent", "sent", "pending"]
    assert "budgettet" in desk.engine.post.why(old)
    desk.live_until(at(MONDAY + timedelta(days=8)))
    assert desk.mail(old).status == "sent" and desk.findings() == []


def test_a_late_letter_keeps_to_the_closed_days_of_its_kommune(desk_at: Callable[..., Desk]) -> None:
    """Greve holds the Tuesday closed; Monday's letter that could not go goes on Wednesday."""
    desk = desk_at(calendars={"0253": CalendarSettings(closed_dates=frozenset({TUESDAY}))})
    desk.queue(desk.person(), about=desk.kommune("Greve"))
    desk.mailer.trouble = BUSY
    desk.live_until(at(MONDAY, 20))
    desk.mailer.trouble = None
    desk.live_until(at(MONDAY + timedelta(days=3)))
    assert [stamp.day for stamp in desk.times()] == [18]


def test_nothing_goes_to_an_address_that_came_back(desk_at: Callable[..., Desk]) -> None:
    """What stands in a letter already is held too; one that was mended meanwhile is not marked for the old one."""
    desk = desk_at()
    anne, bo = desk.person(), desk.person("Bo")
    for person in (anne, bo):
        desk.queue(person)
    desk.live_until(at(MONDAY, 10))
    first = {letter.person_id: letter for letter in desk.letters("sent")}
    went_to = {mail.message_id: mail.recipient for _, mail in desk.mailer.sent}
    write(desk, f"UPDATE person SET email = 'ny@eksempel.example' WHERE id = {bo}")
    waits = {person: desk.queue(person) for person in (anne, bo)}
    desk.engine.deliver()
    for person in (anne, bo):
        identity = first[person].message_id
        assert desk.engine.inbox.bounced(Bounce((identity,), went_to[identity], "5.1.1", True)) == "bounced"
    assert [one.person_id for one in desk.engine.inbox.broken()] == [anne]
    desk.live_until(at(TUESDAY, 12))
    assert [desk.mail(waits[person]).status for person in (anne, bo)] == ["held", "sent"]
    assert desk.engine.post.why(waits[anne]) == RETURNED and desk.findings() == []


def test_a_mailer_that_knows_is_asked_before_links_are_made(desk_at: Callable[..., Desk]) -> None:
    """While it is down nothing is claimed nor minted; over a domain's share letters wait with a Danish reason."""
    desk = desk_at(restraint=Restraint.off())
    minted: list[int] = []

    class Minting(NoLinks):
        def links(self, uow: UnitOfWork, row: OutboxRow, recipient: Recipient, now: datetime) -> Mapping[str, str]:
            minted.append(row.id)
            return super().links(uow, row, recipient, now)

    class Knowing(DatedMailer):
        why: NotYet | None = NotYet("nede", at=at(MONDAY, 9), is_fault=True)

        def not_yet(self, address: str) -> NotYet | None:
            assert address == "" or "@" in address
            return self.why

    desk.engine.post.helpers.links = Minting()
    desk.engine.mailer = mailer = Knowing(desk.clock)
    row = desk.queue(desk.person())
    desk.engine.deliver()
    assert (minted, desk.letters()[0].attempts, desk.letters()[0].note) == ([], 0, "")
    mailer.why = NotYet("pace", at=at(MONDAY, 9))
    desk.engine.deliver()
    assert minted == [] and PACED in desk.engine.post.why(row)
    mailer.why = None
    desk.move(at(MONDAY, 9))
    assert minted == [row] and desk.mail(row).status == "sent"


def test_one_letter_of_a_batch_finds_that_the_server_is_down(
    desk_at: Callable[..., Desk], caplog: pytest.LogCaptureFixture
) -> None:
    """A mailer that cannot tell beforehand: one attempt and one line, and the others wait untouched."""
    desk = desk_at(restraint=Restraint.off())
    for _ in range(60):
        desk.queue(desk.person())
    desk.mailer.trouble = NotYet("x:587 is down", at=at(MONDAY, 9), is_fault=True)
    assert desk.engine.deliver().failed == 1
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == ["mail_server_unusable"]
    assert [letter.last_error for letter in desk.letters()].count(None) == 59
    assert {letter.note for letter in desk.letters()} == {SERVER_DOWN}
    desk.mailer.trouble = None
    assert desk.engine.deliver().sent == 59


def test_letters_are_read_by_indexes_and_not_one_by_one(desk_at: Callable[..., Desk]) -> None:
    """When the next is due is found at the ends of indexes; a sheet with many mails asks no more than one with two."""
    desk = desk_at()
    with desk.engine.context.store.read() as reader:
        builds = {"letter": reading._next_letter, "held letter": reading._next_held, "mail": reading._next_mail}
        for name, build in builds.items():
            statement = reader.connection.book(f"next {name}", build)
            plan = reader.connection.raw.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.values({}))
            lines = [row[3] for row in plan.fetchall()]
            assert all(f" INDEX ix_{'outbox' if name == 'mail' else 'letter'}_" in line for line in lines), lines
    asked: list[str] = []
    break_on(desk, lambda said: asked.append(said) or False)  # type: ignore[func-returns-value]
    counts = []
    for more in (2, 8):
        for _ in range(more):
            desk.queue(desk.person())
        desk.engine.post.post()
        asked.clear()
        assert len(views.sheet_of(desk.engine, desk.programme).mails) == (2 if more == 2 else 10)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_report_takes_the_lock_of_the_post_before_any_letter(postgres_url: str, workflows: Workflows) -> None:
    """The order in which everybody takes them, or two would wait for each other."""
    asked: list[str] = []
    with connect(postgres_url, workflows=workflows) as engine:
        engine.context.store.close()
        engine.context.store = Store.open(postgres_url, asked.append)
        assert engine.inbox.bounced(Bounce(("<a@b.example>",), "", "5.1.1", True)) == "foreign"
    assert asked.index("before lock letters") < asked.index("before letter by message id")


def test_a_hold_that_is_over_is_over_for_all_until_a_tick_has_ended(store_url: str) -> None:
    """Whoever crashes in the long tick after a leap, or comes to it, need not wait another hour; a new leap holds."""
    now, watch = at(MONDAY, 8), Vigilance()
    with Store.open(store_url) as store:
        with store.begin() as uow:
            uow.registers.beat(now)
        seen = now + timedelta(days=30)
        assert must_hold(store, seen, watch) is not None
        assert must_hold(store, seen + timedelta(minutes=59), watch) is not None
        for minutes in (60, 61, 600):
            assert must_hold(store, seen + timedelta(minutes=minutes), watch) is None
        assert must_hold(store, seen + timedelta(days=30), watch) is not None
        assert must_hold(store, seen + timedelta(days=30), watch, accept=True) is None
        assert must_hold(store, seen + timedelta(days=30, minutes=1), watch) is None
        with store.begin() as uow:
            uow.registers.beat(seen + timedelta(days=30))
        assert must_hold(store, seen + timedelta(days=30, minutes=2), watch) is None
        with store.read() as reader:
            assert reader.beats.note("clock_leap") is None
