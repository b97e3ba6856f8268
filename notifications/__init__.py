"""Tells: who hears what and when, as pure text, and the one edge that delivers it."""
