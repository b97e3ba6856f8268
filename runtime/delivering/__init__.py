"""Which mailer and which inbox an installation has, a mail to try them with, and what follows from what comes back."""
