"""The command as a process of its own: pipes, encodings, speed, and that no traceback ever shows."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ..command_line import CommandLine, live_programme

COMMANDS = (
    *("status", "show", "options", "history", "agenda", "outbox", "advance", "move", "add", "correct", "start"),
    *("enrol", "choose", "withdraw", "demo", "tick", "doctor", "person", "workflow"),
)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Give a programme in October 2019."""
    return live_programme(tmp_path_factory.mktemp("process") / "samskabt.db")


def run(*words: str, db: str = "", encoding: str = "utf-8", **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process, with its output in a pipe."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("SAMSKABT", "PYTHON"))}
    environment = ours | {"PYTHONIOENCODING": encoding, "SAMSKABT_DB": db} | more
    command = [sys.executable, "-W", "error", "-m", "samskabt", *words]
    return subprocess.run(
        command, capture_output=True, text=True, encoding=encoding, env=environment, timeout=120, check=False
    )


def test_the_help_comes_at_once() -> None:
    """Help loads no database, no table drawing and no workflow, so it costs little more than Python itself."""
    code = (
        "import sys, time; t = time.process_time(); from samskabt.cli.app import app\n"
        "heavy = {'sqlalchemy', 'rich', 'pydantic', 'structlog', 'transitions', 'ruamel'} & set(sys.modules)\n"
        "print(time.process_time() - t, *sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    seconds, *heavy = done.stdout.split()
    assert heavy == []
    assert float(seconds) < 0.4


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    """Each --help has an example (that of its subcommands), and the keys of its JSON where it answers with JSON."""
    from samskabt.cli.app import app
    from typer.testing import CliRunner

    subs = {"person": ("add", "assign", "list"), "workflow": ("list", "check", "show", "diagram")}
    pages: list[tuple[str, ...]] = [(command, sub) for sub in subs.get(command, ())] or [(command,)]
    for words in pages:
        text = CliRunner().invoke(app, [*words, "--help"]).stdout
        assert f"samskabt {' '.join(words)}" in text.partition("Example:")[2], words
        assert ("--json" in text) == ("JSON keys:" in text), words


def test_a_pipe_gets_whole_lines_without_colour(live: CommandLine) -> None:
    """However narrow the terminal was, no cell is cut or broken and no escape sequence is written."""
    done = run("status", db=live.url, COLUMNS="40", FORCE_COLOR="")
    assert done.returncode == 0 and "\x1b" not in done.stdout and "…" not in done.stdout
    title = "Fremfærd Projekt: Forenklet beskæftigelsesindsats – fra regelorientering til borgerorientering (1)"
    assert title in done.stdout.splitlines()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_lacks_letters_gets_near_ones(live: CommandLine, encoding: str) -> None:
    """Letters and signs that cannot be written are spelt out instead of ending in an error."""
    done = run("history", "0101", db=live.url, encoding=encoding)
    assert done.returncode == 0 and "->" in done.stdout and "?" not in done.stdout
    assert re.match(r"Koebenhavn \(\d+\)\n" if encoding == "ascii" else r"København \(\d+\)\n", done.stdout)


def test_json_survives_any_encoding(live: CommandLine) -> None:
    """JSON is escaped where the stream is not UTF-8, so what is read is what was meant."""
    import json

    done = run("show", "0101", "--json", db=live.url, encoding="ascii")
    assert json.loads(done.stdout)["title"] == "København"


def test_a_reader_that_leaves_is_no_error(live: CommandLine) -> None:
    """`samskabt history | head` ends quietly."""
    command = [sys.executable, "-m", "samskabt", "--db", live.url, "agenda", "--days", "3000", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(1)
    process.stdout.close()
    assert "Traceback" not in process.stderr.read()
    process.wait(timeout=60)
    process.stderr.close()


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("status",), 6, "samskabt demo"),
        (("--db", "mit.db", "status"), 2, "sqlite:///path/to/file.db"),
        (("--db", "mysql://x/y", "status"), 2, "not supported"),
        (("--db", "sqlite:////no/such/folder/x.db", "start", "x"), 6, "folder"),
        (("workflow", "show", "nope"), 4, "forenklet-beskaeftigelsesindsats"),
        (("workflow", "check", "/no/such/file.yaml"), 4, "/no/such/file.yaml"),
        (("nope",), 2, "No such command"),
        (("show",), 2, "Missing argument"),
    ],
)
def test_errors_end_with_their_code_and_no_traceback(
    tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    """The message goes to stderr and says the way out."""
    done = run(*words, db=f"sqlite:///{tmp_path / 'none.db'}")
    assert done.returncode == code and said in done.stderr
    assert "Traceback" not in done.stderr and done.stdout == ""


def test_bytes_that_are_no_text_are_wrong_input(live: CommandLine) -> None:
    """A reason in another encoding ends with 2 and writes nothing."""
    command = [sys.executable, "-m", "samskabt", "--db", live.url]
    words = [word.encode() for word in (*command, "advance", "0573", "trin_1.begynd", "--reason")] + [b"bl\xe6k"]
    done = subprocess.run(words, capture_output=True, timeout=60, check=False, env={**os.environ, "PYTHONUTF8": "1"})
    assert done.returncode == 2 and b"UTF-8" in done.stderr and b"Traceback" not in done.stderr
