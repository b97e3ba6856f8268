"""Acting from the mail, from the reminder in the mailbox to the step that moved: links shown, used once, explained."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from samskabt.engine.values import ActorKind
from samskabt.runtime.acting import Done
from samskabt.runtime.usecases.programmes import Workflows

from .linked import Page, Stalled, browser, open_linked, secrets_of, text_of
from .world import CHOSEN, World, copied

pytestmark = pytest.mark.xdist_group("links")  # one worker makes the stalled database
SNOOPERS = 100
"""Rounds of the long form; the short one opens every tenth link once."""


@pytest.fixture
def linked(workflows: Workflows, chosen_file: tuple[Path, int], tmp_path: Path) -> Iterator[World]:
    """Give the chosen programme, with links in its mails."""
    world = open_linked(copied(chosen_file[0], tmp_path / "valgt.db"), workflows, CHOSEN, chosen_file[1])
    yield world
    world.engine.close()


@pytest.fixture
def lying(stalled_file: Stalled, workflows: Workflows, tmp_path: Path) -> Iterator[tuple[World, int, str]]:
    """Give a world in which Greve's trin 1 lies still, Greve, and the secret of the link in the reminder."""
    world = stalled_file.open(tmp_path / "stille.db", workflows)
    yield world, stalled_file.greve, stalled_file.secret
    world.engine.close()


def test_a_reminder_leads_to_a_page_and_the_page_to_a_step(lying: tuple[World, int, str]) -> None:
    """Mail, link, page, form: the trin has begun to close, the history names the link's person, nothing is chased."""
    linked, greve, secret = lying
    with browser(linked) as client:
        page = Page(client.get(f"/h/{secret}").text)
        assert page.headings[0] == "Greve" and "Afslut trin 1" in page.headings
        form = page.form("trin_1.afslut") | {"f._trods": "Vi har aftalt det hele i MED"}
        answer = client.post(f"/h/{secret}", data=form)
        assert answer.status_code == 200 and "Tak, det er gjort" in Page(answer.text).text
    assert linked.state(greve, "trin_1") == "afsluttet"
    row = next(one for one in linked.engine.history(greve) if one.event == "trin_1.afslut")
    assert row.actor_kind == ActorKind.TOKEN and row.overridden and row.reason == "Vi har aftalt det hele i MED"
    sent = len(linked.mailer.mails)
    linked.live_until(date(2020, 2, 20))
    assert not [mail for mail in linked.mailer.mails[sent:] if "Trin 1" in text_of(mail) and "Greve" in text_of(mail)]


def test_a_letter_that_waits_is_withdrawn_when_its_step_is_taken(lying: tuple[World, int, str]) -> None:
    """What was reminded of is done by the link of an earlier mail: the next reminder, queued already, never goes."""
    linked, greve, secret = lying
    linked.clock.move_to(linked.clock.now() + timedelta(days=21))
    linked.engine.tick()
    with linked.engine.context.store.read() as reader:
        waiting = {one.id for one in reader.outbox(status="pending") if one.instance_id == greve}
    assert waiting
    done = linked.engine.acting.spend(secret, "trin_1.afslut", {"_trods": "Det hele er aftalt"})
    assert isinstance(done, Done)
    assert linked.engine.deliver().withdrawn >= len(waiting)
    with linked.engine.context.store.read() as reader:
        assert {one.status for one in reader.outbox(limit=2000) if one.id in waiting} == {"withdrawn"}


@pytest.mark.soak
def test_whoever_opens_links_changes_not_one_row(
    lying: tuple[World, int, str], stalled_file: Stalled, soak: bool
) -> None:
    """Links of all mails are opened with GET and HEAD as scanners do (the long form: in a hundred rounds)."""
    linked, _, secret = lying
    links = sorted({secret for mail in stalled_file.mails for secret in secrets_of(mail)})
    assert len(links) > 100
    before = linked.dump()
    with browser(linked) as client:
        for turn in range(SNOOPERS if soak else 1):
            for one in [*(links if soak and not turn else links[turn % 10 :: 10]), secret]:
                assert client.get(f"/h/{one}").status_code in (200, 403, 410)
                assert client.head(f"/h/{one}").status_code in (200, 403, 410)
    assert linked.dump() == before


def test_the_second_answer_is_told_what_the_first_one_did(lying: tuple[World, int, str]) -> None:
    """A double click, and a look at the page afterwards: the same words, one decision."""
    linked, greve, secret = lying
    with browser(linked) as client:
        form = Page(client.get(f"/h/{secret}").text).form("trin_1.tjek") | {
            "f.med_droeftet": "ja",
            "f.med_droeftet.dag": "2019-10-03",
            "f.med_droeftet.note": "Hovedudvalget",
        }
        first, second, third = (client.post(f"/h/{secret}", data=form) for _ in range(3))
        assert "Tak, det er gjort" in first.text and "Det er allerede gjort" in second.text
        assert second.text == third.text == client.get(f"/h/{secret}").text
    ticks = [one for one in linked.engine.history(greve) if one.event == "trin_1.tjek"]
    assert len(ticks) == 1
    tick = linked.engine.show(greve).data["med_droeftet"]
    assert isinstance(tick, dict) and (tick["on"], tick["note"]) == ("2019-10-03", "Hovedudvalget")


def test_a_page_that_is_overtaken_shows_what_is_so_now(lying: tuple[World, int, str]) -> None:
    """Somebody closes the trin by another way: the link says so, and offers what is still possible."""
    linked, greve, secret = lying
    with browser(linked) as client:
        form = Page(client.get(f"/h/{secret}").text).form("trin_1.afslut")
        linked.do(greve, "trin_1.afslut", override=True, reason="Aftalt på mødet")
        before = linked.dump()
        late = client.post(f"/h/{secret}", data=form)
        assert late.status_code == 422 and linked.dump() == before
        shown = linked.engine.acting.look(secret)
    assert any("siden mailen blev sendt" in note for note in shown.notes)
    assert {choice.key for choice in shown.choices} >= {"trin_1.tjek", "trin_1.genaabn"}
    assert "trin_1.afslut" not in {choice.key for choice in shown.choices}


def test_expired_revoked_and_foreign_links_say_so_and_do_nothing(lying: tuple[World, int, str]) -> None:
    """A page each, with its own status; none of them names the instance, and none can be spent."""
    linked, greve, secret = lying
    engine, row = linked.engine, linked.clock.now()
    _, roles = engine.people.all()
    with browser(linked) as client:
        mine = next(one for one in roles if one.role == "kommunal_konsulent")
        with engine.context.begin() as uow:
            uow.registers.end_role(mine.id, date(2019, 11, 1))
        before = linked.dump()
        answer = client.post(f"/h/{secret}", data={"valg": "trin_1.noter"})
        assert answer.status_code == 403 and "Greve" not in answer.text and "rolle" in answer.text
        assert "ingen anden, der har rollen" in answer.text
        assert linked.dump() == before
        with engine.context.begin() as uow:
            uow.registers.reopen_role(mine.id, date(2019, 11, 1), None)
        linked.clock.move_to(row + timedelta(days=61))
        answer = client.post(f"/h/{secret}", data={"valg": "trin_1.noter"})
        assert answer.status_code == 410 and "udløbet" in answer.text and "Greve" not in answer.text
        assert engine.acting.revoke(mine.person_id, instance_id=greve) >= 1
        answer = client.get(f"/h/{secret}")
        assert answer.status_code == 410 and "trukket tilbage" in answer.text


def test_still_going_on_keeps_reminders_away_for_two_weeks(lying: tuple[World, int, str]) -> None:
    """Whoever has answered is not reminded; the leader still hears later, because the trin still stands."""
    linked, greve, secret = lying
    done = linked.engine.acting.spend(secret, "stadig")
    assert isinstance(done, Done) and linked.engine.acting.spend(secret, "stadig") == done
    assert "trin_1.afslut" in {one.key for one in linked.engine.acting.look(secret).choices}  # nothing is used up
    sent = len(linked.mailer.mails)
    revision = linked.engine.show(greve).revision
    linked.live_until(date(2019, 12, 3))
    own = [text_of(mail) for mail in linked.mailer.mails[sent:]]
    assert not [text for text in own if "Kommunal_konsulent" in text and "Trin 1" in text and "stille" in text]
    assert linked.engine.show(greve).revision == revision


def test_the_database_never_holds_a_secret(
    lying: tuple[World, int, str], stalled_file: Stalled, tmp_path: Path
) -> None:
    """No secret of any mail is found in the bytes of the file, nor of what stands beside it; its hash is."""
    linked = lying[0]
    secrets = [secret for mail in stalled_file.mails for secret in secrets_of(mail)]
    feed = next(one for one in secrets if any(c.key == "adresse" for c in linked.engine.acting.look(one).choices))
    made = linked.engine.acting.spend(feed, "adresse")
    assert isinstance(made, Done) and made.secret is not None
    linked.engine.close()
    bytes_ = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert not [secret for secret in [*secrets, made.secret] if secret.encode() in bytes_]
    assert sha256(secrets[0].encode()).hexdigest().encode() in bytes_


def test_without_pages_mails_have_no_links(workflows: Workflows, chosen_file: tuple[Path, int], tmp_path: Path) -> None:
    """No address of pages is set: nothing is minted."""
    world = open_linked(copied(chosen_file[0], tmp_path / "uden.db"), workflows, CHOSEN, chosen_file[1], web=None)
    world.do(world.kommune("Greve"), "trin_1.begynd")
    world.live_until(date(2019, 9, 20))
    assert world.mailer.mails and not [mail for mail in world.mailer.mails if secrets_of(mail)]
    assert world.dump()["token"] == []
    world.engine.close()


def test_an_unknown_link_is_nothing(linked: World) -> None:
    """Its error never repeats it."""
    with pytest.raises(Exception, match="unknown link") as raised:
        linked.engine.acting.look("hemmelig-nok-til-at-være-et-link")
    assert "hemmelig" not in str(raised.value)
