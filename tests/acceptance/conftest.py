"""Worlds for the real process to live in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sandbox.world import World, made_up
from tests.acceptance.invariants import Recorder


@pytest.fixture
def recorder() -> Recorder:
    """Listen in on the providers."""
    return Recorder()


@pytest.fixture
def world(tmp_path: Path, recorder: Recorder) -> Iterator[World]:
    """Make up a town whose whole story has happened already: everybody follows the real clock."""
    clinic = f"sqlite:///{tmp_path / 'clinic.db'}"
    with made_up(people=2_000, days=360, seed=7, clinic_url=clinic, around=recorder.around) as made:
        made.clock.set(None)
        yield made
