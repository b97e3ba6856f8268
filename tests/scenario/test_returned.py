"""What comes back: a letter that bounced, whose address does not work then; and the commands around mail servers."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from samskabt import Settings, VirtualClock, connect
from samskabt.engine.errors import InvalidInput, NotFound
from samskabt.notifications.smtp import ImapSettings, Security, SmtpMailer
from samskabt.notifications.smtp.bounces import Bounce
from samskabt.notifications.smtp.inbox import FolderInbox, InboxMail
from samskabt.runtime.engine import Engine
from samskabt.runtime.settings import settings_from

from ..command_line import TODAY, CommandLine, live_programme
from ..mailserver import PASSWORD, USER, mail_server, make_certificates

WHO = "karen@eksempel.example"


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Play a programme once, in which København's consultant got mails."""
    return live_programme(tmp_path_factory.mktemp("programme") / "samskabt.db")


@pytest.fixture
def run(programme: CommandLine, tmp_path: Path) -> CommandLine:
    """Give a command line on a copy."""
    return programme.copy(tmp_path)


def opened(run: CommandLine) -> Engine:
    """Open the engine of a command line."""
    return connect(
        run.url, clock=VirtualClock(TODAY), settings=Settings(url=run.url, mail_folder=run.path.parent / "mail")
    )


def sent_id(engine: Engine) -> str:
    """Give the Message-ID of a letter that was sent."""
    return engine.post.letters("sent")[0].message_id


def test_a_letter_that_bounced_is_dead_and_its_address_does_not_work(run: CommandLine) -> None:
    """The letter leaves those that were sent, the person is listed, and saying it twice changes nothing."""
    with opened(run) as engine:
        bounce = Bounce(("<foreign@x>", sent_id(engine)), WHO.upper(), "5.1.1", True)
        assert [engine.inbox.bounced(bounce) for _ in range(2)] == ["bounced", "bounced"]
        (dead,) = (one for one in engine.post.letters("dead") if one.message_id == bounce.message_ids[1])
        assert dead.note == "adressen virker ikke: mailen kom tilbage 5.1.1"
        assert [(one.email, one.since) for one in engine.inbox.broken()] == [(WHO, TODAY.date())]
        assert engine.inbox.works_again(dead.person_id) == 1 and engine.inbox.broken() == ()
        with pytest.raises(NotFound):
            engine.inbox.works_again(999)


def report(message_id: str, who: str = WHO, status: str = "5.1.1", *, kind: str = "multipart/report") -> str:
    """Write a report as servers do (RFC 3464)."""
    return (
        "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: {kind}; report-type=delivery-status; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {who}\r\nAction: failed\r\nStatus: {status}\r\n\r\n"
        f"--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--x--\r\n"
    )


def looks_like(message_id: str, text: str, sender: str = "Mailer-Daemon@mx.example") -> str:
    """Write a mail that looks like a report of the older sort."""
    return f"From: {sender}\r\nSubject: Undelivered\r\nIn-Reply-To: {message_id}\r\n\r\n{text}\r\n"


def forged(ours: str, waiting: str) -> dict[str, str]:
    """Write ten reports that nobody should believe, by what is wrong with them."""
    computed = "<mail-1-1.0123456789abcdef01234567@eksempel.example>"
    return {
        "names nobody": looks_like(ours, "550 5.1.1 User unknown"),
        "names nobody and no code": looks_like(ours, "It could not be delivered."),
        "gives no code": looks_like(ours, f"Your mail to {WHO} could not be delivered."),
        "another's address": looks_like(ours, "550 5.1.1 <peter@x.example> unknown"),
        "a person writes it": looks_like(ours, f"550 5.1.1 {WHO}", "Peter <peter@x.example>"),
        "a Message-ID made up": report(computed),
        "another's address in a block": report(ours, "peter@x.example"),
        "nobody's address in a block": report(ours, ""),
        "a block as an attachment": report(ours, kind="multipart/mixed").replace("Undelivered Mail", "Hej"),
        "of a letter that was never sent": report(waiting),
    }


def test_forged_reports_change_nothing_and_are_left_to_people(run: CommandLine, tmp_path: Path) -> None:
    """Ten kinds of them kill no letter and mark no address; each is listed, with where it lies."""
    with opened(run) as engine:
        ours = engine.post.letters("sent")[-1]
        engine.inbox.bounced(Bounce((ours.message_id,), WHO, "5.2.2", True))
        waiting = engine.post.resend(ours.id).message_id
        before = engine.post.letters()
        found = forged(sent_id(engine), waiting)
        for number, text in enumerate(found.values()):
            (tmp_path / f"{number}.eml").write_text(text)
        told = engine.inbox.read(inbox=FolderInbox(tmp_path))
        assert (told.foreign + told.other, told.bounced) == (len(found), 0) and len(found) == 10
        assert engine.post.letters() == before and engine.inbox.broken() == ()
        assert sorted(one.place for one in engine.inbox.left()) == [
            str(tmp_path / "other" / f"{number}.eml") for number in range(10)
        ]
        assert engine.inbox.settle(engine.inbox.left()[0].id) == 1 and engine.inbox.settle() == 9
        with pytest.raises(NotFound):
            engine.inbox.settle(1)


def test_a_report_that_is_true_is_believed(run: CommandLine, tmp_path: Path) -> None:
    """The same forms, on a letter that went out and to whom it went; only 5.1.x speaks of the address."""
    with opened(run) as engine:
        for status, text in (("5.7.1", report(sent_id(engine), status="5.7.1")), ("5.1.1", "")):
            number = sent_id(engine)
            (tmp_path / "a.eml").write_text(text or looks_like(number, f"550 5.1.1 <{WHO.upper()}> unknown"))
            assert engine.inbox.read(inbox=FolderInbox(tmp_path)).bounced == 1
            assert bool(engine.inbox.broken()) is (status == "5.1.1")
            assert next(one for one in engine.post.letters("dead") if one.message_id == number).note.endswith(status)


class Breaking:
    """Takes no reply whose text says so."""

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, raw: bytes) -> str:
        """Break, or understand."""
        self.seen += 1
        if b"knaek" in raw:
            raise RuntimeError("knaek")
        return "answers"


def test_a_mail_that_breaks_its_reader_is_left_after_three_tries(run: CommandLine, tmp_path: Path) -> None:
    """It stops nobody meanwhile, does not stand in front for ever, and is listed; one that mends itself is not."""
    head = "Content-Type: text/calendar; method=REPLY\r\n\r\n"
    for name, text in (("a", "knaek"), ("b", "knaek"), ("c", "svar")):
        (tmp_path / f"{name}.eml").write_text(head + text)
    with opened(run) as engine:
        engine.inbox.answer = Breaking()
        inbox = FolderInbox(tmp_path)
        first = engine.inbox.read(inbox=inbox)
        assert (first.failed, first.answers) == (2, 1) and engine.inbox.left() == ()
        (tmp_path / "b.eml").write_text(f"{head}svar")
        assert (engine.inbox.read(inbox=inbox).failed, engine.inbox.read(inbox=inbox).broke) == (1, 1)
        (left,) = engine.inbox.left()
        assert (left.why, left.place) == ("broke", str(tmp_path / "other" / "a.eml"))
        with engine.context.store.read() as reader:
            assert reader.left.tried_before(inbox.name) == frozenset()


class Forgetful:
    """An inbox that cannot keep which of its mails were left."""

    name, is_forgetful = "imaps://prøve", True

    def __init__(self, *raws: bytes) -> None:
        self.raws, self.given = list(raws), list[str]()

    def fetch(self, limit: int, after: str = "") -> Iterator[InboxMail]:
        """Give what comes after a mail."""
        for number in range(int(after or 0), min(len(self.raws), int(after or 0) + limit)):
            self.given.append(str(number + 1))
            yield InboxMail(str(number + 1), self.raws[number])

    def done(self, id: str) -> None:
        """Keep nothing."""

    def leave(self, id: str) -> str:
        """Keep nothing."""
        return f"nr. {id}"


def test_what_an_inbox_forgets_the_engine_remembers(run: CommandLine) -> None:
    """A mail that was left is not read again, and one that is still tried holds back those after it, not for ever."""
    head = b"Content-Type: text/calendar; method=REPLY\r\n\r\n"
    inbox = Forgetful(b"Subject: Hej\r\n\r\n", head + b"knaek", b"Subject: Kan ikke\r\n\r\n")
    with opened(run) as engine:
        engine.inbox.answer = Breaking()
        for _ in range(4):
            engine.inbox.read(inbox=inbox)
        inbox.raws.append(b"Subject: Ny\r\n\r\n")
        assert engine.inbox.read(inbox=inbox).other == 1
        assert inbox.given == ["1", "2", "3", "2", "3", "2", "3", "4"]
        assert [(one.why, one.place) for one in engine.inbox.left()] == [
            ("other", "nr. 1"), ("broke", "nr. 2"), ("other", "nr. 3"), ("other", "nr. 4"),
        ]  # fmt: skip


def test_every_use_of_the_inbox_is_one_event_of_the_log(
    run: CommandLine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Reading, an address that works again, a mail seen to: one line each, and no address in any."""
    (tmp_path / "1.eml").write_text(f"From: {WHO}\r\nSubject: Kan ikke\r\n\r\nHej\r\n")
    with opened(run) as engine, caplog.at_level(logging.INFO, "samskabt.runtime"):
        engine.inbox.read(inbox=FolderInbox(tmp_path))
        engine.inbox.settle()
        engine.inbox.works_again(1)
    events = [record.__dict__ for record in caplog.records if record.getMessage() == "use_case"]
    assert [(one["use_case"], one["outcome"]) for one in events] == [
        ("inbox_read", "ok"), ("inbox_settle", "ok"), ("address_works", "ok"),
    ]  # fmt: skip
    assert not any("made_id" in one for one in events) and WHO not in caplog.text


def test_what_may_still_arrive_is_only_noted(run: CommandLine) -> None:
    """A delay leaves the letter as sent; a full mailbox ends the letter but not the address."""
    with opened(run) as engine:
        identity = sent_id(engine)
        assert engine.inbox.bounced(Bounce((identity,), WHO, "4.4.1", False)) == "delayed"
        assert engine.post.letters("sent")[0].note == "mailserveren melder forsinkelse 4.4.1"
        assert engine.inbox.bounced(Bounce((identity,), WHO, "5.2.2", True)) == "bounced"
        assert engine.inbox.broken() == ()


def test_the_inbox_is_read_from_the_command_line(run: CommandLine) -> None:
    """`inbox read` follows a report in a folder, leaves a person's mail to people, and `inbox list` shows whom."""
    folder = run.path.parent / "inbox"
    folder.mkdir()
    with opened(run) as engine:
        identity = sent_id(engine)
    report = f"X-Failed-Recipients: {WHO}\r\nFrom: Mailer-Daemon@x\r\nSubject: Mail delivery failed\r\n\r\n"
    (folder / "1.eml").write_text(f"{report}550 5.1.1 User unknown\r\n\r\nMessage-ID: {identity}\r\n")
    (folder / "2.eml").write_text(f"From: Karen <{WHO.upper()}>\r\nIn-Reply-To: {identity}\r\n\r\nHej\r\n")
    (folder / "3.eml").write_text("Auto-Submitted: auto-replied\r\nSubject: Ferie\r\n\r\nHej\r\n")
    (folder / "4.eml").write_text(f"From: Gæst <k@x.example>\r\nIn-Reply-To: {identity}\r\n\r\nVideresendt til mig\r\n")
    reading = replace(run, environment={"SAMSKABT_INBOX": f"folder:{folder}"})
    answer = reading("inbox", "read", "--json")
    assert answer.json == {
        **dict.fromkeys(("delayed", "answers", "foreign", "failed", "full", "broke"), 0),
        **dict.fromkeys(("bounced", "automatic"), 1),
        "other": 2,
    }
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.eml")) == [
        *("done/1.eml", "done/3.eml", "other/2.eml", "other/4.eml"),
    ]
    listed = reading("inbox", "list")
    assert listed.code == 1 and WHO in listed.out and "virker ikke siden 2019-10-10" in listed.out
    person = reading("inbox", "list", "--json").json["addresses"][0]["person_id"]
    left = reading("inbox", "list", "--json").json["mails"]
    assert [(one["id"], one["why"], one["place"]) for one in left] == [
        (number, "other", str(folder / "other" / name)) for number, name in ((1, "2.eml"), (2, "4.eml"))
    ]
    said = [(one["person_id"], one["instance_id"]) for one in left]
    assert said == [(person, None), (None, None)] and f"({person})" in listed.out
    assert str(folder / "other" / "2.eml") in listed.out and "samskabt inbox settle" in listed.out
    assert f"samskabt outbox resend --to {person}" in reading("inbox", "forget", person).out
    assert reading("inbox", "settle", 3).code == 4 and reading("inbox", "settle").code == 2
    assert reading("inbox", "settle", "--all", "--json").json == {"settled": 2}
    assert reading("inbox", "list").code == 0
    assert "Kommet tilbage" in reading("inbox", "read").out
    assert "SAMSKABT_INBOX" in run("inbox", "read").err


def test_what_was_given_up_is_sent_again_from_the_command_line(run: CommandLine) -> None:
    """By the mail's number, a person or all: looked at first, and in the outbox as before; a wrong number is told."""
    with opened(run) as engine:
        first, second = engine.post.letters("sent")[:2]
        for one in (first, second):
            engine.inbox.bounced(Bounce((one.message_id,), WHO, "5.1.1", True))
    shown = run("outbox", "resend", "--all-dead", "--preview")
    assert shown.code == 0 and "Dette sender 2 mails igen" in shown.out and "samskabt inbox forget" in shown.out
    assert len(run("outbox", "resend", "--to", WHO, "--preview", "--json").json["letters"]) == 2
    again = run("outbox", "resend", first.mails[0], "--json").json["letters"]
    assert [(one["id"], one["status"]) for one in again] == [(first.id, "pending")]
    assert run("outbox", "resend", 9999).code == 4
    assert run("outbox", "resend").code == run("outbox", "resend", 1, "--all-dead").code == 2
    assert [one["id"] for one in run("outbox", "resend", "--to", WHO, "--json").json["letters"]] == [second.id]
    assert "intet" in run("outbox", "resend", "--all-dead").out
    assert run("outbox").out == run("outbox", "show").out and run("outbox", 1, "--status", "sent").code == 0


def test_a_mended_address_gets_what_was_held_and_not_what_came_back(run: CommandLine) -> None:
    """`person address` says how many go and how many do not; the next delivery takes the held ones there."""
    with opened(run) as engine:
        engine.inbox.bounced(Bounce((sent_id(engine),), WHO, "5.1.1", True))
    words = ("--to", "kommunal_konsulent", "--kommune", "0101", "--subject", "Nyt lokale", "--text", "Lokale 2.")
    assert run("message", 1, *words).code == 0
    assert run("tick").code == 0
    assert "holdt tilbage" in run("outbox", "--status", "held").out
    assert "samskabt person address" in run("inbox", "list").out
    assert run("person", "address", 1, "ingen").code == 2
    assert run("person", "address", 1, WHO, "--json").json == {
        "person_id": 1,
        "email": WHO,
        "is_new": False,
        "released": 0,
        "given_up": 1,
    }
    told = run("person", "address", WHO, "ny@eksempel.example").out
    assert "1 mail, der var holdt tilbage, går dertil" in told and "outbox resend --to 1" in told
    assert run("inbox", "list").code == 0
    assert run("tick").code == 0
    mails = [path.read_text() for path in (run.path.parent / "mail").glob("*.eml")]
    assert sum("ny@eksempel.example" in mail for mail in mails) == 1
    assert run("person", "address", 1, "ny@eksempel.example", "--json").json["is_new"] is False


def test_a_test_mail_tells_its_steps(run: CommandLine, tmp_path: Path) -> None:
    """`mail test` says host, encryption, sign-in and answer; what is wrong is named with the way out."""
    made = make_certificates(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
    with mail_server(made.good) as server:
        told = {"SAMSKABT_SMTP": f"smtp://{USER}@localhost:{server.port}", "SAMSKABT_SMTP_CA": str(made.ca)}
        told["SAMSKABT_SENDER"] = "Sekretariatet <sekretariat@program.example>"
        good = replace(run, environment={**told, "SAMSKABT_SMTP_PASSWORD_FILE": str(secret)})
        answer = good("mail", "test", WHO, "--json").json
        assert answer["ok"] and [step["name"] for step in answer["steps"]] == [
            "connect",
            "tls",
            "ehlo",
            "auth",
            "delivered",
        ]
        assert server.received.mails[0][1] == [WHO] and b"Auto-Submitted: auto-generated" in server.received.mails[0][2]
        assert "Mailen er afleveret" in good("mail", "test", WHO).out
        bad = replace(run, environment={**told, "SAMSKABT_SMTP_PASSWORD": "forkert"})("mail", "test", WHO)
        assert bad.code == 7 and "SAMSKABT_SMTP_PASSWORD" in bad.out and "forkert" not in bad.out
    assert run("mail", "test", "intet").code == 2
    alone = run("mail", "test", WHO).out
    assert "ingen får mailen" in alone and "afleveret" not in alone
    assert Path(alone.partition("Skrevet")[2].split("\n")[0].strip()).exists()


def test_settings_are_read_from_the_environment(tmp_path: Path) -> None:
    """Server, mailbox and passwords are read; what is wrong names its variable and never shows a password."""
    (tmp_path / "empty").write_text("")
    found = settings_from(
        {
            "SAMSKABT_SMTP": "smtps://bruger%40kommune.dk@mail.example",
            "SAMSKABT_SMTP_PASSWORD": "hemmelig",
            "SAMSKABT_SMTP_RATE": "7",
            "SAMSKABT_SMTP_HELO": "server.example",
            "SAMSKABT_INBOX": "imaps://u@mail.example/INBOX",
            "SAMSKABT_INBOX_PASSWORD": "hemmelig",
        }
    )
    assert found.smtp is not None and isinstance(found.inbox, ImapSettings) and "hemmelig" not in repr(found)
    assert (found.smtp.security, found.smtp.port, found.smtp.user) == (Security.TLS, 465, "bruger@kommune.dk")
    assert (found.smtp.most_per_minute, found.smtp.helo) == (7, "server.example")
    base = {"SAMSKABT_SMTP": "smtp://u@h.example"}
    for more, names in (
        ({}, "SAMSKABT_SMTP_PASSWORD"),
        ({"SAMSKABT_SMTP_PASSWORD": "x", "SAMSKABT_SMTP_RATE": "many"}, "SAMSKABT_SMTP_RATE"),
        ({"SAMSKABT_SMTP_PASSWORD": "x", "SAMSKABT_SMTP_RATE": "0"}, "SAMSKABT_SMTP_RATE"),
        ({"SAMSKABT_SMTP_PASSWORD": "x", "SAMSKABT_SMTP_PASSWORD_FILE": "y"}, "both set"),
        ({"SAMSKABT_SMTP_PASSWORD_FILE": str(tmp_path / "no")}, "cannot be read"),
        ({"SAMSKABT_SMTP_PASSWORD_FILE": str(tmp_path / "empty")}, "holds no password"),
        ({"SAMSKABT_SMTP_PASSWORD": "x", "SAMSKABT_INBOX": "imap://u@h.example"}, "SAMSKABT_INBOX"),
        ({"SAMSKABT_SMTP_PASSWORD": "x", "SAMSKABT_INBOX": "imaps://h.example"}, "SAMSKABT_INBOX_PASSWORD"),
        ({"SAMSKABT_SMTP_PASSWORD": "x", "SAMSKABT_INBOX": "imaps://u:p@h.example"}, "does not belong in the URL"),
        ({"SAMSKABT_SMTP_PASSWORD": "x", "SAMSKABT_INBOX": "imaps://u@h.example/I?a=b"}, "done=NAME"),
    ):
        with pytest.raises(InvalidInput, match=names):
            settings_from({**base, **more})


def test_letters_wait_for_a_server_that_is_down_at_no_cost(run: CommandLine) -> None:
    """With a server nobody can reach a letter is not tried, has no attempt and keeps the reason."""
    with opened(run) as engine:
        letter = engine.post.letters("sent")[0]
        engine.inbox.bounced(Bounce((letter.message_id,), WHO, "5.2.2", True))
        engine.post.resend(letter.id)
    named = {"SAMSKABT_SMTP": "smtp+plain://localhost:9", "SAMSKABT_SENDER": "X <x@program.example>"}
    settings = replace(settings_from(named), url=run.url)
    with connect(run.url, clock=VirtualClock(TODAY), settings=settings) as engine:
        assert isinstance(engine.mailer, SmtpMailer)
        assert engine.deliver().failed >= 1
        (waiting,) = (one for one in engine.post.letters("pending") if one.id == letter.id)
        assert waiting.attempts == 0 and "SAMSKABT_SMTP" in (waiting.last_error or "")
