"""Claims about the checks that need no document: rings, near names, warnings and what may be left unknown."""

from samskabt.engine.definition import Workflow
from samskabt.engine.definition.checks import Known, check, date_edges, find_cycles, suggest
from samskabt.workflows.catalogue import Catalogue

from ..documents import PART, PROGRAMME


def workflow(programme: str = PROGRAMME) -> Workflow:
    """Give the small programme, assembled."""
    return Catalogue((("ramme.yaml", PART), ("proeve.yaml", programme))).programme("proeve")


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
