"""Letters from end to end: broken rows, dead letters, once at most, two posters at once, and what is told of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from samskabt.engine.errors import DeliveryFailed, InvalidInput, NotFound, Refused
from samskabt.engine.values import Actor, Identity, Intent, Json, OutboxRow, Recipient, Refusal, Strength
from samskabt.notifications import MemoryMailer
from samskabt.notifications.compose import Mail
from samskabt.runtime import views
from samskabt.runtime.engine import Engine
from samskabt.runtime.posting.restraint import Restraint
from samskabt.runtime.posting.sending import LEASE
from samskabt.runtime.settings import Settings
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.storage import Store, UnitOfWork

from .desk import Desk, at, open_desk, settle_desk
from .world import copied

MONDAY = date(2019, 9, 16)
REFUSED = DeliveryFailed("550 no such user", retry=False)


@pytest.fixture(scope="module")
def desk_file(workflows: Workflows, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Make the database that every desk is a copy of."""
    path = tmp_path_factory.mktemp("post") / "post.db"
    return path, settle_desk(path, workflows, at(date(2019, 5, 1)))


@pytest.fixture
def desk(workflows: Workflows, desk_file: tuple[Path, int], tmp_path: Path) -> Iterator[Desk]:
    """Open a desk on a Monday at eight, under the usual restraint."""
    found = open_desk(copied(desk_file[0], tmp_path / "post.db"), workflows, at(MONDAY, 8), desk_file[1])
    yield found
    found.engine.close()


def damage(desk: Desk, sql: str) -> None:
    """Write past the engine."""
    with desk.engine.context.begin() as uow:
        uow.connection.raw.execute(sql)


def test_a_row_that_breaks_is_put_off_and_stops_nobody(desk: Desk) -> None:
    """Its error is counted and shown, the wait grows, and when it is mended it goes."""
    broken, whole = desk.queue(desk.person()), desk.queue(desk.person("Bo Lind"))
    damage(desk, f"UPDATE outbox SET nudge_values = '{{' WHERE id = {broken}")
    report = desk.engine.deliver()
    assert report.failed == 1
    with desk.engine.context.store.read() as reader:
        raw = reader.connection.raw
        found = raw.execute("SELECT status, attempts, waits FROM outbox WHERE id = ?", (broken,)).fetchone()
    assert found[:2] == ("pending", 1) and "uventet fejl" in found[2]
    damage(desk, f"UPDATE outbox SET nudge_values = '{{}}' WHERE id = {broken}")
    desk.live_until(at(MONDAY, 12))
    assert {desk.mail(one).status for one in (broken, whole)} == {"sent"}


def test_a_dead_letter_is_listed_and_sent_again_on_demand(desk: Desk) -> None:
    """It keeps its Message-ID; its mail is dead until then, and sent afterwards."""
    row = desk.queue(desk.person(), Intent.INVITATION, template="indkaldelse", dato="2019-12-01")
    desk.mailer.trouble = REFUSED
    desk.engine.deliver()
    (dead,) = desk.letters("dead")
    assert desk.mail(row).status == "dead" and "afviste person" in desk.engine.post.why(row)
    desk.mailer.trouble = None
    again = desk.engine.post.resend(dead.id)
    assert (again.status, again.message_id, desk.mail(row).status) == ("pending", dead.message_id, "posted")
    desk.engine.deliver()
    assert [mail.message_id for _, mail in desk.mailer.sent] == [dead.message_id] and desk.mail(row).status == "sent"
    assert desk.findings() == []


def test_only_what_was_given_up_can_be_sent_again(desk: Desk) -> None:
    """A letter that waits or was sent cannot, nor one that is not there; a permission is asked for."""
    desk.queue(desk.person())
    desk.engine.deliver()
    (waits,) = desk.letters()
    with pytest.raises(InvalidInput, match="is pending"):
        desk.engine.post.resend(waits.id)
    with pytest.raises(NotFound):
        desk.engine.post.resend(999)
    with pytest.raises(NotFound, match="did you mean: sent"):
        desk.engine.post.letters("sendt")
    with pytest.raises(NotFound):
        desk.engine.post.why(999)

    class Nobody:
        def refusal(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:
            said: dict[str, Json] = {"actor": actor.id, "event": event, "id": identity.id}
            return Refusal("ikke_tilladt", "rolle", Strength.HARD, said)

    desk.engine.context.permit = Nobody()
    with pytest.raises(Refused):
        desk.engine.post.resend(waits.id)


def test_what_may_go_once_only_is_doubtful_after_a_crash(desk: Desk) -> None:
    """A worker that died with it in hand may have sent it: a human decides, nothing goes by itself."""
    row = desk.queue(desk.person(), Intent.NOTICE, hoejst_en_gang=True)
    desk.engine.post.post()

    class Died(BaseException):
        pass

    desk.mailer.trouble = Died()  # type: ignore[assignment]
    with pytest.raises(Died):
        desk.engine.deliver()
    desk.mailer.trouble = None
    desk.move(at(MONDAY, 8) + LEASE)
    assert desk.times() == [] and desk.mail(row).status == "doubtful"
    (letter,) = desk.letters("doubtful")
    assert "højst sendes én gang" in letter.note
    desk.engine.post.resend(letter.id)
    desk.engine.deliver()
    assert len(desk.times()) == 1 and desk.mail(row).status == "sent"


def test_a_crash_between_send_and_mark_sends_again_under_the_same_message_id(desk: Desk) -> None:
    """Every other letter goes at least once."""
    desk.queue(desk.person())
    desk.live_until(at(MONDAY, 9))

    class Died(BaseException):
        pass

    seen: list[Mail] = []

    class Dying:
        def send(self, mail: Mail) -> None:
            seen.append(mail)
            raise Died

    keeps, desk.engine.mailer = desk.engine.mailer, Dying()
    with pytest.raises(Died):
        desk.move(at(MONDAY, 9, 30))
    desk.engine.mailer = keeps
    desk.queue(desk.letters()[0].person_id)  # must not slip into the letter that may have been sent
    desk.live_until(at(MONDAY, 10))
    assert [mail.message_id for _, mail in desk.mailer.sent] == [seen[0].message_id]
    assert len(desk.letters("pending")) == 1


def test_wishes_are_kept(desk: Desk) -> None:
    """Who said no to a text does not get it, who pauses gets it later, and an invitation comes all the same."""
    anne, bo = desk.person(), desk.person("Bo Lind")
    desk.engine.post.preferences.opt_out(anne, "text:velkommen")
    desk.engine.post.preferences.pause(bo, date(2019, 9, 18))
    refused = desk.queue(anne, template="velkommen")
    wanted, later = desk.queue(anne), desk.queue(bo)
    desk.queue(bo, Intent.INVITATION, template="indkaldelse", dato="2019-12-01")
    desk.engine.deliver()
    assert desk.engine.post.why(later) == "venter til torsdag den 19. september 2019: modtageren holder pause fra mails"
    desk.live_until(at(MONDAY + timedelta(days=4)))
    assert [desk.mail(one).status for one in (refused, wanted, later)] == ["withdrawn", "sent", "sent"]
    assert [(stamp.day, stamp.hour) for stamp in desk.times()] == [(16, 8), (16, 9), (19, 9)]


def test_others_may_object_and_add_links_and_files(desk: Desk) -> None:
    """An objection is asked when a mail is posted and when it goes; links are made in the claim's transaction."""
    anne = desk.person()
    answered: set[int] = set()
    asked: list[int] = []

    def objection(uow: UnitOfWork, row: OutboxRow, people: Sequence[Recipient], now: datetime) -> Mapping[int, str]:
        assert uow.identity(row.instance_id) and now and [one.person_id for one in people] == [anne]
        return {anne: "har svaret"} if row.id in answered else {}

    class Links:
        def links(self, uow: UnitOfWork, row: OutboxRow, recipient: Recipient, now: datetime) -> Mapping[str, str]:
            uow.registers.beat(now)
            return {"naeste": f"https://eksempel.example/{row.id}/{recipient.person_id}"}

        def footer_links(self, uow: UnitOfWork, recipient: Recipient, now: datetime) -> Mapping[str, str]:
            assert uow and now
            return {"afmeld": f"https://eksempel.example/af/{recipient.person_id}"}

    def files(rows: Sequence[OutboxRow], recipient: Recipient, now: datetime) -> Sequence[Any]:
        assert recipient and now
        asked.extend(row.id for row in rows)
        return ()

    helpers = desk.engine.post.helpers
    helpers.links, helpers.attachments = Links(), files
    helpers.objections.append(objection)
    first, second, third = (desk.queue(anne) for _ in range(3))
    answered.add(first)
    desk.engine.deliver()
    assert desk.mail(first).result == {"note": "har svaret"}
    answered.add(second)
    desk.live_until(at(MONDAY, 10))
    assert [desk.mail(one).status for one in (second, third)] == ["withdrawn", "sent"] and asked == [third]


def test_the_outbox_and_the_sheet_say_why_a_mail_waits(desk: Desk) -> None:
    """To whom, when, and with which letter; and what became of it."""
    row = desk.queue(desk.person())
    desk.engine.deliver()
    mail = next(one for one in views.outbox(desk.engine, desk.programme) if one.id == row)
    assert mail.status_title == "lagt i brev" and [letter.person for letter in mail.letters] == ["Anne Holm"]
    told = "går til Anne Holm mandag den 16. september 2019 kl. 9.30 (går i dagens samlede mail)"
    assert mail.waits == told
    assert [(one.id, one.waits) for one in views.sheet_of(desk.engine, desk.programme).mails] == [(row, told)]
    desk.live_until(at(MONDAY, 10))
    after = next(one for one in views.outbox(desk.engine, desk.programme) if one.id == row)
    assert (after.waits, after.sent_to) == ("", ("Anne Holm",)) and after.letters[0].goes_at is None
    assert views.sheet_of(desk.engine, desk.programme).mails == ()


def test_a_digest_is_one_mail_with_all_that_it_is_about(desk: Desk) -> None:
    """Every item's text stands in it, under one subject and one Message-ID."""
    anne = desk.person()
    desk.queue(anne, Intent.NOTICE, template="velkommen")
    desk.queue(anne, about=desk.kommune("Greve"))
    desk.live_until(at(MONDAY, 10))
    ((_, mail),) = desk.mailer.sent
    message = message_from_bytes(mail.content)
    assert message["Message-ID"] == mail.message_id == desk.letters()[0].message_id
    assert "Greve" in mail.content.decode("utf-8", "replace")


def test_so_many_letters_at_most_are_tried_in_one_go(desk: Desk) -> None:
    """The rest is for the next tick."""
    for _ in range(7):
        desk.queue(desk.person(), Intent.INVITATION, template="indkaldelse", dato="2019-12-01")
    assert [desk.engine.post.deliver(desk.mailer, limit=5).sent for _ in range(3)] == [5, 2, 0]


def test_two_that_post_and_send_at_once_make_no_letter_twice(
    store_url: str, workflows: Workflows, desk_file: tuple[Path, int], tmp_path: Path
) -> None:
    """On both databases: one digest a day and person, the week's budget kept, each mail sent once."""
    if store_url.startswith("sqlite"):
        store_url, programme = copied(desk_file[0], tmp_path / "two.db"), desk_file[1]
    else:
        programme = settle_desk(store_url, workflows, at(date(2019, 5, 1)))
    desks = [open_desk(store_url, workflows, at(MONDAY, 6), programme) for _ in range(2)]
    one = desks[0]
    people = [one.person(f"Person {number}") for number in range(6)]
    for day in range(5):
        now = at(MONDAY + timedelta(days=day), 9)
        for desk in desks:
            desk.clock.move_to(now)
        for person in people * 3:
            one.queue(person)
        for minute in (0, 31):
            for desk in desks:
                desk.clock.move_to(now + timedelta(minutes=minute))
            with ThreadPoolExecutor(2) as pool:
                reports = list(pool.map(lambda desk: desk.engine.deliver(), desks))
            assert not any(report.failed for report in reports)
    sent = [mail.message_id for desk in desks for _, mail in desk.mailer.sent]
    assert len(sent) == len(set(sent)) == 3 * len(people)
    assert len({(letter.person_id, letter.message_id) for letter in one.letters("sent")}) == 3 * len(people)
    assert one.findings() == []
    for desk in desks:
        desk.engine.close()


def test_two_that_note_deliveries_of_one_mail_do_not_wait_for_each_other(
    postgres_url: str, workflows: Workflows
) -> None:
    """Both have noted who got it before either closes it: on PostgreSQL neither is refused, and nothing goes again."""
    programme = settle_desk(postgres_url, workflows, at(date(2019, 5, 1)))
    desk = open_desk(postgres_url, workflows, at(MONDAY, 8), programme, Restraint.off())
    for name in ("Anne Holm", "Bo Lind"):
        desk.engine.people.assign(desk.person(name), "klk_konsulent", programme_id=programme)
    row = desk.queue("klk_konsulent")
    desk.engine.post.post()
    both, noted = threading.Barrier(2), list[str]()

    def hook(said: str) -> None:
        if said == "after deliver":
            noted.append(said)
            with suppress(threading.BrokenBarrierError):
                both.wait(5)

    settings = Settings(restraint=Restraint.off())
    engines = [Engine(Store.open(postgres_url, hook), workflows, clock=desk.clock, settings=settings) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda engine: engine.post.deliver(MemoryMailer()), engines))
    assert sum(report.sent for report in reports) == len(noted) == 2 and desk.mail(row).status == "sent"
    for engine in (desk.engine, *engines):
        engine.close()
