"""The pages as a second parser reads them: nothing that anybody wrote becomes markup, and all of it can be read."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from samskabt.runtime.acting import Choice, Done, Field, Shown, Standing
from samskabt.web.drawing import done_page, link_page, style, told_page

from ..scenario.linked import Page
from ..scenario.payloads import PAYLOADS

TYPES = ("text", "lines", "number", "bool", "date", "choice", "check")


def shown(text: str) -> Shown:
    """Give a page on which a text stands wherever one may."""
    fields = [
        Field(f"felt_{kind}", text, kind, hint=text, value=text, options=((text, text),), asks=("dag", "note"))
        for kind in TYPES
    ]
    fields.append(Field("kort", text, "check"))
    choices = (
        Choice("afhold", text, text, text, tuple(fields), (text,)),
        Choice("aflys", text, text, text, may=False, missing=(text,)),
        Choice("stadig", text, text, text),
    )
    given = {name: text for one in fields for name in (one.name, f"{one.name}.dag", f"{one.name}.note")}
    errors = {one.name: text for one in fields} | {"": text}
    return Shown(Standing.OPEN, text, text, ((text, text),), (text,), choices, 3, None, "afhold", errors, given)


def listed(text: str) -> Shown:
    """Give a list of two things to open."""
    return Shown(Standing.OPEN, text, text, choices=(Choice("a", text, "Åbn", text),) * 2, is_list=True)


def shape(page: Page) -> Counter[tuple[str, tuple[str, ...]]]:
    """Count the tags with the names of their attributes, but for what is checked and selected."""
    kept = (tuple(sorted(set(given) - {"checked", "selected"})) for _, given in page.tags)
    return Counter(zip((tag for tag, _ in page.tags), kept, strict=True))


def test_no_text_becomes_markup_wherever_it_stands() -> None:
    """Each payload in every text of the page: the tags and attributes of a harmless word, and all readable."""
    assert len(PAYLOADS) >= 300
    plain = shape(Page(link_page(shown("Møde"), "")))
    for payload in PAYLOADS:
        page = Page(link_page(shown(payload), ""))
        assert shape(page) == plain, payload
        assert page.headings[0] == payload and " ".join(payload.split()) in page.text
        values = {given.get("value") for tag, given in page.tags if tag == "input"}
        assert payload in values
        done = Page(done_page(Done(payload, (payload,), datetime(2019, 10, 3, tzinfo=UTC)), ""))
        assert not {"script", "img", "svg", "a", "b"} & {tag for tag, _ in done.tags}


def test_every_field_has_a_label_and_every_error_its_field() -> None:
    """Labels by id, descriptions that exist, errors that are marked; one heading of the first level; Danish."""
    page = Page(link_page(shown("Møde"), ""))
    ids = [given["id"] for _, given in page.tags if given.get("id")]
    assert len(ids) == len(set(ids))
    labelled = {given.get("for") for tag, given in page.tags if tag == "label"}
    for tag, given in page.tags:
        if tag in ("input", "textarea", "select") and given.get("type") != "hidden":
            assert given["id"] in labelled, given
        for name in (given.get("aria-describedby") or "").split():
            assert name in ids
    wrong = [given for tag, given in page.tags if given.get("aria-invalid") == "true"]
    assert len(wrong) == len(TYPES) + 1 and all("fejl" in (one.get("aria-describedby") or "") for one in wrong)
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert ("html", {"lang": "da"}) in page.tags


def test_pages_need_nothing_from_anywhere_else() -> None:
    """No script, no inline style, no picture, no link out; one style sheet of our own, also below a prefix."""
    for html in (
        link_page(shown("Møde"), "/svar"),
        link_page(listed("Møde"), "/svar"),
        told_page("Væk", "Intet her", "/svar"),
    ):
        page = Page(html)
        assert not {"script", "style", "img", "iframe", "a"} & {tag for tag, _ in page.tags}
        assert not [given for _, given in page.tags if "style" in given or any(name.startswith("on") for name in given)]
        assert [given["href"] for tag, given in page.tags if tag == "link"] == ["/svar/stil.css"]


def test_colours_can_be_told_apart_in_light_and_dark() -> None:
    """Text on its ground has a contrast of 4.5 at least, lines and focus 3 (WCAG 2.1, 1.4.3 and 1.4.11)."""
    light, dark = (dict(_colours(part)) for part in style().split("prefers-color-scheme: dark")[:2])
    for colours in (light, dark):
        for ink, ground in (
            ("ink", "paper"),
            ("quiet", "paper"),
            ("quiet", "soft"),
            ("ink", "soft"),
            ("ink", "note"),
            ("wrong", "wrong-soft"),
            ("on-act", "act"),
            ("act", "paper"),
        ):
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
        assert contrast(colours["line"], colours["paper"]) >= 3


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours, as WCAG 2.1 reckons it."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _colours(css: str) -> list[tuple[str, str]]:
    block = css[css.index("--paper") : css.index("}", css.index("--paper"))]
    pairs = (one.strip().removeprefix("--").split(": ") for one in block.replace("\n", " ").split(";") if one.strip())
    return [(name, value) for name, value in pairs]
