"""Every need of every gate of the five shipped programmes, both ways, in front of all that it stands before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import pytest
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.compiled import Compiled
from samskabt.engine.decide import decide
from samskabt.engine.definition import Activity, Evaluation, Need
from samskabt.engine.definition.needs import ActivityNeed, BaselineNeed, KommunerNeed, ParentNeed
from samskabt.engine.errors import Refused
from samskabt.engine.machine import sources_of
from samskabt.engine.values import Dates, Entry, Event, Facts, Identity, Json, Reach, Relative, Snapshot, Strength
from samskabt.engine.values.names import APPROVAL, CLUSTER, EVALUATION, KOMMUNE, PROGRAMME, base_key

from ..extracts import shipped_workflow
from .core_cases import PERSON, at

SELF, ROOT, OWN, OTHERS, CLUSTERS = 9, 1, 2, (3, 4, 5), 7
CODE, CODES = "0101", ("0101", "0147", "0151", "0153")
LONG_AGO, NOW = at("2010-01-04"), at("2020-01-02")
GIVEN: dict[str, Json] = {"titel": "Klynge", "kommuner": [CODE]}
"""What the moves that a gate stands before want, beside what is chosen from a list of the programme."""

WALKED = {
    "forenklet-beskaeftigelsesindsats": (11, 27, 81),
    "fagligheder-beskaeftigelsesomraadet": (6, 21, 63),
    "flere-i-arbejde": (10, 19, 53),
    "lab-ud-i-praksis": (6, 6, 30),
    "mere-kerneopgave-mindre-bureaukrati": (9, 18, 54),
}
"""How many needs the gates have, how many pairs of a need and what it stands before, and of a need and an event."""

STANDS_BEFORE_NOTHING: set[str] = set()
"""Needs that hold nobody back, with why. ``samskabt workflow check`` refuses such gates, so there is none."""

DONE = {"activity": {"afholdt", "fulgt_op", "afsluttet"}, "baseline": {"lukket", "afrapporteret"}}
"""What meets a need that names no states itself."""


class NotBuilt(Exception):
    """This test cannot build the facts of a need."""


@dataclass(frozen=True)
class Asked:
    """A need with the gate that states it, and whether that gate says hard."""

    name: str
    need: Need
    is_hard: bool


@dataclass(frozen=True)
class Try:
    """An event that a gate stands in front of: of whom, and from which state of the region that it moves."""

    identity: Identity
    event: str
    region: str
    source: str

    def __str__(self) -> str:
        """Name it in a failure."""
        return f"{self.identity.kind} {self.identity.key} {self.event} from {self.source}"


@dataclass(frozen=True)
class Way:
    """Relatives that meet a need, or do not: instances, the states and data of the kommune, and the other kommuner."""

    says: str
    code: str = ""
    activities: tuple[Relative, ...] = ()
    parent: tuple[tuple[str, str], ...] = ()
    data: tuple[tuple[str, Json], ...] = ()
    kommuner: tuple[Relative, ...] = ()


@cache
def compiled_of(name: str) -> Compiled:
    """Make a shipped programme ready for deciding."""
    return Compiled(shipped_workflow(name), WorkingCalendar())


def asked_by(compiled: Compiled) -> Iterator[tuple[Asked, set[str]]]:
    """Read every need of the document, with the names of what it is said to stand before."""
    programme = compiled.workflow.programme
    for name, gate in programme.gates.items():
        before = set(gate.before) & {*programme.activities, *programme.approvals}
        for key, one in programme.activities.items():
            if one.phase in gate.before and (one.level == "kommune") == (gate.scope == "kommune"):
                before.add(key)
        own = {key for key, fase in programme.faser.items() if fase.level == "kommune"}
        before |= {f"fase_{key}" for key in gate.before if key in own}
        for place, need in enumerate(gate.needs):
            yield Asked(f"{name}[{place}]", need, gate.strength == "hard"), before
    for name, evaluation in programme.evaluations.items():
        if evaluation.before:
            need = BaselineNeed(key=name, owner=evaluation.evaluator)
            yield Asked(f"{name}.before", need, False), {evaluation.before}


def tries(compiled: Compiled, name: str) -> Iterator[Try]:
    """List every event that something stands behind: of each place that it has, from each state, by each gated move."""
    for identity in identities(compiled, name):
        for event in compiled.machine(identity.kind).events:
            for firing in compiled.firings(identity.kind, event):
                is_own = firing.region == name if name.startswith("fase_") else base_key(identity.key) == name
                is_cluster = firing.move.births == CLUSTER and identity.kind == PROGRAMME
                if firing.move.activity == name or (firing.move.gated and (is_own or is_cluster)):
                    region = compiled.region(identity.kind, firing.region)
                    for source in sources_of(region, firing.move):
                        yield Try(identity, event, firing.region, source)


def identities(compiled: Compiled, name: str) -> Iterator[Identity]:
    """List who has an activity, an approval or a fase: the programme, a kommune or a cluster, or their child."""
    programme, known = compiled.workflow.programme, compiled.paper.activity(name)
    root = Identity(ROOT, PROGRAMME, "p", ROOT, None, None, "")
    own = Identity(OWN, KOMMUNE, CODE, ROOT, ROOT, CODE, "")
    if known is None or (isinstance(known, Activity) and known.lived_by):
        yield own
        return
    if isinstance(known, Activity) and compiled.paper.is_clustered(known):
        yield root
        yield Identity(SELF, kind_of(compiled, name), f"{name}#1_1", ROOT, CLUSTERS, None, "")
        return
    more = known.levels if name in programme.activities and isinstance(known, Activity) else ()
    for is_kommune in sorted({level == "kommune" for level in (known.level, *more)}):
        parent, code = (OWN, CODE) if is_kommune else (ROOT, None)
        yield Identity(SELF, kind_of(compiled, name), name, ROOT, parent, code, "")


def kind_of(compiled: Compiled, key: str) -> str:
    """Name the machine that something of the document lives as."""
    match compiled.paper.activity(key):
        case Activity() as activity:
            return compiled.workflow.machine_of(activity.kind)
        case Evaluation():
            return EVALUATION
        case _:
            return APPROVAL


def initial(compiled: Compiled, kind: str, **states: str) -> dict[str, str]:
    """Give the position that a kind begins in, with some regions elsewhere."""
    return {**{name: region.initial for name, region in compiled.machine(kind).regions.items()}, **states}


def kommune(compiled: Compiled, number: int, code: str, **states: str) -> Relative:
    """Give a kommune that takes part."""
    position = initial(compiled, KOMMUNE, **{"forloeb": "deltager", **states})
    return Relative(number, KOMMUNE, code, f"Kommune {code}", ROOT, code, position, {}, Dates())


def ways(compiled: Compiled, need: Need, one: Try) -> tuple[list[Way], list[Way]]:
    """Build what meets a need and what does not, each in every way that its model has."""
    match need:
        case ActivityNeed() | BaselineNeed():
            return of_instances(compiled, need, one)
        case ParentNeed():
            states = compiled.region(KOMMUNE, need.region).states
            found = [Way(f"parent in {state}", "forkert_tilstand", parent=((need.region, state),)) for state in states]
            inside = [way for way in found if way.parent[0][1] in need.states]
            return inside, [way for way in found if way not in inside]
        case KommunerNeed(more_than=float()):
            return of_kommuner(compiled, need)
        case _:
            raise NotBuilt(f"a need {need.need}")


def of_instances(compiled: Compiled, need: ActivityNeed | BaselineNeed, one: Try) -> tuple[list[Way], list[Way]]:
    """Put all instances of what is named in each state; the last of them alone in each that does not do."""
    known, kind = compiled.paper.activity(need.key), kind_of(compiled, need.key)
    code = "mangler_aktivitet" if isinstance(need, ActivityNeed) else "baseline_mangler"
    if isinstance(known, Activity) and known.lived_by:
        chosen = compiled.paper.chosen_in(need.key)
        met = [Way(f"{name} chosen", data=((name, ["noget"]),)) for name in chosen]
        return met, [Way("nothing chosen", code)]
    states = [*compiled.region(kind, "status").states]
    counted = [state for state in states if not compiled.is_called_off(kind, {"status": state})]
    wanted = need.states if "states" in need.model_fields_set else DONE[need.need]
    good = [state for state in counted if state in wanted]
    came: dict[str, Json] = {"fremmoedte": [CODE]} if isinstance(need, ActivityNeed) and need.attended else {}
    met = [Way(f"{need.key} all {to}", activities=instances(compiled, need.key, one, to, to, came)) for to in good]
    unmet = [
        Way(f"{need.key} last {to}", code, activities=instances(compiled, need.key, one, good[0], to, came))
        for to in counted
        if to not in good
    ]
    for state in {*states} - {*counted}:
        gone = Way(f"{need.key} all {state}", code, activities=instances(compiled, need.key, one, state, state, came))
        (met if may_lack(known) else unmet).append(gone)
    (met if may_lack(known) else unmet).append(Way(f"no {need.key}", code))
    if came:
        absent = instances(compiled, need.key, one, good[0], good[0], {"fremmoedte": ["0147"]})
        unmet.append(Way(f"{need.key} without {CODE}", "deltog_ikke", activities=absent))
    return met, unmet


def may_lack(known: object) -> bool:
    """Tell whether nobody waits for something that is not there: it is only there where somebody asks for it."""
    if isinstance(known, Activity):
        return known.voluntary is True or known.offer is not None or (known.count is not None and known.count.min == 0)
    return isinstance(known, Evaluation)


def instances(
    compiled: Compiled, key: str, one: Try, state: str, last: str, data: dict[str, Json]
) -> tuple[Relative, ...]:
    """Give as many as its count says, of the own kommune or of each: all in a state but the last."""
    known, kind = compiled.paper.activity(key), kind_of(compiled, key)
    assert known is not None
    count = known.count.min if isinstance(known, Activity) and known.count else 1
    places: list[tuple[int, str | None]] = [(ROOT, None)]
    if known.level == "kommune":
        places = [(OWN, CODE)] if one.identity.kommune else [(OWN, CODE), (OTHERS[0], CODES[1])]
    keys = [(parent, code, n) for parent, code in places for n in range(1, max(1, count) + 1)]
    return tuple(
        Relative(
            100 + place, kind, key if n == 1 else f"{key}#{n}", known.title, parent, code,
            initial(compiled, kind, status=last if place == len(keys) - 1 else state), data, Dates(),
        )
        for place, (parent, code, n) in enumerate(keys)
    )  # fmt: skip


def of_kommuner(compiled: Compiled, need: KommunerNeed) -> tuple[list[Way], list[Way]]:
    """Let none to all of four kommuner come so far: exactly the part asked for is not more than it."""
    assert need.more_than is not None
    met: list[Way] = []
    unmet: list[Way] = []
    elsewhere = compiled.region(KOMMUNE, need.region).initial
    for many in range(5):
        states = [need.states[0] if place < many else elsewhere for place in range(4)]
        found = [
            kommune(compiled, number, code, **{need.region: state})
            for number, code, state in zip((OWN, *OTHERS), CODES, states, strict=True)
        ]
        way = Way(f"{many} of 4 kommuner", "for_faa_kommuner", kommuner=tuple(found))
        (met if many / 4 > need.more_than else unmet).append(way)
    return met, [*unmet, Way("no kommuner", "for_faa_kommuner")]


def codes(compiled: Compiled, one: Try, found: list[Way], override: bool, reason: str | None) -> list[tuple[str, str]]:
    """Decide on real facts: the codes and strengths of what refuses; of what it yields, the code and ``yields``."""
    snapshot = snapshot_of(compiled, one, found)
    choices = compiled.workflow.programme.choices
    data: dict[str, Json] = {}
    for firing in compiled.firings(one.identity.kind, one.event):
        for name in firing.move.wants:
            data[name] = [choices[name].options[0]] if name in choices else GIVEN[name]
    event = Event(one.event, NOW, NOW, PERSON, data, reason=reason, override=override)
    try:
        decision = decide(compiled, snapshot, event, NOW)
    except Refused as error:
        return [(refusal.code, refusal.strength.value) for refusal in error.refusals]
    assert decision.steps
    return [(code, "yields") for step in decision.steps for code in step.overridden]


def snapshot_of(compiled: Compiled, one: Try, found: list[Way]) -> Snapshot:
    """Put an instance among the relatives that its event may read, and no others."""
    who, kind = one.identity, one.identity.kind
    lives = {PROGRAMME: {"forloeb": "i_gang"}, KOMMUNE: {"forloeb": "deltager"}}
    position = initial(compiled, kind, **lives.get(kind, {})) | {one.region: one.source}
    if kind == KOMMUNE:  # The fase before it has ended, as the frame asks for.
        faser = [name for name in compiled.machine(kind).regions if name.startswith("fase_")]
        before = faser[: faser.index(one.region)] if one.region in faser else []
        position |= dict.fromkeys(before, "afsluttet")
    programme = Relative(ROOT, PROGRAMME, "p", "P", None, None, initial(compiled, PROGRAMME), {}, Dates())
    below = {way: value for parts in found for way, value in parts.parent}
    chosen = {name: value for parts in found for name, value in parts.data}
    own = replace(kommune(compiled, OWN, CODE, **below), data=chosen)
    cluster = Relative(CLUSTERS, CLUSTER, "klynge_1", "K", ROOT, None, initial(compiled, CLUSTER), {}, Dates())
    parent = {ROOT: programme, OWN: own, CLUSTERS: cluster}.get(who.parent_id or 0)
    kommuner = tuple(relative for parts in found for relative in parts.kommuner)
    activities = tuple({relative.key: relative for parts in found for relative in parts.activities}.values())
    reach = compiled.relations.reach(kind, one.event)
    facts = Facts(
        parent=parent if Reach.PARENT in reach else None,
        programme=programme if Reach.PROGRAMME in reach else None,
        children=(own,) if Reach.CHILDREN in reach and kind == PROGRAMME else (),
        activities=activities if Reach.ACTIVITIES in reach else (),
        kommuner=kommuner if Reach.KOMMUNER in reach else (),
    )
    entered = dict.fromkeys(position, Entry(LONG_AGO, 1))
    return Snapshot(who, base_key(who.key), position, entered, chosen if kind == KOMMUNE else {}, Dates(), 3, (), facts)


def walk(compiled: Compiled, one: Try, asked: Asked, others: list[Need]) -> Iterator[str]:
    """Say what is wrong with one need in front of one event, all others that stand there being met."""
    rest = [ways(compiled, other, one)[0][0] for other in others]
    met, unmet = ways(compiled, asked.need, one)
    if not met or not unmet:
        yield "has no way through, or nothing that it refuses"
    for way in met:
        if (found := codes(compiled, one, [*rest, way], False, None)) != []:
            yield f"{way.says}: it is met, and says {found}"
    strength = Strength.HARD if asked.is_hard else Strength.SOFT
    for way in unmet:
        refused = [(way.code, strength.value)]
        wanted: list[tuple[bool, str | None, list[tuple[str, str]]]] = [(False, None, refused), (False, "x", refused)]
        if asked.is_hard:
            wanted += [(True, "Det haster", refused)]
        else:
            wanted += [(True, None, [("mangler_begrundelse", "hard")])]
            wanted += [(True, "Det haster", [(way.code, "yields")])]
        for override, reason, expected in wanted:
            if sorted(found := codes(compiled, one, [*rest, way], override, reason)) != sorted(expected):
                yield f"{way.says}, override {override}, reason {reason}: expected {expected}, got {found}"


@pytest.mark.parametrize("name", WALKED)
def test_every_need_of_every_gate_refuses_until_it_is_met(name: str) -> None:
    """Not met it refuses with its own code and its gate's strength, in front of every move; met, all may begin."""
    compiled = compiled_of(name)
    asked = [*asked_by(compiled)]
    pairs, moves, failures = set(), set(), list[str]()
    for need, before in asked:
        if (not before) != (need.name in STANDS_BEFORE_NOTHING):
            failures.append(f"{need.name}: stands before {sorted(before) or 'nothing'}")
        for key in sorted(before):
            pairs.add((need.name, key))
            found = [*tries(compiled, key)]
            failures += [f"{need.name} before {key}: no move asks for it"] if not found else []
            others = [other for other in dict.fromkeys(compiled.gates.before(key)) if not same(other, need.need)]
            for one in found:
                moves.add((need.name, one))
                try:
                    failures += [f"{need.name} before {one}: {wrong}" for wrong in walk(compiled, one, need, others)]
                except NotBuilt as error:
                    failures.append(f"{need.name} before {one}: this test cannot build {error}")
    assert failures == [], "\n" + "\n".join(failures)
    assert (len(asked), len(pairs), len(moves)) == WALKED[name]


def same(one: Need, other: Need) -> bool:
    """Tell whether two needs ask for the same instances, or for the same region."""
    names = [getattr(need, "key", None) or getattr(need, "region", None) for need in (one, other)]
    return type(one) is type(other) and names[0] == names[1]


@pytest.mark.parametrize("name", WALKED)
def test_nothing_else_stands_before_anything(name: str) -> None:
    """What the engine holds in front of each name is what the document's gates say, need for need and in order."""
    compiled = compiled_of(name)
    said: dict[str, list[Need]] = {}
    for asked, before in asked_by(compiled):
        for key in before:
            said.setdefault(key, []).append(asked.need)
    programme = compiled.workflow.programme
    names = [*programme.activities, *programme.approvals, *(f"fase_{fase}" for fase in programme.faser)]
    assert {key: [*compiled.gates.before(key)] for key in names if compiled.gates.before(key)} == said
