"""The tables of running processes and of what they leave to people; knows no statement that reads or writes them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from ..tables import METADATA, NUMBER, Base, one_of


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


class LeftMail(Base, table=True):
    """A mail of an inbox that is for a person, or is still tried (``left_at`` None); nothing of what it says.

    ``box`` and ``mail`` are the names by which the inbox knows itself and the mail; ``place`` is where people find it.
    ``person_id`` and ``instance_id`` tell whose letter it answers, and about which meeting, where that is known.
    """

    __tablename__ = "left_mail"
    __table_args__ = (
        UniqueConstraint("box", "mail"),
        one_of("why", "other", "foreign", "full", "broke"),
        CheckConstraint("tries >= 0", name="tries"),
        Index(None, "left_at", "id"),
        Index(None, "instance_id"),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    box: str
    mail: str
    why: str
    place: str = ""
    tries: int = 0
    seen_at: datetime
    left_at: datetime | None = None
    person_id: int | None = Field(default=None, sa_type=NUMBER)
    instance_id: int | None = Field(default=None, sa_type=NUMBER)


PROCESS = METADATA.tables["process"]
LEFT = METADATA.tables["left_mail"]
