"""One row and one person become one mail: pure, readable, and safe against whatever stands in names and titles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage

import pytest
from samskabt.engine.errors import InvalidInput
from samskabt.engine.values import Dates, Intent, Json, Nudge, OutboxRow, Recipient
from samskabt.notifications import Mail, Sender, Text, compose

from ..mails import parsed, text_of

QUEUED = datetime(2019, 9, 17, 6, 0, tzinfo=UTC)
ANNE = Recipient(5, "Anne Sørensen", "anne@nyborg.example")
SENDER = Sender("Sekretariatet på Fyn", "samskabt@program.example", "Karen Holm", "karen@program.example")
TEXT = Text("{{ titel }}, {{ dato_kort }}", "{{ titel }} er {{ dato }}.", "det er holdt")
NUDGE = Nudge("moede@12#1/konsulent", Intent.NUDGE, "min_tekst", "kommunal_konsulent", "påmindelse før møde")
ROW = OutboxRow(
    1, 1, 17, 3, "activity", "Opstartsmøde", "Nye veje", "0450", "Nyborg Kommune",
    NUDGE, False, (ANNE,), "h", Dates(date(2019, 9, 20), None, "day"), QUEUED,
)  # fmt: skip
HEADERS = {
    *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "List-Id"),
    *("X-Samskabt-Why", "List-Unsubscribe", "Content-Type", "MIME-Version"),
}
LINE_ENDS = ("\r\n", "\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029", "\x00")
ATTACKS = (
    *(f"Anne{end}Bcc: x@evil.example" for end in LINE_ENDS),
    *(f"{end}{end}Ny mail{end}.{end}MAIL FROM:<x@evil.example>" for end in LINE_ENDS),
    *(
        '"',
        '\\"',
        "\\",
        "'; DROP",
        "a\\",
        '" <x@evil.example>, "',
        "<x@evil.example>",
        "x@evil.example, y",
        ",;:",
        "()",
    ),
    *(
        "(kommentar",
        "a@b@c",
        "undisclosed-recipients:;",
        "Gruppe: x@evil.example;",
        '"\r\n"',
        "%0d%0aBcc: x@evil.example",
    ),
    *("=?utf-8?q?a=0D=0ABcc:_x@evil.example?=", "=?utf-8?b?DQpCY2M6IHhAZXZpbC5leGFtcGxl?=", "=?us-ascii?q?x?="),
    *("=\u200b?utf-8?q?a=0D=0ABcc:_x@evil.example?=", "=?utf-8?q?=22=2C_x=40evil.example?= y", "=\n?utf-8?q?a?="),
    *("{{ navn }}", "{% include 'x' %}", "${jndi:ldap://x}", "{0.__class__}", "%s%n", "<script>alert(1)</script>"),
    *(
        "\u202eelpmaxe.live@x",
        "\u2066a\u2069",
        "\ufeffAnne",
        "\ud800",
        "A" * 3000,
        "æ" * 1000,
        "😀 " * 90,
        "\x1b[31mrød",
    ),
    *(
        "Content-Type: text/html",
        "Subject: x",
        " \r\n Bcc: x@evil.example",
        "\r\n\tBcc: x@evil.example",
        "--",
        "\r\n.\r\n",
    ),
    *("From nobody", "\r", "\x7f", "a\u0000b", "Bcc:x@evil.example\r\n\r\n<html>"),
)


def written(
    row: OutboxRow = ROW,
    to: Recipient = ANNE,
    text: Text = TEXT,
    sender: Sender = SENDER,
    now: datetime = QUEUED,
    values: Mapping[str, Json] | None = None,
) -> Mail:
    """Compose with the sample where nothing else is said."""
    if values is not None:
        row = replace(row, nudge=replace(row.nudge, values=values))
    return compose(row, to, text, sender, now)


def read(mail: Mail) -> EmailMessage:
    """Read the bytes back as a mail program does."""
    return parsed(mail.content)


def body(mail: Mail) -> str:
    """Give the text of the mail."""
    return text_of(mail.content)


def invitation(**changes: object) -> OutboxRow:
    """Give the sample as an invitation."""
    nudge = replace(NUDGE, intent=Intent.INVITATION, uid="m17@program", sequence=0, values={"sted": "Rådhuset"})
    return replace(ROW, nudge=replace(nudge, **changes))  # type: ignore[arg-type]


def test_same_input_gives_same_bytes() -> None:
    """Composing is pure: neither clock, random numbers nor the host's name get in."""
    assert written() == written()


def test_headers_read_back() -> None:
    """Another parser finds the people, the subject and the marks of an automatic Danish mail."""
    mail = read(written())
    assert set(mail.keys()) == HEADERS
    assert [(to.display_name, to.addr_spec) for to in mail["To"].addresses] == [
        ("Anne Sørensen", "anne@nyborg.example")
    ]
    assert mail["From"].addresses[0].display_name == "Sekretariatet på Fyn"
    assert mail["Reply-To"].addresses[0].addr_spec == "karen@program.example"
    assert mail["Subject"] == "Opstartsmøde, 20.9.2019"
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "da")
    assert mail["List-Id"] == "<program-3.program.example>"
    assert mail["X-Samskabt-Why"] == "paamindelse foer moede"


def test_no_server_on_the_way_needs_to_change_the_mail() -> None:
    """The bytes are ASCII with CRLF and lines of at most 76 characters, and say the same when read back."""
    mail = written(text=Text("x", "Så mødes vi på rådhuset i Ærøskøbing. " * 20))
    assert "Ærøskøbing" in body(mail) and mail.content.isascii()
    assert b"\n" not in mail.content.replace(b"\r\n", b"")
    assert max(len(line) for line in mail.content.split(b"\r\n\r\n", 1)[1].splitlines()) <= 76
    assert max(len(line) for line in body(mail).splitlines()) <= 72


def test_the_body_says_what_when_why_and_until_when() -> None:
    """Greeting, text, reason, end and signature stand in that order."""
    assert body(written()) == (
        "Kære Anne\n\nOpstartsmøde er fredag den 20. september 2019 (uge 38).\n\n"
        "Derfor får du denne mail: du er registreret som kommunal konsulent for\n"
        "Nyborg Kommune i Nye veje. Den stopper, når det er holdt.\n\n"
        "Med venlig hilsen\nKaren Holm\nSekretariatet på Fyn\n\n"
        "-- \nSvar på denne mail går til Karen Holm; skriv også der, hvis du vil have\nfærre mails.\n"
    )


def test_a_long_link_stays_whole() -> None:
    """A link is never broken, however long, and says what it is for."""
    link = "https://samskabt.example/" + "a-" * 60
    assert f"Næste skridt: Se, hvad du kan gøre\n{link}\n" in body(written(values={"link": link}))


def test_a_command_is_told_when_there_is_no_link() -> None:
    """Who works from the command line gets the line to type."""
    assert "Fra kommandolinjen: samskabt meld 17 holdt\n" in body(
        written(values={"kommando": "samskabt meld 17 holdt"})
    )


def test_nothing_is_said_twice() -> None:
    """An author who places greeting, reason, end or link decides where they stand."""
    text = Text("x", "Hej {{ navn }}\n\nSe {{ link }}. Fordi {{ hvorfor }}. Til {{ stopper }}.", "det er gjort")
    said = body(written(text=text, values={"link": "https://x.example"}))
    assert said.count("https://x.example") == said.count("det er gjort") == said.count("du er registreret") == 1
    assert "Kære" not in said


def test_the_workflows_own_reason_and_end_win() -> None:
    """A rule may say better why it writes and what stops it."""
    said = body(written(values={"hvorfor": "du har lovet det", "stopper": "du har svaret"})).replace("\n", " ")
    assert "i Nye veje (du har lovet det). Den stopper, når du har svaret." in said


def test_message_id_is_of_instance_key_and_person() -> None:
    """A changed title, text, attempt or hour is the same mail; another instance, occurrence or person is not."""
    first = written().message_id
    later = replace(ROW, id=9, fence=4, title="Nyt navn", queued_at=QUEUED + timedelta(days=2))
    assert written(later, text=Text("b", "c"), now=QUEUED + timedelta(days=9)).message_id == first
    others = {
        written(replace(ROW, instance_id=18)).message_id,
        written(replace(ROW, nudge=replace(NUDGE, key="moede@13#1/konsulent"))).message_id,
        written(to=replace(ANNE, person_id=6)).message_id,
    }
    assert len(others | {first}) == 4
    assert re.fullmatch(r"<[a-z0-9-]+\.[0-9a-f]{24}@program\.example>", first)


def test_the_date_is_that_of_the_sending() -> None:
    """When it was queued tells nobody anything: it may have waited for the week, or for a digest."""
    for late in (timedelta(hours=23), timedelta(days=7)):
        assert read(written(now=QUEUED + late))["Date"].datetime == QUEUED + late


def test_an_invitation_states_time_and_place_itself() -> None:
    """Whatever the text says, the body holds the facts, and headers carry UID and SEQUENCE."""
    mail = written(invitation(), text=Text("Kom", "Kom!"))
    assert "Hvad: Opstartsmøde\nHvornår: fredag den 20. september 2019 (uge 38)\nHvor: Rådhuset\n" in body(mail)
    assert (read(mail)["X-Samskabt-UID"], read(mail)["X-Samskabt-Sequence"]) == ("m17@program", "0")
    assert "Status" not in body(mail)


def test_a_changed_invitation_says_so() -> None:
    """From SEQUENCE 1 on, subject and body say that this one replaces the former, and what it was."""
    row = invitation(sequence=2, values={"tidligere": "2019-09-18"})
    mail = written(row, text=Text("Kom", "Kom!"))
    assert mail.subject == "Opdateret: Kom"
    assert "Status: opdateret" in body(mail) and "Før: onsdag den 18. september 2019 (uge 38)" in body(mail)


def test_a_cancellation_says_so() -> None:
    """Subject and body say aflyst, once."""
    row = invitation(intent=Intent.CANCELLATION, sequence=3)
    assert written(row, text=Text("Mødet", "Nej.")).subject == "Aflyst: Mødet"
    assert written(row, text=Text("Aflyst: mødet", "Nej.")).subject == "Aflyst: mødet"
    assert "Status: AFLYST" in body(written(row))


def test_a_long_subject_is_cut_between_words() -> None:
    """The inbox shows no more than this."""
    mail = written(text=Text("ord " * 40, "x"))
    assert len(mail.subject) <= 90 and mail.subject.endswith("ord …")


def test_a_long_title_leaves_the_day_behind_it_to_be_read() -> None:
    """Not the end of the subject is cut, but the title; the same with a word in front of it."""
    long = replace(ROW, title="Selvstændige temadage om strategisk kompetenceudvikling for de fire kommuner")
    subject = written(long, text=Text("Indkaldelse: {{ titel }}, {{ kommune }}, {{ dato_kort }}", "x")).subject
    assert len(subject) <= 90 and subject.startswith("Indkaldelse: Selvstændige temadage om strategisk")
    assert subject.endswith(" …, Nyborg Kommune, 20.9.2019")


def test_a_subject_of_one_long_word_is_cut_too() -> None:
    """A word that fills the line is cut rather than left out."""
    assert written(text=Text("Ændret: " + "x" * 300, "x")).subject == f"Ændret: {'x' * 81}…"


def test_a_sender_with_a_wrong_address_cannot_be_made() -> None:
    """A slip in the settings shows at the start, not as a hundred dead mails."""
    with pytest.raises(InvalidInput, match="sender email: has no usable mail address"):
        replace(SENDER, email="samskabt")
    with pytest.raises(InvalidInput, match="sender reply_email"):
        replace(SENDER, reply_email="karen@program.example, bo@program.example")


@pytest.mark.parametrize(
    "address",
    [
        *("", "anne", "anne@", "@x.example", "a@b", "a b@x.example", "a@x.example, b@x.example", "<a@x.example>"),
        *("a@x.example\r\nBcc: b@x.example", "a@x.example\n", '"a b"@x.example', "a..b@x.example", "a@-x.example"),
        *("søren@x.example", "a@nyborg.æø", f"{'a' * 250}@x.example"),
    ],
)
def test_an_unusable_address_is_refused_without_repeating_it(address: str) -> None:
    """Only one plain address gets into a header; the error names the person by number, never the address."""
    with pytest.raises(InvalidInput, match="recipient 5: has no usable mail address") as caught:
        written(to=replace(ANNE, email=address))
    assert not address or address not in str(caught.value)


def test_an_unknown_placeholder_names_the_text() -> None:
    """The error says which of the programme's texts to mend."""
    with pytest.raises(InvalidInput, match=r"text 'min_tekst': unknown placeholder \{\{ mistake \}\}"):
        written(text=Text("x", "{{ mistake }}"))


def test_there_are_enough_attacks() -> None:
    """The corpus does not shrink unnoticed."""
    assert len(set(ATTACKS)) >= 60


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_nothing_in_names_or_values_reaches_the_headers(attack: str) -> None:
    """Whatever stands in names, titles, values and keys: the same headers, one receiver, one text part."""
    nudge = replace(NUDGE, key=f"k{attack}", why=attack, uid=attack, intent=Intent.INVITATION, sequence=1)
    values: dict[str, Json] = dict.fromkeys(("sted", "dato", "hvorfor", "stopper", "link", "kl"), attack)
    row = replace(
        ROW, title=attack, programme_title=attack, kommune_name=attack, nudge=replace(nudge, role=attack, values=values)
    )
    sender = replace(SENDER, name=attack, reply_name=attack)
    text = Text(f"{{{{ titel }}}} {attack.translate({ord('{'): None, ord('}'): None})}", "{{ sted }}")
    mail = written(row, replace(ANNE, name=attack), text, sender)
    found = read(mail)
    assert set(found.keys()) == HEADERS | {"X-Samskabt-UID", "X-Samskabt-Sequence"}
    assert len(found.keys()) == len(set(found.keys()))
    for header, address in (("To", ANNE.email), ("From", SENDER.email), ("Reply-To", SENDER.reply_email)):
        assert [one.addr_spec for one in found[header].addresses] == [address]
    assert not any(mark in str(value) for value in found.values() for mark in LINE_ENDS)
    assert [part.get_content_type() for part in found.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    head = mail.content.split(b"\r\n\r\n", 1)[0]
    starts = [line.partition(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]
    assert starts == found.keys() and head.isascii() and mail.content.isascii()
