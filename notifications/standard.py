"""The Danish texts that workflows name unless a programme brings its own; data only, one text for each key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from ..engine.errors import NotFound
from .texts import NOTHING, Text


def _text(subject: str, *paragraphs: str, stops: str = "", action: str = "", **more: str) -> Text:
    return Text(subject, "\n\n".join(paragraphs), stops, action, **more)


_MEETINGS = {
    "indkaldelse": _text(
        "Indkaldelse: {{ titel }}, {{ dato_kort }}, {{ kommune }}",
        "Du er inviteret til {{ titel }} i {{ program_kort }}.",
        "Dagen ligger i den vedhæftede kalenderfil.",
        action="Svar på denne mail, om du kommer",
        reply="Kan du ikke komme, så skriv gerne navnet på en, der kan komme i stedet.",
    ),
    "aendret": _text(
        "Ændret: {{ titel }}, nu {{ dato_kort }}, {{ kommune }}",
        "Tid eller sted er ændret for {{ titel }}. Det, der står herunder, gælder fra nu af.",
        "Den nye dag ligger i den vedhæftede kalenderfil.",
        action="Svar på denne mail, om du kan",
        reply="Passer det dig ikke, finder vi en løsning.",
    ),
    "aflyst": _text(
        "Aflyst: {{ titel }}, {{ dato_kort }}, {{ kommune }}",
        "{{ titel }} bliver ikke holdt på den dag, der var aftalt.",
        "Mere skal du ikke gøre. Finder vi en ny dag, får du en ny indkaldelse.",
        action="Slet mødet fra din kalender",
    ),
    "ikke_laengere_med": _text(
        "Du skal ikke med: {{ titel }}, {{ dato_kort }}, {{ kommune }}",
        "{{ titel }} holdes stadig, men du skal ikke længere med.",
        "Mere skal du ikke gøre.",
        action="Slet mødet fra din kalender",
    ),
    "plads_til_dig": _text(
        "Der er plads til dig: {{ titel }}, {{ dato_kort }}, {{ kommune }}",
        "Der er blevet en plads til dig ved {{ titel }}, og den er din.",
        "Kan du ikke komme alligevel, så sig det med det samme, så den næste kan få pladsen.",
        action="Svar på denne mail, om du kommer",
    ),
    "svar_udbedes": _text(
        "Kommer du? {{ titel }}, {{ dato_kort }}, {{ kommune }}",
        "Du er indkaldt til {{ titel }} {{ om }}, og vi har ikke hørt, om du kommer.\nHvornår: {{ hvornaar }}",
        "Et ja eller nej er nok, og et nej er også godt at vide.",
        stops="du har svaret, eller mødet er flyttet eller aflyst",
        action="Svar på denne mail, om du kommer",
    ),
    "paamindelse_moede": _text(
        "Påmindelse: {{ titel }}, {{ dato_kort }}, {{ kommune }}",
        "{{ titel }} er {{ om }}.\nHvornår: {{ hvornaar }}\nHvor: {{ sted }}",
        "Kan du ikke komme, så sig det nu, så vi kan nå at finde en anden.",
        stops="mødet er holdt, flyttet eller aflyst",
        action="Svar på denne mail, hvis du ikke kan",
    ),
    "opfoelgning": _text(
        "Hvordan gik det? {{ titel }}, {{ kommune }}",
        "{{ titel }} blev holdt {{ dato }}. Hvordan gik det?",
        "Skriv det, mens du husker det: hvad I nåede, hvad I aftalte, og hvem der gør hvad. Et par linjer er nok.",
        stops="udbyttet er registreret",
        action="Registrér udbyttet",
        reply="Du kan også bare svare på denne mail.",
    ),
    "blev_det_holdt": _text(
        "Blev det holdt? {{ titel }}, {{ dato_kort }}, {{ kommune }}",
        "{{ titel }} var planlagt til {{ hvornaar }}, men det er endnu ikke registreret, om det blev til noget.",
        "Er det flyttet eller aflyst, så sig det her. Datoen er nok i dag; udbyttet kan du skrive senere.",
        stops="det er registreret, hvad der skete",
        action="Registrér, om det blev holdt",
        reply="Du kan også bare svare på denne mail.",
    ),
    "saet_dato": _text(
        "Sæt en dato: {{ titel }}, {{ kommune }}",
        "{{ titel }} i {{ program_kort }} har endnu ingen dato. Før den er sat, kan ingen blive indkaldt, og det, der "
        "følger efter, kan ikke planlægges.",
        "Find en dag med dem, der skal være med. En foreløbig dato er bedre end ingen; den kan altid flyttes.",
        stops="datoen er registreret",
        action="Sæt en dato",
        reply="Du kan også bare svare på denne mail.",
    ),
}

_PROGRESS = {
    "trin_staar_stille": _text(
        "Hvordan går det? {{ kommune }}, {{ trin }}",
        "I har nu været i gang med {{ trin }} i {{ dage }}. Måske er I længere, end vi kan se herfra.",
        "Registrér det, der er gjort. Sidder I fast, så skriv et par ord til {{ kontakt }}, der gerne hjælper.",
        stops="trinnet er afsluttet",
        action="Se, hvad der mangler i {{ trin }}",
    ),
    "eskalering_leder": _text(
        "Din opbakning: {{ titel }}, {{ kommune }}",
        "I {{ kommune }} har »{{ titel }}« ligget stille i {{ dage }}. Ingen har gjort noget forkert; "
        "sådan går det, når hverdagen fylder. Men nu gør det en forskel, at du spørger til det.",
        "Ti minutter i denne uge er nok til at aftale, hvem der gør hvad hvornår.",
        stops="forløbet er i gang igen",
        action="Tal med {{ ansvarlig }}",
        link="Registrér, hvad I aftalte",
        reply="Registrér bagefter, hvad I aftalte.",
    ),
    "eskalering_projektleder": _text(
        "Ligger stille: {{ titel }}, {{ kommune }}",
        "I {{ kommune }} har »{{ titel }}« ligget stille i {{ dage }}, og påmindelserne har ikke hjulpet.",
        "En samtale hjælper nu mere end en mail til.",
        stops="forløbet er i gang igen",
        action="Ring til {{ ansvarlig }}",
        link="Registrér, hvad I aftalte",
        reply="Registrér bagefter, hvad I aftalte.",
    ),
    "ring_i_stedet": _text(
        "Ring i stedet: {{ titel }}, {{ kommune }}",
        "{{ hvem }} har fået tre mails om »{{ titel }}« uden svar. Vi skriver ikke flere om det.",
        "Spørg, hvordan det går; en samtale hjælper nu mere end en mail til.",
        stops="det er kommet videre",
        action="Ring til {{ hvem }}",
        link="Registrér, hvad I aftalte",
        reply="Registrér bagefter, hvad I aftalte.",
    ),
    "fase_begynder": _text(
        "Begynder snart: {{ fase }}, {{ dato_kort }}",
        "{{ fase }} i {{ program_kort }} begynder {{ dato }}.",
        "Er dagene sat, og ved alle, hvad de skal? Det, der ikke passer, er lettest at flytte nu.",
        action="Se planen igennem",
        link="Se, hvor det står",
    ),
    "fase_slutter": _text(
        "Slutter snart: {{ fase }}, {{ frist_kort }}, {{ kommune }}",
        "{{ fase }} i {{ program_kort }} slutter {{ frist }}.",
        "Registrér datoer, aktiviteter og udbytte. "
        "Det, I ikke når, må gerne fortsætte; skriv blot, hvornår I regner med at være færdige.",
        stops="fasen er afsluttet",
        action="Gennemgå, hvad der mangler",
    ),
    "udfordring_parkeret": _text(
        "Parkeret: {{ titel }}, {{ kommune }}",
        "Udfordringen »{{ titel }}« er parkeret. At vælge fra er en del af metoden, og grunden er registreret.",
        "Så ved de, hvorfor I stopper her. Bliver den vigtig igen, kan I tage den op.",
        action="Fortæl det til dem, der har arbejdet med den",
    ),
    "loesning_klar": _text(
        "Klar til brug: {{ titel }}, {{ kommune }}",
        "Løsningen »{{ titel }}« er klar til at blive taget i brug eller prøvet af i det små.",
        "Registrér, hvornår I begynder. Mål først, hvordan det er i dag; det kan ikke gøres bagefter.",
        action="Aftal, hvem der gør hvad hvornår",
    ),
    "overdragelse": _text(
        "Du tager over: {{ program_kort }}",
        "Fra {{ dato }} overtager du opgaver i {{ program_kort }} efter {{ hvem }}. Fra den dag kommer mails om dem "
        "til dig.",
        "Det her er åbent nu:\n- {{ mangler }}",
        "Begynd her: {{ naeste }}",
        action="Se de opgaver, du overtager",
    ),
    "pausen_skulle_vaere_slut": _text(
        "Er pausen slut? {{ titel }}",
        "{{ titel }} i {{ program_kort }} er sat i bero, og pausen skulle efter planen slutte {{ dato }}.",
        "Er I ikke klar, så aftal den nye dag med dem, der venter. Så længe det er i bero, får ingen påmindelser.",
        action="Genoptag det, eller sæt en ny dag",
    ),
    "proces_afsluttet": _text(
        "I er i mål: {{ kommune }}, {{ program_kort }}",
        "{{ kommune }} har gennemført {{ program_kort }}. Tak for indsatsen!",
        "Fortæl også, hvad I tager med videre. Der kommer ikke flere påmindelser om forløbet.",
        action="Vis deltagerne, hvad det er blevet til",
    ),
}

_EVALUATION = {
    "evaluering_aaben": _text(
        "Nu kan du svare: {{ titel }}, frist {{ frist_kort }}",
        "{{ titel }} i {{ program_kort }} er åben. Fristen er {{ frist }}.",
        "Dine svar viser, om det virker, så der kan rettes til undervejs.",
        stops="du har svaret, eller evalueringen er lukket",
        action="Svar nu, eller sæt tid af til det",
    ),
    "evaluering_paamindelse": _text(
        "Påmindelse: {{ titel }}, frist {{ frist_kort }}",
        "Vi mangler dit svar på {{ titel }} i {{ program_kort }}. Fristen er {{ frist }}.",
        "Et kort svar er også et svar. Har du lige svaret, kan du se bort fra denne mail.",
        stops="du har svaret, eller evalueringen er lukket",
        action="Svar, mens der er tid",
    ),
    "evaluering_lukker": _text(
        "Lukker snart: {{ titel }}, {{ frist_kort }}",
        "{{ titel }} i {{ program_kort }} lukker {{ frist }}, og vi mangler dit svar.",
        "Bagefter kan det ikke komme med. Kan du ikke nå det, så skriv til {{ kontakt }}, inden der lukkes.",
        stops="du har svaret, eller evalueringen er lukket",
        action="Svar, inden der lukkes",
    ),
    "baseline_frist": _text(
        "Sidste chance: {{ titel }}, {{ kommune }}, frist {{ frist_kort }}",
        "{{ titel }} i {{ kommune }} er endnu ikke registreret. Sidste dag er {{ frist }}.",
        "Det er den ene frist, der ikke kan reddes bagefter: når I er begyndt at ændre noget, kan ingen måle, "
        "hvordan det var før. Kan I ikke nå det hele, så aftal, hvem der måler hvornår.",
        stops="målingen er registreret",
        action="Registrér målingen",
        reply="Ser det svært ud, så svar på denne mail.",
    ),
}

_ENROLMENT = {
    "invitation_til_projekt": _text(
        "Vil I være med? {{ program_kort }}, frist {{ frist_kort }}",
        "I inviteres til at være med i {{ program }}. Tilmeldingsfristen er {{ frist }}.",
        "Tal med jeres ledelse og MED-udvalg om, hvad I gerne vil opnå. Spørgsmål er også velkomne.",
        stops="I har svaret, eller fristen er nået",
        action="Svar på denne mail, om I vil være med",
    ),
    "tilmelding_modtaget": _text(
        "Tilmelding modtaget: {{ kommune }}, {{ program_kort }}",
        "Tak for tilmeldingen. {{ kommune }} er nu registreret som interesseret i {{ program_kort }}.",
        "Du skal ikke gøre mere lige nu. Du får besked, så snart det er afgjort, hvem der kommer med.",
        action=NOTHING,
    ),
    "velkommen": _text(
        "Velkommen: {{ kommune }} er med i {{ program_kort }}",
        "{{ kommune }} er udvalgt til {{ program }}. Tillykke, og velkommen til! Vi glæder os til samarbejdet.",
        "Fortæl også nyheden til jeres ledelse og MED-udvalg. Indkaldelsen til det første møde følger. "
        "Har du spørgsmål, så skriv til {{ kontakt }}.",
        action="Aftal, hvem der er jeres kontakt",
    ),
    "venteliste": _text(
        "På venteliste: {{ kommune }}, {{ program_kort }}",
        "{{ kommune }} står på ventelisten til {{ program_kort }}. Bliver der en plads, skriver vi med det samme.",
        "Du skal kun gøre noget, hvis I ikke længere vil være med: så svar på denne mail.",
        action=NOTHING,
    ),
    "ikke_valgt": _text(
        "Svar på jeres tilmelding: {{ program_kort }}, {{ kommune }}",
        "Tak, fordi {{ kommune }} gerne ville være med i {{ program_kort }}. Denne gang er I desværre ikke udvalgt.",
        "Du skal ikke gøre noget. Vil du vide, hvordan der er valgt, eller høre om erfaringerne undervejs, "
        "så svar på denne mail.",
        action=NOTHING,
    ),
}

_DIGESTS = {
    "samling": _text(
        "{{ antal }} venter på dig: {{ ting }}",
        "Det vigtigste står øverst. Når noget er gjort, forsvinder det herfra.",
        stops="der ikke venter mere på dig",
    ),
    "samling_nyt": _text(
        "{{ antal }} til dig: {{ ting }}",
        "Her er, hvad der er sket, siden du sidst hørte fra os.",
        stops="der ikke er mere nyt",
    ),
}

STANDARD_TEXTS: Final[Mapping[str, Text]] = MappingProxyType(
    {**_MEETINGS, **_PROGRESS, **_EVALUATION, **_ENROLMENT, **_DIGESTS}
)
"""Every standard text by the key that workflows name."""


def find_text(key: str, own: Mapping[str, Text] | None = None, others: Collection[str] = ()) -> Text:
    """Give the text of a key: the programme's own wins over the standard. Raises NotFound, listing ``others`` too."""
    found = (own or {}).get(key) or STANDARD_TEXTS.get(key)
    if found is None:
        raise NotFound("text", key, sorted({*STANDARD_TEXTS, *(own or {}), *others}))
    return found
