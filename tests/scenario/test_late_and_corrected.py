"""Late, wrong, repeated, imported and moved: what is registered afterwards ends as if registered in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from samskabt.engine.errors import Refused
from samskabt.engine.values import Actor, ActorKind
from samskabt.storage import OutboxView

from ..tracing import first_traced
from .world import CHOSEN, ME, World

MEETING = "opstartsmoede"
HELD = datetime(2019, 9, 20, 11, tzinfo=UTC)
DAY = timedelta(days=1)


def mails(world: World, number: int, status: str | None = None) -> list[OutboxView]:
    """List an instance's mails in the outbox."""
    with world.engine.context.store.read() as reader:
        return [one for one in reader.outbox(world.programme, status, limit=10_000) if one.instance_id == number]


def armed(world: World, number: int) -> set[str]:
    """Name the rules of an instance's armed timers."""
    with world.engine.context.store.read() as reader:
        return {one.timer.rule for one in reader.timers(instance_id=number, status="armed")}


def choose_first(world: World) -> int:
    """Register the selection, and give the common opening meeting, which is held on 20 September."""
    world.do(world.activity("udvaelgelse"), "afslut")
    return world.activity(MEETING)


def standing(world: World, number: int) -> tuple[object, ...]:
    """Say where an instance stands, since when, on which days, and what it still waits for."""
    one = world.engine.show(number)
    since = {region: entry.at for region, entry in one.entered.items()}
    return one.position, since, one.dates.actual_start, one.dates.actual_end, armed(world, number)


@pytest.mark.no_cover
def test_a_meeting_registered_late_stands_as_if_registered_in_time(open_chosen: Callable[[str], World]) -> None:
    """At once, before the first reminder is due, on its very day, and after all three: the same position and timers."""
    found = []
    for late in (timedelta(0), timedelta(hours=1), timedelta(days=4), timedelta(days=40)):
        world = open_chosen(f"{late}")
        number, recorded = choose_first(world), HELD + late
        world.live_until((recorded - DAY).date())
        world.clock.move_to(recorded)
        world.engine.tick()
        world.do(number, "afhold", happened_at=HELD)
        world.live_until(date(2019, 11, 20))
        found.append(standing(world, number))
    assert found == [found[0]] * 4


def test_a_late_registration_withdraws_the_mails_that_became_moot(world: World) -> None:
    """A reminder that is queued when the meeting is registered as held is withdrawn, not sent."""
    number = choose_first(world)
    world.live_until(date(2019, 9, 20))
    world.move_to(date(2019, 9, 23))
    world.engine.tick()
    asked = [one for one in mails(world, number, "pending") if one.nudge.why == "blev_moedet_holdt"]
    assert asked
    world.do(number, "afhold", happened_at=HELD)
    world.engine.deliver()
    after = {one.id: one.status for one in mails(world, number)}
    assert {after[one.id] for one in asked} == {"withdrawn"}
    assert not any("Blev det holdt? Fælles opstartsmøde" in mail.subject for mail in world.mailer.mails)
    assert "blev_moedet_holdt" not in armed(world, number)


@pytest.mark.parametrize("days", first_traced([-1, 0, 1]))
def test_a_trin_registered_around_the_day_of_its_reminder(world: World, days: int) -> None:
    """Ended the day before, on and after the 45th day: who had answered by then is not reminded afterwards."""
    kommune = world.kommune("Greve")
    world.do(kommune, "trin_1.begynd")
    world.do(kommune, "trin_1.tjek", dict.fromkeys(("formaal", "intro_holdt"), True))
    due = CHOSEN + timedelta(days=45 + days)
    world.live_until((due + 10 * DAY).date() if days < 0 else due.date())
    world.do(kommune, "trin_1.afslut", override=True, reason="Aftalt", happened_at=due)
    before = len(world.mailer.mails)
    world.live_until(date(2020, 3, 1))
    subjects = [mail.subject.lower() for mail in world.mailer.mails[before:]]
    # What follows the trin ("efter trin 1") may be asked for.
    assert not [subject for subject in subjects if "trin 1" in subject and "efter trin 1" not in subject]
    assert world.engine.show(kommune).entered["trin_1"].at == due
    assert not {rule for rule in armed(world, kommune) if rule.startswith("trin_staar_stille")}


def test_a_correction_restores_and_both_stay_in_history(world: World) -> None:
    """Position, since when, days and timers are those from before; the wrong row and the correction both stand."""
    number = choose_first(world)
    before = standing(world, number)
    wrong = world.do(number, "afhold", udbytte="Godt møde").revision
    assert world.state(number) == "afholdt"
    world.engine.correct(number, wrong, reason="Det var et andet møde", actor=ME)
    assert standing(world, number) == before
    assert "udbytte" not in world.engine.show(number).data
    rows = world.engine.history(number)[-2:]
    assert [(row.kind, row.from_state, row.to_state, row.corrects) for row in rows] == [
        ("event", "planlagt", "afholdt", None),
        ("correction", "afholdt", "planlagt", wrong),
    ]
    assert rows[1].reason == "Det var et andet møde"


def test_a_correction_that_later_steps_build_on_is_refused(world: World) -> None:
    """Later steps, later values, births, and corrections themselves are not pulled away from under others."""
    kommune = world.kommune("Greve")
    chosen = world.engine.show(kommune).revision
    begun = world.do(kommune, "trin_1.begynd").revision
    ticked = world.do(kommune, "trin_1.tjek", formaal=True).revision
    world.do(kommune, "trin_1.tjek", formaal="Skrevet om")
    ended = world.do(kommune, "trin_1.afslut", override=True, reason="Aftalt").revision
    expected = {chosen: "har_faaet_boern", begun: "senere_skridt", ticked: "senere_aendret"}
    for seq, code in expected.items():
        with pytest.raises(Refused) as refused:
            world.engine.correct(kommune, seq, reason="Fejl", actor=ME)
        assert [one.code for one in refused.value.refusals] == [code]
    taken_back = world.engine.correct(kommune, ended, reason="Fejl", actor=ME).revision
    world.engine.correct(kommune, begun, reason="Fejl", actor=ME)
    assert world.state(kommune, "trin_1") == "venter"
    with pytest.raises(Refused, match="er_en_rettelse"):
        world.engine.correct(kommune, taken_back, reason="Fejl", actor=ME)


def test_an_override_is_recorded_with_its_reason_and_shown(world: World) -> None:
    """History says which requirements yielded, why, and to whom."""
    kommune = world.kommune("Greve")
    world.do(kommune, "trin_1.begynd")
    world.do(kommune, "trin_1.tjek", formaal=True, intro_holdt=True)
    world.do(kommune, "trin_1.afslut", override=True, reason="MED mødes først i oktober")
    row = world.engine.history(kommune)[-1]
    assert (row.overridden, row.reason, row.actor_id) == (("mangler_flueben",) * 6, "MED mødes først i oktober", "1")
    world.do(kommune, "trin_2.begynd", override=True, reason="Ikke nødvendig")
    assert world.engine.history(kommune)[-1].overridden == ()


def test_a_repeated_key_gets_the_first_outcome(world: World) -> None:
    """The answer of then, with what was born, although much has happened since; and nothing happens twice."""
    kommune = world.kommune("Greve")
    world.do(kommune, "faelles_workshop")

    def again() -> object:
        data = {"titel": "Skemaer"}
        event = "trin_2.tilfoej_udfordring"
        outcome = world.engine.advance(kommune, event, data=data, actor=ME, idempotency_key="tryk-1")
        return outcome.revision, outcome.position, outcome.events, outcome.born

    first = again()
    world.add(kommune, "challenge", "Ventetid")
    world.do(kommune, "trin_2.afslut", override=True, reason="Aftalt")
    before = world.dump()
    assert again() == first
    assert world.dump() == before
    assert len(world.kind("challenge")) == 2


def test_leaving_calls_off_what_is_left_and_ends_roles_and_mails(world: World) -> None:
    """Open activities and challenges end with the reason, what was held stays, and nobody there is written to."""
    kommune = world.kommune("Greve")
    leader = world.engine.people.add("Leder i Greve", "leder.greve@eksempel.example")
    world.engine.people.assign(leader, "leder", programme_id=world.programme, kommune="0253")
    world.do(kommune, "faelles_workshop")
    challenge = world.add(kommune, "challenge", "Skemaer")
    held = world.activity("rammesaetning", "Greve")
    world.do(held, "afslut")
    world.live_until(date(2019, 9, 9))
    world.engine.programmes.withdraw(kommune, reason="Kommunen har fået ny ledelse", actor=ME)
    with world.engine.context.store.read() as reader:
        below = [one for one in reader.instances(world.programme, kommune="0253") if one.id not in (kommune, held)]
        roles = [one for one in reader.registers.roles() if one.kommune == "0253"]
    assert {one.position["status"] for one in below} == {"aflyst", "udgaaet", "parkeret"}
    assert (world.state(held), world.state(challenge)) == ("afsluttet", "parkeret")
    assert [one.to_on for one in roles] == [date(2019, 9, 9)]
    before = len(world.mailer.mails)
    world.live_until(date(2020, 12, 31))
    later = [mail for mail in world.mailer.mails[before:] if "greve" in (mail.recipient + mail.subject).lower()]
    (told,) = later  # Whoever leads the programme hears of it, once.
    assert (told.recipient, told.subject[:16]) == ("parter@eksempel.example", "Har trukket sig:")
    assert armed(world, kommune) == set()


def test_an_import_is_silent(world: World) -> None:
    """What an import registers sends nothing, and what is past by then is not caught up on."""
    kommune, number = world.kommune("Greve"), choose_first(world)
    world.move_to(date(2020, 2, 3))
    count = len(mails(world, kommune)) + len(mails(world, number))
    importer = Actor(ActorKind.IMPORT, "regneark")
    world.engine.advance(kommune, "trin_1.begynd", actor=importer, happened_at=CHOSEN + DAY)
    world.engine.advance(number, "indkald", actor=importer, happened_at=CHOSEN + DAY)
    world.engine.advance(number, "flyt", actor=importer, data={"dato": "2020-03-03"}, reason="Flyttet")
    for one in (kommune, number):
        assert [row.actor_kind for row in world.engine.history(one)][-1] == "import"
    world.engine.tick()
    assert len(mails(world, kommune)) + len(mails(world, number)) == count


def test_moving_a_meeting_moves_what_hangs_on_it_in_the_same_transaction(world: World) -> None:
    """Training day 1 a week later: day 2, day 3 and the local opening meetings follow with reasons, the fixed stays."""
    fixed = world.activity("lokalt_opstartsmoede", "Aarhus")
    world.engine.reschedule(fixed, date(2019, 10, 22), reason="Salen er booket", actor=ME)
    world.engine.reschedule(world.activity("uddannelsesdag_1"), date(2019, 10, 8), reason="Underviseren", actor=ME)
    dates = {
        (key, name): world.engine.show(world.activity(key, name)).dates
        for key, name in [("uddannelsesdag_2", None), ("uddannelsesdag_3", None)]
        + [("lokalt_opstartsmoede", name) for name in ("Greve", "Aarhus")]
        + [("foerste_skridt", name) for name in ("Greve", "Aarhus")]
    }
    assert {where: one.planned_start for where, one in dates.items()} == {
        ("uddannelsesdag_2", None): date(2019, 11, 19),
        ("uddannelsesdag_3", None): date(2020, 1, 28),
        ("lokalt_opstartsmoede", "Greve"): date(2019, 10, 29),
        ("lokalt_opstartsmoede", "Aarhus"): date(2019, 10, 22),
        ("foerste_skridt", "Greve"): date(2019, 11, 12),
        ("foerste_skridt", "Aarhus"): date(2019, 11, 5),
    }
    assert dates["uddannelsesdag_2", None].reason == (
        "Dokumentet siger det ikke; det er vores forslag. "
        "6 uger efter »Uddannelsesdag 1 i samskabt styring«, som slutter tirsdag den 8. oktober 2019."
    )
    stays = dates["lokalt_opstartsmoede", "Aarhus"]
    assert (stays.fixed_by, stays.reason) == ("1", "Salen er booket")


def test_an_invited_meeting_keeps_its_day_when_its_anchor_moves(world: World) -> None:
    """People have it in their calendars: only a person moves it."""
    second = world.activity("uddannelsesdag_2")
    world.engine.reschedule(second, date(2019, 11, 14), reason="Aftalt", actor=ME)
    world.do(second, "indkald")
    world.engine.reschedule(world.activity("uddannelsesdag_1"), date(2019, 10, 8), reason="Underviseren", actor=ME)
    assert world.engine.show(second).dates.planned_start == date(2019, 11, 14)


def test_a_refused_move_moves_nobody(world: World) -> None:
    """When the meeting may not lie on the wanted day, nothing that hangs on it has moved either."""
    before = world.dump()
    with pytest.raises(Refused, match="lukket_dag"):
        world.engine.reschedule(world.activity("uddannelsesdag_1"), date(2019, 10, 17), actor=ME)
    assert world.dump() == before


def test_what_follows_is_planned_from_the_day_on_which_it_was_held(world: World) -> None:
    """Training day 1 was held five days late, and registered a week after that: day 2 counts from the day itself."""
    world.live_until(date(2019, 10, 15))
    first = world.activity("uddannelsesdag_1")
    held = datetime(2019, 10, 8, 12, tzinfo=UTC)
    world.do(first, "afhold", override=True, reason="Udpegningen er på plads", happened_at=held)
    dates = world.engine.show(first).dates
    assert (dates.planned_start, dates.actual_start) == (date(2019, 10, 3), date(2019, 10, 8))
    assert world.engine.show(world.activity("uddannelsesdag_2")).dates.planned_start == date(2019, 11, 19)
    assert world.engine.show(world.activity("lokalt_opstartsmoede", "Greve")).dates.planned_start == date(2019, 10, 29)
