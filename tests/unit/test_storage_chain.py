"""What the canonical form and the chain of hashes promise, without a database."""

from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import pytest
from samskabt.storage import GENESIS, canonical, row_hash, verify_chain
from samskabt.storage.chain import CHAINED, canonical_row, encoder

ROW = dict.fromkeys(CHAINED) | {
    "instance_id": 1,
    "seq": 1,
    "reason": "æøå",
    "happened_at": datetime(2019, 9, 2, 7, 30, tzinfo=UTC),
    "recorded_at": datetime(2019, 9, 2, 7, 31, 0, 5, tzinfo=UTC),
}


def test_canonical_json_has_one_form() -> None:
    """Order of keys, blanks, kinds of mapping and of sequence make no difference; letters stay letters."""
    assert canonical({"b": (1, 2.0), "a": {"å": None}}) == '{"a":{"å":null},"b":[1,2.0]}'
    assert canonical(MappingProxyType({"x": MappingProxyType({})})) == '{"x":{}}'
    empty: list[object] = [{}, MappingProxyType({}), [], (), "", 0, None, False]
    assert [canonical(value) for value in empty] == ["{}", "{}", "[]", "[]", '""', "0", "null", "false"]


def test_what_is_not_json_is_refused() -> None:
    """NaN would be written in a form that no database takes, and sets have no order."""
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical({"x": float("nan")})
    with pytest.raises(TypeError, match="set is not JSON"):
        canonical({"x": {1, 2}})


def test_without_the_encoder_in_c_the_form_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other Pythons than CPython have only the encoder in Python; hashes must not depend on which."""
    monkeypatch.setattr("json.encoder.c_make_encoder", None)
    value = {"b": (1, 2.5, 1e22, -0.0), "a": MappingProxyType({'å"\n\x7f\u2028': None}), "c": True}
    assert encoder()(value) == canonical(value)


def test_an_instant_hashes_the_same_in_every_zone() -> None:
    """The hash is of the instant, not of how its zone writes it."""
    copenhagen = timezone(timedelta(hours=2))
    moved = ROW | {"happened_at": ROW["happened_at"].astimezone(copenhagen)}  # type: ignore[union-attr]
    assert canonical_row(moved) == canonical_row(ROW)
    assert '"recorded_at":"2019-09-02T07:31:00.000005+00:00"' in canonical_row(ROW)


def test_every_column_is_under_the_hash() -> None:
    """Changing any one value changes the hash."""
    right = row_hash(GENESIS, ROW)
    for name in set(CHAINED) - {"happened_at", "recorded_at"}:
        assert row_hash(GENESIS, ROW | {name: "andet"}) != right, name
    for name in ("happened_at", "recorded_at"):
        assert row_hash(GENESIS, ROW | {name: datetime(2019, 1, 1, tzinfo=UTC)}) != right, name


def test_an_empty_history_has_nothing_wrong() -> None:
    """No rows, no fault; a first row that does not start at one is at fault."""
    assert verify_chain([]) is None
    assert verify_chain([ROW | {"seq": 2, "prev_hash": GENESIS, "hash": "x"}]) == 1
