"""What an invitation promises: an identity that no other database has, and an answer only where one is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from samskabt import Settings, VirtualClock, connect
from samskabt.notifications.mailer import MemoryMailer
from samskabt.runtime.posting.restraint import Restraint
from samskabt.runtime.usecases.programmes import Workflows

from ..calendars import reply, sheet
from .test_attendance import LEADER, calendars, invited, person
from .world import CHOSEN, World, copied

Open = Callable[[str, Settings], World]


@pytest.fixture
def open_with(workflows: Workflows, chosen_file: tuple[Path, int], tmp_path: Path) -> Iterator[Open]:
    """Open copies of a database in which kommuner are chosen, under settings and with secrets of their own."""
    with ExitStack() as stack:

        def open_(name: str, settings: Settings) -> World:
            clock, mailer = VirtualClock(CHOSEN), MemoryMailer()
            url = copied(chosen_file[0], tmp_path / name)
            engine = stack.enter_context(
                connect(url, workflows=workflows, clock=clock, mailer=mailer, settings=settings)
            )
            return World(engine, clock, mailer, chosen_file[1])

        yield open_


def letter(world: World) -> str:
    """Give the words of the leader's newest mail on one line."""
    mail = [one for one in world.mailer.mails if one.recipient == LEADER][-1]
    body = message_from_bytes(mail.content, policy=default).get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def test_the_meetings_of_two_databases_are_two_in_any_calendar(open_with: Open) -> None:
    """The same number, and UIDs of their own for life: in mail, feed and file; a reply to the other's is no answer."""
    found = []
    for name in ("en.db", "to.db"):
        world = open_with(name, Settings(restraint=Restraint.off()))
        attend, meeting = world.engine.attendance, invited(world)
        world.do(meeting, "aflys", reason="Ingen kan")
        world.engine.deliver()
        feed = attend.feed(attend.address(programme_id=world.programme))
        (uid,) = {one.value("UID", "VEVENT") for one in (*calendars(world), sheet(attend.export(meeting)))}
        assert feed is not None and uid.encode() in feed.content.replace(b"\r\n ", b"")
        found.append((meeting, uid, attend))
    (meeting, first, _), (same, second, attend) = found
    assert meeting == same and first != second
    assert [attend.receive(reply(uid, LEADER, "ACCEPTED")).why for uid in (first, second)] == ["ukendt_moede", "afvist"]


def test_a_feed_that_is_read_before_any_mail_names_meetings_as_mails_will(open_with: Open) -> None:
    """Whoever asks first makes the identity."""
    world = open_with("en.db", Settings(restraint=Restraint.off()))
    with world.engine.context.begin() as uow:
        uow.beats.drop_note("message_secret")
    feed = world.engine.attendance.feed(world.engine.attendance.address(programme_id=world.programme))
    invited(world)
    ours = calendars(world)[0].value("UID", "VEVENT").partition(".")[2]
    assert feed is not None and ours and ours.encode() in feed.content


@pytest.mark.parametrize(
    ("inbox", "pages", "rsvp", "again"),
    [(True, False, "TRUE", True), (False, True, "FALSE", True), (False, False, "FALSE", False)],
)
def test_an_answer_is_promised_only_where_one_is_read(
    open_with: Open, tmp_path: Path, inbox: bool, pages: bool, rsvp: str, again: bool
) -> None:
    """Calendars are asked where their replies are read; who is asked again is told so, whichever way they answer."""
    settings = Settings(
        restraint=Restraint.off(),
        inbox=tmp_path if inbox else None,
        web_url="https://svar.eksempel.example" if pages else None,
    )
    world = open_with("en.db", settings)
    invited(world)
    (found,) = calendars(world)
    said = found.one("DESCRIPTION", "VEVENT").text
    assert found.one("ATTENDEE", "VEVENT").params["RSVP"] == rsvp
    assert ("Svar i din kalender eller på mailen, om du kommer." in said) is inbox
    assert "på mailen, om du kommer." in said
    asked, silent = "Svarer du ikke, spørger vi igen.", "Du hører kun igen, hvis noget ændrer sig"
    assert ((asked in letter(world)), (silent in letter(world))) == (again, not again)


def test_who_has_written_an_answer_is_named_and_not_asked_for_one(open_with: Open, tmp_path: Path) -> None:
    """The list says who, about which meeting and how to register it; she is not asked »Kommer du?«, the others are."""
    world = open_with("en.db", Settings(restraint=Restraint.off(), inbox=tmp_path / "post"))
    other = world.engine.people.add("Anden Leder", "anden@eksempel.example")
    world.engine.people.assign(other, "leder", programme_id=world.programme)
    meeting, leader = invited(world), person(world, "leder")
    mail = next(one for one in world.mailer.mails if one.recipient == LEADER and b"text/calendar" in one.content)
    (tmp_path / "post").mkdir()
    for name, ours in (("svar", mail.message_id), ("andet", "<digest-1.000000@eksempel.example>")):
        head = (
            f"From: {LEADER}\r\nSubject: SV: {mail.subject[:20]}\r\nIn-Reply-To: {ours}\r\nReferences: <x@y.dk> {ours}"
        )
        (tmp_path / "post" / f"{name}.eml").write_bytes(f"{head}\r\n\r\nJa, jeg kommer".encode())
    assert world.engine.inbox.read().other == 2
    strange, left = sorted(world.engine.inbox.left(), key=lambda one: one.place)
    assert (strange.person_id, strange.instance_id) == (None, None)
    assert (left.person_id, left.person, left.instance_id) == (leader, "Leder", meeting)
    assert left.meeting == world.engine.show(meeting).title
    assert world.engine.attendance.of(meeting).writers == (left.person,)
    world.live_until(date(2019, 10, 2))
    asked = [one.recipient for one in world.mailer.mails if one.subject.startswith("Kommer du? Lokalt")]
    assert asked == ["anden@eksempel.example"]
    world.engine.inbox.settle(left.id)
    world.engine.attendance.answer(meeting, leader, "kommer")
    assert world.engine.attendance.of(meeting).written == 0
