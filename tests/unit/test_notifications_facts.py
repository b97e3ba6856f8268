"""What a mail may say: values in Danish, from the nudge first, from the instance else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from samskabt.engine.values import Dates, Intent, Json, Nudge, OutboxRow, Recipient
from samskabt.notifications.facts import facts, first_name

NOW = datetime(2019, 9, 17, 6, 0, tzinfo=UTC)
ANNE = Recipient(5, "Anne Sørensen", "anne@nyborg.example")


def told(
    values: Mapping[str, Json] | None = None,
    dates: Dates | None = None,
    now: datetime = NOW,
    kommune_name: str | None = "Nyborg Kommune",
) -> Mapping[str, str]:
    """Give the facts of a row with these values and dates."""
    nudge = Nudge("k", Intent.NUDGE, "t", "kommunal_konsulent", "regel", values=values or {})
    row = OutboxRow(
        1, 1, 17, 3, "activity", "Opstartsmøde", "Nye veje – et program", None, kommune_name,
        nudge, False, (ANNE,), "h", dates or Dates(), NOW,
    )  # fmt: skip
    return facts(row, ANNE, now)


def test_an_iso_day_is_written_with_weekday_and_week() -> None:
    """A day from the nudge reads as Danes write it, long in the body and short in the subject."""
    found = told({"dato": "2019-09-20", "kl": "09:00"})
    assert found["dato"] == "fredag den 20. september 2019 (uge 38)"
    assert found["dato_kort"] == "20.9.2019"
    assert found["hvornaar"] == "fredag den 20. september 2019 (uge 38), kl. 9.00"


def test_an_instant_is_told_in_danish_time() -> None:
    """22.30 UTC is half past midnight of the next day in Denmark in summer."""
    found = told({"dato": "2019-09-20T22:30:00+00:00"})
    assert found["hvornaar"] == "lørdag den 21. september 2019 (uge 38), kl. 0.30"


def test_words_for_a_day_stay_as_they_are() -> None:
    """What is not an ISO day is the source's own wording."""
    found = told({"dato": "medio oktober"})
    assert (found["dato"], found["dato_kort"], found["hvornaar"]) == ("medio oktober",) * 3
    assert "om" not in found


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2019-09-17", "i dag"),
        ("2019-09-18", "i morgen"),
        ("2019-09-20", "om 3 dage"),
        ("2019-09-16", "i går"),
        ("2019-09-10", "for 7 dage siden"),
    ],
)
def test_distance_is_counted_when_the_mail_is_written(day: str, words: str) -> None:
    """A reminder that was delayed still tells the truth about how soon it is."""
    assert told({"dato": day})["om"] == words


def test_distance_follows_the_danish_day() -> None:
    """At 22.30 UTC in summer it is already tomorrow in Denmark."""
    assert told({"dato": "2019-09-18"}, now=datetime(2019, 9, 17, 22, 30, tzinfo=UTC))["om"] == "i dag"


def test_the_instance_gives_its_days_when_the_nudge_does_not() -> None:
    """Planned days serve; once it has happened, the actual day does."""
    planned = Dates(date(2019, 9, 20), date(2019, 9, 30), "day")
    assert told(dates=planned)["frist_kort"] == "30.9.2019"
    assert told(dates=Dates(date(2019, 9, 20), None, "day", date(2019, 9, 24)))["dato_kort"] == "24.9.2019"
    assert told({"dato": "2019-10-01"}, planned)["dato_kort"] == "1.10.2019"


def test_a_vague_date_stays_vague() -> None:
    """A month is not passed off as its first day, and gives no distance in days and no deadline."""
    found = told(dates=Dates(date(2019, 9, 1), date(2019, 9, 30), "month"))
    assert found["dato"] == "september 2019"
    assert not {"om", "frist"} & found.keys()


def test_only_known_names_get_through() -> None:
    """Data that has no placeholder can never stand in a mail."""
    found = told({"cpr": "010203-1234", "noter": "fortroligt", "trin": "trin 2"})
    assert "fortroligt" not in found.values() and found["trin"] == "trin 2"


def test_values_that_are_no_text_are_left_out() -> None:
    """Lists, tables, yes and nothing are no words; a number of days gets its noun."""
    found = told({"sted": ["a"], "trin": None, "fase": True, "dage": 1})
    assert not {"sted", "trin", "fase"} & found.keys()
    assert found["dage"] == "1 dag"


def test_the_reason_names_role_kommune_and_programme() -> None:
    """Without a kommune the reason still reads well, and the programme's subtitle is left out."""
    assert told()["hvorfor"] == "du er registreret som kommunal konsulent for Nyborg Kommune i Nye veje"
    assert told(kommune_name=None)["hvorfor"] == "du er registreret som kommunal konsulent i Nye veje"


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Anne Sørensen", "Anne"),
        ("Anne-Mette von Holm Åen", "Anne-Mette"),
        ("Jobcenter Nyborg", None),
        ("Sekretariatet", None),
        ("Team Job Syd", None),
        ("job 2 nyborg", None),
        ("", None),
    ],
)
def test_only_people_have_first_names(name: str, first: str | None) -> None:
    """A shared mailbox is greeted without a name rather than as "Kære Jobcenter"."""
    assert first_name(name) == first
