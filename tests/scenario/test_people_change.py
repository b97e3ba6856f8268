"""People change while the work goes on: replaced, handed over, double-booked, on a real database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from samskabt.engine.errors import InvalidInput, NotFound, Refused
from samskabt.runtime.doctor import examine

from ..mails import flat
from .world import KEY, ME, World, start

ON = date(2019, 9, 16)
TUESDAY = date(2019, 10, 8)


def person(world: World, role: str) -> int:
    """Give whoever has a role."""
    return next(row.person_id for row in world.engine.people.all()[1] if row.role == role)


def newcomer(world: World, name: str = "Ny Konsulent") -> int:
    """Enter somebody who has no role yet."""
    return world.engine.people.add(name, f"{name.lower().replace(' ', '.')}@eksempel.example")


def invited(world: World, kommune: str = "Greve", day: date = TUESDAY) -> int:
    """Plan a kommune's first meeting and invite to it."""
    meeting = world.activity("lokalt_opstartsmoede", kommune)
    world.engine.reschedule(meeting, day, actor=ME)
    world.do(meeting, "indkald")
    return meeting


def subjects(world: World, address: str, since: int) -> list[str]:
    """Give the first words of what somebody got since then."""
    return [mail.subject.split(":")[0] for mail in world.mailer.mails[since:] if mail.recipient.startswith(address)]


def test_a_replacement_moves_roles_and_invitations(world: World) -> None:
    """The old role ends the day before; the new one is invited, the old one alone is told not to come."""
    old, new = person(world, "leder"), newcomer(world)
    meeting = invited(world)
    world.engine.deliver()
    since = len(world.mailer.mails)
    done = world.engine.people.replace(old, new, programme_id=world.programme, on=ON, reason="Nyt job", actor=ME)
    assert (done.invited, done.uninvited) == ((meeting,), (meeting,))
    world.engine.deliver()
    assert subjects(world, "ny.konsulent", since) == ["Indkaldelse"]
    assert subjects(world, "leder@", since) == ["Du skal ikke med"]
    assert len(world.mailer.mails) == since + 2
    rows = [row for row in world.engine.people.all()[1] if row.role == "leder"]
    assert [(row.person_id, row.to_on) for row in rows] == [(old, ON - timedelta(days=1)), (new, None)]
    assert "Nyt job" in (world.engine.history(world.programme)[-1].reason or "")
    assert {one.code for one in examine(world.engine).findings} <= {"clock_stopped"}


def test_a_replacement_twice_does_nothing_more(world: World) -> None:
    """The same again finds no role left to move, and sends nobody anything."""
    old, new = person(world, "kommunal_konsulent"), newcomer(world)
    invited(world)
    world.engine.people.replace(old, new, role="kommunal_konsulent", on=ON)
    before = world.dump()
    again = world.engine.people.replace(old, new, role="kommunal_konsulent", on=ON)
    assert (again.roles, again.invited) == ((), ())
    assert world.dump() == before


def test_mails_that_wait_go_to_whoever_has_the_role_when_they_are_sent(world: World) -> None:
    """A reminder that was queued before the replacement reaches the new one."""
    old, new = person(world, "kommunal_konsulent"), newcomer(world)
    world.do(world.kommune("Greve"), "faelles_workshop")
    world.engine.people.replace(old, new, on=ON)
    since = len(world.mailer.mails)
    world.live_until(date(2019, 10, 25))
    got = [mail.recipient for mail in world.mailer.mails[since:] if "Hvordan går det?" in mail.subject]
    assert got and set(got) == {"ny.konsulent@eksempel.example"}


def test_a_role_to_come_changes_hands_without_a_gap(world: World) -> None:
    """What has not begun yet is simply the other's; who has the role already gets no second one."""
    old, new = newcomer(world, "Gammel Leder"), newcomer(world)
    later = date(2019, 12, 2)
    for kommune in ("0253", "0751"):
        world.engine.people.assign(old, "leder", programme_id=world.programme, kommune=kommune, from_on=later)
    world.engine.people.assign(new, "leder", programme_id=world.programme, kommune="0751")
    world.engine.people.replace(old, new, on=ON)
    rows = [row for row in world.engine.people.all()[1] if row.role == "leder" and row.kommune]
    assert [(row.person_id, row.kommune, row.to_on) for row in rows] == [
        (new, "0253", None),
        (old, "0751", later),
        (new, "0751", None),
    ]


def test_a_replacement_that_cannot_be_is_refused(world: World) -> None:
    """Nobody takes over from themselves, from a stranger, or a role that the old one never had."""
    old, new = person(world, "leder"), newcomer(world)
    with pytest.raises(InvalidInput):
        world.engine.people.replace(old, old)
    with pytest.raises(NotFound):
        world.engine.people.replace(old, 999)
    with pytest.raises(NotFound):
        world.engine.people.replace(old, new, role="forsker")


def test_a_hand_over_says_what_is_open(world: World) -> None:
    """Each thing that the old one answered for, with its next step and day; one mail to whoever takes over."""
    old, new = person(world, "kommunal_konsulent"), newcomer(world)
    world.do(world.kommune("Greve"), "faelles_workshop")
    meeting = invited(world)
    world.engine.deliver()
    assert {one.instance_id for one in world.engine.people.open_work(old)} >= {meeting}
    since = len(world.mailer.mails)
    done = world.engine.people.hand_over(old, new, on=world.clock.now().date(), note="Ring til Greve først")
    work = {one.instance_id: one for one in done.open}
    assert (work[meeting].next_step, work[meeting].kommune) == ("Mødet er holdt", "Greve")
    assert "8. oktober 2019" in work[meeting].when
    world.engine.deliver()
    (mail,) = [one for one in world.mailer.mails[since:] if one.subject.startswith("Du tager over")]
    body = flat(mail.content)
    assert mail.recipient.startswith("ny.konsulent") and "Ring til Greve først" in body and "opstartsmøde" in body
    assert "Fra onsdag den 4. september 2019 (uge 36) overtager du opgaver i " in body and "Greve (Greve)" not in body
    again = world.engine.people.hand_over(old, new, on=world.clock.now().date())
    assert (again.open, again.mails) == ((), 0)
    assert world.engine.people.open_work(old) == ()


def test_a_hand_over_on_a_later_day_names_the_day_and_who_gives_over(world: World) -> None:
    """It is told at once; a title that is the kommune's name stands once."""
    old, new = person(world, "kommunal_konsulent"), newcomer(world)
    done = world.engine.people.hand_over(old, new, on=date(2019, 12, 20))
    greve = next(one for one in done.open if one.title == one.kommune == "Greve")
    assert greve.text.startswith("Greve: ") and greve.next_step == "Begynd trin 1"
    world.engine.deliver()
    (mail,) = [one for one in world.mailer.mails if one.subject.startswith("Du tager over")]
    body = flat(mail.content)
    assert "Fra fredag den 20. december 2019 (uge 51) overtager du opgaver i " in body
    assert "efter Kommunal_konsulent. Fra den dag kommer" in body and "Fremover" not in body
    assert "du overtager opgaver efter Kommunal_konsulent fra 20.12.2019" in body


def test_a_person_is_not_booked_twice_on_a_day(world: World) -> None:
    """The refusal is soft and says who, what and in which programme; another day, or a reason, passes it."""
    first = invited(world)
    other = world.activity("lokalt_opstartsmoede", "Aarhus")
    with pytest.raises(Refused) as caught:
        world.engine.reschedule(other, TUESDAY, actor=ME)
    assert {one.code for one in caught.value.refusals} == {"dobbeltbooket"}
    sentence = world.engine.explain(other, caught.value)[0]
    assert "er allerede optaget: »" in sentence and "8. oktober 2019" in sentence
    assert "Greve" not in sentence  # Whose meeting it is, is none of their business.
    world.engine.reschedule(other, TUESDAY, override=True, reason="Begge er om formiddagen", actor=ME)
    assert world.refused(other, "indkald") == {"dobbeltbooket"}
    world.engine.reschedule(other, TUESDAY + timedelta(days=1), actor=ME)
    world.do(other, "indkald")
    world.do(first, "aflys", reason="Sygdom")
    world.engine.reschedule(other, TUESDAY, reason="Nu er der plads", actor=ME)


def test_other_programmes_count_too(world: World) -> None:
    """A person's meeting in another programme is in the way; a shared mailbox may be in two places."""
    second = World(world.engine, world.clock, world.mailer)
    second.programme = world.engine.programmes.start(KEY, actor=ME, title="Et andet program").instance_id
    trainer = person(world, "partskonsulent")
    world.engine.people.assign(trainer, "partskonsulent", programme_id=second.programme)
    day = date(2019, 10, 9)
    mine, theirs = world.activity("uddannelsesdag_1"), second.activity("uddannelsesdag_1")
    world.engine.reschedule(mine, day, override=True, reason="Aftalt", actor=ME)
    with pytest.raises(Refused) as caught:
        world.engine.reschedule(theirs, day, actor=ME)
    assert "dobbeltbooket" in {one.code for one in caught.value.refusals}
    busy = world.engine.people.busy(trainer, from_on=day, to_on=day)
    assert [(one.instance_id, one.programme_id, one.first_on) for one in busy] == [(mine, world.programme, day)]


def test_one_person_is_busy_where_their_roles_are(world: World) -> None:
    """The list is in the order of the days, across kommuner, and knows nobody else's meetings."""
    late, early = invited(world, "Greve", TUESDAY), invited(world, "Aarhus", date(2019, 10, 2))
    found = world.engine.people.busy(person(world, "leder"), to_on=date(2019, 10, 31))
    numbers = [one.instance_id for one in found if one.instance_id in (late, early)]
    assert numbers == [early, late]
    assert world.engine.people.busy(newcomer(world)) == ()
    with pytest.raises(NotFound):
        world.engine.people.busy(999)


def test_closing_tells_what_is_open_and_closes_it(world: World) -> None:
    """A kommune that has come through keeps its people; its meetings are called off and nobody is reminded of them."""
    greve = world.kommune("Greve")
    held = world.activity("sparring", "Greve")
    world.do(held, "afhold", override=True, reason="Vi var der")
    meeting = invited(world)
    with pytest.raises(Refused) as caught:
        world.engine.advance(greve, "forloeb.gennemfoer", actor=ME)
    sentences = world.engine.explain(greve, caught.value)
    assert any("ting åbne: »" in sentence and "De lukkes, når du går videre." in sentence for sentence in sentences)
    world.do(greve, "forloeb.gennemfoer", override=True, reason="De er færdige")
    assert (world.state(meeting), world.state(held)) == ("aflyst", "fulgt_op")
    (row,) = [row for row in world.engine.history(meeting) if row.event == "aflys"]
    assert row.reason == "Kommunen har gennemført, og dette stod stadig åbent."
    with world.engine.context.store.read() as reader:
        assert all(role.to_on is None for role in reader.registers.roles())
        left = [one for one in reader.timers(programme_id=world.programme, status="armed") if one.kommune == "0253"]
    assert left == []


def test_everything_that_is_called_off_is_quiet(world: World) -> None:
    """Each kind's own end leaves no reminder armed, below it neither."""
    programme = start(World(world.engine, world.clock, world.mailer)).programme
    world.do(programme, "forloeb.aflys", reason="Ingen penge")
    with world.engine.context.store.read() as reader:
        below = reader.instances(programme)
        timers = reader.timers(programme_id=programme, status="armed")
    assert timers == () and len(below) > 5
