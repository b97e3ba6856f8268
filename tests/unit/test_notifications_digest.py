"""Several things in one letter: how many, the most urgent first, grouped, short, and nothing lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from samskabt.engine.values import Dates, Intent, Nudge, OutboxRow, Recipient
from samskabt.notifications import STANDARD_TEXTS, Item, Mail, Named, Sender, Text, Writer, compose_letter, urgency

from ..mails import flat, page_of, parsed, text_of

NOW = datetime(2026, 9, 15, 7, 0, tzinfo=UTC)
ANNE = Recipient(5, "Anne Sørensen", "anne@nyborg.example")
SENDER = Sender("Sekretariatet", "samskabt@program.example", "Karen Holm", "karen@program.example")
SIDE = {"side": "https://samskabt.example/side/1"}


def thing(
    number: int,
    key: str = "blev_det_holdt",
    title: str = "Opstartsmøde",
    day: str | None = "2026-09-24",
    kommune: str = "Nyborg",
    programme: str = "Nye veje",
    intent: Intent = Intent.NUDGE,
    role: str = "kommunal_konsulent",
) -> Item:
    """Give one thing that waits."""
    values = {"dato": day, "hvorfor": "Blev mødet holdt?", "stopper": "Stopper, når det er registreret"}
    nudge = Nudge(f"k{number}", intent, key, role, key, values={k: v for k, v in values.items() if v})
    row = OutboxRow(
        number, 1, 100 + number, len(programme), "activity", title, programme, kommune, f"{kommune} Kommune",
        nudge, False, (ANNE,), "h", Dates(), NOW,
    )  # fmt: skip
    return Item(row, STANDARD_TEXTS[key])


def letter(*items: Item, footer: dict[str, str] | None = None, texts: dict[str, Text] | None = None) -> Mail:
    """Compose a digest in which everything has its link."""
    links = {one.row.id: {"naeste": f"https://samskabt.example/g/{one.row.id}"} for one in items}
    return compose_letter(
        items, ANNE, SENDER, NOW, message_id="<d.1@program.example>", links=links,
        footer_links=SIDE if footer is None else footer, texts=texts or {},
    )  # fmt: skip


def titles(mail: Mail) -> list[str]:
    """Name the things in their order."""
    return [one.words for one in page_of(mail.content).all("h3")]


def hrefs(mail: Mail) -> list[str]:
    """Give where the links lead."""
    return [one.attributes["href"] for one in page_of(mail.content).all("a")]


def test_the_subject_counts_and_names_the_most_urgent() -> None:
    """How many, then as many titles as there is room for, then how many more."""
    one, two, three = thing(1, title="Baseline", day="2026-09-17"), thing(2, title="Temadag"), thing(3, title="Møde")
    assert letter(three, two, one).subject == "3 ting venter på dig: Baseline, Temadag og Møde"
    long = [thing(n, title=f"Den {n}. lange temadag om borgeren", day=f"2026-09-{16 + n}") for n in range(1, 10)]
    assert letter(*long).subject == "9 ting venter på dig: Den 1. lange temadag om borgeren og 8 til"
    huge = [thing(n, title=f"{n} {'Ø' * 300}") for n in (1, 2)]
    assert len(letter(*huge).subject) <= 90 and letter(*huge).subject.endswith("… og 1 til")


def test_titles_of_several_kommuner_say_whose_they_are() -> None:
    """The same meeting in two kommuner is two things."""
    assert letter(thing(1), thing(2, kommune="Greve")).subject == (
        "2 ting venter på dig: Opstartsmøde (Nyborg) og Opstartsmøde (Greve)"
    )


def test_what_cannot_wait_comes_first() -> None:
    """Called off, then what cannot be made good, then by day with the overdue first, then what has none."""
    late, soon, later = thing(1, day="2026-09-01"), thing(2, day="2026-09-16"), thing(3, day="2026-12-01")
    undated, off = thing(4, day=None), thing(5, "aflyst", intent=Intent.CANCELLATION, day="2027-01-01")
    baseline, news = thing(6, "baseline_frist", day="2026-11-01"), thing(7, "loesning_klar", intent=Intent.NOTICE)
    wanted = [off, baseline, late, soon, later, undated, news]
    mixed = [undated, later, news, baseline, soon, off, late]
    assert [one.row.id for one in sorted(mixed, key=lambda one: urgency(one.row, one.text))] == [
        one.row.id for one in wanted
    ]


def test_the_day_is_that_of_the_instance_where_the_mail_has_none() -> None:
    """Planned dates count too, and words for a day do not."""
    planned = thing(1, day="medio oktober")
    planned = replace(planned, row=replace(planned.row, dates=Dates(date(2026, 10, 15), None, "day")))
    instant = thing(2, day="2026-09-20T22:30:00+00:00")
    assert [urgency(one.row, one.text)[2] for one in (planned, instant, thing(3, day=None))] == [
        date(2026, 10, 15),
        date(2026, 9, 21),
        date.max,
    ]


def test_what_is_overdue_comes_by_its_last_day_also_where_its_text_names_none() -> None:
    """A task that should be done goes before a meeting to come; one that still has time goes last."""
    late, soon, in_time = thing(1, "saet_dato", day=None), thing(2, day="2026-09-16"), thing(3, "saet_dato", day=None)
    ended = Dates(date(2026, 8, 1), date(2026, 9, 1), "day")
    late = replace(late, row=replace(late.row, dates=ended))
    in_time = replace(in_time, row=replace(in_time.row, dates=replace(ended, planned_end=date(2026, 12, 1))))
    ordered = sorted((in_time, soon, late), key=lambda one: urgency(one.row, one.text))
    assert [one.row.id for one in ordered] == [1, 2, 3]


def test_things_are_grouped_by_kommune_and_programme() -> None:
    """The group of the most urgent thing is first; inside it the order holds."""
    mail = letter(
        thing(1, title="C", day="2026-10-03", kommune="Greve"),
        thing(2, title="B", day="2026-10-02"),
        thing(3, title="A", day="2026-10-01", kommune="Greve"),
        thing(4, title="D", day="2026-10-04", kommune="Greve", programme="Andre veje"),
    )
    assert [one.words for one in page_of(mail.content).all("h2")] == [
        "Greve Kommune, Nye veje",
        "Nyborg Kommune, Nye veje",
        "Greve Kommune, Andre veje",
    ]
    assert titles(mail) == ["A", "C", "B", "D"]


def test_each_thing_says_what_why_and_what_to_do() -> None:
    """Title, words with the day, one next action with its link, the reason and the end; no button."""
    mail = letter(thing(1), thing(2, kommune="Greve"))
    page, said = page_of(mail.content), flat(mail.content)
    assert [(one.words, one.attributes["href"]) for one in page.all("a")][:2] == [
        ("Registrér, om det blev holdt", "https://samskabt.example/g/1"),
        ("Registrér, om det blev holdt", "https://samskabt.example/g/2"),
    ]
    assert said.count("(Blev mødet holdt? Stopper, når det er registreret.)") == 2
    assert said.count("var planlagt til torsdag den 24. september 2026 (uge 39)") == 2
    assert not [one for one in page.all("td") if one.attributes.get("class") == "face"]


def test_a_status_is_told_whole() -> None:
    """What is late and what comes next is the message: it is not cut down to its first sentence."""
    status = Text("Månedens status", "Her er status.\n\nForsinket: {{ forsinket }}\n\nDen næste måned: {{ kommer }}")
    one = thing(1, title="Nye veje", day=None)
    values = {**one.row.nudge.values, "forsinket": "Sparring", "kommer": "Temadag"}
    told = Item(replace(one.row, nudge=replace(one.row.nudge, values=values)), status)
    text = flat(letter(told, thing(2)).content)
    assert "Forsinket: Sparring" in text and "Den næste måned: Temadag" in text


def test_what_a_consultant_writes_is_told_whole() -> None:
    """A message of one's own loses no paragraph among other things."""
    words = Text("Nyt om temadagen", "Temadagen flyttes til Vejle.\n\nHusk at melde frokost.\n\nVi ses!")
    row = thing(1, title="Nye veje", day=None, intent=Intent.NOTICE).row
    told = Item(replace(row, nudge=replace(row.nudge, template="besked")), words)
    text = flat(letter(told, thing(2)).content)
    assert "Husk at melde frokost." in text and "Vi ses!" in text


@pytest.mark.parametrize("kind", ["activity", "programme"])
def test_a_message_among_other_things_keeps_its_own_subject(kind: str) -> None:
    """As its heading and in the subject line; a body that is a greeting alone is told too."""
    words = Text("Nyt lokale i {{ kommune }}", "Hej alle sammen, vi ses i lokale 2")
    row = thing(1, title="Nye veje", day=None, intent=Intent.NOTICE).row
    told = Item(replace(row, kind=kind, nudge=replace(row.nudge, template="besked")), words)
    mail = letter(told, thing(2, title="Temadag"))
    assert "Nyt lokale i Nyborg Kommune" in titles(mail) and "Nyt lokale i Nyborg" in mail.subject
    assert "vi ses i lokale 2" in flat(mail.content)


def test_a_day_that_the_words_leave_out_is_added() -> None:
    """Weekday, date and week stand once with each thing whose text speaks of a day; others have none."""
    own = Item(thing(1).row, Text("Noget om {{ titel }}, {{ dato_kort }}", "Det er tid."))
    mail = letter(own, thing(2, "blev_det_holdt"), thing(3, "saet_dato"))
    assert "Hvornår: torsdag den 24. september 2026 (uge 39)\n" in text_of(mail.content)
    assert text_of(mail.content).count("Hvornår: ") == 1


def test_it_says_once_why_it_came() -> None:
    """All roles in one sentence, each once; many are counted."""
    said = flat(letter(thing(1), thing(2), thing(3, role="projektleder")).content)
    assert said.count("Derfor får du denne mail") == 1
    assert "du er registreret som kommunal konsulent for Nyborg Kommune i Nye veje og projektleder for" in said
    assert "Den stopper, når der ikke venter mere på dig." in said
    many = letter(*(thing(n, kommune=f"By{n}") for n in range(6)))
    assert "som kommunal konsulent for 6 kommuner i Nye veje. Den" in flat(many.content)
    roles = letter(*(thing(n, role=f"rolle_{n}") for n in range(6)))
    assert "rolle 2 for Nyborg Kommune i Nye veje og i 3 roller til." in flat(roles.content)


def test_what_there_is_no_room_for_stands_in_a_line() -> None:
    """Fifteen are told, the most urgent; the rest follow in a line each with its link, and nothing goes untold."""
    items = [thing(n, title=f"Ting {n:02}", day=f"2026-10-{n:02}") for n in range(22, 0, -1)]
    mail = letter(*items)
    assert titles(mail) == [f"Ting {n:02}" for n in range(1, 16)]
    lines = [one.words for one in page_of(mail.content).all("li")]
    assert lines == [f"Ting {n:02} (Nyborg): Registrér, om det blev holdt" for n in range(16, 23)]
    assert {f"https://samskabt.example/g/{n}" for n in range(1, 23)} <= set(hrefs(mail))
    assert "Også dette:\n- Ting 16 (Nyborg): Registrér, om det blev holdt:\n" in text_of(mail.content)
    assert "Også dette" not in flat(letter(*items[:15]).content)


def test_what_only_differs_by_its_kommune_is_told_once() -> None:
    """Three and more become one thing with a link for each; two stay two."""
    places = ("Favrskov", "Odense", "Stevns")
    mail = letter(*(thing(n, kommune=place) for n, place in enumerate(places, 1)), thing(4, title="Temadag"))
    assert titles(mail) == ["Opstartsmøde", "Temadag"]
    assert "Favrskov Kommune, Odense Kommune og Stevns Kommune, Nye veje" in flat(mail.content)
    assert "Næste skridt: Registrér, om det blev holdt." in flat(mail.content)
    assert [one.words for one in page_of(mail.content).all("a")][:3] == [f"{place} Kommune" for place in places]
    assert titles(letter(thing(1), thing(2, kommune="Greve"))) == ["Opstartsmøde"] * 2


def test_how_long_it_stands_still_is_a_span() -> None:
    """The same checklist in four kommuner is one thing, though some began a day later; the subject counts them."""
    text = Text(
        "Mangler det? {{ kommune }}", "I {{ kommune }} har det stået stille i {{ dage }}.", action="Sæt flueben"
    )
    found = []
    for number, (place, days) in enumerate((("Favrskov", 27), ("Odense", 26), ("Stevns", 25)), 1):
        row = replace(thing(number, title=place, day=None, kommune=place).row, kind="kommune")
        found.append(Item(replace(row, nudge=replace(row.nudge, values={**row.nudge.values, "dage": days})), text))
    mail = letter(*found)
    assert mail.subject == "3 ting venter på dig: Mangler det? (3 kommuner)"
    said = "I Favrskov Kommune, Odense Kommune og Stevns Kommune har det stået stille i 25-27 dage."
    assert said in flat(mail.content) and flat(mail.content).count("stået stille") == 1


def test_a_process_is_named_by_its_matter() -> None:
    """What waits of a kommune's process or a programme is called by what the mail is about, never by its place."""
    process = thing(1, title="Nyborg", day=None)
    told = Item(replace(process.row, kind="kommune"), Text("Din opbakning: {{ kommune }}, {{ trin }}", "Det er tid."))
    mail = letter(told, thing(2, kommune="Greve"))
    assert mail.subject == "2 ting venter på dig: Opstartsmøde (Greve) og Din opbakning (Nyborg)"
    assert titles(mail) == ["Opstartsmøde", "Din opbakning"]


def test_whom_one_stands_in_for_is_said() -> None:
    """The reason is the truth: nobody is registered as what they only take over for a while."""
    one = thing(1)
    stands_in = Recipient(6, "Bo Kjær", "bo@nyborg.example", False, "Anne Sørensen", date(2026, 12, 1))
    mail = compose_letter([one], stands_in, SENDER, NOW, message_id="<d.1@program.example>")
    assert "Derfor får du denne mail: du tager over for Anne Sørensen til og med 1.12.2026 (Blev mødet" in flat(
        mail.content
    )
    several = compose_letter([one, thing(2, title="B")], stands_in, SENDER, NOW, message_id="<d.1@program.example>")
    assert "Derfor får du denne mail: du tager over for Anne Sørensen til og med 1.12.2026. Den" in flat(
        several.content
    )
    assert "registreret" not in flat(several.content).partition("Derfor får du")[2].partition("Den stopper")[0]


def test_news_alone_do_not_wait() -> None:
    """Where nothing has to be done, the subject does not say so."""
    news = [thing(n, "loesning_klar", title=f"Løsning {n}", intent=Intent.NOTICE) for n in (1, 2)]
    assert letter(*news).subject == "2 beskeder til dig: Løsning 1 og Løsning 2"


def test_programmes_may_replace_the_frame() -> None:
    """Subject, opening and end of a digest are texts like the others."""
    own = Text("Ugens {{ antal }}: {{ ting }}", "Hej igen. {{ kontakt }} hjælper.", "ugen er omme")
    mail = letter(thing(1), thing(2, title="Temadag"), texts={"samling": own})
    assert mail.subject == "Ugens 2 ting: Opstartsmøde og Temadag"
    assert "Hej igen. Karen Holm hjælper." in flat(mail.content) and "når ugen er omme." in flat(mail.content)
    assert page_of(mail.content).all("h1")[0].words == "Ugens 2 ting"


def test_an_authors_greeting_is_left_out_of_the_list() -> None:
    """A text that greets for itself does not greet again in the middle of a digest."""
    own = Item(thing(1).row, Text("x", "Kære {{ navn }}\n\n{{ titel }} venter.\n\n{{ link }}"))
    said = text_of(letter(own, thing(2)).content)
    assert said.count("Kære Anne") == 1 and "* Opstartsmøde\nOpstartsmøde venter.\n" in said
    assert "Næste skridt: Se, hvad du kan gøre\nhttps://samskabt.example/g/1\n" in said


def test_headers_of_a_digest_name_all_it_is_about() -> None:
    """One programme is a list of its own; several are the list of the house."""
    one = parsed(letter(thing(1), thing(2, "saet_dato")).content)
    assert (one["List-Id"], one["X-Samskabt-Why"]) == ("<program-8.program.example>", "Blev moedet holdt?")
    assert "X-Samskabt-UID" not in one
    two = parsed(letter(thing(1), thing(2, programme="Andre veje")).content)
    assert two["List-Id"] == "<samskabt.program.example>"


@pytest.mark.parametrize("key", sorted(STANDARD_TEXTS.keys() - {"samling", "samling_nyt"}))
def test_every_text_can_stand_in_a_digest(key: str) -> None:
    """Its first words, what to do and no placeholder left; never more than a few lines."""
    mail = letter(thing(1, key), thing(2))
    (said,) = [part for part in text_of(mail.content).split("\n\n") if part.startswith("* ")][:1]
    assert 2 <= len(said.splitlines()) <= 9 and "{" not in said and "Opstartsmøde" in said


def test_who_wrote_is_said_in_a_digest_and_answers_go_to_her_where_all_of_it_is_hers() -> None:
    """Beside other things the office reads the answers, and her address stands with her name."""
    bo = Writer("Bo Kjær", "projektleder", "bo@nyborg.example")
    first, second = (replace(thing(n, title=f"Nr. {n}"), named=Named(writer=bo)) for n in (1, 2))
    hers, mixed = letter(first, second), letter(first, thing(3))
    assert [str(parsed(one.content)["Reply-To"].addresses[0].addr_spec) for one in (hers, mixed)] == [
        "bo@nyborg.example", "karen@program.example",
    ]  # fmt: skip
    assert flat(hers.content).count("Skrevet af Bo Kjær, projektleder.") == 2
    assert flat(mixed.content).count("Skrevet af Bo Kjær, projektleder (bo@nyborg.example).") == 1
