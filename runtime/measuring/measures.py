"""The use cases of measuring: register, judge, set targets, correct, and look; each change is one transaction."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from ...engine.civil.instants import local_date
from ...engine.compiled import Compiled
from ...engine.definition.base import NAME_PATTERN
from ...engine.definition.document.measuring import Criterion, Measure
from ...engine.errors import Conflict, InvalidInput, NotFound, Refused
from ...engine.measuring import PERIODS, Registration, Subject
from ...engine.measuring.accepting import SOLUTION, check_measure, check_target, check_verdict, refusals
from ...engine.measuring.criteria import Answer, answer
from ...engine.measuring.results import Material, MeasureResult, result
from ...engine.measuring.values import standing
from ...engine.values import Actor, Identity, Reach, Refusal, Strength
from ...engine.values.names import EVALUATION, KOMMUNE, PROGRAMME
from ...storage import Reader, UnitOfWork
from ...workflows.kommuner import find_kommune
from ..running.telling import use_case
from ..usecases.asked import (
    require_actor,
    require_instant,
    require_key,
    require_line,
    require_reason,
    require_text,
)
from ..usecases.context import Context
from ..usecases.handling import Command, require_permit
from .agreed import Terms, terms_of, written
from .checking import (
    as_float,
    check_agreement,
    day_of,
    hard,
    instrument_of,
    kommune_of,
    limiting_window,
    measure_of,
    require_same,
    seen_before,
    yielding,
)
from .gathering import Gathered, gather, solution_window

REGISTER, JUDGE, AIM, AGREE, CORRECT = "registrer", "vurder", "saet_maal", "aftal", "ret_registrering"
"""What a permission is asked for: the events of measuring, which move no instance."""

EVENTS: Mapping[Subject, str] = {
    Subject.MEASURE: REGISTER,
    Subject.VERDICT: JUDGE,
    Subject.TARGET: AIM,
    Subject.AGREEMENT: AGREE,
}

KINDS: Mapping[Subject, tuple[str, ...]] = {
    Subject.MEASURE: (EVALUATION, "solution"),
    Subject.VERDICT: (EVALUATION, KOMMUNE, PROGRAMME),
    Subject.TARGET: (KOMMUNE, EVALUATION),
    Subject.AGREEMENT: (PROGRAMME,),
}
"""Of which kinds of instances something may be registered."""


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody says beside the numbers: who, which day (None: today), a note, and why in spite of what."""

    actor: Actor
    on: date | None = None
    note: str = ""
    reason: str | None = None
    override: bool = False
    idempotency_key: str | None = None


class Measures:
    """Use cases on målepunkter, criteria and targets; nothing registered is ever changed or erased."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @use_case("measure_register")
    def register(
        self,
        instance_id: int,
        measure: str,
        given: Given,
        *,
        value: float | None = None,
        yes: int | None = None,
        n: int | None = None,
        group: str = "",
        kommune: str | None = None,
        instrument: str | None = None,
        period: str = "",
    ) -> Registration:
        """Register answers to a målepunkt in an evaluation, or a solution's own measuring (``period`` foer or efter).

        Of a share ``yes`` among ``n`` answers; of a mean its ``value`` over ``n``; of a count its ``value``. Raises
        Refused where the window is not open (late answers yield to an override with a reason), InvalidInput for
        numbers that cannot be, NotFound, Conflict for an idempotency key of another registration.
        """
        row = self._row(Subject.MEASURE, instance_id, measure, given, value, yes, n, group, period)
        return self._add(replace(row, instrument=instrument or ""), given, kommune, instrument)

    @use_case("measure_judge")
    def judge(
        self,
        instance_id: int,
        criterion: str,
        met: bool,
        given: Given,
        *,
        kommune: str | None = None,
    ) -> Registration:
        """Register that somebody has judged a criterion as met or not; the newest verdict counts."""
        if not isinstance(met, bool):  # Any text would count as yes, "nej" among them.
            raise InvalidInput("met", f"is True or False, not {str(met)[:40]!r}")
        row = self._row(Subject.VERDICT, instance_id, criterion, given, None, int(met), 1, "", "")
        return self._add(row, given, kommune, None)

    @use_case("measure_aim")
    def aim(
        self,
        instance_id: int,
        criterion: str,
        value: float,
        given: Given,
        *,
        group: str = "",
        kommune: str | None = None,
    ) -> Registration:
        """Set a kommune's own target for a criterion, for all or one group; the newest counts, the earlier stay."""
        row = self._row(Subject.TARGET, instance_id, criterion, given, value, None, None, group, "")
        return self._add(row, given, kommune, None)

    @use_case("measure_agree")
    def agree(self, programme_id: int, key: str, agreed: Measure | Criterion, given: Given) -> Registration:
        """Add a målepunkt or a criterion that the document leaves to the programme's people, or word it anew.

        Raises InvalidInput for a key of the document's own, and for one that has been answered: a number must not
        come to mean something else.
        """
        if not re.fullmatch(NAME_PATTERN, require_text("key", key)) or len(key) > 60:
            raise InvalidInput("key", f"is a name of small letters, digits and _ such as nye_metoder, not {key[:60]!r}")
        row = self._row(Subject.AGREEMENT, programme_id, key, given, None, None, None, "", "")
        return self._add(replace(row, definition=written(agreed)), given, None, None)

    @use_case("measure_correct")
    def correct(
        self,
        registration_id: int,
        given: Given,
        *,
        value: float | None = None,
        yes: int | None = None,
        n: int | None = None,
    ) -> Registration:
        """Replace a registration by right numbers, or take it back where none are given; both rows are kept.

        It may be done at any time and wants a reason. Raises Refused where it was corrected before.
        """
        with self._context.begin() as uow:
            before = uow.registrations.one(registration_id)
            identity = uow.identity(before.instance_id)
            require_permit(self._context, Command(CORRECT, require_actor(given.actor), {}), identity)
            compiled = self._context.compiled(identity.workflow_hash, uow)
            uow.load(identity, frozenset({Reach.PROGRAMME}))
            rows = uow.registrations.of_instance(identity.id)
            key = require_key("idempotency_key", given.idempotency_key)
            if (known := seen_before(rows, key)) is not None:
                if (known.corrects, known.value, known.yes, known.n) != (before.id, as_float(value), yes, n):
                    raise Conflict(f"the idempotency key {key!r} was used for another registration; give a new one")
                return known
            found = [] if require_reason(given.reason) else [hard("mangler_begrundelse", "reason")]
            if any(row.corrects == before.id for row in rows):
                found.append(hard("registreringen_er_rettet", "corrects"))
            if found:
                raise Refused(CORRECT, found)
            now = self._context.clock.now()
            row = replace(before, id=0, seq=0, value=as_float(value), yes=yes, n=n, recorded_at=now, corrects=before.id)
            row = replace(row, actor=given.actor, reason=require_reason(given.reason), overridden=())
            row = replace(row, note=require_text("note", given.note), idempotency_key=key)
            if before.subject is Subject.AGREEMENT:
                raise InvalidInput("registration", "is an agreement; agree anew under the same key")
            if not row.is_empty:
                self._check(uow, compiled, identity, row)
            return uow.registrations.add(row)

    def results(
        self, programme_id: int, *, kommune: str | None = None, as_of: datetime | None = None
    ) -> tuple[MeasureResult, ...]:
        """Set every målepunkt's windows beside its baseline; ``kommune`` (code) narrows the lines below the total.

        ``as_of`` (aware) tells what was known then.
        """
        gathered = self._gathered(programme_id, as_of)
        measures = gathered.terms.measures
        found = [result(key, measure, gathered.material) for key, measure in measures.items()]
        if kommune is None:
            return tuple(found)
        if require_text("kommune", kommune) not in gathered.material.kommuner:
            known = [find_kommune(one).name for one in gathered.material.kommuner]
            raise NotFound("kommune of the programme", find_kommune(kommune).name, known)
        return tuple(replace(one, lines=tuple(line for line in one.lines if line.kommune == kommune)) for one in found)

    def criteria(self, programme_id: int, *, as_of: datetime | None = None) -> tuple[Answer, ...]:
        """Say how every success criterion stands, and why."""
        gathered = self._gathered(programme_id, as_of)
        terms = gathered.terms
        return tuple(
            answer(key, one, terms.measures, gathered.material, gathered.judged) for key, one in terms.criteria.items()
        )

    def solution(self, solution_id: int) -> tuple[MeasureResult, ...]:
        """Set a solution's own measuring after the change beside that before it."""
        with self._context.store.read() as reader:
            one = reader.instance(solution_id)
            rows = standing(reader.registrations.of_instance(solution_id))
            name = {row.key: row.title for row in reader.instances(one.programme_id, KOMMUNE)}
        compiled = self._context.compiled(one.workflow_hash)
        windows = [solution_window(rows, one.id, period) for period in PERIODS]
        material = Material(rows, windows, name, compiled.calendar, {"efter": "foer"})
        return tuple(result(key, SOLUTION[key], material) for key in dict.fromkeys(row.key for row in rows))

    def terms(self, programme_id: int) -> Terms:
        """Give the målepunkter and criteria of a programme: its document's, and those agreed on since."""
        return self._gathered(programme_id, None).terms

    def rows(self, instance_id: int) -> tuple[Registration, ...]:
        """List all that was registered about an instance, corrected rows too, in the order in which it came."""
        with self._context.store.read() as reader:
            reader.instance(instance_id)
            return reader.registrations.of_instance(instance_id)

    def find(self, registration_id: int) -> Registration:
        """Give one registration by its number; NotFound where there is none."""
        with self._context.store.read() as reader:
            return reader.registrations.one(registration_id)

    def _gathered(self, programme_id: int, as_of: datetime | None) -> Gathered:
        at = None if as_of is None else require_instant("as_of", as_of)
        with self._context.store.read() as reader:
            programme = reader.instance(programme_id)
            if programme.kind != PROGRAMME:
                raise NotFound("programme", programme_id, [str(one.id) for one in reader.programmes()])
        compiled = self._context.compiled(programme.workflow_hash)
        with self._context.store.read() as reader:
            return gather(reader, compiled, reader.instance(programme_id), at)

    def _row(
        self,
        subject: Subject,
        instance_id: int,
        key: str,
        given: Given,
        value: float | None,
        yes: int | None,
        n: int | None,
        group: str,
        period: str,
    ) -> Registration:
        """Put a row together as far as nothing is asked of the database; what it cannot hold is refused."""
        if not isinstance(given, Given):
            raise InvalidInput("given", f"is a Given such as Given(actor), not {str(given)[:40]!r}")
        now = self._context.clock.now()
        return Registration(
            programme_id=0,
            instance_id=instance_id,
            subject=subject,
            key=require_text("key", key),
            happened_on=day_of(given.on, now),
            recorded_at=now,
            actor=require_actor(given.actor),
            period=period,
            group=require_line("group", group) if group else "",
            value=as_float(value),
            yes=yes,
            n=n,
            note=require_text("note", given.note),
            reason=require_reason(given.reason),
            idempotency_key=require_key("idempotency_key", given.idempotency_key),
        )

    def _add(self, row: Registration, given: Given, kommune: str | None, instrument: str | None) -> Registration:
        """Check a new row against its instance, which it locks, and append it."""
        event = EVENTS[row.subject]
        with self._context.begin() as uow:
            identity = uow.identity(row.instance_id)
            require_permit(self._context, Command(event, row.actor, {}), identity)
            compiled = self._context.compiled(identity.workflow_hash, uow)
            row = replace(row, programme_id=identity.programme_id, kommune=kommune_of(uow, identity, kommune))
            # The programme before what is below it: what people agree on must not change between check and row.
            uow.load(identity, frozenset({Reach.PROGRAMME}))
            known = seen_before(uow.registrations.of_instance(identity.id), row.idempotency_key)
            if known is not None:
                require_same(known, replace(row, instrument=instrument or ""), given.on)
                return known
            measure = self._check(uow, compiled, identity, row)
            if measure is not None:
                row = replace(row, instrument=instrument_of(instrument, measure))
            now = self._context.clock.now()
            found = self._refusals(uow, compiled, replace(row, recorded_at=now))
            overridden = yielding(event, found, row.reason if given.override else None, given.override)
            return uow.registrations.add(replace(row, recorded_at=now, overridden=overridden))

    def _refusals(self, uow: UnitOfWork, compiled: Compiled, row: Registration) -> tuple[Refusal, ...]:
        """Say what stands in the way of a row about an instance that is locked."""
        one = Reader(uow.connection).instance(row.instance_id)
        found = refusals(row, limiting_window(compiled, one), local_date(row.recorded_at))
        if one.kind == "solution" and compiled.is_done(one.kind, one.position):
            return (*found, Refusal("er_slut", "window", Strength.SOFT, {"title": one.title}))
        return found

    def _check(self, uow: UnitOfWork, compiled: Compiled, identity: Identity, row: Registration) -> Measure | None:
        """Check kind, names and numbers; give the measure that the row is about, if it is about one."""
        if identity.kind not in KINDS[row.subject]:
            raise InvalidInput("instance", f"is a {' or a '.join(KINDS[row.subject])}, not a {identity.kind}")
        programme = compiled.workflow.programme
        rows = uow.registrations.of_programme(identity.programme_id)
        terms = terms_of(programme, standing(rows))
        if row.subject is Subject.AGREEMENT:
            check_agreement(row, rows, terms, programme)
            return None
        if row.subject is Subject.MEASURE:
            measure = measure_of(terms.measures, identity, row)
            check_measure(row, measure)
            return measure
        criterion: Criterion | None = terms.criteria.get(row.key)
        if criterion is None:
            raise NotFound("criterion", row.key, terms.criteria)
        if row.subject is Subject.VERDICT:
            check_verdict(row)
        else:
            check_target(row, criterion, terms.measures.get(criterion.measure or ""))
            if row.kommune is None:
                raise InvalidInput("kommune", "say whose target it is: a kommune's code")
        return None
