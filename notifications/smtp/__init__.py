"""The edge to a mail server: sending over SMTP, and reading what comes back."""
