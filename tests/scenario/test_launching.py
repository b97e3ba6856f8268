"""From trial to real mail: in whose name mails go, what went on trial only, and how it is sent for real."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from samskabt.cli.mailing import messaging
from samskabt.engine.errors import InvalidInput
from samskabt.engine.values import Intent
from samskabt.notifications import MemoryMailer
from samskabt.runtime.clock import VirtualClock
from samskabt.runtime.engine import connect
from samskabt.runtime.posting.restraint import Restraint
from samskabt.runtime.running.health import Level
from samskabt.runtime.settings import EXAMPLE, Settings, require_sender, settings_from
from samskabt.runtime.usecases.programmes import Workflows

from ..command_line import CommandLine, live_programme
from .desk import at, open_desk, settle_desk

SERVER = {"SAMSKABT_SMTP": "smtp+plain://localhost:9"}
NAMED = {**SERVER, "SAMSKABT_SENDER": "Sekretariatet <sekretariat@program.example>"}
TRIAL = ("--all-mail-to", "proeve@program.example")
WORDS = ("message", "1", "--to", "kommunal_konsulent", "--text", "Vi ses i lokale 2.", "--subject")
NOTHING: dict[str, object] = {
    "mails": 0,
    "people": 0,
    "over": 0,
    "doubled": 0,
    "newer": 0,
    "forgotten": 0,
    "is_all": True,
}
NOTHING |= {"letters": [], "planned": [], "waiting": 0}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Give a programme in October 2019."""
    return live_programme(tmp_path_factory.mktemp("launching") / "samskabt.db")


@pytest.fixture
def line(live: CommandLine, tmp_path: Path) -> CommandLine:
    """Give a copy to change."""
    return live.copy(tmp_path)


@pytest.mark.parametrize("words", [("run", "--once"), ("tick",), ("mail", "test", "a@b.example")])
def test_nothing_leaves_in_the_name_of_the_example(line: CommandLine, words: tuple[str, ...]) -> None:
    """With a mail server and no sender what would send is refused before anything is done, and says what to set."""
    told = replace(line, environment=SERVER)(*words)
    assert (told.code, "SAMSKABT_SENDER" in told.err, EXAMPLE.email in told.err) == (2, True, True)
    assert replace(line, environment=SERVER)("status").code == 0


def test_who_runs_without_sending_needs_no_sender(line: CommandLine) -> None:
    """--no-deliver leaves the mails to somebody else; health says that nobody sends."""
    unnamed = replace(line, environment=SERVER)
    assert unnamed("run", "--once", "--no-deliver").code == 0
    told = {one["name"]: one for one in unnamed("health", "--json").json["checks"]}
    assert told["sender"]["level"] == Level.FAIL and "SAMSKABT_SENDER" in told["sender"]["advice"]
    assert "sender" not in {one["name"] for one in line("health", "--json").json["checks"]}


def test_answers_go_to_the_sender_unless_somebody_else_reads_them() -> None:
    """One variable is enough; an address that is none is refused by its variable, and empty is as if not set."""
    sender = settings_from(NAMED).sender
    assert (sender.email, sender.reply_email, sender.reply_name) == (
        "sekretariat@program.example", "sekretariat@program.example", "Sekretariatet",
    )  # fmt: skip
    require_sender(settings_from(NAMED))
    other = settings_from({**NAMED, "SAMSKABT_REPLY_TO": "Karen <karen@program.example>"}).sender
    assert (other.email, other.reply_email) == ("sekretariat@program.example", "karen@program.example")
    assert settings_from({"SAMSKABT_SENDER": ""}).sender == EXAMPLE
    for wrong in ("karen@program.example", "Karen <karen>", "Karen karen@program.example>"):
        with pytest.raises(InvalidInput, match="SAMSKABT_REPLY_TO"):
            settings_from({**NAMED, "SAMSKABT_REPLY_TO": wrong})


def sent_to(line: CommandLine) -> list[str]:
    """List the addresses of the mails that were written."""
    files = (line.path.parent / "mail").glob("*.eml")
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    return sorted(mail["To"].addresses[0].addr_spec for mail in mails)


def test_what_went_on_trial_is_told_and_sent_for_real(line: CommandLine) -> None:
    """The outbox names the one address, health warns, and after the launch the real receiver has it, once."""
    before = line("outbox").out.count("sendt til Karen")
    assert line(*WORDS, "Nyt lokale").code == 0
    assert "mail launch" in line(*TRIAL, "run", "--once").out and sent_to(line) == ["proeve@program.example"]
    shown = line("outbox").out
    assert "sendt på prøve til proeve@program.example" in shown and shown.count("sendt til Karen") == before
    told = {one["name"]: one for one in line("health", "--json").json["checks"]}
    assert told["mails_tried"]["level"] == Level.WARN and "mail launch" in told["mails_tried"]["advice"]
    assert "SAMSKABT_ALL_MAIL_TO" not in told["mails_tried"]["advice"]
    told = {one["name"]: one for one in line(*TRIAL, "health", "--json").json["checks"]}
    assert "take SAMSKABT_ALL_MAIL_TO away first" in told["mails_tried"]["advice"]
    assert "SAMSKABT_ALL_MAIL_TO" in line(*TRIAL, "mail", "launch").err
    would = line("mail", "launch", "--preview").out
    assert "Dette sender 1 mail" in would and "Intet er ændret" in would and line("outbox").out == shown
    assert "Karen Sørensen" in would and "Nyt lokale" in would and "10.10.2019 kl. 10.00" in would
    (going,) = line("mail", "launch", "--preview", "--json").json["planned"]
    assert (going["person"], going["goes_at"]) == ("Karen Sørensen", "2019-10-10T08:00:00+00:00")
    assert line("mail", "launch", "--json").json == {
        **NOTHING, "mails": 1, "people": 1, "letters": [going["letter_id"]]
    }  # fmt: skip
    assert line("run", "--once").code == 0
    assert sent_to(line) == ["karen@eksempel.example", "proeve@program.example"]
    after = line("outbox").out
    assert after.count("sendt til Karen") == before + 1 and "på prøve" not in after
    assert "mails_tried" not in line("health").out
    assert line("mail", "launch", "--json").json == NOTHING


def test_a_launch_asks_where_it_sends_much_and_may_be_left_undone(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script says --yes; --forget sends nothing, says so in the outbox, and health is quiet again."""
    assert line(*WORDS, "Nyt lokale").code == 0
    assert line(*TRIAL, "run", "--once").code == 0
    monkeypatch.setattr(messaging, "MOST_UNASKED", 0)
    asked = line("mail", "launch")
    assert (asked.code, "sends 1 mail;" in asked.err) == (2, True)
    (line.path.parent / "kept").mkdir()
    kept = line.copy(line.path.parent / "kept")
    assert (
        "1 mail fra prøven til 1 person er lagt i kø og går med næste levering." in kept("mail", "launch", "--yes").out
    )
    assert "ingen mails fra en prøve" in kept("mail", "launch").out
    assert "1 bliver ikke sendt" in line("mail", "launch", "--forget").out
    assert "trukket tilbage: gik kun på prøve" in line("outbox").out
    assert line("run", "--once").code == 0 and sent_to(line) == ["proeve@program.example"]
    assert "mails_tried" not in line("health").out


def test_only_what_still_matters_is_launched(workflows: Workflows, tmp_path: Path) -> None:
    """What is over is withdrawn with a note, and of two reminders of one thing the newer goes, in one mail."""
    path = tmp_path / "post.db"
    number = settle_desk(path, workflows, at(date(2019, 5, 1)))
    desk = open_desk(f"sqlite:///{path}", workflows, at(date(2019, 9, 16), 8), number, Restraint())
    anne = desk.person()
    over = desk.queue(anne, expires_at=at(date(2019, 9, 17), 12))
    older, newer = desk.queue(anne), desk.queue(anne)
    told = desk.queue(anne, Intent.NOTICE, template="velkommen")
    setting = Settings(restraint=Restraint(), all_mail_to="proeve@program.example")
    clock = VirtualClock(at(date(2019, 9, 16), 10))
    with connect(f"sqlite:///{path}", workflows=workflows, clock=clock, settings=setting, mailer=MemoryMailer()) as one:
        assert one.deliver().sent == 1
        with pytest.raises(InvalidInput, match="SAMSKABT_ALL_MAIL_TO"):
            one.post.launch()
    desk.clock.move_to(at(date(2019, 9, 18), 6))
    (going,) = desk.engine.post.would_launch(listed=True).planned  # one mail, in office hours
    assert (going.person_id, going.goes_at) == (anne, at(date(2019, 9, 18), 8))
    desk.clock.move_to(at(date(2019, 9, 18), 10))
    found = desk.engine.post.launch()
    assert (found.mails, found.people, found.over, found.newer) == (2, 1, 1, 1)
    desk.engine.deliver()
    assert len(desk.mailer.sent) == 1
    assert {number: desk.mail(number).status for number in (over, older, newer, told)} == {
        over: "withdrawn", older: "withdrawn", newer: "sent", told: "sent",
    }  # fmt: skip
    assert desk.findings() == []
    desk.engine.close()
