"""Remembers: tables, one transaction per decision, migrations; knows no workflow rules."""

from .chain import GENESIS, canonical, row_hash, verify_chain
from .doctoring.examining import Examination, KinView
from .queues import DueTimer
from .reading import Counts, DeliveryView, HistoryRow, InstanceView, KnownRow, OutboxView, Reader, TimerView
from .registers import KommuneRow, PersonRow, RegionSpan, RoleRow
from .registrations import RegistrationView, verify_registrations
from .store import Backend, Store
from .work import BornId, Recorded, UnitOfWork

__all__ = [
    "GENESIS",
    "Backend",
    "BornId",
    "Counts",
    "DeliveryView",
    "DueTimer",
    "Examination",
    "HistoryRow",
    "InstanceView",
    "KinView",
    "KnownRow",
    "KommuneRow",
    "OutboxView",
    "PersonRow",
    "Reader",
    "Recorded",
    "RegionSpan",
    "RegistrationView",
    "RoleRow",
    "Store",
    "TimerView",
    "UnitOfWork",
    "canonical",
    "row_hash",
    "verify_chain",
    "verify_registrations",
]
