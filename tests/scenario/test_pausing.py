"""A programme, a kommune with running challenges, and an activity stand still and go on, on a real database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.civil.instants import local_date
from samskabt.engine.errors import Refused
from samskabt.engine.pausing.pauses import PAUSE, PAUSE_IS_OVER, RESUME, in_force
from samskabt.engine.values import Json
from samskabt.runtime.doctor import examine
from samskabt.runtime.views import board_of, sheet_of

from .walks import DESCRIBED
from .world import ME, World

IDLE = ("clock_stopped", "timer_overdue", "mail_waiting")
WHY = "Kommunen får ny forvaltning"


def armed(world: World, number: int) -> dict[str, date]:
    """Give the reminders that an instance waits for, and the day of each."""
    with world.engine.context.store.read() as reader:
        found = reader.timers(instance_id=number, status="armed")
    return {view.timer.key: local_date(view.timer.due_at) for view in found}


def complaints(world: World) -> list[str]:
    """Let the doctor look; that nobody ticked while a test moved the clock is no illness."""
    return [one.text for one in examine(world.engine).findings if one.code not in IDLE]


def at_work(world: World) -> tuple[int, int, int]:
    """Bring Greve to trin 2 with a prioritised challenge and a solution."""
    greve = world.kommune("Greve")
    world.do(greve, "faelles_workshop")
    challenge = world.add(greve, "challenge", "Skemaer", **DESCRIBED)
    world.do(challenge, "prioriter")
    world.do(challenge, "begynd_trin_3", override=True, reason="Oplagt")
    solution = world.add(challenge, "solution", "Ét skema")
    world.do(solution, "vaelg", effekt="Kortere vej", tegn="Færre skemaer")
    return greve, challenge, solution


def paused(world: World, number: int, **data: Json) -> tuple[int, ...]:
    """Pause an instance and give what has days in the pause."""
    return world.engine.advance(number, PAUSE, data=data, reason=WHY, actor=ME).in_pause


def test_a_paused_kommune_stands_still_with_everything_below(world: World) -> None:
    """Challenge and solution are paused in the same transaction; frozen clocks go on with the days left to them."""
    greve, challenge, solution = at_work(world)
    calendar = WorkingCalendar()
    before = {number: armed(world, number) for number in (greve, challenge, solution)}
    aarhus = world.kommune("Aarhus")
    world.do(aarhus, "faelles_workshop")
    others = armed(world, aarhus)
    world.move_to(date(2019, 9, 10))
    falls = paused(world, greve, til="2019-12-01")
    assert falls and world.activity("lokalt_opstartsmoede", "Greve") in falls
    for number in before:
        assert [one.at for one in in_force(world.engine.show(number).data)] == ["kommune"]
        assert all(PAUSE_IS_OVER in key or "planned" in key for key in armed(world, number))
    assert armed(world, aarhus) == others
    assert complaints(world) == []
    world.move_to(date(2019, 11, 9))
    world.engine.advance(greve, RESUME, actor=ME)
    frozen = timedelta(days=60)
    for number, was in before.items():
        assert armed(world, number).keys() >= was.keys()
        for key, day in was.items():
            # Each lands on a day that is open; the rungs of a ladder wait longer by what is closed between them.
            opens, lands = calendar.next_open(day + frozen), armed(world, number)[key]
            days = (date(2019, 11, 9) + timedelta(days=n) for n in range((lands - date(2019, 11, 9)).days))
            closed = sum(one.isoweekday() < 6 and not calendar.is_open(one) for one in days)
            assert opens - timedelta(days=4) <= lands <= calendar.add_open_days(opens, closed), key
    assert complaints(world) == []


def test_nobody_hears_of_a_paused_kommune_but_of_the_end_of_its_pause(world: World) -> None:
    """Months pass: all that goes out about Greve is that the pause should be over, and what cannot be done later."""
    greve, _, _ = at_work(world)
    world.engine.deliver()
    paused(world, greve, til="2019-12-01")
    before = len(world.mailer.mails)
    world.live_until(date(2020, 3, 1))
    about = [mail.subject for mail in world.mailer.mails[before:] if "Greve" in mail.subject]
    assert [subject for subject in about if "Baseline" not in subject] == ["Er pausen slut? Greve"]
    mails = Counter((mail.subject, mail.recipient) for mail in world.mailer.mails[before:] if "Greve" in mail.subject)
    assert max(mails.values()) <= 2, mails
    assert complaints(world) == []


def test_a_mail_in_the_outbox_is_moot_while_its_instance_is_paused(world: World) -> None:
    """A reminder that was queued before the pause is withdrawn with a note; what has happened is still told."""
    greve = world.kommune("Greve")
    world.do(greve, "faelles_workshop")
    world.clock.move_to(datetime(2019, 10, 21, 9, tzinfo=UTC))
    world.engine.tick()
    with world.engine.context.store.read() as reader:
        waiting = [one for one in reader.outbox(world.programme, "pending") if one.instance_id == greve]
    assert waiting
    paused(world, greve)
    world.engine.deliver()
    with world.engine.context.store.read() as reader:
        after = {one.id: one for one in reader.outbox(world.programme)}
    assert {(one.nudge.intent.value, after[one.id].status) for one in waiting} == {
        ("nudge", "withdrawn"),
        ("notice", "sent"),
    }


def test_an_own_pause_survives_the_resumption_above(world: World) -> None:
    """A challenge paused for itself stays so when the kommune and the programme go on."""
    greve, challenge, solution = at_work(world)
    paused(world, challenge)
    paused(world, world.programme)
    paused(world, greve)
    assert [one.at for one in in_force(world.engine.show(solution).data)] == ["challenge", "kommune", "programme"]
    world.engine.advance(world.programme, RESUME, actor=ME)
    world.engine.advance(greve, RESUME, actor=ME)
    assert [one.at for one in in_force(world.engine.show(solution).data)] == ["challenge"]
    assert not in_force(world.engine.show(greve).data)
    assert world.refused(solution, "beskriv", beskrivelse="Ny") == {"er_sat_i_bero"}
    assert complaints(world) == []


def test_a_paused_programme_holds_its_faser_and_evaluations(world: World) -> None:
    """What the calendar would have begun waits, and is decided and logged when the programme goes on."""
    world.live_until(date(2019, 9, 20))
    held = dict(world.engine.show(world.programme).position)
    paused(world, world.programme)
    world.live_until(date(2020, 6, 1))
    assert world.engine.show(world.programme).position == held
    world.engine.advance(world.programme, RESUME, actor=ME)
    world.live_until(date(2020, 6, 3))
    assert world.engine.show(world.programme).position != held
    rows = world.engine.history(world.programme)
    assert all(row.happened_at.date() >= date(2020, 6, 1) for row in rows if row.event.startswith("fase_udvikling"))
    assert complaints(world) == []


def test_an_activity_alone_can_stand_still(world: World) -> None:
    """A meeting is paused: its question is not asked, its day stays, and calling it off is still possible."""
    meeting = world.activity("lokalt_opstartsmoede", "Greve")
    world.engine.reschedule(meeting, date(2019, 10, 8), actor=ME)
    assert paused(world, meeting, til="2019-11-04") == (meeting,)
    before = len(world.mailer.mails)
    world.live_until(date(2019, 11, 1))
    about = [mail for mail in world.mailer.mails[before:] if "opstartsmøde" in mail.subject and "Greve" in mail.subject]
    assert about == []
    assert world.engine.show(meeting).dates.planned_start == date(2019, 10, 8)
    world.do(meeting, "aflys", reason="Vi nåede det ikke")


def test_a_resumption_may_move_what_is_left(world: World) -> None:
    """The kommune's proposals move by weeks, with a reason; what somebody set stays, and others' days stay."""
    greve = world.kommune("Greve")
    fixed = world.activity("lokalt_opstartsmoede", "Greve")
    world.engine.reschedule(fixed, date(2019, 10, 8), actor=ME)
    days = {
        number: world.engine.show(number).dates
        for kind in ("meeting", "task", "evaluation")
        for number in world.kind(kind)
    }
    paused(world, greve)
    world.move_to(date(2019, 10, 4))
    world.engine.advance(greve, RESUME, data={"flyt_uger": 4}, actor=ME)
    for number, was in days.items():
        one = world.engine.show(number)
        is_moved = one.dates.planned_start != was.planned_start
        assert not is_moved or one.kommune == "0253", one.key
    assert world.engine.show(fixed).dates.planned_start == date(2019, 10, 8)
    now = [world.engine.show(number).dates.reason for number in days]
    assert any("Flyttet 4 uger frem efter en pause." in reason for reason in now)


def test_a_corrected_pause_is_taken_back_everywhere(world: World) -> None:
    """Below it nothing stands still any more, and no clock has lost a day."""
    greve, challenge, solution = at_work(world)
    before = {number: armed(world, number) for number in (greve, challenge, solution)}
    paused(world, greve)
    world.move_to(date(2019, 9, 6))
    world.engine.correct(greve, world.engine.show(greve).revision, reason="Det var en anden kommune", actor=ME)
    for number, was in before.items():
        assert world.engine.show(number).data.get("i_bero") is None
        assert armed(world, number) == was
    assert complaints(world) == []


def test_a_parked_challenge_lets_its_solutions_rest(world: World) -> None:
    """Nobody is asked how a test goes whose challenge is put away; taken up again, it goes on where it was."""
    _, challenge, solution = at_work(world)
    was = armed(world, solution)
    world.do(challenge, "parker", reason="Ikke nu")
    assert armed(world, solution) == {}
    assert [one.at for one in in_force(world.engine.show(solution).data)] == ["challenge"]
    world.move_to(date(2019, 9, 24))
    world.do(challenge, "genoptag")
    assert not in_force(world.engine.show(solution).data)
    assert armed(world, solution) == {key: day + timedelta(days=20) for key, day in was.items()}
    assert complaints(world) == []


def test_a_pause_is_shown_where_people_look(world: World) -> None:
    """The status names it, the sheet says who and why, and the refusal gives the name."""
    person = world.engine.people.all()[0][0]
    greve, challenge, _ = at_work(world)
    paused(world, greve)
    (shown,) = [one for one in board_of(world.engine, world.programme).kommuner if one.name == "Greve"]
    assert shown.state_title == "Deltager, i bero siden 4.9.2019"
    (row,) = sheet_of(world.engine, challenge).paused
    assert (row.why, row.by) == (WHY, person.name)
    try:
        world.do(challenge, "tilfoej_loesning", titel="Ny")
    except Refused as refused:
        (sentence,) = world.engine.explain(challenge, refused)
        assert person.name in sentence and WHY in sentence


def test_pausing_is_the_same_whatever_the_database(
    open_chosen: Callable[[str], World],
) -> None:
    """Twice the same life gives twice the same rows."""
    dumps = []
    for name in ("en", "to"):
        world = open_chosen(name)
        greve, _, _ = at_work(world)
        paused(world, greve, til="2019-10-01")
        world.live_until(date(2019, 10, 10))
        world.engine.advance(greve, RESUME, data={"flyt_uger": 2}, actor=ME)
        dumps.append(world.dump())
    assert dumps[0] == dumps[1]
