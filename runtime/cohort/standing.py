"""Reads off a family what stands behind one of its instances: an uncertain day, a place in line; changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

from ...engine.choosing.frames import price_of
from ...engine.choosing.queueing import in_line
from ...engine.civil.danish import number
from ...engine.civil.instants import to_utc
from ...engine.compiled import Compiled
from ...engine.planning.gates import is_gated, unmet
from ...engine.refusals import refusal_text
from ...engine.requiring.view import View
from ...engine.values import SYSTEM, Event, Facts
from ...engine.values.names import ACTIVITY_KINDS, KOMMUNE
from ...storage import InstanceView


def uncertain(compiled: Compiled, one: InstanceView, family: Sequence[InstanceView], today: date) -> str:
    """Say in Danish why a planned day is uncertain: what its gate lacks today; empty where the two agree."""
    is_open = one.kind in ACTIVITY_KINDS and one.dates.actual_start is None and one.dates.planned_start is not None
    if not is_open or not is_gated(compiled, one.key) or compiled.is_done(one.kind, one.position):
        return ""
    found = unmet(_view(compiled, one, family, today))
    return " ".join(refusal_text(refusal, compiled.workflow, one.kind) for refusal in found)


def place_in_line(compiled: Compiled, one: InstanceView, family: Sequence[InstanceView]) -> int | None:
    """Give the place of a kommune on the waiting list, from 1; None where it does not wait."""
    line = in_line(compiled, (other for other in family if other.kind == KOMMUNE))
    return next((place for place, other in enumerate(line, 1) if other.id == one.id), None)


def price_lines(compiled: Compiled, one: InstanceView) -> tuple[tuple[str, str], ...]:
    """List what taking part costs a kommune: words and amounts, the total last; empty where nothing costs anything."""
    if one.kind != KOMMUNE:
        return ()
    price = price_of(compiled, one.data)
    lines = [("Deltagelse", kroner(price.base))] if price.base is not None else []
    for _, offer in price.taken:
        said = kroner(offer.price_dkk) if offer.price_dkk is not None else offer.price_rule or "ingen pris i dokumentet"
        lines.append((offer.title, said))
    if price.total is None:
        return tuple(lines)
    also = ", dertil det, der ikke har en fast pris" if any(o.price_rule for o in price.unpriced) else ""
    return (*lines, ("I alt", f"{kroner(price.total)}{f' {price.vat}' if price.vat else ''}{also}"))


def kroner(amount: int) -> str:
    """Write whole kroner as Danish documents do: ``170.000 kr.``"""
    return f"{number(amount)} kr."


def _view(compiled: Compiled, one: InstanceView, family: Sequence[InstanceView], today: date) -> View:
    relatives = {other.id: other.relative for other in family if other.id != one.id}
    near = [other for other in relatives.values() if one.kommune is None or other.kommune in (None, one.kommune)]
    facts = Facts(
        parent=relatives.get(one.parent_id or 0),
        programme=relatives.get(one.programme_id),
        children=tuple(other for other in relatives.values() if other.parent_id == one.id),
        activities=tuple(other for other in near if other.kind in ACTIVITY_KINDS),
        kommuner=tuple(other for other in relatives.values() if other.kind == KOMMUNE),
    )
    noon = to_utc(today, time(12))
    event, region = Event("", noon, noon, SYSTEM), next(iter(one.position))
    return View(compiled, one.identity, region, one.position, one.data, one.dates, facts, event, one.title)
