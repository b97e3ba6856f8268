"""The commands that run the engine and say whether it is well, and what looking says where there is little."""

import logging
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from samskabt import connect

from ..command_line import CommandLine, live_programme

SIXTH = Path(__file__).parents[1] / "data" / "sixth" / "rolige-overgange.yaml"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Give a command line on a programme in October 2019; only for looking."""
    return live_programme(tmp_path_factory.mktemp("live") / "samskabt.db")


@pytest.fixture
def own(live: CommandLine, tmp_path: Path) -> Iterator[CommandLine]:
    """Give a command line on a copy of that programme; what `run` sets in this process is put back."""
    root, signals = logging.getLogger(), {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    handlers, level = list(root.handlers), root.level
    yield live.copy(tmp_path)
    root.handlers[:], root.level = handlers, level
    for one, handler in signals.items():
        signal.signal(one, handler)


def test_one_round_tells_what_it_did_and_what_it_held(own: CommandLine) -> None:
    """A clock that has leapt is told; accepted, what is due is fired, and the mails may be left to another process."""
    said = own("run", "--once", "--no-deliver")
    assert "mails: none (--no-deliver)" in said.out and "timers:" in said.out
    accepted = own("run", "--once", "--accept-clock", "--json").json
    assert set(accepted) == {"timers", "mails", "broken", "held"} and accepted["held"] is False
    assert "mails: " in own("run", "--once", "--every", "2m").out


@pytest.mark.parametrize("text", ["0s", "fem", "-1m", ""])
def test_a_span_that_is_none_is_refused(own: CommandLine, text: str) -> None:
    """The error says how a span is written, for both commands."""
    for words in (("run", "--once", "--every", text), ("health", "--max-age", text)):
        answer = own(*words)
        assert answer.code == 2 and "5s, 2m or 1h" in answer.err


def test_health_in_words_and_as_json_say_the_same(own: CommandLine) -> None:
    """Each check has its level, its text and, where it is not well, what to do."""
    own("run", "--once", "--accept-clock")
    found = own("health", "--max-age", "1h", "--json")
    words = own("health", "--max-age", "1h")
    assert found.code == words.code
    for check in found.json["checks"]:
        assert f"{check['name']}: " in words.out
        assert check["level"] == "ok" or check["advice"]


def test_a_workflow_is_shown_from_its_file(own: CommandLine, tmp_path: Path) -> None:
    """A file is found by its path; one that is not there, is broken, or is a part is told as that."""
    assert own("workflow", "show", SIXTH).code == 0
    assert own("workflow", "show", tmp_path / "nej.yaml").code == 4
    broken, part = tmp_path / "brudt.yaml", tmp_path / "del.yaml"
    broken.write_text("workflow: brudt\nversion: et\n", encoding="utf-8")
    part.write_text("part: min-del\nversion: 1\ntitle: Min del\nmachines: {}\n", encoding="utf-8")
    for path in (broken, part):
        assert own("workflow", "show", path).code != 0


def test_little_is_said_of_little(own: CommandLine) -> None:
    """No mails of a state, nothing in some days, a programme that is not there, and something that stands still."""
    assert own("outbox", "--status", "doubtful").code == 0
    assert own("agenda", "99").code == 4 and own("status", "99").code == 4
    assert own("pause", "1", "--reason", "Sommer", "--until", "2020-02-01").code == 0
    assert "I BERO siden" in own("show", "1").out
    assert own("options", "1").code == 0


def test_an_empty_database_says_how_to_begin(own: CommandLine, tmp_path: Path) -> None:
    """Nothing is wrong with it: there is only nothing in it yet."""
    empty = CommandLine(tmp_path / "tom.db", own.at)
    connect(empty.url).close()
    assert "samskabt start" in empty("status").out
    assert empty("outbox").code in (0, 4) and empty("agenda").code in (0, 4)
