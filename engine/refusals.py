"""Says every refusal in Danish, in one place: what is missing, and what is possible instead; decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from .civil.danish import clock, join_and, long_date, plural
from .civil.instants import local
from .definition import Workflow
from .values import Json, Refusal, Strength
from .values.names import KOMMUNE


def refusal_text(refusal: Refusal, workflow: Workflow, kind: str) -> str:
    """Give the Danish sentence for a refusal to an event of an instance of this kind."""
    return _SENTENCES[refusal.code](_Said(refusal, workflow, kind))


def owner_text(refusal: Refusal) -> str:
    """Say who can mend it, and whether an override is allowed; empty where neither is known."""
    who = f"{_role(refusal.owner)} kan bringe det i orden. " if refusal.owner else ""
    soft = refusal.strength is Strength.SOFT
    return (who + ("Du kan gå videre alligevel med en begrundelse." if soft else "")).strip()


@dataclass(frozen=True, slots=True)
class _Said:
    """The values of one refusal as Danish words."""

    refusal: Refusal
    workflow: Workflow
    kind: str

    def value(self, name: str) -> Json:
        return self.refusal.values.get(name)

    def text(self, name: str) -> str:
        return str(self.value(name))

    def number(self, name: str) -> int:
        value = self.value(name)
        return int(value) if isinstance(value, int | float) else 0

    def texts(self, name: str) -> list[str]:
        value = self.value(name)
        return [str(item) for item in value] if isinstance(value, list) else []

    def day(self, name: str) -> str:
        value = self.value(name)
        return long_date(date.fromisoformat(value)) if isinstance(value, str) else "en dag, der ikke er sat"

    def moment(self, name: str) -> str:
        at = local(datetime.fromisoformat(self.text(name)))
        return f"{long_date(at.date())} {clock(at.time())}"

    def field(self, name: str) -> str:
        """Give a field's words, wherever in the workflow it is defined; its own kind first."""
        kinds = [self.kind, *(kind for kind in self.workflow.machines if kind != self.kind)]
        for machine in (self.workflow.machines[kind] for kind in kinds if kind in self.workflow.machines):
            if name in machine.all_fields:
                return machine.all_fields[name].title
        return _OWN_FIELDS.get(name) or name.replace("_", " ")

    def fields(self, name: str) -> str:
        return join_and([f"»{self.field(field)}«" for field in self.texts(name)])

    def region(self, kind: str | None = None) -> str:
        """Name the region that the refusal speaks of, with its trin where it has one."""
        name = self.text("region") if self.value("region") else self.text("at")
        machine = self.workflow.machines.get(kind or self.kind)
        region = machine.regions.get(name) if machine else None
        if region is None:
            return name.replace("_", " ")
        return f"Trin {region.trin} ({region.title})" if region.trin else region.title

    def state(self, state: str, kind: str, region: str) -> str:
        machine = self.workflow.machines.get(kind)
        found = machine.regions.get(region) if machine else None
        if found is None or state not in found.states:
            return state.replace("_", " ")
        return found.states[state].title

    def states(self, names: Sequence[str], kind: str, region: str) -> str:
        return " eller ".join(f"»{self.state(name, kind, region)}«" for name in names)

    def kind_title(self, kind: str) -> str:
        """Name a kind of instance."""
        machine = self.workflow.machines.get(kind)
        return machine.title if machine else kind.replace("_", " ")

    def thing(self, name: str) -> str:
        """Name the instance that something stands at, by its kind."""
        return f"»{self.kind_title(self.text(name))}«"

    def date_name(self) -> str:
        """Name a date of the programme: a deadline, a fase or an activity."""
        name = self.text("date")
        titles = self.workflow.programme.date_titles
        return "tilmeldingsfristen" if name == "enrolment" else f"»{titles.get(name) or name.replace('_', ' ')}«"


def _wrong_state(s: _Said) -> str:
    kind, region = s.text("kind"), s.text("region")
    wanted = s.states(s.texts("wanted"), kind, region)
    return f"{s.region(kind)} skal stå som {wanted}, men står som »{s.state(s.text('state'), kind, region)}«."


def _impossible(s: _Said) -> str:
    machine = s.workflow.machines[s.kind]
    region = machine.regions[s.text("at")]
    state = s.state(s.text("state"), s.kind, s.text("at"))
    names = [f"»{region.moves[name].title}«" for name in s.texts("possible") if name in region.moves]
    instead = f"Muligt nu: {join_and(names)}." if names else "Herfra er der intet mere at gøre."
    return f"Det kan ikke ske, når {s.region()} står som »{state}«. {instead}"


def _too_few(s: _Said) -> str:
    kind = s.text("kind")
    machine = s.workflow.machines.get(kind)
    thing = machine.title.lower() if machine else kind.replace("_", " ")
    states = s.states(s.texts("wanted"), kind, s.text("region"))
    fields = f" og have udfyldt {s.fields('fields')}" if s.texts("fields") else ""
    named = [f"»{title}«" for title in s.texts("lacking")] + ([f"{more} til"] if (more := s.number("more")) else [])
    lacking = f" Mangler: {join_and(named)}." if named else ""
    have, want, of = s.number("have"), s.number("want"), s.number("of")
    return f"Mindst {want} ({thing}) skal stå som {states}{fields}; det gør {have} af {of}.{lacking}"


def _too_few_kommuner(s: _Said) -> str:
    """Say how many have come so far, how many are wanted, and who lacks."""
    states = s.states(s.texts("wanted"), KOMMUNE, s.text("region"))
    have, want, of = s.number("have"), s.number("want"), s.number("of")
    title = s.region(KOMMUNE)
    if not of:
        return f"»{title}« skal stå som {states} i kommunerne, men ingen kommune er med endnu."
    part = "mere end halvdelen af kommunerne, " if s.value("majority") else ""
    lacking = join_and(s.texts("lacking"))
    return (
        f"»{title}« skal stå som {states} i {part}mindst {want} af de {of}; det gør den i {have}. Mangler: {lacking}."
    )


def _activity(s: _Said) -> str:
    planned = f" Den er planlagt til {s.day('planned')}." if s.value("planned") else ""
    done = "godkendt" if "godkendt" in s.texts("wanted") else "gennemført"
    return f"»{s.text('activity')}« er ikke {done} endnu.{planned}"


def _outside(s: _Said) -> str:
    return (
        f"{s.day('day').capitalize()} ligger uden for programmet, som løber fra {s.day('first')} til {s.day('last')}."
    )


def _unknown_activity(s: _Said) -> str:
    activities = s.workflow.programme.activities
    known = [f"»{activities[key].title}«" for key in s.texts("known")]
    choices = f"Her kan tilføjes: {join_and(known)}." if known else "Her kan ingen aktiviteter tilføjes."
    return f"Programmet har ingen aktivitet, der hedder »{s.text('key').replace('_', ' ')}«. {choices}"


def _other_level(s: _Said) -> str:
    where = "programmet" if s.kind == KOMMUNE else "kommunerne, én ad gangen"
    return f"»{s.text('activity')}« hører ikke til her; tilføj den under {where}."


def _ceiling(s: _Said) -> str:
    most, have = s.number("most"), s.number("have")
    return f"Dokumentet siger højst {most} af »{s.text('activity')}«, og der er {have}. Aflys en, eller flyt den."


def _changed_later(s: _Said) -> str:
    return f"Oplysningerne er ændret senere: {s.fields('fields')}. Ret den seneste ændring først."


def _paused(s: _Said) -> str:
    until = f" Pausen ventes at slutte {s.day('til')}." if s.value("til") else ""
    who = f" af {s.text('af')}" if s.value("af") else ""
    way_out = "Genoptag først, eller registrér kun det, der skete før pausen; aflyse og trække sig kan man altid."
    return f"{s.thing('hvor')} er sat i bero siden {s.moment('siden')}{who}: {s.text('fordi')}.{until} {way_out}"


def _still_open(s: _Said) -> str:
    named = s.value("named")
    pairs = [pair for pair in named if isinstance(pair, list)] if isinstance(named, list) else []
    titles = [f"»{pair[0]}« ({s.kind_title(str(pair[1])).lower()})" for pair in pairs]
    rest = s.number("count") - len(titles)
    more = [*titles, f"{rest} til"] if rest > 0 else titles
    is_one = s.number("count") == 1
    count = "1 ting åben" if is_one else f"{s.number('count')} ting åbne"
    return f"Der er stadig {count}: {join_and(more)}. {'Den' if is_one else 'De'} lukkes, når du går videre."


MOST_BOOKINGS = 3
"""As many of the things that somebody has on one day are named; what is more is counted."""


def _double_booked(s: _Said) -> str:
    others = s.value("others")
    told = [
        f"»{one[0]}« ({one[1]}) {long_date(date.fromisoformat(str(one[2])))}"
        for one in (others if isinstance(others, list) else [])
        if isinstance(one, list)
    ]
    more = len(told) - MOST_BOOKINGS
    listed = [*told[:MOST_BOOKINGS], f"{more} til"] if more > 0 else told
    return f"{s.text('name')} er allerede optaget: {join_and(listed)}."


def _before_last(s: _Said) -> str:
    said = f"Det kan ikke være sket før det seneste skridt i {s.region()}, som skete {s.moment('last')}"
    return f"{said} (nr. {s.number('seq')}). Er det skridt forkert, så ret det først."


_OWN_FIELDS: Mapping[str, str] = {
    "planned_start": "Planlagt første dag",
    "planned_end": "Planlagt sidste dag",
    "precision": "Datoens nøjagtighed",
    "actual_start": "Første dag, som det gik",
    "actual_end": "Sidste dag, som det gik",
    "fixed_by": "Hvem der har sat datoen",
    "reason": "Datoens begrundelse",
    "runder": "Antal runder",
    "vinduer": "Programmets datoer",
    "vinduer_fordi": "Programmets datoers begrundelse",
    "senest": "Sidste mulige dag",
    "forskudt_uger": "Hvor mange uger programmet er flyttet",
    "i_bero": "Sat i bero",
    "pauser": "Pauser",
    "flyttet_efter_pause": "Flyttet efter en pause",
}
"""What decisions themselves write, and no definition names."""


def _not_listed(s: _Said) -> str:
    options = s.texts("options")
    known = f"Der kan vælges: {join_and([f'»{one}«' for one in options])}." if options else "Der er intet valgt endnu."
    return f"»{s.text('value')}« står ikke på listen ({s.field(s.text('field'))}). {known}"


def _wrong_number(s: _Said) -> str:
    least, most = s.number("min"), s.number("max")
    wanted = f"{least}" if least == most else f"{least}-{most}"
    return f"Vælg {wanted} ({s.field(s.text('field'))}); der er valgt {s.number('have')}."


def _frame_used(s: _Said) -> str:
    inside = join_and([f"»{title}«" for title in s.texts("activities")])
    return (
        f"{s.text('frame')}: der kan højst holdes {s.number('total')} i alt af {inside}, og der er {s.number('have')}."
        " Aflys en af dem, hvis I vil bytte."
    )


_SENTENCES: Mapping[str, Callable[[_Said], str]] = {
    "mangler_flueben": lambda s: f"Der mangler et flueben ved »{s.field(s.text('field'))}«.",
    "mangler_felt": lambda s: f"»{s.field(s.text('field'))}« er ikke udfyldt.",
    "mangler_oplysning": lambda s: f"Skriv også »{s.field(s.text('field'))}«.",
    "mangler_note": lambda s: f"Skriv ved fluebenet »{s.field(s.text('field'))}«: {s.text('note')}.",
    "mangler_dag": lambda s: f"Skriv, hvilken dag det skete, ved fluebenet »{s.field(s.text('field'))}«.",
    "for_tidlig_dag": lambda s: (
        f"»{s.field(s.text('field'))}« ({s.day('last')}) ligger før »{s.field(s.text('other'))}« ({s.day('first')})."
    ),
    "mangler_begrundelse": lambda _: "Skriv en begrundelse.",
    "ikke_tilladt": lambda s: {
        "rolle": "Du har ikke (længere) en rolle her, der giver adgang til det.",
        "anden_rolle": "Det er en anden rolle end din, der gør det.",
        "link": "Linket kan ikke bruges til det.",
    }[s.text("why")],
    "mangler_dato": lambda _: "Der er ikke sat en dato.",
    "forkert_tilstand": _wrong_state,
    "ikke_muligt_nu": _impossible,
    "for_faa": _too_few,
    "for_faa_kommuner": _too_few_kommuner,
    "mangler_aktivitet": _activity,
    "deltog_ikke": lambda s: f"Kommunen deltog ikke i »{s.text('activity')}«.",
    "ingen_plads": lambda s: (
        f"Der er plads til {plural(s.number('capacity'), 'kommune', 'kommuner')}, "
        f"og pladserne er givet til {join_and(s.texts('taken'))}."
    ),
    "fristen_er_overskredet": lambda s: f"Fristen ({s.date_name()}) var {s.day('last')}.",
    "fristen_er_ikke_udloebet": lambda s: f"Det må først ske efter {s.day('last')} ({s.date_name()}).",
    "foer_seneste_skridt": _before_last,
    "i_fremtiden": lambda s: (
        f"{s.moment('happened_at').capitalize()} ligger i fremtiden; registrér det, når det er sket."
    ),
    "uden_for_programmet": _outside,
    "lukket_dag": lambda s: (
        f"{s.day('day').capitalize()} er ikke en dag, hvor der holdes møder. Næste åbne dag er {s.day('next')}."
    ),
    "slut_foer_start": lambda s: f"Slutdagen {s.day('last')} ligger før startdagen {s.day('first')}.",
    "allerede_tilmeldt": lambda _: "Kommunen er allerede tilmeldt programmet.",
    "er_sat_i_bero": _paused,
    "er_sat_i_bero_ovenfra": lambda s: f"Pausen er sat på {s.thing('hvor')}; genoptag den dér.",
    "er_allerede_i_bero": lambda _: "Det er allerede sat i bero. Genoptag først, hvis pausen skal have en anden grund.",
    "er_ikke_i_bero": lambda _: "Det er ikke sat i bero, så der er intet at genoptage.",
    "foer_pausen": lambda s: f"Det kan ikke være genoptaget, før pausen begyndte ({s.moment('siden')}).",
    "stadig_aabent": _still_open,
    "dobbeltbooket": _double_booked,
    "ikke_paa_listen": _not_listed,
    "valgt_to_gange": lambda s: f"Det samme er valgt to gange ({s.field(s.text('field'))}).",
    "forkert_antal": _wrong_number,
    "hoerer_til_tilbud": lambda s: (
        f"»{s.text('activity')}« hører til tilbuddet »{s.text('offer')}«; vælg tilbuddet til."
    ),
    "tilbud_er_valgt": lambda s: f"»{s.text('offer')}« er allerede valgt til.",
    "tilbud_er_ikke_valgt": lambda s: f"»{s.text('offer')}« er ikke valgt til.",
    "tilbud_er_brugt": lambda s: (
        f"»{s.text('offer')}« kan ikke fravælges, fordi {join_and([f'»{one}«' for one in s.texts('used')])} er begyndt."
    ),
    "rammen_er_brugt": _frame_used,
    "ukendt_aktivitet": _unknown_activity,
    "andet_niveau": _other_level,
    "loftet_er_naaet": _ceiling,
    "ingen_hoering": lambda s: (
        f"»{s.text('approval')}« kan ikke sendes i skriftlig høring efter programmets dokument. Sæt det på et møde."
    ),
    "forkert_beslutter": lambda s: (
        f"»{s.text('approval')}« besluttes af {s.text('decider')}; {s.text('who')} kan ikke beslutte det."
    ),
    "ikke_med_i_programmet": lambda s: (
        f"Kun kommuner i programmet kan være med i en klynge; det er {join_and(s.texts('lacking'))} ikke."
    ),
    "allerede_i_klynge": lambda s: f"{join_and(s.texts('lacking'))} er allerede med i en anden klynge.",
    "har_faaet_boern": lambda _: (
        "Det kan ikke rettes, fordi noget er oprettet ved det. Afslut eller parkér det, der blev oprettet."
    ),
    "er_rettet": lambda _: "Det er rettet én gang. Ret det, der er registreret bagefter.",
    "er_en_rettelse": lambda _: "Det er selv en rettelse. Registrér det rigtige på ny.",
    "senere_skridt": lambda s: f"Der er et senere skridt i {s.region()} (nr. {s.text('seq')}). Ret det først.",
    "senere_aendret": _changed_later,
    "baseline_mangler": lambda s: (
        f"»{s.text('evaluation')}« er ikke lukket. Når ændringen er begyndt, kan den ikke tages, "
        "og det kan ikke rettes op på bagefter."
    ),
    "dagen_er_i_fremtiden": lambda s: f"{s.day('day').capitalize()} er ikke kommet endnu.",
    "evalueringen_er_ikke_aaben": lambda s: (
        f"»{s.text('title')}« er ikke åbnet endnu; den er planlagt til {s.day('start')}. Åbn den først."
    ),
    "evalueringen_er_aflyst": lambda s: f"»{s.text('title')}« er aflyst, så der kan ikke registreres svar på den.",
    "evalueringen_er_lukket": lambda s: (
        f"»{s.text('title')}« er lukket ({s.day('end')}), så svaret kommer for sent. Skriv, hvorfor det kommer nu."
    ),
    "evalueringen_er_afrapporteret": lambda s: (
        f"»{s.text('title')}« er afrapporteret, så der kommer ikke flere svar til. Det, der er forkert, kan rettes."
    ),
    "uden_for_vinduet": lambda s: (
        f"{s.day('day').capitalize()} ligger uden for vinduet, som går fra {s.day('first')} til {s.day('last')}."
    ),
    "registreringen_er_rettet": lambda _: "Registreringen er allerede rettet. Ret den nyeste i stedet.",
    "er_slut": lambda s: f"»{s.text('title')}« er slut, så der registreres ikke mere på den.",
    "moedet_er_slut": lambda s: f"»{s.text('title')}« er holdt eller aflyst, så svaret kan ikke noteres.",
    "ikke_indkaldt": lambda s: (
        f"Personen er ikke blandt dem, »{s.text('title')}« er for. Giv vedkommende en rolle, der er med, først."
    ),
    "pladserne_er_brugt": lambda s: (
        f"Kommunens {plural(s.number('seats'), 'plads', 'pladser')} ved »{s.text('title')}« er brugt. "
        f"Der er plads på ventelisten som nr. {s.number('place')}."
    ),
    "er_gaaet_videre": lambda s: (
        f"»{s.text('title')}« begyndte ved det og er gået videre siden (nr. {s.number('seq')}). Ret det først."
    ),
}

REFUSAL_CODES = frozenset(_SENTENCES)


def _role(role: str | None) -> str:
    return (role or "").replace("_", " ").capitalize()
