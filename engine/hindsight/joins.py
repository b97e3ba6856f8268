"""Which joins rest on nothing once a registration is taken back: nobody was ever where they said somebody was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..compiled import Compiled
from ..deciding.replay import Standing, applied_row
from ..definition.machine import Join
from ..definition.needs import ChildrenNeed, ParentNeed, ProgrammeNeed
from ..requirements import holds
from ..requiring.view import View
from ..values import SYSTEM, Event, Facts, Json, Refusal, Relative, Snapshot, StepKind, Strength
from .past import Past, entries, standing


@dataclass(frozen=True, slots=True)
class Life:
    """An instance near the one that is judged, as it stands, with its whole history."""

    who: Relative
    rows: Sequence[Past]


def unearned(compiled: Compiled, snapshot: Snapshot, rows: Sequence[Past], around: Sequence[Life]) -> list[Past]:
    """List an instance's joins whose condition has held at no time since it came to their source, the newest first.

    ``around`` are those at whom the joins look (children, parent, programme). What was taken back counts as never
    having happened. Only joins that look at nobody but them are judged.
    """
    stand = standing(rows)
    out = []
    for region in snapshot.position:
        since = stand[0]
        for row, _ in entries(stand, region):
            joins = [join for join in compiled.machine(snapshot.identity.kind).joins if _is(join, row)]
            if joins and not any(_ever(compiled, snapshot, join, since, around) for join in joins):
                out.append(row)
            since = row
    return sorted(out, key=lambda row: -row.seq)


def judged(compiled: Compiled, kind: str, rows: Sequence[Past]) -> bool:
    """Tell whether a history holds a join that looks at others alone."""
    return any(_is(join, row) for row in standing(rows) for join in compiled.machine(kind).joins)


def moved_on(snapshot: Snapshot, row: Past) -> Refusal:
    """Say who has gone on from a join that rests on nothing any more, and by which step."""
    values: dict[str, Json] = {"title": snapshot.title, "seq": snapshot.entered[row.region or ""].seq}
    return Refusal("er_gaaet_videre", "correction", Strength.HARD, values)


def looks_around(join: Join) -> bool:
    """Tell whether a join's conditions speak of others alone."""
    return all(isinstance(need, ChildrenNeed | ParentNeed | ProgrammeNeed) for need in join.when)


def _is(join: Join, row: Past) -> bool:
    step = row.step
    fits = step.kind is StepKind.JOIN and (join.region, join.dest) == (step.region, step.dest)
    return fits and step.source in join.sources and looks_around(join)


def _ever(compiled: Compiled, snapshot: Snapshot, join: Join, since: Past, around: Sequence[Life]) -> bool:
    """Tell whether a condition holds now, or held at some moment since a row was recorded."""
    event = Event("", since.recorded_at, since.recorded_at, SYSTEM)
    identity, blank = snapshot.identity, (snapshot.position, snapshot.data, snapshot.dates)
    return any(
        holds(join.when, View(compiled, identity, join.region, *blank, facts, event))
        for facts in (_facts(snapshot, {life.who.id: life.who for life in around}), *_moments(snapshot, since, around))
    )


def _moments(snapshot: Snapshot, since: Past, around: Sequence[Life]) -> Iterator[Facts]:
    """Give the others as they stood after each row that still stands, in the order of recording."""
    told = [(row.recorded_at, life.who.id, row.seq, row, life.who) for life in around for row in standing(life.rows)]
    stood: dict[int, Standing] = {}
    seen: dict[int, Relative] = {}
    for at, number, _, row, who in sorted(told, key=lambda one: one[:3]):
        stood[number] = applied_row(stood.get(number), row)
        then = stood[number]
        seen[number] = replace(who, position=dict(then.position), data=dict(then.data), dates=then.dates)
        if at >= since.recorded_at:
            yield _facts(snapshot, seen)


def _facts(snapshot: Snapshot, seen: Mapping[int, Relative]) -> Facts:
    own, parent = snapshot.identity.id, snapshot.identity.parent_id
    return Facts(
        parent=seen.get(parent or 0),
        programme=seen.get(snapshot.identity.programme_id),
        children=tuple(one for one in seen.values() if one.parent_id == own),
    )
