"""The sample people, days and links that the gallery's mails are written with; about nobody who exists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from ...engine.values import Dates, Intent, Json, Nudge, OutboxRow, Recipient
from ...engine.values.names import MEETING, PROGRAMME
from ...notifications import KNOWN_PLACEHOLDERS, Attachment, Item, Sender, Text, Trial

NOW: Final = datetime(2026, 9, 15, 7, 0, tzinfo=UTC)
ANNE: Final = Recipient(5, "Anne Sørensen", "anne.soerensen@nyborg.example")
BO: Final = Recipient(6, "Bo Kjær", "bo.kjaer@nyborg.example")
"""Whom the others may call."""
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
_OWN = frozenset({"titel", "program", "program_kort", "kommune", "navn", "rolle", "antal", "ting", "ansvarlig"})
_SEVERAL: Mapping[str, Json] = MappingProxyType(
    {
        "forsinket": ["Workshop om borgerens vej (Greve), 3.9.2026", "Sparring (Nyborg), 8.9.2026"],
        "kommer": ["Fælles opstartsmøde, 24.9.2026", "Temadag om kerneopgaven, 6.10.2026", "Baseline, 9.10.2026"],
    }
)
_DERIVED = frozenset({"link", "kommando", "hvornaar", "dato_kort", "frist_kort", "om"})
_SEQUENCES: Mapping[str, int] = MappingProxyType(
    {"indkaldelse": 0, "plads_til_dig": 0, "aendret": 1, "aflyst": 2, "ikke_laengere_med": 2}
)
_CALLED_OFF = frozenset({"aflyst", "ikke_laengere_med"})


def item(
    key: str,
    text: Text,
    number: int = 1,
    *,
    programme: str = "Forenklet beskæftigelsesindsats – fra regelorientering til borgerorientering",
    kind: str = MEETING,
    title: str = "Fælles opstartsmøde",
    kommune: str = "Nyborg Kommune",
    role: str = "kommunal_konsulent",
    days: int = 0,
    intent: Intent | None = None,
    why: str = "",
    stops: str = "",
) -> Item:
    """Make a sample row of a text, with every value known; ``days`` moves its day."""
    meets = key in _SEQUENCES
    intent = Intent.CANCELLATION if key in _CALLED_OFF else Intent.INVITATION if meets else intent
    intent = intent or (Intent.NUDGE if text.stops else Intent.NOTICE)
    day = _DAY + timedelta(days=days)
    values: dict[str, Json] = {name: spot.example for name, spot in KNOWN_PLACEHOLDERS.items() if name not in _OWN}
    values |= {"dato": day.isoformat(), "kl": "09:00", "frist": day.isoformat(), "hvorfor": why, "stopper": stops}
    values |= {"tidligere": (day - timedelta(days=2)).isoformat() if key == "aendret" else None, **_SEVERAL}
    if "frist" not in f"{text.subject} {text.body} {text.action}":
        values["frist"] = None
    kept = {name: value for name, value in values.items() if value and name not in _DERIVED}
    nudge = Nudge(
        f"{key}@3#1/{role}", intent, key, role, key, values=kept,
        uid=f"activity-{number}@samskabt" if meets else None, sequence=_SEQUENCES.get(key),
    )  # fmt: skip
    place = None if kind == PROGRAMME else kommune
    row = OutboxRow(
        number, 1, 100 + number, 3, kind, title or place or programme, programme,
        place and "0450", place, nudge, False, (ANNE,), "prøve", Dates(day, None, "day"), NOW,
    )  # fmt: skip
    return Item(row, text)


def links_of(one: Item) -> dict[str, str]:
    """Give the links that a row's mail would have."""
    if one.row.nudge.intent in (Intent.NOTICE, Intent.CANCELLATION):
        return {}
    links = {"naeste": f"{_WEB}/g/{one.row.id:04x}5d8ab1c96e"}
    if one.row.nudge.intent is Intent.INVITATION:
        links |= {"kommer": f"{_WEB}/ja/{one.row.id:04x}8ab1c9", "kommer_ikke": f"{_WEB}/nej/{one.row.id:04x}6e5d8a"}
    return links


def calendar(one: Item) -> Attachment:
    """Give a small calendar file, so that the gallery shows how a mail with one is built."""
    method = "CANCEL" if one.row.nudge.intent is Intent.CANCELLATION else "REQUEST"
    lines = (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//samskabt//DA", f"METHOD:{method}", "BEGIN:VEVENT"),
        *(f"UID:{one.row.nudge.uid}", f"SEQUENCE:{one.row.nudge.sequence or 0}", f"DTSTAMP:{NOW:%Y%m%dT%H%M%SZ}"),
        *(f"DTSTART;VALUE=DATE:{_DAY:%Y%m%d}", "SUMMARY:Fælles opstartsmøde", "END:VEVENT", "END:VCALENDAR"),
    )
    return Attachment("moede.ics", "text", "calendar", {"method": method}, "".join(f"{x}\r\n" for x in lines).encode())
