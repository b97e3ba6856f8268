"""Hands a person's work over: all roles in a scope, and a list of what is open, by mail to whoever takes over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from ...engine.civil.danish import short_date
from ...engine.civil.instants import local_date
from ...engine.compiled import Compiled
from ...engine.deciding.effects import meant
from ...engine.definition.workflow import RESPONSIBLE
from ...engine.options import options
from ...engine.pausing.ends import is_end
from ...engine.pausing.pauses import is_paused
from ...engine.values import Intent, Json, Nudge, Option, Snapshot
from ...notifications.facts import REASON
from ...storage import ONE_PERSON, Reader, UnitOfWork
from ..usecases.context import Context
from ..views.words import Words, dates_text
from .replacing import Change, Replaced, Scope, replace_person

HANDED_OVER = "overdragelse"
"""The text of the mail to whoever takes over."""

MOST_TOLD = 25
"""How many things the mail lists; the list itself has all of them."""


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Something that a person answers for and that is not done: where it stands, the next step, and its days."""

    instance_id: int
    programme_id: int
    title: str
    kommune: str | None
    state: str
    next_step: str
    when: str

    @property
    def text(self) -> str:
        """Say it in a line."""
        place = f" ({self.kommune})" if self.kommune and self.kommune != self.title else ""
        next_step = f", næste: {self.next_step}" if self.next_step else ""
        return f"{self.title}{place}: {self.state}{next_step}" + (f", {self.when}" if self.when else "")


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What a hand-over did: the roles that changed hands, what was open, and how many mails tell of it."""

    replaced: Replaced
    open: tuple[OpenWork, ...]
    mails: int


def hand_over(context: Context, uow: UnitOfWork, change: Change, scope: Scope, note: str, now: datetime) -> HandedOver:
    """Let one person take over all of another's roles in a scope, with one mail a programme of what is open."""
    work = open_work(context, uow, change.old, scope, change.on, now)
    replaced = replace_person(context, uow, change, scope, now)
    if not replaced.roles:
        return HandedOver(replaced, (), 0)
    programmes = sorted({one.programme_id for one in work})
    giver = next(one.name for one in uow.registers.people() if one.id == change.old)
    since = f" fra {short_date(change.on)}" if change.on > local_date(now) else ""
    for programme_id in programmes:
        told = [one for one in work if one.programme_id == programme_id]
        rest = f" ... og {len(told) - MOST_TOLD} til" if len(told) > MOST_TOLD else ""
        values: dict[str, Json] = {
            "mangler": "; ".join(one.text for one in told[:MOST_TOLD]) + rest,
            "naeste": note or "Se listen igennem, og spørg den, der giver videre, mens det kan lade sig gøre.",
            "dato": change.on.isoformat(),
            "hvem": giver,
            REASON: f"du overtager opgaver efter {giver}{since}",
        }
        key = f"overdrag/{ONE_PERSON}{change.old}/{ONE_PERSON}{change.new}/{change.on.isoformat()}"
        role = f"{ONE_PERSON}{change.new}"
        nudge = Nudge(key, Intent.NOTICE, HANDED_OVER, role, HANDED_OVER, values=values)
        uow.outbox.queue(uow.identity(programme_id), (nudge,), now)
    return HandedOver(replaced, work, len(programmes))


def open_work(
    context: Context, uow: UnitOfWork, person_id: int, scope: Scope, on: date, now: datetime
) -> tuple[OpenWork, ...]:
    """List what a person answers for on a day and what is not done, programme by programme."""
    reader = Reader(uow.connection)
    kommuner = {row.code: row.name for row in reader.registers.kommuner()}
    known: dict[tuple[str, int, str | None], set[int]] = {}
    out: list[OpenWork] = []
    for programme in reader.programmes():
        if scope.programme_id not in (None, programme.id):
            continue
        uow.load(uow.identity(programme.id))  # The programme is locked before what hangs under it.
        compiled = context.compiled(programme.workflow_hash, uow)
        words = Words(compiled)
        for one in reader.instances(programme.id):
            if compiled.is_done(one.kind, one.position) or scope.kommune not in (None, one.kommune):
                continue
            identity = uow.identity(one.id)
            holders: set[int] = set()
            for role in meant(compiled, compiled.paper.activity(one.key), one.kommune, [RESPONSIBLE]):
                key = (role, programme.id, one.kommune)
                if key not in known:
                    known[key] = {who.person_id for who in uow.registers.recipients(*key, on)}
                holders |= known[key]
            if person_id in holders:
                snapshot = uow.load(identity, compiled.relations.reach(one.kind, None))
                state = words.standing(one.kind, one.position) + (" (i bero)" if is_paused(one.data) else "")
                out.append(
                    OpenWork(
                        instance_id=one.id,
                        programme_id=programme.id,
                        title=one.title,
                        kommune=kommuner.get(one.kommune or "", one.kommune),
                        state=state,
                        next_step=_next_step(context, snapshot, now),
                        when=dates_text(one.dates),
                    )
                )
    return tuple(out)


def _next_step(context: Context, snapshot: Snapshot, now: datetime) -> str:
    """Name the first step that leads on: one that may happen now, or else the first that only lacks something.

    Nothing where there is a choice to make: where the first that the definition names leaves no room for another.
    """
    compiled = context.compiled(snapshot.identity.workflow_hash)
    kind = snapshot.identity.kind
    found = [one for one in options(compiled, snapshot, now) if one.dest not in (None, one.source)]
    ahead = [one for one in found if not is_end(compiled.machine(kind), one.event)]
    if not ahead:
        return ""
    step = next((one for one in ahead if one.may), ahead[0])
    first, *others = [one for one in ahead if one.region == step.region]
    is_choice = any(one.dest != first.dest and not _may_follow(compiled, kind, first, one) for one in others)
    return "" if is_choice else step.title


def _may_follow(compiled: Compiled, kind: str, first: Option, other: Option) -> bool:
    """Tell whether a step may still be taken after another of the same region."""
    topology = compiled.topology(kind, first.region)
    moves = (one.name for one in compiled.firings(kind, other.event) if one.region == first.region)
    return first.dest is not None and any(topology.may_fire(name, first.dest) for name in moves)
