"""Why a date lies where it lies: codes with values, and the Danish sentence for each; decides no date."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from ..civil.danish import long_date

Value = str | int | date

_UNITS = {
    "dage": ("dag", "dage"),
    "arbejdsdage": ("arbejdsdag", "arbejdsdage"),
    "uger": ("uge", "uger"),
    "maaneder": ("måned", "måneder"),
    "kvartaler": ("kvartal", "kvartaler"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason as data: a code of ``REASON_CODES`` and its values by name."""

    code: str
    values: tuple[tuple[str, Value], ...] = ()


def reason(code: str, **values: Value) -> Reason:
    """Make a reason; a trailing underscore spells a name that Python keeps for itself (``from_``)."""
    return Reason(code, tuple((name.rstrip("_"), value) for name, value in values.items()))


def reason_text(why: Reason, titles: Mapping[str, str] | None = None) -> str:
    """Return the Danish sentence for a reason; ``titles`` gives items' keys the names that people know."""
    return _SENTENCES[why.code](_Said(dict(why.values), titles or {}))


@dataclass(frozen=True, slots=True)
class _Said:
    """The values of one reason as Danish words."""

    values: Mapping[str, Value]
    titles: Mapping[str, str]

    def quoted(self, name: str) -> str:
        return self.day(name) if isinstance(self.values[name], date) else f"»{self.values[name]}«"

    def item(self, name: str) -> str:
        key = str(self.values[name])
        return f"»{self.titles.get(key, key)}«" if key else "det, som den følger"

    def day(self, name: str) -> str:
        value = self.values[name]
        return long_date(value) if isinstance(value, date) else str(value)

    def short_day(self, name: str) -> str:
        return " ".join(self.day(name).split()[2:4])

    def amount(self) -> str:
        one, many = _UNITS[str(self.values["unit"])]
        return f"{self.values['amount']} {one if self.values['amount'] == 1 else many}"

    def text(self, name: str) -> str:
        return str(self.values[name])

    def pace(self) -> str:
        if self.values["unit"] == "":
            return "løbende"
        every, (one, _) = self.values["amount"], _UNITS[str(self.values["unit"])]
        article = "hvert" if one == "kvartal" else "hver"
        return f"{article} {one}" if every == 1 else f"{article} {every}. {one}"

    def counted(self, name: str, one: str, many: str) -> str:
        count = int(str(self.values[name]))
        return f"{abs(count)} {one if abs(count) == 1 else many} {'frem' if count > 0 else 'tilbage'}"

    def closed(self) -> str:
        return f" ({self.values['name']})" if self.values["name"] else ""


_SENTENCES: Mapping[str, Callable[[_Said], str]] = {
    "fra_dokumentet": lambda s: f"Står i dokumentet: {s.quoted('text')}.",
    "udledt": lambda _: "Dokumentet siger det ikke; det er vores forslag.",
    "flyttet_uger": lambda s: f"Flyttet {s.counted('weeks', 'uge', 'uger')}, fordi programmet er flyttet.",
    "flyttet_maaneder": lambda s: (
        f"Flyttet {s.counted('months', 'hel måned', 'hele måneder')}, fordi programmet er flyttet."
    ),
    "flyttet_efter_pause": lambda s: f"Flyttet {s.counted('weeks', 'uge', 'uger')} efter en pause.",
    "flytter_ikke": lambda _: "Datoen følger ikke med, når programmet flyttes.",
    "flyttet_fra_helligdag": lambda s: (
        f"Flyttet fra {s.day('from')} til {s.day('to')}, fordi {s.short_day('from')} er lukket{s.closed()}."
    ),
    "lukket_dag": lambda s: f"Ligger på en lukket dag: {s.day('day')}{s.closed()}.",
    "efter_anker": lambda s: f"{s.amount()} efter {s.item('anchor')}, som slutter {s.day('date')}.",
    "foer_anker": lambda s: f"{s.amount()} før {s.item('anchor')}, som begynder {s.day('date')}.",
    "fra_anker": lambda s: f"Fra {s.item('anchor')}, som begynder {s.day('date')}.",
    "til_anker": lambda s: f"Til {s.item('anchor')}, som slutter {s.day('date')}.",
    "tidligst_efter": lambda s: f"Ligger efter {s.item('anchor')}, som slutter {s.day('date')}.",
    "senest_foer": lambda s: f"Ligger før {s.item('anchor')}, som begynder {s.day('date')}.",
    "anker_mangler": lambda s: f"Venter på en dato for {s.item('anchor')}.",
    "ingen_plads": lambda s: f"Der er ingen dag mellem {s.day('after')} og {s.day('before')}.",
    "midtvejs": lambda s: f"Midt mellem {s.day('from')} og {s.day('to')}.",
    "ved_start": lambda s: f"Programmet begynder {s.day('date')}.",
    "ved_slut": lambda s: f"Programmet slutter {s.day('date')}.",
    "i_fasen": lambda _: "Ligger i sin fase.",
    "i_perioden": lambda _: "Ligger i programmets periode.",
    "gentages": lambda s: f"Gentages {s.pace()}.",
    "nummer": lambda s: f"Nr. {s.values['number']} af {s.values['of']} i rækken.",
    "uden_for_raekken": lambda s: f"Rækken har kun {s.values['of']}; aflys denne, eller sæt en dag.",
    "aaben": lambda _: "Ingen dato er givet.",
    "uden_for_fasen": lambda s: f"Ligger uden for sin fase: {s.day('day')}.",
    "uden_for_perioden": lambda s: f"Ligger uden for programmets periode: {s.day('day')}.",
    "fastsat_af_person": lambda _: "Datoen er sat af en person og flyttes ikke.",
    "passer_til": lambda s: (
        f"Flyttet fra {s.day('from')} til {s.day('to')}, så vinduet er lige så langt og begynder på samme ugedag som "
        f"{s.item('anchor')}."
    ),
    "uden_om_lukket": lambda s: f"Lagt uden om {s.text('name')}, for {s.item('anchor')} rummer ingen.",
    "rummer_lukket": lambda s: (
        f"Rummer {s.text('name')}, og der er intet vindue i nærheden uden; det kan ikke sammenlignes rent med "
        f"{s.item('anchor')}."
    ),
    "flyttet_foer": lambda s: (
        f"Flyttet {s.counted('weeks', 'uge', 'uger')}, så målingen slutter, før {s.item('anchor')} begynder."
    ),
    "sidste_dag": lambda s: (
        f"Skal være slut senest {s.day('day')}, dagen før {s.item('anchor')}; bagefter kan den ikke tages."
    ),
    "er_begyndt": lambda s: f"Begyndte {s.day('date')}.",
    "er_sket": lambda s: f"Er sket: {s.day('date')}.",
}

REASON_CODES = frozenset(_SENTENCES)

WARNING_OPENINGS = ("Flyttet fra ", "Ligger på en lukket dag", "Der er ingen dag mellem", "Ligger uden for ")
"""How the sentences begin that an author may want to mend something for; a test holds them to the sentences."""
