"""Programme 002 says what its document says: a spor in each kommune at its own pace, and one across them."""

from datetime import date

from ..extracts import EXTRACTS, Comparison, day_of, days_of, load, nothing_differs, shipped_workflow

IDS = {
    **{name: name for name in ("kommunespor", "netvaerksspor", "adm_netvaerk", "klynger", "kl_konsulent")},
    **{name: name for name in ("chef", "leder", "medarbejder", "politiker", "samarbejdspartner", "borger")},
    **{name: name for name in ("kontaktperson", "ekspert", "uddannelsesinstitution", "virksomhed", "kommune")},
    "f1": "opstartsfase",
    "f2": "udviklingsfase",
    "f3": "implementeringsfase",
    "a01": "tilmelding",
    "a02": "dialogmoede",
    "a03": "interviews",
    "a04": "tilbagemelding",
    "a05": "valg_af_fokusomraader",
    "a06": "kvantitativ_analyse",
    "a07": "sagsgennemgang",
    "a08": "workshop_1",
    "a09": "workshop_2",
    "a10": "workshop_3",
    "a11": "dialogmoede_om_fremdrift",
    "a12": "ny_indsats",
    "a13": "opfoelgningsworkshop",
    "a14": "afsluttende_moede",
    "a15": "netvaerksmoede_1",
    "a16": "netvaerksmoede_2",
    "a17": "politisk_seminar",
    "a18": "netvaerksmoede_3",
    "a19": "klyngesamarbejde",
    "a20": "anbefalinger",
    "a21": "inddragelse_af_borgere",
    "a22": "klyngeinddeling",
    "a23": "ramme_for_klynger",
    "a24": "interessevaretagelse",
    "a25": "dialog_foer_opfoelgning",
    "e1": "opfoelgning_paa_resultater",
    "c1": "egne_resultatmaal",
    "c2": "nedbringe_ledigheden",
    "c3": "viden_og_inspiration",
    "c4": "sparring_om_indsatsen",
    "c5": "bistand_til_forandring",
    "c6": "bedre_samarbejde",
    "c7": "ejerskab_til_strategier",
    "c8": "paavirke_dagsordenen",
    "m1": "fremdrift_i_udviklingsfasen",
    "direktør": "direktoer",
    "g1": "hovedparten_er_klar",
    "g2": "klynger_efter_dialogrunde",
    "g3": "fokusomraader_valgt",
    "g4": "involvering_inden_for_rammen",
    "g5": "dialog_foer_valg",
    "g6": "opstart_foer_workshops",
    "g7": "sagsgennemgang_foer_workshop_3",
    "g8": "netvaerksmoede_2_foer_seminar",
    "g9": "faser_i_raekkefoelge",
    "o1": "analyse_af_borgergrupper",
    "o2": "gennemgang_af_25_sager",
    "o3": "borgerinddragelse",
}

WORDS = {"direktør": "direktoer", "KL": "kl"}

EXTRACT = load(EXTRACTS / "002_flere_i_arbejde.yaml")
PROGRAMME = shipped_workflow("flere-i-arbejde").programme
SAID_OTHERWISE = {
    # ids of the extract and words about its own file are not for people; the rule is told in Danish
    ("m1", "title"): "Fremdrift drøftes med ledelsen i udviklingsfasen",
    ("g1", "rule"): "Hovedparten er mere end halvdelen af de deltagende kommuner.",
    ("g9", "title"): "Faserne følger hinanden pr. kommune: opstart, udvikling, implementering",
    ("notes", "1"): EXTRACT["ambiguities"][1].replace("i filen", "her"),
}
BOTH = Comparison(EXTRACT, PROGRAMME, IDS, WORDS, SAID_OTHERWISE)


def test_all_items_are_counted_and_named() -> None:
    """The extract has 73 items; each with an id is mapped to one of ours, and no id is mapped that it lacks."""
    assert nothing_differs(BOTH.unnamed(73))


def test_tracks_and_phases() -> None:
    """Two spor, and three faser that each kommune goes through at its own pace; only the first has a month."""
    assert nothing_differs(BOTH.sections(tracks=2, phases=3))
    assert {phase.level for phase in PROGRAMME.faser.values()} == {"kommune"}
    assert all(phase.plan for phase in PROGRAMME.faser.values())


def test_activities() -> None:
    """25 activities, and not one more: people, seats, options, what is traded, and what is held together."""
    assert nothing_differs(BOTH.sections(activities=25))


def test_evaluations_criteria_and_monitoring() -> None:
    """No formal evaluation; eight criteria without numbers, one of which each kommune gives its own."""
    assert nothing_differs(BOTH.sections(evaluations=1, criteria=8, monitoring=1))
    assert PROGRAMME.evaluations["opfoelgning_paa_resultater"].formal is False


def test_roles_and_bodies() -> None:
    """Thirteen roles, a network and its clusters; every other role is marked as ours."""
    assert nothing_differs(BOTH.sections("roles", bodies=2))
    assert BOTH.ours_alone(PROGRAMME.roles) == set()


def test_gates() -> None:
    """Nine gates, and not one more; what must be has a hard requirement wherever the engine sees it."""
    assert nothing_differs(BOTH.sections(gates=9))
    for key, gate in PROGRAMME.gates.items():
        strengths = {str(need.strength) for need in gate.needs}
        assert strengths <= ({"hard"} if gate.strength == "hard" else {"soft"}), key


def test_approvals_options_and_deliverables() -> None:
    """A political approval that may come later, three options with their prices, five deliverables."""
    assert nothing_differs(BOTH.deliveries())
    assert nothing_differs(BOTH.sections(options=3))


def test_interviews_and_workshops_are_traded_within_six() -> None:
    """Up to three interviews and three workshops may be traded for each other, six in all, in both directions."""
    (swap,) = PROGRAMME.swaps.values()
    held = [PROGRAMME.activities[key].count for key in swap.activities]
    assert swap.total == sum(count.max for count in held if count) == 6


def test_principles() -> None:
    """Four principles, in the document's order."""
    assert nothing_differs(BOTH.principles())


def test_the_head_of_the_document() -> None:
    """Every value of the programme's head is ours: period, enrolment, economy, choices and staffing."""
    it, group, economy = PROGRAMME, PROGRAMME.target_group, PROGRAMME.economy
    assert group is not None and it.kommuner.capacity is not None
    focus, methods, themes = (it.choices[name] for name in ("fokusomraader", "metoder", "temaer"))
    staff = it.statements["bemanding"]
    assert focus.choose is not None
    assert nothing_differs(
        BOTH.head(
            {
                **BOTH.usual_head(),
                "focus_choice.choose.min": focus.choose.min,
                "focus_choice.choose.max": focus.choose.max,
                "focus_choice.from": focus.options,
                "focus_choice.by": focus.by,
                "focus_choice.src": focus.source,
                "municipalities.capacity.soft_max": it.kommuner.capacity.max
                if it.kommuner.strength == "soft"
                else None,
                "municipalities.capacity.hard_max": None,
                "municipalities.capacity.text": it.kommuner.text,
                "municipalities.selection_rule": it.kommuner.rule,
                "municipalities.src": it.kommuner.source,
                "municipalities.invited": it.kommuner.invited,
                "enrolment.deadline": day_of(it.enrolment.deadline),
                "enrolment.how": it.enrolment.how,
                "enrolment.conditional": it.enrolment.conditional,
                "enrolment.form_fields": it.enrolment.form_fields,
                "enrolment.src": it.enrolment.source,
                "economy.price_dkk": economy.price_dkk,
                "economy.vat": economy.vat,
                **{f"economy.instalments.{at}.year": one.year for at, one in enumerate(economy.instalments)},
                **{f"economy.instalments.{at}.dkk": one.dkk for at, one in enumerate(economy.instalments)},
                "economy.covers": economy.covers,
                "economy.municipality_pays": economy.kommune_pays,
                "economy.src": economy.source,
                "target_group.groups": group.groups,
                "target_group.excludes": group.excludes,
                "target_group.src": group.source,
                "methods.chosen_by": methods.by,
                "methods.from": methods.options,
                "methods.src": methods.source,
                "themes.open_list": themes.open,
                "themes.from": themes.options,
                "themes.reference": themes.reference,
                "themes.src": themes.source,
                "staffing.fixed.chefkonsulent": int(staff.items[0].split()[0]),
                "staffing.fixed.konsulent": int(staff.items[1].split()[0]),
                "staffing.rule": staff.rule,
                "staffing.src": staff.source,
            }
        )
    )
    assert it.kommuner.select_by == ("foerst_til_moelle",)


def test_the_first_network_meeting_keeps_its_month_beside_its_condition() -> None:
    """It has a month (January 2017) and a condition (most kommuner are ready): both are kept, and our day is in it."""
    meeting = PROGRAMME.activities["netvaerksmoede_1"]
    assert days_of(meeting.when) == (date(2017, 1, 1), date(2017, 1, 31))
    assert days_of(meeting.plan)[0] == date(2017, 1, 26)
    assert PROGRAMME.gates["hovedparten_er_klar"].before == ("netvaerksmoede_1",)


def test_every_ambiguity_is_told() -> None:
    """What the document leaves open stands in the notes, in its order and words."""
    assert nothing_differs(BOTH.notes())
