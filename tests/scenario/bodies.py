"""Walks through what bodies decide and kommuner do together: approvals, changes, clusters, deliverables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from samskabt.engine.compiled import Compiled
from samskabt.engine.definition import Workflow
from samskabt.engine.machine import sources_of
from samskabt.engine.values import Json

from ..unit.core_cases import shipped_workflow
from ..unit.test_approvals import TEXT
from .walks import WHY, path_to
from .world import ME, World, open_world

KINDS = ("approval", "change", "cluster", "deliverable")
PROPOSED: dict[str, Json] = {"titel": "Et år mere", "begrundelse": "Forsinket", "vaesentlig": True}
GIVEN: dict[str, Json] = {
    "dato": "2019-05-06",
    "besluttet_af": "bestyrelsen",
    "kommuner": ["0101"],
    "aktivitet": "klyngemoede",
}


TEXT_OF_PAPERS = TEXT.replace("of: changes}", "of: changes, hearing: true}").replace(
    "count: 2}\n  arbejde", "count: 2-9}\n  arbejde"
)
"""The document of the tests of approvals, where bodies may be heard on changes too."""


class Papers:
    """A catalogue of the one workflow of papers."""

    def programme(self, key: str, version: int | None = None) -> Workflow:  # noqa: ARG002
        """Give the one workflow that there is."""
        return shipped_workflow(TEXT_OF_PAPERS)


def governed(url: str) -> World:
    """Open a world of programmes with papers to approve."""
    world = open_world(url, Papers(), datetime(2019, 1, 3, 8, tzinfo=UTC))
    world.programme = _started(world)
    return world


def everything(world: World) -> None:
    """Walk every move of the four machines, and what the programme does with them, each refused first."""
    compiled = world.engine.context.compiled(world.engine.show(world.programme).workflow_hash)
    for kind in KINDS:
        _every_way(world, compiled, kind)
    _of_the_programme(world)
    regnskab = child_of(world, world.programme, "regnskab")
    for name in ("godkend", "afvis"):
        assert "forkert_beslutter" in world.refused(regnskab, name, besluttet_af="En kommune", reason=WHY)
    assert world.refused(regnskab, "send_i_hoering", dato="2019-05-06") == {"ingen_hoering"}
    change = _proposed(world, {**PROPOSED, "vaesentlig": False})
    for name in ("godkend", "afvis"):
        assert "forkert_beslutter" in world.refused(change, name, besluttet_af="En kommune", reason=WHY)
    assert world.refused(change, "send_i_hoering", dato="2019-05-06") == {"ingen_hoering"}


def _every_way(world: World, compiled: Compiled, kind: str) -> None:
    """Fire every move of a machine from every state; one that wants something is refused without it before."""
    (region,) = compiled.machine(kind).regions.values()
    pool = _pool(world, kind)
    for name, move in region.moves.items():
        for source in sources_of(region, move):
            number = next(pool)
            way = path_to(compiled, kind, world.state(number), source)
            assert way is not None, (kind, name, source, world.state(number))
            for event in (*way, name):
                (firing,) = compiled.firings(kind, event)
                if firing.move.wants:
                    world.refused(number, event)
                data = {wanted: GIVEN[wanted] for wanted in firing.move.wants if wanted != "reason"}
                world.do(number, event, data, override=True, reason=WHY)


def _of_the_programme(world: World) -> None:
    """Propose a change, form a cluster and hold a kommune apart in every state of a programme, each refused first."""
    programme = _started(world)
    for event in ("", "forloeb.aabn_tilmelding", "forloeb.luk_tilmelding"):
        if event:
            world.do(programme, event, override=True, reason=WHY)
        assert world.refused(programme, "forloeb.foreslaa_aendring") == {"mangler_oplysning"}
        world.do(programme, "forloeb.foreslaa_aendring", PROPOSED)
        if event:
            _together(world, programme, is_first=event == "forloeb.aabn_tilmelding")


def _together(world: World, programme: int, *, is_first: bool) -> None:
    if is_first:
        world.do(programme, "forloeb.tilmeld_kommune", kommune="0101", titel="København")
        assert "mangler_aktivitet" in world.refused(programme, "forloeb.dan_klynge")
        world.do(child_of(world, programme, "regnskab"), "godkend")
    assert world.refused(programme, "forloeb.dan_klynge") == {"mangler_oplysning"}
    world.do(programme, "forloeb.dan_klynge", {"titel": "Øst", "kommuner": ["0101"]}, override=True, reason=WHY)
    assert world.refused(programme, "forloeb.undtag_fra_klynger") == {"mangler_oplysning", "mangler_begrundelse"}
    world.do(programme, "forloeb.undtag_fra_klynger", {"uden_for_klynger": ["0147"]}, reason=WHY)


def _pool(world: World, kind: str) -> Iterator[int]:
    """Give fresh instances of a kind without end."""
    while True:
        match kind:
            case "approval":
                yield child_of(world, _started(world), "beskrivelse")
            case "change":
                yield _proposed(world, PROPOSED)
            case "cluster":
                yield _clustered(world)
            case _:
                yield child_of(world, _started(world), "leverance_1")


def _started(world: World, event: str = "") -> int:
    number = world.engine.programmes.start("lille-program", actor=ME).instance_id
    if event:
        world.do(number, f"forloeb.{event}")
    return number


def _proposed(world: World, data: dict[str, Json]) -> int:
    return max(world.do(world.programme, "forloeb.foreslaa_aendring", data).born.values())


def _clustered(world: World) -> int:
    """Form a cluster of one kommune in a programme of its own."""
    programme = _started(world, "aabn_tilmelding")
    world.do(programme, "forloeb.tilmeld_kommune", kommune="0101", titel="København")
    world.do(child_of(world, programme, "regnskab"), "godkend")
    born = world.do(programme, "forloeb.dan_klynge", titel="Øst", kommuner=["0101"]).born
    return next(number for key, number in born.items() if key.startswith("cluster"))


def child_of(world: World, parent: int, key: str) -> int:
    """Give what stands right under an instance by its key."""
    with world.engine.context.store.read() as reader:
        programme = reader.instance(parent).programme_id
        return next(one.id for one in reader.instances(programme) if (one.parent_id, one.key) == (parent, key))
