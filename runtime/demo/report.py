"""What the demo tells when it is over: a timeline for each kommune, read from the database and the mails alone."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email import policy
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import TYPE_CHECKING

from ...engine.civil.danish import number, plural, short_date
from ...engine.civil.instants import local_date
from ...engine.civil.kommune import Kommune
from ...engine.compiled import Compiled
from ...notifications.mailer import file_name
from ...storage import HistoryRow, InstanceView, OutboxView
from ..simulation import Lived

if TYPE_CHECKING:
    from .world import World

WIDTH = 100
MANY = 5000
_QUIET = frozenset({"PLAN", "plan"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline: the day, what happened, and why (a reason that somebody wrote)."""

    on: date
    what: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class KommuneReport:
    """One invited kommune: where it ended, why it was chosen or not, and what happened to it day by day."""

    code: str
    name: str
    ended: str
    choice: str
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What a run led to and where it left its files; ``parts`` names the kommuner that the story is about by code.

    ``marks`` are the numbers of the instances to look at: the moved workshop, the late registration, the mistake.
    """

    programme_id: int
    title: str
    ended: str
    seed: int
    kommuner: tuple[KommuneReport, ...]
    parts: Mapping[str, str]
    marks: Mapping[str, int]
    lived: Lived
    mails: int
    withdrawn: int
    database: Path
    mail_folder: Path
    seconds: float

    def lines(self) -> Iterator[str]:
        """Give the report in Danish, in at most 100 columns."""
        yield from _wrapped(self.title)
        yield f"Programmet endte som »{self.ended}«."
        yield ""
        for kommune in self.kommuner:
            yield from _kommune_lines(kommune)
        yield from self._summary()

    def _summary(self) -> Iterator[str]:
        lived = self.lived
        yield "Regnskab"
        yield f"  {plural(self.mails, 'mail er sendt', 'mails er sendt')}, {self.withdrawn} blev trukket tilbage, før de gik ud."
        yield f"  {lived.fired} påmindelser og frister faldt, og {lived.actions} gange gik nogen til arbejdet."
        yield f"  Det tog {number(round(self.seconds, 1))} sekunder (frø {self.seed})."
        yield "Du finder"
        yield f"  databasen  {self.database}"
        yield f"  mailene    {self.mail_folder}"


def report(
    world: World, invited: tuple[Kommune, ...], lived: Lived, database: Path, mails: Path, seconds: float
) -> DemoReport:
    """Read from the database and the mail folder what became of everything."""
    engine = world.engine
    with engine.context.store.read() as reader:
        programme = reader.instance(world.programme_id)
        instances = {one.id: one for one in reader.instances(world.programme_id)}
        history = reader.programme_history(world.programme_id, limit=MANY)
        outbox = reader.outbox(world.programme_id, limit=MANY)
        people = {person.id: person.name for person in reader.registers.people()}
    compiled = engine.workflow_of(programme.id)
    told = _Told(compiled, instances, people, mails)
    statuses = Counter(mail.status for mail in outbox)
    kommuner = tuple(told.kommune(kommune, history, outbox) for kommune in invited)
    return DemoReport(
        programme_id=programme.id,
        title=programme.title,
        ended=_state(compiled, programme, "forloeb"),
        seed=world.seed,
        kommuner=kommuner,
        parts=dict(world.parts),
        marks=dict(world.marks),
        lived=lived,
        mails=sum(len(mail.deliveries) for mail in outbox),
        withdrawn=statuses["withdrawn"],
        database=database,
        mail_folder=mails,
        seconds=seconds,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """Words for history rows and mails."""

    compiled: Compiled
    instances: Mapping[int, InstanceView]
    people: Mapping[int, str]
    mails: Path

    def kommune(
        self, kommune: Kommune, history: tuple[HistoryRow, ...], outbox: tuple[OutboxView, ...]
    ) -> KommuneReport:
        own = next(one for one in self.instances.values() if one.kind == "kommune" and one.key == kommune.code)
        dated: list[tuple[datetime, Entry]] = [
            (row.recorded_at, entry)
            for row in history
            if row.kommune == kommune.code and (entry := self._event(row)) is not None
        ]
        dated += [pair for mail in outbox if mail.kommune == kommune.code for pair in self._mail(mail)]
        dated.sort(key=lambda pair: pair[0])
        entries = tuple(entry for _, entry in dated)
        choice = str(own.data.get("begrundelse") or "")
        return KommuneReport(kommune.code, kommune.name, _state(self.compiled, own, "forloeb"), choice, entries)

    def _event(self, row: HistoryRow) -> Entry | None:
        """Tell what somebody did; plans, reminders and the births of activities tell nothing by themselves."""
        one = self.instances[row.instance_id]
        if row.kind == "timer" and row.to_state is None or row.kind == "plan":
            return None
        if row.kind == "birth" and one.kind not in ("kommune", "challenge", "solution"):
            return None
        what = self._what(row, one)
        return Entry(local_date(row.happened_at), f"{what}{self._marks(row)}", row.reason or "")

    def _what(self, row: HistoryRow, one: InstanceView) -> str:
        machine = self.compiled.machine(one.kind)
        name = "Kommunen" if one.kind == "kommune" else f"»{one.title}«"
        if row.kind == "birth":
            return f"{machine.title}: {name}" if one.kind != "kommune" else "Kommunen er tilmeldt"
        if row.kind == "correction":
            return f"{name}: registreringen er taget tilbage"
        if row.region is None:
            return f"{name}: {row.event}"
        region = machine.regions[row.region]
        place = f"trin {region.trin}" if region.trin else name
        if row.kind == "join" or row.to_state is None:
            state = region.states[row.to_state].title.lower() if row.to_state else ""
            return f"{place}: {state}"
        move = region.moves.get(row.event.rpartition(".")[2])
        title = move.title if move else region.states[row.to_state].title
        return f"{place}: {title}"

    def _marks(self, row: HistoryRow) -> str:
        late = local_date(row.recorded_at) > local_date(row.happened_at)
        return (f" (registreret {short_date(local_date(row.recorded_at))})" if late else "") + (
            " (tilsidesat)" if row.overridden else ""
        )

    def _mail(self, mail: OutboxView) -> Iterator[tuple[datetime, Entry]]:
        """Tell to whom a mail went and why; one that was withdrawn was never sent."""
        rule = self.compiled.workflow.reminders.get(mail.nudge.why)
        why = rule.title if rule else ""
        if mail.status != "sent" and mail.settled_at:
            what = f"   ikke sendt til {mail.nudge.role.replace('_', ' ')}: {why}"
            yield mail.settled_at, Entry(local_date(mail.settled_at), what, str((mail.result or {}).get("note", "")))
        for delivery in mail.deliveries:
            path = self.mails / file_name(delivery.message_id)
            what = f"   mail til {self.people[delivery.person_id].partition(' (')[0]}: {_subject(path)}"
            yield delivery.at, Entry(local_date(delivery.at), what, why)


def _subject(path: Path) -> str:
    with path.open("rb") as file:
        return str(BytesHeaderParser(policy=policy.default).parse(file)["Subject"])


def _state(compiled: Compiled, one: InstanceView, region: str) -> str:
    return compiled.region(one.kind, region).states[one.position[region]].title


def _kommune_lines(kommune: KommuneReport) -> Iterator[str]:
    yield f"{kommune.name} ({kommune.code}): {kommune.ended.lower()}"
    yield from _wrapped(kommune.choice, "  ")
    before = None
    for entry in kommune.entries:
        day = short_date(entry.on) if entry.on != before else ""
        before = entry.on
        why = f" – {entry.why}" if entry.why else ""
        yield from _wrapped(f"{day:>10}  {entry.what}{why}", "", " " * 17)
    yield ""


def _wrapped(text: str, first: str = "", rest: str | None = None) -> list[str]:
    indent = first if rest is None else rest
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=indent, drop_whitespace=True, break_on_hyphens=False
    )
