"""The JSON of every command: documented in --help, and the same keys as the views."""

import dataclasses
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from samskabt.cli import keys
from samskabt.cli.output import json_of
from samskabt.engine.measuring.results import MeasureResult
from samskabt.engine.values import Intent
from samskabt.notifications import DeliveryReport
from samskabt.runtime.asking import Step
from samskabt.runtime.attending.views import AttendanceView, AttendeeView, ReplyView
from samskabt.runtime.continuity.absence import Absence
from samskabt.runtime.continuity.bookings import Engagement
from samskabt.runtime.continuity.handing_over import HandedOver
from samskabt.runtime.continuity.replacing import Replaced
from samskabt.runtime.delivering.inboxes import BrokenAddress, InboxReport, LeftMail
from samskabt.runtime.delivering.readdressing import Readdressed
from samskabt.runtime.delivering.trying import Trial
from samskabt.runtime.gallery import Shown
from samskabt.runtime.mailing.launching import Launch
from samskabt.runtime.mailing.memory import Remembered
from samskabt.runtime.mailing.messages import Message
from samskabt.runtime.mailing.preferences import Answer, Preference
from samskabt.runtime.mailing.previewing import Preview
from samskabt.runtime.measuring.views import CriterionRow, Registered
from samskabt.runtime.posting.telling import LetterInfo
from samskabt.runtime.rehearsal import Checked, Rehearsal
from samskabt.runtime.sweep import SweepReport
from samskabt.runtime.views.board import Board, ProgrammeRow
from samskabt.runtime.views.documents import CheckReport, Outline
from samskabt.runtime.views.selection import ClustersView, SelectionView
from samskabt.runtime.views.sheet import Possibilities, Sheet
from samskabt.runtime.views.story import Happened, MovedRow, StoryRow
from samskabt.runtime.views.upcoming import Agenda, MailRow
from samskabt.storage import PersonRow, RoleRow
from samskabt.workflows.catalogue import Entry


def described(kind: Any) -> str:
    """Write the keys of a view as the help does: ``id, title, rows[seq, what]``."""
    hints = get_type_hints(kind)
    return ", ".join(f"{one.name}{inner(hints[one.name])}" for one in dataclasses.fields(kind))


def inner(hint: Any) -> str:
    """Write the keys of what a field holds; empty for a plain value."""
    found = next(views_in(hint), None)
    return f"[{described(found)}]" if found else ""


def views_in(hint: Any) -> Iterator[Any]:
    """Find the dataclass in a type such as ``tuple[Row, ...]``."""
    if dataclasses.is_dataclass(hint):
        yield hint
    elif get_origin(hint) in (tuple, Union, UnionType):
        for part in get_args(hint):
            yield from views_in(part)


DOCUMENTED = {
    keys.STATUS: f"programmes[{described(ProgrammeRow)}], boards[{described(Board)}]",
    keys.SHOW: described(Sheet),
    keys.OPTIONS: described(Possibilities),
    keys.MISSING: f"id, title, steps[{described(Step)}]",
    keys.HISTORY: f"id, title, as_of, rows[{described(StoryRow)}]",
    keys.AGENDA: described(Agenda),
    keys.OUTBOX: f"id, title, all_mail_to, mails[{described(MailRow)}]",
    keys.HAPPENED: described(Happened),
    keys.PREVIEW: f"{described(Preview)}, moved[{described(MovedRow)}]",
    keys.REGISTERED: described(Registered),
    keys.RESULTS: f"id, title, measures[{described(MeasureResult)}]",
    keys.CRITERIA: f"id, title, criteria[{described(CriterionRow)}]",
    keys.SELECTION: described(SelectionView),
    keys.CLUSTERS: described(ClustersView),
    keys.PEOPLE: f"people[{described(PersonRow)}], roles[{described(RoleRow)}]",
    keys.READDRESSED: described(Readdressed),
    keys.REPLACED: described(Replaced),
    keys.HANDED_OVER: described(HandedOver),
    keys.ABSENT: described(Absence),
    keys.BUSY: f"id, meetings[{described(Engagement)}]",
    keys.WORKFLOWS: f"workflows[{described(Entry)}]",
    keys.CHECK: described(CheckReport),
    keys.OUTLINE: described(Outline),
    keys.EXPECTED: f"checked[{described(Checked)}], wrong",
    keys.GALLERY: f"folder, mails[{described(Shown)}]",
    keys.REHEARSAL: described(Rehearsal),
    keys.TRIAL: described(Trial),
    keys.LAUNCH: f"{described(Launch)} (with --preview)",
    keys.INBOX: described(InboxReport),
    keys.BROKEN: f"addresses[{described(BrokenAddress)}], mails[{described(LeftMail)}], replies",
    keys.RESENT: f"letters[{described(LetterInfo)}]",
    keys.ATTENDANCE: described(AttendanceView),
    keys.ATTENDEE: described(AttendeeView),
    keys.REPLIES: f"replies[{described(ReplyView)}]",
    keys.WISH: described(Answer),
    keys.WISHES: f"preferences[{described(Preference)}]",
    keys.MEMORY: f"texts[{described(Remembered)}]",
    keys.MESSAGE: described(Message),
    keys.TICK: f"timers[{described(SweepReport)}], mails[{described(DeliveryReport)}]",
}


@pytest.mark.parametrize(("told", "real"), DOCUMENTED.items(), ids=lambda text: re.split(r"\W", text)[0])
def test_the_documented_keys_are_those_of_the_views(told: str, real: str) -> None:
    """A key that comes or goes is a decision: the help says so in the same commit."""
    assert told == real


def test_values_become_plain_json() -> None:
    """Days and instants are ISO text, enums their value, tuples lists, None null."""
    value = {
        "on": date(2019, 10, 3),
        "at": datetime(2019, 10, 3, 8, tzinfo=UTC),
        "intent": Intent.NUDGE,
        "x": (None, 1),
    }
    assert json.loads(json.dumps(json_of(value))) == {
        "on": "2019-10-03", "at": "2019-10-03T08:00:00+00:00", "intent": "nudge", "x": [None, 1],
    }  # fmt: skip
