"""How a kommune of the demo goes through the six trin: on time, and with one way back; knows no dates of mails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from ...engine.values import Json
from . import words
from .words import Idea
from .world import Desk, Story

FRAME = dict.fromkeys(("formaal", "kan_ikke_laves_om"), True)
FACILITATOR: dict[str, Json] = {"facilitator": "Vores egen udviklingskonsulent", "facilitator_uddannet": True}
ON_THE_DAY: dict[str, Json] = {
    **dict.fromkeys(("ledelsesopbakning", "deltagere_valgt", "intro_holdt"), True),
    **FACILITATOR,
}
MED_COMES = "MED-udvalget mødes først i december. Formanden er orienteret og har sat det på dagsordenen."
NOT_FIRST = "De to andre fylder mere lige nu. Vi tager den op igen, når der er plads."


def on_time(desk: Desk, *, back: bool, tests: bool, overrides: bool) -> Story:
    """Take a kommune through all six trin; ``back`` sends one challenge from trin 5 to trin 3 on the way."""
    stream = desk.world.random(f"{desk.code}/process")
    yield from _trin_1_and_2(desk, stream, overrides=overrides)
    first, second, third = (one.id for one in desk.mine("challenge"))
    ideas = _ideas(desk)
    yield desk.world.today() + timedelta(days=stream.randint(2, 4))
    tracks = (
        _track(desk, first, ideas[0], stream, tests=tests, back=False),
        _track(desk, second, ideas[1], stream, tests=False, back=back),
        _left_for_now(desk, third, date(2020, 1, stream.randint(13, 17))),
    )
    yield from _side_by_side(desk, tracks)
    yield from _trin_6(desk, stream)


def _ideas(desk: Desk) -> list[Idea]:
    return desk.world.random(f"{desk.code}/ideas").sample(words.IDEAS, 3)


def wait_for(desk: Desk, key: str) -> Story:
    """Go on when an activity is over, looking once a week."""
    while desk.find(key).position["status"] not in ("afholdt", "fulgt_op", "afsluttet", "aflyst", "udgaaet"):
        planned = desk.find(key).dates.planned_end
        yield max(planned or date.min, desk.world.today() + timedelta(days=3))


def _trin_1_and_2(desk: Desk, stream: Random, *, overrides: bool) -> Story:
    process = desk.process().id
    yield date(2019, 9, stream.randint(23, 27))
    desk.do(process, "trin_1.begynd")
    yield date(2019, 10, stream.randint(4, 11))
    desk.do(process, "trin_1.tjek", {**FRAME})
    yield from wait_for(desk, "lokalt_opstartsmoede")
    desk.do(process, "trin_1.tjek", ON_THE_DAY)
    yield desk.world.today() + timedelta(days=stream.randint(2, 5))
    if overrides:
        desk.do(process, "trin_1.afslut", reason=MED_COMES, override=True)
    else:
        desk.do(process, "trin_1.tjek", discussed(desk))
        desk.do(process, "trin_1.afslut")
    yield from wait_for(desk, "foerste_skridt")
    desk.do(process, "trin_2.begynd")
    for idea in _ideas(desk):
        desk.add(process, "challenge", idea.title)
    yield desk.world.today() + timedelta(days=stream.randint(6, 14))
    for order, (challenge, idea) in enumerate(zip(desk.mine("challenge"), _ideas(desk), strict=True), start=1):
        about: dict[str, Json] = {"beskrivelse": idea.about, "hvorfor": idea.why, "aktier": list(idea.stakes)}
        desk.do(challenge.id, "beskriv", about)
        if order < 3:
            desk.do(challenge.id, "prioriter", {"prioritet": order})
    desk.do(process, "trin_2.tjek", {"enige_om_listen": True})
    desk.do(process, "trin_2.afslut")
    if overrides:
        yield date(2019, 12, 16)
        desk.do(process, "trin_1.tjek", discussed(desk))


def discussed(desk: Desk) -> dict[str, Json]:
    """Tick that MED has discussed it: the committee, and today as the day."""
    return {"med_droeftet": {"on": desk.world.today().isoformat(), "note": "Hovedudvalget"}}


def _side_by_side(desk: Desk, tracks: tuple[Story, ...]) -> Story:
    """Let several challenges go on at their own pace."""
    waiting: dict[int, tuple[date, Iterator[date]]] = {
        number: (desk.world.today(), track) for number, track in enumerate(tracks)
    }
    while waiting:
        for number, (day, track) in list(waiting.items()):
            if day <= desk.world.today():
                following = next(track, None)
                if following is None:
                    del waiting[number]
                else:
                    waiting[number] = (following, track)
        if waiting:
            yield min(day for day, _ in waiting.values())


def _left_for_now(desk: Desk, challenge: int, day: date) -> Story:
    yield day
    desk.do(challenge, "parker", reason=NOT_FIRST)


def _track(desk: Desk, challenge: int, idea: Idea, stream: Random, *, tests: bool, back: bool) -> Story:
    yield from _to_use(desk, challenge, idea, idea.solution, stream, tests=tests)
    yield desk.world.today() + timedelta(days=stream.randint(20, 40))
    desk.do(challenge, "til_trin_5")
    yield desk.world.today() + timedelta(days=stream.randint(25, 40))
    if back:
        yield from _back_to_trin_3(desk, challenge, idea, stream)
    solution = _solution(desk, challenge, "i_brug")
    desk.do(solution, "behold", {"vurdering": "Den virker. Vi beholder den.", "maaling_efter": _after(idea, stream)})
    yield desk.world.today() + timedelta(days=stream.randint(7, 14))
    desk.do(challenge, "loes", {"fortalt": True})


def _to_use(desk: Desk, challenge: int, idea: Idea, title: str, stream: Random, *, tests: bool) -> Story:
    """Find a solution, choose it, measure how it was, test it or not, and put it to use."""
    solution = desk.add(challenge, "solution", title)
    yield desk.world.today() + timedelta(days=stream.randint(14, 16))
    desk.do(solution, "beskriv", {"maaling_foer": f"{stream.randint(30, 60)} {idea.unit}, talt i to uger"})
    measure = f"Vi tæller {idea.unit} i to uger, før og efter"
    desk.do(solution, "vaelg", {"effekt": idea.effect, "tegn": idea.sign, "maalemetode": measure})
    desk.do(challenge, "til_trin_4")
    yield desk.world.today() + timedelta(days=stream.randint(2, 4))
    plan: list[Json] = [{"hvem": "De to teams i stueetagen", "hvad": title, "hvornaar": "fra mandag"}]
    if tests:
        ends = desk.world.next_open(desk.world.today() + timedelta(days=28))
        desk.do(solution, "test", {"hvor": "Ét team", "test_til": ends.isoformat()})
        yield ends
        desk.do(solution, "test_lykkedes", {"resultat": "Teamet vil ikke tilbage til det gamle.", "plan": plan})
    else:
        desk.do(solution, "tag_i_brug", {"plan": plan})


def _back_to_trin_3(desk: Desk, challenge: int, idea: Idea, stream: Random) -> Story:
    """The measuring shows no effect: drop the solution, find another in trin 3 and go forward again."""
    solution = _solution(desk, challenge, "i_brug")
    desk.do(solution, "drop", reason=f"Målingen viser ingen forskel ({idea.sign.lower()} er uændret efter to måneder).")
    desk.do(challenge, "ny_loesning", reason="Løsningen gav ikke den ønskede effekt; gruppen finder en ny.")
    yield desk.world.today() + timedelta(days=stream.randint(10, 15))
    yield from _to_use(desk, challenge, idea, idea.second, stream, tests=False)
    yield desk.world.today() + timedelta(days=stream.randint(14, 20))
    desk.do(challenge, "til_trin_5")
    yield desk.world.today() + timedelta(days=stream.randint(20, 30))


def _solution(desk: Desk, challenge: int, state: str) -> int:
    return next(
        one.id for one in desk.mine("solution") if one.parent_id == challenge and one.position["status"] == state
    )


def _after(idea: Idea, stream: Random) -> str:
    return f"{stream.randint(12, 25)} {idea.unit}, talt på samme måde"


def _trin_6(desk: Desk, stream: Random) -> Story:
    process = desk.process().id
    yield date(2020, 11, stream.randint(2, 6))
    desk.do(process, "trin_6.begynd")
    yield date(2020, 11, stream.randint(25, 30))
    learning = {
        "laering": "De berørte skal med fra begyndelsen, og målingen skal aftales, før noget sættes i gang.",
        "forankring": "Konsulenten mødes hver anden måned med lederne om det, der er sat i gang.",
        "naeste_skridt": "En ny runde i foråret 2021 med de udfordringer, der blev parkeret.",
    }
    desk.do(process, "trin_6.noter_laering", learning)
    yield desk.world.today() + timedelta(days=stream.randint(4, 9))
    desk.do(process, "trin_6.afslut")
