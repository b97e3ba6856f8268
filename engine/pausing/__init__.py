"""Pauses: what stands still while an instance, or something above it, is paused, and which clocks freeze with it."""
