"""The door that every use case passes: may this actor do this here; keeps no users and no roles itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ..engine.compiled import Compiled
from ..engine.deciding.effects import meant
from ..engine.values import Actor, ActorKind, Identity, Json, Refusal, Strength
from ..storage import ONE_PERSON, RoleRow

PERSON = "person"
"""The kind of identity that a permission to do something with people is asked of."""

WISH, ABSENT, SHARE, ANSWER = "vaelg_mails", "meld_fravaer", "del_kalender", "svar_paa_indkaldelse"
"""What people do for themselves: which mails they want, being away, a calendar of their own, answers to invitations."""

REVOKE = "traek_links_tilbage"
"""To take back the links that a person has in mails."""

OWN = frozenset({WISH, ABSENT, SHARE, REVOKE})
"""What is asked of the person whom it is about, and so of nobody's role where they do it themselves."""


class Permit(Protocol):
    """Answers whether an actor may do something to an instance: nothing, or the refusal."""

    def refusal(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:
        """Give None where it is allowed.

        What is about people is asked of an identity of kind ``person``, for they belong to no programme: to enter one
        (``opret_person``) with the number 0, what they wish and when they are away with their own. A link in a mail is
        asked about as the person whom it was sent to, and then once more by a door of its own.
        """


class AllowAll:
    """Lets everybody do everything; the embedding application guards its own doors."""

    def refusal(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:  # noqa: ARG002
        """Give None: it is allowed."""
        return None


@dataclass(frozen=True, slots=True)
class Grant:
    """What one link may do: these events, by this person, to this instance (None: to what is the person's own).

    ``role`` is the one that the mail was written to, in these ``kommuner`` (None in it: in all); without it, or where
    it names the person alone, any role of the instance's programme and kommune will do.
    """

    person_id: int
    events: frozenset[str]
    instance_id: int | None = None
    role: str | None = None
    kommuner: tuple[str | None, ...] = ()


class RolePermit:
    """Lets people do what their roles reach, a link what it was made for, the system and imports everything.

    A role reaches the instances of its programme and kommune (of all, where it names none); one of a single kommune
    reaches neither the programme itself nor other kommuner, though whoever has one may answer invitations to what
    concerns it. Where a move names its roles (``by``), it takes one of those. ``by_of`` gives them for an event of an
    instance, as ``named`` does; ``roles`` are all assignments, ``today`` the local day.
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
        by = () if identity.kind == PERSON else self._by_of(identity, event)
        today = self._today()
        if identity.kind == PERSON and event in OWN and number and identity.id == number:
            return None
        if identity.kind == PERSON:
            own = [row for row in self._roles() if row.kommune is None and is_of(row, number, today)]
        elif event == ANSWER:
            own = [row for row in self._roles() if is_of(row, number, today) and concerns(row, identity)]
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
        if identity.kind == PERSON:
            return None if identity.id in (0, grant.person_id) else forbidden(event, "link")
        own = [row for row in self._roles() if is_of(row, grant.person_id, today)]
        by = self._by_of(identity, event)
        if by:
            has, why = any(row.role in by and is_meant(row, grant, identity) for row in own), "anden_rolle"
        elif grant.role is None or grant.role.startswith(ONE_PERSON):
            has, why = any(concerns(row, identity) for row in own), "rolle"
        else:
            has, why = any(row.role == grant.role and is_meant(row, grant, identity) for row in own), "rolle"
        return None if has else forbidden(event, why)


def named(compiled: Compiled, identity: Identity, event: str) -> frozenset[str]:
    """Name the roles of which one is asked (``by``) for an event of an instance; none where any will do."""
    if event not in compiled.machine(identity.kind).events:
        return frozenset()
    by = [name for firing in compiled.firings(identity.kind, event) for name in firing.move.by]
    return frozenset(meant(compiled, compiled.paper.activity(identity.key), identity.kommune, by))


def about(person_id: int) -> Identity:
    """Give what a permission to do something for a person is asked of."""
    return Identity(person_id, PERSON, "", 0, None, None, "")


def is_self(actor: Actor, person_id: int) -> bool:
    """Tell whether somebody acts for themselves, by name or by a link."""
    return actor.kind in (ActorKind.PERSON, ActorKind.TOKEN) and actor.id == str(person_id)


def is_meant(row: RoleRow, grant: Grant, identity: Identity) -> bool:
    """Tell whether a role is one at the place that a link's mail was about."""
    is_here = None in grant.kommuner or row.kommune in (None, identity.kommune, *grant.kommuner)
    return is_here and row.programme_id in (None, identity.programme_id)


def is_of(row: RoleRow, person_id: int, today: date) -> bool:
    """Tell whether a role is a person's on a day: its holder's, and while that one is away, also who takes over's."""
    is_now = row.from_on <= today and (row.to_on is None or row.to_on >= today)
    is_away = row.away_until is not None and today <= row.away_until
    return is_now and (person_id == row.person_id or (is_away and person_id == row.takes_over(today)))


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
    """Refuse an event because of who asks, not of what: ``rolle``, ``anden_rolle`` or ``link`` says what is wrong."""
    values: dict[str, Json] = {"event": event, "why": why}
    return Refusal("ikke_tilladt", "permit", Strength.HARD, values)
