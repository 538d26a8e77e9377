"""The store's promises on SQLite."""

from pathlib import Path

import pytest

from tests.contract.store_kit import StoreKit
from tests.harness import sqlite_url


class TestSqliteStore(StoreKit):
    """A file, in write-ahead mode."""

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        """Give a file that is not there yet."""
        return sqlite_url(tmp_path)
