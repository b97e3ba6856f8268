"""The door that every use case passes: may this actor do this here; keeps no users and no roles itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ..engine.values import Actor, ActorKind, Identity, Json, Refusal, Strength
from ..storage import ONE_PERSON, RoleRow

FORBIDDEN = "ikke_tilladt"
"""The code of every refusal that is about who asks, not about what is asked for."""

PERSON = "person"
"""The kind of identity that a permission to do something with people is asked of."""


class Permit(Protocol):
    """Answers whether an actor may do something to an instance: nothing, or the refusal."""

    def refusal(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:
        """Give None where it is allowed.

        To enter a person (``opret_person``) is asked of an identity of kind ``person`` with the number 0: people belong
        to no programme.
        """


class AllowAll:
    """Lets everybody do everything; the embedding application guards its own doors."""

    def refusal(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:  # noqa: ARG002
        """Give None: it is allowed."""
        return None


@dataclass(frozen=True, slots=True)
class Grant:
    """What one link may do: these events, by this person, to this instance (None: to what is the person's own).

    ``role`` is the one that the mail was written to, in these ``kommuner`` (None in it: in all); without it any role of
    the instance's programme and kommune will do.
    """

    person_id: int
    events: frozenset[str]
    instance_id: int | None = None
    role: str | None = None
    kommuner: tuple[str | None, ...] = ()


class RolePermit:
    """Lets people do what their roles reach, a link what it was made for, the system and imports everything.

    A role reaches the instances of its programme and kommune (of all, where it names none); one of a single kommune
    reaches neither the programme itself nor other kommuner. Where a move names its roles (``by``), it takes one of
    those. ``by_of`` gives them for an event of an instance; ``roles`` are all assignments, ``today`` the local day.
    """

    def __init__(
        self,
        roles: Callable[[], Sequence[RoleRow]],
        today: Callable[[], date],
        by_of: Callable[[Identity, str], Collection[str]],
        grant: Grant | None = None,
    ) -> None:
        self._roles, self._today, self._by_of, self._grant = roles, today, by_of, grant

    def refusal(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:
        """Give None where the actor's roles, or the link, reach this event here."""
        match actor.kind:
            case ActorKind.SYSTEM | ActorKind.IMPORT:
                return None
            case ActorKind.TOKEN:
                return self._of_link(actor, event, identity)
            case ActorKind.PERSON:
                return self._of_person(actor, event, identity)

    def _of_person(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:
        number = int(actor.id) if actor.id.isascii() and actor.id.isdigit() else 0
        by = self._by_of(identity, event)
        today = self._today()
        if identity.kind == PERSON:
            own = [row for row in self._roles() if row.kommune is None and is_of(row, number, today)]
        else:
            own = [row for row in self._roles() if reaches(row, number, identity, today)]
        if not own:
            return forbidden(event, "rolle")
        return None if not by or any(row.role in by for row in own) else forbidden(event, "anden_rolle")

    def _of_link(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:
        grant, today = self._grant, self._today()
        if grant is None or actor.id != str(grant.person_id):
            return forbidden(event, "link")
        if event not in grant.events or grant.instance_id not in (None, identity.id):
            return forbidden(event, "link")
        if identity.kind == PERSON or grant.role == f"{ONE_PERSON}{grant.person_id}":
            return None
        rows = self._roles()
        if grant.role is None:
            has = any(is_of(row, grant.person_id, today) and concerns(row, identity) for row in rows)
        else:
            has = holds(rows, grant, identity.programme_id, today)
        return None if has else forbidden(event, "rolle")


def holds(rows: Sequence[RoleRow], grant: Grant, programme_id: int, today: date) -> bool:
    """Tell whether a link's person still has the role that its mail was written to, or stands in for who has."""
    return any(
        row.role == grant.role
        and is_of(row, grant.person_id, today)
        and row.programme_id in (None, programme_id)
        and (row.kommune is None or None in grant.kommuner or row.kommune in grant.kommuner)
        for row in rows
    )


def is_of(row: RoleRow, person_id: int, today: date) -> bool:
    """Tell whether a role is a person's on a day, as its holder or as a substitute."""
    is_now = row.from_on <= today and (row.to_on is None or row.to_on >= today)
    return is_now and person_id in (row.person_id, row.substitute_id)


def reaches(row: RoleRow, person_id: int, identity: Identity, today: date) -> bool:
    """Tell whether a person's role lets them change an instance."""
    return is_of(row, person_id, today) and (
        row.programme_id in (None, identity.programme_id) and row.kommune in (None, identity.kommune)
    )


def concerns(row: RoleRow, identity: Identity) -> bool:
    """Tell whether a role has to do with an instance, or with the programme that it belongs to."""
    is_near = row.kommune is None or identity.kommune in (None, row.kommune)
    return row.programme_id in (None, identity.programme_id) and is_near


def forbidden(event: str, why: str) -> Refusal:
    """Refuse an event because of who asks: ``rolle``, ``anden_rolle`` or ``link`` says what is not right."""
    values: dict[str, Json] = {"event": event, "why": why}
    return Refusal("ikke_tilladt", "permit", Strength.HARD, values)
