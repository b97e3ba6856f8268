"""Every mail that samskabt can write, held to its form: short, kind, complete, and readable for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from samskabt.notifications import STANDARD_TEXTS
from samskabt.notifications.writing.page import style
from samskabt.runtime.gallery import Exhibit, exhibits
from samskabt.runtime.views.documents import catalogue

from ..command_line import CommandLine
from ..contrast import contrasts
from ..mails import page_of, parsed, text_of

FRAMES = {"samling", "samling_nyt"}
URL = re.compile(r"https?://\S+")
MONTHS = "januar|februar|marts|april|maj|juni|juli|august|september|oktober|november|december"
DATE = re.compile(rf"\d{{1,2}}\. (?:{MONTHS}) \d{{4}}")
FULL_DATE = re.compile(rf"\w+dag den (\d{{1,2}}\. (?:{MONTHS}) \d{{4}}) \(uge \d{{1,2}}\)")
NOT_HERE = {"img", "script", "link", "form", "iframe", "object", "svg", "video", "audio", "button", "input", "base"}


@pytest.fixture(scope="module")
def all_of_them() -> tuple[Exhibit, ...]:
    """Give the whole gallery."""
    return exhibits()


@pytest.fixture(scope="module")
def single(all_of_them: tuple[Exhibit, ...]) -> tuple[Exhibit, ...]:
    """Give the mails about one text each."""
    return tuple(one for one in all_of_them if one.group != "Former")


def body(one: Exhibit) -> str:
    """Give the plain text of an exhibit as one line."""
    return " ".join(text_of(one.mail.content).split())


def test_everything_hangs(all_of_them: tuple[Exhibit, ...]) -> None:
    """Each standard text and each text of each programme is there, under a name of its own and a title in words."""
    shown = {one.name.rpartition("-")[2] for one in all_of_them}
    found = catalogue()
    own = {key for entry in found.programmes() for key in found.programme(entry.key).texts}
    assert (STANDARD_TEXTS.keys() | own) - FRAMES <= shown
    assert not [one.title for one in all_of_them if "_" in one.title or one.title[0].islower()]
    assert len({one.name for one in all_of_them}) == len(all_of_them) > 60


def test_subjects_fit_a_phone(all_of_them: tuple[Exhibit, ...]) -> None:
    """At most 90 characters, nothing cut off in the samples, and no place left open; a trial's begins with its line."""
    for one in all_of_them:
        subject = re.sub(r"^PRØVE til [^>]*>: ", "", one.mail.subject)
        title = one.group.partition(" – ")[0][
            :16
        ]  # Some programmes' titles fill a subject; nothing stands behind them.
        assert 10 <= len(subject) <= 90, (one.name, subject)
        assert "…" not in subject or (title in subject and subject.index("…") > 40), (one.name, subject)
        assert parsed(one.mail.content)["Subject"] == one.mail.subject


def test_mails_are_short_and_kind(single: tuple[Exhibit, ...]) -> None:
    """A glance is enough; du, never De; no rykker, no leftover of a template."""
    for one in single:
        said = " ".join(URL.sub(" ", body(one).partition(" -- ")[0]).split())
        assert len(said) <= 1000, (one.name, len(said))
        assert not re.search(r"rykker|de bedes|bedes venligst|\bDe\b|\bDem\b|\bDeres\b|hurtigst muligt", said), one.name
        assert not re.search(r"[{}]|None|\.\.|  | [,.]", said), one.name
        assert said.startswith("Kære Anne ") and "Med venlig hilsen Karen Holm" in said, one.name


def test_every_mail_says_why_it_came_and_what_stops_it(all_of_them: tuple[Exhibit, ...]) -> None:
    """Both stand in each body, and who reads the answers."""
    for one in all_of_them:
        said = body(one)
        assert said.count("Derfor får du denne mail: du er registreret som ") == 1, one.name
        assert not re.search(r"registreret som (parter|styregruppe|projektgruppe|bestyrelse|projektledelse)\b", said)
        assert re.search(
            r"Den stopper, når .|Den kommer\b|kun denne ene gang|hører kun igen|Ellers hører du kun, hvis", said
        ), one.name
        assert "Svar på denne mail går til Karen Holm" in said, one.name
        assert "stopper, når når" not in said and "stopper, når stopper" not in said.casefold(), one.name


def test_there_is_one_next_action_and_it_comes_first(single: tuple[Exhibit, ...]) -> None:
    """At most one button, above the rest of the words; none only where there is nothing to do."""
    without = set()
    for one in single:
        page = page_of(one.mail.content)
        faces = [found for found in page.all("td") if found.attributes.get("class") == "face"]
        assert len(faces) <= 1, one.name
        asks = len(re.findall(r"Næste skridt: |Svar, om du kommer: ", body(one)))
        assert asks == (0 if not faces and "Næste skridt" not in page.words else 1), one.name
        if not asks:
            without.add(one.name.rpartition("-")[2])
        else:
            label = re.split(r"Næste skridt: |Svar, om du kommer: ", text_of(one.mail.content))[1].split("\n")[0]
            assert 4 <= len(label) <= 60 and label[0].isupper() and (not faces or faces[0].words == label), one.name
    assert without <= {"tilmelding_modtaget", "venteliste", "ikke_valgt", "paa_venteliste"}


def test_nothing_is_said_twice(single: tuple[Exhibit, ...]) -> None:
    """What the next action says is not said once more below it, and an answer by mail only where no link does it."""
    for one in single:
        said = body(one).partition("Derfor får du")[0]
        if (asked := re.search(r"Næste skridt: (.{12,60}?)(?:\.| https)", said)) is not None:
            start = " ".join(asked[1].split()[:2]).strip(",.").casefold()
            assert said[asked.end() :].casefold().count(f"{start} ") == 0, (one.name, start)
        if "https" in said and one.name.rpartition("-")[2] != "evaluering_lukker":
            assert "svar på denne mail" not in said.casefold(), one.name


def test_a_subject_tells_the_matter_first(single: tuple[Exhibit, ...]) -> None:
    """Before the first colon or question mark stands what it is about; the programme is called by its short name."""
    for one in single:
        assert re.match(r"[A-ZÆØÅ][^:?]{2,40}[:?] ", one.mail.subject), (one.name, one.mail.subject)
        assert "alle kommuner" not in one.mail.subject and "Fremfærd Projekt" not in one.mail.subject
        assert "Projektbeskrivelse" not in one.mail.subject


def test_no_line_is_broken_in_the_middle() -> None:
    """A paragraph of a text is one line, or lines that stand for themselves."""
    found = catalogue()
    own = {key: one.body for entry in found.programmes() for key, one in found.programme(entry.key).texts.items()}
    for key, said in {**own, **{key: one.body for key, one in STANDARD_TEXTS.items()}}.items():
        assert not re.search(r"\n[a-zæøå,]", said), key


def test_a_date_is_told_with_weekday_and_week(all_of_them: tuple[Exhibit, ...]) -> None:
    """Wherever a body names a day: fredag den 20. september 2019 (uge 38)."""
    dated = 0
    for one in all_of_them:
        for said in (body(one), page_of(one.mail.content).words):
            assert len(DATE.findall(said)) == len(FULL_DATE.findall(said)), one.name
            dated += bool(DATE.search(said))
    assert dated > 60


def test_the_html_is_well_formed_danish_and_needs_nothing(all_of_them: tuple[Exhibit, ...]) -> None:
    """A second parser finds every element closed, the language, a title, and nothing that is fetched or runs."""
    for one in all_of_them:
        page = page_of(one.mail.content)
        (root,) = page.all("html")
        (title,) = page.all("title")
        assert root.attributes["lang"] == "da" and title.words == one.mail.subject, one.name
        assert not NOT_HERE & set(page.tags) and not page.comments, one.name
        names = {name for element in page.elements for name in element.attributes}
        assert not {"src", "background", "srcset", "id"} & names and not any(name[:2] == "on" for name in names)
        assert not re.search(r"url\(|@import|expression|position:", page.source), one.name
        assert all(one.attributes.get("role") == "presentation" for one in page.all("table"))
        assert len(one.mail.content) < 40_000


def test_headings_come_in_order(all_of_them: tuple[Exhibit, ...]) -> None:
    """One h1, and no level is skipped on the way down; none is empty."""
    for one in all_of_them:
        page = page_of(one.mail.content)
        levels = [int(found.tag[1]) for found in page.all("h1", "h2", "h3", "h4")]
        assert levels[0] == 1 and levels.count(1) == 1, one.name
        assert all(after - before <= 1 for before, after in pairwise(levels)), one.name
        assert all(found.words.strip() for found in page.all("h1", "h2", "h3", "li", "p", "a")), one.name


def test_links_say_where_they_go(all_of_them: tuple[Exhibit, ...]) -> None:
    """No "klik her"; in one part of a mail the same words never lead to two places."""
    for one in all_of_them:
        page = page_of(one.mail.content)
        group = thing = ""
        seen: dict[tuple[str, ...], str] = {}
        for found in page.all("h2", "h3", "a"):
            words = found.words.strip()
            if found.tag == "h2":
                group = words
            elif found.tag == "h3":
                thing = words
            else:
                href = found.attributes["href"]
                assert len(words) >= 4 and not re.search(r"\b(klik|her|link)\b", words.casefold()), (one.name, words)
                assert href.startswith("https://") and seen.setdefault((group, thing, words), href) == href, one.name


def test_text_and_html_say_the_same(all_of_them: tuple[Exhibit, ...]) -> None:
    """Every word and every address of the one stands in the other; the subject counts for both."""
    for one in all_of_them:
        text, page = text_of(one.mail.content), page_of(one.mail.content)
        subject = set(re.findall(r"\w+", one.mail.subject)) | {"Adressen", "er"}
        in_text = set(re.findall(r"\w+", URL.sub(" ", text)))
        in_html = set(re.findall(r"\w+", URL.sub(" ", page.words)))
        assert in_text ^ in_html <= subject, (one.name, (in_text ^ in_html) - subject)
        assert set(URL.findall(text)) == {found.attributes["href"] for found in page.all("a")}, one.name


def test_contrast_is_enough_in_light_and_dark(all_of_them: tuple[Exhibit, ...]) -> None:
    """Every word stands out at least 4.5:1 from what is behind it, as computed from the style sheet."""
    for dark in (False, True):
        found = [pair for one in all_of_them for pair in contrasts(page_of(one.mail.content), style(), dark=dark)]
        assert len({colours for _, colours in found}) >= 4
        assert min(found)[0] >= 4.5, min(found)


def test_the_style_also_stands_inline(all_of_them: tuple[Exhibit, ...]) -> None:
    """A mail program that drops the style sheet still shows a button and text of a size to read."""
    (one,) = (found for found in all_of_them if found.name == "form-enkelt")
    page = page_of(one.mail.content)
    face = next(found for found in page.all("td") if found.attributes.get("class") == "face")
    assert "background-color: #0b4f8a" in face.attributes["style"]
    assert "font-size: 16px" in page.all("body")[0].attributes["style"]
    assert "prefers-color-scheme: dark" in page.source


def test_nothing_is_wider_than_a_small_phone(all_of_them: tuple[Exhibit, ...]) -> None:
    """No width in pixels but a maximum, and long addresses break."""
    assert set(re.findall(r"(?<!max-)width: ([^;]+);", style())) == {"100%"}
    assert "overflow-wrap: anywhere" in style()
    assert all("viewport" in page_of(one.mail.content).source for one in all_of_them)


def files(folder: Path) -> Iterator[str]:
    """Name the files of a folder."""
    return (path.name for path in folder.iterdir())


def test_the_command_writes_the_gallery(tmp_path: Path) -> None:
    """Three files a mail and an index that leads to each of them; no database, and twice is the same."""
    cli, folder = CommandLine(tmp_path / "none.db"), tmp_path / "ny" / "galleri"
    answer = cli("mail", "gallery", "--to", folder, "--json").json
    names = {one[kind] for one in answer["mails"] for kind in ("html", "text", "eml")}
    assert set(files(folder)) == names | {"index.html"} and len(names) == 3 * len(answer["mails"])
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'href="([^"]+)"', index)) == names
    before = {name: (folder / name).read_bytes() for name in names}
    assert "mails; se dem i" in cli("mail", "gallery", "--to", folder).out
    assert before == {name: (folder / name).read_bytes() for name in names}
    assert set(files(tmp_path)) == {"ny"}
