"""The store's promises on PostgreSQL."""

import pytest
import sqlalchemy as sa

from adapters.store import SqlStore
from adapters.store.engine import make_engine
from tests.contract.store_kit import StoreKit, customer, keep, write
from tests.harness import START


@pytest.mark.postgres
class TestPostgresStore(StoreKit):
    """A database of its own in a real server."""

    @pytest.fixture
    def url(self, postgres_url: str) -> str:
        """Give an empty database."""
        return postgres_url

    def test_the_server_knows_how_much_it_holds_once_the_first_load_is_over(self, store: SqlStore, url: str) -> None:
        """Its own look-out would see it a minute later, and until then it guesses badly."""
        keep(store, customer())
        write(store, lambda work: work.save_mark("clinic", "1", START))
        engine = make_engine(url)

        def known() -> float:
            with engine.connect() as connection:
                return connection.scalar(sa.text("SELECT reltuples FROM pg_class WHERE relname = 'customer'")) or 0.0

        assert known() == -1  # as the server says of what it never looked at
        write(store, lambda work: work.mark_loaded("clinic", START))
        assert known() == 1
        engine.dispose()
