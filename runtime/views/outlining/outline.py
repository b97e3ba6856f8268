"""What an outline consists of, and the words that all of its parts use; reads no document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ....engine.civil.danish import join_and, number
from ....engine.definition import When, Workflow
from ....engine.definition.document.items import Count, Sourced
from ..words import plain

LEVELS: Mapping[str, str] = {
    "programme": "én gang i programmet",
    "cross": "for kommunerne sammen",
    "kommune": "i hver kommune",
    "public": "for alle",
}
STRENGTHS: Mapping[str, str] = {
    "hard": "kan ikke tilsidesættes",
    "soft": "kan tilsidesættes",
    "derived": "udledt; kan tilsidesættes",
}


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """An activity, gate, role or other item: its words, when, and further details.

    ``is_our_proposal`` speaks of the date, ``is_ours`` of the whole item; ``otherwise`` is what the document says too.
    """

    key: str
    title: str
    when: str = ""
    is_our_proposal: bool = False
    details: tuple[str, ...] = ()
    is_ours: bool = False
    otherwise: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class OutlineSection:
    """A part of the outline; a fase is the section of its activities."""

    title: str
    when: str
    items: tuple[OutlineItem, ...]
    otherwise: str = ""


def item(key: str, title: str, details: Iterable[str], one: Sourced, when: When | None = None) -> OutlineItem:
    """Make an item of what the document states, with its note and whether it is ours; empty details are left out."""
    otherwise = getattr(one, "otherwise", "")
    return OutlineItem(
        key,
        title,
        when.wording if when else "",
        False,
        tuple(detail for detail in details if detail),
        "*" in one.inferred,
        otherwise.wording if isinstance(otherwise, When) else otherwise or "",
        one.note,
    )


def called(workflow: Workflow, role: str) -> str:
    """Name a role or body as people write it."""
    found = workflow.roles.get(role)
    return found.called if found and found.called else plain(role)


def people(workflow: Workflow, before: str, roles: str | Iterable[str] | None) -> str:
    """Name roles after a heading: ``hvem: leder og direktør``; nothing for nobody."""
    names = [roles] if isinstance(roles, str) else [*(roles or ())]
    return labelled(before, [called(workflow, name) for name in names])


def labelled(before: str, words: str | Iterable[str] | None) -> str:
    """Put a heading before words: ``formål: …``; nothing where there are none."""
    text = words if isinstance(words, str) else join_and([*(words or ())])
    return f"{before}: {text}" if text else ""


def how_many(count: Count | None, one: str, many: str) -> str:
    """Write a number as the document does: ``op til 3 gange``, ``2-3 gange``; nothing where it gives none."""
    if count is None:
        return ""
    if count.min == count.max:
        return f"{count.max} {one if count.max == 1 else many}"
    return f"op til {count.max} {many}" if count.min == 0 else f"{count.min}-{count.max} {many}"


def kroner(amount: int | None, vat: str = "") -> str:
    """Write whole kroner: ``170.000 kr. ekskl. moms``."""
    return "" if amount is None else f"{number(amount)} kr.{f' {vat}' if vat else ''}"
