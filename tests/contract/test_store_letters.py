"""What every store promises about letters: one of each key, held by one at a time, with an end for all in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from samskabt.engine.errors import Conflict
from samskabt.storage import LetterRow, Store, Wish, migrations
from samskabt.storage.posting.tables import PREFERENCE
from samskabt.storage.tables import METADATA
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from .making import LEASE, NOW, TODAY, found, letter, nudge
from .test_store_opening import engine_url, say

HOUR = timedelta(hours=1)


def desk(store: Store, mails: int = 2) -> tuple[int, tuple[int, ...]]:
    """Queue mails and enter somebody; give the person and the mails."""
    found(store, nudges=tuple(nudge(f"m{number}") for number in range(mails)))
    with store.begin() as work:
        person = work.registers.add_person("Åse", "aase@example.dk")
        work.registers.assign_role(person, "projektleder", from_on=TODAY)
        return person, work.posted.mails_due(NOW, mails)


def opened(store: Store, key: str, person: int, *mails: int, shape: str = "digest", **more: Any) -> int:
    """Open a letter with mails in it."""
    with store.begin() as work:
        number = work.letters.open(letter(key, person, shape=shape, **more), NOW)
        for mail in mails:
            work.letters.put(number, mail, is_nudge=True)
            work.outbox.post(mail)
    return number


def row(store: Store, number: int) -> LetterRow:
    """Read a letter."""
    with store.read() as reader:
        view = reader.posted.letter(number)
    assert view is not None
    return view.row


def items(store: Store, number: int) -> list[tuple[int, str]]:
    """Read what stands in a letter."""
    with store.read() as reader:
        view = reader.posted.letter(number)
    assert view is not None
    return [(item.outbox_id, item.status) for item in view.items]


def test_a_letter_comes_back_as_it_was_opened(store: Store) -> None:
    """Key, Message-ID, day, week and instant survive; a reminder in it is noted."""
    person, (first, second) = desk(store)
    number = opened(store, "digest:1", person, first, second, not_before=NOW + HOUR)
    found_row = row(store, number)
    assert (found_row.key, found_row.message_id, found_row.person_id) == ("digest:1", "<digest:1@example.dk>", person)
    assert (found_row.send_on, found_row.week, found_row.has_nudge) == (TODAY, "2019-W36", True)
    assert (found_row.not_before, found_row.status, found_row.fence) == (NOW + HOUR, "pending", 0)
    assert found_row.may_grow and items(store, number) == [(first, "pending"), (second, "pending")]


def test_there_is_one_letter_of_a_key(store: Store) -> None:
    """Opened again it is the same; another with its Message-ID is a conflict."""
    person, _ = desk(store)
    number = opened(store, "digest:1", person)
    assert opened(store, "digest:1", person) == number
    with pytest.raises(Conflict):
        opened(store, "digest:2", person, message_id="<digest:1@example.dk>")


def test_the_weeks_letters_with_reminders_are_counted(store: Store) -> None:
    """Those of others, of other weeks, without reminders, or withdrawn are not; nor the one that is asked about."""
    person, (first, second) = desk(store)
    number = opened(store, "a", person, first)
    opened(store, "b", person)
    opened(store, "c", person, second, week="2019-W37")
    gone = opened(store, "d", person, second)
    with store.begin() as work:
        work.claims.end(gone, "withdrawn", NOW, "")
        assert work.letters.used(person, "2019-W36") == 1
        assert work.letters.used(person, "2019-W36", number) == work.letters.used(person + 1, "2019-W36") == 0


def test_a_taken_letter_is_due_again_when_its_lease_is_over(store: Store) -> None:
    """Within the lease nobody gets it; after it the next attempt has a higher fence, and the old one holds nothing."""
    person, (first, _) = desk(store)
    number = opened(store, "a", person, first)
    with store.begin() as work:
        one = work.claims.look(number, NOW)
        assert one is not None and work.claims.take(one, LEASE, NOW) == 1
    with store.begin() as work:
        assert work.claims.look(number, NOW + LEASE - timedelta(microseconds=1)) is None
        assert work.posted.due(NOW, 5) == () and work.posted.next_due() == NOW  # the other mail of the outbox
        late = work.claims.look(number, NOW + LEASE)
        assert late is not None and work.claims.take(late, LEASE, NOW + LEASE) == 2
        assert (work.claims.holds(number, 1), work.claims.holds(number, 2)) == (False, True)


def test_a_letter_given_back_waits_and_may_be_doubtful(store: Store) -> None:
    """The error, the count and the doubt stay; what is doubtful takes in nothing more."""
    person, (first, _) = desk(store)
    number = opened(store, "a", person, first)
    with store.begin() as work:
        one = work.claims.look(number, NOW)
        assert one is not None
        work.claims.take(one, LEASE, NOW)
        work.claims.retry(number, NOW + HOUR, "451", is_doubtful=False)
    assert not row(store, number).is_in_doubt and not row(store, number).may_grow
    with store.begin() as work:
        work.claims.retry(number, NOW + HOUR, "intet svar", is_doubtful=True)
        work.claims.retry(number, NOW + HOUR, "451", is_doubtful=False)
    after = row(store, number)
    assert (after.attempts, after.last_error, after.is_doubtful, after.may_grow) == (1, "451", True, False)


def test_a_letter_ends_with_all_that_waits_in_it(store: Store) -> None:
    """What was dropped before stays dropped; who got what is noted once."""
    person, (first, second) = desk(store)
    number = opened(store, "a", person, first, second)
    with store.begin() as work:
        work.claims.drop(number, first, "dropped", "klaret")
        rows = work.outbox.rows(number, NOW, on=TODAY)
        assert [one.id for one in rows] == [second]
        for _ in range(2):
            work.outcomes.deliver(number, person, "<a@example.dk>", rows, NOW)
        assert work.claims.end(number, "sent", NOW, "") == (second,)
        assert [fate.status for fate in work.letters.fates(second)] == ["sent"]
    assert items(store, number) == [(first, "dropped"), (second, "sent")]
    with store.read() as reader:
        (mail,) = [one for one in reader.outbox() if one.id == second]
        assert [(got.person_id, got.message_id) for got in mail.deliveries] == [(person, "<a@example.dk>")]
        assert reader.posted.counts() == {"sent": 1}


def test_one_mail_server_may_take_several_mails_under_one_message_id(store: Store) -> None:
    """A digest holds several rows of the outbox, each delivered with it."""
    person, mails = desk(store, 3)
    number = opened(store, "a", person, *mails)
    with store.begin() as work:
        work.outcomes.deliver(number, person, "<a@example.dk>", work.outbox.rows(number, NOW, on=TODAY), NOW)
    with store.read() as reader:
        assert {one.deliveries[0].message_id for one in reader.outbox()} == {"<a@example.dk>"}


def test_a_digest_takes_in_what_waits_in_the_persons_others(store: Store) -> None:
    """Only those that are due, that nobody holds and that no server may have taken; each mail is in one of them."""
    person, mails = desk(store, 5)
    numbers = [opened(store, f"d{place}", person, mail) for place, mail in enumerate(mails[:3])]
    later = opened(store, "later", person, mails[3], cut_at=NOW + HOUR)
    alone = opened(store, "alone", person, mails[4], shape="mail")
    with store.begin() as work:
        work.claims.retry(numbers[2], NOW + HOUR, "intet svar", is_doubtful=True)
        one = work.claims.look(numbers[0], NOW)
        assert one is not None and work.claims.absorb(one, NOW, "lagt sammen") == 1
    assert items(store, numbers[0]) == [(mails[0], "pending"), (mails[1], "pending")]
    assert row(store, numbers[1]).status == "withdrawn" and items(store, numbers[1]) == [(mails[1], "dropped")]
    assert {row(store, number).status for number in (numbers[2], later, alone)} == {"pending"}


def test_a_letter_that_was_given_up_can_be_tried_again(store: Store) -> None:
    """Its mails wait in it anew, under the same Message-ID; one that was sent cannot."""
    person, (first, second) = desk(store)
    number = opened(store, "a", person, first, second)
    with store.begin() as work:
        work.claims.drop(number, first, "dropped", "klaret")
        work.claims.end(number, "dead", NOW, "afvist")
        assert work.claims.again(number, NOW + HOUR, "igen") == (second,)
        assert work.claims.again(number, NOW + HOUR, "igen") == ()
    after = row(store, number)
    assert (after.status, after.attempts, after.not_before, after.message_id) == (
        *("pending", 0, NOW + HOUR), "<a@example.dk>",
    )  # fmt: skip
    assert items(store, number) == [(first, "dropped"), (second, "pending")]


def test_mails_in_letters_are_looked_at_again_when_somebody_gets_their_role(store: Store) -> None:
    """Those to that role in that programme, and no calendar mail; what has ended stays as it ended."""
    _, (waits, ended) = desk(store)
    with store.begin() as work:
        work.outbox.post(waits)
        work.outbox.settle(ended, "sent", NOW)
        programme = work.outbox.one(waits, NOW, on=NOW.date(), anyhow=True).programme_id  # type: ignore[union-attr]
        assert work.outbox.release("leder", programme, NOW) == work.outbox.release("projektleder", 999, NOW) == 0
        assert not work.posted.mails_due(NOW, 9)
        assert work.outbox.release("projektleder", programme, NOW) == 1
        assert work.posted.mails_due(NOW, 9) == (waits,)


def test_an_empty_letter_is_begun_anew(store: Store) -> None:
    """The day's digest that was withdrawn before it was tried holds what comes later that morning."""
    person, (first, second) = desk(store)
    number = opened(store, "a", person, first)
    with store.begin() as work:
        work.claims.end(number, "withdrawn", NOW, "tomt")
    assert opened(store, "a", person, second) == number
    assert row(store, number).settled_at is None
    assert items(store, number) == [(first, "dropped"), (second, "pending")]


def test_where_a_reminder_found_its_instance_is_remembered(store: Store) -> None:
    """The position of its region when it was sent, and that nothing has moved since."""
    from samskabt.storage.posting.tables import OUTCOME

    made = found(store, nudges=(nudge("m", "liv", 1),)).born[0].id
    with store.begin() as work:
        person = work.registers.add_person("Åse", "aase@example.dk")
        (mail,) = work.posted.mails_due(NOW, 5)
    number = opened(store, "a", person, mail)
    with store.begin() as work:
        work.outcomes.deliver(number, person, "<a@example.dk>", work.outbox.rows(number, NOW, on=TODAY), NOW)
        names = ("instance_id", "person_id", "state", "entry_seq", "moved_at")
        raw = work.connection.raw.execute(f"SELECT {', '.join(names)} FROM {OUTCOME.name}")
        assert [tuple(one) for one in raw.fetchall()] == [(made, person, "venter", 1, None)]


def test_what_a_wrong_clock_left_is_due_again(store: Store) -> None:
    """Letters and mails of the future, leases and waits far ahead; what is as it should be stays as it is."""
    person, mails = desk(store, 4)
    now, far = NOW - timedelta(days=3), NOW + timedelta(days=300)
    held, late, whole = (opened(store, key, person, mail) for key, mail in zip("abc", mails[:3], strict=True))
    with store.begin() as work:
        assert not work.posted.has_strays(NOW)
        one = work.claims.look(held, NOW)
        assert one is not None and work.claims.take(one, timedelta(days=9), NOW) == 1
        work.claims.postpone(late, far, "")
        assert work.posted.has_strays(NOW) and work.letters.bring_back(NOW) == 2
        assert not work.posted.has_strays(NOW)
    assert (row(store, late).not_before, row(store, held).lease_until) == (NOW, NOW) and row(store, held).is_in_doubt
    with store.begin() as work:
        assert work.posted.has_strays(now) and work.letters.bring_back(now) == 3 + 1 + 1  # and the lease, the fourth
        assert set(work.posted.due(now, 9)) == {held, late, whole} and work.posted.mails_due(now, 9) == mails[3:]
    assert {row(store, number).created_at for number in (held, late, whole)} == {now}


def test_a_digest_that_came_back_finds_the_one_that_is_new(store: Store) -> None:
    """One that is due and was never tried; all that is due can be told of, and one mail of a letter be read."""
    person, mails = desk(store, 3)
    old, new = opened(store, "a", person, *mails[:2]), opened(store, "b", person, mails[2])
    with store.begin() as work:
        work.claims.failed(old, NOW, "451")
        assert work.letters.fresh(person, NOW) == new and work.letters.fresh(person, NOW - HOUR) is None
        assert [one.id for one in work.outbox.rows(old, NOW, on=TODAY, only=mails[1])] == [mails[1]]
        work.letters.tell(NOW, "mailserveren er nede")
    assert {row(store, number).note for number in (old, new)} == {"mailserveren er nede"}


def test_a_reminder_whose_letter_came_back_reached_nobody(store: Store) -> None:
    """It is counted as long as its letter is sent, and again when that goes once more."""
    made = found(store, nudges=(nudge("m", "liv", 1),)).born[0].id
    with store.begin() as work:
        person = work.registers.add_person("Åse", "aase@example.dk")
        (mail,) = work.posted.mails_due(NOW, 5)
    number = opened(store, "a", person, mail)
    counts = []
    with store.begin() as work:
        work.outcomes.deliver(number, person, "<a@example.dk>", work.outbox.rows(number, NOW, on=TODAY), NOW)
        for status in ("sent", "dead", "sent"):
            work.claims.end(number, status, NOW, "")
            counts.append(work.outcomes.unanswered(person, made, "trin_2", 1))
    assert counts == [1, 0, 1]


def test_a_database_whose_letters_are_older_keeps_them(store_url: str) -> None:
    """Revision 0006 with a letter in it becomes the present one: the letter waits as before, and went nowhere yet."""
    config, now = Config(), f"'{NOW:%Y-%m-%d %H:%M:%S.%f}'"
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = create_engine(engine_url(store_url), poolclass=NullPool)
    with engine.begin() as connection:
        config.attributes.update(connection=connection, metadata=METADATA, version_table=migrations.VERSION_TABLE)
        command.upgrade(config, "0006")
    flags = ("has_nudge", "is_urgent", "is_once", "is_doubtful", "is_trial")
    names = "key, message_id, shape, week, status, note, fence, attempts, person_id, send_on, cut_at, created_at"
    values = f"'mail:1:1', '<a@b.dk>', 'mail', '2019-W36', 'pending', '', 0, 0, 1, '2019-09-02', {now}, {now}"
    say(
        store_url,
        "INSERT INTO person (id, name, email, is_shared_mailbox) VALUES (1, 'Åse', 'aase@example.dk', FALSE)",
        f"INSERT INTO letter (not_before, {names}, {', '.join(flags)}) "
        f"VALUES ({now}, {values}{', FALSE' * len(flags)})",
    )
    with Store.open(store_url) as store:
        after = row(store, 1)
        assert (after.key, after.sent_to, after.may_grow) == ("mail:1:1", None, True)
        with store.begin() as work:
            one = work.claims.look(1, NOW)
            assert one is not None and work.claims.take(one, LEASE, NOW, to="hash") == 1
        assert (row(store, 1).sent_to, row(store, 1).is_in_doubt) == ("hash", True)


def test_wishes_are_read_by_kind(store: Store) -> None:
    """What nobody has said is not there."""
    person, _ = desk(store)
    with store.begin() as work:
        assert work.posted.wishes(person) == {}
        work.connection.raw.execute(
            f"INSERT INTO {PREFERENCE.name} (person_id, kind, opted_out, digest, set_at) "
            f"VALUES ({person}, '', {'true' if work.connection.book.dialect == 'postgresql' else 1}, 'week', "
            "'2019-09-01 00:00:00')"
        )
        assert work.posted.wishes(person) == {"": Wish("", True, None, "week")}


def test_two_stores_see_each_others_letters(open_store: Callable[..., Store]) -> None:
    """What one process has posted, another sends."""
    one, other = open_store(), open_store()
    person, (first, _) = desk(one)
    number = opened(one, "a", person, first)
    with other.begin() as work:
        work.letters.lock()
        found_row = work.letters.find("a")
        assert found_row is not None and found_row.id == number
        assert work.letters.find("b") is None and work.posted.letter(999) is None


def test_only_the_letters_of_a_trial_are_looked_through(store: Store) -> None:
    """Sent or perhaps sent on trial, within the numbers that are asked for; a real doubt is none of the trial's."""
    person, mails = desk(store, 4)
    sent, unheard, real, later = [opened(store, f"t{place}", person, mail) for place, mail in enumerate(mails)]
    with store.begin() as work:
        for number, end in ((sent, "sent"), (unheard, "doubtful"), (real, "doubtful"), (later, "sent")):
            one = work.claims.look(number, NOW)
            assert one is not None
            work.claims.take(one, LEASE, NOW, trial=number is not real)
            work.claims.end(number, end, NOW, "")
        assert [one.row.id for one in work.posted.tried((sent, real), 10)] == [sent, unheard]
        assert work.posted.count_tried((sent, later), 10) == 3 and work.posted.count_tried((sent, later), 1) == 1
        assert work.posted.last_mail() == mails[-1]
