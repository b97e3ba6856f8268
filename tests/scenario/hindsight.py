"""Brings one instance into the state that a timer's rule watches, by moves found in the workflow itself.

Nothing here knows the names of the shipped moves but for what must be done first, so that a new rule or state is
walked to as soon as somebody adds it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.compiled import Compiled
from samskabt.engine.definition import FieldDef, Workflow
from samskabt.engine.errors import Refused
from samskabt.engine.planning.timers import applies
from samskabt.engine.values import Json
from samskabt.engine.values.names import ACTIVITY_KINDS
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.storage import TimerView

from ..unit.core_cases import shipped_workflow
from .bodies import TEXT_OF_PAPERS
from .cohort_walks import cohort_workflows
from .world import CHOSEN, KEY, ME, World, open_world

DAY = timedelta(days=1)
REASON = "Aftalt på mødet"
CLUSTERED = "klyngen_skal_moedes_igen"
A_SEMINAR = """
  seminar: {title: Seminar, kind: seminar, in: drift / -, level: programme, when: oktober 2019}
  laert: {title: Læringsdag, kind: meeting, in: drift / -, level: cross, when: 6. juni 2019, who: projektkommune}
  styregruppe: {title: Styregruppemøde, kind: steering_meeting, in: drift / -, level: programme, when: 12. juni 2019}
  rapport: {title: Rapport, kind: report, in: drift / -, level: programme, when: november 2019}
evaluations:
"""
A_GATE = """
  foer_laert: {title: Planen er lagt, before: laert, strength: hard, scope: programme,
               needs: {activity: {key: arbejde, strength: hard}}}
"""
PAPERS = TEXT_OF_PAPERS.replace("\nevaluations:\n", A_SEMINAR, 1) + A_GATE.strip("\n") + "\n"


class Papers:
    """A small programme with papers to approve, clusters, a styregruppe, a report and a meeting before its gate."""

    def programme(self, key: str, version: int | None = None) -> Workflow:  # noqa: ARG002
        """Give the one workflow that there is."""
        return shipped_workflow(PAPERS)


@cache
def workflows_with(key: str) -> Workflows:
    """Read the workflows once that know a programme."""
    return Papers() if key == "lille-program" else cohort_workflows()


@cache
def compiled_of(key: str) -> Compiled:
    """Make a programme ready once."""
    return Compiled(workflows_with(key).programme(key), WorkingCalendar())


@dataclass(frozen=True, slots=True)
class Setting:
    """A programme in which rules are tried: the instant when it is founded, and the one when its kommune is chosen."""

    key: str
    founded: datetime
    chosen: datetime
    conditional: bool = False

    def workflows(self) -> Workflows:
        """Give the workflows that know it."""
        return workflows_with(self.key)

    def compiled(self) -> Compiled:
        """Give the programme ready for deciding."""
        return compiled_of(self.key)

    def fresh(self, url: str) -> World:
        """Found the programme, give every role to somebody and enrol one kommune."""
        world = open_world(url, self.workflows(), self.founded)
        world.programme = found(world, self.key)
        world.do(world.programme, "forloeb.aabn_tilmelding")
        given: dict[str, Json] = {"forbehold": True} if self.conditional else {}
        world.engine.programmes.enrol(world.programme, "Greve", actor=ME, data=given)
        return world

    def choose(self, world: World) -> None:
        """Choose the one kommune after the deadline; nothing was due in vain until then."""
        world.live_until(self.chosen.date())
        take(world, world.kind("kommune")[0], "forloeb.vaelg")
        world.do(world.programme, "forloeb.luk_tilmelding")


def found(world: World, key: str) -> int:
    """Found a programme that is not open for enrolment yet, and give every role to somebody."""
    number = world.engine.programmes.start(key, actor=ME).instance_id
    for role in world.engine.workflow_of(number).workflow.programme.roles:
        person = world.engine.people.add(role.capitalize(), f"{role.replace('_', '.')}{number}@eksempel.example")
        world.engine.people.assign(person, role, programme_id=number)
    return number


SETTINGS = (
    Setting("lille-program", datetime(2018, 12, 3, 8, tzinfo=UTC), datetime(2019, 2, 4, 8, tzinfo=UTC)),
    Setting(
        "samlet-program",
        datetime(2016, 9, 1, 8, tzinfo=UTC),
        datetime(2016, 10, 17, 8, tzinfo=UTC),
        conditional=True,
    ),
    Setting(KEY, datetime(2019, 4, 1, 8, tzinfo=UTC), CHOSEN),
)
"""Two small programmes, quick to live in, and the shipped one; together they have every rule at every place."""


@dataclass(frozen=True, slots=True)
class Place:
    """A rule and one of the places where it watches."""

    rule: str
    kind: str
    region: str
    state: str

    @property
    def name(self) -> str:
        """Name it as a test does."""
        return f"{self.rule}@{self.region}.{self.state}"


def places(compiled: Compiled) -> Iterator[Place]:
    """List every rule of a workflow at every place; what is told when a gate opens waits for no time."""
    for name, rule in compiled.workflow.reminders.items():
        if rule.only_if == "gate_opened":
            continue
        for place in rule.during:
            region, _, state = place.partition(".")
            yield Place(name, rule.on, region, state)


def arrive(world: World, place: Place) -> tuple[int, TimerView] | None:
    """Bring an instance to the place, live until two days before the rule is due, and give both.

    None where no instance of the programme can be there with such a timer armed.
    """
    found: list[tuple[int, TimerView]] = []
    initial = world.engine.workflow_of(world.programme).region(place.kind, place.region).initial
    for number in candidates(world, place):
        found += [(number, one) for one in of_rule(world, number, place.rule) if stands_for(one, place)]
        if found and (place.kind not in ACTIVITY_KINDS or place.state != initial):
            break
    if not found:
        return None
    later = [one for one in found if one[1].timer.due_at > world.clock.now() + 2 * DAY] or found
    number, timer = min(later, key=lambda one: (one[1].timer.due_at, one[0]))
    before = min([timer.timer.due_at, *own_moves(world, number)]) - 2 * DAY
    if before > world.clock.now():
        world.live_until(before.date())
        number, timer = next(
            (number, one) for one in of_rule(world, number, place.rule) if one.timer.key == timer.timer.key
        )
    return number, timer


def stands_for(timer: TimerView, place: Place) -> bool:
    """Tell whether a timer counts in the place, or in all the states of its rule."""
    return timer.timer.anchor.partition("/")[0] in (f"{place.region}.{place.state}", f"{place.region}.*")


def own_moves(world: World, number: int) -> list[datetime]:
    """Say when an instance will move by itself: then it is no longer in the place."""
    rules = world.engine.workflow_of(number).workflow.reminders
    with world.engine.context.store.read() as reader:
        found = reader.timers(instance_id=number, status="armed")
    return [one.timer.due_at for one in found if one.timer.rule in rules and rules[one.timer.rule].fires]


def candidates(world: World, place: Place) -> Iterator[int]:
    """Bring instances of the kind to the state, as far as their requirements let us."""
    compiled = world.engine.workflow_of(world.programme)
    if place.kind == "programme" and place.region.startswith("fase_"):
        wait_for(world, place)
    if place.kind != "programme" and place.region not in ("forloeb", "forbehold"):
        prepare(world, place)
    rule = compiled.workflow.reminders[place.rule]
    numbers = [world.programme] if place.kind == "programme" else world.kind(place.kind)
    if (place.kind, place.region, place.state) == ("programme", "forloeb", "planlagt"):
        numbers = [found(world, compiled.workflow.programme.workflow)]  # The first one has been opened.
    for number in numbers:
        one = world.engine.show(number)
        if not applies(compiled, rule, one.key):
            continue
        try:
            walk(world, number, place.region, place.state)
        except (Refused, LookupError):
            continue
        yield number


def wait_for(world: World, place: Place) -> None:
    """Live until a fase stands as wanted: the calendar brings it there."""
    while world.state(world.programme, place.region) != place.state:
        due = world.engine.sweeper.next_due()
        assert due is not None, f"{place.name} is never reached"
        world.live_until(max(due, world.clock.now()).date() + DAY)


def prepare(world: World, place: Place) -> None:
    """Bring what the place is in: a kommune at work on a challenge, a proposed change, or a cluster."""
    kommune = world.kind("kommune")[0]
    if place.rule == "trin_2_er_ikke_begyndt":
        world.do(kommune, "trin_1.begynd")
    elif place.region in ("trin_1", "trin_2"):
        world.do(kommune, "faelles_workshop")
    if place.region in ("trin_5", "trin_6") and place.state == "afsluttet":
        solve(world, kommune, place.state if place.region == "trin_6" else "")
    if place.kind in ("challenge", "solution"):
        world.do(kommune, "faelles_workshop")
        challenge = world.add(kommune, "challenge", "Skemaer")
        if place.kind == "solution" or place.state in ("trin_4", "trin_5"):
            walk(world, challenge, "status", "trin_3")
            solution = world.add(challenge, "solution", "Fast tid")
        if place.kind == "challenge" and place.state in ("trin_4", "trin_5"):
            world.do(solution, "vaelg", effekt="Mere ro", tegn="Færre opkald", maalemetode="Optælling")
        if place.kind == "challenge" and place.state == "trin_5":
            walk(world, challenge, "status", "trin_4")
            take(world, solution, "tag_i_brug")
    if place.kind == "change":
        take(world, world.programme, "forloeb.foreslaa_aendring")
    if place.rule == CLUSTERED or place.kind == "cluster":
        cluster(world, kommune)


def solve(world: World, kommune: int, learnt: str) -> None:
    """Bring a kommune to the end of trin 5 with one challenge solved, and through trin 6 where it has learnt."""
    world.do(kommune, "faelles_workshop")
    challenge = world.add(kommune, "challenge", "Skemaer")
    walk(world, challenge, "status", "trin_3")
    solution = world.add(challenge, "solution", "Fast tid")
    world.do(solution, "vaelg", effekt="Mere ro", tegn="Færre opkald", maalemetode="Optælling")
    walk(world, challenge, "status", "trin_4")
    take(world, solution, "tag_i_brug")
    walk(world, challenge, "status", "trin_5")
    take(world, solution, "behold")
    walk(world, challenge, "status", "loest")
    if learnt:
        walk(world, kommune, "trin_6", "i_gang")
        world.do(kommune, "trin_6.afslut", laering="Tag tid til det", naeste_skridt="En ny runde")


def cluster(world: World, kommune: int) -> None:
    """Form a cluster of the one kommune, where the document has something to hold in it."""
    workflow = world.engine.workflow_of(kommune)
    if not any(workflow.paper.is_clustered(one) for one in workflow.workflow.programme.activities.values()):
        return
    for approval in world.kind("approval"):
        walk(world, approval, "status", "godkendt")
    code = world.engine.show(kommune).kommune
    world.do(world.programme, "forloeb.dan_klynge", titel="Øst", kommuner=[code])


def of_rule(world: World, number: int, rule: str) -> list[TimerView]:
    """List an instance's armed timers of a rule, the first rung first."""
    with world.engine.context.store.read() as reader:
        found = reader.timers(instance_id=number, status="armed")
    return [one for one in found if one.timer.rule == rule]


def walk(world: World, number: int, region: str, state: str) -> None:
    """Take the shortest way to a state of a region."""
    one = world.engine.show(number)
    for event in way(world.engine.workflow_of(number), one.kind, region, one.position[region], state):
        take(world, number, event)


def way(compiled: Compiled, kind: str, region: str, source: str, goal: str) -> list[str]:
    """Find the moves that lead from one state to another; empty where it stands there already."""
    waiting: deque[tuple[str, list[str]]] = deque([(source, [])])
    seen = {source}
    moves = compiled.region(kind, region).moves
    topology = compiled.topology(kind, region)
    while waiting:
        state, path = waiting.popleft()
        if state == goal:
            return list(path)
        for name, move in moves.items():
            if move.dest and move.dest not in seen and not move.back and topology.may_fire(name, state):
                seen.add(move.dest)
                waiting.append((move.dest, [*path, event_of(compiled, kind, region, name)]))
    raise LookupError(f"no way from {source} to {goal} in {kind}.{region}")


def endings(compiled: Compiled, place: Place) -> list[str]:
    """List the events that leave the place's state, each as a person may send it."""
    topology = compiled.topology(place.kind, place.region)
    return [
        event_of(compiled, place.kind, place.region, name)
        for name, move in compiled.region(place.kind, place.region).moves.items()
        if move.dest not in (None, place.state) and topology.may_fire(name, place.state)
    ]


def event_of(compiled: Compiled, kind: str, region: str, move: str) -> str:
    """Name the event that fires exactly this move."""
    for name in (move, f"{region}.{move}"):
        if name in compiled.machine(kind).events:
            return name
    raise AssertionError(f"no event fires {kind}.{region}.{move}")


def take(world: World, number: int, event: str, happened_at: datetime | None = None) -> None:
    """Let an event happen with everything that it asks for."""
    one = world.engine.show(number)
    compiled = world.engine.workflow_of(number)
    fields = compiled.machine(one.kind).all_fields
    wanted = {name for firing in compiled.firings(one.kind, event) for name in firing.move.wants} - {"reason"}
    at = happened_at or world.clock.now()
    data = {name: value_for(fields[name], at) for name in wanted}
    if (one.kind, event) == ("challenge", "prioriter"):
        data["frist"] = value_for(fields["frist"], at)
    if "besluttet_af" in wanted:
        data["besluttet_af"] = one.data.get("besluttes_af", data["besluttet_af"])
    if (one.kind, event) == ("solution", "vaelg"):
        data["maalemetode"] = "Optælling"
    world.do(number, event, data, reason=REASON, override=True, happened_at=happened_at)


def value_for(field: FieldDef, at: datetime) -> Json:
    """Fill a field with something of its type."""
    match field.type:
        case "number":
            return 3
        case "bool" | "check":
            return True
        case "date":
            return (at + 60 * DAY).date().isoformat()
        case "texts":
            return ["Et ord"]
        case "kommuner":
            return []
        case _:
            return "Et ord"
