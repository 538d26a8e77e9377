"""Asking a provider for what comes next while a page is applied: one thread, one question at a time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from sync.parts import Ahead

T = TypeVar("T")


@contextmanager
def one_ahead() -> Iterator[Ahead]:
    """Give a thread to work ahead in. It is waited for at the end: nobody asks the provider when its lease is given back."""
    with ThreadPoolExecutor(1, "ahead") as thread:

        def begin(work: Callable[[], T], /) -> Callable[[], T]:
            return thread.submit(work).result

        yield begin
