"""The table of running processes; knows no statement that reads or writes it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from ..tables import METADATA, Base


class Process(Base, table=True):
    """A process that ticks, by a random id: names of machines and people stand nowhere.

    ``failing`` and ``mail_failing`` are the classes of what goes wrong since when; no text of an error, which may hold
    an address.
    """

    __tablename__ = "process"
    id: str = Field(primary_key=True)
    version: str
    started_at: datetime
    beat_at: datetime
    ticked_at: datetime | None = None
    delivered_at: datetime | None = None
    inbox_at: datetime | None = None
    failing: str | None = None
    failing_since: datetime | None = None
    mail_failing: str | None = None
    mail_failing_since: datetime | None = None
    stopped_at: datetime | None = None


PROCESS = METADATA.tables["process"]
