"""The matching model: how much each comparison level speaks for or against one person, in bits.

Fellegi-Sunter with two null hypotheses. A level's weight is log2(m/u): m is its share among pairs that are one person,
u its share among pairs that are not, of whom there are two kinds: any other person, and another member of the same
household, who shares the address and often the surname. A missing value weighs nothing. The weight against both
together is -log2(2**-other + 2**-household), each with its prior.

How common a shared value is counts against the first kind only: a rare surname tells two strangers apart, and says
nothing of which member of a family is meant.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sync.matching.compare.level import MISSING, Level
from sync.matching.compare.person import COMPARISONS, Findings
from sync.model import Evidence, NullHypothesis

OTHER, HOUSEHOLD = NullHypothesis.OTHER_PERSON, NullHypothesis.HOUSEHOLD_MEMBER

FREQUENCY_WEIGHTS: Mapping[str, Mapping[Level, tuple[str, float]]] = {
    "surname": {l: ("surname", w) for l, w in {"equal": 1, "equal_folded": 1, "swapped": 1, "similar_high": 1, "one_part": 0.5, "similar": 0.5}.items()},
    "given_names": {l: ("given_name", w) for l, w in {"all_equal": 1, "equal": 1, "equal_folded": 1, "similar_high": 1, "second_name": 1, "similar": 0.5}.items()},
    "birth_date": {"equal": ("birth_date", 1)},
    "phone": {"equal": ("phone", 1)},
    "email": {"equal": ("email", 1)},
    "address": {"equal": ("house",1), "equal_folded": ("house",1), "same_house": ("house",1), "same_street": ("street",1), "same_postcode": ("postcode",1)},
}
"""Levels at which it counts how common the value is, in which table, and how much."""

_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Shares:
    """How often a level is found.

    Attributes:
        m: among pairs that are one person.
        u: among pairs of any two persons.
        household: among pairs of two members of one household.
    """

    m: float
    u: float
    household: float


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How common the values of a field are in the register.

    Attributes:
        shares: share of each value that is not rare, by keyed hash.
        rare: share of any other value: rare ones are pooled, because a list of them would be personal data.
        average: the chance that two persons share a value.
    """

    shares: Mapping[str, float]
    rare: float
    average: float


@dataclass(frozen=True)
class Model:
    """How evidence is weighed.

    Attributes:
        version: name of the model, stored with every decision.
        priors: by null hypothesis, the chance that a customer taken at random among it and the person meant is the
            one meant.
        comparisons: by comparison and level, the shares.
        frequencies: by comparison.
        digest: keyed hash of a comparison's value, as in `frequencies`.
    """

    version: str
    priors: Mapping[NullHypothesis, float]
    comparisons: Mapping[str, Mapping[Level, Shares]]
    frequencies: Mapping[str, Frequencies] = field(default_factory=dict)
    digest: Callable[[str, str], str] = lambda _kind, text: text

    @cached_property
    def prior_bits(self) -> Mapping[NullHypothesis, float]:
        return {null: math.log2(chance / (1 - chance)) for null, chance in self.priors.items()}

    @cached_property
    def _weights(self):
        return [
            {level: (math.log2(s.m / s.u), math.log2(s.m / s.household), self._freq_weight(name, level)) for level, s in self.comparisons[name].items()}
            | {MISSING: (0.0, 0.0, None)}
            for name in COMPARISONS
        ]

    def _freq_weight(self, name, level):
        found = FREQUENCY_WEIGHTS.get(name, {}).get(level)
        return found if found and found[0] in self.frequencies else None

    @cached_property
    def _rarity_memo(self):
        return {}

    def rarity(self, name: str, one: str, other: str) -> float:
        """Bits that a shared value is rarer than average."""
        memo = self._rarity_memo
        key = (name, one, other)
        found = memo.get(key)
        if found is None:
            if len(memo) > _REMEMBERED:
                memo.clear()
            known = self.frequencies[name]
            share = max(known.shares.get(self.digest(name, one), known.rare), known.shares.get(self.digest(name, other), known.rare))
            found = memo[key] = math.log2(known.average) - math.log2(share)
        return found

    def sums(self, findings: Findings) -> tuple[float, float]:
        other, household = self.prior_bits[OTHER], self.prior_bits[HOUSEHOLD]
        for name, weights, (level, one, two) in zip(COMPARISONS, self._weights, findings):
            bits, in_household, rare = weights[level]
            other += bits
            household += in_household
            if rare:
                other += rare[1] * self.rarity(rare[0], one, two)
        return other, household

    def weigh(self, findings: Findings) -> float:
        return together(*self.sums(findings))

    def stronger_null(self, findings):
        other, household = self.sums(findings)
        return OTHER if other <= household else HOUSEHOLD

    def evidence(self, findings, against):
        out = []
        for name, weights, (level, one, two) in zip(COMPARISONS, self._weights, findings):
            bits, in_household, rare = weights[level]
            if against is HOUSEHOLD:
                out.append(Evidence(name, level, in_household))
            else:
                rarity = rare[1] * self.rarity(rare[0], one, two) if rare else 0.0
                out.append(Evidence(name, level, bits + rarity, rarity))
        return tuple(out)


def together(one: float, other: float) -> float:
    """-log2(2**-one + 2**-other)."""
    low, high = (one, other) if one < other else (other, one)
    return low - math.log2(1 + 2.0 ** (low - high)) if high - low < 60 else low
