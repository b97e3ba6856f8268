"""The command `python -m benchmarks`: measures in turns, shows a table, and writes the figures as JSON."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .advances import Round, Template, fsync_milliseconds, make_template, one_round
from .firing import firing, make_crowd, starting
from .growing import after_much, among_many
from .others import build, mails, memory, starts, tick
from .report import Figure, as_json, figure, table

RESULTS = Path(__file__).parent / "results"
QUICK = (5, 1, 1000, 200)
"""Processes, rounds, pending timers and steps of a long history, when only the benchmark itself is tried."""

SAME = "the same by hand with sqlite3"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the arguments ask for."""
    options = _options(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        figures = _measured(Path(folder), options)
    settings: dict[str, object] = {"instances": options.instances, "steps": 6, "rounds": options.rounds}
    if not options.only_advances:
        settings |= {"pending": options.pending, "history": options.history}
    content = as_json(figures, settings)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(content, encoding="utf-8")
    print(content if options.json else f"\n{table(figures)}\n\nwritten to {options.output}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure samskabt beside sqlite3 by hand."
    )
    parser.add_argument("--instances", type=_positive, default=1000, help="processes (default: 1000); fewer to try it")
    parser.add_argument("--rounds", type=_positive, default=5, help="paired rounds (default: 5)")
    parser.add_argument("--pending", type=_positive, default=1_000_000, help="pending timers (default: 1000000)")
    parser.add_argument("--history", type=_positive, default=10_000, help="steps of a long history (default: 10000)")
    parser.add_argument("--only-advances", action="store_true", help="the durable advances and nothing else")
    parser.add_argument("--only-timers", action="store_true", help="due timers, the start with them, and growth alone")
    parser.add_argument("--quick", action="store_true", help="all of it so small that the figures say nothing")
    parser.add_argument("--json", action="store_true", help="print the JSON instead of the table")
    parser.add_argument("--output", type=Path, default=RESULTS / "bench.json", help="where the JSON goes")
    parser.add_argument("--folder", type=Path, default=RESULTS, help="a folder on the disk to measure")
    options = parser.parse_args(arguments)
    if options.quick:
        options.instances, options.rounds, options.pending, options.history = QUICK
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _measured(folder: Path, options: argparse.Namespace) -> list[Figure]:
    figures, rounds, flushes = list[Figure](), options.rounds, fsync_milliseconds(folder)
    if not options.only_timers:
        _say(f"{options.instances} processes are born")
        template = make_template(folder, options.instances)
        figures += _advances("durable advances", template, "FULL", rounds)
        flushes += fsync_milliseconds(folder)
        figures += _advances("advances, synchronous=OFF", template, "OFF", rounds)
        if not options.only_advances:
            _say("build, starts, memory, tick, mails")
            figures += [build(rounds), *starts(rounds, template.path), memory(rounds, template.path)]
            figures += [tick(rounds, template), mails(rounds, template)]
    if not options.only_advances:
        figures += _timers(folder, options)
    flushes += fsync_milliseconds(folder)
    return [*figures, figure("one fsync", "ms", flushes)]


def _timers(folder: Path, options: argparse.Namespace) -> list[Figure]:
    """Measure what depends on how much is stored."""
    rounds = options.rounds
    _say(f"{options.instances} processes are born, with {options.pending:,} timers of others")
    crowd = make_crowd(folder, options.instances, options.pending)
    figures = [*firing(crowd, rounds, "FULL", _say), *firing(crowd, rounds, "OFF", _say), *starting(crowd, rounds)]
    figures += among_many(crowd.few, crowd.many, crowd.cases, rounds, _say)
    return [*figures, *after_much(crowd.few, options.history, options.instances, rounds, _say)]


def _advances(name: str, template: Template, synchronous: str, rounds: int) -> list[Figure]:
    done: list[Round] = []
    for number in range(1, rounds + 1):
        one = one_round(template, synchronous)
        done.append(one)
        ratio = one.engine / one.by_hand
        _say(
            f"{name}, round {number} of {rounds}: {one.engine:,.0f} beside {one.by_hand:,.0f} per s, ratio {ratio:.2f}"
        )
    rows = ", ".join(f"{table} {count}" for table, count in done[-1].rows.items() if count)
    _say(f"both databases hold the same rows, hashes included: {rows}")
    return [figure(name, "per s", [one.engine for one in done], [one.by_hand for one in done], SAME)]


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
