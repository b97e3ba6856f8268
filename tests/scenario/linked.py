"""A world whose mails have links: how they are found in a mail, opened as a browser does, and answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from secrets import token_urlsafe

from samskabt.notifications import Mail, MemoryMailer
from samskabt.runtime.clock import VirtualClock
from samskabt.runtime.engine import connect
from samskabt.runtime.posting.restraint import Restraint
from samskabt.runtime.settings import Settings
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.storage import NewToken
from samskabt.web import app
from starlette.testclient import TestClient

from .world import World, copied

WEB = "https://samskabt.example"
BROWSER = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
"""What a browser says when a form of a page without referrer is sent from that page."""

_LINK = re.compile(rf"{re.escape(WEB)}/h/([A-Za-z0-9_-]+)")


def open_linked(url: str, workflows: Workflows, at: datetime, programme: int = 0, web: str | None = WEB) -> World:
    """Open a database whose mails go at once and have links."""
    clock, mailer = VirtualClock(at), MemoryMailer()
    settings = Settings(restraint=Restraint.off(), web_url=web)
    engine = connect(url, workflows=workflows, clock=clock, mailer=mailer, settings=settings)
    engine.context.store.hurry()
    return World(engine, clock, mailer, programme)


def browser(world: World, **more: object) -> TestClient:
    """Give a browser at the pages of a world; what breaks there is answered, not raised."""
    return TestClient(app(world.engine), base_url=WEB, raise_server_exceptions=False, headers=BROWSER, **more)  # type: ignore[arg-type]


def text_of(mail: Mail) -> str:
    """Give the plain text of a mail."""
    message = message_from_bytes(mail.content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def secrets_of(mail: Mail) -> list[str]:
    """List the secrets of a mail's links, in order."""
    return list(dict.fromkeys(_LINK.findall(text_of(mail))))


def mails_to(world: World, words: str) -> Iterator[Mail]:
    """Find the mails whose text holds some words."""
    return (mail for mail in world.mailer.mails if words in text_of(mail))


@dataclass(frozen=True, slots=True)
class Stalled:
    """A closed database in which trin 1 lies still in Greve: its file, its mails, and the link of the reminder."""

    file: Path
    programme: int
    greve: int
    secret: str
    at: datetime
    mails: tuple[Mail, ...]

    def open(self, target: Path, workflows: Workflows) -> World:
        """Open a copy of it."""
        return open_linked(copied(self.file, target), workflows, self.at, self.programme)


def stalled(world: World, until: date = date(2019, 11, 15)) -> tuple[int, str]:
    """Begin trin 1 in Greve, let it lie until somebody is reminded; give Greve and the secret of that mail's link."""
    greve = world.kommune("Greve")
    world.do(greve, "trin_1.begynd")
    before = len(world.mailer.mails)
    world.live_until(until)
    mail = next(
        mail
        for mail in world.mailer.mails[before:]
        if "rin 1" in text_of(mail) and "Greve" in text_of(mail) and "stille" in text_of(mail).casefold()
    )
    return greve, secrets_of(mail)[0]


@dataclass(slots=True)
class Form:
    """A form of a page: its hidden and other fields with what stands in them."""

    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """A page as a second parser reads it: its forms, headings, text, and every tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.headings: list[str] = []
        self.words: list[str] = []
        self.tags: list[tuple[str, Mapping[str, str | None]]] = []
        self._inside: list[str] = []
        self._area: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag in ("h1", "h2"):
            self.headings.append("")
        self._inside.append(tag)
        if tag == "form":
            self.forms.append(Form())
        name = given.get("name")
        if tag in ("input", "select", "textarea") and name and self.forms:
            self.forms[-1].fields[name] = "" if given.get("type") == "checkbox" else given.get("value") or ""
            self._area = name if tag == "textarea" else None

    def handle_endtag(self, tag: str) -> None:
        """Leave a tag."""
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Note what can be read."""
        self.words.append(data)
        if "h1" in self._inside[-2:] or "h2" in self._inside[-2:]:
            self.headings[-1] += data
        if self._inside[-1:] == ["textarea"] and self._area:
            self.forms[-1].fields[self._area] += data

    @property
    def text(self) -> str:
        """Give all that can be read, on one line."""
        return " ".join(" ".join(self.words).split())

    def form(self, choice: str) -> dict[str, str]:
        """Give the fields of the form of a choice."""
        return next(dict(one.fields) for one in self.forms if one.fields.get("valg") == choice)


def minted(world: World, instance: int | None, events: list[str], *, role: str | None = None, person: int = 2) -> str:
    """Make a link as a mail to the kommunale konsulent would hold it; give its secret."""
    secret = token_urlsafe(32)
    with world.engine.context.begin() as uow:
        new = NewToken(
            digest=sha256(secret.encode()).hexdigest(),
            person_id=person,
            action="skridt",
            arguments={"events": [*events], "role": role or "kommunal_konsulent", "kommuner": [None], "region": None},
            expires_at=world.clock.now() + timedelta(days=60),
            instance_id=instance,
            revision=None if instance is None else uow.revision(instance),
        )
        uow.tokens.mint(new, world.clock.now())
    return secret
