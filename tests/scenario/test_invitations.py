"""Whose calendar says what: superseded invitations, absences, roles that change hands, seats; on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from samskabt.engine.errors import DeliveryFailed, InvalidInput, NotFound, Refused
from samskabt.engine.values import Intent, Nudge
from samskabt.notifications import MemoryMailer
from samskabt.notifications.compose import Mail
from samskabt.runtime.attending.objecting import DEAF
from samskabt.runtime.engine import connect
from samskabt.runtime.posting.poster import DOUBLED
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.storage import Occasion

from ..calendars import Sheet
from .test_attendance import LEADER, calendars, invited, moved, person, state
from .world import CHOSEN, ME, World, copied, open_world

TUESDAY, THURSDAY = date(2019, 10, 8), date(2019, 10, 10)
LATER = date(2019, 11, 12)
COLLEAGUE = "klk_konsulent"
"""A role which no kommune's own meeting is for: whoever has it may stand in."""


@dataclass
class Moody:
    """A mailer that fails as told: before it takes a mail, or after it."""

    inner: MemoryMailer
    mood: str = "well"
    taken: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        """Send, refuse for now, or send and break the line."""
        if self.mood == "refuses":
            raise DeliveryFailed("451 later", retry=True)
        if self.mood == "loses":
            raise DeliveryFailed("the line broke after DATA", retry=True, doubtful=True)
        self.inner.send(mail)
        if self.mood == "breaks":
            raise DeliveryFailed("the line broke after DATA", retry=True, doubtful=True)


@pytest.fixture
def mood(world: World) -> Moody:
    """Put a mailer with moods before the one that keeps mails."""
    found = Moody(world.mailer)
    world.engine.mailer = found
    return found


def convened(world: World, day: date = TUESDAY) -> int:
    """Invite to a meeting, and send nothing yet."""
    meeting = world.activity("lokalt_opstartsmoede", "Greve")
    world.engine.reschedule(meeting, day, actor=ME)
    world.do(meeting, "indkald", {"kl": "9.00", "slut_kl": "12:00", "sted": "Rådhuset"})
    return meeting


def newcomer(world: World, name: str = "Ny Leder", role: str | None = None) -> int:
    """Enter somebody who has no role yet, or one that no meeting here is for."""
    number = world.engine.people.add(name, address(name))
    if role is not None:
        world.engine.people.assign(number, role, programme_id=world.programme, actor=ME)
    return number


def address(name: str) -> str:
    """Give the address of somebody who was entered so."""
    return f"{name.lower().replace(' ', '.')}@eksempel.example"


def told(world: World, who: str = LEADER) -> list[tuple[str, str, str]]:
    """Say what somebody's calendar was sent: the method, the SEQUENCE and the day of each."""
    return [_told(one) for one in calendars(world, who)]


def subjects(world: World, who: str = LEADER) -> list[str]:
    """Give the first words of what somebody got with a calendar file."""
    found = (mail for mail in world.mailer.mails if mail.recipient == who and b"text/calendar" in mail.content)
    return [mail.subject.split(":")[0] for mail in found]


def statuses(world: World, meeting: int) -> set[str]:
    """Say what became of the calendar mails of a meeting; those for roles that nobody has are held."""
    with world.engine.context.store.read() as reader:
        found = [one for one in reader.outbox() if one.instance_id == meeting and one.nudge.uid is not None]
    return {one.status for one in found} - {"held"}


def _told(one: Sheet) -> tuple[str, str, str]:
    return one.value("METHOD"), one.value("SEQUENCE", "VEVENT"), one.value("DTSTART", "VEVENT")[:8]


def test_an_invitation_that_was_not_sent_before_the_meeting_moved_is_moot(world: World) -> None:
    """Everybody gets one mail, with the day that holds: an invitation, for nobody knows of another day."""
    meeting = convened(world)
    world.do(meeting, "flyt", {"dato": THURSDAY.isoformat()}, reason="Sygdom")
    world.engine.deliver()
    assert told(world) == [("REQUEST", "1", "20191010")]
    assert subjects(world) == ["Indkaldelse"]
    assert statuses(world, meeting) == {"withdrawn", "sent"}


def test_a_retry_does_not_bring_the_old_day_after_the_new(world: World, mood: Moody) -> None:
    """The letter that waits for its second attempt is looked at again, and dropped."""
    meeting = convened(world)
    mood.mood = "refuses"
    world.engine.deliver()
    world.do(meeting, "flyt", {"dato": THURSDAY.isoformat()}, reason="Sygdom")
    mood.mood = "well"
    world.move_to(date(2019, 9, 30))
    world.engine.deliver()
    assert told(world) == [("REQUEST", "1", "20191010")]


def test_what_nobody_was_invited_to_is_called_off_in_silence(world: World, mood: Moody) -> None:
    """Invitation and cancellation are withdrawn together, in whatever order they are looked at."""
    meeting = convened(world)
    mood.mood = "refuses"
    world.engine.deliver()
    world.do(meeting, "aflys", reason="Ingen kan")
    world.engine.deliver()
    mood.mood = "well"
    world.move_to(date(2019, 9, 30))
    world.engine.deliver()
    assert (calendars(world), statuses(world, meeting)) == ([], {"withdrawn"})


def test_what_may_have_arrived_is_called_off(world: World, mood: Moody) -> None:
    """The line broke after the invitation was taken: nobody knows, so the cancellation goes."""
    meeting = convened(world)
    mood.mood = "breaks"
    world.engine.deliver()
    world.do(meeting, "aflys", reason="Ingen kan")
    mood.mood = "well"
    world.move_to(date(2019, 9, 30))
    world.engine.deliver()
    assert [one[:2] for one in told(world)] == [("REQUEST", "0"), ("CANCEL", "1")]


def test_a_cancellation_that_may_be_lost_is_tried_again(world: World, mood: Moody) -> None:
    """As an invitation is, and in the same words: at least once, for nobody knows whether it arrived."""
    meeting = convened(world)
    for event, reason in ((None, None), ("aflys", "Ingen kan")):
        if event is not None:
            world.do(meeting, event, reason=reason)
        for one in ("loses", "well"):
            mood.mood = one
            world.engine.deliver()
            world.clock.move_to(world.clock.now() + timedelta(hours=6))
        world.engine.deliver()
    assert [one[:2] for one in told(world)] == [("REQUEST", "0"), ("CANCEL", "1")]
    assert subjects(world) == ["Indkaldelse", "Aflyst"]


def test_who_is_away_now_hears_of_a_meeting_after_her_return(world: World) -> None:
    """Invited before, moved while she is away: the change is hers, and her stand-in has nothing to do with it."""
    meeting, stand_in = invited(world), newcomer(world, role=COLLEAGUE)
    world.engine.people.absent(person(world, "leder"), TUESDAY + timedelta(days=7), stand_in_id=stand_in, actor=ME)
    world.engine.deliver()
    assert subjects(world, address("Ny Leder")) == ["Indkaldelse"]  # Tuesday lies inside the absence.
    moved(world, meeting, LATER)
    assert told(world)[-1] == ("REQUEST", "1", "20191112")
    assert [one[0] for one in told(world, address("Ny Leder"))] == ["REQUEST", "CANCEL"]
    assert state(world, meeting) == "indkaldt"


def test_a_meeting_outside_the_absence_is_hers_alone(world: World) -> None:
    """She is invited to it while she is away; a move into the absence asks the stand-in as well, for the first time."""
    stand_in = newcomer(world, role=COLLEAGUE)
    world.engine.people.absent(person(world, "leder"), date(2019, 11, 1), stand_in_id=stand_in, actor=ME)
    meeting = invited(world, day=LATER)
    assert (subjects(world), subjects(world, address("Ny Leder"))) == (["Indkaldelse"], [])
    moved(world, meeting, THURSDAY)
    assert (subjects(world)[-1], subjects(world, address("Ny Leder"))) == ("Ændret", ["Indkaldelse"])
    world.do(meeting, "aflys", reason="Ingen kan")
    world.engine.deliver()
    assert {told(world)[-1][0], told(world, address("Ny Leder"))[-1][0]} == {"CANCEL"}


def test_back_early_the_meeting_is_hers_again(world: World) -> None:
    """The stand-in is taken off; she is invited where she was not before."""
    leader, stand_in = person(world, "leder"), newcomer(world, role=COLLEAGUE)
    world.engine.people.absent(leader, date(2019, 11, 1), stand_in_id=stand_in, actor=ME)
    invited(world)
    assert (subjects(world), subjects(world, address("Ny Leder"))) == ([], ["Indkaldelse"])
    world.engine.people.absent(leader, None, actor=ME)
    world.engine.deliver()
    assert subjects(world) == ["Indkaldelse"]
    assert [one[0] for one in told(world, address("Ny Leder"))] == ["REQUEST", "CANCEL"]


def test_who_gets_a_role_is_invited_to_what_is_ahead(world: World) -> None:
    """The preview says so; who had the role keeps it, unless the new one has it for the kommune itself."""
    meeting, new = invited(world), newcomer(world)
    before = len(world.mailer.mails)

    def assign(engine: object = None) -> None:
        chosen = engine or world.engine
        chosen.people.assign(new, "leder", programme_id=world.programme, kommune="0253", actor=ME)  # type: ignore[attr-defined]

    preview = world.engine.post.preview(assign)
    assert {(one.person, one.template) for one in preview.planned} == {
        ("Ny Leder", "indkaldelse"),
        ("Leder", "ikke_laengere_med"),
    }
    assert len(world.mailer.mails) == before
    assign()
    world.engine.deliver()
    assert told(world, address("Ny Leder")) == [("REQUEST", "0", "20191008")]
    assert told(world)[-1][0] == "CANCEL"
    moved(world, meeting)
    assert (told(world, address("Ny Leder"))[-1][1], told(world)[-1][0]) == ("1", "CANCEL")


def test_a_role_is_followed_on_the_day_of_the_meeting(world: World) -> None:
    """Who takes over before the day gets changes at once, though the role is another's until then."""
    meeting, new = invited(world), newcomer(world)
    world.engine.people.replace(person(world, "leder"), new, on=date(2019, 10, 1), actor=ME)
    world.engine.deliver()
    moved(world, meeting)
    assert [one[:2] for one in told(world, address("Ny Leder"))] == [("REQUEST", "0"), ("REQUEST", "1")]
    assert [one[:2] for one in told(world)] == [("REQUEST", "0"), ("CANCEL", "0")]


def test_who_has_two_roles_is_invited_once(world: World) -> None:
    """One calendar mail is enough for one calendar; the cancellation comes once as well."""
    world.engine.people.assign(person(world, "leder"), "kommunal_konsulent", programme_id=world.programme, actor=ME)
    meeting = invited(world)
    world.do(meeting, "aflys", reason="Ingen kan")
    world.engine.deliver()
    assert [one[0] for one in told(world)] == ["REQUEST", "CANCEL"]


STEPS = (
    "move",
    "move",
    "cancel",
    "take_back",
    "send",
    "send",
    "refuse",
    "break",
    "lose",
    "replace",
    "away",
    "back",
    "assign",
)


@pytest.mark.parametrize("seed", range(6))
def test_in_any_order_the_last_calendar_item_is_the_truth(world: World, mood: Moody, seed: int) -> None:
    """Moves, cancellations, corrections, new people and broken lines: SEQUENCE only grows, under one UID for life."""
    chance, meeting = Random(seed), convened(world)
    spares = [newcomer(world, f"Ny Person {number}", COLLEAGUE) for number in range(3)]
    for step in chance.choices(STEPS, k=14):
        world.clock.move_to(world.clock.now() + timedelta(hours=chance.choice((0, 1, 5))))
        with suppress(Refused, InvalidInput, NotFound):
            _step(world, mood, meeting, step, chance, spares)
    mood.mood = "well"
    world.clock.move_to(world.clock.now() + timedelta(days=3))
    world.engine.deliver()
    is_off, day = world.state(meeting) != "indkaldt", world.engine.show(meeting).dates.planned_start
    current = world.engine.attendance.of(meeting).sequence
    guests = _meant(world, meeting)
    for who in world.engine.people.all()[0]:
        found = calendars(world, who.email)
        assert len({one.value("UID", "VEVENT") for one in found}) <= 1
        numbers = [int(one.value("SEQUENCE", "VEVENT")) for one in found]
        assert numbers == sorted(numbers)
        last = _told(found[-1]) if found else ("", "", "")
        if is_off or not guests >= {who.id}:
            assert last[0] != "REQUEST", (who.name, last)
        elif who.id in guests:
            assert day is not None and last == ("REQUEST", str(current), f"{day:%Y%m%d}"), (who.name, last)


def _step(world: World, mood: Moody, meeting: int, step: str, chance: Random, spares: list[int]) -> None:
    """Take one step; what may not be is refused, and no harm done."""
    people = world.engine.people
    match step:
        case "move":
            day = TUESDAY + timedelta(days=chance.choice((0, 1, 2, 21, 35)))
            world.do(meeting, "flyt", {"dato": day.isoformat()}, reason="Sygdom", override=True)
        case "cancel":
            world.do(meeting, "aflys", reason="Ingen kan")
        case "take_back":
            world.engine.correct(meeting, world.engine.show(meeting).revision, reason="Forkert møde", actor=ME)
        case "send" | "refuse" | "break" | "lose":
            mood.mood = {"send": "well", "refuse": "refuses", "break": "breaks", "lose": "loses"}[step]
            world.engine.deliver()
        case "replace":
            people.replace(person(world, "leder"), chance.choice(spares), role="leder", actor=ME)
        case "assign":
            people.assign(chance.choice(spares), "leder", programme_id=world.programme, kommune="0253", actor=ME)
        case "away":
            absent, stand_in = chance.sample([person(world, "leder"), *spares], 2)
            until = world.clock.now().date() + timedelta(days=chance.choice((5, 40)))
            people.absent(absent, until, stand_in_id=stand_in, actor=ME)
        case _:
            people.absent(chance.choice([person(world, "leder"), *spares]), None, actor=ME)


def _meant(world: World, meeting: int) -> set[int]:
    """Say whom a meeting is for on its day, absent ones only where they were invited."""
    with world.engine.context.begin() as uow:
        calendars_ = uow.invitations.calendars(meeting)
        day = world.engine.show(meeting).dates.planned_start
        assert day is not None
        today = world.clock.now().date()
        one = Occasion(meeting, world.programme, uow.identity(meeting).kommune, max(day, today), today)
        meant = uow.invitations.meant(calendars_, one)
        return {who.person_id for who in meant.here} | (meant.every & calendars_.invited())


@pytest.fixture
def network(workflows: Workflows, tmp_path: Path) -> Iterator[tuple[World, int, list[int]]]:
    """Open a programme whose first network meeting has two seats for each kommune, and four chefs of Greve."""
    world = open_world(f"sqlite:///{tmp_path / 'plads.db'}", workflows, datetime(2016, 9, 1, 8, tzinfo=UTC))
    world.programme = world.engine.programmes.start("flere-i-arbejde", actor=ME).instance_id
    chefs = [newcomer(world, f"Chef Nummer {number}") for number in range(4)]
    for one in chefs:
        world.engine.people.assign(one, "chef", programme_id=world.programme, kommune="0253", actor=ME)
    meeting = world.activity("netvaerksmoede_1")
    world.engine.reschedule(meeting, date(2017, 1, 26), override=True, reason="Aftalt", actor=ME)
    world.do(meeting, "indkald", {"kl": "9.00", "slut_kl": "12:00", "sted": "KL-Huset"})
    world.engine.deliver()
    yield world, meeting, chefs
    world.engine.close()


def answer(world: World, meeting: int, who: int, said: str) -> str:
    """Answer, ready to wait in line; give where she stands with it."""
    return world.engine.attendance.answer(meeting, who, said, actor=ME, waits=True).state


def test_who_moves_up_is_told_once_and_nobody_else(network: tuple[World, int, list[int]]) -> None:
    """One no frees one seat, for the first in line; the mail says so, with the invitation; a no in line frees none."""
    world, meeting, (first, second, third, fourth) = network
    stands = [answer(world, meeting, one, "kommer") for one in (first, second, third, fourth)]
    assert stands == ["kommer", "kommer", "venteliste", "venteliste"]
    for _ in range(2):
        answer(world, meeting, first, "kommer_ikke")
        world.engine.deliver()
    assert subjects(world, address("Chef Nummer 2")) == ["Indkaldelse", "Der er plads til dig"]
    assert subjects(world, address("Chef Nummer 3")) == ["Indkaldelse"]
    assert answer(world, meeting, first, "kommer") == "venteliste"
    answer(world, meeting, fourth, "kommer_ikke")
    answer(world, meeting, second, "maaske")
    world.engine.deliver()
    assert subjects(world, address("Chef Nummer 0"))[-1] == "Der er plads til dig"
    assert told(world, address("Chef Nummer 0")) == [("REQUEST", "0", "20170126")] * 2
    assert subjects(world, address("Chef Nummer 3")) == ["Indkaldelse"]


def test_a_seat_given_back_before_the_mail_goes_is_not_promised(network: tuple[World, int, list[int]]) -> None:
    """Who stands elsewhere when the mail is to be sent does not get it; the next one does."""
    world, meeting, (first, second, third, fourth) = network
    for one in (first, second, third, fourth):
        answer(world, meeting, one, "kommer")
    answer(world, meeting, first, "kommer_ikke")
    answer(world, meeting, third, "kommer_ikke")
    world.engine.deliver()
    assert subjects(world, address("Chef Nummer 2")) == ["Indkaldelse"]
    assert subjects(world, address("Chef Nummer 3"))[-1] == "Der er plads til dig"


def test_a_seat_of_somebody_who_leaves_goes_to_the_next(network: tuple[World, int, list[int]]) -> None:
    """A role that is handed on takes its seat along or gives it back; the line moves up by as many."""
    world, meeting, (first, second, third, _) = network
    for one in (first, second, third):
        answer(world, meeting, one, "kommer")
    world.engine.people.replace(first, newcomer(world), actor=ME)
    world.engine.deliver()
    assert subjects(world, address("Chef Nummer 2"))[-1] == "Der er plads til dig"
    assert state_of(world, meeting, third) == "kommer"
    assert told(world, address("Chef Nummer 0"))[-1][0] == "CANCEL"


def state_of(world: World, meeting: int, who: int) -> str:
    """Say where a person stands with a meeting."""
    return next(one.state for one in world.engine.attendance.of(meeting).people if one.person_id == who)


def test_a_mail_to_many_reads_the_registers_once(network: tuple[World, int, list[int]]) -> None:
    """Whether four or nine chefs are reminded of a meeting: what says who comes is read once for all of them."""
    world, meeting, _ = network
    found = []
    for more in (0, 5):
        for number in range(more):
            extra = newcomer(world, f"Chef Ekstra {number}")
            world.engine.people.assign(extra, "chef", programme_id=world.programme, kommune="0253", actor=ME)
        world.engine.deliver()
        nudge = Nudge(f"snart-{more}", Intent.NUDGE, "paamindelse_moede", "chef", "moedet_er_snart")
        with world.engine.context.begin() as uow:
            uow.outbox.queue(uow.identity(meeting), (nudge,), world.clock.now())
        heard = list[str]()
        for one in world.engine.context.store._idle:
            one.hook = heard.append
        world.engine.post.post()
        for one in world.engine.context.store._idle:
            one.hook = None
        found.append((heard.count("before people"), heard.count("before roles"), heard.count("before put into letter")))
    assert found == [(1, 1, 4), (1, 1, 9)]


def test_a_kommune_that_leaves_is_taken_off_what_is_held_for_all(world: World) -> None:
    """Its people are told so by mail, and those of other kommuner hear nothing; taken back, they are invited again."""
    greve = world.kommune("Greve")
    chief = newcomer(world)
    world.engine.people.assign(chief, "kommunal_konsulent", programme_id=world.programme, kommune="0253", actor=ME)
    meeting = world.activity("uddannelsesdag_1")
    world.engine.reschedule(meeting, LATER, override=True, reason="Aftalt", actor=ME)
    world.do(meeting, "indkald")
    world.engine.deliver()
    other = "kommunal.konsulent@eksempel.example"
    before = len(calendars(world, other))
    world.do(greve, "forloeb.traek", reason="De har ikke tid", override=True)
    world.engine.deliver()
    assert [one[0] for one in told(world, address("Ny Leder"))] == ["REQUEST", "CANCEL"]
    assert len(calendars(world, other)) == before == 1
    world.engine.correct(greve, world.engine.show(greve).revision, reason="Alligevel", actor=ME)
    world.engine.deliver()
    assert told(world, address("Ny Leder"))[-1][0] == "REQUEST"


@pytest.fixture
def hearing(workflows: Workflows, chosen_file: tuple[Path, int], tmp_path: Path) -> Iterator[World]:
    """Give the same programme where answers come to an inbox."""
    template, programme = chosen_file
    (inbox := tmp_path / "inbox").mkdir()
    found = open_world(copied(template, tmp_path / "hoerer.db"), workflows, CHOSEN, programme, inbox=inbox)
    yield found
    found.engine.close()


@pytest.mark.parametrize("is_away", [False, True])
def test_only_who_has_not_answered_is_asked_once_more(hearing: World, is_away: bool) -> None:
    """Seven working days before, once: nobody who has answered, and not the stand-in of who is back by then."""
    leader, other = person(hearing, "leder"), newcomer(hearing, "Anden Leder", "leder")
    meeting = invited(hearing)
    if is_away:
        stand_in = newcomer(hearing, role=COLLEAGUE)
        hearing.engine.people.absent(leader, date(2019, 9, 27), stand_in_id=stand_in, actor=ME)
    answer(hearing, meeting, other, "maaske")
    hearing.live_until(date(2019, 10, 2))
    assert asked_again(hearing) == [LEADER]


def test_nobody_is_asked_for_an_answer_that_cannot_come_in(world: World) -> None:
    """Without pages and without an inbox the reminder is withdrawn, and its row says why; the day is told of still."""
    meeting = invited(world)
    world.live_until(date(2019, 10, 4))
    with world.engine.context.store.read() as reader:
        rows = [one for one in reader.outbox(limit=1000) if one.instance_id == meeting]
    asking = [one for one in rows if one.nudge.why == "svar_paa_indkaldelsen" and one.status != "held"]
    assert asked_again(world) == []
    assert asking and all((one.status, one.result) == ("withdrawn", {"note": DEAF}) for one in asking)
    assert {one.status for one in rows if one.nudge.why == "moedet_er_snart"} >= {"sent"}


def asked_again(world: World) -> list[str]:
    """Say whom the reminder has reached that asks for an answer."""
    return [mail.recipient for mail in world.mailer.mails if mail.subject.startswith("Kommer du? Lokalt")]


def on_trial(world: World, path: Path, workflows: Workflows) -> set[str]:
    """Send what there is to the one address of a trial, and give the first words of the calendar mails."""
    setting = replace(world.engine.settings, all_mail_to="proeve@program.example")
    mailer, url = MemoryMailer(), f"sqlite:///{path / 'valgt.db'}"
    with connect(url, workflows=workflows, clock=world.clock, settings=setting, mailer=mailer) as trial:
        trial.deliver()
    return {mail.subject.split(": ")[1] for mail in mailer.mails if b"text/calendar" in mail.content}


def asked(world: World, person_id: int) -> int:
    """Count the statements that an absence and its end take."""
    heard = list[str]()
    for one in world.engine.context.store._idle:
        one.hook = heard.append
    for until in (date(2019, 11, 1), None):
        world.engine.people.absent(person_id, until, actor=ME)
    for one in world.engine.context.store._idle:
        one.hook = None
    return sum(one.startswith("before ") for one in heard)


def test_an_absence_asks_little_of_each_meeting_ahead(world: World) -> None:
    """What was told of each is read once, whom it is for twice; of a meeting that is for others nothing more."""
    leader, other = person(world, "leder"), newcomer(world, role=COLLEAGUE)
    counts = [(asked(world, leader), asked(world, other))]
    for kommune, day in (("Greve", 8), ("København", 9), ("Aarhus", 10)):
        invited(world, kommune, date(2019, 10, day))
        counts.append((asked(world, leader), asked(world, other)))
    more = [(after[0] - before[0], after[1] - before[1]) for before, after in pairwise(counts)]
    assert counts[0][0] <= 16 and all(hers <= 2 * 7 and others <= 2 for hers, others in more), counts


@pytest.mark.parametrize(("event", "heard"), [("flyt", ["Indkaldelse"]), ("aflys", [])])
def test_what_went_on_trial_only_told_nobody(
    world: World, tmp_path: Path, workflows: Workflows, event: str, heard: list[str]
) -> None:
    """The first real word is an invitation, and what nobody was really invited to is called off in silence."""
    meeting = convened(world)
    assert len(on_trial(world, tmp_path, workflows)) == 1
    assert state(world, meeting) == "ikke_indkaldt"
    world.do(meeting, event, {"dato": THURSDAY.isoformat()} if event == "flyt" else {}, reason="Sygdom")
    world.engine.deliver()
    assert subjects(world) == heard


def test_a_trial_tells_its_reader_a_whole_story(world: World, tmp_path: Path, workflows: Workflows) -> None:
    """Invited, changed and called off: as long as it is a trial, what went to the one address was told."""
    meeting, found = convened(world), list[str]()
    for event, data in (("flyt", {"dato": THURSDAY.isoformat()}), ("aflys", {}), ("", {})):
        found += on_trial(world, tmp_path, workflows)
        if event:
            world.do(meeting, event, data, reason="Sygdom")
    assert found == ["Indkaldelse", "Ændret", "Aflyst"]


def test_a_trial_invites_nobody_twice_and_a_launch_tells_of_all(
    world: World, tmp_path: Path, workflows: Workflows
) -> None:
    """Who has two invited roles gets one mail, as for real; the other row says so, and the preview is what is sent."""
    meeting = convened(world)
    both = person(world, "leder")
    newcomer(world, "Anden Leder", "leder"), newcomer(world, "Ny Medarbejder", "medarbejder")
    world.engine.people.assign(both, "medarbejder", programme_id=world.programme, actor=ME)
    for _ in range(2):
        on_trial(world, tmp_path, workflows)
    went = [(one.person_id, one.mails) for one in world.engine.post.letters("sent") if one.is_trial]
    with world.engine.context.store.read() as reader:
        mails = [one for one in reader.outbox(limit=1000) if one.instance_id == meeting and one.nudge.uid is not None]
    invitations = {one.id for one in mails}
    invited = [person_id for person_id, mails in went if invitations & set(mails)]
    assert len(invited) == len(set(invited)) == 3
    assert {str((one.result or {})["note"]) for one in mails if one.status == "withdrawn"} == {DOUBLED}
    would = world.engine.post.would_launch(listed=True)
    assert (len(would.planned), would.waiting, would.over) == (len(went), 0, 0)
    world.engine.post.launch()
    world.engine.deliver()
    assert len(world.mailer.mails) == len(went) and subjects(world) == ["Indkaldelse"]


def test_a_launch_drops_what_its_receiver_gets_in_another_role(
    world: World, tmp_path: Path, workflows: Workflows
) -> None:
    """What waited for nobody's trial goes too, and the preview names it; the other row says that the meeting is on."""
    meeting = convened(world)
    on_trial(world, tmp_path, workflows)
    world.engine.people.assign(person(world, "leder"), "medarbejder", programme_id=world.programme, actor=ME)
    world.engine.post.post()
    would = world.engine.post.would_launch(listed=True)
    assert (would.doubled, would.over, would.waiting) == (1, 0, 1)
    assert (would.planned[-1].person, would.planned[-1].subject.split(":")[0]) == ("Leder", "Indkaldelse")
    world.engine.post.launch()
    world.engine.deliver()
    assert subjects(world) == ["Indkaldelse"] and statuses(world, meeting) == {"sent", "withdrawn"}
