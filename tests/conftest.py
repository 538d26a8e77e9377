"""Shared by all tiers: a scrubbed environment and fixed synthetic people."""

import logging
import os
from collections.abc import Iterator

import pytest
import structlog
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


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """A command that runs in this process sets up logging on streams that are closed after the test."""
    loggers = [logging.getLogger(name) for name in ("", "apscheduler", "uvicorn.error", "alembic")]
    before = [(one, one.handlers[:], one.level, one.propagate) for one in loggers]
    config = structlog.get_config()
    yield
    structlog.configure(**config)
    for one, handlers, level, propagate in before:
        one.handlers[:], one.propagate = handlers, propagate
        one.setLevel(level)
