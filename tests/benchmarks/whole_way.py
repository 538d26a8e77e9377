"""One measured run of the whole way, as a process of its own so that its memory is its own.

Reads a configuration, loads the register, looks up some customers, then follows each feed for a bounded number of changes;
prints one JSON object with rates (changes a second, by the clock and in our own processor time: the providers and a database
server are other processes) and the peak resident memory in MB.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.logging import set_up_logging
from config.bootstrap import Wishes, assembled
from config.settings import load
from sync.model import Change
from sync.parts import Parts
from sync.pipeline import find_start, look_up_unwatched
from sync.report import RunReport
from sync.schedule import held, run_feed, run_register
from sync.steps.lone import decide_lone

REGISTER = "clinic"
_AT_ONCE = 5_000


def main(config: Path, changes: int) -> None:
    """Measure, and print the figures."""
    set_up_logging("error")
    figures: dict[str, Any] = {}
    with assembled(load(config), Wishes()) as parts:
        register = parts.registers[REGISTER]
        figures["loaded"], figures["load_rows_per_s"] = _rate(lambda: run_register(parts, register)[0].records)
        figures["peak_mb_after_load"] = _peak_mb()
        figures |= _rates("looked_up", lambda: _look_up(parts, "dvv", changes))
        _cover_all(parts, "dvv")
        for name in parts.feeds:
            figures |= _rates(name, lambda n=name: _follow(parts, n, changes))
        figures["matched"], figures["matching_per_s"] = _match_alone(parts, changes)
        figures["delivered"], figures["deliveries_per_s"] = _rate(
            lambda: run_register(parts, register, read=False)[1].acknowledged
        )
    figures["peak_mb"] = _peak_mb()
    sys.stdout.write(json.dumps(figures) + "\n")


def _follow(parts: Parts, feed: str, changes: int) -> int:
    """Follow a feed, and stop after the page in which the number is reached."""
    report = RunReport(feed)
    bounded = replace(parts, stopping=lambda: report.received >= changes)
    run_feed(bounded, bounded.feeds[feed], report=report)
    return report.outcomes.total()


def _look_up(parts: Parts, feed: str, customers: int) -> int:
    """Ask for customers whom the feed does not watch yet, as it is done when it is first followed."""
    report = RunReport(feed)
    bounded, known = replace(parts, stopping=lambda: report.outcomes.total() >= customers), parts.feeds[feed]
    with held(bounded, f"feed:{feed}") as lease:
        find_start(bounded, known, lease)
        look_up_unwatched(bounded, known, lease, report)
    return report.outcomes.total()


def _cover_all(parts: Parts, feed: str) -> None:
    """Have everybody watched, as if all had been looked up: only how fast changes are taken is measured after that."""
    last = 0
    with parts.store.begin() as work:
        while ids := work.customer_ids(REGISTER, last, _AT_ONCE):
            work.cover(feed, ids, parts.clock.now())
            last = ids[-1]
        work.commit()


def _match_alone(parts: Parts, changes: int) -> tuple[int, float]:
    """Match the notices of the postal feed again, a page at a time: keys, candidates, scoring, verdict; no writing."""
    feed = parts.feeds["posti"]
    cursor, pages, more = feed.provider.start(feed.since or parts.today(parts.registers[REGISTER])), [], True
    while more and sum(map(len, pages)) < changes:
        page = feed.provider.pull(cursor, list)
        pages.append([item.identity for item in page.items if isinstance(item, Change) and not item.cancels])
        cursor, more = page.cursor, not page.up_to_date

    def run() -> int:
        for identities in pages:
            with parts.store.snapshot() as work:
                decide_lone(work, REGISTER, identities, parts.model)
        return sum(map(len, pages))

    return _rate(run)


def _rates(name: str, run: Callable[[], int]) -> dict[str, float]:
    """Return how many there were, and how many in a second, by the clock and by the processor."""
    started = time.process_time()
    done, rate = _rate(run)
    return {name: done, f"{name}_per_s": rate, f"{name}_per_cpu_s": round(done / (time.process_time() - started), 1)}


def _rate(run: Callable[[], int]) -> tuple[int, float]:
    started = time.perf_counter()
    done = run()
    return done, round(done / (time.perf_counter() - started), 1)


def _peak_mb() -> float:
    # Not getrusage: what it tells of a process includes its parent's memory at the moment of forking.
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return round(int(line.split()[1]) / 1024, 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
