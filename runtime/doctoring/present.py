"""Examines where an instance stands: a legal place, in its family, with a way on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...engine.compiled import Compiled
from ...engine.values import Position
from ...engine.values.kept import PAUSED
from ...engine.values.names import KOMMUNE, PROGRAMME
from ...storage.doctoring.examining import ParentView
from .case import Case, Finding


def family_findings(case: Case) -> Iterator[Finding]:
    """Check that programme, kommune and workflow agree with the parent's, and that the parent's history knows it."""
    view, parent = case.instance, case.kin.parent
    if view.parent_id is None:
        if view.kind != PROGRAMME or view.programme_id != view.id:
            yield case.found("family_wrong", f"it has no parent, but is no programme of its own ({view.programme_id})")
        return
    if parent is None:
        yield case.found("family_wrong", f"its parent {view.parent_id} is not there")
        return
    if view.programme_id != parent.programme_id:
        yield case.found(
            "family_wrong", f"it belongs to programme {view.programme_id}, its parent to {parent.programme_id}"
        )
    kommune = view.key if view.kind == KOMMUNE else parent.kommune
    if view.kommune != kommune:
        yield case.found("family_wrong", f"it belongs to kommune {view.kommune}, but should to {kommune}")
    if view.workflow_hash != parent.workflow_hash:
        pins = f"{view.workflow_hash[:12]}, its parent on {parent.workflow_hash[:12]}"
        yield case.found("workflow_changed", f"it runs on workflow {pins}")
    if not case.kin.is_birth_recorded:
        at = view.created_at.isoformat()
        yield case.found("birth_unrecorded", f"history of its parent {view.parent_id} has no row of {at}")


def pause_findings(case: Case, compiled: Compiled) -> Iterator[Finding]:
    """Check that it stands still by the pauses of its parent and by no others, but for one of its own."""
    view, parent = case.instance, case.kin.parent
    if parent is None:
        return
    above, here = (data if isinstance(data := one.data.get(PAUSED), Mapping) else {} for one in (parent, view))
    for kind in sorted(above):
        if here.get(kind) != above[kind]:
            yield case.found(
                "pause_wrong", f"its parent {view.parent_id} is paused at its {kind}, and it is not, or otherwise"
            )
    mine = {view.kind} | ({parent.kind} if _rests(parent, compiled) else set())
    for kind in sorted(here.keys() - above.keys() - mine):
        yield case.found("pause_wrong", f"it is paused at its {kind}, and its parent {view.parent_id} is not")


def _rests(one: ParentView, compiled: Compiled) -> bool:
    """Tell whether an instance is put away in a state that lets what is below it stand still."""
    machine = compiled.workflow.machines.get(one.kind)
    regions = machine.regions.items() if machine else ()
    return any(found.rests for name, region in regions if (found := region.states.get(one.position.get(name, ""))))


def owner_findings(case: Case) -> Iterator[Finding]:
    """Check that history, timers and mails name the instance's own programme and kommune."""
    view = case.instance
    own = (view.programme_id, view.kommune)
    for row in case.rows:
        if (row.programme_id, row.kommune) != own:
            theirs = f"programme {row.programme_id}, kommune {row.kommune}"
            yield case.found("family_wrong", f"row {row.seq} of its history belongs to {theirs}")
            break
    for timer in case.timers:
        if timer.kommune != view.kommune:
            yield case.found("family_wrong", f"timer {timer.timer.key} belongs to kommune {timer.kommune}")
    for mail in case.mails:
        if (mail.programme_id, mail.kommune) != own:
            theirs = f"programme {mail.programme_id}, kommune {mail.kommune}"
            yield case.found("family_wrong", f"mail {mail.id} belongs to {theirs}")


def position_findings(case: Case, compiled: Compiled) -> Iterator[Finding]:
    """Check that the regions are the machine's, and that each stands in one of its states."""
    view = case.instance
    machine = compiled.workflow.machines.get(view.kind)
    if machine is None:
        yield case.found("illegal_position", f"its workflow has no machine for a {view.kind}")
        return
    if view.position.keys() != machine.regions.keys() or view.entered.keys() != machine.regions.keys():
        has, should = sorted(view.position), sorted(machine.regions)
        yield case.found("illegal_position", f"it has the regions {has}, its machine has {should}")
        return
    for name, region in machine.regions.items():
        state = view.position[name]
        if state not in region.states:
            known = ", ".join(region.states)
            yield case.found("illegal_position", f"{name} stands in {state!r}, which is none of {known}")


def stuck_findings(case: Case, compiled: Compiled) -> Iterator[Finding]:
    """Check that it is done, or can be moved by somebody, by a timer, or by what its children may still do."""
    view = case.instance
    if compiled.is_done(view.kind, view.position) or _has_option(compiled, view.kind, view.position):
        return
    if any(timer.timer.status == "armed" for timer in case.timers):
        return
    if any(not compiled.is_done(kind, position) for kind, position in case.children()):
        return
    yield case.found("stuck", f"it stands as {dict(view.position)} with no event, no armed timer and no open child")


def _has_option(compiled: Compiled, kind: str, position: Position) -> bool:
    """Tell whether an event leads on from here, whatever its requirements say; a note that may be written does not."""
    events = (compiled.firings(kind, name) for name in compiled.machine(kind).events)
    return any(
        any(firing.move.dest or firing.move.births for firing in firings)
        and all(
            compiled.topology(kind, firing.region).may_fire(firing.name, position[firing.region]) for firing in firings
        )
        for firings in events
    )
