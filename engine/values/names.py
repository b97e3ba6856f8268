"""The names that the engine knows itself: kinds with a meaning of their own, and how keys and regions are spelt.

All other names come from the documents. A key is an activity's name, a kommune's code or a number; the second instance
of an activity carries its number (``workshop#2``).
"""

from __future__ import annotations

PROGRAMME = "programme"
KOMMUNE = "kommune"
CLUSTER = "cluster"
"""The machine of clusters (klynger): kommuner that meet."""

DELIVERABLE = "deliverable"
"""The machine of what the programme, or each kommune, hands in."""

MEETING = "meeting"
"""The kind whose people must be in one place on one day."""

EVALUATION = "evaluation"
"""The machine that an evaluation lives as."""

APPROVAL = "approval"
"""The machine that an approval lives as."""

CHANGE = "change"
"""The machine that a proposed change lives as."""

ACTIVITY_KINDS = frozenset({MEETING, "task", EVALUATION, APPROVAL, CHANGE})
"""The kinds that hang under a programme or a kommune and have days of their own."""

LIFE = "forloeb"
"""The region of a programme or kommune that is its whole course."""

PHASE_REGION = "fase_"
"""What the region of a fase begins with: ``fase_<name>``."""

POKE = "poke"
"""The rule of a due-now timer that a child's decision leaves on its parent."""


def ordinal_of(key: str) -> int:
    """Give which one of its activity a key stands for: ``workshop`` is the first, ``workshop#2`` the second."""
    return int(key.partition("#")[2].rpartition("_")[2] or 1)


def base_key(key: str) -> str:
    """Strip the ordinal: ``workshop#2`` is the second instance of the activity ``workshop``."""
    return key.partition("#")[0]
