"""Whether each success criterion is met: computed where there are numbers, else as people judged; stores none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from operator import eq, ge, gt, le, lt

from ..civil.danish import join_and, number, short_date
from ..definition.document.measuring import Criterion, Measure, Target
from .anonymity import LEAST, hide
from .figures import Figure, amount_text, exact, figure, figure_text
from .results import Material, sizes
from .values import Registration
from .windows import WindowState


class Status(StrEnum):
    """What is known of a criterion."""

    MET = "moedt"
    NOT_MET = "ikke_moedt"
    TOO_EARLY = "for_tidligt"
    NOT_MEASURED = "ikke_maalt"


STATUS_TITLES: Mapping[Status, str] = {
    Status.MET: "Mødt",
    Status.NOT_MET: "Ikke mødt",
    Status.TOO_EARLY: "For tidligt",
    Status.NOT_MEASURED: "Ikke målt",
}

_OPS = {">=": ge, ">": gt, "<=": le, "<": lt, "==": eq}
_WORDS = {">=": "mindst", ">": "over", "<=": "højst", "<": "under", "==": "præcis"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One criterion (or its part in a kommune and group) with its status and the sentence that says why."""

    key: str
    title: str
    status: Status
    text: str
    kommune: str | None = None
    group: str = ""
    parts: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What people registered about criteria: verdicts and targets that stand, and names of those who did (id -> name).

    ``is_over``: the programme has ended, so that what nobody judged no longer waits.
    """

    verdicts: Sequence[Registration]
    targets: Sequence[Registration]
    who: Mapping[str, str]
    is_over: bool


def answer(
    key: str, criterion: Criterion, measures: Mapping[str, Measure], material: Material, judged: Judged
) -> Answer:
    """Say how one criterion stands; one that each kommune has for itself is met when all of them meet theirs."""
    measure = measures.get(criterion.measure or "")
    if measure is not None and (criterion.target is not None or criterion.own_targets):
        return _Counted(key, criterion, measure, material, judged).answer()
    return _Said(key, criterion, material, judged).answer()


class _Counted:
    """A criterion that is computed from a measure."""

    def __init__(self, key: str, criterion: Criterion, measure: Measure, material: Material, judged: Judged) -> None:
        self.key, self.criterion, self.measure = key, criterion, measure
        self.material, self.judged = material, judged
        rows = material.of(criterion.measure or "", measure)
        order = [name for name in material.order(measure) if material.state(name) is not WindowState.CALLED_OFF]
        self.evaluation = criterion.measured_by or (order[-1] if order else "")
        self.rows = rows.get(self.evaluation, [])

    def answer(self) -> Answer:
        criterion = self.criterion
        if criterion.own_targets:
            return _together(self.key, criterion, self._own(), self.material)
        assert criterion.target is not None
        if criterion.per_site:
            places = [(code, criterion.group, criterion.target) for code in self.material.kommuner]
            return _together(self.key, criterion, [self._at(*place) for place in places], self.material)
        return self._at(None, criterion.group, criterion.target)

    def _own(self) -> list[Answer]:
        """Hold every kommune to its own targets, the newest of each group; to the common one where it has set none."""
        newest = {(row.kommune or "", row.group): row for row in self.judged.targets if row.key == self.key}
        out = []
        for code in self.material.kommuner:
            own = [(group, row) for (kommune, group), row in newest.items() if kommune == code]
            out += [self._at(code, group, self._target(row)) for group, row in own]
            if not own and self.criterion.target is not None:
                out.append(self._at(code, self.criterion.group, self.criterion.target))
            elif not own:
                status = Status.NOT_MEASURED if self.judged.is_over else Status.TOO_EARLY
                out.append(self._answer(status, "Kommunen har ikke sat sit mål endnu.", code, ""))
        return out

    def _target(self, row: Registration) -> Target:
        common = self.criterion.target
        op = common.op if common else ">=" if self.measure.better == "higher" else "<="
        return Target(
            op=op, value=row.value or 0.0, unit="pct" if self.measure.unit == "boolean" else self.measure.unit
        )

    def _at(self, kommune: str | None, group: str, target: Target) -> Answer:
        state = self._state(kommune)
        rows = [row for row in self.rows if kommune in (None, row.kommune) and (not group or row.group == group)]
        wanted = _stopped(f"Målet er {_WORDS[target.op]} {amount_text(exact(target.value), self.measure.unit)}")
        if state in (WindowState.AHEAD, WindowState.OPEN):
            return self._answer(Status.TOO_EARLY, f"{self._waiting(kommune, state)} {wanted}", kommune, group)
        found = figure(self.measure, rows)
        if found is None:
            return self._answer(Status.NOT_MEASURED, f"Ingen har svaret. {wanted}", kommune, group)
        if self._is_hidden(kommune, group):
            few = "Der er så få svar, at tallet ikke må vises."
            return self._answer(Status.NOT_MEASURED, f"{few} {wanted}", kommune, group)
        aim = exact(target.value)
        status = Status.MET if _OPS[target.op](found.amount, aim) else Status.NOT_MET
        text = f"{_stopped(self._figure(found, aim))} {wanted}{self._turnout(found, kommune, group)}"
        return self._answer(status, text, kommune, group)

    def _answer(self, status: Status, text: str, kommune: str | None, group: str) -> Answer:
        return Answer(self.key, self.criterion.title, status, text, kommune, group)

    def _state(self, kommune: str | None) -> WindowState:
        window = self.material.window(self.evaluation, kommune) if kommune else None
        return window.state if window else self.material.state(self.evaluation)

    def _waiting(self, kommune: str | None, state: WindowState) -> str:
        window = self.material.window(self.evaluation, kommune)
        title = window.title if window else self.material.title(self.evaluation)
        when = "er ikke lukket" if state is WindowState.OPEN else "er ikke begyndt"
        last = f"; den slutter efter planen {short_date(window.end)}" if window and window.end else ""
        return f"»{title}« {when}{last}."

    def _is_hidden(self, kommune: str | None, group: str) -> bool:
        """Tell whether a figure must not be shown, because it or what it could be set against is too small."""
        if not self.measure.anonymous or self.measure.unit == "boolean":
            return False
        counts = sizes(self.rows)
        hidden = hide(counts)
        if kommune is not None:
            return (kommune, group) in hidden.cells if group else kommune in hidden.kommuner
        if not group:
            return hidden.total
        own = {cell: size for cell, size in counts.items() if cell[1] == group}
        kept = [size for cell, size in own.items() if cell in hidden.cells]
        return sum(own.values()) < LEAST or (bool(kept) and (len(kept) < 2 or sum(kept) < LEAST))

    def _figure(self, found: Figure, aim: Fraction) -> str:
        if found.yes is None:
            return figure_text(self.measure, found).capitalize()
        share = amount_text(found.amount, self.measure.unit, aim)
        return f"{share} ({number(found.yes)} af {number(found.n)} svar)"

    def _turnout(self, found: Figure, kommune: str | None, group: str) -> str:
        """Say how many of those whom it is about have answered: a share of few is not a share of all."""
        many = self.criterion.n
        base = f" {self.criterion.base}" if self.criterion.base else ""
        if kommune is not None or group != self.criterion.group:
            return ""
        if many is None:
            return f" Det er en andel af dem, der har svaret:{base}." if base else ""
        return f" {number(found.n)} af {number(many)}{base} har svaret."


class _Said:
    """A criterion that people judge: yes or no, once, or in every kommune."""

    def __init__(self, key: str, criterion: Criterion, material: Material, judged: Judged) -> None:
        self.key, self.criterion, self.material, self.judged = key, criterion, material, judged
        self.verdicts = [row for row in judged.verdicts if row.key == key]

    def answer(self) -> Answer:
        if not self.criterion.per_site:
            return self._one(None, self.verdicts)
        said = {code: [row for row in self.verdicts if row.kommune == code] for code in self.material.kommuner}
        parts = [self._one(code, rows) for code, rows in said.items()]
        return _together(self.key, self.criterion, parts, self.material)

    def _one(self, kommune: str | None, rows: Sequence[Registration]) -> Answer:
        if not rows:
            return self._unjudged(kommune)
        last = rows[-1]
        status = Status.MET if last.yes else Status.NOT_MET
        who = self.judged.who.get(last.actor.id, last.actor.id)
        note = f": {last.note}" if last.note else "."
        text = f"Vurderet af {who} {short_date(last.happened_on)}{note}"
        return Answer(self.key, self.criterion.title, status, text, kommune)

    def _unjudged(self, kommune: str | None) -> Answer:
        evaluation = self.criterion.measured_by
        window = self.material.window(evaluation, kommune) if evaluation else None
        state = window.state if window else self.material.state(evaluation) if evaluation else WindowState.AHEAD
        if self.judged.is_over or state in (WindowState.CLOSED, WindowState.CALLED_OFF):
            return Answer(self.key, self.criterion.title, Status.NOT_MEASURED, "Ingen har vurderet det.", kommune)
        when = f" Det skal ske ved »{self.material.title(evaluation)}«." if evaluation else ""
        return Answer(self.key, self.criterion.title, Status.TOO_EARLY, f"Ingen har vurderet det endnu.{when}", kommune)


def _together(key: str, criterion: Criterion, parts: Sequence[Answer], material: Material) -> Answer:
    """Sum the parts up: all must be met; one that is not met settles it."""
    statuses = [part.status for part in parts]
    order = (Status.NOT_MET, Status.TOO_EARLY, Status.NOT_MEASURED)
    status = next((one for one in order if one in statuses), Status.MET if parts else Status.TOO_EARLY)
    whole = Answer(key, criterion.title, status, "Ingen kommuner er med endnu.", parts=tuple(parts))
    if not parts:
        return whole
    met = [part for part in parts if part.status is Status.MET]
    behind = {one: _places(parts, one, material) for one in order if one in statuses}
    said = [f"{STATUS_TITLES[one].lower()} i {names}" for one, names in behind.items()]
    rest = f": {'; '.join(said)}" if said else ""
    return replace(whole, text=f"Mødt i {len(met)} af {len(parts)}{rest}.")


def _places(parts: Sequence[Answer], status: Status, material: Material) -> str:
    names = (material.kommuner[part.kommune or ""] for part in parts if part.status is status)
    return join_and(list(dict.fromkeys(names)))


def _stopped(sentence: str) -> str:
    """End a sentence that may end with an abbreviation."""
    return sentence if sentence.endswith(".") else f"{sentence}."
