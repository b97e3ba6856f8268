"""Claims about reading YAML: bounds, positions, and plain scalars that are taken one way only."""

import random
import time
import tracemalloc
from pathlib import Path

import pytest
from samskabt.engine.errors import DefinitionError, NotFound
from samskabt.workflows.catalogue import Catalogue
from samskabt.workflows.reader import read_document
from samskabt.workflows.reading.yaml_tree import MAX_BYTES, read_tree

from ..documents import PART, PROGRAMME

BOMBS = {
    "brackets": "[" * 2000,
    "brackets with values": "[a, " * 2000,
    "braces": "{a: " * 2000,
    "dashes": "- " * 2000,
    "question marks": "? " * 2000,
    "aliases": "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{f'*a{i - 1}, ' * 9}]\n" for i in range(1, 2000)),
}


def rules_of(source: str | bytes) -> list[tuple[int, int, str]]:
    """Give line, column and rule of every problem of form."""
    try:
        read_tree("x.yaml", source)
    except DefinitionError as error:
        return [(one.line, one.column, one.rule) for one in error.problems]
    return []


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_at_once(bomb: str) -> None:
    """Nesting and aliases past the bounds cost neither time (100 ms) nor memory (64 MB)."""
    rules_of("a: 1")
    started = time.process_time()
    found = rules_of(BOMBS[bomb])
    seconds = time.process_time() - started
    tracemalloc.start()
    rules_of(BOMBS[bomb])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert {rule for _, _, rule in found} <= {"too-deep", "alias", "key-not-text"} and found
    assert seconds < 0.1 and peak < 64 * 2**20


def test_a_large_file_is_refused_before_it_is_read() -> None:
    """The size is checked first."""
    assert rules_of(b"a: " + b"x" * MAX_BYTES) == [(1, 1, "too-large")]


def test_many_nodes_are_refused() -> None:
    """A file of small parts is bounded by their number."""
    assert rules_of("[" + "a," * 50_001 + "]")[0][2] == "too-large"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"a: bl\xe5", (1, 6, "not-utf8")),
        ("a: å".encode("utf-16"), (1, 1, "not-utf8")),
        ("\ufeffa: 1".encode(), (1, 1, "bom")),
        (b"a: 1\nb: x\0", (2, 5, "control-character")),
        ("a: x\u2028b: 2", (1, 5, "control-character")),
        (b"a: 1\n\tb: 2", (2, 1, "tab")),
        (b"", (1, 1, "empty")),
        (b'a: "\\ud800"', (1, 4, "control-character")),
        (b'a: "\\U99999999"', (1, 1, "yaml-syntax")),
        (b"[1]: 2", (1, 1, "key-not-text")),
        (b"a: 'x", (1, 6, "yaml-syntax")),
    ],
)
def test_what_is_not_plain_text_is_refused_where_it_stands(source: bytes | str, expected: tuple[int, int, str]) -> None:
    """Encodings, invisible signs and broken syntax are named with their place."""
    assert rules_of(source)[0] == expected


def test_scalars_are_read_one_way_only() -> None:
    """Words for truth, leading zeros, other bases and days stay text; nothing is guessed."""
    text = "[1, -2, 1.5, true, ~, yes, off, 007, 0x1F, 1_000, 09:00, 2019-09-20, .inf, '5']"
    expected = [1, -2, 1.5, True, None, "yes", "off", "007", "0x1F", "1_000", "09:00", "2019-09-20", ".inf", "5"]
    assert read_tree("x", text).plain() == expected


def test_text_is_normalised() -> None:
    """An å that a Mac wrote as two signs is the same å, so that it gives the same hash."""
    assert read_tree("x", "a: bla\u030a").plain() == {"a": "bl\u00e5"}


def test_windows_line_ends_change_no_position() -> None:
    """Lines and columns are those of the author's editor."""
    assert rules_of(b"a: 1\r\nb: 2\r\na: 3\r\n") == [(3, 1, "duplicate-key")]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A path that leads nowhere is not found, a folder cannot be read."""
    with pytest.raises(NotFound):
        read_document(tmp_path / "nej.yaml")
    with pytest.raises(DefinitionError, match="unreadable"):
        read_document(tmp_path)


def mutated(text: str, chance: random.Random) -> str:
    """Change a document at one to four places: cut, double, swap or put in a sign or a word."""
    for _ in range(chance.randint(1, 4)):
        at, end = sorted(chance.randrange(len(text)) for _ in range(2))
        end = min(end, at + 40)
        words = (
            "&a ",
            "*a",
            "!!int ",
            "- ",
            ": ",
            "{",
            "]",
            "\t",
            "\0",
            "''",
            "null",
            "true",
            "-1",
            "9" * 30,
            "->",
            "*",
            "æ",
        )
        text = chance.choice(
            (
                text[:at] + text[end:],
                text[:end] + text[at:end] + text[end:],
                text[:at] + chance.choice(words) + text[at:],
                text[:at] + chance.choice(words) + text[end:],
            )
        )
    return text


@pytest.mark.parametrize("broken", ["ramme.yaml", "proeve.yaml"])
def test_whatever_is_written_only_our_error_comes_out(broken: str) -> None:
    """150 random changes of a right document are read, or refused with a position; nothing else is raised."""
    chance = random.Random(20261122)
    refused = 0
    for _ in range(150):
        sources = {"ramme.yaml": PART, "proeve.yaml": PROGRAMME}
        sources[broken] = mutated(sources[broken], chance)
        try:
            Catalogue(tuple(sources.items())).programme("proeve")
        except NotFound:  # the key itself was changed
            refused += 1
        except DefinitionError as error:
            refused += 1
            assert all(one.line >= 1 and one.column >= 1 and one.message for one in error.problems)
    assert refused > 50
