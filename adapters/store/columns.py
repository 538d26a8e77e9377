"""What the tables are made of: one metadata with one naming convention, and kinds of columns for both engines."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Column, Dialect, LargeBinary, MetaData, Text
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

SCHEMA_TABLES = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept as microseconds since 1970 in UTC: exact, sortable, the same on both engines."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Turn the moment into microseconds; a naive one is a mistake."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return (value - _EPOCH) // timedelta(microseconds=1)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], datetime | None]:  # noqa: ARG002
        """Return what turns microseconds back into a moment in UTC, with nothing around it that is called each time."""
        return moment_of


@lru_cache(maxsize=4096)  # what came in one page, or in the first load, has one moment
def moment_of(microseconds: int | None) -> datetime | None:
    """Return a moment in UTC, of microseconds since 1970."""
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)


class Base(SQLModel):
    """All tables share one metadata with one naming convention."""

    metadata = SCHEMA_TABLES


def id_column() -> Any:
    """Return the column of our own ids."""
    # Only a column called INTEGER is the row's own place in SQLite's table; any other needs an index beside it.
    whole = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")
    return Field(sa_column=Column(whole, primary_key=True, autoincrement=False))


def number(**options: Any) -> Any:
    """Return a column of whole numbers of 64 bits."""
    return Field(sa_column=Column(BigInteger, **options))


def moment(*, nullable: bool = False, index: bool = False) -> Any:
    """Return a column of moments."""
    return Field(sa_column=Column(Instant, nullable=nullable, index=index))


def sealed_column(*, nullable: bool = True) -> Any:
    """Return a column of encrypted JSON."""
    return Field(sa_column=Column(LargeBinary, nullable=nullable))


def long_text(*, nullable: bool = False) -> Any:
    """Return a column of text of any length."""
    return Field(sa_column=Column(Text, nullable=nullable))
