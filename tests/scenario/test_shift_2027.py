"""Programme 000 on its own dates and eight years later: every dated item, where it lies and the Danish reason why.

The days of 2027 and 2028 stand here as literals: 417 weeks after the original's, months 96 months after, and off closed
days. ``easter`` and ``is_closed`` below are a calendar of their own, which shares nothing with the engine's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from .world import ENROLLED, ME, World, start

D = date
OURS = "Dokumentet siger det ikke; det er vores forslag. "
WEEKS = " Flyttet 417 uger frem, fordi programmet er flyttet."
MONTHS = OURS + "Flyttet 96 hele måneder frem, fordi programmet er flyttet."
OPENING = "»Fælles opstartsmøde for de fire projektkommuner«"
INVITED = (
    OURS + "Ligger efter »Invitation til alle landets kommuner«, som slutter mandag den 30. august 2027. Ligger før "
)
EARLY = " Ligger uden for programmets periode: tirsdag den 31. august 2027."
TRAINED = "»Uddannelsesdag 1 i samskabt styring«, som slutter torsdag den 30. september 2027."
WORKSHOP = INVITED + (
    "»Temadag om strategisk kompetenceudvikling (øst)«, som begynder onsdag den 22. september 2027." + EARLY
)
AFTER_OPENING = OURS + (
    f"Ligger efter {OPENING}, som slutter fredag den 17. september 2027. "
    "Ligger før »Lokalt opstartsmøde i projektkommunen«, som begynder mandag den 25. oktober 2027."
)
FIRST_STEP = "»Første skridt i samskabt styring«, som slutter mandag den 8. november 2027."

IN_2027 = {
    "invitation": (
        D(2027, 8, 11),
        D(2027, 8, 30),
        OURS.rstrip() + WEEKS + " Ligger uden for programmets periode: onsdag den 11. august 2027.",
    ),
    "udvaelgelse": (
        D(2027, 8, 31),
        D(2027, 9, 16),
        f"{INVITED}{OPENING}, som begynder fredag den 17. september 2027.{EARLY}",
    ),
    "opstartsmoede": (D(2027, 9, 17), D(2027, 9, 17), "Står i dokumentet: fredag den 20. september 2019." + WEEKS),
    "uddannelsesdag_1": (D(2027, 9, 30), D(2027, 9, 30), "Står i dokumentet: torsdag den 3. oktober 2019." + WEEKS),
    "fagprofil_workshops": (D(2027, 8, 31), D(2027, 9, 21), WORKSHOP),
    "fagprofil_workshops#2": (D(2027, 8, 31), D(2027, 9, 21), WORKSHOP),
    "temadag_oest": (D(2027, 9, 22), D(2027, 9, 22), "Står i dokumentet: onsdag den 25. september 2019." + WEEKS),
    "temadag_vest": (D(2027, 9, 23), D(2027, 9, 23), "Står i dokumentet: torsdag den 26. september 2019." + WEEKS),
    "maalepunkter": (
        D(2027, 9, 24),
        D(2027, 9, 24),
        f"{OURS}1 uge efter {OPENING}, som slutter fredag den 17. september 2027.",
    ),
    "uddannelsesdag_2": (D(2027, 11, 11), D(2027, 11, 11), f"{OURS}6 uger efter {TRAINED}"),
    "uddannelsesdag_3": (
        D(2028, 1, 20),
        D(2028, 1, 20),
        f"{OURS}10 uger efter »Uddannelsesdag 2 i samskabt styring«, som slutter torsdag den 11. november 2027.",
    ),
    "selvstaendige_temadage": (D(2028, 3, 1), D(2028, 3, 31), MONTHS),
    "temadag_undervejs": (D(2028, 5, 1), D(2028, 5, 31), MONTHS),
    "formidling": (D(2027, 10, 1), D(2028, 7, 31), OURS + "Ligger i sin fase."),
    "opsamling": (D(2028, 8, 1), D(2028, 10, 31), MONTHS),
    "afsluttende_temadag": (D(2028, 11, 1), D(2028, 11, 30), MONTHS),
    "rammesaetning": (D(2027, 9, 18), D(2027, 10, 24), AFTER_OPENING),
    "udpegning_af_konsulenter": (
        D(2027, 9, 17),
        D(2027, 9, 29),
        OURS
        + "Ligger efter »Udvælgelse af fire kommuner (størrelse og geografisk spredning)«, som slutter torsdag den "
        "16. september 2027. Ligger før »Uddannelsesdag 1 i samskabt styring«, som begynder torsdag den 30. september "
        "2027.",
    ),
    "resultatmaal": (D(2027, 10, 1), D(2027, 10, 31), MONTHS),
    "baselinemaaling": (D(2027, 9, 18), D(2027, 10, 24), AFTER_OPENING),
    "resultatmonitorering": (D(2027, 9, 1), D(2028, 12, 31), MONTHS),
    "lokalt_opstartsmoede": (
        D(2027, 10, 25),
        D(2027, 10, 25),
        f"{OURS}3 uger efter {TRAINED} Flyttet fra torsdag den 21. oktober 2027 til mandag den 25. oktober 2027, "
        "fordi 21. oktober er lukket (uge 42 er lukket).",
    ),
    "foerste_skridt": (
        D(2027, 11, 8),
        D(2027, 11, 8),
        f"{OURS}2 uger efter »Lokalt opstartsmøde i projektkommunen«, som slutter mandag den 25. oktober 2027.",
    ),
    "videre_proces": (D(2027, 11, 1), D(2028, 3, 31), MONTHS),
    "implementering": (D(2028, 2, 1), D(2028, 7, 31), MONTHS),
    "sparring": (D(2027, 12, 6), D(2027, 12, 6), f"{OURS}4 uger efter {FIRST_STEP}"),
    "kommunebesoeg": (D(2028, 1, 17), D(2028, 1, 17), f"{OURS}10 uger efter {FIRST_STEP}"),
    "brug_af_evalueringen": (
        D(2028, 5, 8),
        D(2028, 5, 8),
        OURS + "4 uger efter »Midtvejsevaluering«, som slutter søndag den 9. april 2028. Flyttet fra søndag den 7. maj "
        "2028 til mandag den 8. maj 2028, fordi 7. maj er lukket (weekend).",
    ),
    "kommunernes_formidling": (D(2027, 10, 1), D(2028, 7, 31), OURS + "Ligger i sin fase."),
    "baseline": (
        D(2027, 9, 27),
        D(2027, 10, 10),
        f"{OURS}10 dage efter {OPENING}, som slutter fredag den 17. september 2027. Skal være slut senest søndag den "
        "7. november 2027, dagen før »Første skridt i samskabt styring«; bagefter kan den ikke tages.",
    ),
    "midtvejsevaluering": (
        D(2028, 3, 27),
        D(2028, 4, 9),
        OURS + "Midt mellem søndag den 10. oktober 2027 og mandag den 18. september 2028. Flyttet fra fredag den 24. "
        "marts 2028 til mandag den 27. marts 2028, så vinduet er lige så langt og begynder på samme ugedag som "
        "»Baseline ved projektopstart«.",
    ),
    "afsluttende_evaluering": (D(2028, 9, 18), D(2028, 10, 1), OURS.rstrip() + WEEKS),
}

FIXED_IN_2019 = {
    "opstartsmoede": D(2019, 9, 20),
    "temadag_oest": D(2019, 9, 25),
    "temadag_vest": D(2019, 9, 26),
    "uddannelsesdag_1": D(2019, 10, 3),
    "afsluttende_evaluering": D(2020, 9, 21),
}


@dataclass(frozen=True, slots=True)
class Item:
    """Where an item lies, and why."""

    kind: str
    start: date
    end: date
    why: str


def easter(year: int) -> date:
    """Find Easter Sunday by the anonymous Gregorian computus."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    rest = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * rest) // 451
    month, day = divmod(h + rest - 7 * m + 114, 31)
    return date(year, month, day + 1)


def is_closed(day: date) -> bool:
    """Tell whether no meeting is held: weekend, a holiday since 2024, a usual day off, or a closed week."""
    movable = {easter(day.year) + timedelta(days=days) for days in (-3, -2, 0, 1, 39, 49, 50)}
    fixed = {(1, 1), (5, 1), (6, 5), (12, 24), (12, 25), (12, 26), (12, 31)}
    is_off = day in movable or (day.month, day.day) in fixed or day.isoweekday() > 5
    return is_off or day.isocalendar().week in (1, 7, 28, 29, 30, 42, 52, 53)


def items(world: World, kommune: str = "Læsø") -> dict[str, Item]:
    """Give every dated item of the programme's own level and of one kommune."""
    number = world.kommune(kommune)
    with world.engine.context.store.read() as reader:
        rows = [one for one in reader.instances(world.programme) if one.parent_id in (world.programme, number)]
    found = {}
    for one in rows:
        if one.kind not in ("kommune", "deliverable"):
            assert one.dates.planned_start is not None and one.dates.planned_end is not None
            found[one.key] = Item(one.kind, one.dates.planned_start, one.dates.planned_end, one.dates.reason)
    return found


def windows(world: World) -> dict[str, tuple[str, str]]:
    """Give the programme's windows: name -> first and last day."""
    stored = world.engine.show(world.programme).data["vinduer"]
    assert isinstance(stored, dict)
    return {name: (str(pair[0]), str(pair[1])) for name, pair in stored.items() if isinstance(pair, list)}


@pytest.fixture
def later(open_at: Callable[..., World]) -> World:
    """Start the programme anew in August 2027, and choose its kommuner on 1 September 2027."""
    world = open_at("senere")
    world.clock.move_to(datetime(2027, 8, 11, 8, tzinfo=UTC))
    start(world, on=date(2027, 8, 14))
    for name in ENROLLED:
        world.engine.programmes.enrol(world.programme, name, actor=ME)
    world.clock.move_to(datetime(2027, 9, 1, 8, tzinfo=UTC))
    world.engine.programmes.choose(world.programme, actor=ME)
    return world


def test_every_item_of_2027_lies_where_the_calendar_says_and_tells_why(later: World) -> None:
    """All 32 dated items, with the whole Danish reason each."""
    found = {key: (item.start, item.end, item.why) for key, item in items(later).items()}
    for key, expected in IN_2027.items():
        assert found[key] == expected, key
    assert found.keys() == IN_2027.keys()


def test_days_move_by_whole_weeks_and_months_by_whole_months(later: World, world: World) -> None:
    """Fixed days keep their weekday, 417 weeks on; month windows begin on the same day of the month, eight years on."""
    before, after = items(world), items(later)
    for key, day in FIXED_IN_2019.items():
        assert before[key].start == day
        assert after[key].start == day + timedelta(weeks=417)
        assert after[key].start.isoweekday() == day.isoweekday()
    months = [key for key, item in after.items() if item.why == MONTHS]
    assert len(months) == 8
    for key in months:
        assert after[key].start == before[key].start.replace(year=before[key].start.year + 8)
        assert (after[key].end + timedelta(days=1)).day == 1


@pytest.mark.parametrize("is_later", [False, True])
def test_no_meeting_with_a_day_lies_on_a_closed_day(later: World, world: World, is_later: bool) -> None:
    """By a calendar of our own: every meeting that has one day is on an open day, and only a closed day is left."""
    found = items(later if is_later else world)
    single = {key: item for key, item in found.items() if item.kind == "meeting" and item.start == item.end}
    assert len(single) == 11
    assert [key for key, item in single.items() if is_closed(item.start)] == []
    moved = {key for key, item in found.items() if "er lukket" in item.why}
    assert moved == {"brug_af_evalueringen", *(["lokalt_opstartsmoede"] if is_later else [])}
    assert is_closed(date(2027, 10, 21)) and not is_closed(date(2027, 10, 25))


def test_a_day_that_lands_on_a_holiday_moves_with_the_holidays_name(open_at: Callable[..., World]) -> None:
    """Started so that 20 September falls on Good Friday 2028, the meeting is on the Tuesday after Easter."""
    world = open_at("paaske")
    world.clock.move_to(datetime(2028, 2, 24, 8, tzinfo=UTC))
    start(world, on=date(2019, 8, 14) + timedelta(weeks=447))
    found = world.engine.show(world.activity("opstartsmoede")).dates
    assert easter(2028) - timedelta(days=2) == date(2019, 9, 20) + timedelta(weeks=447) == date(2028, 4, 14)
    assert found.planned_start == date(2028, 4, 18)
    assert found.reason == (
        "Står i dokumentet: fredag den 20. september 2019. Flyttet 447 uger frem, fordi programmet er flyttet. "
        "Flyttet fra fredag den 14. april 2028 til tirsdag den 18. april 2028, "
        "fordi 14. april er lukket (helligdag: langfredag)."
    )


def test_the_laws_own_day_does_not_move(later: World, world: World) -> None:
    """The law came into force on 1 January 2020, whenever the programme is held."""
    assert windows(later)["ny_lov"] == windows(world)["ny_lov"] == ("2020-01-01", "2020-01-01")


def test_the_windows_of_the_original_and_of_2027(later: World, world: World) -> None:
    """Phases overlap before and after the shift; the deadline is a Monday both times."""
    original = {
        "enrolment": ("2019-09-02", "2019-09-02"),
        "period": ("2019-09-01", "2020-12-31"),
        "forberedelse": ("2019-08-01", "2019-10-31"),
        "udvikling": ("2019-10-01", "2020-07-31"),
        "afslutning": ("2020-06-01", "2020-12-31"),
        "hele": ("2019-08-01", "2020-12-31"),
        "ny_lov": ("2020-01-01", "2020-01-01"),
    }
    assert windows(world) == original
    assert windows(later) == {
        "enrolment": ("2027-08-30", "2027-08-30"),
        "period": ("2027-09-01", "2028-12-31"),
        "forberedelse": ("2027-08-01", "2027-10-31"),
        "udvikling": ("2027-10-01", "2028-07-31"),
        "afslutning": ("2028-06-01", "2028-12-31"),
        "hele": ("2027-08-01", "2028-12-31"),
        "ny_lov": ("2020-01-01", "2020-01-01"),
    }
    assert date(2019, 9, 2).isoweekday() == date(2027, 8, 30).isoweekday() == 1


def test_two_phases_are_in_progress_at_once(world: World) -> None:
    """In October both the first and the second phase run, in June 2020 the second and the third.

    Nobody has said what became of the first one's meetings, so the calendar alone does not end it.
    """
    world.live_until(date(2019, 10, 15))
    fase = {name: world.state(world.programme, f"fase_{name}") for name in ("forberedelse", "udvikling", "afslutning")}
    assert fase == {"forberedelse": "i_gang", "udvikling": "i_gang", "afslutning": "venter"}
    world.live_until(date(2020, 6, 15))
    assert world.state(world.programme, "fase_forberedelse") == "i_gang"
    world.engine.advance(
        world.programme, "fase_forberedelse.afslut", actor=ME, override=True, reason="Møderne er holdt"
    )
    fase = {name: world.state(world.programme, f"fase_{name}") for name in fase}
    assert fase == {"forberedelse": "afsluttet", "udvikling": "i_gang", "afslutning": "i_gang"}


@pytest.mark.parametrize("is_later", [False, True])
def test_the_three_evaluations_lie_as_the_document_wants(later: World, world: World, is_later: bool) -> None:
    """Baseline after the selection and before the first local step; midway near the middle, all of them alike."""
    found = items(later if is_later else world)
    baseline, midway, last = (found[key] for key in ("baseline", "midtvejsevaluering", "afsluttende_evaluering"))
    assert found["udvaelgelse"].end < baseline.start
    assert baseline.end < found["lokalt_opstartsmoede"].start < found["foerste_skridt"].start
    before, after = (midway.start - baseline.end).days, (last.start - midway.end).days
    assert abs(before - after) <= 7
    assert {(one.end - one.start).days + 1 for one in (baseline, midway, last)} == {14}
    assert {one.start.isoweekday() for one in (baseline, midway, last)} == {1}
    days = [one.start + timedelta(days=place) for one in (baseline, midway, last) for place in range(14)]
    assert [day for day in days if day.isoweekday() < 6 and is_closed(day)] == []
    assert midway.start == (date(2028, 3, 27) if is_later else date(2020, 3, 23))


def test_midway_lies_outside_easter_and_says_so(world: World) -> None:
    """In 2020 the middle fell on skærtorsdag and langfredag; the week before has neither."""
    assert easter(2020) - timedelta(days=3) == date(2020, 4, 9)
    assert items(world)["midtvejsevaluering"].why == OURS + (
        "Midt mellem søndag den 13. oktober 2019 og mandag den 21. september 2020. Flyttet fra fredag den 27. marts "
        "2020 til mandag den 23. marts 2020, så vinduet er lige så langt og begynder på samme ugedag som »Baseline ved "
        "projektopstart«. Lagt uden om 2 lukkede dage (skærtorsdag og langfredag), for »Baseline ved projektopstart« "
        "rummer ingen."
    )


def test_regions_follow_the_day_of_the_choice(later: World, world: World) -> None:
    """In 2019 Greve stands for Region Sjælland; in 2027 Region Østdanmark has København and Ballerup already."""
    then, now = reasons(world), reasons(later)
    assert "Region Sjælland" in then["Greve"] and "Region Hovedstaden" in then["København"]
    assert now["Greve"].startswith("Region Østdanmark er allerede repræsenteret af København og Ballerup.")
    assert (world.state(world.kommune("Greve"), "forloeb"), later.state(later.kommune("Greve"), "forloeb")) == (
        "deltager",
        "ikke_valgt",
    )
    assert not any("Østdanmark" in why for why in then.values())
    assert not any("Sjælland" in why or "Hovedstaden" in why for why in now.values())


def reasons(world: World) -> dict[str, str]:
    """Give why each kommune was chosen or not."""
    with world.engine.context.store.read() as reader:
        return {one.title: str(one.data["begrundelse"]) for one in reader.instances(world.programme, "kommune")}
