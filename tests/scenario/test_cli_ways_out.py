"""What the command line says of small mistakes: what was wrong, and what to type instead."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from ..command_line import CommandLine, live_programme


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Give a programme in October 2019, in which these tests change nothing but wishes."""
    return live_programme(tmp_path_factory.mktemp("ways") / "samskabt.db")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("outbox", "--db", "x"), 2, "It stands before the command: samskabt --db ... outbox"),
        (("mail", "digest", "1", "month"), 4, "day, week, off, usual"),
        (("mail", "opt-out", "1", "text:velkomen"), 4, "velkommen"),
        (("mail", "opt-out", "1", "--by", "99"), 4, "unknown person '99'"),
        (("message", "1", "--to", "leder", "--subject", "x", "--file", "/nope.txt"), 2, "/nope.txt"),
    ],
    ids=lambda one: " ".join(one[:2]) if isinstance(one, tuple) else None,
)
def test_a_slip_is_told_with_the_way_out(line: CommandLine, words: tuple[str, ...], code: int, said: str) -> None:
    """The exit code says whose mistake it is, the message what there is to choose from."""
    told = line(*words)
    assert (told.code, said in told.err) == (code, True), told


def test_a_move_may_be_looked_at_without_a_reason(line: CommandLine) -> None:
    """The preview asks for none; the move itself names the option, in words and in JSON."""
    words = ("move", "uddannelsesdag_2", "2019-11-21")
    line("advance", "udvaelgelse", "afslut", "--silent")
    first = line("move", "uddannelsesdag_2", "2019-11-14")
    assert first.code == 0, first
    assert line("advance", "uddannelsesdag_2", "indkald", "--silent").code == 0
    shown = line(*words, "--preview")
    assert (shown.code, "Intet er ændret" in shown.out) == (0, True), shown
    refused = line(*words, "--json")
    assert refused.code == 3 and '--reason "hvorfor"' in refused.err
    (missing,) = [one for one in refused.json["refusals"] if one["code"] == "mangler_begrundelse"]
    assert missing["way_out"] == '--reason "hvorfor"'
    said = line("attendance", "answer", "uddannelsesdag_2", "1", "Måske")
    assert (said.code, "åske" in said.out) == (0, True), said


def test_a_known_text_may_be_declined(line: CommandLine) -> None:
    """A standard one and one of the programme's own; what it ended is said at the resumption."""
    assert line("mail", "opt-out", "1", "text:velkommen").code == 0
    assert "velkommen" in line("mail", "resume", "1").out


def test_a_port_in_use_and_a_demo_elsewhere_are_named(
    line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The port is refused before the server begins; a missing database names the one of the demo that lies here."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = line("web", "--port", taken.getsockname()[1])
    assert (told.code, "--port" in told.err) == (2, True)
    monkeypatch.chdir(tmp_path)
    nothing = CommandLine(tmp_path / "samskabt.db")
    assert "samskabt demo" in nothing("status").err
    (tmp_path / "samskabt-demo").mkdir()
    (tmp_path / "samskabt-demo" / "samskabt.db").touch()
    assert "--db sqlite:///samskabt-demo/samskabt.db" in nothing("status").err


def test_health_and_run_tell_local_times_and_who_gets_mails(line: CommandLine) -> None:
    """The form is that of every other screen; without a mail server health does not speak of one."""
    assert "kl. " in line("run", "--once", "--no-deliver").out
    told = line("health").out
    assert "+00:00" not in told and "nobody gets them" in told


def test_what_is_missing_of_a_mailbox_or_a_calendar_is_named(line: CommandLine) -> None:
    """A task is none of a calendar's things; a user without a password lacks the password alone."""
    assert "it is a task" in line("calendar", "export", "invitation").err
    alone = replace(line, environment={"SAMSKABT_INBOX": "imaps://ida@mail.example/INBOX"})("inbox", "read").err
    assert "wants SAMSKABT_INBOX_PASSWORD" in alone and "a user" not in alone
