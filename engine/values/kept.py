"""The data fields that only decisions write; people's events may not hold them."""

from __future__ import annotations

ROUNDS = "runder"
"""How often an instance was sent back."""

SEQUENCE = "ical_sequence"
"""Counts an invitation's changes, from 0, for the life of its UID."""

WINDOWS = "vinduer"
"""Windows of a programme or kommune: name -> [first day, last day], each ISO or null."""

WINDOWS_WHY = "vinduer_fordi"
"""Why those windows lie where they lie: name -> Danish words."""

SHIFT = "forskudt_uger"
"""By how many whole weeks the programme was shifted."""

ENROLLED = "tilmeldt_kl"
"""When a kommune enrolled, as an ISO instant."""

TAKEN = "tilvalg"
"""The keys of the offers that a kommune has taken up."""

LAST_DAY = "senest"
"""The last possible day of a measurement that guards a change, kept by the planner."""

PAUSED = "i_bero"
"""The pauses in force: kind at which it was set -> {siden, fordi, af, til}."""

PAUSES = "pauser"
"""The pauses that are over: kind at which it was set -> [[from, to], ...], ISO instants."""

DELAYS = "flyttet_efter_pause"
"""Of a kommune or programme: [[day of the resumption, weeks by which what was left is moved], ...]."""

SYSTEM_FIELDS = frozenset(
    {ROUNDS, SEQUENCE, WINDOWS, WINDOWS_WHY, SHIFT, ENROLLED, TAKEN, LAST_DAY, PAUSED, PAUSES, DELAYS}
)
