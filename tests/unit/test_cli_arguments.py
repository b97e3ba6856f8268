"""What people type: days, moments and data by the type of their field."""

from datetime import UTC, date, datetime

import pytest
from samskabt import InvalidInput
from samskabt.cli import arguments

NOW = datetime(2019, 10, 10, 8, 0, tzinfo=UTC)
TYPES = {
    "maal": "goals",
    "plan": "actions",
    "papir": "documents",
    "linje": "choices",
    "antal": "number",
    "aktier": "texts",
    "kom": "kommuner",
    "dato": "date",
    "med": "check",
    "klar": "bool",
}


def read(*pairs: str, document: str | None = None) -> dict[str, object]:
    """Read data of fields of every type."""
    return dict(arguments.data(pairs, document, lambda name: TYPES.get(name, "text"), {"Varde": "0573"}.__getitem__))


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("antal=12", 12),
        ("antal=1,5", 1.5),
        ("antal=-3", -3),
        ("klar=ja", True),
        ("klar=FALSE", False),
        ("med=Nej", False),
        ("med=Drøftet i HMU", "Drøftet i HMU"),
        ('med={"on": "2019-10-01"}', {"on": "2019-10-01"}),
        ("med=3.10.2019: Hovedudvalget", {"on": "2019-10-03", "note": "Hovedudvalget"}),
        ("med=2019-10-03", {"on": "2019-10-03"}),
        ("med=Drøftet: ja", "Drøftet: ja"),
        ("linje=borgerne", ["borgerne"]),
        ("plan=Ydelse: Ét skema: kl. 9:30", [{"hvem": "Ydelse", "hvad": "Ét skema", "hvornaar": "kl. 9:30"}]),
        ("plan=Ydelse: Ét skema: 3.10.2019", [{"hvem": "Ydelse", "hvad": "Ét skema", "hvornaar": "2019-10-03"}]),
        ('plan=[{"hvem": "Ydelse"}]', [{"hvem": "Ydelse"}]),
        ("plan=", None),
        ("papir=Referat: https://arkiv.dk/1", [{"titel": "Referat", "adresse": "https://arkiv.dk/1"}]),
        (
            "papir=Referat: https://arkiv.dk:8080/1: 2: Styregruppen: 3.10.2019",
            [
                {
                    "titel": "Referat",
                    "adresse": "https://arkiv.dk:8080/1",
                    "version": "2",
                    "godkendt_af": "Styregruppen",
                    "godkendt_den": "2019-10-03",
                }
            ],
        ),
        ("dato=3.10.2019", "2019-10-03"),
        ("titel=a=b", "a=b"),
        ("titel=", None),
        ("aktier=HR", ["HR"]),
        ('aktier=["HR", "Løn"]', ["HR", "Løn"]),
        ("kom=Varde", ["0573"]),
        ("titel=a\u030a", "å"),
    ],
)
def test_a_value_is_read_by_the_type_of_its_field(pair: str, value: object) -> None:
    """One way of writing for each type, in Danish or English, composed."""
    assert read(pair) == {pair.partition("=")[0]: value}


@pytest.mark.parametrize("pair", ["plan=Ydelse: Ét skema", "plan=a: b: c: d", "papir=Referat"])
def test_a_row_of_too_few_or_too_many_cells_is_shown_how_it_looks(pair: str) -> None:
    """The message holds the cells in their order."""
    with pytest.raises(InvalidInput, match=r"has rows such as '(hvem: hvad: hvornaar|titel: adresse: version)"):
        read(pair)


def test_rows_are_written_by_repeating_their_key() -> None:
    """A plan of two."""
    read_plan = read("plan=A: b: nu", "plan=C: d: i morgen")["plan"]
    assert isinstance(read_plan, list) and [row["hvem"] for row in read_plan] == ["A", "C"]


def test_goals_are_written_as_choice_and_goal() -> None:
    """Each goal is ``choice: goal``; one that names no goal is shown how it looks."""
    assert read("maal=unge ledige: 10 flere", "maal=flygtninge: 5: i job") == {
        "maal": {"unge ledige": "10 flere", "flygtninge": "5: i job"}
    }
    with pytest.raises(InvalidInput, match="choice: goal"):
        read("maal=10 flere")


def test_a_list_is_written_by_repeating_its_key() -> None:
    """The order is kept; a single value that is given twice is refused."""
    assert read("aktier=HR", "aktier=Løn") == {"aktier": ["HR", "Løn"]}
    with pytest.raises(InvalidInput, match="titel: is given 2 times"):
        read("titel=a", "titel=b")


def test_pairs_win_over_the_document() -> None:
    """--data-json gives all fields, --data overrules single ones."""
    assert read("antal=2", document='{"antal": 1, "titel": "x"}') == {"antal": 2, "titel": "x"}


@pytest.mark.parametrize(
    "pair",
    ["antal=tolv", "antal=1e999", "antal=nan", "klar=måske", "dato=31.2.2019", "uden-lighedstegn", "=x", "kom=["],
)
def test_what_cannot_be_read_is_refused(pair: str) -> None:
    """Never a guess, never another error."""
    with pytest.raises((InvalidInput, KeyError)):
        read(pair)


@pytest.mark.parametrize("document", ["[1]", "{", '{"a": NaN}', '{"a": "\\ud800"}', "[" * 100_000])
def test_a_document_that_is_no_json_object_is_refused(document: str) -> None:
    """Half signs, NaN and endless nesting are told as wrong input."""
    with pytest.raises(InvalidInput, match="--data-json"):
        read(document=document)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2019-10-03 14:00", datetime(2019, 10, 3, 12, tzinfo=UTC)),
        ("3.10.2019 14.00", datetime(2019, 10, 3, 12, tzinfo=UTC)),
        ("2019-12-03T14:00", datetime(2019, 12, 3, 13, tzinfo=UTC)),
        ("2019-10-03T14:00:00+00:00", datetime(2019, 10, 3, 14, tzinfo=UTC)),
        ("2019-10-03", datetime(2019, 10, 3, 10, tzinfo=UTC)),
        ("2019-10-10", NOW),
        (None, None),
    ],
)
def test_a_moment_is_local_unless_it_says_otherwise(text: str | None, at: datetime | None) -> None:
    """Summer and winter time count; a day alone is noon, today is now at the latest."""
    assert arguments.moment(text, NOW) == at


def test_a_moment_that_cannot_be_read_names_the_option() -> None:
    """The message shows both forms."""
    with pytest.raises(InvalidInput, match="--happened-at: is '2019-10-03 14:00'"):
        arguments.moment("i går", NOW)


def test_bytes_that_are_no_text_are_refused() -> None:
    """A surrogate from a broken terminal never reaches the database."""
    with pytest.raises(InvalidInput, match="UTF-8"):
        arguments.text("\udce6")


def test_a_day_is_read_in_both_forms() -> None:
    """ISO, and the Danish with full stops or hyphens."""
    assert {arguments.day("--to", text) for text in ("2019-10-03", "3.10.2019", "03-10-2019")} == {date(2019, 10, 3)}
