"""Adapters that die with their process, or let another one act, at a named point on the way of a change."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

from sync.parts import Parts


class Killed(BaseException):
    """The process is gone. No `except Exception` holds it up."""


@dataclass(frozen=True)
class Point:
    """A place at which something happens to a worker.

    Attributes:
        when: just before, or just after, the call.
        part: whose call: of the store, a unit of work, a provider or a register.
        method: its name.
        open: no unit of work is under way, so that another worker can act meanwhile.
    """

    when: Literal["before", "after"]
    part: Literal["store", "work", "provider", "register"]
    method: str
    open: bool = False


POINTS = {
    "lease taken": Point("after", "store", "acquire", open=True),
    "lease not given back": Point("before", "store", "release", open=True),
    "page fetched": Point("after", "provider", "pull", open=True),
    "people looked up": Point("after", "provider", "look_up", open=True),
    "chunk of the register read": Point("after", "register", "changed_since", open=True),
    "cursor written": Point("after", "work", "save_feed"),
    "facts written": Point("after", "work", "add_facts"),
    "dispositions written": Point("after", "work", "add_dispositions"),
    "reviews written": Point("after", "work", "add_reviews"),
    "outbox written": Point("after", "work", "add_deliveries"),
    "audit entry written": Point("after", "work", "audit"),
    "location purged": Point("after", "work", "forget_location"),
    "customers mirrored": Point("after", "work", "update_customers"),
    "before a commit": Point("before", "work", "commit"),
    "after a commit": Point("after", "work", "commit", open=True),
    "announced, not delivered": Point("before", "register", "write_all", open=True),
    "in the middle of a delivery": Point("after", "register", "write", open=True),
    "delivered, not acknowledged": Point("after", "register", "write_all", open=True),
}


class Fate:
    """What happens to one worker when it passes a point for the so-manieth time: it dies unless something else is given."""

    def __init__(self, point: Point, number: int, happens: Callable[[], None] | None = None) -> None:
        self.point = point
        self.left = number
        self.dead = False
        self._happens = happens

    def pass_by(self) -> None:
        """Count a pass of the point."""
        self.left -= 1
        if self.left == 0:
            if self._happens:
                self._happens()
            else:
                self.dead = True
                raise Killed

    def bind(self, parts: Parts) -> Parts:
        """Return the same parts in the hands of a worker with this fate."""
        registers = {
            n: replace(r, port=_Register(r.port, "register", self))  # type: ignore[arg-type]  # all but the point is its own
            for n, r in parts.registers.items()
        }
        feeds = {n: replace(f, provider=_Part(f.provider, "provider", self)) for n, f in parts.feeds.items()}  # type: ignore[arg-type]
        return replace(parts, store=_Store(parts.store, "store", self), registers=registers, feeds=feeds)  # type: ignore[arg-type]


class _Part:
    """A part of a mortal worker."""

    def __init__(self, real: Any, part: str, fate: Fate) -> None:
        self._real = real
        self._part = part
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if self._fate.dead:
            raise Killed  # also in what comes with `finally`: a dead process gives nothing back
        return self._passing(found) if (self._part, name) == (self._fate.point.part, self._fate.point.method) else found

    def _passing(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def passing(*args: Any, **options: Any) -> Any:
            if self._fate.point.when == "before":
                self._fate.pass_by()
            result = method(*args, **options)
            if isinstance(result, Iterator):
                return self._one_by_one(result)
            if self._fate.point.when == "after":
                self._fate.pass_by()
            return result

        return passing

    def _one_by_one(self, items: Iterator[Any]) -> Iterator[Any]:
        for item in items:
            self._fate.pass_by()
            yield item


class _Store(_Part):
    """The store of a mortal worker, whose units of work are mortal too."""

    @contextmanager
    def begin(self, lease: Any = None) -> Iterator[Any]:
        if self._fate.dead:
            raise Killed
        with self._real.begin(lease) as work:
            yield _Part(work, "work", self._fate)


class _Register(_Part):
    """The register of a mortal worker: many records are written one after another."""

    def write_all(self, writes: Any) -> list[Any]:
        def one_by_one(writes: Any) -> list[Any]:
            return [self.write(write) for write in writes]

        named = (self._fate.point.part, self._fate.point.method) == ("register", "write_all")
        return (self._passing(one_by_one) if named else one_by_one)(writes)
