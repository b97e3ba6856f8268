"""People say what they want to hear, and posting keeps to it; trials, previews and messages hold to the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samskabt.engine.errors import InvalidInput, NotFound, Refused
from samskabt.engine.values import Actor, ActorKind, Entry, Intent, Nudge
from samskabt.notifications import FolderMailer
from samskabt.runtime.clock import VirtualClock
from samskabt.runtime.engine import Engine, connect
from samskabt.runtime.mailing.memory import Verdict, verdict
from samskabt.runtime.mailing.preferences import KINDS, STILL
from samskabt.runtime.posting.restraint import Restraint
from samskabt.runtime.settings import Settings, settings_from
from samskabt.runtime.usecases.programmes import Workflows

from .desk import Desk, at, open_desk, settle_desk
from .world import ME, World, copied

MONDAY = date(2019, 9, 16)
"""The Monday of week 38, with nothing closed around it."""


@pytest.fixture(scope="module")
def desk_file(workflows: Workflows, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Make the database that every desk is a copy of."""
    path = tmp_path_factory.mktemp("wishes") / "post.db"
    return path, settle_desk(path, workflows, at(date(2019, 5, 1)))


@pytest.fixture
def desk(workflows: Workflows, desk_file: tuple[Path, int], tmp_path: Path) -> Iterator[Desk]:
    """Open a desk on a Monday morning, without restraint."""
    url = copied(desk_file[0], tmp_path / "desk.db")
    found = open_desk(url, workflows, at(MONDAY, 8), desk_file[1], Restraint.off())
    yield found
    found.engine.close()


def test_who_opted_out_of_reminders_gets_what_others_wait_for(desk: Desk) -> None:
    """No reminder, but a notice, an invitation and a cancellation; the answer says that, the mail says why not."""
    anne = desk.person()
    answer = desk.engine.post.preferences.opt_out(anne)
    assert STILL in answer.said
    refused = desk.queue(anne)
    rest = [
        desk.queue(anne, Intent.NOTICE, template="velkommen"),
        desk.queue(anne, Intent.INVITATION, template="indkaldelse", dato="2019-10-01"),
        desk.queue(anne, Intent.CANCELLATION, template="aflyst", dato="2019-10-01"),
    ]
    desk.engine.deliver()
    assert [desk.mail(number).status for number in rest] == ["sent"] * 3
    assert desk.mail(refused).status == "withdrawn"
    assert desk.engine.post.why(refused) == "modtageren har sagt nej tak til de mails"
    assert desk.findings() == []


@pytest.mark.parametrize(
    ("kind", "sent"),
    [("alle", (0, 0)), ("paamindelser", (0, 1)), ("nyt", (1, 0)), ("text:velkommen", (1, 0)), ("beskeder", (1, 1))],
)
def test_a_kind_is_what_it_says(desk: Desk, kind: str, sent: tuple[int, int]) -> None:
    """Whoever says no to a kind gets the others."""
    anne = desk.person()
    desk.engine.post.preferences.opt_out(anne, kind)
    mails = desk.queue(anne), desk.queue(anne, Intent.NOTICE, template="velkommen")
    desk.engine.deliver()
    assert tuple(int(desk.mail(number).status == "sent") for number in mails) == sent


def test_a_programme_can_be_left_out(desk: Desk) -> None:
    """Whoever has had enough of one programme hears of the other."""
    anne = desk.person()
    other = desk.engine.programmes.start("mere-kerneopgave-mindre-bureaukrati", actor=ME).instance_id
    desk.engine.post.preferences.opt_out(anne, f"programme:{other}")
    mails = desk.queue(anne), desk.queue(anne, about=other)
    desk.engine.deliver()
    assert [desk.mail(number).status for number in mails] == ["sent", "withdrawn"]


def test_an_opt_out_may_end_by_itself(desk: Desk) -> None:
    """Up to and including a day nothing comes; the day after it does."""
    anne = desk.person()
    desk.engine.post.preferences.opt_out(anne, until=MONDAY)
    first = desk.queue(anne)
    desk.engine.deliver()
    desk.move(at(MONDAY + timedelta(days=1)))
    second = desk.queue(anne)
    desk.engine.deliver()
    assert [desk.mail(number).status for number in (first, second)] == ["withdrawn", "sent"]


def test_what_waits_for_a_pause_goes_when_it_ends_early(desk: Desk) -> None:
    """A pause lets mails wait with a reason; whoever comes back has them at once."""
    anne = desk.person()
    desk.engine.post.preferences.pause(anne, MONDAY + timedelta(days=30))
    waits = desk.queue(anne)
    desk.engine.deliver()
    assert "holder pause" in desk.engine.post.why(waits)
    desk.engine.post.preferences.resume(anne)
    desk.engine.deliver()
    assert desk.mail(waits).status == "sent"
    assert all(not one.opted_out and one.paused_until is None for one in desk.engine.post.preferences.list(anne))


def test_the_end_of_a_pause_wakes_nobody_elses_mails(desk: Desk) -> None:
    """Two hold a pause: when one comes back, the other's mail still waits, to the same instant."""
    anne, bo = desk.person(), desk.person("Bo Lund")
    for one in (anne, bo):
        desk.engine.post.preferences.pause(one, MONDAY + timedelta(days=30))
    hers, his = desk.queue(anne), desk.queue(bo)
    desk.engine.deliver()
    before = desk.mail(his)
    desk.engine.post.preferences.resume(anne)
    assert desk.mail(his) == before and desk.mail(hers).not_before < before.not_before


def test_the_end_of_a_pause_looks_at_no_others_mails(desk: Desk) -> None:
    """However many others hold a pause: only what goes to her, or to a role of hers, is read; and both go."""
    anne, bo = desk.person(), desk.person("Bo Lund")
    desk.engine.people.assign(anne, "partskonsulent", programme_id=desk.programme)
    for one in (anne, bo):
        desk.engine.post.preferences.pause(one, MONDAY + timedelta(days=30))
    hers = {desk.queue(anne), desk.queue("partskonsulent")}
    for _ in range(5):
        desk.queue(bo)
    desk.engine.deliver()
    heard = list[str]()
    for connection in desk.engine.context.store._idle:
        connection.hook = heard.append
    desk.engine.post.preferences.resume(anne)
    assert heard.count("before look at mail") == 2
    desk.engine.deliver()
    assert {one.id for one in desk.mails() if one.status == "sent"} == hers


def test_a_wish_that_makes_no_sense_is_refused_with_what_there_is(desk: Desk) -> None:
    """Unknown people, kinds, digests and days that are past."""
    wishes, anne = desk.engine.post.preferences, desk.person()
    with pytest.raises(NotFound, match="paamindelser"):
        wishes.opt_out(anne, "spam")
    with pytest.raises(NotFound, match="week"):
        wishes.digest(anne, "month")
    with pytest.raises(NotFound):
        wishes.opt_out(999)
    with pytest.raises(NotFound):
        wishes.list(999)
    with pytest.raises(InvalidInput, match="past"):
        wishes.pause(anne, MONDAY - timedelta(days=1))


def test_a_person_chooses_how_mails_are_merged(
    workflows: Workflows, desk_file: tuple[Path, int], tmp_path: Path
) -> None:
    """A mail for each thing, one a week, or as everybody else."""
    desk = open_desk(copied(desk_file[0], tmp_path / "m.db"), workflows, at(MONDAY, 11), desk_file[1], Restraint())
    with desk.engine:
        anne, bo, carl = (desk.person(name) for name in ("Anne Holm", "Bo Lind", "Carl Bro"))
        wishes = desk.engine.post.preferences
        wishes.digest(anne, "off")
        wishes.digest(bo, "week")
        wishes.digest(carl, "week")
        wishes.digest(carl, None)
        for person in (anne, bo, carl):
            desk.queue(person, Intent.NOTICE, template="velkommen")
        desk.live_until(at(MONDAY + timedelta(days=8)))
        assert desk.times() == [datetime(2019, 9, 16, 11), datetime(2019, 9, 17, 9, 30), datetime(2019, 9, 23, 9, 30)]


def test_the_outbox_names_who_gets_a_mail_instead_of_who_is_away(desk: Desk) -> None:
    """A letter that waits for somebody who goes away is the stand-in's when it goes; it says so before."""
    anne, bo = desk.person("Anne Holm"), desk.person("Bo Lind")
    desk.engine.people.assign(anne, "partskonsulent", programme_id=desk.programme)
    desk.engine.people.assign(bo, "projektleder", programme_id=desk.programme)
    mail = desk.queue("partskonsulent")
    desk.engine.post.post()
    assert "går til Anne Holm " in desk.engine.post.why(mail)
    desk.engine.people.absent(anne, MONDAY + timedelta(days=20), stand_in_id=bo)
    assert "går til Bo Lind, mens Anne Holm er væk, " in desk.engine.post.why(mail)
    desk.move(at(MONDAY + timedelta(days=1), 10))
    assert [one.person_id for one in desk.letters("sent")] == [bo]


def test_who_is_away_without_a_substitute_is_waited_for(desk: Desk) -> None:
    """The mail waits with a reason that is looked at daily, and goes when the person is back before that."""
    anne = desk.person()
    desk.engine.people.assign(anne, "partskonsulent", programme_id=desk.programme)
    desk.engine.people.absent(anne, MONDAY + timedelta(days=20))
    mail = desk.queue("partskonsulent")
    desk.engine.deliver()
    assert (desk.mail(mail).status, "ingen vikar" in desk.engine.post.why(mail)) == ("pending", True)
    desk.engine.people.absent(anne, None)
    desk.move(at(MONDAY + timedelta(days=1), 10))
    assert desk.mail(mail).status == "sent"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["out", "back", "nudge", "notice", "send"]), st.sampled_from([*KINDS])), max_size=12
    )
)
def test_nobody_is_reminded_who_said_no(desk: Desk, steps: list[tuple[str, str]]) -> None:
    """Whatever was said and queued in whatever order: at each sending, no reminder goes to who is out just then."""
    anne, out = desk.person(), set[str]()
    for step, kind in [*steps, ("send", "alle")]:
        match step:
            case "out":
                desk.engine.post.preferences.opt_out(anne, kind)
                out.add(kind)
            case "back":
                desk.engine.post.preferences.resume(anne, kind)
                out.discard(kind)
            case "nudge":
                desk.queue(anne)
            case "notice":
                desk.queue(anne, Intent.NOTICE, template="velkommen")
            case _:
                before = len(desk.letters("sent"))
                desk.engine.deliver()
                numbers = {mail for letter in desk.letters("sent")[before:] for mail in letter.mails}
                sent = {one.nudge.intent for one in desk.mails() if one.id in numbers}
                assert not (Intent.NUDGE in sent and out & {"alle", "paamindelser"})
                assert not (Intent.NOTICE in sent and out & {"alle", "nyt"})


TRIAL = "proeve@eksempel.example"


def trial_engine(desk: Desk, workflows: Workflows, folder: Path, address: str | None) -> Engine:
    """Open the desk's database once more, on trial or not, with mails in a folder."""
    clock = VirtualClock(desk.clock.now())
    setting = Settings(restraint=Restraint.off(), all_mail_to=address)
    return connect(_url(desk), workflows=workflows, clock=clock, settings=setting, mailer=FolderMailer(folder))


def _url(desk: Desk) -> str:
    with desk.engine.context.store.read() as reader:
        row = reader.connection.raw.execute("PRAGMA database_list").fetchone()
    return f"sqlite:///{row[2]}"


def test_in_a_trial_nobody_gets_anything_but_its_reader(desk: Desk, workflows: Workflows, tmp_path: Path) -> None:
    """No real address stands in an envelope, a header of receivers or a calendar; who was meant is named."""
    anne = desk.person()
    real = f"p{next(desk.numbers) - 1}@eksempel.example"
    reminded = desk.queue(anne)
    nudge = Nudge(
        "indbyd", Intent.INVITATION, "indkaldelse", f"person:{anne}", "t",
        values={"dato": "2019-10-01"}, uid="meeting-1@samskabt", sequence=0,
    )  # fmt: skip
    with desk.engine.context.begin() as uow:
        uow.outbox.queue(uow.identity(desk.programme), (nudge,), desk.clock.now())
    with trial_engine(desk, workflows, tmp_path / "mails", TRIAL) as engine:
        engine.deliver()
        letters = engine.post.letters()
    assert {(one.status, one.is_trial) for one in letters} == {("sent", True)}
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in (tmp_path / "mails").iterdir()]
    assert len(mails) == 2
    for mail in mails:
        assert mail["To"].addresses[0].addr_spec == TRIAL
        assert str(mail["Message-ID"]).startswith("<proeve-")
        assert real in str(mail["Subject"])
        body = mail.get_body(("plain",))
        assert body is not None and real in body.get_content()
    files = [part.get_content() for mail in mails for part in mail.walk() if "calendar" in part.get_content_type()]
    assert files
    for file in files:
        said = re.sub(r"\r?\n ", "", file if isinstance(file, str) else file.decode())
        assert (
            real not in said
            and f"mailto:{TRIAL}" in said
            and re.search(r"UID:proeve-meeting-1\.[0-9a-f]{16}@samskabt\b", said)
        )
    with desk.engine.context.store.look() as uow:
        assert uow.outcomes.open(10) == ()  # nobody was reminded of anything
    # The past is not sent for real by itself; one letter may be, by its own Message-ID.
    with trial_engine(desk, workflows, tmp_path / "real", None) as engine:
        engine.deliver()
        assert not (tmp_path / "real").exists()
        number = next(one.id for one in letters if reminded in one.mails)
        engine.post.resend(number)
        engine.deliver()
        (path,) = (tmp_path / "real").iterdir()
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (mail["To"].addresses[0].addr_spec, str(mail["Message-ID"]).startswith("<proeve-")) == (real, False)
    assert desk.findings() == []


def test_a_trial_is_a_setting() -> None:
    """SAMSKABT_ALL_MAIL_TO names one address; anything else is refused by name."""
    assert settings_from({"SAMSKABT_ALL_MAIL_TO": TRIAL}).all_mail_to == TRIAL
    assert settings_from({"SAMSKABT_ALL_MAIL_TO": ""}).all_mail_to is None
    with pytest.raises(InvalidInput, match="SAMSKABT_ALL_MAIL_TO"):
        settings_from({"SAMSKABT_ALL_MAIL_TO": "a@b, c@d"})


def test_a_preview_tells_what_a_change_sends_and_changes_nothing(world: World) -> None:
    """The mails of a cancelled workshop are listed; the database is what it was, and then just these are sent."""
    number = world.kommune("Greve")

    def leave(engine: Engine) -> object:
        return engine.programmes.withdraw(number, reason="Ny ledelse", actor=ME)

    world.engine.deliver()
    before = world.dump()
    found = world.engine.post.preview(leave)
    assert world.dump() == before
    sent = len(world.mailer.mails)
    leave(world.engine)
    world.engine.deliver()
    assert found.mails == len(world.mailer.mails) - sent > 0
    assert found.sentence.startswith(f"Dette sender {found.mails} mail")
    assert found.first.startswith(world.mailer.mails[sent].subject[:20])


def test_a_preview_of_what_is_refused_is_refused(world: World) -> None:
    """The refusal is that of the change; a preview of nothing says that nothing is sent."""
    with pytest.raises(Refused):
        world.engine.post.preview(lambda engine: engine.advance(world.kommune("Greve"), "trin_6.afslut", actor=ME))
    found = world.engine.post.preview(lambda _: None)
    assert (found.mails, found.people, found.planned) == (0, 0, ())
    assert found.sentence == "Dette sender 0 mails til 0 personer."


def test_what_is_entered_long_afterwards_is_told_to_nobody(world: World) -> None:
    """An import of a past registration queues nothing, and no reminder of what lies behind ever goes."""
    world.live_until(date(2019, 9, 20))
    number = world.kommune("Greve")
    loud = world.engine.post.preview(lambda engine: engine.programmes.withdraw(number, reason="x", actor=ME))
    actor = Actor(ActorKind.IMPORT, "1")
    silent = world.engine.post.preview(lambda engine: engine.programmes.withdraw(number, reason="x", actor=actor))
    assert (loud.mails > 0, silent.mails) == (True, 0)


def test_a_message_goes_to_a_role_once_and_is_remembered(desk: Desk) -> None:
    """It reaches whoever has the role where it is meant, in plain words, and stands in the history by its subject."""
    greve, aarhus = desk.person("Anne Holm"), desk.person("Bo Lind")
    people = desk.engine.people
    people.assign(greve, "kommunal_konsulent", programme_id=desk.programme, kommune="0253")
    people.assign(aarhus, "kommunal_konsulent", programme_id=desk.programme, kommune="0751")
    send = desk.engine.post.message
    words = (desk.programme, "kommunal_konsulent", "Nyt lokale", "Kære {{ navn }}\n\nVi ses <b>i 2</b>.")
    first = send(*words, kommuner=["0253"], actor=ME)
    again = send(*words, kommuner=["0253"], actor=ME)
    assert (first.people, first.is_new, again.id, again.is_new) == (1, True, first.id, False)
    desk.engine.deliver()
    ((_, mail),) = desk.mailer.sent
    assert mail.subject == "Nyt lokale"
    body = message_from_bytes(mail.content, policy=policy.default).get_body(("html",))
    assert body is not None and "&lt;b&gt;" in body.get_content()
    assert send(*words, actor=ME).people == 2
    rows = [row for row in desk.engine.history(desk.programme) if row.event == "send_besked"]
    assert [row.reason for row in rows] == [
        "Besked »Nyt lokale« til kommunal konsulent (1 person).",
        "Besked »Nyt lokale« til kommunal konsulent (2 personer).",
    ]


def test_a_message_that_cannot_be_sent_is_refused(desk: Desk) -> None:
    """Unknown roles, kommuner and placeholders; empty and endless words; what is no programme."""
    send = desk.engine.post.message
    for role, subject, text, kommuner, error in (
        ("ingen", "a", "b", [], NotFound),
        ("leder", "a", "b", ["0101"], NotFound),
        ("leder", "", "b", [], InvalidInput),
        ("leder", "a", " \n", [], InvalidInput),
        ("leder", "a", "{{ cpr }}", [], InvalidInput),
        ("leder", "a", "x" * 10_001, [], InvalidInput),
    ):
        with pytest.raises(error):
            send(desk.programme, role, subject, text, kommuner=kommuner, actor=ME)
    with pytest.raises(NotFound):
        send(desk.kommune("Greve"), "leder", "a", "b", actor=ME)


def nudge_of(desk: Desk, person: int, number: int, entry_seq: int, text: str = "trin_staar_stille") -> None:
    """Queue a reminder of where Greve's process stands."""
    region = next(iter(desk.engine.show(desk.kommune("Greve")).position))
    one = Nudge(f"{text}-{number}", Intent.NUDGE, text, f"person:{person}", "stille", region, entry_seq)
    with desk.engine.context.begin() as uow:
        uow.outbox.queue(uow.identity(desk.kommune("Greve")), (one,), desk.clock.now())
    desk.engine.deliver()


def test_after_three_in_silence_somebody_is_asked_to_call(desk: Desk) -> None:
    """The fourth reminder of one thing is not sent; whoever leads the programme is asked to call, once."""
    anne, leads = desk.person("Anne Holm"), desk.person("Bo Lind")
    desk.engine.people.assign(leads, "projektleder", programme_id=desk.programme)
    seq = next(iter(desk.engine.show(desk.kommune("Greve")).entered.values())).seq
    for number in range(6):
        desk.move(at(MONDAY + timedelta(days=7 * number)))
        nudge_of(desk, anne, number, seq)
    subjects = [mail.subject for _, mail in desk.mailer.sent]
    assert len([one for one in subjects if one.startswith("Ring i stedet")]) == 1
    assert len(subjects) == 4
    body = message_from_bytes(desk.mailer.sent[-1][1].content, policy=policy.default).get_body(("plain",))
    assert body is not None and "Anne Holm har fået tre mails om" in body.get_content()


def test_what_reminders_led_to_is_remembered(desk: Desk) -> None:
    """After five working days without a step they count as unanswered; fewer than five are not told of."""
    seq = next(iter(desk.engine.show(desk.kommune("Greve")).entered.values())).seq
    for number in range(5):
        nudge_of(desk, desk.person(), number, seq)
    memory = desk.engine.post.memory
    assert memory.told() == ()
    desk.move(at(MONDAY + timedelta(days=7)))
    assert memory.told() == ()
    desk.move(at(MONDAY + timedelta(days=8)))
    (told,) = memory.told(desk.programme)
    assert (told.template, told.sent, told.moved, told.share) == ("trin_staar_stille", 5, 0, 0.0)
    with pytest.raises(NotFound):
        memory.told(desk.kommune("Greve"))


def test_a_step_within_five_working_days_counts(desk: Desk) -> None:
    """It is kept when the step came; one that came later, or of which nobody can say, moved nothing."""
    calendar = desk.engine.context.calendar
    sent, day = at(MONDAY), timedelta(days=1)
    moved = Entry(sent + 3 * day, 7)
    assert verdict(sent, moved, 2, sent + 4 * day, calendar) == Verdict(moved.at)
    assert verdict(sent, Entry(sent - day, 7), 2, sent + day, calendar) == Verdict(sent)
    assert verdict(sent, Entry(sent + 8 * day, 7), 2, sent + 9 * day, calendar) == Verdict(None)
    assert verdict(sent, Entry(sent - day, 2), 2, sent + 7 * day, calendar) is None
    assert verdict(sent, Entry(sent - day, 2), 2, sent + 8 * day, calendar) == Verdict(None)
    assert verdict(sent, None, None, sent, calendar) == Verdict(None)


def test_few_reminders_are_not_told_of(desk: Desk) -> None:
    """Four of a text are named without a number."""
    seq = next(iter(desk.engine.show(desk.kommune("Greve")).entered.values())).seq
    for number in range(4):
        nudge_of(desk, desk.person(), number, seq)
    desk.move(at(MONDAY + timedelta(days=8)))
    (told,) = desk.engine.post.memory.told()
    assert (told.template, told.sent, told.moved, told.share) == ("trin_staar_stille", None, None, None)


def test_texts_that_ask_for_no_step_are_not_told_of(desk: Desk) -> None:
    """What is only to be read, or answered by mail, leads to no step; nobody wants to know its share."""
    seq = next(iter(desk.engine.show(desk.kommune("Greve")).entered.values())).seq
    for number, text in enumerate(("paa_venteliste", "hoering_begyndt", "trin_staar_stille")):
        nudge_of(desk, desk.person(), number, seq, text)
    desk.move(at(MONDAY + timedelta(days=8)))
    assert [one.template for one in desk.engine.post.memory.told()] == ["trin_staar_stille"]


def test_where_nobody_can_call_the_reminders_go_on(desk: Desk) -> None:
    """Without anybody who leads the programme, a fourth reminder is better than silence."""
    anne = desk.person()
    seq = next(iter(desk.engine.show(desk.kommune("Greve")).entered.values())).seq
    for number in range(5):
        desk.move(at(MONDAY + timedelta(days=7 * number)))
        nudge_of(desk, anne, number, seq)
    assert len(desk.mailer.sent) == 5
