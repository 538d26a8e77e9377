"""The store on a database: opening it, leases, units of work."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adapters.store.columns import SCHEMA_TABLES
from adapters.store.faults import clear_errors
from adapters.store.ids import RowIds
from adapters.store.keyring import Keyring
from adapters.store.migrations import check_schema, upgrade
from adapters.store.rows import table_of
from adapters.store.streets import Shelf
from adapters.store.tables import LeaseRow, MetaRow
from adapters.store.unit_of_work import SqlUnitOfWork
from sync.errors import KeyUnusable, SchemaUnknown
from sync.matching.prepared import FORMS
from sync.ports.clock import Clock
from sync.ports.store import Lease, UnitOfWork

_LEASE = table_of(LeaseRow)
_META = table_of(MetaRow)
_BUSY_TIMEOUT_MS = 15_000
_CACHE_KIB = 4 * 1024
"""Pages that each connection keeps: the inner ones of every index of a million customers. Blocking keys lie scattered, so
that of their leaves hardly one is asked for twice; copying them out of the kernel's cache is quicker than keeping more."""
_CHECKPOINT_PAGES = 8_192
"""The write-ahead log grows to 32 MB before it goes into the database: fewer, larger writes."""
_REFRESHED_AT_ONCE = 1_000
_READ_ONLY = "ajantasa_read_only"
_WRITER = 0x616A616E  # number of PostgreSQL's advisory lock that writing units of work take: "ajan"


class SqlStore:
    """The store port on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine, keyring: Keyring, clock: Clock, ids: RowIds) -> None:
        self._engine = engine
        self._keyring = keyring
        self._clock = clock
        self._ids = ids
        self._shelf = Shelf()

    def digest(self, kind: str, text: str) -> str:
        """Return the keyed hash of a text, in hexadecimal."""
        return self._keyring.digest(kind, text)

    @contextmanager
    def begin(self, lease: Lease | None = None) -> Iterator[UnitOfWork]:
        """Start a unit of work that may write; writers wait for one another."""
        with clear_errors(self._engine), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_WRITER)))
            yield SqlUnitOfWork(connection, self._keyring, self._ids, self._clock, lease=lease, shelf=self._shelf)

    @contextmanager
    def snapshot(self) -> Iterator[UnitOfWork]:
        """Start a unit of work that only reads, and waits for no writer."""
        options: Any = {_READ_ONLY: True}
        if self._engine.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        with clear_errors(self._engine), self._engine.connect().execution_options(**options) as connection:
            yield SqlUnitOfWork(connection, self._keyring, self._ids, self._clock, shelf=self._shelf)

    def acquire(self, name: str, owner: str, ttl: timedelta) -> Lease | None:
        """Take the lease, or None while somebody else holds it."""
        now = self._clock.now()
        until = now + ttl
        with clear_errors(self._engine), self._engine.begin() as connection:
            _create_lease(connection, name, now)
            free = (_LEASE.c.name == name, (_LEASE.c.until <= now) | (_LEASE.c.owner == ""))
            taken = update(_LEASE).where(*free).values(owner=owner, until=until, fence=_LEASE.c.fence + 1)
            if connection.execute(taken).rowcount != 1:
                return None
            fence = connection.scalar(select(_LEASE.c.fence).where(_LEASE.c.name == name))
        return Lease(name, owner, fence or 0, ttl)

    def release(self, lease: Lease) -> None:
        """Give the lease back; nothing happens if it was lost already."""
        held = (_LEASE.c.name == lease.name, _LEASE.c.fence == lease.fence)
        with clear_errors(self._engine), self._engine.begin() as connection:
            connection.execute(update(_LEASE).where(*held).values(owner=""))

    def take_stock(self) -> None:
        """Have PostgreSQL look at what it holds, which by itself it would minutes later.

        It learns how much there is, and which pages everybody may see: then most customers of a key are found in the index alone.
        """
        if self._engine.dialect.name != "postgresql":
            return
        tables = ", ".join(map(self._engine.dialect.identifier_preparer.quote, SCHEMA_TABLES.tables))
        alone: Any = {"isolation_level": "AUTOCOMMIT"}  # it cannot run inside a transaction
        with clear_errors(self._engine), self._engine.connect().execution_options(**alone) as connection:
            connection.exec_driver_sql(f"VACUUM (ANALYZE) {tables}")

    def scrub(self) -> bool:
        """Overwrite what was deleted wherever the engine allows it; False where something is left for later.

        SQLite overwrites what is deleted, but not what it leaves behind where it moves a row to another page: the file is
        written anew, and what the write-ahead log still holds goes with the old one. Whoever reads or writes at the moment
        keeps it for later, and so does a disk without room for two more of it. PostgreSQL overwrites when it reuses the
        space: nothing here can hurry it.
        """
        if self._engine.dialect.name != "sqlite":
            return False
        with clear_errors(self._engine), closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            try:
                cursor.execute("VACUUM")
                anew = True
            except sqlite3.OperationalError:
                anew = False  # the erasure itself is committed: it must not look as if it had failed
            busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return anew and not busy

    def close(self) -> None:
        """Let go of connections."""
        self._engine.dispose()


def open_store(url: str, keyring: Keyring, clock: Clock, *, migrate: bool = False) -> SqlStore:
    """Open the database and see that it is ours.

    Args:
        url: SQLAlchemy URL of a SQLite file or a PostgreSQL database.
        keyring: must be the one that sealed it.
        clock: for leases and row ids.
        migrate: bring the schema up to date first; an empty database is always set up.

    Raises:
        SchemaUnknown: written by a newer ajantasa, or to be migrated first.
        KeyUnusable: sealed with another key.
        StoreUnavailable: cannot be reached.
    """
    engine = make_engine(url)
    try:
        with clear_errors(engine):
            if not check_schema(engine, may_migrate=migrate):
                upgrade(engine)
            if engine.dialect.name == "sqlite":
                # Written into the file itself, so only once it is known to be ours.
                with closing(engine.raw_connection()) as connection:  # not inside a transaction
                    connection.cursor().execute("PRAGMA journal_mode=WAL")
            _check_key(engine, keyring)
            store = SqlStore(engine, keyring, clock, RowIds(clock))
            _check_forms(engine, store, may_migrate=migrate)
    except BaseException:
        engine.dispose()
        raise
    return store


def make_engine(url: str) -> Engine:
    """Make the engine; it connects when it is first used."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": _BUSY_TIMEOUT_MS / 1000})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return create_engine(parsed, hide_parameters=True, pool_pre_ping=True)


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is not ours
    for pragma in (
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",  # what is deleted is overwritten: purged values must not linger in free pages
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        f"cache_size=-{_CACHE_KIB}",
        f"wal_autocheckpoint={_CHECKPOINT_PAGES}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once: two units of work never find out at commit that they collide.
    read_only = connection.get_execution_options().get(_READ_ONLY)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _create_lease(connection: Connection, name: str, now: datetime) -> None:
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    row = {"name": name, "owner": "", "fence": 0, "until": now}
    connection.execute(dialect.insert(_LEASE).values(row).on_conflict_do_nothing())


def _check_key(engine: Engine, keyring: Keyring) -> None:
    with engine.begin() as connection:
        known = connection.scalar(select(_META.c.value).where(_META.c.name == "key_id"))
        if known is None:
            connection.execute(_META.insert(), {"name": "key_id", "value": keyring.key_id.hex()})
        elif known != keyring.key_id.hex():
            raise KeyUnusable("the key file is not the one that sealed this database")


def _check_forms(engine: Engine, store: SqlStore, *, may_migrate: bool) -> None:
    """See that customers are kept in the form in which this program compares them."""
    with engine.begin() as connection:
        known = connection.scalar(select(_META.c.value).where(_META.c.name == "forms"))
        if known is None:
            connection.execute(_META.insert(), {"name": "forms", "value": FORMS})
    if known in (None, FORMS):
        return
    if not may_migrate:
        raise SchemaUnknown("customers are compared in another way than before: back up and run `ajantasa db upgrade`")
    last: int | None = 0
    while last is not None:
        with store.begin() as work:
            last = work.refresh_forms(last, _REFRESHED_AT_ONCE)
            work.commit()
    with engine.begin() as connection:
        connection.execute(update(_META).where(_META.c.name == "forms").values(value=FORMS))
