"""Claims about a document in words: what it says, what it says otherwise, what is ours, and what it leaves open."""

from pathlib import Path

import pytest
from samskabt.runtime.views.documents import outline
from samskabt.runtime.views.outlining.outline import OutlineItem

from ..command_line import CommandLine


def item_of(key: str, name: str) -> OutlineItem:
    """Find an item of a programme's outline."""
    return next(one for section in outline(key).sections for one in section.items if one.key == name)


def test_two_readings_of_a_window_stand_beside_each_other(tmp_path: Path) -> None:
    """The fase is planned by one; the other is shown as what the document says too."""
    out = CommandLine(tmp_path / "none.db")("workflow", "show", "lab-ud-i-praksis").out
    assert "Projektaktivitet 1: Kortlægning og opstart: Dec 2019 (tabel) / Dec. 2019 – jan. 2020 (tidsplan)" in out
    assert "Dokumentet siger også: Dec 2019 (tabel)" in out
    assert "Dokumentet siger også: Aug. – nov. 2020 (tidsplan)" in out
    assert "Dokumentet siger også: 3 jobcentre i kriteriet; 2 er med i projektet" in out


def test_a_fase_without_a_beginning_shows_our_proposal_and_the_words() -> None:
    """What we plan by is marked as ours; the document's own words stand beside it."""
    (fase,) = [one for one in outline("mere-kerneopgave-mindre-bureaukrati").sections if one.title.startswith("Fase 3")]
    assert fase.when == "1. september 2016 til 31. december 2017 (vores forslag)"
    assert fase.otherwise == "frem til udgangen af 2017"


def test_the_head_tells_who_may_join_and_what_it_costs() -> None:
    """Places, how they are given, price with its parts, and what is subject to a later approval."""
    facts = outline("flere-i-arbejde").facts
    assert "Plads til op til 12 kommuner, valgt efter først til mølle (et udgangspunkt)" in facts
    assert "Pris: 170.000 kr. ekskl. moms (85.000 kr. i 2016 og 85.000 kr. i 2017)" in facts
    assert "Forbehold: må ske med forbehold for senere politisk godkendelse" in facts
    assert "Pris: gratis" in outline("forenklet-beskaeftigelsesindsats").facts
    assert "Ingen anden finansiering" in outline("lab-ud-i-praksis").facts


@pytest.mark.parametrize(
    ("key", "name", "details"),
    [
        (
            "flere-i-arbejde",
            "gennemgang_af_25_sager",
            ("pris: 95.000 kr. ekskl. moms", "forholdsvist ressourcekrævende"),
        ),
        ("flere-i-arbejde", "interviews_og_workshops", ("6 i alt", "begge veje")),
        ("flere-i-arbejde", "fokusomraader", ("vælges af: kommunen selv", "hvor mange: 1-3", "hver får sit eget mål")),
        ("flere-i-arbejde", "temaer", ("andre kan vælges",)),
        ("mere-kerneopgave-mindre-bureaukrati", "vaesentlige_aendringer", ("skriftlig høring er mulig",)),
        ("mere-kerneopgave-mindre-bureaukrati", "projektklynger", ("rytme: 2-3 gange om året",)),
        ("mere-kerneopgave-mindre-bureaukrati", "projektledelse", ("2 personer",)),
        ("mere-kerneopgave-mindre-bureaukrati", "samme_kernesammensaetning", ("før: hele vejen",)),
        ("lab-ud-i-praksis", "nye_metoder", ("mindst 75 pct.", "af: 200 medarbejdere", "ses i: Projektevaluering")),
        ("lab-ud-i-praksis", "sparring_er_igangsat", ("ja eller nej", "i hver kommune", "spørger: leder")),
        ("lab-ud-i-praksis", "aftale_med_mploy", ("status: indgået",)),
        ("fagligheder-beskaeftigelsesomraadet", "leverance_5", ("kun et eksempel",)),
        ("fagligheder-beskaeftigelsesomraadet", "efterfoelgende_evaluering", ("kun anbefalet",)),
    ],
)
def test_an_item_tells_what_the_document_says_of_it(key: str, name: str, details: tuple[str, ...]) -> None:
    """Prices, trades, choices, who decides, what is measured: each in words that people read."""
    told = item_of(key, name).details
    assert {detail.removeprefix("før: ") for detail in details} <= {detail.removeprefix("før: ") for detail in told}


def test_roles_are_called_as_people_write_them() -> None:
    """The key is ASCII; the words are Danish."""
    assert "hvem: direktør, chef og KL-konsulent" in item_of("flere-i-arbejde", "dialogmoede").details
    assert item_of("flere-i-arbejde", "kl").title == "KL"


def test_what_we_added_says_so_and_the_rest_does_not(tmp_path: Path) -> None:
    """A gate or role that the document does not state is marked; so is a note."""
    assert item_of("flere-i-arbejde", "faser_i_raekkefoelge").is_ours
    assert not item_of("flere-i-arbejde", "dialog_foer_valg").is_ours
    out = CommandLine(tmp_path / "none.db")("workflow", "show", "flere-i-arbejde").out
    assert "[faser_i_raekkefoelge] (tilføjet af os)" in out
    assert "Bemærk: Gælder kun, hvor kommunen har købt sagsgennemgangen." in out


def test_what_the_document_leaves_open_stands_last() -> None:
    """All twelve ambiguities of the partnership, in the document's order."""
    last = outline("flere-i-arbejde").sections[-1]
    assert last.title == "Det, dokumentet lader stå åbent"
    assert len(last.items) == 12
    assert "halvandet år" in last.items[0].title


def test_the_json_has_the_same(tmp_path: Path) -> None:
    """Programs get what people read, key by key."""
    shown = CommandLine(tmp_path / "none.db")("workflow", "show", "lab-ud-i-praksis", "--json").json
    sections = {section["title"]: section for section in shown["sections"]}
    assert len(sections["Succeskriterier"]["items"]) == 4
    assert sections["Projektaktivitet 1: Kortlægning og opstart"]["otherwise"] == "Dec 2019 (tabel)"
