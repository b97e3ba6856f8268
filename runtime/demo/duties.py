"""The everyday work at a desk: dates, invitations, meetings, tasks and evaluations, each when its day comes."""

from __future__ import annotations

from datetime import date, timedelta

from ...engine.civil.danish import plural
from ...engine.civil.instants import local_date
from ...engine.values import Json
from ...engine.values.names import KOMMUNE, base_key
from ...storage import InstanceView
from . import words
from .world import Desk, Story, World

SETS_DATES = timedelta(weeks=7)
"""How long before a meeting its day is set, and how long before that day people are invited."""
INVITES = timedelta(weeks=5)
NEEDS_CHOSEN = frozenset({"opstartsmoede", "uddannelsesdag_1"})
"""Meetings to which nobody is invited before it is known who takes part (and those who do not have been told)."""
APPROVES = timedelta(days=5)
"""How long after a delivery it is approved."""
MEASURED = {"baselinemaaling": timedelta(days=10)}
"""Tasks that are over before their last day, so long after they began."""


def every_day(desk: Desk, until: date) -> Story:
    """Do at a desk what the day asks for, on every open day."""
    while desk.world.today() <= until:
        if desk.away_until is None or desk.world.today() >= desk.away_until:
            look_after(desk)
        yield desk.world.today() + timedelta(days=1)


def look_after(desk: Desk) -> None:
    """Go once through everything that lies on a desk."""
    for one in desk.world.agenda():
        if one.kommune != desk.code or base_key(one.key) in desk.leaves_out:
            continue
        match one.kind:
            case "meeting":
                _meeting(desk, one)
            case "task":
                _task(desk, one)
            case _:
                pass


def _meeting(desk: Desk, one: InstanceView) -> None:
    world, today, start = desk.world, desk.world.today(), one.dates.planned_start
    match one.position["status"]:
        case "afventer" if start and today >= start - SETS_DATES:
            day = set_day(desk, one)
            if day is not None and world.today() >= day - INVITES:
                desk.invite(one.id, {"sted": words.place(desk.kommune)})
        case "planlagt" if start and today >= start - INVITES and _may_invite(desk, one):
            desk.invite(one.id, {} if one.key.startswith("temadag_") else {"sted": words.place(desk.kommune)})
        case "planlagt" | "indkaldt" if one.dates.planned_end and today >= one.dates.planned_end:
            if desk.may(one.id, "afhold"):
                desk.do(one.id, "afhold", _attendance(desk, one))
        case "afholdt" if one.dates.actual_end and today > one.dates.actual_end:
            desk.do(one.id, "foelg_op", {"udbytte": words.outcome(one.key)})
        case _:
            pass


def set_day(desk: Desk, one: InstanceView) -> date | None:
    """Agree on a day in the window that the plan proposes, and set it."""
    world, start, end = desk.world, one.dates.planned_start, one.dates.planned_end
    if start is None or end is None:
        return None
    stream = world.random(f"{desk.code}/{one.key}")
    earliest = max(start, world.today() + timedelta(days=14))
    spare = max((end - earliest).days - 5, 0)
    return desk.agree(one.id, earliest + timedelta(days=stream.randint(0, spare)))


def _may_invite(desk: Desk, one: InstanceView) -> bool:
    if one.key not in NEEDS_CHOSEN:
        return True
    return any(
        kommune.position["forloeb"] == "deltager" and local_date(kommune.entered["forloeb"].at) < desk.world.today()
        for kommune in desk.world.instances(KOMMUNE)
    )


def _attendance(desk: Desk, one: InstanceView) -> dict[str, Json]:
    """Say who came: at the programme's own meetings all kommuner that are with us then."""
    stream = desk.world.random(f"{desk.code}/{one.key}/antal")
    if desk.kommune is not None:
        return {"antal": stream.randint(9, 24)}
    here: list[Json] = [
        kommune.key for kommune in desk.world.instances(KOMMUNE) if kommune.position["forloeb"] == "deltager"
    ]
    return {"fremmoedte": here, "antal": stream.randint(20, 45)} if here else {"antal": stream.randint(20, 45)}


def _task(desk: Desk, one: InstanceView) -> None:
    world, today, start, end = desk.world, desk.world.today(), one.dates.planned_start, one.dates.planned_end
    if start is None or end is None:
        return
    last = world.engine.context.calendar.previous_open(end)
    if one.key in MEASURED:
        last = min(last, world.next_open(start + MEASURED[one.key]))
    match one.position["status"]:
        case "venter" if start <= today < last and desk.may(one.id, "begynd"):
            desk.do(one.id, "begynd")
        case "venter" | "i_gang" if today >= last and desk.may(one.id, "afslut"):
            desk.do(one.id, "afslut", {"udbytte": words.outcome(one.key)})
        case _:
            pass


def evaluates(world: World, until: date) -> Story:
    """Do the evaluator's work in all kommuner: let each close by itself on the day that was promised, then report."""
    desk = Desk(world, world.team["ekstern_evaluator"].actor)
    while world.today() <= until:
        for one in world.agenda():
            if one.kind == "evaluation":
                _evaluation(desk, one)
        yield world.today() + timedelta(days=1)


def _evaluation(desk: Desk, one: InstanceView) -> None:
    world, end = desk.world, one.dates.planned_end
    if one.position["status"] == "lukket" and end and world.today() >= end + timedelta(days=9):
        stream = world.random(f"{one.kommune}/{one.key}")
        spoken = plural(stream.randint(8, 14), "interview", "interviews")
        result = words.EVALUATIONS[one.key].format(interviews=spoken, svar=stream.randint(52, 78))
        desk.do(one.id, "afrapporter", {"resultat": result})


def delivers(world: World, until: date) -> Story:
    """Hand over each deliverable when what it rests on is over, and approve it some days later."""
    consultant = Desk(world, world.team["partskonsulent"].actor)
    office = Desk(world, world.team["parter"].actor)
    while world.today() <= until:
        for one in world.agenda():
            if one.kind == "deliverable":
                _deliverable(consultant, office, one)
        yield world.today() + timedelta(days=1)


def _deliverable(consultant: Desk, office: Desk, one: InstanceView) -> None:
    world = consultant.world
    rests_on, place = words.DELIVERIES[one.key]
    before = [each for each in world.agenda() if base_key(each.key) == rests_on]  # none before kommuner are chosen
    match one.position["status"]:
        case "venter" if before and all(map(_is_over, before)):
            consultant.do(one.id, "lever", {"dokumenter": [place]})
        case "leveret" if world.today() >= local_date(one.entered["status"].at) + APPROVES:
            office.do(one.id, "godkend")
        case _:
            pass


def _is_over(one: InstanceView) -> bool:
    return one.position["status"] in ("fulgt_op", "afsluttet", "afrapporteret", "aflyst", "udgaaet")
