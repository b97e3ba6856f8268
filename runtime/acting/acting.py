"""Acting from the mail: links made, shown and used, one object, ``engine.acting``; knows no page.

A link is spent in the transaction of what it does, so it is spent if and only if that is recorded. To look changes
nothing: whatever opens links on somebody's behalf does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hmac import compare_digest

from ...engine.civil.instants import local_date
from ...engine.errors import Conflict, InvalidInput, NotFound, Refused
from ...engine.values import Actor, ActorKind, Data, Identity, Intent, Json, OutboxRow, Recipient, Refusal
from ...storage import TokenRow, UnitOfWork
from ..permission import Grant, Permit, RolePermit
from ..usecases.context import Context, Outcome
from ..usecases.handling import handle
from ..usecases.people import HOUSE
from ..views.words import Words
from . import invited, mails, steps
from .forms import read
from .minting import Mint, digest
from .steps import STEP, STILL
from .values import Choice, Done, Shown, Standing

NO_LINK = "***"
"""What an error says instead of a secret."""

QUIET = timedelta(days=14)
"""For so long nobody is reminded of what they said is still going on."""

SAID_STILL = "modtageren har svaret, at det stadig er i gang"
GONE = "Det er ikke længere muligt. Se, hvad der er nu."
_MISTAKEN = (Refused, InvalidInput, Conflict)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What somebody chose, with the fields as they were typed, and the revision that they saw."""

    choice: Choice
    given: Mapping[str, str]
    revision: int | None


class Acting:
    """The links of one database. ``after`` is told the outcomes of decisions, once they are committed."""

    def __init__(self, context: Context, url: str | None, after: Callable[[Sequence[Outcome]], None]) -> None:
        self._context, self._after = context, after
        self._mint = None if url is None else Mint(context, url)

    def links(self, uow: UnitOfWork, row: OutboxRow, recipient: Recipient, now: datetime) -> Mapping[str, str]:
        """Make the links of one mail: ``naeste``, ``kommer``, ``kommer_ikke``; none where there are no pages."""
        return {} if self._mint is None else self._mint.links(uow, row, recipient, now)

    def footer_links(self, uow: UnitOfWork, recipient: Recipient, now: datetime) -> Mapping[str, str]:
        """Make the links at the foot of a letter: ``afmeld``, ``fravaer``, ``kalender``."""
        return {} if self._mint is None else self._mint.footer_links(uow, recipient, now)

    def objection(self, uow: UnitOfWork, row: OutboxRow, person: Recipient, now: datetime) -> str | None:
        """Say that somebody has answered a reminder; None where not. Asked by posting."""
        if row.nudge.intent is not Intent.NUDGE:
            return None
        since = now - QUIET
        said = uow.tokens.answered(person.person_id, row.instance_id, STILL, since)
        return None if said is None else SAID_STILL

    def look(self, secret: str) -> Shown:
        """Show what a link would do, to what, and for whom; changes nothing. Raises NotFound for no link of ours."""
        now = self._context.clock.now()
        with self._context.store.look() as uow:
            return self._shown(uow, _found(uow.tokens.find(digest(secret)), secret), now)

    def spend(
        self, secret: str, choice: str, given: Mapping[str, str] | None = None, *, revision: int | None = None
    ) -> Done | Shown:
        """Do what was chosen, once; where that cannot be, give the page again with what is wrong, and change nothing.

        ``given`` are the fields as they were typed, ``revision`` the instance's when the page was shown (None: when the
        mail was made). The second time it answers what was done the first time. Raises NotFound as ``look`` does.
        """
        shown = self.look(secret)
        if shown.standing is not Standing.OPEN:
            return shown.done or shown
        picked = next((one for one in shown.choices if one.key == choice and one.may), None)
        if picked is None:
            return _with_errors(shown, choice, given or {}, {"": GONE})
        outcomes: list[Outcome] = []
        try:
            with self._context.begin() as uow:
                token = _found(uow.tokens.lock(digest(secret)), secret)
                closed = self._closed(uow, token, self._context.clock.now())
                if closed is not None:
                    return closed.done or closed
                seen = token.revision if revision is None else revision
                done = self._do(uow, token, shown, _Asked(picked, dict(given or {}), seen), outcomes)
        except _MISTAKEN as error:
            return self._again(secret, choice, given or {}, error)
        self._after(outcomes)
        return done

    def one_click(self, secret: str) -> Done | Shown:
        """Stop all reminders, as a mail program asks for it by one click (RFC 8058); other links it leaves alone."""
        shown = self.look(secret)
        return self.spend(secret, mails.OPT_OUT) if any(one.key == mails.OPT_OUT for one in shown.choices) else shown

    def revoke(self, person_id: int, *, instance_id: int | None = None) -> int:
        """Take back a person's links, those about one instance or all, and say how many there were."""
        with self._context.begin() as uow:
            return uow.tokens.revoke(person_id, self._context.clock.now(), instance_id)

    def _shown(self, uow: UnitOfWork, token: TokenRow, now: datetime) -> Shown:
        """Show a link as it is now, in a read transaction; what may be done is listed only where it may be used."""
        closed = self._closed(uow, token, now)
        if closed is not None:
            return closed
        name = next(one.name for one in uow.registers.people() if one.id == token.person_id)
        if token.instance_id is None:
            today = local_date(now)
            found = mails.choices(uow, token.action, token.person_id, today)
            facts = mails.facts(uow, token.action, token.person_id, today)
            return Shown(Standing.OPEN, _TITLES[token.action], name, facts, choices=found)
        return self._shown_instance(uow, token, name, now)

    def _shown_instance(self, uow: UnitOfWork, token: TokenRow, name: str, now: datetime) -> Shown:
        assert token.instance_id is not None
        at = steps.stand(self._context, uow, token.instance_id)
        region = token.arguments.get("region")
        facts, revision = at.facts(None if region is None else str(region)), at.snapshot.revision
        has_moved = token.revision is not None and revision != token.revision
        notes = ("Der er sket noget, siden mailen blev sendt. Her står det, som det er nu.",) if has_moved else ()
        if token.action == STEP:
            found, is_open = steps.choices(at, _grant(token).events, now), True
        else:
            said, is_open = invited.standing(self._context, uow, token)
            facts, found = (*facts, *((("Dit svar", said),) if said else ())), invited.choices(token)
        if not is_open or not found:
            return Shown(Standing.OVER, at.snapshot.title, name, facts, notes, revision=revision)
        return Shown(Standing.OPEN, at.snapshot.title, name, facts, notes, found, revision)

    def _closed(self, uow: UnitOfWork, token: TokenRow, now: datetime) -> Shown | None:
        """Say why a link may not be used (any more), None where it may; locks nothing."""
        if token.spent_at is not None:
            done = _done_of(token)
            return Shown(Standing.DONE, done.title, done=done)
        if token.revoked_at is not None:
            return Shown(Standing.REVOKED, "Linket gælder ikke mere")
        if token.expires_at <= now:
            return Shown(Standing.EXPIRED, "Linket er udløbet")
        identity = HOUSE if token.instance_id is None else uow.identity(token.instance_id)
        permit = self._permit(uow, token)
        if any(permit.refusal(_actor(token), event, identity) is not None for event in _grant(token).events):
            return Shown(Standing.NOT_YOURS, "Linket er ikke længere dit")
        return None

    def _do(
        self, uow: UnitOfWork, token: TokenRow, shown: Shown, asked: _Asked, outcomes: list[Outcome]
    ) -> Done | Shown:
        """Record what was chosen and that the link is spent, in the caller's transaction."""
        now, actor, choice = self._context.clock.now(), _actor(token), asked.choice
        context = copy(self._context)
        context.permit = self._permit(uow, token)
        kept: tuple[str, ...] | None = None
        if token.action == STEP and choice.key == STILL:
            said: tuple[str, ...] = (f"{shown.title}: vi har noteret, at I stadig er i gang.", choice.told)
        elif token.action == STEP:
            assert token.instance_id is not None
            command, found = steps.command(choice, asked.given, actor, f"token:{token.id}", now)
            if found.errors:
                return _with_errors(shown, choice.key, asked.given, found.errors)
            outcome = handle(context, uow, token.instance_id, command, asked.revision)
            outcomes.append(outcome)
            identity = uow.identity(token.instance_id)
            words = Words(context.compiled(identity.workflow_hash, uow))
            state = words.standing(identity.kind, outcome.position)
            said = steps.done_sentences(shown.title, choice, found.data, state)
        elif token.action == invited.REPLY:
            said = invited.answer(context, uow, token, choice.key, actor)
        else:
            form = read(choice, asked.given)
            form.errors.update(mails.mistakes(form.data, local_date(now)))
            if form.errors:
                return _with_errors(shown, choice.key, asked.given, form.errors)
            said = mails.act(context, uow, actor, token.person_id, choice, form.data)
            kept = (FEED_MADE,) if token.action == mails.FEED else None
        result: dict[str, Json] = {"title": choice.title, "said": [*(kept or said)]}
        if not uow.tokens.spend(token.id, choice.key, result, now):
            raise Conflict("the link was used in the same moment; look at it again")
        if kept is not None:
            return Done(choice.title, (FEED_TOLD,), now, secret=said[0])
        return Done(choice.title, said, now)

    def _again(self, secret: str, choice: str, given: Mapping[str, str], error: Exception) -> Shown:
        """Show the page once more after a try that changed nothing, with what is wrong."""
        now = self._context.clock.now()
        with self._context.store.look() as uow:
            token = _found(uow.tokens.find(digest(secret)), secret)
            shown = self._shown(uow, token, now)
            if shown.standing is not Standing.OPEN:
                return shown
            if token.instance_id is None:
                return _with_errors(shown, choice, given, {"": GONE})
            at = steps.stand(self._context, uow, token.instance_id)
            found = steps.mistakes(at, error)
        if token.action == STEP and steps.is_soft(error):
            shown = replace(shown, choices=tuple(steps.with_despite(shown.choices, choice)))
        return _with_errors(shown, choice, given, found)

    def _permit(self, uow: UnitOfWork, token: TokenRow) -> Permit:
        """Give the door of a link: the installation's own, and that of the link, which lets nothing else through."""
        today = local_date(self._context.clock.now())
        own = RolePermit(uow.registers.roles, lambda: today, _nobody_in_particular, _grant(token))
        return _Doors(self._context.permit, own)


class _Doors:
    """Two doors after each other."""

    def __init__(self, *permits: Permit) -> None:
        self._permits = permits

    def refusal(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:
        """Give the first refusal."""
        found = (one.refusal(actor, event, identity) for one in self._permits)
        return next((refusal for refusal in found if refusal is not None), None)


_TITLES: Mapping[str, str] = {
    mails.MAILS: "Hvilke mails vil du have?",
    mails.AWAY: "Er du væk?",
    mails.FEED: "Møderne i din egen kalender",
}
FEED_TOLD = "Kopiér adressen nu: den vises kun denne ene gang. Tilføj den i din kalender som et abonnement."
FEED_MADE = "Adressen blev vist, da den blev lavet; den kan ikke vises igen. Brug linket i din næste mail til en ny."


def _nobody_in_particular(_identity: Identity, _event: str) -> tuple[str, ...]:
    return ()


def _found(token: TokenRow | None, secret: str) -> TokenRow:
    """Give the token; NotFound, which never repeats the secret, where there is none."""
    if token is None or not compare_digest(token.digest, digest(secret)):
        raise NotFound("link", NO_LINK)
    return token


def _actor(token: TokenRow) -> Actor:
    return Actor(ActorKind.TOKEN, str(token.person_id))


def _grant(token: TokenRow) -> Grant:
    """Say what a token may do."""
    arguments: Data = token.arguments
    if token.action == STEP:
        listed = arguments.get("events")
        events = frozenset(str(one) for one in listed) if isinstance(listed, list) else frozenset[str]()
    elif token.action == invited.REPLY:
        events = invited.EVENTS
    else:
        return Grant(token.person_id, mails.EVENTS[token.action])
    named = arguments.get("kommuner")
    kommuner = tuple(None if one is None else str(one) for one in named) if isinstance(named, list) else ()
    role = arguments.get("role")
    return Grant(token.person_id, events, token.instance_id, None if role is None else str(role), kommuner)


def _done_of(token: TokenRow) -> Done:
    assert token.spent_at is not None
    result = token.result or {}
    said = result.get("said")
    lines = tuple(str(one) for one in said) if isinstance(said, list) else ()
    return Done(str(result.get("title", "")), lines, token.spent_at, is_repeat=True)


def _with_errors(shown: Shown, choice: str, given: Mapping[str, str], errors: Mapping[str, str]) -> Shown:
    return replace(shown, chosen=choice, given=dict(given), errors=dict(errors))
