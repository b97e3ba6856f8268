"""Many at once: threads and processes advance the same instances, tick the same timers and want the same places."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from samskabt.engine.errors import Refused
from samskabt.engine.values import Actor, ActorKind
from samskabt.runtime.clock import VirtualClock
from samskabt.runtime.doctor import examine
from samskabt.runtime.engine import Engine, connect
from samskabt.storage import HistoryRow, InstanceView

from .racer import Ack, RunningClock, Told, race

WORKFLOW = "forenklet-beskaeftigelsesindsats"
DAY = datetime(2020, 1, 15, 9, tzinfo=UTC)
OFFICE = Actor(ActorKind.PERSON, "kontoret")
THREADS, PROCESSES = 8, 4
SEED = 20191120
WISHERS = ("0101", "0751", "0825", "0253", "0151", "0153", "0147", "0155")

Say = Callable[[str], None]


def enrolled(url: str, wishers: Sequence[str]) -> tuple[int, list[int]]:
    """Start the programme and enrol kommuner; give its number and theirs."""
    clock = VirtualClock(datetime(2019, 8, 14, 8, tzinfo=UTC))
    with connect(url, clock=clock) as engine:
        programme = engine.programmes.start(WORKFLOW, actor=OFFICE).instance_id
        person = engine.people.add("Konsulent", "konsulent@eksempel.example")
        for role in ("partskonsulent", "kommunal_konsulent", "leder", "kontaktperson", "parter"):
            engine.people.assign(person, role, programme_id=programme)
        engine.advance(programme, "forloeb.aabn_tilmelding", actor=OFFICE)
        for kommune in wishers:
            engine.programmes.enrol(programme, kommune, actor=OFFICE)
        with engine.context.store.read() as reader:
            return programme, [one.id for one in reader.instances(programme, "kommune")]


def kommuner_at_work(url: str, kommuner: int, challenges: int) -> tuple[int, list[int]]:
    """Take kommuner in, give each so many challenges and each of these a solution; give all their numbers."""
    programme, raced = enrolled(url, WISHERS[:kommuner])
    with connect(url, clock=VirtualClock(DAY)) as engine:
        for kommune in tuple(raced):
            for event in ("forloeb.vaelg", "trin_1.begynd", "trin_2.begynd"):
                engine.advance(kommune, event, actor=OFFICE)
            for title in range(challenges):
                (challenge,) = engine.add(kommune, "challenge", f"Udfordring {title}", actor=OFFICE).born.values()
                for event in ("prioriter", "begynd_trin_3"):
                    engine.advance(challenge, event, actor=OFFICE, override=True, reason="Den haster.")
                raced += [challenge, *engine.add(challenge, "solution", "En løsning", actor=OFFICE).born.values()]
        engine.tick()
        return programme, raced


@contextmanager
def processes(url: str, folder: Path, *jobs: dict[str, Any]) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Start a process for each job, all of them ready; the answer lets them go, and gives what they tell at the end."""
    racer = str(Path(__file__).with_name("racer.py"))
    shared = {"url": url, "start": DAY.isoformat(), "mails": str(folder / "mail")}
    command = [sys.executable, "-P", "-W", "error", racer]
    started = [
        subprocess.Popen([*command, json.dumps(shared | job)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for job in jobs
    ]

    def go() -> list[dict[str, Any]]:
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        patience = 240 + max(job.get("attempts", 0) for job in jobs)
        return [json.loads(process.communicate(timeout=patience)[0]) for process in started]

    try:
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        yield go
    finally:
        for process in started:
            process.kill()
            process.communicate()


def whole_history(engine: Engine, programme: int) -> list[HistoryRow]:
    """Read what was recorded in a whole programme."""
    rows: list[HistoryRow] = []
    with engine.context.store.read() as reader:
        while True:
            last = (rows[-1].recorded_at, rows[-1].instance_id, rows[-1].seq) if rows else None
            page = reader.programme_history(programme, last, 1000)
            rows += page
            if not page:
                return rows


def unlike_its_challenges(kommune: InstanceView, challenges: Sequence[InstanceView]) -> list[str]:
    """Tell which of trin 3, 4 and 5 do not stand as the kommune's challenges say: a join was missed."""
    way = ("trin_3", "trin_4", "trin_5", "loest")
    at = Counter(one.position["status"] for one in challenges if one.parent_id == kommune.id)
    missed = []
    for place, trin in enumerate(way[:3]):
        has_come = any(at[state] for state in way[place:])
        is_over = sum(at[state] for state in (*way[place + 1 :], "parkeret")) > 0
        is_over = is_over and not any(at[state] for state in ("prioriteret", *way[: place + 1]))
        state = kommune.position[trin]
        if (state == "venter" and has_come) or (state == "i_gang" and is_over) or (state == "afsluttet" and at[trin]):
            missed.append(f"{trin} of {kommune.title} is {state}, its challenges are {dict(at)}")
    return missed


def lost_or_doubled(acks: Sequence[Ack], rows: Sequence[HistoryRow]) -> list[str]:
    """Compare what was acknowledged with what was recorded by the racers; tell every difference."""
    decisions: dict[str, list[list[HistoryRow]]] = {}
    for (_, instance_id, first), group in groupby_decision(rows):
        decisions.setdefault(group[0].actor_id or "", []).append(group)
        assert {row.instance_id for row in group} == {instance_id} and group[0].seq == first
    wrong = []
    for ack in acks:
        found = decisions.pop(ack.actor, [])
        if len(found) != 1:
            wrong.append(f"{ack} is {len(found)} times in history")
            continue
        (row, *_), last = found[0], found[0][-1]
        if (row.instance_id, last.seq, row.event.rpartition(".")[2]) != (
            ack.instance_id,
            ack.revision,
            ack.event.rpartition(".")[2],
        ):
            wrong.append(f"{ack} is {row.event} of {row.instance_id} at {last.seq}")
        if ack.expected is not None and row.seq != ack.expected + 1:
            wrong.append(f"{ack} was decided at {row.seq - 1}")
    return wrong + [f"nobody was told of {found[0][0]}" for found in decisions.values()]


def groupby_decision(rows: Sequence[HistoryRow]) -> list[tuple[tuple[str, int, int], list[HistoryRow]]]:
    """Put the racers' rows together decision by decision."""
    out: dict[tuple[str, int, int], list[HistoryRow]] = {}
    for row in sorted(rows, key=lambda row: (row.instance_id, row.seq)):
        if row.actor_kind == "person" and "/" in (row.actor_id or ""):
            out.setdefault((row.actor_id or "", row.instance_id, row.decision_seq), []).append(row)
    return list(out.items())


@pytest.mark.no_cover
@pytest.mark.soak
def test_steps_are_neither_lost_nor_doubled_and_no_join_is_missed(
    store_url: str, tmp_path: Path, say: Say, soak: bool
) -> None:
    """8 threads and 4 processes advance the same instances: history holds what was acknowledged, and trin follow."""
    programme, numbers = kommuner_at_work(store_url, 4, 6)
    since, attempts = time.time(), 2_000 if soak else 40
    jobs: list[dict[str, Any]] = [
        {"task": "race", "name": f"p{n}", "numbers": numbers, "attempts": attempts, "seed": SEED, "since": since}
        for n in range(PROCESSES)
    ]
    with connect(store_url, clock=RunningClock(DAY, since)) as engine, processes(store_url, tmp_path, *jobs) as go:

        def work(number: int) -> Told:
            return race(engine, f"t{number}", numbers, attempts, SEED)

        began = time.perf_counter()
        with ThreadPoolExecutor(THREADS + 1) as pool:
            others = pool.submit(go)
            told = list(pool.map(work, range(THREADS)))
            told += [
                Told([Ack(*ack) for ack in one["acks"]], Counter(one["counts"]), one["strange"])
                for one in others.result()
            ]
        took = time.perf_counter() - began
        acks = [ack for one in told for ack in one.acks]
        counts = sum((one.counts for one in told), Counter[str]())
        with engine.context.store.read() as reader:
            kommuner, challenges = (reader.instances(programme, kind) for kind in ("kommune", "challenge"))
            pokes = [view for view in reader.timers(status="armed") if view.timer.rule == "poke"]
        rows = whole_history(engine, programme)
        joins = sum(row.kind == "join" for row in rows)
        say(
            f"{THREADS} threads and {PROCESSES} processes, {len(acks)} steps acknowledged in {took:.1f} s,"
            f" {joins} joins, {dict(sorted(counts.items()))}, seed {SEED}"
        )
        assert [line for one in told for line in one.strange] == []
        assert len({(ack.instance_id, ack.revision) for ack in acks}) == len(acks)
        assert lost_or_doubled(acks, rows) == []
        assert [line for kommune in kommuner for line in unlike_its_challenges(kommune, challenges)] == []
        assert pokes == []
        assert examine(engine).findings == ()
        assert joins > 10 and counts["stale"] > 0 and len(acks) > attempts


def ended(timers: Mapping[str, int]) -> dict[str, int]:
    """Count timers by how they ended.

    A reminder that is months late comes to nothing either way: it is used up when its own turn comes first, and called
    off when the other process has already done what it would have reminded of.
    """
    counts = Counter(timers)
    counts["to nothing"] = counts.pop("done") + counts.pop("cancelled")
    return dict(counts)


@pytest.mark.no_cover
def test_two_processes_fire_each_timer_and_send_each_mail_once(store_url: str, tmp_path: Path, say: Say) -> None:
    """Two tickers meet the same due timers and the same outbox: each timer fires once, each mail is sent once."""
    programme, _ = kommuner_at_work(store_url, 2, 2)
    with connect(store_url, clock=VirtualClock(DAY)) as engine, engine.context.store.read() as reader:
        before = reader.counts()
    since = time.time() - 200 * 86_400
    jobs: list[dict[str, Any]] = [{"task": "sweep", "since": since}] * 2
    reference = f"sqlite:///{tmp_path / 'one.db'}"
    kommuner_at_work(reference, 2, 2)
    with processes(reference, tmp_path / "one", jobs[0]) as go:
        one = go()[0]["counts"]
    with connect(reference, clock=VirtualClock(DAY)) as engine, engine.context.store.read() as reader:
        alone = ended(reader.counts().timers)
    with processes(store_url, tmp_path, *jobs) as go:
        told = go()
    counts = sum((Counter(one["counts"]) for one in told), Counter[str]())
    with connect(store_url, clock=RunningClock(DAY, since)) as engine:
        with engine.context.store.read() as reader:
            after, mails = reader.counts(), reader.outbox(programme, limit=10_000)
        findings = examine(engine).findings
    say(f"2 processes, {[one['counts'] for one in told]}, {dict(after.timers)}, {dict(after.outbox)}")
    files = list((tmp_path / "mail").glob("*.eml"))
    accepted = [delivery.message_id for mail in mails for delivery in mail.deliveries]
    assert all(one["strange"] == [] for one in told)
    assert len(files) == len(accepted) == len(set(accepted)) == counts["sent"] == after.outbox["sent"]
    assert (counts["sent"], ended(after.timers)) == (one["sent"], alone), (
        "two did something else than one would have done"
    )
    assert counts["after queue mail"] == sum(after.outbox.values()) - sum(before.outbox.values())
    assert counts["failed timers"] == counts["failed mails"] == 0
    assert findings == ()


def test_eight_kommuner_get_four_places(store_url: str, say: Say) -> None:
    """8 threads choose a kommune each, at once, for four places: exactly four are chosen."""
    _, kommuner = enrolled(store_url, WISHERS)
    barrier = threading.Barrier(THREADS)
    with connect(store_url, clock=VirtualClock(datetime(2019, 9, 3, 8, tzinfo=UTC))) as engine:

        def choose(number: int) -> str:
            barrier.wait()
            try:
                engine.advance(kommuner[number], "forloeb.vaelg", actor=OFFICE)
            except Refused as refused:
                return refused.refusals[0].code
            return "chosen"

        with ThreadPoolExecutor(THREADS) as pool:
            answers = Counter(pool.map(choose, range(THREADS)))
        engine.tick()
        standing = Counter(engine.show(number).position["forloeb"] for number in kommuner)
        say(f"{THREADS} threads, {dict(answers)}")
        assert standing == {"deltager": 4, "tilmeldt": 4}
        assert answers["chosen"] == 4 and len(answers) == 2
        assert examine(engine).findings == ()


def test_of_eight_clicks_with_one_key_one_counts(store_url: str) -> None:
    """8 threads send the same step under one idempotency key: it is recorded once, and nobody sees an error."""
    programme, _ = enrolled(store_url, ())
    with connect(store_url, clock=RunningClock(DAY, time.time())) as engine:
        place = programme_tasks(engine, programme)[0].id
        barrier = threading.Barrier(THREADS)

        def click(_: int) -> int:
            barrier.wait()
            return engine.advance(place, "planlaeg", data={"dato": "2020-03-02"}, idempotency_key="klik").revision

        with ThreadPoolExecutor(THREADS) as pool:
            answers = set(pool.map(click, range(THREADS)))
        rows = engine.history(place)
        assert [row.event for row in rows if row.idempotency_key == "klik"] == ["planlaeg"]
        assert answers == {rows[-1].seq}


def programme_tasks(engine: Engine, programme: int) -> Sequence[InstanceView]:
    """List the tasks of the programme itself that wait for a date."""
    with engine.context.store.read() as reader:
        return [one for one in reader.instances(programme, "task") if one.position["status"] == "venter"]
