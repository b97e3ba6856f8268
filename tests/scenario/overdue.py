"""What stood overdue on which day of programme 000, by hand from its history; shares no code with the engine.

The calendar is a table, the ladders are written as the workflow promises them, and where a thing stood is folded from
the rows of its history: so a mistake in the engine's own days and timers cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from samskabt.storage import HistoryRow, InstanceView

DENMARK = ZoneInfo("Europe/Copenhagen")
MORNING = time(9)
AGES = datetime(2100, 1, 1, tzinfo=UTC)

# 1 May, grundlovsdag and store bededag are off, and so are the days before Christmas and New Year.
DAYS_OFF = {
    2019: "1-1 18-4 19-4 22-4 1-5 17-5 30-5 5-6 10-6 24-12 25-12 26-12 31-12",
    2020: "1-1 9-4 10-4 13-4 1-5 8-5 21-5 1-6 5-6 24-12 25-12 26-12 31-12",
    2021: "1-1 1-4 2-4 5-4 30-4 1-5 13-5 24-5 5-6 24-12 25-12 26-12 31-12",
}
OFF = frozenset(
    date(year, int(month), int(day))
    for year, days in DAYS_OFF.items()
    for day, _, month in (one.partition("-") for one in days.split())
)
CLOSED_WEEKS = frozenset({7, 28, 29, 30, 42, 52, 53})


def works(day: date) -> bool:
    """Tell whether people are at work on a day."""
    return day.isoweekday() <= 5 and day not in OFF


def opens(day: date) -> bool:
    """Tell whether a day is open: worked, and in no closed week; the first week is closed with 1 January in it."""
    week = day.isocalendar()
    new_year = week.week == 1 and date(week.year, 1, 1).isocalendar().week == 1
    return works(day) and week.week not in CLOSED_WEEKS and not new_year


def working_days(day: date, count: int) -> date:
    """Go so many working days on from a day, or back."""
    step = timedelta(days=1 if count > 0 else -1)
    while count:
        day += step
        count -= int(step.days) if works(day) else 0
    return day


def open_days(day: date, count: int) -> date:
    """Go so many open days on from a day, or back."""
    step = 1 if count > 0 else -1
    for _ in range(abs(count)):
        day = open_day(day + timedelta(days=step), step)
    return day


def worked(day: date, later: date) -> int:
    """Count the working days from one to a later one; a day off counts as the next that is worked."""
    count = sum(works(day + timedelta(days=n)) for n in range(1, (later - day).days + 1))
    return max(count - (not works(day)), 1)


def open_day(day: date, step: int = 1) -> date:
    """Find the first open day from a day on, or back."""
    while not opens(day):
        day += timedelta(days=step)
    return day


@dataclass(frozen=True, slots=True)
class Ladder:
    """What the workflow promises of one reminder: of what, in which states, counted from where, and each rung.

    A rung is (distance, unit, to whom): ``a`` working days or ``d`` days, and a role or ``""`` (who answers for it).
    """

    kind: str
    during: tuple[str, ...]
    anchor: str | date
    rungs: tuple[tuple[int, str, str], ...]
    only: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    open_items: tuple[str, ...] = ()
    not_before: date = date.min
    rooms: Mapping[int, int] = field(default_factory=dict)

    def days(self, anchor: date, opened: date) -> Iterator[tuple[int, date]]:
        """Give number and day of each rung: at least as many open days apart as working days are stated.

        What warns of the anchor comes before closed weeks, and not within its room of the day on which it was opened.
        """
        counted = [working_days(anchor, n) if unit == "a" else anchor + timedelta(days=n) for n, unit, *_ in self.rungs]
        days, ahead = list(counted), sum(day < anchor for day in counted)
        for number in reversed(range(ahead)):
            if number + 1 < ahead:
                apart = worked(counted[number], counted[number + 1])
                days[number] = min(days[number], open_days(days[number + 1], -apart))
            days[number] = open_day(days[number], -1)
        for number in range(ahead, len(days)):
            if number > ahead:
                apart = worked(counted[number - 1], counted[number])
                days[number] = max(days[number], open_days(days[number - 1], apart))
            days[number] = open_day(days[number])
        for number, day in enumerate(days):
            room = self.rooms.get(number + 1, 0)
            if number >= ahead or not room or day >= working_days(opened, room):
                yield number + 1, day


PARTS, LEADER, PARTNER = "parter", "leder", "partskonsulent"
ASKS = ("status.planlagt", "status.indkaldt")
DOES = ("status.venter", "status.i_gang")
TASKS = (
    "survey desk_research analysis case_review planning implementation evaluation measurement dissemination report "
    "decision"
)
END = date(2020, 12, 31)
NEXT = ((20, "a", ""), (40, "a", LEADER), (60, "a", PARTNER))
LADDERS: Mapping[str, Ladder] = {
    "vaelg_kommuner": Ladder(
        "programme", ("forloeb.tilmelding",), date(2019, 9, 2), ((1, "a", ""), (6, "a", ""), (11, "a", PARTS))
    ),
    "moedet_mangler_dato": Ladder(
        "meeting", ("status.afventer",), "planned_start", ((-20, "a", ""), (-10, "a", ""), (1, "a", PARTS))
    ),
    "moedet_skal_indkaldes": Ladder(
        "meeting", ("status.planlagt",), "planned_start", ((-10, "a", ""), (-4, "a", PARTS))
    ),
    "blev_moedet_holdt": Ladder(
        "meeting", ASKS, "planned_end", ((1, "a", ""), (6, "a", ""), (11, "a", ""), (16, "a", PARTS))
    ),
    "moedet_skal_foelges_op": Ladder(
        "meeting", ("status.afholdt",), "entered", ((3, "a", ""), (8, "a", ""), (13, "a", PARTS))
    ),
    "er_opgaven_loest": Ladder(
        "task", DOES, "planned_end", ((1, "a", ""), (11, "a", ""), (21, "a", PARTS)), only=tuple(TASKS.split())
    ),
    "leverancen_mangler": Ladder("deliverable", DOES, END, ((-20, "a", ""), (-5, "a", ""), (1, "a", PARTS))),
    "evaluering_afrapporteres": Ladder(
        "evaluation", ("status.lukket",), "entered", ((0, "d", ""), (15, "a", ""), (25, "a", ""), (35, "a", PARTS))
    ),
    "baseline_kan_ikke_indhentes": Ladder(
        "evaluation",
        ("status.planlagt",),
        "planned_end",
        ((-5, "a", LEADER), (-2, "a", PARTS)),
        only=("baseline",),
    ),
    "baseline_lukker_snart": Ladder(
        "evaluation", ("status.aaben",), "planned_end", ((-3, "a", LEADER),), only=("baseline",)
    ),
    "svar_mangler": Ladder(
        "evaluation",
        ("status.aaben",),
        "planned_end",
        ((-5, "a", ""), (-3, "a", ""), (-2, "a", "")),
        rooms={1: 4, 2: 3, 3: 2},
    ),
    "baselinemaaling_kan_ikke_indhentes": Ladder(
        "task",
        DOES,
        "planned_end",
        ((-5, "a", LEADER), (-2, "a", PARTS)),
        only=("baselinemaaling",),
    ),
    "trin_staar_stille": Ladder(
        "kommune",
        ("trin_1.i_gang", "trin_2.i_gang", "trin_6.i_gang"),
        "entered",
        ((45, "d", ""), (60, "d", ""), (75, "d", LEADER), (90, "d", PARTNER)),
    ),
    "trin_1_er_ikke_begyndt": Ladder(
        "kommune",
        ("forloeb.deltager",),
        "entered",
        ((45, "a", ""), (60, "a", ""), (75, "a", LEADER), (90, "a", PARTNER)),
        until=("trin_1.i_gang", "trin_1.afsluttet"),
    ),
    "trin_2_er_ikke_begyndt": Ladder(
        "kommune", ("trin_1.afsluttet",), "entered", NEXT, until=("trin_2.i_gang", "trin_2.afsluttet")
    ),
    "trin_6_er_ikke_begyndt": Ladder(
        "kommune",
        ("trin_5.afsluttet",),
        "entered",
        NEXT,
        until=("trin_6.i_gang", "trin_6.afsluttet"),
        not_before=date(2020, 6, 1),
    ),
    "tjekliste_trin_1": Ladder(
        "kommune",
        ("trin_1.i_gang",),
        "entered",
        ((15, "a", ""), (25, "a", ""), (35, "a", PARTNER)),
        open_items=("ledelsesopbakning", "med_droeftet", "facilitator", "facilitator_uddannet"),
    ),
    "udfordring_staar_stille": Ladder(
        "challenge",
        ("status.trin_3", "status.trin_4", "status.trin_5"),
        "entered",
        ((60, "d", ""), (90, "d", ""), (105, "d", LEADER), (120, "d", PARTNER)),
    ),
    "udfordringens_frist": Ladder(
        "challenge",
        ("status.prioriteret", "status.trin_3", "status.trin_4", "status.trin_5"),
        "frist",
        ((-5, "a", ""), (1, "a", ""), (11, "a", LEADER)),
    ),
    "testen_slutter": Ladder(
        "solution", ("status.i_test",), "test_til", ((0, "d", ""), (15, "a", ""), (50, "d", ""), (80, "d", LEADER))
    ),
}


@dataclass(slots=True)
class Stood:
    """Where a thing stood, with the day on which it came there, its planned days and its data."""

    position: dict[str, str] = field(default_factory=dict)
    entered: dict[str, date] = field(default_factory=dict)
    known: dict[str, object] = field(default_factory=dict)

    def take(self, row: HistoryRow) -> None:
        """Take in what one row of history changed."""
        born = row.changes.get("position")
        moved = born if isinstance(born, dict) else {}
        if row.region is not None and row.to_state is not None and row.to_state != row.from_state:
            moved = {**moved, row.region: row.to_state}
        for region, state in moved.items():
            self.position[region] = str(state)
            self.entered[region] = row.happened_at.astimezone(DENMARK).date()
        for part in ("dates", "data"):
            changed = row.changes.get(part)
            self.known.update(changed if isinstance(changed, dict) else {})
        mended = row.changes.get("entered")  # a registration that was taken back leaves the day as it was before
        if isinstance(mended, list) and row.region is not None:
            self.entered[row.region] = datetime.fromisoformat(str(mended[0])).astimezone(DENMARK).date()

    def places(self) -> set[str]:
        """Name where it stands: ``region.state``."""
        return {f"{region}.{state}" for region, state in self.position.items()}

    def anchors(self, ladder: Ladder) -> Iterator[tuple[str, date]]:
        """Give each place in which a ladder runs now, with the day that it counts from."""
        places = self.places()
        if places & set(ladder.until) or (ladder.open_items and all(self.known.get(one) for one in ladder.open_items)):
            return
        for place in places & set(ladder.during):
            region = place.partition(".")[0]
            if isinstance(ladder.anchor, date):
                yield region, ladder.anchor
            elif ladder.anchor == "entered":
                yield region, max(self.entered[region], ladder.not_before)
            elif isinstance(day := self.known.get(ladder.anchor), str):
                yield region, date.fromisoformat(day)


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """A rung that came due: of what, by which rule, its number, and on which day."""

    instance_id: int
    rule: str
    region: str
    rung: int
    on: date


def due_of(one: InstanceView, kind: str, history: Sequence[HistoryRow], until: date) -> set[Due]:
    """Work out every rung that came due of a thing until a day; ``kind`` is the activity's own, or its key."""
    ladders = [
        (rule, ladder)
        for rule, ladder in LADDERS.items()
        if ladder.kind == one.kind and (not ladder.only or {kind, one.key} & set(ladder.only))
    ]
    stood, found = Stood(), set[Due]()
    ends = [row.recorded_at for row in history[1:]] + [AGES]
    for row, end in zip(history, ends, strict=True):
        stood.take(row)
        for rule, ladder in ladders:
            for region, anchor in stood.anchors(ladder):
                for rung, day in ladder.days(anchor, stood.entered[region]):
                    if row.recorded_at <= datetime.combine(day, MORNING, DENMARK) <= end and day <= until:
                        found.add(Due(one.id, rule, region, rung, day))
    return found


def standing_at(history: Sequence[HistoryRow], instant: datetime) -> Stood:
    """Fold a thing's history as it was known at an instant."""
    stood = Stood()
    for row in history:
        if row.recorded_at <= instant:
            stood.take(row)
    return stood
