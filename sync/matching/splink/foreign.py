"""A Splink 5 model as it stands in its JSON, weighed as Splink weighs it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sync.matching.splink.conditions import Node, canonical, columns_of
from sync.matching.splink.evaluate import Holds, Row
from sync.matching.splink.ours import ELSE
from sync.model import Evidence


@dataclass(frozen=True, slots=True)
class Counting:
    """How it counts that a value is rare.

    Attributes:
        column: the column of each row that holds the value's share.
        weight: how much it counts.
        least: shares are taken for no less.
        base_bits: log2 of the share that counts for nothing.
    """

    column: str
    weight: float
    least: float
    base_bits: float

    def rarity(self, one: Row, other: Row) -> float:
        """Return by how many bits the commoner of two values is rarer than the base."""
        shares = [share for share in (one[self.column], other[self.column]) if isinstance(share, int | float)]
        return self.weight * (self.base_bits - math.log2(max(*shares, self.least))) if shares else 0.0


@dataclass(frozen=True, slots=True)
class SplinkLevel:
    """One comparison level.

    Attributes:
        label: as shown in charts.
        condition: as parsed; None for `ELSE`.
        holds: whether it holds between two rows.
        is_null: nothing is compared.
        m: share among true pairs; None where training never saw the level.
        u: share among random pairs; likewise.
        bits: log2(m/u).
        counting: how rare values count, if they do.
    """

    label: str
    condition: Node | None
    holds: Holds
    is_null: bool
    m: float | None
    u: float | None
    bits: float
    counting: Counting | None

    @property
    def meaning(self) -> str:
        """One text for all the ways to write this level's condition."""
        return canonical(self.condition) if self.condition else ELSE


@dataclass(frozen=True, slots=True)
class SplinkComparison:
    """One comparison: the first of its levels that holds is the one that is found; the last one always does."""

    name: str
    levels: Sequence[SplinkLevel]

    def evidence(self, one: Row, other: Row) -> Evidence:
        """Return which level two rows reach, and what it weighs."""
        level = next(level for level in self.levels if level.holds(one, other))
        rarity = level.counting.rarity(one, other) if level.counting else 0.0
        return Evidence(self.name, level.label, level.bits + rarity, rarity)


@dataclass(frozen=True, slots=True)
class SplinkModel:
    """A whole model.

    Attributes:
        match: probability that two random records match.
        comparisons: in the order of the file.
    """

    match: float
    comparisons: Sequence[SplinkComparison]

    @property
    def columns(self) -> frozenset[str]:
        """What each row has to have."""
        levels = [level for comparison in self.comparisons for level in comparison.levels]
        compared = {column for level in levels if level.condition for column in columns_of(level.condition)}
        return frozenset(compared | {level.counting.column for level in levels if level.counting})

    def weigh(self, one: Row, other: Row) -> float:
        """Return the match weight of two rows in bits."""
        prior = math.log2(self.match / (1 - self.match))
        return prior + math.fsum(evidence.bits for evidence in self.evidence(one, other))

    def evidence(self, one: Row, other: Row) -> tuple[Evidence, ...]:
        """Return what each comparison says. How common a value is, the rows tell themselves, as in Splink: `tf_…`."""
        return tuple(comparison.evidence(one, other) for comparison in self.comparisons)
