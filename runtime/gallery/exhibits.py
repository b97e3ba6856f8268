"""What hangs in the gallery: every standard text, every programme's own, and every layout; writes no files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ...engine.definition import Workflow
from ...engine.values import Intent
from ...engine.values.names import KOMMUNE, MEETING
from ...notifications import STANDARD_TEXTS, Item, Mail, Text, compose_letter, matter_of
from ..mailing.wording import named
from ..views.documents import catalogue
from . import samples
from .occasions import TITLES, Occasion, occasion, standing_in

_FRAMES = frozenset({"samling", "samling_nyt"})
_FIRST: Final = "forenklet-beskaeftigelsesindsats"
_CALLED = {
    "baseline_frist": "Baseline",
    "bidrag_til_seminaret": "Politisk seminar",
    "delrapport_frist": "Første delrapport",
    "delrapport_mangler": "Første delrapport",
    "forelaeg_bestyrelsen": "Regnskab og evaluering",
    "klyngen_skal_moedes_igen": TITLES["cluster"],
    "materiale_til_styregruppen": "Møde i styregruppen",
    "rapport_frist": "Slutrapport",
}
_PLACE = re.compile(r"\{\{[^{}]*\}\}")
_LOCAL = ("Nyborg Kommune", "Greve Kommune", "Ringkøbing-Skjern Kommune")
_DUE = (
    ("opfoelgning", "Fælles opstartsmøde", -20),
    ("saet_dato", "Workshop om borgerens vej", 12),
    ("trin_staar_stille", "", 30),
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
        samples.item(key, STANDARD_TEXTS[key], number, title=TITLES[kind])
        for number, (key, kind) in enumerate((("loesning_klar", "solution"), ("udfordring_parkeret", "challenge")), 1)
    ]
    yield Exhibit("form-samlet-nyt", group, "To nyheder", _letter(news))


def _due(number: int) -> Item:
    key, title, days = _DUE[number % len(_DUE)]
    lap = number // len(_DUE)
    place, again = _LOCAL[lap % len(_LOCAL)], f", {lap + 1}. gang" if lap >= len(_LOCAL) else ""
    kind, called = (MEETING, f"{title}{again}") if title else (KOMMUNE, "")
    return samples.item(key, STANDARD_TEXTS[key], number + 1, kind=kind, title=called, kommune=place, days=days)


def _standard() -> Iterator[Exhibit]:
    """Show the standard texts, as the first programme that sends them does."""
    workflows = _workflows(())
    for key, text in STANDARD_TEXTS.items():
        if key in _FRAMES:
            continue
        workflow, time = _sent(key, workflows)
        yield Exhibit(f"standard-{key}", "Standardtekster", _title(text), _letter([_sample(key, text, workflow, time)]))


def _sent(key: str, workflows: Sequence[Workflow]) -> tuple[Workflow, Occasion]:
    """Find the first of some programmes that sends a text, and when."""
    sends = ((one, time) for one in workflows if (time := occasion(one, key)))
    return next(sends, (workflows[0], standing_in(key, workflows[0])))


def _own(files: Sequence[Path]) -> Iterator[Exhibit]:
    """Show the texts of every programme, its parts' once."""
    shown: set[tuple[str, Text]] = set()
    workflows = _workflows(files)
    for workflow in workflows:
        for key, one in workflow.texts.items():
            text = Text(one.subject, one.body, one.stops, one.action, one.link, one.reply)
            if key in _FRAMES or (key, text) in shown:
                continue
            shown.add((key, text))
            users = [workflow] if key in workflow.programme.texts else workflows
            made = _sample(key, text, *_sent(key, users))
            letter = _letter([made], own={key: text})
            group = workflow.programme.title if key in workflow.programme.texts else "Fælles for programmerne"
            yield Exhibit(f"{workflow.key}-{key}", group, _title(text), letter)


def _workflows(files: Sequence[Path]) -> tuple[Workflow, ...]:
    """Give the programmes, first the one that uses most of what they share."""
    found = catalogue(files)
    return tuple(found.programme(key) for key in dict.fromkeys([_FIRST, *(one.key for one in found.programmes())]))


def _sample(key: str, text: Text, workflow: Workflow, time: Occasion) -> Item:
    made = samples.item(
        key,
        text,
        programme=workflow.programme.title,
        kind=time.kind,
        title=_CALLED.get(key, time.title),
        role=time.role,
        intent=time.intent,
        why=time.why,
        stops=time.stops,
    )
    return replace(made, named=replace(named(workflow, made.row), in_charge=(samples.BO,)))


def _title(text: Text) -> str:
    """Call a mail by its matter, or where its subject begins otherwise, by all of it."""
    return matter_of(text) or _PLACE.sub("…", text.subject)


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
