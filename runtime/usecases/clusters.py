"""Clusters of kommuner: proposed by a rule, and formed as proposed; the rule itself is the engine's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...engine.choosing.clusters import By, Clusters, Member, cluster
from ...engine.civil.instants import local_date
from ...engine.civil.kommune import Kommune
from ...engine.errors import InvalidInput, NotFound
from ...engine.values import Actor, Json
from ...engine.values.names import CLUSTER, KOMMUNE, PROGRAMME
from .context import Context, Outcome
from .handling import Command, handle

FORM = "forloeb.dan_klynge"
APART = "uden_for_klynger"
HELD_APART = "Holdt uden for klyngerne."
IN_A_CLUSTER = "Er allerede med i en klynge."
AREA = "omraade"


@dataclass(frozen=True, slots=True)
class Formed:
    """The clusters that were formed, and what came of each."""

    proposal: Clusters
    outcomes: tuple[Outcome, ...]


class Clustering:
    """Use cases on a programme's clusters; each is a single transaction."""

    def __init__(
        self,
        context: Context,
        kommuner: Callable[[], Sequence[Kommune]],
        after: Callable[[Sequence[Outcome]], None],
    ) -> None:
        self._context, self._kommuner, self._after = context, kommuner, after

    def propose(
        self,
        programme_id: int,
        *,
        by: str = By.GEOGRAFI,
        size: int = 4,
        field: str | None = None,
        exempt: Mapping[str, str] | None = None,
    ) -> Clusters:
        """Propose clusters of at most ``size`` among the kommuner that take part; changes nothing.

        ``by`` is geografi, tema, omraade or blandet. Themes are read from the kommuner's ``field``: without one, from
        the document's first choice (tema) or ``omraade``. Those who are in a cluster, those whom the programme holds
        apart, and those who are ``exempt`` (code -> reason) are left out.
        """
        if by not in tuple(By):
            raise NotFound("rule for clusters", by, tuple(By))
        with self._context.store.read() as reader:
            programme = reader.instance(programme_id)
            family = reader.instances(programme_id)
        compiled = self._context.compiled(programme.workflow_hash)
        if programme.kind != PROGRAMME or CLUSTER not in compiled.workflow.machines:
            raise InvalidInput("programme", f"is a programme with clusters, not {programme.kind} {programme_id}")
        chosen = next(iter(compiled.workflow.programme.choices), By.TEMA) if by == By.TEMA else AREA
        known = {kommune.code: kommune for kommune in self._kommuner()}
        rows = [row for row in family if row.kind == KOMMUNE and row.position.get("forloeb") == "deltager"]
        members = [Member(known[row.key], _themes(row.data.get(field or chosen))) for row in rows]
        busy = [one for one in family if one.kind == CLUSTER and not compiled.is_done(CLUSTER, one.position)]
        apart = dict.fromkeys(_codes(programme.data.get(APART)), HELD_APART)
        apart |= {code: IN_A_CLUSTER for one in busy for code in _codes(one.data.get("kommuner"))}
        on = local_date(self._context.clock.now())
        return cluster(members, By(by), size, on, {**(exempt or {}), **apart})

    def form(
        self,
        programme_id: int,
        proposal: Clusters,
        *,
        actor: Actor,
        reason: str | None = None,
        override: bool = False,
        happened_at: datetime | None = None,
    ) -> Formed:
        """Form the clusters that were proposed, all or none; refused before the document's gates are open."""
        if not isinstance(proposal, Clusters):
            raise InvalidInput("proposal", f"is what propose answered, not {str(proposal)[:40]!r}")
        outcomes = []
        with self._context.begin() as uow:
            for one in proposal.clusters:
                codes: list[Json] = [kommune.code for kommune in one.kommuner]
                data: dict[str, Json] = {"titel": one.title, "tema": one.theme, "kriterium": one.why, "kommuner": codes}
                command = Command(FORM, actor, data, reason, override, happened_at)
                outcomes.append(handle(self._context, uow, programme_id, command))
        self._after(outcomes)
        return Formed(proposal, tuple(outcomes))


def _themes(value: Json) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),) if value else ()


def _codes(value: Json) -> list[str]:
    return [str(code) for code in value] if isinstance(value, list) else []
