"""Measuring as applications use it: register, correct, and look at results and criteria; counts nothing itself."""

from .measures import Measures

__all__ = ["Measures"]
