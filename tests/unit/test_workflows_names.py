"""Claims about the names that items of a document use: a wrong one is told with its place and the way out."""

import pytest
from samskabt.engine.definition import Programme, assemble
from samskabt.engine.definition.document.items import Body

from ..documents import PROGRAMME
from .test_workflows_mistakes import broken, problems_of

ITEMS = """\
bodies:
  styregruppe: {title: Styregruppe, members: [leder, en fra hver part]}
  udvalg: {title: Udvalg, stands_for: konsulent, facilitator: leder}
  forum: {title: Forum, external: true}
approvals:
  budget: {title: Budget, decider: styregruppe, of: once}
offers:
  analyse: {title: Analyse, decided_at: opstart}
swaps:
  byt: {title: Byt, activities: [opstart, opfoelgning], total: 4, most: {opstart: 2}}
choices:
  grupper: {title: Grupper, options: [unge, ældre], chosen_in: opstart}
measures:
  tilfredse: {title: Tilfredse, unit: pct, evaluations: baseline, respondents: leder}
criteria:
  mange_tilfredse: {title: Mange tilfredse, measure: tilfredse, measured_by: sidste}
economy: {periodised_in: start_fase}
"""

MORE = (
    PROGRAMME.replace(
        "    facilitator: konsulent\n",
        "    facilitator: konsulent\n    recipients: forum\n    planned_by: leder\n    contributes: udvalg\n"
        "    tracks: proces\n    offer: analyse\n",
    )
    .replace(
        "part_of: opstart\n",
        "part_of: opstart\n    after: baseline\n    held_with: maaling\n    presented_at: maaling\n",
    )
    .replace(
        "by: Os, window: 2}",
        "by: Os, window: 2, designed_in: start_fase, feeds: sidste, submitted_to: styregruppe, activities: maaling}",
    )
) + ITEMS

WRONG = (
    ("recipients: forum", "recipients: «forummet"),
    ("planned_by: leder", "planned_by: «lederen"),
    ("contributes: udvalg", "contributes: «udvalget"),
    ("tracks: proces", "tracks: «processen"),
    ("offer: analyse", "offer: «analysen"),
    ("after: baseline", "after: «basen"),
    ("held_with: maaling", "held_with: «opfoelgning"),
    ("presented_at: maaling", "presented_at: «maalingen"),
    ("designed_in: start_fase", "designed_in: «fasen"),
    ("feeds: sidste", "feeds: «baseline"),
    ("submitted_to: styregruppe", "submitted_to: «bestyrelse"),
    ("submitted_to: styregruppe, activities: maaling", "activities: «maalingen"),
    ("stands_for: konsulent, f", "stands_for: «konsulenten, f"),
    ("facilitator: leder}", "facilitator: «lederne}"),
    ("decider: styregruppe", "decider: «bestyrelsen"),
    ("decided_at: opstart", "decided_at: «opstarten"),
    ("activities: [opstart, opfoelgning]", "activities: [opstart, «opfoelgningen, opfoelgning]"),
    ("most: {opstart: 2}", "most: {«maaling: 2}"),
    ("chosen_in: opstart", "chosen_in: «opstarten"),
    ("evaluations: baseline", "evaluations: «basen"),
    ("respondents: leder", "respondents: «lederen"),
    ("measure: tilfredse", "measure: «glade"),
    ("measured_by: sidste", "measured_by: «midt"),
    ("periodised_in: start_fase", "periodised_in: «fase_2"),
)


def test_the_small_document_with_everything_is_right() -> None:
    """What the mistakes below are made in has none of its own."""
    assert problems_of(programme=MORE) == []


@pytest.mark.parametrize(("old", "new"), WRONG)
def test_a_name_that_nothing_has_is_told_where_it_stands(old: str, new: str) -> None:
    """The problem names line and column of the wrong word, and offers those that there are."""
    text, line, column = broken(MORE, old, new)
    (found,) = [one for one in problems_of(programme=text) if (one.line, one.column) == (line, column)]
    assert found.rule == "unknown-name"
    assert "mente du" in found.message or "vælg mellem" in found.message


def test_a_body_and_a_role_may_not_share_a_name() -> None:
    """Nobody could tell whom a mail goes to."""
    text, line, column = broken(MORE, "  udvalg: {", "  leder_i_alt: {title: X}\n  «konsulent: {")
    text = text.replace("contributes: udvalg", "contributes: konsulent")
    found = [(one.line, one.column, one.rule) for one in problems_of(programme=text)]
    assert (line, column, "duplicate-name") in found


def test_an_approval_and_an_activity_may_not_share_a_name() -> None:
    """What waits for either says its name only."""
    text, line, column = broken(MORE, "  budget: {", "  «maaling: {")
    found = [(one.line, one.column, one.rule) for one in problems_of(programme=text)]
    assert (line, column, "duplicate-name") in found


def test_activities_that_come_after_each_other_are_a_ring() -> None:
    """One of them must be first."""
    text = MORE.replace("planned_by: leder", "planned_by: leder\n    after: opfoelgning").replace(
        "after: baseline", "after: opstart"
    )
    (problem,) = problems_of(programme=text)
    assert problem.rule == "ring"
    assert problem.message.endswith("en af dem skal komme først")


def test_a_body_is_a_role_that_people_are_assigned_to() -> None:
    """A mail to it goes to whom it stands for, else to the members that are roles; never to an outer forum."""
    programme = Programme(
        format=1,
        version=1,
        title="T",
        workflow="t",
        period={"rule": "2019"},
        roles={"leder": {"does": "Leder"}},
        bodies={
            "gruppe": Body(title="Gruppe", members=("leder", "en fra hver part")),
            "udvalg": Body(title="Udvalg", members=("leder",), stands_for=("gruppe",)),
            "forum": Body(title="Forum", external=True),
        },
    )
    roles = assemble(programme, []).roles
    assert {name: (role.stands_for, role.by_mail) for name, role in roles.items()} == {
        "leder": ((), True),
        "gruppe": (("leder",), True),
        "udvalg": (("gruppe",), True),
        "forum": ((), False),
    }
