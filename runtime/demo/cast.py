"""The small cast of behaviours that make the demo's kommuner differ: stalls, moves, is late, mends a mistake."""

from __future__ import annotations

from datetime import date, time, timedelta

from ...engine.civil.instants import to_utc
from ...engine.values import Json
from . import words
from .process import FACILITATOR, discussed
from .world import Desk, Story

MOVED = "Otte af medarbejderne skal til møde om den nye lov den dag."
NOT_HELD = "Det var det forkerte møde: sparringen er først i næste uge."
NOT_DONE = "Vi nåede det ikke i efteråret, og nu er det for sent."
NOT_BEGUN = "Vi kom ikke i gang i efteråret; nu er dagen aftalt med lederne."
WENT_HOME = (
    "To ledere er stoppet, og konsulenten har fået andre opgaver. Vi nåede til trin 2 og vil hellere sige det, "
    "som det er, end lade, som om vi er med."
)


def stalls(desk: Desk) -> Story:
    """Begin well, then let it lie; begin anew when the programme rings, and leave in the end, honestly."""
    process = desk.process().id
    yield date(2019, 9, 26)
    desk.do(process, "trin_1.begynd")
    desk.do(process, "trin_1.tjek", {"formaal": True})
    yield date(2019, 10, 4)
    desk.away_until = date(2020, 1, 20)
    yield date(2020, 1, 20)
    _catch_up(desk)
    left: dict[str, Json] = {"kan_ikke_laves_om": True, "ledelsesopbakning": True, "intro_holdt": True}
    desk.do(process, "trin_1.tjek", {**left, **FACILITATOR})
    yield date(2020, 2, 10)
    desk.do(process, "trin_2.begynd")
    desk.add(process, "challenge", words.IDEAS[0].title)
    yield date(2020, 3, 3)
    desk.do(process, "trin_1.tjek", {"deltagere_valgt": True, **discussed(desk)})
    desk.do(process, "trin_1.afslut")
    desk.away_until = date.max
    yield date(2020, 9, 2)
    desk.world.engine.programmes.withdraw(process, reason=WENT_HOME, actor=desk.world.team["partskonsulent"].actor)


def _catch_up(desk: Desk) -> None:
    """Register honestly, when the programme has rung, what became of an autumn in which nobody registered anything."""
    today = desk.world.today()
    for one in desk.mine("task"):
        end = one.dates.planned_end
        if end and end < today and one.position["status"] in ("venter", "i_gang"):
            if one.key == "rammesaetning":
                desk.do(one.id, "afslut", {"udbytte": words.outcome(one.key)})
            else:
                desk.do(one.id, "udgaar", reason=NOT_DONE)
    local = desk.find("lokalt_opstartsmoede")
    assert local.dates.planned_start is not None
    desk.do(local.id, "afhold", {"antal": 11}, happened_at=to_utc(local.dates.planned_start, time(13)))
    for key, day in (("foerste_skridt", 6), ("sparring", 20), ("kommunebesoeg", 27)):
        desk.agree(desk.find(key).id, date(2020, 2, day), reason=NOT_BEGUN)


def moves_a_workshop(desk: Desk) -> Story:
    """Move the first workshop a week when people are invited already."""
    workshop = desk.find("foerste_skridt")
    while desk.find("foerste_skridt").position["status"] != "indkaldt":
        yield desk.world.today() + timedelta(days=2)
    planned = desk.find("foerste_skridt").dates.planned_start
    assert planned is not None
    yield planned - timedelta(days=9)
    desk.agree(workshop.id, planned + timedelta(days=7), reason=MOVED)
    desk.world.marks["moved"] = workshop.id


def registers_late(desk: Desk) -> Story:
    """Hold the sparring on its day, forget to register it, and do so at nine when the second reminder is queued."""
    desk.leaves_out.add("sparring")
    yield from _invited(desk, "sparring")
    meeting = desk.find("sparring")
    held = meeting.dates.planned_end
    assert held is not None
    calendar = desk.world.engine.context.calendar
    reminded = calendar.next_open(calendar.add_working_days(calendar.add_working_days(held, 1), 5))
    yield reminded - timedelta(days=4)  # Before the weekend, if there is one in between.

    def register() -> None:
        happened = to_utc(held, time(13))
        desk.do(meeting.id, "afhold", {"antal": 4}, happened_at=happened)
        desk.do(meeting.id, "foelg_op", {"udbytte": words.outcome("sparring")})
        desk.world.marks["late"] = meeting.id

    desk.world.on(reminded, time(9), register)


def mends_a_mistake(desk: Desk) -> Story:
    """Register the sparring as held a week too early, and take it back the next day."""
    desk.leaves_out.add("sparring")
    yield from _invited(desk, "sparring")
    meeting = desk.find("sparring")
    planned = meeting.dates.planned_start
    assert planned is not None
    yield planned - timedelta(days=7)
    wrong = desk.do(meeting.id, "afhold")
    desk.world.marks["mistake"] = meeting.id
    yield desk.world.today() + timedelta(days=1)
    desk.world.engine.correct(meeting.id, wrong.revision, reason=NOT_HELD, actor=desk.actor)
    desk.leaves_out.remove("sparring")


def _invited(desk: Desk, key: str) -> Story:
    """Set the day and invite in good time, as everybody does."""
    while True:
        one = desk.find(key)
        start = one.dates.planned_start
        if start and one.position["status"] == "afventer" and desk.world.today() >= start - timedelta(days=42):
            desk.agree(one.id, start)
            desk.invite(one.id, {"sted": words.place(desk.kommune)})
            return
        yield desk.world.today() + timedelta(days=2)
