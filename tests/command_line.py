"""Runs the command line in this process on a database of its own, for the tests of the commands."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from samskabt import Actor, ActorKind, Settings, VirtualClock, connect
from samskabt.cli.app import app
from samskabt.cli.session import Session
from samskabt.runtime.posting.restraint import Restraint
from typer.testing import CliRunner

DATABASE = "samskabt.db"
PROGRAMME = "forenklet-beskaeftigelsesindsats"
ME = Actor(ActorKind.PERSON, "1")
TODAY = datetime(2019, 10, 10, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Parse stdout as JSON."""
        return json.loads(self.out)


@dataclass
class CommandLine:
    """A command line on one database at one moment of virtual time; call it with the words that one would type."""

    path: Path
    at: datetime = TODAY
    environment: Mapping[str, str] | None = None

    @property
    def url(self) -> str:
        """Give the address of the database."""
        return f"sqlite:///{self.path}"

    def __call__(self, *words: object) -> Answer:
        """Run a command; an exception that it does not turn into an exit code fails the test."""
        session = Session(url=self.url, clock=VirtualClock(self.at))
        at_once = {f"SAMSKABT_MAIL_{name}": "off" for name in ("WINDOW", "BUDGET", "DIGEST")}
        variables = {"SAMSKABT_MAIL": str(self.path.parent / "mail"), **at_once, **(self.environment or {})}
        result = CliRunner().invoke(app, [str(word) for word in words], obj=session, env=variables)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)

    def copy(self, folder: Path) -> "CommandLine":
        """Give a command line on a copy of the database, to change it without anybody noticing."""
        return CommandLine(Path(shutil.copy(self.path, folder / "copy.db")), self.at)


def live_programme(path: Path) -> CommandLine:
    """Give a database of its own with the same programme, which is lived once in a process, and its mails beside it."""
    for name, content in _lived().items():
        target = path if name == DATABASE else path.parent / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return CommandLine(path)


@cache
def _lived() -> dict[str, bytes]:
    """Live the programme and give its files: name -> contents."""
    with TemporaryDirectory() as folder:
        _live(Path(folder) / DATABASE)
        files = [file for file in Path(folder).rglob("*") if file.is_file()]
        return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def _live(path: Path) -> None:
    """Start the shipped programme with five kommuner, of which four are chosen, and let København work until October.

    København has ended trin 1 with an override, and has four challenges: one in trin 3, one in trin 4, one parked in
    trin 3 and one that is only named. Only København's consultant is entered, so mails to all others are held.
    """
    clock = VirtualClock(datetime(2019, 8, 14, 8, 0, tzinfo=UTC))
    settings = Settings(url=f"sqlite:///{path}", mail_folder=path.parent / "mail", restraint=Restraint.off())
    with connect(settings.url, clock=clock, settings=settings) as engine:
        programme = engine.programmes.start(PROGRAMME, actor=ME).instance_id
        person = engine.people.add("Karen Sørensen", "karen@eksempel.example")
        engine.people.assign(person, "kommunal_konsulent", kommune="0101", from_on=date(2019, 8, 1))
        engine.advance(programme, "forloeb.aabn_tilmelding", actor=ME)
        codes = ("0101", "0360", "0573", "0751", "0825")
        born = [engine.programmes.enrol(programme, code, actor=ME).born for code in codes]
        clock.move_to(datetime(2019, 9, 3, 8, 0, tzinfo=UTC))
        engine.programmes.choose(programme, actor=ME)
        engine.advance(programme, "forloeb.luk_tilmelding", actor=ME)
        engine.tick()
        engine.deliver()
        process = born[0]["0101"]

        def go(number: int, event: str, **data: Any) -> None:
            engine.advance(number, event, data=data, actor=ME, reason="Aftalt på mødet", override=True)

        clock.move_to(datetime(2019, 10, 7, 8, 0, tzinfo=UTC))
        go(process, "trin_1.begynd", formaal=True)
        go(process, "trin_1.afslut", med_droeftet={"on": "2019-10-03", "note": "Hovedudvalget"})
        go(process, "trin_2.begynd")
        titles = ("For mange sygedage", "Lange sagsgange", "Uklare mål", "For få samtaler")
        challenges = [next(iter(engine.add(process, "challenge", title, actor=ME).born.values())) for title in titles]
        for challenge in challenges[:3]:
            go(challenge, "prioriter", prioritet=1)
            go(challenge, "begynd_trin_3")
        solution = next(iter(engine.add(challenges[1], "solution", "Korte møder", actor=ME).born.values()))
        go(solution, "vaelg", effekt="Kortere sagsgange", tegn="Færre rykkere", maalemetode="Logbog i to uger")
        go(challenges[1], "til_trin_4")
        go(challenges[2], "parker")
        clock.move_to(TODAY)
        engine.tick()
        engine.deliver()
