"""The main job: the demo lives a whole programme, and keeps every promise that it makes."""

from __future__ import annotations

import email
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.civil.danish import number
from samskabt.engine.civil.instants import local_date
from samskabt.engine.errors import InvalidInput
from samskabt.engine.values import Intent
from samskabt.runtime.clock import VirtualClock
from samskabt.runtime.demo import DemoReport, run
from samskabt.runtime.engine import Engine, connect
from samskabt.runtime.running.health import Level, health_of
from samskabt.storage import HistoryRow, InstanceView, OutboxView

# The demo is lived once, for all tests, so one worker has them all.
pytestmark = pytest.mark.xdist_group("demo")

SEED = 1
FINAL = {
    "meeting": {"fulgt_op", "aflyst"},
    "task": {"afsluttet", "udgaaet"},
    "evaluation": {"afrapporteret", "aflyst"},
    "deliverable": {"godkendt"},
}


@dataclass(frozen=True, slots=True)
class Demo:
    """A finished run, read back from the files that it left."""

    report: DemoReport
    engine: Engine
    instances: dict[int, InstanceView]
    history: tuple[HistoryRow, ...]
    outbox: tuple[OutboxView, ...]
    mails: dict[str, EmailMessage]
    cpu_seconds: float

    def kommune(self, part: str) -> InstanceView:
        """Find the kommune that plays a part."""
        code = self.report.parts[part]
        return next(one for one in self.instances.values() if one.kind == "kommune" and one.key == code)

    def of(self, kommune: InstanceView, kind: str) -> list[InstanceView]:
        """List a kommune's instances of a kind."""
        return [one for one in self.instances.values() if one.kommune == kommune.key and one.kind == kind]

    def rows(self, instance_id: int) -> list[HistoryRow]:
        """List what happened to an instance."""
        return [row for row in self.history if row.instance_id == instance_id]

    def sent(self, instance_id: int) -> list[OutboxView]:
        """List the mails about an instance that were sent."""
        return [mail for mail in self.outbox if mail.instance_id == instance_id and mail.status == "sent"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Live the demo once and read everything back."""
    began = process_time()  # not the wall clock: other work on the machine is no fault of the demo
    report = run(tmp_path_factory.mktemp("demo"), SEED)
    cpu_seconds = process_time() - began
    with connect(f"sqlite:///{report.database}", clock=VirtualClock(datetime(2021, 1, 1, tzinfo=UTC))) as engine:
        with engine.context.store.read() as reader:
            instances = {one.id: one for one in reader.instances(report.programme_id)}
            history = reader.programme_history(report.programme_id, limit=10_000)
            outbox = reader.outbox(report.programme_id, limit=10_000)
        yield Demo(report, engine, instances, history, outbox, read_mails(report.mail_folder), cpu_seconds)


def read_mails(folder: Path) -> dict[str, EmailMessage]:
    """Read every mail of a folder: file name -> message."""
    found = {}
    for path in sorted(folder.glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        found[path.name] = message
    return found


def sent_at(message: EmailMessage) -> datetime:
    """Read when a mail was sent."""
    return parsedate_to_datetime(str(message["Date"]))


def test_ten_are_invited_and_four_chosen_by_size_and_geography(demo: Demo) -> None:
    """Ten kommuner of the list enrol; four take part, from four regions, and all ten know why or why not."""
    assert len(demo.report.kommuner) == 10
    fates = Counter(kommune.ended for kommune in demo.report.kommuner)
    assert fates == {"Ikke valgt": 6, "Gennemført": 3, "Har trukket sig": 1}
    chosen = [kommune for kommune in demo.report.kommuner if kommune.ended != "Ikke valgt"]
    assert all(kommune.choice for kommune in demo.report.kommuner)
    assert all("Region " in kommune.choice and "indbyggere" in kommune.choice for kommune in chosen)
    assert len({kommune.choice.partition("Region ")[2].partition(",")[0].split()[0] for kommune in chosen}) == 4


def test_the_programme_is_closed_on_its_last_day(demo: Demo) -> None:
    """On 31 December 2020 programme and faser are closed, and nothing under it is left open."""
    programme = demo.instances[demo.report.programme_id]
    assert programme.position["forloeb"] == "afsluttet"
    assert {state for region, state in programme.position.items() if region != "forloeb"} == {"afsluttet"}
    assert local_date(programme.entered["forloeb"].at) == date(2020, 12, 31)
    left = [
        one for one in demo.instances.values() if one.kind in FINAL and one.position["status"] not in FINAL[one.kind]
    ]
    assert [(one.key, one.kommune, one.position) for one in left] == []


def test_every_deliverable_is_handed_over_and_approved(demo: Demo) -> None:
    """Ten of them, each by the one and approved by another on a later day, with the place where it lies."""
    handed = [one for one in demo.instances.values() if one.kind == "deliverable"]
    assert len(handed) == 10 and all(one.data["dokumenter"] for one in handed)
    for one in handed:
        steps = {row.to_state: row for row in demo.rows(one.id) if row.to_state}
        assert steps["leveret"].actor_id != steps["godkendt"].actor_id
        assert date(2019, 9, 20) < local_date(steps["leveret"].happened_at)
        assert local_date(steps["leveret"].happened_at) < local_date(steps["godkendt"].happened_at)


def test_what_was_called_off_says_why(demo: Demo) -> None:
    """Every activity that was not held was called off with a reason; every evaluation of those who stayed reported."""
    off = [row for row in demo.history if row.to_state in ("aflyst", "udgaaet", "trukket", "parkeret")]
    assert off and all(row.reason for row in off)
    stalled = demo.report.parts["stalls"]
    stayed = [one for one in demo.instances.values() if one.kind == "evaluation" and one.kommune != stalled]
    assert len(stayed) == 9 and all(one.position["status"] == "afrapporteret" for one in stayed)


def test_the_stalling_kommune_is_nudged_and_then_others_are_asked(demo: Demo) -> None:
    """In each trin: two mails to the konsulent, one to the leder, one to the partskonsulent; in the end it leaves."""
    kommune = demo.kommune("stalls")
    told = defaultdict(list)
    for mail in demo.sent(kommune.id):
        if mail.nudge.why == "trin_staar_stille":
            told[mail.nudge.region].append(mail.nudge.role)
    ladder = ["kommunal_konsulent", "kommunal_konsulent", "leder", "partskonsulent"]
    assert told == {"trin_1": ladder, "trin_2": ladder}
    assert kommune.position["forloeb"] == "trukket" and kommune.position["trin_6"] == "venter"


def test_one_challenge_goes_back_from_trin_5_to_trin_3(demo: Demo) -> None:
    """It goes back with a reason, its round is counted, and it is solved with another solution."""
    kommune = demo.kommune("back")
    back = [row for row in demo.history if (row.from_state, row.to_state) == ("trin_5", "trin_3")]
    assert len(back) == 1 and back[0].reason and back[0].kommune == kommune.key
    challenge = demo.instances[back[0].instance_id]
    assert challenge.data["runder"] == 1 and challenge.position["status"] == "loest"
    solutions = [one.position["status"] for one in demo.of(kommune, "solution") if one.parent_id == challenge.id]
    assert sorted(solutions) == ["beholdt", "droppet"]
    assert kommune.position["trin_3"] == kommune.position["trin_5"] == "afsluttet"


def test_the_moved_workshop_sends_the_same_invitation_again(demo: Demo) -> None:
    """Everybody invited gets it twice: one UID, sequence 0 and 1, the new day and the old one in the body."""
    moved = demo.instances[demo.report.marks["moved"]]
    invitations = [mail for mail in demo.sent(moved.id) if mail.nudge.intent is Intent.INVITATION]
    assert len({mail.nudge.uid for mail in invitations}) == 1
    sequences = defaultdict(list)
    for mail in invitations:
        sequences[mail.nudge.role].append(mail.nudge.sequence)
    assert len(sequences) >= 2 and all(numbers == [0, 1] for numbers in sequences.values())
    row = next(row for row in demo.rows(moved.id) if row.event == "flyt")
    assert row.reason and moved.dates.actual_start == moved.dates.planned_start


def test_a_late_registration_withdraws_what_became_moot(demo: Demo) -> None:
    """It happened days before it was recorded; the reminder of that morning is withdrawn and no later one is sent."""
    late = demo.instances[demo.report.marks["late"]]
    row = next(row for row in demo.rows(late.id) if row.to_state == "afholdt")
    assert (local_date(row.recorded_at) - local_date(row.happened_at)).days >= 5
    withdrawn = [mail for mail in demo.outbox if mail.status == "withdrawn"]
    assert late.id in {mail.instance_id for mail in withdrawn} and not any(mail.deliveries for mail in withdrawn)
    asked = [mail for mail in demo.sent(late.id) if mail.nudge.why == "blev_moedet_holdt"]
    assert len(asked) == 1 and asked[0].queued_at < row.recorded_at


def test_one_solution_is_tested_before_it_is_used(demo: Demo) -> None:
    """It is measured, tested and only then in use; no other kommune tests."""
    tested = [row for row in demo.history if row.to_state == "i_test"]
    assert [row.kommune for row in tested] == [demo.report.parts["moves"]]
    solution = demo.instances[tested[0].instance_id]
    path = [row.to_state for row in demo.rows(solution.id) if row.to_state != row.from_state and row.to_state]
    assert path == ["valgt", "i_test", "i_brug", "beholdt"]
    assert solution.data["maaling_foer"] and solution.data["maaling_efter"] and solution.data["resultat"]


def test_an_override_says_why_and_a_mistake_is_taken_back(demo: Demo) -> None:
    """A soft requirement yields to a reason; a wrong registration is compensated, and history keeps both."""
    overridden = [row for row in demo.history if row.overridden]
    assert overridden and all(row.reason for row in overridden)
    rows = demo.rows(demo.report.marks["mistake"])
    corrected = [row for row in rows if row.corrects is not None]
    assert corrected and corrected[0].reason
    wrong = next(row for row in rows if row.seq == corrected[0].corrects)
    assert wrong.to_state == "afholdt" and rows[-1].to_state == "fulgt_op"


def test_nobody_is_reminded_of_what_is_done(demo: Demo) -> None:
    """No reminder left after its instance had come out of the state that it was about."""
    for mail in demo.outbox:
        if mail.status != "sent" or mail.nudge.region is None:
            continue
        rows = demo.rows(mail.instance_id)
        mended = {row.corrects for row in rows} | {row.seq for row in rows if row.corrects is not None}
        moved = [
            row.recorded_at
            for row in rows
            if row.region == mail.nudge.region and row.seq > (mail.nudge.entry_seq or 0)
            if row.to_state not in (None, row.from_state) and row.seq not in mended
        ]
        assert all(delivery.at <= min(moved, default=delivery.at) for delivery in mail.deliveries)


def test_no_mail_comes_on_a_day_off(demo: Demo) -> None:
    """Weekends, holidays and the weeks when kommuner are closed pass without mails, and so do evenings and nights."""
    calendar, zone = WorkingCalendar(), ZoneInfo("Europe/Copenhagen")
    times = [delivery.at.astimezone(zone) for mail in demo.outbox for delivery in mail.deliveries]
    assert len(times) > 100
    closes = {5: 13}
    late = [at for at in times if not 8 <= at.hour < closes.get(at.isoweekday(), 15)]
    assert [at for at in times if not calendar.is_open(at.date())] == late == []


def test_every_mail_is_a_whole_mail(demo: Demo) -> None:
    """Each file parses, has what a mail must have, one addressee, a unique Message-ID and nothing left to fill in."""
    assert len(demo.mails) == demo.report.mails > 200
    assert len({str(message["Message-ID"]) for message in demo.mails.values()}) == len(demo.mails)
    for name, message in demo.mails.items():
        wanted = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Id")
        assert all(message[header] for header in wanted), name
        assert str(message["To"]).count("@") == 1, name
        for form in ("plain", "html"):
            part = message.get_body((form,))
            assert part is not None, f"{name} has no {form}"
            body = part.get_content()
            assert body.strip() and not [odd for odd in ("{{", "None", "når Stopper", "?.") if odd in body], name


def test_nobody_gets_a_heap_of_mails(demo: Demo) -> None:
    """Four mails on one day to one person are the most, and three with reminders in a week; a digest is one."""
    days = Counter((str(mail["To"]), sent_at(mail).date()) for mail in demo.mails.values())
    weeks = Counter((str(mail["To"]), sent_at(mail).date().isocalendar()[:2]) for mail in demo.mails.values())
    assert max(days.values()) <= 4 and max(weeks.values()) <= 5
    reminders = {
        (got.person_id, local_date(got.at).isocalendar()[:2], got.message_id)
        for mail in demo.outbox
        for got in mail.deliveries
        if mail.nudge.intent is Intent.NUDGE
    }
    assert max(Counter((person, week) for person, week, _ in reminders).values()) <= 3


def test_only_those_who_take_part_are_invited(demo: Demo) -> None:
    """A kommune that was not chosen hears nothing that came up after the answer, which goes with the next digest."""
    gone = [row for row in demo.history if row.to_state in ("ikke_valgt", "trukket")]
    assert len(gone) == 7
    for row in gone:
        people = {person.id for person in demo.engine.people.all()[0] if f"({name(demo, row)})" in person.name}
        late = [
            delivery
            for mail in demo.outbox
            for delivery in mail.deliveries
            if delivery.person_id in people and mail.queued_at > row.recorded_at
        ]
        assert people and late == []


def name(demo: Demo, row: HistoryRow) -> str:
    """Give the name of the kommune that a row of its process is about."""
    return demo.instances[row.instance_id].title


def test_the_report_can_be_read(demo: Demo) -> None:
    """It fits a hundred columns, tells of every kommune, and says where the files are and how long it took."""
    lines = list(demo.report.lines())
    text = "\n".join(lines)
    assert max(map(len, lines)) <= 100 or str(demo.report.database) in max(lines, key=len)
    assert all(kommune.name in text for kommune in demo.report.kommuner)
    assert str(demo.report.database) in text and str(demo.report.mail_folder) in text
    assert demo.cpu_seconds < 60 and f"{number(round(demo.report.seconds, 1))} sekunder" in text
    assert demo.report.lived.failed == demo.report.lived.held == 0
    assert lines[-1] == f"  samskabt --db sqlite:///{demo.report.database} status"


def test_the_last_mails_are_lived_too_and_health_knows_a_demo(demo: Demo) -> None:
    """What the last day caused goes when the offices open again, and is counted; nobody is alarmed by a demo."""
    closed = date(2020, 12, 31)
    late = {str(mail["Message-ID"]) for mail in demo.mails.values() if sent_at(mail).date() > closed}
    assert demo.report.afterwards == len(late) > 0 and demo.report.waiting == 0
    assert f"{len(late)} af dem gik først ud efter den sidste dag" in "\n".join(demo.report.lines())
    found = health_of(demo.engine)
    assert found.is_well and [one.name for one in found.checks if one.level is Level.WARN] == ["demo"]


@pytest.mark.no_cover
def test_the_same_seed_lives_the_same_life(demo: Demo, tmp_path: Path) -> None:
    """Histories, their hashes, mail names and mail contents are the same; progress counts the days to the end."""
    seen: list[tuple[int, int]] = []
    again = run(tmp_path / "again", SEED, lambda done, whole, _: seen.append((done, whole)))
    with connect(f"sqlite:///{again.database}") as engine, engine.context.store.read() as reader:
        assert reader.programme_history(again.programme_id, limit=10_000) == demo.history
    assert {path.name: path.read_bytes() for path in again.mail_folder.glob("*.eml")} == {
        path.name: path.read_bytes() for path in demo.report.mail_folder.glob("*.eml")
    }
    assert seen == sorted(seen) and seen[-1] == (505, 505)


def test_a_folder_that_holds_a_demo_is_refused(demo: Demo) -> None:
    """A second run into the same folder says whose the database is and what to do, and touches nothing."""
    folder = demo.report.database.parent
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(InvalidInput, match=r"samskabt\.db and mail of an earlier demo.*another --dir"):
        run(folder, SEED)
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_folder_with_somebody_elses_database_is_refused(tmp_path: Path) -> None:
    """A database that the demo did not make stays as it is, byte for byte."""
    (tmp_path / "samskabt.db").write_bytes(b"not ours")
    with pytest.raises(InvalidInput, match="of something else"):
        run(tmp_path, SEED)
    assert [path.name for path in tmp_path.iterdir()] == ["samskabt.db"]
    assert (tmp_path / "samskabt.db").read_bytes() == b"not ours"
