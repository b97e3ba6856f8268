"""Twelve kommuner at work for two years: what everybody registers, and when; it times nothing and checks nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import TypeAlias

from samskabt.engine.values import Json
from samskabt.storage.reading import InstanceView

from .walks import DESCRIBED, EFFECT, MEASURED, PLAN, TICKS
from .world import ME, World

Days: TypeAlias = Iterator[int]
"""Somebody's work: each number is how many days go by before the next registration."""

CHALLENGES, SOLUTIONS = 40, 3
AT_ONCE = 20
"""So many challenges of a kommune are prioritised while trin 2 is still open; the others follow, one in ten days."""
WHY = "Aftalt på mødet"
LEARNT: dict[str, Json] = {"laering": "Spørg før", "forankring": "Erfagruppe", "naeste_skridt": "Vi spreder det"}


@dataclass(slots=True)
class Work:
    """Everybody's calendar; whoever is next takes a step, and all that is due until then happens before it."""

    world: World
    today: date
    coming: list[tuple[date, int, Days]] = field(default_factory=list)
    order: Iterator[int] = field(default_factory=count)
    open_challenges: dict[int, int] = field(default_factory=dict)

    def begin(self, days: Days, after: int = 0) -> None:
        """Let somebody begin so many days from now."""
        heappush(self.coming, (self.today + timedelta(days=after), next(self.order), days))

    def live(self) -> None:
        """Live until nobody has anything left to do."""
        while self.coming:
            on, _, days = heappop(self.coming)
            if on > self.today:
                self.today = on
                self.world.live_until(on)
            wait = next(days, None)
            if wait is not None:
                self.begin(days, wait)

    def do(self, number: int, event: str, data: dict[str, Json] | None = None, *, why: str | None = None) -> None:
        """Register something."""
        self.world.engine.advance(number, event, data=data, actor=ME, reason=why)

    def add(self, parent: int, kind: str, title: str) -> int:
        """Write down something that somebody has found."""
        return next(iter(self.world.engine.add(parent, kind, title, actor=ME).born.values()))


def programme(work: Work, kommuner: list[int]) -> Days:
    """Lead the programme: its two meetings, until every kommune has come to its end; its faser follow the calendar."""
    number = work.world.programme
    yield 7
    yield from meeting(work, work.world.activity("opstartsmoede"), 14)
    for order, kommune in enumerate(kommuner):
        work.open_challenges[kommune] = CHALLENGES
        work.begin(process(work, kommune, order), order % 5)
        work.begin(activities(work, kommune), 7)
    yield (date(2025, 10, 1) - work.today).days
    yield from meeting(work, work.world.activity("afslutning"), 40)
    yield (date(2025, 12, 19) - work.today).days
    work.do(number, "forloeb.afslut")


def meeting(work: Work, number: int, days: int) -> Days:
    """Hold a meeting: call people in, hold it on its day, follow up."""
    if work.world.state(number) == "afventer":
        work.world.engine.reschedule(number, open_day(work.today + timedelta(days=days)), actor=ME)
    work.do(number, "indkald", {"sted": "Rådhuset"})
    planned = work.world.engine.show(number).dates.planned_start
    assert planned is not None
    yield max(0, (planned - work.today).days)
    work.do(number, "afhold", {"antal": 24})
    yield 3
    work.do(number, "foelg_op", {"udbytte": "Gode samtaler"})


def open_day(day: date) -> date:
    """Give the first Tuesday on or after a day."""
    return day + timedelta(days=(1 - day.weekday()) % 7)


def activities(work: Work, kommune: int) -> Days:
    """Hold the kommune's meetings, put its task into practice, and answer both of its evaluations."""
    found = {one.key: one.id for one in below(work.world, kommune)}
    yield from meeting(work, found["lokal_start"], 14)
    yield from evaluation(work, found["baseline"])
    for key in ("workshop", "workshop#2", "workshop#3"):
        yield 20
        yield from meeting(work, found[key], 21)
    yield 30
    work.do(found["implementering"], "begynd")
    yield (date(2025, 10, 7) - work.today).days
    work.do(found["implementering"], "afslut", {"udbytte": "Det er hverdag nu"})
    yield from evaluation(work, found["afsluttende"])


def evaluation(work: Work, number: int) -> Days:
    """Report an evaluation when it has closed, which the calendar sees to."""
    while work.world.state(number) != "lukket":
        yield 7
    work.do(number, "afrapporter", {"resultat": "Lidt bedre"})


def process(work: Work, kommune: int, order: int) -> Days:
    """Lead a kommune through the six trin; trin 3 to 5 follow its challenges."""
    yield 1
    work.do(kommune, "trin_1.begynd")
    work.do(kommune, "trin_1.tjek", {"formaal": True})
    yield 10
    work.do(kommune, "trin_1.tjek", {**TICKS, "intro_holdt": True})
    work.do(kommune, "trin_2.begynd")
    found = []
    for number in range(1, CHALLENGES + 1):
        found.append(work.add(kommune, "challenge", f"Udfordring {number}"))
        yield number % 2
    for number, challenge in enumerate(found):
        late = max(0, number - AT_ONCE) * 10
        work.begin(solving(work, kommune, challenge, number, late), number % 10)
    yield 14
    work.do(kommune, "trin_1.noter", {"trin_1_udbytte": "Et fælles sprog"})
    work.do(kommune, "trin_1.afslut")
    work.do(kommune, "trin_2.tjek", {"enige_om_listen": True})
    work.do(kommune, "trin_2.afslut")
    if order % 4 == 0:
        yield 5
        work.do(kommune, "trin_2.genaabn", why="En interessent mere")
        yield 5
        work.do(kommune, "trin_2.afslut")
    while work.open_challenges[kommune]:
        yield 7
    for trin in (3, 4, 5):
        work.do(kommune, f"trin_{trin}.noter", {f"trin_{trin}_udbytte": "Vi lærte meget"})
    work.do(kommune, "trin_6.begynd")
    yield 14
    work.do(kommune, "trin_6.noter_laering", dict(LEARNT))
    work.do(kommune, "trin_6.afslut")
    yield (date(2025, 12, 8) - work.today).days
    work.do(kommune, "forloeb.gennemfoer")


def solving(work: Work, kommune: int, challenge: int, number: int, late: int) -> Days:
    """Take a challenge from the list to its end; some come back, some are laid aside, and the last one for good."""
    work.do(challenge, "beskriv", {**DESCRIBED, "prioritet": number})
    yield 2 + late
    work.do(challenge, "prioriter")
    yield max(0, 20 - late)
    if number % 10 == 3:
        work.do(challenge, "parker", why="Ferie")
        yield 30
        work.do(challenge, "genoptag")
        work.do(challenge, "prioriter")
    solutions = []
    for order in range(1, SOLUTIONS + 1):
        solutions.append(work.add(challenge, "solution", f"Løsning {order}"))
        work.do(solutions[-1], "beskriv", {"beskrivelse": "Ét skema i stedet for fire", "bundlinje": ["borgerne"]})
        yield 2
    if number == CHALLENGES - 1:
        for one in solutions:
            work.do(one, "drop", why="Ingen af dem er gode nok")
        work.do(challenge, "parker", why="Den må vente")
        work.open_challenges[kommune] -= 1
        return
    tested, used, failed = solutions
    for one in solutions:
        work.do(one, "vaelg", EFFECT)
    yield 2
    for one in solutions:
        work.do(one, "beskriv", {**MEASURED, "maaling_foer": "12 minutter"})
    work.do(challenge, "til_trin_4")
    if number % 8 == 5:
        yield 7
        work.do(challenge, "test_fejlede", why="Det målte noget andet")
        yield 7
        work.do(challenge, "til_trin_4")
    yield from testing(work, tested, number)
    work.do(used, "tag_i_brug", dict(PLAN))
    work.do(challenge, "til_trin_5")
    yield from failing(work, failed, number)
    if number % 8 == 2:
        work.do(challenge, "juster", why="Den skal være kortere")
        yield 7
        work.do(challenge, "til_trin_5")
    for one in (tested, used):
        yield 10
        work.do(one, "beskriv", {"maaling_efter": "7 minutter"})
        work.do(one, "behold", {"vurdering": "Bedre"})
    work.do(challenge, "loes", {"fortalt": True})
    work.open_challenges[kommune] -= 1


def testing(work: Work, solution: int, number: int) -> Days:
    """Test a solution for two weeks, some of them twice; it works."""
    work.do(solution, "test", _test(work, 14))
    if number % 3 == 0:
        yield 10
        work.do(solution, "test_skal_justeres", {"resultat": "Næsten"}, why="Skemaet var for langt")
        yield 2
        work.do(solution, "test", _test(work, 14))
    yield 14 if number % 4 == 0 else 12
    work.do(solution, "test_lykkedes", {"resultat": "Det gik", **PLAN})


def failing(work: Work, solution: int, number: int) -> Days:
    """Test a solution that does not work, and drop it."""
    work.do(solution, "test", _test(work, 10))
    yield 9
    work.do(solution, "test_mislykkedes", {"resultat": "Det tog længere tid"}, why="Den gjorde det værre")
    yield number % 3
    work.do(solution, "drop", why="Vi har en bedre")


def _test(work: Work, days: int) -> dict[str, Json]:
    return {"hvor": "Ydelse", "test_til": (work.today + timedelta(days=days)).isoformat()}


def below(world: World, parent: int) -> list[InstanceView]:
    """List what is below an instance."""
    with world.engine.context.store.read() as reader:
        return [one for one in reader.instances(world.programme) if one.parent_id == parent]
