"""Three measurements of four kommuner in programme 000: registered, compared with the baseline, and judged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from samskabt.engine.definition.document.measuring import Criterion, Measure, Target
from samskabt.engine.errors import Conflict, InvalidInput, NotFound, Refused
from samskabt.engine.measuring.results import Line, MeasureResult
from samskabt.engine.values import Actor, Identity, Refusal, Strength
from samskabt.runtime.doctor import examine
from samskabt.runtime.engine import Engine
from samskabt.runtime.measuring.measures import Given

from .world import ME, World

GIVEN = Given(ME)
GROUPS = ("Medarbejdere", "Ledere")
METHODS = Measure(
    title="Har fået nye metoder",
    unit="pct",
    groups=GROUPS,
    instrument="Spørgeskema",
    evaluations=("baseline", "midtvejsevaluering", "afsluttende_evaluering"),
)
MINUTES = Measure(title="Tid til papirer", unit="minutter", better="lower", anonymous=False)
THREE_OF_FOUR = Criterion(
    title="75 pct. har fået nye metoder", measure="metoder", target=Target(value=75), base="medarbejdere", n=200
)
OWN = Criterion(title="Kommunens eget mål", measure="metoder", own_targets=True)
PLAN = Criterion(title="Plan er lagt", boolean=True, measured_by="afsluttende_evaluering")
EVERYWHERE = Criterion(title="Igangsat i alle kommuner", boolean=True, per_site=True)
ANSWERS = {
    "baseline": {"København": (20, 40, 5, 10), "Greve": (9, 20, 1, 3), "Aarhus": (25, 50, 4, 8), "Læsø": (2, 6, 1, 2)},
    "midtvejsevaluering": {"København": (26, 40, 6, 10), "Greve": (12, 20, 2, 3), "Aarhus": (30, 50, 5, 8)},
    "afsluttende_evaluering": {
        "København": (34, 40, 8, 10),
        "Greve": (16, 20, 3, 3),
        "Aarhus": (40, 50, 6, 8),
        "Læsø": (4, 6, 1, 2),
    },
}


def agreed(world: World) -> Engine:
    """Agree on two målepunkter and four criteria; the document leaves them to its people."""
    measures = world.engine.measures
    terms: dict[str, Measure | Criterion] = {"metoder": METHODS, "papirer": MINUTES, "tre_af_fire": THREE_OF_FOUR}
    terms |= {"eget": OWN, "plan": PLAN, "overalt": EVERYWHERE}
    for key, one in terms.items():
        measures.agree(world.programme, key, one, GIVEN)
    return world.engine


def answer(world: World, evaluation: str) -> None:
    """Register what four kommuner answered in a window that is open now."""
    for kommune, (yes, n, leaders, of) in ANSWERS[evaluation].items():
        number = world.activity(evaluation, kommune)
        world.engine.measures.register(number, "metoder", GIVEN, yes=yes, n=n, group="Medarbejdere")
        world.engine.measures.register(number, "metoder", GIVEN, yes=leaders, n=of, group="Ledere")
        world.engine.measures.register(number, "papirer", GIVEN, value=30 if evaluation == "baseline" else 25, n=n)


def measured(world: World, *evaluations: str) -> World:
    """Live through the windows, each answered on its third day."""
    agreed(world)
    for evaluation in evaluations:
        first = world.engine.show(world.activity(evaluation, "Greve")).dates.planned_start
        last = world.engine.show(world.activity(evaluation, "Greve")).dates.planned_end
        assert first is not None and last is not None
        world.live_until(first + timedelta(days=2))
        answer(world, evaluation)
        world.live_until(last + timedelta(days=2))
    return world


def found(world: World, key: str, as_of: datetime | None = None) -> MeasureResult:
    """Give the result of one målepunkt."""
    return next(one for one in world.engine.measures.results(world.programme, as_of=as_of) if one.key == key)


def line(result: MeasureResult, world: World, kommune: str, group: str = "") -> Line:
    """Find the line of a kommune and group."""
    code = world.engine.show(world.kommune(kommune)).key
    return next(one for one in result.lines if (one.kommune, one.group) == (code, group))


def test_three_windows_are_set_beside_the_baseline(world: World) -> None:
    """Shares are weighted by their answers, means too; the change says whether it is better."""
    measured(world, *ANSWERS)
    result = found(world, "metoder")
    total = result.total
    assert total.baseline is not None and (total.baseline.yes, total.baseline.n) == (67, 139)
    midway, last = total.later
    assert (midway.shown.yes, midway.shown.n) == (81, 131)
    assert (last.shown.text, last.text) == ("80,6 pct. (112 af 139)", "+32,4 procentpoint (bedre)")
    assert last.notes == ()
    minutes = found(world, "papirer").total.later[1]
    assert (minutes.shown.text, minutes.text) == ("25 minutter (116 svar)", "-5 minutter (bedre)")
    assert midway.notes == ("Det er ikke de samme kommuner, der har svaret begge gange: Læsø.",)


def test_a_group_under_five_is_hidden_with_the_next_smallest(world: World) -> None:
    """Three leaders in Greve are not shown, nor what they could be reckoned from; Læsø's two groups neither."""
    measured(world, "baseline")
    result = found(world, "metoder")
    texts = {
        (name, group): one.baseline.text
        for name in ("Greve", "Læsø", "Aarhus")
        for group in ("", *GROUPS)
        if (one := line(result, world, name, group)).baseline is not None
    }
    assert texts["Greve", "Ledere"] == "færre end fem svar"
    assert texts["Greve", "Medarbejdere"] == "vises ikke"
    assert texts["Greve", ""] == "43,5 pct. (10 af 23)"
    assert (texts["Læsø", "Ledere"], texts["Læsø", "Medarbejdere"]) == ("færre end fem svar", "vises ikke")
    assert texts["Aarhus", "Ledere"] == "50 pct. (4 af 8)"
    hidden = line(result, world, "Greve", "Ledere").baseline
    assert hidden is not None and (hidden.amount, hidden.yes, hidden.n) == (None, None, None)


def test_while_a_window_is_open_only_the_number_of_answers_is_told(world: World) -> None:
    """Otherwise looking before and after an answer would tell it."""
    agreed(world)
    world.live_until(date(2019, 10, 2))
    answer(world, "baseline")
    shown = found(world, "metoder").total.baseline
    assert shown is not None and (shown.text, shown.amount, shown.n) == ("139 svar indtil nu", None, 139)


def test_criteria_are_computed_or_judged_and_say_why(world: World) -> None:
    """A share with its base and turnout, targets of the kommuner's own, a verdict, and one wanted everywhere."""
    measured(world, *ANSWERS)
    measures, programme = world.engine.measures, world.programme
    measures.aim(world.kommune("Greve"), "eget", 90, GIVEN, group="Medarbejdere")
    measures.aim(world.kommune("København"), "eget", 80, GIVEN)
    measures.judge(programme, "plan", True, Given(ME, note="Vedtaget i oktober"))
    for name in ("København", "Greve", "Aarhus"):
        measures.judge(world.kommune(name), "overalt", True, GIVEN)
    said = {one.key: one for one in measures.criteria(programme)}
    assert said["tre_af_fire"].status == "moedt"
    assert said["tre_af_fire"].text == (
        "80,6 pct. (112 af 139 svar). Målet er mindst 75 pct. 139 af 200 medarbejdere har svaret."
    )
    assert said["plan"].text == "Vurderet af Partskonsulent 6.10.2020: Vedtaget i oktober"
    assert (said["overalt"].status, said["overalt"].text) == ("for_tidligt", "Mødt i 3 af 4: for tidligt i Læsø.")
    parts = {(part.kommune, part.group): part.status for part in said["eget"].parts}
    assert parts == {
        ("0101", ""): "moedt",
        ("0253", "Medarbejdere"): "ikke_maalt",
        ("0751", ""): "for_tidligt",
        ("0825", ""): "for_tidligt",
    }
    assert measures.criteria(programme, as_of=datetime(2020, 9, 1, tzinfo=UTC))[0].status == "for_tidligt"


def test_unlike_windows_are_never_compared_without_saying_so(world: World) -> None:
    """A window that somebody set over Easter, shorter and from another day, says all of it beside the number."""
    agreed(world)
    measured_in = {"midtvejsevaluering": date(2020, 4, 8)}
    world.live_until(date(2019, 10, 2))
    answer(world, "baseline")
    number = world.activity("midtvejsevaluering", "Greve")
    world.engine.reschedule(
        number, measured_in["midtvejsevaluering"], until=date(2020, 4, 14), reason="Ferie", actor=ME, override=True
    )
    world.live_until(date(2020, 4, 15))
    world.engine.measures.register(
        number, "metoder", Given(ME, date(2020, 4, 14), reason="Kom med posten", override=True),
        yes=12, n=20, group="Medarbejdere", instrument="Interview",
    )  # fmt: skip
    notes = line(found(world, "metoder"), world, "Greve").later[0].notes
    assert notes == (
        "Vinduerne er ikke lige lange: 14 dage og 7.",
        "Vinduerne begynder på hver sin ugedag: mandag og onsdag.",
        "»Midtvejsevaluering« rummer 3 lukkede dage (skærtorsdag, langfredag og anden påskedag).",
        "Der er målt med noget andet: »Spørgeskema« og »Interview«.",
        "Det er ikke de samme grupper, der har svaret begge gange: Ledere.",
    )


def test_late_answers_want_a_reason_and_reported_ones_are_only_corrected(world: World) -> None:
    """Before the opening and after the report the door is shut; in between a reason opens it."""
    agreed(world)
    baseline, measures = world.activity("baseline", "Greve"), world.engine.measures

    def refused(**more: object) -> set[str]:
        with pytest.raises(Refused) as caught:
            measures.register(baseline, "metoder", Given(ME, **more), yes=9, n=20)  # type: ignore[arg-type]
        assert all(text.endswith(".") for text in world.engine.explain(baseline, caught.value))
        return {one.code for one in caught.value.refusals}

    assert refused() == {"evalueringen_er_ikke_aaben"}
    world.live_until(date(2019, 10, 16))
    assert refused() == {"evalueringen_er_lukket", "uden_for_vinduet"}
    assert refused(override=True) == {"evalueringen_er_lukket", "uden_for_vinduet", "mangler_begrundelse"}
    assert refused(on=date(2019, 10, 17)) >= {"dagen_er_i_fremtiden"}
    late = measures.register(
        baseline, "metoder", Given(ME, date(2019, 10, 9), reason="Lå i posten", override=True), yes=9, n=20
    )
    assert (late.overridden, late.reason) == (("evalueringen_er_lukket",), "Lå i posten")
    world.do(baseline, "afrapporter", resultat="Færdig")
    assert refused(override=True, reason="Endnu et") == {"evalueringen_er_afrapporteret"}
    again = measures.correct(late.id, Given(ME, reason="Talt forkert"), yes=10, n=20)
    with pytest.raises(Refused, match="registreringen_er_rettet"):
        measures.correct(late.id, Given(ME, reason="Igen"), yes=11, n=20)
    with pytest.raises(Refused, match="mangler_begrundelse"):
        measures.correct(again.id, GIVEN)
    assert [row.id for row in measures.rows(baseline)] == [late.id, again.id]
    assert examine(world.engine).findings == ()


def test_what_was_known_on_a_day_is_kept(world: World) -> None:
    """A correction made later does not reach back; taken back, an answer is as if it had never come."""
    measured(world, "baseline")
    before = world.clock.now()
    world.live_until(date(2019, 10, 20))
    row = world.engine.measures.rows(world.activity("baseline", "København"))[0]
    world.engine.measures.correct(row.id, Given(ME, reason="Dobbelt"))
    now, then = (found(world, "metoder", at).total.baseline for at in (None, before))
    assert now is not None and then is not None and (now.n, then.n) == (99, 139)
    early = found(world, "metoder", datetime(2019, 9, 30, 12, tzinfo=UTC)).total.baseline
    assert early is None or early.n is None


def test_the_same_key_registers_once(world: World) -> None:
    """Whoever asks again gets the first row; the key of another registration is a conflict."""
    agreed(world)
    world.live_until(date(2019, 10, 2))
    number, given = world.activity("baseline", "Greve"), Given(ME, idempotency_key="a")
    first = world.engine.measures.register(number, "metoder", given, yes=9, n=20)
    assert world.engine.measures.register(number, "metoder", given, yes=9, n=20) == first
    with pytest.raises(Conflict):
        world.engine.measures.register(number, "papirer", given, value=12.5, n=3)
    correction = Given(ME, reason="Talt forkert", idempotency_key="b")
    right = world.engine.measures.correct(first.id, correction, yes=8, n=20)
    assert world.engine.measures.correct(first.id, correction, yes=8, n=20) == right


def test_numbers_names_and_places_that_cannot_be_are_refused(world: World) -> None:
    """Unknown målepunkter, groups, kommuner and kinds of instances, and more yes than answers, change nothing."""
    measures = agreed(world).measures
    greve, baseline = world.kommune("Greve"), world.activity("baseline", "Greve")
    cases: tuple[tuple[type[Exception], Callable[[], object]], ...] = (
        (NotFound, lambda: measures.register(baseline, "ukendt", GIVEN, yes=1, n=2)),
        (NotFound, lambda: measures.judge(greve, "ukendt", True, GIVEN)),
        (NotFound, lambda: measures.results(world.programme, kommune="0999")),
        (NotFound, lambda: measures.results(greve)),
        (NotFound, lambda: measures.judge(world.programme, "plan", True, GIVEN, kommune="0999")),
        (InvalidInput, lambda: measures.register(baseline, "metoder", GIVEN, yes=3, n=2)),
        (InvalidInput, lambda: measures.register(baseline, "metoder", GIVEN, yes=1, n=2, group="Anna")),
        (InvalidInput, lambda: measures.register(greve, "metoder", GIVEN, yes=1, n=2)),
        (InvalidInput, lambda: measures.register(baseline, "metoder", GIVEN, yes=1, n=2, kommune="0101")),
        (InvalidInput, lambda: measures.register(baseline, "metoder", GIVEN, yes=1, n=2, period="foer")),
        (InvalidInput, lambda: measures.aim(greve, "plan", 80, GIVEN)),
        (InvalidInput, lambda: measures.agree(world.programme, "Nyt mål", METHODS, GIVEN)),
        (InvalidInput, lambda: measures.agree(world.programme, "plan", METHODS, GIVEN)),
        (InvalidInput, lambda: measures.agree(world.programme, "x", OWN.model_copy(update={"measure": "y"}), GIVEN)),
        (InvalidInput, lambda: measures.agree(greve, "nyt", METHODS, GIVEN)),
    )
    for kind, wrong in cases:
        with pytest.raises(kind):
            wrong()
    assert len(measures.rows(world.programme)) == 6 and measures.rows(baseline) == ()


def test_what_has_been_answered_keeps_its_meaning(world: World) -> None:
    """An agreement may be worded anew until the first answer, and is never corrected into something else."""
    measures = agreed(world).measures
    again = measures.agree(world.programme, "papirer", MINUTES.model_copy(update={"title": "Tid"}), GIVEN)
    assert found(world, "papirer").title == "Tid"
    with pytest.raises(InvalidInput, match="agree anew"):
        measures.correct(again.id, Given(ME, reason="x"))
    world.live_until(date(2019, 10, 2))
    answer(world, "baseline")
    with pytest.raises(InvalidInput, match="has been answered"):
        measures.agree(world.programme, "papirer", MINUTES, GIVEN)


class Nobody:
    """A door that is shut to everybody."""

    def refusal(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:  # noqa: ARG002
        """Refuse, naming what was asked for."""
        return Refusal("maa_ikke", event, Strength.HARD)


def test_every_use_case_passes_the_permission(world: World) -> None:
    """Registering, judging, aiming, agreeing and correcting each ask by a name of their own."""
    measured(world, "baseline")
    measures = world.engine.measures
    baseline = world.activity("baseline", "Greve")
    row = measures.rows(baseline)[0]
    world.engine.context.permit = Nobody()
    asked = []
    acts: tuple[Callable[[], object], ...] = (
        lambda: measures.register(baseline, "metoder", GIVEN, yes=1, n=2),
        lambda: measures.judge(baseline, "plan", True, GIVEN),
        lambda: measures.aim(world.kommune("Greve"), "eget", 80, GIVEN),
        lambda: measures.agree(world.programme, "nyt", METHODS, GIVEN),
        lambda: measures.correct(row.id, GIVEN, yes=1, n=2),
    )
    for act in acts:
        with pytest.raises(Refused) as caught:
            act()
        asked.append(caught.value.event)
    assert asked == ["registrer", "vurder", "saet_maal", "aftal", "ret_registrering"]


def test_a_solution_is_measured_before_and_after(world: World) -> None:
    """Minutes a week before the change beside minutes a week after it, with the days from which they come."""
    aarhus = world.kommune("Aarhus")
    world.do(aarhus, "faelles_workshop")
    challenge = world.add(aarhus, "challenge", "Skemaer")
    for event in ("prioriter", "begynd_trin_3"):
        world.do(challenge, event, override=True, reason="Oplagt")
    solution = world.add(challenge, "solution", "Ét skema")
    measures = world.engine.measures
    for period, day, minutes in (("foer", 2, 31.5), ("foer", 3, 28.5), ("efter", 4, 12)):
        given = Given(ME, date(2019, 9, day))
        measures.register(solution, "minutter", given, value=minutes, n=2, period=period)
    (result,) = measures.solution(solution)
    assert result.total.baseline is not None and result.total.baseline.text == "30 minutter (4 svar)"
    assert result.total.later[0].text == "-18 minutter (bedre)"
    assert "Vinduerne er ikke lige lange: 2 dage og 1." in result.total.later[0].notes[0]
