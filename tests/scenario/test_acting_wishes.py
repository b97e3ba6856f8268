"""The links at the foot of every mail: what a person wants to hear, and being away, each shown and done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from samskabt.engine.values import Recipient
from samskabt.runtime.acting import Done, Shown
from samskabt.runtime.usecases.programmes import Workflows

from .linked import open_linked
from .world import CHOSEN, ME, World, copied


@pytest.fixture
def linked(workflows: Workflows, chosen_file: tuple[Path, int], tmp_path: Path) -> Iterator[World]:
    """Give the chosen programme, with links in its mails."""
    world = open_linked(copied(chosen_file[0], tmp_path / "valgt.db"), workflows, CHOSEN, chosen_file[1])
    yield world
    world.engine.close()


def secret(world: World, name: str) -> str:
    """Make a fresh link of that name for a kommunal konsulent."""
    with world.engine.context.begin() as uow:
        role = next(row for row in uow.registers.roles() if row.role == "kommunal_konsulent")
        person = next(one for one in uow.registers.people() if one.id == role.person_id)
        to = Recipient(person.id, person.name, person.email)
        links = world.engine.acting.footer_links(uow, to, world.clock.now())
    return links[name].rpartition("/")[2]


def chosen(world: World, name: str, choice: str, **given: str) -> Done:
    """Choose something on a fresh page, which offers it."""
    key = secret(world, name)
    page = world.engine.acting.look(key)
    assert choice in [one.key for one in page.choices]
    done = world.engine.acting.spend(key, choice, given)
    assert isinstance(done, Done), done
    return done


def stands(world: World, name: str) -> str:
    """Tell how it stands, as a fresh page says it."""
    return " ".join(value for _, value in world.engine.acting.look(secret(world, name)).facts)


def test_what_people_want_to_hear_is_theirs_to_say(linked: World) -> None:
    """Weekly, daily, a pause, none at all and back again: each page shows what is so, and offers what is not."""
    assert "Du får påmindelser" in stands(linked, "afmeld")
    chosen(linked, "afmeld", "ugentlig")
    assert "om ugen" in stands(linked, "afmeld")
    chosen(linked, "afmeld", "daglig")
    chosen(linked, "afmeld", "pause", til="2019-12-01")
    assert "Pause til og med" in stands(linked, "afmeld")
    chosen(linked, "afmeld", "igen")
    chosen(linked, "afmeld", "ingen")
    assert "ingen påmindelser" in stands(linked, "afmeld")
    chosen(linked, "afmeld", "igen")
    assert "Du får påmindelser" in stands(linked, "afmeld")


def test_gathering_reminders_does_not_bring_them_back_and_says_so(linked: World) -> None:
    """Whoever said no to all of them and then wants one mail a week is told that the no stands."""
    still = "Du får stadig ingen påmindelser, før du vælger at få dem igen."
    assert still not in chosen(linked, "afmeld", "ugentlig").said
    chosen(linked, "afmeld", "ingen")
    assert still in chosen(linked, "afmeld", "daglig").said and still in chosen(linked, "afmeld", "ugentlig").said
    assert stands(linked, "afmeld") == "Du får ingen påmindelser"


def test_one_programme_of_several_can_be_left_out(linked: World) -> None:
    """Somebody in two programmes says no to one of them; that one is no longer offered."""
    other = linked.engine.programmes.start("forenklet-beskaeftigelsesindsats", actor=ME).instance_id
    with linked.engine.context.store.read() as reader:
        row = next(one for one in reader.registers.roles() if one.role == "kommunal_konsulent")
    linked.engine.people.assign(row.person_id, "projektleder", programme_id=other)
    chosen(linked, "afmeld", f"program_{other}")
    assert f"program_{other}" not in [one.key for one in linked.engine.acting.look(secret(linked, "afmeld")).choices]


def test_being_away_is_said_and_taken_back(linked: World) -> None:
    """A day that lies behind, or beyond a year, is shown as a mistake; the next page offers to be back."""
    assert stands(linked, "fravaer") == "Til stede"
    for day in ("2019-01-01", "2029-01-01"):
        shown = linked.engine.acting.spend(secret(linked, "fravaer"), "vaek", {"til": day})
        assert isinstance(shown, Shown)
    chosen(linked, "fravaer", "vaek", til="2019-11-01")
    assert "Væk til og med" in stands(linked, "fravaer")
    chosen(linked, "fravaer", "tilbage")
    assert stands(linked, "fravaer") == "Til stede"


def test_whoever_is_away_is_told_where_mails_go_and_which_come_all_the_same(linked: World) -> None:
    """To whoever takes over, else to nobody yet; meetings after the absence are told of, so no silence is promised."""
    alone = " ".join(chosen(linked, "fravaer", "vaek", til="2019-11-01").said)
    assert "Mails til din rolle går til andre, der har den; er der ingen, venter de." in alone
    assert "Mails om møder efter den dag får du stadig." in alone and "ingen mails" not in alone
    colleague = linked.engine.people.add("Ny Kollega", "ny.kollega@eksempel.example")
    linked.engine.people.assign(colleague, "kommunal_konsulent", programme_id=linked.programme, actor=ME)
    covered = " ".join(chosen(linked, "fravaer", "vaek", til="2019-11-01", vikar=str(colleague)).said)
    assert "Mails til din rolle går til Ny Kollega." in covered and "venter de" not in covered


def test_wanting_them_again_ends_all_that_was_said_no_to(linked: World) -> None:
    """The link ends what the command ends: a no to everything, to a programme and to evaluations."""
    wishes = linked.engine.post.preferences
    for kind in ("alle", f"programme:{linked.programme}", "evaluering"):
        wishes.opt_out(2, kind)
    assert stands(linked, "afmeld") == "Du får ingen påmindelser"
    chosen(linked, "afmeld", "igen")
    assert not [one for one in wishes.list(2) if one.opted_out]
    wishes.opt_out(2, until=date(2019, 9, 5))
    linked.move_to(date(2019, 9, 6))
    assert stands(linked, "afmeld") == "Du får påmindelser"  # a no that has ended by itself
