"""Adds registrations up to one figure by the unit of their measure, and writes figures in Danish; hides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ..civil.danish import number, plural
from ..definition.document.measuring import Measure, Unit
from .values import Registration

HOW = {
    "pct": "alle ja-svar delt med alle svar",
    "minutter": "gennemsnittet af alle svar",
    "skala": "gennemsnittet af alle svar",
    "antal": "summen",
    "boolean": "hvor mange der svarer ja",
}
"""How the figures of groups and kommuner become one: by their answers, so that a large group weighs more."""

_UNITS = {"pct": " pct.", "minutter": " minutter", "skala": "", "antal": "", "boolean": " pct."}
_CHANGES = {"pct": " procentpoint", "minutter": " minutter", "skala": " point", "antal": "", "boolean": " procentpoint"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number and how many answers it rests on; of shares and yes or no, how many said yes (``amount`` in pct.)."""

    amount: Fraction
    n: int
    yes: int | None = None


def figure(measure: Measure, rows: Sequence[Registration]) -> Figure | None:
    """Add the standing rows of one window up; None where they hold no answer.

    Shares are all yes by all answers, means are weighted by their answers, counts are added. Of yes or no the last
    word of each kommune and group counts.
    """
    match measure.unit:
        case "boolean":
            last = {(row.kommune, row.group): row for row in rows}
            return _share(last.values())
        case "pct":
            return _share(rows)
        case "antal":
            found = [exact(row.value) for row in rows if row.value is not None]
            return Figure(sum(found, Fraction(0)), sum(map(answers, rows))) if found else None
        case _:
            return _mean(rows)


def answers(row: Registration) -> int:
    """Say how many answers a row holds; a count of people without a number of answers is its own."""
    return row.n if row.n is not None else int(row.value or 0)


def exact(value: float) -> Fraction:
    """Take a number as it was written: 0.1 is a tenth."""
    return Fraction(str(value))


def amount_text(amount: Fraction, unit: Unit, beside: Fraction | None = None) -> str:
    """Write ``78 pct.``, with so many decimals that it does not look like what it stands ``beside`` and is not."""
    for decimals in range(1, 9):
        text = _trimmed(amount, decimals)
        if beside is None or amount == beside or text != _trimmed(beside, decimals):
            break
    return text + _UNITS[unit]


def figure_text(measure: Measure, found: Figure) -> str:
    """Write a figure with what it rests on: ``78 pct. (117 af 150)``, ``ja``, ``12,5 minutter (40 svar)``."""
    if measure.unit == "boolean" and found.n == 1:
        return "ja" if found.yes else "nej"
    told = amount_text(found.amount, measure.unit)
    if found.yes is not None:
        return f"{told} ({number(found.yes)} af {number(found.n)})"
    return told if measure.unit == "antal" else f"{told} ({plural(found.n, 'svar', 'svar')})"


def change_text(change: Fraction, unit: Unit, is_better: bool | None) -> str:
    """Write a change with its sign and what it means: ``+12 procentpoint (bedre)``."""
    if is_better is None:
        return "uændret"
    sign = "+" if change > 0 else "-"
    return f"{sign}{_trimmed(abs(change), 1)}{_CHANGES[unit]} ({'bedre' if is_better else 'dårligere'})"


def _trimmed(amount: Fraction, decimals: int) -> str:
    rounded = number(Decimal(amount.numerator) / Decimal(amount.denominator), decimals)
    return rounded.rstrip("0").rstrip(",")


def _share(rows: Iterable[Registration]) -> Figure | None:
    said = [(row.yes, row.n) for row in rows if row.yes is not None and row.n]
    if not said:
        return None
    yes, n = sum(one for one, _ in said), sum(many for _, many in said)
    return Figure(Fraction(100 * yes, n), n, yes)


def _mean(rows: Sequence[Registration]) -> Figure | None:
    said = [(exact(row.value), row.n) for row in rows if row.value is not None and row.n]
    if not said:
        return None
    n = sum(many for _, many in said)
    return Figure(sum((value * many for value, many in said), Fraction(0)) / n, n)
