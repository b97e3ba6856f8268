"""The table of tokens: what a link in a mail may do, once; knows no statement that reads or writes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from ..tables import METADATA, NUMBER, TREE, Base


class Token(Base, table=True):
    """One link: whose it is, what it may do to which instance, and how that ended.

    Of its secret only the SHA-256 is kept (``digest``, hexadecimal). ``revision`` is the instance's when the link was
    made. ``choice`` and ``result`` are written in the transaction of what it did: it is spent if and only if that is
    recorded.
    """

    __tablename__ = "token"
    __table_args__ = (
        UniqueConstraint("digest"),
        CheckConstraint("length(digest) = 64", name="digest"),
        CheckConstraint("(spent_at IS NULL) = (choice IS NULL)", name="spent"),
        Index(None, "person_id", "instance_id"),
        Index(None, "expires_at"),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    digest: str
    person_id: int = Field(foreign_key="person.id", sa_type=NUMBER)
    action: str
    instance_id: int | None = Field(default=None, foreign_key="instance.id", sa_type=NUMBER)
    arguments: dict[str, Any] = Field(sa_type=TREE)
    revision: int | None = None
    outbox_id: int | None = Field(default=None, foreign_key="outbox.id", sa_type=NUMBER)
    created_at: datetime
    expires_at: datetime
    spent_at: datetime | None = None
    revoked_at: datetime | None = None
    choice: str | None = None
    result: dict[str, Any] | None = Field(default=None, sa_type=TREE)


TOKEN = METADATA.tables["token"]
