"""From where on a match is acted upon."""

import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.matching.train.thresholds import STEP, choose, decoy_rate, doubt, doubts

_bits = st.floats(-40, 60)
_many = st.lists(_bits, max_size=60)
_rates = st.floats(1e-9, 0.4)


def calibrated(changes: int, chance: random.Random) -> list[tuple[float, bool]]:
    """Draw certainties, most of them clear and some not, and whether the match is right, as often as they say."""
    drawn = [chance.choice((chance.gauss(20, 8), chance.gauss(0, 6))) for _ in range(changes)]
    return [(bits, chance.random() >= doubt(bits)) for bits in drawn]


@pytest.mark.parametrize("rate", [1e-2, 1e-3, 1e-4])
def test_the_stated_rate_is_met(rate: float) -> None:
    """Where certainties are true, so few of other changes are updated wrongly, and not far fewer."""
    chance = random.Random(3)
    limits = choose([bits for bits, _ in calibrated(20_000, chance)], [], 0.5, rate, 0)
    fresh = calibrated(100_000, chance)
    wrong = sum(not right for bits, right in fresh if bits >= limits.apply_bits)
    assert wrong / len(fresh) <= rate + 3 * math.sqrt(rate / len(fresh))
    lower = sum(not right for bits, right in fresh if bits >= limits.apply_bits - 6)
    assert lower / len(fresh) > rate
    assert limits.false_update_rate == rate


@pytest.mark.parametrize("rate", [1e-2, 1e-3])
def test_decoys_tell_what_certainties_do_not_know(rate: float) -> None:
    """A model that is four bits too sure acts four bits later, because of those whom it should not have found."""
    chance = random.Random(4)
    decoys = [bits + 4 for bits, right in calibrated(20_000, chance) if not right]
    certainties = [bits for bits, _ in calibrated(20_000, chance)]
    careless = choose(certainties, [], 1.0, rate, 20_000)
    careful = choose(certainties, decoys, 1.0, rate, 20_000)
    assert careful.apply_bits > careless.apply_bits
    assert sum(bits >= careful.apply_bits for bits in decoys) / 20_000 <= rate


@given(_many, _many, st.floats(0, 1), st.tuples(_rates, _rates), st.integers(0, 1_000))
def test_a_stricter_rate_never_lowers_the_threshold(
    certainties: Sequence[float], decoys: Sequence[float], strangers: float, rates: tuple[float, float], more: int
) -> None:
    """Nor does it change what people are asked about."""
    looked_for = len(decoys) + more
    strict, loose = (choose(certainties, decoys, strangers, rate, looked_for) for rate in sorted(rates))
    assert strict.apply_bits >= loose.apply_bits >= loose.review_bits == strict.review_bits


@given(_many, _many, st.floats(0, 1), _rates)
def test_both_estimates_keep_the_rate(
    certainties: Sequence[float], decoys: Sequence[float], strangers: float, rate: float
) -> None:
    """But for the highest threshold that there is; below it, no lower one would do."""
    limits = choose(certainties, decoys, strangers, rate, max(len(decoys), 1))
    if limits.apply_bits < 60:
        assert doubts(certainties, limits.apply_bits) <= rate * (len(certainties) + 1)
        assert decoy_rate(decoys, limits.apply_bits, max(len(decoys), 1)) * max(strangers, 0.05) <= rate
    assert limits.apply_bits % STEP == 0
    assert -2 <= limits.review_bits <= 3


@given(st.lists(_bits, min_size=1, max_size=60), _bits, st.floats(0, 20), st.integers(0, 1_000))
def test_fewer_decoys_reach_a_higher_threshold(
    decoys: Sequence[float], threshold: float, higher: float, more: int
) -> None:
    """Counted where there are many, extrapolated where there are few, and never rising from one to the other."""
    looked_for = len(decoys) + more
    low, high = (decoy_rate(decoys, bits, looked_for) for bits in (threshold, threshold + higher))
    assert 0 <= high <= low <= 1
    reached = sum(bits >= threshold for bits in decoys)
    assert low == reached / looked_for or reached < 20


def test_beyond_the_decoys_their_rate_falls_on() -> None:
    """As it fell among them, at most by half with each bit, so that it is never taken for nothing."""
    decoys = [bits / 2 for bits in range(40)]
    at_end, further = (decoy_rate(decoys, bits, 1_000) for bits in (20.0, 24.0))
    assert 0 < further < at_end < 20 / 1_000
    steep = [5.0] * 40
    assert decoy_rate(steep, 6.0, 1_000) == pytest.approx(decoy_rate(steep, 5.5, 1_000) / math.sqrt(2), rel=0.2)
    assert decoy_rate([], 5.0, 1_000) == 0


@pytest.mark.parametrize("certainties", [[], [30.0], [30.0] * 50])
def test_few_changes_tell_little(certainties: list[float]) -> None:
    """Without any doubtful one among them, the next may still be: it is only applied if it alone meets the rate."""
    limits = choose(certainties, [], 0.5, 1e-5, 0)
    assert doubt(limits.apply_bits) <= 1e-5 * (len(certainties) + 1)


def test_hardly_any_match_is_forgotten() -> None:
    """What is below review is, in all, two of a thousand of the matches that are expected."""
    certainties = [bits for bits, _ in calibrated(20_000, random.Random(5))]
    limits = choose(certainties, [], 0.5, 1e-5, 0)
    expected = math.fsum(1 - doubt(bits) for bits in certainties)
    lost = math.fsum(1 - doubt(bits) for bits in certainties if bits < limits.review_bits)
    assert lost <= 0.002 * expected or limits.review_bits == -2
    assert limits.review_bits < 3
