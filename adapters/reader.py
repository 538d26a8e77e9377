"""A second process that reads what providers answer: JSON to changes, while this one applies the page before.

It opens nothing, neither the database nor a connection, and keeps nothing: it is given bytes and gives back what they say.
"""

import io
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from threading import Lock
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar, cast

from adapters.beside import Answering, Beside, attend

P = ParamSpec("P")
T = TypeVar("T")

WORTH_SENDING = 128 * 1024
"""Bytes of an answer from which on another process reads it: about a hundred changes. Who gets less never starts one."""


class ReadingProcess(Beside):
    """The process, seen from the one that started it. It is started by the first answer that is large enough."""

    def __init__(self) -> None:
        super().__init__("adapters.reader")
        self._alone = Lock()
        self._number = 0

    def __call__(
        self, read: Callable[Concatenate[bytes, P], T], body: bytes, /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Read an answer there; here where it is small, another feed's is being read, or there is no other process.

        What cannot be read there is read here again, and raises what it raises.
        """
        if len(body) >= WORTH_SENDING and self._alone.acquire(blocking=False):
            try:
                told = self._told(read, body, args, kwargs)
            finally:
                self._alone.release()
            if told:
                return cast("T", told[0])
        return read(body, *args, **kwargs)

    def _told(self, *request: Any) -> tuple[Any, ...]:
        """Return what was read there, alone; nothing where it was not."""
        if not self.ready():
            return ()
        self._number += 1
        if not self.send(pickle.dumps((self._number, *request), pickle.HIGHEST_PROTOCOL)):
            return ()
        return self.receive(self._expected) or ()

    def _expected(self, message: bytes) -> tuple[Any, ...] | None:
        # From our own process, on a socket that nobody else has.
        number, told = pickle.loads(message)  # noqa: S301
        return cast("tuple[Any, ...]", told) if number == self._number else None


def serve() -> None:
    """Be the other process."""
    attend(_opened)


@contextmanager
def _opened(_opening: bytes) -> Iterator[Answering]:
    yield _answered


def _answered(message: bytes) -> bytes:
    number, read, body, args, kwargs = pickle.loads(message)  # noqa: S301 - as above
    try:
        return _written((number, (read(body, *args, **kwargs),)))
    except Exception:  # noqa: BLE001 - whatever it is, who asked finds out
        return _written((number, ()))


def _written(answer: tuple[Any, ...]) -> bytes:
    stream = io.BytesIO()
    _Pickler(stream, pickle.HIGHEST_PROTOCOL).dump(answer)
    return stream.getvalue()


class _Pickler(pickle.Pickler):
    """Writes a dataclass as a call of its class: read back in half the time that its own `__setstate__` takes."""

    names: ClassVar[dict[type, tuple[str, ...]]] = {}

    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        if (names := self.names.get(kind)) is None:
            names = self.names[kind] = _arguments(kind)
        return (kind, tuple([getattr(obj, name) for name in names])) if names else NotImplemented


def _arguments(kind: type) -> tuple[str, ...]:
    """Return the names of what a dataclass is called with, in their order; nothing where that is not all of it."""
    known = fields(kind) if is_dataclass(kind) else ()
    return tuple(field.name for field in known) if all(field.init and not field.kw_only for field in known) else ()
