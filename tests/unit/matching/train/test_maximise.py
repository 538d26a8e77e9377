"""What is learned without anybody saying who is who."""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.matching.compare.level import MISSING, Level
from sync.matching.compare.person import COMPARISONS, compare
from sync.matching.model import Frequencies, Model, Priors, Shares
from sync.matching.prepared import prepare_customer, prepare_identity
from sync.matching.train.maximise import Group, beliefs, group, maximise, monotone, ordered, smoothed
from tests.unit.matching.people import MODEL, customer, identity

CUSTOMERS = 20
EVEN = (0.0, 0.0)
"""As rare as the average."""
UNKNOWN = {"phone": 0.5, "email": 0.7, "sex": 1.0}
"""How often a value is not known."""


def silent(_done: float) -> None:
    """Want no progress."""


def _less_sure(name: str, shares: Mapping[Level, Shares]) -> dict[Level, Shares]:
    """Return levels of a register with more errors: nearer to chance, in the same order."""
    m = {level: 0.8 * share.m + 0.2 * share.u for level, share in shares.items()}
    return ordered(name, m, shares)


TRUE = {name: _less_sure(name, shares) for name, shares in MODEL.comparisons.items()}
"""What is to be learned."""
START = replace(
    MODEL,
    priors=Priors(CUSTOMERS, 0.5, 0.5),
    comparisons={
        name: {level: replace(share, m=MODEL.comparisons[name][level].m) for level, share in levels.items()}
        for name, levels in TRUE.items()
    },
)


@dataclass(frozen=True)
class World:
    """Draws what comparisons find, by known shares."""

    share: float
    household: float
    chance: random.Random

    def groups(self, changes: int) -> list[Group]:
        """Compare changes with every customer: the one, if there is one, others, and members of the household."""
        others = self._draw("u", changes * CUSTOMERS)
        ones, relatives = self._draw("m", changes), self._draw("household", changes)
        return [
            Group(tuple((levels, EVEN, True, None) for levels in self._found(others, ones, relatives)))
            for _ in range(changes)
        ]

    def _found(self, others: Iterator, ones: Iterator, relatives: Iterator) -> list[tuple[Level, ...]]:
        found = [next(others) for _ in range(CUSTOMERS)]
        if self.chance.random() < self.share:
            found[0] = next(ones)
        if self.chance.random() < self.household:
            found[1] = next(relatives)
        return found

    def _draw(self, column: str, count: int) -> Iterator[tuple[Level, ...]]:
        columns = []
        for name, levels in TRUE.items():
            unknown = UNKNOWN.get(name, 0.0)
            weights = [(1 - unknown) * getattr(share, column) for share in levels.values()]
            columns.append(self.chance.choices([*levels, MISSING], [*weights, unknown], k=count))
        return zip(*columns, strict=True)


def learned(share: float, household: float, changes: int = 2_500) -> Model:
    """Learn from a world."""
    return maximise(World(share, household, random.Random(11)).groups(changes), START, {}, silent)


@pytest.mark.parametrize(("share", "household"), [(0.7, 0.0), (0.7, 0.5), (0.3, 0.5)])
def test_shares_are_learned_without_labels(share: float, household: float) -> None:
    """How many changes are about customers, and how often their fields agree, whatever was believed at the start."""
    model = learned(share, household)
    assert model.priors.share == pytest.approx(share, abs=0.05)
    for name in ("surname", "given_names", "birth_date", "address"):
        for level, true in TRUE[name].items():
            assert model.comparisons[name][level].m == pytest.approx(true.m, abs=0.07), (name, level)


def test_families_are_not_taken_for_matches() -> None:
    """Most strangers are relatives of customers: it is learned that so many are, and nothing from them."""
    model = learned(0.2, 0.6)
    true = TRUE["given_names"]["different"].m
    assert model.priors.share == pytest.approx(0.2, abs=0.04)
    assert model.priors.household == pytest.approx(0.6, abs=0.15)
    assert model.comparisons["given_names"]["different"].m == pytest.approx(true, abs=0.08)
    assert learned(0.5, 0.0).priors.household < 0.1


def test_nothing_is_learned_of_those_found_by_their_address() -> None:
    """They compete for the change, but what they have in common with it was chosen."""
    groups = World(0.7, 0.5, random.Random(11)).groups(300)
    by_address = [
        Group(tuple((levels, rarity, False, None) for levels, rarity, _, _ in one.candidates)) for one in groups
    ]
    model = maximise(by_address, START, {}, silent)
    assert model.priors.share == pytest.approx(0.7, abs=0.15)
    for name in ("surname", "address"):
        before, after = ([share.m for share in each[name].values()] for each in (START.comparisons, model.comparisons))
        assert after == pytest.approx(before)


def test_u_and_household_are_what_they_were() -> None:
    """They come from the register; an address tells members of a household not apart."""
    model = learned(0.7, 0.5, changes=400)
    for name, levels in model.comparisons.items():
        for column in ("m", "u", "household"):
            assert math.fsum(getattr(share, column) for share in levels.values()) == pytest.approx(1)
        if name == "address":
            assert all(share.household == share.m for share in levels.values())
        else:
            before = START.comparisons[name]
            assert [share.u for share in levels.values()] == pytest.approx([s.u for s in before.values()], abs=0.02)


def test_what_reviewers_said_refines_it() -> None:
    """Labelled pairs count as pairs that are surely true, also without any change."""
    said = {"phone": {"different": 400.0}}
    assert maximise([], START, said, silent).comparisons["phone"]["different"].m > 0.9
    assert maximise([], START, {}, silent).priors == START.priors


def test_nothing_to_learn_from_leaves_what_was_believed() -> None:
    """Changes that resemble nobody say only that the feed is about strangers."""
    model = maximise([Group(())] * 500, START, {}, silent)
    assert model.priors.share < 0.001
    for name, levels in START.comparisons.items():
        before, after = ([share.m for share in each.values()] for each in (levels, model.comparisons[name]))
        assert after == pytest.approx(before)


def test_its_progress_is_told_to_the_end() -> None:
    """In order, and that it is done."""
    told: list[float] = []
    maximise(World(0.7, 0.5, random.Random(2)).groups(50), START, {}, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_group_keeps_levels_and_rarity() -> None:
    """And nothing that a person is called."""
    tables = {"surname": Frequencies({"virtanen": 0.02}, rare=0.001, average=0.005)}
    model = replace(MODEL, frequencies=tables)
    found = compare(prepare_identity(identity()), prepare_customer(customer()))
    ((levels, rarity, learn, unlike),) = group([(found, False)], model).candidates
    assert levels == ("equal", "all_equal", "equal", "equal", "missing", "missing", "missing")
    assert (rarity, learn, unlike) == (pytest.approx((-2, 0)), False, None)


def test_beliefs_are_chances() -> None:
    """Of two who agree alike each has half at most; somebody common less than somebody rare."""
    best: tuple[Level, ...] = ("equal", "all_equal", "equal", "equal", "missing", "missing", "missing")
    (one, other), _ = beliefs(Group(((best, EVEN, True, None), (best, EVEN, True, None))), START, {})
    assert one == other == pytest.approx(0.5, abs=0.01)
    two = Group(((best, (3.0, 0.0), True, None), (best, (-3.0, 0.0), True, None)))
    lonely = replace(START, priors=replace(START.priors, household=1e-9))
    (rare, common), related = beliefs(two, lonely, {})
    assert common < 0.05 < 0.95 < rare <= 1
    assert 0 <= related <= 1 - rare - common


def test_relatives_of_the_customer_speak_not_against_the_customer() -> None:
    """Whoever is meant has a family, a customer as well as a stranger."""
    one: tuple[Level, ...] = ("equal", "all_equal", "equal", "equal", "missing", "missing", "missing")
    relative: tuple[Level, ...] = ("equal", "different", "different", "equal", "missing", "missing", "missing")
    family = [(relative, EVEN, True, None)] * 5
    (alone,), _ = beliefs(Group(((one, EVEN, True, None),)), START, {})
    (among_them, *_), _ = beliefs(Group(((one, EVEN, True, None), *family)), START, {})
    assert among_them == pytest.approx(alone, abs=1e-3)
    _, related = beliefs(Group(tuple(family)), START, {})
    assert related > 4


_levels = st.lists(st.tuples(st.floats(1e-4, 1), st.floats(1e-4, 1)), min_size=1, max_size=8)


@given(_levels)
def test_pooled_weights_never_rise(shares: Sequence[tuple[float, float]]) -> None:
    """From agreement to difference, the sum of u stays, and whatever was in order stays as it was."""
    levels = list(COMPARISONS["given_names"][: len(shares)])
    m, u = ({level: share[at] for level, share in zip(levels, shares, strict=True)} for at in (0, 1))
    pooled = monotone(levels, m, u)
    weights = [m[level] / pooled[level] for level in levels]
    assert all(after <= before * (1 + 1e-9) for before, after in pairwise(weights))
    assert math.fsum(pooled.values()) == pytest.approx(math.fsum(u.values()))
    assert all(share > 0 for share in pooled.values())
    assert monotone(levels, m, pooled) == pytest.approx(pooled)


@given(
    st.dictionaries(st.sampled_from(COMPARISONS["phone"]), st.floats(0, 1e6)),
    st.lists(st.floats(1e-6, 1), min_size=3, max_size=3),
    st.floats(0.1, 100),
)
def test_what_was_believed_before_counts_for_a_few_pairs(
    counts: Mapping[Level, float], before: Sequence[float], belief: float
) -> None:
    """Shares sum to 1, and a level never seen has one, too."""
    believed = {level: share / math.fsum(before) for level, share in zip(COMPARISONS["phone"], before, strict=True)}
    shares = smoothed(counts, believed, belief)
    assert math.fsum(shares.values()) == pytest.approx(1)
    assert all(share > 0 for share in shares.values())
    assert smoothed({}, believed, belief) == pytest.approx(believed)
