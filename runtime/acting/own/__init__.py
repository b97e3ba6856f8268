"""What a person does for herself by the links at the foot of a mail: fewer mails, absence, a calendar, what waits."""
