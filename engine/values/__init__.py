"""The values that flow between the rooms: snapshots in, decisions out; they decide nothing.

All instants are aware datetimes in UTC; every ``date`` is a local calendar day in Europe/Copenhagen.
"""

from .basis import SYSTEM, Actor, ActorKind, Data, Dates, Entry, Json, Position
from .decisions import Birth, Decision, Event, Option, Refusal, Step, StepKind, Strength
from .promises import (
    FIRST_WORD,
    ON_ITS_DAY,
    SEAT,
    Intent,
    Lateness,
    LeftOut,
    Nudge,
    OutboxRow,
    Recipient,
    Timer,
    TimerStatus,
)
from .standing import NO_FACTS, Booking, Facts, Identity, Reach, Relative, Snapshot

__all__ = [
    "FIRST_WORD",
    "NO_FACTS",
    "ON_ITS_DAY",
    "SEAT",
    "SYSTEM",
    "Actor",
    "ActorKind",
    "Birth",
    "Booking",
    "Data",
    "Dates",
    "Decision",
    "Entry",
    "Event",
    "Facts",
    "Identity",
    "Intent",
    "Json",
    "Lateness",
    "LeftOut",
    "Nudge",
    "Option",
    "OutboxRow",
    "Position",
    "Reach",
    "Recipient",
    "Refusal",
    "Relative",
    "Snapshot",
    "Step",
    "StepKind",
    "Strength",
    "Timer",
    "TimerStatus",
]
