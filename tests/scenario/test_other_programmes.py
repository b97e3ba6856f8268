"""The four programmes without the six trin really begin: kommuner enrol and are chosen, and what is due is dated."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from samskabt.engine.values import Actor, ActorKind
from samskabt.notifications import MemoryMailer
from samskabt.runtime.clock import VirtualClock
from samskabt.runtime.engine import connect

ME = Actor(ActorKind.PERSON, "1")


@pytest.mark.parametrize(
    ("key", "begins", "chosen", "kommuner"),
    [
        ("fagligheder-beskaeftigelsesomraadet", datetime(2016, 2, 1, 8, tzinfo=UTC), None, ()),
        (
            "flere-i-arbejde",
            datetime(2016, 9, 1, 8, tzinfo=UTC),
            datetime(2016, 10, 17, 8, tzinfo=UTC),
            ("Greve", "Køge"),
        ),
        ("lab-ud-i-praksis", datetime(2019, 11, 1, 8, tzinfo=UTC), None, ("Stevns", "Køge")),
        ("mere-kerneopgave-mindre-bureaukrati", datetime(2015, 12, 1, 8, tzinfo=UTC), None, ("Greve", "Køge")),
    ],
)
def test_a_programme_begins_with_its_kommuner(
    tmp_path: Path, key: str, begins: datetime, chosen: datetime | None, kommuner: tuple[str, ...]
) -> None:
    """It starts, kommuner enrol and take part, and the first days run without a failing timer."""
    clock = VirtualClock(begins)
    with connect(f"sqlite:///{tmp_path / 'one.db'}", clock=clock, mailer=MemoryMailer()) as engine:
        programme = engine.programmes.start(key, actor=ME).instance_id
        if kommuner:
            engine.advance(programme, "forloeb.aabn_tilmelding", actor=ME)
        numbers = [next(iter(engine.programmes.enrol(programme, one, actor=ME).born.values())) for one in kommuner]
        if chosen is not None:
            clock.move_to(chosen)
        for number in numbers:
            engine.advance(number, "forloeb.vaelg", actor=ME)
            assert engine.show(number).position["forloeb"] == "deltager"
        engine.advance(programme, "forloeb.luk_tilmelding" if kommuner else "forloeb.begynd", actor=ME)
        assert engine.show(programme).position["forloeb"] == "i_gang"
        assert engine.tick().failed == 0
