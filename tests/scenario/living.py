"""Lives the first months of the shipped programme in virtual time, with all that doctors and tickers must cope with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from samskabt.engine.definition.document.measuring import Measure
from samskabt.engine.values import Actor, ActorKind
from samskabt.notifications import MemoryMailer
from samskabt.runtime.clock import VirtualClock
from samskabt.runtime.engine import Engine, connect
from samskabt.runtime.measuring.measures import Given
from samskabt.runtime.posting.restraint import Restraint
from samskabt.runtime.settings import Settings
from samskabt.storage import InstanceView, Store
from samskabt.workflows.catalogue import Catalogue

KEY = "forenklet-beskaeftigelsesindsats"
BEGUN = datetime(2019, 8, 14, 8, tzinfo=UTC)
CHOSEN = datetime(2019, 9, 4, 8, tzinfo=UTC)
ROLES = ("partskonsulent", "kommunal_konsulent", "leder", "kontaktperson", "parter")
ME = Actor(ActorKind.PERSON, "1")


@dataclass(frozen=True, slots=True)
class Life:
    """A programme with its engine, its clock and the mails that were sent."""

    engine: Engine
    clock: VirtualClock
    mailer: MemoryMailer
    programme: int

    def until(self, end: datetime) -> None:
        """Tick and deliver at every instant that something is due, up to an end."""
        while (due := self.engine.sweeper.next_due()) and due <= end:
            self.clock.move_to(max(due, self.clock.now()))
            self.engine.tick()
            self.engine.deliver()
        self.clock.move_to(max(end, self.clock.now()))
        self.engine.tick()
        self.engine.deliver()

    def instances(self, kind: str, kommune: str | None = None) -> tuple[InstanceView, ...]:
        """List the instances of a kind."""
        with self.engine.context.store.read() as reader:
            return reader.instances(self.programme, kind, kommune)

    def one(self, key: str, kommune: str | None = None) -> InstanceView:
        """Find an activity or evaluation by its key."""
        return next(
            one
            for kind in ("meeting", "task", "evaluation")
            for one in self.instances(kind)
            if (one.key, one.kommune) == (key, kommune)
        )


def engine_of(
    url: str, at: datetime = BEGUN, *, store: Store | None = None
) -> tuple[Engine, VirtualClock, MemoryMailer]:
    """Open a database with a clock that stands at an instant, and a mailer that keeps what it gets.

    Mails go at once, each by itself: what is tried here is what becomes of timers and mails, not when people get them.
    """
    clock, mailer, settings = VirtualClock(at), MemoryMailer(), Settings(restraint=Restraint.off())
    if store is not None:
        return Engine(store, Catalogue.shipped(), clock=clock, mailer=mailer, settings=settings), clock, mailer
    return connect(url, clock=clock, mailer=mailer, settings=settings), clock, mailer


def begun(url: str) -> Life:
    """Start the programme, with people in every role and six kommuner enrolled; nothing has been due yet.

    In a file it is started once in a process, and copied.
    """
    scheme, is_file, path = url.partition("sqlite:///")
    if not is_file or scheme:
        return _begun(url)
    content, programme = _begun_file()
    Path(path).write_bytes(content)
    return Life(*engine_of(url), programme)


@cache
def _begun_file() -> tuple[bytes, int]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "begun.db"
        life = _begun(f"sqlite:///{path}")
        life.engine.close()
        return path.read_bytes(), life.programme


def _begun(url: str) -> Life:
    engine, clock, mailer = engine_of(url)
    programme = engine.programmes.start(KEY, actor=ME).instance_id
    engine.advance(programme, "forloeb.aabn_tilmelding", actor=ME)
    person = engine.people.add("Konsulent", "konsulent@eksempel.example")
    for role in ROLES:
        engine.people.assign(person, role, programme_id=programme)
    for kommune in ("0101", "Aarhus", "Læsø", "Greve", "0151", "0153"):
        engine.programmes.enrol(programme, kommune, actor=ME)
    return Life(engine, clock, mailer, programme)


def lived(url: str) -> Life:
    """Live until December 2019: choices, a moved day, a late registration, a correction, an override, a withdrawal.

    The clocks are set back in between, on 27 October.
    """
    life = begun(url)
    engine, clock = life.engine, life.clock
    life.until(CHOSEN)
    engine.programmes.choose(life.programme, actor=ME)
    engine.advance(life.programme, "forloeb.luk_tilmelding", actor=ME)
    life.until(CHOSEN + timedelta(days=2))
    _move_and_hold(life)
    life.until(datetime(2019, 10, 26, 12, tzinfo=UTC))
    kommune = next(one for one in life.instances("kommune") if one.key == "0825")
    engine.programmes.withdraw(kommune.id, reason="Ny ledelse", actor=ME, happened_at=clock.now() - timedelta(days=3))
    _measure(life)
    life.until(datetime(2019, 12, 2, 8, tzinfo=UTC))
    return life


def _measure(life: Life) -> None:
    """Agree on a målepunkt, register a late answer to the baseline, and correct it."""
    measures, given = life.engine.measures, Given(ME, date(2019, 10, 3), reason="Kom med posten", override=True)
    measures.agree(life.programme, "tid", Measure(title="Tid til papirer", unit="minutter"), given)
    row = measures.register(life.one("baseline", "0101").id, "tid", given, value=31.5, n=8)
    measures.correct(row.id, given, value=13.5, n=8)


def _move_and_hold(life: Life) -> None:
    """Move a meeting twice, hold another and register it late, take one registration back, and override one refusal."""
    engine, clock = life.engine, life.clock
    meeting = life.one("uddannelsesdag_1")
    engine.reschedule(meeting.id, date(2019, 10, 28), reason="Lokalet var optaget", actor=ME)
    engine.advance(meeting.id, "indkald", actor=ME, data={"sted": "Odense"})
    engine.reschedule(meeting.id, date(2019, 11, 4), reason="Sygdom", actor=ME)
    life.until(datetime(2019, 9, 30, 9, tzinfo=UTC))
    for key, event in (("invitation", "afslut"), ("udvaelgelse", "afslut"), ("opstartsmoede", "afhold")):
        long_ago = clock.now() - timedelta(days=6)
        engine.advance(life.one(key).id, event, actor=ME, happened_at=long_ago, reason="Glemt", override=True)
    task = next(one for one in life.instances("task", "0101") if one.position == {"status": "venter"})
    outcome = engine.advance(task.id, "begynd", actor=ME, reason="Det haster", override=True)
    engine.correct(task.id, outcome.revision, reason="Forkert opgave", actor=ME)
