"""Claims about the checks that need no document: rings, near names, warnings and what may be left unknown."""

import pytest
from samskabt.engine.definition import Part, Programme, Workflow, assemble
from samskabt.engine.definition.checks import Finding, Known, check, date_edges, find_cycles, suggest
from samskabt.workflows.catalogue import Catalogue
from samskabt.workflows.reader import read_document

from ..documents import PART, PROGRAMME


def workflow(programme: str = PROGRAMME) -> Workflow:
    """Give the small programme, assembled."""
    return Catalogue((("ramme.yaml", PART), ("proeve.yaml", programme))).programme("proeve")


def findings(programme: str = PROGRAMME, part: str = PART) -> list[Finding]:
    """Give everything that the checks say of a programme, right or wrong."""
    document, frame = read_document(("proeve.yaml", programme)), read_document(("ramme.yaml", part))
    assert isinstance(document, Programme) and isinstance(frame, Part)
    return [*check(assemble(document, [frame]))]


def test_rings_begin_with_their_smallest_name() -> None:
    """Each name leads to the next, and the last to the first."""
    edges = {"c": {"a"}, "a": {"b"}, "b": {"c"}, "d": {"a"}, "e": {"e"}, "f": set[str]()}
    assert find_cycles({name: frozenset(ends) for name, ends in edges.items()}) == (("a", "b", "c"), ("e",))


def test_no_ring_is_found_where_none_is() -> None:
    """A diamond is no ring, and an end that is no node is none either."""
    assert find_cycles({"a": frozenset("bc"), "b": frozenset("d"), "c": frozenset("d")}) == ()


def test_a_long_chain_is_no_recursion() -> None:
    """Ten thousand dates that hang on each other are checked, and their ring is found."""
    edges = {f"n{i}": frozenset({f"n{(i + 1) % 10_000}"}) for i in range(10_000)}
    assert len(find_cycles(edges)[0]) == 10_000


def test_near_names_are_offered_first() -> None:
    """One that is near is asked for, else the first thirty are listed with the number of the others."""
    assert suggest("lder", ["leder", "borger"]) == "mente du leder?"
    assert suggest("x", []) == "der er ingen at vælge imellem"
    assert suggest("qqq", [f"n{i:02}" for i in range(33)]).endswith("n29 og 3 til")


def test_date_edges_come_from_the_rules() -> None:
    """An activity hangs on the activity that its rule names; days that others set are no item."""
    edges = date_edges(workflow())
    assert edges["opfoelgning"] == {"opstart"}
    assert edges["opstart"] == edges["maaling"] == frozenset()


def test_a_phase_outside_the_period_is_only_a_warning() -> None:
    """Documents do say so at times: the programme can be run."""
    found = check(workflow(PROGRAMME.replace("2019-09-02 til 2020-01-31", "2019-08-01 til 2020-01-31")))
    assert [(one.rule, one.severity) for one in found] == [("outside-period", "warning")]


def test_texts_are_checked_only_where_the_standard_ones_are_known() -> None:
    """The standard texts live elsewhere; without them a name that is not here may be one of theirs."""
    programme = PROGRAMME.replace("    text: tillykke", "    text: standard")
    found = workflow(programme)
    assert check(found) == ()
    assert [one.rule for one in check(found, Known(texts=frozenset()))] == ["unknown-name"]
    assert check(found, Known(texts=frozenset({"standard"}), placeholders=frozenset({"kommune"}))) == ()


BEFORE = "    before: opfoelgning\n"
BEFORE_FASE = PROGRAMME.replace(BEFORE, "    before: slut_fase\n")
FASE_EMPTY = BEFORE_FASE.replace("in: slut_fase / proces", 'in: "- / proces"')


@pytest.mark.parametrize(
    ("programme", "way_out"),
    [
        (PROGRAMME.replace(BEFORE, "    before: sidste\n"), "sidste er en evaluering"),
        (PROGRAMME.replace(BEFORE, "    before: [opfoelgning, sidste]\n"), "sidste er en evaluering"),
        (PROGRAMME.replace(BEFORE, "    before: maaling\n"), "opgave har ingen flytning med gated: true"),
        (
            BEFORE_FASE.replace("scope: kommune", "scope: programme"),
            "skriv before: [slut_fase, opfoelgning] eller scope",
        ),
        (FASE_EMPTY, "fasen slut_fase har ingen aktiviteter"),
        (BEFORE_FASE.replace("workshop\n    in: slut", "survey\n    in: slut"), "har ingen flytning med gated: true"),
        (PROGRAMME.replace("count: op til 3", "lived_by: forloeb.tilmeld"), "sker med hændelsen forloeb.tilmeld"),
    ],
)
def test_a_gate_that_nothing_waits_behind_is_told_with_a_way_out(programme: str, way_out: str) -> None:
    """A name that no move asks for holds nobody back, whatever the document says: it is a mistake."""
    assert programme != PROGRAMME
    (found,) = findings(programme)
    assert (found.rule, found.severity) == ("holds-nobody", "error")
    assert found.path[:4] == ("programme", "gates", "opstart_foerst", "before")
    assert way_out in found.message


@pytest.mark.parametrize(
    "programme",
    [
        PROGRAMME,
        BEFORE_FASE,
        PROGRAMME.replace(BEFORE, "    before: [slut_fase, opfoelgning]\n").replace(
            "scope: kommune", "scope: programme"
        ),
        PROGRAMME.replace(BEFORE, ""),
    ],
)
def test_a_gate_that_something_waits_behind_is_right(programme: str) -> None:
    """By its name, by its fase, by both; and a gate before nothing at all speaks of the whole programme."""
    assert findings(programme) == []


def test_a_gate_before_a_fase_of_the_kommuner_stands_before_their_region() -> None:
    """Where the frame gives them one whose moves are gated, it needs no activity; without, nothing waits."""
    fase = "  fase:\n        title: Fase\n        phase: true\n        moves:\n"
    fase += "          begynd: {move: venter -> i_gang%s}\n          afslut: i_gang -> afsluttet\n      trin_1:"
    programme = FASE_EMPTY.replace("slut_fase: {title: Slut, when", "slut_fase: {level: kommune, title: Slut, when")
    for gated, rules in ((", gated: true", set()), ("", {"holds-nobody"})):
        part = PART.replace("  trin_1:", fase % gated, 1)
        assert {one.rule for one in findings(programme, part) if one.severity == "error"} == rules


def test_what_follows_from_an_unknown_kind_is_not_told() -> None:
    """What lives as no machine may be asked for, once its kind is mended."""
    part = PART.replace("workshop: moede", "workshop: moeder")
    assert {one.rule for one in findings(part=part)} == {"unknown-name"}


def told_to(kind: str, during: str) -> str:
    """Give the part with one more reminder, to whoever answers for instances of a kind."""
    old = "    to: [leder, ansvarlig]\n    text: tillykke\n"
    more = f"  mere: {{title: Mere, on: {kind}, during: {during}, to: ansvarlig, text: tillykke}}\n"
    assert PART.count(old) == 1
    return PART.replace(old, old + more)


def test_mail_to_whoever_answers_for_a_level_that_names_nobody_is_warned_of() -> None:
    """An activity without a facilitator needs a role for its level, or its reminders reach nobody."""
    (found,) = findings(part=told_to("opgave", "status.venter"))
    assert (found.rule, found.severity, found.path) == ("nobody", "warning", ("programme", "responsible"))
    assert "ingen svarer for maaling" in found.message
    assert "responsible: {cross: <rolle>}" in found.message


def test_who_leads_an_activity_answers_for_it() -> None:
    """A facilitator, or a role for the level, is enough."""
    part = told_to("opgave", "status.venter")
    assert findings(PROGRAMME.replace("kind: survey,", "kind: survey, facilitator: konsulent,"), part) == []
    assert findings(PROGRAMME.replace("{kommune: konsulent}", "{kommune: konsulent, cross: konsulent}"), part) == []


def test_a_programme_or_kommune_that_nobody_answers_for_is_warned_of() -> None:
    """Both are written about by themselves, whatever is held in them."""
    (found,) = findings(part=told_to("programme", "forloeb.planlagt"))
    assert "ingen svarer for program," in found.message
    (found,) = findings(PROGRAMME.replace("responsible: {kommune: konsulent}\n", ""))
    assert "ingen svarer for kommune," in found.message


def test_a_mail_that_a_move_sends_counts_too() -> None:
    """Of many that nobody answers for, three are named."""
    part = PART.replace('afsluttet", wants: reason', 'afsluttet", notices: [{to: ansvarlig, text: tillykke}]')
    more = "".join(f"  m{n}: {{title: M, kind: workshop, level: public}}\n" for n in range(5))
    (found,) = findings(PROGRAMME.replace("activities:\n", f"activities:\n{more}"), part)
    assert "ingen svarer for m0, m1, m2 og 2 til" in found.message


def test_a_role_of_a_part_that_is_nobody_is_warned_of() -> None:
    """Its mails go to nobody until the document says who it is; a body or ``stands_for`` does."""
    without = PROGRAMME.replace("{does: Hjælper, stands_for: leder}", "{does: Hjælper}")
    (found,) = findings(without)
    assert (found.rule, found.severity, found.path) == ("nobody", "warning", ("programme", "roles"))
    assert found.message.startswith("rollen leder kommer fra en del") and "stands_for" in found.message
    assert findings(without.replace("{does: Hjælper}", "{does: Hjælper}\n  leder: {does: Leder selv}")) == []
    bodies = "bodies: {styregruppe: {title: Styregruppe, stands_for: leder}}\nspor:\n"
    assert findings(without.replace("spor:\n", bodies)) == []


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("2019-08-20", "2019-08-20 ligger før dens fase start_fase, der begynder 2019-09-02"),
        ("marts 2020", "2020-03-01 ligger efter dens fase start_fase, der slutter 2020-01-31"),
        ("januar 2020 til marts 2020", "2020-03-31 ligger efter"),
        ("2020-01-31", None),
        ("2 uger efter ny_lov", None),
        ("i fasen", None),
    ],
)
def test_an_activity_outside_its_phase_is_warned_of(when: str, words: str | None) -> None:
    """Where both are days of the calendar, no rehearsal is needed to see it; the programme can be run."""
    found = findings(PROGRAMME.replace("when: 2019-09-20", f"when: {when}"))
    assert [(one.rule, one.severity) for one in found] == ([("outside-phase", "warning")] if words else [])
    assert all(words in one.message for one in found if words)


def test_our_proposal_is_what_must_lie_in_the_phase() -> None:
    """The document may say what it likes, where we plan otherwise; a fase without days holds no days out."""
    assert findings(PROGRAMME.replace("when: 2019-09-20", "when: 2019-08-20\n    plan: 2019-09-03")) == []
    (found,) = findings(PROGRAMME.replace("when: 2019-09-20", "when: 2019-09-20\n    plan: 2019-09-01"))
    assert found.path == ("programme", "activities", "opstart", "plan")
    open_ = PROGRAMME.replace("{title: Start, when: 2019-09-02 til 2020-01-31}", "{title: Start}")
    assert findings(open_.replace("when: 2019-09-20", "when: 2019-08-20")) == []


def test_a_programme_without_a_frame_is_told_once() -> None:
    """Not once for each activity: every name would be unknown."""
    (found,) = findings(part="format: 1\npart: ramme\nversion: 3\ntitle: Ramme\n")
    assert (found.rule, found.path) == ("no-machine", ("programme", "uses"))
    assert "ramme er en del, ikke et program" in found.message
    assert "uses: [programramme@1, ramme@1]" in found.message
    document = read_document(("proeve.yaml", PROGRAMME.replace("uses: ramme@1\n", "")))
    assert isinstance(document, Programme)
    (found,) = check(assemble(document, []))
    assert "uses mangler" in found.message and "skriv uses: programramme@1" in found.message


def test_a_frame_without_kommuner_cannot_take_any_in() -> None:
    """A programme that has room for kommuner needs a part that says what they live by."""
    moves = "{begynd: venter -> i_gang, afslut: i_gang -> afsluttet}"
    machines = f"machines: {{programme: {{title: P, regions: {{forloeb: {{title: F, moves: {moves}}}}}}}}}\n"
    found = findings(part=f"format: 1\npart: ramme\nversion: 1\ntitle: Ramme\n{machines}")
    assert ("no-machine", ("programme", "kommuner", "capacity")) in [(one.rule, one.path) for one in found]
