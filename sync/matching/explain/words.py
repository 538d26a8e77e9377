"""What the languages have words for. Each language is a file beside this one."""

from collections.abc import Mapping
from dataclasses import dataclass

from sync.model import Evidence, NullHypothesis


@dataclass(frozen=True, slots=True)
class Words:
    """One language. What stands in braces is filled in.

    Attributes:
        comparisons: what is compared, capitalised.
        companion: the same, where it is the home of somebody who moves in the same notice.
        levels: how it compares, to follow the comparison; `comparison.level` where one comparison says it otherwise.
        rare: a rare value, by comparison; "" for any other.
        common: a common value, likewise.
        reasons: why something was decided, as a sentence.
        bits: the unit.
        bits_of: a number with its unit.
        decides: what an equal national id does.
        compared: whom the customer could be instead, as a sentence.
        others: the same, to stand in `compared` and `compared_apart`.
        compared_apart: the same, when best and runner-up differ in it.
        prior: the sum's beginning.
        both: what the other null hypothesis costs.
        rest: a part of the weight whose evidence is not there.
        total: the sum.
        wrong: how often such a match is wrong.
        seldom_wrong: the same, when it is less often than can be told.
        right: how often such a candidate is right, when that is less than half.
        seldom_right: the same, when it is less often than can be told.
        apart: what sets two candidates apart in one comparison.
        alike: the same, where the level is one and the bits are not.
        for_first: whom a difference speaks for.
        for_second: the same.
        in_all: the difference of the weights.
        same_weight: the same, where there is none.
        best: heading of the best candidate.
        runner_up: heading of the second best.
        title: of the picture.
        apply: mark of the weight from which changes are carried out.
        review: mark of the weight from which a person is asked.
    """

    comparisons: Mapping[str, str]
    companion: str
    levels: Mapping[str, str]
    rare: Mapping[str, str]
    common: Mapping[str, str]
    reasons: Mapping[str, str]
    bits: str
    bits_of: str
    decides: str
    compared: str
    others: Mapping[NullHypothesis, str]
    compared_apart: str
    prior: str
    both: str
    rest: str
    total: str
    wrong: str
    seldom_wrong: str
    right: str
    seldom_right: str
    apart: str
    alike: str
    for_first: str
    for_second: str
    in_all: str
    same_weight: str
    best: str
    runner_up: str
    title: str
    apply: str
    review: str

    def comparison(self, name: str) -> str:
        """Name a comparison; one without a word by its code."""
        return self.comparisons.get(name, name)

    def compared_in(self, *evidence: Evidence) -> str:
        """Name the comparison that these are of."""
        return self.companion if any(one.companion for one in evidence) else self.comparison(evidence[0].comparison)

    def level(self, comparison: str, level: str) -> str:
        """Say a level; one without words by its code."""
        return self.levels.get(f"{comparison}.{level}") or self.levels.get(level, level)

    def rarity(self, comparison: str, *, rare: bool) -> str:
        """Say that the value is rare, or common."""
        said = self.rare if rare else self.common
        return said.get(comparison, said[""])
