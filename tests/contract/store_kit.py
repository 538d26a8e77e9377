"""What every store does: the port's promises, as tests that each engine's module inherits."""

from collections.abc import Iterator

import pytest

from adapters.store import Keyring, SqlStore, open_store
from tests.contract.store.customers import Customers
from tests.contract.store.facts import Facts
from tests.contract.store.feeds import Feeds
from tests.contract.store.outcomes import Outcomes
from tests.contract.store.trail import Trail
from tests.harness import KEY, HandClock


class StoreKit(Trail, Feeds, Customers, Facts, Outcomes):
    """The promises. An engine's module gives the fixture `url`."""

    @pytest.fixture
    def clock(self) -> HandClock:
        """Give a clock that is moved by hand."""
        return HandClock()

    @pytest.fixture
    def store(self, url: str, clock: HandClock) -> Iterator[SqlStore]:
        """Give the store, opened on an empty database."""
        store = open_store(url, Keyring(KEY), clock)
        yield store
        store.close()
