"""What one best candidate per change is worth, at every threshold."""

import pytest

from tests.benchmarks.accuracy.measure import Best, best_of, figures, points
from tests.benchmarks.accuracy.report import GOALS, Goal, accuracy, at, chosen, missed, promises


def test_only_the_best_candidate_counts() -> None:
    """A right candidate that is second is as good as none."""
    assert best_of({"c1": [(3.0, "r1"), (5.0, "r2")]}, {"c1": "r1"}) == [Best(5.0, False)]
    assert best_of({"c1": [(3.0, "r1"), (5.0, "r2")]}, {"c1": "r2"}) == [Best(5.0, True)]


def test_a_tie_at_the_top_is_no_match() -> None:
    """Two candidates that are equally good are not tossed for; the same candidate found twice is one."""
    assert best_of({"c1": [(5.0, "r1"), (5.0, "r2"), (1.0, "r3")]}, {"c1": "r1"}) == []
    assert best_of({"c1": [(5.0, "r1"), (5.0, "r1")]}, {"c1": "r1"}) == [Best(5.0, True)]


def test_equal_weights_stand_or_fall_together() -> None:
    """No threshold lies between two equal weights, so none makes a right one count and a wrong one not."""
    found = list(points([Best(9.0, True), Best(5.0, True), Best(5.0, False)], counterparts=4))
    assert [(point.threshold, point.precision, point.recall) for point in found] == [
        (9.0, 1.0, 0.25),
        (5.0, 2 / 3, 0.5),
    ]


def test_recall_is_the_most_that_a_precision_allows() -> None:
    """A wrong one in the middle is made up for by right ones below, where the precision asked for allows it."""
    best = [Best(300.0, True), *(Best(float(n), n != 150) for n in range(1, 300))]
    found = figures(best, counterparts=400)
    assert found["recall_at_precision"] == {"0.99": 299 / 400, "0.995": 299 / 400, "0.999": 0.375, "0.9999": 0.375}
    assert found["best_f1"] == pytest.approx(2 * 299 / (300 + 400))
    assert found["best_f1_threshold"] == 1.0


def test_nothing_found_is_zero() -> None:
    """A matcher that finds nobody has a recall of nothing and no crash."""
    assert figures([], counterparts=3)["best_f1"] == 0.0
    assert at(figures([], counterparts=3), "recall_at_precision:0.99") == 0.0


def test_a_promise_is_kept_or_missed() -> None:
    """A figure is compared with what it must be and what is aimed at; what was not measured is not said to be kept."""
    goal = Goal("koe", "best_f1", "", 0.5, 0.9)
    assert [goal.verdict(value) for value in (0.9, 0.5, 0.49, None)] == ["aim", "must", "MISSED", "not measured"]


def test_missed_promises_are_found() -> None:
    """One figure below what it must be is told, those of sets that were not measured are not."""
    measured = {"febrl4_postcode": {"best_f1": 0.99, "recall_at_precision": {"0.9999": 0.99}}}
    assert [(goal.name, goal.figure) for goal in missed(measured)] == [("febrl4_postcode", "best_f1")]


def test_tables_show_what_there_is() -> None:
    """Figures that a matcher does not tell leave their cells empty."""
    measured = {"town": {"best_f1": 0.5, "auto": {"precision": 1.0}}, "strange": {}}
    columns = {"town": "given_names surname", "strange": "email"}
    assert [len(made.rows) for made in (accuracy(measured, columns), chosen(measured), promises(measured))] == [2, 2, 1]
    assert "town" in {goal.name for goal in GOALS}
