"""What authors may write for a date, and that the rules survive storage."""

import json
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from samskabt.engine.definition.dates import (
    BetweenRule,
    DateRule,
    DateRuleError,
    DayRule,
    DeadlineRule,
    EndRule,
    InPhaseRule,
    MidwayRule,
    MonthRule,
    OpenRule,
    PartRule,
    RangeRule,
    RecurringRule,
    RelativeRule,
    SeasonRule,
    StartRule,
    When,
    YearRule,
    absolute_window,
    anchors,
    bind_anchor,
    parse_date_rule,
)

RULES: TypeAdapter[DateRule] = TypeAdapter(DateRule)

# The forms that the five programme documents and their authors use; each must also survive storage.
FORMS = """2019-09-20; 20. september 2019; september 2019; 2019; foråret 2016; primo 2018; medio marts 2018
udgangen af 2017; august 2019 til oktober 2019; 6 uger efter uddannelsesdag_1; 14 arbejdsdage før opstartsmoede
3 arbejdsdage efter; efter A og før B; mellem A og B; midtvejs; midtvejs mellem A og B; start; slut; i fasen
løbende; hver måned; hvert kvartal; hver 2. uge fra A til B; senest 2. september 2019; åben; frem til medio 2018
fra november 2016; samtidig med A; 2-3 gange i fasen; hver måned januar 2020 til september 2020, 9 gange"""


def parsed(text: str) -> DateRule:
    """Return the rule without the author's words, to compare its meaning."""
    return parse_date_rule(text).model_copy(update={"text": ""})


def point(key: str, direction: str) -> RelativeRule:
    """Return an item's own first ("foer") or last ("efter") day."""
    return RelativeRule.model_validate({"amount": 0, "unit": "dage", "direction": direction, "anchor": key})


def test_every_form_survives_storage() -> None:
    """Every form gives a rule that strict JSON restores unchanged, alone and inside a When."""
    for text in FORMS.replace("\n", ";").split(";"):
        when = When.model_validate_json(json.dumps(text), strict=True)
        assert when.rule.text == text.strip()
        assert When.model_validate_json(json.dumps(when.model_dump(mode="json")), strict=True) == when
        assert RULES.validate_json(RULES.dump_json(when.rule), strict=True) == when.rule


def test_a_day_may_be_written_in_any_usual_way() -> None:
    """Words, numbers and ISO give the same day, with or without weekday."""
    day = DayRule(date=date(2019, 9, 20))
    ways = ("2019-09-20", "20.9.2019", "20-09-2019", "20. sep. 2019", "Fredag den 20. September 2019")
    assert [parsed(way) for way in ways] == [day] * 5


def test_months_may_be_short() -> None:
    """Three letters, a full stop and the four letters of "sept" are enough."""
    assert parsed("Nov. 2020") == MonthRule(year=2020, month=11)
    assert parsed("i sept 2020") == MonthRule(year=2020, month=9)


def test_vague_dates_keep_their_vagueness() -> None:
    """Seasons, parts and years are not turned into days."""
    assert parsed("foråret 2016") == SeasonRule(year=2016, season="foraar")
    assert parsed("vinteren 2016/17") == SeasonRule(year=2016, season="vinter")
    assert parsed("ved udgangen af september 2017") == PartRule(part="ultimo", year=2017, month=9)
    assert parsed("medio 2018") == PartRule(part="medio", year=2018)
    assert parsed("i 2019") == YearRule(year=2019)


def test_both_spellings_of_danish_letters_are_read() -> None:
    """Foer and før, foraar and forår, and a decomposed å are the same words."""
    assert parsed("2 uger foer x") == parsed("2 uger før x")
    assert parsed("foraaret 2016") == parsed("fora\u030aret 2016") == parsed("FORÅRET 2016")


def test_a_period_may_leave_out_what_its_end_says() -> None:
    """The start of a period borrows year, or month and year, from its end."""
    assert parsed("marts - september 2016") == parsed("marts 2016 til september 2016")
    assert parsed("25.–26. september 2019") == parsed("25. september 2019 til 26. september 2019")
    assert parsed("Dec. 2019 – jan. 2020") == parsed("fra december 2019 til og med januar 2020")
    assert parsed("juni 2020-december 2020") == parsed("juni til december 2020")


def test_a_period_may_be_open_at_one_end() -> None:
    """Frem til has no start, fra no end."""
    assert parsed("frem til medio 2018") == RangeRule(last=PartRule(part="medio", year=2018))
    assert parsed("fra november 2016") == RangeRule(first=MonthRule(year=2016, month=11))
    assert parsed("til 2019") == RangeRule(last=YearRule(year=2019))


def test_a_period_may_run_between_items_and_dates() -> None:
    """Items, the programme's own points and distances may stand at either end."""
    assert parsed("fra a til b") == RangeRule(first=point("a", "foer"), last=point("b", "efter"))
    assert parsed("samtidig med a") == RangeRule(first=point("a", "foer"), last=point("a", "efter"))
    assert parsed("fra midtvejs til slut") == RangeRule(first=point("midtvejs", "foer"), last=EndRule())
    mixed = parsed("fra 2 uger efter a til december 2020")
    assert isinstance(mixed, RangeRule) and isinstance(mixed.first, RelativeRule)
    assert parsed("mellem 1. marts 2018 og 1. maj 2018") == parsed("1. marts 2018 til 1. maj 2018")
    assert parsed("fra opstart til december 2020") == parsed("fra start til december 2020")


def test_a_week_is_its_seven_days() -> None:
    """Uge 38 is Monday to Sunday of that ISO week."""
    monday, sunday = DayRule(date=date(2019, 9, 16)), DayRule(date=date(2019, 9, 22))
    assert parsed("uge 38 2019") == parsed("i uge 38, 2019") == RangeRule(first=monday, last=sunday)


def test_distances_are_counted_in_four_units() -> None:
    """Numbers may be words, and years are twelve months each."""
    assert parsed("en uge efter x") == parsed("et uge efter x") == parsed("1 uge efter x")
    rule = RelativeRule(amount=24, unit="maaneder", direction="efter", anchor="x")
    assert parsed("to år efter x") == parsed("24 måneder efter x") == rule
    assert parsed("3 arbejdsdage efter") == RelativeRule(amount=3, unit="arbejdsdage", direction="efter", anchor="")


def test_anchors_keep_their_case() -> None:
    """Keys of items are read as written."""
    assert parsed("efter A og før B") == BetweenRule(after="A", before="B")
    assert parsed("mellem A og B") == parsed("Efter A og inden B")
    assert parsed("efter A") == BetweenRule(after="A")
    assert parsed("før slut") == BetweenRule(before="slut")


def test_the_programmes_own_points_have_many_names() -> None:
    """Projektopstart, ved projektets opstart and start are one rule; so are the ends and the middle."""
    assert parsed("projektopstart") == parsed("ved projektets opstart") == StartRule()
    assert parsed("ved projektafslutning") == parsed("slut") == EndRule()
    assert parsed("midtvejs") == MidwayRule()
    assert parsed("midtvejs mellem A og B") == MidwayRule(after="A", before="B")
    assert parsed("i fasen") == InPhaseRule()
    assert parsed("efter behov") == parsed("åben") == OpenRule()


def test_paces_are_read_as_adverbs_too() -> None:
    """Månedsvist is hver måned, årligt every fourth quarter, løbende says no pace."""
    assert parsed("månedsvist") == parsed("hver måned") == RecurringRule(unit="maaneder")
    assert parsed("hver anden uge") == parsed("hver 2. uge") == RecurringRule(every=2, unit="uger")
    assert parsed("årligt") == RecurringRule(every=4, unit="kvartaler")
    assert parsed("løbende") == RecurringRule()


def test_a_recurrence_may_say_how_often_and_where() -> None:
    """The number of times may stand anywhere, and the window is a rule of its own."""
    assert parsed("2-3 gange i fasen") == RecurringRule(within=InPhaseRule(), count=3, count_min=2)
    assert parsed("9 gange") == RecurringRule(count=9)
    monthly = parsed("hver måned i 2020, 9 gange")
    assert monthly == RecurringRule(unit="maaneder", within=YearRule(year=2020), count=9)
    assert parsed("hver 2. uge efter A") == RecurringRule(every=2, unit="uger", within=BetweenRule(after="A"))


def test_a_deadline_is_by_a_point() -> None:
    """Senest and inden take a date, a part, a distance or an item."""
    assert parsed("senest 2. september 2019") == DeadlineRule(by=DayRule(date=date(2019, 9, 2)))
    part = PartRule(part="ultimo", year=2017, month=9)
    assert parsed("inden udgangen af september 2017") == DeadlineRule(by=part)
    assert parsed("senest opstartsmoede") == DeadlineRule(by=point("opstartsmoede", "efter"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "skriv mellem 1 og 200 tegn"),
        ("x" * 201, "skriv mellem 1 og 200 tegn"),
        ("31. februar 2019", "dagen 31.2.2019 findes ikke"),
        ("20. septembr 2019", '"septembr" er ikke en måned'),
        ("mandag den 20. september 2019", "2019-09-20 er ikke en mandag"),
        ("oktober 2019 til august 2019", "perioden slutter 2019-08-31, før den begynder 2019-10-01"),
        ("uge 53 2025", "år 2025 har ikke en uge 53"),
        ("fra 6 uger til 2019", '"6 uger" er hverken en dato eller navnet på en aktivitet'),
        ("foo 7 til marts 2020", '"foo 7" er hverken en dato'),
        ("til i fasen", '"i fasen" er hverken en dato'),
        ("hver måned start", '"start" er ikke en periode'),
        ("5-2 gange", "det mindste antal gange"),
        ("hver trettende uge", "formen kendes ikke"),
        ("6 uger eftr x", "formen kendes ikke"),
        ("opstartsmoede", "formen kendes ikke"),
    ],
)
def test_a_misread_date_says_what_was_not_understood(text: str, why: str) -> None:
    """The message names what failed and three forms, each of which works."""
    with pytest.raises(DateRuleError) as caught:
        parse_date_rule(text)
    assert why in str(caught.value)
    assert len(caught.value.examples) == 3
    assert all(parse_date_rule(example) for example in caught.value.examples)


WORDS = [
    "efter",
    "før",
    "fra",
    "til",
    "og",
    "mellem",
    "hver",
    "2.",
    "31.",
    "2019",
    "uge",
    "maj",
    "primo",
    "af",
    "a",
    "slut",
    "midtvejs",
    "gange",
    "-",
    "–",
    "senest",
    "i",
    "fasen",
]


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)))
def test_any_text_is_a_rule_or_a_misread_date(text: str) -> None:
    """Whatever is written, the answer is a rule that survives storage, or the one error."""
    try:
        rule = parse_date_rule(text)
    except DateRuleError:
        return
    assert RULES.validate_json(RULES.dump_json(rule), strict=True) == rule


def test_examples_resemble_what_was_tried() -> None:
    """A misread pace is answered with paces, a misread distance with distances."""
    with pytest.raises(DateRuleError, match="hvert kvartal"):
        parse_date_rule("hver trettende uge")
    with pytest.raises(DateRuleError, match="14 arbejdsdage før slut"):
        parse_date_rule("6 uger eftr x")


def test_when_takes_a_date_and_a_bare_year() -> None:
    """YAML reads 2019 as a number and a date as a date; both are rules."""
    assert When.model_validate(2019).rule == YearRule(year=2019, text="2019")
    assert When.model_validate(date(2019, 9, 20)).rule == DayRule(date=date(2019, 9, 20), text="2019-09-20")
    assert When.model_validate({"rule": 2019}) == When.model_validate("2019")


def test_when_refuses_what_is_no_date() -> None:
    """Booleans, instants, unknown keys and misread words are refused, with the reason."""
    for wrong in (True, datetime(2019, 9, 20, 9), {"rule": "start", "shift": True}, None):
        with pytest.raises(ValidationError):
            When.model_validate(wrong)
    with pytest.raises(ValidationError, match="septembr"):
        When.model_validate({"rule": "20. septembr 2019"})


def test_when_prefers_the_sources_words() -> None:
    """The source's words stand before the author's."""
    when = When.model_validate({"rule": "6 uger efter x", "text": "seks uger senere", "shifts": False})
    assert (when.wording, when.shifts, when.inferred) == ("seks uger senere", False, False)
    assert When.model_validate("2019").wording == "2019"


def test_schema_lets_editors_accept_the_short_form() -> None:
    """The schema for writing allows words; the one for what is stored is the object alone."""
    written = When.model_json_schema(mode="validation")
    assert written["anyOf"][0]["type"] == ["string", "integer"]
    assert "anyOf" not in When.model_json_schema(mode="serialization")


def test_stored_rules_are_checked_like_written_ones() -> None:
    """Empty periods, one-sided middles and anchorless betweens are refused from JSON too."""
    broken = (
        {"rule": "range"},
        {"rule": "between"},
        {"rule": "midway", "after": "a"},
        {"rule": "recurring", "count_min": 2},
        {"rule": "day", "date": 1711},
        {"rule": "day", "date": "20. september"},
    )
    for rule in broken:
        with pytest.raises(ValidationError):
            RULES.validate_json(json.dumps(rule))


def test_anchors_are_the_other_items() -> None:
    """Every form names its anchors; the programme's own points and the item itself are none."""
    assert anchors(parse_date_rule("hver uge fra a til b")) == {"a", "b"}
    assert anchors(parse_date_rule("midtvejs mellem a og slut")) == {"a"}
    assert anchors(parse_date_rule("senest 2 uger før a")) == {"a"}
    assert anchors(parse_date_rule("efter a og før b")) == {"a", "b"}
    assert anchors(parse_date_rule("3 arbejdsdage efter")) == frozenset()
    assert anchors(parse_date_rule("løbende")) == anchors(parse_date_rule("fra 2019")) == frozenset()


def test_a_rule_of_the_item_itself_can_be_bound() -> None:
    """What follows a meeting hangs on it once its key is known, wherever the anchor stands."""
    for text in ("3 arbejdsdage efter", "senest 3 dage efter", "fra 1 dag efter", "hver uge fra 1 dag efter"):
        assert anchors(bind_anchor(parse_date_rule(text), "moede")) == {"moede"}
    other = parse_date_rule("2 uger efter x")
    assert bind_anchor(other, "moede") == other


def test_absolute_rules_name_their_days() -> None:
    """Every absolute form has its window of its precision."""
    forms = ("2019-09-20", "september 2019", "foråret 2016", "ultimo 2017", "2019")
    rules = [parse_date_rule(form) for form in forms]
    shown = [absolute_window(rule).precision for rule in rules if not isinstance(rule, OpenRule)]  # type: ignore[arg-type]
    assert shown == ["day", "month", "season", "ultimo", "year"]
