"""Faser that each kommune goes through at its own pace: order, gates, days, waves and reminders."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from samskabt.engine.compiled import Compiled
from samskabt.engine.definition import Programme, Workflow, assemble
from samskabt.engine.values import Json, TimerStatus
from samskabt.engine.values.kept import WINDOWS

from .cohort_cases import COHORT, begun, chosen, cohort, cohort_compiled, end
from .core_cases import PROGRAMME, Family, at, refused, shipped_part, tree


def windows(family: Family, kommune: int) -> Json:
    """Give the windows of a kommune's faser."""
    return family.snapshots[kommune].data.get(WINDOWS)


def planned(family: Family, key: str, kommune: int) -> tuple[date | None, str]:
    """Give the planned first day of a kommune's activity, and why it lies there."""
    one = family.snapshots[family.id_of(key, kommune)]
    return one.dates.planned_start, one.dates.reason


def test_a_kommune_gets_a_region_for_each_of_its_faser() -> None:
    """The programme keeps none of them; a programme without such faser gives its kommuner none."""
    compiled = cohort_compiled()
    regions = ["forloeb", "forbehold", "fase_opstart", "fase_udvikling", "fase_justering"]
    assert list(compiled.machine("kommune").regions) == regions
    assert list(compiled.machine("programme").regions) == ["forloeb"]
    document = PROGRAMME.replace("uses: [programramme@1, samskabt-styring@1]", "uses: programramme@1")
    plain = assemble(Programme.model_validate(tree(document)), [shipped_part("programramme")])
    assert list(plain.machines["kommune"].regions) == ["forloeb"]


def test_the_methods_kommune_has_them_beside_its_trin() -> None:
    """A programme with the six trin may have faser of the kommune too; the two do not disturb each other."""
    text = PROGRAMME.replace("title: Driftsfasen, when", "title: Driftsfasen, level: kommune, when")
    parts = [shipped_part("programramme"), shipped_part("samskabt-styring")]
    regions = assemble(Programme.model_validate(tree(text)), parts).machines["kommune"].regions
    assert [*regions][:1] == ["forloeb"] and {"trin_1", "trin_6", "fase_drift"} < set(regions)


def test_faser_follow_each_other_softly() -> None:
    """The second waits for the end of the first, the third for the second; a reason lets it begin all the same."""
    family, (kommune,) = begun(1)
    assert refused(family, kommune, "fase_justering.begynd") == ["forkert_tilstand"]
    assert "forkert_tilstand" in refused(family, kommune, "fase_udvikling.begynd")
    position = family.send(kommune, "fase_justering.begynd", override=True, reason="De er længere fremme").position
    assert position["fase_justering"] == "i_gang"


def test_faser_that_overlap_wait_for_nobody() -> None:
    """What the document lets overlap has no order."""
    text = COHORT.replace("{title: Udviklingsfasen,", "{title: Udviklingsfasen, overlaps_with: justering,")
    family, (kommune,) = begun(1, text)
    assert family.send(kommune, "fase_justering.begynd").position["fase_justering"] == "i_gang"


def test_only_who_takes_part_begins_a_fase() -> None:
    """An enrolled kommune has not begun anything."""
    family = cohort()
    family.send(1, "forloeb.tilmeld_kommune", kommune="0101")
    code = refused(family, family.id_of("0101"), "fase_opstart.begynd", override=True, reason="x")
    assert code == ["forkert_tilstand"]


def test_a_gate_before_a_fase_is_asked_when_the_fase_begins_and_of_its_activities() -> None:
    """Focus areas come before udvikling: before the region's own move, and before each workshop in it."""
    family, (kommune,) = begun(1)
    end(family, kommune)
    workshop = family.id_of("workshop", kommune)
    assert refused(family, kommune, "fase_udvikling.begynd") == ["mangler_aktivitet"]
    assert refused(family, workshop, "afhold") == ["mangler_aktivitet"]
    family.send(kommune, "forloeb.vaelg_fokusomraader", fokusomraader=["unge"], override=True, reason="x")
    assert family.send(kommune, "fase_udvikling.begynd").position["fase_udvikling"] == "i_gang"
    assert family.send(workshop, "afhold").position == {"status": "afholdt"}


def test_a_gate_of_a_kommunes_fase_speaks_of_the_kommune_to_its_activities_too() -> None:
    """A workshop has no fase of its own: its kommune's counts."""
    family = cohort()
    (kommune,) = chosen(family, "0101")
    family.send(kommune, "forloeb.vaelg_fokusomraader", fokusomraader=["unge"], override=True, reason="x")
    workshop = family.id_of("workshop", kommune)
    assert refused(family, workshop, "afhold") == ["forkert_tilstand"]
    family.send(kommune, "fase_opstart.begynd")
    assert family.send(workshop, "afhold").position == {"status": "afholdt"}


def test_a_fase_is_planned_for_each_kommune_and_counts_from_the_day_it_began() -> None:
    """Before it begins the document's months; then the real first day; at its end both real days."""
    family = cohort()
    first, second = chosen(family, "0101", "0147")
    assert windows(family, first) == {"opstart": ["2016-11-01", "2016-12-31"]}
    family.now = at("2016-11-14")
    family.send(first, "fase_opstart.begynd")
    family.replan()
    assert windows(family, first) == {"opstart": ["2016-11-14", "2016-12-31"]}
    family.now = at("2017-01-09")
    end(family, first)
    family.replan()
    assert windows(family, first) == {"opstart": ["2016-11-14", "2017-01-09"]}
    assert windows(family, second) == {"opstart": ["2016-11-01", "2016-12-31"]}


def test_a_fase_that_ended_on_the_day_it_was_noticed_has_that_day() -> None:
    """Where nobody planned between its begin and its end, the last day is what is known."""
    family, (kommune,) = begun(1, COHORT.replace("opstart: {title: Opstartsfasen, level: kommune, when: november 2016 til december 2016}", "opstart: {title: Opstartsfasen, level: kommune}"))  # fmt: skip  # noqa: E501
    assert windows(family, kommune) is None
    family.now = at("2016-12-05")
    end(family, kommune)
    family.replan()
    assert windows(family, kommune) == {"opstart": ["2016-12-05", "2016-12-05"]}


def test_an_undated_fase_has_no_window_until_it_begins_and_then_others_hang_on_it() -> None:
    """Udviklingen has no dates in the document; what comes four weeks after it waits for its end."""
    family, (kommune, other) = begun(2)
    assert planned(family, "opfoelgning", kommune)[0] is None
    family.send(kommune, "fase_udvikling.begynd", override=True, reason="x")
    family.now = at("2017-02-01")
    end(family, kommune, "udvikling")
    assert family.decisions[-1][1].replan
    family.replan()
    assert planned(family, "opfoelgning", kommune)[0] == date(2017, 3, 1)
    assert planned(family, "opfoelgning", other)[0] is None


def test_what_lies_in_a_fase_lies_in_the_kommunes_own() -> None:
    """Interviews without a date take the window of the kommune's own opstart, not of the document's."""
    family = cohort(COHORT.replace("count: op til 3}", "count: 1-3}"))
    (kommune,) = chosen(family, "0101")
    family.now = at("2016-11-21")
    family.send(kommune, "fase_opstart.begynd")
    family.replan()
    assert planned(family, "interview", kommune)[0] == date(2016, 11, 21)


def test_a_wave_begins_so_many_weeks_later_and_says_why() -> None:
    """Eight weeks after the others, in dates and in months; what the kommuner do together stays where it is."""
    family = cohort()
    first, second = chosen(family, "0101", "0147")
    family.send(second, "forloeb.saet_boelge", boelge="anden", reason="Ny ledelse til nytår")
    assert family.decisions[-1][1].replan
    family.replan()
    assert planned(family, "dialog", first) == (date(2016, 11, 15), planned(family, "dialog", first)[1])
    day, why = planned(family, "dialog", second)
    assert day == date(2017, 1, 10)
    assert why.endswith("Kommunen er med i »Anden bølge«, som ligger 8 uger senere.")
    assert windows(family, second) == {"opstart": ["2017-01-01", "2017-02-28"]}
    assert family.snapshots[family.id_of("netvaerk")].dates.planned_start == date(2017, 1, 17)
    family.send(second, "forloeb.saet_boelge", boelge="foerste", reason="Alligevel")
    family.replan()
    assert planned(family, "dialog", second)[0] == date(2016, 11, 15)


def test_a_wave_may_be_given_at_enrolment_and_must_be_one_of_them() -> None:
    """Given with the enrolment it holds from the first plan on; a wave that there is not is refused."""
    family = cohort()
    codes = refused(family, 1, "forloeb.tilmeld_kommune", kommune="0101", boelge="tredje")
    assert codes == ["ikke_paa_listen"]
    (kommune,) = chosen(family, "0101", boelge="anden")
    assert planned(family, "dialog", kommune)[0] == date(2017, 1, 10)
    assert refused(family, kommune, "forloeb.saet_boelge", boelge="foerste") == ["mangler_begrundelse"]


def test_reminders_of_a_kommunes_fase_count_from_its_own_days() -> None:
    """One before its planned end, one long after it, which tells since when it lasts; both go when it has ended."""
    family, (kommune,) = begun(1)
    family.replan()
    armed = {timer.rule: timer for timer in family.timers[kommune].values() if timer.status is TimerStatus.ARMED}
    assert armed["kommunens_fase_slutter_snart_opstart"].local_on == date(2016, 12, 16)
    assert armed["kommunens_fase_varer_laenge_opstart"].local_on >= date(2016, 12, 31) + timedelta(weeks=8)
    assert armed["kommunens_fase_varer_laenge_opstart"].anchor_value == at("2016-11-02").isoformat()
    end(family, kommune)
    left = {timer.rule for timer in family.timers[kommune].values() if timer.status is TimerStatus.ARMED}
    assert not any(rule.startswith("kommunens_fase") for rule in left)


def test_the_assembled_workflow_survives_its_canonical_form() -> None:
    """What is repeated and left out is written out: read back it is the same workflow."""
    workflow = cohort_compiled().workflow
    assert Workflow.model_validate_json(workflow.canonical).hash == workflow.hash


@pytest.mark.parametrize("feature", ["waves", "offers", "choices", "conditional"])
def test_what_a_programme_does_not_have_is_not_asked(feature: str) -> None:
    """Without waves nobody sets one, without offers nobody takes one up, and so on."""
    document = tree(COHORT)
    frame = document["enrolment"]
    assert isinstance(frame, dict)
    frame.pop("conditional") if feature == "conditional" else document.pop(feature)
    document.pop("gates")
    machine = assemble(Programme.model_validate(document), [shipped_part("programramme")]).machines["kommune"]
    words = {"waves": "boelge", "offers": "tilbud", "choices": "fokus", "conditional": "forbehold"}
    assert not [name for name in (*machine.events, *machine.fields) if words[feature] in name]


def test_a_kommune_machine_without_births_takes_part_from_its_first_state() -> None:
    """Another frame's kommune, that begins nothing when it is chosen, takes part until it leaves."""
    workflow = cohort_compiled().workflow
    kommune = workflow.machines["kommune"]
    forloeb = kommune.regions["forloeb"]
    states = {name: state.model_copy(update={"births": None}) for name, state in forloeb.states.items()}
    regions = {**kommune.regions, "forloeb": forloeb.model_copy(update={"states": states})}
    machines = {**workflow.machines, "kommune": kommune.model_copy(update={"regions": regions})}
    compiled = Compiled(workflow.model_copy(update={"machines": machines}), cohort_compiled().calendar)
    assert compiled.gates.taking_part == {"tilmeldt", "venteliste", "deltager", "gennemfoert"}
