"""What the system concluded is taken back when a fact says otherwise; what people registered never is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from samskabt.engine.errors import Refused
from samskabt.engine.values import Intent
from samskabt.runtime import views
from samskabt.runtime.doctor import examine
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.storage import OutboxView, RoleRow

from .world import CHOSEN, ME, World, copied, open_world

DAY = timedelta(days=1)
BASELINE = "baseline"


@pytest.fixture(params=["sqlite", "postgresql"])
def either(
    request: pytest.FixtureRequest, workflows: Workflows, chosen_file: tuple[Path, int], tmp_path: Path
) -> Iterator[World]:
    """Give the programme whose kommuner were chosen this morning, on each of the databases."""
    if request.param == "sqlite":
        found = open_world(copied(chosen_file[0], tmp_path / "valgt.db"), workflows, CHOSEN, chosen_file[1])
    else:
        url, programme = request.getfixturevalue("chosen_url")
        found = open_world(url, workflows, CHOSEN, programme)
    try:
        yield found
        found.engine.tick()
        assert examine(found.engine).findings == ()
    finally:
        found.engine.close()


def evaluation(world: World) -> int:
    """Give the evaluation that opens first."""
    with world.engine.context.store.read() as reader:
        found = [one for one in reader.instances(world.programme, "evaluation") if one.dates.planned_start]
    return min(found, key=lambda one: (one.dates.planned_start or date.max, one.id)).id


def moment(day: date | None, hour: int = 10) -> datetime:
    """Give an hour (UTC) of a day."""
    assert day is not None
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def mails(world: World, number: int) -> list[OutboxView]:
    """List an instance's mails."""
    with world.engine.context.store.read() as reader:
        return [one for one in reader.outbox(world.programme, limit=100_000) if one.instance_id == number]


def test_the_systems_steps_yield_to_what_really_happened(either: World) -> None:
    """Opened by hand two days early, told after it had opened and closed by itself: both follow anew."""
    world, number = either, evaluation(either)
    planned = world.engine.show(number).dates
    opened = moment(planned.planned_start) - 2 * DAY
    world.live_until((planned.planned_end or date.max) + 30 * DAY)
    before = len(mails(world, number))
    assert world.state(number) == "lukket"
    outcome = world.do(number, "aabn", happened_at=opened)
    assert world.state(number) == "lukket"
    one = world.engine.show(number)
    assert (one.dates.actual_start, one.dates.actual_end) == (opened.date(), (planned.planned_end or date.max) + DAY)
    told = views.story_of(world.engine, number)
    assert [(row.event, row.kind, row.actor_kind, row.taken_back_by_system) for row in told[-6:]] == [
        ("aabn", "event", "system", True),
        ("luk", "event", "system", True),
        ("ret", "correction", "system", False),
        ("ret", "correction", "system", False),
        ("aabn", "event", "person", False),
        ("luk", "event", "system", False),
    ]
    assert told[-2].seq == outcome.revision and "registreret sent" in (told[-3].reason or "")
    assert told[-2].days_late > 30
    world.live_until(world.clock.now().date() + 3 * DAY)
    assert len(mails(world, number)) == before


def test_a_persons_step_is_never_undone_by_a_late_registration(either: World) -> None:
    """It is refused, and says which step stands in the way; after that is corrected the late one may come."""
    world, number = either, evaluation(either)
    planned = world.engine.show(number).dates
    world.live_until((planned.planned_start or date.max) + 5 * DAY)
    by_hand = world.do(number, "luk").revision
    early = moment(planned.planned_start) - 2 * DAY
    before = world.dump()
    with pytest.raises(Refused) as caught:
        world.do(number, "aabn", happened_at=early)
    assert {one.code for one in caught.value.refusals} >= {"foer_seneste_skridt"}
    assert f"(nr. {by_hand}). Er det skridt forkert, så ret det først." in " ".join(
        world.engine.explain(number, caught.value)
    )
    assert world.dump() == before
    world.engine.correct(number, by_hand, reason="Forkert evaluering", actor=ME)
    world.do(number, "aabn", happened_at=early)
    assert world.state(number) == "aaben"


def test_a_persons_step_under_the_systems_is_named(world: World) -> None:
    """The system closed what a person had opened: what happened before that must correct the person first."""
    number = evaluation(world)
    planned = world.engine.show(number).dates
    world.live_until((planned.planned_start or date.max) - 3 * DAY)
    opened = world.do(number, "aabn").revision
    world.live_until((planned.planned_end or date.max) + 5 * DAY)
    assert world.state(number) == "lukket"
    with pytest.raises(Refused) as caught:
        world.do(number, "planlaeg", dato="2019-12-02", happened_at=CHOSEN + DAY)
    assert [(one.code, one.values["seq"]) for one in caught.value.refusals] == [("foer_seneste_skridt", opened)]


def test_what_was_called_off_with_a_kommune_may_have_been_held_before(either: World) -> None:
    """Held before it left, told after: held it is; a day told late is called off again; nobody is mailed."""
    world = either
    kommune, number = world.kommune("Greve"), world.activity("rammesaetning", "Greve")
    other = world.activity("lokalt_opstartsmoede", "Greve")
    plan = {"afventer": "planlaeg", "planlagt": "ret_dato"}[world.state(other)]
    world.live_until(date(2019, 9, 20))
    world.engine.programmes.withdraw(kommune, reason="Ny ledelse", actor=ME)
    world.live_until(date(2019, 9, 27))
    count = len(mails(world, number)) + len(mails(world, other))
    world.do(number, "afslut", happened_at=CHOSEN + 3 * DAY, override=True, reason="Det var holdt")
    day = world.engine.show(other).dates.planned_start
    world.do(other, plan, dato=str(day), happened_at=CHOSEN + 3 * DAY)
    assert (world.state(number), world.state(other)) == ("afsluttet", "aflyst")
    assert world.engine.show(number).dates.actual_end == (CHOSEN + 3 * DAY).date()
    world.live_until(date(2019, 10, 20))
    assert len(mails(world, number)) + len(mails(world, other)) == count


def test_a_corrected_leaving_gives_back_what_it_ended(either: World) -> None:
    """Activities, challenges and roles that ended by it, and only those; mails about them begin again."""
    world, kommune = either, either.kommune("Greve")
    people, held = world.engine.people, world.activity("rammesaetning", "Greve")
    number = people.add("Leder i Greve", "leder.greve@eksempel.example")
    people.assign(number, "leder", programme_id=world.programme, kommune="0253")
    people.assign(number, "parter", programme_id=world.programme, kommune="0253", to_on=date(2019, 12, 31))
    people.assign(number, "forsker", programme_id=world.programme, kommune="0253", to_on=date(2019, 9, 4))
    world.do(kommune, "faelles_workshop")
    challenge, parked = (world.add(kommune, "challenge", title) for title in ("Skemaer", "Ventetid"))
    world.do(parked, "parker", reason="Senere")
    world.do(held, "afslut")
    before, roles = stands(world), all_roles(world)
    world.live_until(date(2019, 9, 9))
    before, roles = stands(world), all_roles(world)
    left = world.engine.programmes.withdraw(kommune, reason="Forkert kommune", actor=ME).revision
    assert (stands(world), all_roles(world)) != (before, roles) and world.state(challenge) == "parkeret"
    world.engine.correct(kommune, left, reason="Det var Gribskov", actor=ME)
    assert stands(world) == before
    assert all_roles(world) == roles
    rows = views.story_of(world.engine, challenge)[-2:]
    assert [(row.event, row.actor_kind) for row in rows] == [("parker", "system"), ("ret", "system")]


def test_what_somebody_took_up_after_a_leaving_stays_as_they_left_it(world: World) -> None:
    """A challenge whose parking was taken back (no other way while the kommune is away) is theirs; the rest follows."""
    kommune = world.kommune("Greve")
    world.do(kommune, "faelles_workshop")
    first, second = (world.add(kommune, "challenge", title) for title in ("Skemaer", "Ventetid"))
    left = world.engine.programmes.withdraw(kommune, reason="Forkert kommune", actor=ME).revision
    assert world.refused(first, "genoptag") == {"forkert_tilstand"}
    world.engine.correct(first, world.engine.show(first).revision, reason="De arbejder videre", actor=ME)
    world.do(first, "beskriv", beskrivelse="For mange skemaer")
    revision = world.engine.show(first).revision
    world.engine.correct(kommune, left, reason="Det var Gribskov", actor=ME)
    assert (world.state(first), world.engine.show(first).revision) == ("udpeget", revision)
    assert world.state(second) == "udpeget"


def test_a_trin_in_which_nobody_ever_was_is_not_in_progress(either: World) -> None:
    """Taking back the only prioritising takes back the trin that followed; with another one in it the trin stays."""
    world, kommune = either, either.kommune("Greve")
    world.do(kommune, "faelles_workshop")
    world.do(kommune, "trin_2.afslut", override=True, reason="Aftalt")
    first, second = (world.add(kommune, "challenge", title) for title in ("Skemaer", "Ventetid"))
    for one in (first, second):
        world.do(one, "prioriter", override=True, reason="Aftalt")
    seqs = [decided(world, one) for one in (first, second)]
    assert world.state(kommune, "trin_3") == "i_gang"
    world.engine.correct(first, seqs[0], reason="Forkert", actor=ME)
    assert world.state(kommune, "trin_3") == "i_gang"
    world.engine.correct(second, seqs[1], reason="Forkert", actor=ME)
    assert (world.state(first), world.state(second)) == ("udpeget", "udpeget")
    assert world.state(kommune, "trin_3") == "venter"
    last = views.story_of(world.engine, kommune)[-1]
    assert (last.kind, last.actor_kind, last.corrects is not None) == ("correction", "system", True)
    world.do(second, "prioriter", override=True, reason="Aftalt")
    assert world.state(kommune, "trin_3") == "i_gang"


def test_a_trin_in_which_somebody_was_stays_when_another_is_corrected(world: World) -> None:
    """One was in trin 3 and went back: that the other one never was changes nothing of that."""
    kommune = world.kommune("Greve")
    world.do(kommune, "faelles_workshop")
    world.do(kommune, "trin_2.afslut", override=True, reason="Aftalt")
    first, second = (world.add(kommune, "challenge", title) for title in ("Skemaer", "Ventetid"))
    world.do(first, "prioriter", override=True, reason="Aftalt")
    world.do(first, "ny_interessent", reason="Undersøg igen")
    world.do(second, "prioriter", override=True, reason="Aftalt")
    world.engine.correct(second, decided(world, second), reason="Forkert", actor=ME)
    assert world.state(kommune, "trin_3") == "i_gang"


def test_what_began_with_the_end_of_trin_2_goes_back_with_it(either: World) -> None:
    """The prioritised wait again, as before; and trin 3, in which nobody has been then, does too."""
    world, kommune = either, either.kommune("Greve")
    world.do(kommune, "faelles_workshop")
    challenge = world.add(kommune, "challenge", "Skemaer")
    world.do(challenge, "prioriter", override=True, reason="Aftalt")
    before = world.engine.show(challenge)
    ended = world.do(kommune, "trin_2.afslut", override=True, reason="Aftalt").revision
    assert (world.state(challenge), world.state(kommune, "trin_3")) == ("trin_3", "i_gang")
    world.engine.correct(kommune, ended, reason="Vi er ikke færdige", actor=ME)
    assert (world.state(challenge), world.state(kommune, "trin_3")) == ("prioriteret", "venter")
    assert world.engine.show(challenge).entered == before.entered
    world.do(kommune, "trin_2.afslut", override=True, reason="Aftalt")
    assert (world.state(challenge), world.state(kommune, "trin_3")) == ("trin_3", "i_gang")


def test_who_has_gone_on_stands_in_the_way_of_what_they_began_by(world: World) -> None:
    """A challenge is in trin 4 by somebody's registration: trin 2 cannot be unended under it; nothing has changed."""
    kommune = world.kommune("Greve")
    world.do(kommune, "faelles_workshop")
    challenge = world.add(kommune, "challenge", "Skemaer")
    world.do(challenge, "prioriter", override=True, reason="Aftalt")
    ended = world.do(kommune, "trin_2.afslut", override=True, reason="Aftalt").revision
    solution = world.add(challenge, "solution", "Fast tid")
    world.do(solution, "vaelg", effekt="Mere ro", tegn="Færre opkald", maalemetode="Optælling")
    moved = world.do(challenge, "til_trin_4", override=True, reason="Aftalt").revision
    before = world.dump()
    with pytest.raises(Refused) as caught:
        world.engine.correct(kommune, ended, reason="Vi er ikke færdige", actor=ME)
    assert world.dump() == before
    (sentence,) = world.engine.explain(kommune, caught.value)
    assert sentence == f"»Skemaer« begyndte ved det og er gået videre siden (nr. {moved}). Ret det først."


def test_the_beginning_of_trin_2_stands_while_challenges_were_added_in_it(world: World) -> None:
    """They would hang in the air; the refusal names the step that comes first."""
    kommune = world.kommune("Greve")
    world.do(kommune, "trin_1.begynd")
    begun = world.do(kommune, "trin_2.begynd").revision
    added = begun + 1
    world.add(kommune, "challenge", "Skemaer")
    with pytest.raises(Refused) as caught:
        world.engine.correct(kommune, begun, reason="Forkert", actor=ME)
    assert [(one.code, one.values["seq"]) for one in caught.value.refusals] == [("senere_skridt", added)]


def test_calendars_are_right_after_a_corrected_move(either: World) -> None:
    """The invitation with the old day and the next sequence number goes to all who had the wrong one."""
    world = either
    number = world.activity("uddannelsesdag_2")
    world.engine.reschedule(number, date(2019, 11, 14), reason="Aftalt", actor=ME)
    world.do(number, "indkald")
    wrong = world.engine.reschedule(number, date(2019, 11, 21), reason="Underviseren", actor=ME).revision
    world.engine.correct(number, wrong, reason="Det var en anden dag", actor=ME)
    assert world.engine.show(number).dates.planned_start == date(2019, 11, 14)
    found = [one.nudge for one in mails(world, number) if one.nudge.intent is Intent.INVITATION]
    by_sequence = {seq: {one.role for one in found if one.sequence == seq} for seq in (0, 1, 2)}
    assert by_sequence[0] == by_sequence[1] == by_sequence[2] != set()
    assert {one.values["dato"] for one in found if one.sequence == 2} == {"2019-11-14"}
    assert len({one.uid for one in found}) == 1
    world.engine.deliver()


def test_a_reminder_of_a_day_that_was_moved_is_withdrawn(world: World) -> None:
    """Queued in the morning for Thursday, moved before it was sent: nobody hears of Thursday any more."""
    world.do(world.activity("udvaelgelse"), "afslut")
    number, day = world.activity("uddannelsesdag_2"), date(2019, 11, 14)
    world.engine.reschedule(number, day, reason="Aftalt", actor=ME)
    world.do(number, "indkald")
    world.live_until(day - 6 * DAY)
    while not (queued := [one for one in mails(world, number) if one.nudge.why == "moedet_er_snart"]):
        due = world.engine.sweeper.next_due()
        assert due is not None
        world.clock.move_to(max(due, world.clock.now()))
        world.engine.tick()
    world.engine.reschedule(number, day + 14 * DAY, reason="Underviseren", actor=ME)
    world.engine.deliver()
    after = {one.id: one.status for one in mails(world, number)}
    assert {after[one.id] for one in queued} == {"withdrawn"}


def decided(world: World, number: int) -> int:
    """Give the number of the last decision that a person made."""
    return [row.seq for row in world.engine.history(number) if row.actor_kind == "person" and row.kind == "event"][-1]


def stands(world: World) -> dict[int, object]:
    """Say where everything stands, since when, with what data and days."""
    with world.engine.context.store.read() as reader:
        found = reader.instances(world.programme)
    return {one.id: (one.position, one.entered, one.data, one.dates) for one in found}


def all_roles(world: World) -> tuple[RoleRow, ...]:
    """Give every role assignment."""
    with world.engine.context.store.read() as reader:
        return reader.registers.roles()
