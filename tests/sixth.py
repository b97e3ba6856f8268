"""Reads docs/writing-a-workflow.md as what it is: the blocks of a workflow, and mistakes with what is said of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "writing-a-workflow.md"
FOLDER = Path(__file__).parent / "data" / "sixth"
NAME = "rolige-overgange.yaml"
EXPECT = "rolige-overgange.expect.yaml"

_BLOCK = re.compile(r"^```(?P<info>[a-z ]+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Mistake:
    """One deliberate mistake of the page: the right line, the wrong one, and what the page says is told of it."""

    right: str
    wrong: str
    told: str


def blocks(info: str) -> list[str]:
    """Give the bodies of the page's blocks of one kind, in order."""
    return [found["body"] for found in _BLOCK.finditer(PAGE.read_text(encoding="utf-8")) if found["info"] == info]


def mistakes() -> list[Mistake]:
    """Give the page's mistakes, each with the answer that stands below it."""
    found = []
    text = PAGE.read_text(encoding="utf-8")
    all_blocks = [(one["info"], one["body"]) for one in _BLOCK.finditer(text)]
    for (info, body), (following, answer) in pairwise(all_blocks):
        if info == "diff":
            assert following == "text"
            lines = body.splitlines()
            right, wrong = (next(line[1:] for line in lines if line.startswith(sign)) for sign in "-+")
            found.append(Mistake(right, wrong, answer.strip()))
    return found
