"""How errors end a command: one table from class to exit code, one message on stderr, JSON for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ..engine.errors import (
    Conflict,
    DefinitionError,
    DeliveryFailed,
    InboxUnavailable,
    InvalidInput,
    NotFound,
    NotStable,
    NotYet,
    Refused,
    SamskabtError,
    StorageError,
)
from .output import clean, json_of

if TYPE_CHECKING:
    from ..runtime.asking import Draft
    from ..runtime.views import Missing

EXIT_CODES: Mapping[type[Exception], int] = MappingProxyType(
    {
        DefinitionError: 1,
        NotStable: 1,
        InvalidInput: 2,
        Refused: 3,
        NotFound: 4,
        Conflict: 5,
        StorageError: 6,
        OSError: 6,
        FileNotFoundError: 2,
        IsADirectoryError: 2,
        NotADirectoryError: 2,
        PermissionError: 2,
        DeliveryFailed: 7,
        NotYet: 7,
        InboxUnavailable: 7,
        SamskabtError: 1,
    }
)
"""Class of error -> exit code; the nearest class counts. Files are what somebody named; a disk is the database's."""

REASONED: Final = "mangler_begrundelse"
WITH_REASON: Final = '--reason "hvorfor"'

_WAYS_OUT: Mapping[str, str] = MappingProxyType(
    {
        "instance": "`samskabt status` and `samskabt agenda` show numbers and keys",
        "history row": "`samskabt history ID` shows the numbers",
        "programme": "`samskabt status` shows those that run, `samskabt workflow list` those that can be started",
        "person": "`samskabt person list` shows who there is, `samskabt person add` enters one",
        "event": "`samskabt options ID` shows what may happen next",
    }
)


@dataclass(frozen=True, slots=True)
class Told:
    """A refusal in Danish: what was to happen, everything that is missing for it, and drafts that would bring it.

    ``command`` shows the drafts.
    """

    title: str
    missing: tuple[Missing, ...]
    drafts: tuple[Draft, ...] = ()
    command: str = ""


def exit_code(error: Exception) -> int:
    """Give the exit code of an error: that of its nearest class in the table."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)


def report(error: Exception, *, as_json: bool, told: Told | None = None) -> int:
    """Tell an error on stderr, and with ``as_json`` as JSON on stdout, and give its exit code."""
    message = _message(error)
    if as_json:
        refusals = told.missing if told else getattr(error, "refusals", ())
        problems = [str(problem) for problem in getattr(error, "problems", ())]
        answer = {
            "error": message,
            "kind": type(error).__name__,
            "refusals": json_of(refusals),
            "problems": problems,
            "drafts": json_of(told.drafts if told else ()),
        }
        print(json.dumps(answer, ensure_ascii=True, indent=2))
    print("\n".join(_refused(told) if told else [clean(f"samskabt: {message}")]), file=sys.stderr)
    return exit_code(error)


def _message(error: Exception) -> str:
    match error:
        case NotFound(what=what) if what in _WAYS_OUT:
            return f"{error}; {_WAYS_OUT[what]}"
        case Conflict():
            return f"{error}; nothing was changed"
        case OSError(strerror=str(why)):
            return f"{error.filename}: {why}" if error.filename else why
        case _:
            return str(error)


def _refused(told: Told) -> list[str]:
    """Say a refusal as a list, with who can mend what, and the way on where there is one."""
    out = [clean(f"»{told.title}« kan ikke ske nu:")]
    out += [clean(f"  - {missing_text(one)}") for one in told.missing]
    if told.drafts:
        out.append(clean(f"Udkast til mails, der kan bringe det: {told.command}"))
    if told.missing and all(one.may_override for one in told.missing):
        out.append('Du kan gå videre alligevel med en begrundelse: --override --reason "hvorfor"')
    return out


def with_ways(missing: Iterable[Missing]) -> tuple[Missing, ...]:
    """Name the option where a command is how it is mended."""
    return tuple(replace(one, way_out=WITH_REASON) if one.code == REASONED else one for one in missing)


def missing_text(one: Missing) -> str:
    """Say what is missing, who can mend it, and whether a reason is enough."""
    if one.code == REASONED:
        return f"{one.text.rstrip('.')}: {WITH_REASON}"
    owner = f"ansvar: {one.owner_title}" if one.owner else ""
    marks = "; ".join(filter(None, (owner, "kan tilsidesættes" if one.may_override else "")))
    return f"{one.text} ({marks})" if marks else one.text
