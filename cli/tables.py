"""The tables that several commands show: history, mails and dated activities; knows no use case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.civil.danish import plural
from .output import Paper

if TYPE_CHECKING:
    from ..runtime.measuring.views import Registered
    from ..runtime.views import Sheet
    from ..runtime.views.board import DatedRow
    from ..runtime.views.story import MovedRow, StoryRow
    from ..runtime.views.upcoming import MailRow


def told(paper: Paper, rows: tuple[StoryRow, ...], *, titles: dict[int, str] | None = None) -> bool:
    """Write rows of history as a table."""
    from ..runtime.views import moment_text

    def what(row: StoryRow) -> str:
        lines = [f"{titles[row.instance_id]}: {row.what}" if titles else row.what]
        lines += [f"{name}: {value}" for name, value in row.changed.items()]
        lines += [f"Begrundelse: {row.reason}"] if row.reason else []
        lines += [f"TILSIDESAT: {row.overridden_text}"] if row.overridden else []
        lines += [f"Retter nr. {row.corrects}"] if row.corrects else []
        by_system = f"TAGET TILBAGE af systemet (nr. {row.corrected_by})"
        by = by_system if row.taken_back_by_system else f"RETTET af nr. {row.corrected_by}"
        lines += [by] if row.corrected_by else []
        lines += [f"Registreret {plural(row.days_late, 'dag', 'dage')} senere"] if row.days_late > 0 else []
        return "\n".join(lines)

    def times(row: StoryRow) -> str:
        happened, recorded = moment_text(row.happened_at), moment_text(row.recorded_at)
        return happened if happened == recorded else f"{happened}\n({recorded})"

    return paper.table(
        ("Nr.", "Skete (registreret)", "Hvem", "Hvad"),
        ((row.seq, times(row), row.actor_name, what(row)) for row in rows),
        narrow=("Nr.", "Skete (registreret)"),
    )


def mails(paper: Paper, rows: tuple[MailRow, ...]) -> bool:
    """Write mails as a table."""
    from ..runtime.views import moment_text

    def state(row: MailRow) -> str:
        to = f" til {', '.join(row.sent_to)}" if row.sent_to else ""
        told = row.waits or row.note or row.last_error
        gap = "; " if row.waits and any(one.status == "sent" for one in row.letters) else ": "
        return f"{row.status_title}{to}" + (f"{gap}{told}" if told else "")

    return paper.table(
        ("Nr.", "Lagt i kø", "Mail", "Om", "Til", "Tilstand"),
        (
            (
                row.id,
                moment_text(row.queued_at),
                row.why if row.why.casefold() == row.intent_title else f"{row.why} ({row.intent_title})",
                where(row),
                row.role_title,
                state(row),
            )
            for row in rows
        ),
        narrow=("Nr.",),
    )


def moved(paper: Paper, rows: tuple[MovedRow, ...]) -> bool:
    """Write what was moved, from which days to which, and why; nothing where nothing was."""
    if not rows:
        return False
    paper.heading("Nye datoer")
    none = "ingen dag"
    told = ((one.id, where(one), one.was or none, one.now or none, one.reason or "") for one in rows)
    return paper.table(("Nr.", "Hvad", "Før", "Nu", "Hvorfor"), told, narrow=("Nr.",))


def dated(paper: Paper, rows: tuple[DatedRow, ...], *, is_late: bool = False) -> None:
    """Write activities with their days."""

    def days(count: int) -> str:
        return f"{-count} dage" if is_late and count != -1 else "1 dag" if is_late else ""

    def row(one: DatedRow) -> tuple[object, ...]:
        when = f"{one.when}\nUSIKKER: {one.uncertain}" if one.uncertain else one.when
        return one.id, when, *about(one), one.state_title, *((days(one.days),) if is_late else ())

    headers = ("Nr.", "Hvornår", "Hvad", "Kommune", "Tilstand", *(("For sent",) if is_late else ()))
    paper.table(headers, (row(one) for one in rows), narrow=("Nr.", "For sent"))


def measured(paper: Paper, one: Sheet) -> None:
    """Write what an evaluation measures, and what was registered."""
    from ..runtime.views import moment_text, value_text

    if one.measures:
        paper.heading("Målepunkter")
        headers = ("Nøgle", "Målepunkt", "Hvad", "Grupper", "Hvordan")
        rows = ((m.key, m.title, m.unit_title, ", ".join(m.groups), m.instrument) for m in one.measures)
        paper.table(headers, rows, narrow=("Nøgle",))
    if not one.registrations:
        return

    def told(row: Registered) -> str:
        lines = [row.text, row.note, f"Begrundelse: {row.reason}" if row.reason else ""]
        lines += [f"Retter nr. {row.corrects}"] if row.corrects else []
        lines += [f"RETTET af nr. {row.corrected_by}"] if row.corrected_by else []
        return "\n".join(filter(None, lines))

    paper.heading("Registreringer")
    paper.table(
        ("Nr.", "Af hvilken dag (registreret)", "Hvem", "Hvad", "Gruppe", "Svar"),
        (
            (
                row.id,
                f"{value_text(row.happened_on.isoformat())}\n({moment_text(row.recorded_at)})",
                row.actor_name,
                ", ".join(filter(None, (row.title, {"foer": "før", "efter": "efter"}.get(row.period)))),
                row.group,
                told(row),
            )
            for row in one.registrations
        ),
        narrow=("Nr.",),
    )


def rest(paper: Paper, count: int, command: str) -> None:
    """Say how much was left out, and what shows it."""
    if count > 0:
        paper.line(f"... og {count} til: {command}")


def where(row: MailRow | MovedRow) -> str:
    """Name what a row is about, with its kommune where that is not the thing itself."""
    return ", ".join(filter(None, about(row)))


def about(one: object) -> tuple[str, str]:
    """Give what a row is about, and in which kommune where that is not the thing itself."""
    title, name = str(getattr(one, "title", "")), getattr(one, "kommune_name", None) or ""
    return title, "" if name == title else name
