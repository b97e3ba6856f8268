"""The people of the demo, all plainly samples: who has which role, and under which address; knows no script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...engine.civil.danish import slug
from ...engine.civil.kommune import Kommune
from ...engine.values import Actor, ActorKind
from ..engine import Engine

PROGRAMME_ROLES = (
    ("parter", "Sekretær Eksempel", "sekretariat"),
    ("partskonsulent", "Partskonsulent Eksempel", "partskonsulent"),
    ("ekstern_evaluator", "Evaluator Eksempel", "evaluator"),
    ("forsker", "Forsker Eksempel", "forsker"),
    ("klk_konsulent", "KLK-konsulent Eksempel", "klk"),
)
"""Role, name and mailbox of those who work for the whole programme."""

KOMMUNE_ROLES = (("leder", "Leder Eksempel"), ("kommunal_konsulent", "Konsulent Eksempel"))
CHOSEN_ROLES = (("medarbejder", "Medarbejdergruppe Eksempel"), ("politiker", "Udvalgsformand Eksempel"))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demo, as entered in the database."""

    number: int
    name: str
    email: str

    @property
    def actor(self) -> Actor:
        """Give this person as one who acts."""
        return Actor(ActorKind.PERSON, str(self.number))


Team = Mapping[str, Person]
"""The people of the programme or of one kommune: role -> person."""


def add_programme_people(engine: Engine, programme_id: int) -> Team:
    """Enter those who work for the whole programme."""
    return {
        role: _add(engine, role, f"{name} (programmet)", f"{box}@eksempel-program.example", programme_id, None)
        for role, name, box in PROGRAMME_ROLES
    }


def add_kommune_people(engine: Engine, programme_id: int, kommune: Kommune, *, chosen: bool = False) -> Team:
    """Enter a kommune's two contacts, or (``chosen``) those who come along once it takes part."""
    team = {}
    for role, name in CHOSEN_ROLES if chosen else KOMMUNE_ROLES:
        box = role.removeprefix("kommunal_")
        email = f"{box}.{slug(kommune.name)}@eksempel-kommune.example"
        team[role] = _add(engine, role, f"{name} ({kommune.name})", email, programme_id, kommune.code)
    return team


def _add(engine: Engine, role: str, name: str, email: str, programme_id: int, code: str | None) -> Person:
    number = engine.people.add(name, email, shared_mailbox=role == "medarbejder")
    engine.people.assign(number, role, programme_id=programme_id, kommune=code)
    return Person(number, name, email)
