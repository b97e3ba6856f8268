"""What every store promises about calendar mails: whom they are for follows from what reached each person."""

from __future__ import annotations

from typing import Any

import pytest
from samskabt.engine.values import Intent, Nudge, OutboxRow
from samskabt.storage import Store

from .making import NOW, birth, found, identity_of, letter

TODAY = NOW.date()


@pytest.fixture
def meeting(store: Store) -> tuple[int, int, int]:
    """Write a meeting in København with a leader; give its number, the leader's and that of somebody without a role."""
    born = found(store, birth("meeting", "moede", "0101")).born
    with store.begin() as work:
        anne, bo = (work.registers.add_person(name, f"{name}@eksempel.example") for name in ("Anne", "Bo"))
        work.registers.assign_role(anne, "leder", from_on=TODAY, programme_id=born[0].id)
    return born[1].id, anne, bo


def queued(store: Store, number: int, key: str, intent: Intent, sequence: int, **more: Any) -> OutboxRow:
    """Queue a calendar mail, and read it as those do who put it into letters."""
    mail = Nudge(key, intent, "indkaldelse", more.pop("role", "leder"), "proeve", uid="u", sequence=sequence, **more)
    identity = identity_of(store, number)
    with store.begin() as work:
        work.outbox.queue(identity, (mail,), NOW)
    return read(store, number, key)


def read(store: Store, number: int, key: str) -> OutboxRow:
    """Read a mail that waits."""
    with store.begin() as work:
        row = work.outbox.one(work.outbox.find(number, key) or 0, NOW, on=TODAY)
    assert row is not None
    return row


def sent(store: Store, row: OutboxRow, status: str = "sent") -> int:
    """Put a mail into letters to those whom it is for, and let them end so; give the number of the last one."""
    last = 0
    with store.begin() as work:
        for one in row.recipients:
            last = work.letters.open(letter(f"mail:{row.id}:{one.person_id}", one.person_id), NOW)
            work.letters.put(last, row.id, is_nudge=False)
            if status != "pending":
                work.claims.end(last, status, NOW, "")
        work.outbox.post(row.id)
    return last


def people(row: OutboxRow) -> list[int]:
    """Number those whom a mail is for."""
    return [one.person_id for one in row.recipients]


def test_a_change_is_for_who_was_invited_and_a_cancellation_for_nobody_else(
    store: Store, meeting: tuple[int, int, int]
) -> None:
    """The first word is known as such; what was never sent is not called off, what may be out is."""
    number, anne, _ = meeting
    invited = queued(store, number, "indkald", Intent.INVITATION, 0)
    assert (people(invited), invited.first, invited.is_moot) == ([anne], frozenset({anne}), False)
    assert queued(store, number, "for tidligt", Intent.CANCELLATION, 1).is_moot
    sent(store, invited, "doubtful")
    moved = queued(store, number, "flyt", Intent.INVITATION, 2)
    assert (people(moved), moved.first) == ([anne], frozenset())
    off = queued(store, number, "aflys", Intent.CANCELLATION, 3)
    assert people(off) == [anne]
    sent(store, off)
    assert queued(store, number, "aflys igen", Intent.CANCELLATION, 4).is_moot


def test_one_person_gets_one_mail_and_the_other_role_none(store: Store, meeting: tuple[int, int, int]) -> None:
    """Whether the other letter waits or has gone; and who is left out of a change is named, with what she was told."""
    number, anne, _ = meeting
    with store.begin() as work:
        programme = work.identity(number).programme_id
        role = work.registers.assign_role(anne, "underviser", from_on=TODAY, programme_id=programme)
    first = queued(store, number, "en", Intent.INVITATION, 0, values={"dato": "2027-02-02"})
    waits = sent(store, first, "pending")
    assert queued(store, number, "to", Intent.INVITATION, 0, role="underviser").is_moot
    with store.begin() as work:
        work.claims.end(waits, "sent", NOW, "")
    assert read(store, number, "to").is_moot
    with store.begin() as work:
        for one in work.registers.roles():
            work.registers.give_role(one.id, meeting[2], None)
        assert role in [one.id for one in work.registers.roles()]
    changed = queued(store, number, "tre", Intent.INVITATION, 1)
    assert (people(changed), [one.person_id for one in changed.left_out]) == ([meeting[2]], [anne])
    assert changed.left_out[0].values == {"dato": "2027-02-02"}
    taken = queued(store, number, "fire", Intent.CANCELLATION, 1, role=f"person:{anne}")
    assert people(taken) == [anne]
    assert queued(store, number, "fem", Intent.INVITATION, 1, role=f"person:{anne}").is_moot


@pytest.mark.parametrize("guests", [3, 12])
def test_a_letter_reads_what_its_own_person_was_told(store: Store, meeting: tuple[int, int, int], guests: int) -> None:
    """However many guests there are: two mails of a meeting are two rows, whoever else has letters with them."""
    number, anne, _ = meeting
    with store.begin() as work:
        programme = work.identity(number).programme_id
        for one in range(guests):
            guest = work.registers.add_person(f"Gæst {one}", f"{one}@eksempel.example")
            work.registers.assign_role(guest, "leder", from_on=TODAY, programme_id=programme)
    sent(store, queued(store, number, "en", Intent.INVITATION, 0))
    taken = queued(store, number, "fra", Intent.CANCELLATION, 0, role=f"person:{anne}")
    assert taken.is_moot
    changed = queued(store, number, "to", Intent.INVITATION, 1)
    assert len(changed.recipients) == guests + 1
    last = sent(store, changed, "pending")
    with store.begin() as work:
        assert len(work.invitations.calendars(number, changed.recipients[-1].person_id).mails) == 2
        (row,) = work.outbox.rows(last, NOW, on=TODAY)
    assert (people(row), row.is_moot) == ([changed.recipients[-1].person_id], False)


def test_what_others_invited_to_is_called_off_to_whom_the_role_names(
    store: Store, meeting: tuple[int, int, int]
) -> None:
    """Of a meeting that was invited to before it was registered here nothing is known, so nobody is left out."""
    number, anne, bo = meeting
    assert people(queued(store, number, "indkald", Intent.INVITATION, 2, role=f"person:{bo}")) == [bo]
    off = queued(store, number, "aflys", Intent.CANCELLATION, 3)
    assert people(off) == [anne]
    sent(store, off, "pending")
    with store.begin() as work:
        for one in work.registers.roles():
            work.registers.give_role(one.id, bo, None)
        (row,) = work.outbox.rows(1, NOW, on=TODAY)
    assert people(row) == [bo, anne]
