"""Examines what belongs to no single instance: the database itself, the published workflows, the clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from ...engine.civil.calendar import WorkingCalendar
from ...engine.compiled import Compiled
from ...engine.definition import Workflow
from ...engine.definition.workflow import hash_of
from ...engine.errors import StorageError
from ...storage import Examination, Reader, misfits
from .case import GRACE, UNREADABLE, Finding, found
from .past import JITTER


def database_findings(examination: Examination) -> Iterator[Finding]:
    """Let the database examine itself: pages and indexes, and references that lead nowhere."""
    try:
        yield from (found("database_damaged", None, line) for line in examination.complaints())
    except StorageError as error:
        yield found("database_damaged", None, str(error))


def workflow_findings(
    examination: Examination, calendar: WorkingCalendar, into: dict[str, Compiled]
) -> Iterator[Finding]:
    """Check that each document is what its pin says and can still be run; those that can are put ``into`` a mapping."""
    for row in examination.workflows():
        name = f"workflow {row.key}@{row.version} ({row.hash[:12]})"
        if hash_of(row.document) != row.hash:
            yield found("workflow_edited", None, f"{name} has the document of {hash_of(row.document)[:12]}")
        try:
            workflow = Workflow.model_validate_json(row.document)
            into[row.hash] = Compiled(workflow, calendar)
        except UNREADABLE as error:
            said = str(error).splitlines()[0]
            yield found("workflow_unreadable", None, f"{name} cannot be read ({type(error).__name__}: {said})")
            continue
        if (workflow.key, workflow.programme.version, workflow.hash) != (row.key, row.version, row.hash):
            pin = f"{workflow.key}@{workflow.programme.version} ({workflow.hash[:12]})"
            yield found("workflow_edited", None, f"{name} reads as {pin}")


def heartbeat_of(reader: Reader) -> tuple[datetime | None, list[Finding]]:
    """Read when the ticker was last alive, and tell where that cannot be read."""
    try:
        return reader.heartbeat, []
    except ValueError as error:
        return None, [found("unreadable", None, f"the heartbeat cannot be read ({error})")]


def letter_findings(reader: Reader, now: datetime) -> Iterator[Finding]:
    """Check that mails and letters fit together, and that nothing waits that nobody will look at."""
    try:
        for misfit in misfits(reader.connection, now - GRACE):
            what = "letter" if misfit.code.startswith("letter") else "mail"
            yield found(misfit.code, misfit.instance_id, f"{what} {misfit.number} {_MISFITS[misfit.code]}")
    except StorageError as error:
        yield found("unreadable", None, str(error))


_MISFITS: Mapping[str, str] = MappingProxyType(
    {
        "mail_unposted": "is marked sent, but stands in no letter that was sent",
        "mail_forgotten": "is to be in a letter that has not gone yet, but is in none",
        "letter_unproven": "is marked sent, but nothing shows that a mail server took it",
        "letter_left": "has come to its end, but something still waits in it",
        "letter_waiting": "is due for over an hour, and nobody has it in hand",
    }
)


def clock_findings(due: datetime | None, beat: datetime | None, now: datetime) -> Iterator[Finding]:
    """Check that the clock runs: nothing is due long since the last tick, and no tick lies in the future."""
    if beat is not None and beat > now + JITTER:
        yield found("clock_ahead", None, f"the last tick was at {beat.isoformat()}, and it is only {now.isoformat()}")
    if due is not None and due + GRACE < now and (beat is None or beat + GRACE < now):
        last = "never" if beat is None else f"at {beat.isoformat()}"
        yield found("clock_stopped", None, f"a timer is due since {due.isoformat()}, and the ticker last ran {last}")
