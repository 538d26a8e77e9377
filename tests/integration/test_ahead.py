"""A provider is asked for its next page while one is applied, and nothing depends on it."""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.ahead import one_ahead
from adapters.providers.memory import MemoryProvider
from sync.errors import LeaseLost, ProviderUnavailable
from sync.parts import Parts, in_turn
from sync.ports.provider import Page, WatchList
from sync.report import RunReport
from sync.schedule import run_feed
from tests.harness import POSTAL, Engine, home, make_engine, moved, sqlite_url

_PATIENCE = 10
"""Seconds for what another thread does at once."""


class Telling(MemoryProvider):
    """Tells when its second page is asked for, and how many questions it is busy with."""

    def __init__(self) -> None:
        super().__init__(POSTAL, page_size=1)
        self.asked_again = threading.Event()
        self.busy = 0
        self.go_on: Callable[[], object] = lambda: None

    def pull(self, cursor: str, watch: WatchList) -> Page:
        self.busy += 1
        try:
            if cursor != "0":
                self.asked_again.set()
                self.go_on()
            return super().pull(cursor, watch)
        finally:
            self.busy -= 1


@pytest.fixture
def provider() -> Telling:
    """Give three events, one a page."""
    provider = Telling()
    provider.log += [moved(home(number=str(n)), event=f"e{n}") for n in range(1, 4)]
    return provider


@pytest.fixture
def engine(tmp_path: Path, provider: Telling) -> Engine:
    """Give an engine that works ahead on the postal feed."""
    engine = make_engine(sqlite_url(tmp_path))
    engine.add()
    engine.load()
    feeds = dict(engine.parts.feeds)
    feeds["posti"] = replace(feeds["posti"], provider=provider)
    engine.parts = replace(engine.parts, feeds=feeds, ahead=one_ahead)
    return engine


def _follow(parts: Parts) -> RunReport:
    return run_feed(parts, parts.feeds["posti"], jitter=lambda: 0.5)


class Looking:
    """Progress that looks, once a page was applied, whether the next one was asked for meanwhile."""

    def __init__(self, provider: Telling) -> None:
        self.provider = provider
        self.seen: list[bool] = []

    def advance(self, done: int, total: int | None = None) -> None:
        self.seen.append(self.provider.asked_again.wait(_PATIENCE if not self.seen else 0))

    def done(self) -> None:
        """Say nothing."""


def test_the_next_page_is_asked_for_before_this_one_is_done(engine: Engine, provider: Telling) -> None:
    """When the first page was applied, the second is on its way; all three are applied, in their order."""
    looking = Looking(provider)
    report = _follow(replace(engine.parts, progress=lambda _: looking))
    assert looking.seen == [True, True, True]
    assert report.pages == 3
    assert sum(engine.outcomes("posti").values()) == 3


def test_a_failure_while_being_ahead_comes_after_the_page_at_hand(engine: Engine, provider: Telling) -> None:
    """The page at hand is committed before the failure of the next one is told; then it goes on from there."""
    provider.fail(ProviderUnavailable("down"), on=2)
    with pytest.raises(ProviderUnavailable):
        _follow(engine.parts)
    assert sum(engine.outcomes("posti").values()) == 1
    engine.clock.move(hours=1)
    _follow(engine.parts)
    assert sum(engine.outcomes("posti").values()) == 3


def test_nobody_asks_any_more_when_the_lease_is_given_back(engine: Engine, provider: Telling) -> None:
    """Whoever loses the lease in the midst of a page keeps nothing of it, and has let the provider finish its answer."""
    finished = threading.Event()

    def slowly() -> None:
        finished.wait(0.2)
        finished.set()

    provider.go_on = slowly

    class Robbing(Looking):
        def advance(self, done: int, total: int | None = None) -> None:
            super().advance(done, total)
            raise LeaseLost("somebody else works on it")

    with pytest.raises(LeaseLost):
        _follow(replace(engine.parts, progress=lambda _: Robbing(provider)))
    assert finished.is_set()
    assert not provider.busy
    provider.go_on = lambda: None
    _follow(engine.parts)
    assert sum(engine.outcomes("posti").values()) == 3


def test_in_turn_nothing_is_asked_for_ahead(engine: Engine, provider: Telling) -> None:
    """Without a thread to be ahead in, the second page is asked for when the first one is done."""
    asked: list[bool] = []

    class Noting(Looking):
        def advance(self, done: int, total: int | None = None) -> None:
            asked.append(self.provider.asked_again.is_set())

    _follow(replace(engine.parts, ahead=lambda: nullcontext(in_turn), progress=lambda _: Noting(provider)))
    assert asked == [False, True, True]
