"""Named cases of delivery, each prepared on a desk and left just before the post goes; a worker may die in any of them.

A case says when the post works, how the mail server behaves, and under which settings. What the rest of its life is
belongs to the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType

from samskabt.engine.values import Intent
from samskabt.notifications.smtp.bounces import Bounce
from samskabt.runtime.posting.restraint import Restraint

from ..mailserver import DROP
from .desk import Desk, at
from .world import ME

MONDAY = date(2019, 9, 16)
EIGHT, CUT = at(MONDAY, 8), at(MONDAY, 9, 30)
TUESDAY = at(MONDAY + timedelta(days=1), 9, 30)
ROLE = "klk_konsulent"
GREYLISTED = "451 4.7.1 Greylisted, come back in a minute"


@dataclass(frozen=True)
class Case:
    """A case: how it is prepared (from Monday at eight), when the post works, and what the mail server does then."""

    prepare: Callable[[Desk], object]
    rounds: tuple[datetime, ...] = (CUT,)
    script: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    restraint: Restraint = field(default_factory=Restraint)
    all_mail_to: str | None = None


def damage(desk: Desk, sql: str) -> None:
    """Write past the engine."""
    with desk.engine.context.begin() as uow:
        uow.connection.raw.execute(sql)


def one(desk: Desk) -> None:
    """One reminder to one person."""
    desk.queue(desk.person())


def digest(desk: Desk) -> None:
    """Three matters of a day for one person."""
    anne = desk.person()
    desk.queue(anne)
    desk.queue(anne, Intent.NOTICE, template="velkommen")
    desk.queue(anne, about=desk.kommune("Greve"))


def two_receivers(desk: Desk) -> None:
    """One matter for two people who share a role."""
    for name in ("Anne Holm", "Bo Lind"):
        desk.engine.people.assign(desk.person(name), ROLE, programme_id=desk.programme)
    desk.queue(ROLE)


def meeting(desk: Desk) -> int:
    """Invite to a meeting, as its programme does."""
    for role in ("leder", "kommunal_konsulent"):
        desk.engine.people.assign(desk.person(role.title()), role, programme_id=desk.programme)
    with desk.engine.context.store.read() as reader:
        found = reader.instances(desk.programme, "meeting")
        number = next(one.id for one in found if one.key == "uddannelsesdag_1" and one.kommune is None)
    desk.engine.reschedule(number, date(2019, 10, 28), reason="Lokalet var optaget", actor=ME)
    desk.engine.advance(number, "indkald", actor=ME, data={"sted": "Odense", "kl": "9.00", "slut_kl": "12:00"})
    return number


def cancelled(desk: Desk) -> None:
    """Call off a meeting to which people were invited."""
    number = meeting(desk)
    desk.engine.deliver()
    desk.engine.advance(number, "aflys", actor=ME, reason="Ingen kan")


def once(desk: Desk) -> None:
    """What must not come twice."""
    desk.queue(desk.person(), Intent.NOTICE, hoejst_en_gang=True)


def two_letters(desk: Desk) -> None:
    """Two people, a letter each."""
    desk.queue(desk.person())
    desk.queue(desk.person("Bo Lind"))


def withdrawn(desk: Desk) -> None:
    """It stands in a letter when the person says no to such mails."""
    anne = desk.person()
    desk.queue(anne, template="begynd_leder")
    desk.engine.post.post()
    desk.engine.post.preferences.opt_out(anne, "text:begynd_leder")


def held(desk: Desk) -> None:
    """An address to which nothing can be sent, found when the letter goes; and one for a role that nobody has."""
    anne = desk.person()
    desk.queue(anne)
    desk.queue(ROLE)
    desk.engine.post.post()
    damage(desk, f"UPDATE person SET email = 'åse@eksempel.example' WHERE id = {anne}")


def absorbed(desk: Desk) -> None:
    """Monday's digest did not go; Tuesday's takes it up."""
    anne = desk.person()
    desk.queue(anne)
    desk.engine.post.post()
    desk.clock.move_to(TUESDAY - timedelta(hours=1))
    desk.queue(anne, Intent.NOTICE, template="velkommen")
    desk.engine.post.post()


def over_budget(desk: Desk) -> None:
    """The week's one mail has gone; the next waits for the week after."""
    anne = desk.person()
    desk.queue(anne)
    desk.move(CUT)
    desk.clock.move_to(CUT + timedelta(hours=1))
    desk.queue(anne)


def paused(desk: Desk) -> None:
    """A person who wants to hear nothing until Wednesday."""
    anne = desk.person()
    desk.engine.post.preferences.pause(anne, MONDAY + timedelta(days=2))
    desk.queue(anne)


def bounced(desk: Desk) -> None:
    """The last letter came back because there is no such mailbox; the next does not even go."""
    anne = desk.person()
    desk.queue(anne)
    desk.move(CUT)
    (letter,) = desk.letters("sent")
    with desk.engine.context.store.read() as reader:
        (person,) = [one for one in reader.registers.people() if one.id == anne]
    desk.engine.inbox.bounced(Bounce((letter.message_id,), person.email, "5.1.1", True))
    desk.queue(anne)


def stand_in(desk: Desk) -> None:
    """Whoever has the role is away, and somebody stands in."""
    anne, bo = desk.person(), desk.person("Bo Lind")
    desk.engine.people.assign(anne, ROLE, programme_id=desk.programme, substitute_id=bo)
    desk.engine.people.absent(anne, MONDAY + timedelta(days=10))
    desk.queue(ROLE)


def broken_text(desk: Desk) -> None:
    """A digest in which one text cannot be written, and a letter that consists of such a one."""
    anne, bo = desk.person(), desk.person("Bo Lind")
    desk.queue(anne)
    for person in (anne, bo):
        desk.queue(person, template="findes_ikke")


def lapsed(desk: Desk) -> None:
    """A letter that a process took and died with, longer ago than its lease."""
    desk.queue(desk.person())
    desk.engine.post.post()
    damage(desk, "UPDATE letter SET fence = 1, attempts = 1, lease_until = '2019-09-16 07:10:00.000000'")


def once_lapsed(desk: Desk) -> None:
    """The same with one that must not come twice."""
    once(desk)
    desk.engine.post.post()
    damage(desk, "UPDATE letter SET fence = 1, attempts = 1, lease_until = '2019-09-16 07:10:00.000000'")


def message(desk: Desk) -> None:
    """Words of a person to all who have a role."""
    for name in ("Anne Holm", "Bo Lind"):
        desk.engine.people.assign(desk.person(name), ROLE, programme_id=desk.programme)
    desk.engine.post.message(desk.programme, ROLE, "Nyt fra kontoret", "Vi er flyttet.", actor=ME)


LATER = (CUT, CUT + timedelta(minutes=2), CUT + timedelta(minutes=8))
CASES: Mapping[str, Case] = {
    "one letter": Case(one),
    "a digest of three": Case(digest),
    "two receivers": Case(two_receivers),
    "an invitation": Case(meeting),
    "a cancellation": Case(cancelled),
    "at most once": Case(once),
    "refused for good": Case(one, script={"RCPT": "550 5.1.1 No such user"}),
    "a 4xx, then ok": Case(one, LATER, {"DOT": ["452 4.3.1 Out of room"]}),
    "greylisting": Case(two_letters, LATER, {"RCPT": [GREYLISTED, GREYLISTED]}),
    "doubtful, then ok": Case(one, LATER, {"DOT": [DROP]}),
    "at most once, doubtful": Case(once, LATER, {"DOT": [DROP]}),
    "a server that is busy": Case(two_letters, LATER, {"CONNECT": ["421 4.3.2 Too busy"]}),
    "withdrawn at the claim": Case(withdrawn),
    "an address that is none": Case(held),
    "an absorbed digest": Case(absorbed, (TUESDAY,)),
    "over the budget": Case(
        over_budget, (CUT + timedelta(hours=2), at(MONDAY + timedelta(days=7), 9, 30)), restraint=Restraint(budget=1)
    ),
    "a pause": Case(paused, (CUT, at(MONDAY + timedelta(days=3), 9, 30))),
    "an address that bounced": Case(bounced, (TUESDAY,)),
    "a stand-in": Case(stand_in),
    "a trial": Case(two_letters, all_mail_to="test@eksempel.example"),
    "a text that cannot be written": Case(broken_text),
    "a lapsed lease": Case(lapsed),
    "a lapsed lease, at most once": Case(once_lapsed),
    "a message": Case(message),
}
"""The cases by their names."""
