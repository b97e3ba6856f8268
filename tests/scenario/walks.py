"""Walks through every machine of programme 000: by hand where order matters, by a path-finder where any way will do."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import date

import pytest
from samskabt.engine.compiled import Compiled
from samskabt.engine.errors import Refused
from samskabt.engine.machine import sources_of
from samskabt.engine.values import Json

from .world import KEY, ME, World, start

TUESDAY = "2019-11-05"
WHY = "Aftalt på mødet"
DESCRIBED: dict[str, Json] = {"beskrivelse": "For mange skemaer", "hvorfor": "Tid", "aktier": ["ledere", "borgere"]}
EFFECT: dict[str, Json] = {"effekt": "Kortere vej", "tegn": "Færre skemaer"}
MEASURED: dict[str, Json] = {**EFFECT, "maalemetode": "Registrering i to uger"}
PLAN: dict[str, Json] = {"plan": [{"hvem": "Ydelse", "hvad": "Ét skema", "hvornaar": "2019-12-02"}]}
TICKS: dict[str, Json] = {
    **dict.fromkeys(("formaal", "kan_ikke_laves_om", "ledelsesopbakning", "deltagere_valgt"), True),
    "med_droeftet": {"on": "2019-09-02", "note": "Hovedudvalget"},
    "facilitator": "Mette fra udvikling",
    "facilitator_uddannet": True,
}
GIVEN: dict[str, Json] = {
    "dato": TUESDAY,
    "udbytte": "Gode samtaler",
    "resultat": "Det virker",
    "titel": "Færre skemaer",
    "hvor": "Ydelse",
    "test_til": "2019-12-20",
    "vurdering": "Vi beholder den",
    **EFFECT,
}


def programmes(world: World) -> None:
    """Walk the life of programmes: enrolment, its refusals, no enrolment at all, and calling off from everywhere."""
    number = start(world).programme
    assert world.refused(number, "forloeb.tilmeld_kommune") == {"mangler_oplysning"}
    assert world.refused(number, "forloeb.luk_tilmelding") == {"fristen_er_ikke_udloebet"}
    for code in ("0101", "0253", "0751", "0825", "0151", "0153", "0157", "0159", "0161"):
        world.do(number, "forloeb.tilmeld_kommune", kommune=code, titel=code)
    first, *_, last = kommuner = world.kind("kommune")
    assert world.refused(first, "forloeb.vaelg") == {"fristen_er_ikke_udloebet"}
    assert world.refused(first, "trin_1.begynd") == {"forkert_tilstand"}
    assert world.refused(last, "forloeb.traek") == {"mangler_begrundelse"}
    world.do(last, "forloeb.traek", reason=WHY)
    world.move_to(date(2019, 9, 4))
    late = world.refused(number, "forloeb.tilmeld_kommune", kommune="0165", titel="Albertslund")
    assert late == {"fristen_er_overskredet"}
    for kommune in kommuner[:4]:
        world.do(kommune, "forloeb.vaelg")
    assert world.refused(kommuner[4], "forloeb.vaelg") == {"ingen_plads"}
    world.do(kommuner[4], "forloeb.fravaelg")
    waiting(world, kommuner)
    world.do(number, "forloeb.luk_tilmelding")
    adding(world, kommuner[0], "implementering")
    for fase in ("forberedelse", "udvikling", "afslutning"):
        world.do(number, f"fase_{fase}.begynd")
        assert world.refused(number, f"fase_{fase}.afslut") == {"mangler_aktivitet"}
        world.do(number, f"fase_{fase}.afslut", override=True, reason=WHY)
    assert world.refused(number, "forloeb.afslut") == {"for_faa", "stadig_aabent"}
    for kommune in kommuner[:3]:
        assert world.refused(kommune, "forloeb.gennemfoer") == {"forkert_tilstand", "stadig_aabent"}
        world.do(kommune, "forloeb.gennemfoer", override=True, reason=WHY)
    world.do(kommuner[3], "forloeb.traek", reason=WHY)
    assert world.refused(number, "forloeb.afslut") == {"stadig_aabent"}
    world.do(number, "forloeb.afslut", override=True, reason=WHY)
    for path in (["begynd"], ["aabn_tilmelding"], []):
        extra = world.engine.programmes.start(KEY, actor=ME).instance_id
        for event in path:
            world.do(extra, f"forloeb.{event}")
        adding(world, extra, "opsamling")
        assert world.refused(extra, "forloeb.aflys") == {"mangler_begrundelse"}
        world.do(extra, "forloeb.aflys", reason=WHY)


def waiting(world: World, kommuner: list[int]) -> None:
    """Walk the waiting list: declined, gone, and chosen for the place of one that leaves, which it then takes here."""
    for kommune in kommuner[5:8]:
        world.do(kommune, "forloeb.saet_paa_venteliste")
    assert world.refused(kommuner[7], "forloeb.vaelg") == {"ingen_plads"}
    world.do(kommuner[5], "forloeb.fravaelg")
    world.do(kommuner[6], "forloeb.traek", reason=WHY)
    world.do(kommuner[3], "forloeb.traek", reason=WHY)
    world.do(kommuner[7], "forloeb.vaelg")
    kommuner[3] = kommuner[7]


def trin(world: World) -> None:
    """Walk a kommune's six trin with every refusal on the way, a joint workshop and both kinds of new round."""
    greve = world.kommune("Greve")
    assert world.refused(greve, "trin_2.begynd") == {"forkert_tilstand"}
    world.do(greve, "trin_1.tjek", formaal=True)
    world.do(greve, "faelles_workshop")
    world.do(greve, "trin_1.tjek", TICKS)
    assert world.refused(greve, "trin_1.afslut") == {"mangler_flueben"}
    assert world.refused(greve, "trin_2.tilfoej_udfordring") == {"mangler_oplysning"}
    assert world.refused(greve, "trin_2.afslut") == {"forkert_tilstand", "mangler_flueben", "for_faa"}
    first = world.add(greve, "challenge", "Skemaer", **DESCRIBED)
    world.do(first, "prioriter")
    assert world.refused(first, "begynd_trin_3") == {"forkert_tilstand"}
    world.do(greve, "trin_1.tjek", intro_holdt="Holdt på torsdagens møde")
    world.do(greve, "trin_2.tjek", enige_om_listen=True)
    world.do(greve, "afslut_trin_1_og_2")
    assert world.state(first) == "trin_3"
    world.do(greve, "trin_1.tjek", formaal={"on": "2019-09-03", "note": "Skrevet ind i kommissoriet"})
    second = world.add(greve, "challenge", "Ventetid", **DESCRIBED)
    world.do(second, "prioriter")
    for trin in (1, 2):
        assert world.refused(greve, f"trin_{trin}.genaabn") == {"mangler_begrundelse"}
        world.do(greve, f"trin_{trin}.genaabn", reason=WHY)
        world.do(greve, f"trin_{trin}.noter", {f"trin_{trin}_udbytte": "En god dag"})
        world.do(greve, f"trin_{trin}.tjek", {"formaal" if trin == 1 else "enige_om_listen": True})
        world.do(greve, f"trin_{trin}.afslut")
        world.do(greve, f"trin_{trin}.noter", {f"trin_{trin}_beslutninger": ["Vi begynder med skemaerne"]})
    world.do(greve, "trin_2.tjek", enige_om_listen=True)
    assert world.refused(greve, "trin_6.begynd") == {"for_faa"}
    _to_trin_5(world, first)
    world.do(greve, "trin_6.begynd")
    assert world.refused(greve, "trin_6.ny_runde") == {"mangler_begrundelse"}
    world.do(greve, "trin_6.ny_runde", reason=WHY)
    world.do(greve, "trin_6.begynd")
    assert world.refused(greve, "trin_6.afslut") == {"for_faa", "mangler_felt"}
    for trin in (3, 4, 5):
        world.do(greve, f"trin_{trin}.noter", {f"trin_{trin}_udbytte": "Vi lærte meget"})
    world.do(first, "loes", override=True, reason=WHY)
    world.do(second, "parker", reason=WHY)
    for trin in (3, 4, 5):
        world.do(greve, f"trin_{trin}.noter", {f"trin_{trin}_udbytte": "Vi lærte mere"})
    world.do(greve, "trin_6.noter_laering", laering="Spørg før", forankring="Erfagruppe")
    assert world.refused(greve, "trin_6.afslut") == {"mangler_felt"}
    world.do(greve, "trin_6.afslut", naeste_skridt="Ny runde")
    world.do(greve, "trin_6.noter_laering", forankring="Erfagruppe og ledelsesgrundlag")
    world.do(greve, "ny_runde_fra_trin_1", reason=WHY)
    world.do(greve, "afslut_trin_1_og_2")
    world.do(greve, "trin_6.begynd")
    world.do(greve, "ny_runde_fra_trin_2", reason=WHY)
    world.do(greve, "trin_2.afslut")
    world.do(greve, "trin_6.begynd")
    world.do(greve, "trin_6.afslut")
    assert world.refused(greve, "forloeb.gennemfoer") == {"stadig_aabent"}
    world.do(greve, "forloeb.gennemfoer", override=True, reason=WHY)


def adding(world: World, parent: int, key: str) -> None:
    """Walk one activity more under a programme or a kommune, refused without its name."""
    assert world.refused(parent, "forloeb.tilfoej_aktivitet") == {"mangler_oplysning"}
    world.do(parent, "forloeb.tilfoej_aktivitet", aktivitet=key)


def leaving(world: World) -> None:
    """Walk what a kommune that has left can no longer do, and what a correction still leaves open."""
    leaving_of(world, "Læsø")
    aarhus = world.kommune("Aarhus")
    left = world.activity("lokalt_opstartsmoede", "Læsø")
    world.engine.correct(left, world.engine.show(left).revision, reason="Mødet blev holdt alligevel")
    assert "forkert_tilstand" in world.refused(left, "afhold")
    workshop = world.do(aarhus, "faelles_workshop")
    world.engine.correct(aarhus, workshop.revision, reason="Workshoppen blev udsat")
    world.do(aarhus, "forloeb.traek", reason=WHY)
    for event in ("trin_2.begynd", "trin_6.begynd"):
        assert "forkert_tilstand" in world.refused(aarhus, event)
    other = world.kommune("Greve")
    workshop = world.do(other, "faelles_workshop")
    challenge = world.add(other, "challenge", "Skemaer", **DESCRIBED)
    with pytest.raises(Refused, match="senere_skridt"):  # the challenge rests on trin 2, so the workshop stands
        world.engine.correct(other, workshop.revision, reason="Workshoppen blev udsat")
    for event in ("afslut_trin_1_og_2", "trin_6.begynd", "trin_6.afslut"):
        data: dict[str, Json] = {"laering": "Lidt", "naeste_skridt": "Ud"} if event == "trin_6.afslut" else {}
        world.do(other, event, data, override=True, reason=WHY)
    world.do(other, "forloeb.traek", reason=WHY)
    assert world.refused(challenge, "genoptag") == {"forkert_tilstand"}
    for event in ("trin_1.genaabn", "trin_2.genaabn", "trin_6.ny_runde"):
        assert "forkert_tilstand" in world.refused(other, event, reason=WHY)


def challenges(world: World) -> None:
    """Walk what a challenge asks for, and that an empty reason takes nobody back."""
    kommune = world.kommune("Greve")
    world.do(kommune, "faelles_workshop")
    one = world.add(kommune, "challenge", "Skemaer")
    assert world.refused(one, "prioriter") == {"mangler_felt"}
    world.do(one, "prioriter", DESCRIBED)
    world.do(one, "begynd_trin_3", {"frist": "2020-03-02"}, override=True, reason=WHY)
    assert world.refused(one, "til_trin_4") == {"for_faa"}
    assert world.refused(one, "tilfoej_loesning") == {"mangler_oplysning"}
    assert world.refused(one, "ny_interessent") == {"mangler_begrundelse"}
    assert world.refused(one, "parker") == {"mangler_begrundelse"}
    solution = world.add(one, "solution", "Ét skema")
    world.do(solution, "vaelg", EFFECT)
    assert world.refused(one, "til_trin_4", override=True, reason=WHY) == {"for_faa"}
    world.do(solution, "beskriv", maalemetode="Registrering", bundlinje=["borgerne", "arbejdsmiljoeet"])
    world.do(one, "til_trin_4")
    assert world.refused(one, "til_trin_5") == {"for_faa"}
    assert world.refused(one, "test_fejlede") == {"mangler_begrundelse"}
    world.do(solution, "tag_i_brug", PLAN, maaling_foer="12 minutter")
    world.do(one, "til_trin_5")
    for event in ("juster", "ny_loesning", "forkert_problem"):
        assert world.refused(one, event) == {"mangler_begrundelse"}
    assert world.refused(one, "loes") == {"for_faa", "mangler_flueben"}
    world.do(solution, "behold", vurdering="Bedre", maaling_efter="7 minutter")
    world.do(one, "loes", fortalt=True)


def leaving_of(world: World, name: str) -> None:
    """Walk a kommune to trin 6 and out of the programme."""
    kommune = world.kommune(name)
    world.do(kommune, "trin_1.begynd")
    world.do(kommune, "trin_2.begynd")
    challenge = world.add(kommune, "challenge", "Skemaer", **DESCRIBED)
    for event in ("prioriter", "begynd_trin_3"):
        world.do(challenge, event, override=True, reason=WHY)
    _to_trin_5(world, challenge)
    world.do(kommune, "trin_6.begynd", override=True, reason=WHY)
    world.do(kommune, "forloeb.traek", reason=WHY)
    assert world.engine.options(kommune) == ()
    for event in ("tjek", "noter", "afslut"):
        assert "forkert_tilstand" in world.refused(kommune, f"trin_1.{event}")
    for event in ("tjek", "noter", "afslut"):
        assert "forkert_tilstand" in world.refused(kommune, f"trin_2.{event}")
    assert "forkert_tilstand" in world.refused(kommune, "trin_2.tilfoej_udfordring", titel="For sent")
    for event in ("trin_3.noter", "trin_4.noter", "trin_5.noter", "trin_6.noter_laering", "trin_6.afslut"):
        assert "forkert_tilstand" in world.refused(kommune, event)


def backwards(world: World) -> None:
    """Walk the kommune's trin 3 to 5 open again behind a challenge that comes back, and behind one that comes late."""
    backwards_in(world, "Greve")


def backwards_in(world: World, name: str) -> None:
    """Walk it in one kommune."""
    kommune = world.kommune(name)
    world.do(kommune, "faelles_workshop")
    first, late = (world.add(kommune, "challenge", title, **DESCRIBED) for title in ("Skemaer", "Ventetid"))
    for event in ("prioriter", "begynd_trin_3"):
        world.do(first, event, override=True, reason=WHY)
    _to_trin_5(world, first)
    for event in ("ny_loesning", "til_trin_4", "til_trin_5", "loes"):
        world.do(first, event, override=True, reason=WHY)
    for event in ("prioriter", "begynd_trin_3"):
        world.do(late, event, override=True, reason=WHY)
    _to_trin_5(world, late)


def solutions(world: World) -> None:
    """Walk what a solution asks for: the effect first, a measurement before, a plan, a verdict with a measurement."""
    kommune = world.kommune("Greve")
    world.do(kommune, "faelles_workshop")
    challenge = world.add(kommune, "challenge", "Skemaer", **DESCRIBED)
    for event in ("prioriter", "begynd_trin_3"):
        world.do(challenge, event, override=True, reason=WHY)
    one, other = (world.add(challenge, "solution", title) for title in ("Ét skema", "Intet skema"))
    test: dict[str, Json] = {"hvor": "Ydelse", "test_til": "2019-12-20"}
    assert world.refused(one, "vaelg") == {"mangler_oplysning"}
    for solution in (one, other):
        world.do(solution, "vaelg", EFFECT)
    assert world.refused(one, "tag_i_brug", override=True, reason=WHY) == {"mangler_felt"}
    assert world.refused(one, "test", test, override=True, reason=WHY) == {"mangler_felt"}
    for solution in (one, other):
        world.do(solution, "beskriv", maalemetode="Registrering")
    assert world.refused(one, "tag_i_brug") == {"mangler_felt"}
    assert world.refused(one, "test", test_til="2019-12-20") == {"mangler_oplysning", "mangler_felt"}
    assert world.refused(one, "test", hvor="Ydelse", maaling_foer="12 minutter") == {"mangler_oplysning"}
    world.do(one, "test", test, maaling_foer="12 minutter")
    assert world.refused(one, "test_mislykkedes") == {"mangler_begrundelse"}
    assert world.refused(one, "test_skal_justeres") == {"mangler_oplysning", "mangler_begrundelse"}
    world.do(one, "test_skal_justeres", resultat="Næsten", reason=WHY)
    world.do(one, "test", test)
    assert world.refused(one, "test_lykkedes") == {"mangler_oplysning", "mangler_felt"}
    world.do(one, "test_lykkedes", PLAN, resultat="Det gik")
    assert world.refused(one, "juster") == {"mangler_begrundelse"}
    assert world.refused(one, "behold") == {"mangler_oplysning", "mangler_felt"}
    world.do(one, "behold", vurdering="Bedre", maaling_efter="7 minutter")
    assert world.refused(other, "drop") == {"mangler_begrundelse"}
    world.do(other, "tag_i_brug", PLAN, maaling_foer="12 minutter")


def activities(world: World) -> None:
    """Walk what meetings, tasks and evaluations ask for."""
    meeting, task, evaluation = (world.activity(key) for key in ("afsluttende_temadag", "opsamling", "formidling"))
    assert world.refused(meeting, "planlaeg") == {"mangler_oplysning"}
    assert world.refused(meeting, "aflys") == {"mangler_begrundelse"}
    world.do(meeting, "planlaeg", dato=TUESDAY)
    assert world.refused(meeting, "ret_dato") == {"mangler_oplysning"}
    world.do(meeting, "indkald")
    assert world.refused(meeting, "flyt") == {"mangler_oplysning", "mangler_begrundelse"}
    world.do(meeting, "afhold")
    assert world.refused(meeting, "foelg_op") == {"mangler_oplysning"}
    assert world.refused(meeting, "slut") == {"mangler_begrundelse"}
    for number in (task, evaluation):
        assert world.refused(number, "planlaeg") == {"mangler_oplysning"}
        assert world.refused(number, "udgaar") == {"mangler_begrundelse"}
    baseline = world.activity("baseline", "Greve")
    assert world.refused(baseline, "planlaeg") == {"mangler_oplysning"}
    assert world.refused(baseline, "aflys") == {"mangler_begrundelse"}
    world.do(baseline, "aabn")
    world.do(baseline, "luk")
    assert world.refused(baseline, "afrapporter") == {"mangler_oplysning"}


def gates(world: World) -> None:
    """Walk every gate both ways: refused, and then with what it asks for."""
    greve = world.kommune("Greve")
    assert world.refused(world.activity("opstartsmoede"), "afhold") == {"mangler_aktivitet"}
    world.do(world.activity("udvaelgelse"), "afslut")
    world.do(world.activity("opstartsmoede"), "afhold")
    assert world.refused(world.activity("temadag_oest"), "afhold") == {"mangler_aktivitet"}
    for key in ("fagprofil_workshops", "fagprofil_workshops#2"):
        world.do(world.activity(key), "afhold")
    world.do(world.activity("temadag_oest"), "afhold")
    assert world.refused(world.activity("uddannelsesdag_3"), "afhold") == {"mangler_aktivitet"}
    local = world.activity("lokalt_opstartsmoede", "Greve")
    first = world.activity("foerste_skridt", "Greve")
    assert world.refused(local, "afhold") == {"mangler_aktivitet"}
    world.do(world.activity("rammesaetning", "Greve"), "afslut")
    assert world.refused(first, "afhold") == {"mangler_aktivitet", "baseline_mangler"}
    for event in ("aabn", "luk"):
        world.do(world.activity("baseline", "Greve"), event)
    world.do(world.activity("uddannelsesdag_1"), "afhold", fremmoedte=["0101", "0751"])
    world.do(world.activity("udpegning_af_konsulenter", "Greve"), "afslut")
    world.do(local, "afhold")
    assert world.refused(first, "afhold") == {"deltog_ikke"}
    world.do(first, "afhold", override=True, reason="Konsulenten er uddannet i et andet program")
    world.do(world.activity("uddannelsesdag_2"), "afhold")
    world.do(world.activity("uddannelsesdag_3"), "afhold")
    implementing = world.activity("implementering", "Greve")
    assert world.refused(implementing, "begynd") == {"forkert_tilstand"}
    world.do(greve, "faelles_workshop")
    challenge = world.add(greve, "challenge", "Skemaer", **DESCRIBED)
    for event in ("prioriter", "begynd_trin_3"):
        world.do(challenge, event, override=True, reason=WHY)
    world.do(world.add(challenge, "solution", "Ét skema"), "vaelg", MEASURED)
    world.do(challenge, "til_trin_4")
    world.do(implementing, "begynd")


def every_way(world: World, kind: str) -> None:
    """Fire every move of a one-region machine from every state, each on an instance of its own, on the shortest way."""
    compiled = world.engine.context.compiled(world.engine.show(world.programme).workflow_hash)
    (region,) = compiled.machine(kind).regions.values()
    wanted = [(name, source) for name, move in region.moves.items() for source in sources_of(region, move)]
    pool = list(_pool(world, kind, len(wanted)))
    for name, source in wanted:
        number, path = next(
            (one, path) for one in pool if (path := path_to(compiled, kind, world.state(one), source)) is not None
        )
        pool.remove(number)
        for event in (*path, name):
            _force(world, compiled, kind, number, event)


def _pool(world: World, kind: str, many: int) -> Iterator[int]:
    """Give instances to walk with: those of the programme, or new challenges and solutions."""
    if kind in ("meeting", "task", "evaluation"):
        # The common opening meeting waits for a hard gate, which no reason opens.
        yield from (number for number in world.kind(kind) if world.engine.show(number).key != "opstartsmoede")
        return
    aarhus = world.kommune("Aarhus")
    world.do(aarhus, "faelles_workshop")
    for place in range(many):
        challenge = world.add(aarhus, "challenge", f"Udfordring {place}")
        if kind == "challenge":
            yield challenge
        else:
            for event in ("prioriter", "begynd_trin_3"):
                world.do(challenge, event, override=True, reason=WHY)
            solution = world.add(challenge, "solution", f"Løsning {place}")
            world.do(solution, "beskriv", MEASURED)
            yield solution


def path_to(compiled: Compiled, kind: str, start: str, goal: str) -> list[str] | None:
    """Find the shortest way between two states of a one-region machine; None when there is none."""
    (region,) = compiled.machine(kind).regions.values()
    found: dict[str, list[str]] = {start: []}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        for name, move in region.moves.items():
            if move.dest and move.dest not in found and state in sources_of(region, move):
                found[move.dest] = [*found[state], name]
                queue.append(move.dest)
    return found.get(goal)


def _force(world: World, compiled: Compiled, kind: str, number: int, event: str) -> None:
    """Let an event happen with what it wants, and override the rest; what nothing overrides is brought first."""
    if (kind, event) == ("challenge", "til_trin_4") and not world.children(number, "solution"):
        world.do(world.add(number, "solution", "Ét skema"), "vaelg", MEASURED)
    (firing,) = compiled.firings(kind, event)
    data = {name: GIVEN[name] for name in firing.move.wants if name != "reason"}
    world.do(number, event, data, override=True, reason=WHY)


def _to_trin_5(world: World, challenge: int) -> None:
    solution = world.add(challenge, "solution", "Ét skema")
    world.do(solution, "vaelg", MEASURED)
    world.do(challenge, "til_trin_4")
    world.do(solution, "tag_i_brug", PLAN, maaling_foer="12 minutter")
    world.do(challenge, "til_trin_5")
