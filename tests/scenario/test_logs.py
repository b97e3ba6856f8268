"""What is logged: one event a use case and a mail, with ids alone; who embeds us keeps their own set-up."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import samskabt
from samskabt.engine.definition.document.measuring import Measure
from samskabt.engine.errors import InvalidInput, SamskabtError
from samskabt.engine.values import Actor, ActorKind
from samskabt.runtime.measuring.measures import Given
from samskabt.runtime.running.logs import Lines, form_of, writing_log
from samskabt.runtime.running.rounds import Rounds
from samskabt.runtime.running.telling import use_case

from .living import CHOSEN, KEY, begun

MARK = "hemmeligt7391"

EMBEDDED = """\
import logging, sys
import structlog
def look():
    root = logging.getLogger()
    return (root.level, list(root.handlers), logging.root.manager.disable, structlog.get_config(),
            structlog.is_configured(), logging.getLogger("samskabt").handlers, logging.getLogger("samskabt").level)
before = look()
import samskabt
from samskabt.notifications import MemoryMailer
from samskabt.runtime.ticker import Ticker
with samskabt.connect(sys.argv[1], mailer=MemoryMailer()) as engine:
    engine.programmes.start(sys.argv[2], actor=samskabt.Actor(samskabt.ActorKind.PERSON, "1"))
    with Ticker(engine):
        engine.tick()
assert look() == before, (before, look())
assert structlog.contextvars.get_contextvars() == {}
print("unchanged")
"""


def test_embedding_changes_no_global_configuration(tmp_path: Path) -> None:
    """Neither importing nor connecting nor ticking touches logging or structlog."""
    arguments = [sys.executable, "-c", EMBEDDED, f"sqlite:///{tmp_path / 'samskabt.db'}", KEY]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=240, check=False)
    assert done.stdout == "unchanged\n", done.stderr


def test_no_word_that_a_person_wrote_is_logged(tmp_path: Path) -> None:
    """Names, addresses, titles, reasons, data and unknown names go through every use case, and none into the log."""
    stream, log = StringIO(), logging.getLogger("samskabt")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines("json"))
    log.addHandler(handler)
    level = log.level
    log.setLevel(logging.DEBUG)
    try:
        _use_everything(f"sqlite:///{tmp_path / 'samskabt.db'}")
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
    written = stream.getvalue()
    assert MARK not in written and "@" not in written
    lines = [json.loads(line) for line in written.splitlines()]
    assert {line["use_case"] for line in lines if line["event"] == "use_case"} >= {
        *("start", "enrol", "withdraw", "advance", "reschedule", "correct", "person_add", "person_assign"),
        *("person_absent", "measure_agree", "measure_register", "add"),
    }
    told = {line["event"] for line in lines}
    assert {"timer_fired", "letter_sent"} <= told
    assert {line["outcome"] for line in lines if line["event"] == "use_case"} >= {"ok", "Refused", "NotFound"}
    fired = next(line for line in lines if line["event"] == "timer_fired")
    assert {"instance_id", "kind", "revision", "ms", "timer", "process_id"} <= set(fired)


def _use_everything(url: str) -> None:
    life = begun(url)
    engine, me = life.engine, Actor(ActorKind.PERSON, MARK)
    person = engine.people.add(f"{MARK} Hansen", f"{MARK}@eksempel.example", actor=me)
    engine.people.assign(person, "leder", programme_id=life.programme)
    engine.people.absent(person, date(2019, 8, 20))
    life.clock.move_to(CHOSEN - timedelta(days=5))
    Rounds(engine).round()
    meeting = life.one("uddannelsesdag_1")
    moved = engine.reschedule(meeting.id, date(2019, 10, 28), reason=MARK, actor=me)
    engine.correct(meeting.id, moved.revision, reason=MARK, actor=me)
    given = Given(me, date(2019, 8, 16), reason=MARK, override=True, note=MARK)
    engine.measures.agree(life.programme, "tid", Measure(title=MARK, unit="minutter"), given)
    kommune = life.instances("kommune")[0]
    for attempt in (
        lambda: engine.measures.register(life.one("baseline").id, "tid", given, value=1.0, n=9),
        lambda: engine.measures.register(meeting.id, MARK, given, value=1.0, n=9),
        lambda: engine.advance(kommune.id, MARK, reason=MARK, actor=me),
        lambda: engine.advance(meeting.id, "afhold", data={"noter": MARK}, reason=MARK, actor=me),
        lambda: engine.add(kommune.id, "challenge", MARK, actor=me),
        lambda: engine.add(kommune.id, MARK, MARK, actor=me),
        lambda: engine.programmes.enrol(life.programme, MARK, actor=me),
        lambda: engine.programmes.start(MARK, actor=me),
        lambda: engine.people.assign(person, MARK),
        lambda: engine.people.assign(9999, "leder"),
    ):
        try:
            attempt()
        except SamskabtError:
            continue
        except StopIteration:
            continue
    engine.programmes.withdraw(kommune.id, reason=MARK, actor=me)
    with engine.context.store.begin() as uow:
        uow.connection.raw.execute(f"UPDATE timer SET rule = '{MARK}' WHERE id = (SELECT min(id) FROM timer)")
    life.clock.move_to(CHOSEN)
    Rounds(engine).round()
    engine.close()


def test_libraries_words_are_left_out() -> None:
    """What a library says may hold what people wrote; its name, level and the error's class are told."""
    record = logging.LogRecord("smtplib", logging.ERROR, "", 1, "to %s", (MARK,), (ValueError, ValueError(MARK), None))
    line = json.loads(Lines("json").format(record))
    assert (line["event"], line["logger"], line["error"]) == ("library", "smtplib", "ValueError")
    assert MARK not in Lines("text").format(record)


def test_what_breaks_says_when_and_where() -> None:
    """The place in the program where an error arose stands beside the time, not instead of it, in every log."""
    stream = StringIO()

    @use_case("breaks")
    def breaks() -> None:
        raise ValueError(MARK)

    with writing_log("json", stream), pytest.raises(ValueError, match=MARK):
        breaks()
    line = json.loads(stream.getvalue())
    assert datetime.fromisoformat(line["at"]).tzinfo is not None
    assert line["place"].startswith(f"{__name__}:")
    house = Path(samskabt.__file__).parent
    tellers = [path for room in ("runtime", "notifications") for path in (house / room).resolve().rglob("*.py")]
    assert len(tellers) > 50
    assert [path.name for path in tellers if "at=place_of(" in path.read_text(encoding="utf-8")] == []


def test_the_form_of_the_log_is_a_setting() -> None:
    """JSON where nobody looks on; anything else than the two forms is refused by name."""
    assert form_of({"SAMSKABT_LOG": "text"}) == "text"
    assert form_of({}) == "json"
    with pytest.raises(InvalidInput, match="json or text"):
        form_of({"SAMSKABT_LOG": "xml"})
