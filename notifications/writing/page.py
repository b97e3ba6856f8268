"""A letter as HTML: our own templates with autoescape on, the style set inline; knows no words of its own."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from css_inline import CSSInliner
from jinja2 import DictLoader, Environment, StrictUndefined, Template

from .content import MORE, Bullets, Content, Paragraph

_TEMPLATES = ("letter.html", "parts.html")


def page(content: Content) -> str:
    """Draw the letter as one HTML page that needs nothing from anywhere else."""
    kit = _kit()
    return kit.inliner.inline(kit.letter.render(letter=content, more=MORE, style=kit.style)) + "\n"


def style() -> str:
    """Give the style sheet that the letters carry."""
    return _kit().style


class _Kit(NamedTuple):
    letter: Template
    style: str
    inliner: CSSInliner


@cache
def _kit() -> _Kit:
    """Read and compile the templates, once and not before the first letter."""
    folder = files(__package__) / "templates"
    loaded = {name: (folder / name).read_text(encoding="utf-8") for name in (*_TEMPLATES, "letter.css")}
    environment = Environment(
        loader=DictLoader({name: loaded[name] for name in _TEMPLATES}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["parted"] = _parted
    environment.tests["bullets"] = lambda block: isinstance(block, Bullets)
    inliner = CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)
    return _Kit(environment.get_template("letter.html"), loaded["letter.css"], inliner)


def _parted(line: str, block: Paragraph) -> list[tuple[str, bool]]:
    """Part a line at the address that may be opened: pieces, each with whether it is that address."""
    if not block.url:
        return [(line, False)]
    pieces = line.split(block.url)
    found = [(pieces[0], False)]
    for piece in pieces[1:]:
        found += [(block.url, True), (piece, False)]
    return [(piece, is_link) for piece, is_link in found if piece]
