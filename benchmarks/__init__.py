"""Measures samskabt beside hand-written code that does the same; nothing of it ships."""
