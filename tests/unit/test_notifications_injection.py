"""Hostile texts in every place that a text can reach: what comes out is the same mail, with other words in it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import pytest
from samskabt.engine.errors import InvalidInput
from samskabt.engine.values import Dates, Intent, Json, Nudge, OutboxRow, Recipient
from samskabt.notifications import (
    KNOWN_PLACEHOLDERS,
    STANDARD_TEXTS,
    Attachment,
    Item,
    Mail,
    Sender,
    Text,
    Trial,
    compose_letter,
)
from samskabt.notifications.texts import one_line
from samskabt.notifications.writing.page import style

from .. import payloads
from ..mails import Page, parsed
from ..tracing import first_traced

NOW = datetime(2026, 9, 15, 7, 0, tzinfo=UTC)
SENDER = Sender("Sekretariatet", "samskabt@program.example", "Karen Holm", "karen@program.example")
CORPORA = {"headers": payloads.HEADERS, "html": payloads.HTML, "templates": payloads.TEMPLATES}
LINE_END = re.compile("[\r\n\v\f\x1c-\x1e\x85\u2028\u2029\x00]")
OURS = {line.strip() for line in re.findall(r"[\w-]+: [^;{}]+(?=;)", style())}
MAY_COME = {("p",), ("br",), ("strong",), ("ul", "style"), ("li", "style"), ("ul", "class", "style")}
SHARES = 4
GOOD = "https://samskabt.example/g/1"


def mail(payload: str, *, several: bool, placed: bool = False) -> Mail:
    """Compose a letter with the payload in every value, and, if ``placed``, in every part of the author's text."""
    values: dict[str, Json] = {**dict.fromkeys(KNOWN_PLACEHOLDERS, payload), "fri": payload}
    nudge = Nudge(payload, Intent.INVITATION, "t", payload, payload, values=values, uid=payload, sequence=1)
    to = Recipient(5, payload, "anne@nyborg.example")
    row = OutboxRow(
        1, 1, 17, 3, payload, payload, payload, payload, payload,
        nudge, False, (to,), payload, Dates(date(2026, 9, 24), None, "day"), NOW,
    )  # fmt: skip
    places = " ".join(f"{{{{ {name} }}}}" for name in KNOWN_PLACEHOLDERS if name != "link")
    text = Text(f"Emne {{{{ titel }}}} {places}", f"Hvad: {places}\n\n- {places}\n\nSlut.", places, "Gør {{ titel }}")
    if placed:
        text = Text(f"Emne {payload}", f"Hvad {payload}\n\nMere {payload}", f"stop {payload}", f"gør {payload}")
    items = [Item(row, text)]
    if several:
        items = [Item(replace(row, id=n, nudge=replace(nudge, intent=Intent.NUDGE)), text) for n in (1, 2)]
    return compose_letter(
        items,
        to,
        replace(SENDER, name=payload, reply_name=payload),
        NOW,
        message_id="<a.1@program.example>",
        links={1: {"naeste": GOOD, "kommer": payload, "kommer_ikke": payload}},
        footer_links={**dict.fromkeys(("side", "afmeld"), payload), "kalender": GOOD},
        attachments=[
            Attachment(payload, "text", "calendar", {"method": "REQUEST"}, payload.encode("utf-8", "replace"))
        ],
        trial=Trial(payload, payload),
        texts=STANDARD_TEXTS,
    )


Shape = list[tuple[str, ...]]


@cache
def harmless(several: bool) -> tuple[list[str], list[str], Shape, Shape]:
    """Give the shape of the mail when nobody means any harm: headers, parts, elements, those of own texts."""
    made = mail("harmløs", several=several)
    page, placed = html_of(made), html_of(mail("harmløs", several=several, placed=True))
    return heads(made), kinds(made), shape_of(page), shape_of(placed)


def shape_of(page: Page) -> Shape:
    """Give the elements with the names of their attributes."""
    return [(one.tag, *one.attributes) for one in page.elements]


def html_of(made: Mail) -> Page:
    """Give the HTML, read by a second parser that takes nothing that is not well formed."""
    body = parsed(made.content).get_body(("html",))
    assert body is not None
    return Page(str(body.get_content()))


def styles(page: Page) -> set[str]:
    """Give the inline styles, one by one."""
    found = (one.attributes["style"].split(";") for one in page.elements if "style" in one.attributes)
    return {one.strip() for each in found for one in each if one.strip()}


def heads(made: Mail) -> list[str]:
    """Name the headers as they stand in the bytes."""
    head = made.content.split(b"\r\n\r\n", 1)[0]
    return [line.partition(b":")[0].decode("ascii") for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]


def kinds(made: Mail) -> list[str]:
    """Name the parts."""
    return [part.get_content_type() for part in parsed(made.content).walk()]


def assert_envelope(made: Mail, several: bool, payload: str) -> None:
    """The same headers and parts as ever, one receiver, one line each, and every line short enough for SMTP."""
    found = parsed(made.content)
    names, parts, *_ = harmless(several)
    links = {"List-Unsubscribe-Post"} if payload.startswith("https://") else set()
    assert [name for name in heads(made) if name not in links] == names and kinds(made) == parts
    for header, address in (("To", "anne@nyborg.example"), ("From", SENDER.email), ("Reply-To", SENDER.reply_email)):
        assert [one.addr_spec for one in found[header].addresses] == [address]
    for name, value in found.items():
        assert not LINE_END.search(str(value)), (name, value)
    assert made.content.isascii() and max(len(line) for line in made.content.split(b"\r\n")) <= 998
    assert b"\n" not in made.content.replace(b"\r\n", b"") and b"\r" not in made.content.replace(b"\r\n", b"")
    assert not any(line == b"." for line in made.content.split(b"\r\n"))
    assert made.subject == found["Subject"]


def assert_page(page: Page, several: bool, *, same_shape: bool) -> None:
    """The same elements with the same attributes; no link but the good one, no style of somebody else's."""
    _, _, shape, placed = harmless(several)
    assert styles(page) <= OURS, styles(page) - OURS
    assert not page.comments
    hrefs = {one.attributes["href"] for one in page.all("a")}
    assert GOOD in hrefs and all(href == GOOD or href.startswith(("http://", "https://")) for href in hrefs)
    found = shape_of(page)
    if same_shape:
        assert found == shape
    else:
        assert set(found) <= {*shape, *placed, *MAY_COME}


def test_the_corpora_are_large() -> None:
    """At least 300 different payloads of each kind; they do not shrink unnoticed."""
    assert all(len(set(corpus)) >= 300 for corpus in CORPORA.values()), {k: len(v) for k, v in CORPORA.items()}


def share(corpus: str, number: int) -> tuple[str, ...]:
    """Give every fourth payload, so that the shares can run beside each other."""
    return CORPORA[corpus][number::SHARES]


@pytest.mark.parametrize("number", first_traced(range(SHARES)))
@pytest.mark.parametrize("several", [False, True], ids=["single", "digest"])
@pytest.mark.parametrize("corpus", CORPORA)
def test_values_are_words_and_nothing_else(corpus: str, several: bool, number: int) -> None:
    """In names, titles, roles, values, keys, links, file names and the trial's line: inert, and shown as written."""
    for payload in share(corpus, number):
        made = mail(payload, several=several)
        assert_envelope(made, several, payload)
        page = html_of(made)
        is_web = payload.startswith(("http://", "https://")) and payload.isascii() and '"' not in payload
        assert_page(page, several, same_shape=not is_web and bool(one_line(payload)))
        shown = " ".join(one_line(payload).split())[:30].strip()
        assert shown in page.words, payload
        assert payloads.PRODUCT not in page.source


@pytest.mark.parametrize("number", first_traced(range(SHARES)))
@pytest.mark.parametrize("corpus", CORPORA)
def test_an_authors_text_is_no_template_of_ours(corpus: str, number: int) -> None:
    """In subject, body, stops and action: refused as an unknown place, or inert and shown as written."""
    refused = 0
    for turn, payload in enumerate(share(corpus, number)):
        several = turn % 2 == 0
        try:
            made = mail(payload, several=several, placed=True)
        except InvalidInput:
            refused += 1
            assert "{{" in payload or "}}" in payload
            continue
        assert_envelope(made, several, payload)
        page = html_of(made)
        assert_page(page, several, same_shape=False)
        assert payloads.PRODUCT not in page.source
    assert (refused > 0) == (corpus == "templates")
