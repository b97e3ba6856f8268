"""The sample people, days and links that the gallery's mails are written with; about nobody who exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from ...engine.values import Dates, Intent, Json, Nudge, OutboxRow, Recipient
from ...notifications import KNOWN_PLACEHOLDERS, Attachment, Item, Sender, Text, Trial

NOW: Final = datetime(2026, 9, 15, 7, 0, tzinfo=UTC)
ANNE: Final = Recipient(5, "Anne Sørensen", "anne.soerensen@nyborg.example")
ON_TRIAL: Final = Recipient(9, "Prøvekassen", "proeve@program.example")
TRIAL: Final = Trial(ANNE.name, ANNE.email)
SENDER: Final = Sender(
    "Sekretariatet for samskabt styring", "samskabt@program.example", "Karen Holm", "karen.holm@program.example"
)
_WEB = "https://samskabt.example"
FOOTER: Final[Mapping[str, str]] = MappingProxyType(
    {
        "side": f"{_WEB}/side/9f2c1c7be0",
        "kalender": f"{_WEB}/kalender/41d0a6a2c3",
        "fravaer": f"{_WEB}/fravaer/c81b7f02d9",
        "afmeld": f"{_WEB}/afmeld/7be09f2c1c",
    }
)
_DAY = date(2026, 9, 24)
_OWN = frozenset({"titel", "program", "program_kort", "kommune", "navn", "rolle", "antal", "ting"})
_DERIVED = frozenset({"link", "kommando", "hvornaar", "dato_kort", "frist_kort", "om"})
_INTENTS: Mapping[str, Intent] = MappingProxyType(
    {
        "indkaldelse": Intent.INVITATION,
        "aendret": Intent.INVITATION,
        "plads_til_dig": Intent.INVITATION,
        "aflyst": Intent.CANCELLATION,
        "ikke_laengere_med": Intent.CANCELLATION,
    }
)
_ABOUT_PROGRAMME = frozenset({"vaelg_kommuner", "tilmelding_lukker_snart", "maanedlig_status", "fase_begynder"})


def item(
    key: str,
    text: Text,
    number: int = 1,
    *,
    programme: str = "Forenklet beskæftigelsesindsats – fra regelorientering til borgerorientering",
    title: str = "Fælles opstartsmøde",
    kommune: str = "Nyborg Kommune",
    role: str = "kommunal_konsulent",
    days: int = 0,
    nudges: bool = False,
) -> Item:
    """Make a sample row of a text, with every value known; ``days`` moves its day."""
    intent = _INTENTS.get(key, Intent.NUDGE if text.stops or nudges else Intent.NOTICE)
    day = _DAY + timedelta(days=days)
    values: dict[str, Json] = {name: spot.example for name, spot in KNOWN_PLACEHOLDERS.items() if name not in _OWN}
    values |= {"dato": day.isoformat(), "kl": "09:00", "frist": day.isoformat(), "hvorfor": "", "stopper": ""}
    values |= {"tidligere": (day - timedelta(days=2)).isoformat() if key == "aendret" else None}
    if "frist" not in f"{text.subject} {text.body} {text.action}":
        values["frist"] = None
    kept = {name: value for name, value in values.items() if value and name not in _DERIVED}
    sequence = {"indkaldelse": 0, "plads_til_dig": 0, "aendret": 1, "aflyst": 2, "ikke_laengere_med": 2}.get(key)
    nudge = Nudge(
        f"{key}@3#1/{role}", intent, key, role, key, values=kept, uid=f"activity-{number}@samskabt", sequence=sequence
    )
    row = OutboxRow(
        number, 1, 100 + number, 3, "activity", title, programme,
        None if key in _ABOUT_PROGRAMME else "0450", kommune,
        replace(nudge, uid=None) if sequence is None else nudge, False, (ANNE,), "prøve", Dates(day, None, "day"), NOW,
    )  # fmt: skip
    return Item(row, text)


def links_of(one: Item) -> dict[str, str]:
    """Give the links that a row's mail would have."""
    links = {"naeste": f"{_WEB}/g/{one.row.id:04x}5d8ab1c96e"}
    if one.row.nudge.intent is Intent.INVITATION:
        links |= {"kommer": f"{_WEB}/ja/{one.row.id:04x}8ab1c9", "kommer_ikke": f"{_WEB}/nej/{one.row.id:04x}6e5d8a"}
    return {} if one.row.nudge.intent is Intent.CANCELLATION else links


def calendar(one: Item) -> Attachment:
    """Give a small calendar file, so that the gallery shows how a mail with one is built."""
    method = "CANCEL" if one.row.nudge.intent is Intent.CANCELLATION else "REQUEST"
    lines = (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//samskabt//DA", f"METHOD:{method}", "BEGIN:VEVENT"),
        *(f"UID:{one.row.nudge.uid}", f"SEQUENCE:{one.row.nudge.sequence or 0}", f"DTSTAMP:{NOW:%Y%m%dT%H%M%SZ}"),
        *(f"DTSTART;VALUE=DATE:{_DAY:%Y%m%d}", "SUMMARY:Fælles opstartsmøde", "END:VEVENT", "END:VCALENDAR"),
    )
    return Attachment("moede.ics", "text", "calendar", {"method": method}, "".join(f"{x}\r\n" for x in lines).encode())
