"""Results of one målepunkt against its baseline, per kommune, group and in all; judges no criterion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..civil.calendar import WorkingCalendar
from ..civil.danish import join_and
from ..definition.document.measuring import Measure
from .anonymity import LEAST, Hidden, hide
from .figures import HOW, Figure, answers, change_text, figure, figure_text
from .values import Registration
from .windows import MeasuredWindow, WindowState, unlike, unlike_instruments

FEW = f"færre end {['nul', 'én', 'to', 'tre', 'fire', 'fem'][LEAST]} svar"
SHIELDED = "vises ikke"


@dataclass(frozen=True, slots=True)
class Shown:
    """What one window says in one place, as it may be shown: numbers are None where they are hidden or not there."""

    evaluation: str
    title: str
    state: WindowState
    amount: float | None
    yes: int | None
    n: int | None
    hidden: bool
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A later window beside the baseline: its change, whether that is better, and why the two may not be alike."""

    shown: Shown
    change: float | None
    is_better: bool | None
    text: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One place: a kommune (None: all of them) and a group ("": all of them)."""

    kommune: str | None
    group: str
    baseline: Shown | None
    later: tuple[Compared, ...]


@dataclass(frozen=True, slots=True)
class MeasureResult:
    """One målepunkt: the programme as a whole in ``total``, kommuner and groups in ``lines``; ``how`` it adds up."""

    key: str
    title: str
    unit: str
    better: str
    anonymous: bool
    how: str
    total: Line
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Material:
    """What results are made of: standing rows of measures, the windows, the kommuner that take part (code -> name)."""

    rows: Sequence[Registration]
    windows: Sequence[MeasuredWindow]
    kommuner: Mapping[str, str]
    calendar: WorkingCalendar
    matches: Mapping[str, str]

    def of(self, key: str, measure: Measure) -> dict[str, list[Registration]]:
        """Sort the rows of a measure by evaluation; what kommuner that have left answered is not counted."""
        where = {window.instance_id: window.evaluation for window in self.windows}
        out: dict[str, list[Registration]] = {name: [] for name in self.order(measure)}
        for row in self.rows:
            name = row.period or where.get(row.instance_id)
            if row.key == key and name in out and (row.kommune is None or row.kommune in self.kommuner):
                out[name].append(row)
        return out

    def order(self, measure: Measure) -> tuple[str, ...]:
        """List the evaluations of a measure: what the others match first, then by their first day."""
        known = {window.evaluation for window in self.windows}
        wanted = [name for name in measure.evaluations if name in known] if measure.evaluations else sorted(known)
        first = {name: min(self._starts(name), default=date.max) for name in wanted}
        return tuple(sorted(wanted, key=lambda name: (name not in self.matches.values(), first[name], name)))

    def state(self, evaluation: str) -> WindowState:
        """Say how far an evaluation has come in all of its places: closed when all are, open when one is."""
        states = {one.state for one in self.windows if one.evaluation == evaluation} - {WindowState.CALLED_OFF}
        if not states:
            return WindowState.CALLED_OFF
        if states == {WindowState.CLOSED}:
            return WindowState.CLOSED
        return WindowState.AHEAD if states == {WindowState.AHEAD} else WindowState.OPEN

    def title(self, evaluation: str) -> str:
        """Name an evaluation."""
        return next(one.title for one in self.windows if one.evaluation == evaluation)

    def window(self, evaluation: str, kommune: str | None) -> MeasuredWindow | None:
        """Find the window of an evaluation in a kommune: its own, or the one for all."""
        found = [one for one in self.windows if one.evaluation == evaluation and one.kommune in (kommune, None)]
        return found[0] if found else None

    def _starts(self, evaluation: str) -> list[date]:
        return [one.start for one in self.windows if one.evaluation == evaluation and one.start is not None]


def result(key: str, measure: Measure, material: Material) -> MeasureResult:
    """Set one measure's windows beside its baseline, everywhere.

    Nothing that must be hidden is in the answer, in any form; while an anonymous window is open, only how many have
    answered is told, so that nobody can look before and after an answer.
    """
    return _Table(key, measure, material).result()


class _Table:
    """One measure being laid out: its rows by evaluation, and what of them is hidden."""

    def __init__(self, key: str, measure: Measure, material: Material) -> None:
        self.key, self.measure, self.material = key, measure, material
        self.rows = material.of(key, measure)
        is_shielded = measure.anonymous and measure.unit != "boolean"
        self.hidden = {name: hide(sizes(rows)) if is_shielded else Hidden() for name, rows in self.rows.items()}
        self.is_shielded = is_shielded

    def result(self) -> MeasureResult:
        cells = sorted({_cell(row) for rows in self.rows.values() for row in rows})
        kommuner = list(dict.fromkeys(kommune for kommune, _ in cells if kommune))
        lines = []
        for kommune in sorted(kommuner, key=lambda code: self.material.kommuner[code]):
            groups = [group for code, group in cells if code == kommune]
            lines.append(self._line(kommune, ""))
            lines += [self._line(kommune, group) for group in groups if group and len(groups) > 1]
        measure = self.measure
        how = HOW[measure.unit]
        return MeasureResult(
            self.key,
            measure.title,
            measure.unit,
            measure.better,
            measure.anonymous,
            how,
            self._line(None, ""),
            tuple(lines),
        )

    def _line(self, kommune: str | None, group: str) -> Line:
        names = list(self.rows)
        figures = {name: figure(self.measure, self._at(name, kommune, group)) for name in names}
        shown = {name: self._shown(name, kommune, group, figures[name]) for name in names}
        later = [self._compared(names[0], name, kommune, group, figures, shown) for name in names[1:]]
        return Line(kommune, group, shown[names[0]] if names else None, tuple(later))

    def _at(self, name: str, kommune: str | None, group: str) -> list[Registration]:
        return [row for row in self.rows[name] if kommune in (None, row.kommune) and (not group or row.group == group)]

    def _state(self, name: str, kommune: str | None) -> WindowState:
        window = self.material.window(name, kommune) if kommune else None
        return window.state if window else self.material.state(name)

    def _is_hidden(self, name: str, kommune: str | None, group: str) -> bool:
        hidden = self.hidden[name]
        if kommune is None:
            return hidden.total
        return (kommune, group) in hidden.cells if group else kommune in hidden.kommuner

    def _shown(self, name: str, kommune: str | None, group: str, found: Figure | None) -> Shown:
        state, title = self._state(name, kommune), self.material.title(name)
        if found is None:
            return Shown(name, title, state, None, None, None, False, "")
        if self._is_hidden(name, kommune, group):
            return Shown(name, title, state, None, None, None, True, FEW if found.n < LEAST else SHIELDED)
        if self.is_shielded and state is WindowState.OPEN:
            return Shown(name, title, state, None, None, found.n, True, f"{found.n} svar indtil nu")
        text = figure_text(self.measure, found)
        return Shown(name, title, state, float(found.amount), found.yes, found.n, False, text)

    def _compared(
        self,
        base: str,
        name: str,
        kommune: str | None,
        group: str,
        figures: Mapping[str, Figure | None],
        shown: Mapping[str, Shown],
    ) -> Compared:
        before, after = figures[base], figures[name]
        if before is None or after is None or shown[base].hidden or shown[name].hidden:
            return Compared(shown[name], None, None, "", ())
        change = after.amount - before.amount
        is_better = None if change == 0 else (change > 0) == (self.measure.better == "higher")
        notes = self._notes(base, name, kommune, group)
        if shown[name].state is not WindowState.CLOSED:
            notes = (f"»{shown[name].title}« er ikke lukket endnu.", *notes)
        text = change_text(change, self.measure.unit, is_better)
        return Compared(shown[name], float(change), is_better, text, notes)

    def _notes(self, base: str, name: str, kommune: str | None, group: str) -> tuple[str, ...]:
        """Say why two windows may not be alike, here or, for all of them, in which kommuner."""
        rows = [self._at(one, kommune, group) for one in (base, name)]
        out: dict[str, list[str]] = {}
        for code in sorted({row.kommune or "" for found in rows for row in found}):
            windows = [self.material.window(one, code or None) for one in (base, name)]
            if windows[0] is not None and windows[1] is not None:
                for note in unlike(windows[0], windows[1], self.material.calendar):
                    out.setdefault(note, []).append(self.material.kommuner.get(code, ""))
        told = [_placed(note, places, kommune) for note, places in out.items()]
        told += unlike_instruments(*({row.instrument for row in found} for found in rows))
        return (*told, *self._others(rows, kommune, group))

    def _others(self, rows: Sequence[Sequence[Registration]], kommune: str | None, group: str) -> list[str]:
        """Say that it is not the same kommuner, or groups, that have answered."""
        if group:
            return []
        kinds = [{_name(row, kommune, self.material.kommuner) for row in found} for found in rows]
        odd = sorted(kinds[0] ^ kinds[1])
        what = "kommuner" if kommune is None else "grupper"
        return [f"Det er ikke de samme {what}, der har svaret begge gange: {join_and(odd)}."] if odd else []


def sizes(rows: Iterable[Registration]) -> dict[tuple[str, str], int]:
    """Count the answers of each cell: (kommune, group) -> answers."""
    out: dict[tuple[str, str], int] = {}
    for row in rows:
        out[_cell(row)] = out.get(_cell(row), 0) + answers(row)
    return out


def _cell(row: Registration) -> tuple[str, str]:
    return row.kommune or "", row.group


def _name(row: Registration, kommune: str | None, names: Mapping[str, str]) -> str:
    if kommune is None:
        return names[row.kommune] if row.kommune else "uden kommune"
    return row.group or "uden gruppe"


def _placed(note: str, places: Sequence[str], kommune: str | None) -> str:
    """Put the kommuner before a note about all of them."""
    named = [place for place in places if place]
    return f"{join_and(named)}: {note}" if kommune is None and named else note
