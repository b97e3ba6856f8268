"""What a kommune may take up beside the plan: offers with their prices, and trades within a frame; bears nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..compiled import Compiled
from ..definition.document.items import Offer, Swap
from ..values import Data, Event, Json, Refusal, Relative, Strength
from ..values.kept import TAKEN
from ..values.names import base_key

OFFER = "tilbud"
"""The field of an event that names an offer."""


@dataclass(frozen=True, slots=True)
class Price:
    """What taking part costs a kommune, in whole kroner; ``unpriced`` are the offers whose price a rule gives."""

    base: int | None
    taken: tuple[tuple[str, Offer], ...]
    vat: str

    @property
    def total(self) -> int | None:
        """Add up what has a number; None where nothing has."""
        numbers = [self.base, *(offer.price_dkk for _, offer in self.taken)]
        known = [number for number in numbers if number is not None]
        return sum(known) if known else None

    @property
    def unpriced(self) -> tuple[Offer, ...]:
        """List the offers taken up whose price is a rule in words."""
        return tuple(offer for _, offer in self.taken if offer.price_dkk is None)


def price_of(compiled: Compiled, data: Data) -> Price:
    """Say what taking part costs a kommune with this data."""
    programme = compiled.workflow.programme
    taken = tuple((key, programme.offers[key]) for key in taken_of(data) if key in programme.offers)
    return Price(programme.economy.price_dkk, taken, programme.economy.vat)


def taken_of(data: Data) -> tuple[str, ...]:
    """List the offers that a kommune has taken up."""
    value = data.get(TAKEN)
    return tuple(str(key) for key in value) if isinstance(value, list) else ()


def offer_refusals(
    compiled: Compiled, take: bool, data: Data, children: Sequence[Relative], event: Event
) -> Iterator[Refusal]:
    """Say why an offer cannot be taken up (it is already) or dropped (it was never, or has been used)."""
    key = event.data.get(OFFER)
    offer = compiled.workflow.programme.offers.get(str(key))
    if offer is None:
        return  # Either it is missing, which ``wants`` says, or it is on no list.
    is_taken = key in taken_of(data)
    if take and is_taken:
        yield _hard("tilbud_er_valgt", offer=offer.title)
    elif not take and not is_taken:
        yield _hard("tilbud_er_ikke_valgt", offer=offer.title)
    elif not take:
        used = [one.title for one in children_of(compiled, str(key), children) if one.dates.actual_start is not None]
        if used:
            names: list[Json] = [*used]
            yield _hard("tilbud_er_brugt", offer=offer.title, used=names)


def children_of(compiled: Compiled, offer: str, children: Sequence[Relative]) -> list[Relative]:
    """List the activities of an offer that a kommune has and that were not called off."""
    activities = compiled.workflow.programme.activities
    return [
        one
        for one in children
        if (found := activities.get(base_key(one.key))) is not None
        and found.offer == offer
        and not compiled.is_called_off(one.kind, one.position)
    ]


def frame_of(compiled: Compiled, activity: str) -> Mapping[str, Swap]:
    """Give the frames within which an activity may be traded for others."""
    return {key: swap for key, swap in compiled.workflow.programme.swaps.items() if activity in swap.activities}


def frame_refusals(compiled: Compiled, activity: str, children: Sequence[Relative]) -> Iterator[Refusal]:
    """Say why one more of an activity does not fit into its frame; one that is called off frees its place."""
    for swap in frame_of(compiled, activity).values():
        held = [base_key(one.key) for one in children if not compiled.is_called_off(one.kind, one.position)]
        inside = [key for key in held if key in swap.activities]
        if len(inside) >= swap.total:
            titles: list[Json] = [compiled.workflow.programme.activities[key].title for key in swap.activities]
            values: dict[str, Json] = {"frame": swap.title, "total": swap.total, "have": len(inside)}
            yield _hard("rammen_er_brugt", **values, activities=titles)
        most = swap.most.get(activity)
        if most is not None and inside.count(activity) >= most:
            title = compiled.workflow.programme.activities[activity].title
            yield _hard("loftet_er_naaet", activity=title, most=most, have=inside.count(activity))


def _hard(code: str, **values: Json) -> Refusal:
    return Refusal(code, "frame", Strength.HARD, values)
