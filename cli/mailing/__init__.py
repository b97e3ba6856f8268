"""Commands about mails: what waits, what failed, who wants to hear what."""
