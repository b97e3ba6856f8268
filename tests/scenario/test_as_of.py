"""What was known on a date: the same as was seen on that date, whatever was registered or corrected since."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from samskabt.engine.errors import InvalidInput, NotFound
from samskabt.runtime import views
from samskabt.runtime.hindsight.known import AsOf, as_of_instant, reading
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.storage import InstanceView

from ..command_line import live_programme
from .world import CHOSEN, ME, PUBLISHED, World, enrol_and_choose, open_world, start

DAY = timedelta(days=1)


def tick_on(world: World, by: timedelta) -> None:
    """Let time pass in which nothing fires."""
    world.clock.move_to(world.clock.now() + by)


def everything(world: World, as_of: date | datetime | None = None) -> dict[int, InstanceView]:
    """Give every instance of the programme as it stands, or stood."""
    then = as_of_instant(as_of, world.clock.now())
    with reading(world.engine.context, then) as reader:
        return {one.id: one for one in reader.instances(world.programme)}


def lived(world: World) -> dict[datetime, dict[int, InstanceView]]:
    """Live some months with late and wrong registrations, and look at everything now and then."""
    seen: dict[datetime, dict[int, InstanceView]] = {}

    def look() -> None:
        seen[world.clock.now()] = everything(world)
        tick_on(world, timedelta(minutes=1))

    kommune, meeting = world.kommune("Greve"), world.activity("opstartsmoede")
    world.do(world.activity("udvaelgelse"), "afslut")
    look()
    world.do(kommune, "faelles_workshop")
    look()
    challenge = world.add(kommune, "challenge", "Skemaer")
    world.live_until(date(2019, 9, 30))
    look()
    wrong = world.do(meeting, "afhold", override=True, reason="Holdt", happened_at=CHOSEN + 16 * DAY).revision
    look()
    world.engine.correct(meeting, wrong, reason="Det var et andet", actor=ME)
    world.engine.reschedule(world.activity("uddannelsesdag_1"), date(2019, 10, 8), reason="Salen", actor=ME)
    look()
    world.do(challenge, "prioriter", override=True, reason="Aftalt", happened_at=CHOSEN + DAY)
    look()
    world.engine.programmes.withdraw(kommune, reason="Ny ledelse", actor=ME)
    world.live_until(date(2019, 11, 4))
    look()
    return seen


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_what_was_seen_then_is_shown_again(
    database: str, workflows: Workflows, request: pytest.FixtureRequest, open_at: Callable[..., World]
) -> None:
    """Position, entries, data, days, revision and head of every instance, at each of eight moments."""
    is_small = database == "sqlite"
    world = open_at() if is_small else open_world(request.getfixturevalue("postgres_url"), workflows, PUBLISHED)
    try:
        seen = lived(enrol_and_choose(start(world)))
        for at, before in seen.items():
            assert everything(world, at) == before
        assert everything(world) == everything(world, world.clock.now())
    finally:
        world.engine.close()


def test_what_was_registered_late_was_not_known_before(world: World) -> None:
    """A meeting that was held on the 20th and registered on the 30th is not held for whoever asks of the 25th."""
    meeting = world.activity("opstartsmoede")
    world.do(world.activity("udvaelgelse"), "afslut")
    world.live_until(date(2019, 9, 30))
    world.do(meeting, "afhold", override=True, reason="x", happened_at=CHOSEN + 16 * DAY)
    engine = world.engine
    then, now = engine.show(meeting, as_of=date(2019, 9, 25)), engine.show(meeting, as_of=date(2019, 9, 30))
    assert (then.position["status"], then.dates.actual_start) == ("planlagt", None)
    assert (now.position["status"], now.dates.actual_start) == ("afholdt", date(2019, 9, 20))
    assert len(engine.history(meeting, as_of=date(2019, 9, 25))) == len(engine.history(meeting)) - 1
    late = views.story_of(engine, meeting)[-1]
    assert (late.days_late, late.taken_back_by_system) == (10, False)
    assert views.story_of(engine, meeting, as_of=date(2019, 9, 25))[-1].seq == late.seq - 1


def test_what_was_not_born_yet_is_not_there(world: World) -> None:
    """It is absent from the family, and asking for it says when it was born; what never was is not found."""
    tick_on(world, 2 * DAY)
    kommune = world.kommune("Greve")
    world.do(kommune, "faelles_workshop")
    challenge = world.add(kommune, "challenge", "Skemaer")
    day = CHOSEN.date()
    assert challenge not in everything(world, day)
    with pytest.raises(InvalidInput, match="was not there yet; it was born on 2019-09-06"):
        world.engine.show(challenge, as_of=day)
    with pytest.raises(InvalidInput, match="was not there yet"):
        views.board_of(world.engine, world.programme, date(2019, 1, 1))
    assert views.programme_rows(world.engine, date(2019, 1, 1)) == ()
    with pytest.raises(NotFound):
        world.engine.show(10_000, as_of=day)
    with pytest.raises(InvalidInput, match="is naive"):
        world.engine.show(kommune, as_of=datetime(2019, 9, 4))


def test_pages_say_of_which_day_they_speak(world: World) -> None:
    """Board, sheet, agenda and history; a day ahead is now, and says so; today needs no words but a day has them."""
    engine, kommune = world.engine, world.kommune("Greve")
    world.do(kommune, "faelles_workshop")
    world.live_until(date(2019, 10, 1))
    day = date(2019, 9, 3)
    board = views.board_of(engine, world.programme, day)
    assert board.as_of == "Sådan så det ud tirsdag den 3. september 2019."
    assert (board.today, board.late_timers, board.held_mails) == (day, (), 0)
    assert {one.state for one in board.kommuner} == {"tilmeldt"}
    assert {one.state for one in views.board_of(engine, world.programme).kommuner} == {"deltager", "ikke_valgt"}
    sheet = views.sheet_of(engine, kommune, day)
    assert (sheet.as_of, sheet.timers) == (board.as_of, ())
    assert {place.state for place in sheet.places if place.trin} == {"venter"}
    plan = views.agenda(engine, world.programme, as_of=day)
    assert (plan.today, plan.timers, plan.as_of) == (day, (), board.as_of)
    ahead = views.sheet_of(engine, kommune, date(2031, 1, 1))
    assert ahead.as_of == "Onsdag den 1. januar 2031 ligger i fremtiden; det her er, som det ser ud nu."
    assert (ahead.revision, views.sheet_of(engine, kommune).as_of) == (engine.show(kommune).revision, "")
    at = datetime(2019, 9, 3, 12, 30, tzinfo=UTC)
    assert views.as_of_text(engine, at) == "Sådan så det ud tirsdag den 3. september 2019 kl. 14.30."


def test_history_is_told_in_the_order_in_which_things_happened(world: World) -> None:
    """What was registered last and happened first comes first, when asked for; numbers stay those of registration."""
    kommune = world.kommune("Greve")
    tick_on(world, 10 * DAY)
    world.do(kommune, "trin_1.begynd")
    world.do(kommune, "trin_2.begynd", happened_at=CHOSEN + 5 * DAY)
    told = views.story_of(world.engine, kommune)
    happened = views.story_of(world.engine, kommune, by_happened=True)
    assert [row.seq for row in told] == sorted(row.seq for row in told)
    assert [row.seq for row in happened[-2:]] == [told[-1].seq, told[-2].seq]
    assert [row.happened_at for row in happened] == sorted(row.happened_at for row in happened)


def test_the_command_line_shows_a_date(tmp_path: Path) -> None:
    """`--as-of` of status, show, history and agenda, days in both spellings, instants, and what is no day."""
    line, said = live_programme(tmp_path / "samskabt.db"), "Sådan så det ud torsdag den 5. september 2019"
    for command in (["status"], ["show", "0101"], ["history", "0101"], ["agenda"]):
        answer = line(*command, "--as-of", "5.9.2019")
        assert answer.code == 0 and f"{said}." in answer.out, command
        assert "Sådan så det ud" not in line(*command).out
    answer = line("history", "0101", "--happened", "--as-of", "2019-09-05T12:00+02:00")
    assert f"{said} kl. 12.00." in answer.out
    assert line("show", "0101", "--as-of", "2019-01-01").code == 2
    for wrong in ("i går", "2019-09-03T12:00", "2019-09-03Tmiddag"):
        assert line("status", "--as-of", wrong).code == 2


def test_a_whole_family_is_one_query_and_grows_in_a_straight_line(
    open_chosen: Callable[[str], World], say: Callable[[str], None]
) -> None:
    """Eight times the history costs about eight times the time, not sixty-four; and never a query for each instance."""
    times, rows, said = [], [], list[str]()
    for many in (40, 320):
        world = open_chosen(f"{many}")
        kommune = world.kommune("Greve")
        world.do(kommune, "faelles_workshop")
        for number in range(many):
            challenge = world.add(kommune, "challenge", f"Udfordring {number}")
            for text in ("a", "b", "c"):
                world.do(challenge, "beskriv", beskrivelse=text)
        then = AsOf(world.clock.now(), is_now=False)
        tick_on(world, DAY)
        with reading(world.engine.context, then) as reader:
            reader.connection.hook = said.append
            began = time.perf_counter()
            found = reader.instances(world.programme)
            times.append(time.perf_counter() - began)
            reader.connection.hook = None
        rows.append(sum(one.revision for one in found))
    assert said == ["before instances", "after instances", "before known", "after known"] * 2
    say(f"as-of of {rows[0]} and {rows[1]} rows of history: {times[0] * 1000:.0f} and {times[1] * 1000:.0f} ms")
    assert times[1] / times[0] < 4 * rows[1] / rows[0]
