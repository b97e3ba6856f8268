"""Tells: who hears what and when, as pure text, and the one edge that delivers it."""

from .compose import Attachment, Item, Mail, Named, Sender, Trial, Writer, compose, compose_letter, urgency
from .delivery import Claimed, DeliveryReport, LetterPort, deliver, whom
from .letters import database_id_of, message_id_of, write
from .mailer import FolderMailer, Mailer, MemoryMailer
from .standard import STANDARD_TEXTS, find_text
from .texts import BY_ANSWER, KNOWN_PLACEHOLDERS, MESSAGE, NOTHING, Text, check, matter_of, placeholders, substitute

__all__ = [
    "BY_ANSWER",
    "KNOWN_PLACEHOLDERS",
    "MESSAGE",
    "NOTHING",
    "STANDARD_TEXTS",
    "Attachment",
    "Claimed",
    "DeliveryReport",
    "FolderMailer",
    "Item",
    "LetterPort",
    "Mail",
    "Mailer",
    "MemoryMailer",
    "Named",
    "Sender",
    "Text",
    "Trial",
    "Writer",
    "check",
    "compose",
    "compose_letter",
    "database_id_of",
    "deliver",
    "find_text",
    "matter_of",
    "message_id_of",
    "placeholders",
    "substitute",
    "urgency",
    "whom",
    "write",
]
