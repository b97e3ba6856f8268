"""Remembers: tables, one transaction per decision, migrations; knows no workflow rules."""

from .acting import Asked, NewToken, TokenRow, Tokens, asked_of
from .attending import AddressRow, AttendanceReader, Attendances, FeedMeeting, Invited, ReplyRow
from .chain import GENESIS, canonical, row_hash, verify_chain
from .doctoring.examining import Examination, KinView
from .doctoring.lettering import Misfit, misfits
from .posting import Fate, ItemView, LetterRow, LetterView, NewLetter, Open, TextMemory, Wish
from .queues import Calendars, DueTimer, Occasion, Outbox
from .reading import Counts, DeliveryView, HistoryRow, InstanceView, KnownRow, OutboxView, Reader, TimerView
from .registers import ONE_PERSON, KommuneRow, PersonRow, RegionSpan, RegisterReader, RoleRow
from .registrations import RegistrationView, verify_registrations
from .running import FailingTimer, LeftRow, ProcessRow, Waiting, Zoned
from .store import Backend, Store
from .surroundings import BirthRow, MeetingRow, births_between, meetings_on
from .work import BornId, Recorded, UnitOfWork

__all__ = [
    "GENESIS",
    "ONE_PERSON",
    "AddressRow",
    "Asked",
    "AttendanceReader",
    "Attendances",
    "Backend",
    "BirthRow",
    "BornId",
    "Calendars",
    "Counts",
    "DeliveryView",
    "DueTimer",
    "Examination",
    "FailingTimer",
    "Fate",
    "FeedMeeting",
    "HistoryRow",
    "InstanceView",
    "Invited",
    "ItemView",
    "KinView",
    "KnownRow",
    "KommuneRow",
    "LeftRow",
    "LetterRow",
    "LetterView",
    "MeetingRow",
    "Misfit",
    "NewLetter",
    "NewToken",
    "Occasion",
    "Open",
    "Outbox",
    "OutboxView",
    "PersonRow",
    "ProcessRow",
    "Reader",
    "Recorded",
    "RegionSpan",
    "RegisterReader",
    "RegistrationView",
    "ReplyRow",
    "RoleRow",
    "Store",
    "TextMemory",
    "TimerView",
    "TokenRow",
    "Tokens",
    "UnitOfWork",
    "Waiting",
    "Wish",
    "Zoned",
    "asked_of",
    "births_between",
    "canonical",
    "meetings_on",
    "misfits",
    "row_hash",
    "verify_chain",
    "verify_registrations",
]
