"""Who stands where with a meeting: pure, by the order of what was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from samskabt.engine.attending import (
    Answer,
    Attending,
    Guest,
    Said,
    Seated,
    Times,
    Way,
    moved_up,
    seats_left,
    standing,
    whose,
)
from samskabt.engine.values import Actor, ActorKind

NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)
TUESDAY, THURSDAY = Times("2027-02-02"), Times("2027-02-04")


def said(
    seq: int, person: int, answer: Answer | None = None, sequence: int | None = 0, came: bool | None = None
) -> Said:
    """Make a row."""
    actor = Actor(ActorKind.PERSON, str(person))
    return Said(1, 2, person, Way.LINK, actor, NOW, NOW, answer, came, sequence, seq=seq)


def stands(
    *rows: Said,
    guests: int = 3,
    times: Mapping[int, Times] = {0: TUESDAY},
    current: int | None = 0,
    seats: int | None = None,
) -> tuple[Seated, ...]:
    """Let some guests of one kommune stand, invited at the newest SEQUENCE."""
    listed = [Guest(number, "0101", current) for number in range(1, guests + 1)]
    return standing(listed, rows, times, current, seats)


def test_the_newest_answer_counts() -> None:
    """Yes, then no, is no; who has said nothing is invited; who came is told apart from who said so."""
    found = stands(
        said(1, 1, Answer.COMES), said(2, 1, Answer.DECLINES), said(3, 2, Answer.MAYBE), said(4, 2, came=False)
    )
    assert [one.stands for one in found] == [Attending.DECLINES, Attending.MAYBE, Attending.INVITED]
    assert [one.came for one in found] == [None, False, None]


def test_a_calendars_answer_counts_from_when_it_was_given() -> None:
    """One that comes late undoes no later one; a seat goes by when the yes came to us, not by what its clock says."""
    early, late = NOW - timedelta(hours=2), NOW - timedelta(hours=1)

    def by_calendar(seq: int, person: int, answer: Answer, at: datetime) -> Said:
        return replace(said(seq, person, answer), way=Way.CALENDAR, happened_at=at)

    swapped = (by_calendar(1, 1, Answer.DECLINES, late), by_calendar(2, 1, Answer.COMES, early))
    assert stands(*swapped)[0].stands is Attending.DECLINES
    first = (by_calendar(1, 1, Answer.COMES, late), by_calendar(2, 2, Answer.COMES, early))
    assert [one.stands for one in stands(*first, seats=1)[:2]] == [Attending.COMES, Attending.WAITING]
    twice = (by_calendar(1, 1, Answer.COMES, late), said(2, 2, Answer.COMES), by_calendar(3, 1, Answer.COMES, early))
    assert [one.stands for one in stands(*twice, seats=1)[:2]] == [Attending.COMES, Attending.WAITING]


def test_nobody_is_invited_before_an_invitation_goes_out() -> None:
    """Without one she is not invited, but what she said beforehand holds."""
    found = stands(said(1, 1, Answer.COMES, None), times={}, current=None)
    assert [one.stands for one in found] == [Attending.COMES, Attending.NOT_INVITED, Attending.NOT_INVITED]


def test_seats_go_in_the_order_of_the_yes() -> None:
    """The third of two waits; when the first gives hers back, the one who waits has it without a row of her own."""
    rows = (said(1, 3, Answer.COMES), said(2, 1, Answer.COMES), said(3, 2, Answer.COMES))
    full = stands(*rows, seats=2)
    assert [(one.stands, one.place) for one in full] == [
        (Attending.COMES, None), (Attending.WAITING, 1), (Attending.COMES, None),
    ]  # fmt: skip
    assert seats_left(full, "0101", 2) == 0
    freed = stands(*rows, said(4, 3, Answer.DECLINES), seats=2)
    assert [one.stands for one in freed] == [Attending.COMES, Attending.COMES, Attending.DECLINES]
    back = stands(*rows, said(4, 3, Answer.DECLINES), said(5, 3, Answer.COMES), seats=2)
    assert (whose(back, 3) or full[0]).place == 1


def test_who_moves_up_waited_and_has_a_seat() -> None:
    """Neither who had one before, nor who says yes for the first time, nor who still waits."""
    rows = [said(number, number, Answer.COMES) for number in (1, 2, 3)]
    before, more = stands(*rows, guests=4, seats=1), (said(4, 1, Answer.DECLINES), said(5, 4, Answer.COMES))
    after = stands(*rows, *more, guests=4, seats=1)
    assert [one.guest.person_id for one in moved_up(before, after)] == [2]


def test_seats_are_those_of_a_kommune() -> None:
    """Another kommune has its own; who stands for none takes none."""
    guests = [Guest(1, "0101", 0), Guest(2, "0253", 0), Guest(3, None, 0)]
    rows = [said(number, number, Answer.COMES) for number in (1, 2, 3)]
    found = standing(guests, rows, {0: TUESDAY}, 0, 1)
    assert {one.stands for one in found} == {Attending.COMES}
    assert [seats_left(found, group, 1) for group in ("0101", "0253", None)] == [0, 0, None]
    assert seats_left(found, "0101", None) is None
    assert whose(found, 9) is None


def test_an_answer_holds_for_the_day_that_it_was_about() -> None:
    """Moved, it is old; moved back, it holds again; of a SEQUENCE that never was, nothing is known."""
    rows = (said(1, 1, Answer.COMES, 0), said(2, 2, Answer.COMES, 7))
    moved = stands(*rows, times={0: TUESDAY, 1: THURSDAY}, current=1)
    assert [(one.stands, one.is_old) for one in moved[:2]] == [(Attending.INVITED, True), (Attending.INVITED, True)]
    back = stands(*rows, times={0: TUESDAY, 1: THURSDAY, 2: TUESDAY}, current=2)
    assert [(one.stands, one.is_old) for one in back[:2]] == [(Attending.COMES, False), (Attending.INVITED, True)]


def test_a_late_answer_to_the_former_day_does_not_undo_a_newer() -> None:
    """No to Thursday, then a delayed yes to Tuesday: she does not come on Thursday."""
    found = stands(
        said(1, 1, Answer.DECLINES, 1), said(2, 1, Answer.COMES, 0), times={0: TUESDAY, 1: THURSDAY}, current=1
    )
    assert found[0].stands is Attending.DECLINES


def test_never_more_than_the_seats_whatever_is_said() -> None:
    """Over random answers: no seat is given twice, none stays empty while somebody waits, and the line has no gaps."""
    random = Random(9)
    for _ in range(300):
        rows = [said(seq, random.randrange(1, 7), random.choice(list(Answer))) for seq in range(1, 20)]
        found = stands(*rows, guests=6, seats=2)
        waiting = sorted(one.place for one in found if one.place is not None)
        assert (seats_left(found, "0101", 2) or 0) >= 0
        assert waiting == list(range(1, len(waiting) + 1))
        assert not waiting or seats_left(found, "0101", 2) == 0
