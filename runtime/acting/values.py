"""What a link shows and what it led to, as values in Danish; knows no markup and no table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

STEP, REPLY = "skridt", "svar"
"""The actions of links about an instance: a step of it, an answer to an invitation."""

MAILS, AWAY, FEED, SIDE = "mails", "fravaer", "kalender", "side"
"""The actions of the links at the foot of a mail."""

NOTHING: Mapping[str, str] = MappingProxyType({})


class Standing(StrEnum):
    """Whether a link may still be used, and if not, why."""

    OPEN = "open"
    DONE = "done"
    OVER = "over"
    EXPIRED = "expired"
    REVOKED = "revoked"
    NOT_YOURS = "not_yours"


@dataclass(frozen=True, slots=True)
class Field:
    """Something that may be filled in. ``type``: text, lines, number, bool, date, choice (with ``options``), or check.

    A check may ask for more: ``asks`` are the boxes beside it, ``dag`` and ``note``, which are called
    ``<name>.dag`` and ``<name>.note``.
    """

    name: str
    label: str
    type: str = "text"
    required: bool = False
    hint: str = ""
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that may be done with a link; ``missing`` says what stands in its way, and ``may`` if it is possible.

    ``told`` is what will happen, in a sentence; ``button`` what stands on the button.
    """

    key: str
    title: str
    button: str = "Registrér det"
    told: str = ""
    fields: tuple[Field, ...] = ()
    missing: tuple[str, ...] = ()
    may: bool = True


@dataclass(frozen=True, slots=True)
class Done:
    """What a link has done, and when; ``is_repeat`` where it was done before, by the ``choice`` named.

    ``wrong`` says what was asked for instead and not done; ``is_final`` that the link is used up. ``secret`` is that of
    a calendar feed which was made just now: nobody can ask for it again. ``opens`` is that of a link which was made to
    go on with.
    """

    title: str
    said: tuple[str, ...]
    at: datetime
    is_repeat: bool = False
    secret: str | None = None
    choice: str = ""
    wrong: str = ""
    is_final: bool = False
    opens: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A link's page: what it is about, who acts, and what may be done; or why nothing may.

    ``errors`` are those of the last try: field (empty: the whole) -> sentence; ``given`` is what was filled in. It
    ``is_list`` where the choices are things of which one may be opened.
    """

    standing: Standing
    title: str
    person: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    revision: int | None = None
    done: Done | None = None
    chosen: str = ""
    errors: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    given: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    is_list: bool = False
