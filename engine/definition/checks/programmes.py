"""Checks a programme document as a whole: its machines, roles, shared names, reminders and mails; items check_items."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise

from ...values.names import EVALUATION, KOMMUNE, PROGRAMME
from ..dates import RESERVED_ANCHORS
from ..document.approving import in_charge
from ..machine import Machine, Notice
from ..programme import Use
from ..reminding.reminders import (
    ANSWERED,
    CHECKLIST,
    END_OF_PROGRAMME,
    FIELD_ANCHOR,
    LAST_FASE,
    MONTHLY,
    OWNERS,
    Offset,
    Reminder,
)
from ..workflow import OWN_ANCHORS, RESPONSIBLE
from .graph import find_cycles
from .items import check_items
from .names import Finding, Path, suggest, unknown, unknowns
from .scope import ADDRESSEES, Scope

RESERVED_WINDOWS = frozenset({"enrolment", "period", "hele"})
"""Names under which a programme keeps windows of its own."""

DAYS_OF = {"dage": 1, "arbejdsdage": 2, "uger": 7, "maaneder": 31}
FARTHEST = 3660
TOO_FAR = "påmindelsen ligger mere end ti år fra det, den tæller fra; skriv en kortere afstand"
"""No reminder lies more than ten years from what it counts from: nobody is there then, and the calendar ends."""


def check_programme(scope: Scope) -> Iterator[Finding]:
    """Find the mistakes of the document itself and of what its parts say about it."""
    yield from check_frame(scope)
    yield from _roles(scope)
    yield from _shared_names(scope)
    yield from check_items(scope)
    for key in scope.workflow.programme.parameters:  # one that nobody asks for is a slip of the keyboard
        yield from unknown(("programme", "parameters", key, "[key]"), "parameteren", key, scope.workflow.parameters)
    for key, reminder in scope.workflow.reminders.items():
        yield from _reminder(scope, ("reminders", key), key, reminder)
    yield from _restless(scope)
    yield from _texts(scope)


def check_frame(scope: Scope) -> Iterator[Finding]:
    """Find out whether the parts bring what a programme lives by; where they do not, hardly any name can be known."""
    workflow = scope.workflow
    if PROGRAMME not in workflow.machines:
        yield Finding(("programme", "uses"), "no-machine", _frameless(workflow.programme.uses))
    elif workflow.programme.kommuner.capacity is not None and KOMMUNE not in workflow.machines:
        message = f"kommuner kan ikke tilmeldes uden en maskine med navnet {KOMMUNE}; brug en del, der har den"
        yield Finding(("programme", "kommuner", "capacity"), "no-machine", message)
    for kind, machine in workflow.activity_kinds.items():
        yield from unknown(("activity_kinds", kind), "maskinen", machine, workflow.machines)
        if machine in (PROGRAMME, KOMMUNE):
            message = f"en aktivitet kan ikke leve som et {machine}, der selv har aktiviteter; vælg en anden maskine"
            yield Finding(("activity_kinds", kind), "cannot-hold", message)
    seen: set[str] = set()
    for index, use in enumerate(workflow.programme.uses):
        if use.key in seen:
            yield Finding(("programme", "uses", index), "duplicate-name", f"delen {use.key} bruges to gange")
        seen.add(use.key)


def _frameless(parts: tuple[Use, ...]) -> str:
    """Say that a programme uses no frame: no part at all, or only such as stand on top of one."""
    if not parts:
        return "uses mangler: et program lever ved en ramme, der har dets maskiner; skriv uses: programramme@1"
    both = ", ".join(("programramme@1", *(f"{use.key}@{use.version}" for use in parts)))
    names = " og ".join(use.key for use in parts)
    are = "er en del, ikke et program" if len(parts) == 1 else "er dele, ikke et program"
    return f"{names} {are}: maskinen {PROGRAMME} mangler; skriv rammen foran, f.eks. uses: [{both}]"


def _unsaid(scope: Scope) -> Iterator[Finding]:
    """Warn where the document leaves open who a role of the frame is: nobody gets its mails."""
    programme, roles = scope.workflow.programme, scope.workflow.roles
    own = {*programme.roles, *programme.bodies, *(one for role in roles.values() for one in role.stands_for)}
    for name in sorted(set(roles) - own):
        message = f"rollen {name} kommer fra en del, og dokumentet siger ikke, hvem det er: skriv den med stands_for"
        yield Finding(("programme", "roles"), "nobody", message, "warning")


def _unanswered(scope: Scope) -> Iterator[Finding]:
    """Warn where mails to whoever answers for something reach nobody: it names no role, and its level none either."""
    programme, machines = scope.workflow.programme, scope.workflow.machines
    told = {one.on for one in scope.workflow.reminders.values() if RESPONSIBLE in one.roles}
    told |= {name for name, machine in machines.items() if any(RESPONSIBLE in one.to for one in _notices(machine))}
    open_: dict[str, list[str]] = defaultdict(list)
    for key, item in scope.awaited.items():
        is_answered = item.level in programme.responsible or in_charge(programme, item) is not None
        if not is_answered and scope.machine_of(key) in told and not getattr(item, "lived_by", ""):
            open_[item.level].append(key)
    for name, level in ((PROGRAMME, "programme"), (KOMMUNE, KOMMUNE)):
        if name in told and level not in programme.responsible:
            open_[level].insert(0, machines[name].title.lower())
    for level, keys in open_.items():
        more = f" og {len(keys) - 3} til" if len(keys) > 3 else ""
        message = f"ingen svarer for {', '.join(keys[:3])}{more}, så påmindelser om det når ingen"
        way_out = f"skriv responsible: {{{level}: <rolle>}}, eller nævn, hvem der leder hver af dem"
        yield Finding(("programme", "responsible"), "nobody", f"{message}; {way_out}", "warning")


def _notices(machine: Machine) -> Iterator[Notice]:
    """List the mails that a machine's moves send at once."""
    for region in machine.regions.values():
        for move in region.moves.values():
            yield from move.notices


def _roles(scope: Scope) -> Iterator[Finding]:
    programme = scope.workflow.programme
    for name, role in scope.workflow.roles.items():
        if name in ADDRESSEES:
            message = f"{name} har altid en betydning (den ansvarlige eller deltagerne); giv rollen et andet navn"
            yield Finding(("roles", name), "reserved-name", message)
        yield from unknowns(("roles", name, "stands_for"), "rollen", role.stands_for, scope.roles)
    known = {name: frozenset(role.stands_for) & scope.roles for name, role in scope.workflow.roles.items()}
    for ring in find_cycles(known):
        message = f"{' står for '.join((*ring, ring[0]))}; en af dem skal være nogen selv"
        yield Finding(("roles", ring[0], "stands_for"), "ring", message)
    yield from _unsaid(scope)
    yield from _unanswered(scope)
    for level, name in programme.responsible.items():
        yield from unknown(("programme", "responsible", level), "rollen", name, scope.roles)


def _shared_names(scope: Scope) -> Iterator[Finding]:
    """Check that what dates may hang on has one name each."""
    programme = scope.workflow.programme
    groups: Mapping[str, Mapping[str, object]] = {
        "faser": programme.faser,
        "activities": programme.activities,
        "evaluations": programme.evaluations,
        "external_dates": programme.external_dates,
        "approvals": {key: approval for key, approval in programme.approvals.items() if approval.is_lived},
    }
    seen: dict[str, str] = {}
    for group, names in groups.items():
        for name in names:
            path: Path = ("programme", group, name, "[key]")
            if name in RESERVED_ANCHORS | RESERVED_WINDOWS:
                message = f"{name} betyder altid noget i en dato; giv det et andet navn"
                yield Finding(path, "reserved-name", message)
            elif name in seen:
                message = f"{name} findes også i {seen[name]}, så datoer ikke kan se forskel; giv det ene et andet navn"
                yield Finding(path, "duplicate-name", message)
            seen.setdefault(name, group)


def _reminder(scope: Scope, path: Path, key: str, reminder: Reminder) -> Iterator[Finding]:
    machines = scope.workflow.machines
    if reminder.on not in machines:
        yield from unknown((*path, "on"), "slagsen", reminder.on, machines)
    else:
        machine = machines[reminder.on]
        places = {f"{name}.{state}" for name, region in machine.regions.items() for state in region.states}
        yield from unknowns((*path, "during"), "tilstanden", reminder.during, places)
        if reminder.fires is not None:
            yield from unknown((*path, "fires"), "hændelsen", reminder.fires, machine.events)
    if key in scope.workflow.programme.reminders:  # a part may speak of activities that only some programmes have
        keys = {*scope.items, *scope.workflow.activity_kinds}
        yield from unknowns((*path, "only"), "aktiviteten eller slagsen", reminder.only, keys)
    yield from _distance(path, reminder)
    programme = scope.workflow.programme
    # Not activities: a reminder of another instance would not notice that one of them gets a new day.
    anchors = OWN_ANCHORS | scope.ends | {"enrolment", END_OF_PROGRAMME, *programme.faser, *programme.external_dates}
    fields = machines[reminder.on].all_fields if reminder.on in machines else {}
    anchors |= {f"{FIELD_ANCHOR}{name}" for name, field in fields.items() if field.type == "date"}
    yield from unknown((*path, "anchor"), "datoen", reminder.anchor, anchors)
    if reminder.not_before is not None:
        opening = {*programme.faser, *scope.ends, *programme.external_dates, LAST_FASE}
        yield from unknown((*path, "not_before"), "datoen", reminder.not_before, opening)
    if reminder.anchor == MONTHLY and reminder.on != PROGRAMME:
        message = f"{MONTHLY} tæller programmets måneder; skriv on: {PROGRAMME}, eller tæl fra noget andet"
        yield Finding((*path, "anchor"), "wrong-anchor", message)
    yield from _written(scope, path, reminder.to, reminder.text, reminder)
    for number, rung in enumerate(reminder.ladder):
        yield from _written(scope, (*path, "ladder", number), rung.to, rung.text, reminder)
    if reminder.on in machines:
        yield from _ending(path, reminder, machines[reminder.on])


def _written(scope: Scope, path: Path, to: tuple[str, ...], text: str | None, reminder: Reminder) -> Iterator[Finding]:
    """Check whom a reminder or one rung of it writes to, and what."""
    owners = {OWNERS} if reminder.about == CHECKLIST else set()
    yield from unknowns((*path, "to"), "rollen", to, scope.addressees | owners)
    if text is not None and scope.texts is not None:
        yield from unknown((*path, "text"), "teksten", text, scope.texts)


def _ending(path: Path, reminder: Reminder, machine: Machine) -> Iterator[Finding]:
    """Check what ends a reminder before its state does: fields, places, answers and items of a checklist."""
    places = {f"{name}.{state}" for name, region in machine.regions.items() for state in region.states}
    known = {*places, *machine.all_fields, *({ANSWERED} if reminder.on == EVALUATION else ())}
    yield from unknowns((*path, "unless"), "feltet eller tilstanden", reminder.unless, known)
    if reminder.about != CHECKLIST:
        return
    for index, place in enumerate(reminder.during):
        region = machine.regions.get(place.partition(".")[0])
        if region is not None and not region.checklist:
            message = f"{place} har ingen tjekliste at minde om; skriv about kun på dem, der har"
            yield Finding((*path, "during", index), "no-checklist", message)
        elif region is not None:
            yield from unknowns((*path, "items"), "punktet", reminder.items, region.checklist)


def _distance(path: Path, reminder: Reminder) -> Iterator[Finding]:
    """Check that every rung lies within reach of the calendar."""
    rungs = [rung.offset for rung in reminder.ladder]
    for number, (before, after) in enumerate(pairwise(rungs), 1):
        if before.unit == after.unit and after.amount < before.amount:
            message = "dette trin ligger før det forrige; skriv trinene i den rækkefølge, de kommer"
            yield Finding((*path, "ladder", number, "offset"), "wrong-order", message)
    rooms = ((("ladder", number, "room"), rung.room) for number, rung in enumerate(reminder.ladder))
    for more, room in ((("room",), reminder.room), *rooms):
        if room is not None and room.amount < 1:
            yield Finding((*path, *more), "bad-room", "room er en afstand frem, f.eks. 4 arbejdsdage")
    for number, offset in enumerate(rungs):
        if abs(_days(offset)) > FARTHEST:
            yield Finding((*path, "ladder", number, "offset"), "too-far", TOO_FAR)
    every = reminder.every
    last = DAYS_OF[every.unit] * every.amount * (reminder.times - 1) if every else 0
    first = _days(reminder.offset)
    if max(abs(first), abs(first + last)) > FARTHEST:
        yield Finding((*path, "offset" if abs(first) > FARTHEST else "every"), "too-far", TOO_FAR)


def _days(offset: Offset) -> int:
    """Count an offset in calendar days, no fewer than it is."""
    return DAYS_OF[offset.unit] * offset.amount


def _restless(scope: Scope) -> Iterator[Finding]:
    """Check that reminders which fire moves do not chase each other: in a ring, one must wait for a day at least."""
    ways: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    names: dict[tuple[str, str, str], str] = {}
    for key, reminder in scope.workflow.reminders.items():
        machine = scope.workflow.machines.get(reminder.on)
        waits = reminder.anchor == "entered" and reminder.offset.amount > 0
        if machine is None or reminder.fires is None or waits:
            continue
        for region, name in machine.events.get(reminder.fires, ()):
            move = machine.regions[region].moves[name]
            for place in reminder.during:
                where, _, state = place.partition(".")
                if where == region and move.dest not in (None, state):
                    ways[reminder.on, region][state].add(str(move.dest))
                    names.setdefault((reminder.on, region, state), key)
    for (kind, region), edges in ways.items():
        for ring in find_cycles({state: frozenset(ends) for state, ends in edges.items()}):
            message = f"{' -> '.join((*ring, ring[0]))} sker af sig selv og kommer aldrig til ro; lad en af dem vente"
            yield Finding(("reminders", names[kind, region, ring[0]], "fires"), "never-rests", message)


_PLACE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_LEFT_OVER = re.compile(r"\{\{|\}\}|\{%|%\}|\{#")


def _texts(scope: Scope) -> Iterator[Finding]:
    """Check the places in the mails: plain names only, and only those that are filled in."""
    for name, text in scope.workflow.texts.items():
        parts = {part: getattr(text, part) for part in ("subject", "body", "stops", "action", "link", "reply")}
        for part, words in parts.items():
            path: Path = ("texts", name, part)
            if left := _LEFT_OVER.search(_PLACE.sub("", words)):
                message = f"{left[0]} hører ikke til i en tekst; skriv pladser som {{{{ navn }}}}"
                yield Finding(path, "bad-placeholder", message)
            for place in dict.fromkeys(found.strip() for found in _PLACE.findall(words)):
                yield from _placeholder(scope, path, place)


def _placeholder(scope: Scope, path: Path, place: str) -> Iterator[Finding]:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", place):
        message = f"pladsen {{{{ {place[:40]} }}}} er ikke et navn; skriv små bogstaver a-z, tal og _"
        yield Finding(path, "bad-placeholder", message)
    elif scope.known.placeholders is not None and place not in scope.known.placeholders:
        message = f"pladsen {{{{ {place[:40]} }}}} kendes ikke; {suggest(place, scope.known.placeholders)}"
        yield Finding(path, "unknown-placeholder", message)
