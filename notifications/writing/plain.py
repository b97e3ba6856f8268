"""A letter as plain text that reads well without any markup; knows no HTML."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from .content import MORE, Action, Block, Bullets, Content, Fact, Group, Link, Thing

WIDTH = 72


def plain(content: Content) -> str:
    """Draw the letter as lines of at most ``WIDTH`` characters, but for addresses, which stay whole."""
    parts = [
        content.trial,
        content.greeting,
        *(_block(block) for block in content.intro),
        *(_thing(content.thing) if content.thing else ()),
        *(part for group in content.groups for part in _group(group)),
        _more(content.more),
        content.ending,
        "\n".join(content.signature),
        "\n".join(["-- ", *_footer(content.footer), content.footer_note]),
    ]
    return "\n\n".join(_wrap(part) for part in parts if part) + "\n"


def _thing(thing: Thing) -> Iterable[str]:
    yield from (_block(block) for block in thing.lead)
    yield _facts(thing.facts)
    yield _action(thing.action, thing.answers)
    yield from (_block(block) for block in thing.rest)


def _group(group: Group) -> Iterable[str]:
    yield f"{group.title}\n{'-' * min(len(group.title), WIDTH)}"
    for thing in group.things:
        shown = (
            f"* {thing.title}",
            *(_block(block) for block in thing.lead),
            _facts(thing.facts),
            _action(thing.action, thing.answers),
            f"({thing.note})" if thing.note else "",
        )
        yield "\n".join(filter(None, shown))


def _block(block: Block) -> str:
    return "\n".join(f"- {point}" for point in block.points) if isinstance(block, Bullets) else "\n".join(block.lines)


def _facts(facts: tuple[Fact, ...]) -> str:
    return "\n".join(f"{fact.label}: {fact.value}" for fact in facts)


def _action(action: Action | None, answers: tuple[Link, ...]) -> str:
    """Write the one next action and its address; other answers stand below it."""
    if action is None:
        return ""
    said = f"{action.ask}: {action.label}"
    if action.url:
        lines = [said, action.url]
    elif action.command:
        lines = [said, f"Fra kommandolinjen: {action.command}"]
    else:
        lines = [f"{said}."]
    return "\n".join([*lines, *(line for answer in answers for line in (f"{answer.label}:", answer.url))])


def _more(links: tuple[Link, ...]) -> str:
    lines = [f"- {link.label}{f': {link.url}' if link.url else ''}" for link in links]
    return "\n".join([MORE, *lines]) if lines else ""


def _footer(links: Iterable[Link]) -> Iterable[str]:
    return (f"{link.label}: {link.url}" for link in links)


def _wrap(part: str) -> str:
    return "\n".join(_wrap_line(line) for line in part.split("\n"))


def _wrap_line(line: str) -> str:
    """Break at spaces only, so that addresses stay whole; the lines of a list point hang."""
    if len(line) <= WIDTH:
        return line
    indent = "  " if line.startswith(("- ", "* ")) else ""
    return textwrap.fill(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
