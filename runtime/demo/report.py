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

from ...engine.civil.danish import join_and, number, plural, short_date
from ...engine.civil.instants import local_date
from ...engine.civil.kommune import Kommune
from ...engine.compiled import Compiled
from ...engine.values.names import KOMMUNE, PHASE_REGION, PROGRAMME
from ...notifications.mailer import file_name
from ...storage import HistoryRow, InstanceView, OutboxView
from ..simulation import Lived

if TYPE_CHECKING:
    from .world import World

WIDTH = 100
MANY = 5000


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
    ``afterwards`` of the mails went out when the programme was over, and so many are ``waiting`` still.
    """

    programme_id: int
    title: str
    ended: str
    seed: int
    shared: tuple[Entry, ...]
    kommuner: tuple[KommuneReport, ...]
    parts: Mapping[str, str]
    marks: Mapping[str, int]
    lived: Lived
    mails: int
    withdrawn: int
    afterwards: int
    waiting: int
    database: Path
    mail_folder: Path
    seconds: float

    def lines(self) -> Iterator[str]:
        """Give the report in Danish, in at most 100 columns."""
        yield from _wrapped(self.title)
        yield f"Programmet endte som »{self.ended}«."
        yield ""
        yield "Fælles for alle"
        yield from _entry_lines(self.shared)
        yield ""
        for kommune in self.kommuner:
            yield from _kommune_lines(kommune)
        yield from self._summary()

    def _summary(self) -> Iterator[str]:
        lived = self.lived
        yield "Regnskab"
        sent = plural(self.mails, "mail er sendt", "mails er sendt")
        yield f"  {sent}; {self.withdrawn} blev trukket tilbage, fordi nogen nåede at registrere det, de spurgte om."
        if self.afterwards:
            yield f"  {self.afterwards} af dem gik først ud efter den sidste dag, da kontorerne åbnede igen."
        if self.waiting:
            yield f"  {plural(self.waiting, 'mail venter', 'mails venter')} stadig på at blive sendt."
        yield f"  {plural(lived.fired, 'frist er faldet', 'frister er faldet')} undervejs."
        yield f"  Det tog {number(round(self.seconds, 1))} sekunder (frø {self.seed})."
        yield "Du finder"
        yield f"  databasen  {self.database}"
        yield f"  mailene    {self.mail_folder}"
        yield "Se det"
        yield f"  samskabt --db sqlite:///{self.database} status"


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
    shared = told.entries(None, history, outbox)
    closed = programme.entered["forloeb"].at
    sent = {delivery.message_id: delivery.at for mail in outbox for delivery in mail.deliveries}
    return DemoReport(
        programme_id=programme.id,
        title=programme.title,
        ended=_state(compiled, programme, "forloeb"),
        seed=world.seed,
        shared=shared,
        kommuner=kommuner,
        parts=dict(world.parts),
        marks=dict(world.marks),
        lived=lived,
        mails=len(sent),
        withdrawn=statuses["withdrawn"],
        afterwards=sum(local_date(at) > local_date(closed) for at in sent.values()),
        waiting=statuses["pending"] + statuses["posted"],
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
    folder: Path

    def kommune(
        self, kommune: Kommune, history: tuple[HistoryRow, ...], outbox: tuple[OutboxView, ...]
    ) -> KommuneReport:
        own = next(one for one in self.instances.values() if one.kind == KOMMUNE and one.key == kommune.code)
        entries = self.entries(kommune.code, history, outbox)
        choice = str(own.data.get("begrundelse") or "")
        return KommuneReport(kommune.code, kommune.name, _state(self.compiled, own, "forloeb"), choice, entries)

    def entries(
        self, code: str | None, history: tuple[HistoryRow, ...], outbox: tuple[OutboxView, ...]
    ) -> tuple[Entry, ...]:
        """Tell in order what happened in a kommune (None: to all of them together), and what was sent to whom."""
        dated = [
            (row.recorded_at, entry)
            for row in history
            if row.kommune == code and (entry := self._event(row)) is not None
        ]
        dated += self._mails([mail for mail in outbox if mail.kommune == code])
        return tuple(entry for _, entry in sorted(dated, key=lambda pair: pair[0]))

    def _event(self, row: HistoryRow) -> Entry | None:
        """Tell what somebody did; plans, reminders and the births of activities tell nothing by themselves."""
        one = self.instances[row.instance_id]
        if (row.kind == "timer" and row.to_state is None) or row.kind == "plan":
            return None
        if row.kind == "birth" and one.kind not in (KOMMUNE, "challenge", "solution"):
            return None
        what = self._what(row, one)
        if what is None:
            return None
        return Entry(local_date(row.recorded_at), f"{what}{_marks(row)}", row.reason or "")

    def _what(self, row: HistoryRow, one: InstanceView) -> str | None:
        """Name what happened; nothing for the birth of a child, which its own first row tells."""
        machine = self.compiled.machine(one.kind)
        name = {KOMMUNE: "Kommunen", PROGRAMME: "Programmet"}.get(one.kind, f"»{one.title}«")
        if row.kind == "birth":
            return f"{name}: tilmeldt" if one.kind == KOMMUNE else f"{machine.title}: {name}"
        if row.kind == "correction":
            return f"{name}: registreringen er taget tilbage"
        if row.region is None:
            return f"{name}: {row.event}"
        region = machine.regions[row.region]
        phase = region.title if row.region.startswith(PHASE_REGION) else name
        place = f"Trin {region.trin}" if region.trin else phase
        move = region.moves.get(row.event.rpartition(".")[2])
        if move is not None and move.births not in (None, "activities"):
            return None
        state = region.states[row.to_state].title if row.to_state else ""
        moved = row.to_state is not None and row.to_state != row.from_state
        if move is None or (moved and one.kind not in ("challenge", "solution")):
            return f"{place}: {state.lower()}"
        return f"{place}: {move.title.lower()}"

    def _mails(self, mails: list[OutboxView]) -> list[tuple[datetime, Entry]]:
        """Tell to whom mails went and why, the same mail to several people in one line; the withdrawn ones too."""
        sent: dict[tuple[datetime, str, str], list[str]] = {}
        withdrawn = []
        for mail in mails:
            rule = self.compiled.workflow.reminders.get(mail.nudge.why)
            why = rule.title if rule else ""
            for delivery in mail.deliveries:
                what = _subject(self.folder / file_name(delivery.message_id))
                sent.setdefault((delivery.at, what, why), []).append(self.people[delivery.person_id])
            if mail.status == "withdrawn" and mail.settled_at:
                what = f"  ✗ trukket tilbage, før den gik ud: {why}"
                withdrawn.append((mail.settled_at, Entry(local_date(mail.settled_at), what, _note(mail))))
        return withdrawn + [
            (at, Entry(local_date(at), f"  ✉ {_names(names)}: {what}", why)) for (at, what, why), names in sent.items()
        ]


def _marks(row: HistoryRow) -> str:
    happened = local_date(row.happened_at)
    late = f" (det skete {short_date(happened)})" if happened < local_date(row.recorded_at) else ""
    return late + (" (tilsidesat med begrundelse)" if row.overridden else "")


def _names(names: list[str]) -> str:
    """Name those who got a mail; many are counted."""
    short = list(dict.fromkeys(name.partition(" Eksempel")[0].lower() for name in names))
    return f"{len(names)} personer" if len(names) > 4 else join_and(short)


def _note(mail: OutboxView) -> str:
    return str((mail.result or {}).get("note", ""))


def _subject(path: Path) -> str:
    with path.open("rb") as file:
        return str(BytesHeaderParser(policy=policy.default).parse(file)["Subject"]).strip()


def _state(compiled: Compiled, one: InstanceView, region: str) -> str:
    return compiled.region(one.kind, region).states[one.position[region]].title


def _kommune_lines(kommune: KommuneReport) -> Iterator[str]:
    yield f"{kommune.name} ({kommune.code}): {kommune.ended.lower()}"
    yield from _wrapped(kommune.choice, "  ")
    yield from _entry_lines(kommune.entries)
    yield ""


def _entry_lines(entries: tuple[Entry, ...]) -> Iterator[str]:
    before = None
    for entry in entries:
        day = short_date(entry.on) if entry.on != before else ""
        before = entry.on
        why = f" – {entry.why}" if entry.why else ""
        yield from _wrapped(f"{day:>10}  {entry.what}{why}", "", " " * 17)


def _wrapped(text: str, first: str = "", rest: str | None = None) -> list[str]:
    indent = first if rest is None else rest
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=indent, drop_whitespace=True, break_on_hyphens=False
    )
