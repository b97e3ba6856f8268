"""What mails a change would cause: the change is made in a transaction that is rolled back, and posted there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from ...engine.civil.danish import plural
from ...engine.civil.instants import local_date
from ...notifications import Mail, compose_letter, message_id_of
from ...storage import OutboxView, Store
from ..posting.poster import UNNEEDED
from ..posting.telling import letters_of, moment
from .wording import items_of
from .wording import matter as matter_of_mail

if TYPE_CHECKING:
    from ..engine import Engine

PAGE = 500


@dataclass(frozen=True, slots=True)
class PlannedMail:
    """One mail to one person that a change would cause: about what, and when it goes (None: it waits, ``note``)."""

    person_id: int
    person: str
    template: str
    matter: str
    about: str
    goes_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would send: so many letters to so many people, each mail, what reaches nobody, and the first."""

    mails: int
    people: int
    planned: tuple[PlannedMail, ...]
    unsent: tuple[str, ...]
    first: str = ""

    @property
    def sentence(self) -> str:
        """Say it in Danish."""
        return f"Dette sender {plural(self.mails, 'mail', 'mails')} til {plural(self.people, 'person', 'personer')}."


def preview(store: Store, over: Callable[[Store], Engine], change: Callable[[Engine], object]) -> Preview:
    """Make a change, post what it queued, look, and undo all of it; what the change raises is raised."""
    with store.rehearse() as rehearsal:
        engine = over(rehearsal)
        engine.post.post()  # What waits already is not of this change, but has its place in the week first.
        with rehearsal.read() as reader:
            before = reader.posted.last_mail()
        change(engine)
        engine.post.post()
        return _seen(engine, rehearsal, before)


def _seen(engine: Engine, store: Store, before: int) -> Preview:
    found: list[OutboxView] = []
    with store.read() as reader:
        while rows := reader.outbox(after=found[-1].id if found else before, limit=PAGE):
            found += rows
        if not found:
            return Preview(0, 0, (), ())
        letters = letters_of(reader, found[0].id, found[-1].id)
    planned: list[tuple[object, PlannedMail]] = []
    unsent: list[str] = []
    told = set[object]()
    for mail in found:
        shown = engine.show(mail.instance_id)
        about, matter = shown.title, _matter(engine, shown.workflow_hash, mail)
        for one in letters[mail.id]:
            if (again := _calendar_mail(mail, one.person_id)) in told:
                continue  # Invited by two roles, she gets one of them: the other letter is emptied when it would go.
            told |= {again} - {None}
            note = "" if one.goes_at is None else moment(one.goes_at)
            planned.append(
                (one.id, PlannedMail(one.person_id, one.person, mail.nudge.template, matter, about, one.goes_at, note))
            )
        waiting = _waiting(engine, mail, {one.person_id for one in letters[mail.id]})
        for number, name in waiting:
            said = PlannedMail(number, name, mail.nudge.template, matter, about, None, mail.waits or "")
            planned.append(((mail.id, number), said))
        is_moot = (mail.result or {}).get("note") in UNNEEDED  # It is not missed.
        if not waiting and not letters[mail.id] and not is_moot:
            unsent.append(f"{about}: {(mail.result or {}).get('note') or mail.waits or mail.status}")
    first = next((one.id for one in letters[found[0].id]), None)
    return Preview(
        mails=len({letter for letter, _ in planned}),
        people=len({said.person_id for _, said in planned}),
        planned=tuple(said for _, said in planned),
        unsent=tuple(unsent),
        first=_first(engine, found[0], planned[0][1], first) if planned else "",
    )


def _calendar_mail(mail: OutboxView, person_id: int) -> object:
    """Tell what a mail does to a person's calendar; None where it does nothing to it."""
    nudge = mail.nudge
    return None if nudge.uid is None else (person_id, nudge.uid, nudge.intent, nudge.sequence)


def _matter(engine: Engine, workflow_hash: str, mail: OutboxView) -> str:
    return matter_of_mail(engine.context.compiled(workflow_hash).workflow, mail.nudge) or mail.nudge.template


def _waiting(engine: Engine, mail: OutboxView, had: set[int]) -> tuple[tuple[int, str], ...]:
    """List those whom a mail that waits is for, and who have no letter with it yet."""
    if mail.status != "pending":
        return ()
    now = engine.context.clock.now()
    with engine.context.begin() as uow:
        row = uow.outbox.one(mail.id, now, on=local_date(now))
    return tuple((one.person_id, one.name) for one in (row.recipients if row else ()) if one.person_id not in had)


def _first(engine: Engine, mail: OutboxView, planned: PlannedMail, letter: int | None) -> str:
    """Write the first mail just as its reader would get it, at the time at which it would go.

    What stands in the same letter is in it, and the links lead to a placeholder: their tokens are rolled back.
    """
    now = planned.goes_at or engine.context.clock.now()
    written = engine.post.written(letter, now) if letter is not None else None
    if written is None:
        written = _alone(engine, mail, planned, now)
    return "" if written is None else _told(written, engine.settings.web_url or "")


def _alone(engine: Engine, mail: OutboxView, planned: PlannedMail, now: datetime) -> Mail | None:
    """Write a mail that has no letter yet."""
    with engine.context.begin() as uow:
        uow.outbox.again(mail.id, now)
        row = uow.outbox.one(mail.id, now, on=local_date(now))
        person = next((one for one in (row.recipients if row else ()) if one.person_id == planned.person_id), None)
        if row is None or person is None:
            return None
        maker = engine.post.helpers.links
        links, foot = maker.links(uow, row, person, now), maker.footer_links(uow, person, now)
    item, identity = items_of(engine.context)(row), message_id_of("forhaandsvisning", engine.settings.sender, "")
    return compose_letter(
        (item,), person, engine.settings.sender, now, message_id=identity, links={row.id: links}, footer_links=foot
    )


def _told(mail: Mail, web_url: str) -> str:
    read = message_from_bytes(mail.content, policy=policy.default)
    body = read.get_body(("plain",))
    words = str(body.get_content()).strip() if body else ""
    if web_url:
        words = re.sub(rf"({re.escape(web_url.rstrip('/'))}/h/)[\w-]+", r"\1...", words)
    files = [f"Vedhæftet: {name}" for part in read.iter_attachments() if (name := part.get_filename())]
    return "\n\n".join([mail.subject, words, *files])
