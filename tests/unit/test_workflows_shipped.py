"""Claims that hold for each of the five shipped programmes: it can be planned, run, and every mail has a receiver."""

import pytest
from samskabt.engine.definition import Activity, Evaluation, Phase, Workflow

from ..extracts import EXTRACTS, LISTS, load, shipped_workflow

FILES = {
    "000_forenklet_beskaeftigelsesindsats.yaml": "forenklet-beskaeftigelsesindsats",
    "001_fagligheder.yaml": "fagligheder-beskaeftigelsesomraadet",
    "002_flere_i_arbejde.yaml": "flere-i-arbejde",
    "003_lab_ud_i_praksis.yaml": "lab-ud-i-praksis",
    "004_mere_kerneopgave.yaml": "mere-kerneopgave-mindre-bureaukrati",
}


@pytest.fixture(params=sorted(FILES.values()))
def workflow(request: pytest.FixtureRequest) -> Workflow:
    """Give each shipped programme, assembled."""
    return shipped_workflow(request.param)


def test_the_extracts_are_all_there() -> None:
    """Five documents with 73, 66, 73, 55 and 93 items, and 24 principles."""
    extracts = [load(EXTRACTS / name) for name in FILES]
    assert [sum(len(extract[name]) for name in LISTS) for extract in extracts] == [73, 66, 73, 55, 93]
    assert sum(len(extract["programme"]["principles"]) for extract in extracts) == 24


def test_everything_has_a_date_to_be_planned_by(workflow: Workflow) -> None:
    """Every activity, evaluation and fase has the document's words or our proposal; an event needs none."""
    programme = workflow.programme
    dated: dict[str, Activity | Evaluation | Phase] = {**programme.activities, **programme.evaluations}
    dated.update(programme.faser)
    lived = {key for key, one in programme.activities.items() if one.lived_by}
    approvals = {key: one for key, one in programme.approvals.items() if one.is_lived}
    assert [key for key, one in approvals.items() if one.plan is None and one.when is None] == []
    assert {key for key, one in dated.items() if one.plan is None and one.when is None} <= lived


def test_a_mail_is_never_without_a_receiver(workflow: Workflow) -> None:
    """Whoever stands for others stands for somebody who is mailed; the frame's own roles stand for somebody."""
    roles = workflow.roles
    for name, role in roles.items():
        for other in role.stands_for:
            assert roles[other].by_mail and not roles[other].stands_for, (name, other)
    for name in ("projektleder", "kontaktperson"):
        assert roles[name].stands_for or (roles[name].by_mail and "*" not in roles[name].inferred), name


def test_somebody_answers_for_every_activity(workflow: Workflow) -> None:
    """The facilitator, or the level's own responsible, is a role that is mailed."""
    programme = workflow.programme
    for key, activity in programme.activities.items():
        role = workflow.roles[activity.facilitator or programme.responsible[activity.level]]
        assert role.stands_for or role.by_mail, key
    for key, evaluation in programme.evaluations.items():
        role = workflow.roles[evaluation.evaluator or programme.responsible[evaluation.level]]
        assert role.stands_for or role.by_mail, key


def test_reminders_write_to_somebody_who_is_mailed(workflow: Workflow) -> None:
    """No reminder of a part or a document goes to a role that the programme never writes to."""
    for key, reminder in workflow.reminders.items():
        for name in reminder.to:
            role = workflow.roles.get(name)  # ansvarlig and deltagere are checked above
            assert role is None or role.stands_for or role.by_mail, (key, name)


def test_a_person_is_called_by_a_title_in_the_singular(workflow: Workflow) -> None:
    """Nobody is registered as a group: who sits in a body is a member of it, or what its document calls one."""
    titles = {name: workflow.person_title(name) for name, role in workflow.roles.items() if role.by_mail}
    several = {name for name in titles if name in workflow.programme.bodies}
    groups = {"parter", "part", "projektledelse", "sekretariat", "formandskab", "kommune", "projektkommune", "kl"}
    for name in several | (groups & titles.keys()):
        assert titles[name].partition(" ")[0] in {"medlem", "medarbejder", "repræsentant", "kommunens"} or titles[
            name
        ].endswith("repræsentant")
    assert all("_" not in title and title != workflow.programme.title for title in titles.values())
    assert workflow.person_title("en_rolle") == "en rolle"
    assert 3 < len(workflow.programme.short_title) <= 40


def test_a_meeting_has_people_to_invite(workflow: Workflow) -> None:
    """Each activity that is held as a meeting says for whom it is."""
    meetings = {
        key: one for key, one in workflow.programme.activities.items() if workflow.machine_of(one.kind) == "meeting"
    }
    assert [key for key, one in meetings.items() if not one.who] == []


def test_a_gate_is_as_strong_as_the_document_says(workflow: Workflow) -> None:
    """A hard gate has hard requirements; what only follows from the order may be overridden."""
    for key, gate in workflow.programme.gates.items():
        strengths = {str(need.strength) for need in gate.needs}
        allowed = {"hard"} if gate.strength == "hard" else {"soft"}
        assert strengths <= allowed, key
