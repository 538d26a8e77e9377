"""Shared by all tiers: a scrubbed environment and fixed synthetic people."""

import os

import pytest
from hypothesis import settings

pytest_plugins = ["tests.postgres"]


# At a desk every run tries other examples; CI must not fail for what nobody changed. No deadline: the machine is shared.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture(autouse=True)
def _scrubbed_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine reaches a test."""
    for name in list(os.environ):
        if name.startswith("AJANTASA_"):
            monkeypatch.delenv(name)
