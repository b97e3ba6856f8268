"""The doctor on a real database: silent about a life with all its turns, and outspoken about every planted damage."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from samskabt.engine.definition import Workflow
from samskabt.runtime.doctor import Diagnosis, examine
from samskabt.runtime.doctoring.case import WAYS_OUT

from .living import engine_of, lived

pytestmark = pytest.mark.xdist_group("doctor")

END = datetime(2019, 12, 2, 8, tzinfo=UTC)

A_TASK = "(SELECT min(instance_id) FROM history WHERE kind = 'correction')"
A_MEETING = "(SELECT id FROM instance WHERE key = 'uddannelsesdag_1')"
ARMED = "(SELECT max(id) FROM timer WHERE status = 'armed')"
CANCELLED = "(SELECT max(id) FROM timer WHERE status = 'cancelled')"
LAST_ROW = "(SELECT max(seq) FROM history h WHERE h.instance_id = history.instance_id)"
FIRED = "(SELECT max(timer.id) FROM timer JOIN outbox USING (instance_id) WHERE timer.status = 'fired' AND timer.due_at < '2019-11-29' AND outbox.key = timer.key || '/g1/' || role)"  # noqa: E501
SENT = "(SELECT max(outbox_id) FROM delivery)"
LEFT = "(SELECT min(id) FROM outbox WHERE status = 'sent' AND region = 'status' AND instance_id IN (SELECT instance_id FROM history WHERE seq > entry_seq AND region = 'status' AND to_state <> from_state))"  # noqa: E501

ONE_INSTANCE: tuple[tuple[str, str], ...] = (
    ("history_edited", f"UPDATE history SET reason = 'noget andet' WHERE instance_id = {A_MEETING} AND seq = 2"),
    ("history_missing", f"DELETE FROM history WHERE instance_id = {A_MEETING} AND seq = 2"),
    ("head_wrong", f"UPDATE instance SET head = 'x' WHERE id = {A_MEETING}"),
    ("revision_wrong", f"UPDATE instance SET revision = revision + 1 WHERE id = {A_MEETING}"),
    ("happened_later", f"UPDATE history SET happened_at = '2019-11-20 00:00:00.000000' WHERE instance_id = {A_TASK} AND seq = 2"),  # noqa: E501
    ("recorded_in_future", f"UPDATE history SET recorded_at = '2029-01-01 00:00:00.000000' WHERE instance_id = {A_TASK} AND seq = {LAST_ROW}"),  # noqa: E501
    ("recorded_backwards", f"UPDATE history SET recorded_at = '2019-01-01 00:00:00.000000' WHERE instance_id = {A_TASK} AND seq = {LAST_ROW}"),  # noqa: E501
    ("position_wrong", f"UPDATE instance SET position = '{{\"status\":\"i_gang\"}}' WHERE id = {A_TASK}"),
    ("illegal_position", f"UPDATE instance SET position = '{{\"status\":\"sover\"}}' WHERE id = {A_TASK}"),
    ("entered_wrong", f"UPDATE instance SET entered = replace(entered, '2019', '2018') WHERE id = {A_TASK}"),
    ("data_wrong", f"UPDATE instance SET data = '{{\"udbytte\":\"pynt\"}}' WHERE id = {A_TASK}"),
    ("dates_wrong", f"UPDATE instance SET planned_end = '2024-01-01' WHERE id = {A_MEETING}"),
    ("unreadable", f"UPDATE instance SET data = '{{' WHERE id = {A_TASK}"),
    ("timer_moved", f"UPDATE timer SET due_at = '2029-01-01 00:00:00.000000' WHERE id = {ARMED}"),
    ("timer_anchor", f"UPDATE timer SET anchor_value = '2019-01-01' WHERE id = {ARMED}"),
    ("timer_missing", f"DELETE FROM timer WHERE id = {ARMED}"),
    ("timer_missing", f"UPDATE timer SET status = 'cancelled' WHERE id = {ARMED}"),
    ("timer_missing", f"UPDATE timer SET status = 'skipped' WHERE id = {ARMED}"),
    ("timer_left", f"UPDATE timer SET status = 'armed' WHERE id = {CANCELLED}"),
    ("timer_early", f"UPDATE timer SET status = 'fired' WHERE id = {ARMED}"),
    ("timer_failing", f"UPDATE timer SET attempts = 3, last_error = 'KeyError' WHERE id = {ARMED}"),
    ("timer_overdue", f"UPDATE timer SET status = 'armed' WHERE id = {FIRED}"),
    ("family_wrong", f"UPDATE instance SET kommune = '0751' WHERE id = {A_MEETING}"),
    ("family_wrong", f"UPDATE instance SET parent_id = {A_TASK} WHERE id = {A_MEETING}"),
    ("family_wrong", f"UPDATE timer SET kommune = '0665' WHERE id = {ARMED}"),
    ("family_wrong", f"UPDATE outbox SET kommune = '0665' WHERE id = {SENT}"),
    ("pause_wrong", f"UPDATE instance SET data = json_set(data, '$.i_bero', json('{{\"programme\": {{\"siden\": \"2019-10-01T08:00:00+00:00\", \"fordi\": \"x\", \"af\": \"1\"}}}}')) WHERE id = {A_TASK}"),  # noqa: E501
    ("birth_unrecorded", f"UPDATE instance SET created_at = '2019-08-14 08:00:00.000001' WHERE id = {A_MEETING}"),
    ("mail_unproven", f"DELETE FROM delivery WHERE outbox_id = {SENT}"),
    ("mail_waiting", f"UPDATE outbox SET status = 'pending' WHERE id = {LEFT}"),
    ("mail_unposted", f"UPDATE letter_item SET status = 'dropped' WHERE outbox_id = {SENT}"),
    ("mail_forgotten", f"UPDATE outbox SET status = 'posted' WHERE id = {SENT}"),
    ("letter_unproven", f"DELETE FROM delivery WHERE outbox_id = {SENT}"),
    ("letter_left", f"UPDATE letter_item SET status = 'pending' WHERE outbox_id = {SENT}"),
    ("letter_waiting", "UPDATE letter SET status = 'pending' WHERE id = 1"),
    ("mail_moot", f"UPDATE delivery SET at = '2019-12-01 00:00:00.000000' WHERE outbox_id = {LEFT}"),
    ("mail_lost", f"UPDATE outbox SET key = 'mail-' || id WHERE EXISTS (SELECT 1 FROM timer WHERE timer.id = {FIRED} AND outbox.instance_id = timer.instance_id AND outbox.key LIKE timer.key || '/%')"),  # noqa: E501
    ("mail_uncaused", f"UPDATE outbox SET key = replace(key, '/g1/', '/g2/') WHERE id = (SELECT outbox.id FROM outbox JOIN timer USING (instance_id) WHERE timer.id = {FIRED} AND outbox.key LIKE timer.key || '/%')"),  # noqa: E501
    ("registration_edited", "UPDATE registration SET n = 9 WHERE seq = 1 AND subject = 'measure'"),
    ("registration_astray", "UPDATE registration SET corrects = NULL, kommune = '0665' WHERE subject = 'measure'"),
    ("registration_astray", "UPDATE registration SET corrects = 1 WHERE corrects IS NOT NULL"),
    ("mail_uncaused", "UPDATE outbox SET key = replace(key, ':', ':9') WHERE id = (SELECT min(id) FROM outbox WHERE intent = 'invitation')"),  # noqa: E501
)  # fmt: skip

WHOLE_HOUSE: tuple[tuple[str, str], ...] = (
    ("workflow_edited", "UPDATE workflow_version SET document = replace(document, 'konsulenter', 'konsulinder')"),
    ("workflow_unreadable", "UPDATE workflow_version SET document = '{}'"),
    ("workflow_changed", "UPDATE instance SET workflow_hash = 'x' WHERE kommune IS NOT NULL"),
    ("clock_ahead", "UPDATE meta SET value = '2029-01-01T00:00:00+00:00' WHERE key = 'heartbeat'"),
    ("unreadable", "UPDATE meta SET value = 'i går' WHERE key = 'heartbeat'"),
    ("database_damaged", "DELETE FROM person"),
)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of a life that was lived once."""
    path = tmp_path_factory.mktemp("life") / "samskabt.db"
    lived(f"sqlite:///{path}").engine.close()
    return path


@pytest.fixture
def database(life: Path, tmp_path: Path) -> Path:
    """Give a copy to damage."""
    return Path(shutil.copy(life, tmp_path / "copy.db"))


def diagnosis(url: str | Path, at: datetime = END) -> Diagnosis:
    """Examine a database at an instant."""
    with engine_of(str(url) if "://" in str(url) else f"sqlite:///{url}", at)[0] as engine:
        return examine(engine)


def damage(path: Path, sql: str) -> None:
    """Write past the engine."""
    with closing(sqlite3.connect(path)) as raw:
        changed = raw.execute(sql).rowcount
        raw.commit()
    assert changed > 0, "the damage must hit something"


def codes(found: Diagnosis) -> set[str]:
    """Give the codes of what was found."""
    return {finding.code for finding in found.findings}


def test_a_life_with_all_its_turns_is_well(life: Path) -> None:
    """Late registrations, corrections, moved days, withdrawals, overrides and the end of summer time are no damage."""
    found = diagnosis(life)
    assert found.findings == ()
    assert found.is_well
    assert found.counts["instances"] > 80
    assert found.counts["history"] > 200


def test_the_same_life_on_postgresql_is_well(postgres_url: str) -> None:
    """The doctor reads PostgreSQL as it reads SQLite, and finds two rows of one key where the constraint is gone."""
    life = lived(postgres_url)
    assert examine(life.engine).findings == ()
    with psycopg.connect(postgres_url, autocommit=True) as raw:
        raw.execute("ALTER TABLE outbox DROP CONSTRAINT uq_outbox_instance_id_key")
        names = "instance_id, programme_id, key, intent, template, role, why, nudge_values, queued_at, not_before"
        rest = "attempts, status"
        raw.execute(f"INSERT INTO outbox ({names}, {rest}) SELECT {names}, 0, 'held' FROM outbox WHERE id = 1")
        raw.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_timer_armed'::regclass")
    assert codes(examine(life.engine)) >= {"mail_doubled", "database_damaged"}
    life.engine.close()


@pytest.mark.parametrize(("code", "sql"), ONE_INSTANCE)
def test_a_damaged_row_is_found_and_nobody_else_is_accused(database: Path, code: str, sql: str) -> None:
    """What is changed past the engine is found by its own code, at the instance that it belongs to."""
    damage(database, sql)
    found = diagnosis(database)
    assert code in codes(found)
    assert len({finding.instance_id for finding in found.findings}) == 1


@pytest.mark.parametrize(("code", "sql"), WHOLE_HOUSE)
def test_damage_to_the_whole_house_is_found(database: Path, code: str, sql: str) -> None:
    """Documents, pins, the heartbeat and lost references are examined too, and a finding says the way out."""
    damage(database, sql)
    finding = next(one for one in diagnosis(database).findings if one.code == code)
    assert finding.text.endswith(WAYS_OUT[code])


def test_a_dead_end_is_found(database: Path) -> None:
    """An instance that nobody and nothing can move is told as stuck, once its last timer is gone."""
    with closing(sqlite3.connect(database)) as raw:
        document = json.loads(raw.execute("SELECT document FROM workflow_version").fetchone()[0])
        moves = document["machines"]["evaluation"]["regions"]["status"]["moves"]
        del moves["afrapporter"], moves["aflys"]
        workflow = Workflow.model_validate_json(json.dumps(document))
        raw.execute("UPDATE workflow_version SET hash = ?, document = ?", (workflow.hash, workflow.canonical))
        raw.execute("UPDATE instance SET workflow_hash = ?", (workflow.hash,))
        closed = "(SELECT id FROM instance WHERE kind = 'evaluation' AND position LIKE '%lukket%')"
        raw.execute(f"UPDATE timer SET status = 'fired' WHERE status = 'armed' AND instance_id IN {closed}")
        raw.commit()
    stuck = [finding for finding in diagnosis(database).findings if finding.code == "stuck"]
    assert stuck
    assert all(finding.text.startswith("evaluation") for finding in stuck)


def test_a_clock_that_stands_still_is_found(life: Path) -> None:
    """When timers have been due for longer than an hour and no tick came, the doctor says so."""
    later = diagnosis(life, END + timedelta(days=30))
    assert codes(later) == {"clock_stopped"}
    assert "the ticker last ran at 2019-12-02" in later.findings[0].text


def test_a_broken_page_of_the_file_is_reported(database: Path) -> None:
    """Bytes that were overwritten on the disk become findings, not a crash and not silence."""
    content = bytearray(database.read_bytes())
    place = content.index(b"uddannelsesdag_1") // 4096 * 4096
    content[place : place + 512] = bytes(512)
    database.write_bytes(content)
    assert "database_damaged" in codes(diagnosis(database))


def test_every_code_has_its_planted_damage() -> None:
    """No finding exists that no test provokes."""
    elsewhere = {"mail_doubled", "stuck", "clock_stopped"}
    assert {code for code, _ in (*ONE_INSTANCE, *WHOLE_HOUSE)} | elsewhere == set(WAYS_OUT)
