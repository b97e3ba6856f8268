"""Who comes and who came, on a real database: invitations as calendars, answers every way, reminders, feeds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from random import Random

import pytest
from icalendar import Calendar
from samskabt.engine.attending import Way
from samskabt.engine.errors import Conflict, InvalidInput, NotFound, Refused
from samskabt.engine.values import Actor, Identity, Json, Refusal, Strength
from samskabt.notifications import database_id_of
from samskabt.notifications.smtp.inbox import FolderInbox
from samskabt.runtime.attending.replying import MOST_ANSWERS
from samskabt.storage.attending import MOST_OF_MEETING, MOST_OF_SENDER

from ..calendars import Sheet, reply, sheet
from .world import ME, World

TUESDAY, THURSDAY = date(2019, 10, 8), date(2019, 10, 10)
LEADER = "leder@eksempel.example"


def uid(meeting: int) -> str:
    """Give by what calendars know a meeting of this world."""
    return f"meeting-{meeting}.{database_id_of('world')}@samskabt"


def invited(world: World, kommune: str = "Greve", day: date = TUESDAY, **more: Json) -> int:
    """Plan a kommune's first meeting, invite to it, and send what there is."""
    meeting = world.activity("lokalt_opstartsmoede", kommune)
    world.engine.reschedule(meeting, day, actor=ME)
    world.do(meeting, "indkald", {"kl": "9.00", "slut_kl": "12:00", "sted": "Rådhuset, lokale 2", **more})
    world.engine.deliver()
    return meeting


def moved(world: World, meeting: int, day: date = THURSDAY) -> None:
    """Move a meeting and send what there is."""
    world.do(meeting, "flyt", {"dato": day.isoformat()}, reason="Sygdom")
    world.engine.deliver()


def person(world: World, role: str) -> int:
    """Give whoever has a role."""
    return next(row.person_id for row in world.engine.people.all()[1] if row.role == role)


def calendars(world: World, address: str = LEADER) -> list[Sheet]:
    """Read the calendars that somebody was sent with the second parser, in order."""
    found = []
    for mail in world.mailer.mails:
        if mail.recipient != address:
            continue
        parts = message_from_bytes(mail.content, policy=default).walk()
        shown = [part for part in parts if part.get_content_type() == "text/calendar"]
        found += [sheet(part.get_payload(decode=True)) for part in shown]  # type: ignore[arg-type]
    return found


def state(world: World, meeting: int, role: str = "leder") -> str:
    """Say where the holder of a role stands with a meeting."""
    number = person(world, role)
    return next(one.state for one in world.engine.attendance.of(meeting).people if one.person_id == number)


def test_an_invitation_is_a_calendar_and_every_change_of_it_the_next_sequence(world: World) -> None:
    """Invited, moved, called off: one UID, SEQUENCE 0, 1, 2, REQUEST, REQUEST, CANCEL, each with the day that holds."""
    meeting = invited(world)
    moved(world, meeting)
    world.do(meeting, "aflys", reason="Ingen kan")
    world.engine.deliver()
    found = calendars(world)
    assert [one.value("METHOD") for one in found] == ["REQUEST", "REQUEST", "CANCEL"]
    assert {one.value("UID", "VEVENT") for one in found} == {uid(meeting)}
    assert [one.value("SEQUENCE", "VEVENT") for one in found] == ["0", "1", "2"]
    assert [one.value("DTSTART", "VEVENT") for one in found] == ["20191008T090000", *["20191010T090000"] * 2]
    assert [one.value("STATUS", "VEVENT") for one in found] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert all("Rådhuset\\, lokale 2" in one.value("LOCATION", "VEVENT") for one in found)


def test_a_move_that_is_taken_back_brings_calendars_back(world: World) -> None:
    """Correcting a move after its invitation went out sends the former day as the next change."""
    meeting = invited(world)
    moved(world, meeting)
    world.engine.correct(meeting, world.engine.show(meeting).revision, reason="Forkert møde", actor=ME)
    world.engine.deliver()
    last = calendars(world)[-1]
    assert (last.value("METHOD"), last.value("SEQUENCE", "VEVENT")) == ("REQUEST", "2")
    assert last.value("DTSTART", "VEVENT") == "20191008T090000"


def test_an_answer_of_a_calendar_is_noted_once(world: World) -> None:
    """A REPLY from the invited address counts; the same mail again changes nothing."""
    meeting = invited(world)
    raw = reply(uid(meeting), LEADER, "DECLINED")
    assert state(world, meeting) == "indkaldt"
    assert [world.engine.attendance.receive(raw).kind for _ in range(2)] == ["answered"] * 2
    one = next(row for row in world.engine.attendance.of(meeting).people if row.person_id == person(world, "leder"))
    assert (one.state, one.way, one.invited_at) == ("kommer_ikke", "kalender", 0)
    with world.engine.context.store.read() as reader:
        assert len(reader.attendances.said(meeting)) == 1


def test_an_answer_to_the_former_day_is_noted_and_asked_again(world: World) -> None:
    """Who said yes to Tuesday has not answered for Thursday; a yes to the place alone would have held."""
    meeting = invited(world)
    world.engine.attendance.answer(meeting, person(world, "leder"), "kommer", actor=ME)
    moved(world, meeting)
    assert state(world, meeting) == "indkaldt"
    late = reply(uid(meeting), LEADER, "TENTATIVE", sequence=0)
    assert world.engine.attendance.receive(late).kind == "answered"
    assert state(world, meeting) == "indkaldt"
    world.do(meeting, "flyt", {"dato": TUESDAY.isoformat()}, reason="Alligevel")
    world.engine.deliver()
    assert state(world, meeting) == "maaske"


def test_a_change_of_place_alone_keeps_the_answers(world: World) -> None:
    """The day and hour are the same, so nobody has to answer again."""
    meeting = invited(world)
    world.engine.attendance.answer(meeting, person(world, "leder"), "kommer", actor=ME)
    world.do(meeting, "flyt", {"dato": TUESDAY.isoformat(), "sted": "Biblioteket"}, reason="Rådhuset er optaget")
    world.engine.deliver()
    assert (calendars(world)[-1].value("SEQUENCE", "VEVENT"), state(world, meeting)) == ("1", "kommer")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"uid": uid(999999)}, "ukendt_moede"),
        ({"uid": "andet@eksempel.example"}, "ukendt_moede"),
        ({"attendee": "fremmed@eksempel.example", "sender": "fremmed@eksempel.example"}, "ikke_indkaldt"),
        ({"sender": "fremmed@eksempel.example"}, "afsender"),
        ({"method": "COUNTER"}, "modforslag"),
        ({"partstat": "DELEGATED"}, "videregivet"),
    ],
)
def test_what_is_no_plain_answer_is_listed_for_a_person(world: World, change: dict[str, str], why: str) -> None:
    """Strangers, forged senders, counter-proposals and delegations change nothing, and are listed once."""
    meeting = invited(world)
    given = {"uid": uid(meeting), "attendee": LEADER, "partstat": "ACCEPTED"} | change
    for _ in range(2):
        assert world.engine.attendance.receive(reply(**given)).why == why  # type: ignore[arg-type]
    (listed,) = world.engine.attendance.replies()
    assert (listed.why, state(world, meeting)) == (why, "indkaldt")
    world.engine.attendance.settle(listed.id)
    assert world.engine.attendance.replies() == ()
    with pytest.raises(NotFound):
        world.engine.attendance.settle(listed.id)


def at(minutes: int) -> str:
    """Write a DTSTAMP so many minutes after the second of September 2019, eight o'clock."""
    return (datetime(2019, 9, 2, 8, tzinfo=UTC) + timedelta(minutes=minutes)).strftime("%Y%m%dT%H%M%SZ")


@pytest.mark.parametrize("seed", range(4))
def test_answers_of_a_calendar_end_alike_in_any_order(world: World, seed: int) -> None:
    """Two readers, a mail read again, one that was late: the answer that was given last holds, each is noted once."""
    meeting, random = invited(world), Random(seed)
    given = [(at(minutes), answer) for minutes, answer in enumerate(("ACCEPTED", "DECLINED", "ACCEPTED", "TENTATIVE"))]
    mails = [reply(uid(meeting), LEADER, answer, stamp=stamp) for stamp, answer in given] * 2
    random.shuffle(mails)
    assert {world.engine.attendance.receive(raw).kind for raw in mails} == {"answered"}
    assert state(world, meeting) == "maaske"
    with world.engine.context.store.read() as reader:
        assert len(reader.attendances.said(meeting)) == 4


def test_a_calendars_reply_read_twice_or_late_undoes_no_later_answer(world: World) -> None:
    """Yes by calendar, then no by link: neither the same mail again nor one that was given before makes it a yes."""
    meeting, leader, attend = invited(world), person(world, "leder"), world.engine.attendance
    ours = uid(meeting)
    yes = reply(ours, LEADER, "ACCEPTED", stamp=at(0))
    attend.receive(yes)
    attend.answer(meeting, leader, "kommer_ikke", way=Way.LINK, actor=ME)
    for raw in (yes, reply(ours, LEADER, "TENTATIVE", stamp=at(1))):
        attend.receive(raw)
        assert state(world, meeting) == "kommer_ikke"
    world.clock.move_to(world.clock.now() + timedelta(minutes=5))
    undated = reply(ours, LEADER, "ACCEPTED", stamp="")
    attend.receive(undated)
    assert state(world, meeting) == "kommer"
    world.clock.move_to(world.clock.now() + timedelta(minutes=5))
    attend.answer(meeting, leader, "kommer_ikke", way=Way.LINK, actor=ME)
    attend.receive(undated)
    assert state(world, meeting) == "kommer_ikke"


def test_replies_of_strangers_crowd_out_nobody(world: World) -> None:
    """Too many on one meeting or of one sender stay in the mailbox, and say so; a guest's own is still listed."""
    meeting, attend = invited(world), world.engine.attendance
    ours = uid(meeting)

    def stranger(number: int, sender: str) -> str:
        return attend.receive(reply(ours, sender, "ACCEPTED", stamp=at(number))).kind

    assert [stranger(n, "x@eksempel.example") for n in range(MOST_OF_SENDER + 1)][-2:] == ["listed", "full"]
    ends = [stranger(0, f"x{n}@eksempel.example") for n in range(MOST_OF_MEETING - MOST_OF_SENDER + 2)]
    assert ends[-3:] == ["listed", "full", "full"] and stranger(1, "x@eksempel.example") == "listed"
    assert attend.take(reply(ours, "ny@eksempel.example", "ACCEPTED")) == "full"
    assert attend.receive(reply(ours, LEADER, "ACCEPTED", method="COUNTER")).kind == "listed"
    assert attend.take(reply(uid(999999), LEADER, "ACCEPTED")) == "answers"
    assert attend.take(b"From: x@eksempel.example\r\n\r\nHej") == "other"


def test_a_flood_of_answers_under_a_guests_name_ends(world: World) -> None:
    """So many answers of one person to one meeting are noted, and more are for a person to look at."""
    meeting, attend = invited(world), world.engine.attendance
    mails = [reply(uid(meeting), LEADER, "ACCEPTED", stamp=at(n)) for n in range(MOST_ANSWERS + 1)]
    assert [attend.receive(raw).kind for raw in mails][-2:] == ["answered", "listed"]
    assert attend.receive(mails[0]).kind == "answered"


class Nobody:
    """Lets nobody do anything."""

    def refusal(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:  # noqa: ARG002
        """Refuse."""
        return Refusal("ikke_tilladt", event, Strength.HARD, {})


def test_every_write_about_what_came_in_asks_who_may(world: World, tmp_path: Path) -> None:
    """Settling a reply or a mail, reading the inbox, an address that works again: refused, and nothing has changed."""
    meeting, engine = invited(world), world.engine
    engine.attendance.receive(reply(uid(meeting), LEADER, "ACCEPTED", method="COUNTER"))
    (listed,) = engine.attendance.replies()
    (tmp_path / "1.eml").write_bytes(b"Subject: Hej\r\n\r\nHej")
    object.__setattr__(engine.context, "permit", Nobody())
    for write in (
        lambda: engine.attendance.settle(listed.id),
        lambda: engine.inbox.settle(),
        lambda: engine.inbox.read(inbox=FolderInbox(tmp_path)),
        lambda: engine.inbox.works_again(person(world, "leder")),
    ):
        with pytest.raises(Refused):
            write()
    assert engine.attendance.replies() == (listed,) and (tmp_path / "1.eml").exists()


def test_an_answer_that_comes_too_late_is_listed(world: World) -> None:
    """A held meeting takes no more answers, neither by calendar nor by hand."""
    meeting = invited(world)
    world.move_to(TUESDAY, 14)
    world.do(meeting, "afhold", override=True, reason="Det er holdt")
    raw = reply(uid(meeting), LEADER, "ACCEPTED")
    assert world.engine.attendance.receive(raw).why == "afvist"
    with pytest.raises(Refused) as refused:
        world.engine.attendance.answer(meeting, person(world, "leder"), "kommer", actor=ME)
    assert "holdt eller aflyst" in world.engine.explain(meeting, refused.value)[0]


def test_answers_are_checked_and_keys_are_used_once(world: World) -> None:
    """No other words, nobody who is not invited, no programme; one key is one answer."""
    meeting, leader = invited(world), person(world, "leder")
    attend = world.engine.attendance
    attend.answer(meeting, leader, "kommer", actor=ME, idempotency_key="a", way=Way.LINK)
    assert attend.answer(meeting, leader, "kommer", actor=ME, idempotency_key="a").state == "kommer"
    with pytest.raises(Conflict):
        attend.answer(meeting, leader, "maaske", actor=ME, idempotency_key="a")
    with pytest.raises(InvalidInput):
        attend.answer(meeting, leader, "ja", actor=ME)
    with pytest.raises(InvalidInput):
        attend.of(world.programme)
    stranger = world.engine.people.add("Fremmed", "fremmed@eksempel.example")
    with pytest.raises(Refused) as refused:
        attend.answer(meeting, stranger, "kommer", actor=ME)
    assert [one.code for one in refused.value.refusals] == ["ikke_indkaldt"]


def test_who_came_is_a_list_and_the_others_did_not(world: World) -> None:
    """Whoever said yes and is not on it is a no-show; a new list replaces the old; not before the day."""
    meeting, leader = invited(world), person(world, "leder")
    attend = world.engine.attendance
    attend.answer(meeting, leader, "kommer", actor=ME)
    with pytest.raises(Refused):
        attend.came(meeting, [leader], actor=ME)
    world.move_to(TUESDAY, 14)
    assert attend.came(meeting, [], actor=ME).no_shows == 1
    guest = world.engine.people.add("Gæst", "gaest@eksempel.example")
    view = attend.came(meeting, [leader, guest], actor=ME)
    assert (view.no_shows, {one.person_id for one in view.people if one.came}) == (0, {leader, guest})
    with world.engine.context.store.read() as reader:
        before = reader.attendances.said(meeting)
    attend.came(meeting, [leader, guest], actor=ME)
    with world.engine.context.store.read() as reader:
        assert reader.attendances.said(meeting) == before
    with pytest.raises(NotFound):
        attend.came(meeting, [999], actor=ME)


@pytest.mark.parametrize(
    ("said", "reminds"), [(None, True), ("kommer", True), ("maaske", True), ("kommer_ikke", False)]
)
def test_only_those_who_declined_are_not_reminded_of_the_day(world: World, said: str | None, reminds: bool) -> None:
    """Who comes, may come or has not answered is reminded; of the mail to who declined the outbox says why."""
    meeting, leader = invited(world), person(world, "leder")
    if said is not None:
        world.engine.attendance.answer(meeting, leader, said, actor=ME)
    world.live_until(TUESDAY - timedelta(days=1))
    reminded = [mail for mail in world.mailer.mails if mail.subject.startswith("Påmindelse: Lokalt")]
    assert bool(reminded) is reminds
    with world.engine.context.store.read() as reader:
        rows = [one for one in reader.outbox() if one.instance_id == meeting]
    (row,) = [one for one in rows if (one.nudge.why, one.nudge.role) == ("moedet_er_snart", "leder")]
    assert (row.status, row.result) == (
        ("sent", {"note": ""}) if reminds else ("withdrawn", {"note": "har meldt fra til mødet"})
    )


def test_a_feed_shows_a_persons_meetings_until_it_is_revoked(world: World) -> None:
    """The UIDs are those of the invitations; the same meetings are the same bytes; a revoked address is none."""
    meeting, leader = invited(world), person(world, "leder")
    attend = world.engine.attendance
    secret = attend.address(person_id=leader, actor=ME)
    first, second = attend.feed(secret), attend.feed(secret)
    assert first is not None and first == second and first.etag
    shown = {str(one["UID"]): one for one in Calendar.from_ical(first.content).walk("VEVENT")}
    assert shown[uid(meeting)]["STATUS"] == "CONFIRMED"
    assert {one["STATUS"] for one in shown.values()} >= {"CONFIRMED", "TENTATIVE"}
    moved(world, meeting)
    world.do(meeting, "aflys", reason="Ingen kan")
    third = attend.feed(secret)
    assert third is not None and third.etag != first.etag
    events = {str(one["UID"]): one for one in Calendar.from_ical(third.content).walk("VEVENT")}
    off = events[uid(meeting)]
    assert (off["STATUS"], off["SEQUENCE"], str(off["SUMMARY"]).split(",")[0]) == ("CANCELLED", 2, "AFLYST")
    assert attend.revoke(person_id=leader, actor=ME) == 1
    assert attend.feed(secret) is attend.feed("andet") is None


def test_a_programmes_feed_holds_all_its_meetings(world: World) -> None:
    """A person's is a part of it; who declined has the time free in her own."""
    meeting, leader = invited(world), person(world, "leder")
    attend = world.engine.attendance
    attend.answer(meeting, leader, "kommer_ikke", actor=ME)
    whole = attend.feed(attend.address(programme_id=world.programme, actor=ME))
    own = attend.feed(attend.address(person_id=leader, actor=ME))
    assert whole is not None and own is not None
    all_of = {str(one["UID"]) for one in Calendar.from_ical(whole.content).walk("VEVENT")}
    hers = {str(one["UID"]): one for one in Calendar.from_ical(own.content).walk("VEVENT")}
    assert set(hers) < all_of
    assert hers[uid(meeting)]["TRANSP"] == "TRANSPARENT"
    for wrong in ({}, {"person_id": leader, "programme_id": world.programme}, {"programme_id": meeting}):
        with pytest.raises(InvalidInput):
            attend.address(actor=ME, **wrong)
    with pytest.raises(NotFound):
        attend.revoke(person_id=999, actor=ME)


def test_a_feed_says_what_attendance_says(world: World) -> None:
    """A calendar's older no that comes after a yes by link undoes it nowhere."""
    meeting, leader, attend = invited(world), person(world, "leder"), world.engine.attendance
    secret = attend.address(person_id=leader, actor=ME)
    attend.answer(meeting, leader, "kommer", way=Way.LINK, actor=ME)
    attend.receive(reply(uid(meeting), LEADER, "DECLINED", stamp=at(0)))
    shown = attend.feed(secret)
    assert shown is not None and state(world, meeting) == "kommer"
    events = {str(one["UID"]): one for one in Calendar.from_ical(shown.content).walk("VEVENT")}
    assert events[uid(meeting)]["TRANSP"] == "OPAQUE"
    assert b"meldt fra" not in shown.content


def test_a_feed_takes_the_same_queries_for_any_number_of_meetings(world: World) -> None:
    """Five queries, whether there are two meetings or twenty."""
    attend, heard = world.engine.attendance, list[str]()
    secret = attend.address(programme_id=world.programme, actor=ME)
    attend.feed(secret)
    connection = world.engine.context.store._idle[-1]
    connection.hook = heard.append
    found = attend.feed(secret)
    connection.hook = None
    assert found is not None and found.content.count(b"BEGIN:VEVENT") > 2
    assert len([one for one in heard if one.startswith("before ") and "read" not in one]) <= 6, heard


def test_an_export_asks_nobody_for_an_answer(world: World) -> None:
    """It is for anybody: no attendee, METHOD PUBLISH; what has no day has no file."""
    meeting = invited(world)
    found = sheet(world.engine.attendance.export(meeting))
    assert (found.value("METHOD"), found.value("UID", "VEVENT")) == ("PUBLISH", uid(meeting))
    assert not found.all("ATTENDEE", "VEVENT")
    with pytest.raises(InvalidInput):
        world.engine.attendance.export(world.programme)


def test_the_hours_are_checked(world: World) -> None:
    """A time of day is one; people may write it with a dot."""
    meeting = world.activity("lokalt_opstartsmoede", "Greve")
    for wrong in ("25:00", "9", "kl. 9", 9):
        with pytest.raises(InvalidInput):
            world.do(meeting, "planlaeg", {"dato": TUESDAY.isoformat(), "kl": wrong})
    world.do(meeting, "planlaeg", {"dato": TUESDAY.isoformat(), "kl": "9.05"})
    assert world.engine.show(meeting).data["kl"] == "09:05"
