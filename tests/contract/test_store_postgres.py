"""The store's promises on PostgreSQL."""

import pytest
import sqlalchemy as sa

from adapters.store import SqlStore
from adapters.store.engine import make_engine
from tests.contract.store.samples import customer, keep
from tests.contract.store_kit import StoreKit


@pytest.mark.postgres
class TestPostgresStore(StoreKit):
    """A database of its own in a real server."""

    @pytest.fixture
    def url(self, postgres_url: str) -> str:
        """Give an empty database."""
        return postgres_url

    def test_the_server_knows_what_it_holds_once_it_has_taken_stock(self, store: SqlStore, url: str) -> None:
        """Its own look-out would see it minutes later; until then it guesses badly, and looks at every row that an index names."""
        keep(store, customer())
        engine = make_engine(url)

        def known() -> tuple[float, int]:
            query = sa.text("SELECT reltuples, pg_stat_get_vacuum_count(oid) FROM pg_class WHERE relname = 'customer'")
            with engine.connect() as connection:
                return tuple(connection.execute(query).one())

        assert known() == (-1, 0)  # as the server says of what it never looked at
        store.take_stock()
        assert known() == (1, 1)
        engine.dispose()
