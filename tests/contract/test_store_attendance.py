"""What every store promises about attendance: appended in order, keys used once, addresses by their hash."""

from __future__ import annotations

from dataclasses import replace

import pytest
from samskabt.engine.attending import Answer, Said, Way
from samskabt.engine.errors import Conflict, InvalidInput, NotFound
from samskabt.storage import Store

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
