"""The store's promises on PostgreSQL."""

import pytest

from tests.contract.store_kit import StoreKit


@pytest.mark.postgres
class TestPostgresStore(StoreKit):
    """A database of its own in a real server."""

    @pytest.fixture
    def url(self, postgres_url: str) -> str:
        """Give an empty database."""
        return postgres_url
