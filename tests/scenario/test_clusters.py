"""Clusters on a real database: proposed by a rule, formed as proposed, and their members called to their meetings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from samskabt.engine.errors import InvalidInput, NotFound, Refused

from .bodies import child_of, governed
from .world import ME, World

NAMES = {"0101": "København", "0147": "Frederiksberg"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Give a programme in which two kommuner take part."""
    world = governed(f"sqlite:///{tmp_path / 'klynger.db'}")
    world.do(world.programme, "forloeb.aabn_tilmelding")
    for code, name in NAMES.items():
        world.engine.programmes.enrol(world.programme, code, actor=ME)
        role = world.engine.people.add(name, f"k{code}@eksempel.example")
        world.engine.people.assign(role, "kommunal_konsulent", programme_id=world.programme, kommune=code)
    world.move_to(date(2019, 2, 4))
    for code in NAMES:
        world.do(child_of(world, world.programme, code), "forloeb.vaelg")
    yield world
    world.engine.close()


def test_a_proposal_changes_nothing_and_is_formed_as_it_stands(world: World) -> None:
    """Nothing before the gate is open; then every cluster of the proposal, with its reason, in one transaction."""
    clusters = world.engine.programmes.clusters
    proposal = clusters.propose(world.programme, by="geografi", size=3)
    assert world.kind("cluster") == []
    with pytest.raises(Refused, match="mangler_aktivitet"):
        clusters.form(world.programme, proposal, actor=ME)
    world.do(child_of(world, world.programme, "regnskab"), "godkend")
    formed = clusters.form(world.programme, proposal, actor=ME)
    (number,) = world.kind("cluster")
    data = world.engine.show(number).data
    assert len(formed.outcomes) == 1
    assert (data["kommuner"], data["tema"]) == (["0101", "0147"], "Hovedstaden")
    assert data["kriterium"] == "Frederiksberg og København ligger i samme region: Hovedstaden."


def test_those_in_a_cluster_and_those_held_apart_are_left_out(world: World) -> None:
    """Each with the reason, as is whoever is exempt in this proposal alone."""
    propose = world.engine.programmes.clusters.propose
    alone = [one.why for one in propose(world.programme, by="tema", exempt={"0101": "Færdige"}).left_out]
    assert alone == ["Færdige", "Der er ingen andre at danne klynge med efter denne regel."]
    world.do(world.programme, "forloeb.undtag_fra_klynger", {"uden_for_klynger": ["0101"]}, reason="Færdige")
    world.do(child_of(world, world.programme, "regnskab"), "godkend")
    world.do(world.programme, "forloeb.dan_klynge", {"titel": "Én", "kommuner": ["0147"]})
    told = [one.why for one in propose(world.programme, by="blandet", size=2).left_out]
    assert told == ["Holdt uden for klyngerne.", "Er allerede med i en klynge."]


def test_an_unknown_rule_lists_those_that_there_are(world: World) -> None:
    """And a cluster of one is none."""
    clusters = world.engine.programmes.clusters
    with pytest.raises(NotFound, match="geografi"):
        clusters.propose(world.programme, by="alfabet")
    with pytest.raises(InvalidInput, match="2 members or more"):
        clusters.propose(world.programme, by="omraade", size=1, field="begrundelse")


def test_only_the_members_are_called_to_a_clusters_meeting(world: World) -> None:
    """Frederiksberg is in the cluster, København is not: its people get no mail."""
    world.do(child_of(world, world.programme, "regnskab"), "godkend")
    world.do(world.programme, "forloeb.dan_klynge", {"titel": "Én", "kommuner": ["0147"]})
    (cluster,) = world.kind("cluster")
    with world.engine.context.store.read() as reader:
        meetings = [one.id for one in reader.instances(world.programme, "meeting") if one.parent_id == cluster]
    world.engine.reschedule(meetings[0], date(2019, 5, 7), actor=ME)
    world.do(meetings[0], "indkald")
    world.engine.deliver()
    sent = {mail.recipient for mail in world.mailer.mails if "Klyngemøde" in mail.subject}
    assert sent == {"k0147@eksempel.example"}


def test_an_activity_is_added_and_planned_in_one_transaction(world: World) -> None:
    """The use case takes a day and a title along; beyond the ceiling a reason is not enough."""
    kommune = child_of(world, world.programme, "0101")
    add = world.engine.programmes.add_activity
    with pytest.raises(Refused, match="loftet_er_naaet"):
        add(kommune, "besoeg", actor=ME, override=True, reason="En mere")
    outcome = add(kommune, "plan", actor=ME, day=date(2019, 5, 7), until=date(2019, 5, 9), title="Ny plan")
    one = world.engine.show(outcome.born["plan#2"])
    assert (one.title, one.dates.planned_start, one.dates.planned_end) == (
        "Ny plan",
        date(2019, 5, 7),
        date(2019, 5, 9),
    )


def test_only_a_programme_has_clusters(world: World) -> None:
    """Asked of a kommune, there is nothing to propose."""
    with pytest.raises(InvalidInput, match="is a programme with clusters, not kommune"):
        world.engine.programmes.clusters.propose(child_of(world, world.programme, "0101"))
