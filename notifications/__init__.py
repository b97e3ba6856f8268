"""Tells: who hears what and when, as pure text, and the one edge that delivers it."""

from .compose import Mail, Sender, compose
from .delivery import DeliveryReport, OutboxPort, deliver
from .mailer import FolderMailer, Mailer, MemoryMailer
from .standard import STANDARD_TEXTS, find_text
from .texts import KNOWN_PLACEHOLDERS, Text, check, placeholders, substitute

__all__ = [
    "KNOWN_PLACEHOLDERS",
    "STANDARD_TEXTS",
    "DeliveryReport",
    "FolderMailer",
    "Mail",
    "Mailer",
    "MemoryMailer",
    "OutboxPort",
    "Sender",
    "Text",
    "check",
    "compose",
    "deliver",
    "find_text",
    "placeholders",
    "substitute",
]
