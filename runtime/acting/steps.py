"""What a link about an instance may do: the steps that its region knows, as choices with fields; decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from types import MappingProxyType

from ...engine.civil.danish import clock
from ...engine.civil.instants import local_date, to_utc
from ...engine.compiled import Compiled
from ...engine.definition import Activity
from ...engine.errors import InvalidInput, Refused
from ...engine.options import ending_event, options
from ...engine.refusals import refusal_text
from ...engine.values import Actor, Data, Identity, Json, Nudge, Option, Snapshot, Strength
from ...engine.values.names import MEETING
from ...storage import ONE_PERSON, UnitOfWork
from ..permission import named
from ..usecases.context import Context
from ..usecases.handling import Command
from ..views.words import Words, dates_text
from .forms import LONGEST, Read, clean, read
from .values import Choice, Field

STILL = "stadig"
"""The choice to say that it goes on, which moves nothing."""

DAY, REASON, DESPITE = "_dag", "_begrundelse", "_trods"
"""What is asked beside an event's fields: when it happened, why, and why all the same."""

NOW = "Nu"
"""What a page calls where something stands."""

_TYPES = MappingProxyType(
    {"text": "text", "texts": "lines", "number": "number", "bool": "bool", "date": "date", "check": "check"}
)
_TOLD = MappingProxyType({"mangler_oplysning": "field", "mangler_note": "field", "mangler_dag": "field"})
_GOES_ON = Choice(
    STILL, "Vi er stadig i gang", "Ja, vi er stadig i gang", "Så minder vi dig ikke om det de næste to uger."
)


@dataclass(frozen=True, slots=True)
class Standpoint:
    """An instance as a link meets it."""

    compiled: Compiled
    words: Words
    snapshot: Snapshot
    programme: str
    kommune: str

    @property
    def kind(self) -> str:
        """Give the instance's kind."""
        return self.snapshot.identity.kind

    def facts(self, region: str | None) -> tuple[tuple[str, str], ...]:
        """Say which programme and kommune, when, and where it (or one of several regions) stands."""
        one = self.snapshot
        if region is not None and len(one.position) > 1:
            about, now = (
                self.words.region(self.kind, region),
                self.words.state(self.kind, region, one.position.get(region)),
            )
        else:
            about, now = "", self.words.standing(self.kind, one.position, one.data)
        found = (
            ("Hvad", about),
            ("Program", self.programme if self.programme != one.title else ""),
            ("Kommune", self.kommune if self.kommune != one.title else ""),
            ("Hvornår", ", ".join(filter(None, (dates_text(one.dates), self.hours)))),
            ("Hvor", self.where),
            (NOW, now),
        )
        return tuple((label, value) for label, value in found if value)

    @property
    def hours(self) -> str:
        """Say at what time a meeting is, as it was given."""
        return hours_text(self.snapshot.data) if self.kind == MEETING else ""

    @property
    def where(self) -> str:
        """Say where a meeting is: the place that was given, or the document's."""
        activity = self.compiled.paper.activity(self.snapshot.identity.key)
        place = activity.place if isinstance(activity, Activity) else None
        return str(self.snapshot.data.get("sted") or place or "") if self.kind == MEETING else ""


def hours_text(data: Data) -> str:
    """Write the hours that a meeting's data holds: ``kl. 9.00-12.00``; empty where there are none."""
    begins, ends = (_clock(data.get(name)) for name in ("kl", "slut_kl"))
    return f"{begins}-{ends.removeprefix('kl. ')}" if begins and ends else begins


def _clock(value: Json) -> str:
    try:
        return clock(time.fromisoformat(str(value))) if value else ""
    except ValueError:
        return str(value)


def events_of(compiled: Compiled, identity: Identity, nudge: Nudge) -> tuple[str, ...]:
    """Name the events that a mail's link may cause: of the region that it reminds of those which bear nothing new.

    A move that names its roles is in a link to one of them alone, and in one to a single person: when she takes it, she
    is asked for such a role.
    """
    machine, region = compiled.machine(identity.kind), nudge.region
    found = []
    for name in machine.events:
        firings = compiled.firings(identity.kind, name)
        is_here = region is None or any(one.region == region for one in firings)
        by = named(compiled, identity, name)
        is_theirs = not by or nudge.role in by or nudge.role.startswith(ONE_PERSON)
        if is_here and is_theirs and not any(one.move.births or one.move.automatic for one in firings):
            found.append(name)
    return tuple(found)


def kommuner_of(nudge: Nudge, kommune: str | None) -> list[Json]:
    """Name the kommuner that a mail is about: those that it names (the members of a cluster), or its instance's."""
    listed = nudge.values.get("kommuner")
    return [*listed] if isinstance(listed, list) else [kommune]


def stand(context: Context, uow: UnitOfWork, instance_id: int) -> Standpoint:
    """Look at an instance with all that its events may ask for, in a read transaction: it takes no locks in order."""
    identity = uow.identity(instance_id)
    compiled = context.compiled(identity.workflow_hash, uow)
    snapshot = uow.load(identity, compiled.relations.reach(identity.kind, None))
    programme = uow.load(uow.identity(identity.programme_id)).title
    names = {row.code: row.name for row in uow.registers.kommuner()} if identity.kommune else {}
    return Standpoint(compiled, Words(compiled), snapshot, programme, names.get(identity.kommune or "", ""))


def choices(at: Standpoint, events: frozenset[str], now: datetime) -> tuple[Choice, ...]:
    """List what may be done now of what a link allows: first how it ends, then the rest in the definition's order."""
    ending = ending_event(at.compiled, at.kind, at.snapshot.position)
    found = [one for one in options(at.compiled, at.snapshot, now) if one.event in events]
    found.sort(key=lambda one: (one.event != ending, not _leads_on(at, one)))
    listed = [choice for one in found if (choice := _choice(at, one, now)) is not None]
    if listed and at.kind != MEETING and not at.compiled.is_done(at.kind, at.snapshot.position):
        listed.insert(1, _GOES_ON)
    return tuple(listed)


def _choice(at: Standpoint, option: Option, now: datetime) -> Choice | None:
    """Show an event as a choice; None where it wants what no page can ask for."""
    firings = at.compiled.firings(at.kind, option.event)
    named = dict.fromkeys([*option.wants, *(name for one in firings for name in one.move.takes)])
    open_ticks = dict.fromkeys(str(one.values.get("field")) for one in option.missing if one.requirement == "checklist")
    fields = []
    for name in (*(name for name in named if name != "reason"), *(name for name in open_ticks if name not in named)):
        found = _field(at, name, required=name in option.wants)
        if found is None and name in option.wants:
            return None
        if found is not None:
            fields.append(found)
    if any(one.move.dates in ("actual", "actual_start", "actual_end") for one in firings):
        planned, today = at.snapshot.dates.planned_start, local_date(now)
        day = planned if planned is not None and planned < today else today
        fields.insert(0, Field(DAY, "Hvornår skete det?", "date", True, value=day.isoformat()))
    if "reason" in option.wants:
        fields.append(Field(REASON, "Hvorfor?", "text", True))
    blocking = [one for one in option.missing if one.strength is Strength.HARD and one.requirement != "fields"]
    asked = {field.name for field in fields}
    told = [one for one in option.missing if one.values.get("field") not in asked]  # the rest is asked for below
    missing = tuple(refusal_text(one, at.compiled.workflow, at.kind) for one in told)
    if option.missing and not blocking and any(one.strength is Strength.SOFT for one in option.missing):
        fields.append(_despite())
    return Choice(option.event, option.title, option.title, _told(at, option), tuple(fields), missing, not blocking)


def _leads_on(at: Standpoint, option: Option) -> bool:
    """Tell whether a step leads on: to another state, and not back or to an early end."""
    firings = at.compiled.firings(at.kind, option.event)
    is_way_back = any(one.move.back or "reason" in one.move.wants for one in firings)
    return option.dest not in (None, option.source) and not is_way_back


def _despite() -> Field:
    return Field(
        DESPITE, "Gå videre alligevel, fordi", "text", hint="Begrundelsen kan ses af alle, der følger forløbet."
    )


def _told(at: Standpoint, option: Option) -> str:
    """Say where it would stand afterwards."""
    if option.dest is None or option.dest == option.source:
        return ""
    return f"Derefter står det som: {at.words.state(at.kind, option.region, option.dest)}."


def _field(at: Standpoint, name: str, *, required: bool) -> Field | None:
    """Show a field that a page can ask for; None for lists of rows, kommuner and goals, and for ticks that are set."""
    known = at.words.field(at.kind, name)
    hint = known.why
    if known.type == "choice" and known.options:
        return Field(name, known.title, "choice", required, hint, options=tuple(known.options.items()))
    if known.type not in _TYPES or (known.type == "check" and at.snapshot.data.get(name)):
        return None
    if known.type == "check":
        asks = [*(["dag"] if known.wants_day else []), *(["note"] if known.wants_note else [])]
        wanted = f"Skriv også {known.wants_note}." if known.wants_note else ""
        return Field(name, known.title, "check", required, " ".join(filter(None, (hint, wanted))), asks=tuple(asks))
    if known.type == "texts":
        hint = " ".join(filter(None, (hint, "Én pr. linje.")))
    return Field(name, known.title, _TYPES[known.type], required, hint)


def command(choice: Choice, given: Mapping[str, str], actor: Actor, key: str, now: datetime) -> tuple[Command, Read]:
    """Read a form into the command that it asks for; it counts only where nothing was wrong."""
    found = read(choice, given)
    data = dict(found.data)
    day, why, despite = (data.pop(name, None) for name in (DAY, REASON, DESPITE))
    despite = despite or clean(given.get(DESPITE, ""))[:LONGEST]  # asked for only after a first refusal
    happened = _happened(str(day), now) if day else None
    if happened is not None and happened > now:
        found.errors[DAY] = "Dagen ligger i fremtiden; registrér det, når det er sket."
    reason = ". ".join(str(one).rstrip(".") for one in (why, despite) if one) or None
    asked = Command(choice.key, actor, data, reason, bool(despite), happened, key)
    return asked, found


def _happened(day: str, now: datetime) -> datetime | None:
    """Give the instant that a day stands for: noon, or now (None) for today."""
    on = datetime.fromisoformat(day).date()
    return None if on == local_date(now) else to_utc(on, time(12))


def mistakes(at: Standpoint, error: Exception) -> dict[str, str]:
    """Say a refusal as sentences at the fields that they are about; the rest stands under the empty name."""
    match error:
        case Refused(refusals=refusals):
            out: dict[str, str] = {}
            for one in refusals:
                name = REASON if one.code == "mangler_begrundelse" else str(one.values.get(_TOLD.get(one.code, ""), ""))
                text = refusal_text(one, at.compiled.workflow, at.kind)
                out[name] = f"{out[name]} {text}" if name in out else text
            return out
        case InvalidInput(field=name):
            return {name: f"Det kan ikke stå i »{at.words.field(at.kind, name).title}«. Ret det, og prøv igen."}
        case _:
            return {
                "": "Der er netop sket noget andet her. Se, hvordan det står nu, og prøv igen, hvis det stadig passer."
            }


def is_soft(error: Exception) -> bool:
    """Tell whether a reason is enough to go on."""
    return isinstance(error, Refused) and all(one.strength is Strength.SOFT for one in error.refusals)


def with_despite(found: tuple[Choice, ...], key: str) -> Iterator[Choice]:
    """Ask for a reason to go on in the choice that was tried."""
    for one in found:
        has = any(field.name == DESPITE for field in one.fields)
        if one.key != key or has:
            yield one
        else:
            yield Choice(one.key, one.title, one.button, one.told, (*one.fields, _despite()), one.missing, one.may)


def done_sentences(title: str, choice: Choice, data: Mapping[str, Json], state: str) -> tuple[str, ...]:
    """Say what was recorded, without repeating what somebody wrote."""
    written = [one.label for one in choice.fields if one.name in data]
    said = [f"{title}: »{choice.title}« er registreret."]
    if written:
        said.append(f"Gemt: {', '.join(written)}.")
    return (*said, f"Nu står det som: {state}.")
