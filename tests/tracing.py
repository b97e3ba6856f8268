"""What the tests trace for the coverage gates: of the same walk with other data, the first."""

from collections.abc import Iterable
from typing import Any

import pytest


def first_traced(values: Iterable[Any]) -> list[Any]:
    """Give the values of a parameter so that only the first is traced: tracing doubles the time of what lives long."""
    first, *rest = values
    return [first, *(pytest.param(value, marks=pytest.mark.no_cover) for value in rest)]
