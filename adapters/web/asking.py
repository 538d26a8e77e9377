"""Asking the desk from a request: off the event loop, measured, and failing in one way only."""

import structlog
from fastapi.concurrency import run_in_threadpool
from prometheus_client import CollectorRegistry, Counter, Histogram

from sync.errors import NotFound, StoreUnavailable
from sync.freshness.status import CustomerStatus, Desk

_log = structlog.get_logger()
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)  # the promise is 50 ms for 99 of 100


class Asking:
    """The desk as the web asks it."""

    def __init__(self, desk: Desk, registry: CollectorRegistry) -> None:
        self._desk = desk
        self.registers = desk.registers()
        self._seconds = Histogram(
            "ajantasa_desk_seconds",
            "Time in which the desk answered.",
            registry=registry,
            buckets=_BUCKETS,
        )
        self._lookups = Counter(
            "ajantasa_desk_lookups",
            "Look-ups at the desk by outcome: found, unknown, unavailable.",
            ["outcome"],
            registry=registry,
        )

    async def status(self, register: str, key: str, *, reader: str, reveal: bool = False) -> CustomerStatus | None:
        """Return a customer's status, None when there is no such register or record.

        Raises:
            StoreUnavailable: the desk could not answer, for whatever reason.
        """
        if register not in self.registers:
            return None
        try:
            with self._seconds.time():
                found = await run_in_threadpool(self._desk.status, register, key, reader=reader, reveal=reveal)
        except NotFound:
            found = None
        except Exception as error:  # noqa: BLE001 - the edge: the reader gets a sentence, the log no value, whatever it was
            _log.error("desk_unavailable", register=register, error=type(error).__name__)
            self._lookups.labels("unavailable").inc()
            raise StoreUnavailable("the desk cannot answer now") from None
        self._lookups.labels("found" if found else "unknown").inc()
        return found
