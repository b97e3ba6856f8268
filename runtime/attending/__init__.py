"""Who comes to meetings and who came: answers from calendars, links and commands; calendar feeds."""
