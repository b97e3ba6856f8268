"""What posting asks of attendance: the files of invitations, and whom a reminder of a meeting is not for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from secrets import token_hex

from ...engine.attending import Attending, Seated, whose
from ...engine.civil.instants import local_date
from ...engine.compiled import Compiled
from ...engine.definition.workflow import PARTICIPANTS
from ...engine.values import SEAT, Intent, OutboxRow, Recipient
from ...engine.values.names import MEETING
from ...notifications import Attachment, database_id_of
from ...notifications.calendar import calendar_file
from ...notifications.writing.wording import ASKS
from ...storage import Reader, UnitOfWork
from ..posting.planning.inviting import uid_outside
from ..settings import Settings
from ..usecases.context import Context
from .meetings import read_meeting

ASKS_FOR_ANSWER = frozenset({"svar_udbedes"})
"""The texts of reminders that ask for an answer: whoever has given one is not asked again."""

DECLINED = "har meldt fra til mødet"
ANSWERED = "har svaret på indkaldelsen"
WRITTEN = "har skrevet et svar, som nogen skal læse: samskabt inbox list"
WAITS = "står på venteliste til mødet"
NO_SEAT = "har ikke pladsen længere"
NOT_INVITED = "er ikke indkaldt til mødet"
DEAF = "et svar når ikke frem hertil: hverken SAMSKABT_WEB_URL eller SAMSKABT_INBOX er sat"


def answered(
    context: Context, uow: UnitOfWork, row: OutboxRow, people: Iterable[Recipient], now: datetime
) -> Mapping[int, str]:
    """Say in Danish for whom a mail of a meeting is not (any more): person -> reason. The meeting is read once.

    Only reminders to those who take part ask; whoever is in charge hears all the same. Those who come are reminded of
    the day, those who have not answered too; those who declined or wait for a seat are not. An answer is asked of those
    who were invited, gave none and wrote none; a seat is promised to those who have it.
    """
    is_seat = SEAT in row.nudge.values
    if row.kind != MEETING or (row.nudge.intent is not Intent.NUDGE and not is_seat):
        return {}
    if not is_seat and not _is_for_guests(context.compiled(row.workflow_hash, uow), row):
        return {}
    meeting = read_meeting(context, Reader(uow.connection), uow.identity(row.instance_id), local_date(now))
    seated, asks = meeting.seated(), row.nudge.template in ASKS_FOR_ANSWER
    found = {one.person_id: _reason(whose(seated, one.person_id), asks=asks, is_seat=is_seat) for one in people}
    if asks:
        wrote = uow.left.writers(row.instance_id)
        found = {number: reason or (WRITTEN if number in wrote else None) for number, reason in found.items()}
    return {number: reason for number, reason in found.items() if reason is not None}


def _reason(one: Seated | None, *, asks: bool, is_seat: bool) -> str | None:
    if is_seat:
        return None if one is not None and one.stands is Attending.COMES else NO_SEAT
    if one is None or (asks and one.guest.invited_at is None):
        return NOT_INVITED if asks else None
    match one.stands:
        case Attending.DECLINES:
            return DECLINED
        case Attending.WAITING:
            return WAITS
        case Attending.COMES | Attending.MAYBE if asks:
            return ANSWERED
        case _:
            return None


def _is_for_guests(compiled: Compiled, row: OutboxRow) -> bool:
    rule = compiled.workflow.reminders.get(row.nudge.why)
    return rule is not None and PARTICIPANTS in rule.roles


class CalendarPost:
    """What posting asks of attendance: the files of invitations, and whom reminders of meetings are not for.

    ``settings`` tell whether an answer can come in at all, by a link or to an inbox: else nobody is asked for one.
    """

    def __init__(self, context: Context, settings: Settings) -> None:
        self._context, self._sender, self._secret = context, settings.sender, settings.message_secret
        self._reads = settings.inbox is not None
        self._hears = self._reads or settings.web_url is not None

    def told(self, uow: UnitOfWork, row: OutboxRow) -> OutboxRow:
        """Give an invitation with the UID that calendars know it by, and what happens without an answer."""
        nudge = row.nudge
        if nudge.uid is None:
            return row
        asks = {ASKS: True} if self._hears and nudge.intent is Intent.INVITATION else {}
        secret = self._secret or uow.letters.secret(token_hex)
        outside = uid_outside(nudge.uid, database_id_of(secret))
        return replace(row, nudge=replace(nudge, uid=outside, values={**nudge.values, **asks}))

    def files(self, rows: Iterable[OutboxRow], recipient: Recipient, now: datetime) -> tuple[Attachment, ...]:
        """Give the calendar files of a letter, in order."""
        found = (calendar_file(row, recipient, self._sender, now, asks=self._reads) for row in rows)
        return tuple(one for one in found if one is not None)

    def objection(
        self, uow: UnitOfWork, row: OutboxRow, people: Sequence[Recipient], now: datetime
    ) -> Mapping[int, str]:
        """Say why a reminder, or a seat, is not for people: person -> reason."""
        if row.kind == MEETING and row.nudge.template in ASKS_FOR_ANSWER and not self._hears:
            return {one.person_id: DEAF for one in people}
        return answered(self._context, uow, row, people, now)
