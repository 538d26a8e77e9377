"""One measured run of the desk over a register that is there, as a process of its own: prints one JSON object.

Every answer is one that a desk gets: facts read and resolved, sentences made, the reading noted and on the disk. Over HTTP
the one who asks shares the process with the server, so that the figure is rather too high than too low.
"""

import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from adapters.clock import SystemClock
from adapters.memory import settle_memory
from adapters.registers.memory import MemoryRegister
from adapters.store import open_store
from adapters.web.app import create_app, create_server
from adapters.web.settings import WebSettings
from config.bootstrap import load_model
from sync.freshness.desk import DeskService
from sync.freshness.policy import FeedPromise, Policy
from sync.model import Customer, Fact, FactKind, HeldFact, PartialDate, Source
from sync.parts import Parts, RegisterParts
from sync.ports.store import Provenance, Store, StoredFact
from tests.benchmarks.at_scale.made import Made
from tests.benchmarks.at_scale.population import REGISTER
from tests.harness import HELSINKI, POPULATION

ASKED = 2_000
"""Customers of whom something is asked; fewer in a register that has fewer."""
_UNCOUNTED = 100
_SAID_AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
_TOKEN = "a-token-of-the-benchmark-0001"


def main(folder: Path) -> None:
    """Measure, and print the figures."""
    source = Made(folder)
    store = open_store(source.url, source.keyring, SystemClock())
    customers = _spoken_of(store)
    clock, model = SystemClock(), load_model(None)
    policy = Policy(HELSINKI, feeds={"vtj": FeedPromise(POPULATION.covers, timedelta(days=2))}, names={"vtj": "DVV"})
    register = RegisterParts(REGISTER, MemoryRegister(clock=clock), policy)
    desk = DeskService(Parts(store, clock, model, {REGISTER: register}, {}, "bench"))
    settle_memory()
    keys = [customer.key for customer in customers]
    figures = _timed("status", keys, lambda key: desk.status(REGISTER, key, reader="bench"))
    with _served(desk) as ask:
        figures |= _timed("status_http", keys, ask)
    store.close()
    sys.stdout.write(json.dumps(figures) + "\n")


def _spoken_of(store: Store) -> Sequence[Customer]:
    """Return customers from all over the register, of whom a feed and the register have said something."""
    with store.snapshot() as work:
        ids, last = [], 0
        while page := work.customer_ids(REGISTER, last, 10_000):
            ids += page
            last = page[-1]
        ids = ids[:: max(1, len(ids) // ASKED)][:ASKED]
        customers, known = work.customers(ids), work.facts(ids)
    todo = [customer for id_, customer in customers.items() if not known.get(id_)]
    with store.begin() as work:
        work.add_facts([fact for customer in todo for fact in _facts(customer)])
        work.cover("vtj", [customer.id for customer in todo], _SAID_AT)
        work.audit("bench", "said", _SAID_AT, {"customers": len(todo)})
        work.commit()
    return list(customers.values())


def _facts(customer: Customer) -> Iterator[StoredFact]:
    """Give what the register held, and the same as the feed has confirmed it."""
    for source, origin, since in ((Source.REGISTER, REGISTER, None), (Source.POPULATION_REGISTER, "vtj", 2001)):
        for field, value in customer.values.items():
            fact = Fact(field, FactKind.SET, value, PartialDate(since) if since else None)
            event = "" if source is Source.REGISTER else "said"
            yield StoredFact(customer.id, HeldFact(fact, source, origin, _SAID_AT, _SAID_AT, event), Provenance())


def _timed(name: str, keys: Sequence[str], ask: Callable[[str], object]) -> dict[str, float]:
    for key in keys[:_UNCOUNTED]:
        ask(key)
    took = []
    for key in keys:
        started = time.perf_counter()
        found = ask(key)
        took.append(time.perf_counter() - started)
        if not found:
            raise SystemExit("a customer of the register is not known to the desk")
    cuts = statistics.quantiles(took, n=100)
    return {f"{name}_p50_ms": round(cuts[49] * 1e3, 3), f"{name}_p99_ms": round(cuts[98] * 1e3, 3)}


@contextmanager
def _served(desk: DeskService) -> Iterator[Callable[[str], object]]:
    """Serve the desk on a free port, and give what asks it."""
    settings = WebSettings(port=0, tokens=(SecretStr(f"bench:{_TOKEN}"),))
    server = create_server(create_app(desk, _Health(), settings), settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        headers = {"Authorization": f"Bearer {_TOKEN}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", headers=headers) as client:
            yield lambda key: client.get(f"/registers/{REGISTER}/customers/{key}/status").raise_for_status().json()
    finally:
        server.should_exit = True
        thread.join()


class _Health:
    """A daemon that has nothing to say."""

    registry = CollectorRegistry()

    def alive(self) -> dict[str, bool]:
        """Return no check."""
        return {}

    def ready(self) -> dict[str, bool]:
        """Return no check."""
        return {}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
