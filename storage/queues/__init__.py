"""The two queues, timers and outbox: what is due, who holds it, what became of it; decides and sends nothing itself."""

from .claiming import TimerClaims
from .inviting import Calendars, Invitations, Occasion
from .outbox import NUDGE_VALUE, Outbox, nudge
from .timers import TIMER_VALUE, DueTimer, DueTimers, Timers, timer

__all__ = [
    "NUDGE_VALUE",
    "TIMER_VALUE",
    "Calendars",
    "DueTimer",
    "DueTimers",
    "Invitations",
    "Occasion",
    "Outbox",
    "TimerClaims",
    "Timers",
    "nudge",
    "timer",
]
