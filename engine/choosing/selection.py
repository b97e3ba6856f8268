"""Which kommuner are chosen when more are enrolled than there is room for, and why; knows no workflow and no store.

The rule is exact and the same for everybody. Of all ways to fill the places the best is, in this order, the one with

1. (geografi) the places spread most evenly over the regions of the given day, hence over as many as can be;
2. (stoerrelse) small, medium and large kommuner represented most evenly;
3. (stoerrelse) the longest distance in population between the smallest and the largest chosen;
4. the lowest kommune codes, so that there is always one answer and anybody can check it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from ..civil.danish import join_and, number
from ..civil.kommune import Kommune
from ..errors import InvalidInput
from ..values import Data, Json
from .spread import Item, choose, score


class Criterion(StrEnum):
    """What a programme chooses kommuner by."""

    STOERRELSE = "stoerrelse"
    GEOGRAFI = "geografi"


class SizeClass(StrEnum):
    """The three classes of population."""

    LILLE = "lille"
    MELLEMSTOR = "mellemstor"
    STOR = "stor"


class ReasonCode(StrEnum):
    """Why a kommune was chosen or was not; the last three speak of the order of enrolment."""

    ALLE_VALGT = "alle_valgt"
    ENESTE_FRA_REGION = "eneste_fra_region"
    REPRAESENTERER_REGION = "repraesenterer_region"
    EN_AF_FLERE_FRA_REGION = "en_af_flere_fra_region"
    TILFOEJER_STOERRELSE = "tilfoejer_stoerrelse"
    EN_AF_FLERE_I_STOERRELSE = "en_af_flere_i_stoerrelse"
    MINDST_I_FELTET = "mindst_i_feltet"
    STOERST_I_FELTET = "stoerst_i_feltet"
    GIVER_SPAENDVIDDE = "giver_spaendvidde"
    REGION_ALLEREDE_REPRAESENTERET = "region_allerede_repraesenteret"
    REGION_UDEN_PLADS = "region_uden_plads"
    STOERRELSER_MINDRE_JAEVNE = "stoerrelser_mindre_jaevne"
    MINDRE_SPAENDVIDDE = "mindre_spaendvidde"
    LAVERE_KODE_GIK_FORUD = "lavere_kode_gik_forud"
    FOERST_TIL_MOELLE = "foerst_til_moelle"
    RAEKKEFOELGE_UDEN_REGEL = "raekkefoelge_uden_regel"
    PAA_VENTELISTE = "paa_venteliste"


@dataclass(frozen=True, slots=True)
class SizeLimits:
    """Where small ends and large begins, in inhabitants."""

    small_below: int
    large_from: int

    def __post_init__(self) -> None:
        if not 0 < self.small_below <= self.large_from:
            raise InvalidInput("sizes", f"{self.small_below} and {self.large_from} are no limits; small must end first")

    def of(self, population: int) -> SizeClass:
        """Class a population."""
        if population < self.small_below:
            return SizeClass.LILLE
        return SizeClass.STOR if population >= self.large_from else SizeClass.MELLEMSTOR


TERCILES_2020 = SizeLimits(37_089, 55_670)  # of the 98 kommuner's populations in 2020: 33 small, 32 medium, 33 large


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason as a code with values; ``kommune`` is always among the values."""

    code: ReasonCode
    values: Data


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate with what it was judged by and the reasons for its fate, never none."""

    kommune: Kommune
    region: str
    size: SizeClass
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """The answer, each part in order of kommune code; first come, first served keeps the order of enrolment."""

    chosen: tuple[Choice, ...]
    not_chosen: tuple[Choice, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Give the codes of the chosen kommuner."""
        return tuple(choice.kommune.code for choice in self.chosen)


def select(
    candidates: Sequence[Kommune],
    capacity: int,
    by: Collection[Criterion],
    on: date,
    sizes: SizeLimits = TERCILES_2020,
) -> Selection:
    """Choose kommuner by the rule of this module; the order of the candidates does not matter.

    With no more candidates than places all are chosen. Regions are those of the day ``on``. Raises InvalidInput for
    a capacity below one, no criterion, and a kommune that is a candidate twice.
    """
    if capacity < 1:
        raise InvalidInput("capacity", f"{capacity} places; give at least 1")
    if not by:
        raise InvalidInput("by", f"no criterion; give one or both of {', '.join(Criterion)}")
    field = {kommune.code: kommune for kommune in sorted(candidates, key=lambda kommune: kommune.code)}
    if len(field) < len(candidates):
        raise InvalidInput("candidates", "a kommune is a candidate twice; give each once")
    judge = _Judge(field, frozenset(by), on, sizes)
    if len(field) <= capacity:
        reason = {"candidates": len(field), "capacity": capacity}
        return Selection(tuple(judge.choice(code, [(ReasonCode.ALLE_VALGT, reason)]) for code in field), ())
    items = {code: judge.item(code) for code in field}
    chosen = choose(list(items.values()), capacity)
    codes = {item.key for item in chosen}
    explain = _Explanation(judge, tuple(items.values()), chosen)
    return Selection(
        tuple(judge.choice(code, explain.why(items[code])) for code in field if code in codes),
        tuple(judge.choice(code, explain.why_not(items[code])) for code in field if code not in codes),
    )


def selection_text(reason: Reason) -> str:
    """Say a reason as one Danish sentence."""
    return _SENTENCES[reason.code].format_map({name: _text(value) for name, value in reason.values.items()})


_Found = tuple[ReasonCode, Mapping[str, Json]]


@dataclass(frozen=True, slots=True)
class _Judge:
    """What the candidates are judged by."""

    field: Mapping[str, Kommune]
    by: frozenset[Criterion]
    on: date
    sizes: SizeLimits

    def item(self, code: str) -> Item:
        """Reduce a kommune to what counts; a criterion that is not asked for is the same for all."""
        kommune = self.field[code]
        row = kommune.region_on(self.on) if Criterion.GEOGRAFI in self.by else ""
        if Criterion.STOERRELSE not in self.by:
            return Item(code, row, "", 0)
        return Item(code, row, self.sizes.of(kommune.population), kommune.population)

    def choice(self, code: str, found: Iterable[_Found]) -> Choice:
        """Put a kommune together with its reasons."""
        kommune = self.field[code]
        reasons = tuple(Reason(why, {"kommune": kommune.name, **values}) for why, values in found)
        return Choice(kommune, kommune.region_on(self.on), self.sizes.of(kommune.population), reasons)

    def names(self, items: Sequence[Item]) -> list[Json]:
        """Name kommuner."""
        return [self.field[item.key].name for item in items]


@dataclass(frozen=True, slots=True)
class _Explanation:
    """Reasons read off the finished choice: what a chosen one adds, and what the best exchange would cost."""

    judge: _Judge
    items: tuple[Item, ...]
    chosen: tuple[Item, ...]

    def why(self, item: Item) -> Iterator[_Found]:
        """Give what a chosen kommune adds."""
        others = [other for other in self.chosen if other != item]
        if Criterion.GEOGRAFI in self.judge.by:
            yield self._region_of(item, [other for other in others if other.row == item.row])
        if Criterion.STOERRELSE in self.judge.by:
            alike = [other for other in others if other.column == item.column]
            values: dict[str, Json] = {"size": item.column, "population": item.size, "others": self.judge.names(alike)}
            yield ReasonCode.EN_AF_FLERE_I_STOERRELSE if alike else ReasonCode.TILFOEJER_STOERRELSE, values
            yield from self._end_of_range(item)

    def why_not(self, item: Item) -> Iterator[_Found]:
        """Give why a kommune was not chosen: its region's places, and the first thing its best exchange would cost.

        The best exchange never costs evenness of regions: within a region it changes none, and a region without a
        place is one of more regions than places, each of which has at most one.
        """
        if Criterion.GEOGRAFI in self.judge.by:
            alike = self.judge.names([other for other in self.chosen if other.row == item.row])
            code = ReasonCode.REGION_ALLEREDE_REPRAESENTERET if alike else ReasonCode.REGION_UDEN_PLADS
            yield code, {"region": item.row, "others": alike}
        (_, columns, spread), _, other = min(self._exchanges(item))
        _, columns_now, spread_now = score(self.chosen)
        instead: dict[str, Json] = {"other": self.judge.field[other].name}
        if columns > columns_now:
            yield ReasonCode.STOERRELSER_MINDRE_JAEVNE, instead
        elif spread > spread_now:
            yield ReasonCode.MINDRE_SPAENDVIDDE, {**instead, "distance": -spread, "distance_now": -spread_now}
        else:
            yield ReasonCode.LAVERE_KODE_GIK_FORUD, {**instead, "code": item.key, "other_code": other}

    def _exchanges(self, item: Item) -> Iterator[tuple[tuple[int, int, int], list[str], str]]:
        """Give, for every chosen kommune, how good the choice would be with this one in its place."""
        for out in self.chosen:
            after = [*(other for other in self.chosen if other != out), item]
            yield score(after), sorted(other.key for other in after), out.key

    def _region_of(self, item: Item, alike: Sequence[Item]) -> _Found:
        candidates = sum(other.row == item.row for other in self.items)
        values: dict[str, Json] = {"region": item.row, "candidates": candidates, "others": self.judge.names(alike)}
        if candidates == 1:
            return ReasonCode.ENESTE_FRA_REGION, values
        return ReasonCode.EN_AF_FLERE_FRA_REGION if alike else ReasonCode.REPRAESENTERER_REGION, values

    def _end_of_range(self, item: Item) -> Iterator[_Found]:
        """Say when a chosen kommune is the smallest or largest: of the field, or else of the chosen."""
        field, chosen = [each.size for each in self.items], [each.size for each in self.chosen]
        if item.size == min(field):
            yield ReasonCode.MINDST_I_FELTET, {"population": item.size}
        elif item.size == max(field):
            yield ReasonCode.STOERST_I_FELTET, {"population": item.size}
        elif item.size in (min(chosen), max(chosen)) and len(chosen) > 1:
            yield ReasonCode.GIVER_SPAENDVIDDE, {"smallest": min(chosen), "largest": max(chosen)}


def _text(value: Json) -> str:
    """Write a value in a sentence: numbers and lists in Danish, size classes in the plural with æøå."""
    match value:
        case int():
            return number(value)
        case list():
            return join_and([str(word) for word in value])
        case _:
            return _SIZES.get(str(value), str(value))


_SIZES: Mapping[str, str] = MappingProxyType(
    {SizeClass.LILLE: "små", SizeClass.MELLEMSTOR: "mellemstore", SizeClass.STOR: "store"}
)
_SENTENCES: Mapping[ReasonCode, str] = MappingProxyType(
    {
        ReasonCode.ALLE_VALGT: "{kommune} er med, fordi der er plads til alle "
        "(tilmeldte: {candidates}, pladser: {capacity}).",
        ReasonCode.ENESTE_FRA_REGION: "{kommune} er den eneste tilmeldte kommune i Region {region}.",
        ReasonCode.REPRAESENTERER_REGION: "{kommune} repræsenterer Region {region}, "
        "hvorfra {candidates} kommuner er tilmeldt.",
        ReasonCode.EN_AF_FLERE_FRA_REGION: "{kommune} er valgt fra Region {region} ligesom {others}, "
        "fordi pladserne er fordelt så jævnt på regionerne, som de tilmeldte tillader.",
        ReasonCode.TILFOEJER_STOERRELSE: "{kommune} er den eneste valgte blandt de {size} kommuner "
        "({population} indbyggere).",
        ReasonCode.EN_AF_FLERE_I_STOERRELSE: "{kommune} er valgt blandt de {size} kommuner "
        "({population} indbyggere) ligesom {others}.",
        ReasonCode.MINDST_I_FELTET: "{kommune} har færrest indbyggere af alle tilmeldte ({population}).",
        ReasonCode.STOERST_I_FELTET: "{kommune} har flest indbyggere af alle tilmeldte ({population}).",
        ReasonCode.GIVER_SPAENDVIDDE: "{kommune} er et yderpunkt blandt de valgte, "
        "som spænder fra {smallest} til {largest} indbyggere.",
        ReasonCode.REGION_ALLEREDE_REPRAESENTERET: "Region {region} er allerede repræsenteret af {others}.",
        ReasonCode.REGION_UDEN_PLADS: "Der er færre pladser end regioner med tilmeldte kommuner, "
        "og Region {region} fik ingen plads.",
        ReasonCode.STOERRELSER_MINDRE_JAEVNE: "Med {kommune} i stedet for {other} ville små, mellemstore og store "
        "kommuner være mindre jævnt repræsenteret.",
        ReasonCode.MINDRE_SPAENDVIDDE: "Med {kommune} i stedet for {other} ville forskellen i indbyggertal mellem "
        "den mindste og den største valgte være {distance} i stedet for {distance_now}.",
        ReasonCode.LAVERE_KODE_GIK_FORUD: "Valget ville være lige så spredt med {kommune} som med {other}; "
        "den laveste kommunekode gik forud ({other_code} før {code}).",
        ReasonCode.FOERST_TIL_MOELLE: "{kommune} er nr. {place} af {candidates} til at tilmelde sig; "
        "dokumentet siger først til mølle.",
        ReasonCode.RAEKKEFOELGE_UDEN_REGEL: "{kommune} er nr. {place} af {candidates} til at tilmelde sig. "
        "Dokumentet siger ikke, hvem der går forud; rækkefølgen er vores forslag.",
        ReasonCode.PAA_VENTELISTE: "Pladserne er givet til dem, der tilmeldte sig før {kommune}, "
        "som er nr. {place} på ventelisten.",
    }
)
