"""What a workflow says of time: reminders and their ladders, how far from which anchor; derives no timer."""
