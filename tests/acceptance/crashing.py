"""`python -m tests.acceptance.crashing SECONDS POINT NUMBER -c CONFIG run`: the real program, killed when it passes a point.

The product has no hook for this. Here its adapters' methods are wrapped before it starts, so that the process sends
itself SIGKILL just before, or just after, the so-manieth call of one of them: no handler runs, nothing is tidied up.
Its clock goes so many seconds behind: it lives on the day of the story that the made-up providers tell.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from threading import Lock
from typing import Any, Literal

from adapters.audit.checkpoints import CheckpointFile
from adapters.clock import SystemClock
from adapters.providers.dvv import DvvProvider
from adapters.providers.moves.over_http import MovesOverHttp
from adapters.registers.sql import SqlRegister
from adapters.registers.sql.writing import Writer
from adapters.store import SqlStore
from adapters.store.unit_of_work import SqlUnitOfWork

KILLED = -signal.SIGKILL


@dataclass(frozen=True)
class Point:
    """A place on the way of a change at which the process may die.

    Attributes:
        when: just before, or just after, one of these methods is called.
        methods: class and name.
        often: how often a run passes it, roughly; the number of the fatal call is drawn below that.
        patience: seconds after which a run that has not passed it has nothing to do there.
    """

    when: Literal["before", "after"]
    methods: tuple[tuple[type, str], ...]
    often: int = 1
    patience: int = 12


def _of_the_store(method: str, often: int, when: Literal["before", "after"] = "after") -> Point:
    return Point(when, ((SqlUnitOfWork, method),), often)


POINTS: dict[str, Point] = {
    # The first two are passed when everything is new, and hardly ever again.
    "chunk of the register read": Point("after", ((SqlRegister, "changed_since"),), 2),
    "people looked up": Point("after", ((DvvProvider, "look_up"),), 2),
    "lease taken": Point("after", ((SqlStore, "acquire"),), 6),
    "lease not given back": Point("before", ((SqlStore, "release"),), 6),
    "page fetched": Point("after", ((DvvProvider, "pull"), (MovesOverHttp, "pull")), 4),
    "facts written": _of_the_store("add_facts", 6),
    "dispositions written": _of_the_store("add_dispositions", 4),
    "outbox written": _of_the_store("add_deliveries", 4),
    "audit entry written": _of_the_store("audit", 8),
    "location purged": _of_the_store("forget_location", 1),
    "before a commit": _of_the_store("commit", 12, "before"),
    "after a commit": _of_the_store("commit", 12),
    "announced, not delivered": Point("before", ((SqlRegister, "write_all"),), 2),
    "in the middle of a delivery": Point("after", ((Writer, "write"),), 20),
    "delivered, not acknowledged": Point("after", ((SqlRegister, "write_all"),), 2),
    # A daemon that begins right after a checkpoint makes the next one a minute later.
    "checkpoint not yet written": Point("before", ((CheckpointFile, "append"),), patience=75),
    "checkpoint written": Point("after", ((CheckpointFile, "append"),), patience=75),
}


def arm(point: Point, number: int, die: Callable[[], None]) -> None:
    """Have the so-manieth pass of the point call `die`, whichever of its methods and whichever thread that is."""
    left, lock = [number], Lock()

    def pass_by() -> None:
        with lock:
            left[0] -= 1
            if left[0] == 0:
                die()

    for owner, name in point.methods:
        setattr(owner, name, _wrapped(getattr(owner, name), point.when, pass_by))


def _wrapped(method: Callable[..., Any], when: str, pass_by: Callable[[], None]) -> Callable[..., Any]:
    @wraps(method)
    def wrapper(*args: Any, **options: Any) -> Any:
        if when == "before":
            pass_by()
        result = method(*args, **options)
        if isinstance(result, Iterator):
            return _passing(result, pass_by)
        if when == "after":
            pass_by()
        return result

    return wrapper


def _passing(items: Iterator[Any], pass_by: Callable[[], None]) -> Iterator[Any]:
    """Pass the point with each item, once it is there."""
    for item in items:
        pass_by()
        yield item


def main(arguments: Sequence[str]) -> None:
    """Arm the point, then be `ajantasa`."""
    from config.entry import main as ajantasa  # noqa: PLC0415 - after the wrapping, as the entry point would

    behind, name, number, *rest = arguments
    now, late = SystemClock.now, timedelta(seconds=float(behind))
    SystemClock.now = lambda clock: now(clock) - late  # type: ignore[method-assign,assignment]
    if name in POINTS:
        arm(POINTS[name], int(number), lambda: os.kill(os.getpid(), signal.SIGKILL))
    sys.argv = ["ajantasa", *rest]
    ajantasa()


if __name__ == "__main__":
    main(sys.argv[1:])
