"""Finds the words of a mail, and what its workflow calls what it is about; one text at a time, composes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...engine.civil.instants import local_date
from ...engine.compiled import Compiled
from ...engine.deciding.effects import addressed
from ...engine.definition import Workflow
from ...engine.values import Nudge, OutboxRow, Recipient
from ...notifications import (
    BY_ANSWER,
    MESSAGE,
    NOTHING,
    STANDARD_TEXTS,
    Item,
    Named,
    Text,
    Writer,
    find_text,
    matter_of,
    placeholders,
)
from ...storage import ONE_PERSON
from ..usecases.context import Context
from .messages import WRITER, WRITER_ROLE, words_of

_NO_TEXT = Text("", "")
IN_CHARGE = "ansvarlig"
"""The place in a text for who answers for what it is about: looked up only for texts that have it."""


def items_of(context: Context) -> Callable[[OutboxRow], Item]:
    """Find a mail's words: a message's own, else the workflow's, else the standard ones."""

    def item(row: OutboxRow) -> Item:
        compiled = context.compiled(row.workflow_hash)
        text = _text(compiled.workflow, row)
        asks = IN_CHARGE in placeholders(f"{text.subject}\n{text.body}\n{text.action}")
        called = named(compiled.workflow, row, _in_charge(context, compiled, row) if asks else ())
        writer = _writer(context, compiled.workflow, row) if row.nudge.why == MESSAGE else None
        return Item(row, text, called if writer is None else replace(called, writer=writer))

    return item


def named(workflow: Workflow, row: OutboxRow, in_charge: tuple[Recipient, ...] = ()) -> Named:
    """Say what a workflow calls what a row has only keys for; a programme that has its own title keeps it."""
    role = "" if row.nudge.role.startswith(ONE_PERSON) else workflow.person_title(row.nudge.role)
    short = workflow.programme.short_title if row.programme_title == workflow.programme.title else ""
    return Named(role, short, in_charge)


def matter(workflow: Workflow, nudge: Nudge) -> str:
    """Say in a word or two what kind of mail this is; empty where its subject does not begin with that."""
    found = workflow.texts.get(nudge.template)
    text = Text(found.subject, "") if found else STANDARD_TEXTS.get(nudge.template, _NO_TEXT)
    return "Besked" if nudge.why == MESSAGE else matter_of(text)


def asks_for_a_step(workflow: Workflow, template: str) -> bool:
    """Tell whether a text asks its reader to do something that moves a process: more than to read it or to answer."""
    found = workflow.texts.get(template) or STANDARD_TEXTS.get(template, _NO_TEXT)
    return found.action != NOTHING and not found.action.startswith(BY_ANSWER)


def _text(workflow: Workflow, row: OutboxRow) -> Text:
    """Find one text. A workflow has dozens, and a mail is about one of them: the others are not built."""
    if row.nudge.why == MESSAGE and (own := words_of(row.nudge.values)) is not None:
        return own
    found = workflow.texts.get(row.nudge.template)
    if found is not None:
        return Text(found.subject, found.body, found.stops, found.action, found.link, found.reply)
    return find_text(row.nudge.template, others=workflow.texts)


def _writer(context: Context, workflow: Workflow, row: OutboxRow) -> Writer | None:
    """Say who wrote a message: a person by her name and address of today, anybody else as they called themselves."""
    who, role = (str(row.nudge.values.get(name) or "") for name in (WRITER, WRITER_ROLE))
    if not who:
        return None
    title = workflow.person_title(role) if role else ""
    with context.store.read() as reader:
        found = reader.registers.recipients(f"{ONE_PERSON}{who}", 0, None, local_date(context.clock.now()))
    return Writer(found[0].name, title, found[0].email) if found else Writer(who, title)


def _in_charge(context: Context, compiled: Compiled, row: OutboxRow) -> tuple[Recipient, ...]:
    """Find who has the role that answers for an instance today, or stands in for them."""
    today = local_date(context.clock.now())
    with context.store.read() as reader:
        key = reader.instance(row.instance_id).key
        role = compiled.paper.responsible_for(key, row.kommune)
        roles = addressed(compiled, role) if role else ()
        return tuple(
            one for name in roles for one in reader.registers.recipients(name, row.programme_id, row.kommune, today)
        )
