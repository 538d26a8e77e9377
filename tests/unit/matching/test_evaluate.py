"""The figures of a run on labelled data."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.matching.evaluate import PRECISIONS, Outcome, evaluate, interval
from sync.model import Verdict

APPLY, REVIEW, FORGET = Verdict.APPLY, Verdict.REVIEW, Verdict.FORGET

TEN = [
    # scored, known, found, certainty, right, verdict
    Outcome(3, True, True, 20.0, True, APPLY),
    Outcome(2, True, True, 18.0, True, APPLY),
    Outcome(1, True, True, 15.0, True, APPLY),
    Outcome(4, False, False, 12.0, False, APPLY),  # a stranger, taken for a customer
    Outcome(1, True, True, 10.0, True, REVIEW),
    Outcome(2, True, True, 10.0, False, REVIEW),  # two customers, exactly alike
    Outcome(1, True, True, 5.0, True, REVIEW),
    Outcome(1, False, False, 2.0, False, FORGET),
    Outcome(0, True, False, None, False, FORGET),  # never found
    Outcome(0, False, False, None, False, FORGET),
]


def test_the_figures_of_ten_changes() -> None:
    """Counts, the best point, and what the matcher did by itself, as worked out by hand."""
    found = evaluate(TEN, apply_bits=11.0)
    assert (found.changes, found.known, found.pairs_scored, found.blocking_recall) == (10, 7, 15, 6 / 7)
    # Right and taken from each threshold on: 1/1, 2/2, 3/3, 3/4, 4/6, 5/7, 5/8; F1 is 2·right/(taken + 7).
    assert (found.best.threshold, found.best.taken, found.best.right) == (5.0, 7, 5)
    assert (found.best.precision, found.best.recall, found.best.f1) == (5 / 7, 5 / 7, pytest.approx(10 / 14))
    assert found.recall_at_precision == dict.fromkeys(PRECISIONS, 3 / 7)
    assert (found.auto.threshold, found.auto.precision, found.auto.recall) == (11.0, 3 / 4, 3 / 7)
    assert (found.reviews, found.observed_errors) == (3, 1)
    expected = sum(1 / (1 + 2**bits) for bits in (20, 18, 15, 12))
    assert found.expected_errors == pytest.approx(expected)


def test_what_weighs_the_same_is_taken_together() -> None:
    """Of changes with one certainty none can be taken without the others, whatever their order."""
    same = [Outcome(1, True, True, 4.0, right, APPLY) for right in (True, False, True)]
    for outcomes in (same, same[::-1]):
        found = evaluate(outcomes, 0.0)
        assert (found.best.taken, found.best.right) == (3, 2)
        assert found.recall_at_precision["0.99"] == 0.0


def test_nothing_found_is_no_failure() -> None:
    """Changes of which none has a candidate, and changes of which none is about a customer, have figures too."""
    nobody = evaluate([Outcome(0, True, False, None, False, FORGET)], 9.0)
    assert (nobody.best.f1, nobody.best.recall, nobody.blocking_recall, nobody.expected_errors) == (0.0, 0.0, 0.0, 0.0)
    strangers = evaluate([Outcome(1, False, False, 3.0, False, APPLY)], 9.0)
    assert (strangers.blocking_recall, strangers.auto.precision, strangers.observed_errors) == (0.0, 0.0, 1)


outcomes = st.lists(
    st.builds(
        lambda known, certainty, right, verdict: Outcome(
            1, known, known, certainty, right and known and certainty is not None, verdict
        ),
        st.booleans(),
        st.none() | st.sampled_from([-3.0, 0.0, 2.0, 8.0, 8.5, 20.0]),
        st.booleans(),
        st.sampled_from(Verdict),
    ),
    min_size=1,
    max_size=60,
)


@given(outcomes)
def test_more_precision_never_gives_more_recall(some: list[Outcome]) -> None:
    """Recall falls, or stays, as the precision that is asked for rises, and is never above that of any threshold."""
    found = evaluate(some, 8.0)
    recalls = [found.recall_at_precision[wanted] for wanted in PRECISIONS]
    assert recalls == sorted(recalls, reverse=True)
    assert 0.0 <= recalls[0] <= sum(one.right for one in some) / max(found.known, 1)
    assert all(math.isfinite(value) for value in (found.best.f1, found.best.threshold, found.expected_errors))


@given(outcomes, st.randoms(use_true_random=False))
def test_the_order_of_the_changes_does_not_matter(some: list[Outcome], chance: object) -> None:
    """The same outcomes in any order give the same figures."""
    shuffled = list(some)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert evaluate(shuffled, 8.0) == evaluate(some, 8.0)


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_wilson(right: int, of: int, low: float, high: float) -> None:
    """The 95 % interval of a share agrees with the published examples."""
    assert interval(right / of, of) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10_000), st.data())
def test_the_interval_holds_what_was_observed(of: int, data: st.DataObject) -> None:
    """The share lies within its interval; all is exactly 1 at the top, none exactly 0 at the bottom."""
    right = data.draw(st.integers(0, of))
    low, high = interval(right / of, of)
    assert 0.0 <= low <= right / of <= high <= 1.0
    assert (right < of) or high == 1.0
    assert interval(0.0, 0) == (0.0, 1.0)
