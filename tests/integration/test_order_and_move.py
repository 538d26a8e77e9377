"""An order, its end and a move, as they fall into pages."""

from datetime import timedelta

import pytest

from sync.model import Field
from tests.harness import START, Engine, moved, protected
from tests.integration.whole_way import NEW, location_values, mirror, posti, pull


@pytest.mark.parametrize("pages", [(1, 1, 1), (2, 1), (3,)])
def test_where_a_page_ends_makes_no_difference_to_what_is_told_after_an_order(
    either: Engine, pages: tuple[int, ...]
) -> None:
    """A provider that cannot be asked tells a move once: what is said when the order is over is kept (I4)."""
    pull(either, posti(None, event="m0"), feed="posti")
    either.postal.log += [
        protected(),
        protected(event="p2", active=False, recorded=START - timedelta(hours=9)),
        moved(NEW, event="m1", recorded=START - timedelta(hours=5)),
    ]
    either.postal.cut(*pages)
    either.follow("posti")
    either.deliver()
    assert not mirror(either).protected
    assert either.held()[Field.ADDRESS] == NEW
    assert location_values(either) == [NEW, NEW]
