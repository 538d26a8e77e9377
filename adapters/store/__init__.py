"""Our own database: SQLite or PostgreSQL from one set of tables, personal values sealed."""

from adapters.store.engine import SqlStore, open_store
from adapters.store.keyring import Keyring

__all__ = ["Keyring", "SqlStore", "open_store"]
