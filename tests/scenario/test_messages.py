"""What is shown before a mail goes is the mail that goes; and what a person wrote can be taken back while it waits."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from samskabt.engine.errors import Refused
from samskabt.engine.values import Actor, ActorKind, Identity, Refusal, Strength
from samskabt.runtime.engine import connect
from samskabt.runtime.mailing.withdrawing import WITHDRAW
from samskabt.runtime.posting.restraint import Restraint
from samskabt.runtime.usecases.programmes import Workflows

from ..command_line import CommandLine, live_programme
from ..mails import parsed, part, text_of
from .desk import at, open_desk, settle_desk
from .world import ME

WORDS = ("--to", "kommunal_konsulent", "--subject", "Nyt lokale", "--text", "Vi ses i lokale 2, {{ navn }}.")
WEB = {"SAMSKABT_WEB_URL": "https://samskabt.example", "SAMSKABT_MAIL_WINDOW": "8-15", "SAMSKABT_MAIL_DIGEST": "day"}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Give a programme in October 2019."""
    return live_programme(tmp_path_factory.mktemp("messages") / "samskabt.db")


@pytest.fixture
def line(live: CommandLine, tmp_path: Path) -> CommandLine:
    """Give a copy with pages, in office hours."""
    copy = live.copy(tmp_path)
    copy.environment = WEB
    return copy


def flat(text: str) -> str:
    """Give words as one line, with the secrets of links left out."""
    return " ".join(re.sub(r"(/h/)[\w.-]+", r"\1...", text).split())


def test_a_preview_is_the_mail_that_goes(line: CommandLine) -> None:
    """Subject, words, links and foot are those of the letter that is sent; no secret of a link is shown."""
    shown = flat(line("message", "1", *WORDS, "--preview").out)
    assert line("message", "1", *WORDS).code == 0
    line.at = datetime(2019, 10, 21, 10, 0, tzinfo=UTC)
    assert line("tick").code == 0
    mails = [path.read_bytes() for path in (line.path.parent / "mail").glob("*.eml")]
    (sent,) = [text for text in map(text_of, mails) if "Vi ses i lokale 2" in text]
    assert flat(sent) in shown
    assert "Få færre mails: https://samskabt.example/h/..." in shown


def test_a_message_tells_when_it_goes_and_how_to_take_it_back(line: CommandLine) -> None:
    """Not "today" for what waits for office hours; the same words again are not sent twice, whenever that is."""
    line.at = datetime(2019, 10, 11, 14, 0, tzinfo=UTC)  # A Friday after office hours, before week 42, which is closed.
    first = line("message", "1", *WORDS).out
    assert "går til Karen Sørensen mandag den 21. oktober 2019 kl. " in first and "sted i dag" not in first
    number = re.search(r"samskabt outbox withdraw (\d+) --reason", first)
    again = line("message", "1", *WORDS).out
    assert "er der allerede" in again and "mandag den 21. oktober" in again and number is not None
    told = line("outbox", "withdraw", number[1], "--reason", "Forkert lokale", "--preview").out
    assert "ville blive taget ud af 1 brev" in told and "Intet er ændret" in told
    assert line("outbox", "withdraw", number[1], "--reason", "Forkert lokale", "--json").json["letters"] == 1
    assert "taget tilbage: Forkert lokale" in line("outbox").out
    assert "Forkert lokale" in line("history", "1").out
    assert line("outbox", "withdraw", number[1], "--reason", "Igen").code == 2
    line.at = datetime(2019, 10, 21, 10, 0, tzinfo=UTC)
    line("tick")
    mails = (line.path.parent / "mail").glob("*.eml")
    assert not [path for path in mails if "lokale 2" in text_of(path.read_bytes())]


def test_what_was_taken_back_can_be_sent_that_day(line: CommandLine) -> None:
    """The same words go anew, as often as they are taken back, and still not twice at a time."""
    numbers = []
    for _ in range(3):
        first = line("message", "1", *WORDS, "--json").json
        again = line("message", "1", *WORDS, "--json").json
        assert first["is_new"] and not again["is_new"] and again["id"] == first["id"]
        numbers.append(first["id"])
        if len(numbers) < 3:
            assert line("outbox", "withdraw", first["id"], "--reason", "Nej, vent").code == 0
    assert len(set(numbers)) == 3
    line.at = datetime(2019, 10, 21, 10, 0, tzinfo=UTC)
    assert line("tick").code == 0
    mails = [path.read_bytes() for path in (line.path.parent / "mail").glob("*.eml")]
    assert sum("lokale 2" in text_of(one) for one in mails) == 1


def test_the_outbox_speaks_danish(line: CommandLine) -> None:
    """Kinds of mails are named as people name them, and who gets them in the singular."""
    shown = line("outbox").out
    assert "Velkommen (besked)" in shown and "repræsentant for parterne" in shown
    assert not re.search(r"\b(status|forloeb|trin_\d)\.\w+ \(", shown)


def test_only_what_a_person_wrote_is_taken_back(line: CommandLine) -> None:
    """Other mails have reasons of their own; a reason and a number that is one are wanted."""
    other = next(one["id"] for one in line("outbox", "--json").json["mails"] if one["status"] == "held")
    refused = line("outbox", "withdraw", other, "--reason", "x")
    assert refused.code == 2 and "is no message" in refused.err
    assert line("outbox", "withdraw", 99_999, "--reason", "x").code == 4
    number = line("message", "1", *WORDS, "--json").json["id"]
    assert line("outbox", "withdraw", number, "--reason", " ").code == 2


class NobodyTakesBack:
    """Refuses to take messages back, and nothing else."""

    def refusal(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:  # noqa: ARG002
        """Refuse one event."""
        return Refusal("mangler_begrundelse", "permit", Strength.HARD) if event == WITHDRAW else None


def test_to_take_back_wants_a_permission(line: CommandLine) -> None:
    """It is asked for in the use case, as for every change, and before anything is told of the message."""
    number = line("message", "1", *WORDS, "--json").json["id"]
    with connect(line.url, permit=NobodyTakesBack()) as engine:
        with pytest.raises(Refused):
            engine.post.withdraw(number, "x", actor=ME)
        assert engine.post.why(number)


def test_who_is_to_be_called_is_named(workflows: Workflows, tmp_path: Path) -> None:
    """By name, and who stands in while that one is away; nobody is told to call themselves."""
    monday = at(date(2019, 9, 16), 8)
    programme = settle_desk(tmp_path / "desk.db", workflows, at(date(2019, 5, 1)))
    desk = open_desk(f"sqlite:///{tmp_path / 'desk.db'}", workflows, monday, programme, Restraint.off())
    with desk.engine as engine:
        anne, bo, eva = (desk.person(name) for name in ("Anne Holm", "Bo Kjær", "Eva Lund"))
        since = date(2019, 1, 1)
        engine.people.assign(anne, "kommunal_konsulent", kommune="0253", from_on=since, substitute_id=eva, actor=ME)
        greve = desk.kommune("Greve")
        for reader in (bo, anne):
            desk.queue(reader, about=greve, template="trin_programkonsulent", trin="trin 3", dage=40)
        engine.deliver()
        told = [" ".join(text_of(mail.content).split()) for _, mail in desk.mailer.sent]
        assert "Næste skridt: Ring til Anne Holm." in told[0]
        assert "Næste skridt: Ring til den, der står for det." in told[1]
        engine.people.absent(anne, date(2019, 10, 1), actor=ME)
        desk.queue(bo, about=greve, template="trin_programkonsulent", trin="trin 3", dage=40)
        engine.deliver()
        assert "Næste skridt: Ring til Eva Lund." in " ".join(text_of(desk.mailer.sent[-1][1].content).split())


def test_a_message_says_who_wrote_it_and_answers_go_to_her(workflows: Workflows, tmp_path: Path) -> None:
    """By name and role, in text and HTML; who is nobody in the database is named, and the office reads the answers."""
    monday = at(date(2019, 9, 16), 8)
    programme = settle_desk(tmp_path / "desk.db", workflows, at(date(2019, 5, 1)))
    desk = open_desk(f"sqlite:///{tmp_path / 'desk.db'}", workflows, monday, programme, Restraint.off())
    with desk.engine as engine:
        anne, bo = desk.person("Anne Holm"), desk.person("Bo Kjær")
        engine.people.assign(anne, "projektleder", programme_id=programme, from_on=date(2019, 1, 1), actor=ME)
        engine.people.assign(bo, "kommunal_konsulent", kommune="0253", from_on=date(2019, 1, 1), actor=ME)
        for name in (str(anne), "Vikaren", "ukendt"):
            writer = Actor(ActorKind.PERSON, name)
            engine.post.message(programme, "kommunal_konsulent", "Hej", f"Fra {name}.", actor=writer)
            engine.deliver()
        hers, strangers, nobodys = (mail.content for _, mail in desk.mailer.sent)
        for said in (text_of(hers), part(hers, "html")):
            assert "Skrevet af Anne Holm, projektleder." in said and "Svar på denne mail går til Anne Holm." in said
        office = engine.settings.sender.reply_email
        read = [parsed(mail) for mail in (hers, strangers, nobodys)]
        answered = [str(one["Reply-To"].addresses[0].addr_spec) for one in read]
        assert answered == ["p1@eksempel.example", office, office]
        assert f"mailto:{office}" in read[0]["List-Unsubscribe"] and office in text_of(hers)
        assert "Skrevet af Vikaren." in text_of(strangers) and "Skrevet af" not in text_of(nobodys)
