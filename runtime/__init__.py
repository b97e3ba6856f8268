"""Happens: use cases, wiring, settings, the ticker and the virtual clock."""
