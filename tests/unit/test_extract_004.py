"""Programme 004 says what its document says: a frame that a board owns, with the projects of kommuner in it."""

from ..extracts import EXTRACTS, Comparison, load, nothing_differs, shipped_workflow

IDS = {
    **{name: name for name in ("styrket_borgerkontakt", "projektledelse", "partsprojektleder")},
    **{name: name for name in ("kommunal_projektleder", "ekstern_konsulent", "forsker", "sekretariat")},
    **{name: name for name in ("med_repraesentant", "leder", "medarbejder", "borger", "formandskab", "ekspert")},
    **{name: name for name in ("part", "kommune", "beslutningstager", "interesseorganisation", "bestyrelse")},
    **{name: name for name in ("arbejdsgruppe_beskrivelse", "arbejdsgruppe_tvaergaaende", "projektklynger")},
    **{name: name for name in ("ekspertomraader", "med")},
    "frisaettende": "frisaettende_ledelse",
    "oevrige": "oevrige_temaer",
    "f1": "beskrivelsesfase",
    "f2": "valgfase",
    "f3": "gennemfoerelsesfase",
    "f4": "afslutningsfase",
    "a01": "projektskitse",
    "a02": "moeder_med_formandskaber",
    "a03": "aeldre_tilslutter_sig",
    "a04": "saerlige_behov_tilslutter_sig",
    "a05": "boern_tilslutter_sig",
    "a06": "bruger_tilslutter_sig",
    "a07": "borger_tilslutter_sig",
    "a08": "godkendelse_af_projektbeskrivelse",
    "a09": "inspirationsmoede",
    "a10": "valg_af_kommuneprojekter",
    "a11": "aftaler_med_partnere",
    "a12": "beslutning_om_formidling",
    "a13": "budget",
    "a14": "arbejdsgruppe_og_klynger",
    "a15": "projektklyngemoede",
    "a16": "kommuneprojekter",
    "a17": "website",
    "a18": "afsluttende_formidling",
    "a19": "forelaeggelse_for_bestyrelsen",
    "a20": "orientering_af_bestyrelsen",
    "a21": "projektbeskrivelse",
    "a22": "partnerskabsaftaler",
    "a23": "aftale_med_ukon",
    "a24": "evalueringsdesign",
    "a25": "evaluering_af_projektet",
    "a26": "to_projektforslag",
    "a27": "fokus_for_boern",
    "a28": "arbejdsgruppemoede",
    "a29": "loebende_formidling",
    "a30": "opsamling_af_metoder",
    "e1": "samlet_evaluering",
    "c1": "understoette_kommuneprojekter",
    "c2": "erfaringsudveksling",
    "c3": "dokumentere_effekt",
    "c4": "sprede_erfaringer",
    "c5": "effekt_paa_bundlinjerne",
    "m1": "loebende_dokumentation",
    "m2": "fremdrift_efter_tidsplanen",
    "g1": "godkendt_foer_valgfase",
    "g2": "valg_foer_gennemfoerelse",
    "g3": "projekter_foer_formidling",
    "g4": "forankret_i_med",
    "g5": "tildeling_foer_periodisering",
    "g6": "temaer_kan_indpasses",
    "g7": "samme_kernesammensaetning",
    "o1": "moede_med_ekspert",
    "o2": "stoette_til_kommuneprojekter",
}

EXTRACT = load(EXTRACTS / "004_mere_kerneopgave.yaml")
PROGRAMME = shipped_workflow("mere-kerneopgave-mindre-bureaukrati").programme
SAID_OTHERWISE = {
    # ids of the extract and words about its own file are not for people
    ("o1", "title"): "Møde med konsulent/ekspert pr. ekspertområde",
    ("notes", "0"): EXTRACT["ambiguities"][0].replace("i filen", "her"),
    ("notes", "1"): EXTRACT["ambiguities"][1].replace("start i filen", "start"),
    ("notes", "8"): EXTRACT["ambiguities"][8]
    .replace("f1 slutter", "Fase 1 slutter")
    .replace("f2 starter", "fase 2 starter"),
    # all work of fase 3 lies in the kommuner: a gate of the programme before it is met at each of their projects
    ("g2", "before"): ["gennemfoerelsesfase", "kommuneprojekter"],
}
BOTH = Comparison(EXTRACT, PROGRAMME, IDS, {}, SAID_OTHERWISE)


def test_all_items_are_counted_and_named() -> None:
    """The extract has 93 items; each with an id is mapped to one of ours, and no id is mapped that it lacks."""
    assert nothing_differs(BOTH.unnamed(93))


def test_tracks_and_phases() -> None:
    """Two spor and an exception beside them; four faser, two of which have only an end, so that we plan their start."""
    assert nothing_differs(BOTH.sections(tracks=3, phases=4))
    assert {key for key, phase in PROGRAMME.faser.items() if phase.plan} == {"gennemfoerelsesfase", "afslutningsfase"}


def test_activities() -> None:
    """30 activities; two more of ours make gates visible that the document only states."""
    assert nothing_differs(BOTH.sections("activities"))
    assert PROGRAMME.activities.keys() - set(IDS.values()) == {"forankring_i_med", "afklaring_af_temaer"}
    assert BOTH.ours_alone(PROGRAMME.activities) == set()


def test_evaluations_criteria_and_monitoring() -> None:
    """One evaluation of the whole, designed in fase 2; five criteria in words; two points that are followed."""
    assert nothing_differs(BOTH.sections(evaluations=1, criteria=5, monitoring=2))


def test_roles_and_bodies() -> None:
    """Sixteen roles and six bodies with mandates, themes and how they are put together."""
    assert nothing_differs(BOTH.sections("roles", bodies=6))
    assert BOTH.ours_alone(PROGRAMME.roles) == set()


def test_gates() -> None:
    """Seven gates; each that must be met has a hard requirement."""
    assert nothing_differs(BOTH.sections(gates=7))
    for key, gate in PROGRAMME.gates.items():
        if gate.strength == "hard":
            assert {str(need.strength) for need in gate.needs} == {"hard"}, key


def test_approvals_options_and_deliverables() -> None:
    """Eight decisions with who makes them, two options without a price, nine deliverables."""
    assert nothing_differs(BOTH.deliveries())
    assert nothing_differs(BOTH.sections(options=2))
    assert len(PROGRAMME.approvals) == 8


def test_who_decides_what() -> None:
    """The board changes the frame, by hearing if need be; the project leaders adjust within it; areas own projects."""
    of = {key: (one.of, one.decider) for key, one in PROGRAMME.approvals.items()}
    assert of["vaesentlige_aendringer"] == ("changes", "bestyrelse")
    assert of["justeringer"] == ("adjustments", "projektledelse")
    assert of["kommuneprojekt"] == ("kommune", "ekspertomraader")
    assert PROGRAMME.approvals["vaesentlige_aendringer"].hearing


def test_principles() -> None:
    """Five principles, in the document's order."""
    assert nothing_differs(BOTH.principles())


def test_the_head_of_the_document() -> None:
    """Every value of the programme's head is ours: frame, money, marks, purposes and target groups."""
    it, group, economy, statements = PROGRAMME, PROGRAMME.target_group, PROGRAMME.economy, PROGRAMME.statements
    assert group is not None
    purposes, types = statements["formaal"], it.choices["projekttyper"]
    assert nothing_differs(
        BOTH.head(
            {
                **BOTH.usual_head(),
                "period.start_is_inferred": "period.start" in it.inferred,
                "bottom_lines": statements["bundlinjer"].items,
                "guiding_marks": statements["pejlemaerker"].items,
                "elements": statements["elementer"].items,
                "municipalities.capacity": it.kommuner.capacity,
                "municipalities.selection_rule": it.kommuner.rule,
                "municipalities.src": it.kommuner.source,
                "enrolment.how": it.enrolment.how,
                "enrolment.template": it.enrolment.template,
                "enrolment.src": it.enrolment.source,
                "economy.budget_frame_dkk": economy.budget_frame_dkk,
                "economy.allocation": economy.allocation,
                "economy.periodised_in": {ours: said for said, ours in IDS.items()}[economy.periodised_in or ""],
                "economy.src": economy.source,
                "economy.allocated_to": economy.allocated_to,
                "economy.budget_lines": economy.budget_lines,
                "economy.frame_pays": economy.frame_pays,
                "economy.ekspertomraader_pay": economy.owners_pay,
                "economy.support_in_f3": economy.support,
                "economy.support_rule": economy.support_rule,
                "purposes.0.text": purposes.items[0],
                "purposes.0.src": purposes.source,
                "purposes.1.text": purposes.items[1],
                "purposes.1.src": purposes.sources_more[0],
                "intervention_types.from": types.options,
                "intervention_types.src": types.source,
                "target_group.primary": group.groups,
                "target_group.secondary": group.secondary,
                "target_group.src": group.source,
            }
        )
    )


def test_every_ambiguity_is_told() -> None:
    """What the document leaves open stands in the notes, in its order and words."""
    assert nothing_differs(BOTH.notes())
