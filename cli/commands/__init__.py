"""The commands, grouped by what they are for; each parses, calls one use case or view, and shows the answer."""
