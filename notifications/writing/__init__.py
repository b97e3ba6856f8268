"""How a mail looks: its HTML beside its plain text, and the digest; pure."""
