"""What every store promises about attendance: appended in order, keys used once, addresses by their hash."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from samskabt.engine.attending import Answer, Said, Way
from samskabt.engine.errors import Conflict, InvalidInput, NotFound
from samskabt.storage import Store
from samskabt.storage.attending import MOST_OF_MEETING, MOST_OF_SENDER

from .making import CONSULTANT, NOW, birth, found


def family(store: Store) -> Said:
    """Write a programme with a meeting in København and a person; make a row about them."""
    born = found(store, birth("meeting", "moede", "0101")).born
    with store.begin() as work:
        person = work.registers.add_person("Anne", "anne@eksempel.example")
    return Said(born[0].id, born[1].id, person, Way.LINK, CONSULTANT, NOW, NOW, Answer.COMES, None, 2, "0101", "a")


def test_attendance_is_kept_in_order_and_undone_with_the_rest(store: Store) -> None:
    """Rows come back as they were, numbered per meeting; a key counts once; what fails leaves nothing."""
    row = family(store)
    came = replace(row, answer=None, came=False, sequence=None, idempotency_key=None)
    with store.begin() as work:
        first, second = work.attendances.add(row), work.attendances.add(came)
    with store.read() as reader:
        assert reader.attendances.said(row.instance_id) == (first, second)
        assert reader.attendances.said_by(row.person_id) == (replace(row, seq=1), replace(came, seq=2))
        assert not reader.attendances.said(999) and not reader.attendances.invitations(999)
    with pytest.raises(Conflict), store.begin() as work:
        work.attendances.add(row)
    with pytest.raises(InvalidInput), store.begin() as work:
        work.attendances.add(replace(row, came=True, idempotency_key=None))
    with pytest.raises(RuntimeError), store.begin() as work:
        work.attendances.add(came)
        raise RuntimeError
    with store.read() as reader:
        assert len(reader.attendances.said(row.instance_id)) == 2


def test_replies_and_addresses(store: Store) -> None:
    """A reply is listed once and settled once, and its sender forgotten; only hashes find addresses, until revoked."""
    row = family(store)
    given = {"sender": "x@eksempel.example", "answer": None, "instance_id": row.instance_id, "person_id": None}
    with store.begin() as work:
        assert [work.attendances.put_reply("k", "modforslag", now=NOW, **given) for _ in range(2)] == [True, True]  # type: ignore[arg-type]
        (reply,) = work.attendances.replies()
        assert work.attendances.settle_reply(reply.id, NOW) == row.instance_id
        with pytest.raises(NotFound):
            work.attendances.settle_reply(reply.id, NOW)
        assert [one.sender for one in work.attendances.replies(settled=True)] == [""]
        work.attendances.add_address("0" * 64, person_id=row.person_id, programme_id=None, now=NOW)
        work.attendances.add_address("1" * 64, person_id=None, programme_id=row.programme_id, now=NOW)
        assert work.attendances.revoke(person_id=row.person_id, programme_id=None, now=NOW) == 1
        assert work.attendances.revoke(person_id=None, programme_id=row.programme_id, now=NOW) == 1
    with store.read() as reader:
        one = reader.attendances.address("0" * 64)
        assert one is not None and (one.person_id, one.revoked_at) == (row.person_id, NOW)
        assert reader.attendances.address("2" * 64) is None


def test_mails_left_to_people(store: Store) -> None:
    """A mail is counted while it is tried, listed once it is left, and forgotten when somebody has seen to it."""
    with store.begin() as work:
        assert [work.left.tried("box", "1", NOW) for _ in range(2)] == [1, 2]
        assert work.left.tried("box", "2", NOW) == 1 and work.left.waiting() == (0, None)
        work.left.forget_tries("box", "2")
        work.left.leave("box", "1", "broke", "other/1", NOW)
        work.left.leave("box", "3", "other", "other/3", NOW + timedelta(hours=1))
        work.left.leave("box", "3", "other", "other/2.3", NOW + timedelta(hours=2))
    with store.read() as reader:
        assert [(row.mail, row.why, row.place, row.tries) for row in reader.left.all()] == [
            ("1", "broke", "other/1", 2), ("3", "other", "other/2.3", 0),
        ]  # fmt: skip
        assert reader.left.waiting() == (2, NOW) and reader.left.tried_before("box") == frozenset()
        first = reader.left.all(1)[0].id
    with store.begin() as work:
        work.left.forget_tries("box", "1")  # It is left by now: no longer a try.
        assert [work.left.settle(one) for one in (first, first, None)] == [1, 0, 1]


def test_who_wrote_about_a_meeting_is_known_until_somebody_has_seen_to_it(store: Store) -> None:
    """By the meeting, each once; a mail that nobody knows the sender or the meeting of tells of nobody."""
    with store.begin() as work:
        for mail, who, about in (("1", 7, 55), ("2", 7, 55), ("3", 8, 55), ("4", None, 55), ("5", 9, None)):
            work.left.leave("box", mail, "other", mail, NOW, person_id=who, instance_id=about)
        assert work.left.writers(55) == frozenset({7, 8}) and not work.left.writers(56)
        assert [(row.person_id, row.instance_id) for row in work.left.all()][3:] == [(None, 55), (9, None)]
        work.left.settle(None)
        assert not work.left.writers(55)


def test_replies_have_room_by_meeting_reason_and_sender(store: Store) -> None:
    """What fills the room of one leaves that of another; a listed one is known again even then."""
    row = family(store)
    on: dict[str, Any] = {"answer": None, "instance_id": row.instance_id, "person_id": None, "now": NOW}
    with store.begin() as work:
        put = work.attendances.put_reply
        mine = [put(f"a{n}", "ikke_indkaldt", sender="x@eksempel.example", **on) for n in range(MOST_OF_SENDER + 1)]
        assert mine == [True] * MOST_OF_SENDER + [False]
        assert put("a0", "ikke_indkaldt", sender="x@eksempel.example", **on)
        assert put("b", "modforslag", sender="x@eksempel.example", **on)
        assert put("c", "ikke_indkaldt", sender="x@eksempel.example", **{**on, "person_id": row.person_id})
        assert put("d", "ikke_indkaldt", sender="x@eksempel.example", **{**on, "instance_id": None})
        others = [put(f"e{n}", "ikke_indkaldt", sender=f"{n}@eksempel.example", **on) for n in range(MOST_OF_MEETING)]
        assert others.count(True) == MOST_OF_MEETING - MOST_OF_SENDER
