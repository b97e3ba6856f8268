"""What one link may do, when, and for whom: house doors, roles, moved meetings, changed answers, and what waits."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from samskabt.engine.attending import Attending
from samskabt.engine.civil.instants import local_date
from samskabt.engine.errors import Refused
from samskabt.engine.values import Actor, ActorKind, Identity, Recipient, Refusal, Strength
from samskabt.runtime.acting import Done, Shown, Standing
from samskabt.runtime.acting.acting import MOST_OPENED, OPENED_OFTEN
from samskabt.runtime.acting.invited import stand
from samskabt.runtime.attending.feeding import digest
from samskabt.runtime.permission import RolePermit, named
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.storage import Store

from .linked import Page, Stalled, browser, minted, open_linked, secrets_of, text_of
from .world import CHOSEN, World, copied

MINE = "kommunal.konsulent@eksempel.example"
KONSULENT = 2
once_stalled = pytest.mark.xdist_group("links")  # one worker makes the stalled database


@pytest.fixture
def linked(workflows: Workflows, chosen_file: tuple[Path, int], tmp_path: Path) -> Iterator[World]:
    """Give the chosen programme, with links in its mails."""
    world = open_linked(copied(chosen_file[0], tmp_path / "valgt.db"), workflows, CHOSEN, chosen_file[1])
    yield world
    world.engine.close()


def guarded(world: World) -> World:
    """Let the installation's door be the one of roles, as its documentation wires it."""
    engine = world.engine
    engine.context.permit = RolePermit(
        lambda: engine.people.all()[1],
        lambda: local_date(world.clock.now()),
        lambda identity, event: named(engine.context.compiled(identity.workflow_hash), identity, event),
    )
    return world


def foot(world: World, name: str, person: int = KONSULENT) -> str:
    """Make a fresh link at the foot of a mail to a person; give its secret."""
    with world.engine.context.begin() as uow:
        links = world.engine.acting.footer_links(uow, Recipient(person, "N", "n@eksempel.example"), world.clock.now())
    return links[name].rpartition("/")[2]


def invite(world: World) -> tuple[int, str, str]:
    """Invite to the first uddannelsesdag; give it, and the secrets of yes and no in the konsulent's mail."""
    meeting = world.activity("uddannelsesdag_1")
    before = len(world.mailer.mails)
    world.do(meeting, "indkald", sted="Odense Rådhus", kl="09:00", slut_kl="15:30")
    world.engine.deliver()
    mail = next(one for one in world.mailer.mails[before:] if one.recipient == MINE and "Odense" in text_of(one))
    yes, no, *_ = secrets_of(mail)
    return meeting, yes, no


def done(world: World, secret: str, choice: str, **given: str) -> Done:
    """Do something by a link, as its page says it now."""
    found = world.engine.acting.spend(secret, choice, given, revision=world.engine.acting.look(secret).revision)
    assert isinstance(found, Done), found
    return found


def answer(world: World, meeting: int) -> str:
    """Say what the konsulent has answered."""
    return next(str(one.answer) for one in world.engine.attendance.of(meeting).people if one.person_id == KONSULENT)


def test_links_work_where_roles_guard_the_installation(linked: World) -> None:
    """Steps, answers, wishes, absence, a calendar: the house is asked as the person, and knows what is her own."""
    greve = linked.kommune("Greve")
    konsulent = linked.engine.people.add("Ea Greve", "ea@eksempel.example")
    linked.engine.people.assign(konsulent, "kommunal_konsulent", programme_id=linked.programme, kommune="0253")
    meeting, yes, _ = invite(guarded(linked))
    assert done(linked, minted(linked, greve, ["trin_1.begynd"]), "trin_1.begynd").is_final
    assert done(linked, yes, "kommer") and answer(linked, meeting) == "kommer"
    for person in (KONSULENT, konsulent):  # the role of the second reaches one kommune alone
        done(linked, foot(linked, "fravaer", person), "vaek", til="2019-10-01")
        for name, choice in (("afmeld", "ugentlig"), ("kalender", "adresse"), ("fravaer", "tilbage")):
            assert done(linked, foot(linked, name, person), choice)
        assert isinstance(linked.engine.acting.one_click(foot(linked, "afmeld", person)), Done)


def test_the_house_may_still_shut_somebody_out(linked: World) -> None:
    """A door that knows the person says no, and the link says so."""

    class Out:
        def refusal(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:
            is_out = (actor.kind, actor.id) == (ActorKind.PERSON, str(KONSULENT))
            return (
                Refusal("ikke_tilladt", event, Strength.HARD, {"why": "rolle", "id": identity.id}) if is_out else None
            )

    secret = minted(linked, linked.kommune("Greve"), ["trin_1.begynd"])
    linked.engine.context.permit = Out()
    assert linked.engine.acting.look(secret).standing is Standing.NOT_YOURS
    with pytest.raises(Refused):
        linked.engine.acting.revoke(KONSULENT, actor=Actor(ActorKind.PERSON, str(KONSULENT)))


def test_who_was_replaced_is_told_who_has_it_now(linked: World) -> None:
    """A link to a role and one to the person alone: both are closed on the day, and name the new one."""
    greve, new = linked.kommune("Greve"), linked.engine.people.add("Ny Hansen", "ny@eksempel.example")
    secrets = [
        minted(linked, greve, ["trin_1.begynd"], role=role) for role in ("kommunal_konsulent", f"person:{KONSULENT}")
    ]
    assert [linked.engine.acting.look(one).standing for one in secrets] == [Standing.OPEN] * 2
    linked.engine.people.replace(KONSULENT, new, on=date(2019, 9, 5))
    linked.move_to(date(2019, 9, 6))
    before = linked.dump()
    with browser(linked) as client:
        for secret in secrets:
            page = client.post(f"/h/{secret}", data={"valg": "trin_1.begynd"})
            assert page.status_code == 403 and "Det er nu Ny Hansen (kommunal konsulent)" in page.text
    assert linked.dump() == before


def test_a_stand_in_has_the_role_for_the_absence_and_where_she_belongs(linked: World) -> None:
    """Two kommuner and an ended role: the colleague of one stands in there, until the last day, and no longer."""
    people = linked.engine.people
    me, colleague = people.add("Ida", "ida@eksempel.example"), people.add("Bo", "bo@eksempel.example")
    assign = partial(people.assign, programme_id=linked.programme)
    old = assign(me, "leder", to_on=date(2019, 9, 3), from_on=date(2019, 9, 1))
    mine = assign(me, "leder", kommune="0253")
    other = assign(me, "leder", kommune="0751", substitute_id=KONSULENT)
    assign(colleague, "kommunal_konsulent", kommune="0253")
    secret = foot(linked, "fravaer", me)
    said = done(linked, secret, "vaek", til="2019-09-20", vikar=str(colleague)).said
    assert "Mails går til Bo og Kommunal_konsulent, hver i de roller, som de tager over." in said
    rows = {one.id: one.takes_over(date(2019, 9, 20)) for one in people.all()[1]}
    assert (rows[old], rows[mine], rows[other]) == (None, colleague, KONSULENT)
    with linked.engine.context.store.read() as reader:
        who = [
            reader.registers.recipients("leder", linked.programme, code, date(2019, 9, day))[0].person_id
            for code, day in (("0253", 20), ("0751", 20), ("0253", 21))
        ]
    assert who == [colleague, KONSULENT, me]
    assert "Bo" in str(linked.engine.acting.look(secret).facts)
    done(linked, secret, "vaek", til="2019-09-25")
    assert {one.takes_over(date(2019, 9, 25)) for one in people.all()[1] if one.id == mine} == {colleague}
    done(linked, secret, "tilbage")
    assert linked.dump()["stand_in"] == [] and linked.engine.acting.look(secret).facts == (("Nu", "Til stede"),)


def test_a_yes_to_a_day_is_never_noted_for_another(linked: World) -> None:
    """Moved between the page and the press, and before the page: it says the new day, and asks afresh."""
    meeting, yes, _ = invite(linked)
    seen = linked.engine.acting.look(yes).revision
    linked.engine.reschedule(meeting, date(2019, 10, 31), reason="Lokalet", actor=Actor(ActorKind.PERSON, "1"))
    for revision in (seen, None):
        found = linked.engine.acting.spend(yes, "kommer", revision=revision)
        assert isinstance(found, Shown) and "mødet er flyttet" in found.errors[""]
        assert "torsdag den 31. oktober 2019" in found.notes[0] and answer(linked, meeting) == "None"
    with browser(linked) as client:
        page = Page(client.get(f"/h/{yes}").text)
        assert "Mødet er flyttet til torsdag den 31. oktober 2019" in page.text
        assert client.post(f"/h/{yes}", data=page.form("kommer")).status_code == 200
    assert answer(linked, meeting) == "kommer"


def test_what_is_ones_own_is_changed_on_the_same_link(linked: World) -> None:
    """Yes, no and yes again; pause, none and again; and one click unsubscribes, also long after the mail."""
    meeting, yes, no = invite(linked)
    for choice in ("kommer", "kommer_ikke", "kommer"):
        assert "indtil mødet holdes" in " ".join(done(linked, yes, choice).said)
        assert answer(linked, meeting) == choice
    wishes = foot(linked, "afmeld")
    done(linked, wishes, "pause", til="2019-10-01")
    done(linked, wishes, "ingen")
    done(linked, wishes, "igen")
    assert linked.engine.acting.look(wishes).facts == (("Nu", "Du får påmindelser"),)
    linked.clock.move_to(CHOSEN + timedelta(days=366))
    assert linked.engine.acting.look(wishes).standing is Standing.EXPIRED
    assert linked.engine.acting.look(no).standing is Standing.EXPIRED
    assert isinstance(linked.engine.acting.one_click(wishes), Done)
    assert [one.opted_out for one in linked.engine.post.preferences.list(KONSULENT)] == [True]


def test_a_used_link_says_what_it_did_and_when(linked: World) -> None:
    """The same again is done already; something else, and what does not exist, is named and is not done."""
    greve = linked.kommune("Greve")
    secret = minted(linked, greve, ["trin_1.begynd", "trin_1.noter"])
    with browser(linked) as client:
        assert "»ups« kan man ikke vælge her" in client.post(f"/h/{secret}", data={"valg": "ups"}).text
        assert client.post(f"/h/{secret}", data={"valg": "trin_1.begynd"}).status_code == 200
        again = client.post(f"/h/{secret}", data={"valg": "trin_1.begynd"})
        assert again.status_code == 200 and "Det er allerede gjort" in again.text
        for choice, told in (("trin_1.noter", "»Skriv, hvad der kom ud af trin 1«"), ("ups", "»ups«")):
            page = client.post(f"/h/{secret}", data={"valg": choice})
            assert page.status_code == 409 and told in page.text and "Det er ikke registreret" in page.text
            assert "onsdag den 4. september 2019 kl. 10.00" in page.text and "er registreret" in page.text


def test_a_meeting_page_shows_time_and_place_and_the_line_only_when_it_is_full(linked: World) -> None:
    """Where seats are not counted nobody is offered a line for them."""
    _, yes, no = invite(linked)
    shown = linked.engine.acting.look(yes)
    facts = dict(shown.facts)
    assert "kl. 9.00-15.30" in facts["Hvornår"] and facts["Hvor"] == "Odense Rådhus"
    assert [one.key for one in shown.choices] == ["kommer", "kommer_ikke", "maaske"]
    assert linked.engine.acting.look(no).choices[0].key == "kommer_ikke"
    day = linked.engine.show(linked.activity("uddannelsesdag_1")).dates.planned_start
    assert day is not None
    linked.move_to(day)
    assert linked.engine.acting.look(no).standing is Standing.OPEN
    linked.move_to(day + timedelta(days=1))
    assert linked.engine.acting.look(no).standing is Standing.OVER


def test_a_full_meeting_offers_its_line_in_place_of_a_yes(linked: World) -> None:
    """Where the seats of her kommune are used; who stands in the line is not offered it again."""
    _, yes, _ = invite(linked)
    with linked.engine.context.store.look() as uow:
        token = uow.tokens.find(digest(yes))
        assert token is not None
        one = stand(linked.engine.context, uow, token)
    assert one.seated is not None
    full = replace(one, meeting=replace(one.meeting, seats=0))
    for stands, expected in (
        (Attending.INVITED, ["venteliste", "kommer_ikke", "maaske"]),
        (Attending.WAITING, ["kommer_ikke", "maaske"]),
        (Attending.COMES, ["kommer", "kommer_ikke", "maaske"]),
    ):
        seated = replace(one.seated, stands=stands, guest=replace(one.seated.guest, group="0253"))
        assert [choice.key for choice in replace(full, seated=seated).choices("kommer")] == expected


def test_a_preview_of_an_absence_keeps_nothing(linked: World) -> None:
    """It tells whom the mails would go to, and neither a stand-in nor a link stays behind."""
    colleague = linked.engine.people.add("Bo Vikar", "bo@eksempel.example")
    linked.engine.people.assign(colleague, "leder", programme_id=linked.programme)
    invite(linked)
    before = linked.dump()
    until = date(2019, 10, 20)
    shown = linked.engine.post.preview(lambda one: one.people.absent(KONSULENT, until, stand_in_id=colleague))
    assert "bo@eksempel.example" in str(shown) or "Bo Vikar" in str(shown)
    assert linked.dump() == before


def test_expired_links_are_forgotten_as_new_ones_are_made(linked: World) -> None:
    """Three months after they expired; the newest stays, so that no number is given twice."""
    old = foot(linked, "afmeld")
    linked.clock.move_to(CHOSEN + timedelta(days=449))
    assert linked.engine.acting.look(old).standing is Standing.EXPIRED
    foot(linked, "afmeld")
    assert len(linked.dump()["token"]) == 7  # The link to her absence lasted a month only.
    linked.clock.move_to(CHOSEN + timedelta(days=456))
    foot(linked, "afmeld")
    assert len(linked.dump()["token"]) == 8
    with linked.engine.context.begin() as uow:
        assert uow.tokens.sweep(CHOSEN + timedelta(days=3000), 100) == 7


def test_each_act_is_one_event_of_the_log(linked: World, caplog: pytest.LogCaptureFixture) -> None:
    """What is done and what is refused: a name, the number of the link, how it ended; no secret, no words."""
    caplog.set_level(logging.INFO, "samskabt.runtime")
    secret = foot(linked, "fravaer")
    linked.engine.acting.spend(secret, "vaek", {"til": "2019-01-01"})
    done(linked, secret, "vaek", til="2019-10-01")
    linked.engine.acting.revoke(KONSULENT)
    told = [one.__dict__ for one in caplog.records if one.getMessage() == "use_case"]
    assert [(one["use_case"], one["outcome"]) for one in told] == [
        ("act", "Misfilled"),
        ("act", "ok"),
        ("revoke_links", "ok"),
    ]
    assert told[0]["id"] == told[1]["id"] > 0 and secret not in str(told)


@once_stalled
def test_what_waits_is_listed_and_opened(stalled_file: Stalled, workflows: Workflows, tmp_path: Path) -> None:
    """The step that was reminded of and nothing that is done; opened it is a link like the mail's; reading is free."""
    world = stalled_file.open(tmp_path / "stille.db", workflows)
    secret, greve = foot(world, "side"), stalled_file.greve
    before = world.dump()
    with browser(world) as client:
        page = Page(client.get(f"/h/{secret}").text)
        assert page.headings[0] == "Det venter på dig" and "Greve" in page.headings
        assert len(page.forms) == len(page.headings) - 1 and "Åbn : Greve" in page.text
        assert world.dump() == before
        entry = next(
            one for one in world.engine.acting.look(secret).choices if one.title == "Greve" and "Trin 1" in one.told
        )
        opened = client.post(f"/h/{secret}", data={"valg": entry.key}, follow_redirects=False)
        assert opened.status_code == 303
        assert client.get(opened.headers["location"]).status_code == 200
    token = opened.headers["location"].rpartition("/")[2]
    done(world, token, "trin_1.afslut", _trods="Aftalt i MED")
    assert world.state(greve, "trin_1") == "afsluttet"
    assert entry.key not in {one.key for one in world.engine.acting.look(secret).choices}
    world.engine.close()


@once_stalled
def test_a_list_in_other_hands_makes_only_so_many_links(
    stalled_file: Stalled, workflows: Workflows, tmp_path: Path
) -> None:
    """One thing is opened some twenty times, and then refused in words; after a month the list is no key any more."""
    world = stalled_file.open(tmp_path / "stille.db", workflows)
    secret, others = foot(world, "side"), [foot(world, name) for name in ("fravaer", "afmeld")]
    entry = next(one for one in world.engine.acting.look(secret).choices if "Trin 1" in one.told)
    found = [world.engine.acting.spend(secret, entry.key) for _ in range(22)]
    opened = [one for one in found if isinstance(one, Done)]
    last = found[-1]
    assert 15 < len(opened) <= MOST_OPENED and not isinstance(last, Done) and last.errors == {"": OPENED_OFTEN}
    world.clock.move_to(world.clock.now() + timedelta(days=30))
    shown = [world.engine.acting.look(one).standing for one in (secret, *others)]
    assert shown == [Standing.EXPIRED, Standing.EXPIRED, Standing.OPEN]
    world.engine.close()


@once_stalled
def test_the_list_of_what_waits_takes_the_same_questions_however_long_it_is(
    stalled_file: Stalled, workflows: Workflows, tmp_path: Path
) -> None:
    """Many things cost a few statements more than none: the workflow and the roles are read, once."""
    world, names = stalled_file.open(tmp_path / "stille.db", workflows), list[str]()
    nobody = world.engine.people.add("Ny", "ny@eksempel.example")
    secrets = [foot(world, "side", person) for person in (nobody, KONSULENT)]
    world.engine.context.store.close()
    world.engine.context.store = Store.open(f"sqlite:///{tmp_path / 'stille.db'}", names.append)
    things, counts = [], []
    for secret in secrets:
        names.clear()
        things.append(len(world.engine.acting.look(secret).choices))
        counts.append(len(names))
    assert things[0] == 0 and things[1] > 20 and counts[1] - counts[0] < 6, (things, counts)
    world.engine.close()


def test_an_invitation_waits_until_its_time_is_answered(linked: World) -> None:
    """Answered it is gone from the list; another place asks nothing again, another day does."""
    meeting, yes, _ = invite(linked)
    secret = foot(linked, "side")

    def listed() -> list[str]:
        return [one.told for one in linked.engine.acting.look(secret).choices if one.told.endswith("om du kommer")]

    assert len(listed()) == 1 and "torsdag den 3. oktober 2019" in listed()[0]
    done(linked, yes, "kommer_ikke")
    assert listed() == []
    linked.do(meeting, "flyt", dato="2019-10-03", sted="Vejle", reason="Vi skifter lokale")
    linked.engine.deliver()
    assert listed() == []
    linked.do(meeting, "flyt", dato="2019-10-31", reason="Lokalet")
    linked.engine.deliver()
    assert len(listed()) == 1
