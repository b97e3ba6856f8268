"""A link is good for one decision, whatever happens: many clicks at once on both databases, a kill at any statement."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from samskabt.runtime.acting import Done
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.storage import Store
from samskabt.workflows.catalogue import Catalogue

from .linked import BROWSER, WEB, browser, minted, open_linked
from .world import CHOSEN, PUBLISHED, World, copied, enrol_and_choose, start

CLICKS = 8
NOTE = "trin_1.noter"
ROUNDS = 5


@pytest.fixture
def linked(workflows: Workflows, chosen_file: tuple[Path, int], tmp_path: Path) -> Iterator[World]:
    """Give the chosen programme, with links in its mails."""
    world = open_linked(copied(chosen_file[0], tmp_path / "valgt.db"), workflows, CHOSEN, chosen_file[1])
    yield world
    world.engine.close()


def test_eight_clicks_at_once_are_one_decision_on_every_kind_of_database(store_url: str, workflows: Workflows) -> None:
    """Eight POSTs of one link: all are answered, one that it did it, seven that it was done; one row of history."""
    world = enrol_and_choose(start(open_linked(store_url, workflows, PUBLISHED)))
    greve = world.kommune("Greve")
    world.do(greve, "trin_1.begynd")
    for _ in range(ROUNDS):
        secret = minted(world, greve, ["trin_1.noter"])
        data = {"valg": "trin_1.noter", "f.trin_1_udbytte": "Vi blev klogere"}
        before = len(world.engine.history(greve))
        with browser(world) as client, ThreadPoolExecutor(CLICKS) as pool:
            answers = list(pool.map(lambda _: client.post(f"/h/{secret}", data=data), range(CLICKS)))  # noqa: B023
        assert [one.status_code for one in answers] == [200] * CLICKS
        assert sum("Tak, det er gjort" in one.text for one in answers) == 1
        assert sum("allerede gjort" in one.text for one in answers) == CLICKS - 1
        assert len(world.engine.history(greve)) == before + 1
    world.engine.close()


@pytest.mark.soak
def test_a_kill_before_the_answer_loses_nothing(linked: World, tmp_path: Path, soak: bool) -> None:
    """The process dies at statements and commits of a click: the next one does it, or is told that it was done."""
    greve = linked.kommune("Greve")
    linked.do(greve, "trin_1.begynd")
    secret, revision = minted(linked, greve, [NOTE]), linked.engine.show(greve).revision
    linked.engine.close()
    names = _points(copied(tmp_path / "valgt.db", tmp_path / "whole.db"), secret, revision)
    commit = names.index("before commit")
    points = [point for point in range(len(names)) if soak or point % 9 == 0 or abs(point - commit) < 3]
    done = 0
    for point in points:
        url = copied(tmp_path / "valgt.db", tmp_path / f"{point}.db")
        child = os.fork()
        if child == 0:
            _die_at(url, secret, point, revision)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 9
        world = open_linked(url, linked.engine.workflows, CHOSEN, linked.programme)
        rows = len(world.engine.history(greve))
        found = world.engine.acting.look(secret)
        again = world.engine.acting.spend(secret, NOTE, {"trin_1_udbytte": "Igen"}, revision=found.revision)
        assert isinstance(again, Done) and again.is_repeat == (found.done is not None) == (point > commit)
        assert len(world.engine.history(greve)) == rows + (not again.is_repeat)
        done += again.is_repeat
        world.engine.close()
    assert 0 < done < len(points)


def _points(url: str, secret: str, revision: int) -> list[str]:
    """Use a link, and list every statement and commit that it takes."""
    names: list[str] = []
    world = _watched(url, names.append)
    names.clear()
    world.engine.acting.spend(secret, NOTE, {"trin_1_udbytte": "Første gang"}, revision=revision)
    world.engine.close()
    return names


def _die_at(url: str, secret: str, point: int, revision: int) -> None:
    """Use a link in this process, and end it hard at one statement."""
    left = [10_000]

    def hook(_name: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            os._exit(9)

    world = _watched(url, hook)
    left[0] = point
    world.engine.acting.spend(secret, NOTE, {"trin_1_udbytte": "Første gang"}, revision=revision)
    os._exit(0)


def _watched(url: str, hook: Callable[[str], None]) -> World:
    world = open_linked(url, Catalogue.shipped(), CHOSEN)
    world.engine.context.store.close()
    world.engine.context.store = Store.open(url, hook)
    return world


def test_a_refused_answer_leaves_the_link_whole(linked: World) -> None:
    """What is missing is said at its field, what was typed stays, nothing is spent; mended, it is done."""
    greve = linked.kommune("Greve")
    linked.do(greve, "trin_1.begynd")
    secret = minted(linked, greve, ["trin_1.genaabn", "trin_1.tjek", "trin_1.afslut"])
    with browser(linked) as client:
        before = linked.dump()
        said = client.post(f"/h/{secret}", data={"valg": "trin_1.tjek", "f.med_droeftet": "ja"})
        assert said.status_code == 422 and "hvilket udvalg" in said.text and "checked" in said.text
        assert linked.dump() == before
        data = {"valg": "trin_1.tjek", "f.med_droeftet.note": "Hovedudvalget", "f.med_droeftet.dag": "32.13.2019"}
        said = client.post(f"/h/{secret}", data=data)
        assert said.status_code == 422 and "Hovedudvalget" in said.text and linked.dump() == before
        assert client.post(f"/h/{secret}", data=data | {"f.med_droeftet.dag": "3.9.2019"}).status_code == 200


def test_a_stranger_page_may_not_post(linked: World) -> None:
    """A form that another site sends is refused, whatever it says about itself; nothing changes."""
    secret = minted(linked, linked.kommune("Greve"), ["trin_1.begynd"])
    before = linked.dump()
    with browser(linked) as client:
        client.headers.clear()
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Origin": "https://andre.example"},
            {"Sec-Fetch-Site": "none"},
        ):
            assert client.post(f"/h/{secret}", data={"valg": "trin_1.begynd"}, headers=headers).status_code == 403
        assert linked.dump() == before
        answer = client.post(f"/h/{secret}", data={"valg": "trin_1.begynd"}, headers={"Origin": WEB})
        assert answer.status_code == 200
    assert BROWSER["Origin"] == "null"
