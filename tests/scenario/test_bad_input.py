"""Bad input on the real engine: a clear error that names the way out, and not one row of any table changed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from samskabt.engine.errors import (
    Conflict,
    DatabaseTooNew,
    InvalidInput,
    NotFound,
    NotOurDatabase,
    Refused,
    SamskabtError,
    StorageUnavailable,
)
from samskabt.runtime.clock import VirtualClock
from samskabt.runtime.engine import connect
from samskabt.runtime.usecases.programmes import Workflows

from .world import CHOSEN, KEY, ME, PUBLISHED, World, open_world, start

HOUR = timedelta(hours=1)
NOBODY = 65534  # the user that owns nothing, by the number that Linux gives it
Try = Callable[[World], object]


def advance(event: str, kommune: str = "Greve", **more: Any) -> Try:
    """Try an event of a kommune."""
    return lambda world: world.engine.advance(world.kommune(kommune), event, actor=ME, **more)


def reschedule(key: str, day: Any, **more: Any) -> Try:
    """Try another day for an activity of the programme."""
    return lambda world: world.engine.reschedule(world.activity(key), day, actor=ME, **more)


def add(title: Any, kind: str = "challenge", **data: Any) -> Try:
    """Try to add something under a kommune."""
    return lambda world: world.engine.add(world.kommune("Greve"), kind, title, data=data, actor=ME)


def assign(role: str, person: int = 1, **more: Any) -> Try:
    """Try to give a role."""
    return lambda world: world.engine.people.assign(person, role, **{"programme_id": world.programme, **more})


def programme(event: str, **data: Any) -> Try:
    """Try an event of the programme."""
    return lambda world: world.engine.advance(world.programme, event, data=data, actor=ME)


def unchanged(world: World, attempt: Try, error: type[SamskabtError], says: str) -> SamskabtError:
    """Make an attempt that must fail so, and see that no table has changed."""
    before = world.dump()
    with pytest.raises(error, match=says) as raised:
        attempt(world)
    assert world.dump() == before
    return raised.value


UNKNOWN: dict[str, tuple[Try, str]] = {
    "event": (advance("trin_1.begyn"), r"unknown event 'trin_1.begyn'; did you mean: trin_1.begynd"),
    "the system's own event": (programme("planlaeg_om", dates={"planned_start": "2030-01-01"}), "unknown event"),
    "poke": (advance("poke"), "unknown event 'poke'; available: "),
    "move of another kind": (advance("til_trin_4"), "unknown event"),
    "instance": (lambda world: world.engine.advance(99_999, "forloeb.vaelg", actor=ME), "unknown instance 99999"),
    "instance to show": (lambda world: world.engine.show(-1), "unknown instance -1"),
    "instance to ask": (lambda world: world.engine.options(0), "unknown instance 0"),
    "kommune": (
        lambda world: world.engine.programmes.enrol(world.programme, "Grve", actor=ME),
        "unknown kommune 'Grve'; did you mean: Greve",
    ),
    "programme": (
        lambda world: world.engine.programmes.start("fagligheder", actor=ME),
        f"available: .*{KEY}, lab-ud-i-praksis",
    ),
    "version": (lambda world: world.engine.programmes.start(KEY, version=7, actor=ME), f"did you mean: {KEY}@1"),
    "kind": (add("Ét skema", "solution"), "unknown kind under a kommune 'solution'; available: activity, challenge"),
    "field": (advance("trin_1.tjek", data={"formal": True}), "unknown field of trin_1.tjek 'formal'; did.*formaal"),
    "field of the system": (advance("trin_1.tjek", data={"runder": 9}), "unknown field of trin_1.tjek 'runder'"),
    "history row": (lambda world: world.engine.correct(world.programme, 99, reason="Fejl", actor=ME), "row 99"),
    "role": (assign("partkonsulent"), "unknown role 'partkonsulent'; did you mean: partskonsulent"),
    "role anywhere": (assign("konge", programme_id=None), "unknown role 'konge'; available: alle_kommuner, borger"),
    "programme of a role": (assign("leder", programme_id=999), "unknown programme 999; available: 1"),
    "kommune of a role": (assign("leder", kommune="9999"), "unknown kommune '9999'; available: 0101"),
    "person of a role": (assign("leder", person=99), "unknown person 99; available: 1"),
    "substitute": (assign("leder", substitute_id=1), "unknown person 1; available: 2"),
    "absent person": (lambda world: world.engine.people.absent(99, None), "unknown person 99"),
}

WRONG: dict[str, tuple[Try, str]] = {
    "naive time": (advance("trin_1.begynd", happened_at=datetime(2019, 9, 4, 7)), "is naive; give a datetime with"),
    "instant as day": (reschedule("afsluttende_temadag", datetime(2020, 11, 4)), "is an instant; give a date"),
    "text as day": (reschedule("afsluttende_temadag", "4. november"), "is a date such as"),
    "start instant": (lambda world: world.engine.programmes.start(KEY, start=PUBLISHED, actor=ME), "give a date"),
    "start too far": (lambda world: world.engine.programmes.start(KEY, start=date(2300, 1, 1), actor=ME), "1990 to"),
    "number as tick": (advance("trin_1.tjek", data={"formaal": 3}), "formaal: is ticked with true, false, a note"),
    "text too long": (advance("trin_1.tjek", data={"formaal": "å" * 20_001}), "at most 20000 characters"),
    "NUL in a note": (advance("trin_1.tjek", data={"formaal": "a\x00b"}), "formaal: is a text"),
    "half a character": (advance("trin_1.tjek", data={"formaal": "a\ud83db"}), "formaal: is a text"),
    "NUL in a reason": (advance("forloeb.traek", reason="a\x00b"), "reason: is a text of at most 20000 characters"),
    "half a reason": (advance("forloeb.traek", reason="a\ud83db"), "reason: is a text"),
    "reason too long": (advance("forloeb.traek", reason="å" * 20_001), "reason: is a text"),
    "address": (lambda world: world.engine.people.add("Åse", "aase"), "such as konsulent@"),
    "role that ends first": (assign("leder", to_on=date(2019, 9, 1)), "lies before 2019-09-04"),
}

REFUSED: dict[str, tuple[Try, set[str]]] = {
    "future": (advance("trin_1.begynd", happened_at=CHOSEN + HOUR), {"i_fremtiden"}),
    "before the last step of the region": (advance("forloeb.traek", reason="x", happened_at=CHOSEN - HOUR), {"foer_"}),
    "the wrong state": (advance("trin_1.afslut"), {"ikke_muligt_nu"}),
    "an end": (advance("forloeb.vaelg", "Ballerup"), {"ikke_muligt_nu"}),
    "after the programme": (reschedule("afsluttende_temadag", date(2021, 3, 2)), {"uden_for_programmet"}),
    "before the programme": (reschedule("afsluttende_temadag", date(2019, 7, 31)), {"uden_for_programmet"}),
    "Christmas": (reschedule("afsluttende_temadag", date(2020, 12, 25)), {"lukket_dag"}),
    "Christmas, without a reason": (
        reschedule("afsluttende_temadag", date(2020, 12, 25), override=True),
        {"mangler_begrundelse"},
    ),
    "an end before the start": (
        reschedule("afsluttende_temadag", date(2020, 11, 4), until=date(2020, 11, 3)),
        {"slut_foer_start"},
    ),
    "a blank reason": (advance("forloeb.traek", reason="  \n"), {"mangler_begrundelse"}),
    "a correction without a reason": (
        lambda world: world.engine.correct(world.kommune("Ballerup"), 2, reason=" ", actor=ME),
        {"mangler_begrundelse"},
    ),
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_what_is_unknown_is_named_with_what_there_is(world: World, what: str) -> None:
    """Events, instances, kommuner, programmes, kinds, fields, roles and people that do not exist."""
    attempt, says = UNKNOWN[what]
    error = unchanged(world, attempt, NotFound, says)
    assert "FOREIGN" not in str(error)


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_understood_is_named_with_what_can(world: World, what: str) -> None:
    """Naive times, wrong types, texts that no database keeps."""
    attempt, says = WRONG[what]
    unchanged(world, attempt, InvalidInput, says)


@pytest.mark.parametrize("what", REFUSED)
def test_what_may_not_happen_is_refused_in_danish(world: World, what: str) -> None:
    """Times and days out of bounds, wrong states, missing reasons: a code, and a sentence that a consultant reads."""
    attempt, codes = REFUSED[what]
    error = unchanged(world, attempt, Refused, "is refused")
    assert isinstance(error, Refused)
    found = {refusal.code for refusal in error.refusals}
    assert all(any(code.startswith(wanted) for code in found) for wanted in codes), found
    sentences = world.engine.explain(world.programme if "forloeb" in error.event else world.kommune("Greve"), error)
    assert all(sentence.endswith(".") and "_" not in sentence for sentence in sentences), sentences


def test_a_stale_revision_is_a_conflict_that_says_what_to_do(world: World) -> None:
    """Two people looked at the same revision; the second is told to look again."""
    seen = world.engine.show(world.kommune("Greve")).revision
    advance("trin_1.begynd", expected_revision=seen)(world)
    says = rf"at revision {seen + 1}, not {seen}: somebody was first; look at it again"
    unchanged(world, advance("trin_2.begynd", expected_revision=seen), Conflict, says)
    unchanged(world, advance("trin_2.begynd", expected_revision=seen + 2), Conflict, "look at it again")


def test_an_idempotency_key_of_another_event_is_a_conflict(world: World) -> None:
    """A key that was used for something else would lose one of the two without a word."""
    advance("trin_1.begynd", idempotency_key="a1")(world)
    unchanged(world, advance("trin_2.begynd", idempotency_key="a1"), Conflict, "was used for trin_1.begynd")


@pytest.mark.parametrize("title", ["", "   ", None, 7, "x\x00", "x" * 20_001])
def test_a_challenge_wants_a_title_that_says_something(world: World, title: object) -> None:
    """No title, blanks, a number, and what no database keeps."""
    advance("faelles_workshop")(world)
    unchanged(world, add(title), SamskabtError, "titel|mangler_oplysning")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**400, True, "3"])
def test_a_number_is_a_number_that_every_database_keeps(world: World, number: object) -> None:
    """Not infinity, not a truth, not a text."""
    advance("faelles_workshop")(world)
    unchanged(world, add("Skemaer", prioritet=number), InvalidInput, "prioritet: is a number")


def test_blanks_answer_no_question(world: World) -> None:
    """A verdict of blanks is a missing verdict, as a list, a day and a kommune must be what they are called."""
    meeting = world.activity("fagprofil_workshops")
    world.do(meeting, "afhold")
    unchanged(world, lambda _: world.do(meeting, "foelg_op", udbytte="  "), Refused, "mangler_oplysning")
    training = world.activity("uddannelsesdag_1")
    for came in ("0101", ["København"], [101]):
        unchanged(world, held_with(training, came), InvalidInput, "fremmoedte")


def held_with(meeting: int, came: Any) -> Try:
    """Try to register who came to a meeting."""
    return lambda world: world.do(meeting, "afhold", fremmoedte=came)


def test_choosing_before_the_deadline_yields_to_a_reason(open_at: Callable[..., World]) -> None:
    """What a refusal of choosing offers, an override with a reason, is taken by choosing itself."""
    world = start(open_at())
    greve = world.engine.programmes.enrol(world.programme, "Greve", actor=ME).born["0253"]
    world.engine.programmes.choose(world.programme, actor=ME, reason="Fristen er rykket", override=True)
    row = world.engine.history(greve)[-1]
    assert (row.event, row.reason) == ("forloeb.vaelg", "Fristen er rykket") and row.overridden


def test_enrolling_twice_late_or_the_fifth_is_refused(open_at: Callable[..., World]) -> None:
    """A kommune once, before the deadline; and four of them at most, whoever asks."""
    world = start(open_at())

    def enrol(name: str) -> Try:
        return lambda world: world.engine.programmes.enrol(world.programme, name, actor=ME)

    for name in ("Greve", "Aarhus", "Læsø", "Solrød", "Lejre"):
        enrol(name)(world)
    unchanged(world, enrol("0253"), Refused, "allerede_tilmeldt")
    unchanged(world, programme("forloeb.tilmeld_kommune"), Refused, "mangler_oplysning")
    unchanged(world, lambda world: world.engine.programmes.choose(world.programme, actor=ME), Refused, "fristen_er_ikk")
    world.clock.move_to(CHOSEN)
    unchanged(world, enrol("København"), Refused, "fristen_er_overskredet")
    for name in ("Greve", "Aarhus", "Læsø", "Solrød"):
        advance("forloeb.vaelg", name)(world)
    unchanged(world, advance("forloeb.vaelg", "Lejre", override=True, reason="Gerne"), Refused, "ingen_plads")


def test_a_clock_that_is_turned_back_is_refused(world: World) -> None:
    """A virtual clock only moves forward, and never to a time without a zone."""
    with pytest.raises(InvalidInput, match="only moves forward"):
        world.clock.move_to(PUBLISHED)
    with pytest.raises(InvalidInput, match="is naive"):
        VirtualClock(datetime(2019, 9, 4))


@pytest.fixture
def copy(chosen_file: tuple[Path, int], tmp_path: Path) -> Path:
    """Give a copy of a programme's file that nobody has open."""
    return Path(shutil.copyfile(chosen_file[0], tmp_path / "kopi.db"))


def test_a_file_of_a_newer_version_is_left_alone(copy: Path) -> None:
    """The error says to upgrade the program, and the file keeps every byte."""
    with sqlite3.connect(copy) as connection:
        connection.execute("UPDATE samskabt_version SET version_num = '9999'")
    connection.close()
    refuse_file(copy, DatabaseTooNew, "upgrade the program")


@pytest.mark.parametrize("part", [0.2, 0.6, 0.95])
def test_a_truncated_file_is_left_alone(copy: Path, part: float) -> None:
    """The error says to restore a backup."""
    copy.write_bytes(copy.read_bytes()[: int(copy.stat().st_size * part)])
    refuse_file(copy, NotOurDatabase, "restore a backup")


def test_a_foreign_file_is_left_alone(tmp_path: Path) -> None:
    """A letter, and somebody else's database."""
    letter, other = tmp_path / "brev.db", tmp_path / "andet.db"
    letter.write_text("Kære alle,\n" * 500)
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE person (navn TEXT)")
    connection.close()
    for path in (letter, other):
        refuse_file(path, NotOurDatabase, path.name)


def refuse_file(path: Path, error: type[SamskabtError], says: str) -> None:
    """See that connecting fails so and leaves every byte of the file as it was."""
    before = path.read_bytes()
    with pytest.raises(error, match=says):
        connect(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_folder_that_takes_no_files_is_named() -> None:
    """Nothing can be written in /proc, not even by root."""
    with pytest.raises(StorageUnavailable, match=r"/proc/samskabt\.db"):
        connect("sqlite:////proc/samskabt.db")


def test_a_read_only_folder_is_named() -> None:
    """A folder without the right to write: root, who may write everywhere, becomes nobody for as long as it takes."""
    folder = Path(tempfile.mkdtemp(prefix="samskabt-"))
    folder.chmod(0o555)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        with pytest.raises(StorageUnavailable, match="may the program write in it"):
            connect(f"sqlite:///{folder / 'ny.db'}")
    finally:
        os.seteuid(user)
    assert list(folder.iterdir()) == []
    folder.rmdir()


def test_a_full_disk_loses_the_decision_and_nothing_else(world: World) -> None:
    """When no page is left an event fails as a whole; with room again the same event goes through."""
    with world.engine.context.store.begin() as work:
        work.connection.ask(f"PRAGMA max_page_count = {work.connection.ask('PRAGMA page_count')}")
    many = advance("trin_1.tjek", data={"formaal": "å" * 19_000, "intro_holdt": "ø" * 19_000})
    for _ in range(20):
        before = world.dump()
        try:
            many(world)
        except StorageUnavailable as full:
            assert "disk is full" in str(full)
            break
    else:
        raise AssertionError("the disk was never full")
    assert world.dump() == before
    with world.engine.context.store.begin() as work:
        work.connection.ask("PRAGMA max_page_count = 1000000")
    many(world)
    assert world.engine.show(world.kommune("Greve")).data["formaal"]


@pytest.mark.parametrize("url", ["samskabt.db", "mysql://x/y", "sqlite:///:memory:"])
def test_an_address_that_is_no_database_is_explained(url: str) -> None:
    """A bare file name, another kind, and a database that forgets."""
    with pytest.raises(InvalidInput, match="sqlite:///path"):
        connect(url)


def test_bad_input_changes_nothing_on_every_kind_of_database(store_url: str, workflows: Workflows) -> None:
    """The same on PostgreSQL, whose texts take no NUL and whose keys are checked by the server."""
    world = start(open_world(store_url, workflows, PUBLISHED))
    world.engine.programmes.enrol(world.programme, "Greve", actor=ME)
    for attempt, says in (WRONG["NUL in a reason"], WRONG["half a reason"]):
        unchanged(world, attempt, InvalidInput, says)
    for attempt, says in (UNKNOWN["role"], UNKNOWN["kommune of a role"], UNKNOWN["person of a role"]):
        unchanged(world, attempt, NotFound, says)
    unchanged(world, advance("forloeb.vaelg"), Refused, "fristen_er_ikke_udloebet")
    world.engine.close()


def test_the_times_of_one_moment_are_one_moment(world: World) -> None:
    """An aware time of another zone is the same instant: nothing is refused for its zone."""
    from zoneinfo import ZoneInfo

    happened = CHOSEN.astimezone(ZoneInfo("America/Nuuk"))
    advance("trin_1.begynd", happened_at=happened)(world)
    assert world.engine.history(world.kommune("Greve"))[-1].happened_at == datetime(2019, 9, 4, 8, tzinfo=UTC)
