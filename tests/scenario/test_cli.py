"""The commands on a programme that lives: what they show, what they change, how they refuse."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ..command_line import PROGRAMME, CommandLine, live_programme


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Give a command line on a programme in October 2019; only for looking."""
    return live_programme(tmp_path_factory.mktemp("live") / "samskabt.db")


@pytest.fixture
def own(live: CommandLine, tmp_path: Path) -> Iterator[CommandLine]:
    """Give a command line on a copy of that programme, to change it."""
    yield live.copy(tmp_path)


def test_status_shows_the_comb_of_every_kommune(live: CommandLine) -> None:
    """Trin 3 to 5 count their challenges: in progress, done, parked where they were parked."""
    answer = live("status")
    assert answer.code == 0
    row = next(line for line in answer.out.splitlines() if "København (0101)" in line)
    cells = re.split(r"\s{2,}", row)[2:]
    assert cells == [
        "Deltager",
        "Afsluttet",
        "I gang",
        "1 i gang, 1 færdig, 1 parkeret",
        "1 i gang",
        "Venter",
        "Venter",
    ]
    assert sum("Ikke valgt" in line and line.count(" -") == 6 for line in answer.out.splitlines()) == 1


def test_status_shows_faser_in_the_order_of_time(live: CommandLine) -> None:
    """The first fase comes first, with its window, and has begun by itself."""
    board = live("status", "--json").json["boards"][0]
    assert [phase["key"] for phase in board["phases"]] == ["forberedelse", "udvikling", "afslutning"]
    assert board["phases"][0] | {"when": "august 2019 til oktober 2019", "state_title": "I gang"} == board["phases"][0]


def test_status_tells_what_is_late_next_and_held(live: CommandLine) -> None:
    """Late activities come with days, coming ones with weekday and uge, mails without a reader with a count."""
    out = live("status", PROGRAMME).out
    assert "Over tiden" in out and "38 dage" in out
    assert "Det næste" in out and "torsdag den 24. oktober 2019 (uge 43)" in out
    assert re.search(r"\d+ venter på, at nogen får rollen", out)


def test_show_tells_when_and_why_that_day(live: CommandLine) -> None:
    """A meeting shows its day with the reason, its kind and the timers that wait."""
    out = live("show", "lokalt_opstartsmoede@0101").out
    assert "torsdag den 24. oktober 2019 (uge 43)" in out
    assert "3 uger efter »Uddannelsesdag 1 i samskabt styring«" in out
    assert "Møde" in out and "København (0101)" in out


def test_show_tells_who_ticked_what(live: CommandLine) -> None:
    """A kommune's checklist shows the person, the day and the note; trin are named in Danish."""
    answer = live("show", "København")
    line = next(line for line in answer.out.splitlines() if "MED-udvalget" in line)
    assert (
        line.startswith("[x]")
        and "Hovedudvalget" in line
        and "torsdag den 3. oktober 2019" in line
        and "Karen Sørensen" in line
    )
    items = {item["name"]: item for item in live("show", "0101", "--json").json["checklist"]}
    assert items["formaal"]["on"] == "2019-10-07" and not items["facilitator"]["ticked"]


def test_options_say_everything_that_is_missing(live: CommandLine) -> None:
    """What may not happen comes with a sentence for each requirement, its owner, and whether a reason is enough."""
    out = live("options", "foerste_skridt@0101").out
    assert "afhold: Mødet er holdt" in out
    assert "»Lokalt opstartsmøde i projektkommunen« er ikke gennemført endnu." in out
    options = {one["event"]: one for one in live("options", "0573", "--json").json["options"]}
    assert options["trin_1.begynd"]["may"] and not options["trin_2.begynd"]["may"]
    assert options["trin_2.begynd"]["missing"][0]["text"].startswith("Trin 1 (Intro og fælles sprog) skal stå som")
    assert [field["name"] for field in options["trin_1.tjek"]["takes"]][:2] == ["deltagere_valgt", "facilitator"]


def test_history_shows_both_times_reason_and_override(live: CommandLine) -> None:
    """The override stands out, with its reason and its author."""
    answer = live("history", "0101", "--after", "3", "--limit", "1")
    assert "TILSIDESAT: mangler flueben (6)" in answer.out
    assert "Begrundelse: Aftalt på mødet" in answer.out and "Karen Sørensen" in answer.out
    assert "Der kan være mere: --after 4" in answer.out


def test_agenda_is_narrowed_to_a_kommune_and_some_days(live: CommandLine) -> None:
    """A kommune's agenda has its own and the common activities, and no other kommune's."""
    agenda = live("agenda", "--days", "20", "--kommune", "København", "--json").json
    assert {row["kommune"] for row in agenda["coming"] + agenda["overdue"]} == {None, "0101"}
    assert agenda["until"] == "2019-10-30" and all(row["first_on"] <= "2019-10-30" for row in agenda["coming"])
    assert "oktober 2019 (uge 43)" in live("agenda", "--days", "20").out


def test_outbox_says_to_whom_and_why(live: CommandLine) -> None:
    """Sent mails name the person, held ones say what they wait for."""
    sent, held = (live("outbox", "--status", status, "--json").json["mails"] for status in ("sent", "held"))
    assert {name for mail in sent for name in mail["sent_to"]} == {"Karen Sørensen"}
    assert held and all(mail["note"] and not mail["sent_to"] for mail in held)
    assert "holdt tilbage" in live("outbox", "--status", "held").out


def test_an_unknown_status_of_mails_lists_those_there_are(live: CommandLine) -> None:
    """A misspelt status is not found, and the near one is named."""
    answer = live("outbox", "--status", "sendt")
    assert answer.code == 4 and "did you mean: sent" in answer.err


def test_advance_shows_what_happened_and_what_it_led_to(own: CommandLine) -> None:
    """Solving the way to trin 4 moves the kommune's trin too, and the answer tells both."""
    born = own("add", "challenge_6@0101", "solution", "Korte møder", "--json").json["born"][0]["id"]
    chosen = ("effekt=Færre rykkere", "tegn=Kortere sager", "maalemetode=Logbog")
    own("advance", str(born), "vaelg", *(word for one in chosen for word in ("--data", one)))
    answer = own("advance", "challenge_6@0101", "til_trin_4", "--json")
    assert answer.code == 0
    assert [row["event"] for row in answer.json["story"]] == ["til_trin_4"]
    answer = own("advance", "challenge_6@0101", "til_trin_5", "--override", "--reason", "Den er i brug", "--json")
    assert answer.json["story"][0]["overridden"] == ["for_faa"]


def test_advance_reads_data_by_type(own: CommandLine) -> None:
    """Kommuner may be named, numbers are numbers, and the day is the one that was said."""
    words = ("--data", "fremmoedte=København", "--data", "fremmoedte=0360", "--data", "antal=12")
    answer = own("advance", "uddannelsesdag_1", "afhold", *words, "--happened-at", "2019-10-03 15:00", "--json")
    assert answer.code == 0
    fields = {field["name"]: field["value"] for field in own("show", "uddannelsesdag_1", "--json").json["fields"]}
    assert fields == {"fremmoedte": ["0101", "0360"], "antal": 12}
    assert answer.json["story"][0]["happened_at"] == "2019-10-03T13:00:00+00:00"


def test_a_refusal_lists_everything_and_changes_nothing(own: CommandLine) -> None:
    """Exit code 3; every missing requirement in Danish with its owner, and the way on."""
    answer = own("advance", "0573", "trin_1.begynd")
    assert answer.code == 0
    answer = own("advance", "0573", "trin_1.afslut")
    assert answer.code == 3 and answer.out == ""
    assert answer.err.count("Der mangler et flueben ved") == 8
    assert "(ansvar: kommunal konsulent; kan tilsidesættes)" in answer.err and "--override --reason" in answer.err
    assert own("history", "0573", "--json").json["rows"][-1]["event"] == "trin_1.begynd"


def test_a_hard_refusal_offers_no_override(live: CommandLine) -> None:
    """What no reason can pass does not pretend that one could."""
    answer = live("advance", "0573", "trin_2.tilfoej_udfordring", "--data", "titel=Ny", "--json")
    assert answer.code == 3 and "--override" not in answer.err
    assert answer.json["refusals"][0]["code"] == "ikke_muligt_nu" and answer.json["kind"] == "Refused"


def test_a_stale_revision_is_a_conflict(live: CommandLine) -> None:
    """Exit code 5, and the message says that nothing was changed."""
    answer = live("advance", "0573", "trin_1.begynd", "--revision", "1")
    assert answer.code == 5 and "nothing was changed" in answer.err


def test_an_unknown_event_lists_those_there_are(live: CommandLine) -> None:
    """Exit code 4, the near name, and the command that lists them."""
    answer = live("advance", "0101", "trin_1.begyndt")
    assert answer.code == 4 and "trin_1.begynd" in answer.err and "samskabt options ID" in answer.err


def test_data_of_the_wrong_type_are_refused_by_name(live: CommandLine) -> None:
    """Exit code 2, naming the field and what it holds."""
    answer = live("advance", "uddannelsesdag_1", "afhold", "--data", "antal=mange")
    assert answer.code == 2 and "antal: is a number" in answer.err


def test_moving_a_day_moves_what_hangs_on_it(own: CommandLine) -> None:
    """The answer lists each moved day with before, after and why."""
    moved = own("move", "uddannelsesdag_1", "2019-10-31", "--json").json["moved"]
    by_key = {row["key"]: row for row in moved}
    assert by_key["uddannelsesdag_2"]["now"] == "torsdag den 12. december 2019 (uge 50)"
    assert "6 uger efter" in by_key["uddannelsesdag_2"]["reason"]
    assert "Nye datoer" in own("move", "uddannelsesdag_1", "7.11.2019").out


def test_adding_a_challenge_and_a_solution(own: CommandLine) -> None:
    """What is born comes with its number, and can be looked up by its key."""
    words = ("--data", "aktier=HR", "--data", "aktier=Jobcenter")
    born = own("add", "0101", "challenge", "Nyt problem", *words, "--json").json["born"]
    assert [one["title"] for one in born] == ["Nyt problem"]
    assert "HR og Jobcenter" in own("show", f"{born[0]['key']}@0101").out


def test_adding_an_unknown_kind_lists_what_may_be_added(live: CommandLine) -> None:
    """Exit code 4, with the kinds that the parent may bear."""
    answer = live("add", "0101", "udfordring", "X")
    assert answer.code == 4 and "challenge" in answer.err


def test_a_correction_is_marked_on_both_rows(own: CommandLine) -> None:
    """The wrong row says by which it was taken back, the correction which it takes back."""
    own("advance", "0573", "trin_1.begynd")
    assert own("correct", "0573", "3", "--reason", "Det var Varde Forsyning").code == 0
    out = own("history", "0573").out
    assert "RETTET af nr. 4" in out and "Retter nr. 3" in out


def test_a_kommune_withdraws(own: CommandLine) -> None:
    """Its activities are called off with it."""
    answer = own("withdraw", "Varde", "--reason", "Ny ledelse", "--json")
    assert answer.code == 0
    assert {row["event"] for row in answer.json["others"]} >= {"aflys", "udgaar"}
    board = own("status", "--json").json["boards"][0]
    assert "trukket" in {row["state"] for row in board["kommuner"] if row["code"] == "0573"}


def test_people_are_entered_given_roles_and_listed(own: CommandLine) -> None:
    """A person may be named by number, address or name."""
    number = own("person", "add", "Åse Mørk", "aase@eksempel.example", "--json").json["id"]
    same = own("person", "add", "Aase Mørk", "Aase@eksempel.example")
    assert same.code == 2 and f"the address of person {number}, Åse Mørk" in same.err and "--shared" in same.err
    assert own("person", "address", "Karen Sørensen", "aase@eksempel.example").code == 2
    assert own("person", "address", number, "AASE@eksempel.example").code == 0
    for name in ("Jobcentret", "Borgerservice"):
        assert own("person", "add", name, "post@eksempel.example", "--shared").code == 0
    assert own("person", "address", "Karen Sørensen", "post@eksempel.example").code == 0
    words = ("Åse Mørk", "leder", "--kommune", "Varde", "--programme", "1", "--from", "1.9.2019")
    assert own("person", "assign", *words).code == 0
    listed = own("person", "list", "--json").json
    role = next(role for role in listed["roles"] if role["person_id"] == number)
    assert (role["kommune"], role["from_on"], role["programme_id"]) == ("0573", "2019-09-01", 1)
    assert "Åse Mørk" in own("person", "list").out


def test_an_unknown_role_or_person_is_refused(live: CommandLine) -> None:
    """Both list what there is instead of writing a role that nobody ever asks for."""
    role = live("person", "assign", "1", "ledder")
    person = live("person", "assign", "Kaj", "leder")
    assert (role.code, person.code) == (4, 4)
    assert "leder" in role.err and "1 (Karen Sørensen)" in person.err


def test_tick_fires_and_delivers_once(own: CommandLine) -> None:
    """What is due goes out; at the same moment a second tick finds nothing."""
    own.at = own.at.replace(month=11)
    first, second = own("tick", "--json").json, own("tick", "--json").json
    assert f"0 mails er sendt (i {own.path.parent / 'mail'})" in own("tick").out
    server = {"SAMSKABT_SMTP": "smtp+plain://localhost:9", "SAMSKABT_SENDER": "Ida <ida@program.example>"}
    assert "0 mails er sendt (gennem mailserveren)" in replace(own, environment=server)("tick").out
    assert first["timers"]["fired"] > 0 and first["timers"]["failed"] == 0
    assert second["timers"]["fired"] == 0 and second["mails"]["sent"] == 0


def test_start_enrol_and_choose_from_nothing(tmp_path: Path) -> None:
    """A new database is made by start; choose shows why each, and does it only when told to."""
    cli = CommandLine(tmp_path / "new.db")
    cli.at = cli.at.replace(month=8, day=20)
    assert cli("start", PROGRAMME, "--by", "Karen").code == 0
    assert cli("advance", "1", "forloeb.aabn_tilmelding").code == 0
    assert [cli("enrol", "1", name).code for name in ("København", "Århus", "København")] == [0, 0, 3]
    cli.at = cli.at.replace(month=9, day=3)
    proposal = cli("choose", "1")
    assert "København er med, fordi der er plads til alle" in proposal.out and "Intet er ændret" in proposal.out
    assert cli("choose", "1", "--apply", "--json").json["applied"] is True
    states = {row["name"]: row["state"] for row in cli("status", "--json").json["boards"][0]["kommuner"]}
    assert states == {"København": "deltager", "Aarhus": "deltager"}


def test_a_key_in_several_kommuner_asks_which(live: CommandLine) -> None:
    """Exit code 2, with every place that it could be."""
    answer = live("show", "foerste_skridt")
    assert answer.code == 2 and "foerste_skridt@0101" in answer.err


@pytest.mark.parametrize("name", ["9999", "99999999999999999999", "uddannelsesdag_9", "foerste_skridt@0851", "0851"])
def test_an_unknown_instance_is_not_found(live: CommandLine, name: str) -> None:
    """Exit code 4 for numbers and keys, however large or near."""
    answer = live("show", name)
    assert answer.code == 4 and "unknown" in answer.err


@pytest.mark.parametrize("words", [("status",), ("show", "1"), ("tick",), ("person", "list"), ("advance", "1", "x")])
def test_a_missing_database_is_named_and_not_made(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Exit code 6, the two ways out, and no file."""
    cli = CommandLine(tmp_path / "none.db")
    answer = cli(*words)
    assert answer.code == 6 and "samskabt demo" in answer.err and "samskabt start" in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_foreign_file_is_not_touched(tmp_path: Path) -> None:
    """A file that is no database of ours ends with 6 and keeps its bytes."""
    path = tmp_path / "notes.db"
    path.write_text("mine noter " * 200, encoding="utf-8")
    assert CommandLine(path)("status").code == 6
    assert path.read_text(encoding="utf-8") == "mine noter " * 200


def test_what_people_typed_does_not_steer_the_terminal(own: CommandLine) -> None:
    """Escape sequences in a title are shown without their power."""
    own("add", "0101", "challenge", "Rød \x1b[31m fare\x9b")
    assert "Rød [31m fare" in own("show", "0101").out


def test_an_activity_is_added_from_the_command_line(own: CommandLine) -> None:
    """One more under a kommune, with its day; what is not in the document is refused with what there is."""
    answer = own("add-activity", "0101", "sparring", "--on", "2019-11-05", "--title", "Mere sparring", "--json")
    (born,) = answer.json["born"]
    assert (answer.code, born["title"], born["when"]) == (0, "Mere sparring", "tirsdag den 5. november 2019 (uge 45)")
    refused = own("add-activity", "0101", "udflugt")
    assert refused.code == 3 and "Her kan tilføjes:" in refused.err


def test_clusters_are_proposed_and_formed_from_the_command_line(own: CommandLine) -> None:
    """The proposal says why; --apply forms it, and then nobody is left."""
    answer = own("cluster", PROGRAMME, "--rule", "blandet", "--size", "2", "--exempt", "Læsø=Har sit eget")
    assert answer.code == 0 and "Uden for: Læsø. Har sit eget" in answer.out and "--apply" in answer.out
    formed = own("cluster", PROGRAMME, "--apply", "--json").json
    assert formed["applied"] and formed["clusters"]
    again = own("cluster", PROGRAMME, "--apply")
    assert "Der er ingen kommuner at danne klynger af." in again.out
    assert own("cluster", PROGRAMME, "--rule", "alfabet").code == 4
