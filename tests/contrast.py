"""Computes how words stand out on a page, from its style sheet alone (WCAG 2.1, 1.4.3); knows no browser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .mails import Element, Page

Rules = list[tuple[str, dict[str, str]]]
_DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{(.*?\})\s*\}", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")


def contrasts(page: Page, sheet: str, *, dark: bool) -> Iterator[tuple[float, tuple[str, str]]]:
    """Give the contrast and the colours of every element of the body that has words."""
    rules = _rules(_DARK.sub("", sheet)) + (_rules(match[1]) if dark and (match := _DARK.search(sheet)) else [])
    above: list[tuple[Element, str, str]] = []
    for one in page.elements:
        above = [entry for entry in above if entry[0].depth < one.depth]
        found = _style(one, [entry[0] for entry in above], rules)
        ink = found.get("color") or (above[-1][1] if above else "#000000")
        paper = found.get("background-color") or (above[-1][2] if above else "#ffffff")
        above.append((one, ink, paper))
        if one.own.strip() and "body" in {entry[0].tag for entry in above}:
            yield _ratio(ink, paper), (ink, paper)


def _rules(sheet: str) -> Rules:
    found: Rules = []
    for selectors, inside in _RULE.findall(sheet):
        pairs = (line.partition(":") for line in inside.split(";") if ":" in line)
        values = {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs}
        found += [(selector.strip(), values) for selector in selectors.split(",")]
    return found


def _style(one: Element, above: list[Element], rules: Rules) -> Mapping[str, str]:
    """Apply what fits: classes win over names, two words over one, the later over the earlier."""
    fitting = [(_weight(selector), values) for selector, values in rules if _fits(selector, one, above)]
    return {name: value for _, values in sorted(fitting, key=lambda pair: pair[0]) for name, value in values.items()}


def _weight(selector: str) -> int:
    return 10 * selector.count(".") + len(selector.split())


def _fits(selector: str, one: Element, above: list[Element]) -> bool:
    *outer, last = selector.split()
    return _is(last, one) and all(any(_is(word, found) for found in above) for word in outer)


def _is(word: str, one: Element) -> bool:
    return word[1:] in one.attributes.get("class", "").split() if word[0] == "." else word == one.tag


def _ratio(ink: str, paper: str) -> float:
    light, dark = sorted((_luminance(ink), _luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
