"""What an operator says about a register in an SQL database."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from adapters.registers.flat import FlatSettings

Keeper = Literal["register", "ajantasa"]


class SqlRegisterSettings(FlatSettings):
    """A register that is one table, or one view, of a database that SQLAlchemy reaches.

    All that is ever asked of the database is SELECT and UPDATE on the columns named here.
    """

    url: SecretStr | None = Field(
        default=None,
        description="The database as an SQLAlchemy URL: `postgresql+psycopg://user:password@host/database`. Time limits"
        " of the driver go behind it, such as `?connect_timeout=10`.",
    )
    url_file: Path | None = Field(default=None, description="A file that holds the URL and nothing else.")
    table: str = Field(min_length=1, description="The table or view with one row for each customer.")
    table_schema: str | None = Field(
        default=None, alias="schema", description="The schema of the table, where it is not the account's own."
    )
    key: str = Field(min_length=1, description="The column that identifies a row; unique.")
    version: str | None = Field(
        default=None,
        description="A column whose value differs after every change of the row; `xmin` will do on PostgreSQL.",
    )
    version_is_maintained_by: Keeper = Field(
        default="register",
        description="`ajantasa` when the database does not change the version by itself: it is then counted up by one.",
    )
    updated_at: str | None = Field(
        default=None,
        description="A column that tells when the row was last changed, best with an index. Without one the whole table"
        " is read again each time; rows in which it is empty are read each time anyway.",
    )
    updated_at_is_maintained_by: Keeper = Field(
        default="register",
        description="`ajantasa` when the database does not set the time by itself: it is then set to the present.",
    )
    chunk_size: int = Field(default=1000, ge=1, le=100_000, description="How many rows are read at once.")
    overlap_seconds: int = Field(
        default=60,
        ge=0,
        description="How far before the last known change reading begins each time: at least as long as the register's"
        " longest transaction, whose changes appear with a time that has passed already.",
    )

    @model_validator(mode="after")
    def _check_database(self) -> Self:
        if (self.url is None) == (self.url_file is None):
            raise ValueError("url: give either url or url_file")
        if self.url is not None and not _is_url(self.url.get_secret_value()):
            raise ValueError("url: is no SQLAlchemy URL")
        technical = {"key": self.key, "version": self.version, "updated_at": self.updated_at}
        for name, column in self.columns.items():
            for setting, other in technical.items():
                if column == other:
                    raise ValueError(f"columns.{name}: is the same column as {setting}")
        return self

    def address(self) -> SecretStr:
        """Return the URL, read from its file where it stands in one.

        Raises:
            OSError: the file cannot be read.
        """
        if self.url is not None:
            return self.url
        return SecretStr(self.url_file.read_text(encoding="utf-8").strip() if self.url_file else "")


def _is_url(text: str) -> bool:
    try:
        make_url(text)
    except (ArgumentError, ValueError):
        return False
    return True
