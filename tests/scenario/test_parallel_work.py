"""Parallel work: whatever the order in which challenges finish, come back or come late, trin 3 to 5 follow them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import permutations

import pytest
from samskabt.engine.values import Json
from samskabt.runtime.usecases.programmes import Workflows

from .world import PUBLISHED, World, enrol_and_choose, open_world, start

WHY = "Aftalt i gruppen"
MEASURED: dict[str, Json] = {"effekt": "Kortere vej", "tegn": "Færre skemaer", "maalemetode": "Registrering"}
ALL_THE_WAY = ("til_trin_4", "til_trin_5", "loes")
RANK = {"prioriteret": 2, "trin_3": 3, "trin_4": 4, "trin_5": 5, "loest": 6}
DONE = ("afsluttet",) * 3


class Follower:
    """What trin 3 to 5 must be, worked out from where the challenges stand: an oracle that knows no join."""

    def __init__(self) -> None:
        self.trin = {3: "venter", 4: "venter", 5: "venter"}

    def look(self, states: Iterable[str]) -> tuple[str, ...]:
        """See where the challenges stand now, and say where trin 3, 4 and 5 must stand."""
        prioritised = [state for state in states if state != "udpeget"]
        ranks = [RANK[state] for state in prioritised if state != "parkeret"]
        for number in self.trin:
            if self.trin[number] == "venter" and any(rank >= number for rank in ranks):
                self.trin[number] = "i_gang"
            if number in ranks:
                self.trin[number] = "i_gang"
            elif self.trin[number] == "i_gang" and prioritised and all(rank > number for rank in ranks):
                self.trin[number] = "afsluttet"
        return tuple(self.trin.values())


class Process:
    """A kommune at work on its challenges; after every step trin 3 to 5 are compared with what must be.

    Its trin 2 is ended, so that whatever is prioritised begins trin 3 in the same breath.
    """

    def __init__(self, world: World, many: int, kommune: str = "Greve") -> None:
        self.world, self.kommune, self.follower = world, world.kommune(kommune), Follower()
        world.do(self.kommune, "faelles_workshop")
        world.do(self.kommune, "trin_2.afslut", override=True, reason=WHY)
        self.challenges = [self.add(f"Udfordring {number}") for number in range(1, many + 1)]
        for challenge in self.challenges:
            self.step(challenge, "prioriter")

    def add(self, title: str) -> int:
        """Point out one more challenge."""
        return self.world.add(self.kommune, "challenge", title, beskrivelse="Bøvl", hvorfor="Tid", aktier=["alle"])

    def step(self, challenge: int, *events: str) -> None:
        """Move a challenge, and see that its kommune has followed when the call returns."""
        for event in events:
            if event == "til_trin_4" and not self.world.children(challenge, "solution"):
                self.world.do(self.world.add(challenge, "solution", "Ét skema"), "vaelg", MEASURED)
            outcome = self.world.do(challenge, event, override=True, reason=WHY)
            assert outcome.poked == (self.kommune,)
            assert self.trin() == self.follower.look(map(self.world.state, self.world.kind("challenge"))), event

    def trin(self) -> tuple[str, ...]:
        """Say where trin 3, 4 and 5 stand; nobody is left who was poked and has not looked."""
        with self.world.engine.context.store.read() as reader:
            assert not [one for one in reader.timers(instance_id=self.kommune) if one.timer.rule == "poke"]
            position = reader.instance(self.kommune).position
        return tuple(position[f"trin_{number}"] for number in (3, 4, 5))


def interleavings(lengths: Sequence[int]) -> list[tuple[int, ...]]:
    """List every order in which sequences of these lengths can be merged, as the numbers of the sequences."""
    if not any(lengths):
        return [()]
    return [
        (place, *rest)
        for place, length in enumerate(lengths)
        if length
        for rest in interleavings([n - (at == place) for at, n in enumerate(lengths)])
    ]


@pytest.mark.soak
def test_trin_3_to_5_follow_every_interleaving_of_three_challenges(
    open_chosen: Callable[[str], World], soak: bool
) -> None:
    """Nine steps of three challenges, in all 1,680 orders (every 84th in the short form): never ahead, never stuck."""
    orders = interleavings([3, 3, 3])
    assert len(orders) == 1680
    for number, order in enumerate(orders[:: 1 if soak else 84]):
        process = Process(open_chosen(f"orden-{number}"), 3)
        left = [list(ALL_THE_WAY) for _ in process.challenges]
        for place in order:
            process.step(process.challenges[place], left[place].pop(0))
        assert process.trin() == DONE
        process.world.engine.close()


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_one_comes_back_from_trin_5_to_trin_3_in_every_order(world: World, order: tuple[int, ...]) -> None:
    """The trin that had ended open again behind it, and end when it has been through once more."""
    process = Process(world, 3)
    first, second, third = (process.challenges[place] for place in order)
    process.step(first, *ALL_THE_WAY)
    process.step(second, "til_trin_4", "til_trin_5")
    process.step(third, "til_trin_4", "til_trin_5", "loes")
    assert process.trin() == ("afsluttet", "afsluttet", "i_gang")
    process.step(second, "ny_loesning")
    assert process.trin() == ("i_gang", "afsluttet", "i_gang")
    process.step(second, *ALL_THE_WAY)
    assert process.trin() == DONE
    assert world.engine.show(second).data["runder"] == 1


@pytest.mark.parametrize("parked_in", ["udpeget", "trin_3", "trin_4", "trin_5"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_parking_one_anywhere_holds_nobody_up(world: World, parked_in: str, place: int) -> None:
    """Whoever is parked, first, in the middle or last, the trin end with the others; taken up again it opens them."""
    process = Process(world, 3)
    way = {"udpeget": ["ny_interessent"], "trin_3": [], "trin_4": ["til_trin_4"]}.get(parked_in, list(ALL_THE_WAY[:2]))
    for turn, challenge in enumerate(process.challenges):
        process.step(challenge, *([*way, "parker"] if turn == place else ALL_THE_WAY))
    assert process.trin() == DONE
    process.step(process.challenges[place], "genoptag", "prioriter")
    assert process.trin() == ("i_gang", "afsluttet", "afsluttet")
    process.step(process.challenges[place], *ALL_THE_WAY)
    assert process.trin() == DONE


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_a_challenge_born_late_opens_what_had_ended(world: World, steps: int) -> None:
    """Added after trin 2 was ended and with the first one at any point, it is followed from trin 3 on."""
    process = Process(world, 1)
    process.step(process.challenges[0], *ALL_THE_WAY[:steps])
    late = process.add("Kommet til senere")
    before = process.trin()
    process.step(late, "prioriter")
    assert process.trin() == ("i_gang", *before[1:])
    process.step(late, *ALL_THE_WAY)
    process.step(process.challenges[0], *ALL_THE_WAY[steps:])
    assert process.trin() == DONE


def test_a_whole_process_of_parked_challenges_is_not_stuck(world: World) -> None:
    """Nothing came of any of them: trin 3 ends, trin 4 and 5 never began, and trin 6 can still be held."""
    process = Process(world, 2)
    for challenge in process.challenges:
        process.step(challenge, "parker")
    assert process.trin() == ("afsluttet", "venter", "venter")
    world.do(process.kommune, "trin_6.begynd")
    world.do(process.kommune, "trin_6.afslut", laering="Vi begyndte for stort", naeste_skridt="Vi stopper")
    assert world.state(process.kommune, "trin_6") == "afsluttet"


def test_trin_1_and_2_share_a_workshop(world: World) -> None:
    """One event begins both and one ends both: two history rows each, one decision, the same moment."""
    kommune = world.kommune("Aarhus")
    world.do(kommune, "faelles_workshop")
    world.do(kommune, "afslut_trin_1_og_2", override=True, reason=WHY)
    rows = [row for row in world.engine.history(kommune) if row.region in ("trin_1", "trin_2")]
    assert [(row.event, row.region, row.to_state) for row in rows] == [
        ("faelles_workshop", "trin_1", "i_gang"),
        ("faelles_workshop", "trin_2", "i_gang"),
        ("afslut_trin_1_og_2", "trin_1", "afsluttet"),
        ("afslut_trin_1_og_2", "trin_2", "afsluttet"),
    ]
    assert [row.decision_seq for row in rows] == [rows[0].seq] * 2 + [rows[2].seq] * 2


@pytest.mark.parametrize(("many", "enough"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3)])
def test_trin_6_opens_when_half_are_well_under_way(world: World, many: int, enough: int) -> None:
    """With one too few in trin 5 it is refused; with half of them it opens, while the others go on in trin 3."""
    process = Process(world, many)
    for challenge in process.challenges[:enough]:
        assert world.refused(process.kommune, "trin_6.begynd") == {"for_faa"}
        process.step(challenge, "til_trin_4", "til_trin_5")
    world.do(process.kommune, "trin_6.begynd")
    assert world.state(process.kommune, "trin_6") == "i_gang"
    for challenge in process.challenges[enough:]:
        process.step(challenge, *ALL_THE_WAY)
    assert process.trin() == ("afsluttet", "afsluttet", "i_gang")
    assert world.refused(process.kommune, "trin_6.afslut") == {"for_faa", "mangler_felt"}


@pytest.mark.parametrize(("event", "trin_1"), [("ny_runde_fra_trin_1", "i_gang"), ("ny_runde_fra_trin_2", "afsluttet")])
def test_a_new_round_begins_again_and_trin_3_to_5_follow(world: World, event: str, trin_1: str) -> None:
    """From trin 6 back to trin 1 or 2: the old challenges keep their ends, a new one opens trin 3 to 5 again."""
    process = Process(world, 1)
    process.step(process.challenges[0], *ALL_THE_WAY)
    world.do(process.kommune, "trin_1.afslut", override=True, reason=WHY)
    world.do(process.kommune, "trin_6.begynd")
    world.do(process.kommune, "trin_6.afslut", laering="Spørg før", naeste_skridt="En runde til")
    world.do(process.kommune, event, reason="Et nyt område")
    position = world.engine.show(process.kommune).position
    assert [position[f"trin_{number}"] for number in (1, 2, 6)] == [trin_1, "i_gang", "venter"]
    assert process.trin() == DONE
    again = process.add("Næste område")
    process.step(again, "prioriter")
    assert world.state(again) == "prioriteret"
    closed = world.do(process.kommune, "trin_2.afslut", override=True, reason=WHY)
    assert closed.poked == (process.kommune,) and process.trin() == ("i_gang", "afsluttet", "afsluttet")
    process.step(again, *ALL_THE_WAY)
    assert process.trin() == DONE
    world.do(process.kommune, "trin_6.begynd")
    world.do(process.kommune, "trin_6.afslut")
    assert world.state(process.challenges[0]) == "loest"


def test_four_kommuner_do_not_follow_each_others_challenges(world: World) -> None:
    """What happens in one kommune moves no trin of another."""
    greve, aarhus = Process(world, 1, "Greve").kommune, world.kommune("Aarhus")
    position = world.engine.show(greve).position
    assert (position["trin_3"], world.state(aarhus, "trin_3")) == ("i_gang", "venter")


def test_a_round_on_every_kind_of_database(store_url: str, workflows: Workflows) -> None:
    """On SQLite and on PostgreSQL the same order of steps leads to the same position and the same history."""
    world = enrol_and_choose(start(open_world(store_url, workflows, PUBLISHED)))
    process = Process(world, 3)
    for challenge in reversed(process.challenges):
        world.clock.move_to(world.clock.now() + timedelta(days=1))
        process.step(challenge, *ALL_THE_WAY)
    assert process.trin() == DONE
    joins = [(row.region, row.to_state) for row in world.engine.history(process.kommune) if row.kind == "join"]
    world.engine.close()
    assert joins == [(f"trin_{number}", "i_gang") for number in (3, 4, 5)] + [
        (f"trin_{number}", "afsluttet") for number in (3, 4, 5)
    ]
