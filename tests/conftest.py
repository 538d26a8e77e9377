"""Shared by all tiers: a scrubbed environment and fixed synthetic people."""

import os

import pytest

pytest_plugins = ["tests.postgres"]


@pytest.fixture(autouse=True)
def _scrubbed_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine reaches a test."""
    for name in list(os.environ):
        if name.startswith("AJANTASA_"):
            monkeypatch.delenv(name)
