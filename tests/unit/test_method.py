"""The method as it ships: six trin beside each other, challenges on their own way, moves back with a reason."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations_with_replacement

import pytest
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.compiled import Compiled
from samskabt.engine.definition import Machine, Move
from samskabt.engine.definition.needs import ChildrenNeed, OwnNeed
from samskabt.engine.requirements import holds
from samskabt.engine.requiring.view import View
from samskabt.engine.values import SYSTEM, Dates, Event, Facts, Identity, Relative, Strength
from samskabt.notifications.standard import STANDARD_TEXTS
from samskabt.notifications.texts import Text, check

from ..extracts import shipped_workflow

WORKFLOW = shipped_workflow("forenklet-beskaeftigelsesindsats")
COMPILED = Compiled(WORKFLOW, WorkingCalendar())
KOMMUNE, CHALLENGE, SOLUTION = (WORKFLOW.machines[kind] for kind in ("kommune", "challenge", "solution"))
NOW = datetime(2019, 11, 7, 8, 0, tzinfo=UTC)
FOLLOWING = ("trin_3", "trin_4", "trin_5")
TITLES = [
    "Intro og fælles sprog",
    "Udpege, undersøge og prioritere udfordringerne",
    "Udvikle løsninger",
    "Teste og implementere løsninger",
    "Evaluere om løsninger giver effekt",
    "Lære af processen og beslutte næste skridt",
]


def way(machine: Machine) -> dict[str, Move]:
    """Give the moves of a machine's only region."""
    return dict(machine.regions["status"].moves)


def steps(machine: Machine, *, back: bool) -> set[tuple[str, str]]:
    """List the pairs of states that the machine's moves lead between."""
    moves = (move for move in way(machine).values() if move.dest and move.back is back)
    return {(source, move.dest) for move in moves for source in move.sources if move.dest}


def standing(trin: str, state: str, challenges: tuple[str, ...]) -> View:
    """Show a kommune whose trin stands in a state and whose challenges stand in theirs."""
    facts = Facts(
        children=tuple(
            Relative(number, "challenge", f"c{number}", f"Nr. {number}", 1, "0101", {"status": one}, {}, Dates())
            for number, one in enumerate(challenges)
        )
    )
    identity = Identity(1, "kommune", "0101", 1, 1, "0101", WORKFLOW.hash)
    event = Event("poke", NOW, NOW, SYSTEM)
    return View(COMPILED, identity, trin, {"forloeb": "deltager", trin: state}, {}, Dates(), facts, event)


def taken(trin: str, state: str, challenges: tuple[str, ...]) -> list[str]:
    """List where the joins of a trin lead that may be taken from a state."""
    view = standing(trin, state, challenges)
    joins = (join for join in KOMMUNE.joins if join.region == trin and state in join.sources)
    return [join.dest for join in joins if holds(join.when, view)]


def all_challenges() -> Iterator[tuple[str, ...]]:
    """Give every way in which none to three challenges may stand."""
    states = CHALLENGE.regions["status"].states
    for number in range(4):
        yield from combinations_with_replacement(states, number)


def test_the_six_trin_have_their_official_titles() -> None:
    """Titles and numbers are those of 2023, in order."""
    trin = sorted((region.trin, region.title) for region in KOMMUNE.regions.values() if region.trin)
    assert trin == list(enumerate(TITLES, 1))


def test_no_trin_ends_for_good() -> None:
    """A further round may open any trin again, so afsluttet is never a final state."""
    trin = [region for region in KOMMUNE.regions.values() if region.trin]
    assert [region.title for region in trin if region.states["afsluttet"].final] == []


def test_the_method_keeps_the_kommunes_own_course() -> None:
    """The method's kommune lives the same forloeb as the frame's; finishing alone asks for trin 6, softly."""
    forloeb = KOMMUNE.regions["forloeb"]
    assert [*forloeb.states] == ["tilmeldt", "venteliste", "deltager", "ikke_valgt", "trukket", "gennemfoert"]
    assert forloeb.states["deltager"].births == "activities"
    assert {name for name, state in forloeb.states.items() if state.leaves} == {"ikke_valgt", "trukket"}
    (need,) = forloeb.moves["gennemfoer"].needs
    assert isinstance(need, OwnNeed)
    assert (need.region, need.states, need.strength) == ("trin_6", ("afsluttet",), Strength.SOFT)


def test_trin_1_asks_eight_things_each_with_an_owner_a_source_and_a_reason() -> None:
    """The checklist of trin 1 says who answers for each item, where it comes from and why it is asked."""
    checklist = KOMMUNE.regions["trin_1"].checklist
    assert len(checklist) == 8
    assert {item.owner for item in checklist.values()} <= WORKFLOW.roles.keys()
    assert all(item.source and item.why and item.type == "check" for item in checklist.values())
    assert (checklist["med_droeftet"].wants_note, checklist["med_droeftet"].wants_day) == ("hvilket udvalg", True)
    assert set(KOMMUNE.regions["trin_1"].moves["tjek"].takes) == checklist.keys()


def test_trin_1_and_2_may_share_a_workshop() -> None:
    """One event begins both, one ends both; trin 2 alone waits for trin 1 to have begun."""
    assert KOMMUNE.events["faelles_workshop"] == (("trin_1", "begynd"), ("trin_2", "begynd"))
    assert KOMMUNE.events["afslut_trin_1_og_2"] == (("trin_1", "afslut"), ("trin_2", "afslut"))
    part, need = KOMMUNE.regions["trin_2"].moves["begynd"].needs
    assert isinstance(need, OwnNeed) and isinstance(part, OwnNeed) and part.states == ("deltager",)
    assert (need.region, need.states, need.strength) == ("trin_1", ("i_gang", "afsluttet"), Strength.HARD)


def test_challenges_go_forward_one_trin_at_a_time() -> None:
    """The ways forward are these and no others: 3 -> 5 does not exist, parking does from everywhere."""
    forward = {("udpeget", "prioriteret"), ("prioriteret", "trin_3"), ("trin_3", "trin_4")}
    forward |= {("trin_4", "trin_5"), ("trin_5", "loest")}
    parking = {(state, "parkeret") for state in ("udpeget", "prioriteret", *FOLLOWING)} | {("parkeret", "udpeget")}
    assert steps(CHALLENGE, back=False) == forward | parking


def test_challenges_go_back_where_the_method_says() -> None:
    """5 to 4, 3 and 2; 4 to 3; 3 to 2, where 2 is the list of what has been pointed out."""
    back = {("trin_5", "trin_4"), ("trin_5", "trin_3"), ("trin_5", "udpeget")}
    assert steps(CHALLENGE, back=True) == back | {("trin_4", "trin_3"), ("trin_3", "udpeget")}


def test_solutions_may_skip_the_test_but_not_the_choice() -> None:
    """A chosen solution goes straight to use or through a test; a failed test and an adjustment go back."""
    forward = {("foreslaaet", "valgt"), ("valgt", "i_test"), ("i_test", "i_brug"), ("valgt", "i_brug")}
    dropped = {(state, "droppet") for state in ("foreslaaet", "valgt", "i_test", "i_brug")}
    assert steps(SOLUTION, back=False) == forward | dropped | {("i_brug", "beholdt")}
    assert steps(SOLUTION, back=True) == {("i_test", "foreslaaet"), ("i_test", "valgt"), ("i_brug", "valgt")}


def test_every_move_back_wants_a_reason() -> None:
    """No round more, no parking and no drop without a reason; the next round from trin 6 counts as one."""
    moves = {
        f"{kind}.{region_name}.{name}": move
        for kind in ("kommune", "challenge", "solution")
        for region_name, region in WORKFLOW.machines[kind].regions.items()
        for name, move in region.moves.items()
    }
    back = {name for name, move in moves.items() if move.back}
    assert {"kommune.trin_6.ny_runde", "kommune.trin_1.genaabn", "kommune.trin_2.genaabn"} < back
    ending = {"challenge.status.parker", "solution.status.drop", "kommune.forloeb.traek"}
    assert [name for name in sorted(back | ending) if "reason" not in moves[name].wants] == []


def test_a_next_round_opens_trin_1_or_trin_2_again() -> None:
    """6 -> 1 opens 1 and 2, 6 -> 2 opens 2 alone; both send trin 6 back to wait."""
    opened = {name: [region for region, _ in KOMMUNE.events[name]] for name in KOMMUNE.together if "runde" in name}
    assert opened == {
        "ny_runde_fra_trin_1": ["trin_6", "trin_1", "trin_2"],
        "ny_runde_fra_trin_2": ["trin_6", "trin_2"],
    }
    assert KOMMUNE.regions["trin_6"].moves["ny_runde"].dest == "venter"


def test_the_wished_effect_is_written_before_anything_is_done() -> None:
    """Choosing wants effect and sign; trin 4, testing and using never happen without an instrument besides."""
    moves = way(SOLUTION)
    assert moves["vaelg"].wants == ("effekt", "tegn")
    for name in ("test", "tag_i_brug"):
        assert "maaling_foer" in {field for need in moves[name].needs for field in getattr(need, "names", ())}
    (need,) = way(CHALLENGE)["til_trin_4"].needs
    assert isinstance(need, ChildrenNeed)
    assert (need.fields, need.strength) == (("effekt", "tegn", "maalemetode"), Strength.HARD)
    for name in ("test", "tag_i_brug"):
        hard = [need for need in moves[name].needs if need.strength is Strength.HARD]
        assert [getattr(need, "names", ()) for need in hard] == [("effekt", "tegn", "maalemetode")]


@pytest.mark.parametrize("trin", FOLLOWING)
def test_the_joins_of_a_trin_never_contradict_each_other(trin: str) -> None:
    """However up to three challenges stand, one join at most may be taken, and the trin comes to rest in two."""
    for challenges in all_challenges():
        for state in ("venter", "i_gang", "afsluttet"):
            at, passed = state, 0
            while dests := taken(trin, at, challenges):
                assert len(dests) == 1, (challenges, at, dests)
                (at,), passed = dests, passed + 1
                assert passed <= 2, (challenges, state)


@pytest.mark.parametrize(
    ("trin", "state", "challenges", "dest"),
    [
        ("trin_3", "venter", ("udpeget",), None),
        ("trin_3", "venter", ("udpeget", "prioriteret"), None),
        ("trin_3", "i_gang", ("prioriteret", "trin_4"), None),
        ("trin_3", "afsluttet", ("prioriteret", "trin_4"), None),
        ("trin_3", "venter", ("udpeget", "trin_3"), "i_gang"),
        ("trin_3", "i_gang", ("trin_3", "trin_5"), None),
        ("trin_3", "i_gang", ("udpeget", "trin_4"), "afsluttet"),
        ("trin_3", "i_gang", ("trin_4", "parkeret"), "afsluttet"),
        ("trin_3", "i_gang", ("udpeget",), None),
        ("trin_3", "afsluttet", ("trin_3", "loest"), "i_gang"),
        ("trin_4", "i_gang", ("trin_3", "trin_5"), None),
        ("trin_4", "afsluttet", ("trin_4",), "i_gang"),
        ("trin_5", "i_gang", ("trin_4", "loest"), None),
        ("trin_5", "i_gang", ("loest", "parkeret"), "afsluttet"),
        ("trin_5", "afsluttet", ("loest", "trin_5"), "i_gang"),
    ],
)
def test_a_trin_follows_its_challenges(trin: str, state: str, challenges: tuple[str, ...], dest: str | None) -> None:
    """It begins with the first, ends when none is on its way, and begins again with one that comes back."""
    assert taken(trin, state, challenges) == ([dest] if dest else [])
    assert [*KOMMUNE.regions[trin].moves] == ["noter"] and KOMMUNE.regions[trin].moves["noter"].dest is None


@pytest.mark.parametrize(
    ("challenges", "is_open"),
    [
        ((), False),
        (("prioriteret", "trin_5", "prioriteret"), False),
        (("trin_3", "trin_4"), False),
        (("trin_3", "trin_4", "trin_5"), False),
        (("trin_4", "trin_5"), True),
        (("trin_3", "loest", "parkeret"), True),
        (("udpeget", "udpeget", "udpeget", "trin_5"), True),
    ],
)
def test_trin_6_opens_when_half_are_well_under_way(challenges: tuple[str, ...], is_open: bool) -> None:
    """Half of the prioritised challenges are enough; a long list of others does not hold it back."""
    assert holds(KOMMUNE.regions["trin_6"].moves["begynd"].needs, standing("trin_6", "venter", challenges)) is is_open


def test_trin_6_ends_when_every_challenge_has_an_end() -> None:
    """Also one that was never prioritised; what was learnt and what comes next is asked for without exception."""
    _, ended, written = KOMMUNE.regions["trin_6"].moves["afslut"].needs
    assert not holds([ended], standing("trin_6", "i_gang", ("loest", "udpeget")))
    assert holds([ended], standing("trin_6", "i_gang", ("loest", "parkeret")))
    assert (getattr(written, "names", ()), written.strength) == (("laering", "naeste_skridt"), Strength.HARD)


def test_a_standstill_causes_few_mails_and_climbs_the_ladder() -> None:
    """Whoever stands still hears it twice, then the leader, then the programme's consultant, once each, in order."""
    for place in ("kommune/trin_1.i_gang", "kommune/trin_6.i_gang", "challenge/status.trin_4"):
        kind, _, state = place.partition("/")
        rules = [rule for rule in WORKFLOW.reminders.values() if rule.on == kind and state in rule.during]
        # A frist is the kommune's own, and a checklist is asked about point by point.
        (rule,) = [rule for rule in rules if rule.anchor == "entered" and rule.about is None]
        assert [rung.to for rung in rule.ladder] == [("ansvarlig",), ("ansvarlig",), ("leder",), ("programkonsulent",)]
        days = [rung.offset.amount for rung in rule.ladder]
        assert days == sorted(days) and days[0] >= 45


def test_every_mail_has_its_words() -> None:
    """Each text that a reminder or a move names is a standard text or one of the parts' own, and says what stops it."""
    notices = [
        notice.text
        for machine in WORKFLOW.machines.values()
        for region in machine.regions.values()
        for move in region.moves.values()
        for notice in move.notices
    ]
    mails = [rule for rule in WORKFLOW.reminders.values() if rule.texts]
    named = {*notices, *(text for rule in WORKFLOW.reminders.values() for text in rule.texts)}
    assert named - STANDARD_TEXTS.keys() - WORKFLOW.texts.keys() == set()
    assert [rule.title for rule in mails if not rule.stops] == []


def test_the_parts_own_texts_use_known_places() -> None:
    """Each of their texts can be composed: every place in it is one that a mail can fill."""
    own = {name: Text(text.subject, text.body, "") for name, text in WORKFLOW.texts.items()}
    assert own
    for name, text in own.items():
        check(text, name)


def test_every_kind_of_activity_has_a_machine() -> None:
    """No kind that the programme documents use falls back to a task by accident."""
    kinds = {activity.kind for activity in WORKFLOW.programme.activities.values()}
    assert kinds <= WORKFLOW.activity_kinds.keys()
    assert set(WORKFLOW.activity_kinds.values()) == {"meeting", "task"}


def test_everyone_whom_a_mail_names_is_a_role_of_the_programme() -> None:
    """Reminders, notices and checklists name roles that somebody can have, or those that a thing itself fills."""
    named = {role for rule in WORKFLOW.reminders.values() for role in rule.roles}
    assert named - WORKFLOW.roles.keys() == {"ansvarlig", "deltagere", "punktets_ejer"}
    standing_for = {one for role in WORKFLOW.roles.values() for one in role.stands_for}
    assert standing_for <= WORKFLOW.roles.keys()
