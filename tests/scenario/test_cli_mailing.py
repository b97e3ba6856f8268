"""The commands on wishes, trials, previews and messages: what they change, what they show, and when they ask."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from samskabt.cli.mailing import agreeing
from samskabt.cli.output import Paper
from samskabt.cli.tables import moved
from samskabt.runtime.views.story import MovedRow

from ..command_line import CommandLine, live_programme


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Give a programme in October 2019."""
    return live_programme(tmp_path_factory.mktemp("mailing") / "samskabt.db")


@pytest.fixture
def line(live: CommandLine, tmp_path: Path) -> CommandLine:
    """Give a copy to change."""
    return live.copy(tmp_path)


def test_wishes_are_said_shown_and_taken_back(line: CommandLine) -> None:
    """Each command answers in words and JSON; nothing is said of people who want what everybody wants."""
    assert "Ingen har sagt noget" in line("mail", "preferences").out
    assert "Indkaldelser" in line("mail", "opt-out", "1", "evaluering", "--until", "2019-12-01").out
    assert line("mail", "pause", "1", "--until", "1.11.2019", "--json").json["person_id"] == 1
    assert "én samlet mail om ugen" in line("mail", "digest", "1", "week").out
    shown = line("mail", "preferences", "1", "--json").json["preferences"]
    assert {(one["kind"], one["opted_out"], one["digest"]) for one in shown} == {
        ("paamindelser", False, "week"), ("evaluering", True, None),
    }  # fmt: skip
    assert "pause til og med fredag den 1. november 2019; én mail om ugen" in line("mail", "preferences").out
    assert line("mail", "resume", "1").code == 0
    assert line("mail", "digest", "1", "usual").code == 0
    assert "som alle andre" in line("mail", "preferences").out
    assert line("mail", "opt-out", "1", "spam").code == 4
    assert line("mail", "pause", "1", "--until", "2019-01-01").code == 2


def test_memory_is_empty_or_hides_the_few(line: CommandLine) -> None:
    """Before anything is judged there is nothing to tell."""
    assert line("mail", "memory", "--json").json == {"texts": []}
    assert "Ingen påmindelser" in line("mail", "memory", "1").out


def test_a_preview_changes_nothing(line: CommandLine) -> None:
    """Every command that may preview says what it would send, and the history stays as it was."""
    before = line("history", "0101", "--json").out
    for words in (
        ("withdraw", "0101", "--reason", "Ingen tid"),
        ("pause", "0101", "--reason", "Ny forvaltning"),
        ("add", "0101", "challenge", "Endnu en"),
        ("start", "mere-kerneopgave-mindre-bureaukrati"),
    ):
        told = line(*words, "--preview")
        assert (told.code, "Dette sender" in told.out) == (0, True), (words, told)
    assert line("withdraw", "0101", "--reason", "x", "--preview", "--json").json["mails"] >= 0
    assert line("history", "0101", "--json").out == before
    refused = line("advance", "0101", "trin_6.afslut", "--preview")
    assert refused.code == 3


def test_the_preview_of_a_move_shows_the_days(line: CommandLine) -> None:
    """From which day to which, with what follows; what is refused softly is shown as it would be with --override."""
    to = ("move", "uddannelsesdag_2", "2019-11-20", "--preview")
    assert "torsdag den 14. november 2019 (uge 46)" in (told := line(*to).out) and "20. november 2019 (uge 47)" in told
    assert "29. januar 2020 (uge 5)" in told  # the day that is counted from it
    days = line(*to, "--json").json["moved"]
    assert [one["key"] for one in days] == ["uddannelsesdag_2", "uddannelsesdag_3"]
    assert (
        days[0]["reason"] is None and line(*to, "--reason", "Aftalt", "--json").json["moved"][0]["reason"] == "Aftalt"
    )
    sunday = line("move", "uddannelsesdag_2", "2019-11-24", "--preview")
    assert (sunday.code, "søndag den 24. november 2019 (uge 47)" in sunday.out) == (3, True)
    assert "Søndag den 24. november 2019 er ikke en dag" in sunday.err and "Intet er ændret" in sunday.out
    assert "torsdag den 14. november 2019" in line("show", "uddannelsesdag_2").out


def test_a_day_that_falls_away_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Where no day is left the table says so, instead of an empty place."""
    moved(Paper(), (MovedRow(7, "temadag", "Temadag", None, "den 14. november 2019", "", None),))
    assert "ingen dag" in capsys.readouterr().out


def test_a_preview_counts_who_is_invited_by_two_roles_once(line: CommandLine) -> None:
    """It says what is sent, which is one invitation, and not that the other would be missed."""
    assert line("person", "assign", "1", "partskonsulent").code == 0
    words = ("uddannelsesdag_2", "--override", "--reason", "Aftalt")
    assert line("move", words[0], "2019-11-20", *words[1:]).code == 0
    told = line("advance", words[0], "indkald", *words[1:], "--preview").out
    assert "Dette sender 1 mail til 1 person." in told and "Når ikke frem" not in told


def test_what_sends_much_is_asked_about(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script says --yes; without it nothing happens, and it is told how many mails it would have been."""
    monkeypatch.setattr(agreeing, "MOST_UNASKED", 0)
    words = ("message", "1", "--to", "kommunal_konsulent", "--subject", "Nyt lokale", "--text", "Vi ses i lokale 2.")
    refused = line(*words)
    assert (refused.code, "sends 1 mail;" in refused.err, "--yes" in refused.err) == (2, True, True)
    assert "Beskeden er lagt i kø til 1 person" in line(*words, "--yes").out
    assert "den kommer ikke to gange" in line(*words, "--yes").out


def test_a_message_is_shown_before_it_goes(line: CommandLine, tmp_path: Path) -> None:
    """The preview names the receiver and shows the first mail; the text may be a file."""
    file = tmp_path / "besked.txt"
    file.write_text("Kære {{ navn }}\n\nVi ses i lokale 2.", encoding="utf-8")
    words = ("message", "1", "--to", "kommunal_konsulent", "--kommune", "København", "--subject", "Nyt lokale")
    shown = line(*words, "--file", file, "--preview")
    assert "Karen Sørensen" in shown.out and "Vi ses i lokale 2." in shown.out and "ikke en person" not in shown.out
    said = "Pia er ikke en person i `person list`; svar går til "
    assert said in line(*words, "--file", file, "--by", "Pia", "--preview").out
    assert said not in line(*words, "--file", file, "--by", "Karen Sørensen", "--preview").out
    assert said in line(*words, "--file", file, "--by", "Pia").out
    assert line(*words).code == 2
    file.write_bytes(b"\xff")
    assert line(*words, "--file", file).code == 2
    assert line(*words, "--text", "Hej", "--json").json["is_new"] is True


def test_a_trial_is_named_on_the_command_line(line: CommandLine) -> None:
    """--all-mail-to sends all there and says so in the outbox; a wrong address is refused."""
    words = ("message", "1", "--to", "kommunal_konsulent", "--subject", "Nyt lokale", "--text", "Hej")
    assert line(*words).code == 0
    assert line("--all-mail-to", "proeve@eksempel.example", "tick").code == 0
    assert "PRØVE: alle mails går til proeve@" in line("--all-mail-to", "proeve@eksempel.example", "outbox").out
    mails = [path.read_text() for path in (line.path.parent / "mail").glob("*.eml")]
    assert mails and all("To: =?utf-8?b?UHLDuHZl?=" in mail and "<proeve@eksempel.example>" in mail for mail in mails)
    assert line("--all-mail-to", "a@b", "outbox").code == 2
    assert line("outbox", "--json").json["all_mail_to"] is None


def test_what_is_entered_silently_sends_nothing(line: CommandLine) -> None:
    """A registration that is entered afterwards queues no mail, and says who imported it."""
    before = len(line("outbox", "--json").json["mails"])
    done = line("add", "0101", "challenge", "Fra før", "--silent", "--happened-at", "2019-10-08", "--by", "Karen")
    assert done.code == 0, done
    assert len(line("outbox", "--json").json["mails"]) == before
    assert date(2019, 10, 8).isoformat() in line("history", "0101", "--json").out
