"""What an error of our own database means and what to do about it, without a word of what the error says."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from sync.errors import StoreUnavailable

_FULL = "its disk is full: make room, and the work goes on by itself"
_FAILS = "its disk does not do what it should: look at the system's log and at the disk, and see that it is not full"
_LOCKED = "somebody else holds it for too long: it is tried again"
_CLOSED = "it may not be opened or written: see the owner and the rights of the file and its folder"
_DAMAGED = "it is damaged: stop ajantasa, keep a copy, and bring back the last back-up"
_AWAY = "it cannot be reached: see that it runs and lets us in, and the work goes on by itself"
_CROWDED = "it is out of connections or memory: see what else uses it"
_STANDBY = "it only lets us read: see that `store.url` names the primary server"

_BY_CODE = {  # the beginning of SQLite's names, of PostgreSQL's SQLSTATE; the longest comes first
    "SQLITE_FULL": _FULL,
    "SQLITE_IOERR_SHMSIZE": _FULL,  # no room for the first bytes beside it
    "SQLITE_IOERR": _FAILS,
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_LOCKED": _LOCKED,
    "SQLITE_PROTOCOL": _LOCKED,
    "SQLITE_CANTOPEN": _CLOSED,
    "SQLITE_READONLY": _CLOSED,
    "SQLITE_PERM": _CLOSED,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _DAMAGED,
    "53100": _FULL,
    "53": _CROWDED,
    "58": _FAILS,
    "XX": _DAMAGED,
    "55P03": _LOCKED,
    "40": _LOCKED,
    "25006": _STANDBY,
    "57P": _AWAY,
    "08": _AWAY,
    "3D": _AWAY,
}


@contextmanager
def clear_errors(engine: Engine) -> Iterator[None]:
    """Let what the database cannot do at the moment come out as `StoreUnavailable`; a bug stays what it is."""
    driver = engine.dialect.loaded_dbapi
    try:
        yield
    except DBAPIError as error:
        passing = isinstance(error, OperationalError) or error.connection_invalidated
        if problem := _meaning(engine, error.orig, passing=passing):
            raise problem from None  # the driver's own words may quote values
        raise
    except driver.Error as error:  # where the driver itself is asked
        if problem := _meaning(engine, error, passing=isinstance(error, driver.OperationalError)):
            raise problem from None
        raise


def _meaning(engine: Engine, error: BaseException | None, *, passing: bool) -> StoreUnavailable | None:
    """Say what is wrong with which database, and what to do; None where nothing is wrong with the database."""
    code = str(getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None) or "")
    told = next((what for prefix, what in _BY_CODE.items() if code.startswith(prefix)), None)
    if told is None and not passing:
        return None
    return StoreUnavailable(f"our database, {_place(engine)}: {told or _AWAY} ({code or type(error).__name__})")


def _place(engine: Engine) -> str:
    """Name the database without its account."""
    url = engine.url
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    host = url.host or url.query.get("host") or "this machine"
    return f"{url.database} on {host}{f':{url.port}' if url.port else ''}"
