"""A whole workflow: a programme document with the machines of the parts it uses, checked, canonical and hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cached_property

from .base import Key, Model, Name
from .document.items import Role
from .machine import Machine, Reminder
from .programme import Programme, Shared, TextDef

PHASE_REGION = "fase_"

RESPONSIBLE, PARTICIPANTS = "ansvarlig", "deltagere"
"""Roles that an activity fills: its facilitator (else its level's ``responsible``), and its ``who``."""

OWN_ANCHORS = frozenset({"entered", "planned_start", "planned_end", "last_day"})
"""Anchors of reminders that mean the instance itself; all others are dates of the programme."""


def canonical_text(model: Model) -> str:
    """Give the canonical JSON of a model: its fields by name, empty values left out.

    What an author named (regions, moves, items of a checklist) stays in the author's order, which people see.
    A field that a later version adds must be empty by default (None, "", [] or {}), so that it changes no hash.
    """
    tree = _without_empty(_in_order(model, model.model_dump(mode="json", by_alias=True)))
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def hash_of(canonical: str) -> str:
    """Give the SHA-256 of a canonical text, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical.encode()).hexdigest()


class Part(Shared):
    """A part that programmes include: machines, reminders and texts, such as the method."""

    part: Key
    machines: dict[Name, Machine] = {}
    roles: dict[Name, Role] = {}


class Workflow(Model):
    """What a running instance is pinned to: self-contained, so that nothing else is ever read to go on with it."""

    programme: Programme
    machines: dict[Name, Machine] = {}
    reminders: dict[Name, Reminder] = {}
    texts: dict[Name, TextDef] = {}
    roles: dict[Name, Role] = {}
    activity_kinds: dict[Name, Name] = {}

    @cached_property
    def canonical(self) -> str:
        """Give the canonical JSON of the data: fields by name, empty values left out, the author's names in order.

        ``Workflow.model_validate_json`` reads it back to the same hash.
        """
        return canonical_text(self)

    @cached_property
    def hash(self) -> str:
        """Give the SHA-256 of the canonical form, as 64 hexadecimal digits."""
        return hash_of(self.canonical)

    @property
    def key(self) -> str:
        """Give the key of the programme document."""
        return self.programme.workflow

    def machine_of(self, activity_kind: str) -> str:
        """Name the machine that lives an activity of this kind: ``meeting`` or ``task`` in the shipped parts."""
        return self.activity_kinds.get(activity_kind, "task")


def assemble(programme: Programme, parts: Iterable[Part]) -> Workflow:
    """Put a document and its parts together; the document's own reminders, texts and roles win.

    The region marked ``phase`` of the programme's machine is repeated once for each fase, as ``fase_<name>``.
    """
    machines: dict[str, Machine] = {}
    reminders: dict[str, Reminder] = {}
    texts: dict[str, TextDef] = {}
    roles: dict[str, Role] = {}
    kinds: dict[str, str] = {}
    for part in parts:
        machines.update(part.machines)
        reminders.update(part.reminders)
        texts.update(part.texts)
        roles.update(part.roles)
        kinds.update(part.activity_kinds)
    machines = {name: _with_phases(machine, programme) for name, machine in machines.items()}
    return Workflow(
        programme=programme,
        machines=machines,
        reminders=_with_phase_reminders({**reminders, **programme.reminders}, programme),
        texts={**texts, **programme.texts},
        roles={**roles, **programme.roles},
        activity_kinds={**kinds, **programme.activity_kinds},
    )


def _with_phases(machine: Machine, programme: Programme) -> Machine:
    """Repeat a machine's phase region for each fase of the programme."""
    templates = [region for region in machine.regions.values() if region.phase]
    if not templates:
        return machine
    regions = {name: region for name, region in machine.regions.items() if not region.phase}
    for name, phase in programme.faser.items():
        if (phase.level == "kommune") != (machine.parent is not None):
            continue
        title = {"title": phase.title, "phase": False}
        regions |= {f"{PHASE_REGION}{name}": template.model_copy(update=title) for template in templates}
    fields = {name: getattr(machine, name) for name in Machine.model_fields}
    return Machine(**{**fields, "regions": regions})


def _with_phase_reminders(reminders: Mapping[str, Reminder], programme: Programme) -> dict[str, Reminder]:
    """Repeat the reminders that speak of ``fase`` for each fase: ``fase.venter`` becomes ``fase_f1.venter``."""
    out: dict[str, Reminder] = {}
    for name, reminder in reminders.items():
        if not any(place.startswith("fase.") for place in reminder.during):
            out[name] = reminder
            continue
        for fase in _phases_of(reminder, programme):
            region = f"{PHASE_REGION}{fase}"
            during = tuple(f"{region}.{place.removeprefix('fase.')}" for place in reminder.during)
            fires = reminder.fires and reminder.fires.replace("fase.", f"{region}.", 1)
            anchor = {"fase": fase, "end_of_fase": f"end_of_{fase}"}.get(reminder.anchor, reminder.anchor)
            out[f"{name}_{fase}"] = reminder.model_copy(update={"during": during, "fires": fires, "anchor": anchor})
    return out


def _phases_of(reminder: Reminder, programme: Programme) -> list[str]:
    """Name the faser that a reminder is repeated for: the kommune's own, or the programme's."""
    own = reminder.on != "programme"
    return [name for name, phase in programme.faser.items() if (phase.level == "kommune") == own]


def _in_order(value: object, dumped: object) -> object:
    """Sort the fields of models, whose order is the code's; keep the order of mappings, which is the author's."""
    if isinstance(value, Model) and isinstance(dumped, Mapping):
        names = {field.serialization_alias or name: name for name, field in type(value).model_fields.items()}
        return {key: _in_order(getattr(value, names[key]), dumped[key]) for key in sorted(dumped)}
    if isinstance(value, Mapping) and isinstance(dumped, Mapping):
        return {key: _in_order(one, dumped[key]) for key, one in value.items()}
    if isinstance(value, tuple) and isinstance(dumped, list):
        return [_in_order(one, other) for one, other in zip(value, dumped, strict=True)]
    return dumped


def _without_empty(tree: object) -> object:
    """Drop what is None, "", [] or {} from mappings, at every depth; never False or 0."""
    if isinstance(tree, Mapping):
        pruned = {key: _without_empty(value) for key, value in tree.items()}
        return {key: value for key, value in pruned.items() if value is not None and value not in ("", [], {})}
    return [_without_empty(item) for item in tree] if isinstance(tree, list) else tree
