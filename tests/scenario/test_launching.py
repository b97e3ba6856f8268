"""From trial to real mail: in whose name mails go, what went on trial only, and how it is sent for real."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from samskabt.engine.errors import InvalidInput
from samskabt.runtime.running.health import Level
from samskabt.runtime.settings import EXAMPLE, require_sender, settings_from

from ..command_line import CommandLine, live_programme

SERVER = {"SAMSKABT_SMTP": "smtp+plain://localhost:9"}
NAMED = {**SERVER, "SAMSKABT_SENDER": "Sekretariatet <sekretariat@program.example>"}


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
