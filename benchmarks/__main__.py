"""The command `python -m benchmarks`: measures in turns, shows a table, and writes the figures as JSON."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .advances import Round, Template, fsync_milliseconds, make_template, one_round
from .others import build, memory, starts, tick
from .report import Figure, figure, table, write

RESULTS = Path(__file__).parent / "results"
SAME = "the same by hand with sqlite3"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the arguments ask for."""
    options = _options(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        figures = _measured(Path(folder), options.instances, options.rounds, options.only_advances)
    print(f"\n{table(figures)}")
    settings = {"instances": options.instances, "steps": 6, "rounds": options.rounds}
    write(options.output, figures, {**settings})
    print(f"\nwritten to {options.output}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure samskabt beside sqlite3 by hand."
    )
    parser.add_argument("--instances", type=_positive, default=1000, help="processes (default: 1000); fewer to try it")
    parser.add_argument("--rounds", type=_positive, default=5, help="paired rounds (default: 5)")
    parser.add_argument("--only-advances", action="store_true", help="leave out builds, starts, memory and the tick")
    parser.add_argument("--output", type=Path, default=RESULTS / "bench.json", help="where the JSON goes")
    parser.add_argument("--folder", type=Path, default=RESULTS, help="a folder on the disk to measure")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _measured(folder: Path, instances: int, rounds: int, only_advances: bool) -> list[Figure]:
    _say(f"{instances} processes are born")
    template = make_template(folder, instances)
    flushes = fsync_milliseconds(folder)
    figures = _advances("durable advances", template, "FULL", rounds)
    flushes += fsync_milliseconds(folder)
    figures += _advances("advances, synchronous=OFF", template, "OFF", rounds)
    figures.append(figure("one fsync", "ms", flushes))
    if not only_advances:
        _say("build, starts, memory, tick")
        figures += [build(rounds), *starts(rounds, template.path), memory(rounds, template.path)]
        figures.append(tick(rounds, template))
    return figures


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
