"""Which mails a decision wants sent: to which roles, about what and why; composes no words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeAlias

from ..choosing.queueing import in_line, places_left
from ..civil.instants import end_of_day, local_date
from ..compiled import Compiled
from ..compiling import Firing
from ..definition import Activity, Approval, Evaluation, FieldDef, Notice, Reminder
from ..definition.document.approving import approval_of
from ..definition.reminding.reminders import ANSWERED, LAST_DAY, MONTHLY, OWNERS
from ..definition.workflow import OWN_ANCHORS, PARTICIPANTS, RESPONSIBLE
from ..pausing.pauses import ABOUT_PAUSE, IN_PAUSE, PAUSE_END, is_paused
from ..planning.gates import unmet
from ..planning.timers import rung_of
from ..refusals import refusal_text
from ..reminding.settling import ANSWERS_TO, MEASURES, UNTIL_ALL, UNTIL_ONE, open_items, waits_for
from ..reminding.status import status_of
from ..values import ON_ITS_DAY, Entry, Intent, Json, Nudge, Refusal, Timer, TimerStatus
from ..values.kept import PAUSED, SEQUENCE
from ..values.names import ACTIVITY_KINDS, CHANGE, CLUSTER, LIFE, MEETING, PHASE_REGION, base_key

if TYPE_CHECKING:
    from .draft import Draft

About: TypeAlias = Activity | Evaluation | Approval | None
"""What the document says of an instance, if it says anything."""


def notices(draft: Draft, firing: Firing, source: str, seq: int) -> Iterator[Nudge]:
    """Give the mails that a move sends at once; an invitation's sequence number rises with every change."""
    for notice in firing.move.notices:
        was_invited = SEQUENCE in draft.snapshot.data
        if notice.intent is Intent.CANCELLATION and not was_invited:
            continue
        if notice.only_if == "place_free" and not (freed := _freed(draft)):
            continue
        number = draft.data.get(SEQUENCE) if is_invitation(notice, was_invited) else None
        values = {**facts_of(draft), **former_day(draft), **(freed if notice.only_if else {})}
        for role in roles_of(draft, notice.to):
            yield Nudge(
                key=f"{draft.event.name}:{seq}/{notice.text}/{role}",
                intent=notice.intent,
                template=notice.text,
                role=role,
                why=f"{firing.region}.{firing.name}",
                values={**values, "fra_tilstand": source},
                uid=uid_of(draft) if isinstance(number, int) else None,
                sequence=number if isinstance(number, int) else None,
            )


def is_invitation(notice: Notice, was_invited: bool) -> bool:
    """Tell whether a mail belongs to an invitation's life; where nobody was invited, there is nothing to call off."""
    return notice.intent is Intent.INVITATION or (notice.intent is Intent.CANCELLATION and was_invited)


def reminder_nudges(
    draft: Draft, rule: Reminder, timer: Timer, lacking: Sequence[Refusal] = (), newer: Iterable[int] = ()
) -> tuple[Nudge, ...]:
    """Give the mails of a due reminder, one a role; moot as soon as the state that it is about is left.

    ``lacking`` is what a reminder that waits for a gate has found missing. Nobody is asked to help with what only they
    were asked for: a higher rung with a text of its own leaves those out whom a lower one has asked by another name,
    and a lower one those whom one of the ``newer`` rungs that are due as well tells the same.
    """
    place = timer.anchor.partition("/")[0]
    region = place.partition(".")[0]
    rung = rung_of(timer.key)
    roles, text = rule.rung(rung)
    values: dict[str, Json] = {
        **facts_of(draft),
        "trin": _region_title(draft, region),
        "siden": draft.entered[region].at.isoformat(),
        "dage": _days_since(timer, draft.entered[region]),
        "nummer": rung,
        "hvorfor": _why(draft, rule),
        "stopper": rule.stops,
        **({ON_ITS_DAY: True} if draft.kind == MEETING and PARTICIPANTS in roles else {}),
        **_named_day(draft, rule, timer, region),
        **({PAUSED: ABOUT_PAUSE if rule.anchor == PAUSE_END else IN_PAUSE} if rule.in_pause else {}),
        **_said(draft, lacking),
    }
    if lacking and draft.dates.precision != "day":
        values.pop("dato", None)  # The mail then says the month, as the document does.
    if rule.anchor == MONTHLY:
        told = status_of(draft.compiled, draft.snapshot.facts, timer.local_on)
        if not told:
            return ()
        values |= told
    if rule.unless:
        values[UNTIL_ONE] = list(waits_for(rule))
    asked = _asked_for(draft, rule, roles, region)
    lower = {name for one in range(1, rung) if rule.rung(one)[1] != text for name in rule.rung(one)[0]}
    higher = {name for one in newer if rule.rung(one)[1] == text for name in rule.rung(one)[0]}
    said = {*roles_of(draft, lower - set(roles)), *roles_of(draft, higher)}
    if OWNERS in lower and len(owners := _asked_for(draft, rule, (OWNERS,), region)) == 1:
        said |= set(owners)  # Whoever owns all that is open has been asked for it by that name.
    return tuple(
        Nudge(
            key=f"{timer.key}/g{timer.generation}/{role}",
            intent=rule.intent,
            template=text,
            role=role,
            why=timer.rule,
            region=region,
            entry_seq=draft.entered[region].seq,
            values={**values, **more, **_answers(draft, rule, role)},
            expires_at=_expiry(draft, rule, rung),
        )
        for role, more in asked.items()
        if role not in said
    )


def _asked_for(draft: Draft, rule: Reminder, roles: Sequence[str], region: str) -> dict[str, dict[str, Json]]:
    """Give whom a reminder writes to, and what each is told: of a checklist those items that they own, or all."""
    if rule.about is None:
        return {role: {} for role in roles_of(draft, roles)}
    items = open_items(rule, region, draft.compiled, draft.kind, draft.data)
    owned: dict[str, dict[str, FieldDef]] = {}
    for name, item in items.items():
        for role in roles_of(draft, [item.owner or RESPONSIBLE]) if OWNERS in roles else ():
            owned.setdefault(role, {})[name] = item
    for role in roles_of(draft, [role for role in roles if role != OWNERS]):
        owned[role] = dict(items)
    return {
        role: {"mangler": "; ".join(item.title for item in found.values()), UNTIL_ALL: list(found)}
        for role, found in owned.items()
    }


def _answers(draft: Draft, rule: Reminder, role: str) -> dict[str, Json]:
    """Name the measures that a role answers in an evaluation, where its reminder is only for who has not answered."""
    if ANSWERED not in rule.unless:
        return {}
    key, measures = base_key(draft.snapshot.identity.key), draft.compiled.workflow.programme.measures
    asked = [(name, one.respondents) for name, one in measures.items() if key in one.evaluations]
    names: list[Json] = [name for name, who in asked if not who or role in who]
    return {ANSWERS_TO: draft.snapshot.identity.id, MEASURES: names}


def _why(draft: Draft, rule: Reminder) -> str:
    """Say what a reminder is for; one that keeps running says that the clock does, although the work stands still."""
    runs = rule.in_pause and rule.anchor != PAUSE_END and is_paused(draft.data)
    return f"{rule.title}; fristen løber, selv om det er sat i bero" if runs else rule.title


def opened(draft: Draft, now: datetime) -> tuple[Nudge, ...]:
    """Tell once, after the planned day, that the gate is open: those who were told that it was not."""
    compiled, who = draft.compiled, draft.snapshot.identity
    day = draft.dates.planned_end or draft.dates.planned_start
    is_gated = draft.kind in ACTIVITY_KINDS and compiled.gates.waits_for_kommuner(who.key)
    if not is_gated or day is None or day >= local_date(now) or not _was_told(draft):
        return ()
    region = next(iter(draft.position))
    rules = [
        rule for rule in compiled.rules.standing(draft.kind, draft.position) if rule.reminder.only_if == "gate_opened"
    ]
    if not rules or unmet(draft.view(region)):
        return ()
    return tuple(
        Nudge(
            key=f"{rule.name}:{day.isoformat()}/{role}",
            intent=Intent.NUDGE,
            template=rule.reminder.rung(1)[1],
            role=role,
            why=rule.name,
            region=region,
            entry_seq=draft.entered[region].seq,
            values={**facts_of(draft), "hvorfor": rule.reminder.title, "stopper": rule.reminder.stops},
        )
        for rule in rules
        for role in roles_of(draft, rule.reminder.to)
    )


def _was_told(draft: Draft) -> bool:
    """Tell whether a mail has said that the day comes before the gate is open."""
    reminders = draft.compiled.workflow.reminders
    fired = (timer for timer in draft.snapshot.timers if timer.status is TimerStatus.FIRED)
    return any(timer.rule in reminders and reminders[timer.rule].only_if == "gate_unmet" for timer in fired)


def _said(draft: Draft, lacking: Sequence[Refusal]) -> dict[str, Json]:
    """Say in words what a gate lacks."""
    words = [refusal_text(one, draft.compiled.workflow, draft.kind) for one in lacking]
    return {"mangler": " ".join(words)} if words else {}


def _freed(draft: Draft) -> dict[str, Json]:
    """Say who is first in line for the place that a kommune leaves; nothing where it leaves none, or nobody waits."""
    compiled, siblings = draft.compiled, draft.snapshot.facts.siblings
    taking_part = compiled.gates.taking_part
    leaves = draft.snapshot.position.get(LIFE) in taking_part and draft.position.get(LIFE) not in taking_part
    line = in_line(compiled, siblings)
    if not leaves or not line or not places_left(compiled, siblings):
        return {}
    return {"foerste": line[0].title}


def roles_of(draft: Draft, names: Iterable[str]) -> tuple[str, ...]:
    """Resolve pseudo-roles and those that stand for others; leave out whom the programme never writes to."""
    return meant(draft.compiled, _about(draft), draft.snapshot.identity.kommune, names)


def meant(compiled: Compiled, activity: About, kommune: str | None, names: Iterable[str]) -> tuple[str, ...]:
    """Resolve roles as ``roles_of`` does, for what is only known by its definition and its kommune."""
    out: dict[str, None] = {}
    for name in names:
        if name == PARTICIPANTS:
            found = _participants(activity)
        elif name == RESPONSIBLE:
            role = compiled.paper.in_charge_of(activity, kommune)
            found = (role,) if role else ()
        else:
            found = (name,)
        for role in found:
            for one in addressed(compiled, role):
                out[one] = None
    return tuple(out)


def facts_of(draft: Draft) -> dict[str, Json]:
    """Give what a mail may say of its instance: its day, place and kind."""
    activity = draft.compiled.paper.activity(draft.snapshot.identity.key)
    place = draft.data.get("sted") or (activity.place if isinstance(activity, Activity) else None)
    day = draft.dates.planned_start
    values: dict[str, Json] = {
        "dato": day.isoformat() if day else None,
        "praecision": draft.dates.precision,
        **_hours(draft),
        "sted": place,
        "tilstand": next(iter(draft.position.values())),
        "grund": draft.event.reason,
    }
    parent = draft.snapshot.facts.parent
    if parent is not None and parent.kind == CLUSTER:
        values["kommuner"] = parent.data.get("kommuner")
    return {name: value for name, value in values.items() if value}


def _hours(draft: Draft) -> dict[str, Json]:
    """Give the hours of a meeting, and its last day where it has several."""
    hours = {name: draft.data.get(name) for name in ("kl", "slut_kl")} if draft.kind == MEETING else {}
    first, last = draft.dates.planned_start, draft.dates.planned_end
    return {**hours, "slut": last.isoformat()} if first and last and last > first else hours


def _about(draft: Draft) -> About:
    """Find what the document says of an instance: a change is approved as changes of its sort are."""
    if draft.kind == CHANGE:
        return approval_of(draft.compiled.workflow.programme, draft.kind, "", draft.data)
    return draft.compiled.paper.activity(draft.snapshot.identity.key)


def _participants(activity: About) -> tuple[str, ...]:
    if isinstance(activity, Approval):
        return (activity.decider,) if activity.decider else ()
    if isinstance(activity, Activity):
        extra = (activity.facilitator, activity.presenter)
        return (*activity.who, *activity.optional, *(role for role in extra if role))
    return activity.respondents if activity else ()


def addressed(compiled: Compiled, role: str) -> tuple[str, ...]:
    """Name the roles that a mail to a role goes to: those that it stands for, or itself unless it gets none."""
    definition = compiled.workflow.programme.roles.get(role) or compiled.workflow.roles.get(role)
    if definition is None:
        return (role,)
    return definition.stands_for or ((role,) if definition.by_mail else ())


def _days_since(timer: Timer, entry: Entry) -> int:
    """Count the days that it has been still: since the day that the timer counts from, or since the state began."""
    value = timer.anchor_value
    anchor = date.fromisoformat(value) if len(value) == len("2019-10-03") else local_date(entry.at)
    return (timer.local_on - (anchor if anchor <= timer.local_on else local_date(entry.at))).days


def _region_title(draft: Draft, region: str) -> str:
    found = draft.compiled.region(draft.kind, region)
    return f"trin {found.trin} ({found.title})" if found.trin else found.title


def _named_day(draft: Draft, rule: Reminder, timer: Timer, region: str) -> dict[str, Json]:
    """Give the day of the programme that a reminder counts from (a deadline, a fase), with the fase's name."""
    fase = {"fase": _region_title(draft, region)} if region.startswith(PHASE_REGION) else {}
    if rule.anchor == LAST_DAY:
        return {"frist": timer.anchor_value, **fase}  # The day before what it guards, where that comes sooner.
    if rule.anchor in OWN_ANCHORS:
        return dict(fase)
    return {"dato": timer.anchor_value, "frist": timer.anchor_value, **fase}


def uid_of(draft: Draft) -> str:
    """Give the identity of an instance's invitation, for its whole life."""
    return f"{draft.kind}-{draft.snapshot.identity.id}@samskabt"


def former_day(draft: Draft) -> dict[str, Json]:
    """Give the day that was planned before, where it is another."""
    before = draft.snapshot.dates.planned_start
    return {"tidligere": before.isoformat()} if before and before != draft.dates.planned_start else {}


def _expiry(draft: Draft, rule: Reminder, rung: int) -> datetime | None:
    """A reminder of a day to come is worth nothing once the day is over."""
    day = draft.dates.planned_end
    offset = rule.ladder[rung - 1].offset if rule.ladder else rule.offset
    is_ahead = rule.anchor in ("planned_start", "planned_end") and offset.amount < 0
    return end_of_day(day) if is_ahead and day else None
