"""What comes back: a letter that bounced, whose address does not work then; and the commands around mail servers."""

from dataclasses import replace
from pathlib import Path

import pytest
from samskabt import Settings, VirtualClock, connect
from samskabt.engine.errors import InvalidInput, NotFound
from samskabt.notifications.smtp import ImapSettings, Security, SmtpMailer
from samskabt.notifications.smtp.bounces import Bounce
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


def test_reports_that_are_not_on_our_mails_change_nothing(run: CommandLine) -> None:
    """A Message-ID that is not ours, or another's address under one that is, marks nobody."""
    with opened(run) as engine:
        identity = sent_id(engine)
        assert engine.inbox.bounced(Bounce(("<a@b>",), WHO, "5.1.1", True)) == "foreign"
        assert engine.inbox.bounced(Bounce((identity,), "peter@x.example", "5.1.1", True)) == "foreign"
        assert engine.inbox.bounced(Bounce((), WHO, "5.1.1", True)) == "foreign"
        assert engine.inbox.broken() == () and sent_id(engine) == identity


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
    (folder / "2.eml").write_text("From: Karen <k@x.example>\r\nSubject: Tak\r\n\r\nHej\r\n")
    (folder / "3.eml").write_text("Auto-Submitted: auto-replied\r\nSubject: Ferie\r\n\r\nHej\r\n")
    reading = replace(run, environment={"SAMSKABT_INBOX": f"folder:{folder}"})
    answer = reading("inbox", "read", "--json")
    assert answer.json == {
        **dict.fromkeys(("delayed", "answers", "foreign", "failed"), 0),
        **dict.fromkeys(("bounced", "automatic", "other"), 1),
    }
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.eml")) == [
        *("done/1.eml", "done/3.eml", "other/2.eml"),
    ]
    listed = reading("inbox", "list")
    assert listed.code == 1 and WHO in listed.out and "virker ikke siden 2019-10-10" in listed.out
    person = reading("inbox", "list", "--json").json["addresses"][0]["person_id"]
    assert reading("inbox", "forget", person).code == 0 and reading("inbox", "list").code == 0
    assert "Kommet tilbage" in reading("inbox", "read").out
    assert "SAMSKABT_INBOX" in run("inbox", "read").err


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
