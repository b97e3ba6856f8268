"""Claims about mistakes in documents: each is reported with its file, line, column and rule, and all at once."""

import pytest
from samskabt.engine.definition import Part, Programme, assemble
from samskabt.engine.definition.checks import Known, check
from samskabt.engine.definition.date_grammar import DateRuleError, parse_date_rule
from samskabt.engine.errors import DefinitionError, Problem
from samskabt.workflows.catalogue import Catalogue
from samskabt.workflows.reader import read_document

from ..documents import PART, PROGRAMME

HERE = "«"
KNOWN = Known(texts=frozenset({"standard"}), placeholders=frozenset({"kommune", "titel"}))


def problems_of(part: str = PART, programme: str = PROGRAMME) -> list[Problem]:
    """Give every problem of the small programme and its part."""
    catalogue = Catalogue((("ramme.yaml", part), ("proeve.yaml", programme)), {}, KNOWN)
    try:
        catalogue.programme("proeve")
    except DefinitionError as error:
        return list(error.problems)
    return []


def broken(text: str, old: str, new: str) -> tuple[str, int, int]:
    """Put a mistake into a document; give the text with the line and column that the sign « marks."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the document"
    marked = text.replace(old, new)
    before = marked[: marked.index(HERE)]
    return marked.replace(HERE, ""), before.count("\n") + 1, len(before) - before.rfind("\n")


def test_the_small_documents_are_right() -> None:
    """What the mistakes below are made in has none of its own."""
    assert problems_of() == []


IN_PART = (
    # names
    ("unknown-name", "begynd: planlagt -> i_gang", "begynd: «planlagt -> igang"),
    ("unknown-name", "begynd: planlagt -> i_gang", "begynd: «planlgt -> i_gang"),
    ("unknown-name", "in: planlagt, births", "in: «planlgt, births"),
    ("unknown-name", "births: kommune", "births: «kommuner"),
    ("unknown-name", "births: kommune", "births: «opgaven"),
    ("unknown-name", "{deadline: enrolment}", "{deadline: «tilmelding}"),
    ("unknown-name", "wants: navn", "wants: «navnet"),
    ("unknown-name", "takes: effekt", "takes: [«effekter]"),
    ("unknown-name", "{fields: [effekt]}", "{fields: [effekt, «tegn]}"),
    ("unknown-name", "owner: leder", "owner: «lederen"),
    ("unknown-name", "{to: leder, text: tillykke}", "{to: [leder, «chef], text: tillykke}"),
    ("unknown-name", "{to: leder, text: tillykke}", "{to: leder, text: «tilykke}"),
    ("unknown-name", "{region: forloeb, in: i_gang}", "{region: «status, in: i_gang}"),
    ("unknown-name", "{region: forloeb, in: i_gang}", "{region: forloeb, in: «aaben}"),
    (
        "unknown-name",
        "region: trin_1, in: [i_gang, afsluttet]",
        "region: trin_1, in: [i_gang, «færdig]".replace("æ", "ae"),
    ),
    ("unknown-name", "{region: trin_2, move", "{region: «trin_3, move"),
    ("unknown-name", "{region: trin_2, move: venter ->", "{region: trin_2, move: «ventr ->"),
    ("unknown-name", "trin_2.begynd]", "«trin_2.start]"),
    ("unknown-name", "workshop: moede", "workshop: «moeder"),
    ("unknown-name", "kind: kommune, region", "kind: «komune, region"),
    ("unknown-name", "kommune, region: trin_1, in: [afsluttet]", "kommune, region: trin_1, in: [«slut]"),
    ("unknown-name", "parent: programme\n    fields", "parent: «program\n    fields"),
    ("unknown-name", "on: kommune", "on: «kommuner"),
    ("unknown-name", "during: trin_1.i_gang", "during: «trin_1.gang"),
    ("unknown-name", "fires: fase.begynd", "fires: «fase.start"),
    ("unknown-name", "anchor: fase\n", "anchor: «faser\n"),
    ("unknown-name", "[leder, ansvarlig]", "[leder, «ansvarligt]"),
    ("unknown-name", "title: Opgave\n", "title: Opgave\n    closes: «luk\n"),
    # graphs
    ("unreachable-state", "i_gang: I gang\n", "i_gang: I gang\n          glemt: «Glemt\n"),
    (
        "leaves-final",
        "afslut:\n            move: i_gang -> slut",
        "igen: «slut -> i_gang\n          afslut:\n            move: i_gang -> slut",
    ),
    ("ambiguous", 'move: "* -> afsluttet"', 'move: «"venter, venter, i_gang -> afsluttet"'),
    ("ambiguous", "[trin_1.begynd, trin_2.begynd]", "«[trin_1.begynd, trin_1.afslut]"),
    ("duplicate-name", "takes: effekt", "takes: «effekt\n            wants: effekt"),
    ("unknown-name", "in: [afsluttet], all: true", "in: [afsluttet], share: «halvdelen"),
    ("bad-name", "in: [afsluttet], all: true", 'in: [afsluttet], share: «"Det halve"'),
    ("out-of-bounds", "in: [afsluttet], all: true", "in: [afsluttet], share: «1.5"),
    ("wrong-type", "in: [afsluttet], all: true", "in: [afsluttet], share: «[0.5]"),
    ("unknown-name", "anchor: fase\n", "anchor: «field.navn\n"),
    ("missing-key", "effekt: Ønsket effekt", "effekt: {title: E, options: «{a: A}}"),
    ("missing-key", "effekt: Ønsket effekt", "effekt: «{title: E, type: choices}"),
    ("bad-field", "effekt: Ønsket effekt", "effekt: {title: E, wants_note: «hvem}"),
    ("bad-field", "effekt: Ønsket effekt", "effekt: {title: E, not_before: «effekt}"),
    ("unknown-name", "effekt: Ønsket effekt", "effekt: {title: E, type: date, not_before: «effekt}"),
    ("cannot-hold", "kind: kommune, region", "kind: «programme, region"),
    ("cannot-hold", "needs: {deadline: enrolment}", "needs: {parent: «{region: forloeb, in: planlagt}}"),
    ("cannot-hold", "needs: {deadline: enrolment}", "needs: «checklist"),
    ("cannot-hold", "needs: {deadline: enrolment}", "needs: {kommuner: «{region: trin_1, in: afsluttet}}"),
    ("unknown-name", "effekt: Ønsket effekt", "effekt: {title: Ønsket effekt, choice: «temaer}"),
    ("cannot-hold", "{own: {region: trin_1, in: [i", "{own: {region: «trin_2, in: [i"),
    # texts
    ("unknown-placeholder", '"Tillykke, {{ kommune }}"', '«"Tillykke, {{ komune }}"'),
    ("bad-placeholder", "Det gik godt.", "«Det gik {{ kommune.navn }}."),
    ("bad-placeholder", "Det gik godt.", '«"Det gik {% if %}."'),
    # forms
    ("unknown-key", "gated: true", "«gatet: true"),
    ("unknown-requirement", "[checklist, {fields", "[«cheklist, {fields"),
    ("unknown-requirement", "{own: {region: trin_1, in: afsluttet}}", "«{ejer: 3}"),
    ("bad-requirement", "{own: {region: trin_1, in: afsluttet}}", "{«own: 3}"),
    ("bad-requirement", "{own: {region: trin_1, in: afsluttet}}", "«{strength: hard}"),
    ("bad-move", "begynd: planlagt -> i_gang", "begynd: «planlagt til i_gang"),
    ("bad-name", "begynd: planlagt -> i_gang", "begynd: «planlagt -> I gang"),
    ("bad-name", "trin_2:\n", "«Trin-2:\n"),
    ("bad-offset", "offset: 3 uger", "offset: «3 ugers tid"),
    ("bad-time", 'at: "09:30"', "at: «9.30"),
    ("wrong-type", "trin: 2\n", 'trin: «"2"\n'),
    ("wrong-type", "trin: 2\n", "trin: «02\n"),
    ("out-of-bounds", "trin: 2\n", "trin: «7\n"),
    ("wrong-type", "gated: true", "gated: «yes"),
    ("wrong-type", "gated: true", "gated: «1"),
    ("unknown-value", "births: activities", "births: «aktiviteter"),
    ("empty-text", "title: Møde", 'title: «" "'),
)

OPENING = PROGRAMME[PROGRAMME.index("when: 2019-09-20") : PROGRAMME.index("    part_of: opstart")]

IN_PROGRAMME = (
    ("unknown-part", "uses: ramme@1", "uses: «ramme@2"),
    ("bad-use", "uses: ramme@1", "uses: «ramme"),
    ("unknown-name", "{does: Hjælper, stands_for: leder}", "{does: Hjælper, stands_for: «lederen}"),
    ("ring", "{does: Hjælper, stands_for: leder}", "{does: Hjælper, stands_for: «konsulent}"),
    (
        "reserved-name",
        "konsulent: {does: Hjælper, stands_for: leder}",
        "konsulent: {does: Hjælper}\n  deltagere: «{does: X}",
    ),
    ("unknown-name", "{kommune: konsulent}", "{kommune: «konsulenten}"),
    ("unknown-name", "overlaps_with: start_fase", "overlaps_with: «slut_fase"),
    ("unknown-name", "kind: survey", "kind: «maaling"),
    ("unknown-name", "in: start_fase / proces", "in: «startfase / proces"),
    ("unknown-name", "in: start_fase / proces", "in: «start_fase / process"),
    ("bad-place", "in: start_fase / proces", "in: «start_fase"),
    ("unknown-name", "[leder, konsulent]", "[leder, «konsulenter]"),
    ("unknown-name", "facilitator: konsulent", "facilitator: «proceskonsulent"),
    ("unknown-name", "part_of: opstart", "part_of: «opstarten"),
    ("unknown-name", "6 uger efter opstart\n", "«6 uger efter opstarten\n"),
    ("ring", OPENING, OPENING.replace("2019-09-20", "2 uger efter opfoelgning").replace("6 uger", "«6 uger")),
    ("bad-date", "when: 2019-09-20", "when: «engang i efteråret"),
    ("bad-date", "on: 2020-01-01", "on: «20200101"),
    ("bad-date", "on: 2020-01-01", "on: «2020-02-30"),
    ("bad-count", "count: op til 3", "count: «nogle få"),
    ("bad-count", "capacity: 2-4", "capacity: «4-2"),
    ("unknown-name", "level: kommune, by: Os, window: 2", "level: kommune, by: Os, window: 2, evaluator: «evaluator"),
    ("unknown-value", "select_by: geografi", "select_by: «geo"),
    ("unknown-value", "level: cross", "level: «tvaers"),
    ("unknown-name", "matches: baseline", "matches: «base"),
    ("wrong-type", "window: 2", "window: «2.5"),
    ("wrong-type", "window: 2", "window: «et par uger"),
    ("bad-unit", "window: 2", "window: «2 uger"),
    ("bad-unit", "count: op til 3", "days: «3 dage"),
    ("holds-nobody", "before: opfoelgning", "before: «maaling"),
    ("unknown-requirement", "{activity: {key: opstart, in: afsluttet}}", "«opstart"),
    ("reserved-name", "sidste: {title: Slutmåling", "«slut: {title: Slutmåling"),
    ("duplicate-name", "sidste: {title: Slutmåling", "«maaling: {title: Slutmåling"),
    ("unknown-name", "before: opfoelgning", "before: «opfølgning".replace("ø", "oe") + "en"),
    ("unknown-name", "{key: opstart, in: afsluttet}", "{key: «opstarten, in: afsluttet}"),
    ("unknown-name", "{key: opstart, in: afsluttet}", "{key: opstart, in: «afholdt}"),
    ("cannot-hold", "before: opfoelgning", "before: [opfoelgning, «opstart]"),
    ("unknown-name", "activities: [maaling]", "activities: [«maalinger]"),
    ("unknown-name", "only: maaling", "only: «maal"),
    ("unknown-name", "anchor: end_of_slut_fase", "anchor: «end_of_fase"),
    ("unknown-name", "version: 1\n", "version: 1\nparameters: {«halvdelen: 0.5}\n"),
    ("unknown-format", "format: 1", "format: «2"),
    ("unknown-key", "period:", "«periode: x\nperiod:"),
    ("duplicate-key", "title: Prøve\n", "title: Prøve\n«title: Igen\n"),
    ("alias", "uses: ramme@1", "uses: «&a ramme@1"),
    ("tag", "uses: ramme@1", "uses: «!!python/name:os.system ramme@1"),
    ("yaml-syntax", "title: Prøve\n", "title: Prøve«: igen\n"),
    ("tab", "  proces: {title: Proces}", "«\tproces: {title: Proces}"),
    ("control-character", "title: Prøve\n", 'title: «"Pr\\0ve"\n'),
    ("directive", "format: 1\n", "%YAML 1.1\n«---\nformat: 1\n"),
    ("one-document", "spor:\n", "«---\nspor:\n"),
    ("out-of-bounds", "title: Prøve\n", f"title: «{'x' * 501}\n"),
)


@pytest.mark.parametrize(("rule", "old", "new"), IN_PART)
def test_a_mistake_in_a_part_is_found_where_it_stands(rule: str, old: str, new: str) -> None:
    """The first problem names the part's file, the line and column of the wrong word, and the rule."""
    text, line, column = broken(PART, old, new)
    found = [(one.file, one.line, one.column, one.rule) for one in problems_of(part=text)]
    assert ("ramme.yaml", line, column, rule) in found


@pytest.mark.parametrize(("rule", "old", "new"), IN_PROGRAMME)
def test_a_mistake_in_a_programme_is_found_where_it_stands(rule: str, old: str, new: str) -> None:
    """The first problem names the programme's file, the line and column of the wrong word, and the rule."""
    text, line, column = broken(PROGRAMME, old, new)
    found = [(one.file, one.line, one.column, one.rule) for one in problems_of(programme=text)]
    assert ("proeve.yaml", line, column, rule) in found


def test_a_state_without_a_way_out_is_a_dead_end() -> None:
    """A state that is not final needs a move or a join that leads away from it."""
    text = PART.replace("            move: i_gang -> slut\n", "            in: i_gang\n")
    assert [one.rule for one in problems_of(part=text)] == ["dead-end", "unreachable-state"]


def test_a_machine_that_never_ends_is_told() -> None:
    """At least one state of a machine is final."""
    moves = "begynd: venter -> i_gang\n          afslut: i_gang -> afsluttet\n\nreminders"
    states = moves.replace(
        "afslut: i_gang -> afsluttet\n", "igen: i_gang -> venter\n        states: {venter: V, i_gang: I}\n"
    )
    found = problems_of(part=PART.replace(moves, states))
    assert [(one.rule, one.path) for one in found] == [("no-final-state", "machines.opgave.regions")]


def test_joins_that_never_come_to_rest_are_told() -> None:
    """Two joins there and back with the same condition would go on for ever."""
    join = "{region: trin_2, move: venter -> i_gang, when: {own: {region: trin_1, in: afsluttet}}}"
    back = join.replace("venter -> i_gang", "i_gang -> venter")
    found = problems_of(part=PART.replace(join, f"{join}\n      - {back}"))
    assert [(one.rule, one.path) for one in found] == [("never-rests", "machines.kommune.joins.1")]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("    fires: fase.begynd\n", "", "one-of-two"),
        ("    to: [leder, ansvarlig]\n", "", "missing-key"),
        ("    offset: 3 uger\n", "    offset: 3 uger\n    times: 2\n", "missing-key"),
        ("    title: Opgave\n", "", "missing-key"),
    ],
)
def test_what_is_missing_is_told_at_what_should_hold_it(old: str, new: str, rule: str) -> None:
    """A key that is not there has no position of its own; the group that lacks it has."""
    text = PART.replace(old, new)
    (problem,) = problems_of(part=text)
    assert problem.rule == rule
    assert (
        text.splitlines()[problem.line - 1].strip().startswith(("fasen_begynder", "text", "times", "opgave", "title"))
    )


def test_every_mistake_is_told_at_once_in_the_order_of_the_lines() -> None:
    """Three wrong words in one file give three problems, from top to bottom."""
    text = PROGRAMME.replace("kind: survey", "kind: maal").replace("[leder, konsulent]", "[lder, konsulent]")
    found = problems_of(programme=text.replace("only: maaling", "only: maal"))
    assert [one.path for one in found] == [
        "activities.opstart.who.0",
        "activities.maaling.kind",
        "reminders.husk_maaling.only",
    ]
    assert "mente du leder?" in found[0].message


def test_mistakes_of_form_are_told_at_once_too() -> None:
    """Wrong types, unknown keys and wrong names of one file are reported together."""
    text = PROGRAMME.replace("window: 2", "window: to").replace("level: cross", "level: alle").replace("price", "")
    found = problems_of(programme=text.replace("period:", "periode: 2020\nperiod:"))
    assert [one.rule for one in found] == ["unknown-key", "unknown-value", "wrong-type"]
    assert "mente du period?" in found[0].message


def test_a_mistake_of_the_phase_template_is_told_once() -> None:
    """What assembling repeats for each fase is one mistake of the author's."""
    found = problems_of(
        part=PART.replace(
            "          begynd: venter -> i_gang\n          afslut: i_gang -> afsluttet\n    fields",
            "          begynd: venter -> i_gang\n    fields",
        )
    )
    assert sorted((one.rule, one.path) for one in found) == [
        ("dead-end", "machines.programme.regions.fase"),
        ("unreachable-state", "machines.programme.regions.fase"),
    ]


def test_an_unknown_format_says_what_is_read() -> None:
    """A document of a later format names the formats that this program reads."""
    with pytest.raises(DefinitionError, match="dette program læser format 1"):
        read_document(("x.yaml", "format: 2\nworkflow: x\n"))


def test_a_field_may_bear_a_name_only_once() -> None:
    """The fields of an instance and its checklists share one namespace."""
    found = problems_of(part=PART.replace("effekt: Ønsket effekt", "effekt: Ønsket effekt\n      formaal: Formål"))
    assert [(one.rule, one.path) for one in found] == [
        ("duplicate-name", "machines.kommune.regions.trin_1.checklist.formaal")
    ]


def test_a_mistake_of_a_part_is_not_laid_at_a_programmes_door() -> None:
    """A reminder of the part is found in the part, though the programme has one with a shorter name."""
    programme = PROGRAMME.replace("husk_maaling:", "trin_staar:")
    (problem,) = problems_of(part=PART.replace("[leder, ansvarlig]", "[lder]"), programme=programme)
    assert (problem.file, problem.path) == ("ramme.yaml", "reminders.trin_staar_stille.to.0")
    (problem,) = problems_of(part=PART.replace("fires: fase.begynd", "fires: fase.start"))
    assert (problem.file, problem.path) == ("ramme.yaml", "reminders.fasen_begynder.fires")


def test_one_wrong_word_gives_one_problem() -> None:
    """What only follows from a mistake is not told beside it."""
    join = "{own: {region: trin_1, in: afsluttet}}"
    assert [one.rule for one in problems_of(part=PART.replace(join, "{own: 3}"))] == ["bad-requirement"]
    assert [one.rule for one in problems_of(part=PART.replace(join, "ejer"))] == ["unknown-requirement"]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('"* -> afsluttet", wants: reason}', '"* -> afsluttet", dates: planned}', "missing-key"),
        ("title: Møde\n", "title: Møde\n    closes: hold\n    fields: {hvad: Hvad}\n", "cannot-hold"),
        ("effekt: Ønsket effekt", "effekt: Ønsket effekt\n      ical_sequence: Nummer", "reserved-name"),
        ("  survey: opgave", "  survey: opgave\n  besoeg: programme", "cannot-hold"),
        ("  survey: opgave", "  survey: opgave\n  besoeg: kommune", "cannot-hold"),
        ("offset: 3 uger", "offset: 2000 måneder", "too-far"),
        ("offset: 3 uger", "every: 2000 uger\n    times: 12", "too-far"),
        ("anchor: fase\n", "anchor: slut\n", "unknown-name"),
    ],
)  # fmt: skip
def test_what_would_break_when_it_runs_is_refused_when_it_is_read(old: str, new: str, rule: str) -> None:
    """Missing days, fields of the system, activities inside activities, reminders beyond the calendar."""
    assert PART.count(old) == 1
    part = PART.replace(old, new)
    if "closes" in new:
        part = part.replace('"* -> afsluttet", wants: reason', '"* -> afsluttet", wants: [reason, hvad]')
    assert rule in {problem.rule for problem in problems_of(part)}


def test_births_in_an_activity_are_refused() -> None:
    """Activities that bear activities would never end."""
    old = "  opgave:\n    title: Opgave\n    parent: programme\n    regions:\n      status:\n        title: Status\n"
    assert PART.count(old) == 1
    states = "        states: {venter: {title: V, births: activities}, i_gang: I, afsluttet: {title: A, final: true}}\n"
    assert "cannot-hold" in {problem.rule for problem in problems_of(PART.replace(old, old + states))}


def test_reminders_that_chase_each_other_are_refused_unless_one_waits() -> None:
    """There and back again at once is for ever; a day between them is a rhythm."""
    old = "          hold: {move"
    part = PART.replace(old, "          tilbage: i_gang -> venter\n" + old)
    ring = "  frem: {title: F, on: moede, during: status.venter, fires: begynd}\n"
    ring += "  tilbage: {title: T, on: moede, during: status.i_gang, fires: tilbage%s}\n"
    for wait, rules in (("", {"never-rests"}), (", offset: 1 dag", set())):
        text = part.replace("reminders:\n", "reminders:\n" + ring % wait)
        assert {problem.rule for problem in problems_of(text)} == rules


@pytest.mark.parametrize("name", ["period", "hele", "enrolment"])
def test_a_fase_may_not_take_the_name_of_a_window(name: str) -> None:
    """The programme keeps its own windows under these names, and one would be lost."""
    text = PROGRAMME.replace("slut_fase", name)
    assert "reserved-name" in {problem.rule for problem in problems_of(programme=text)}


OTHER_REGION = "  a: {title: A, on: kommune, during: trin_1.i_gang, fires: trin_2.begynd}\n"


def rules_of(part: str = PART, programme: str = PROGRAMME) -> set[str]:
    """Give the rules that the checks of the graph find broken, warnings included."""
    document, frame = read_document(("p.yaml", programme)), read_document(("r.yaml", part))
    assert isinstance(document, Programme) and isinstance(frame, Part)
    return {finding.rule for finding in check(assemble(document, [frame]), KNOWN)}


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("title: Kommune\n    parent: programme", "title: Kommune\n    parent: kommune", "ring"),
        ("trin: 2\n", "trin: 2\n        initial: vente\n", "unknown-name"),
        ("{region: trin_2, move: venter", "{region: trin_2, move: afsluttet", "leaves-final"),
        ("      begge: {title", "      trin_1.begynd: {title", "bad-name"),
        ("needs: {deadline: enrolment}", "needs: {deadline: {date: enrolment, owner: chef}}", "unknown-name"),
        ("needs: {deadline: enrolment}", "needs: {capacity: {region: forloeb, in: i_gang}}", None),
        ("kind: kommune, region: trin_1", "kind: kommune, region: trin_9", "unknown-name"),
        ("{parent: {region: forloeb, in: i_gang}}", "{programme: {region: forloeb, in: i_gang}}", None),
        ("reminders:\n", f"reminders:\n{OTHER_REGION}", None),
        ("workshop: moede", "workshop: moede\n  tur: programme", "cannot-hold"),
    ],
)  # fmt: skip
def test_the_graph_of_a_part_is_checked(old: str, new: str, rule: str | None) -> None:
    """Rings of parents, first states that are not there, joins out of an end, requirements on what is not there."""
    assert PART.count(old) == 1
    try:
        found = rules_of(part=PART.replace(old, new))
    except DefinitionError as error:
        found = {problem.rule for problem in error.problems}
    assert (rule in found) if rule else found == set()


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("februar 2020 til august 2020", "februar 2020 til august 2021", "outside-period"),
        ("uses: ramme@1", "uses: [ramme@1, ramme@1]", "duplicate-name"),
        ('in: "- / proces"', 'in: "- / -"', None),
        (", when: efter ny_lov}", "}", None),
        ("{activity: {key: opstart, in: afsluttet}}", "{activity: {key: opstart, in: i_gang}}", None),
        ("{activity: {key: opstart, in: afsluttet}}", "{activity: {key: maaling}}", None),
        ("{activity: {key: opstart, in: afsluttet}}", "{capacity: {region: trin_1, in: i_gang}}", "unknown-name"),
    ],
)
def test_the_graph_of_a_programme_is_checked(old: str, new: str, rule: str | None) -> None:
    """Faser beyond the period, a part used twice, an activity of no fase and no spor, requirements of gates."""
    assert PROGRAMME.count(old) == 1
    found = rules_of(programme=PROGRAMME.replace(old, new))
    assert (rule in found) if rule else found == set()


def test_a_joint_event_may_not_bear_the_name_of_a_move() -> None:
    """With one region events are bare, so the two would be one."""
    old = "          hold: {move"
    plain = "    regions:\n      status:\n        title: Status\n        moves:\n"
    plain += "          begynd: {move: venter -> i_gang, gated: true}\n"
    together = "    together: {begynd: {title: B, moves: [begynd, hold]}}\n" + plain
    assert old in PART and PART.count(plain) == 1
    assert "duplicate-name" in rules_of(part=PART.replace(plain, together))


def test_an_activity_that_never_gets_so_far_is_told() -> None:
    """A requirement without states means held or done; a kind that has no such state can never meet it."""
    part = PART.replace(
        "afslut: i_gang -> afsluttet\n\nreminders",
        "afslut: i_gang -> gjort\n        states: {venter: V, i_gang: I, gjort: {title: G, final: true}}\n\nreminders",
    )
    programme = PROGRAMME.replace("{activity: {key: opstart, in: afsluttet}}", "{activity: maaling}")
    assert "cannot-hold" in rules_of(part, programme)


def test_a_programme_without_machines_says_which_part_has_them() -> None:
    """No programme can run, and no kommune enrol, without a part that brings their machines."""
    part = "format: 1\npart: ramme\nversion: 1\ntitle: Ramme\nactivity_kinds: {workshop: moede, survey: opgave}\n"
    found = rules_of(part=part)
    assert {"no-machine", "unknown-name"} <= found


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("forår", "året mangler"),
        ("medio september", "året mangler"),
        ("fra foråret til oktober", "året mangler"),
        ("november og december 2027", "skriv en periode med til"),
        ("derefter", "skriv i plan"),
    ],
)
def test_a_date_that_lacks_something_says_what(words: str, hint: str) -> None:
    """A month or season without a year is no name, and what is meant is said."""
    with pytest.raises(DateRuleError, match=hint):
        parse_date_rule(words)


@pytest.mark.parametrize(
    ("written", "days"),
    [("1 dag", 1), ("3 dage", 3), ("2 uger", 14), ("10 arbejdsdage", 14), ("1 måned", 30), ("2 maaneder", 60)],
)
def test_a_window_in_another_unit_is_told_in_days(written: str, days: int) -> None:
    """Windows are counted in calendar days; the author gets the number to write."""
    (problem,) = problems_of(programme=PROGRAMME.replace("window: 2", f"window: {written}"))
    assert (problem.rule, problem.path) == ("bad-unit", "evaluations.baseline.window")
    assert problem.message.endswith(f"skriv {days}")


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("opstart", "opstart er en aktivitet, så skriv {activity: opstart}"),
        ("[opstart]", "skriv {activity: opstart}"),
        ("{opstart: afsluttet}", "skriv {activity: opstart}"),
        ("sidste", "sidste er en evaluering, så skriv {baseline: sidste}"),
        ("opstart_foerst", "opstart_foerst er selv en gate"),
        ("cheklist", "mente du checklist?"),
    ],
)
def test_a_name_of_the_document_as_a_requirement_is_told_how_to_be_asked_for(written: str, hint: str) -> None:
    """An author who writes only the key of an activity gets the words that ask for it."""
    (problem,) = problems_of(programme=PROGRAMME.replace("{activity: {key: opstart, in: afsluttet}}", written))
    assert problem.rule == "unknown-requirement"
    assert hint in problem.message
