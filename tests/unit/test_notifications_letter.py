"""The letter as a whole: links, trial, headers, attachments, silence about everything else, and its cost."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from samskabt.engine.errors import InvalidInput
from samskabt.engine.values import SEAT, Dates, Intent, Json, Nudge, OutboxRow, Recipient
from samskabt.notifications import (
    STANDARD_TEXTS,
    Attachment,
    Item,
    Mail,
    Sender,
    Text,
    Trial,
    compose,
    compose_letter,
)

from ..mails import flat, page_of, parsed, text_of

NOW = datetime(2026, 9, 15, 7, 0, tzinfo=UTC)
ANNE = Recipient(5, "Anne Sørensen", "anne@nyborg.example")
SENDER = Sender("Sekretariatet på Fyn", "samskabt@program.example", "Karen Holm", "karen@program.example")
NUDGE = Nudge("k@1#1/konsulent", Intent.NUDGE, "opfoelgning", "kommunal_konsulent", "opfoelgning")
ROW = OutboxRow(
    1, 1, 17, 3, "activity", "Opstartsmøde", "Nye veje", "0450", "Nyborg Kommune",
    NUDGE, False, (ANNE,), "h", Dates(date(2026, 9, 24), None, "day"), NOW,
)  # fmt: skip
WEB = "https://samskabt.example"
FOOTER = {name: f"{WEB}/{name}/{'0123456789abcdef' * 4}" for name in ("afmeld", "fravaer", "kalender", "side")}
INVITED = replace(ROW, nudge=replace(NUDGE, intent=Intent.INVITATION, template="indkaldelse", uid="m17@x", sequence=0))
CALENDAR = Attachment(
    "møde 1.ics", "text", "calendar", {"method": "REQUEST"}, "BEGIN:VCALENDAR\r\nSUMMARY:Møde\r\n".encode()
)


def letter(
    row: OutboxRow = ROW,
    text: Text | None = None,
    *,
    links: Mapping[str, str] | None = None,
    footer: Mapping[str, str] | None = None,
    trial: Trial | None = None,
    attachments: Sequence[Attachment] = (),
    to: Recipient = ANNE,
) -> Mail:
    """Compose a letter about one row, with the standard text of its template."""
    item = Item(row, text or STANDARD_TEXTS[row.nudge.template])
    return compose_letter(
        [item], to, SENDER, NOW, message_id="<a.1@program.example>", links={row.id: links or {}},
        footer_links=footer or {}, trial=trial, attachments=attachments,
    )  # fmt: skip


def test_the_next_action_leads_where_the_link_says() -> None:
    """The button, the address in the text and the address below the button are one; it stands above the rest."""
    mail = letter(links={"naeste": f"{WEB}/g/abc"})
    (face,) = [one for one in page_of(mail.content).all("td") if one.attributes.get("class") == "face"]
    (link,) = [one for one in page_of(mail.content).all("a") if one.words == face.words == "Registrér udbyttet"]
    assert link.attributes["href"] == f"{WEB}/g/abc" and f"Adressen er {WEB}/g/abc" in page_of(mail.content).words
    said = text_of(mail.content)
    assert f"Næste skridt: Registrér udbyttet\n{WEB}/g/abc\n" in said
    order = flat(mail.content)
    assert order.index("Hvordan gik det?") < order.index("Næste skridt") < order.index("mens du husker")


def test_without_links_the_words_still_tell_what_to_do() -> None:
    """No button that leads nowhere; who wants fewer mails is told how."""
    mail = letter()
    assert "Næste skridt: Registrér udbyttet.\n" in text_of(mail.content) and not page_of(mail.content).all("a")
    assert "skriv også der, hvis du vil have færre mails" in flat(mail.content)


def test_what_is_of_no_kommune_is_told_with_its_programme() -> None:
    """Never "alle kommuner"; and a long title is not cut to make room for the programme."""
    row = replace(INVITED, kommune=None, kommune_name=None)
    assert letter(row).subject == "Indkaldelse: Opstartsmøde, 24.9.2026, Nye veje"
    long = replace(row, title="Workshops om fagprofilerne med kommuner og forskere i vest")
    longer = replace(long, programme_title="Nye veje til et godt arbejdsliv")
    assert letter(longer).subject == f"Indkaldelse: {long.title}, 24.9.2026"


def test_a_command_does_it_where_there_is_no_page() -> None:
    """Who works from the command line gets the line to type, in both parts."""
    row = replace(ROW, nudge=replace(NUDGE, values={"kommando": "samskabt advance 17 afhold"}))
    mail = letter(row)
    assert "Fra kommandolinjen: samskabt advance 17 afhold" in flat(mail.content)
    assert page_of(mail.content).all("code")[0].words == "samskabt advance 17 afhold"


def test_an_invitation_is_answered_by_one_button_and_one_link() -> None:
    """Yes is the button, no the plain link below it; the calendar's next action steps back."""
    links = {"kommer": f"{WEB}/ja/1", "kommer_ikke": f"{WEB}/nej/1", "naeste": f"{WEB}/g/1"}
    page = page_of(letter(INVITED, links=links).content)
    assert [(one.words, one.attributes["href"]) for one in page.all("a")] == [
        ("Ja, jeg kommer", links["kommer"]),
        ("Nej, jeg kan ikke komme", links["kommer_ikke"]),
    ]
    assert f"Nej, jeg kan ikke komme:\n{WEB}/nej/1" in text_of(letter(INVITED, links=links).content)


def test_only_who_can_answer_by_a_link_is_told_of_a_second_asking() -> None:
    """An invitation with links says that silence is asked again; one without, or of a seat that is had, does not."""
    links = {"kommer": f"{WEB}/ja/1", "kommer_ikke": f"{WEB}/nej/1"}
    again = "Svarer du ikke, spørger vi igen. Ellers hører du kun, hvis noget ændrer sig, og lige før vi mødes."
    seat = replace(INVITED, nudge=replace(INVITED.nudge, values={**INVITED.nudge.values, SEAT: True}))
    assert again in flat(letter(INVITED, links=links).content)
    for row, given in ((INVITED, {}), (seat, links)):
        said = flat(letter(row, links=given).content)
        assert "Du hører kun igen, hvis noget ændrer sig, og lige før vi mødes." in said and again not in said


def test_the_footer_leads_to_what_fits() -> None:
    """Page, calendar, absence and opt-out under a reminder; under what is called off there is nothing to press."""
    hrefs = {
        intent: [one.attributes["href"] for one in page_of(letter(row, footer=FOOTER).content).all("a")]
        for intent in Intent
        for row in [replace(ROW, nudge=replace(NUDGE, intent=intent, template="aflyst"))]
    }
    assert hrefs[Intent.NUDGE] == [FOOTER[name] for name in ("side", "kalender", "fravaer", "afmeld")]
    assert hrefs[Intent.INVITATION] == [FOOTER["kalender"], FOOTER["fravaer"]]
    assert hrefs[Intent.NOTICE] == [FOOTER["afmeld"]] and not hrefs[Intent.CANCELLATION]
    assert "færre mails." not in flat(letter(footer=FOOTER).content)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://a b", "http://"])
def test_what_is_no_web_address_never_becomes_a_link(url: str) -> None:
    """Neither as action, answer or footer, nor in a header."""
    mail = letter(INVITED, links=dict.fromkeys(("naeste", "kommer"), url), footer=dict.fromkeys(FOOTER, url))
    assert not page_of(mail.content).all("a") and "mailto:karen" in parsed(mail.content)["List-Unsubscribe"]
    assert "https" not in parsed(mail.content)["List-Unsubscribe"]


def test_mail_programs_can_unsubscribe_with_one_click() -> None:
    """RFC 8058: an https address, the Post header, and an answer as the other way; the long address stays whole."""
    mail = parsed(letter(footer=FOOTER).content)
    assert mail["List-Unsubscribe"].startswith(f"<{FOOTER['afmeld']}>, <mailto:karen@program.example?subject=Afmeld")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain = parsed(letter(footer={"afmeld": "http://localhost:8000/x"}).content)
    assert "List-Unsubscribe-Post" not in plain and "<http://localhost:8000/x>" in plain["List-Unsubscribe"]


def test_a_trial_names_the_real_receiver_and_reaches_only_the_other() -> None:
    """Subject and both bodies say PRØVE and for whom; the greeting is hers, the address is not."""
    box = Recipient(9, "Prøvekassen", "proeve@program.example")
    mail = letter(trial=Trial(ANNE.name, ANNE.email), to=box)
    assert mail.subject == (
        "PRØVE til Anne Sørensen <anne@nyborg.example>: Hvordan gik det? Opstartsmøde, Nyborg Kommune"
    )
    line = "PRØVE: denne mail var til Anne Sørensen <anne@nyborg.example>."
    assert text_of(mail.content).startswith(f"{line}\n\nKære Anne\n") and line in page_of(mail.content).words
    assert [one.addr_spec for one in parsed(mail.content)["To"].addresses] == [mail.recipient] == [box.email]
    assert line not in flat(letter().content)


def test_a_calendar_is_the_third_alternative_and_a_file() -> None:
    """Plain, HTML, calendar with its method; the file beside them is of another type, so nothing shows twice."""
    mail = parsed(letter(INVITED, attachments=[CALENDAR]).content)
    kinds = [part.get_content_type() for part in mail.walk()]
    alternative = ["multipart/alternative", "text/plain", "text/html", "text/calendar"]
    assert kinds == ["multipart/mixed", *alternative, "application/ics"]
    *_, shown, file = mail.walk()
    assert (shown.get_param("method"), shown.get_content_charset()) == ("REQUEST", "utf-8")
    assert (file.get_filename(), file.get_content_disposition()) == ("m-de-1.ics", "attachment")
    assert shown.get_payload(decode=True) == file.get_payload(decode=True) == CALENDAR.content
    assert shown.get_content_disposition() is None


def test_other_files_are_attached_as_they_are() -> None:
    """Their type, parameters and bytes read back."""
    given = Attachment("plan.pdf", "application", "pdf", {"x": "a b"}, bytes(range(256)) * 9)
    *_, file = parsed(letter(attachments=[given]).content).walk()
    assert (file.get_content_type(), file.get_param("x"), file.get_filename()) == ("application/pdf", "a b", "plan.pdf")
    assert file.get_payload(decode=True) == given.content


@pytest.mark.parametrize(
    "wrong",
    [
        replace(CALENDAR, maintype="text\r\nBcc: x"),
        replace(CALENDAR, subtype="calendar; x=y"),
        replace(CALENDAR, params={"method": 'REQUEST"\r\nX: y'}),
        replace(CALENDAR, params={"a b": "c"}),
    ],
)
def test_a_broken_attachment_is_refused(wrong: Attachment) -> None:
    """What would end a header is a mistake of ours, and never sent."""
    with pytest.raises(InvalidInput, match="attachment"):
        letter(attachments=[wrong])


def test_a_file_name_cannot_leave_its_header() -> None:
    """Whatever it holds, one plain name is left of it."""
    for name in ('a"\r\nBcc: x@evil.example', "../../etc/passwd", "", "æøå", "\u202egpj.exe", "a" * 900):
        *_, file = parsed(letter(attachments=[replace(CALENDAR, filename=name)]).content).walk()
        assert (file.get_filename() or "").replace("-", "").replace(".", "").isalnum()


@pytest.mark.parametrize("wrong", ["", "a@b", "<a b@c>", "<a@b>\r\nBcc: x", "<æ@b>", "<a@b", "<@>", f"<{'a' * 300}@b>"])
def test_a_broken_message_id_is_refused(wrong: str) -> None:
    """The identity of a letter is a header too."""
    with pytest.raises(InvalidInput, match="message_id"):
        compose_letter([Item(ROW, Text("x", "y"))], ANNE, SENDER, NOW, message_id=wrong)


def test_a_letter_is_about_something() -> None:
    """No items, no letter."""
    with pytest.raises(InvalidInput, match="items"):
        compose_letter([], ANNE, SENDER, NOW, message_id="<a@b.example>")


def test_nothing_but_title_date_and_link_is_told() -> None:
    """Everything else that a row holds, and what an instance's data puts beside the facts, stays out of the bytes."""
    other = Recipient(6, "MARKER-navn", "marker-adresse@x.example")
    hidden = ("grund", "tilstand", "noter", "cpr", "fra_tilstand", "siden", "praecision")
    values: dict[str, Json] = {name: f"MARKER-{name}" for name in hidden}
    values |= {"kommuner": ["MARKER-kommuner"], "actor": {"navn": "MARKER-actor"}}
    row = replace(
        ROW, kind="MARKER-kind", nudge=replace(NUDGE, key="MARKER-key", region="MARKER-region", values=values),
        recipients=(ANNE, other), workflow_hash="MARKER-hash", position={"forloeb": "MARKER-position"},
    )  # fmt: skip
    for key, text in STANDARD_TEXTS.items():
        for intent in Intent:
            one = replace(row, nudge=replace(row.nudge, intent=intent, template=key))
            both = compose_letter([Item(one, text), Item(replace(one, id=2), text)], ANNE, SENDER, NOW,
                                  message_id="<a@b.example>")  # fmt: skip
            for mail in (letter(one, text, links={"naeste": WEB}, footer=FOOTER), both):
                said = f"{mail.content!r}{text_of(mail.content)}{page_of(mail.content).source}"
                assert "marker" not in said.casefold(), (key, intent)


def test_no_tracking() -> None:
    """The same letter to another person differs in her name, her address and her links alone."""
    hers = letter(footer=FOOTER)
    his = letter(footer=FOOTER, to=Recipient(77, "Bo Sørensen", "bo@nyborg.example"))
    told = page_of(his.content).source.replace("Kære Bo", "Kære Anne")
    assert told == page_of(hers.content).source and "77" not in told


def test_texts_may_be_replaced_whole() -> None:
    """A programme's own subject, body, stops and action are what the mail says."""
    own = Text(
        "{{ titel }}!", "Så er det nu.\n\n- et\n- to {{ titel }}\n\nTak.", "alle har svaret", "Svar {{ kontakt }}"
    )
    mail = letter(text=own)
    assert mail.subject == "Opstartsmøde!" and "Den stopper, når alle har svaret." in flat(mail.content)
    assert "Næste skridt: Svar Karen Holm." in flat(mail.content)
    assert [one.words for one in page_of(mail.content).all("li")] == ["et", "to Opstartsmøde"]
    assert "- et\n- to Opstartsmøde\n" in text_of(mail.content)


def test_an_author_may_place_the_link() -> None:
    """Then it stands there, once, as a link in the HTML, and there is no button."""
    own = Text("x", "Hej {{ navn }}\n\nSe {{ link }} i dag. {{ titel }} venter.")
    page = page_of(letter(text=own, links={"naeste": f"{WEB}/g/1"}).content)
    assert [(one.words, one.attributes["href"]) for one in page.all("a")] == [(f"{WEB}/g/1", f"{WEB}/g/1")]
    assert page.words.count(f"{WEB}/g/1") == 1 and page.words.count("Hej Anne") == 1 and "Kære" not in page.words


def test_the_old_way_writes_the_same_letter() -> None:
    """``compose`` is a letter about one row, without links."""
    mail = compose(ROW, ANNE, STANDARD_TEXTS["opfoelgning"], SENDER, NOW)
    assert text_of(mail.content) == text_of(letter().content)
    assert mail.message_id != letter().message_id


def test_a_letter_costs_little() -> None:
    """Below 3 ms of this thread's own time once the templates are compiled; a measured run is slower by itself."""
    letter()
    spent = []
    for _ in range(60):
        since = time.thread_time()
        letter(links={"naeste": f"{WEB}/g/abc"}, footer=FOOTER)
        spent.append(time.thread_time() - since)
    assert min(spent) < (0.003 if sys.gettrace() is None else 0.012)


def test_a_greeting_inside_a_sentence_is_the_authors_own() -> None:
    """Nobody is greeted twice, and a sender without a name is an address alone."""
    mail = letter(text=Text("x", "Kære {{ navn }}, nu er det tid til at se på {{ titel }} sammen med os.\n\nKom."))
    assert flat(mail.content).startswith("Kære Anne, nu er det tid") and flat(mail.content).count("Kære") == 1
    nameless = letter(to=replace(ANNE, name=""))
    assert parsed(nameless.content)["To"].addresses[0].addr_spec == ANNE.email
