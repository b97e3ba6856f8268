"""Makes a role of each body of a programme, so that people can be assigned to it and mails find them."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from ..document.items import Body, Role
from ..programme import Programme


def roles_of_bodies(programme: Programme, roles: AbstractSet[str]) -> dict[str, Role]:
    """Make a role of each body; nobody writes to a forum that is not the programme's own."""

    def role(body: Body) -> Role:
        members = tuple(name for name in body.members if name in roles)
        return Role(
            does=body.title,
            called=body.called,
            person_title=body.person_title,
            stands_for=body.stands_for or members,
            by_mail=not body.external,
            source=body.source,
        )

    return {name: role(body) for name, body in programme.bodies.items()}
