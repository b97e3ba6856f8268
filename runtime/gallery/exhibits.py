"""What hangs in the gallery: every standard text, every programme's own, and every layout; writes no files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...engine.definition import Workflow
from ...engine.values import Intent
from ...notifications import STANDARD_TEXTS, Item, Mail, Text, compose_letter
from ..views.documents import catalogue
from . import samples

_FRAMES = frozenset({"samling", "samling_nyt"})
_LOCAL = ("Nyborg Kommune", "Greve Kommune", "Ringkøbing-Skjern Kommune")
_DUE = (
    ("opfoelgning", "Fælles opstartsmøde", -20),
    ("saet_dato", "Workshop om borgerens vej", 12),
    ("trin_staar_stille", "Trin 3", 30),
    ("evaluering_paamindelse", "Midtvejsevaluering", 3),
    ("blev_det_holdt", "Temadag om kerneopgaven", -6),
    ("baseline_frist", "Baseline", 9),
)


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One sample mail: the name of its files, where it belongs, and the mail."""

    name: str
    group: str
    title: str
    mail: Mail


def exhibits(files: Sequence[Path] = ()) -> tuple[Exhibit, ...]:
    """Write a sample of everything; ``files`` are workflow documents to be shown beside the shipped ones."""
    return (*_layouts(), *_standard(), *_own(files))


def _layouts() -> Iterator[Exhibit]:
    group = "Former"
    ask = samples.item("opfoelgning", STANDARD_TEXTS["opfoelgning"])
    yield Exhibit("form-enkelt", group, "En enkelt påmindelse", _letter([ask]))
    yield Exhibit("form-uden-links", group, "Den samme uden links", _letter([ask], linked=False))
    yield Exhibit("form-proeve", group, "Den samme på prøve", _letter([ask], trial=True))
    three = [_due(number) for number in range(3)]
    yield Exhibit("form-samlet", group, "Tre ting i en mail", _letter(three))
    yield Exhibit(
        "form-samlet-proeve", group, "Tre ting på prøve, uden links", _letter(three, linked=False, trial=True)
    )
    many = [_due(number) for number in range(22)]
    yield Exhibit("form-samlet-lang", group, "22 ting i en mail", _letter(many))
    news = [
        samples.item(key, STANDARD_TEXTS[key], number, title=key.capitalize())
        for number, key in enumerate(("loesning_klar", "udfordring_parkeret"), 1)
    ]
    yield Exhibit("form-samlet-nyt", group, "To nyheder", _letter(news))


def _due(number: int) -> Item:
    key, title, days = _DUE[number % len(_DUE)]
    lap = number // len(_DUE)
    place, again = _LOCAL[lap % len(_LOCAL)], f", {lap + 1}. gang" if lap >= len(_LOCAL) else ""
    return samples.item(key, STANDARD_TEXTS[key], number + 1, title=f"{title}{again}", kommune=place, days=days)


def _standard() -> Iterator[Exhibit]:
    for key, text in STANDARD_TEXTS.items():
        if key not in _FRAMES:
            yield Exhibit(f"standard-{key}", "Standardtekster", key, _letter([samples.item(key, text)]))


def _own(files: Sequence[Path]) -> Iterator[Exhibit]:
    """Show the texts of every programme, its parts' once."""
    found = catalogue(files)
    shown: set[tuple[str, Text]] = set()
    for entry in found.programmes():
        workflow = found.programme(entry.key)
        nudging = _nudging(workflow)
        for key, one in workflow.texts.items():
            text = Text(one.subject, one.body, one.stops, one.action)
            if key in _FRAMES or (key, text) in shown:
                continue
            shown.add((key, text))
            made = samples.item(key, text, programme=workflow.programme.title, nudges=key in nudging)
            yield Exhibit(f"{entry.key}-{key}", workflow.programme.title, key, _letter([made], own={key: text}))


def _nudging(workflow: Workflow) -> frozenset[str]:
    return frozenset(one.text for one in workflow.reminders.values() if one.text)


def _letter(
    items: Sequence[Item], *, linked: bool = True, trial: bool = False, own: dict[str, Text] | None = None
) -> Mail:
    row = items[0].row
    meets = len(items) == 1 and row.nudge.intent in (Intent.INVITATION, Intent.CANCELLATION)
    return compose_letter(
        items,
        samples.ON_TRIAL if trial else samples.ANNE,
        samples.SENDER,
        samples.NOW,
        message_id=f"<{row.nudge.template}.{len(items)}@program.example>",
        links={one.row.id: samples.links_of(one) for one in items} if linked else {},
        attachments=[samples.calendar(items[0])] if meets else (),
        trial=samples.TRIAL if trial else None,
        footer_links=samples.FOOTER if linked else {},
        texts=own or {},
    )
