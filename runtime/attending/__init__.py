"""Who comes and who came: answers from calendars and links, and calendar feeds."""
