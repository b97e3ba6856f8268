"""What every store promises about registrations: appended in order, chained, corrected once, undone with the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from samskabt.engine.errors import Conflict, InvalidInput, NotFound
from samskabt.engine.measuring import Registration, Subject
from samskabt.storage import Examination, Store, migrations, verify_registrations
from samskabt.storage.tables import METADATA
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from .making import CONSULTANT, NOW, birth, found, snapshot_of
from .test_store_opening import engine_url, say


def family(store: Store) -> tuple[int, int]:
    """Write a programme with an evaluation in København; answer both numbers."""
    born = found(store, birth("evaluation", "baseline", "0101")).born
    return born[0].id, born[1].id


def measured(programme: int, evaluation: int, **more: object) -> Registration:
    """Make a registration of 117 yes among 150."""
    row = Registration(programme, evaluation, Subject.MEASURE, "metoder", date(2019, 10, 1), NOW, CONSULTANT)
    return replace(row, **{"kommune": "0101", "yes": 117, "n": 150} | more)  # type: ignore[arg-type]


def add(store: Store, row: Registration) -> Registration:
    """Append a row in a transaction of its own."""
    with store.begin() as work:
        work.load(work.identity(row.instance_id))
        return work.registrations.add(row)


def test_a_registration_comes_back_as_it_was(store: Store) -> None:
    """Every field, instants in UTC and decimals among them."""
    programme, evaluation = family(store)
    more = {"value": 12.5, "group": "Ledere på Ærø", "note": "talt op to gange", "overridden": ("for_sent",)}
    first = add(store, measured(programme, evaluation, instrument="spørgeskema", idempotency_key="a", **more))
    second = add(store, measured(programme, evaluation, corrects=first.id, reason="slåfejl", yes=118))
    with store.read() as reader:
        assert reader.registrations.of_programme(programme) == (first, second)
        assert reader.registrations.of_instance(evaluation) == (first, second)
        assert reader.registrations.one(second.id) == second
    assert (first.seq, second.seq, first.group) == (1, 2, "Ledere på Ærø")


def test_an_unknown_registration_is_not_found(store: Store) -> None:
    """A number that does not exist says so."""
    with store.read() as reader, pytest.raises(NotFound, match="registration"):
        reader.registrations.one(7)


def test_what_fails_leaves_no_registration(store: Store) -> None:
    """A transaction that ends in an exception takes its registrations with it."""
    programme, evaluation = family(store)
    with pytest.raises(RuntimeError), store.begin() as work:
        work.registrations.add(measured(programme, evaluation))
        raise RuntimeError
    with store.read() as reader:
        assert reader.registrations.count(programme) == reader.registrations.count() == 0


def test_a_row_is_corrected_once_and_a_key_used_once(store: Store) -> None:
    """The second correction of one row, and the second row with one key, are conflicts."""
    programme, evaluation = family(store)
    first = add(store, measured(programme, evaluation, idempotency_key="a"))
    add(store, measured(programme, evaluation, corrects=first.id))
    with pytest.raises(Conflict):
        add(store, measured(programme, evaluation, corrects=first.id))
    with pytest.raises(Conflict):
        add(store, measured(programme, evaluation, idempotency_key="a"))


@pytest.mark.parametrize("wrong", [{"yes": 151}, {"yes": -1}, {"n": -1, "yes": None}, {"period": "midt"}])
def test_the_database_itself_refuses_what_cannot_be(store: Store, wrong: dict[str, object]) -> None:
    """More yes than answers, negative counts and a window that does not exist."""
    programme, evaluation = family(store)
    with pytest.raises(InvalidInput):
        add(store, measured(programme, evaluation, **wrong))


def test_a_changed_or_missing_row_breaks_the_chain(store: Store, store_url: str) -> None:
    """What is written past the store shows: the first bad row is named."""
    programme, evaluation = family(store)
    for _ in range(3):
        add(store, measured(programme, evaluation))
    store.close()

    def first_bad() -> int | None:
        with Store.open(store_url) as opened, opened.read() as reader:
            return verify_registrations(Examination(reader.connection).registrations(1, evaluation))

    assert first_bad() is None
    say(store_url, "UPDATE registration SET n = 200 WHERE seq = 2")
    assert first_bad() == 2
    say(store_url, "UPDATE registration SET n = 150 WHERE seq = 2", "DELETE FROM registration WHERE seq = 1")
    assert first_bad() == 1


def test_two_stores_number_the_rows_of_one_instance_without_gaps(open_store: Callable[..., Store]) -> None:
    """The lock of the instance orders them, whoever writes."""
    one, other = open_store(), open_store()
    programme, evaluation = family(one)
    seqs = [
        add(store, measured(programme, evaluation, note=str(place))).seq for place in range(2) for store in (one, other)
    ]
    assert seqs == [1, 2, 3, 4]


def test_a_database_of_the_first_schema_is_upgraded_with_all_it_holds(store_url: str, tmp_path: Path) -> None:
    """Revision 0001 becomes 0002 at the next opening: nothing is lost, the table is there, a file is copied first."""
    engine = create_engine(engine_url(store_url), poolclass=NullPool)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes.update(connection=connection, metadata=METADATA, version_table=migrations.VERSION_TABLE)
        command.upgrade(config, "0001")
    say(
        store_url,
        "INSERT INTO kommune (code, name, official_name, name_key) VALUES ('0370', 'Næstved', 'Næstved Kommune', 'x')",
    )
    with Store.open(store_url) as store:
        programme, evaluation = family(store)
        later = NOW + timedelta(hours=1)
        assert add(store, measured(programme, evaluation, recorded_at=later)).seq == 1
        assert snapshot_of(store, evaluation).revision == 1
        with store.read() as reader:
            assert [row.name for row in reader.registers.kommuner()] == ["København", "Lolland", "Næstved"]
    copies = [path.name for path in tmp_path.iterdir() if path.name.endswith(".backup-0001")]
    assert copies == (["samskabt.db.backup-0001"] if store_url.startswith("sqlite") else [])
