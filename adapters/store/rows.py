"""What every part of a unit of work shares: one connection, the keyring, the row ids."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from adapters.store.ids import RowIds
from adapters.store.keyring import Keyring
from sync.model.codec import canonical

T = TypeVar("T")

_IN_LIST = 5_000  # parameters of one statement; SQLite takes 32,766


class Rows:
    """The ground on which the parts of a unit of work stand."""

    def __init__(self, connection: Connection, keyring: Keyring, ids: RowIds) -> None:
        self._db = connection
        self._keyring = keyring
        self._ids = ids
        self._unaudited: list[int] = []
        self._small: dict[str, bool] = {}

    def _insert(self, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            self._db.execute(table_of(model).insert(), list(rows))

    def _upsert(self, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows, or replace all other columns of those whose primary key is there."""
        if not rows:
            return
        table = table_of(model)
        dialect: Any = sqlite if self._db.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(table)
        keys = [column.name for column in table.primary_key]
        changed = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys}
        self._db.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))

    def _id_hash(self, register: str, text: str) -> str:
        """Return the keyed hash under which a national id is found."""
        return self._keyring.digest(f"national_id/{register}", text)

    def _seal(self, place: str, plain: Any) -> bytes:
        return self._keyring.seal(place, canonical(plain).encode("utf-8", "surrogatepass"))


def table_of(model: type[SQLModel]) -> Table:
    """Return the Core table behind a SQLModel class."""
    table: Table = model.__table__  # type: ignore[attr-defined]  # set by SQLModel on table models
    return table


def in_chunks(items: Iterable[T], size: int = _IN_LIST) -> Iterator[list[T]]:
    """Cut into lists that fit one statement."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
