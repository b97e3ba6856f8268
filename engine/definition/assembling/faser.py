"""Repeats the regions and reminders that parts write once for every fase of the programme; plans no fase."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ...values import Strength
from ...values.names import PHASE_REGION
from ..document.items import Phase
from ..machine import Machine, Move, Region
from ..needs import OwnNeed
from ..reminding.reminders import LAST_FASE, Reminder

if TYPE_CHECKING:
    from ..programme import Programme


def with_phases(machine: Machine, programme: Programme) -> Machine:
    """Repeat a machine's phase region for each fase of its level, as ``fase_<name>``."""
    templates = [region for region in machine.regions.values() if region.phase]
    if not templates:
        return machine
    regions = {name: region for name, region in machine.regions.items() if not region.phase}
    before: Phase | None = None
    former = ""
    for name, phase in phases_of(programme, of_kommune=machine.parent is not None):
        title = {"title": phase.title, "phase": False}
        for template in templates:
            region = template.model_copy(update=title)
            if before is not None and not _may_overlap((former, before), (name, phase)):
                region = _after(region, f"{PHASE_REGION}{former}")
            regions[f"{PHASE_REGION}{name}"] = region
        if machine.parent is not None:
            former, before = name, phase
    fields = {name: getattr(machine, name) for name in Machine.model_fields}
    return Machine(**{**fields, "regions": regions})


def with_phase_reminders(reminders: Mapping[str, Reminder], programme: Programme) -> dict[str, Reminder]:
    """Repeat the reminders that speak of ``fase`` for each fase: ``fase.venter`` becomes ``fase_f1.venter``.

    What waits for the programme's last fase is given that one's name; where there are no faser, it waits for none.
    """
    out: dict[str, Reminder] = {}
    last = next(reversed(programme.faser), None)
    for name, written in reminders.items():
        is_last = written.not_before == LAST_FASE
        reminder = written.model_copy(update={"not_before": last}) if is_last else written
        if not any(place.startswith("fase.") for place in reminder.during):
            out[name] = reminder
            continue
        for fase, _ in phases_of(programme, of_kommune=reminder.on != "programme"):
            region = f"{PHASE_REGION}{fase}"
            during = tuple(f"{region}.{place.removeprefix('fase.')}" for place in reminder.during)
            fires = reminder.fires and reminder.fires.replace("fase.", f"{region}.", 1)
            own = {"fase": fase, "end_of_fase": f"end_of_{fase}"}
            days = {"anchor": own.get(reminder.anchor, reminder.anchor)}
            if reminder.not_before is not None:
                days["not_before"] = own.get(reminder.not_before, reminder.not_before)
            out[f"{name}_{fase}"] = reminder.model_copy(update={"during": during, "fires": fires, **days})
    return out


def phases_of(programme: Programme, *, of_kommune: bool) -> Iterator[tuple[str, Phase]]:
    """Give the faser that each kommune goes through at its own pace, or those of the programme, in their order."""
    for name, phase in programme.faser.items():
        if (phase.level == "kommune") == of_kommune:
            yield name, phase


def _may_overlap(one: tuple[str, Phase], other: tuple[str, Phase]) -> bool:
    return one[0] in other[1].overlaps_with or other[0] in one[1].overlaps_with


def _after(region: Region, former: str) -> Region:
    """Let a fase of a kommune follow the one before it, softly: its gated moves ask that that one has ended."""
    ends = [name for name, state in region.states.items() if state.final]
    need = OwnNeed.model_validate({"region": former, "in": ends, "strength": Strength.SOFT})
    moves: dict[str, Move] = {
        name: move.model_copy(update={"needs": (*move.needs, need)}) if move.gated else move
        for name, move in region.moves.items()
    }
    return region.model_copy(update={"moves": moves})
