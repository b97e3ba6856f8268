"""The Danish words for what a workflow names: states, regions, events, fields, roles and days; reads no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from ...engine.civil.danish import clock, join_and, number, period, short_date, with_week
from ...engine.civil.instants import local
from ...engine.civil.windows import WHOLE_MONTHS
from ...engine.compiled import Compiled
from ...engine.deciding.correct import CORRECT
from ...engine.deciding.finish import PLAN, WAKE
from ...engine.definition import FieldDef, Machine, Region
from ...engine.pausing.pauses import INHERIT_PAUSE, INHERIT_RESUME, PAUSE, PAUSE_IS_OVER, RESUME, paused_since
from ...engine.values import Data, Dates, Entry, Json, Position
from ...engine.values.names import LIFE

_SYSTEM_EVENTS: Mapping[str, str] = {
    "start": "Oprettet",
    "poke": "Noget under den har ændret sig",
    "timer": "Påmindelse",
    WAKE: "Det, den hører under, er kommet videre",
    PLAN: "Ny plan",
    CORRECT: "Rettelse",
    "aftal": "Aftal et målepunkt eller kriterium",
    "registrer": "Registrér svar",
    "vurder": "Vurdér et kriterium",
    "saet_maal": "Sæt et mål",
    "ret_registrering": "Ret en registrering",
    PAUSE: "Sat i bero",
    RESUME: "Genoptaget",
    INHERIT_PAUSE: "Sat i bero sammen med det, den hører under",
    INHERIT_RESUME: "Genoptaget sammen med det, den hører under",
    PAUSE_IS_OVER: "Pausen skulle være slut",
    "send_besked": "Besked sendt",
    "tag_besked_tilbage": "Besked taget tilbage",
    "udskift_person": "En person er afløst af en anden",
    "overdragelse": "Opgaver overdraget",
    "svar_paa_indkaldelse": "Svar på indkaldelsen",
    "registrer_fremmoede": "Registrér, hvem der kom",
    "send_igen": "Send mailen igen",
}
_DATA_OF_EVENTS: Mapping[str, FieldDef] = {
    "dato": FieldDef(title="Dato", type="date"),
    "slut": FieldDef(title="Sidste dag", type="date"),
    "titel": FieldDef(title="Titel"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where one region stands; ``trin`` is its number in the method, ``since`` when it got there."""

    region: str
    title: str
    trin: int | None
    state: str
    state_title: str
    final: bool
    since: datetime | None


class Words:
    """One workflow's words; every look-up falls back to the name itself, spelt with spaces."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.workflow = compiled.workflow

    def machine(self, kind: str) -> Machine | None:
        """Give a kind's machine, None where the workflow has none."""
        return self.workflow.machines.get(kind)

    def kind(self, kind: str) -> str:
        """Name a kind of instance."""
        machine = self.machine(kind)
        return machine.title if machine else plain(kind)

    def region(self, kind: str, region: str | None) -> str:
        """Name a region, with its trin where it has one."""
        found = self._region(kind, region)
        if found is None:
            return plain(region or "")
        return f"Trin {found.trin} ({found.title})" if found.trin else found.title

    def state(self, kind: str, region: str | None, state: str | None) -> str:
        """Name a state of a region."""
        found = self._region(kind, region)
        if found is None or state not in found.states:
            return plain(state or "")
        return found.states[state].title

    def event(self, kind: str, event: str) -> str:
        """Name an event of a kind, a rule of a timer, or one of the system's own events."""
        machine = self.machine(kind)
        if machine and event in machine.together:
            return machine.together[event].title
        if machine and event in machine.events:
            region, move = machine.events[event][0]
            return machine.regions[region].moves[move].title
        if event in self.workflow.reminders:
            return self.workflow.reminders[event].title
        return _SYSTEM_EVENTS.get(event) or self._event_of_parent(kind, event) or plain(event)

    def field(self, kind: str, name: str) -> FieldDef:
        """Give a field that an instance's data, or an event's, may hold; its own kind first."""
        own = self.machine(kind)
        machines = ([own] if own else []) + list(self.workflow.machines.values())
        for machine in machines:
            if name in machine.all_fields:
                return machine.all_fields[name]
        return _DATA_OF_EVENTS.get(name) or FieldDef(title=plain(name).capitalize() or name)

    def role(self, role: str | None) -> str:
        """Name a role or a body as people write it."""
        found = self.workflow.roles.get(role or "")
        return found.called if found and found.called else plain(role or "")

    def person(self, role: str) -> str:
        """Say what one person with a role is: of a body, a member."""
        return self.workflow.person_title(role)

    def rule(self, rule: str) -> str:
        """Say in Danish what a timer's rule is for."""
        found = self.workflow.reminders.get(rule)
        return found.title if found else _SYSTEM_EVENTS.get(rule, plain(rule))

    def places(self, kind: str, position: Position, entered: Mapping[str, Entry]) -> tuple[Place, ...]:
        """Say where every region stands, in the definition's order."""
        machine = self.machine(kind)
        if machine is None:
            return ()
        found: list[Place] = []
        for name, region in machine.regions.items():
            state = position.get(name, region.initial)
            known = region.states.get(state)
            since = entered[name].at if name in entered else None
            title, final = (known.title, known.final) if known else (plain(state), False)
            found.append(Place(name, self.region(kind, name), region.trin, state, title, final, since))
        return tuple(found)

    def standing(self, kind: str, position: Position, data: Data | None = None) -> str:
        """Name the state of the region that is an instance's life as a whole, and since when it is paused."""
        region = self.life(kind)
        title = self.state(kind, region, position.get(region))
        since = paused_since(data or {})
        if since is None or self.compiled.is_done(kind, position):
            return title
        return f"{title}, i bero siden {short_date(local(since).date())}"

    def life(self, kind: str) -> str:
        """Name the region that is an instance's life as a whole: ``forloeb``, or the only one."""
        # A document from the database has its names sorted, so "the first region" would be a fase.
        machine = self.machine(kind)
        regions = list(machine.regions) if machine else [LIFE]
        return LIFE if LIFE in regions else regions[0]

    def _region(self, kind: str, region: str | None) -> Region | None:
        machine = self.machine(kind)
        return machine.regions.get(region) if machine and region else None

    def _event_of_parent(self, kind: str, event: str) -> str | None:
        """Name an event of the kind above: what is born tells by which event it was."""
        for other in self._above(kind):
            machine = self.workflow.machines[other]
            if event in machine.events:
                region, move = machine.events[event][0]
                return machine.regions[region].moves[move].title
        return None

    def _above(self, kind: str) -> Iterator[str]:
        machine = self.machine(kind)
        parent = machine.parent if machine else None
        if parent in self.workflow.machines:
            yield parent
        yield from (name for name in self.workflow.machines if name not in (kind, parent))


def plain(name: str) -> str:
    """Spell a name with spaces."""
    return name.replace("_", " ")


def value_text(value: Json) -> str:
    """Write a value in Danish: ja and nej, comma for decimals, a day with its week."""
    match value:
        case None:
            return ""
        case bool():
            return "ja" if value else "nej"
        case int() | float():
            return number(value)
        case list():
            return join_and([value_text(item) for item in value])
        case dict():
            return ", ".join(f"{plain(name)}: {value_text(item)}" for name, item in value.items())
        case str():
            return _day_text(value)


def field_text(field: FieldDef, value: Json) -> str:
    """Write a field's value: what was chosen in its words, rows as people say them, all else as ``value_text`` does."""
    rows = value if isinstance(value, list) else [value]
    match field.type:
        case "choice" | "choices":
            return join_and([field.options.get(str(one), str(one)) for one in rows])
        case "actions":
            return "; ".join(_action_text(one) for one in rows if isinstance(one, dict))
        case "documents":
            return "; ".join(_document_text(one) for one in rows if isinstance(one, dict))
        case _:
            return value_text(value)


def _action_text(row: Mapping[str, Json]) -> str:
    """Say who does what and when: ``Ydelse: Ét skema (fra mandag)``."""
    who, what, when = (value_text(row.get(name)) for name in ("hvem", "hvad", "hvornaar"))
    return f"{who}: {what} ({when})"


def _document_text(row: Mapping[str, Json]) -> str:
    """Say what a document is, which version, who approved it and where it lies."""
    version = f"version {row['version']}" if row.get("version") else ""
    by = f"af {row['godkendt_af']}" if row.get("godkendt_af") else ""
    on = value_text(row.get("godkendt_den"))
    approved = " ".join(filter(None, ("godkendt", by, on))) if by or on else ""
    more = ", ".join(filter(None, (version, approved)))
    return f"{row.get('titel')}{f' ({more})' if more else ''}: {row.get('adresse')}"


def _day_text(value: str) -> str:
    if len(value) != 10:
        return value
    try:
        return with_week(date.fromisoformat(value))
    except ValueError:
        return value


def capital(text: str) -> str:
    """Begin with a capital and leave the rest as it is: ``KL-konsulent`` keeps its letters."""
    return text[:1].upper() + text[1:]


def when_text(start: date | None, end: date | None, precision: str = "day") -> str:
    """Write one or two days as people say them: with weekday and uge, or as vague as their source."""
    if start is None and end is None:
        return ""
    first, last = start or end, end or start
    assert first is not None and last is not None
    if last < first:
        last = first
    if precision in WHOLE_MONTHS:
        return period(first, last)
    if first == last:
        return with_week(first)
    return f"{period(first, last)} ({_weeks(first, last)})"


def _weeks(first: date, last: date) -> str:
    """Write ``uge 38``, ``uge 38-40``, or ``uge 40, 2019, til uge 31, 2020`` where the years of the weeks differ."""
    begun, ended = first.isocalendar(), last.isocalendar()
    if begun.year != ended.year:
        return f"uge {begun.week}, {begun.year}, til uge {ended.week}, {ended.year}"
    return f"uge {begun.week}" + ("" if begun.week == ended.week else f"-{ended.week}")


def dates_text(dates: Dates) -> str:
    """Write the days of an instance: when it happened, or else when it is planned."""
    if dates.actual_start or dates.actual_end:
        return when_text(dates.actual_start or dates.actual_end, dates.actual_end or dates.planned_end)
    return when_text(dates.planned_start, dates.planned_end, dates.precision)


def moment_text(at: datetime) -> str:
    """Write an instant as local time: ``20.9.2019 kl. 9.00``."""
    here = local(at)
    return f"{short_date(here.date())} {clock(here.time())}"
