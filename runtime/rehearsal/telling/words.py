"""Tells a rehearsal in Danish, line by line, calmly: first what there is to look at, then the course; decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from ....engine.civil.danish import month_name, number, period, plural, short_date
from ...views.words import plain
from .values import Held, Load, Mailbox, Rehearsal, Unmet

MOST_MAILBOXES = 12
BUSY = 5
"""Mails to one person in one week that are many."""

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
    if one.kommuner:
        yield "Kommuner: " + "; ".join(f"{taker.name} ({taker.state.lower()})" for taker in one.kommuner)
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


def _worth_a_look(one: Rehearsal) -> Iterator[str]:
    """Give what an author may want to mend, the worst first."""
    for unmet in one.unmet:
        yield from _unmet(unmet)
    for nobody in one.nobody:
        mails = plural(nobody.mails, "mail", "mails")
        yield f"{mails} kom ikke frem: ingen har rollen {plain(nobody.role)} ({nobody.text})"
    for collision in one.collisions:
        yield f"{short_date(collision.on)}: {collision.text}"
    for override in one.overrides:
        where = f" ({override.kommune})" if override.kommune else ""
        yield f"{short_date(override.on)}: {override.title}{where}: »{override.step}« blev tilsidesat"
        yield from (f"  {why}" for why in override.why)
    if one.failed:
        yield f"{plural(one.failed, 'påmindelse eller mail', 'påmindelser eller mails')} mislykkedes"
    yield from (f"Doktoren fandt: {finding}" for finding in one.findings)


def _unmet(unmet: Unmet) -> Iterator[str]:
    where = f" ({unmet.kommune})" if unmet.kommune else ""
    days = plural(unmet.days, "dag", "dage")
    yield f"{unmet.title}{where} {_UNMET[unmet.code].format(days=days)}"
    yield from (f"  {why}" for why in unmet.why)


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
    return f"{plain(load.role).capitalize()}{held_by}: {activities} og {mails}; {busiest}"


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
