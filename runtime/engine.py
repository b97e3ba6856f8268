"""The engine as an application sees it: one object over one database, every method one use case."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from types import TracebackType

from ..engine.civil.calendar import WorkingCalendar
from ..engine.civil.kommune import Kommune
from ..engine.compiled import Compiled
from ..engine.definition.checks import Known
from ..engine.errors import InvalidInput, NotFound, Refused
from ..engine.options import options
from ..engine.refusals import owner_text, refusal_text
from ..engine.values import Actor, ActorKind, Json, Option
from ..notifications import KNOWN_PLACEHOLDERS, STANDARD_TEXTS, DeliveryReport, Mailer
from ..notifications.mailer import Connected, MemoryMailer
from ..storage import HistoryRow, InstanceView, Store
from ..workflows.catalogue import Catalogue
from ..workflows.kommuner import load_kommuner
from .acting import Acting
from .asking import Asking
from .attending.attendance import Attendance
from .attending.objecting import CalendarPost
from .clock import Clock, SystemClock, VirtualClock
from .continuity.pausing import with_names
from .delivering.choosing import mailer_of
from .delivering.inboxes import Inboxes
from .hindsight.known import as_of_instant, reading
from .measuring import Measures
from .permission import AllowAll, Permit
from .posting.post import Post
from .running.telling import use_case
from .settings import Settings
from .sweep import Sweeper, SweepReport
from .usecases.asked import require_count, require_day
from .usecases.context import Context, Outcome
from .usecases.correcting import take_back
from .usecases.handling import Command, birth_events, handle, planned_event
from .usecases.people import People
from .usecases.programmes import Programmes, Workflows

SOMEBODY = Actor(ActorKind.PERSON, "ukendt")
"""Who acts where the application does not say."""


class Engine:
    """One database, its programmes and its clock. Threads may share it; close it when done.

    ``programmes`` starts programmes and takes kommuner in; ``people`` keeps who has which role; ``asking`` tells what
    is missing, with drafts of the mails that would bring it; ``measures`` registers what evaluations find, and tells
    results and criteria; ``post`` makes and sends letters, and says why a mail waits; ``inbox`` reads what comes back;
    ``attendance`` keeps who comes and who came; ``acting`` is what the links in mails do.
    """

    def __init__(
        self,
        store: Store,
        workflows: Workflows,
        *,
        clock: Clock | None = None,
        settings: Settings | None = None,
        mailer: Mailer | None = None,
        permit: Permit | None = None,
        kommuner: Callable[[], Sequence[Kommune]] = load_kommuner,
    ) -> None:
        self.settings = settings or Settings()
        calendar = WorkingCalendar(self.settings.calendar)
        self.context = Context(store, clock or SystemClock(), calendar, permit or AllowAll())
        self.mailer = mailer or mailer_of(self.settings, self.context.clock.now)
        self.sweeper = Sweeper(self.context)
        self.workflows = workflows
        self.programmes = Programmes(self.context, workflows, kommuner, self._after)
        self.people = People(self.context)
        self.asking = Asking(self.context)
        self.measures = Measures(self.context)
        self._kommuner = kommuner
        self.errands: dict[str, Callable[[], object]] = {}
        self.post = Post(self.context, self.settings, self._over)
        self.attendance = Attendance(self.context, self.settings)
        self.inbox = Inboxes(self.context, self.settings, self.attendance.take)
        if self.settings.inbox is not None:
            self.errands["inbox"] = self.inbox.read
        calendars = CalendarPost(self.context, self.settings)
        self.post.helpers.attachments, self.post.helpers.telling = calendars.files, calendars.told
        self.post.helpers.objections.append(calendars.objection)
        self.acting = Acting(self.context, self.settings.web_url, self._after)
        self.post.helpers.links = self.acting
        self.post.helpers.objections.append(self.acting.objection)

    @use_case("advance")
    def advance(
        self,
        instance_id: int,
        event: str,
        *,
        data: Mapping[str, Json] | None = None,
        actor: Actor = SOMEBODY,
        reason: str | None = None,
        override: bool = False,
        happened_at: datetime | None = None,
        expected_revision: int | None = None,
        idempotency_key: str | None = None,
    ) -> Outcome:
        """Let an event happen to an instance; what it answers is durable.

        ``happened_at`` (aware) is when it really happened, if earlier than now. ``override`` with a ``reason`` lets
        soft requirements yield. Raises Refused with everything that is missing, Conflict on a stale revision, NotFound.
        """
        command = Command(event, actor, data or {}, reason, override, happened_at, idempotency_key)
        return self._run(instance_id, command, expected_revision)

    @use_case("add")
    def add(
        self,
        parent_id: int,
        kind: str,
        title: str,
        *,
        data: Mapping[str, Json] | None = None,
        actor: Actor = SOMEBODY,
        happened_at: datetime | None = None,
    ) -> Outcome:
        """Add a challenge to a kommune's process, or a solution to a challenge; ``born`` holds its number."""
        compiled, parent = self._look(parent_id)
        events = tuple(birth_events(compiled, parent.kind, kind))
        if not events:
            raise NotFound(f"kind under a {parent.kind}", kind, _bearable(compiled, parent.kind))
        command = Command(events[0], actor, {"titel": title, **(data or {})}, happened_at=happened_at)
        return self._run(parent_id, command, None)

    @use_case("reschedule")
    def reschedule(
        self,
        instance_id: int,
        day: date,
        *,
        until: date | None = None,
        reason: str | None = None,
        override: bool = False,
        actor: Actor = SOMEBODY,
        happened_at: datetime | None = None,
        expected_revision: int | None = None,
    ) -> Outcome:
        """Set or move the day of an activity or evaluation; what hangs on it moves in the same transaction."""
        data: dict[str, Json] = {"dato": require_day("day", day)}
        if until is not None:
            data["slut"] = require_day("until", until)
        # Looked up without a lock: the one way to lock an instance is the family's, parents before children.
        with self.context.store.look() as uow:
            identity = uow.identity(instance_id)
            event = planned_event(self.context.compiled(identity.workflow_hash, uow), uow.load(identity))
        return self._run(instance_id, Command(event, actor, data, reason, override, happened_at), expected_revision)

    @use_case("correct")
    def correct(
        self,
        instance_id: int,
        seq: int,
        *,
        reason: str,
        actor: Actor = SOMEBODY,
        expected_revision: int | None = None,
    ) -> Outcome:
        """Take back a wrong registration (the decision that wrote history row ``seq``); history keeps both."""
        with self.context.begin() as uow:
            outcome = take_back(self.context, uow, instance_id, seq, reason, actor, expected_revision)
        self._after([outcome])
        return outcome

    def options(self, instance_id: int) -> tuple[Option, ...]:
        """List what may happen next to an instance, and for what may not, everything that is missing."""
        with self.context.store.look() as uow:
            identity = uow.identity(instance_id)
            compiled = self.context.compiled(identity.workflow_hash, uow)
            snapshot = uow.load(identity, compiled.relations.reach(identity.kind, None))
        return options(compiled, snapshot, self.context.clock.now())

    def show(self, instance_id: int, *, as_of: date | datetime | None = None) -> InstanceView:
        """Give an instance as it stands, or (``as_of``) as it was known to at the end of a day; else NotFound."""
        with reading(self.context, as_of_instant(as_of, self.context.clock.now())) as reader:
            return reader.instance(instance_id)

    def history(
        self, instance_id: int, *, after: int = 0, limit: int = 200, as_of: date | datetime | None = None
    ) -> tuple[HistoryRow, ...]:
        """Give an instance's history (``as_of``: as it was known then), oldest first, a page at a time."""
        after, limit = require_count("after", after), require_count("limit", limit)
        with reading(self.context, as_of_instant(as_of, self.context.clock.now())) as reader:
            return reader.history(instance_id, after, limit)

    def explain(self, instance_id: int, refused: Refused) -> tuple[str, ...]:
        """Say in Danish what an instance's refusal misses, who can mend it, and whether a reason is enough."""
        compiled, instance = self._look(instance_id)
        found = with_names(refused.refusals, self.people.all()[0])
        sentences = ((refusal_text(one, compiled.workflow, instance.kind), owner_text(one)) for one in found)
        return tuple(" ".join(filter(None, parts)) for parts in sentences)

    def workflow_of(self, instance_id: int) -> Compiled:
        """Give the compiled workflow that an instance is pinned to."""
        return self._look(instance_id)[0]

    def tick(self) -> SweepReport:
        """Fire every timer that is due now."""
        return self.sweeper.tick()

    def deliver(self) -> DeliveryReport:
        """Make the letters that are due now, and send those that may go, through the engine's mailer."""
        try:
            return self.post.deliver(self.mailer)
        finally:
            if isinstance(self.mailer, Connected):
                self.mailer.close()

    def close(self) -> None:
        """Give back the connections."""
        self.context.store.close()

    def __enter__(self) -> Engine:
        """Use the engine as a context manager."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def _over(self, store: Store) -> Engine:
        """Give this engine over a store in which nothing is kept, with the clock standing still."""
        other = Engine(
            store,
            self.workflows,
            clock=VirtualClock(self.context.clock.now()),
            settings=self.settings,
            mailer=MemoryMailer(),
            permit=self.context.permit,
            kommuner=self._kommuner,
        )
        other.context.know(self.context)
        return other

    def _run(self, instance_id: int, command: Command, expected_revision: int | None) -> Outcome:
        with self.context.begin() as uow:
            outcome = handle(self.context, uow, instance_id, command, expected_revision)
        self._after([outcome])
        return outcome

    def _after(self, outcomes: Sequence[Outcome]) -> None:
        """Let parents that were poked look again at once, so that whoever asks next sees the whole effect.

        What it follows is committed and must be acknowledged: what fails here is logged and left to the next tick.
        """
        poked = [number for outcome in outcomes for number in outcome.poked]
        if poked:
            self.sweeper.poke(dict.fromkeys(poked))
        self.context.knock()

    def _look(self, instance_id: int) -> tuple[Compiled, InstanceView]:
        instance = self.show(instance_id)
        return self.context.compiled(instance.workflow_hash), instance


def connect(
    url: str | None = None,
    *,
    workflows: Workflows | None = None,
    clock: Clock | None = None,
    settings: Settings | None = None,
    mailer: Mailer | None = None,
    permit: Permit | None = None,
) -> Engine:
    """Open a database (``sqlite:///file.db``, ``postgresql://...``), bring its schema up to date, give its engine.

    Raises StorageError where the database cannot be used; nothing is changed then.
    """
    if url is not None and "://" not in url:
        raise InvalidInput("url", f"write sqlite:///path/to/file.db or postgresql://host/name, not {url!r}")
    chosen = settings or Settings()
    store = Store.open(url or chosen.url, on_trial=chosen.all_mail_to is not None)
    return Engine(
        store,
        workflows or Catalogue.shipped(Known(frozenset(STANDARD_TEXTS), frozenset(KNOWN_PLACEHOLDERS))),
        clock=clock,
        settings=chosen,
        mailer=mailer,
        permit=permit,
    )


def _bearable(compiled: Compiled, kind: str) -> list[str]:
    machine = compiled.machine(kind)
    moves = (move for region in machine.regions.values() for move in region.moves.values())
    return sorted({move.births for move in moves if move.births})
