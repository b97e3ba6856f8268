"""Each requirement of the registry, met and not met, on relatives that decisions put there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from samskabt.engine.errors import Refused
from samskabt.engine.requirements import missing
from samskabt.engine.requiring.days import read_window, window_of
from samskabt.engine.requiring.view import View
from samskabt.engine.values import Facts, Json, Refusal, Strength
from samskabt.engine.values.kept import WINDOWS

from .core_cases import DAY, PROGRAMME, Family, alone, at, founded, refused, with_challenge, with_kommune


def refusal_of(family: Family, number: int, name: str, **given: object) -> Refusal:
    """Give the first refusal to an event."""
    with pytest.raises(Refused) as caught:
        family.send(number, name, **given)
    return caught.value.refusals[0]


def test_a_checklist_names_each_open_item_and_its_owner() -> None:
    """What is ticked, before or with the event, is not missing; the item's own owner can mend it."""
    family, kommune = with_kommune()
    family.send(kommune, "trin_1.begynd")
    family.send(kommune, "trin_1.tjek", formaal=True, intro_holdt="Det gik godt")
    refusal = refusal_of(family, kommune, "trin_1.afslut", deltagere_valgt=True, facilitator="Mette")
    assert (refusal.code, refusal.values["field"], refusal.owner) == ("mangler_flueben", "kan_ikke_laves_om", "leder")
    family.send(kommune, "trin_1.tjek", formaal=False)
    assert refusal_of(family, kommune, "trin_1.afslut").values["field"] == "formaal"


def test_a_checklist_may_name_some_of_its_items_and_its_own_owner() -> None:
    """Only the named ones count, and the requirement's owner goes before the item's."""
    family = alone(
        """
        ting:
          title: Ting
          regions:
            en:
              title: En
              checklist: {p: P, q: {title: Q, owner: leder}, r: R}
              moves:
                begynd: {title: B, move: venter -> i_gang, needs: {checklist: [q], owner: chef, strength: hard}}
        """
    )
    refusal = refusal_of(family, 1, "begynd")
    assert (refusal.values["field"], refusal.owner, refusal.strength) == ("q", "chef", Strength.HARD)
    assert family.send(1, "begynd", q=True).position == {"en": "i_gang"}


def test_fields_are_filled_in_the_data_or_with_the_event() -> None:
    """An empty text is no answer."""
    family, kommune = with_kommune()
    challenge = with_challenge(family, kommune)
    family.send(challenge, "beskriv", beskrivelse="Lange køer", hvorfor=" ")
    assert refused(family, challenge, "prioriter", aktier=["borgerne"]) == ["mangler_felt"]
    assert family.send(challenge, "prioriter", aktier=["borgerne"], hvorfor="Vrede").position == {
        "status": "prioriteret"
    }


def test_the_parent_must_stand_in_a_state() -> None:
    """A parked challenge is taken up again while its kommune takes part."""
    family, kommune = with_kommune()
    challenge = with_challenge(family, kommune)
    family.send(challenge, "parker", reason="Ikke nu")
    family.snapshots[kommune] = replace(
        family.snapshots[kommune], position={**family.snapshots[kommune].position, "forloeb": "trukket"}
    )
    refusal = refusal_of(family, challenge, "genoptag")
    assert (refusal.code, refusal.values["kind"], refusal.values["state"]) == ("forkert_tilstand", "kommune", "trukket")


def test_the_programme_must_stand_in_a_state() -> None:
    """A gate may ask how far the programme is."""
    need = "{programme: {region: forloeb, in: i_gang}}"
    family, _ = gated(GATED.replace("{activity: kursus, attended: true, strength: hard}", need))
    work = family.id_of("arbejde")
    assert refusal_of(family, work, "begynd").values["state"] == "tilmelding"
    family.send(1, "forloeb.luk_tilmelding")
    assert family.send(work, "begynd").position == {"status": "i_gang"}


def test_children_are_counted_by_number_share_or_all() -> None:
    """Half of three is two; all means all, and at least one unless none is enough."""
    family, kommune = with_kommune()
    numbers = [with_challenge(family, kommune) for _ in range(3)]
    for number in numbers:
        family.send(number, "prioriter", override=True, reason="x")
    assert refusal_of(family, kommune, "trin_6.begynd").values["want"] == 2
    for number in numbers[:2]:
        family.send(number, "parker", reason="x")
    family.send(kommune, "trin_6.begynd")
    refusal = refusal_of(family, kommune, "trin_6.afslut", laering="Meget", naeste_skridt="Mere")
    assert [refusal.values[name] for name in ("have", "want", "of")] == [2, 3, 3]
    assert refusal.values["lacking"] == ["Ventetid"]


def test_children_that_lack_fields_are_told_of() -> None:
    """One stands in the right place but is not described: the refusal says that fields are missing."""
    family, kommune = with_kommune()
    challenge = with_challenge(family, kommune)
    family.send(challenge, "prioriter", override=True, reason="x")
    with pytest.raises(Refused) as caught:
        family.send(kommune, "trin_2.afslut")
    codes = [refusal.code for refusal in caught.value.refusals]
    assert codes == ["forkert_tilstand", "mangler_flueben", "for_faa"]
    assert caught.value.refusals[2].values["fields"] == ["beskrivelse", "hvorfor", "aktier"]


def test_a_programme_without_kommuner_may_end() -> None:
    """All of none is fulfilled where the definition says that none is enough."""
    family = founded()
    family.send(1, "forloeb.begynd")
    assert refused(family, 1, "forloeb.afslut") == ["stadig_aabent"]
    ended = family.send(1, "forloeb.afslut", override=True, reason="Resten lukkes")
    assert ended.position["forloeb"] == "afsluttet" and ended.closes


def test_every_one_of_a_counted_activity_must_be_held() -> None:
    """One of two visits is not enough; the refusal says when the next is planned."""
    family, kommune = with_kommune()
    first, second = family.id_of("besoeg", kommune), family.id_of("besoeg#2", kommune)
    plan = family.id_of("plan", kommune)
    family.now = at("2019-03-20")
    family.send(first, "afhold")
    family.send(second, "planlaeg", dato="2019-04-24")
    refusal = refusal_of(family, plan, "begynd")
    assert (refusal.code, refusal.values["planned"]) == ("mangler_aktivitet", "2019-04-24")
    family.send(second, "afhold")
    assert family.send(plan, "begynd").position == {"status": "i_gang"}


@pytest.mark.parametrize("asked", ["voluntary: true", "count: op til 3"])
def test_nobody_waits_for_what_is_held_only_where_somebody_asks(asked: str) -> None:
    """A voluntary visit that nobody asked for holds nothing up; one that is planned does until it is held."""
    need = "{activity: besoeg, strength: hard}"
    visit = f"  besoeg: {{title: Besøg, kind: meeting, level: kommune, {asked}}}"
    tail = GATED.replace("{activity: kursus, attended: true, strength: hard}", need).replace(
        "gates:", f"{visit}\ngates:"
    )
    family, kommune = gated(tail)
    work = family.id_of("arbejde", kommune)
    assert family.send(work, "begynd").position == {"status": "i_gang"}
    family, kommune = gated(tail)
    family.send(kommune, "forloeb.tilfoej_aktivitet", aktivitet="besoeg")
    assert refused(family, family.id_of("arbejde", kommune), "begynd") == ["mangler_aktivitet"]


GATED = """
activities:
  kursus: {title: Kursus, kind: meeting, level: cross}
  arbejde: {title: Arbejde, kind: planning, level: kommune}
gates:
  deltog: {title: T, before: arbejde, strength: hard, scope: kommune,
           needs: [{activity: kursus, attended: true, strength: hard}]}
"""


def gated(tail: str = GATED) -> tuple[Family, int]:
    """Give a programme with a course across kommuner and work that wants it."""
    head = PROGRAMME.split("activities:")[0]
    return with_kommune(founded(head + tail))


def test_an_activity_that_was_held_without_the_kommune_does_not_count() -> None:
    """Where attendance is asked for, the own kommune must be among those who came."""
    family, kommune = gated()
    work, course = family.id_of("arbejde"), family.id_of("kursus")
    assert refused(family, work, "begynd") == ["mangler_aktivitet"]
    family.send(course, "afhold", fremmoedte=["0147"])
    assert refused(family, work, "begynd", override=True, reason="x") == ["deltog_ikke"]
    assert family.snapshots[kommune].identity.kommune == "0101"


def test_an_activity_without_a_list_of_those_who_came_counts_for_all() -> None:
    """Nobody wrote down who was there: nobody is held back."""
    family, _ = gated()
    family.send(family.id_of("kursus"), "afhold")
    assert family.send(family.id_of("arbejde"), "begynd").position == {"status": "i_gang"}


def test_a_place_is_taken_by_those_who_take_part() -> None:
    """The third kommune of two places is told who has them; when one leaves there is room."""
    family, first = with_kommune()
    family, _ = with_kommune_late(family, "0147")
    third = enrolled(family, "0151")
    refusal = refusal_of(family, third, "forloeb.vaelg")
    assert (refusal.code, refusal.values["capacity"]) == ("ingen_plads", 2)
    assert refusal.values["taken"] == ["Kommune 0101", "Kommune 0147"]
    family.send(first, "forloeb.traek", reason="Ingen tid")
    assert family.send(third, "forloeb.vaelg").position["forloeb"] == "deltager"


def with_kommune_late(family: Family, code: str) -> tuple[Family, int]:
    """Enrol another kommune as of January, and choose it."""
    number = enrolled(family, code)
    family.send(number, "forloeb.vaelg")
    return family, number


def enrolled(family: Family, code: str) -> int:
    """Register an enrolment of January."""
    family.send(1, "forloeb.tilmeld_kommune", at("2019-01-20"), kommune=code, titel=f"Kommune {code}")
    return family.id_of(code)


def test_the_deadline_counts_when_it_happened_not_when_it_was_registered() -> None:
    """On the last day is in time, the day after is not; registered a month later makes no difference."""
    family = founded()
    family.send(1, "forloeb.aabn_tilmelding")
    family.now = at("2019-03-01")
    assert refused(family, 1, "forloeb.tilmeld_kommune", at("2019-02-02"), kommune="0101") == ["fristen_er_overskredet"]
    late = at("2019-02-01", "22:30")
    assert family.send(1, "forloeb.tilmeld_kommune", late, kommune="0101").births
    midnight = at("2019-02-01", "23:00")
    assert refused(family, 1, "forloeb.tilmeld_kommune", midnight, kommune="0147") == ["fristen_er_overskredet"]


def test_nobody_is_chosen_before_the_deadline_has_passed() -> None:
    """On its last day it is too early; soft, so it yields."""
    family = founded()
    family.send(1, "forloeb.aabn_tilmelding")
    number = enrolled_now(family)
    family.now = at("2019-02-01")
    assert refused(family, number, "forloeb.vaelg") == ["fristen_er_ikke_udloebet"]
    family.now += DAY
    assert family.send(number, "forloeb.vaelg").position["forloeb"] == "deltager"


def enrolled_now(family: Family) -> int:
    """Enrol a kommune at once."""
    family.send(1, "forloeb.tilmeld_kommune", kommune="0101")
    return family.id_of("0101")


def test_no_date_holds_nobody_back() -> None:
    """A programme without a deadline is never late, and never early."""
    family, _ = with_kommune(founded(PROGRAMME.replace("enrolment: {deadline: 1. februar 2019}", "")))
    assert "enrolment" not in family.snapshots[1].data[WINDOWS]  # type: ignore[operator]


ACTIVITY_DATES = """
activities:
  kursus: {title: Kursus, kind: meeting, level: programme, when: 14. marts 2019}
  arbejde: {title: Arbejde, kind: planning, level: programme}
gates:
  efter: {title: T, before: arbejde, strength: soft, scope: programme, needs: [{not_before: kursus}]}
"""


def test_an_activity_may_be_a_deadline_by_its_days() -> None:
    """Its planned days count until it has happened, then the days on which it did."""
    family, _ = gated(ACTIVITY_DATES)
    work, course = family.id_of("arbejde"), family.id_of("kursus")
    family.now = at("2019-03-14")
    assert refusal_of(family, work, "begynd").values["last"] == "2019-03-14"
    family.send(course, "afhold", at("2019-03-12"))
    assert family.send(work, "begynd", at("2019-03-13")).position == {"status": "i_gang"}


def test_dated_means_a_day_not_a_window() -> None:
    """A meeting whose plan is an exact day stands as planned; one with a derived window waits for a date."""
    family = founded()
    assert family.snapshots[2].position == {"status": "planlagt"}
    assert family.snapshots[3].position == {"status": "afventer"}
    machines = """
    ting: {title: T, regions: {en: {title: E, moves: {gaa: {title: G, move: venter -> i_gang, needs: dated}}}}}
    """
    assert refused(alone(machines), 1, "gaa") == ["mangler_dato"]


def test_a_requirement_without_its_relative_holds() -> None:
    """What has no parent, or no programme, is not held back by one."""
    machines = """
    ting:
      title: T
      regions:
        en:
          title: E
          moves:
            gaa: {title: G, move: venter -> i_gang, needs: [PARENT, {programme: {region: x, in: y}}]}
    """
    family = alone(machines.replace("PARENT", "{parent: {region: x, in: y}}"))
    snapshot = replace(family.snapshot(1), facts=Facts())
    move = family.compiled.firings("ting", "gaa")[0].move
    view = View(family.compiled, snapshot.identity, "en", {}, {}, snapshot.dates, Facts(), family.event("gaa"))
    assert [missing(need, view) for need in move.needs] == [(), ()]
    assert window_of("enrolment", view) == (None, None)


@pytest.mark.parametrize("value", [None, "2019-01-01", ["2019-01-01"]])
def test_what_is_no_window_has_no_days(value: Json) -> None:
    """An odd value in the data is an open window, not a crash."""
    assert read_window(value) == (None, None)


def test_a_window_may_be_open_at_either_end() -> None:
    """Null stands for what is not known."""
    assert read_window([None, "2019-01-01"]) == (None, date(2019, 1, 1))
