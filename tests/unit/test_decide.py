"""From an event to a decision: moves, overrides, several moves at once, births and joins."""

from __future__ import annotations

from dataclasses import replace

import pytest
from samskabt.engine.decide import decide, found
from samskabt.engine.errors import InvalidInput, NotFound, NotStable, Refused
from samskabt.engine.values import SYSTEM, Birth, Event, Json, Strength

from .core_cases import DAY, alone, at, founded, refused, with_challenge, with_kommune

TICKS = ["formaal", "kan_ikke_laves_om", "ledelsesopbakning", "med_droeftet", "deltagere_valgt", "facilitator"]

TURN = """
ting:
  title: Ting
  fields: {note: Note, kind: Slags}
  regions:
    frem:
      title: Frem
      states: {a: A, b: B, c: C, slut: {title: Slut, final: true}}
      moves:
        videre: {title: Videre, move: a -> b, takes: note}
        noter: {title: Notér, in: "*", takes: note}
        igen: {title: Igen, move: b -> a, back: true}
        stop: {title: Stop, move: "* -> slut"}
    side:
      title: Side
      states: {ude: Ude, inde: Inde}
      moves:
        ind: {title: Ind, move: ude -> inde, needs: {own: {region: frem, in: b}}, wants: reason}
  together:
    begge: {title: Begge, moves: [frem.videre, side.ind]}
"""


def test_a_move_changes_its_region_and_nothing_else() -> None:
    """Position, entry and history follow; the other region stays as it was."""
    family = alone(TURN)
    decision = family.send(1, "frem.videre", note="hej")
    assert decision.position == {"frem": "b", "side": "ude"}
    assert (decision.entered["frem"].seq, decision.entered["side"].seq) == (2, 1)
    assert decision.data == {"note": "hej"}
    assert [(step.region, step.source, step.dest) for step in decision.steps] == [("frem", "a", "b")]


def test_a_move_that_stays_does_not_enter_again() -> None:
    """An internal move writes a row and data; the entry, and so every timer, stands."""
    family = alone(TURN)
    before = family.snapshots[1].entered
    decision = family.send(1, "frem.noter", note="hej")
    assert decision.entered == before
    assert decision.steps[0].undo == {"data": {"note": None}}
    assert family.snapshots[1].revision == 2


def test_any_source_fires_from_every_state_that_is_not_final() -> None:
    """``* -> slut`` works from a and from b, and not from the end."""
    family = alone(TURN)
    family.send(1, "frem.videre")
    assert family.send(1, "frem.stop").position["frem"] == "slut"
    assert refused(family, 1, "frem.stop") == ["ikke_muligt_nu"]
    assert refused(family, 1, "frem.noter") == ["ikke_muligt_nu"]


def test_moves_back_count_rounds() -> None:
    """Every move back is a new round of the instance."""
    family = alone(TURN)
    for _ in range(3):
        family.send(1, "frem.videre")
        family.send(1, "frem.igen")
    assert family.snapshots[1].data["runder"] == 3


def test_moves_together_are_all_or_nothing() -> None:
    """The second move lacks its reason: the first does not happen either."""
    family = alone(TURN)
    assert refused(family, 1, "begge") == ["mangler_begrundelse"]
    decision = family.send(1, "begge", reason="vi kan")
    assert decision.position == {"frem": "b", "side": "inde"}
    assert [step.region for step in decision.steps] == ["frem", "side"]


def test_later_moves_are_judged_as_if_the_earlier_had_happened() -> None:
    """The first being refused, the second is not blamed for what the first would have mended."""
    family, kommune = with_kommune()
    family.send(kommune, "faelles_workshop")
    codes = refused(family, kommune, "afslut_trin_1_og_2")
    assert "forkert_tilstand" not in codes
    assert codes.count("mangler_flueben") == 9 and codes.count("for_faa") == 1


def test_everything_that_is_missing_is_told_at_once() -> None:
    """Hard and soft, of time, wishes, days and requirements: one list."""
    family, kommune = with_kommune()
    family.now = at("2019-02-03")
    third = refused(family, 2, "planlaeg", dato="2020-05-03", slut="2020-05-01")
    assert third == ["ikke_muligt_nu"]
    codes = refused(family, 3, "planlaeg", at("2018-12-01"), dato="2020-05-03", slut="2020-05-01")
    assert codes == ["foer_seneste_skridt", "slut_foer_start", "uden_for_programmet", "lukket_dag"]
    assert family.snapshots[kommune].position["forloeb"] == "deltager"


def test_a_kommune_twice_and_too_late_hears_both() -> None:
    """That it is in already does not hide that the deadline has passed."""
    family, _ = with_kommune()
    assert refused(family, 1, "forloeb.tilmeld_kommune", kommune="0101") == [
        "allerede_tilmeldt",
        "fristen_er_overskredet",
    ]


def test_soft_requirements_yield_to_an_override_with_a_reason() -> None:
    """The override is recorded on the row: which requirements yielded, and why."""
    family, kommune = with_kommune()
    family.send(kommune, "trin_1.begynd")
    decision = family.send(kommune, "trin_1.afslut", override=True, reason="Vi tager det senere", formaal=True)
    assert decision.position["trin_1"] == "afsluttet"
    assert decision.steps[0].overridden == ("mangler_flueben",) * 7
    assert decision.event.reason == "Vi tager det senere"


def test_soft_requirements_do_not_yield_without_a_reason_or_without_an_override() -> None:
    """A reason alone overrides nothing, and an override wants a reason."""
    family, kommune = with_kommune()
    family.send(kommune, "trin_1.begynd")
    assert refused(family, kommune, "trin_1.afslut", override=True) == ["mangler_begrundelse"]
    assert refused(family, kommune, "trin_1.afslut", override=True, reason="") == ["mangler_begrundelse"]
    assert refused(family, kommune, "trin_1.afslut", reason="fordi") == ["mangler_flueben"] * 8


def test_hard_requirements_never_yield() -> None:
    """Trin 2 cannot begin before trin 1, whatever the reason."""
    family, kommune = with_kommune()
    assert refused(family, kommune, "trin_2.begynd", override=True, reason="fordi") == ["forkert_tilstand"]


def test_an_override_that_nothing_needs_records_nothing() -> None:
    """Asking for an override where all is in place leaves no mark."""
    family = alone(TURN)
    assert family.send(1, "frem.videre", override=True, reason="for en sikkerheds skyld").steps[0].overridden == ()


def test_the_future_is_refused() -> None:
    """Nothing can be registered before it has happened."""
    family = alone(TURN)
    assert refused(family, 1, "frem.videre", family.now + DAY) == ["i_fremtiden"]


def test_what_happened_before_the_last_step_is_refused() -> None:
    """A region's history runs forward; the same instant is allowed."""
    family = alone(TURN)
    family.send(1, "frem.videre")
    family.now += DAY
    assert refused(family, 1, "frem.igen", at("2019-01-01")) == ["foer_seneste_skridt"]
    assert family.send(1, "frem.igen", at("2019-01-02")).position["frem"] == "a"


def test_an_unknown_event_or_field_lists_what_there_is() -> None:
    """The way out stands in the error."""
    family = alone(TURN)
    with pytest.raises(NotFound, match=r"frem\.videre"):
        family.send(1, "frem.vidre")
    with pytest.raises(NotFound, match="note"):
        family.send(1, "frem.videre", nte="hej")
    with pytest.raises(NotFound, match="ting"):
        family.compiled.machine("thing")


def test_a_programme_bears_the_activities_of_its_level() -> None:
    """Once for the programme, across kommuner and evaluations; not the kommuner's, nor what an event lives."""
    family = founded()
    assert [family.snapshots[number].identity.key for number in range(2, 5)] == ["opstart", "temadag", "baseline"]
    assert len(family.snapshots) == 4


def test_a_chosen_kommune_bears_its_own_activities_as_often_as_counted() -> None:
    """Two visits and a plan, under the kommune, each with its number in the title."""
    family, kommune = with_kommune()
    born = [one for one in family.snapshots.values() if one.identity.parent_id == kommune]
    assert [one.identity.key for one in born] == ["besoeg", "besoeg#2", "plan"]
    assert [one.title for one in born][:2] == ["Besøg (1 af 2)", "Besøg (2 af 2)"]
    assert {one.identity.kommune for one in born} == {"0101"}


def test_a_birth_takes_the_data_of_the_event() -> None:
    """A challenge has its title and what was said of it; the kommune's own data has none of it."""
    family, kommune = with_kommune()
    number = with_challenge(family, kommune, "Ventetid")
    challenge = family.snapshots[number]
    assert (challenge.title, challenge.identity.kommune, challenge.data) == ("Ventetid", "0101", {"titel": "Ventetid"})
    assert "titel" not in family.snapshots[kommune].data


def test_newborns_have_keys_that_no_other_has() -> None:
    """Two challenges with the same title are two."""
    family, kommune = with_kommune()
    numbers = [with_challenge(family, kommune, "Ventetid") for _ in range(3)]
    assert len({family.snapshots[number].identity.key for number in numbers}) == 3


def test_a_programme_is_founded_by_its_own_first_decision() -> None:
    """The birth is a step like any other: position and data are in it, and nothing is undone by it."""
    family = founded()
    birth = found(family.compiled, family.event("grundlaeg"), "Nyt", {"kommune": None})
    assert isinstance(birth, Birth) and birth.first.steps[0].changes == {"position": birth.first.position}
    assert birth.first.steps[0].undo == {}


def test_a_planned_day_is_kept_and_who_set_it() -> None:
    """A person's day is exact, lasts as long as the activity, and is theirs."""
    family = founded()
    decision = family.send(3, "planlaeg", dato="2019-05-06", reason="Salen er ledig")
    assert (decision.dates.planned_start, decision.dates.planned_end) == (at("2019-05-06").date(),) * 2
    assert (decision.dates.precision, decision.dates.fixed_by, decision.dates.reason) == ("day", "7", "Salen er ledig")
    assert "dato" not in decision.data


def test_a_period_is_kept_as_given() -> None:
    """The last day may be given; then it wins over the length."""
    family = founded()
    decision = family.send(4, "planlaeg", dato="2019-05-06", slut="2019-05-24")
    assert decision.dates.planned_end == at("2019-05-24").date()
    with pytest.raises(InvalidInput, match="slut"):
        family.send(4, "planlaeg", dato="2019-05-06", slut="fredag")


def test_a_planned_day_stays_within_the_programme() -> None:
    """Its day before the first or its end after the last is refused, and the refusal names the day that is outside."""
    family = founded()
    for given, outside in (
        ({"dato": "2018-12-03", "slut": "2019-01-03"}, "2018-12-03"),
        ({"dato": "2019-12-02", "slut": "2020-01-03"}, "2020-01-03"),
    ):
        with pytest.raises(Refused) as caught:
            family.send(4, "planlaeg", **given)
        assert caught.value.refusals[0].values["day"] == outside


def test_a_closed_day_wants_an_override() -> None:
    """A Sunday is a warning that yields, and says which day is open."""
    family = founded()
    with pytest.raises(Refused) as caught:
        family.send(3, "planlaeg", dato="2019-05-05")
    assert [(one.code, one.strength, one.values["next"]) for one in caught.value.refusals] == [
        ("lukket_dag", Strength.SOFT, "2019-05-06")
    ]
    decision = family.send(3, "planlaeg", dato="2019-05-05", override=True, reason="Borgerne kan kun der")
    assert decision.steps[0].overridden == ("lukket_dag",)


def test_actual_days_follow_what_happened() -> None:
    """A meeting that was held has both its days; a task its first when it begins and its last when it ends."""
    family, kommune = with_kommune()
    family.now = at("2019-03-20")
    held = family.send(2, "afhold", at("2019-03-14"))
    assert (held.dates.actual_start, held.dates.actual_end) == (at("2019-03-14").date(),) * 2
    plan = family.id_of("plan", kommune)
    soft = {"override": True, "reason": "Uden besøg"}
    family.send(plan, "begynd", at("2019-03-15"), **soft)
    ended = family.send(plan, "afslut", at("2019-03-18"), **soft)
    assert (str(ended.dates.actual_start), str(ended.dates.actual_end)) == ("2019-03-15", "2019-03-18")


def test_calling_people_in_fixes_the_day() -> None:
    """Once somebody has been called in, no plan moves the day; who set it first is kept."""
    family = founded()
    assert family.snapshots[2].dates.fixed_by is None
    assert family.send(2, "indkald").dates.fixed_by == "7"


def test_joins_run_until_none_holds() -> None:
    """A chain of joins is taken in one decision, each with its own row."""
    machine = """
    ting:
      title: Ting
      regions:
        en: {title: En, states: {a: A, b: B}, moves: {gaa: a -> b}}
        to: {title: To, states: {a: A, b: B, c: C}}
      joins:
        - {region: to, move: b -> c, when: {own: {region: en, in: b}}}
        - {region: to, move: a -> b, when: {own: {region: en, in: b}}}
    """
    family = alone(machine)
    decision = family.send(1, "en.gaa")
    assert decision.position == {"en": "b", "to": "c"}
    assert [step.kind.value for step in decision.steps] == ["event", "join", "join"]
    assert decision.entered["to"].seq == 4


def test_joins_that_do_not_rest_are_an_error_of_the_definition() -> None:
    """Two joins that undo each other are found out, not run for ever."""
    machine = """
    ting:
      title: Ting
      regions:
        en: {title: En, states: {a: A, b: B}, moves: {gaa: a -> b}}
        to: {title: To, states: {a: A, b: B}}
      joins:
        - {region: to, move: a -> b, when: {own: {region: en, in: b}}}
        - {region: to, move: b -> a, when: {own: {region: en, in: b}}}
    """
    family = alone(machine)
    with pytest.raises(NotStable, match="do not come to rest"):
        family.send(1, "en.gaa")
    assert family.snapshots[1].position == {"en": "a", "to": "a"}


def test_a_join_never_goes_behind_its_regions_last_step() -> None:
    """A child's late registration moves the parent's region no earlier than where that region stands."""
    family, kommune = with_kommune()
    challenge = with_challenge(family, kommune)
    family.now += 10 * DAY
    late = family.now - 5 * DAY
    family.send(challenge, "prioriter", late, override=True, reason="x")
    family.send(challenge, "begynd_trin_3", late, override=True, reason="x")
    family.now += DAY
    family.tick()
    assert family.snapshots[kommune].entered["trin_3"].at == late


def test_a_plan_writes_only_what_differs() -> None:
    """The same days again are no row of history."""
    family = founded()
    before = family.snapshots[3].revision
    data: dict[str, Json] = {"dates": {"planned_start": "2019-04-25", "planned_end": "2019-04-25"}}
    event = Event("planlaeg_om", family.now, family.now, SYSTEM, data)
    decision = family.record(3, decide(family.compiled, family.snapshot(3), event, family.now))
    assert decision.steps == () and not decision.replan and family.snapshots[3].revision == before
    odd = replace(event, data={"dates": "i morgen", "data": 3})
    assert decide(family.compiled, family.snapshot(3), odd, family.now).steps == ()


def test_a_kommune_that_leaves_is_told_of() -> None:
    """Withdrawing ends its roles; being chosen does not."""
    family, kommune = with_kommune()
    assert family.send(kommune, "forloeb.traek", reason="Ingen tid").leaves
    assert not any(decision.leaves for _, decision in family.decisions[:-1])


def test_days_on_which_others_hang_ask_for_a_new_plan() -> None:
    """A moved opening, new activities and an ended trin do; a plain remark does not."""
    family = founded()
    family.send(2, "indkald")
    assert family.send(2, "flyt", dato="2019-03-19", reason="Strejke").replan
    assert not family.send(3, "planlaeg", dato="2019-05-06").replan
    family, kommune = with_kommune(family)
    chosen = [decision for number, decision in family.decisions if number == kommune and decision.births]
    assert [decision.replan for decision in chosen] == [True]
    family.send(kommune, "trin_1.begynd")
    assert not family.send(kommune, "trin_1.tjek", formaal=True).replan
    assert family.send(kommune, "trin_1.afslut", override=True, reason="x").replan
