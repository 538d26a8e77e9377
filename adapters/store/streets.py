"""The names of streets and towns in both languages, in the database and as they are looked up."""

from collections.abc import Callable, Iterator
from datetime import date

from sqlalchemy import Connection, delete, select

from adapters.store.ids import RowIds
from adapters.store.keyring import Keyring
from adapters.store.rows import Rows, in_chunks, table_of
from adapters.store.tables import NameListRow, StreetRow, TownRow
from sync.matching.normalise.bilingual import NO_STREETS, StreetNames, StreetPair, TownPair
from sync.ports.store import ListKind, NameList

_LIST = table_of(NameListRow)
_STREET = table_of(StreetRow)
_TOWN = table_of(TownRow)

_STREET_COLUMNS = (_STREET.c.postcode, _STREET.c.municipality, _STREET.c.name_fi, _STREET.c.name_sv)
_TOWN_COLUMNS = (_TOWN.c.postcode, _TOWN.c.name_fi, _TOWN.c.name_sv)

_VERSION = "SELECT kind, version FROM name_list ORDER BY kind"  # written out: it is asked in every unit of work

Version = tuple[tuple[str, int], ...]


class Shelf:
    """What a store keeps in memory between units of work: the names, until whichever process replaces them.

    Attributes:
        large: registers that were found to be no small ones.
    """

    def __init__(self) -> None:
        self.large: set[str] = set()
        self._kept: tuple[Version, StreetNames] = ((), NO_STREETS)

    def names(self, version: Version, load: Callable[[], StreetNames]) -> StreetNames:
        """Return the names of that version; threads may ask at once."""
        kept, names = self._kept
        if kept != version:
            names = load()
            self._kept = (version, names)
        return names


class StreetRows(Rows):
    """Names in both languages."""

    def __init__(self, connection: Connection, keyring: Keyring, ids: RowIds, shelf: Shelf | None = None) -> None:
        super().__init__(connection, keyring, ids)
        self._shelf = shelf or Shelf()
        self._names: StreetNames | None = None

    def street_names(self) -> StreetNames:
        """Return all names, read anew only when an import has replaced them."""
        if self._names is None:
            version = tuple((kind, number) for kind, number in self._db.exec_driver_sql(_VERSION))
            self._names = self._shelf.names(version, self._load) if version else NO_STREETS
        return self._names

    def name_list(self, kind: ListKind) -> NameList | None:
        """Return what an earlier import brought."""
        row = self._db.execute(select(_LIST).where(_LIST.c.kind == kind.value)).one_or_none()
        if row is None:
            return None
        streets = frozenset(self._streets()) if kind is ListKind.BAF else frozenset()
        query = select(*_TOWN_COLUMNS).where(_TOWN.c.kind == kind.value)
        towns = frozenset(TownPair(*found) for found in self._db.execute(query))
        return NameList(kind, date.fromisoformat(row.run_on), row.entries, streets, towns)

    def replace_names(self, names: NameList) -> None:
        """Put a list in the place of the earlier one."""
        kind = names.kind.value
        self._db.execute(delete(_TOWN).where(_TOWN.c.kind == kind))
        if names.kind is ListKind.BAF:
            self._db.execute(delete(_STREET))
        for streets in in_chunks(names.streets):
            rows = [{"postcode": s.postcode, "municipality": s.municipality} | _both(s) for s in streets]
            self._insert(StreetRow, rows)
        for towns in in_chunks(names.towns):
            self._insert(TownRow, [{"kind": kind, "postcode": town.postcode} | _both(town) for town in towns])
        version = {"kind": kind, "version": self._ids.next()}
        self._upsert(NameListRow, [version | {"run_on": names.run_on.isoformat(), "entries": names.entries}])
        self._names = None

    def _load(self) -> StreetNames:
        towns = (TownPair(*row) for row in self._db.execute(select(*_TOWN_COLUMNS)))
        return StreetNames.of(self._streets(), towns)

    def _streets(self) -> Iterator[StreetPair]:
        query = select(*_STREET_COLUMNS).order_by(_STREET.c.postcode)
        return (StreetPair(*row) for row in self._db.execute(query))


def _both(pair: StreetPair | TownPair) -> dict[str, str]:
    return {"name_fi": pair.fi, "name_sv": pair.sv}
