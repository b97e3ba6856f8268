"""What follows from a person's new address: it is written to from now on; what waited for it goes. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ...engine.errors import InvalidInput
from ...storage import PersonRow, UnitOfWork

READDRESS: Final = "ret_adresse"
"""What a permission is asked for, of the person whose address it is."""

MENDED = "modtagerens adresse er rettet"


@dataclass(frozen=True, slots=True)
class Readdressed:
    """A person's new address (``is_new`` unless it was this before), and what becomes of her mails.

    So many letters that were held for the old one go by themselves now (``released``); so many that were given up,
    or came back, go only when somebody says so (``given_up``).
    """

    person_id: int
    email: str
    is_new: bool
    released: int
    given_up: int


def require_own(email: str, others: Iterable[PersonRow], *, is_shared: bool) -> None:
    """Refuse an address that another person has, and say who, unless either of them is a mailbox that several read."""
    for other in () if is_shared else others:
        if other.email.casefold() == email.casefold() and not other.is_shared_mailbox:
            said = f"{email} is the address of person {other.id}, {other.name}"
            way = "give another; for a mailbox that several read say `person add NAME EMAIL --shared`"
            raise InvalidInput("email", f"{said}: {way}")


def readdress(uow: UnitOfWork, person: PersonRow, email: str, now: datetime) -> Readdressed:
    """Give a person another address, and let go what was held until she had one that works.

    Letters that wait ask for the address when they go. What was said of her former addresses is forgotten.
    """
    uow.letters.lock()
    dead = len(uow.returned.given_up(person.id, "dead"))
    if email == person.email:
        return Readdressed(person.id, email, is_new=False, released=0, given_up=dead)
    uow.returned.readdress(person.id, email)
    uow.returned.forget(person.id)
    held = uow.returned.given_up(person.id, "held")
    for letter_id in held:
        for outbox_id in uow.claims.again(letter_id, now, MENDED):
            uow.outbox.reopen(outbox_id)
    for role in uow.registers.roles():
        if person.id in (role.person_id, role.substitute_id):
            uow.outbox.release(role.role, role.programme_id, now)  # what no usable address was known for
    return Readdressed(person.id, email, is_new=True, released=len(held), given_up=dead)
