"""What people say about mails: their wishes, messages of their own, previews, and what reminders led to."""
