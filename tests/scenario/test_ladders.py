"""Programme 000 with four kommuner in which nobody does anything: who hears of each overdue item, on which days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.civil.instants import local_date
from samskabt.engine.definition.document.measuring import Measure
from samskabt.engine.values import Intent, Json
from samskabt.runtime.measuring.measures import Given
from samskabt.runtime.usecases.programmes import Workflows

from .walks import DESCRIBED, MEASURED
from .world import CHOSEN, ME, World, copied, open_world

Chosen = tuple[Path, int]
Told = list[tuple[str, str, str]]
"""What was told of one thing: the day, the role and the text, in the order of time."""

PARTS, PARTNER, KOMMUNE, LEADER = "parter", "partskonsulent", "kommunal_konsulent", "leder"
EVALUATOR, STAFF = "ekstern_evaluator", "medarbejder"
END = date(2021, 3, 1)


@pytest.fixture(scope="module")
def idle(
    workflows: Workflows, chosen_file: tuple[Path, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Let a programme be forgotten on the day when its kommuner were chosen."""
    path = tmp_path_factory.mktemp("glemt") / "glemt.db"
    world = open_world(copied(chosen_file[0], path), workflows, CHOSEN, chosen_file[1])
    world.live_until(END)
    yield world
    world.engine.close()


@pytest.fixture(scope="module")
def begun(
    workflows: Workflows, chosen_file: tuple[Path, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Let Greve begin, with a challenge and a test of a solution, and forget it all on the first day."""
    path = tmp_path_factory.mktemp("begyndt") / "begyndt.db"
    world = open_world(copied(chosen_file[0], path), workflows, CHOSEN, chosen_file[1])
    begin(world)
    world.live_until(date(2020, 2, 3))
    yield world
    world.engine.close()


def begin(world: World) -> tuple[int, int]:
    """Begin trin 1, and a challenge with a solution in test; give both."""
    greve = world.kommune("Greve")
    world.do(greve, "trin_1.begynd")
    world.do(greve, "trin_2.begynd")
    challenge = world.add(greve, "challenge", "Skemaer", **DESCRIBED)
    world.do(challenge, "prioriter", frist="2019-12-02")
    world.do(challenge, "begynd_trin_3", override=True, reason="Oplagt")
    solution = world.add(challenge, "solution", "Fast tid")
    world.do(solution, "vaelg", MEASURED)
    world.do(solution, "test", hvor="Ydelse", test_til="2019-10-25", maaling_foer="12 minutter")
    world.add(greve, "challenge", "Ventetid")
    return challenge, solution


def told(world: World, number: int, rule: str) -> Told:
    """Give what a reminder has said of one thing."""
    with world.engine.context.store.read() as reader:
        rows = [one for one in reader.outbox(world.programme, limit=100_000) if one.instance_id == number]
    found = [
        (str(local_date(one.queued_at)), one.nudge.role, one.nudge.template) for one in rows if one.nudge.why == rule
    ]
    return sorted(found, key=lambda one: one[0])


HELD = "blev_moedet_holdt"
COMMON = [
    (
        "opstartsmoede",
        "moedet_skal_indkaldes",
        [("2019-09-06", PARTNER, "indkald_nu"), ("2019-09-16", PARTS, "ingen_er_indkaldt")],
    ),
    (
        "opstartsmoede",
        HELD,  # week 42 is closed: what would fall there comes on the Monday after
        [
            ("2019-09-23", PARTNER, "blev_det_holdt"),
            ("2019-09-30", PARTNER, "blev_det_holdt"),
            ("2019-10-07", PARTNER, "blev_det_holdt"),
            ("2019-10-21", PARTS, "ingen_har_svaret"),
        ],
    ),
    (
        "uddannelsesdag_1",
        HELD,  # and who was told on the Friday before it is not told more on that Monday
        [
            ("2019-10-04", PARTNER, "blev_det_holdt"),
            ("2019-10-11", PARTNER, "blev_det_holdt"),
            ("2019-10-25", PARTNER, "blev_det_holdt"),
            ("2019-11-01", PARTS, "ingen_har_svaret"),
        ],
    ),
    (
        "temadag_undervejs",
        "moedet_mangler_dato",
        [
            ("2020-03-31", PARTNER, "saet_dato"),
            ("2020-04-17", PARTNER, "saet_dato"),
            ("2020-05-04", PARTS, "moedet_har_ingen_dato"),
        ],
    ),
    (
        "maalepunkter",
        "er_opgaven_loest",
        [
            ("2019-09-30", PARTNER, "er_opgaven_loest"),
            ("2019-10-21", PARTNER, "er_opgaven_loest"),  # week 42 is closed
            ("2019-11-04", PARTS, "opgaven_er_ikke_loest"),  # and ten working days lie between all the same
        ],
    ),
    # the parties answer for it themselves: nobody is asked to help with what only they were asked for
    (
        "opsamling",
        "er_opgaven_loest",
        [("2020-11-02", PARTS, "er_opgaven_loest"), ("2020-11-16", PARTS, "er_opgaven_loest")],
    ),
]
IN_GREVE = [
    ("lokalt_opstartsmoede", HELD, []),  # it has no day, so nobody is asked whether it was held
    (
        "lokalt_opstartsmoede",
        "moedet_mangler_dato",
        [
            ("2019-09-26", KOMMUNE, "saet_dato"),
            ("2019-10-10", KOMMUNE, "saet_dato"),
            ("2019-10-25", PARTS, "moedet_har_ingen_dato"),
        ],
    ),
    (
        "resultatmaal",
        "er_opgaven_loest",
        [
            ("2019-11-01", KOMMUNE, "er_opgaven_loest"),
            ("2019-11-15", KOMMUNE, "er_opgaven_loest"),
            ("2019-11-29", PARTS, "opgaven_er_ikke_loest"),
        ],
    ),
    (
        "baselinemaaling",
        "baselinemaaling_kan_ikke_indhentes",  # a guard comes before the closed week, never after its day
        [
            ("2019-10-09", KOMMUNE, "baseline_frist"),
            ("2019-10-09", LEADER, "baseline_frist"),
            ("2019-10-21", PARTS, "baseline_frist"),
        ],
    ),
    # it is open and on time: one mail that it is the last chance, before the promised day, and no escalation
    ("baseline", "baseline_kan_ikke_indhentes", []),
    (
        "baseline",
        "baseline_lukker_snart",
        [("2019-10-09", role, "baseline_frist") for role in (EVALUATOR, KOMMUNE, LEADER)],
    ),
    ("midtvejsevaluering", "evalueringen_er_aaben", [("2020-03-23", STAFF, "evaluering_aaben")]),
    (
        "midtvejsevaluering",
        "svar_mangler",
        [
            ("2020-03-30", STAFF, "evaluering_paamindelse"),
            ("2020-04-01", EVALUATOR, "evaluering_slutter"),
            ("2020-04-02", STAFF, "evaluering_lukker"),
        ],
    ),
    (
        "midtvejsevaluering",
        "evaluering_afrapporteres",  # Easter, store bededag and Kristi himmelfart lie between
        [
            ("2020-04-06", EVALUATOR, "evaluering_overdraget"),
            ("2020-04-30", EVALUATOR, "evaluering_afrapporter"),
            ("2020-05-18", EVALUATOR, "evaluering_afrapporter"),
            ("2020-06-03", PARTS, "evaluering_mangler"),
        ],
    ),
]


@pytest.mark.parametrize(("key", "rule", "expected"), COMMON, ids=[f"{key}-{rule}" for key, rule, _ in COMMON])
def test_what_is_common_climbs_to_the_projektleder_on_its_days(
    key: str, rule: str, expected: Told, idle: World
) -> None:
    """Each rung on its working day, to its role, with its text; and nothing after the last one."""
    assert told(idle, idle.activity(key), rule) == expected


@pytest.mark.parametrize(("key", "rule", "expected"), IN_GREVE, ids=[f"{key}-{rule}" for key, rule, _ in IN_GREVE])
def test_what_a_kommune_leaves_undone_climbs_on_its_days(key: str, rule: str, expected: Told, idle: World) -> None:
    """The same in each of the four kommuner."""
    for name in ("Greve", "København", "Aarhus", "Læsø"):
        assert sorted(told(idle, idle.activity(key, name), rule)) == sorted(expected)


def test_a_kommune_that_never_begins_is_told_then_its_leader_then_the_programme(idle: World) -> None:
    """45, 60 and 75 working days after it was chosen, and fifteen open ones later, as Christmas lies between."""
    assert told(idle, idle.kommune("Greve"), "trin_1_er_ikke_begyndt") == [
        ("2019-11-06", KOMMUNE, "trin_1_er_ikke_begyndt"),
        ("2019-11-27", KOMMUNE, "trin_1_er_ikke_begyndt"),
        ("2019-12-18", LEADER, "begynd_leder"),
        ("2020-01-22", PARTNER, "begynd_programkonsulent"),
    ]


def test_every_month_has_its_status_until_the_programme_ends(idle: World) -> None:
    """On its first working day, also of January and August, with what is late by title, kommune and day."""
    found = told(idle, idle.programme, "maanedlig_status_skal_goeres")
    days = [day for day, _, _ in found]
    assert (len(days), days[:4], days[-1]) == (
        15,
        ["2019-10-01", "2019-11-01", "2019-12-02", "2020-01-06"],
        "2020-12-01",
    )
    with idle.engine.context.store.read() as reader:
        rows = [
            one for one in reader.outbox(idle.programme, limit=100_000) if one.nudge.template == "programmets_status"
        ]
    late = rows[0].nudge.values["forsinket"]
    assert isinstance(late, list) and late[0] == "Invitation til alle landets kommuner, 2.9.2019"
    ahead = rows[0].nudge.values["kommer"]
    assert isinstance(ahead, list) and any("(Greve), 1.10.2019" in str(one) for one in ahead)
    assert ahead[-1] == "og 10 til"
    assert [one[:2] for one in told(idle, idle.programme, "programmet_skal_afsluttes")] == [
        ("2021-01-15", PARTS),
        ("2021-02-12", PARTS),
    ]


def test_what_stands_still_in_the_method_climbs_on_its_days(begun: World) -> None:
    """Trin, checklist, challenge, deadline and test: consultant, leader, the programme's consultant."""
    greve = begun.kommune("Greve")
    trin = [(day, role) for day, role, _ in told(begun, greve, "trin_staar_stille")]
    once = [("2019-10-21", KOMMUNE), ("2019-11-04", KOMMUNE), ("2019-11-18", LEADER), ("2019-12-03", PARTNER)]
    assert trin == sorted([*once, *once])  # trin 1 and trin 2, each for itself
    assert [(day, role) for day, role, _ in told(begun, greve, "tjekliste_trin_1")] == [
        ("2019-09-25", LEADER),
        ("2019-09-25", PARTNER),
        ("2019-10-09", LEADER),
        ("2019-10-09", PARTNER),
        ("2019-10-30", PARTNER),
    ]
    waiting, working = sorted(begun.kind("challenge"), key=lambda one: begun.engine.show(one).title, reverse=True)
    assert told(begun, waiting, "udfordring_venter") == [("2019-11-04", KOMMUNE, "udfordring_venter")]
    assert [(day, role) for day, role, _ in told(begun, working, "udfordring_staar_stille")] == [
        ("2019-11-04", KOMMUNE),
        ("2019-12-03", KOMMUNE),
        ("2019-12-18", LEADER),
        ("2020-01-09", PARTNER),
    ]
    assert told(begun, working, "udfordringens_frist") == [
        ("2019-11-25", KOMMUNE, "udfordring_frist"),
        ("2019-12-03", KOMMUNE, "udfordring_frist_passeret"),
        ("2019-12-17", LEADER, "udfordring_frist_leder"),
    ]
    assert told(begun, begun.kind("solution")[0], "testen_slutter") == [
        ("2019-10-25", KOMMUNE, "testen_slutter"),
        ("2019-11-15", KOMMUNE, "testen_varer_laenge"),
        ("2019-12-16", KOMMUNE, "testen_varer_laenge"),
        ("2020-01-20", LEADER, "testen_leder"),
    ]


def test_nobody_hears_more_than_three_things_of_one_thing_on_a_day_and_nothing_on_a_closed_day(
    idle: World, begun: World
) -> None:
    """Even where everything is late."""
    calendar = WorkingCalendar()
    for world in (idle, begun):
        with world.engine.context.store.read() as reader:
            rows = [one for one in reader.outbox(world.programme, limit=100_000) if one.nudge.intent is Intent.NUDGE]
        per = Counter((local_date(one.queued_at), one.nudge.role, one.instance_id) for one in rows)
        assert max(per.values()) <= 3
        assert {day for day, _, _ in per if not calendar.is_open(day)} == set()


STEPS: dict[str, tuple[str, dict[str, Json], int]] = {
    "held": ("afhold", {}, 2),
    "called off": ("aflys", {}, 3),
    "moved": ("ret_dato", {"dato": "2019-11-12"}, 1),
}
"""How a meeting is answered for: the event, its data, and the rung at which it is tried in every run of the tests."""
RUNGS = [date(2019, 9, 23), date(2019, 9, 30), date(2019, 10, 7), date(2019, 10, 21)]


@pytest.mark.soak
@pytest.mark.parametrize("step", STEPS)
def test_doing_it_at_any_rung_stops_the_rest(step: str, open_chosen: Callable[[str], World], soak: bool) -> None:
    """As many have gone out as days have come; what is done then is never asked again, and what moved asks anew."""
    event, data, often = STEPS[step]
    for rung in range(4) if soak else [often]:
        world = open_chosen(f"trin{rung}")
        number = world.activity("opstartsmoede")
        world.do(world.activity("udvaelgelse"), "afslut")
        world.live_until(RUNGS[rung])
        assert len(told(world, number, HELD)) == rung + 1
        world.do(number, event, dict(data), reason="Sådan gik det", override=True)
        world.live_until(date(2019, 12, 6) if data else date(2019, 10, 23))
        days = [day for day, _, _ in told(world, number, HELD)]
        again = ["2019-11-13", "2019-11-20", "2019-11-27", "2019-12-04"] if data else []
        assert days == [str(day) for day in RUNGS[: rung + 1]] + again


def test_answering_ends_the_asking(open_chosen: Callable[[str], World]) -> None:
    """A checklist that is ticked, a trin that begins, a frist that is taken away: from then on it is silent."""
    world = open_chosen("svar")
    challenge, solution = begin(world)
    greve = world.kommune("Greve")
    world.live_until(date(2019, 9, 30))
    ticks: dict[str, Json] = {"med_droeftet": {"on": "2019-09-20", "note": "Hovedudvalget"}, "ledelsesopbakning": True}
    world.do(greve, "trin_1.tjek", {**ticks, "facilitator": "Mette", "facilitator_uddannet": True})
    world.do(challenge, "beskriv", frist=None)
    world.do(
        solution, "test_lykkedes", resultat="Det virker", plan=[{"hvem": "A", "hvad": "B", "hvornaar": "2019-12-02"}]
    )
    world.live_until(date(2020, 1, 10))
    assert {day for day, _, _ in told(world, greve, "tjekliste_trin_1")} == {"2019-09-25"}
    assert told(world, greve, "trin_1_er_ikke_begyndt") == []
    assert told(world, challenge, "udfordringens_frist") == []
    assert told(world, solution, "testen_slutter") == []
    assert [day for day, _, _ in told(world, solution, "maal_efter")] == ["2019-11-11"]


def test_nobody_whose_answer_is_registered_is_asked_again(open_chosen: Callable[[str], World]) -> None:
    """Registrations of a kommune end its reminders, also what waits to be sent; the other kommuner still get theirs."""
    world = open_chosen("besvaret")
    person = world.engine.people.add("Medarbejderne", "medarbejderne@eksempel.example", shared_mailbox=True)
    world.engine.people.assign(person, STAFF, programme_id=world.programme)
    agreed = Measure(title="Mening", unit="pct", evaluations=("baseline",), groups=("Alle",))
    world.engine.measures.agree(world.programme, "mening", agreed, Given(ME))
    world.live_until(date(2019, 10, 4))
    number, other = world.activity("baseline", "Greve"), world.activity("baseline", "Læsø")
    world.engine.measures.register(number, "mening", Given(ME), yes=9, n=20, group="Alle")
    world.live_until(date(2019, 10, 20))
    assert ends(world, number) == {("svar_mangler", "withdrawn"), ("baseline_lukker_snart", "withdrawn")}
    assert ("svar_mangler", "sent") in ends(world, other)


def ends(world: World, number: int) -> set[tuple[str, str]]:
    """Say what became of the reminders since the answer was registered."""
    with world.engine.context.store.read() as reader:
        rows = [one for one in reader.outbox(world.programme, limit=100_000) if one.instance_id == number]
    since = [one for one in rows if local_date(one.queued_at) > date(2019, 10, 4)]
    return {(one.nudge.why, one.status) for one in since if one.nudge.role in (STAFF, EVALUATOR)} - CLOSING


CLOSING = {("evaluering_afrapporteres", "sent"), ("evaluering_afrapporteres", "pending")}
