"""Tells: who hears what and when, as pure text, and the one edge that delivers it."""

from .compose import Mail, Sender, compose
from .delivery import Claimed, DeliveryReport, LetterPort, deliver, whom
from .letters import message_id_of, write
from .mailer import FolderMailer, Mailer, MemoryMailer
from .standard import STANDARD_TEXTS, find_text
from .texts import KNOWN_PLACEHOLDERS, Text, check, placeholders, substitute

__all__ = [
    "KNOWN_PLACEHOLDERS",
    "STANDARD_TEXTS",
    "Claimed",
    "DeliveryReport",
    "FolderMailer",
    "LetterPort",
    "Mail",
    "Mailer",
    "MemoryMailer",
    "Sender",
    "Text",
    "check",
    "compose",
    "deliver",
    "find_text",
    "message_id_of",
    "placeholders",
    "substitute",
    "whom",
    "write",
]
