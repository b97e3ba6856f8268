"""The options that several commands share, each said once."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON; the keys are listed below.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="A number, or key[@kommune].")]
Programme = Annotated[
    str | None, typer.Argument(metavar="[PROGRAMME]", help="Its number or workflow key; not needed for the only one.")
]
By = Annotated[
    str | None,
    typer.Option(
        "--by", metavar="NAME", envvar="SAMSKABT_BY", help="Who says so: a person of `person list`, or a name."
    ),
]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept and shown in the history.")]
Override = Annotated[bool, typer.Option("--override", help="Go on although something soft is missing; wants a reason.")]
HappenedAt = Annotated[
    str | None,
    typer.Option("--happened-at", metavar="WHEN", help="When it really happened: '2019-10-03 14:00' or ISO."),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="As it was known at the end of this day, or at an ISO instant."),
]
Revision = Annotated[
    int | None, typer.Option("--revision", metavar="N", help="Refuse if the instance has changed since revision N.")
]
Data = Annotated[
    list[str] | None,
    typer.Option(
        "--data", metavar="KEY=VALUE", help="A field; repeat it for more fields, lists and rows (who: what: when)."
    ),
]
DataJson = Annotated[str | None, typer.Option("--data-json", metavar="JSON", help="All fields as one JSON object.")]


def after(example: str, keys: str = "") -> str:
    """Write the end of a command's help: an example, and the keys of its JSON."""
    lines = "\n".join(f"  {line}" for line in example.splitlines())
    told = f"\n\nJSON keys: {keys}" if keys else ""
    return f"\b\nExample:\n{lines}{told}"
