"""Examines what was registered about an instance: an unbroken chain, of the right family; judges no number."""

from __future__ import annotations

from collections.abc import Iterator

from ...storage import verify_registrations
from .case import Case, Finding


def registration_findings(case: Case) -> Iterator[Finding]:
    """Check that no registration was changed or taken out, and that each belongs where it stands."""
    rows, view = case.registrations, case.instance
    if (bad := verify_registrations(rows)) is not None:
        yield case.found("registration_edited", f"registration {bad} does not follow from the ones before it")
    known = {one.registration.id for one in rows}
    for one in rows:
        row = one.registration
        if row.programme_id != view.programme_id or (view.kommune and row.kommune != view.kommune):
            yield case.found("registration_astray", f"registration {row.id} is of another programme or kommune")
        if row.corrects is not None and row.corrects not in known:
            yield case.found("registration_astray", f"registration {row.id} corrects one of another instance")
