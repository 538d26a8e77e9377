"""What every part of a unit of work shares: one connection, the keyring, the row ids."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ARRAY, Column, ColumnElement, Connection, Table, any_, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from adapters.store.ids import RowIds
from adapters.store.keyring import Keyring
from sync.model.codec import canonical

T = TypeVar("T")

_IN_LIST = 5_000  # parameters of one statement; SQLite takes 32,766
_MANY = 20
"""Rows from which on it pays to talk to the driver itself: most of what a row costs otherwise is its way to the driver."""


class Rows:
    """The ground on which the parts of a unit of work stand."""

    def __init__(self, connection: Connection, keyring: Keyring, ids: RowIds) -> None:
        self._db = connection
        self._keyring = keyring
        self._ids = ids
        self._unaudited: list[tuple[int, str]] = []
        self._small: dict[str, bool] = {}
        self._undecided: set[tuple[str, str]] = set()

    def _insert(self, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
        if len(rows) >= _MANY:
            self._pour(table_of(model), rows)
        elif rows:
            self._db.execute(table_of(model).insert(), list(rows))

    def _upsert(self, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows, or replace all other columns of those whose primary key is there."""
        if not rows:
            return
        table = table_of(model)
        keys = [column.name for column in table.primary_key]
        if len(rows) >= _MANY:
            self._pour(table, list({tuple(row[key] for key in keys): row for row in rows}.values()), keys)
            return
        dialect: Any = sqlite if self._db.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(table)
        changed = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys}
        self._db.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))

    def _pour(self, table: Table, rows: Sequence[dict[str, Any]], replaced: Sequence[str] = ()) -> None:
        """Write many rows, all with the same columns, in the place of those with the same key where one is named."""
        columns = [table.columns[name] for name in rows[0]]
        values = {column.name: self._as_bound(column, rows) for column in columns}
        quote = self._db.dialect.identifier_preparer.quote
        name, names = quote(table.name), ", ".join(quote(column.name) for column in columns)
        driver = self._driver()
        if self._db.dialect.name == "sqlite":
            others = ", ".join(f"{quote(c.name)} = excluded.{quote(c.name)}" for c in columns if c.name not in replaced)
            otherwise = f"ON CONFLICT ({', '.join(map(quote, replaced))}) DO UPDATE SET {others}" if replaced else ""
            places = ", ".join("?" * len(columns))
            insert = f"INSERT INTO {name} ({names}) VALUES ({places}) {otherwise}"  # noqa: S608 - names of our own
            driver.executemany(insert, zip(*values.values(), strict=True))
            return
        with driver.cursor() as cursor:
            if replaced:
                cursor.execute(self._without(table, replaced), [values[key] for key in replaced])
            with cursor.copy(f"COPY {name} ({names}) FROM STDIN") as copy:
                for row in zip(*values.values(), strict=True):
                    copy.write_row(row)

    def _without(self, table: Table, keys: Sequence[str]) -> str:
        """Write PostgreSQL's statement that deletes rows by many keys, each of whose columns is one parameter."""
        dialect = self._db.dialect
        quote = dialect.identifier_preparer.quote
        arrays = ", ".join(f"%s::{table.columns[key].type.compile(dialect)}[]" for key in keys)
        names = ", ".join(map(quote, keys))
        where = " AND ".join(f"t.{quote(key)} = gone.{quote(key)}" for key in keys)
        return f"DELETE FROM {quote(table.name)} AS t USING unnest({arrays}) AS gone ({names}) WHERE {where}"  # noqa: S608 - names of our own

    def _as_bound(self, column: Column[Any], rows: Sequence[dict[str, Any]]) -> list[Any]:
        """Return a column's values as the driver takes them."""
        name, dialect = column.name, self._db.dialect
        bound = column.type.dialect_impl(dialect).bind_processor(dialect)
        return [bound(row[name]) for row in rows] if bound else [row[name] for row in rows]

    def _among(self, column: Column[Any], values: list[Any]) -> ColumnElement[bool]:
        """Return the condition that a column has one of these values: on PostgreSQL one parameter, not one for each."""
        if self._db.dialect.name == "sqlite":
            return column.in_(values)
        return column == any_(literal(values, ARRAY(column.type)))

    def _driver(self) -> Any:
        """Return the driver's own connection, within this transaction."""
        if not self._db.in_transaction():
            self._db.begin()
        return self._db.connection.driver_connection

    def _id_hash(self, register: str, text: str) -> str:
        """Return the keyed hash under which a national id is found."""
        return self._keyring.digest(f"national_id/{register}", text)

    def _unseal(self, place: str, sealed: bytes) -> Any:
        plain = self._keyring.open(place, sealed)
        try:
            return msgspec.json.decode(plain)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return json.loads(plain)  # half a character somewhere: only the slower library takes it

    def _seal(self, place: str, plain: Any) -> bytes:
        return self._seal_text(place, canonical(plain))

    def _seal_text(self, place: str, text: str) -> bytes:
        return self._keyring.seal(place, text.encode("utf-8", "surrogatepass"))


def written_array(numbers: Iterable[int]) -> str:
    """Write an array as PostgreSQL reads it: the driver would look at every number for itself."""
    return f"{{{','.join(map(str, numbers))}}}"


def table_of(model: type[SQLModel]) -> Table:
    """Return the Core table behind a SQLModel class."""
    table: Table = model.__table__  # type: ignore[attr-defined]  # set by SQLModel on table models
    return table


def in_chunks(items: Iterable[T], size: int = _IN_LIST) -> Iterator[list[T]]:
    """Cut into lists that fit one statement."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
