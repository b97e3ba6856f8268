"""The mail that tries a way out: says what it is, in Danish, and nothing else; pure."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from ...engine.civil.danish import clock, long_date
from ...engine.civil.instants import local
from ...engine.errors import InvalidInput
from ..compose import Mail, Sender, is_address


def test_mail(sender: Sender, address: str, now: datetime) -> Mail:
    """Write a test mail; each instant has its own Message-ID. Raises InvalidInput for an unusable address."""
    if not is_address(address):
        raise InvalidInput("address", "is no plain mail address; write one such as navn@kommune.dk")
    wall = local(now)
    digest = hashlib.sha256(f"{address}\n{now.isoformat()}".encode()).hexdigest()[:24]
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(sender.name, addr_spec=sender.email)
    message["To"] = Address(addr_spec=address)
    message["Reply-To"] = Address(sender.reply_name, addr_spec=sender.reply_email)
    message["Subject"] = "Prøve: mails fra samskabt når frem"
    message["Date"] = wall
    message["Message-ID"] = f"<proeve.{digest}@{sender.email.rpartition('@')[2].lower()}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "da"
    message.set_content(
        f"Hej\n\nDet her er en prøve, sendt {long_date(wall.date())} kl. {clock(wall.time())}.\n"
        "Når du læser den, virker mailserveren. Du skal ikke gøre noget.\n\n"
        f"Med venlig hilsen\n{sender.reply_name}\n",
        cte="quoted-printable",
    )
    return Mail(message["Message-ID"], sender.email, address, str(message["Subject"]), message.as_bytes())
