"""Plays a workflow from the invitation to its end in a temporary database under the virtual clock; tells nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from ...engine.civil.calendar import FIRST_YEAR
from ...engine.civil.instants import local_date, to_utc
from ...engine.civil.kommune import Kommune
from ...engine.compiled import Compiled
from ...engine.definition import Workflow
from ...engine.errors import InvalidInput, NotFound, Refused
from ...engine.planning.family import first_day, plan_family
from ...engine.planning.plan import shift_weeks_for
from ...engine.requiring.days import WHOLE, stored_window
from ...engine.values import SYSTEM, Data, Dates, Identity, Snapshot
from ...engine.values.kept import SHIFT
from ...engine.values.names import LIFE, base_key
from ...notifications import FolderMailer, MemoryMailer
from ...storage import InstanceView
from ...workflows.scripts import CHOOSES, Happening, Script
from ..clock import VirtualClock
from ..engine import Engine, connect
from ..posting.restraint import Restraint
from ..settings import Settings
from ..simulation import TEN, Lived, Simulation, office_hours
from ..usecases.programmes import CHOOSE, Workflows
from .piloting.acting.days import Diary
from .piloting.acting.hand import Hand
from .piloting.cast import Cast, kommuner_for
from .piloting.desk import Desk
from .piloting.family import Family
from .piloting.habits import code_of, habits_of
from .piloting.notes import Failed
from .piloting.pilot import Pilot
from .piloting.timing import Timing

DATABASE, MAILS = "samskabt.db", "mail"
OPENS, EARLY = time(9, 30), time(9, 45)
COMES_FIRST = timedelta(days=30)
"""How long before the deadline a rehearsal begins at the latest, so that there is time to enrol."""
UNKNOWN_LENGTH = timedelta(days=730)
GIVES_UP, ENDS = (timedelta(days=21), timedelta(days=35)), timedelta(days=45)
"""How long after the last day what is left is closed (then the kommuner that are), and the rehearsal ends."""

PAGE = 1000
"""Rows of history that are read at a time."""

Progress = Callable[[int, int, str], None]


@dataclass(slots=True)
class Stage:
    """One rehearsal being lived: the engine, its people and the autopilot."""

    engine: Engine
    simulation: Simulation
    compiled: Compiled
    programme_id: int
    cast: Cast
    pilot: Pilot
    kommuner: tuple[Kommune, ...]
    deadline: date | None

    @property
    def first(self) -> date:
        """Give the programme's first day."""
        return self.pilot.timing.first

    @property
    def last(self) -> date:
        """Give the programme's last day."""
        return self.pilot.timing.last

    def today(self) -> date:
        """Give the present day in Denmark."""
        return self.pilot.today()

    def on(self, day: date, at: time, action: Callable[[], None]) -> None:
        """Let something happen on the first open day from this one on."""
        calendar = self.engine.context.calendar
        self.simulation.at(max(office_hours(calendar, day, at), self.simulation.clock.now()), action)

    def decisions(self) -> int:
        """Count the decisions that history holds, births among them."""
        found: set[tuple[int, int]] = set()
        after = None
        with self.engine.context.store.read() as reader:
            while page := reader.programme_history(self.programme_id, after, PAGE):
                found |= {(row.instance_id, row.decision_seq) for row in page}
                after = (page[-1].recorded_at, page[-1].instance_id, page[-1].seq)
        return len(found)

    def find(self, item: str, kommune: str | None) -> InstanceView:
        """Find an item by its key, a kommune's process, or the programme; NotFound with what there is."""
        views = self.pilot.instances()
        if not item:
            wanted = "kommune" if kommune else "programme"
            found = [one for one in views if one.kind == wanted and kommune in (None, one.kommune)]
        else:
            found = [one for one in views if one.kommune == kommune and item in (one.key, one.title)]
            found = found or [one for one in views if one.kommune == kommune and base_key(one.key) == item]
        if not found:
            names = sorted({one.key for one in views if one.kommune == kommune})
            raise NotFound("item", item or kommune or "", names)
        return found[0]


@contextmanager
def staged(
    workflow: Workflow,
    workflows: Workflows,
    *,
    start: date | None = None,
    kommuner: Sequence[str] | int | None = None,
    script: Script | None = None,
    seed: int = 1,
    folder: Path | None = None,
    restraint: Restraint | None = None,
) -> Iterator[Stage]:
    """Start a programme in a database of its own (in ``folder``, or one that is gone afterwards) and give its stage.

    ``restraint`` is how its people are spared, by default as an installation does that says nothing of it.
    Raises InvalidInput for a folder that holds a database already, NotFound for a kommune that there is not.
    """
    script = script or Script(format=1)
    with TemporaryDirectory(prefix="samskabt-") as temporary:
        path = (folder or Path(temporary)) / DATABASE
        _claim(path.parent)
        clock = VirtualClock(to_utc(date(FIRST_YEAR, 1, 2), OPENS))
        mailer = FolderMailer(folder / MAILS) if folder else MemoryMailer()
        url, settings = (
            f"sqlite:///{path.resolve()}",
            Settings(restraint=restraint or Restraint(), message_secret="rehearsal"),
        )
        with connect(url, workflows=workflows, clock=clock, settings=settings, mailer=mailer) as engine:
            if folder is None:
                engine.context.store.hurry()
            compiled = engine.context.keep(workflow)
            windows = windows_of(compiled, start)
            first, last, deadline = days_of(windows)
            takers = kommuner_for(workflow, kommuner, first, seed)
            opens = min(first, deadline - COMES_FIRST) if deadline and takers else first
            clock.move_to(to_utc(opens, OPENS))
            key, version = workflow.key, workflow.programme.version
            number = engine.programmes.start(key, version=version, actor=SYSTEM, start=start).instance_id
            cast = Cast(engine, compiled, number)
            cast.enter_programme(takes_kommuner=bool(takers))
            for kommune in takers:
                cast.enter_kommune(kommune)
            simulation = Simulation(engine, clock)
            timing = Timing(compiled, engine.context.calendar, seed, first, last)
            habits = habits_of(script, workflow)
            desk = Desk(engine, simulation, compiled, Family(engine.context.store, number), cast, timing)
            pilot = Pilot(desk, Hand(desk, Diary(desk)), habits, takes_kommuner=bool(takers))
            stage = Stage(engine, simulation, compiled, number, cast, pilot, takers, deadline)
            for event in script.events:
                _schedule(stage, event)
            yield stage


def _claim(folder: Path) -> None:
    """Take a folder that holds nothing of anybody's."""
    taken = [name for name in (DATABASE, MAILS) if (folder / name).exists()]
    if taken:
        raise InvalidInput("out", f"{folder} already holds {' and '.join(taken)}; nothing was changed: give another")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput("out", f"{folder} cannot be written ({error.strerror}); give another") from error


def enrolment(stage: Stage, seed: int) -> date:
    """Let the kommuner enrol in their own time before the deadline, and the office choose on the day that it gives."""
    if not stage.kommuner:
        return stage.today()
    stream = Random(f"{seed}/tilmelding")
    # The first round, on the first open day, opens for enrolment; nobody comes before that.
    opens = stage.engine.context.calendar.next_open(stage.today()) + timedelta(days=2)
    closes = max(stage.deadline or opens + COMES_FIRST, opens)
    for kommune in stage.kommuner:
        day = opens + timedelta(days=stream.randint(0, max((closes - opens).days - 3, 0)))
        stage.on(min(day, closes), TEN, lambda one=kommune: _enrol(stage, one))  # type: ignore[misc]
    chosen_on = stage.engine.context.calendar.add_working_days(closes, 2)
    stage.on(chosen_on, OPENS, lambda: _choose(stage))
    return chosen_on


def live(stage: Stage, progress: Progress | None = None, until: date | None = None) -> Lived:
    """Live to the end (or to a day): a round on every open day, and after the last one what is left comes to an end."""
    begun, end = stage.today(), stage.last + ENDS

    def tell(now: datetime) -> None:
        if progress is not None:
            day = local_date(now)
            progress((day - begun).days, (end - begun).days, f"{day.day}.{day.month}.{day.year}")

    _rounds(stage, until or end)
    if until is not None:
        return stage.simulation.run_until(to_utc(until, time(17)), tell)
    total = stage.simulation.run_until(to_utc(stage.last + GIVES_UP[0], time(17)), tell)
    stage.pilot.give_up(kommuner=False)
    total = _sum(total, stage.simulation.run_until(to_utc(stage.last + GIVES_UP[1], time(17)), tell))
    stage.pilot.give_up(kommuner=True)
    return _sum(total, stage.simulation.run_until(to_utc(end, time(17)), tell))


def _sum(one: Lived, other: Lived) -> Lived:
    return Lived(*(getattr(one, name) + getattr(other, name) for name in Lived.__slots__))


def office_rounds(stage: Stage, *, plays_until: date | None, offices: bool) -> None:
    """Let everybody do their work until a day, and afterwards (``offices``) only what takes kommuner in."""
    if plays_until is None:
        stage.pilot.only_life = True
    else:
        stage.simulation.at(to_utc(plays_until + timedelta(days=1), time(0)), lambda: _only_life(stage))
    if offices or plays_until is not None:
        _rounds(stage, stage.last if offices else plays_until or stage.last)


def _only_life(stage: Stage) -> None:
    stage.pilot.only_life = True


def _rounds(stage: Stage, until: date) -> None:
    """Let the autopilot look at everything on every open day."""

    def again() -> None:
        stage.pilot.round()
        following = stage.today() + timedelta(days=1)
        if following <= until:
            stage.on(following, TEN, again)

    stage.on(stage.today(), TEN, again)


def _enrol(stage: Stage, kommune: Kommune) -> None:
    programme = stage.engine.show(stage.programme_id)
    try:
        stage.engine.programmes.enrol(stage.programme_id, kommune.code, actor=stage.cast.actor(programme))
    except Refused as refused:
        failed = Failed(stage.today(), f"{kommune.name} tilmelder sig", refused.refusals, "programme")
        stage.pilot.notes.failed.append(failed)


def _choose(stage: Stage) -> None:
    try:
        choose(stage)
    except (Refused, InvalidInput) as error:
        missing = error.refusals if isinstance(error, Refused) else ()
        failed = Failed(stage.today(), "Kommunerne vælges", missing, "kommune")
        stage.pilot.notes.failed.append(failed)


def choose(stage: Stage) -> None:
    """Choose among those enrolled by the document's criteria; where it says nothing of how many, choose them all."""
    programme = stage.engine.show(stage.programme_id)
    actor = stage.cast.actor(programme)
    if stage.compiled.workflow.programme.kommuner.capacity is not None:
        stage.engine.programmes.choose(stage.programme_id, actor=actor)
        return
    initial = stage.compiled.region("kommune", LIFE).initial
    for view in stage.pilot.instances():
        if view.kind == "kommune" and view.position[LIFE] == initial:
            stage.engine.advance(view.id, CHOOSE, actor=actor)


def happen(stage: Stage, event: Happening) -> None:
    """Let an event of a script happen now; raises Refused, NotFound and InvalidInput as the engine does."""
    if event.do == CHOOSES:
        choose(stage)
        return
    code = code_of(event.kommune)
    view = stage.find(event.item, code)
    actor = stage.cast.actor(view)
    reason = event.reason or None
    if event.do in ("flyt", "planlaeg") and event.to is not None:
        stage.engine.reschedule(view.id, event.to, reason=reason, override=event.override, actor=actor)
        return
    data: Data = dict(event.data)
    stage.engine.advance(view.id, event.do, data=data, reason=reason, override=event.override, actor=actor)


def _schedule(stage: Stage, event: Happening) -> None:
    """Let an event of a script happen on its day; what is refused is noted."""
    if event.at < stage.today():
        raise InvalidInput("events", f"{event.at} ({event.do}) lies before the first day, {stage.today()}")

    def act() -> None:
        try:
            happen(stage, event)
        except (Refused, NotFound, InvalidInput) as error:
            missing = error.refusals if isinstance(error, Refused) else ()
            view = stage.find(event.item, code_of(event.kommune)) if missing else None
            what = f"{event.do} {event.item} {event.kommune}".strip()
            told = what if missing else f"{what}: {error}"
            stage.pilot.notes.failed.append(Failed(stage.today(), told, missing, view.kind if view else ""))

    stage.on(event.at, EARLY, act)


def windows_of(compiled: Compiled, start: date | None) -> Data:
    """Give the programme's windows as they will be planned: on the document's dates, or shifted near ``start``."""
    identity = Identity(0, "programme", compiled.workflow.key, 0, None, None, compiled.workflow.hash)
    blank = Snapshot(identity, "", {}, {}, {SHIFT: 0}, Dates(), 0)
    first = first_day(compiled)
    if start is None or first is None:
        return plan_family(compiled, blank, ())[0].data
    shifted = replace(blank, data={SHIFT: shift_weeks_for(first, start)})
    return plan_family(compiled, shifted, ())[0].data


def days_of(windows: Data) -> tuple[date, date, date | None]:
    """Give a programme's first day, its last day and the deadline of enrolment.

    Raises InvalidInput for a programme that has no first day.
    """
    whole = stored_window(windows, WHOLE) or (None, None)
    deadline = (stored_window(windows, "enrolment") or (None, None))[1]
    first = whole[0] or deadline
    if first is None:
        raise InvalidInput("period", "the programme has no first day of its own; give its period a beginning")
    return first, whole[1] or first + UNKNOWN_LENGTH, deadline
