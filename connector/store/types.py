"""Column types that mean the same on every database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

#: Integer key that counts up by itself; SQLite does so for INTEGER alone.
Key = BigInteger().with_variant(Integer, "sqlite")


class UtcInstant(TypeDecorator[datetime]):
    """
    An aware UTC datetime as text of fixed width.

    Text sorts like the time it means and reads the same on every database, where native types
    differ in time zone and precision.
    """

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("the store takes aware datetimes only")
        # As strftime would write it, at a fraction of its cost: without the offset, with a Z.
        return f"{value.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)
