"""What a database's error means, without a word of what the error says: drivers quote values."""

import sqlalchemy as sa

from sync.errors import RegisterUnavailable

_BY_CODE = {
    # PostgreSQL: SQLSTATE
    "22001": "value_too_long",
    "23502": "value_missing",
    "23503": "reference",
    "23505": "not_unique",
    "23514": "constraint",
    "P0001": "refused_by_register",
    # SQLite
    "SQLITE_CONSTRAINT_CHECK": "constraint",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "reference",
    "SQLITE_CONSTRAINT_NOTNULL": "value_missing",
    "SQLITE_CONSTRAINT_TRIGGER": "refused_by_register",
    "SQLITE_CONSTRAINT_UNIQUE": "not_unique",
    # MySQL and MariaDB: error number
    1048: "value_missing",
    1062: "not_unique",
    1366: "value_not_accepted",
    1406: "value_too_long",
    1452: "reference",
    1644: "refused_by_register",
    3819: "constraint",
    4025: "constraint",
}

_REFUSALS = frozenset({"constraint", "value_not_accepted"})
_BY_CLASS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((sa.exc.IntegrityError,), "constraint"),
    ((sa.exc.DataError,), "value_not_accepted"),
    ((sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError), "cannot be reached, or is locked"),
    ((sa.exc.ProgrammingError,), "does not let this account do what it must"),
    ((sa.exc.DBAPIError, sa.exc.InvalidRequestError), "failed"),
)


DATABASE_ERRORS = (sa.exc.SQLAlchemyError, UnicodeError, OverflowError)
"""What asking a database may raise."""


class Refused(Exception):  # noqa: N818 - the database refused; no error of this program
    """The database does not take these values, now or later. Carries a reason code only."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def meaning(error: Exception) -> Refused | RegisterUnavailable:
    """Say what an error of the database means: refused for good, or to be tried again."""
    code = _code(error)
    if code in _BY_CODE:
        return Refused(_BY_CODE[code])
    for kinds, what in _BY_CLASS:
        if isinstance(error, kinds):
            return Refused(what) if what in _REFUSALS else RegisterUnavailable(f"the register's database {what}")
    # What is left was thrown while values were made ready for the driver: a text that has no encoding, a huge number.
    return Refused("value_not_accepted")


def _code(error: Exception) -> str | int | None:
    cause = getattr(error, "orig", None)
    for attribute in ("sqlstate", "sqlite_errorname"):
        code = getattr(cause, attribute, None)
        if code in _BY_CODE:
            return str(code)
    first = cause.args[0] if isinstance(cause, Exception) and cause.args else None
    return first if isinstance(first, int) else None
