"""What was measured, against the baseline and the criteria, as values; stores nothing and reads no clock."""

from .values import PERIODS, Registration, Subject

__all__ = ["PERIODS", "Registration", "Subject"]
