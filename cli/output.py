"""How results are shown: tables, lines and JSON, in any terminal and in pipes; knows no use case."""

from __future__ import annotations

import codecs
import dataclasses
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from io import TextIOWrapper
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

IN_A_PIPE = 100_000
"""Columns where nobody looks: nothing is wrapped, and one row stays one line."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PLAIN: Mapping[str, str] = {
    "æ": "ae",
    "ø": "oe",
    "å": "aa",
    "Æ": "Ae",
    "Ø": "Oe",
    "Å": "Aa",
    "é": "e",
    "ü": "u",
    "ö": "o",
    "ä": "a",
    "»": '"',
    "«": '"',
    "–": "-",
    "—": "-",
    "→": "->",
    "…": "...",
    "✓": "x",
    "·": "-",
    "•": "*",
    "’": "'",
}


def make_safe(*streams: TextIO) -> None:
    """Let streams that cannot write every letter write something near it, instead of failing."""
    codecs.register_error("samskabt", _nearest)
    for stream in streams:
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="samskabt")


def _nearest(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    signs = error.object[error.start : error.end]
    return "".join(_PLAIN.get(sign, "?") for sign in signs), error.end


def clean(text: str) -> str:
    """Take out what would steer a terminal; what people typed is shown, never obeyed."""
    return _CONTROL.sub("", text)


def json_of(value: object) -> object:
    """Give a view as JSON: dataclasses as objects, days and instants as ISO text, in the order of the fields."""
    match value:
        case Enum():
            return value.value
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return {str(key): json_of(item) for key, item in value.items()}
        case list() | tuple():
            return [json_of(item) for item in value]
        case _ if dataclasses.is_dataclass(value):
            return {one.name: json_of(getattr(value, one.name)) for one in dataclasses.fields(value)}
        case _:
            return value


def print_json(value: object) -> None:
    """Print a view as JSON."""
    # Escaped where the stream is not UTF-8, so that what is read back is what was meant.
    is_utf8 = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
    print(json.dumps(json_of(value), ensure_ascii=not is_utf8, indent=2))


class Paper:
    """What a command writes on: stdout, with tables as wide as the terminal, or as their contents in a pipe."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or _console()

    def line(self, text: str = "") -> None:
        """Write a line."""
        self._console.print(clean(text), soft_wrap=not self._console.is_terminal)

    def heading(self, text: str) -> None:
        """Write a heading, with an empty line before it."""
        self.line()
        self._console.print(clean(text), style="bold", soft_wrap=not self._console.is_terminal)

    def bullets(self, lines: Iterable[str], indent: int = 2) -> None:
        """Write a list; what is too long for the terminal hangs under its first word."""
        from rich.padding import Padding
        from rich.table import Table

        grid = Table.grid(padding=(0, 1))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for text in lines:
            grid.add_row("-", self._cell(text))
        if grid.row_count:
            self._print(Padding(grid, (0, 0, 0, indent), expand=False))

    def pairs(self, rows: Iterable[tuple[str, str]]) -> None:
        """Write names with their values; empty values are left out."""
        from rich.table import Table

        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for name, value in rows:
            if value:
                grid.add_row(self._cell(name), self._cell(value))
        if grid.row_count:
            self._print(grid)

    def table(self, headers: Sequence[str], rows: Iterable[Sequence[object]], narrow: Sequence[str] = ()) -> bool:
        """Write a table and tell whether it had rows; columns named in ``narrow`` are never broken."""
        from rich import box
        from rich.table import Table

        seen = self._console.is_terminal
        table = Table(box=box.SIMPLE_HEAD if seen else None, padding=(0, 2, 0, 0), pad_edge=False, show_edge=False)
        for header in headers:
            table.add_column(header, overflow="fold", no_wrap=header in narrow or not seen)
        for row in rows:
            table.add_row(*(self._cell("" if cell is None else str(cell)) for cell in row))
        if table.row_count:
            self._print(table)
        return bool(table.row_count)

    def _cell(self, text: str) -> str:
        """Give one cell; in a pipe a row is one line, whatever its cells hold."""
        safe = clean(text)
        return safe if self._console.is_terminal else " ".join(safe.split())

    def _print(self, what: object) -> None:
        """Print without the blanks that rich pads its lines with."""
        with self._console.capture() as captured:
            self._console.print(what)
        text = "\n".join(line.rstrip() for line in captured.get().splitlines())
        self._console.file.write(text + "\n")


def _console() -> Console:
    from rich.console import Console

    is_terminal = sys.stdout.isatty()
    return Console(
        file=sys.stdout,
        width=None if is_terminal else IN_A_PIPE,
        markup=False,
        emoji=False,
        highlight=False,
        force_terminal=is_terminal,
        no_color=None if is_terminal else True,
    )
