"""What may happen next, and for what may not, every missing requirement; asks about everything, changes nothing."""

from __future__ import annotations

from datetime import datetime

from .compiled import Compiled
from .compiling import Firing
from .deciding.draft import requirements_missing
from .pausing.ends import is_end
from .pausing.events import MOVABLE
from .pausing.pauses import RESUME, is_paused, own_pause
from .requiring.view import View
from .values import SYSTEM, Event, Option, Position, Snapshot, Strength


def options(compiled: Compiled, snapshot: Snapshot, now: datetime) -> tuple[Option, ...]:
    """List the events that the instance's regions know from where they stand, in the definition's order.

    While it is paused those are its ends, and to resume it where it was paused itself.

    An event of several moves (trin 1 and 2 in one workshop) is listed once, with the requirements that its first move
    misses now; those of the later ones may be met by the first. Of what has come to its end, what no reason opens is
    left out: a kommune that has left is not told what its trin still lack.
    """
    kind = snapshot.identity.kind
    event = Event("", now, now, SYSTEM)
    out = []
    still = is_paused(snapshot.data)
    if own_pause(snapshot.data, kind):
        region = next(iter(compiled.machine(kind).regions))
        takes = ("flyt_uger",) if kind in MOVABLE else ()
        out.append(Option(RESUME, "Genoptag", region, snapshot.position[region], None, takes))
    for name in compiled.machine(kind).events:
        if still and not is_end(compiled.machine(kind), name):
            continue
        firings = compiled.firings(kind, name)
        standing = [(firing, snapshot.position[firing.region]) for firing in firings]
        topologies = [compiled.topology(kind, firing.region) for firing in firings]
        if all(top.may_fire(firing.name, state) for top, (firing, state) in zip(topologies, standing, strict=True)):
            out.append(_option(compiled, snapshot, event, name, firings))
    if compiled.is_done(kind, snapshot.position):
        out = [option for option in out if all(one.strength is Strength.SOFT for one in option.missing)]
    return tuple(out)


def ending_event(compiled: Compiled, kind: str, position: Position) -> str | None:
    """Name the event by which something that stands so has happened: held, or done; None where there is none."""
    for name in compiled.machine(kind).events:
        for firing in compiled.firings(kind, name):
            may = compiled.topology(kind, firing.region).may_fire(firing.name, position[firing.region])
            if may and firing.move.dates in ("actual", "actual_end"):
                return name
    return None


def _option(compiled: Compiled, snapshot: Snapshot, event: Event, name: str, firings: tuple[Firing, ...]) -> Option:
    identity, first = snapshot.identity, firings[0]
    position, data, dates = snapshot.position, snapshot.data, snapshot.dates
    view = View(compiled, identity, first.region, position, data, dates, snapshot.facts, event, snapshot.title)
    wants = dict.fromkeys(field for firing in firings for field in firing.move.wants)
    together = compiled.machine(identity.kind).together.get(name)
    return Option(
        event=name,
        title=together.title if together else first.move.title,
        region=first.region,
        source=position[first.region],
        dest=first.move.dest,
        takes=tuple(sorted(compiled.takes(identity.kind, name) - wants.keys())),
        wants=tuple(wants),
        missing=tuple(requirements_missing(compiled, first, view)),
    )
