"""What prepared statements promise: the same texts as SQLAlchemy's own, and errors in our tree."""

import sqlite3
from datetime import UTC, date, datetime, time, timedelta, timezone

import psycopg
import pytest
from samskabt.engine.errors import InvalidInput, StorageError, StorageUnavailable
from samskabt.storage.prepared import Book, instant_text, prepare, read_instant, time_text, translated
from samskabt.storage.tables import METADATA
from sqlalchemy import Date, Time, bindparam, select
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlmodel import UTCDateTime

TIMER = METADATA.tables["timer"]
DIALECT = SQLiteDialect_pysqlite()
TIMES = (time(9), time(9, 30, 1, 5))


@pytest.mark.parametrize(
    "at",
    [
        datetime(2019, 9, 2, 7, 30, tzinfo=UTC),
        datetime(2019, 9, 2, 7, 30, 0, 1, timezone(timedelta(hours=2))),
        datetime(1, 1, 1, tzinfo=UTC),
    ],
)
def test_the_shortcut_for_instants_writes_what_sqlalchemy_writes(at: datetime) -> None:
    """Both write the same text, so that rows of either compare and sort together."""
    process = UTCDateTime().dialect_impl(DIALECT).bind_processor(DIALECT)
    assert process is not None
    assert instant_text(at) == process(at)


def test_what_the_shortcuts_read_and_write_is_what_sqlalchemy_does() -> None:
    """Days, times and instants are the same texts and values either way."""
    write_day = Date().dialect_impl(DIALECT).bind_processor(DIALECT)
    write_time = Time().dialect_impl(DIALECT).bind_processor(DIALECT)
    assert write_day is not None and write_time is not None
    assert date(19, 9, 2).isoformat() == write_day(date(19, 9, 2))
    assert [time_text(at) for at in TIMES] == [write_time(at) for at in TIMES]
    read = UTCDateTime().dialect_impl(DIALECT).result_processor(DIALECT, None)
    assert read is not None
    text = "2019-09-02 07:30:00.000001"
    assert read_instant(text) == read(text) == datetime(2019, 9, 2, 7, 30, 0, 1, UTC)
    assert instant_text(read_instant(text)) == text


def test_a_naive_instant_is_refused() -> None:
    """An instant without a zone could be any of 24."""
    with pytest.raises(ValueError, match="time zone"):
        instant_text(datetime(2019, 9, 2))


def test_values_are_bound_and_read_by_their_types() -> None:
    """Parameters come in the order of the text, constants among them, and results become Python values."""
    statement = select(TIMER.c.due_at, TIMER.c.key).where(TIMER.c.status == "armed", TIMER.c.due_at <= bindparam("now"))
    prepared = prepare(DIALECT, "due", statement)
    at = datetime(2019, 9, 2, 7, 30, tzinfo=UTC)
    assert prepared.values({"now": at}) == ["armed", "2019-09-02 07:30:00.000000"]
    assert prepared.read(("2019-09-02 07:30:00.000000", "k")) == (at, "k")
    assert prepared.read((None, None)) == (None, None)


def test_a_statement_is_compiled_once() -> None:
    """The same name and arguments give the same prepared statement."""
    book = Book(DIALECT)
    first = book("all", lambda: select(TIMER.c.id))
    assert book("all", lambda: select(TIMER.c.key)) is first
    assert book("all", lambda _: select(TIMER.c.key), "other") is not first


def test_errors_of_the_drivers_become_ours() -> None:
    """What the server says is sorted by its code; the unknown stays a storage error with its text."""
    assert isinstance(translated(psycopg.errors.DiskFull("fuld")), StorageUnavailable)
    assert isinstance(translated(psycopg.DataError("NUL")), InvalidInput)
    assert isinstance(translated(psycopg.errors.CheckViolation("ck")), InvalidInput)
    unknown = translated(sqlite3.ProgrammingError("mærkeligt"))
    assert isinstance(unknown, StorageError)
    assert "mærkeligt" in str(unknown)
