"""Engines over a real store, for the tests that drive one the whole way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import (
    Engine,
    make_engine,
    sqlite_url,
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Give a SQLite file."""
    return sqlite_url(tmp_path)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """Give an engine on SQLite with one customer, loaded."""
    engine = make_engine(url)
    engine.add()
    engine.load()
    yield engine
    engine.store.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Give an engine on each database."""
    place = sqlite_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    engine = make_engine(place)
    engine.add()
    engine.load()
    yield engine
    engine.store.close()


@pytest.fixture(params=["tells when", "tells nothing"])
def clinic(request: pytest.FixtureRequest, url: str) -> Iterator[Engine]:
    """Give an engine whose register tells versions and times of change, and one whose register tells neither."""
    engine = make_engine(url)
    if request.param == "tells nothing":
        engine.register._clock, engine.register._versioned = None, False
    engine.add()
    engine.load()
    yield engine
    engine.store.close()
