"""How pages look: templates with autoescape on, one style sheet; knows no request and no words of the method."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined

from ..engine.civil.danish import long_date
from ..engine.civil.instants import local
from ..runtime.acting import Choice, Done, Field, Shown

_NAMES = ("frame.html", "link.html", "done.html", "told.html", "fields.html")
PREFIX = "f."
"""What the names of fields begin with in a form, so that none is taken for one of our own."""


def link_page(shown: Shown, root: str) -> str:
    """Draw what a link would do."""
    return _draw("link.html", root, title=_titled(shown), shown=shown, box=_Box(shown))


def done_page(done: Done, root: str, *, secret_line: str = "") -> str:
    """Draw what a link has done; ``secret_line`` is shown here and nowhere else."""
    at = local(done.at)
    when = f"{long_date(at.date())} kl. {at.hour}.{at.minute:02}"
    return _draw("done.html", root, title=done.title or "Det er gjort", done=done, when=when, secret_line=secret_line)


def told_page(title: str, text: str, root: str) -> str:
    """Draw a page that only tells something."""
    return _draw("told.html", root, title=title, text=text)


def style() -> str:
    """Give the style sheet."""
    return (files(__package__) / "templates" / "style.css").read_text(encoding="utf-8")


class _Box:
    """What a form's fields show: what was typed the last time in the choice that was tried, and what was wrong."""

    def __init__(self, shown: Shown) -> None:
        self._shown = shown

    def is_tried(self, choice: Choice) -> bool:
        """Tell whether this choice was tried."""
        return self._shown.chosen == choice.key

    def is_open(self, choice: Choice, index: int) -> bool:
        """Tell whether a choice stands open: the first, the one that was tried, and what has no fields."""
        return self.is_tried(choice) or index == 0

    def value(self, choice: Choice, field: Field, part: str = "") -> str:
        """Give what stands in a field."""
        if self.is_tried(choice):
            return self._shown.given.get(field.name + part, "")
        return "" if part else field.value

    def error(self, choice: Choice, field: Field) -> str:
        """Say what is wrong in a field."""
        return self._shown.errors.get(field.name, "") if self.is_tried(choice) else ""

    def general(self, choice: Choice) -> list[str]:
        """Say what is wrong beside the fields of a choice."""
        names = {field.name for field in choice.fields}
        tried = self.is_tried(choice)
        return [text for name, text in self._shown.errors.items() if tried and name not in names]

    @property
    def adrift(self) -> list[str]:
        """Say what is wrong where the choice that was tried is no longer there."""
        there = any(choice.key == self._shown.chosen for choice in self._shown.choices)
        return [] if there else list(self._shown.errors.values())


def _titled(shown: Shown) -> str:
    return f"Fejl: {shown.title}" if shown.errors else shown.title


@cache
def _environment() -> Environment:
    folder = files(__package__) / "templates"
    loaded = {name: (folder / name).read_text(encoding="utf-8") for name in _NAMES}
    return Environment(
        loader=DictLoader(loaded), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _draw(name: str, root: str, *, title: str, **values: object) -> str:
    return _environment().get_template(name).render(root=root, title=title, prefix=PREFIX, **values)
