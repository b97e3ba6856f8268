"""Pins the shipped documents by their hash, so that a published version never changes: ``python -m ...``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ..engine.errors import DefinitionError
from .catalogue import PINS, document_hash, refuse_changed, shipped_pins, shipped_sources
from .reader import Source, read_placed


def pins_of(sources: Iterable[Source], published: Mapping[str, str], *, unreleased: bool = False) -> dict[str, str]:
    """Give the pins with those of new versions added; ``unreleased`` renews those that no release has held.

    :raises DefinitionError: when a published version has changed.
    """
    out = dict(published)
    for source in sources:
        document = read_placed(source)
        if not unreleased:
            refuse_changed(document, published)
        out[document.pin] = document_hash(document.model)
    return dict(sorted(out.items()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is new, and write it with ``--write``; 1 when a published version has changed."""
    parser = argparse.ArgumentParser(description="Pin the shipped workflow documents by their hash.")
    parser.add_argument("--write", action="store_true", help=f"write {PINS} beside the documents")
    parser.add_argument("--unreleased", action="store_true", help="renew pins that no release has held yet")
    chosen = parser.parse_args(arguments)
    published = shipped_pins()
    try:
        pins = pins_of(shipped_sources(), published, unreleased=chosen.unreleased)
    except DefinitionError as error:
        print(error, file=sys.stderr)
        return 1
    for pin, value in pins.items():
        if published.get(pin) != value:
            print(f"{pin} {value}")
    if chosen.write:
        text = json.dumps(pins, indent=2, ensure_ascii=False) + "\n"
        Path(__file__).with_name(PINS).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
