"""Who may use a link: the installation's own door, asked as the person behind it, and one that is made for the link."""

from __future__ import annotations

from collections.abc import Iterable

from ...engine.civil.danish import join_and
from ...engine.civil.instants import local_date
from ...engine.deciding.effects import meant
from ...engine.definition.workflow import RESPONSIBLE
from ...engine.values import Actor, ActorKind, Data, Identity, Json, Refusal
from ...storage import ONE_PERSON, RoleRow, TokenRow, UnitOfWork
from ..permission import ABSENT, ANSWER, SHARE, WISH, Grant, Permit, RolePermit, about, named
from ..usecases.context import Context
from ..views.words import Words
from .values import AWAY, FEED, MAILS, REPLY, SIDE

_OWN = {MAILS: frozenset({WISH}), AWAY: frozenset({ABSENT}), FEED: frozenset({SHARE}), SIDE: frozenset[str]()}
"""Action of a link at the foot of a mail -> the events that a permission is asked for; to look takes none."""


def actor_of(token: TokenRow) -> Actor:
    """Give who acts by a link."""
    return Actor(ActorKind.TOKEN, str(token.person_id))


def grant_of(token: TokenRow) -> Grant:
    """Say what a link may do."""
    if token.action in _OWN:
        return Grant(token.person_id, _OWN[token.action])
    arguments: Data = token.arguments
    listed = arguments.get("events")
    events = [str(one) for one in listed] if isinstance(listed, list) else []
    role = arguments.get("role")
    return grant_for(
        token.person_id,
        token.instance_id,
        None if role is None else str(role),
        arguments.get("kommuner"),
        [ANSWER] if token.action == REPLY else events,
    )


def grant_for(
    person_id: int, instance_id: int | None, role: str | None, kommuner: Json, events: Iterable[str]
) -> Grant:
    """Say what a link about an instance may do, or would."""
    places = tuple(None if one is None else str(one) for one in kommuner) if isinstance(kommuner, list) else ()
    return Grant(person_id, frozenset(events), instance_id, role, places)


class Doors:
    """The two doors of links, in one transaction: the roles are read once, however many links are asked about."""

    def __init__(self, context: Context, uow: UnitOfWork) -> None:
        self._context, self._uow = context, uow
        self._today = local_date(context.clock.now())
        self._roles: tuple[RoleRow, ...] | None = None

    def of(self, grant: Grant) -> Permit:
        """Give the door of one link."""
        return _Both(_AsPerson(self._context.permit), RolePermit(self._read, lambda: self._today, self._by_of, grant))

    def allowed(self, grant: Grant, identity: Identity) -> frozenset[str]:
        """Name those events of a link that its person may cause today."""
        permit, actor = self.of(grant), Actor(ActorKind.TOKEN, str(grant.person_id))
        return frozenset(event for event in grant.events if permit.refusal(actor, event, identity) is None)

    def _read(self) -> tuple[RoleRow, ...]:
        if self._roles is None:
            self._roles = self._uow.registers.roles()
        return self._roles

    def _by_of(self, identity: Identity, event: str) -> frozenset[str]:
        return named(self._context.compiled(identity.workflow_hash, self._uow), identity, event)


def place_of(uow: UnitOfWork, token: TokenRow) -> Identity:
    """Give what a permission to use a link is asked of: its instance, or the person."""
    return about(token.person_id) if token.instance_id is None else uow.identity(token.instance_id)


def who_has_it(context: Context, uow: UnitOfWork, grant: Grant, identity: Identity) -> str:
    """Say in Danish who has now what a link asked its person for."""
    compiled = context.compiled(identity.workflow_hash, uow)
    roles = {role for event in grant.events for role in named(compiled, identity, event)}
    if not roles and grant.role and not grant.role.startswith(ONE_PERSON):
        roles = {grant.role}
    activity = compiled.paper.activity(identity.key)
    names = sorted(roles) or meant(compiled, activity, identity.kommune, [RESPONSIBLE])
    on = local_date(context.clock.now())
    places = grant.kommuner or (identity.kommune,)
    said = []
    for role in names:
        found = (one for place in places for one in uow.registers.recipients(role, identity.programme_id, place, on))
        people = {one.person_id: one.name for one in found if one.person_id != grant.person_id}
        if people:
            said.append(f"{join_and(list(people.values()))} ({Words(compiled).role(role)})")
    if not said:
        return "Lige nu er der ingen anden, der har rollen."
    return f"Det er nu {join_and(said)}, der tager sig af det."


class _AsPerson:
    """The installation's door, to which a link is the person whom it was sent to: it knows people, and no links."""

    def __init__(self, permit: Permit) -> None:
        self._permit = permit

    def refusal(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:
        """Ask it about the person."""
        return self._permit.refusal(Actor(ActorKind.PERSON, actor.id), event, identity)


class _Both:
    """Two doors after each other."""

    def __init__(self, *permits: Permit) -> None:
        self._permits = permits

    def refusal(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:
        """Give the first refusal."""
        found = (one.refusal(actor, event, identity) for one in self._permits)
        return next((refusal for refusal in found if refusal is not None), None)
