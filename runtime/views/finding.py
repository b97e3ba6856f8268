"""Finds what people name on a command line or in an address: instances, programmes, people; changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ...engine.civil.danish import fold
from ...engine.errors import InvalidInput, NotFound
from ...engine.values import Actor, ActorKind
from ...engine.values.names import KOMMUNE
from ...storage import InstanceView, PersonRow
from ...workflows.kommuner import find_kommune
from .words import Words, plain

if TYPE_CHECKING:
    from ..engine import Engine

BIGGEST = 2**63 - 1


def find_programme(engine: Engine, name: str | None = None) -> InstanceView:
    """Find a programme by number or workflow key; None means the only one.

    Raises NotFound that lists the programmes, InvalidInput where several could be meant.
    """
    with engine.context.store.read() as reader:
        programmes = reader.programmes()
    found = [one for one in programmes if name is None or name.strip() in (str(one.id), one.key)]
    if len(found) == 1:
        return found[0]
    names = [f"{one.id} ({one.key})" for one in programmes]
    if not found:
        raise NotFound("programme", name or "", names or ["none yet; start one"])
    raise InvalidInput("programme", f"there are several; name one by its number: {', '.join(names)}")


def find_instance(engine: Engine, name: str) -> int:
    """Find an instance by number, or as ``[PROGRAMME/]key[@kommune]``.

    ``0101`` or ``København`` alone is that kommune's process. Numbers never begin with 0, kommune codes always do.
    Raises NotFound with what there is, InvalidInput where several could be meant.
    """
    wanted = name.strip()
    if wanted.isascii() and wanted.isdigit() and not wanted.startswith("0"):
        if int(wanted) > BIGGEST:
            raise NotFound("instance", wanted)
        return engine.show(int(wanted)).id
    programme_name, slash, rest = wanted.rpartition("/")
    programme = find_programme(engine, programme_name if slash else None)
    with engine.context.store.read() as reader:
        family = reader.instances(programme.id)
    key, at, where = rest.partition("@")
    if at:
        kommune = _process(family, where).key
        family = tuple(one for one in family if one.kommune == kommune)
    found = [one for one in family if one.key == key] or [one for one in family if _is_process(one, rest)]
    if len(found) == 1:
        return found[0].id
    if not found:
        raise NotFound("instance", wanted, _names(family))
    choices = ", ".join(f"{one.key}@{one.kommune} ({one.id})" for one in found)
    raise InvalidInput("id", f"{wanted!r} is in several places; write one of {choices}")


def find_person(people: Sequence[PersonRow], name: str) -> PersonRow:
    """Find a person by number, address or name; NotFound lists them, InvalidInput where names are shared."""
    wanted = fold(name.strip())
    found = [one for one in people if wanted in (str(one.id), fold(one.email))]
    found = found or [one for one in people if fold(one.name) == wanted]
    if len(found) > 1:
        choices = ", ".join(f"{one.id} ({one.email})" for one in found)
        raise InvalidInput("person", f"{len(found)} people are called {name!r}; give a number: {choices}")
    if not found:
        raise NotFound("person", name, [f"{one.id} ({one.name})" for one in people])
    return found[0]


def find_actor(engine: Engine, name: str | None) -> Actor:
    """Say who acts: a registered person by number, address or name, or else the name as it is given.

    Raises NotFound for a number that is nobody's: it would stand in the history as if it said who it was.
    """
    if name is None or not name.strip():
        return Actor(ActorKind.PERSON, "ukendt")
    with engine.context.store.read() as reader:
        people = reader.registers.people()
    try:
        return Actor(ActorKind.PERSON, str(find_person(people, name).id))
    except NotFound:
        if name.strip().isdigit():
            raise
        return Actor(ActorKind.PERSON, name.strip())


def kommune_code(name: str) -> str:
    """Give the code of a kommune that is named by code or name; NotFound with the nearest names."""
    return find_kommune(name).code


def kommune_title(code: str) -> str:
    """Give the name of a kommune by its code."""
    return find_kommune(code).name


def role_title(engine: Engine, role: str, programme_id: int | None) -> str:
    """Say what a person with a role is, as its programme does; without a programme as the first that has the role."""
    with engine.context.store.read() as reader:
        hashes = [one.workflow_hash for one in reader.programmes() if programme_id in (None, one.id)]
    all_words = [Words(engine.context.compiled(one)) for one in dict.fromkeys(hashes)]
    return next((words.person(role) for words in all_words if role in words.workflow.roles), plain(role))


def _process(family: Iterable[InstanceView], name: str) -> InstanceView:
    processes = [one for one in family if one.kind == KOMMUNE]
    for one in processes:
        if _is_process(one, name):
            return one
    raise NotFound("kommune of the programme", name, [f"{one.key} ({one.title})" for one in processes])


def _is_process(one: InstanceView, name: str) -> bool:
    return one.kind == KOMMUNE and (name == one.key or fold(name.strip()) == fold(one.title))


def _names(family: Iterable[InstanceView]) -> list[str]:
    """List keys once each, in the order of the programme."""
    return list(dict.fromkeys(one.key for one in family))
