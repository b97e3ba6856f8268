"""A rehearsal, wishes and the memory of reminders, on every database."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from samskabt.storage import Store

NOW = datetime(2019, 9, 16, 8, tzinfo=UTC)


def test_nothing_of_a_rehearsal_is_kept(store: Store) -> None:
    """What was done in it can be read in it, what failed in it is undone alone, and afterwards all is as before."""
    with store.begin() as uow:
        uow.registers.add_person("Anne Holm", "anne@eksempel.example")
    with store.rehearse() as rehearsal:
        with rehearsal.begin() as uow:
            bo = uow.registers.add_person("Bo Lind", "bo@eksempel.example")
        with pytest.raises(ZeroDivisionError), rehearsal.begin() as uow:
            uow.registers.add_person("Carl Bro", "carl@eksempel.example")
            raise ZeroDivisionError
        with rehearsal.read() as reader:
            assert [one.name for one in reader.registers.people()] == ["Anne Holm", "Bo Lind"]
        with rehearsal.look() as uow:
            assert [one.id for one in uow.registers.people()][-1] == bo
        rehearsal.close()
    with store.read() as reader:
        assert [one.name for one in reader.registers.people()] == ["Anne Holm"]


def test_wishes_are_kept_side_by_side(store: Store) -> None:
    """Each wish leaves the others as they are, and the newest of a sort counts."""
    with store.begin() as uow:
        anne = uow.registers.add_person("Anne Holm", "anne@eksempel.example")
        uow.wishes.opt(anne, "nyt", NOW, out=True, until=date(2019, 10, 1))
        uow.wishes.pause(anne, "", NOW, until=date(2019, 9, 20))
        uow.wishes.gather(anne, NOW, digest="off")
        uow.wishes.opt(anne, "nyt", NOW, out=False)
    with store.read() as reader:
        kept = reader.posted.wishes(anne)
    assert (kept["nyt"].opted_out, kept["nyt"].out_until) == (False, None)
    assert (kept[""].paused_until, kept[""].digest, kept[""].opted_out) == (date(2019, 9, 20), "off", False)


def test_the_memory_is_empty_at_first(store: Store) -> None:
    """Its questions are answered on every database, and what waits for a reason is found by its words."""
    with store.begin() as uow:
        assert uow.outcomes.open(10) == ()
        assert uow.outcomes.summed(None) == uow.outcomes.summed(1) == ()
        assert uow.outcomes.unanswered(1, 1, "stille", 1) == 0
        uow.outcomes.judge(1, 1, None, NOW)
        assert uow.wishes.waiting("pause", 1) == ()
        assert uow.outbox.find(1, "x") is None
        assert uow.registers.away_until("leder", 1, None, NOW.date()) is None
