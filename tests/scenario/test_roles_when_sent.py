"""A notice that waits in a letter goes to whoever has the role when it is sent, and says truly why it came."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from samskabt.engine.values import Intent
from samskabt.runtime.usecases.programmes import Workflows

from .desk import Desk, at, open_desk, settle_desk

MONDAY = date(2019, 9, 16)
ROLE, GREVE = "kommunal_konsulent", "0253"


@pytest.fixture(scope="module")
def desk_file(workflows: Workflows, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Make the database that every desk is a copy of."""
    path = tmp_path_factory.mktemp("roller") / "roller.db"
    return path, settle_desk(path, workflows, at(date(2019, 5, 1)))


@pytest.fixture
def desk(workflows: Workflows, desk_file: tuple[Path, int], tmp_path: Path) -> Iterator[Desk]:
    """Open a desk on a Monday morning, before the day's letters go."""
    copy = tmp_path / "roller.db"
    copy.write_bytes(desk_file[0].read_bytes())
    found = open_desk(f"sqlite:///{copy}", workflows, at(MONDAY, 8), desk_file[1])
    yield found
    found.engine.close()


def told(desk: Desk) -> dict[str, str]:
    """Give receiver -> all words of her mails on one line."""
    found: dict[str, str] = {}
    for _, mail in desk.mailer.sent:
        body = message_from_bytes(mail.content, policy=default).get_body(("plain",))
        assert body is not None
        found[mail.recipient] = f"{found.get(mail.recipient, '')} {' '.join(body.get_content().split())}".strip()
    return found


def news(desk: Desk) -> tuple[int, int]:
    """Give the role in Greve to somebody, and put a notice to it into her letter; gives her number and the mail's."""
    anne = desk.person()
    given = {"programme_id": desk.programme, "kommune": GREVE, "from_on": MONDAY - timedelta(days=7)}
    desk.engine.people.assign(anne, ROLE, **given)  # type: ignore[arg-type]
    number = desk.queue(ROLE, Intent.NOTICE, about=desk.kommune("Greve"), template="velkommen")
    desk.engine.deliver()
    assert desk.mail(number).status == "posted"
    return anne, number


def lost(desk: Desk, person: int) -> None:
    """Let a person's role have ended the day before."""
    with desk.engine.context.begin() as uow:
        (own,) = [one for one in uow.registers.roles() if one.person_id == person]
        uow.registers.end_role(own.id, MONDAY - timedelta(days=1))


def test_a_notice_that_waits_goes_to_whoever_took_the_role_over(desk: Desk) -> None:
    """Its letter was made for the one before; she gets nothing more to the role, and the new one hears once."""
    anne, number = news(desk)
    lost(desk, anne)
    bo = desk.person("Bo Lind")
    desk.engine.people.assign(bo, ROLE, programme_id=desk.programme, kommune=GREVE)
    desk.live_until(at(MONDAY + timedelta(days=2)))
    assert [one.person_id for one in desk.mail(number).deliveries] == [bo]
    ((_, said),) = told(desk).items()
    assert "Kære Bo" in said and "du er registreret som kommunal konsulent for Greve" in said and not desk.findings()


def test_who_comes_in_beside_the_others_gets_what_still_waits(desk: Desk) -> None:
    """A second holder is no late-comer as long as the letter to the first has not gone; each hears once."""
    anne, number = news(desk)
    bo = desk.person("Bo Lind")
    desk.engine.people.assign(bo, ROLE, programme_id=desk.programme, kommune=GREVE)
    desk.live_until(at(MONDAY + timedelta(days=2)))
    assert sorted(one.person_id for one in desk.mail(number).deliveries) == [anne, bo]
    assert len(desk.times()) == 2 and desk.mail(number).status == "sent" and not desk.findings()


def test_what_happened_stays_theirs_who_had_the_role_where_nobody_has_it_now(desk: Desk) -> None:
    """They hear of it afterwards, and are not told that they are what they were."""
    anne, number = news(desk)
    lost(desk, anne)
    desk.live_until(at(MONDAY + timedelta(days=2)))
    assert [one.person_id for one in desk.mail(number).deliveries] == [anne]
    ((_, said),) = told(desk).items()
    assert "Derfor får du denne mail: du havde rollen, da det skete" in said and "registreret som" not in said


def test_a_notice_waits_for_one_who_is_away_and_goes_to_her_stand_in(desk: Desk) -> None:
    """Away without anybody: it waits until she is back; with a stand-in it is hers, and says so."""
    anne, number = news(desk)
    desk.engine.people.absent(anne, MONDAY + timedelta(days=4))
    desk.live_until(at(MONDAY + timedelta(days=1), 12))
    assert desk.times() == [] and "er væk til og med" in (desk.mail(number).waits or "")
    bo = desk.person("Bo Lind")
    desk.engine.people.assign(bo, ROLE, programme_id=desk.programme)
    desk.engine.people.absent(anne, MONDAY + timedelta(days=4), stand_in_id=bo)
    desk.live_until(at(MONDAY + timedelta(days=3)))
    assert [one.person_id for one in desk.mail(number).deliveries] == [bo]
    assert "du tager over for Anne Holm" in told(desk)[next(iter(told(desk)))]


def test_what_is_called_off_without_a_calendar_stays_theirs_who_had_the_role(desk: Desk) -> None:
    """Whoever took over hears it too, and nobody is told that she is what she no longer is."""
    anne, _ = news(desk)
    off = desk.queue(ROLE, Intent.CANCELLATION, about=desk.kommune("Greve"), template="aflyst")
    desk.engine.post.post()
    lost(desk, anne)
    bo = desk.person("Bo Lind")
    desk.engine.people.assign(bo, ROLE, programme_id=desk.programme, kommune=GREVE)
    desk.live_until(at(MONDAY + timedelta(days=2)))
    assert sorted(one.person_id for one in desk.mail(off).deliveries) == [anne, bo]
    first, second = (told(desk)[address] for address in sorted(told(desk)))
    assert "du havde rollen, da det skete" in first and "du er registreret som kommunal konsulent" in second


def test_whoever_is_away_on_the_day_it_goes_loses_nothing(desk: Desk) -> None:
    """Somebody else with the role is nobody in her place: what was put into her letter stays hers."""
    people = [desk.person("Bo Lind")]
    given = {"programme_id": desk.programme, "kommune": GREVE, "from_on": MONDAY - timedelta(days=7)}
    desk.engine.people.assign(people[0], ROLE, **given)  # type: ignore[arg-type]
    anne, number = news(desk)
    desk.engine.people.absent(anne, MONDAY)
    desk.live_until(at(MONDAY + timedelta(days=2)))
    assert sorted(one.person_id for one in desk.mail(number).deliveries) == [*people, anne]


def test_whoever_is_only_away_is_not_told_that_she_had_the_role(desk: Desk) -> None:
    """What is called off is hers though another takes over, and she has the role as before."""
    bo = desk.person("Bo Lind")
    anne = desk.person()
    given = {"programme_id": desk.programme, "kommune": GREVE, "from_on": MONDAY - timedelta(days=7)}
    desk.engine.people.assign(anne, ROLE, substitute_id=bo, **given)  # type: ignore[arg-type]
    off = desk.queue(ROLE, Intent.CANCELLATION, about=desk.kommune("Greve"), template="aflyst")
    desk.engine.post.post()
    desk.engine.people.absent(anne, MONDAY + timedelta(days=9))
    desk.live_until(at(MONDAY + timedelta(days=2)))
    assert anne in [one.person_id for one in desk.mail(off).deliveries]
    assert all("du havde rollen" not in said for said in told(desk).values())
