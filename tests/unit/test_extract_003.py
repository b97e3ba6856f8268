"""Programme 003 says what its document says: two kommuner, and two windows where table and timetable disagree."""

from datetime import date

from ..extracts import EXTRACTS, Comparison, load, nothing_differs, shipped_workflow

IDS = {
    **{name: name for name in ("taet_paa", "laengere_fra", "virksomhed", "styregruppe", "arbejdsgruppe")},
    **{name: name for name in ("projektleder", "konsulent_mploy", "leder", "medarbejder", "fagkonsulent")},
    **{name: name for name in ("evaluator", "tilskudsansvarlig")},
    "p1": "kortlaegning_og_opstart",
    "p2": "udvikling",
    "p3": "traening",
    "p4": "aktionslaering_og_sparring",
    "p5": "forankring",
    "p6": "projektevaluering",
    "a01": "kortlaegningsinterviews",
    "a02": "opstartsmoede",
    "a03": "lederworkshop",
    "a04": "tids_og_aktivitetsplan",
    "a05": "udviklingsworkshops",
    "a06": "traeningsworkshops",
    "a07": "aktionslaering",
    "a08": "kollegial_sparring",
    "a09": "ledelsesopfoelgning",
    "a10": "afsluttende_workshop",
    "a11": "statusmoede_med_mploy",
    "a12": "maanedlig_status",
    "a13": "styregruppemoede",
    "a14": "indsamling_af_data",
    "a16": "rammer_for_laering",
    "e1": "evaluering",
    "e2": "deltagerevaluering",
    "c1": "nye_metoder",
    "c2": "godt_klaedt_paa",
    "c3": "plan_for_opfoelgning",
    "c4": "sparring_i_alle_jobcentre",
    "m1": "status_mod_planen",
    "g1": "kortlaegning_foerst",
    "g2": "ny_praksis_foerst",
    "g3": "plan_foer_status",
    "g4": "interviews_foer_opstart",
    "g5": "maal_og_rammer_foerst",
    "pr1": "skraeddersyet",
    "pr2": "efter_medarbejdergruppe",
    "pr3": "sammenhaeng",
    "pr4": "egne_opgaver",
    "pr5": "bygger_videre",
}

WORDS = {"udvalgte medarbejdere": "udvalgte_medarbejdere", "mindre arbejdsgruppe": "arbejdsgruppe"}

EXTRACT = load(EXTRACTS / "003_lab_ud_i_praksis.yaml")
PROGRAMME = shipped_workflow("lab-ud-i-praksis").programme
SAID_OTHERWISE = {
    # ids of the extract and words about its own file are not for people
    ("a09", "window"): (date(2020, 4, 1), date(2020, 11, 30), "derived", "følger aktionslæringen"),
    ("notes", "6"): EXTRACT["ambiguities"][6].replace("filen gemmer begge vinduer", "begge vinduer vises her"),
    ("notes", "8"): EXTRACT["ambiguities"][8].replace(
        "filen tæller to (a02, a03)", "her er de to (opstartsmøde og lederworkshop)"
    ),
    ("a02", "note"): "kan være samme begivenhed som lederworkshoppen (indsatsmodel/tidsplan mod tabel)",
    ("a03", "note"): "kan være samme begivenhed som opstartsmødet",
    # all that the fase has is held in the kommuner, so the gate names it besides: else it would stand before nothing
    ("g2", "before"): ["traening", "traeningsworkshops"],
}
BOTH = Comparison(EXTRACT, PROGRAMME, IDS, WORDS, SAID_OTHERWISE)


def test_all_items_are_counted_and_named() -> None:
    """The extract has 55 items; each with an id is mapped to one of ours, and no id is mapped that it lacks."""
    assert nothing_differs(BOTH.unnamed(55, EXTRACT["programme"]["principles"]))


def test_tracks_and_phases() -> None:
    """Three groups of employees, and six faser, two of which the document dates twice."""
    assert nothing_differs(BOTH.sections(tracks=3, phases=6))
    assert {key for key, phase in PROGRAMME.faser.items() if phase.otherwise} == {
        "kortlaegning_og_opstart",
        "aktionslaering_og_sparring",
    }


def test_activities() -> None:
    """15 activities, and not one more; twelve monthly statuses, nine meetings with mploy, a steering group."""
    assert nothing_differs(BOTH.sections(activities=15))
    rules = {key: one.repeats.rule for key, one in PROGRAMME.activities.items() if one.repeats}
    assert set(rules) == {"statusmoede_med_mploy", "maanedlig_status", "styregruppemoede"}
    assert all(rule.startswith("FREQ=MONTHLY") for rule in rules.values())


def test_evaluations_and_monitoring() -> None:
    """The evaluation of the project, what feeds it, and the monthly status against the plan."""
    assert nothing_differs(BOTH.sections(evaluations=2, monitoring=1))


def test_criteria() -> None:
    """75 per cent of 200 twice, a plan, and every jobcentre: each has a measure of ours that it is computed from."""
    assert nothing_differs(BOTH.sections(criteria=4))
    assert {one.measure for one in PROGRAMME.criteria.values()} == set(PROGRAMME.measures)
    assert BOTH.ours_alone(PROGRAMME.measures) == set()


def test_roles_and_bodies() -> None:
    """Seven roles and two bodies; every other role is marked as ours."""
    assert nothing_differs(BOTH.sections("roles", bodies=2))
    assert BOTH.ours_alone(PROGRAMME.roles) == set()


def test_gates() -> None:
    """Five gates, all derived from the order of the text, all of which the engine can see."""
    assert nothing_differs(BOTH.sections(gates=5))
    assert all(gate.needs for gate in PROGRAMME.gates.values())


def test_approvals_and_deliverables() -> None:
    """A grant that is applied for, an agreement that is made, and eight deliverables."""
    assert nothing_differs(BOTH.deliveries())
    assert EXTRACT["options"] == [] and not PROGRAMME.offers


def test_principles() -> None:
    """Five principles, one of which must be followed."""
    assert nothing_differs(BOTH.principles())


def test_the_head_of_the_document() -> None:
    """Every value of the programme's head is ours; the two kommuner are named."""
    it, group, economy = PROGRAMME, PROGRAMME.target_group, PROGRAMME.economy
    assert group is not None and it.kommuner.capacity is not None
    topic = it.statements["indhold"]
    assert nothing_differs(
        BOTH.head(
            {
                **BOTH.usual_head(),
                "document_title": it.document_title,
                "municipalities.capacity.exact": it.kommuner.capacity.max,
                "municipalities.named": it.kommuner.named,
                "municipalities.selection_rule": it.kommuner.rule,
                "municipalities.src": it.kommuner.source,
                **{f"target_group.{name}": number for name, number in group.counts.items()},
                "target_group.src": group.source,
                "enrolment": it.enrolment.deadline,
                "economy.applied_dkk": economy.applied_dkk,
                "economy.other_funding": economy.other_funding,
                "economy.src": economy.source,
                "content_topics.0.title": topic.items[0],
                "content_topics.0.src": topic.source,
            }
        )
    )
    assert it.kommuner.capacity.min == it.kommuner.capacity.max


def test_every_ambiguity_is_told() -> None:
    """What the document leaves open stands in the notes, in its order and words."""
    assert nothing_differs(BOTH.notes())
