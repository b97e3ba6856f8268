"""Tells a rehearsal in Danish, line by line: first what there is to look at, then the course; decides nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import TypeVar

from ....engine.civil.danish import join_and, month_name, number, period, plural, short_date
from ...views.words import capital, plain
from .values import Collision, Held, Load, Mailbox, Rehearsal, Taker

MOST_MAILBOXES = 12
FEW = 3
"""As many kommuner are named, and as many reasons given; what is more is counted."""
BUSY = 5
"""Mails to one person in one week that are many."""

_DAY = re.compile(r"(?:(?:man|tirs|ons|tors|fre|lør|søn)dag den )?\b\d+\. [a-zæøå]+(?: \d{4})?")
_UNMET = {
    "aldrig_mulig": "blev aldrig mulig",
    "for_sent": "blev først færdig {days} efter sin sidste dag",
    "for_sent_foedt": "kunne ikke nås; vinduet var forbi {days} før",
    "afvist": "blev afvist",
}


def lines(one: Rehearsal) -> Iterator[str]:
    """Give the whole report."""
    yield f"Prøvekørsel af {one.title} ({one.key}@{one.version})"
    yield f"{period(one.first_on, one.last_on).capitalize()}. Programmet endte som »{one.ended}«."
    for state in dict.fromkeys(taker.state for taker in one.kommuner):
        yield f"{state}: {join_and([_taker(taker) for taker in one.kommuner if taker.state == state])}"
    if one.before_start:
        yield f"Før start: {len(one.before_start)} ({join_and(one.before_start)})"
    yield from _section("Det, du bør se på", _worth_a_look(one), "Intet stødte sammen, og alt kunne nås.")
    yield from _section("Måned for måned", _months(one))
    yield from _section("Mails pr. person", _mails(one.mailboxes), "Ingen fik mails.")
    yield from _section("Belastning pr. rolle", (_load(load) for load in one.loads))
    yield from _section("Åbent ved afslutningen", _open(one), "Intet.")
    yield ""
    yield (
        f"{plural(one.decisions, 'beslutning', 'beslutninger')}, {plural(one.mails, 'mail', 'mails')}, "
        f"{number(round(one.seconds, 1))} sekunder (frø {one.seed})."
    )


def _taker(taker: Taker) -> str:
    """Name a kommune; if it waited in vain, say until when."""
    return f"{taker.name} (på venteliste til {short_date(taker.no_place_on)})" if taker.no_place_on else taker.name


def _worth_a_look(one: Rehearsal) -> Iterator[str]:
    """Give what an author may want to mend, the worst first."""
    yield from _unmet(one)
    for nobody in one.nobody:
        mails = plural(nobody.mails, "mail", "mails")
        yield f"{mails} kom ikke frem: ingen har rollen {plain(nobody.role)} ({nobody.text})"
    yield from _collisions(one)
    yield from _overrides(one)
    if one.failed:
        yield f"{plural(one.failed, 'påmindelse eller mail', 'påmindelser eller mails')} mislykkedes"
    yield from (f"Doktoren fandt: {finding}" for finding in one.findings)


def _unmet(one: Rehearsal) -> Iterator[str]:
    """Tell what was not reached, the same thing in several kommuner once."""
    for (code, title), found in _alike(one.unmet, lambda unmet: (unmet.code, unmet.title)):
        most = plural(max(unmet.days for unmet in found), "dag", "dage")
        days = most if len(found) == 1 else f"op til {most}"
        yield f"{title}{_where(unmet.kommune for unmet in found)} {_UNMET[code].format(days=days)}"
        yield from _whys(unmet.why for unmet in found)


def _overrides(one: Rehearsal) -> Iterator[str]:
    """Tell what was overridden, the same step in several kommuner once; a kommune's own steps by the step alone."""
    for (title, step), found in _alike(
        one.overrides, lambda override: ("" if override.title == override.kommune else override.title, override.step)
    ):
        first, last = short_date(min(each.on for each in found)), short_date(max(each.on for each in found))
        days = first if first == last else f"{first} til {last}"
        what = f"{title}{_where(each.kommune for each in found)}".strip()
        yield f"{days}: {what}: »{step}« blev tilsidesat"
        yield from _whys(each.why for each in found)


def _collisions(one: Rehearsal) -> Iterator[str]:
    """Tell what collided; what differs only by the kommune, its day or its number is told once, by the first."""
    names = "|".join(re.escape(taker.name) for taker in one.kommuner)
    varying = re.compile(rf"(?: \((?:{names or '-'})\)| \(\d+ af \d+\))")

    def kind(collision: Collision) -> tuple[str, str]:
        bare = varying.sub("", collision.text)
        return collision.code, _DAY.sub("", bare)

    for _, found in _alike(one.collisions, kind):
        more = f" ({plural(len(found) - 1, 'gang', 'gange')} til på samme måde)" if len(found) > 1 else ""
        yield f"{short_date(found[0].on)}: {found[0].text}{more}"


def _where(kommuner: Iterable[str | None]) -> str:
    """Name a few kommuner, and count many: `` (12 kommuner)``."""
    names = list(dict.fromkeys(name for name in kommuner if name))
    if not names:
        return ""
    return f" ({len(names)} kommuner)" if len(names) > FEW else f" ({join_and(names)})"


def _whys(found: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Give the first reasons, and how many more there are."""
    whys = list(dict.fromkeys(why for one in found for why in one))
    yield from (f"  {why}" for why in whys[:FEW])
    if len(whys) > FEW:
        yield f"  og {plural(len(whys) - FEW, 'grund', 'grunde')} mere"


_Told = TypeVar("_Told")


def _alike(
    found: Iterable[_Told], kind: Callable[[_Told], tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], list[_Told]]]:
    """Put together what is of one kind, in the order of the first of each."""
    groups: dict[tuple[str, str], list[_Told]] = {}
    for one in found:
        groups.setdefault(kind(one), []).append(one)
    yield from groups.items()


def _months(one: Rehearsal) -> Iterator[str]:
    for month in one.months:
        yield f"{month_name(month.first).capitalize()} {month.first.year}"
        for held, kommuner in _together(month.held):
            days = short_date(held.on) if held.on == held.until else f"{short_date(held.on)}-{short_date(held.until)}"
            where = f" ({', '.join(kommuner)})" if kommuner else ""
            put_off = f"; udsat {plural(held.moved, 'gang', 'gange')}" if held.moved else ""
            yield f"  {days}  {held.title}{where}{put_off}"


def _together(held: Iterable[Held]) -> Iterator[tuple[Held, list[str]]]:
    """Tell what several kommuner did on the same days in one line."""
    found: dict[tuple[date, date, str, int], tuple[Held, list[str]]] = {}
    for one in held:
        known = found.setdefault((one.on, one.until, one.title, one.moved), (one, []))
        if one.kommune:
            known[1].append(one.kommune)
    yield from found.values()


def _mails(mailboxes: tuple[Mailbox, ...]) -> Iterator[str]:
    for one in mailboxes[:MOST_MAILBOXES]:
        busy = " (mange)" if one.most >= BUSY else ""
        week = one.busiest_week.isocalendar()
        most = f"flest i uge {week.week} {week.year}: {one.most}{busy}"
        yield f"{one.person}: {plural(one.mails, 'mail', 'mails')}; {most}"
    rest = mailboxes[MOST_MAILBOXES:]
    if rest:
        highest = plural(max(one.most for one in rest), "mail", "mails")
        yield f"{plural(len(rest), 'person', 'personer')} mere, hver højst {highest} på en uge"


def _load(load: Load) -> str:
    week = load.busiest
    when = week.monday.isocalendar()
    activities = plural(load.activities, "aktivitet", "aktiviteter")
    mails = plural(load.mails, "mail", "mails")
    held_by = f" ({plural(load.holders, 'person', 'personer')})" if load.holders > 1 else ""
    busiest = f"travlest i uge {when.week} {when.year} ({week.activities} og {week.mails})"
    return f"{capital(load.title)}{held_by}: {activities} og {mails}; {busiest}"


def _open(one: Rehearsal) -> Iterator[str]:
    for still in one.still_open:
        where = f" ({still.kommune})" if still.kommune else ""
        yield f"{still.title}{where}: {still.state.lower()}"


def _section(title: str, found: Iterable[str], otherwise: str = "") -> Iterator[str]:
    body = list(found) or ([otherwise] if otherwise else [])
    if body:
        yield ""
        yield title
        yield from (f"  {line}" for line in body)
