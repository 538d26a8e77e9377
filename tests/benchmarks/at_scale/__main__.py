"""`python -m tests.benchmarks.at_scale [--customers N …]`: matching against ever larger registers, and Splink beside it.

Every figure is the median of several processes that take turns, so that what else the machine does falls on all alike.
Only the ratios mean anything elsewhere. With `--markdown` it prints what docs/matching.md holds between its marks.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from adapters.cli.output import table
from tests.benchmarks.at_scale.made import Made, made
from tests.benchmarks.markdown import markdown

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 3
_HERE = Path(__file__).parent
_OTHER_PYTHON = Path(__file__).parents[3] / ".venv-accuracy" / "bin" / "python"
_ROWS = (
    # what, key, unit, must, aim
    ("one change, median", "single_p50_ms", "ms", "", ""),
    ("one change, 99th percentile", "single_p99_ms", "ms", "5", "1"),
    ("the same in processor time", "single_cpu_p99_ms", "ms", "", ""),
    ("pages of 500", "pages_per_s", "changes/s", "", ""),
    ("the same in processor time a change", "cpu_us", "µs", "", ""),
    ("pages of 500, a second process helping", "two_pages_per_s", "changes/s", "", ""),
    ("the desk's answer, 99th percentile", "status_p99_ms", "ms", "10", ""),
    ("the same over HTTP", "status_http_p99_ms", "ms", "50", ""),
    ("peak memory", "peak_mb", "MB", "250", "150"),
    ("peak memory, a second process helping", "two_peak_mb", "MB", "250", "150"),
    ("candidates of one change", "candidates_per_change", "", "", ""),
    ("blocking recall", "blocking_recall", "", "", ""),
    ("customers changed for the better", "applied_right", "of those meant", "", ""),
    ("customers changed wrongly", "applied_wrong", "", "0", "0"),
)


def main() -> None:
    """Make what is not there, measure, and print a table, ratios last, and the same as JSON."""
    asked = argparse.ArgumentParser(prog="python -m tests.benchmarks.at_scale", description=__doc__)
    asked.add_argument("--customers", type=int, nargs="+", default=SIZES, help="sizes of the register")
    asked.add_argument("--splink", type=Path, default=_OTHER_PYTHON, help="an interpreter that has Splink")
    asked.add_argument("--markdown", action="store_true", help="print the tables as Markdown and nothing else")
    given = asked.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    progress = Console(highlight=False, soft_wrap=True, stderr=given.markdown)
    ours, splink = measured(sorted(given.customers), given.splink, progress)
    ratios = compared(ours, splink)
    tables = shown(ours, splink, ratios)
    if given.markdown:
        sys.stdout.write(markdown(tables) + "\n")
        return
    console.print(*tables)
    if not splink:
        console.print("Splink is not installed: `make accuracy` makes the environment that has it", style="dim")
    console.print_json(json.dumps({"ajantasa": ours, "splink": splink, "ratios": ratios}))


def measured(
    sizes: Sequence[int], other_python: Path, console: Console
) -> tuple[dict[int, dict[str, Any]], dict[str, Any]]:
    """Return our figures by size, and Splink's at the largest size; nothing of Splink where it is not installed."""
    registers = {}
    for size in sizes:
        console.print(f"making, or finding again, {size:,} customers …", style="dim")
        registers[size] = made(size)
    runs: dict[int, list[dict[str, Any]]] = {size: [] for size in sizes}
    with_splink = []
    for turn in range(ROUNDS):
        for size in sizes:
            console.print(f"matching against {size:,} customers, {turn + 1} of {ROUNDS} …", style="dim")
            runs[size].append(_ours("measured", registers[size]) | _ours("asking", registers[size]))
        if other_python.exists():
            console.print(f"the same with Splink, {turn + 1} of {ROUNDS} …", style="dim")
            with_splink.append(_splink(other_python, registers[sizes[-1]]))
    return {size: _medians(found) for size, found in runs.items()}, _medians(with_splink)


def compared(ours: Mapping[int, Mapping[str, float]], splink: Mapping[str, float]) -> dict[str, float]:
    """Return the ratios: the largest register against the smallest, and ours against Splink's."""
    smallest, largest = ours[min(ours)], ours[max(ours)]
    ratios = {"largest_to_smallest": round(largest["pages_per_s"] / smallest["pages_per_s"], 3)}
    if splink:
        ratios["splink_single_to_ours"] = round(splink["single_ms"] / largest["single_p50_ms"], 1)
        ratios["our_pages_to_splink_bulk"] = round(largest["two_pages_per_s"] / splink["bulk_per_s"], 3)
        ratios["one_process_to_splink_bulk"] = round(largest["pages_per_s"] / splink["bulk_per_s"], 3)
    return ratios


def shown(
    ours: Mapping[int, Mapping[str, float]], splink: Mapping[str, float], ratios: Mapping[str, float]
) -> list[Table]:
    """Set what was measured beside what must and should be."""
    speed = table("Matching on SQLite", "", *(f"{size:,}" for size in ours), "unit", "must", "aim")
    for title, key, *rest in _ROWS:
        speed.add_row(title, *(str(figures[key]) for figures in ours.values()), *rest)
    limits = {
        "largest_to_smallest": ("throughput, largest register to smallest", "0.8", "0.95"),
        "splink_single_to_ours": ("one record: Splink's time to ours", "300", "1,000"),
        "our_pages_to_splink_bulk": (
            "changes a second, both on two cores: ours in pages to Splink's in bulk",
            "1",
            "2",
        ),
        "one_process_to_splink_bulk": ("the same with our one process, on one core", "", ""),
    }
    summary = table("Ratios", "", "", "must", "aim")
    for key, ratio in ratios.items():
        title, *limit = limits[key]
        summary.add_row(title, f"{ratio:g}", *limit)
    return [speed, *([_of_splink(max(ours), splink)] if splink else []), summary]


def _of_splink(customers: int, splink: Mapping[str, float]) -> Table:
    other = table(f"Splink on {customers:,} customers", "", "", "unit")
    other.add_row("one new record, median", str(splink["single_ms"]), "ms")
    other.add_row("10,000 changes in bulk", str(splink["bulk_per_s"]), "changes/s")
    other.add_row("peak memory", str(splink["peak_mb"]), "MB")
    other.add_row("blocking recall", str(splink["blocking_recall"]), "")
    return other


def _ours(module: str, register: Made) -> dict[str, Any]:
    return _run(sys.executable, "-m", f"tests.benchmarks.at_scale.{module}", register.folder)


def _splink(python: Path, register: Made) -> dict[str, Any]:
    return _run(python, _HERE / "with_splink.py", register.register_csv, register.changes_csv)


def _run(*command: str | Path) -> dict[str, Any]:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def _medians(runs: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    return {key: median(run[key] for run in runs) for key in runs[0]} if runs else {}


if __name__ == "__main__":
    main()
