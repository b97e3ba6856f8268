"""Success criteria: computed, aimed at by each kommune, or judged by people; each status with its sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from samskabt.engine.definition.document.measuring import Criterion, Measure, Target
from samskabt.engine.measuring import Registration, Subject
from samskabt.engine.measuring.criteria import Answer, Judged, Status, answer
from samskabt.engine.measuring.results import Material
from samskabt.engine.measuring.windows import WindowState

from .core_cases import PERSON
from .test_measuring_results import COUNT, HIDDEN, MEAN, NOW, SHARE, TRUTH, material, row

NOBODY = Judged((), (), {}, False)
ENOUGH = Criterion(title="Nok", measure="x", target=Target(value=75), measured_by="midtvejs", base="medarbejdere", n=40)


def said(
    criterion: Criterion, *rows: Registration, measure: Measure = SHARE, judged: Judged = NOBODY, **more: WindowState
) -> Answer:
    """Answer a criterion called c over the measure x, in the midway window."""
    return answer("c", criterion, {"x": measure}, material(*rows, **more), judged)  # type: ignore[arg-type]


def wording(answer: Answer) -> tuple[Status, str]:
    """Give status and sentence."""
    return answer.status, answer.text


def verdict(yes: int, kommune: str | None = None, note: str = "") -> Registration:
    """Judge the criterion c."""
    one = Registration(1, 5, Subject.VERDICT, "c", date(2020, 10, 5), NOW, PERSON)
    return replace(one, yes=yes, n=1, kommune=kommune, note=note)


def target(value: float, kommune: str, group: str = "") -> Registration:
    """Aim at a number for the criterion c."""
    one = Registration(1, 5, Subject.TARGET, "c", date(2019, 10, 5), NOW, PERSON)
    return replace(one, value=value, kommune=kommune, group=group)


def test_a_share_is_met_by_exactly_its_target() -> None:
    """Thirty of forty are 75 pct.; the sentence tells the base and the turnout."""
    assert wording(said(ENOUGH, row(3, yes=30, n=40))) == (
        Status.MET,
        "75 pct. (30 af 40 svar). Målet er mindst 75 pct. 40 af 40 medarbejdere har svaret.",
    )


def test_a_share_just_below_is_not_met_and_looks_like_it() -> None:
    """All kommuner are weighed by their answers."""
    found = said(ENOUGH, row(3, yes=2249, n=3000), row(4, yes=0, n=0, kommune="0253"))
    assert found.status is Status.NOT_MET and found.text.startswith("74,97 pct. (2.249 af 3.000 svar).")


def test_without_a_known_number_the_base_is_those_who_answered() -> None:
    """And without a base nothing is said of it."""
    unknown = ENOUGH.model_copy(update={"n": None})
    assert said(unknown, row(3, yes=4, n=5)).text.endswith("Det er en andel af dem, der har svaret: medarbejdere.")
    silent = unknown.model_copy(update={"base": ""})
    assert said(silent, row(3, yes=4, n=5)).text.endswith("Målet er mindst 75 pct.")


def test_before_the_window_has_closed_it_is_too_early() -> None:
    """Open or ahead, with the day on which it ends; a measure without windows is not measured."""
    for state, words in ((WindowState.OPEN, "er ikke lukket"), (WindowState.AHEAD, "er ikke begyndt")):
        found = said(ENOUGH, row(3, yes=4, n=5), state=state)
        assert found.status is Status.TOO_EARLY and found.text.startswith(f"»Midtvejs« {words}")
    one = said(ENOUGH.model_copy(update={"per_site": True}), row(3, yes=4, n=5), state=WindowState.OPEN)
    assert one.parts[0].text == "»Midtvejs« er ikke lukket; den slutter efter planen 5.4.2020. Målet er mindst 75 pct."
    nowhere = ENOUGH.model_copy(update={"measured_by": None})
    empty = replace(material(), windows=())
    assert answer("c", nowhere, {"x": SHARE}, empty, NOBODY).status is Status.NOT_MEASURED


def test_nobody_answering_is_not_measured() -> None:
    """A closed window without answers says so; without a named evaluation the last one counts."""
    last = ENOUGH.model_copy(update={"measured_by": None})
    assert wording(said(last)) == (Status.NOT_MEASURED, "Ingen har svaret. Målet er mindst 75 pct.")


def test_means_and_counts_have_targets_of_their_own_unit() -> None:
    """At most ten minutes; exactly seven; and a yes."""
    time = Criterion(title="Tid", measure="x", target=Target(op="<=", value=10, unit="minutter"))
    assert wording(said(time, row(3, value=9.5, n=4), measure=MEAN)) == (
        Status.MET,
        "9,5 minutter (4 svar). Målet er højst 10 minutter.",
    )
    seven = Criterion(title="Syv", measure="x", target=Target(op="==", value=7, unit="antal"))
    assert said(seven, row(3, value=6.0), measure=COUNT).status is Status.NOT_MET
    truth = Criterion(title="Alle", measure="x", target=Target(value=100))
    assert said(truth, row(3, yes=1, n=1), measure=TRUTH).status is Status.MET


def test_too_few_answers_are_never_told() -> None:
    """Neither in all, nor of one kommune, nor of a group that could be reckoned."""
    hidden = "Der er så få svar, at tallet ikke må vises. Målet er mindst 75 pct."
    assert wording(said(ENOUGH, row(3, yes=4, n=4, group="A"), measure=HIDDEN)) == (Status.NOT_MEASURED, hidden)
    group = ENOUGH.model_copy(update={"group": "A"})
    rows = [row(3, yes=4, n=4, group="A"), row(4, yes=8, n=9, group="A", kommune="0253")]
    rows += [row(3, yes=8, n=9, group="B"), row(4, yes=9, n=9, group="B", kommune="0253")]
    assert said(group, *rows, measure=HIDDEN).text == hidden
    assert said(group, row(3, yes=9, n=9, group="A"), measure=HIDDEN).status is Status.MET
    sites = said(ENOUGH.model_copy(update={"per_site": True}), *rows[:2], measure=HIDDEN)
    assert [part.status for part in sites.parts] == [Status.NOT_MEASURED, Status.NOT_MEASURED]
    own = Criterion(title="Eget", measure="x", own_targets=True)
    aims = Judged((), (target(50, "0101", "A"), target(50, "0253", "B")), {}, False)
    found = said(own, *rows, measure=HIDDEN, judged=aims)
    assert [part.status for part in found.parts] == [Status.NOT_MEASURED, Status.MET]


def test_each_kommune_is_held_to_its_own_target() -> None:
    """The newest counts; where it has set none the common one, and where there is none it is waited for."""
    own = Criterion(title="Eget", measure="x", own_targets=True, target=Target(value=60), measured_by="midtvejs")
    aims = Judged((), (target(90, "0101"), target(70, "0101")), {}, False)
    rows = (row(3, yes=8, n=10), row(4, yes=5, n=10, kommune="0253"))
    found = said(own, *rows, judged=aims)
    assert found.text == "Mødt i 1 af 2: ikke mødt i Greve."
    assert [part.text for part in found.parts] == [
        "80 pct. (8 af 10 svar). Målet er mindst 70 pct.",
        "50 pct. (5 af 10 svar). Målet er mindst 60 pct.",
    ]
    waiting = own.model_copy(update={"target": None})
    assert said(waiting, *rows).parts[0].text == "Kommunen har ikke sat sit mål endnu."
    over = Judged((), (), {}, True)
    assert said(waiting, *rows, judged=over).status is Status.NOT_MEASURED
    less = said(waiting, row(3, value=9.0, n=9), measure=MEAN, judged=Judged((), (target(10, "0101"),), {}, False))
    assert less.parts[0].text.endswith("Målet er højst 10 minutter.")
    truth = said(waiting, row(3, yes=1, n=1), measure=TRUTH, judged=Judged((), (target(100, "0101"),), {}, False))
    assert truth.parts[0].status is Status.MET


def test_people_judge_what_no_number_decides() -> None:
    """The newest verdict counts, with who, when and why."""
    plan = Criterion(title="Plan er lagt", boolean=True, measured_by="midtvejs")
    judged = Judged((verdict(0), verdict(1, note="Vedtaget")), (), {"7": "Anna"}, False)
    assert wording(said(plan, judged=judged)) == (Status.MET, "Vurderet af Anna 5.10.2020: Vedtaget")
    unknown = Judged((verdict(0),), (), {}, False)
    assert wording(said(plan, judged=unknown)) == (Status.NOT_MET, "Vurderet af 7 5.10.2020.")


def test_what_nobody_has_judged_waits_for_its_evaluation() -> None:
    """Closed, or the programme over: not measured. Before that, and without an evaluation: too early."""
    plan = Criterion(title="Plan er lagt", boolean=True, measured_by="midtvejs")
    assert said(plan).status is Status.NOT_MEASURED
    assert wording(said(plan, state=WindowState.OPEN)) == (
        Status.TOO_EARLY,
        "Ingen har vurderet det endnu. Det skal ske ved »Midtvejs«.",
    )
    words = Criterion(title="Bedre samarbejde")
    assert wording(said(words)) == (Status.TOO_EARLY, "Ingen har vurderet det endnu.")
    assert said(words, judged=Judged((), (), {}, True)).status is Status.NOT_MEASURED


def test_everywhere_means_every_kommune_taking_part() -> None:
    """One that is missing is named; all of them are enough; none taking part is too early."""
    everywhere = Criterion(title="I alle", boolean=True, per_site=True, measured_by="midtvejs")
    one = Judged((verdict(1, "0101"),), (), {}, False)
    assert said(everywhere, judged=one, state=WindowState.OPEN).text == "Mødt i 1 af 2: for tidligt i Greve."
    both = Judged((verdict(1, "0101"), verdict(1, "0253")), (), {}, False)
    assert wording(said(everywhere, judged=both)) == (Status.MET, "Mødt i 2 af 2.")
    nobody: Material = replace(material(), kommuner={})
    assert wording(answer("c", everywhere, {}, nobody, both)) == (Status.TOO_EARLY, "Ingen kommuner er med endnu.")
