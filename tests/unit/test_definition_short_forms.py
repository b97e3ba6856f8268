"""The short forms in which authors write machines, moves, offsets and counts, and what they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

import pytest
from pydantic import BaseModel, ValidationError
from samskabt.engine.definition import Activity, Join, Machine, Move, Offset, Part, Region, Reminder, Workflow, assemble
from samskabt.engine.definition.base import split_arrow
from samskabt.engine.definition.document.items import Count
from samskabt.engine.definition.needs import ChildrenNeed
from samskabt.engine.definition.programme import Programme, Use

from .core_cases import PROGRAMME, shipped_workflow, tree

MAIL = {"title": "R", "on": "ting", "during": "en.a", "to": "leder", "text": "t"}


def test_a_move_is_written_as_an_arrow_or_as_where_it_stays() -> None:
    """One source, several, any; one that stays has no destination."""
    region = Region.model_validate({"title": "R", "moves": {"gaa_i_gang": "venter -> i_gang", "b": {"in": "venter"}}})
    assert (region.moves["gaa_i_gang"].sources, region.moves["gaa_i_gang"].dest) == (("venter",), "i_gang")
    assert (region.moves["b"].sources, region.moves["b"].dest) == (("venter",), None)
    assert region.moves["gaa_i_gang"].title == "Gaa i gang"
    assert split_arrow("a, b -> c") == (["a", "b"], "c") and split_arrow("* -> c") == (["*"], "c")


@pytest.mark.parametrize("words", ["a", "a -> ", "a -> b -> c", 3])
def test_what_is_no_arrow_is_refused(words: object) -> None:
    """For moves and joins alike."""
    assert split_arrow(words) is None
    for model, more in ((Move, {"title": "M"}), (Join, {"region": "r", "when": "dated"})):
        with pytest.raises(ValidationError):
            model.model_validate({"move": words, **more})


@pytest.mark.parametrize("model", [Move, Region, Join, Machine, Offset, Count, Use, Activity, Reminder])
def test_what_is_no_mapping_is_refused(model: type[BaseModel]) -> None:
    """A number in place of a whole item is a mistake of the document, never a crash."""
    wrong: tuple[object, ...] = (3.5, None, [])
    for value in wrong:
        with pytest.raises(ValidationError):
            model.model_validate(value)


def test_a_move_in_one_string_wants_a_title_of_its_own() -> None:
    """Its name gives the title inside a region; alone it has none."""
    with pytest.raises(ValidationError):
        Move.model_validate("a -> b")


def test_a_region_without_states_waits_goes_on_and_ends() -> None:
    """The three states of the frame, the first of them where it begins."""
    region = Region.model_validate({"title": "R"})
    assert (region.initial, list(region.states)) == ("venter", ["venter", "i_gang", "afsluttet"])
    assert [state.final for state in region.states.values()] == [False, False, True]
    assert Region.model_validate({"title": "R", "states": {"b": "B", "a": "A"}}).initial == "b"


@pytest.mark.parametrize("part", ["states", "checklist", "moves"])
def test_lists_in_place_of_names_are_refused(part: str) -> None:
    """States, checklists and moves are named."""
    with pytest.raises(ValidationError):
        Region.model_validate({"title": "R", part: ["a"]})
    with pytest.raises(ValidationError):
        Region.model_validate({"title": "R", part: {"a": 3}})


def test_a_checklist_is_of_ticks() -> None:
    """A plain text is an item; a mapping adds an owner."""
    region = Region.model_validate({"title": "R", "checklist": {"a": "A", "b": {"title": "B", "owner": "leder"}}})
    assert {item.type for item in region.checklist.values()} == {"check"}
    assert region.checklist["b"].owner == "leder"


def test_events_are_named_by_region_where_there_are_several() -> None:
    """And by the move alone where there is one; several moves together have a name of their own."""
    one = Machine.model_validate({"title": "M", "regions": {"r": {"title": "R", "moves": {"gaa": "venter -> i_gang"}}}})
    assert one.events == {"gaa": (("r", "gaa"),)}
    region = {"title": "R", "moves": {"gaa": "venter -> i_gang"}}
    both = {"title": "B", "moves": ["x.gaa", "y.gaa", "z.gaa"]}
    two = Machine.model_validate({"title": "M", "regions": {"x": region, "y": region}, "together": {"begge": both}})
    assert two.events["begge"] == (("x", "gaa"), ("y", "gaa"))


@pytest.mark.parametrize(
    ("words", "amount", "unit"),
    [
        ("straks", 0, "dage"),
        ("5 arbejdsdage før", -5, "arbejdsdage"),
        ("1 uge inden", -1, "uger"),
        ("2 måneder efter", 2, "maaneder"),
        ("3 maaneder foer", -3, "maaneder"),
        ("1 dag", 1, "dage"),
    ],
)
def test_an_offset_is_read_so(words: str, amount: int, unit: str) -> None:
    """Before is negative; without a side it is after."""
    offset = Offset.model_validate(words)
    assert (offset.amount, offset.unit) == (amount, unit)


@pytest.mark.parametrize("words", ["", "5", "fem dage", "5 dage bagved", "5 minutter", "-5 dage"])
def test_an_offset_of_other_words_is_refused(words: str) -> None:
    """There is nothing to guess."""
    with pytest.raises(ValidationError):
        Offset.model_validate(words)


@pytest.mark.parametrize(
    "more",
    [{"text": None}, {"fires": "gaa"}, {"to": []}, {"times": 2}, {"at": "9:00"}, {"at": "25:00"}, {"during": []}],
)
def test_a_reminder_does_one_thing(more: dict[str, object]) -> None:
    """A mail to somebody or an event, rungs with a distance, at a time that exists."""
    assert Reminder.model_validate(MAIL).at == time(9)
    with pytest.raises(ValidationError):
        Reminder.model_validate({**MAIL, **more})


def test_a_reminder_keeps_a_time_that_is_one() -> None:
    """Values go round: a time is a time."""
    assert Reminder.model_validate({**MAIL, "at": time(6)}).at == time(6)


def test_children_are_measured_in_one_way() -> None:
    """A share or all, not both."""
    with pytest.raises(ValidationError):
        ChildrenNeed.model_validate({"kind": "k", "in": "s", "share": 0.5, "all": True})


@pytest.mark.parametrize(("words", "low", "high"), [(2, 2, 2), ("2-3", 2, 3), ("op til 3", 0, 3), ("2 - 3", 2, 3)])
def test_a_count_is_read_so(words: object, low: int, high: int) -> None:
    """A number, a range, or up to."""
    count = Count.model_validate(words)
    assert (count.min, count.max) == (low, high)


@pytest.mark.parametrize("words", ["mange", "2-", "-", "op til"])
def test_a_count_of_other_words_is_refused(words: str) -> None:
    """An unspecified plural is left out instead."""
    with pytest.raises(ValidationError):
        Count.model_validate(words)


def test_a_part_is_used_at_a_version() -> None:
    """Without one, nobody knows what is meant."""
    assert Use.model_validate("samskabt-styring@1") == Use(key="samskabt-styring", version=1)
    for words in ("samskabt-styring", "samskabt-styring@", "samskabt-styring@ny"):
        with pytest.raises(ValidationError):
            Use.model_validate(words)


def test_an_activity_lies_in_a_fase_and_a_spor() -> None:
    """``-`` is none of them; both are said or neither."""
    base = {"title": "A", "kind": "meeting", "level": "programme"}
    assert Activity.model_validate({**base, "in": "drift / proces"}).track == "proces"
    assert Activity.model_validate({**base, "in": "- / proces"}).phase is None
    with pytest.raises(ValidationError):
        Activity.model_validate({**base, "in": "drift"})


def test_the_programmes_region_of_a_fase_is_repeated_with_its_reminders() -> None:
    """One region and one set of reminders for each fase, with its title and its dates."""
    workflow = shipped_workflow()
    regions = workflow.machines["programme"].regions
    assert list(regions) == ["forloeb", "fase_indledning", "fase_drift"]
    assert (regions["fase_drift"].title, regions["fase_drift"].phase) == ("Driftsfasen", False)
    rule = workflow.reminders["fasen_slutter_drift"]
    assert (rule.during, rule.fires, rule.anchor) == (("fase_drift.i_gang",), "fase_drift.afslut", "end_of_drift")
    assert "fasen_slutter" not in workflow.reminders


def test_a_documents_own_words_win_over_its_parts() -> None:
    """Reminders, texts, roles and kinds of activity; later parts win over earlier ones."""
    shared = {"format": 1, "version": 1, "title": "T"}
    texts = {"t": {"subject": "Delens", "body": "x"}}
    parts = [Part.model_validate({**shared, "part": "en", "texts": texts, "activity_kinds": {"moede": "task"}})]
    own = {"t": {"subject": "Egen", "body": "y"}}
    document = {**shared, "workflow": "p", "period": "2019", "texts": own, "activity_kinds": {"moede": "meeting"}}
    workflow = assemble(Programme.model_validate(document), parts)
    assert (workflow.texts["t"].subject, workflow.key) == ("Egen", "p")
    assert (workflow.machine_of("moede"), workflow.machine_of("ukendt")) == ("meeting", "task")


def test_the_order_that_an_author_chose_survives_being_stored() -> None:
    """Regions, checklists, moves and activities come back from the canonical form in the document's order."""
    workflow = shipped_workflow()
    again = type(workflow).model_validate_json(workflow.canonical)
    assert again.hash == workflow.hash
    for kind, machine in workflow.machines.items():
        assert list(again.machines[kind].regions) == list(machine.regions)
        assert list(again.machines[kind].events) == list(machine.events)
        assert list(again.machines[kind].all_fields) == list(machine.all_fields)
    assert list(again.programme.activities) == list(workflow.programme.activities)
    assert list(again.reminders) == list(workflow.reminders)


def test_the_hash_is_of_what_a_document_says() -> None:
    """Another title is another hash; a key that only says the default is none."""
    assert shipped_workflow(PROGRAMME.replace("Lille program", "Andet program")).hash != shipped_workflow().hash
    spelled = PROGRAMME.replace("title: Opstartsmøde,", "title: Opstartsmøde, topics: [], purpose: '',")
    assert tree(spelled) != tree(PROGRAMME) and shipped_workflow(spelled).hash == shipped_workflow().hash


PARTED = """
format: 1
part: del
version: 1
title: Del
parameters: {godt_i_gang: 0.5, ubrugt: 0.1}
machines:
  programme:
    title: P
    regions:
      en:
        title: E
        states: {a: A, b: {title: B, final: true}}
        moves: {gaa: {move: a -> b, needs: [{children: {kind: barn, in: x, share: godt_i_gang}}, dated]}}
    joins: [{region: en, move: a -> b, when: {children: {kind: barn, in: x, share: godt_i_gang}}}]
  barn: {title: B, parent: programme, regions: {status: {title: S, states: {x: {title: X, final: true}}}}}
"""


def shares(more: Mapping[str, object]) -> tuple[Workflow, list[object]]:
    """Assemble a part whose shares are parameters with a programme; give it with the shares that it holds."""
    document = {"format": 1, "workflow": "p", "version": 1, "title": "P", "period": "2019", **more}
    part = Part.model_validate(tree(PARTED))
    workflow = assemble(Programme.model_validate(document), [part])
    machine = workflow.machines["programme"]
    needs = [*machine.regions["en"].moves["gaa"].needs, *machine.joins[0].when]
    needs += [need for gate in workflow.programme.gates.values() for need in gate.needs]
    return workflow, [need.share for need in needs if isinstance(need, ChildrenNeed)]


def test_a_share_may_be_a_parameter_which_the_programme_may_set() -> None:
    """The part's value stands until the programme gives another; the assembled workflow holds the number itself."""
    assert shares({})[1] == [0.5, 0.5]
    workflow, found = shares({"parameters": {"godt_i_gang": 0.75}})
    assert found == [0.75, 0.75]
    assert workflow.parameters == {"godt_i_gang": 0.75, "ubrugt": 0.1}
    assert Workflow.model_validate_json(workflow.canonical).hash == workflow.hash
    assert "godt_i_gang" not in workflow.machines["programme"].model_dump_json()


def test_a_gate_may_ask_for_a_parameter_of_the_programmes_own() -> None:
    """Its value is put in as well; a name that nobody gives a value stays, for the checks to find."""
    gate = {"title": "G", "before": "x", "needs": {"children": {"kind": "barn", "in": "x", "share": "de_fleste"}}}
    gates = {"gates": {"g": {**gate, "strength": "soft", "scope": "programme"}}}
    assert shares({**gates, "parameters": {"de_fleste": 0.51}})[1] == [0.5, 0.5, 0.51]
    assert shares(gates)[1] == [0.5, 0.5, "de_fleste"]
