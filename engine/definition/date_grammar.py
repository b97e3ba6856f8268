"""How authors write dates in Danish: from a string to a rule by a table of forms; evaluates nothing."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from typing import cast

from pydantic import ValidationError

from ..civil.windows import Part, Season
from . import date_rules as r

LONGEST = 200

_MONTHS = "januar februar marts april maj juni juli august september oktober november december"
_WEEKDAYS = "mandag tirsdag onsdag torsdag fredag loerdag soendag"
_NUMBERS = "nul en to tre fire fem seks syv otte ni ti elleve tolv"
_ORDINALS = {"anden": 2, "andet": 2, "tredje": 3, "fjerde": 4, "femte": 5, "sjette": 6}
_PARTS: dict[str, Part] = {
    "primo": "primo",
    "begyndelsen af": "primo",
    "starten af": "primo",
    "medio": "medio",
    "midten af": "medio",
    "ultimo": "ultimo",
    "slutningen af": "ultimo",
    "udgangen af": "ultimo",
}
_SEASONS: dict[str, Season] = {
    "foraar": "foraar",
    "sommer": "sommer",
    "efteraar": "efteraar",
    "vinter": "vinter",
}
_DAY_UNITS: dict[str, tuple[int, r.DayUnit]] = {
    "dag": (1, "dage"),
    "arbejdsdag": (1, "arbejdsdage"),
    "uge": (1, "uger"),
    "maaned": (1, "maaneder"),
    "aar": (12, "maaneder"),
}
_PACES: dict[str, tuple[int, r.Pace]] = {
    "dag": (1, "dage"),
    "uge": (1, "uger"),
    "maaned": (1, "maaneder"),
    "kvartal": (1, "kvartaler"),
    "halvaar": (2, "kvartaler"),
    "aar": (4, "kvartaler"),
}
_STARTS = "(?:ved )?(?:projekt(?:ets )?|programmets )?(?:op)?start"
_ENDS = "(?:ved )?(?:projekt(?:ets )?|programmets )?(?:af)?slut(?:ning)?"
_OPEN = "aaben|aabent|efter behov|ikke fastlagt|fastlaegges senere"
_YEAR = r"(?P<year>(?:19|20|21)\d\d)"
_MONTH = r"(?P<month>(?!(?:fra|til|ved|den|foer)\b)[a-z]{3,9})\.?"
_KEY = r"[A-Za-z][A-Za-z0-9_./-]*"
_CALENDAR_WORD = re.compile(rf"(?<![-\w])(?:{'|'.join(_MONTHS.split())}|(?:{'|'.join(_SEASONS)})(?:et|en)?)(?![-\w])")
_COUNT = r"(?P<amount>\d{1,3}|" + "|".join([*_NUMBERS.split(), "et"]) + ")"

_Match = re.Match[str]
_EXAMPLES = ("20. september 2019", "6 uger efter opstartsmoede", "august 2019 til oktober 2019")
_RANGE_EXAMPLES = ("august 2019 til oktober 2019", "frem til medio 2018", "fra opstartsmoede til slut")
_PACE_EXAMPLES = ("hver 2. uge fra opstartsmoede til slut", "hvert kvartal", "løbende")
_RELATIVE_EXAMPLES = (
    "6 uger efter opstartsmoede",
    "14 arbejdsdage før slut",
    "efter tilmelding og før opstartsmoede",
)


class DateRuleError(ValueError):
    """A date was not understood; the message quotes it, says why and shows three forms that work."""

    def __init__(self, text: str, why: str, examples: tuple[str, ...] = _EXAMPLES) -> None:
        self.text, self.why, self.examples = text, why, examples
        shown = ", ".join(f'"{one}"' for one in examples[:-1])
        super().__init__(f'Datoen "{text}" forstås ikke: {why}. Skriv for eksempel {shown} eller "{examples[-1]}".')


def parse_date_rule(text: str) -> r.DateRule:
    """Return the rule that the author's words mean; the words are kept in its ``text``.

    Case, spaces and the spellings "ø"/"oe" do not matter. Raises DateRuleError.
    """
    words = " ".join(unicodedata.normalize("NFC", text).split())
    if not words or len(words) > LONGEST:
        raise DateRuleError(words[:LONGEST], f"skriv mellem 1 og {LONGEST} tegn")
    plain = _plain(words).lower()
    if _CALENDAR_WORD.search(plain) and not re.search(r"\d{4}", plain):
        raise DateRuleError(words, "året mangler")
    try:
        rule = _rule(_plain(words))
    except _Misread as error:
        raise DateRuleError(words, str(error), _examples_for(words)) from error
    except ValidationError as error:
        why = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise DateRuleError(words, why, _examples_for(words)) from error
    if rule is None:
        raise DateRuleError(words, _hint(plain), _examples_for(words))
    return rule.model_copy(update={"text": words})


class _Misread(ValueError):
    """Why a form that was recognised makes no sense; parse_date_rule turns it into a DateRuleError."""


def _plain(words: str) -> str:
    """Spell æ, ø, å in ASCII; lower-case happens in the forms, because keys of items keep their case."""
    for letter, ascii_letters in (
        ("æ", "ae"),
        ("ø", "oe"),
        ("å", "aa"),
        ("Æ", "ae"),
        ("Ø", "oe"),
        ("Å", "aa"),
    ):
        words = words.replace(letter, ascii_letters)
    return words.replace("—", "–").strip(" ,;")


def _hint(plain: str) -> str:
    """Say what an author may have meant by words that no form takes."""
    if " og " in plain and _CALENDAR_WORD.search(plain):
        return "skriv en periode med til i stedet for og"
    if re.search(r"\b(derefter|herefter|senere|snarest)\b", plain):
        return "det siger ikke hvornår; lad when være tomt, og skriv i plan, hvad det kommer efter"
    return "formen kendes ikke"


def _examples_for(words: str) -> tuple[str, ...]:
    plain = _plain(words).lower()
    if re.search(r"\b(hver|hvert|gange|loebende)\b", plain):
        return _PACE_EXAMPLES
    if re.search(r"\b(efter|foer|derefter|herefter|dage?|uger?|maaneder|arbejdsdage?)\b", plain):
        return _RELATIVE_EXAMPLES
    return _RANGE_EXAMPLES if re.search(r"\b(til|fra)\b|–", plain) else _EXAMPLES


def _rule(words: str) -> r.DateRule | None:
    simple = _absolute(words) or _fixed_words(words) or _relative(words)
    return simple or _recurring(words) or _anchored(words) or _range(words)


def _absolute(words: str) -> r.Absolute | None:
    """Read a day, month, season, part or year; None when it is something else."""
    for form, build in _ABSOLUTE:
        if match := form.fullmatch(words):
            return build(match)
    return None


def _iso_day(match: _Match) -> r.DayRule:
    return r.DayRule(date=_date(int(match["year"]), int(match["month"]), int(match["day"])))


def _written_day(match: _Match) -> r.DayRule:
    day = _date(int(match["year"]), _month(match["month"]), int(match["day"]))
    named = match["weekday"]
    if named and named.lower() != _WEEKDAYS.split()[day.weekday()]:
        raise _Misread(f"{day.isoformat()} er ikke en {named.lower()}")
    return r.DayRule(date=day)


def _month_rule(match: _Match) -> r.MonthRule:
    return r.MonthRule(year=int(match["year"]), month=_month(match["month"]))


def _season_rule(match: _Match) -> r.SeasonRule:
    return r.SeasonRule(year=int(match["year"]), season=_SEASONS[match["season"].lower()])


def _part_rule(match: _Match) -> r.PartRule:
    month = None if match["month"] is None else _month(match["month"])
    return r.PartRule(part=_PARTS[match["part"].lower()], year=int(match["year"]), month=month)


def _year_rule(match: _Match) -> r.YearRule:
    return r.YearRule(year=int(match["year"]))


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.ASCII)


_ABSOLUTE: tuple[tuple[re.Pattern[str], Callable[[_Match], r.Absolute]], ...] = (
    (_form(_YEAR + r"-(?P<month>\d\d)-(?P<day>\d\d)"), _iso_day),
    (_form(r"(?P<day>\d{1,2})(?P<dot>[./-])(?P<month>\d{1,2})(?P=dot)" + _YEAR), _iso_day),
    (
        _form(
            rf"(?:(?P<weekday>{'|'.join(_WEEKDAYS.split())}) )?(?:den )?"
            rf"(?P<day>\d{{1,2}})\.? {_MONTH} {_YEAR}",
        ),
        _written_day,
    ),
    (_form(rf"(?:i |ved )?(?P<part>{'|'.join(_PARTS)}) (?:{_MONTH} )?{_YEAR}"), _part_rule),
    (
        _form(rf"(?:i )?(?P<season>{'|'.join(_SEASONS)})(?:et|en)? {_YEAR}(?:/\d\d(?:\d\d)?)?"),
        _season_rule,
    ),
    (_form(rf"(?:i )?{_MONTH} {_YEAR}"), _month_rule),
    (_form(rf"(?:i )?{_YEAR}"), _year_rule),
)


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise _Misread(f"dagen {day}.{month}.{year} findes ikke") from None


def _month(name: str) -> int:
    low = name.lower()
    found = [number for number, full in enumerate(_MONTHS.split(), 1) if full == low or full[:3] == low]
    if not found and low == "sept":
        return 9
    if not found:
        raise _Misread(f'"{name}" er ikke en måned')
    return found[0]


_FIXED: tuple[tuple[re.Pattern[str], Callable[[], r.DateRule]], ...] = (
    (_form(_STARTS), r.StartRule),
    (_form(_ENDS), r.EndRule),
    (_form("(?:ved )?midtvejs"), r.MidwayRule),
    (_form("(?:en gang )?i fasen"), r.InPhaseRule),
    (_form(_OPEN), r.OpenRule),
)


def _fixed_words(words: str) -> r.DateRule | None:
    return next((build() for form, build in _FIXED if form.fullmatch(words)), None)


_RELATIVE = _form(
    rf"{_COUNT} (?P<unit>dag|arbejdsdag|uge|maaned|aar)(?:e|r|er)? (?P<way>foer|efter)(?: (?P<key>{_KEY}))?",
)


def _relative(words: str) -> r.RelativeRule | None:
    match = _RELATIVE.fullmatch(words)
    if match is None:
        return None
    factor, unit = _DAY_UNITS[match["unit"].lower()]
    way = cast(r.Direction, match["way"].lower())
    amount = _number(match["amount"]) * factor
    return r.RelativeRule(amount=amount, unit=unit, direction=way, anchor=match["key"] or "")


def _number(word: str) -> int:
    low = word.lower()
    return int(low) if low.isdigit() else 1 if low == "et" else _NUMBERS.split().index(low)


_AFTER_BEFORE = _form(rf"efter (?P<after>{_KEY}) og (?:inden|foer) (?P<before>{_KEY})")
_BETWEEN = _form(rf"(?P<midway>midtvejs |midt )?mellem (?P<after>{_KEY}) og (?P<before>{_KEY})")
_BETWEEN_DATES = _form(r"mellem (?P<first>.+) og (?P<last>.+)")
_ONE_SIDED = _form(rf"(?P<way>efter|foer) (?P<key>{_KEY})")
_DEADLINE = _form(r"(?:senest|inden) (?P<point>.+)")
_SAME_TIME = _form(rf"samtidig(?:t)? med (?P<key>{_KEY})")


def _anchored(words: str) -> r.DateRule | None:
    if match := _AFTER_BEFORE.fullmatch(words):
        return r.BetweenRule(after=match["after"], before=match["before"])
    if match := _BETWEEN.fullmatch(words):
        kind = r.MidwayRule if match["midway"] else r.BetweenRule
        return kind(after=match["after"], before=match["before"])
    if match := _ONE_SIDED.fullmatch(words):
        after = match["way"].lower() == "efter"
        return r.BetweenRule(after=match["key"]) if after else r.BetweenRule(before=match["key"])
    if match := _SAME_TIME.fullmatch(words):
        return r.RangeRule(first=_edge(match["key"], "foer"), last=_edge(match["key"], "efter"))
    if match := _DEADLINE.fullmatch(words):
        return r.DeadlineRule(by=_side(match["point"], "efter"))
    if match := _BETWEEN_DATES.fullmatch(words):
        return r.RangeRule(first=_side(match["first"], "foer"), last=_side(match["last"], "efter"))
    return None


def _edge(key: str, direction: r.Direction) -> r.RelativeRule:
    """Return the item's own first day ("foer") or last day ("efter")."""
    return r.RelativeRule(amount=0, unit="dage", direction=direction, anchor=key)


def _side(words: str, direction: r.Direction) -> r.Point:
    """Read one end of a period: a date, the programme's start or end, a distance, or an item's key."""
    if point := _absolute(words) or _relative(words):
        return point
    match _fixed_words(words):
        case r.StartRule() | r.EndRule() as fixed:
            return fixed
        case r.MidwayRule():
            return _edge("midtvejs", direction)
        case None if re.fullmatch(_KEY, words):
            return _edge(words, direction)
    raise _Misread(f'"{words}" er hverken en dato eller navnet på en aktivitet')


_WEEK = _form(rf"(?:i )?uge (?P<week>\d{{1,2}})(?: i|,)? {_YEAR}")
_UNTIL = _form(r"(?:frem til|indtil|til) (?:og med )?(?P<last>.+)")
_FROM_TO = _form(
    r"(?:i perioden )?(?:fra )?(?P<first>.+?)(?: til (?:og med )?| ?– ?| - |(?<=\d)-(?=[a-z]))(?P<last>.+)"
)
_FROM = _form(r"fra (?:og med )?(?P<first>.+)")
_TAIL = _form(rf"(?:.*?(?P<month>[a-z]{{3,9}})\.? )?{_YEAR}")


def _range(words: str) -> r.RangeRule | None:
    if match := _WEEK.fullmatch(words):
        return _week(int(match["year"]), int(match["week"]))
    if match := _UNTIL.fullmatch(words):
        return r.RangeRule(last=_side(match["last"], "efter"))
    if match := _FROM_TO.fullmatch(words):
        return r.RangeRule(first=_first(match["first"], match["last"]), last=_side(match["last"], "efter"))
    if match := _FROM.fullmatch(words):
        return r.RangeRule(first=_side(match["first"], "foer"))
    return None


def _week(year: int, week: int) -> r.RangeRule:
    try:
        monday = date.fromisocalendar(year, week, 1)
    except ValueError:
        raise _Misread(f"år {year} har ikke en uge {week}") from None
    return r.RangeRule(first=r.DayRule(date=monday), last=r.DayRule(date=monday + timedelta(days=6)))


def _first(words: str, last: str) -> r.Point:
    """Read the start of a period, which may borrow month and year from its end: "marts - september 2016"."""
    tail = _TAIL.fullmatch(last)
    if tail is not None:
        year, month = tail["year"], tail["month"] or ""
        borrowed = _try_absolute(f"{words} {year}") or _try_absolute(f"{words} {month} {year}")
        if borrowed is not None:
            return borrowed
    return _side(words, "foer")


def _try_absolute(words: str) -> r.Absolute | None:
    try:
        return _absolute(words)
    except _Misread:
        return None


_UNIT_NAMES = "|".join(_PACES)
_PACED = _form(
    rf"(?:(?:hver|hvert) (?:(?P<nth>\d{{1,3}})\. ?|(?P<word>{'|'.join(_ORDINALS)}) )?(?P<unit>{_UNIT_NAMES})"
    rf"|(?P<adverb>{_UNIT_NAMES})(?:s|nt)?(?:lig|vis)(?:t|e)?|(?P<unpaced>loebende))(?: (?P<within>.+))?",
)
_TIMES = _form(r"\b(?:(?P<low>\d{1,3})(?: ?[-–] ?| til ))?(?P<high>\d{1,3}) gange?\b")


def _recurring(words: str) -> r.RecurringRule | None:
    """Read pace, number of times and window: "hver 2. uge fra a til b", "2-3 gange i fasen"."""
    times = _TIMES.search(words)
    rest = words if times is None else words[: times.start()] + words[times.end() :]
    rest = " ".join(rest.replace(",", " ").split())
    paced = _PACED.fullmatch(rest)
    if paced is None and times is None:
        return None
    every, unit = _pace(paced) if paced else (1, None)
    within = paced["within"] if paced else rest
    return r.RecurringRule(
        every=every,
        unit=unit,
        within=_within(within) if within else None,
        count=int(times["high"]) if times else None,
        count_min=int(times["low"]) if times and times["low"] else None,
    )


def _pace(match: _Match) -> tuple[int, r.Pace | None]:
    name = match["unit"] or match["adverb"]
    if name is None:
        return 1, None
    factor, unit = _PACES[name.lower()]
    word = (match["word"] or "").lower()
    return int(match["nth"] or _ORDINALS.get(word, 1)) * factor, unit


def _within(words: str) -> r.WithinRule:
    rule = _rule(words)
    if not isinstance(rule, r.WithinRule):
        raise _Misread(f'"{words}" er ikke en periode')
    return rule
