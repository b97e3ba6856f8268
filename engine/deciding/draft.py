"""The working copy of an instance inside one decision: applies moves and joins, collects refusals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import assert_never

from ..choosing.frames import OFFER, offer_refusals, taken_of
from ..choosing.lists import choice_refusals
from ..civil.instants import iso, local_date
from ..compiled import Compiled
from ..compiling import Firing, invites
from ..definition import ACTIVITY, FieldDef
from ..errors import NotStable
from ..pausing.bookings import asks_for_bookings, double_booked
from ..pausing.endings import still_open
from ..pausing.pauses import rested
from ..requirements import holds, missing
from ..requiring.days import WHOLE, window_of
from ..requiring.view import View
from ..values import Dates, Entry, Event, Json, Refusal, Snapshot, Step, StepKind, Strength
from ..values.kept import ROUNDS, SEQUENCE, TAKEN
from ..values.names import CLUSTER, KOMMUNE
from .births import adding_refusals, clustering_refusals, planned_days
from .effects import is_invitation
from .fields import PLAN_FIELDS, changed, read_day, read_fields
from .records import applied, dates_changed, entry_written

MOST_JOINS = 100


class Draft:
    """A snapshot being changed; ``steps`` are the history rows so far, ``refusals`` what stood in the way."""

    def __init__(self, compiled: Compiled, snapshot: Snapshot, event: Event) -> None:
        self.compiled, self.snapshot, self.event = compiled, snapshot, event
        self.kind = snapshot.identity.kind
        self.position = dict(snapshot.position)
        self.entered = dict(snapshot.entered)
        self.data = dict(snapshot.data)
        self.dates = snapshot.dates
        self.steps: list[Step] = []
        self.refusals: list[Refusal] = []
        self.fired: list[tuple[Firing, str, int]] = []
        self.entries: list[tuple[str, str]] = []

    @property
    def next_seq(self) -> int:
        """Give the sequence number of the history row that comes next."""
        return self.snapshot.revision + 1 + len(self.steps)

    def view(self, region: str) -> View:
        """Show requirements the instance as it stands in this draft."""
        who, title, facts = self.snapshot.identity, self.snapshot.title, self.snapshot.facts
        return View(self.compiled, who, region, self.position, self.data, self.dates, facts, self.event, title)

    def fire(self, firing: Firing) -> None:
        """Apply one move, or add every refusal that stands in its way."""
        state = self.position[firing.region]
        found = self._standing_refusals(firing, state)
        if found is None:
            return
        blocking, yielding = found
        self.refusals += blocking
        topology = self.compiled.topology(self.kind, firing.region)
        dest = topology.fire(firing.name, state, lambda: not blocking)
        if dest is None:
            # Refused; what comes after it in the same event is judged as if this had happened.
            self.position[firing.region] = firing.move.dest or state
            return
        data, dates = self._new_data(firing), self._new_dates(firing)
        if firing.move.back:
            rounds = self.data.get(ROUNDS)
            data[ROUNDS] = (rounds if isinstance(rounds, int) else 0) + 1
        number = self.data.get(SEQUENCE)
        if any(is_invitation(notice, number is not None) for notice in firing.move.notices):
            data[SEQUENCE] = number + 1 if isinstance(number, int) else 0
        if self.compiled.region(self.kind, firing.region).states[state].rests and dest != state:
            data |= rested(self.data, self.kind, (self.entered[firing.region].at, self.event.happened_at))
        self._step(StepKind.EVENT, self.event.name, firing.region, dest, data, dates, yielding)
        self.fired.append((firing, state, self.next_seq - 1))

    def settle(self) -> None:
        """Take every join whose conditions hold, until none does.

        Raises NotStable when they do not come to rest.
        """
        joins = self.compiled.machine(self.kind).joins
        for _ in range(MOST_JOINS):
            for join in joins:
                if self.position[join.region] in join.sources and holds(join.when, self.view(join.region)):
                    self._step(StepKind.JOIN, self.event.name, join.region, join.dest, {}, self.dates, ())
                    break
            else:
                return
        raise NotStable(f"the joins of {self.kind} {self.snapshot.identity.id} do not come to rest")

    def plan(self, dates: Dates, data: Mapping[str, Json]) -> None:
        """Set days, and windows in the data, that a plan has computed; nothing is written where nothing differs."""
        new = changed(self.data, data)
        if new or dates_changed(self.dates, dates):
            self._step(StepKind.PLAN, self.event.name, None, None, new, dates, ())

    def write(self, data: Mapping[str, Json]) -> None:
        """Set fields that only decisions write; nothing is written where nothing differs."""
        if new := changed(self.data, data):
            self._step(StepKind.EVENT, self.event.name, None, None, new, self.dates, ())

    def note(self, kind: StepKind, overridden: tuple[str, ...] = ()) -> None:
        """Write a row that changes nothing: something was tried, or came due, and is on record."""
        self.steps.append(Step(kind, self.event.name, overridden=overridden))

    def _standing_refusals(self, firing: Firing, state: str) -> tuple[list[Refusal], list[Refusal]] | None:
        """Sort what is missing into what blocks and what yields; None where the topology itself says no."""
        topology = self.compiled.topology(self.kind, firing.region)
        if not topology.may_fire(firing.name, state):
            self.refusals.append(self._impossible(firing, state))
            return None
        found = [
            *self._too_early(firing),
            *self._wanted(firing),
            *self._half_told(firing),
            *self._plannable(firing),
            *self._enrolled(firing),
            *(double_booked(self.snapshot.facts.bookings) if asks_for_bookings(self.kind, firing) else ()),
            *self._listed(firing),
            *(adding_refusals(self.compiled, self.snapshot, self.event) if firing.move.births == ACTIVITY else ()),
            *(clustering_refusals(self.compiled, self.snapshot, self.event) if firing.move.births == CLUSTER else ()),
            *requirements_missing(self.compiled, firing, self.view(firing.region)),
        ]
        if not found:
            return [], []
        soft = [refusal for refusal in found if refusal.strength is Strength.SOFT]
        blocking = [refusal for refusal in found if refusal.strength is Strength.HARD]
        if soft and self.event.override and not self.event.reason:
            blocking.append(_hard("mangler_begrundelse", "override", at=firing.region))
        if not self.event.override:
            blocking += soft
        return blocking, soft

    def _impossible(self, firing: Firing, state: str) -> Refusal:
        region = self.compiled.region(self.kind, firing.region)
        topology = self.compiled.topology(self.kind, firing.region)
        possible: list[Json] = [name for name in region.moves if topology.may_fire(name, state)]
        return _hard("ikke_muligt_nu", "state", at=firing.region, state=state, kind=self.kind, possible=possible)

    def _too_early(self, firing: Firing) -> list[Refusal]:
        last = self.entered[firing.region]
        if self.event.happened_at >= last.at:
            return []
        values: dict[str, Json] = {"at": firing.region, "last": last.at.isoformat(), "seq": last.seq}
        return [_hard("foer_seneste_skridt", "happened_at", **values)]

    def _wanted(self, firing: Firing) -> list[Refusal]:
        out: list[Refusal] = []
        if not firing.move.wants:
            return out
        fields: Mapping[str, FieldDef] = self.compiled.machine(self.kind).all_fields
        for name in firing.move.wants:
            if name == "reason":
                if not self.event.reason:
                    out.append(_hard("mangler_begrundelse", "reason", at=firing.region))
            elif self.event.data.get(name) in (None, "", []):
                owner = fields[name].owner if name in fields else None
                missing_field = _hard("mangler_oplysning", "wants", at=firing.region, field=name)
                out.append(replace(missing_field, owner=owner))
        return out

    def _half_told(self, firing: Firing) -> list[Refusal]:
        """Refuse a tick without what must be said with it, and a day before the one that it may not precede."""
        data, out = self.event.data, list[Refusal]()
        fields: Mapping[str, FieldDef] = self.compiled.machine(self.kind).all_fields if data else {}
        for name, field in fields.items():
            value = data.get(name)
            if value and (field.wants_note or field.wants_day):
                told = value if isinstance(value, Mapping) else {"note": value} if isinstance(value, str) else {}
                if field.wants_note and not told.get("note"):
                    out.append(_hard("mangler_note", "checklist", at=firing.region, field=name, note=field.wants_note))
                if field.wants_day and not told.get("on"):
                    out.append(_hard("mangler_dag", "checklist", at=firing.region, field=name))
            other = field.not_before
            if other and (name in data or other in data):
                first, last = ({**self.data, **data}.get(one) for one in (other, name))
                if first and last and read_day(name, last) < read_day(other, first):
                    days: dict[str, Json] = {"other": other, "first": first, "last": last}
                    out.append(_hard("for_tidlig_dag", "dates", at=firing.region, field=name, **days))
        return out

    def _plannable(self, firing: Firing) -> list[Refusal]:
        """Refuse a day outside the programme, and warn of one when nobody works."""
        if not (firing.move.dates == "planned" or firing.move.births == ACTIVITY) or not self.event.data.get("dato"):
            return []
        first, last = self._planned_days()
        start, end = window_of(WHOLE, self.view(firing.region))
        out: list[Refusal] = []
        if last < first:
            out.append(_hard("slut_foer_start", "dates", first=first.isoformat(), last=last.isoformat()))
        outside = first if start and first < start else last if end and last > end else None
        if outside:
            out.append(_hard("uden_for_programmet", "dates", day=iso(outside), first=iso(start), last=iso(end)))
        if not self.compiled.calendar.is_open(first):
            values: dict[str, Json] = {"day": iso(first), "next": iso(self.compiled.calendar.next_open(first))}
            out.append(Refusal("lukket_dag", "dates", Strength.SOFT, values))
        return out

    def _enrolled(self, firing: Firing) -> list[Refusal]:
        """Refuse a kommune that the programme has already."""
        if firing.move.births != KOMMUNE:
            return []
        code = self.event.data.get("kommune")
        is_known = any(child.kind == KOMMUNE and child.key == code for child in self.snapshot.facts.children)
        return [_hard("allerede_tilmeldt", "births", at=firing.region, kommune=code)] if is_known else []

    def _listed(self, firing: Firing) -> Iterator[Refusal]:
        """Hold what is registered to the lists of the programme, and an offer to what was taken up before."""
        machine = self.compiled.machine(firing.move.births if firing.move.births == KOMMUNE else self.kind)
        yield from choice_refusals(self.compiled, machine.all_fields, self.data, self.event)
        if firing.move.offer is not None:
            children = self.snapshot.facts.children
            yield from offer_refusals(self.compiled, firing.move.offer == "take", self.data, children, self.event)

    def _planned_days(self) -> tuple[date, date]:
        key = self.event.data.get("aktivitet") or self.snapshot.identity.key
        return planned_days(self.compiled, self.event, str(key))

    def _new_data(self, firing: Firing) -> dict[str, Json]:
        if firing.move.births or not self.event.data:
            return {}
        if firing.move.offer is not None:
            key = str(self.event.data[OFFER])
            taken: list[Json] = [one for one in taken_of(self.data) if one != key]
            return {TAKEN: [*taken, key] if firing.move.offer == "take" else taken or None}
        given = read_fields(self.compiled.machine(self.kind).all_fields, self.event)
        return changed(self.data, {name: value for name, value in given.items() if name not in PLAN_FIELDS})

    def _new_dates(self, firing: Firing) -> Dates:
        dates = self.dates
        if firing.move.dates is None:
            return replace(dates, fixed_by=dates.fixed_by or self.event.actor.id) if invites(firing.move) else dates
        happened = local_date(self.event.happened_at)
        match firing.move.dates:
            case "planned":
                first, last = self._planned_days()
                reason = self.event.reason or ""
                if dates.actual_end:  # What had come to an end is taken up again.
                    dates = replace(dates, actual_start=None, actual_end=None)
                dates = replace(dates, planned_start=first, planned_end=last, precision="day", reason=reason)
                return replace(dates, fixed_by=self.event.actor.id)
            case "actual_start":
                return replace(dates, actual_start=happened)
            case "actual_end":
                return replace(dates, actual_start=dates.actual_start or happened, actual_end=happened)
            case "actual":
                return replace(dates, actual_start=happened, actual_end=happened)
            case _ as never:
                assert_never(never)

    def _step(
        self,
        kind: StepKind,
        event: str,
        region: str | None,
        dest: str | None,
        data: Mapping[str, Json],
        dates: Dates,
        overridden: tuple[Refusal, ...] | list[Refusal],
    ) -> None:
        """Write a history row and bring the draft to where it leads."""
        source = self.position[region] if region else None
        changes: dict[str, Json] = {}
        undo: dict[str, Json] = {}
        if data:
            changes["data"] = dict(data)
            undo["data"] = {name: self.data.get(name) for name in data}
            self.data = applied(self.data, data)
        if new_dates := dates_changed(self.dates, dates):
            changes["dates"] = new_dates
            undo["dates"] = dates_changed(dates, self.dates)
        if region and dest and dest != source:
            undo["entered"] = entry_written(self.entered[region])
            self.entered[region] = Entry(self._entry_time(region), self.next_seq)
            self.position[region] = dest
            self.entries.append((region, dest))
        codes = tuple(refusal.code for refusal in overridden) if overridden else ()
        self.steps.append(Step(kind, event, region, source, dest, changes, undo, codes))
        self.dates = dates

    def _entry_time(self, region: str) -> datetime:
        """A join that follows from somebody else's late registration never goes behind its region's last step."""
        return max(self.event.happened_at, self.entered[region].at)


def requirements_missing(compiled: Compiled, firing: Firing, view: View) -> list[Refusal]:
    """Evaluate every requirement of a move, the gates in front of it included, and say what it would leave open."""
    needs = compiled.gates.needs(view.identity.key, firing.move, firing.region)
    found = [refusal for need in needs for refusal in missing(need, view)]
    return [*found, *still_open(compiled, firing, view)]


def _hard(code: str, requirement: str, **values: Json) -> Refusal:
    return Refusal(code, requirement, Strength.HARD, values)
