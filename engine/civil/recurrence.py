"""Days that come again by a rule of RFC 5545 within a window; the rule is *dateutil*'s to read, its limits are ours.

Only whole days, at most one a day: FREQ is WEEKLY, MONTHLY or YEARLY (every quarter is MONTHLY;INTERVAL=3). What could
never come to pass in all of time is refused, because *dateutil* 2.9 looks for it until the year 9999.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from itertools import islice, takewhile

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

MOST = 400
"""No rule gives more days than this."""

_DAYS = "(MO|TU|WE|TH|FR|SA|SU)"
_VALUES: Mapping[str, str] = {
    "FREQ": r"WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9][0-9]?",
    "COUNT": r"[1-9][0-9]?|[1-3][0-9]{2}|400",
    # All with a number or none: of "MO,1TU" dateutil 2.9 finds no day at all.
    "BYDAY": rf"{_DAYS}(,{_DAYS})*|[+-]?[1-5]{_DAYS}(,[+-]?[1-5]{_DAYS})*",
    "BYMONTHDAY": r"-?([1-9]|1[0-9]|2[0-8])(,-?([1-9]|1[0-9]|2[0-8]))*",
    "BYMONTH": r"([1-9]|1[0-2])(,([1-9]|1[0-2]))*",
    "BYSETPOS": r"-?[1-4]",
}
_ORDINAL = re.compile("[1-5]")


def rule_mistake(rule: str) -> str:
    """Say in Danish what is wrong with a rule; empty where nothing is."""
    parts = [part.partition("=") for part in rule.split(";")]
    names = [name for name, _, _ in parts]
    for name, _, value in parts:
        if name not in _VALUES:
            return f"kender ikke {name[:40]!r}; brug {', '.join(_VALUES)}, f.eks. FREQ=MONTHLY;BYDAY=1TU"
        if not re.fullmatch(_VALUES[name], value):
            return f"kan ikke læse {name}={value[:40]}; {_HINTS[name]}"
    if len(set(names)) < len(names) or "FREQ" not in names:
        return "en regel har FREQ og hver af de andre dele højst én gang, f.eks. FREQ=MONTHLY;BYDAY=1TU"
    return _cannot_be({name: value for name, _, value in parts})


def occurrences(rule: str, first: date, last: date) -> tuple[date, ...]:
    """Give the days of a rule from the first day of a window to its last, MOST of them at most.

    ``INTERVAL`` and ``COUNT`` count from the first day of the window. The rule is one without mistakes.
    """
    found = rrulestr(rule, dtstart=datetime.combine(first, time.min))
    days = (one.date() for one in islice(found, MOST))
    return tuple(takewhile(lambda day: day <= last, days))


def _cannot_be(parts: Mapping[str, str]) -> str:
    """Refuse parts that do not go together, so that every rule comes to pass."""
    weekly, ordinal = parts["FREQ"] == "WEEKLY", bool(_ORDINAL.search(parts.get("BYDAY", "")))
    if weekly and (ordinal or parts.keys() & {"BYMONTHDAY", "BYSETPOS"}):
        return "med FREQ=WEEKLY skrives kun ugedage, f.eks. FREQ=WEEKLY;BYDAY=TU; brug ellers FREQ=MONTHLY"
    if "BYMONTHDAY" in parts and parts.keys() & {"BYDAY", "BYSETPOS"}:
        return "BYMONTHDAY går ikke sammen med BYDAY og BYSETPOS; vælg en dato i måneden eller en ugedag"
    if "BYSETPOS" in parts and (ordinal or "BYDAY" not in parts):
        return "BYSETPOS vælger mellem ugedage uden tal, f.eks. FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
    if "BYMONTH" in parts and parts["FREQ"] != "YEARLY" and "INTERVAL" in parts:
        return "BYMONTH går ikke sammen med INTERVAL her; skriv FREQ=YEARLY med de måneder, det gælder"
    return ""


_HINTS: Mapping[str, str] = {
    "FREQ": "skriv WEEKLY, MONTHLY eller YEARLY (hvert kvartal er FREQ=MONTHLY;INTERVAL=3)",
    "INTERVAL": "skriv et tal fra 1 til 99",
    "COUNT": f"skriv et tal fra 1 til {MOST}",
    "BYDAY": "skriv ugedage som MO,TU,WE,TH,FR,SA,SU, med et tal foran for den første eller sidste: 1TU, -1FR",
    "BYMONTHDAY": "skriv dage fra 1 til 28, eller fra -1 (den sidste) til -28",
    "BYMONTH": "skriv måneder fra 1 til 12",
    "BYSETPOS": "skriv et tal fra 1 til 4, eller fra -1 (den sidste) til -4",
}
