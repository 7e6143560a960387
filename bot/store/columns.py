"""Types of columns: the same on SQLite and PostgreSQL, whatever each of them lacks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Text, TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def moment_of(microseconds: int) -> datetime:
    """The moment that ``Moment`` keeps as this number, for rows that are read without types."""
    return EPOCH + microseconds * MICROSECOND


class Moment(TypeDecorator[datetime]):
    """A moment as whole microseconds since 1970 in UTC; aware UTC on the way out.

    SQLite has no time type: SQLAlchemy's writes text without an offset there, so that a
    moment given in another offset sorts wrongly and comes back naive. An integer orders,
    compares and subtracts the same on both engines, is exact to the last digit of a
    datetime, and is half as wide as text in the indexes. To read one in psql:
    ``to_timestamp(seen_at / 1e6)``; in sqlite3: ``datetime(seen_at / 1e6, 'unixepoch')``.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> int | None:
        """Count the microseconds; a naive datetime is a defect of the caller.

        Raises:
            ValueError: ``value`` has no offset.
        """
        return _number_of(value)

    def store_all(self, values: Sequence[datetime | None]) -> Sequence[int | None]:
        """What ``process_bind_param`` gives for each of ``values``."""
        return [_number_of(value) for value in values]

    def process_result_value(self, value: Any | None, _: Dialect) -> datetime | None:
        """Give the moment as aware UTC."""
        return None if value is None else EPOCH + value * MICROSECOND


class Words(TypeDecorator[tuple[str, ...]]):
    """A tuple of short texts, as a JSON list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, _: Dialect) -> str | None:
        """Write the list; what is not ASCII is escaped, so that anything can be stored."""
        return None if value is None else json.dumps(value)

    def store_all(self, values: Sequence[tuple[str, ...] | None]) -> Sequence[str | None]:
        """What ``process_bind_param`` gives for each of ``values``, most of which are empty."""
        return [None if value is None else json.dumps(value) if value else "[]" for value in values]

    def process_result_value(self, value: Any | None, _: Dialect) -> tuple[str, ...] | None:
        """Read the list."""
        return None if value is None else tuple(json.loads(value))


class ForeignText(TypeDecorator[str]):
    """Text that strangers wrote: NUL and lone surrogates are replaced.

    PostgreSQL refuses the first and UTF-8 the second, and one such title would make
    every poll of its feed fail as a whole.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _: Dialect) -> str | None:
        """Give what both engines can keep."""
        return _storable(value)

    def store_all(self, values: Sequence[str | None]) -> Sequence[str | None]:
        """What ``process_bind_param`` gives for each of ``values``."""
        together = "".join([value for value in values if value])
        if together.isascii() and "\0" not in together:
            return values
        return [_storable(value) for value in values]


def _number_of(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs an offset; {moment.isoformat()} has none")
    return (moment - EPOCH) // MICROSECOND


def _storable(text: str | None) -> str | None:
    if text is None or (text.isascii() and "\0" not in text):
        return text
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
