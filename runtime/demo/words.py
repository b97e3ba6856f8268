"""What the people of the demo write, in Danish: places, outcomes, challenges, solutions and reasons; data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ...engine.civil.kommune import Kommune
from ...engine.values.names import base_key

_OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        "invitation": "Invitationen er sendt, og ti kommuner har meldt sig.",
        "udvaelgelse": "Fire kommuner er valgt efter størrelse og geografi; alle ti har fået svar.",
        "opstartsmoede": "Fælles fundament: metoden er præsenteret, og kommunerne har mødt hinanden.",
        "rammesaetning": "Rammerne er klarlagt, og udvalgsformanden er orienteret om målene.",
        "udpegning_af_konsulenter": "Konsulenten er udpeget og har fået tid til opgaven.",
        "uddannelsesdag_1": "Alle har prøvet at udpege og undersøge en udfordring.",
        "uddannelsesdag_2": "Konsulenterne har øvet at udvikle løsninger med effekt og tegn.",
        "uddannelsesdag_3": "Konsulenterne har øvet at teste i det små og måle før og efter.",
        "fagprofil_workshops": "Fagprofilerne er drøftet og justeret.",
        "temadag_oest": "De opdaterede fagprofiler blev drøftet ved bordene.",
        "temadag_vest": "De opdaterede fagprofiler blev drøftet ved bordene.",
        "maalepunkter": "Målepunkterne er aftalt med kommunerne.",
        "resultatmaal": "Tre resultatmål er fastlagt, ét af dem for de unge.",
        "baselinemaaling": "Målingen fra før projektet er registreret.",
        "resultatmonitorering": "Resultaterne er fulgt hver måned og set i forhold til målingen fra før.",
        "lokalt_opstartsmoede": "Enighed om, hvad der kan laves om, og hvad der ikke kan.",
        "foerste_skridt": "Tre udfordringer er fundet, og de berørte er med.",
        "videre_proces": "Udfordringerne er prioriteret, og de første løsninger er valgt.",
        "selvstaendige_temadage": "Fagprofilerne er taget i brug som fælles sprog.",
        "implementering": "De valgte løsninger er taget i brug.",
        "sparring": "Aftalt, hvordan effekten beskrives, før noget sættes i gang.",
        "kommunebesoeg": "Partskonsulenten har set løsningerne i hverdagen og fortalt om de andre kommuners.",
        "temadag_undervejs": "Kommunerne har byttet erfaringer og taget to idéer med hjem hver.",
        "brug_af_evalueringen": "Resultaterne er drøftet med borgere og medarbejdere; to løsninger er justeret.",
        "formidling": "Fire artikler og et oplæg om kommunernes erfaringer.",
        "kommunernes_formidling": "Historier på intranettet og et indlæg til de andre kommuner.",
        "opsamling": "Metoder og resultater er samlet i et notat på otte sider.",
        "afsluttende_temadag": "Kommunerne har delt deres resultater og drøftet, hvad der bør leve videre.",
    }
)

EVALUATIONS: Mapping[str, str] = MappingProxyType(
    {
        "baseline": "{interviews}; {svar} % af medarbejderne har svaret. Meget tid går med dobbelt registrering.",
        "midtvejsevaluering": "{interviews}; {svar} % har svaret. Samtalerne er blevet bedre; papiret fylder endnu.",
        "afsluttende_evaluering": "{interviews}; {svar} % har svaret. Mere tid til borgerne og mere mening i arbejdet.",
    }
)


DELIVERIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "leverance_1": ("implementering", "Sekretariatets arkiv: bistand til kommunerne"),
        "leverance_2": ("uddannelsesdag_3", "Sekretariatets arkiv: materialer fra de tre uddannelsesdage"),
        "leverance_3": ("selvstaendige_temadage", "Sekretariatets arkiv: plan for kompetenceudvikling"),
        "leverance_4": ("kommunebesoeg", "Sekretariatets arkiv: noter fra sparring og kommunebesøg"),
        "leverance_5": ("afsluttende_evaluering", "Evaluators tre rapporter fra hver kommune"),
        "leverance_6": ("temadag_undervejs", "Sekretariatets arkiv: idékatalog fra temadagen"),
        "leverance_7": ("temadag_vest", "Sekretariatets arkiv: de opdaterede fagprofiler"),
        "leverance_8": ("maalepunkter", "Sekretariatets arkiv: målepunkter, aftalt med kommunerne"),
        "leverance_9": ("resultatmaal", "Kommunernes egne arkiver: tre resultatmål hver"),
        "leverance_10": ("opsamling", "Sekretariatets arkiv: notat på otte sider"),
    }
)
"""Deliverable -> the activity that it rests on, and where it lies."""


@dataclass(frozen=True, slots=True)
class Idea:
    """A challenge with what people find out about it, and a solution with the effect that they wish for."""

    title: str
    about: str
    why: str
    stakes: tuple[str, ...]
    solution: str
    effect: str
    sign: str
    unit: str
    second: str = ""


IDEAS = (
    Idea(
        "Borgeren fortæller sin historie forfra",
        "Borgeren møder fire medarbejdere og forklarer sig hver gang.",
        "Det tager tid fra det, borgeren kom for.",
        ("sagsbehandlere", "ledere", "borgere"),
        "Én fast kontaktperson hele vejen",
        "Borgeren skal kun fortælle sin historie én gang.",
        "Antal medarbejdere, en borger møder",
        "medarbejdere pr. borger",
        "Fælles startside i sagen, som borgeren selv godkender",
    ),
    Idea(
        "Det samme registreres to steder",
        "Aftaler skrives både i fagsystemet og i et regneark.",
        "Ingen stoler på nogen af dem.",
        ("sagsbehandlere", "ledelsessekretariat"),
        "Regnearket afløses af ét udtræk hver mandag",
        "Medarbejderne skal bruge tiden på samtaler.",
        "Minutter brugt på registrering pr. dag",
        "minutter om dagen",
        "Faste korte felter i fagsystemet i stedet for fritekst",
    ),
    Idea(
        "Breve, som borgerne ikke forstår",
        "Indkaldelser er skrevet efter loven og ikke efter læseren.",
        "Mange ringer for at spørge, hvad der står.",
        ("sagsbehandlere", "borgere", "borgerservice"),
        "Nye breve skrevet sammen med et borgerpanel",
        "Borgeren skal vide, hvad der skal ske, og hvorfor.",
        "Antal opkald om et brev",
        "opkald om ugen",
        "Et kort opkald før brevet",
    ),
    Idea(
        "Virksomheder får mange henvendelser",
        "Flere teams ringer til de samme virksomheder.",
        "Virksomhederne siger nej, før de har hørt om borgeren.",
        ("virksomhedskonsulenter", "sagsbehandlere", "virksomheder"),
        "Fælles kalender for virksomhedskontakt",
        "Virksomheden skal have én indgang.",
        "Antal henvendelser pr. virksomhed",
        "henvendelser om måneden",
        "Én fast konsulent for hver virksomhed",
    ),
    Idea(
        "Lange møder om enkelte sager",
        "Sagsmødet tager en formiddag, og de fleste venter.",
        "Beslutninger udskydes til næste gang.",
        ("faglige koordinatorer", "ledere", "sagsbehandlere"),
        "Korte sagsmøder med et spørgsmål på forhånd",
        "Beslutninger skal tages, mens de er aktuelle.",
        "Dage fra spørgsmål til beslutning",
        "dage",
        "Beslutninger tages af to, der kender borgeren",
    ),
    Idea(
        "Unge falder fra mellem to aftaler",
        "Der går seks uger mellem samtalerne, og ingen opdager det.",
        "De unge siger selv, at de mister modet.",
        ("ungekonsulenter", "unge", "uddannelsesvejledere"),
        "En kort besked hver uge",
        "De unge skal mærke, at nogen følger med.",
        "Andel unge, der kommer til næste samtale",
        "procent",
        "Fast træffetid uden aftale hver torsdag",
    ),
)

PLACES = ("mødelokale 2, jobcentret", "rådhuset, lokale 114", "medborgerhuset, sal B")


def outcome(key: str) -> str:
    """Give what came out of an activity."""
    return _OUTCOMES[base_key(key)]


def place(kommune: Kommune | None) -> str:
    """Give where a meeting is held."""
    if kommune is None:
        return "mødecentret i Odense"
    return f"{PLACES[int(kommune.code) % len(PLACES)]}, {kommune.name}"
