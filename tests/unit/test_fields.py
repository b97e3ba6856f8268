"""The data of an event, read by the types of a machine's fields."""

from __future__ import annotations

from datetime import date

import pytest
from samskabt.engine.deciding.fields import LONGEST_TEXT, read_day, read_fields
from samskabt.engine.definition import FieldDef
from samskabt.engine.errors import InvalidInput
from samskabt.engine.values import Event, Json

from .core_cases import PERSON, at, refused, with_challenge, with_kommune

KINDS = ("text", "texts", "number", "bool", "date", "check", "kommuner")
ROWS = ("choice", "choices", "actions", "documents")
LINES = {"options": {"borgerne": "Borgerne", "arbejdsmiljoeet": "Arbejdsmiljøet"}}
FIELDS = {
    kind: FieldDef.model_validate({"title": kind, "type": kind, **(LINES if kind.startswith("choice") else {})})
    for kind in (*KINDS, *ROWS)
}
ACTION: dict[str, Json] = {"hvem": "Ydelse", "hvad": "Ét skema", "hvornaar": "2019-11-05"}
PAPER: dict[str, Json] = {"titel": "Referat", "adresse": "https://arkiv.greve.dk/sag/12?v=3#side"}
APPROVED: dict[str, Json] = {"version": "2", "godkendt_af": "Styregruppen", "godkendt_den": "2019-10-03"}


def read(kind: str, value: Json) -> Json:
    """Read one value as a field of a kind, said late on 3 March in Copenhagen."""
    event = Event("x", at("2019-03-02", "23:30"), at("2019-03-04"), PERSON, {kind: value, "ukendt": 1})
    return read_fields(FIELDS, event)[kind]


TICKED = {"on": "2019-03-03", "by": "7"}


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("text", "  to ord ", "to ord"),
        ("texts", ["a ", "b"], ["a", "b"]),
        ("number", 3, 3),
        ("number", 2.5, 2.5),
        ("bool", False, False),
        ("date", "2019-10-03", "2019-10-03"),
        ("check", True, TICKED),
        ("check", False, None),
        ("check", " Det gik ", {**TICKED, "note": "Det gik"}),
        ("check", {"on": "2019-02-01"}, {**TICKED, "on": "2019-02-01"}),
        ("check", {"note": "MED"}, {**TICKED, "note": "MED"}),
        ("check", {"on": "2019-02-01", "note": "MED"}, {"on": "2019-02-01", "by": "7", "note": "MED"}),
        ("kommuner", ["0101", "0851"], ["0101", "0851"]),
        ("choice", "borgerne", "borgerne"),
        ("choices", ["arbejdsmiljoeet", "borgerne", "borgerne"], ["arbejdsmiljoeet", "borgerne"]),
        ("actions", [ACTION], [ACTION]),
        ("actions", [{**ACTION, "hvornaar": " efter sommerferien "}], [{**ACTION, "hvornaar": "efter sommerferien"}]),
        ("documents", [PAPER], [PAPER]),
        ("documents", [{**PAPER, **APPROVED}], [{**PAPER, **APPROVED}]),
        ("documents", [{**PAPER, "version": "", "godkendt_af": None}], [PAPER]),
        (
            "documents",
            [{"titel": "T", "adresse": "HTTP://esdh:8080/12"}],
            [{"titel": "T", "adresse": "HTTP://esdh:8080/12"}],
        ),
    ],
)
def test_a_value_is_stored_so(kind: str, value: Json, stored: Json) -> None:
    """Texts are trimmed; a tick says who and for which local day."""
    assert read(kind, value) == stored


@pytest.mark.parametrize("kind", [*KINDS, *ROWS])
def test_nothing_takes_a_value_away(kind: str) -> None:
    """None is no value of any type."""
    assert read(kind, None) is None


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("choice", "politikerne"),
        ("choice", ["borgerne"]),
        ("choices", "borgerne"),
        ("choices", ["borgerne", "alle"]),
        ("actions", ACTION),
        ("actions", ["Ydelse"]),
        ("actions", [{"hvem": "Ydelse", "hvad": "Ét skema"}]),
        ("actions", [{**ACTION, "hvem": " "}]),
        ("actions", [{**ACTION, "hvad": "to\nlinjer"}]),
        ("actions", [{**ACTION, "hvornaar": "2019-02-30"}]),
        ("actions", [{**ACTION, "pris": "0"}]),
        ("actions", [ACTION] * 201),
        ("documents", [{"titel": "Referat"}]),
        ("documents", [{**PAPER, "titel": ""}]),
        ("documents", [{**PAPER, "titel": None}]),
        ("documents", [{**PAPER, "fil": "C:/referat.docx"}]),
        ("documents", [{**PAPER, "godkendt_den": "3.10.2019"}]),
        ("documents", [{**PAPER, "adresse": "file:///etc/passwd"}]),
        ("documents", [{**PAPER, "adresse": "javascript:alert(1)"}]),
        ("documents", [{**PAPER, "adresse": "https://"}]),
        ("documents", [{**PAPER, "adresse": "https://navn:kode@arkiv.dk/1"}]),
        ("documents", [{**PAPER, "adresse": "https://arkiv.dk/et to"}]),
        ("documents", [{**PAPER, "adresse": "https://arkiv.dk/" + "x" * 2000}]),
        ("text", 3),
        ("text", "x" * (LONGEST_TEXT + 1)),
        ("text", "a\x00b"),
        ("texts", "a"),
        ("texts", [1]),
        ("number", "3"),
        ("number", True),
        ("number", float("nan")),
        ("number", float("inf")),
        ("bool", 1),
        ("date", "3. oktober"),
        ("date", "2019-02-30"),
        ("date", "20191003"),
        ("date", 20191003),
        ("check", " "),
        ("check", 1),
        ("check", {"by": "9"}),
        ("check", {"on": "i går"}),
        ("kommuner", ["101"]),
        ("kommuner", ["0101\n"]),
        ("kommuner", ["٠١٠١"]),
        ("kommuner", [101]),
        ("kommuner", "0101"),
    ],
)
def test_a_value_of_another_type_is_refused_by_the_fields_name(kind: str, value: Json) -> None:
    """The error names the field and shows what it got."""
    with pytest.raises(InvalidInput) as caught:
        read(kind, value)
    assert caught.value.field == kind


def test_a_day_is_a_day() -> None:
    """ISO text of ten characters, and nothing more."""
    assert read_day("dato", "2019-10-03") == date(2019, 10, 3)
    with pytest.raises(InvalidInput, match="dato"):
        read_day("dato", "2019-W40-4")


def test_a_tick_that_wants_more_is_refused_without_it() -> None:
    """MED's wants the committee and the day, a facilitator's who it is; taking a tick away wants nothing."""
    family, kommune = with_kommune()
    assert refused(family, kommune, "trin_1.tjek", med_droeftet=True) == ["mangler_note", "mangler_dag"]
    assert refused(family, kommune, "trin_1.tjek", med_droeftet="Hovedudvalget") == ["mangler_dag"]
    assert refused(family, kommune, "trin_1.tjek", med_droeftet={"on": "2019-02-01"}) == ["mangler_note"]
    assert refused(family, kommune, "trin_1.tjek", facilitator=True, override=True, reason="x") == ["mangler_note"]
    told = {"on": "2019-02-01", "note": "Hovedudvalget"}
    family.send(kommune, "trin_1.tjek", med_droeftet=told, facilitator="Mette fra udvikling", formaal=True)
    assert family.snapshots[kommune].data["med_droeftet"] == {**told, "by": "7"}
    family.send(kommune, "trin_1.tjek", med_droeftet=False)
    assert "med_droeftet" not in family.snapshots[kommune].data


def test_a_day_may_not_precede_the_one_before_it() -> None:
    """Whether both come together or the first is known already; with only one of them there is nothing to compare."""
    family, kommune = with_kommune()
    challenge = with_challenge(family, kommune)
    both = {"begyndelse": "2019-05-01", "frist": "2019-04-30"}
    assert refused(family, challenge, "beskriv", **both) == ["for_tidlig_dag"]
    family.send(challenge, "beskriv", frist="2019-04-30")
    family.send(challenge, "beskriv", begyndelse="2019-04-30")
    assert refused(family, challenge, "beskriv", frist="2019-04-29") == ["for_tidlig_dag"]
    assert refused(family, challenge, "beskriv", begyndelse="2019-05-02") == ["for_tidlig_dag"]
    family.send(challenge, "beskriv", begyndelse="2019-05-02", frist="2019-05-02")
