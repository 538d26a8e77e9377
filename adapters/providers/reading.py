"""Who reads what a provider answered: this process, or another one."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Reading(Protocol):
    """Reads an answer by a function of a module, whose arguments and result can be pickled."""

    def __call__(
        self, read: Callable[Concatenate[bytes, P], T], body: bytes, /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what `read(body, *args, **kwargs)` returns, or raise what it raises."""
        ...


def read_here(read: Callable[Concatenate[bytes, P], T], body: bytes, /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Read it in this process."""
    return read(body, *args, **kwargs)
