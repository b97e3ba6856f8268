"""One worker of the races: lets random events happen to the same instances as everybody else, and tells what it got.

Run by path as a process of its own (``python racer.py <job as JSON>``), or by a thread with an engine that it shares.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from samskabt.engine.errors import Conflict, Refused
from samskabt.engine.values import Actor, ActorKind, Json
from samskabt.notifications import FolderMailer
from samskabt.runtime.engine import Engine, connect
from samskabt.runtime.posting.restraint import Restraint
from samskabt.runtime.settings import Settings
from samskabt.storage import InstanceView, Store
from samskabt.workflows.catalogue import Catalogue

REASON = "Det trænger gruppen til."
PLAN: list[Json] = [{"hvem": "Teamet", "hvad": "Det nye", "hvornaar": "Nu"}]
IN_USE: dict[str, Json] = {"plan": PLAN, "maaling_foer": "40 om ugen"}
CHALLENGE: Mapping[str, tuple[str, ...]] = {
    "udpeget": ("prioriter", "prioriter", "parker"),
    "prioriteret": ("begynd_trin_3", "begynd_trin_3", "parker"),
    "trin_3": ("til_trin_4", "til_trin_4", "ny_interessent", "parker"),
    "trin_4": ("til_trin_5", "til_trin_5", "test_fejlede"),
    "trin_5": ("juster", "ny_loesning", "forkert_problem", "parker"),
    "parkeret": ("genoptag",),
}
SOLUTION: Mapping[str, tuple[str, ...]] = {
    "foreslaaet": ("vaelg",),
    "valgt": ("tag_i_brug", "test"),
    "i_test": ("test_lykkedes", "test_mislykkedes"),
    "i_brug": ("juster",),
}
DATA: Mapping[str, dict[str, Json]] = {
    "vaelg": {"effekt": "Færre møder", "tegn": "Tomme lokaler", "maalemetode": "Vi tæller dem i to uger"},
    "test": {"hvor": "Ét team", "test_til": "2020-01-31"},
    "tag_i_brug": IN_USE,
    "test_lykkedes": {"resultat": "Det går godt."},
}


class RunningClock:
    """A clock that began at an instant when the machine's showed ``since``, and runs on: the same in every process."""

    def __init__(self, start: datetime, since: float) -> None:
        self._start, self._since = start, since

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
        return self._start + timedelta(seconds=time.time() - self._since)


@dataclass(frozen=True, slots=True)
class Ack:
    """A step that the engine has acknowledged; ``actor`` is nobody else's, ``expected`` the revision it named."""

    actor: str
    instance_id: int
    revision: int
    event: str
    expected: int | None


@dataclass(slots=True)
class Told:
    """What a worker got: steps, and how often it was refused, was not the first, or met something unexpected."""

    acks: list[Ack] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    strange: list[str] = field(default_factory=list)


def race(engine: Engine, name: str, numbers: Sequence[int], attempts: int, seed: int) -> Told:
    """Try random next steps on random ones of these instances, half of them with the revision that was seen."""
    random, told = Random(f"{seed}/{name}"), Told()
    for number in range(attempts):
        try:
            # Half of the time everybody wants the same instance as all others do at that moment.
            is_hot = random.random() < 0.5
            here = numbers[int(time.time() * 2) * 7 % len(numbers)] if is_hot else random.choice(numbers)
            ack = _step(engine, f"{name}/{number}", here, random)
        except Conflict as conflict:
            told.counts["stale" if "somebody was first" in str(conflict) else "conflict in the database"] += 1
        except Refused as refused:
            told.counts["refused"] += 1
            if "foer_seneste_skridt" in str(refused):
                told.strange.append(f"{name}/{number}: {refused}")
        except Exception as error:
            told.strange.append(f"{name}/{number}: {type(error).__name__}: {error}")
        else:
            told.acks.append(ack)
    return told


def _step(engine: Engine, actor: str, instance_id: int, random: Random) -> Ack:
    view = engine.show(instance_id)
    event, data, wants_revision = _choice(view, actor, random)
    expected = view.revision if wants_revision else None
    outcome = engine.advance(
        instance_id,
        event,
        data=data,
        actor=Actor(ActorKind.PERSON, actor),
        reason=REASON,
        override=True,
        expected_revision=expected,
    )
    return Ack(actor, instance_id, outcome.revision, event, expected)


def _choice(view: InstanceView, actor: str, random: Random) -> tuple[str, dict[str, Json], bool]:
    """Choose an event that fits where the instance stood a moment ago, and whether to say so."""
    if view.kind == "kommune":
        return "trin_1.tjek", {"formaal": random.random() < 0.5}, random.random() < 0.5
    moves = (CHALLENGE if view.kind == "challenge" else SOLUTION).get(view.position["status"], ())
    if not moves or random.random() < 0.3:
        return "beskriv", {"beskrivelse": actor}, False
    event = random.choice(moves)
    return event, DATA.get(event, {}), random.random() < 0.6


def sweep(engine: Engine) -> Told:
    """Fire all timers that are due and deliver all mails that are due."""
    swept = engine.tick()
    sent = engine.deliver()
    counts = {"failed timers": swept.failed, "sent": sent.sent, "held": sent.held, "failed mails": sent.failed}
    return Told(counts=Counter(counts))


def open_engine(url: str, start: datetime, since: float, mails: Path, hook: Callable[[str], None]) -> Engine:
    """Open a database with a hook on every statement, at a running clock; mails go at once, each by itself."""
    with connect(url) as shipped:
        catalogue = shipped.workflows
    assert isinstance(catalogue, Catalogue)
    clock = RunningClock(start, since)
    settings = Settings(restraint=Restraint.off())
    return Engine(Store.open(url, hook), catalogue, clock=clock, mailer=FolderMailer(mails), settings=settings)


def main(job: dict[str, Any]) -> None:
    """Do one job in this process and print what it came to as one line of JSON."""
    statements: Counter[str] = Counter()

    def count(statement: str) -> None:
        if statement in ("after fire timer", "after queue mail", "after end letter"):
            statements[statement] += 1

    start = datetime.fromisoformat(job["start"])
    with open_engine(job["url"], start, job["since"], Path(job["mails"]), count) as engine:
        print("ready", flush=True)
        sys.stdin.readline()
        if job["task"] == "race":
            told = race(engine, job["name"], job["numbers"], job["attempts"], job["seed"])
        else:
            told = sweep(engine)
    answer = {
        "acks": [[ack.actor, ack.instance_id, ack.revision, ack.event, ack.expected] for ack in told.acks],
        "counts": {**told.counts, **statements},
        "strange": told.strange,
    }
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
