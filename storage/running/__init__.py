"""What running processes leave behind and what waits: heartbeats, and counts of what is due, failing or stuck."""

from .backlog import Backlog, FailingTimer, Waiting
from .beats import Beats, ProcessRow
from .left import LeftMails, LeftRow
from .zoned import Zoned, ZonedTimer

__all__ = ["Backlog", "Beats", "FailingTimer", "LeftMails", "LeftRow", "ProcessRow", "Waiting", "Zoned", "ZonedTimer"]
