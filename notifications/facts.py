"""What a mail may say about its row: the values of the placeholders, in Danish; knows no texts and no headers.

Only what has a placeholder can get into a mail, so a mail never tells more than title, date, place and link.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time

from ..engine.civil.danish import clock, join_and, period, plural, short_date, with_week
from ..engine.civil.instants import local
from ..engine.civil.windows import WHOLE_MONTHS
from ..engine.values import Dates, Json, OutboxRow, Recipient
from .texts import KNOWN_PLACEHOLDERS, one_line
from .writing.values import Named

REASON = "derfor"
"""The value, and the fact, that says in a whole sentence why somebody gets a mail who is in no role for it."""

LISTS = frozenset({"forsinket", "kommer", "mangler"})
"""Values that may be several: a list in the mail where they stand behind a dash of their own, else in one line."""

_NOBODY = Named()
_DATED = frozenset({"dato", "frist", "tidligere"})
_NOT_A_PERSON = re.compile(
    r"cente?r|sekretariat|kommune|afdeling|forvaltning|postkasse|kontor|\b(info|post|projekt|stab|team|udvalg)\b",
    re.IGNORECASE,
)
_SUBTITLE = re.compile(r"\s+[–—-]\s+.*", re.DOTALL)


def facts(row: OutboxRow, recipient: Recipient, now: datetime, named: Named = _NOBODY) -> Mapping[str, str]:
    """Give the known placeholder -> its text; a placeholder without a value is left out.

    The nudge's own values win. ``dato``, ``frist`` and ``tidligere`` may be ISO days or aware ISO instants, ``kl`` an
    ISO time, ``dage`` a number; anything else is taken as it is written. Days are counted from ``now`` in Denmark.
    """
    given = {key: value for key, value in row.nudge.values.items() if key in KNOWN_PLACEHOLDERS}
    found = {
        "titel": row.title,
        "program": row.programme_title,
        "program_kort": named.programme or _SUBTITLE.sub("", row.programme_title),
        "kommune": row.kommune_name or row.kommune or "",
        "navn": first_name(recipient.name) or "",
        "rolle": named.role or ("deltager" if ":" in row.nudge.role else row.nudge.role.replace("_", " ")),
        "ansvarlig": join_and([one.name for one in named.in_charge if one.person_id != recipient.person_id]),
        **_from_dates(row.dates, now),
    }
    for key, value in given.items():
        found.update(_from_value(key, value, now))
    if "kl" in found and (ends := _clock(str(row.nudge.values.get("slut_kl") or ""))):
        found["kl"] = f"{found['kl']}-{ends.removeprefix('kl. ')}"
    if "dato" in found:
        last = _last_day(row.nudge.values.get("slut"), row.nudge.values.get("dato"))
        found.setdefault("hvornaar", ", ".join(filter(None, (found["dato"] + last, found.get("kl", "")))))
    found[REASON] = _another_reason(row, recipient)
    found["hvorfor"] = (found[REASON] or f"du er registreret som {standing(found)}") + (
        f" ({found['hvorfor']})" if found.get("hvorfor") else ""
    )
    return {key: one_line(value) for key, value in found.items() if one_line(value)}


def listed(row: OutboxRow, name: str) -> tuple[str, ...]:
    """Give the several values of a placeholder; none where there is but one."""
    match row.nudge.values.get(name):
        case [*several]:
            return tuple(one_line(str(one)) for one in several)
        case str(said) if name in LISTS and "; " in said:
            return tuple(map(one_line, said.split("; ")))
        case _:
            return ()


def _another_reason(row: OutboxRow, recipient: Recipient) -> str:
    """Say why somebody gets a mail who is not in the role; empty for all others."""
    if recipient.stands_in_for:
        until = f" til og med {short_date(recipient.until)}" if recipient.until else ""
        return f"du tager over for {recipient.stands_in_for}{until}"
    given = row.nudge.values.get(REASON)
    return given if isinstance(given, str) else ""


def first_name(name: str) -> str | None:
    """Give a person's first name, or None when the name looks like an office or a shared mailbox."""
    words = one_line(name).split()
    if len(words) < 2 or _NOT_A_PERSON.search(name) or not all(word[0].isalpha() for word in words):
        return None
    return words[0] if words[0][0].isupper() and words[-1][0].isupper() else None


def standing(found: Mapping[str, str]) -> str:
    """Say as what, for whom and in which programme somebody is registered, from the facts of a row."""
    place = f" for {found['kommune']}" if found.get("kommune") else ""
    return f"{found.get('rolle', 'deltager')}{place} i {found.get('program_kort', 'programmet')}"


def day_of(row: OutboxRow) -> date | None:
    """Give the day that a row is about: its deadline, else its day, else what is planned; None where there is none."""
    for name in ("frist", "dato"):
        try:
            moment = datetime.fromisoformat(str(row.nudge.values.get(name)))
        except ValueError:
            continue
        return local(moment).date() if moment.tzinfo else moment.date()
    return row.dates.actual_start or row.dates.planned_start


def _from_dates(dates: Dates, now: datetime) -> dict[str, str]:
    """Take the day from the instance's own dates; a vague date stays as vague as its source."""
    start, end = dates.actual_start or dates.planned_start, dates.actual_end or dates.planned_end
    if start and not dates.actual_start and dates.precision in WHOLE_MONTHS:
        vague = period(start, end or start)
        return {"dato": vague, "dato_kort": vague}
    return (_day("dato", start, now) if start else {}) | (_day("frist", end, now) if end else {})


def _from_value(key: str, value: Json, now: datetime) -> dict[str, str]:
    match value:
        case [*several] if key in LISTS:
            return {key: "; ".join(map(str, several))}
        case bool() | None | list() | dict():
            return {}
        case int() if key == "dage":
            return {key: _days(value)}
        case str() if key in _DATED:
            return _dated(key, value, now)
        case str() if key == "kl":
            return {key: _clock(value)}
        case _:
            return {key: str(value)}


def _dated(key: str, value: str, now: datetime) -> dict[str, str]:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return {key: value} | ({} if key == "tidligere" else {f"{key}_kort": value})
    if moment.tzinfo is None:
        return _day(key, moment.date(), now)
    there = local(moment)
    return _day(key, there.date(), now) | ({"kl": clock(there.time())} if key == "dato" else {})


def _day(key: str, day: date, now: datetime) -> dict[str, str]:
    match key:
        case "dato":
            days = (day - local(now).date()).days
            return {key: with_week(day), "dato_kort": short_date(day), "om": _distance(days)}
        case "frist":
            return {key: with_week(day), "frist_kort": short_date(day)}
        case _:
            return {key: with_week(day)}


def _clock(value: str) -> str:
    try:
        return clock(time.fromisoformat(value))
    except ValueError:
        return value


def _last_day(last: Json, first: Json) -> str:
    """Say until when something of several days lasts; empty for one day."""
    try:
        day = date.fromisoformat(last) if isinstance(last, str) else None
    except ValueError:
        return ""
    return f" til {with_week(day)}" if day is not None and last != first else ""


def _days(count: int) -> str:
    return plural(abs(count), "dag", "dage")


def _distance(days: int) -> str:
    match days:
        case 0:
            return "i dag"
        case 1:
            return "i morgen"
        case -1:
            return "i går"
        case _:
            return f"om {_days(days)}" if days > 0 else f"for {_days(days)} siden"
