"""What every store promises of leases, feeds, registers and what a feed covers."""

from datetime import timedelta

import pytest

from adapters.store import SqlStore
from sync.errors import LeaseLost
from sync.ports.store import FeedHealth, FeedState
from tests.contract.store.samples import TTL, customer, keep, write
from tests.harness import MAIJA_ID, START, HandClock


class Feeds:
    """One worker at a time, and where each feed stands."""

    # --- leases -------------------------------------------------------------------------------------------------------

    def test_one_holds_a_lease_at_a_time(self, store: SqlStore, clock: HandClock) -> None:
        """Others wait until it is given back or runs out; the fence grows with every taking."""
        first = store.acquire("feed:a", "one", TTL)
        assert store.acquire("feed:a", "two", TTL) is None
        assert store.acquire("feed:b", "two", TTL)
        store.release(first)
        second = store.acquire("feed:a", "two", TTL)
        clock.move(seconds=60)
        third = store.acquire("feed:a", "three", TTL)
        assert first.fence < second.fence < third.fence

    def test_a_commit_under_a_lost_lease_does_not_happen(self, store: SqlStore, clock: HandClock) -> None:
        """A worker that slept writes nothing, and its giving back disturbs nobody."""
        lost = store.acquire("feed:a", "one", TTL)
        clock.move(seconds=61)
        assert store.acquire("feed:a", "two", TTL)
        with pytest.raises(LeaseLost):
            write(store, lambda work: work.save_feed(FeedState("a", cursor="9")), lost)
        store.release(lost)
        assert store.acquire("feed:a", "three", TTL) is None
        with store.snapshot() as work:
            assert work.feed("a").cursor is None

    def test_a_commit_holds_the_lease_for_longer(self, store: SqlStore, clock: HandClock) -> None:
        """Work that goes on is not taken over."""
        lease = store.acquire("feed:a", "one", TTL)
        for _ in range(3):
            clock.move(seconds=50)
            with store.begin(lease) as work:
                work.commit()
        assert store.acquire("feed:a", "two", TTL) is None

    # --- feeds and registers ------------------------------------------------------------------------------------------

    def test_a_feeds_state_is_kept(self, store: SqlStore) -> None:
        """As it was saved, to the microsecond."""
        at = START + timedelta(microseconds=1)
        state = FeedState("f", "c" * 5000, FeedHealth.FAILING, "reason", at, at, 3)
        write(store, lambda work: work.save_feed(FeedState("f")))
        write(store, lambda work: work.save_feed(state))
        with store.snapshot() as work:
            assert work.feed("f") == state

    def test_a_register_is_loaded_once_it_came_to_its_end(self, store: SqlStore) -> None:
        """The mark moves without forgetting that."""
        write(store, lambda work: work.save_mark("r", "1", START))
        with store.snapshot() as work:
            assert (work.mark("r"), work.loaded("r"), work.mark("other")) == ("1", False, None)
        with store.begin() as work:
            assert [work.mark_loaded("r", START), work.mark_loaded("r", START)] == [True, False]
            work.commit()
        store.take_stock()
        write(store, lambda work: work.save_mark("r", "2", START))
        with store.snapshot() as work:
            assert (work.mark("r"), work.loaded("r")) == ("2", True)

    # --- coverage -----------------------------------------------------------------------------------------------------

    def test_coverage_is_noted_and_forgotten(self, store: SqlStore) -> None:
        """Who is not covered is asked for; who was not known is asked for again after a time."""
        one, two, _ = keep(store, customer("1"), customer("2"), customer("3", values={}))
        write(store, lambda work: work.cover("f", [one.id], START))
        write(store, lambda work: work.absent("f", [two.id], START))
        with store.snapshot() as work:
            assert work.watched("clinic", "f") == [MAIJA_ID]
            assert work.coverage([one.id, two.id]) == {one.id: {"f": START}}
            assert work.unwatched("clinic", "f", 0, 9, START) == []
            assert work.unwatched("clinic", "f", 0, 9, START + TTL) == [(two.id, MAIJA_ID)]
            assert [id_ for id_, _ in work.unwatched("clinic", "g", 0, 9, START)] == [one.id, two.id]
        write(store, lambda work: work.uncover("f", [one.id]))
        with store.snapshot() as work:
            assert work.watched("clinic", "f") == []
            assert work.unwatched("clinic", "f", 0, 9, START) == [(one.id, MAIJA_ID)]
        write(store, lambda work: work.uncover("f"))
        with store.snapshot() as work:
            assert len(work.unwatched("clinic", "f", 0, 9, START)) == 2
