"""The Danish texts that workflows name unless a programme brings its own; data only, one text for each key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from ..engine.errors import NotFound
from .texts import Text


def _text(subject: str, *paragraphs: str, stops: str = "", action: str = "", reply: str = "") -> Text:
    return Text(subject, "\n\n".join(paragraphs), stops, action, reply)


_MEETINGS = {
    "indkaldelse": _text(
        "Indkaldelse: {{ titel }}, {{ kommune }}, {{ dato_kort }}",
        "Du er inviteret til {{ titel }} i {{ program_kort }}.",
        "Sæt tiden i din kalender nu. Kan du ikke komme, så svar på denne mail, gerne med navnet på en, "
        "der kan komme i stedet.",
        action="Sæt tiden i din kalender",
    ),
    "aendret": _text(
        "Ændret: {{ titel }}, {{ kommune }}, nu {{ dato_kort }}",
        "Tid eller sted er ændret for {{ titel }}. Det, der står herunder, gælder fra nu af.",
        "Ret det i din kalender. Passer det dig ikke, så svar på denne mail, så finder vi en løsning.",
        action="Ret tiden i din kalender",
    ),
    "aflyst": _text(
        "Aflyst: {{ titel }}, {{ kommune }}, {{ dato_kort }}",
        "{{ titel }} bliver ikke holdt på den dag, der var aftalt.",
        "Slet det fra din kalender; mere skal du ikke gøre. Finder vi en ny dag, får du en ny indkaldelse.",
        action="Slet mødet fra din kalender",
    ),
    "ikke_laengere_med": _text(
        "Aflyst for dig: {{ titel }}, {{ kommune }}, {{ dato_kort }}",
        "En anden tager din plads ved {{ titel }}. Mødet holdes stadig, men du skal ikke komme.",
        "Slet det fra din kalender; mere skal du ikke gøre.",
        action="Slet mødet fra din kalender",
    ),
    "plads_til_dig": _text(
        "Der er plads til dig: {{ titel }}, {{ kommune }}, {{ dato_kort }}",
        "Der er blevet en plads til dig ved {{ titel }}, og den er din.",
        "Sæt tiden i din kalender. Kan du ikke komme alligevel, så sig det med det samme, så den næste kan få pladsen.",
        action="Sæt tiden i din kalender",
    ),
    "svar_udbedes": _text(
        "Kommer du? {{ titel }}, {{ kommune }}, {{ dato_kort }}",
        "Du er indkaldt til {{ titel }} {{ om }}, og vi har ikke hørt, om du kommer.",
        "Svar i din kalender eller på denne mail. Et ja eller nej er nok, og et nej er også godt at vide.",
        stops="du har svaret, eller mødet er flyttet eller aflyst",
        action="Svar, om du kommer",
    ),
    "paamindelse_moede": _text(
        "Påmindelse: {{ titel }}, {{ kommune }}, {{ dato_kort }}",
        "{{ titel }} er {{ om }}.",
        "Hvornår: {{ hvornaar }}\nHvor: {{ sted }}",
        "Se i din kalender, at tiden stadig passer. Kan du ikke komme, så svar på denne mail med det samme, "
        "så vi kan nå at finde en anden.",
        stops="mødet er holdt, flyttet eller aflyst",
        action="Se, at tiden stadig passer",
    ),
    "opfoelgning": _text(
        "Hvordan gik det? {{ titel }}, {{ kommune }}",
        "{{ titel }} blev holdt {{ dato }}. Hvordan gik det?",
        "Registrér udbyttet, mens du har det i frisk erindring: hvad I nåede, hvad I aftalte, og hvem der gør hvad. "
        "Et par linjer er nok. Du kan også bare svare på denne mail.",
        stops="udbyttet er registreret",
        action="Registrér udbyttet",
    ),
    "blev_det_holdt": _text(
        "Blev det holdt? {{ titel }}, {{ kommune }}, {{ dato_kort }}",
        "{{ titel }} var planlagt til {{ hvornaar }}, men det er endnu ikke registreret, om det blev til noget.",
        "Registrér, om det blev holdt, flyttet eller aflyst. Datoen er nok i dag; udbyttet kan du skrive senere. "
        "Du kan også bare svare på denne mail.",
        stops="det er registreret, hvad der skete",
        action="Registrér, om det blev holdt",
    ),
    "saet_dato": _text(
        "Sæt en dato: {{ titel }}, {{ kommune }}",
        "{{ titel }} i {{ program_kort }} har endnu ingen dato. Før den er sat, kan ingen blive indkaldt, og det, der "
        "følger efter, kan ikke planlægges.",
        "Find en dag med dem, der skal være med, og registrér den. En foreløbig dato er bedre end ingen; "
        "den kan altid flyttes. Du kan også bare svare på denne mail.",
        stops="datoen er registreret",
        action="Sæt en dato",
    ),
}

_PROGRESS = {
    "trin_staar_stille": _text(
        "{{ kommune }}, {{ trin }}: hvordan går det?",
        "I har nu været i gang med {{ trin }} i {{ dage }}. Måske er I længere, end vi kan se herfra.",
        "Se, hvad der mangler, og registrér det, der er gjort.",
        "Sidder I fast, så svar på denne mail med et par ord. {{ kontakt }} læser den og hjælper gerne.",
        stops="trinnet er afsluttet",
        action="Se, hvad der mangler i {{ trin }}",
    ),
    "eskalering_leder": _text(
        "Din opbakning: {{ kommune }}, {{ titel }}",
        "I {{ kommune }} har »{{ titel }}« ligget stille i {{ dage }}. Ingen har gjort noget forkert; "
        "sådan går det, når hverdagen fylder. Men nu gør det en forskel, at du spørger til det.",
        "Tag ti minutter med jeres kommunale konsulent i denne uge, og aftal, hvem der gør hvad hvornår.",
        stops="forløbet er i gang igen",
        action="Se, hvad der ligger stille",
    ),
    "eskalering_projektleder": _text(
        "Ligger stille: {{ kommune }}, {{ titel }}",
        "I {{ kommune }} har »{{ titel }}« ligget stille i {{ dage }}, og påmindelserne har ikke hjulpet.",
        "Ring til kommunens konsulent; en samtale hjælper nu mere end en mail til. Registrér bagefter, hvad I aftalte.",
        stops="forløbet er i gang igen",
        action="Se, hvad der ligger stille",
    ),
    "ring_i_stedet": _text(
        "Ring i stedet: {{ titel }}, {{ kommune }}",
        "{{ hvem }} har fået tre mails om »{{ titel }}« uden svar. Vi skriver ikke flere om det.",
        "Ring, og spørg, hvordan det går. En samtale hjælper nu mere end en mail til. "
        "Registrér bagefter, hvad I aftalte.",
        stops="det er kommet videre",
        action="Ring, og spørg, hvordan det går",
    ),
    "fase_begynder": _text(
        "{{ fase }} begynder {{ dato_kort }}",
        "{{ fase }} i {{ program_kort }} begynder {{ dato }}.",
        "Se planen igennem: Er dagene sat, og ved alle, hvad de skal?",
        "Er der noget i planen, der ikke passer hos jer, så svar på denne mail nu, mens det er let at flytte.",
        action="Se planen igennem",
    ),
    "fase_slutter": _text(
        "{{ fase }} slutter snart: {{ frist_kort }}, {{ kommune }}",
        "{{ fase }} i {{ program_kort }} slutter {{ frist }}.",
        "Gennemgå overblikket, og registrér det, der mangler: datoer, aktiviteter og udbytte. "
        "Det, I ikke når, må gerne fortsætte; skriv blot, hvornår I regner med at være færdige.",
        stops="fasen er afsluttet",
        action="Gennemgå, hvad der mangler",
    ),
    "udfordring_parkeret": _text(
        "Parkeret: {{ titel }}, {{ kommune }}",
        "Udfordringen »{{ titel }}« er parkeret. At vælge fra er en del af metoden, og grunden er registreret.",
        "Fortæl dem, der har arbejdet med den, hvorfor I stopper her. Bliver den vigtig igen, kan I tage den op.",
        action="Fortæl det til dem, der har arbejdet med den",
    ),
    "loesning_klar": _text(
        "Klar til brug: {{ titel }}, {{ kommune }}",
        "Løsningen »{{ titel }}« er klar til at blive taget i brug eller prøvet af i det små.",
        "Aftal, hvem der gør hvad, og registrér, hvornår I begynder. Mål først, hvordan det er i dag; "
        "det kan ikke gøres bagefter.",
        action="Aftal, hvem der gør hvad hvornår",
    ),
    "overdragelse": _text(
        "Du tager over: {{ program_kort }}",
        "Du overtager en kollegas opgaver i {{ program_kort }}. Fremover kommer mails om dem til dig.",
        "Det her er åbent nu: {{ mangler }}.",
        "Begynd her: {{ naeste }}",
        action="Se de opgaver, du overtager",
    ),
    "pausen_skulle_vaere_slut": _text(
        "Pausen skulle være slut: {{ titel }}",
        "{{ titel }} i {{ program_kort }} er sat i bero, og pausen skulle efter planen slutte {{ dato }}.",
        "Er I klar, så genoptag det. Ellers skal I aftale en ny dag med dem, der venter. "
        "Så længe det er i bero, får ingen påmindelser.",
        action="Genoptag det, eller sæt en ny dag",
    ),
    "proces_afsluttet": _text(
        "I er i mål: {{ kommune }}, {{ program_kort }}",
        "{{ kommune }} har gennemført {{ program_kort }}. Tak for indsatsen!",
        "Fortæl deltagerne, hvad det er blevet til, og hvad I tager med videre. "
        "Der kommer ikke flere påmindelser om forløbet.",
        action="Fortæl deltagerne, hvad det er blevet til",
    ),
}

_EVALUATION = {
    "evaluering_aaben": _text(
        "Nu kan du svare: {{ titel }}, frist {{ frist_kort }}",
        "{{ titel }} i {{ program_kort }} er åben. Fristen er {{ frist }}.",
        "Svar nu, eller sæt tid af i kalenderen med det samme. Dine svar viser, om det virker, "
        "så der kan rettes til undervejs.",
        stops="du har svaret, eller evalueringen er lukket",
        action="Svar nu",
    ),
    "evaluering_paamindelse": _text(
        "Påmindelse: {{ titel }}, frist {{ frist_kort }}",
        "Vi mangler dit svar på {{ titel }} i {{ program_kort }}. Fristen er {{ frist }}.",
        "Svar i dag, hvis du kan; et kort svar er også et svar. Har du lige svaret, kan du se bort fra denne mail.",
        stops="du har svaret, eller evalueringen er lukket",
        action="Svar i dag",
    ),
    "evaluering_lukker": _text(
        "Lukker snart: {{ titel }}, {{ frist_kort }}",
        "{{ titel }} i {{ program_kort }} lukker {{ frist }}, og vi mangler dit svar.",
        "Svar nu, så det kommer med. Kan du ikke nå det, så svar på denne mail, inden der lukkes.",
        stops="du har svaret, eller evalueringen er lukket",
        action="Svar, inden der lukkes",
    ),
    "baseline_frist": _text(
        "Kan ikke indhentes: {{ titel }}, {{ kommune }}",
        "{{ titel }} i {{ kommune }} mangler. Fristen er {{ frist }}.",
        "Det er den ene frist, der ikke kan reddes bagefter: når I er begyndt at ændre noget, kan ingen måle, "
        "hvordan det var før.",
        "Registrér målingen, eller aftal i dag, hvem der måler hvornår. Ser det svært ud, så svar på denne mail.",
        stops="målingen er registreret",
        action="Registrér målingen, eller aftal den",
    ),
}

_ENROLMENT = {
    "invitation_til_projekt": _text(
        "Vil I være med? Frist {{ frist_kort }}: {{ program_kort }}",
        "I inviteres til at være med i {{ program }}. Tilmeldingsfristen er {{ frist }}.",
        "Tal med jeres ledelse og MED-udvalg om, hvad I gerne vil opnå. Vil I være med, så svar på denne mail "
        "inden fristen. Spørgsmål er også velkomne.",
        stops="I har svaret, eller fristen er nået",
        action="Svar, om I vil være med",
    ),
    "tilmelding_modtaget": _text(
        "Tilmelding modtaget: {{ kommune }}, {{ program_kort }}",
        "Tak for tilmeldingen. {{ kommune }} er nu registreret som interesseret i {{ program_kort }}.",
        "Du skal ikke gøre mere lige nu. Du får besked, så snart det er afgjort, hvem der kommer med.",
    ),
    "velkommen": _text(
        "Velkommen: {{ kommune }} er med i {{ program_kort }}",
        "{{ kommune }} er udvalgt til {{ program }}. Tillykke, og velkommen til! Vi glæder os til samarbejdet.",
        "Fortæl det til jeres ledelse og MED-udvalg, og aftal, hvem der bliver vores kontakt hos jer. "
        "Indkaldelsen til det første møde følger.",
        "Har du spørgsmål, så svar på denne mail. {{ kontakt }} læser den.",
        action="Aftal, hvem der er jeres kontakt",
    ),
    "venteliste": _text(
        "På venteliste: {{ kommune }}, {{ program_kort }}",
        "{{ kommune }} står på ventelisten til {{ program_kort }}. Bliver der en plads, skriver vi med det samme.",
        "Du skal kun gøre noget, hvis I ikke længere vil være med: så svar på denne mail.",
    ),
    "ikke_valgt": _text(
        "Svar på jeres tilmelding: {{ program_kort }}, {{ kommune }}",
        "Tak, fordi {{ kommune }} gerne ville være med i {{ program_kort }}. Denne gang er I desværre ikke udvalgt.",
        "Du skal ikke gøre noget. Vil du vide, hvordan der er valgt, eller høre om erfaringerne undervejs, "
        "så svar på denne mail.",
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
