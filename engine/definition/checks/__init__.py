"""Checks of a whole workflow: names, graphs and dates; reads no file."""
