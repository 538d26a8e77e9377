"""One population for all tests of the sandbox: growing it is deterministic, and nobody changes it."""

from datetime import date

import pytest

from adapters.sandbox.population import Population

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="session")
def population() -> Population:
    """Two thousand people and sixty days of their lives."""
    return Population.grow(people=2000, days=60, seed=7, today=TODAY)
