"""The matching model: how much each comparison level speaks for or against one person, in bits.

Fellegi-Sunter (1969) with two null hypotheses. A level's weight is log2(m/u): m is its share among pairs that are one
person, u its share among pairs that are not. Those are of two kinds: any other person, and another member of the same
household, who shares the address and often the surname. Each kind has its own u and its own prior, and the weight
against both together is -log2(2**-other + 2**-household). A missing value weighs nothing.

How common a shared value is counts against the first kind (Winkler 1989): a rare surname tells two strangers apart, and
says nothing of which member of a family is meant. A rare given name does, as far as namesakes live together by chance.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from sync.matching.compare.level import (
    ALL_EQUAL,
    DIFFERENT,
    EQUAL,
    EQUAL_FOLDED,
    EQUAL_ROMANISED,
    FAINT,
    MISSING,
    NICKNAME,
    SIMILAR,
    SIMILAR_HIGH,
    SWAPPED,
    Level,
)
from sync.matching.compare.person import COMPARISONS, Findings, compare
from sync.matching.prepared import Prepared
from sync.model import Evidence, NullHypothesis

__all__ = ["COMPARISONS", "FREQUENCY", "Frequencies", "Model", "Priors", "Shares", "Thresholds", "stronger", "together"]

OTHER, HOUSEHOLD = NullHypothesis.OTHER_PERSON, NullHypothesis.HOUSEHOLD_MEMBER

FREQUENCY: Mapping[str, Mapping[Level, tuple[str, float]]] = MappingProxyType(
    {
        "surname": {
            "equal": ("surname", 1.0),
            "equal_folded": ("surname", 1.0),
            "equal_romanised": ("surname", 1.0),
            "swapped": ("surname", 1.0),
            "similar_high": ("surname", 1.0),
            "one_part": ("surname", 0.5),
            "similar": ("surname", 0.5),
        },
        "given_names": {
            "all_equal": ("given_names", 1.0),
            "equal": ("given_name", 1.0),
            "equal_folded": ("given_name", 1.0),
            "equal_romanised": ("given_name", 1.0),
            "similar_high": ("given_name", 1.0),
            "second_name": ("given_name", 1.0),
            "similar": ("given_name", 0.5),
        },
        "birth_date": {"equal": ("birth_date", 1.0)},
        "address": {
            "equal": ("house", 1.0),
            "equal_folded": ("house", 1.0),
            "same_house": ("house", 1.0),
            "same_street": ("street", 1.0),
            "same_area": ("postcode", 1.0),
            "same_postcode": ("postcode", 1.0),
        },
        "phone": {"equal": ("phone", 1.0)},
        "email": {"equal": ("email", 1.0)},
    }
)
"""By comparison and level: in which table it is looked up how common the values are, and how much that counts."""

UNLIKE: frozenset[Level] = frozenset({SIMILAR, FAINT, DIFFERENT})
"""Levels at which two given names may yet be one person's, as a nickname."""
_SAME_NAME: frozenset[Level] = frozenset({ALL_EQUAL, EQUAL, EQUAL_FOLDED, EQUAL_ROMANISED})
"""Members of one household who bear one given name are parent and child, not twins: with these levels a birth date
tells them apart as it does any two persons, and never less than it does otherwise."""
_SURNAME, _GIVEN_NAMES, _BIRTH_DATE = (
    list(COMPARISONS).index(name) for name in ("surname", "given_names", "birth_date")
)
_Weight = tuple[float, float, str, float]
"""Bits against each null hypothesis, the table to look up, and how much that counts."""
_Total = tuple[float, float, tuple[tuple[int, str, float], ...]]
"""Bits against each null hypothesis, and where it is still to be looked up how common a value is, and where to look."""
_REMEMBERED = 20_000
_ALIKE: frozenset[Level] = frozenset({SIMILAR_HIGH, SIMILAR})
_SLIPS = 0.04
"""One slip of a name is never so common, compared with the name."""
_FAR_APART = 60
"""Bits beyond which the lesser of two hypotheses alters no digit of the sum."""
_MOST_BY_CHANCE = 0.99
_LEAST_STRANGERS = 0.02
"""Never are there so few strangers that doubt would vanish."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How often a level is found, as shares of the pairs in which both sides have a value.

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


@dataclass(frozen=True, slots=True)
class Priors:
    """What is known before anything is compared.

    Attributes:
        customers: how many customers the register holds.
        share: of the changes, those that are about one of them.
        household: how many customers live with somebody who is none and whom a change is about, on average.
    """

    customers: int
    share: float
    household: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a match is acted upon, in bits of certainty.

    Attributes:
        apply_bits: at least this is applied.
        review_bits: at least this is shown to a person; what is below is forgotten.
        false_update_rate: wrong updates to be expected for each change, for which `apply_bits` was chosen.
    """

    apply_bits: float
    review_bits: float
    false_update_rate: float


def _as_it_is(_kind: str, text: str) -> str:
    return text


@dataclass(frozen=True)
class Model:
    """How evidence is weighed.

    Attributes:
        version: name of the model, stored with every decision.
        priors: what is known before anything is compared.
        thresholds: what to do with the weight.
        comparisons: by comparison and level, the shares.
        frequencies: by table.
        digest: keyed hash of a table's value, as in `frequencies`.
        nicknames: pairs of given names that one person often goes by, as `nickname_pair` writes them, by keyed hash.
        counts: how many customers, pairs and changes it was trained on, by name.
    """

    version: str
    priors: Priors
    thresholds: Thresholds
    comparisons: Mapping[str, Mapping[Level, Shares]]
    frequencies: Mapping[str, Frequencies] = field(default_factory=dict)
    digest: Callable[[str, str], str] = _as_it_is
    nicknames: frozenset[str] = frozenset()
    counts: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def prior_bits(self) -> Mapping[NullHypothesis, float]:
        """Log-odds of a customer against each null hypothesis before anything is compared."""
        other, household = self._priors
        return {OTHER: other, HOUSEHOLD: household}

    def find(self, change: Prepared, customer: Prepared) -> Findings:
        """Compare a change with a customer, knowing how common names are, and which are nicknames."""
        findings = self.told_apart(compare(change, customer))
        level, one, other = findings[_GIVEN_NAMES]
        if level in UNLIKE and self.nicknames and self._are_nicknames(one, other):
            return (*findings[:_GIVEN_NAMES], (NICKNAME, one, other), *findings[_GIVEN_NAMES + 1 :])
        return findings

    def told_apart(self, findings: Findings) -> Findings:
        """Return the findings with names that are alike, and both common, hardly alike.

        A slip seldom makes another name of a name: Tuula is not Tuuli, and Lehtinen not Lehtonen.
        """
        if not self.frequencies or (findings[_SURNAME][0] not in _ALIKE and findings[_GIVEN_NAMES][0] not in _ALIKE):
            return findings
        surname, given_names, *rest = findings
        if surname[0] in _ALIKE and self._are_two_names("surname", *surname[1:]):
            surname = (FAINT, *surname[1:])
        # In swapped columns each side's given name stands beside the other's surname.
        pairs = (given_names[1:],) if surname[0] != SWAPPED else zip(given_names[1:], surname[:0:-1], strict=True)
        if given_names[0] in _ALIKE and any(self._are_two_names("given_name", *pair) for pair in pairs):
            given_names = (FAINT, *given_names[1:])
        return surname, given_names, *rest

    def weigh(self, findings: Findings) -> float:
        """Return the weight against both null hypotheses together, in bits."""
        return together(*self.sums(findings))

    def sums(self, findings: Findings, *, plain: bool = False) -> tuple[float, float]:
        """Return the weight against any other person, and that against a member of the household.

        Args:
            findings: what was found.
            plain: leave out how common the values are.
        """
        levels = tuple([level for level, _, _ in findings])
        known = self._totals.get(levels)
        if known is None:
            known = self._total(levels)
        other, household, counted = known
        if not plain:
            for at, table, counting in counted:
                _, one, two = findings[at]
                rarity = counting * self.rarity(table, one, two)
                other += rarity
                if at == _GIVEN_NAMES:
                    household += self.rarity_of_namesakes(rarity)
        return other, household

    def stronger_null(self, findings: Findings) -> NullHypothesis:
        """Return the null hypothesis that explains more of what was found."""
        return stronger(*self.sums(findings))

    def evidence(self, findings: Findings, against: NullHypothesis) -> tuple[Evidence, ...]:
        """Return what each comparison says against a null hypothesis."""
        said = self._said[against, findings[_GIVEN_NAMES][0] in _SAME_NAME]
        found = [by_level[level] for by_level, (level, _, _) in zip(said, findings, strict=True)]
        for at, (weights, (level, one, two)) in enumerate(zip(self._weights, findings, strict=True)):
            _, _, table, counting = weights[level]
            if table and (against is OTHER or at == _GIVEN_NAMES):
                rarity = counting * self.rarity(table, one, two)
                if against is HOUSEHOLD:
                    rarity = self.rarity_of_namesakes(rarity)
                found[at] = Evidence(found[at].comparison, level, found[at].bits + rarity, rarity)
        return tuple(found)

    def rarity(self, table: str, one: str, other: str) -> float:
        """Return by how many bits the commoner of two values is rarer than the average of what people share."""
        memo, key = self._rarities, (table, one, other)
        found = memo.get(key)
        if found is None:
            if len(memo) >= _REMEMBERED:
                memo.clear()
            known = self.frequencies[table]
            share = max(known.shares.get(self.digest(table, text), known.rare) for text in {one, other})
            found = memo[key] = math.log2(known.average / share)
        return found

    def rarity_of_namesakes(self, rarity: float) -> float:
        """Return by how many bits a shared given name tells more, or less, than the average against the household.

        Some families hand a name down, rare or not; others bear one name by chance, and the rarer it is, the less so.
        """
        return -math.log2(1 - self._by_chance + self._by_chance * 2.0**-rarity)

    @cached_property
    def _by_chance(self) -> float:
        """Of the namesakes of one household, how many there would be if its members were any two persons."""
        shares = [self.comparisons["given_names"][level] for level in (ALL_EQUAL, EQUAL)]
        return min(sum(one.u for one in shares) / sum(one.household for one in shares), _MOST_BY_CHANCE)

    def _are_two_names(self, table: str, one: str, other: str) -> bool:
        memo, key = self._rarities, (f"apart {table}", one, other)
        if key not in memo:
            if len(memo) >= _REMEMBERED:
                memo.clear()
            shares = self.frequencies[table].shares if table in self.frequencies else {}
            rarer, commoner = sorted(shares.get(self.digest(table, name), 0.0) for name in (one, other))
            memo[key] = float(one != other and rarer > _SLIPS * commoner)
        return bool(memo[key])

    def _are_nicknames(self, one: str, other: str) -> bool:
        memo, key = self._rarities, ("nickname", one, other)
        if key not in memo:
            if len(memo) >= _REMEMBERED:
                memo.clear()
            memo[key] = float(self.digest("nickname", nickname_pair(one, other)) in self.nicknames)
        return bool(memo[key])

    @cached_property
    def _rarities(self) -> dict[tuple[str, str, str], float]:
        return {}

    @cached_property
    def _priors(self) -> tuple[float, float]:
        strangers = max(1 - self.priors.share, _LEAST_STRANGERS)
        odds = self.priors.share / strangers
        return math.log2(odds / self.priors.customers), math.log2(odds / self.priors.household)

    @cached_property
    def _totals(self) -> dict[tuple[Level, ...], _Total]:
        return {}

    def _total(self, levels: tuple[Level, ...]) -> _Total:
        """Add up what the levels say, and remember it: the same few combinations come again and again."""
        namesakes = levels[_GIVEN_NAMES] in _SAME_NAME
        weights = self._weights_of_namesakes if namesakes else self._weights
        found = [by_level[level] for by_level, level in zip(weights, levels, strict=True)]
        other, household = self._priors
        counted = tuple((at, table, counting) for at, (_, _, table, counting) in enumerate(found) if table)
        if len(self._totals) >= _REMEMBERED:
            self._totals.clear()
        self._totals[levels] = total = (
            other + sum(bits for bits, _, _, _ in found),
            household + sum(bits for _, bits, _, _ in found),
            counted,
        )
        return total

    @cached_property
    def _weights(self) -> list[dict[Level, _Weight]]:
        """By comparison and level."""
        return [
            {level: self._weight(name, level, shares) for level, shares in self.comparisons[name].items()}
            | {MISSING: (0.0, 0.0, "", 0.0)}
            for name in COMPARISONS
        ]

    @cached_property
    def _weights_of_namesakes(self) -> list[dict[Level, _Weight]]:
        """The same where the given names are the same."""
        found = list(self._weights)
        found[_BIRTH_DATE] = {
            level: (bits, max(bits, in_household), table, counting)
            for level, (bits, in_household, table, counting) in found[_BIRTH_DATE].items()
        }
        return found

    @cached_property
    def _said(self) -> Mapping[tuple[NullHypothesis, bool], list[dict[Level, Evidence]]]:
        """By null hypothesis, and whether they are namesakes: what each level says but for how common the values are."""
        return {
            (against, namesakes): [
                {
                    level: Evidence(name, level, in_household if against is HOUSEHOLD else bits)
                    for level, (bits, in_household, _, _) in by_level.items()
                }
                for name, by_level in zip(COMPARISONS, weights, strict=True)
            ]
            for against in (OTHER, HOUSEHOLD)
            for namesakes, weights in ((False, self._weights), (True, self._weights_of_namesakes))
        }

    def _weight(self, name: str, level: Level, shares: Shares) -> _Weight:
        table, counting = FREQUENCY.get(name, {}).get(level, ("", 0.0))
        known = table if table in self.frequencies else ""
        return math.log2(shares.m / shares.u), math.log2(shares.m / shares.household), known, counting


def nickname_pair(one: str, other: str) -> str:
    """Write two folded names as one text, whichever stands on which side."""
    return f"{min(one, other)}|{max(one, other)}"


def stronger(other: float, household: float) -> NullHypothesis:
    """Return the null hypothesis that explains more, told by the weights against each."""
    return OTHER if other <= household else HOUSEHOLD


def together(one: float, other: float) -> float:
    """Return -log2(2**-one + 2**-other): the weight against two hypotheses of which either may hold."""
    low, high = (one, other) if one < other else (other, one)
    return low - math.log2(1 + 2.0 ** (low - high)) if high - low < _FAR_APART else low
