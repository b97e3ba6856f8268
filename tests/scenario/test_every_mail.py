"""Every mail of programme 000 with four kommuner, as its people live it: the whole list, and what no mail may be."""

from __future__ import annotations

import email
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import unified_diff
from email import policy
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from samskabt.engine.values import Intent
from samskabt.notifications import FolderMailer
from samskabt.runtime.clock import VirtualClock
from samskabt.runtime.demo import run
from samskabt.runtime.engine import Engine, connect
from samskabt.runtime.posting.restraint import Restraint
from samskabt.runtime.settings import Settings
from samskabt.runtime.simulation import Simulation
from samskabt.storage import HistoryRow, InstanceView, LetterView, OutboxView

from .overdue import DENMARK, LADDERS, Due, due_of, opens, standing_at

GOLDEN = Path(__file__).parents[1] / "data" / "mails_000.txt"
SEED = 1
BUDGET = 3
LAST_DAY, LONG_AFTER = datetime(2020, 12, 31, 16, tzinfo=UTC), datetime(2021, 3, 1, tzinfo=UTC)
WEEKDAYS = ("man.", "tir.", "ons.", "tor.", "fre.", "lør.", "søn.")
LEFT = {"forloeb.trukket", "forloeb.ikke_valgt", "forloeb.gennemfoert"}
FINISHED = {
    "meeting": {"status.fulgt_op", "status.aflyst"},
    "task": {"status.afsluttet", "status.udgaaet"},
    "evaluation": {"status.afrapporteret", "status.aflyst"},
    "deliverable": {"status.godkendt"},
    "challenge": {"status.loest", "status.parkeret"},
    "solution": {"status.beholdt", "status.droppet"},
    "kommune": LEFT,
    "programme": {"forloeb.afsluttet"},
}
"""In which places nothing more is asked of a thing."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that one person got: when it went, what is in it, and the file that the person's mail program shows."""

    at: datetime
    person: str
    rows: tuple[OutboxView, ...]
    message: Message

    @property
    def is_nudge(self) -> bool:
        """Tell whether it uses the week's budget."""
        return any(row.nudge.intent is Intent.NUDGE for row in self.rows)


@dataclass(frozen=True, slots=True)
class Life:
    """The whole programme and the two months after it, read back."""

    instances: Mapping[int, InstanceView]
    history: Mapping[int, tuple[HistoryRow, ...]]
    outbox: tuple[OutboxView, ...]
    letters: tuple[Letter, ...]
    left: tuple[LetterView, ...]
    kinds: Mapping[str, str]

    def name(self, row: OutboxView) -> str:
        """Name what a mail is about: its key, and the kommune if it is one's own."""
        one = self.instances[row.instance_id]
        home = next((of.title for of in self.instances.values() if (of.kind, of.key) == ("kommune", one.kommune)), "")
        return " ".join(filter(None, (one.key if one.kind not in ("kommune", "programme") else one.kind, home)))

    def lines(self) -> Iterator[str]:
        """List every mail: local date and time, receiver and subject; below it the reason of each thing in it."""
        for letter in self.letters:
            at = letter.at.astimezone(DENMARK)
            yield f"{at:%Y-%m-%d} {WEEKDAYS[at.weekday()]} {at:%H.%M}  {letter.person}: {letter.message['Subject']}"
            for row in letter.rows:
                number = row.nudge.values.get("nummer") if row.nudge.why in LADDERS else None
                rung = f" trin {number}" if number else ""
                yield f"    {row.nudge.intent} {row.nudge.why}{rung}, {row.nudge.role}: {self.name(row)}"


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Live the demo with the restraint that every installation begins with, and two quiet months more."""
    assert Settings().restraint == Restraint() and Restraint().budget == BUDGET
    report = run(tmp_path_factory.mktemp("mails"), SEED)
    clock = VirtualClock(LAST_DAY)
    mailer = FolderMailer(report.mail_folder)
    with connect(f"sqlite:///{report.database}", clock=clock, mailer=mailer) as engine:
        Simulation(engine, clock).run_until(LONG_AFTER)
        return read_life(engine, report.programme_id, report.mail_folder)


def read_life(engine: Engine, programme: int, folder: Path) -> Life:
    """Read what became of a programme: its history, its outbox, its letters and the files that were sent."""
    activity = engine.workflow_of(programme).paper.activity
    with engine.context.store.read() as reader:
        instances = {one.id: one for one in reader.instances(programme)}
        history = defaultdict[int, list[HistoryRow]](list)
        for row in reader.programme_history(programme, limit=100_000):
            history[row.instance_id].append(row)
        outbox = reader.outbox(programme, limit=100_000)
        people = {person.id: person.name for person in reader.registers.people()}
        views = reader.posted.letters(limit=100_000)
    return Life(
        instances=instances,
        history={number: tuple(sorted(rows, key=lambda row: row.seq)) for number, rows in history.items()},
        outbox=outbox,
        letters=_letters(views, {row.id: row for row in outbox}, people, _messages(folder)),
        left=tuple(view for view in views if view.row.status != "sent"),
        kinds={one.key: str(getattr(activity(one.key), "kind", "")) for one in instances.values()},
    )


def _messages(folder: Path) -> dict[str, Message]:
    found = [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*.eml")]
    return {str(message["Message-ID"]): message for message in found}


def _letters(
    views: tuple[LetterView, ...], rows: Mapping[int, OutboxView], people: Mapping[int, str], files: dict[str, Message]
) -> tuple[Letter, ...]:
    found = []
    for view in views:
        if view.row.status != "sent":
            continue
        assert view.row.settled_at is not None
        inside = tuple(rows[item.outbox_id] for item in view.items if item.status == "sent")
        message = files.pop(view.row.message_id)
        found.append(Letter(view.row.settled_at, people[view.row.person_id], inside, message))
    assert not files, "a mail lies in the folder that no letter tells of"
    return tuple(sorted(found, key=lambda one: (one.at, one.person, str(one.message["Message-ID"]))))


def test_the_list_of_every_mail_is_as_it_was_read_and_agreed(life: Life, tmp_path: Path) -> None:
    """Date, receiver, subject and reason of each, line by line: a change of any mail is seen in review."""
    lines = list(life.lines())
    agreed = GOLDEN.read_text(encoding="utf-8").splitlines() if GOLDEN.exists() else []
    if lines != agreed:
        fresh = tmp_path / GOLDEN.name
        fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
        changed = "\n".join(unified_diff(agreed, lines, "agreed", "now", lineterm="", n=1))
        pytest.fail(f"{changed}\nIf every one of these mails should be so: cp {fresh} {GOLDEN}", pytrace=False)


def test_the_list_tells_of_the_whole_programme(life: Life) -> None:
    """Every sort of mail, from the enrolment to the last answer; nothing is left waiting and nothing was given up."""
    assert len(life.letters) > 350 and {letter.at.year for letter in life.letters} == {2019, 2020, 2021}
    assert {row.nudge.intent for letter in life.letters for row in letter.rows} >= {
        Intent.NUDGE, Intent.NOTICE, Intent.INVITATION,
    }  # fmt: skip
    assert all(letter.rows and row.status == "sent" for letter in life.letters for row in letter.rows)
    assert {row.status for row in life.outbox} == {"sent", "withdrawn"}
    assert {view.row.status for view in life.left} <= {"withdrawn"}


def test_nobody_gets_more_than_the_budget(life: Life) -> None:
    """Three mails with reminders to one person in an ISO week at the most, whatever they are about."""
    weeks = Counter((letter.person, _day(letter.at).isocalendar()[:2]) for letter in life.letters if letter.is_nudge)
    assert max(weeks.values()) <= BUDGET, weeks.most_common(3)
    assert BUDGET in weeks.values(), "nobody comes near the budget, so that it is not tried here"


def test_no_mail_tells_of_one_thing_twice(life: Life) -> None:
    """Of two reminders about one state of one thing, due for one person on one day, only one goes."""
    seen = 0
    for letter in life.letters:
        nudges = [one for one in letter.rows if one.nudge.intent is Intent.NUDGE and one.nudge.region is not None]
        about = Counter((row.instance_id, row.nudge.region, row.nudge.values.get("mangler")) for row in nudges)
        assert not about or max(about.values()) == 1, (letter.at, letter.person)
        seen += len(nudges) > 1
    assert seen > 10


def test_no_mail_comes_on_a_day_off_or_outside_office_hours(life: Life) -> None:
    """Not at night, in a weekend, on a holiday or in a closed week, by a calendar that is written out by hand."""
    for letter in life.letters:
        at = letter.at.astimezone(DENMARK)
        closes = 13 if at.isoweekday() == 5 else 15
        assert opens(at.date()) and 8 <= at.hour < closes, (at, letter.person)
        dated = parsedate_to_datetime(str(letter.message["Date"]))
        assert dated == letter.at.replace(microsecond=0), (at, letter.person, "the date in it is another")


def test_no_mail_asks_for_what_was_known_to_be_done(life: Life) -> None:
    """At the moment of sending each thing stands in the state that it is reminded of, and nothing in a final one."""
    for letter in life.letters:
        for row in letter.rows:
            if row.nudge.intent is Intent.NUDGE and row.nudge.region is not None:
                now = standing_at(life.history[row.instance_id], letter.at)
                then = standing_at(life.history[row.instance_id], row.queued_at)
                region = row.nudge.region
                assert now.position[region] == then.position[region], (letter.at, letter.person, row.nudge.why)
                places = now.places() & FINISHED[life.instances[row.instance_id].kind]
                assert not places, (letter.at, letter.person, row.nudge.why, places)
                ladder = LADDERS.get(row.nudge.why)
                assert ladder is None or list(now.anchors(ladder)), (letter.at, letter.person, row.nudge.why)


def test_who_has_left_the_programme_hears_no_more_of_it(life: Life) -> None:
    """What comes up in a kommune after its end, or after the programme's, is told to nobody."""
    homes = {one.key: one.id for one in life.instances.values() if one.kind == "kommune"}
    for letter in life.letters:
        for row in letter.rows:
            if row.kommune is not None and row.nudge.intent is not Intent.NOTICE:
                home = standing_at(life.history[homes[row.kommune]], letter.at)
                assert not home.places() & LEFT, (letter.at, letter.person, row.nudge.why)
    assert {row.nudge.why for letter in life.letters if letter.at > LAST_DAY for row in letter.rows} == {
        "forloeb.gennemfoer"
    }


def test_no_meeting_is_announced_after_it_began(life: Life) -> None:
    """An invitation and a reminder of a meeting come on a day before the one that was planned then."""
    seen = 0
    for letter in life.letters:
        for row in letter.rows:
            if row.nudge.intent is Intent.INVITATION or row.nudge.why == "moedet_er_snart":
                seen += 1
                planned = standing_at(life.history[row.instance_id], letter.at).known["planned_start"]
                assert _day(letter.at) < date.fromisoformat(str(planned)), (letter.at, letter.person, row.nudge.key)
    assert seen > 150


def test_what_was_over_before_a_mail_about_it_was_told_afterwards(life: Life) -> None:
    """Where a thing had happened already when its mail went, nobody had registered it by then; and that is rare."""
    too_late = 0
    for letter in life.letters:
        for row in letter.rows:
            if row.nudge.intent is Intent.NUDGE and row.nudge.region is not None:
                rows = life.history[row.instance_id]
                mended = {one.corrects for one in rows} | {one.seq for one in rows if one.corrects is not None}
                over = [
                    one.recorded_at
                    for one in rows
                    if one.region == row.nudge.region and one.seq > (row.nudge.entry_seq or 0)
                    if one.to_state not in (None, one.from_state) and one.seq not in mended
                    if one.happened_at < letter.at
                ]
                too_late += bool(over)
                assert all(told > letter.at for told in over), (letter.at, letter.person, row.nudge.why)
    assert 0 < too_late < 20


def test_every_overdue_thing_climbs_its_ladder_on_its_days(life: Life) -> None:
    """Each rung that came due by the history is queued on exactly that day, and no other rung is, but at once."""
    due = {rung for one in life.instances.values() for rung in _due(life, one)}
    queued = defaultdict[Due, list[OutboxView]](list)
    for row in life.outbox:
        if row.nudge.why in LADDERS:
            queued[_rung(row)].append(row)
    assert due - queued.keys() == set()
    for rung in queued.keys() - due:
        # entered (or told of) after the rung's hour had come: it is queued in the very registration that led there
        registered = {row.recorded_at for row in life.history[rung.instance_id]}
        assert {row.queued_at for row in queued[rung]} <= registered, rung
    assert len(due) > 70 and len({rung.rule for rung in due}) >= 9
    for rung in due:
        whom = LADDERS[rung.rule].rungs[rung.rung - 1][2]
        assert not whom or whom in {row.nudge.role for row in queued[rung]}, rung


def test_every_escalation_arrives_on_its_day_unless_it_was_done_by_then(life: Life) -> None:
    """To the leder, the partskonsulent or the parties: in their mailbox on the day of the rung, none put off."""
    escalations = [row for row in life.outbox if row.nudge.why in LADDERS and _is_escalation(row)]
    assert len(escalations) >= 20
    assert {row.nudge.role for row in escalations} == {"parter", "leder", "partskonsulent"}
    for row in escalations:
        if row.status == "withdrawn":
            final = FINISHED[life.instances[row.instance_id].kind]
            assert row.settled_at is not None
            assert standing_at(life.history[row.instance_id], row.settled_at).places() & final, row.nudge.key
        else:
            assert row.deliveries and {_day(got.at) for got in row.deliveries} == {_day(row.queued_at)}, row.nudge.key


def test_what_waited_waited_for_the_morning_or_for_the_budget(life: Life) -> None:
    """A reminder that does not come on its day was queued after the morning's mails, or two had come that week."""
    for letter in life.letters:
        if not letter.is_nudge:
            continue
        for row in letter.rows:
            waited = _day(letter.at) - _day(row.queued_at)
            was_late = row.queued_at.astimezone(DENMARK).hour >= 10 and waited == timedelta(days=1)
            if waited and not was_late:
                week = _day(letter.at).isocalendar()[:2]
                before = [
                    one
                    for one in life.letters
                    if (one.person, one.is_nudge) == (letter.person, True) and one.at < letter.at
                    if _day(one.at).isocalendar()[:2] == week
                ]
                assert len(before) >= BUDGET - 1, (letter.at, letter.person, row.nudge.why)


def _due(life: Life, one: InstanceView) -> set[Due]:
    return due_of(one, life.kinds[one.key], life.history[one.id], LONG_AFTER.date())


def _rung(row: OutboxView) -> Due:
    number = row.nudge.values["nummer"]
    assert isinstance(number, int) and row.nudge.region is not None
    return Due(row.instance_id, row.nudge.why, row.nudge.region, number, _day(row.queued_at))


def _is_escalation(row: OutboxView) -> bool:
    number = row.nudge.values["nummer"]
    assert isinstance(number, int)
    return LADDERS[row.nudge.why].rungs[number - 1][2] == row.nudge.role


def _day(instant: datetime) -> date:
    return instant.astimezone(DENMARK).date()
