"""Acting from the mail: links made, shown and used, one object, ``engine.acting``; knows no page.

A link that changes a process is spent in the transaction of what it does, so it is spent if and only if that is
recorded. What is a person's own (answers, wishes, absence) may be changed on the same link as often as she likes. To
look changes nothing: whatever opens links on somebody's behalf does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hmac import compare_digest

from ...engine.civil.instants import local_date
from ...engine.errors import Conflict, InvalidInput, NotFound, Refused
from ...engine.values import Actor, ActorKind, Intent, Json, OutboxRow, Recipient
from ...storage import TokenRow, UnitOfWork
from ..attending.attendance import give_address
from ..attending.feeding import digest
from ..permission import REVOKE, about
from ..running.telling import use_case
from ..usecases.asked import require_actor
from ..usecases.context import Context, Outcome
from ..usecases.handling import Command, handle, require_permit
from ..views.words import Words
from . import invited, steps, values
from .doors import Doors, actor_of, grant_of, place_of, who_has_it
from .forms import Misfilled, read
from .minting import Mint
from .own import away, mails, waiting
from .steps import STILL
from .values import AWAY, FEED, MAILS, REPLY, SIDE, STEP, Choice, Done, Shown, Standing

NO_LINK = "***"
"""What an error says instead of a secret."""

QUIET = timedelta(days=14)
"""For so long nobody is reminded of what they said is still going on."""

SAID_STILL = "modtageren har svaret, at det stadig er i gang"
GONE = "Det er ikke længere muligt. Se, hvad der er nu."
SOMEBODY = Actor(ActorKind.PERSON, "ukendt")
_MISTAKEN = (Refused, InvalidInput, Conflict, NotFound)
_TITLES: Mapping[str, str] = {
    MAILS: "Hvilke mails vil du have?",
    AWAY: "Er du væk?",
    FEED: "Møderne i din egen kalender",
    SIDE: "Det venter på dig",
}
MOST_OPENED = 20
"""With more links than this to one thing nobody gets another one: a list that got into other hands ends there."""

OPENED_OFTEN = "Den er åbnet mange gange fra denne liste. Brug linket i mailen om den."
FEED_TOLD = "Kopiér adressen nu: den vises kun denne ene gang. Tilføj den i din kalender som et abonnement."
FEED_MADE = "Adressen blev vist, da den blev lavet; den kan ikke vises igen. Brug linket i din næste mail til en ny."
_FEED = Choice(
    "adresse",
    "Få møderne i din egen kalender",
    "Lav en adresse",
    "Du får en hemmelig adresse, som du kan abonnere på i Outlook, Google Kalender eller på din telefon.",
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What somebody chose, with the fields as they were typed, and the revision (or SEQUENCE) that they saw."""

    choice: Choice
    title: str
    given: Mapping[str, str]
    seen: int | None
    outcomes: list[Outcome] = field(default_factory=list)


class Acting:
    """The links of one database. ``after`` is told the outcomes of decisions, once they are committed."""

    def __init__(self, context: Context, url: str | None, after: Callable[[Sequence[Outcome]], None]) -> None:
        self._context, self._after = context, after
        self._mint = None if url is None else Mint(context, url)

    def links(self, uow: UnitOfWork, row: OutboxRow, recipient: Recipient, now: datetime) -> Mapping[str, str]:
        """Make the links of one mail: ``naeste``, ``kommer``, ``kommer_ikke``; none where there are no pages."""
        return {} if self._mint is None else self._mint.links(uow, row, recipient, now)

    def footer_links(self, uow: UnitOfWork, recipient: Recipient, now: datetime) -> Mapping[str, str]:
        """Make the links at the foot of a letter: ``afmeld``, ``fravaer``, ``kalender``, ``side``."""
        return {} if self._mint is None else self._mint.footer_links(uow, recipient, now)

    def objection(
        self, uow: UnitOfWork, row: OutboxRow, people: Sequence[Recipient], now: datetime
    ) -> Mapping[int, str]:
        """Say who has answered a reminder. Asked by posting."""
        if row.nudge.intent is not Intent.NUDGE:
            return {}
        since, numbers = now - QUIET, [one.person_id for one in people]
        return {one: SAID_STILL for one in numbers if uow.tokens.answered(one, row.instance_id, STILL, since)}

    def look(self, secret: str) -> Shown:
        """Show what a link would do, to what, and for whom; changes nothing. Raises NotFound for no link of ours."""
        return self._look(secret)[1]

    def spend(
        self, secret: str, choice: str, given: Mapping[str, str] | None = None, *, revision: int | None = None
    ) -> Done | Shown:
        """Do what was chosen; where that cannot be, give the page again with what is wrong, and change nothing.

        ``given`` are the fields as they were typed, ``revision`` what the page carried (None: that of the mail). A link
        that is used up answers what it did. Raises NotFound as ``look`` does.
        """
        token, shown = self._look(secret)
        if shown.standing is not Standing.OPEN:
            return shown if shown.done is None else self._used(token, shown.done, choice)
        picked = next((one for one in shown.choices if one.key == choice and one.may), None)
        if picked is None:
            return _with_errors(shown, choice, given or {}, {"": _why_not(token, choice)})
        of_mail = token.revision if token.action == STEP else invited.sequence_of(token)
        asked = _Asked(picked, shown.title, dict(given or {}), of_mail if revision is None else revision)
        try:
            done = self._act(token.id, secret, asked)
        except Misfilled as error:
            return _with_errors(shown, choice, asked.given, error.errors)
        except _MISTAKEN as error:
            return self._again(secret, choice, asked.given, error)
        self._after(asked.outcomes)
        return done

    def one_click(self, secret: str) -> Done | Shown:
        """Stop all reminders, as a mail program asks for it by one click (RFC 8058), how often and how late it may.

        Links of other kinds are left alone, and so is one that was taken back.
        """
        token, shown = self._look(secret)
        if token.action != MAILS or shown.standing in (Standing.REVOKED, Standing.NOT_YOURS):
            return shown
        return self._act(token.id, secret, _Asked(Choice(mails.OPT_OUT, "Ingen påmindelser"), shown.title, {}, None))

    @use_case("revoke_links")
    def revoke(self, person_id: int, *, instance_id: int | None = None, actor: Actor = SOMEBODY) -> int:
        """Take back a person's links, those about one instance or all, and say how many there were."""
        require_permit(self._context, Command(REVOKE, require_actor(actor), {}), about(person_id))
        with self._context.begin() as uow:
            return uow.tokens.revoke(person_id, self._context.clock.now(), instance_id)

    def _look(self, secret: str) -> tuple[TokenRow, Shown]:
        now = self._context.clock.now()
        with self._context.store.look() as uow:
            token = _found(uow.tokens.find(digest(secret)), secret)
            return token, self._shown(uow, token, now)

    def _shown(self, uow: UnitOfWork, token: TokenRow, now: datetime) -> Shown:
        """Show a link as it is now, in a read transaction; what may be done is listed only where it may be used."""
        closed = self._closed(uow, token, now)
        if closed is not None:
            return closed
        name = next(one.name for one in uow.registers.people() if one.id == token.person_id)
        if token.action == STEP:
            return self._shown_step(uow, token, name, now)
        if token.action == REPLY:
            return self._shown_invitation(uow, token, name)
        today, title = local_date(now), _TITLES[token.action]
        if token.action == FEED:
            return Shown(Standing.OPEN, title, name, choices=(_FEED,))
        if token.action == SIDE:
            found = tuple(waiting.choices(waiting.waiting(self._context, uow, token.person_id, today)))
            return Shown(
                Standing.OPEN, title, name, notes=() if found else (waiting.NOTHING,), choices=found, is_list=True
            )
        own = away if token.action == AWAY else mails
        facts = own.facts(uow, token.person_id, today)
        return Shown(Standing.OPEN, title, name, facts, choices=own.choices(uow, token.person_id, today))

    def _shown_step(self, uow: UnitOfWork, token: TokenRow, name: str, now: datetime) -> Shown:
        assert token.instance_id is not None
        at = steps.stand(self._context, uow, token.instance_id)
        region = token.arguments.get("region")
        facts, revision = at.facts(None if region is None else str(region)), at.snapshot.revision
        has_moved = token.revision is not None and revision != token.revision
        notes = ("Der er sket noget, siden mailen blev sendt. Her står det, som det er nu.",) if has_moved else ()
        may = Doors(self._context, uow).allowed(grant_of(token), at.snapshot.identity)
        found = steps.choices(at, may, now)
        standing = Standing.OPEN if found else Standing.OVER
        return Shown(standing, at.snapshot.title, name, facts, notes, found, revision)

    def _shown_invitation(self, uow: UnitOfWork, token: TokenRow, name: str) -> Shown:
        assert token.instance_id is not None
        at = steps.stand(self._context, uow, token.instance_id)
        one = invited.stand(self._context, uow, token)
        facts = [fact for fact in at.facts(None) if fact[0] != steps.NOW or not one.is_open]
        facts += [("Dit svar", one.stands)] if one.stands else []
        if not one.is_open:
            return Shown(Standing.OVER, at.snapshot.title, name, tuple(facts))
        choices = one.choices(str(token.arguments.get("svar", "")))
        notes = one.note(invited.sequence_of(token))
        return Shown(Standing.OPEN, at.snapshot.title, name, tuple(facts), notes, choices, one.meeting.current)

    def _closed(self, uow: UnitOfWork, token: TokenRow, now: datetime) -> Shown | None:
        """Say why a link may not be used (any more), None where it may; locks nothing."""
        if token.spent_at is not None and token.choice != STILL:
            done = _done_of(token)
            return Shown(Standing.DONE, done.title, done=done)
        if token.revoked_at is not None:
            return Shown(Standing.REVOKED, "Linket gælder ikke mere")
        if token.expires_at <= now:
            return Shown(Standing.EXPIRED, "Linket er udløbet")
        grant, place = grant_of(token), place_of(uow, token)
        if not grant.events or Doors(self._context, uow).allowed(grant, place):
            return None
        notes = () if token.instance_id is None else (who_has_it(self._context, uow, grant, place),)
        return Shown(Standing.NOT_YOURS, "Linket er ikke længere dit", notes=notes)

    @use_case("act")
    def _act(self, token_id: int, secret: str, asked: _Asked) -> Done | Shown:  # noqa: ARG002 (its number is logged)
        """Record what was chosen, and that the link is used up where it is, in one transaction."""
        now = self._context.clock.now()
        with self._context.begin() as uow:
            token = _found(uow.tokens.lock(digest(secret)), secret)
            closed = self._closed(uow, token, now)
            if closed is not None and not (closed.standing is Standing.EXPIRED and token.action == MAILS):
                return closed if closed.done is None else self._used(token, closed.done, asked.choice.key)
            context = copy(self._context)
            context.permit = Doors(self._context, uow).of(grant_of(token))
            done = self._do(context, uow, token, asked)
            if token.action in (STEP, FEED):
                kept: dict[str, Json] = {"title": done.title, "said": [FEED_MADE] if done.secret else [*done.said]}
                if not uow.tokens.spend(token.id, asked.choice.key, kept, now, over=STILL):
                    raise Conflict("the link was used in the same moment; look at it again")
            return done

    def _do(self, context: Context, uow: UnitOfWork, token: TokenRow, asked: _Asked) -> Done:
        """Do what was chosen, in the caller's transaction."""
        now, actor, choice = context.clock.now(), actor_of(token), asked.choice
        match token.action:
            case values.STEP if choice.key == STILL:
                return Done(choice.title, (f"{asked.title}: vi har noteret, at I stadig er i gang.", choice.told), now)
            case values.STEP:
                return Done(choice.title, self._step(context, uow, token, asked), now, is_final=True)
            case values.REPLY:
                return Done(choice.title, invited.answer(context, uow, token, choice.key, actor, asked.seen), now)
            case values.FEED:
                secret = give_address(context, uow, person_id=token.person_id, programme_id=None, actor=actor)
                return Done(choice.title, (FEED_TOLD,), now, secret=secret, is_final=True)
            case values.SIDE:
                return Done(choice.title, (), now, opens=self._open(uow, token, choice))
        form = read(choice, asked.given)
        form.errors.update(mails.mistakes(form.data, local_date(now)))
        if form.errors:
            raise Misfilled(form.errors)
        own = away if token.action == AWAY else mails
        return Done(choice.title, own.act(context, uow, actor, token.person_id, choice.key, form.data), now)

    def _step(self, context: Context, uow: UnitOfWork, token: TokenRow, asked: _Asked) -> tuple[str, ...]:
        """Take a step as anybody takes it."""
        assert token.instance_id is not None
        command, found = steps.command(
            asked.choice, asked.given, actor_of(token), f"token:{token.id}", context.clock.now()
        )
        if found.errors:
            raise Misfilled(found.errors)
        outcome = handle(context, uow, token.instance_id, command, asked.seen)
        asked.outcomes.append(outcome)
        identity = uow.identity(token.instance_id)
        state = Words(context.compiled(identity.workflow_hash, uow)).standing(identity.kind, outcome.position)
        return steps.done_sentences(asked.title, asked.choice, found.data, state)

    def _open(self, uow: UnitOfWork, token: TokenRow, choice: Choice) -> str:
        """Make the link that the mail about one of the things that wait would hold; give its secret."""
        now = self._context.clock.now()
        row = uow.outbox.one(int(choice.key.removeprefix(waiting.OPEN)), now, on=local_date(now), anyhow=True)
        if row is not None and uow.tokens.valid(token.person_id, row.instance_id, row.id, now) > MOST_OPENED:
            raise Misfilled({"": OPENED_OFTEN})
        person = next(one for one in uow.registers.people() if one.id == token.person_id)
        to = Recipient(person.id, person.name, person.email)
        links = {} if row is None else self.links(uow, row, to, now)
        if not links:
            raise Conflict("what waited is not there any more; look at the list again")
        return next(iter(links.values())).rpartition("/")[2]

    def _used(self, token: TokenRow, done: Done, choice: str) -> Done:
        """Say what a link that is used up did; and that it did nothing else, where something else was asked for."""
        if choice == done.choice:
            return done
        title = self._name(token, choice)
        return replace(done, wrong=f"Du valgte nu {title}. Det er ikke registreret: linket kan kun bruges én gang.")

    def _name(self, token: TokenRow, choice: str) -> str:
        """Name what was asked for as the page would, or as it came."""
        if token.action == STEP and token.instance_id is not None and choice in grant_of(token).events:
            with self._context.store.look() as uow:
                identity = uow.identity(token.instance_id)
                words = Words(self._context.compiled(identity.workflow_hash, uow))
            return f"»{words.event(identity.kind, choice)}«"
        return _quoted(choice)

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
        if token.action == REPLY and isinstance(error, Conflict):
            found = {"": "Dit svar er ikke noteret: mødet er flyttet. Se den nye dag, og svar igen."}
        if token.action == STEP and steps.is_soft(error):
            shown = replace(shown, choices=tuple(steps.with_despite(shown.choices, choice)))
        return _with_errors(shown, choice, given, found)


def _found(token: TokenRow | None, secret: str) -> TokenRow:
    """Give the token; NotFound, which never repeats the secret, where there is none."""
    if token is None or not compare_digest(token.digest, digest(secret)):
        raise NotFound("link", NO_LINK)
    return token


def _why_not(token: TokenRow, choice: str) -> str:
    """Say why something cannot be chosen: it is over, or it never was there."""
    is_known = choice in grant_of(token).events or choice in (STILL, invited.WAITS, mails.OPT_IN, away.BACK)
    return GONE if is_known else f"{_quoted(choice)} kan man ikke vælge her. Brug en af knapperne på siden."


def _quoted(choice: str) -> str:
    return f"»{choice[:40]}«" if choice.strip() else "ingenting"


def _done_of(token: TokenRow) -> Done:
    result = token.result or {}
    said = result.get("said")
    lines = tuple(str(one) for one in said) if isinstance(said, list) else ()
    assert token.spent_at is not None
    title, choice = str(result.get("title", "")), token.choice or ""
    return Done(title, lines, token.spent_at, is_repeat=True, choice=choice, is_final=True)


def _with_errors(shown: Shown, choice: str, given: Mapping[str, str], errors: Mapping[str, str]) -> Shown:
    return replace(shown, chosen=choice, errors=dict(errors), given=dict(given))
