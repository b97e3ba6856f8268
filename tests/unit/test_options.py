"""What may happen next, and what is missing for the rest."""

from __future__ import annotations

from samskabt.engine.options import options
from samskabt.engine.values import Json, Option, StepKind

from .core_cases import Family, at, founded, refused, with_challenge, with_kommune


def offered(family: Family, number: int) -> dict[str, Option]:
    """Give the options of an instance by their events."""
    return {one.event: one for one in options(family.compiled, family.snapshot(number), family.now)}


def fitting(family: Family, number: int, name: str) -> Json:
    """Give a value that a field takes."""
    kind = family.snapshots[number].identity.kind
    if name == "aktivitet":
        return "plan" if kind == "kommune" else "temadag"
    values: dict[str, Json] = {"date": "2019-03-14", "bool": True, "kommuner": ["0101"]}
    return values.get(family.compiled.machine(kind).all_fields[name].type, "ord")


def test_only_what_starts_from_here_is_offered() -> None:
    """A kommune that has just been chosen may begin trin 1 but not end it, and not be chosen again."""
    family, kommune = with_kommune()
    names = list(offered(family, kommune))
    assert "trin_1.begynd" in names and "faelles_workshop" in names
    assert "trin_1.afslut" not in names and "forloeb.vaelg" not in names


def test_options_stand_in_the_order_of_the_definition() -> None:
    """A face lists them as the method does."""
    family, kommune = with_kommune()
    names = list(offered(family, kommune))
    events = list(family.compiled.machine("kommune").events)
    assert names == sorted(names, key=events.index)


def test_an_option_says_what_is_missing_and_what_it_takes() -> None:
    """Trin 1 may end when its checklist is ticked; the event takes the items along."""
    family, kommune = with_kommune()
    family.send(kommune, "trin_1.begynd")
    afslut = offered(family, kommune)["trin_1.afslut"]
    assert not afslut.may
    assert {refusal.values["field"] for refusal in afslut.missing} == set(afslut.takes)
    assert (afslut.source, afslut.dest) == ("i_gang", "afsluttet")


def test_an_option_that_may_happen_is_not_refused() -> None:
    """Where nothing is missing and what it wants is given, ``decide`` says yes; it never says no to ``may``."""
    family, kommune = with_kommune()
    with_challenge(family, kommune)
    for number in list(family.snapshots):
        for event, option in offered(family, number).items():
            given = {name: fitting(family, number, name) for name in option.wants if name != "reason"}
            if option.may and event != "forloeb.tilmeld_kommune":
                trial = Family(family.compiled, dict(family.snapshots), now=family.now)
                trial.timers = {key: dict(value) for key, value in family.timers.items()}
                trial.history = {key: list(value) for key, value in family.history.items()}
                decision = trial.send(number, event, reason="fordi", **given)
                assert [step.kind for step in decision.steps][:1] == [StepKind.EVENT], event


def test_an_event_of_several_moves_is_offered_once_with_its_own_title() -> None:
    """Trin 1 and 2 in one workshop is one line; offered as long as both wait."""
    family, kommune = with_kommune()
    both = offered(family, kommune)["faelles_workshop"]
    assert (both.title, both.region, both.dest) == ("Begynd trin 1 og 2 i én workshop", "trin_1", "i_gang")
    family.send(kommune, "trin_1.begynd")
    assert "faelles_workshop" not in offered(family, kommune)


def test_what_is_wanted_is_not_also_taken() -> None:
    """A day is wanted once; ``reason`` is among what is wanted, never among the fields."""
    family = founded()
    family.send(2, "indkald")
    flyt = offered(family, 2)["flyt"]
    assert flyt.wants == ("dato", "reason")
    assert set(flyt.takes) == {"slut", "sted", "kl", "slut_kl"}


def test_nothing_is_offered_at_the_end() -> None:
    """A programme that is called off offers nothing in its own region any more."""
    family = founded()
    family.send(1, "forloeb.aflys", reason="Ingen penge")
    assert not any(event.startswith("forloeb.") for event in offered(family, 1))


def test_a_kommune_that_has_left_is_offered_nothing_of_its_trin() -> None:
    """Nothing there could happen in earnest; one that has come through may still note what it learnt."""
    family, kommune = with_kommune()
    with_challenge(family, kommune)
    family.send(kommune, "forloeb.traek", reason="Ingen tid")
    assert list(offered(family, kommune)) == []
    assert refused(family, kommune, "trin_1.afslut", override=True, reason="x") == ["forkert_tilstand"]
    other, through = with_kommune()
    other.send(through, "faelles_workshop")
    other.send(through, "forloeb.gennemfoer", override=True, reason="x")
    assert set(offered(other, through)) == {"trin_1.tjek", "trin_1.noter", "trin_2.tjek", "trin_2.noter"}


def test_what_comes_late_may_be_noted_after_the_end() -> None:
    """The minutes of a meeting are approved when everybody has long followed it up."""
    family = founded()
    family.now = at("2019-03-20")
    for event, data in (("afhold", {}), ("foelg_op", {"udbytte": "Gode samtaler"})):
        family.send(2, event, **data)
    assert list(offered(family, 2)) == ["noter"]
    paper = {"titel": "Referat", "adresse": "https://arkiv.dk/1", "godkendt_af": "Styregruppen"}
    family.send(2, "noter", dokumenter=[paper])
    assert family.snapshots[2].data["dokumenter"] == [paper]


def test_options_change_nothing() -> None:
    """Asking twice gives the same answer, and the snapshot stays as it was."""
    family, kommune = with_kommune()
    before = family.snapshot(kommune)
    first = options(family.compiled, before, family.now)
    assert options(family.compiled, before, family.now) == first
    assert before == family.snapshot(kommune)
