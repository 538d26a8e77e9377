"""A second process that is there for as long as a test needs it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

from adapters.beside import Beside

SOON = 60.0
"""Seconds within which a process must have come."""

Process = TypeVar("Process", bound=Beside)


@contextmanager
def there(process: Process) -> Iterator[Process]:
    """Give a process that has started, and see that it is gone afterwards."""
    assert process.ready(SOON)
    pid = process.pid
    assert pid
    yield process
    process.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
