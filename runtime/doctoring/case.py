"""What is examined: one instance with all that hangs on it, and how a finding is put; judges nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from ...engine.compiled import Compiled
from ...engine.values import Facts, Position, Snapshot
from ...storage import HistoryRow, InstanceView, KinView, OutboxView, RegistrationView, TimerView

GRACE = timedelta(hours=1)
"""How long something due may wait before the doctor asks whether the clock still runs."""

UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, AssertionError)
"""What reading a row raises that no version of ours has written."""

_RESTORE = "stop writing, keep this file as it is, and restore a backup from before the damage"
_HISTORY = f"somebody wrote past the engine; {_RESTORE}"
_STATE = f"history is the truth, and the stored state was changed past the engine; {_RESTORE}"
_TIMER = "let any event happen to the instance: every decision derives its timers anew"
_TICKER = "start the ticker (or call Engine.tick and Engine.deliver); what is due is caught up once"

WAYS_OUT: Mapping[str, str] = MappingProxyType(
    {
        "database_damaged": _RESTORE,
        "workflow_edited": "instances are pinned to the document of that hash; put the published text back",
        "workflow_unreadable": "put the published text back, or run the version of samskabt that wrote it",
        "clock_stopped": _TICKER,
        "clock_ahead": "set the machine's clock; timers fired early cannot be taken back",
        "unreadable": _RESTORE,
        "history_missing": _HISTORY,
        "history_edited": _HISTORY,
        "head_wrong": _HISTORY,
        "revision_wrong": _HISTORY,
        "happened_later": _HISTORY,
        "recorded_in_future": "set the machine's clock; nothing can be registered before that time has come",
        "recorded_backwards": "the machine's clock went back; look into its time service",
        "registration_edited": f"a registration was written past the engine; {_RESTORE}",
        "registration_astray": f"a registration was written past the engine; {_RESTORE}",
        "position_wrong": _STATE,
        "entered_wrong": _STATE,
        "data_wrong": _STATE,
        "dates_wrong": _STATE,
        "illegal_position": _STATE,
        "timer_missing": _TIMER,
        "timer_moved": _TIMER,
        "timer_anchor": "it is due at the right time, but its record names another day; move that day once more",
        "timer_left": _TIMER,
        "timer_early": "the clock went back, or somebody marked it; look into the machine's time service",
        "timer_failing": "mend what the error says; it is tried again by itself",
        "timer_overdue": "the ticker runs but passes it by; look into its log",
        "stuck": "nobody and nothing can move it; correct its last step, or publish a workflow with a way out",
        "family_wrong": _STATE,
        "pause_wrong": "resume the parent, or pause it once more: both are passed on to all below",
        "workflow_changed": "parent and child must run on the same document; put the pin back",
        "birth_unrecorded": _HISTORY,
        "mail_doubled": "somebody queued it past the engine; withdraw one of the two",
        "mail_uncaused": "nothing in history asked for it; withdraw it if it is not sent yet",
        "mail_lost": "tell the role by hand; the fired timer sends no second mail",
        "mail_unproven": "ask the recipients whether it came; nothing shows that a mail server took it",
        "mail_waiting": _TICKER,
        "mail_unposted": "ask the recipients whether it came; nothing shows who was written to",
        "mail_forgotten": "somebody wrote past the engine; set its status to pending, and it is posted anew",
        "letter_unproven": "ask the recipient whether it came; nothing shows that a mail server took it",
        "letter_left": "somebody wrote past the engine; set the letter's status to pending, and it is tried again",
        "letter_waiting": "is a process delivering, and does its mail server answer? `samskabt health` tells both",
        "mail_moot": "the recipients were reminded of something already done; tell them",
    }
)
"""Code of a finding -> what to do about it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be: a code of ``WAYS_OUT``, where, and what with its values and the way out."""

    code: str
    instance_id: int | None
    text: str


def found(code: str, instance_id: int | None, what: str) -> Finding:
    """Put a finding, with the way out at its end."""
    return Finding(code, instance_id, f"{what}; {WAYS_OUT[code]}")


@dataclass(frozen=True, slots=True)
class Case:
    """One instance with its parent, whole history, timers, mails and registrations, as of one moment.

    ``compiled`` is None where its workflow cannot be read; ``children`` asks the database only when it is called.
    """

    kin: KinView
    rows: tuple[HistoryRow, ...]
    timers: tuple[TimerView, ...]
    mails: tuple[OutboxView, ...]
    registrations: tuple[RegistrationView, ...]
    compiled: Compiled | None
    facts: Facts
    children: Callable[[], Iterable[tuple[str, Position]]]
    now: datetime
    heartbeat: datetime | None

    @property
    def instance(self) -> InstanceView:
        """Give the instance as it stands."""
        return self.kin.instance

    def found(self, code: str, what: str) -> Finding:
        """Put a finding about this instance."""
        return found(code, self.instance.id, f"{self.instance.kind} {self.instance.id}: {what}")


def snapshot_of(view: InstanceView) -> Snapshot:
    """Give an instance as decisions see it, without timers and facts."""
    return Snapshot(view.identity, view.title, view.position, view.entered, view.data, view.dates, view.revision)
