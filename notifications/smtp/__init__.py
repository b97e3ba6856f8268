"""The edge to a mail server: sending over SMTP, and reading what comes back."""

from .mailer import SmtpMailer
from .settings import ImapSettings, Security, SmtpSettings, inbox_settings, smtp_settings

__all__ = ["ImapSettings", "Security", "SmtpMailer", "SmtpSettings", "inbox_settings", "smtp_settings"]
