"""A whole workflow: a programme document with the machines of the parts it uses, checked, canonical and hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property

from .assembling.bodies import roles_of_bodies
from .assembling.faser import with_phase_reminders, with_phases
from .assembling.features import belongs, with_features
from .assembling.gating import with_gate_strengths
from .assembling.parameters import asked_for, with_gate_values, with_values
from .base import Key, Model, Name, Share
from .document.items import Role
from .machine import Machine
from .programme import Programme, Shared, TextDef
from .reminding.reminders import FIELD_ANCHOR, MONTHLY, Reminder

RESPONSIBLE, PARTICIPANTS = "ansvarlig", "deltagere"
"""Roles that an activity fills: its facilitator (else its level's ``responsible``), and its ``who``."""

OWN_ANCHORS = frozenset({"entered", "planned_start", "planned_end", "last_day", MONTHLY})
"""Anchors of reminders that mean the instance itself."""


def is_own_anchor(anchor: str) -> bool:
    """Tell whether an anchor is a day of the instance itself, a field of its data among them; else the programme's."""
    return anchor in OWN_ANCHORS or anchor.startswith(FIELD_ANCHOR)


def canonical_text(model: Model) -> str:
    """Give the canonical JSON of a model: its fields by name, empty values left out.

    What an author named (regions, moves, items of a checklist) stays in the author's order, which people see.
    A field that a later version adds must be empty by default (None, "", [] or {}), so that it changes no hash.
    """
    tree = _canonical(model, model.model_dump(mode="json", by_alias=True))
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
    parameters: dict[Name, Share] = {}

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

    def person_title(self, role: str) -> str:
        """Say what one person with a role is: its ``person_title``, a member of a body, else the role's own name."""
        found = self.roles.get(role)
        plain = (found.called if found else "") or role.replace("_", " ")
        if found and found.person_title:
            return found.person_title
        return f"medlem af {plain}" if role in self.programme.bodies else plain


def assemble(programme: Programme, parts: Iterable[Part]) -> Workflow:
    """Put a document and its parts together; the document's own reminders, texts and roles win.

    The region marked ``phase`` is repeated once for each fase, as ``fase_<name>``: on the programme for its own, on
    the kommune for those of ``level: kommune``. What is ``only_with`` something that the document lacks is left out. A
    body is a role too, so that people can be assigned to it: one whose members are roles stands for them. Shares that
    are written as the name of a parameter get its value (the programme's, else the part's); ``parameters`` keeps those
    that somebody asks for.
    """
    programme = with_gate_strengths(programme)
    machines: dict[str, Machine] = {}
    reminders: dict[str, Reminder] = {}
    texts: dict[str, TextDef] = {}
    roles: dict[str, Role] = {}
    kinds: dict[str, str] = {}
    offered: dict[str, float] = {}
    for part in parts:
        offered.update(part.parameters)
        machines.update(part.machines)
        reminders.update(part.reminders)
        texts.update(part.texts)
        roles.update(part.roles)
        kinds.update(part.activity_kinds)
    machines = {name: with_features(with_phases(one, programme), name, programme) for name, one in machines.items()}
    found = {name: one for name, one in {**reminders, **programme.reminders}.items() if belongs(one, programme)}
    values = {**offered, **programme.parameters}
    asked = asked_for(machines, programme)
    if asked & values.keys():
        machines = {name: with_values(machine, values) for name, machine in machines.items()}
        programme = with_gate_values(programme, values)
    return Workflow(
        programme=programme,
        machines=machines,
        reminders=with_phase_reminders(found, programme),
        texts={**texts, **programme.texts},
        roles={**roles_of_bodies(programme, {*roles, *programme.roles}), **roles, **programme.roles},
        activity_kinds={**kinds, **programme.activity_kinds},
        parameters={name: value for name, value in values.items() if name in asked or name in offered},
    )


def _canonical(value: object, dumped: object) -> object:
    """Sort the fields of models, whose order is the code's; keep the order of mappings, which is the author's.

    Both lose what is None, "", [] or {}, but never False or 0.
    """
    if isinstance(dumped, dict):
        fields = _fields(value) if isinstance(value, Model) else _items(value, dumped)
        # Most fields of most models are empty, and are not looked into.
        return {
            key: kept
            for key, one in fields
            if not _is_empty(written := dumped[key]) and not _is_empty(kept := _canonical(one, written))
        }
    if isinstance(dumped, list):
        items = value if isinstance(value, tuple) else dumped
        return [_canonical(one, other) for one, other in zip(items, dumped, strict=True)]
    return dumped


def _fields(model: Model) -> Iterator[tuple[str, object]]:
    return ((key, getattr(model, name)) for key, name in _names(type(model)))


def _items(value: object, dumped: Mapping[str, object]) -> Iterable[tuple[str, object]]:
    return value.items() if isinstance(value, Mapping) else dumped.items()


@cache
def _names(model: type[Model]) -> tuple[tuple[str, str], ...]:
    """Pair the names of a model's fields in the document with those in the code, sorted."""
    return tuple(sorted((field.serialization_alias or name, name) for name, field in model.model_fields.items()))


def _is_empty(value: object) -> bool:
    return not value and not isinstance(value, int | float)
