"""How dates, numbers and names are written and ordered in Danish, whatever the machine's locale; decides nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

from ..errors import InvalidInput

WEEKDAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
MONTHS = (
    "januar",
    "februar",
    "marts",
    "april",
    "maj",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "december",
)
_SLUG = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe"})
# Decomposed letters in the order of the alphabet: { | } follow z in ASCII and stand for æ ø å.
_ALPHABET = (
    ("a\u030a", "}"),
    ("a\u0308", "{"),
    ("o\u0308", "|"),
    ("u\u0308", "y"),
    ("æ", "{"),
    ("ø", "|"),
    ("aa", "}"),
)
_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)


def weekday_name(day: date) -> str:
    """Name the weekday: ``fredag``."""
    return WEEKDAYS[day.weekday()]


def month_name(day: date) -> str:
    """Name the month: ``september``."""
    return MONTHS[day.month - 1]


def long_date(day: date) -> str:
    """Write ``fredag den 20. september 2019``."""
    return f"{weekday_name(day)} den {_plain_date(day)}"


def short_date(day: date) -> str:
    """Write ``20.9.2019``, without leading zeros."""
    return f"{day.day}.{day.month}.{day.year}"


def with_week(day: date) -> str:
    """Write ``fredag den 20. september 2019 (uge 38)``."""
    return f"{long_date(day)} (uge {day.isocalendar().week})"


def clock(at: time) -> str:
    """Write ``kl. 9.00``."""
    return f"kl. {at.hour}.{at.minute:02d}"


def period(start: date, end: date) -> str:
    """Write a period, both days included, in the shortest usual form.

    ``20. september 2019``, ``2.-20. september 2019``, ``20. september til 3. oktober 2019``; whole months as
    ``september 2019`` and ``august 2019 til oktober 2019``. Raises InvalidInput when it ends before it starts.
    """
    if end < start:
        raise InvalidInput("end", f"{end} is before the start {start}; swap them")
    same_month = (start.year, start.month) == (end.year, end.month)
    if start.day == 1 and _is_last_of_month(end):
        return _month_year(end) if same_month else f"{_month_year(start)} til {_month_year(end)}"
    if start == end:
        return _plain_date(end)
    if same_month:
        return f"{start.day}.-{_plain_date(end)}"
    first = f"{start.day}. {month_name(start)}" if start.year == end.year else _plain_date(start)
    return f"{first} til {_plain_date(end)}"


def join_and(words: Sequence[str]) -> str:
    """Join words as ``a, b og c``; nothing gives an empty text."""
    return " og ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def number(value: int | float | Decimal, decimals: int | None = None) -> str:
    """Write ``1.234,5``: full stop for thousands, decimal comma.

    Without ``decimals`` every decimal of the value that is not a trailing zero; with it, exactly so many, halves
    rounded away from zero. Raises InvalidInput for infinity and for what is no number.
    """
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise InvalidInput("value", f"{value} cannot be written as a number")
    if decimals is not None:
        exact = exact.quantize(Decimal(1).scaleb(-decimals), context=_EXACT)
    text = f"{exact or abs(exact):,f}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,"))


def plural(n: int, one: str, many: str) -> str:
    """Write a count with its noun: ``1 dag``, ``0 dage``, ``1.200 dage``."""
    return f"{number(n)} {one if abs(n) == 1 else many}"


def fold(text: str) -> str:
    """Give the form in which texts are compared: composed (NFC) and without case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def sort_key(text: str) -> tuple[str, str]:
    """Give the key that sorts names as Danes do: æ, ø, å after z, aa as å, other accents as their letter.

    Texts that sort alike (Århus, Aarhus) are told apart by their folded form, so that the order is one.
    """
    key = unicodedata.normalize("NFD", text.casefold())
    for letters, place in _ALPHABET:
        key = key.replace(letters, place)
    return "".join(mark for mark in key if not unicodedata.combining(mark)), fold(text)


def slug(text: str) -> str:
    """Give an ASCII name for addresses and files: æ as ae, ø as oe, å as aa, the rest joined by hyphens.

    Raises InvalidInput when no letter or digit is left.
    """
    spelled = unicodedata.normalize("NFKD", fold(text).translate(_SLUG))
    letters = "".join(mark for mark in spelled if not unicodedata.combining(mark))
    found = "-".join(re.findall(r"[a-z0-9]+", letters.lower()))
    if not found:
        raise InvalidInput("text", f"{text!r} has no letter or digit to make a name of; write one")
    return found


def _plain_date(day: date) -> str:
    return f"{day.day}. {_month_year(day)}"


def _month_year(day: date) -> str:
    return f"{month_name(day)} {day.year}"


def _is_last_of_month(day: date) -> bool:
    return day == date.max or (day + timedelta(days=1)).day == 1
