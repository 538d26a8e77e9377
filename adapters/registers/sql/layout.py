"""The table as it really is: its columns' types, and what goes in and out of them."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import Enum, auto
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedColumn

from adapters.registers.flat import Cell, RowMapping, Unprintable
from adapters.registers.sql.settings import SqlRegisterSettings
from sync.model import PartialDate


class Kind(Enum):
    """What a column can hold."""

    TEXT = auto()
    NUMBER = auto()
    YES_NO = auto()
    DATE = auto()
    TIME = auto()
    UUID = auto()


_KINDS: tuple[tuple[type[sa.types.TypeEngine[Any]], Kind], ...] = (
    (sa.Boolean, Kind.YES_NO),
    (sa.DateTime, Kind.TIME),
    (sa.Date, Kind.DATE),
    (sa.Integer, Kind.NUMBER),
    (sa.Numeric, Kind.NUMBER),
    (sa.Uuid, Kind.UUID),
)
_SYSTEM_COLUMNS = {"postgresql": {"xmin"}}
_NO_EQUALITY_OF_LONG_TEXT = frozenset({"mssql", "oracle"})
_LARGEST_KEY = 2**63 - 1


class LayoutMismatch(Exception):  # noqa: N818 - the tables do not match; no error of this program
    """The table is not as configured. Carries names of settings and columns only."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Column:
    """One mapped column.

    Attributes:
        sql: how it is written in SQL.
        kind: what it can hold.
        nullable: NULL is allowed in it.
        length: characters at most; None where the database does not say.
        zoned: times in it tell their zone.
        padded: the database fills texts up with blanks.
        comparable: the database can compare it for equality.
    """

    sql: sa.ColumnElement[Any]
    kind: Kind
    nullable: bool = True
    length: int | None = None
    zoned: bool = False
    padded: bool = False
    comparable: bool = True

    def raw_of_text(self, text: str) -> object:
        """Return what the database holds for a key or version that was read as this text.

        Raises:
            ValueError: it can hold no such thing.
        """
        match self.kind:
            case Kind.NUMBER:
                number = int(text)
                if abs(number) > _LARGEST_KEY:
                    raise ValueError("larger than any key")
                return number
            case Kind.UUID:
                return uuid.UUID(text)
            case _:
                return text

    def text_of_raw(self, raw: object) -> str:
        """Return a key or version as text; equal texts mean equal values."""
        match raw:
            case bytes() | bytearray() | memoryview():
                return bytes(raw).hex()
            case date():  # a datetime is one, too
                return raw.isoformat()
            case str():
                return raw.rstrip(" ") if self.padded else raw
            case _:
                return str(raw)


@dataclass(frozen=True, slots=True)
class Layout:
    """All mapped columns of the table.

    Attributes:
        table: the table, to select from and update.
        key: identifies a row.
        version: None where none is configured.
        updated_at: None where none is configured.
        columns: the mapped columns by our names.
    """

    table: sa.TableClause
    key: Column
    version: Column | None
    updated_at: Column | None
    columns: dict[str, Column]

    def select(self) -> sa.Select[Any]:
        """Select every mapped column, labelled by our name."""
        extra = {"key_": self.key, "version_": self.version, "updated_at_": self.updated_at}
        labels = [column.sql.label(label) for label, column in extra.items() if column]
        return sa.select(*labels, *(column.sql.label(name) for name, column in self.columns.items()))


def read_layout(connection: sa.Connection, settings: SqlRegisterSettings) -> Layout:
    """Look the table up.

    Raises:
        LayoutMismatch: no such table, or mapped columns are missing.
    """
    try:
        found = sa.inspect(connection).get_columns(settings.table, schema=settings.table_schema)
    except sa.exc.NoSuchTableError:
        found = []
    if not found:
        raise LayoutMismatch(("table: there is no such table, or the account may not see it",))
    real = _RealColumns(found, connection.dialect.name, settings)
    layout = Layout(
        table=real.table,
        key=real.get("key", settings.key),
        version=real.get("version", settings.version) if settings.version else None,
        updated_at=real.get("updated_at", settings.updated_at) if settings.updated_at else None,
        columns={name: real.get(f"columns.{name}", column) for name, column in settings.columns.items()},
    )
    if layout.updated_at and layout.updated_at.kind not in {Kind.TIME, Kind.DATE, Kind.TEXT}:
        real.problems.append("updated_at: the column holds neither times nor text")
    if real.problems:
        raise LayoutMismatch(tuple(real.problems))
    return layout


class _RealColumns:
    """The table's columns, found by name; case matters only where two differ by nothing else."""

    def __init__(self, found: list[ReflectedColumn], dialect: str, settings: SqlRegisterSettings) -> None:
        self._by_name = {column["name"]: column for column in found}
        self._dialect = dialect
        self.problems: list[str] = []
        clauses = [sa.column(name, self._sql_type(column["type"])) for name, column in self._by_name.items()]
        self.table = sa.table(settings.table, *clauses, schema=settings.table_schema)

    def get(self, setting: str, name: str) -> Column:
        """Return the column; note a problem where there is none."""
        if name in _SYSTEM_COLUMNS.get(self._dialect, ()):
            return Column(sa.cast(sa.literal_column(name), sa.Text), Kind.TEXT)
        alike = [name] if name in self._by_name else [n for n in self._by_name if n.casefold() == name.casefold()]
        if len(alike) != 1:
            self.problems.append(f"{setting}: the table has no such column")
            return Column(sa.null(), Kind.TEXT)
        column = self._by_name[alike[0]]
        kind = self._kind(column["type"])
        return Column(
            sql=self.table.c[alike[0]],
            kind=kind,
            nullable=bool(column.get("nullable", True)),
            length=getattr(column["type"], "length", None) if kind is Kind.TEXT else None,
            zoned=bool(getattr(column["type"], "timezone", False)),
            padded=isinstance(column["type"], sa.CHAR),
            comparable=self._dialect not in _NO_EQUALITY_OF_LONG_TEXT or not isinstance(column["type"], sa.Text),
        )

    def _sql_type(self, column_type: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
        # SQLite keeps what it is given, whatever type the column declares: one row with a date of another form would
        # make every row of its page unreadable. So there it is read and written as it is.
        return sa.types.NullType() if self._dialect == "sqlite" else column_type

    def _kind(self, column_type: sa.types.TypeEngine[Any]) -> Kind:
        kind = next((kind for base, kind in _KINDS if isinstance(column_type, base)), Kind.TEXT)
        if self._dialect == "sqlite":
            return {Kind.DATE: Kind.TEXT, Kind.TIME: Kind.TEXT, Kind.YES_NO: Kind.NUMBER}.get(kind, kind)
        return kind


def raw_for(cell: Cell, column: Column, mapping: RowMapping) -> object:
    """Return what to write into the column for this cell.

    Raises:
        Unprintable: the column cannot hold it.
    """
    if cell is None:
        return _empty(column)
    match column.kind:
        case Kind.YES_NO:
            return bool(cell)
        case Kind.DATE | Kind.TIME:
            return _date_or_time(cell, column, mapping.zone)
        case Kind.NUMBER:
            return _number(cell)
        case _:
            text = mapping.text(cell) or ""
            if column.length is not None and len(text) > column.length:
                raise Unprintable("value_too_long")
            return text


def _empty(column: Column) -> object:
    if column.nullable:
        return None
    return {Kind.TEXT: "", Kind.YES_NO: False}.get(column.kind)


def _number(cell: Cell) -> int:
    if isinstance(cell, bool):
        return int(cell)
    if isinstance(cell, str) and cell.isascii() and cell.isdigit():
        return int(cell)
    raise Unprintable("not_a_number")


def _date_or_time(cell: Cell, column: Column, zone: tzinfo) -> date:
    if isinstance(cell, datetime):
        local = cell.astimezone(zone)
        if column.kind is Kind.DATE:
            return local.date()
        return local if column.zoned else local.replace(tzinfo=None)
    if isinstance(cell, PartialDate) and cell.day is not None:
        day = cell.first_day()
        return day if column.kind is Kind.DATE else datetime(day.year, day.month, day.day)  # noqa: DTZ001
    raise Unprintable("not_a_whole_date")
