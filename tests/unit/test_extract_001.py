"""Programme 001 says what its document says: four faser that hand over to each other by reports."""

from ..extracts import EXTRACTS, Comparison, load, nothing_differs, shipped_workflow

IDS = {
    **{name: name for name in ("beskaeftigelse", "integration", "styregruppe", "projektgruppe")},
    **{name: name for name in ("regionale_kompetenceudvalg", "projektleder", "partskonsulent")},
    **{name: name for name in ("ekstern_konsulent", "ressourceperson", "leder", "medarbejder")},
    **{name: name for name in ("projektleder_hk", "chef", "praktiker", "uddannelsesinstitution", "aftager")},
    **{name: name for name in ("ministerium",)},
    "f1": "afdaekning",
    "f2": "kompetencebehov",
    "f3": "anbefalinger",
    "f4": "formidling",
    "a01": "foerste_droeftelse",
    "a02": "etablering_af_projektgruppe",
    "a03": "desk_research",
    "a04": "workshopdage",
    "a05": "uddannelsestilbud",
    "a06": "delrapport_1",
    "a07": "spoergeskema",
    "a08": "uddybende_interviews",
    "a09": "ressourceinterviews",
    "a10": "delrapport_2",
    "a11": "anbefalinger_og_forslag",
    "a12": "dialog_med_aftagere",
    "a13": "plan_for_afrapportering",
    "a14": "samlet_afrapportering",
    "a15": "temamoeder",
    "a16": "materiale_paa_nettet",
    "a17": "dialog_med_kommunerne",
    "a18": "sammenstilling",
    "a19": "afrapportering_fase_3",
    "a20": "loebende_formidling",
    "a21": "vurdering_af_behov",
    "a22": "opfoelgende_interviews",
    "a23": "aftale_med_konsulenter",
    "e1": "partsevaluering",
    "e2": "efterfoelgende_evaluering",
    "c1": "fagligheder_beskrevet",
    "c2": "uddannelsestilbud_analyseret",
    "c3": "resultater_formidlet",
    "m1": "udviklingen_foelges",
    "g1": "delrapport_1_foerst",
    "g2": "delrapport_2_foerst",
    "g3": "aftale_foer_analyse",
    "g4": "spoergeskema_foerst",
    "g5": "projektledere_navngivet",
    "g6": "viden_sammenstillet",
}

WORDS = {
    "evt. andre interessenter": "interessent",
    "øvrige interessenter": "interessent",
    "kommuner": "alle_kommuner",
}

EXTRACT = load(EXTRACTS / "001_fagligheder.yaml")
PROGRAMME = shipped_workflow("fagligheder-beskaeftigelsesomraadet").programme
BOTH = Comparison(EXTRACT, PROGRAMME, IDS, WORDS)


def test_all_items_are_counted_and_named() -> None:
    """The extract has 66 items; each with an id is mapped to one of ours, and no id is mapped that it lacks."""
    assert nothing_differs(BOTH.unnamed(66))


def test_tracks_and_phases() -> None:
    """Two spor and four faser in a row, which overlap in September 2016 and June 2017, each with its output."""
    assert nothing_differs(BOTH.sections(tracks=2, phases=4))


def test_activities() -> None:
    """23 activities, five of them dialogue or research done for each spor; the 24th says itself that it is ours."""
    assert nothing_differs(BOTH.sections("activities"))
    assert PROGRAMME.activities.keys() - set(IDS.values()) == {"navne_i_projektbeskrivelsen"}
    assert BOTH.ours_alone(PROGRAMME.activities) == set()


def test_evaluations_criteria_and_monitoring() -> None:
    """An evaluation without a date, a recommended one in 2019, three criteria in words, one point to follow."""
    assert nothing_differs(BOTH.sections(evaluations=2, criteria=3, monitoring=1))


def test_roles_and_bodies() -> None:
    """Twelve roles and three bodies; every other role is marked as ours, and three project leaders are counted."""
    assert nothing_differs(BOTH.sections("roles", bodies=3))
    assert BOTH.ours_alone(PROGRAMME.roles) == set()


def test_gates() -> None:
    """Six gates, all of which the engine can see; the only hard one has a hard requirement."""
    assert nothing_differs(BOTH.sections(gates=6))
    assert all(gate.needs for gate in PROGRAMME.gates.values())
    hard = {key for key, gate in PROGRAMME.gates.items() if any(need.strength == "hard" for need in gate.needs)}
    assert hard == {"projektledere_navngivet"}


def test_approvals_and_deliverables() -> None:
    """One frame that was proposed before the programme began, and nine deliverables, one as an example only."""
    assert nothing_differs(BOTH.deliveries())
    assert EXTRACT["options"] == [] and not PROGRAMME.offers


def test_principles() -> None:
    """Four principles, two of which must be followed."""
    assert nothing_differs(BOTH.principles())


def test_the_head_of_the_document() -> None:
    """Every value of the programme's head is ours, under its own name or as a statement."""
    it, statements = PROGRAMME, PROGRAMME.statements
    assert it.target_group is not None
    assert nothing_differs(
        BOTH.head(
            {
                **BOTH.usual_head(),
                "municipalities.capacity": it.kommuner.capacity,
                "municipalities.selection_rule": it.kommuner.rule,
                "municipalities.note": it.kommuner.note,
                "municipalities.src": it.kommuner.source,
                "enrolment": it.enrolment.deadline,
                "economy.budget_frame_dkk": it.economy.budget_frame_dkk,
                "economy.status": it.economy.status,
                "economy.src": it.economy.source,
                "economy.financing.text": it.economy.financing,
                "economy.financing.src": it.economy.financing_source,
                "target_group.primary": it.target_group.who,
                "target_group.involvement": it.target_group.involvement,
                "target_group.numbers": it.target_group.numbers,
                "target_group.src": it.target_group.source,
                "scope.in": statements["uddannelser_i_fokus"].items,
                "scope.may_affect": statements["uddannelser_der_kan_paavirkes"].items,
                "scope.src": statements["uddannelser_i_fokus"].source,
            }
        )
    )


def test_every_ambiguity_is_told() -> None:
    """What the document leaves open stands in the notes, in its order and words."""
    assert nothing_differs(BOTH.notes())
