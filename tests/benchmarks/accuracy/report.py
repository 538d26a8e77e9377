"""Tables of what was measured, beside what must be and what is aimed at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from adapters.cli.output import table

Figures = Mapping[str, Any]
"""What `ajantasa matching evaluate --json` prints."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that is promised.

    Attributes:
        name: of the labelled set.
        figure: what is measured; the precision stands behind a colon.
        splink: what Splink 5, well set up, reaches.
        must: less is a failure.
        aim: what it should be.
    """

    name: str
    figure: str
    splink: str
    must: float
    aim: float

    def verdict(self, measured: float | None) -> str:
        """Say in a word how the measured figure stands to the promise."""
        if measured is None:
            return "not measured"
        return "aim" if measured >= self.aim else "must" if measured >= self.must else "MISSED"


GOALS = (
    Goal("febrl4_postcode", "best_f1", "0.9980", 0.9980, 0.9990),
    Goal("febrl4_postcode", "recall_at_precision:0.9999", "0.9766", 0.9800, 0.9950),
    Goal("febrl4_names_dob", "best_f1", "0.9692", 0.9700, 0.9800),
    Goal("febrl4_address", "best_f1", "1.0000", 0.9999, 1.0000),
    Goal("town", "recall_at_precision:0.999", "about 0.90", 0.985, 0.993),
    Goal("sandbox", "recall_at_precision:0.9999", "0.6 to 0.8", 0.95, 0.99),
)


def at(figures: Figures, path: str) -> Any:
    """Return one figure, whose path has colons; None where it is not there."""
    found: Any = figures
    for part in path.split(":"):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def missed(measured: Mapping[str, Figures]) -> list[Goal]:
    """Return the promises that were measured and not kept."""
    told = [goal for goal in GOALS if goal.name in measured]
    return [goal for goal in told if goal.verdict(at(measured[goal.name], goal.figure)) == "MISSED"]


def promises(measured: Mapping[str, Figures]) -> Table:
    """Set the promised figures beside the measured ones."""
    shown = table("What is promised", "data", "figure", "Splink 5", "must", "aim", "measured", "")
    for goal in GOALS:
        if goal.name in measured:
            value = at(measured[goal.name], goal.figure)
            numbers = (goal.splink, _share(goal.must), _share(goal.aim), _share(value))
            shown.add_row(goal.name, goal.figure.replace(":", " "), *numbers, goal.verdict(value))
    return shown


def accuracy(measured: Mapping[str, Figures], columns: Mapping[str, str]) -> Table:
    """Show how well each set was matched, whatever the threshold."""
    precisions = ("0.99", "0.999", "0.9999")
    titles = ("best F1", "threshold", "95 % of recall", *(f"recall at {p}" for p in precisions), "blocking recall")
    shown = table("One best candidate per change", "data", "columns", *titles)
    for name, figures in measured.items():
        recalls = [_share(at(figures, f"recall_at_precision:{p}")) for p in precisions]
        best = (_share(at(figures, "best_f1")), _number(at(figures, "best_f1_threshold"), 2))
        blocking = _share(at(figures, "blocking_recall"))
        shown.add_row(name, columns[name], *best, _interval(at(figures, "recall_interval")), *recalls, blocking)
    return shown


def chosen(measured: Mapping[str, Figures]) -> Table:
    """Show what the thresholds do that the matcher chose by itself, and what it costs."""
    titles = ("precision", "recall", "review", "errors expected", "observed", "training s", "matching s", "MB")
    shown = table("At the thresholds that the matcher chose", "data", *titles)
    for name, figures in measured.items():
        auto = [_share(at(figures, f"auto:{key}")) for key in ("precision", "recall", "review_share")]
        errors = (_number(at(figures, "expected_errors"), 2), _number(at(figures, "observed_errors"), 0))
        costs = [_number(at(figures, key), 1) for key in ("train_seconds", "match_seconds")]
        shown.add_row(name, *auto, *errors, *costs, _number(at(figures, "peak_rss_mb"), 0))
    return shown


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _interval(ends: Sequence[float] | None) -> str:
    return "" if ends is None else " to ".join(_share(end) for end in ends)
