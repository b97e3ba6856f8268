"""People and their roles: who they are, for what and from when; mails name roles and are resolved when sent."""

from __future__ import annotations

from datetime import date

from ...engine.civil.instants import local_date
from ...engine.errors import InvalidInput
from ...storage import PersonRow, RoleRow
from .context import Context


class People:
    """Use cases on people; each is one transaction."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def add(self, name: str, email: str, *, shared_mailbox: bool = False) -> int:
        """Enter a person (or a mailbox that several read) and give the number."""
        name, email = name.strip(), email.strip()
        local, at, host = email.partition("@")
        if not name or not at or not local or "." not in host or any(sign.isspace() for sign in email):
            raise InvalidInput(
                "email", f"give a name and an address such as konsulent@eksempel-kommune.example, not {email!r}"
            )
        with self._context.begin() as uow:
            return uow.registers.add_person(name, email, is_shared_mailbox=shared_mailbox)

    def assign(
        self,
        person_id: int,
        role: str,
        *,
        programme_id: int | None = None,
        kommune: str | None = None,
        from_on: date | None = None,
        to_on: date | None = None,
        substitute_id: int | None = None,
    ) -> int:
        """Give a person a role, in a programme and a kommune or everywhere; mails that waited for it are released.

        Raises NotFound for a role that the programme does not have.
        """
        start = from_on or local_date(self._context.clock.now())
        with self._context.begin() as uow:
            number = uow.registers.assign_role(
                person_id,
                role,
                from_on=start,
                to_on=to_on,
                programme_id=programme_id,
                kommune=kommune,
                substitute_id=substitute_id,
            )
            uow.outbox.release(role, programme_id, self._context.clock.now())
        return number

    def absent(self, person_id: int, until: date | None) -> None:
        """Note that a person is away up to and including a day, or back (None)."""
        with self._context.begin() as uow:
            uow.registers.pause_person(person_id, until)

    def all(self) -> tuple[tuple[PersonRow, ...], tuple[RoleRow, ...]]:
        """List people and role assignments."""
        with self._context.store.read() as reader:
            return reader.registers.people(), reader.registers.roles()
