"""`ajantasa matching evaluate`: how well the matcher does on labelled data."""

import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from adapters.cli.matching.common import Rate, Seed, stages
from adapters.cli.output import Bar, Exit, err, out, print_json, table
from adapters.cli.service import Call, Json
from adapters.labelled import Files, Measured, Watching, measure, read_map
from sync.matching.evaluate import Point, interval
from sync.matching.train import Training


def evaluate(
    context: typer.Context,
    register: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="CSV file of the register.")],
    changes: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="CSV file of the changes.")],
    truth: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="CSV file: which change is about whom.")],
    map_: Annotated[
        Path, typer.Option("--map", exists=True, dir_okay=False, help="TOML file: which column holds what.")
    ],
    false_update_rate: Rate = 1e-5,
    seed: Seed = 1,
    json: Json = False,
) -> int:
    """Train without labels on a register and changes, match them, and compare with the truth."""
    call: Call = context.obj
    training = Training(false_update_rate=false_update_rate)
    with _tidy_when_terminated():
        measured = measure(
            Files(register, changes, truth),
            read_map(map_),
            call.program.shipped_model(),
            training,
            seed,
            Watching(Bar, stages()),
        )
    if measured.unknown:
        rows = "row names" if measured.unknown == 1 else "rows name"
        err().print(
            f"{measured.unknown} {rows} a record or a change that is not there: left out ({truth.name})", markup=False
        )
    figures = _figures(measured)
    if json:
        print_json(figures)
    else:
        _print(figures)
    return Exit.OK


@contextmanager
def _tidy_when_terminated() -> Iterator[None]:
    """End by way of an exception on SIGTERM too, so that the temporary store goes with the process."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _figures(measured: Measured) -> dict[str, Any]:
    found, limits = measured.figures, measured.model.thresholds
    return {
        "changes": found.changes,
        "with_counterpart": found.known,
        "truth_rows_left_out": measured.unknown,
        "pairs_scored": found.pairs_scored,
        "blocking_recall": found.blocking_recall,
        "best_f1": found.best.f1,
        "best_f1_threshold": found.best.threshold,
        **_point(found.best),
        "recall_at_precision": found.recall_at_precision,
        "auto": {
            "threshold": found.auto.threshold,
            **_point(found.auto),
            "review_share": found.reviews / found.changes,
        },
        "false_update_rate": limits.false_update_rate,
        "expected_errors": found.expected_errors,
        "observed_errors": found.observed_errors,
        "train_seconds": round(measured.train_seconds, 2),
        "match_seconds": round(measured.match_seconds, 2),
        "peak_rss_mb": round(_peak_mb(), 1),
    }


def _point(point: Point) -> dict[str, Any]:
    return {
        "precision": point.precision,
        "precision_interval": list(interval(point.precision, point.taken)),
        "recall": point.recall,
        "recall_interval": list(interval(point.recall, point.known)),
    }


def _print(figures: dict[str, Any]) -> None:
    shown = table("How well it matched", "", "", "95 %")
    auto = figures["auto"]
    rows: list[tuple[str, str, list[float] | None]] = [
        ("changes", str(figures["changes"]), None),
        ("with a counterpart in the register", str(figures["with_counterpart"]), None),
        ("pairs scored", str(figures["pairs_scored"]), None),
        ("counterpart among the candidates", _percent(figures["blocking_recall"]), None),
        (f"best F1, at {figures['best_f1_threshold']:.1f} bits", f"{figures['best_f1']:.4f}", None),
        ("  precision", _percent(figures["precision"]), figures["precision_interval"]),
        ("  recall", _percent(figures["recall"]), figures["recall_interval"]),
        *((f"recall at precision {at}", _percent(found), None) for at, found in figures["recall_at_precision"].items()),
        (f"applied by itself, from {auto['threshold']:.2f} bits on", "", None),
        ("  precision", _percent(auto["precision"]), auto["precision_interval"]),
        ("  recall", _percent(auto["recall"]), auto["recall_interval"]),
        ("  wrong, expected", f"{figures['expected_errors']:.2f}", None),
        ("  wrong, observed", str(figures["observed_errors"]), None),
        ("left to a person", _percent(auto["review_share"]), None),
        ("training", f"{figures['train_seconds']:.1f} s", None),
        ("matching", f"{figures['match_seconds']:.1f} s", None),
        ("most memory", f"{figures['peak_rss_mb']:.0f} MB", None),
    ]
    for title, value, ends in rows:
        shown.add_row(title, value, f"{_percent(ends[0])} to {_percent(ends[1])}" if ends else "")
    out().print(shown)


def _percent(share: float) -> str:
    # Never rounded up to 100: a precision of 0.99996 is not perfect.
    return f"{min(share * 100, 99.99) if share < 1 else 100:.2f} %"


def _peak_mb() -> float:
    """Return the most memory that this process had, in MB (2**20 bytes)."""
    try:
        # Linux: what getrusage tells includes the parent's memory at the moment of forking.
        status = Path("/proc/self/status").read_text("ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError, ValueError):
        size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return size / (1 << 20 if sys.platform == "darwin" else 1 << 10)
