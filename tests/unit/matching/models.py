"""Models of any kind that a file may hold, and whatever comparisons may find."""

import math
import random
from collections.abc import Mapping
from itertools import accumulate

from hypothesis import strategies as st

from sync.matching.compare.level import MISSING, Level
from sync.matching.compare.person import COMPARISONS
from sync.matching.model import FREQUENCY, Frequencies, Model, Priors, Shares, Thresholds

VALUES = ("anna", "maija", "virtanen", "koe", "19521013", "00100", "00100|rantatie", "00100|rantatie|5")
_TABLES = sorted({table for levels in FREQUENCY.values() for table, _ in levels.values()})
_share = st.floats(1e-6, 1)


def _normal(weights: list[float]) -> list[float]:
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def _shares(levels: tuple[Level, ...], chance: random.Random) -> Mapping[Level, Shares]:
    """Draw shares whose weights fall from agreement to difference against both hypotheses; some of them are equal."""
    m = _normal([chance.choice((1.0, chance.random() + 1e-3)) for _ in levels])
    columns = []
    for _ in range(2):
        falls = accumulate(chance.choice((0.0, chance.random(), 5 * chance.random())) for _ in levels)
        columns.append(_normal([share * 2.0**fall for share, fall in zip(m, falls, strict=True)]))
    return {level: Shares(*each) for level, *each in zip(levels, m, *columns, strict=True)}


def _comparisons(seed: int) -> Mapping[str, Mapping[Level, Shares]]:
    chance = random.Random(seed)
    return {name: _shares(levels, chance) for name, levels in COMPARISONS.items()}


_table = st.builds(Frequencies, st.dictionaries(st.sampled_from(VALUES), _share), _share, _share)
tables = st.dictionaries(st.sampled_from(_TABLES), _table)
"""Frequency tables, under the values themselves."""

_priors = st.builds(Priors, st.integers(1, 10**7), st.floats(1e-4, 0.999), st.floats(0.01, 9))
_bits = st.floats(-10, 60)
_thresholds = st.builds(
    lambda one, other, rate: Thresholds(max(one, other), min(one, other), rate), _bits, _bits, st.floats(1e-9, 0.5)
)
any_models = st.builds(
    Model,
    version=st.text(min_size=1, max_size=9),
    priors=_priors,
    thresholds=_thresholds,
    comparisons=st.integers(0, 2**32).map(_comparisons),  # drawn one by one, the shares take too long
    frequencies=tables,
    nicknames=st.frozensets(st.sampled_from(["anna|anni", "juhani|jukka"])),
    counts=st.dictionaries(st.sampled_from(["customers", "changes"]), st.integers(0, 10**9)),
)
"""Models that `parse_model` takes."""

any_findings = st.tuples(
    *(
        st.tuples(st.sampled_from([*levels, MISSING]), st.sampled_from(VALUES), st.sampled_from(VALUES))
        for levels in COMPARISONS.values()
    )
)
