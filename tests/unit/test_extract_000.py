"""Programme 000 says what its document says: the shipped YAML beside the extract, item by item."""

from datetime import date

from ..extracts import EXTRACTS, Comparison, day_of, load, nothing_differs, plain, shipped_workflow

IDS = {
    # spor
    **{name: name for name in ("uddannelse", "proces", "evaluering", "kompetence", "kommunikation")},
    # faser
    "f1": "forberedelse",
    "f2": "udvikling",
    "f3": "afslutning",
    # activities
    "a01": "tilmelding",
    "a02": "opstartsmoede",
    "a03": "rammesaetning",
    "a04": "udpegning_af_konsulenter",
    "a05": "uddannelsesdag_1",
    "a06": "fagprofil_workshops",
    "a07": "temadag_oest",
    "a08": "temadag_vest",
    "a09": "lokalt_opstartsmoede",
    "a10": "foerste_skridt",
    "a11": "uddannelsesdag_2",
    "a12": "uddannelsesdag_3",
    "a13": "videre_proces",
    "a14": "selvstaendige_temadage",
    "a15": "implementering",
    "a16": "sparring",
    "a17": "kommunebesoeg",
    "a18": "temadag_undervejs",
    "a19": "formidling",
    "a20": "opsamling",
    "a21": "afsluttende_temadag",
    "a22": "invitation",
    "a23": "udvaelgelse",
    "a24": "maalepunkter",
    "a25": "resultatmaal",
    "a26": "baselinemaaling",
    "a27": "resultatmonitorering",
    "a28": "brug_af_evalueringen",
    "a29": "kommunernes_formidling",
    # evaluations
    "e1": "baseline",
    "e2": "midtvejsevaluering",
    "e3": "afsluttende_evaluering",
    # monitoring
    "m1": "maalepunkter",
    "m2": "resultatmaal",
    # roles
    **{
        name: name for name in ("partskonsulent", "kommunal_konsulent", "ekstern_evaluator", "forsker", "klk_konsulent")
    },
    **{
        name: name for name in ("leder", "medarbejder", "borger", "politiker", "projektkommune", "parter", "virksomhed")
    },
    # gates
    "g1": "kommuner_udvalgt",
    "g2": "konsulent_uddannet",
    "g3": "rammer_klarlagt",
    "g4": "fagprofiler_opdateret",
    "g5": "konsulenter_udpeget",
    "g6": "uddannelsesdage_i_raekkefoelge",
    "g7": "lokalt_opstartsmoede_foerst",
    "g9": "loesninger_valgt",
    "g10": "kommunen_har_forpligtet_sig",
    # principles
    "pr1": "samskabt_styring",
    "pr2": "lokal_kontekst",
    "pr3": "aktier_i_udfordringen",
    "pr4": "faelles_om_processen",
    "pr5": "paa_tvaers",
    "pr6": "egne_konsulenter",
}

WORDS = {
    "kommune": "projektkommune",
    "projektkommuner": "projektkommune",
    "alle kommuner": "alle_kommuner",
    "en række kommuner": "en_raekke_kommuner",
    "KLK-konsulenter": "klk_konsulent",
}

PARTER = "KL, DS og HK Kommunal; inviterer i fællesskab og stiller partskonsulenter (udvælger kommunerne)"

EXTRACT = load(EXTRACTS / "000_forenklet_beskaeftigelsesindsats.yaml")
PROGRAMME = shipped_workflow("forenklet-beskaeftigelsesindsats").programme
SAID_OTHERWISE = {("parter", "does"): PARTER}  # the extract's "inferred" stands in our own `inferred`
BOTH = Comparison(EXTRACT, PROGRAMME, IDS, WORDS, SAID_OTHERWISE)


def test_all_items_are_counted_and_named() -> None:
    """The extract has 73 items; each with an id is mapped to one of ours, and no id is mapped that it lacks."""
    assert nothing_differs(BOTH.unnamed(73, EXTRACT["programme"]["principles"]))


def test_tracks_and_phases() -> None:
    """Five spor and three overlapping faser, with their windows."""
    assert nothing_differs(BOTH.sections(tracks=5, phases=3))


def test_activities() -> None:
    """29 activities: kind, place, people, number, dates, what is inferred, and the source's words."""
    assert nothing_differs(BOTH.sections(activities=29))


def test_evaluations_and_monitoring() -> None:
    """Three evaluations and two monitoring points."""
    assert nothing_differs(BOTH.sections(evaluations=3, monitoring=2))


def test_roles() -> None:
    """Twelve roles of the document; every other one is marked as ours."""
    assert nothing_differs(BOTH.sections("roles"))
    ours = {name for name, role in PROGRAMME.roles.items() if name not in IDS.values() and "*" not in role.inferred}
    assert ours == set()
    assert len(EXTRACT["roles"]) == 12


def test_gates() -> None:
    """Nine gates; the tenth of ours is the second half of "1 før 2 før 3", from the same place."""
    assert nothing_differs(BOTH.sections("gates"))
    more = PROGRAMME.gates.keys() - set(IDS.values())
    assert more == {"anden_dag_foer_tredje"}
    assert PROGRAMME.gates["anden_dag_foer_tredje"].source == PROGRAMME.gates[IDS["g6"]].source


def test_deliverables_and_inputs() -> None:
    """Ten deliverables and one input, in the document's order."""
    theirs = [*EXTRACT["deliverables"], *EXTRACT["programme"]["inputs"]]
    ours = [*PROGRAMME.deliverables, *PROGRAMME.inputs]
    pairs = zip(theirs, ours, strict=True)
    assert nothing_differs([line for item, one in pairs for line in BOTH.of_item(item, one, item["title"])])


def test_principles() -> None:
    """Six principles, two of which must be followed."""
    theirs = EXTRACT["programme"]["principles"]
    ours = PROGRAMME.principles
    assert nothing_differs([line for item in theirs for line in BOTH.of_item(item, ours.get(IDS[item["id"]]))])
    assert len(ours) == 6


def test_the_head_of_the_document() -> None:
    """Title, owners, family, date, purpose, period and the method stand as in the document."""
    said, period = EXTRACT["programme"], BOTH.windows["period"]
    assert PROGRAMME.workflow == said["id"]
    assert (PROGRAMME.title, PROGRAMME.purpose) == (said["title"], said["purpose"])
    assert (PROGRAMME.family, [*PROGRAMME.owners]) == (said["family"], said["owners"])
    assert (PROGRAMME.document_date, PROGRAMME.source) == (said["document_date"], said["src"]["phrase"])
    assert ("samskabt-styring" in [use.key for use in PROGRAMME.uses]) == said["uses_six_trin"]
    assert (period.start, period.end) == (said["period"]["start"], said["period"]["end"])
    assert plain(PROGRAMME.period.wording) == plain(said["period"]["text"])
    assert period.precision == said["period"]["precision"]


def test_who_may_take_part_and_how() -> None:
    """Four kommuner of all, chosen by size and geography, enrolled by 2 September 2019, at no price."""
    said = EXTRACT["programme"]
    kommuner, enrolment, economy = PROGRAMME.kommuner, PROGRAMME.enrolment, PROGRAMME.economy
    assert kommuner.capacity is not None
    assert kommuner.capacity.min == kommuner.capacity.max == said["municipalities"]["capacity"]["exact"]
    assert (kommuner.invited, kommuner.rule) == (
        said["municipalities"]["invited"],
        said["municipalities"]["selection_rule"],
    )
    assert kommuner.select_by == ("stoerrelse", "geografi")
    assert day_of(enrolment.deadline) == said["enrolment"]["deadline"] == date(2019, 9, 2)
    assert enrolment.how == said["enrolment"]["how"]
    assert economy.price_dkk == said["economy"]["price_dkk"] == 0
    assert [*economy.kommune_pays] == said["economy"]["municipality_pays"]
    for name, ours in (("municipalities", kommuner), ("enrolment", enrolment), ("economy", economy)):
        assert ours.source == said[name]["src"]["phrase"]


def test_target_group_and_the_law() -> None:
    """For whom, with which effects and no numbers; and the law's day, which never shifts."""
    said, group = EXTRACT["programme"], PROGRAMME.target_group
    assert group is not None
    assert (group.who, group.numbers, group.source) == (
        said["target_group"]["who"],
        said["target_group"]["numbers"],
        said["target_group"]["src"]["phrase"],
    )
    assert [*group.intended_effects] == said["target_group"]["intended_effects"]
    (law,) = PROGRAMME.external_dates.values()
    assert (law.on, law.title) == (said["external_date"]["date"], said["external_date"]["text"])
    assert law.source == said["external_date"]["src"]["phrase"]


def test_every_ambiguity_is_told() -> None:
    """What the document leaves open stands in the notes, in the same order."""
    ours = [" ".join(note.split()[:4]) for note in PROGRAMME.notes]
    assert ours == [" ".join(text.split()[:4]) for text in EXTRACT["ambiguities"]]


def test_the_comparer_sees_a_changed_field() -> None:
    """A title, a day, a person or an unread key that differs is told by name; so is what nobody said."""
    changed = PROGRAMME.activities["temadag_oest"].model_copy(update={"title": "Andet", "presenter": "forsker"})
    item = {**EXTRACT["activities"][6], "date": date(2019, 9, 24), "participants": ["leder"], "weather": "sol"}
    names = [line.partition(":")[0].rpartition(".")[2] for line in BOTH.of_item(item, changed)]
    assert sorted(names) == ["date", "participants", "presenter", "title", "weather"]
