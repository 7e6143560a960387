"""Long lists in pieces, as a statement takes only so many parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

AT_ONCE = 10_000
"""Values in a statement: SQLite takes 32,766 parameters, PostgreSQL 65,535."""

_T = TypeVar("_T")


def slices(values: Sequence[_T], size: int = AT_ONCE) -> Iterator[Sequence[_T]]:
    """``values`` in order, in pieces of at most ``size`` that fit into one statement."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
