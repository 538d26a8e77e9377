"""One measured run of the matching step over a register that is there, as a process of its own: prints one JSON object.

Nothing but the step itself is timed, as the daemon takes it: changes are read and written down before and after.
"""

import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from adapters.clock import SystemClock
from adapters.helper import HelperProcess, Opening
from adapters.memory import settle_memory
from adapters.providers.memory import MemoryProvider
from adapters.store import open_store
from config.bootstrap import load_model, model_text
from sync.matching.prepared import prepare_identity
from sync.model import Match, Verdict
from sync.parts import FeedParts, Parts
from sync.ports.store import Store
from sync.steps.lone import look_for
from sync.steps.match import match
from sync.steps.receive import Received
from tests.benchmarks.at_scale.made import Made
from tests.benchmarks.at_scale.population import REGISTER
from tests.harness import POSTAL

PAGE = 500
_CHUNK = 1 << 20
SINGLES = 2_000
_PATIENCE = 60.0  # seconds
_UNCOUNTED = 2  # pages, after which everything that is read once has been read

Page = list[tuple[Received, str | None]]


def main(folder: Path) -> None:
    """Measure, and print the figures."""
    source = Made(folder)
    _bring_into_memory(folder / "ajantasa.db")
    store = open_store(source.url, source.keyring, SystemClock())
    run = _Run(store)
    settle_memory()
    for page in islice(_pages(source), _UNCOUNTED):
        run.take(page)
    figures: dict[str, Any] = _one_by_one(run, source) | _by_pages(run, source)
    figures["peak_mb"] = _peak_mb("self")
    figures |= _found(run, source)
    figures |= _by_two(run, source)
    store.close()
    sys.stdout.write(json.dumps(figures) + "\n")


def _bring_into_memory(database: Path) -> None:
    """Read the file once, so that the kernel has it: matching is measured, not the disk, and Splink has all in memory."""
    with database.open("rb") as file:
        while file.read(_CHUNK):
            pass


class _Run:
    """Takes changes through the matching step, each time in a unit of work of its own."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.feed = FeedParts("bench", MemoryProvider(POSTAL), REGISTER)
        self.parts = Parts(store, SystemClock(), load_model(None), {}, {"bench": self.feed}, "bench")

    def take(self, page: Sequence[tuple[Received, str | None]]) -> list[Match]:
        received = [one for one, _ in page]
        with self.store.snapshot() as work:
            return match(self.parts, self.feed, work, received)


def _pages(source: Made) -> Iterator[Page]:
    """Give the changes a page at a time, so that no more than one page is held."""
    changes = iter(source.changes())
    while page := [(Received(change, change.event_id), key) for change, key in islice(changes, PAGE)]:
        yield page


def _one_by_one(run: _Run, source: Made) -> dict[str, float]:
    """Match single changes: how long each took, candidates included, by the clock and by the processor."""
    took, used = [], []
    for page in islice(_pages(source), SINGLES // PAGE):
        for one in page:
            started, processor = time.perf_counter(), time.process_time()
            run.take([one])
            used.append(time.process_time() - processor)
            took.append(time.perf_counter() - started)
    wall, cpu = (statistics.quantiles(times, n=100) for times in (took, used))
    figures = {
        "single_p50_ms": wall[49],
        "single_p99_ms": wall[98],
        "single_cpu_p50_ms": cpu[49],
        "single_cpu_p99_ms": cpu[98],
    }
    return {name: round(seconds * 1e3, 3) for name, seconds in figures.items()}


def _by_two(run: _Run, source: Made) -> dict[str, float]:
    """Match all changes in pages again, with a second process that takes half of each."""
    helper = HelperProcess(Opening(source.url, str(source.key_file), model_text(None)))
    run.parts = replace(run.parts, helper=helper)
    if not helper.ready(_PATIENCE):
        raise SystemExit("the second process does not start")
    for page in islice(_pages(source), _UNCOUNTED):
        run.take(page)
    seconds = _by_pages(run, source)["pages_per_s"]
    peak = _peak_mb("self") + _peak_mb(f"{helper.pid}")
    helper.close()
    return {"two_pages_per_s": seconds, "two_peak_mb": round(peak, 1)}


def _by_pages(run: _Run, source: Made) -> dict[str, float]:
    """Match all changes in pages; the processor's time beside the clock's, because the machine is not ours alone."""
    seconds, used, count = 0.0, 0.0, 0
    for page in _pages(source):
        started, processor = time.perf_counter(), time.process_time()
        run.take(page)
        seconds += time.perf_counter() - started
        used += time.process_time() - processor
        count += len(page)
    return {"changes": count, "pages_per_s": round(count / seconds, 1), "cpu_us": round(used / count * 1e6, 1)}


def _found(run: _Run, source: Made) -> dict[str, float]:
    """Tell whether the right customer is among the candidates, and what became of it."""
    known = found = looked_at = count = right = wrong = 0
    for page in _pages(source):
        keys = sorted({key for _, key in page if key})
        with run.store.snapshot() as work:
            customers = {key: customer.id for key, customer in work.by_keys(REGISTER, keys).items()}
        for (_, key), result, candidates in zip(page, run.take(page), _candidates(run, page), strict=True):
            count += 1
            looked_at += len(candidates)
            known += key is not None
            found += key is not None and customers[key] in candidates
            applied = result.verdict is Verdict.APPLY and result.best
            right += bool(applied) and key is not None and applied.customer_id == customers[key]
            wrong += bool(applied) and (key is None or applied.customer_id != customers[key])
    return {
        "candidates_per_change": round(looked_at / count, 2),
        "blocking_recall": round(found / known, 4),
        "applied_right": round(right / known, 4),
        "applied_wrong": wrong,
    }


def _candidates(run: _Run, page: Page) -> list[set[int]]:
    with run.store.snapshot() as work:
        changes = [prepare_identity(one.change.identity, work.street_names()) for one, _ in page]
        looked = look_for(work, REGISTER, changes, run.parts.model)
    return [{person.id for person in people} for _, people in looked]


def _peak_mb(process: str) -> float:
    # Not getrusage: what it tells of a process includes its parent's memory at the moment of forking.
    line = next(line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return round(int(line.split()[1]) / 1024, 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
