"""The look-ups of a ready workflow: what an event takes, reads and waits for."""

from __future__ import annotations

import pytest
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.compiled import Compiled
from samskabt.engine.errors import NotFound
from samskabt.engine.values import Reach
from samskabt.engine.values.names import base_key

from ..extracts import shipped_workflow
from .core_cases import PROGRAMME, founded, shipped, small, with_kommune

ALL = frozenset(Reach)


def test_an_event_takes_what_its_moves_name() -> None:
    """Wishes, fields, checklists, the fields of what is born, and days; never the reason, which is the event's own."""
    compiled = shipped()
    assert compiled.takes("kommune", "trin_1.tjek") == set(compiled.region("kommune", "trin_1").checklist)
    assert compiled.takes("meeting", "flyt") == {"dato", "slut", "sted", "kl", "slut_kl"}
    assert compiled.takes("kommune", "trin_2.tilfoej_udfordring") >= {"titel", "arbejdsgruppe"}
    assert compiled.takes("challenge", "prioriter") >= {"beskrivelse", "hvorfor", "aktier"}
    assert compiled.takes("kommune", "trin_1.tjek") is compiled.takes("kommune", "trin_1.tjek")


@pytest.mark.parametrize(
    ("kind", "event", "reach"),
    [
        ("challenge", "prioriter", {Reach.PARENT}),
        ("challenge", "loes", {Reach.CHILDREN, Reach.PARENT}),
        ("kommune", "forloeb.vaelg", {Reach.PROGRAMME, Reach.SIBLINGS, Reach.CHILDREN}),
        ("kommune", "trin_1.begynd", {Reach.CHILDREN, Reach.PROGRAMME}),
        ("meeting", "planlaeg", {Reach.PROGRAMME, Reach.BOOKINGS}),
        ("task", "begynd", {Reach.ACTIVITIES}),
        ("programme", "forloeb.tilmeld_kommune", {Reach.CHILDREN}),
        ("solution", "vaelg", set()),
        ("solution", "ukendt", set()),
    ],
)
def test_an_event_reads_no_more_than_its_requirements_ask_for(kind: str, event: str, reach: set[Reach]) -> None:
    """The store loads and locks what is listed, the joins' children included."""
    assert shipped().relations.reach(kind, event) == reach


def test_all_events_read_the_sum_of_what_each_reads() -> None:
    """None stands for all."""
    compiled = shipped()
    for kind, machine in compiled.workflow.machines.items():
        each = [compiled.relations.reach(kind, event) for event in machine.events]
        assert compiled.relations.reach(kind, None) == frozenset().union(*each) | compiled.relations.reach(
            kind, "ukendt"
        )


def test_timers_and_births_that_count_from_the_programme_read_it() -> None:
    """A kommune with a reminder of a fase, and the move that bears meetings with one."""
    on_kommune = "{title: R, on: kommune, during: forloeb.tilmeldt, anchor: drift, to: leder, text: t}"
    on_visit = "{title: R, on: meeting, during: status.afventer, anchor: drift, to: leder, text: t}"
    reminded = shipped(PROGRAMME + f"\nreminders:\n  r: {on_kommune}\n")
    assert Reach.PROGRAMME in reminded.relations.reach("kommune", "trin_1.begynd")
    born = """
    fase_ting:
      title: T
      regions:
        en:
          title: E
          states: {a: A, b: {title: B, births: activities}}
          moves: {gaa: a -> b, bliv: {in: a}, foed: {in: a, births: meeting}}
    meeting: {title: M, regions: {status: {title: S, states: {afventer: A}}}}
    """
    compiled = small(born, reminders=f"{{r: {on_visit}}}", more="faser: {drift: {title: D, when: 2019}}")
    reaches = {name: compiled.relations.reach("fase_ting", name) for name in ("gaa", "bliv", "foed")}
    assert reaches == {"gaa": {Reach.PROGRAMME}, "bliv": frozenset(), "foed": {Reach.PROGRAMME}}


def test_joins_read_what_they_ask_for() -> None:
    """A join after a deadline, or after an activity, sees them."""
    machines = """
    ting:
      title: T
      regions: {en: {title: E, states: {a: A, b: B}}}
      joins:
        - {region: en, move: a -> b, when: [{not_before: kursus}, {activity: kursus}, checklist]}
    """
    compiled = small(machines, more="activities: {kursus: {title: K, kind: meeting, level: programme}}")
    assert compiled.relations.reach("ting", "ukendt") == {Reach.PROGRAMME, Reach.ACTIVITIES}


def test_parents_wait_for_the_kinds_that_their_joins_count() -> None:
    """A kommune waits for challenges; nobody waits for solutions."""
    compiled = shipped()
    assert compiled.relations.waits_for("challenge") and not compiled.relations.waits_for("solution")


def test_anchors_are_what_other_days_hang_on() -> None:
    """An activity, a trin; not the theme day that nothing counts from."""
    compiled = shipped()
    assert all(compiled.paper.is_anchor(name) for name in ("opstart", "trin_1", "besoeg", "besoeg#2"))
    assert not any(compiled.paper.is_anchor(name) for name in ("temadag", "trin_2", "plan"))


def test_an_activity_is_found_by_the_key_of_any_of_its_instances() -> None:
    """The ordinal is no part of the name; an evaluation lasts as long as its window."""
    compiled = shipped()
    assert base_key("besoeg#2") == "besoeg"
    found = compiled.paper.activity("besoeg#2")
    assert found is not None and found.title == "Besøg"
    assert [compiled.paper.days_of(key) for key in ("baseline", "opstart", "ukendt")] == [14, 1, 1]


def test_gates_stand_before_activities_and_fases_of_their_scope() -> None:
    """A gate before a fase counts for its activities of the same level; one that is named counts always."""
    gates = """
  i_fasen: {title: T, before: drift, needs: [dated], strength: soft, scope: programme}
  tom: {title: T, before: opstart, strength: derived, scope: kommune}
"""
    compiled = shipped(PROGRAMME + gates.strip("\n"))
    assert [need.need for need in compiled.gates.before("temadag")] == ["dated"]
    assert [need.need for need in compiled.gates.before("plan")] == ["activity"]
    assert compiled.gates.before("opstart") == () == compiled.gates.before("besoeg")
    move = compiled.firings("meeting", "planlaeg")[0].move
    assert compiled.gates.needs("temadag", move) == move.needs


def test_what_does_not_exist_is_named_with_what_does() -> None:
    """Kinds and events."""
    with pytest.raises(NotFound, match="challenge"):
        shipped().machine("chalenge")
    with pytest.raises(NotFound, match="prioriter"):
        shipped().firings("challenge", "prioritere")


def test_an_instance_is_done_where_its_first_region_is() -> None:
    """A held meeting still wants to be followed up; a called off one is over."""
    compiled = shipped()
    assert [compiled.is_done("meeting", {"status": state}) for state in ("afholdt", "fulgt_op", "aflyst")] == [
        False,
        True,
        True,
    ]
    assert isinstance(compiled, Compiled)


def test_what_bears_and_what_moves_others_is_known_beforehand() -> None:
    """So that the store locks the family only where it must."""
    compiled = shipped()
    assert compiled.bears("kommune", "trin_2.tilfoej_udfordring", "trin_2", None)
    assert compiled.bears("kommune", "forloeb.vaelg", "forloeb", "deltager")
    assert not compiled.bears("kommune", "trin_1.begynd", "trin_1", "i_gang")
    assert not compiled.bears("kommune", "forloeb.foreslaa", "forloeb", None), "what stays bears nothing anew"
    assert not compiled.bears("kommune", "trin_1.begynd", "trin_1", "deltager"), "a state of another region"
    assert compiled.may_move_others("kommune", "trin_1.tjek") and compiled.may_move_others("meeting", "flyt")
    assert compiled.may_move_others("meeting", "ret") and not compiled.may_move_others("meeting", "foelg_op")


def test_a_called_off_activity_is_in_nobodys_way() -> None:
    """Its closing event names the state; what has none is never called off."""
    compiled = shipped()
    states = ("afholdt", "fulgt_op", "aflyst")
    assert [compiled.is_called_off("meeting", {"status": one}) for one in states] == [False, False, True]
    assert [compiled.is_over("meeting", {"status": one}) for one in states] == [False, True, True]
    endless = small("ting: {title: T, regions: {en: {title: E, states: {a: A}}}}")
    assert not endless.is_called_off("ting", {"en": "a"}) and not endless.is_over("ting", {"en": "a"})
    family, kommune = with_kommune(founded())
    for key in ("besoeg", "besoeg#2"):
        family.send(family.id_of(key, kommune), "aflys", reason="x")
    assert family.snapshots[family.id_of("besoeg", kommune)].position == {"status": "aflyst"}


def test_taking_up_an_offer_bears_and_dropping_it_does_not() -> None:
    """Both stay in the state that once bore the activities; only what is born now stands in a correction's way."""
    compiled = Compiled(shipped_workflow("flere-i-arbejde"), WorkingCalendar())
    assert compiled.bears("kommune", "forloeb.tilvaelg_tilbud", "forloeb", None)
    assert not compiled.bears("kommune", "forloeb.fravaelg_tilbud", "forloeb", None)
    assert not compiled.bears("kommune", "forloeb.vaelg_fokusomraader", "forloeb", None)
