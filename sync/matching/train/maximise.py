"""Expectation maximisation: which share of true pairs shows each level, learned without knowing which pairs are true.

A change is about one of the customers, each as likely before anything is compared, or about none of them. The posterior
of each (expectation) says how much its levels count in the next estimate of m (maximisation), until nothing changes.
Customers that share no blocking key with the change are as good as excluded, so that blocking distorts nothing. Those
found by their address alone compete for the change, but m is not learned from them: what they have in common was
chosen. That the candidate may be a relative of a stranger is a hypothesis of its own:
without it families would be taken for matches.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sync.matching.compare.level import MISSING, Level
from sync.matching.compare.person import COMPARISONS, Findings
from sync.matching.model import FREQUENCY, UNLIKE, Model, Priors, Shares

Levels = tuple[Level, ...]
Rarity = tuple[float, float]
"""What the rarity of shared values adds against each null hypothesis, in bits."""
Counts = Mapping[str, Mapping[Level, float]]

_GIVEN_NAMES = list(COMPARISONS).index("given_names")
ROUNDS = 40
_ENOUGH = 1e-5
_BELIEF = 20.0
"""Pairs that the starting model counts for, so that a level never seen does not weigh infinitely."""
_NEGLIGIBLE = 1e-6
_LEAST_SHARE, _MOST_SHARE = 1e-4, 0.999
_LEAST_RELATIVES, _MOST_RELATIVES = 0.02, 2.0
_FEW_STRANGERS, _RELATED = 100.0, 0.05
"""Strangers who would be believed, and the part of them who are related to customers."""


@dataclass(frozen=True, slots=True)
class Group:
    """One change's candidates.

    Attributes:
        candidates: for each, its levels, what the rarity of its values adds against each null hypothesis (bits),
            whether m is learned from it, and the two given names where they are unlike.
    """

    candidates: tuple[tuple[Levels, Rarity, bool, tuple[str, str] | None], ...]


def group(findings: Sequence[tuple[Findings, bool]], model: Model) -> Group:
    """Keep of what was found what matters here; the flag says whether m is to be learned from it."""
    return Group(
        tuple(
            (tuple(level for level, _, _ in found), _rarity(found, model), learn, _unlike(found))
            for found, learn in findings
        )
    )


def _unlike(findings: Findings) -> tuple[str, str] | None:
    level, one, other = findings[_GIVEN_NAMES]
    return (min(one, other), max(one, other)) if level in UNLIKE else None


def _rarity(findings: Findings, model: Model) -> Rarity:
    other = household = 0.0
    for name, (level, one, two) in zip(COMPARISONS, findings, strict=True):
        table, counting = FREQUENCY.get(name, {}).get(level, ("", 0.0))
        if table in model.frequencies:
            bits = counting * model.rarity(table, one, two)
            other += bits
            if name == "given_names":
                household += model.rarity_of_namesakes(bits)
    return other, household


def maximise(groups: Sequence[Group], start: Model, labelled: Counts, progress: Callable[[float], None]) -> Model:
    """Return the model with its m, and its share of changes about customers, learned from these changes.

    Args:
        groups: one for each change, with every candidate that was found for it; empty for none.
        start: u and household are taken from it; m is where learning begins, and counts for a few pairs.
        labelled: levels of pairs that a person said are one.
        progress: told the part that is done.
    """
    model = start
    for number in range(ROUNDS):
        counts, strangers, relatives = _expect(groups, model)
        priors = _priors(model, len(groups), strangers, relatives)
        moved = abs(priors.share - model.priors.share)
        learned = {name: _sum(counts[name], labelled.get(name, {})) for name in COMPARISONS}
        model = _with(replace(model, priors=priors), start, learned)
        progress((number + 1) / ROUNDS)
        if moved < _ENOUGH:
            break
    progress(1.0)
    return model


def _expect(groups: Sequence[Group], model: Model) -> tuple[dict[str, Counter[Level]], float, float]:
    """Count levels, each pair as much as it is believed to be true; and how many changes are about strangers.

    Returns:
        the counts, the changes about nobody in the register, and of them those about relatives of customers.
    """
    by_levels: defaultdict[Levels, float] = defaultdict(float)
    memo: dict[Levels, tuple[float, float]] = {}
    relatives = customers = 0.0
    for one in groups:
        found, related = beliefs(one, model, memo)
        relatives += related
        for (levels, _, learn, _), belief in zip(one.candidates, found, strict=True):
            customers += belief
            if learn and belief > _NEGLIGIBLE:
                by_levels[levels] += belief
    counts: dict[str, Counter[Level]] = {name: Counter() for name in COMPARISONS}
    for levels, belief in by_levels.items():
        for name, level in zip(COMPARISONS, levels, strict=True):
            if level != MISSING:
                counts[name][level] += belief  # type: ignore[assignment]  # a Counter adds fractions as well
    return counts, len(groups) - customers, relatives


def beliefs(one: Group, model: Model, memo: dict[Levels, tuple[float, float]]) -> tuple[list[float], float]:
    """Return the posterior of each candidate, and how many of them are relatives of a stranger who is meant.

    Each of those whom the change is not about is a relative of the one it is about, or not: of a customer as of a
    stranger. So a candidate's odds are those against both null hypotheses, as they are when a change is decided.
    """
    odds, related = [], 0.0
    for levels, (rarity, among_relatives), _, _ in one.candidates:
        found = memo.get(levels)
        if found is None:
            found = memo[levels] = model.sums(tuple((level, "", "") for level in levels), plain=True)
        other, household = found
        kin = 2.0 ** (other + rarity - household - among_relatives)
        odds.append(2.0 ** (other + rarity) / (1 + kin))
        related += kin / (1 + kin)
    rest = 1.0 + math.fsum(odds)
    return [likely / rest for likely in odds], related / rest


def _priors(model: Model, changes: int, strangers: float, relatives: float) -> Priors:
    if not changes:
        return model.priors
    share = min(max(1 - strangers / changes, _LEAST_SHARE), _MOST_SHARE)
    # Where there are hardly any strangers, they tell little of how they live.
    household = (relatives + _FEW_STRANGERS * _RELATED) / (strangers + _FEW_STRANGERS)
    household = min(max(household, _LEAST_RELATIVES), _MOST_RELATIVES)
    return replace(model.priors, share=share, household=household)


def _with(model: Model, start: Model, counts: Counts) -> Model:
    comparisons = {}
    for name, levels in COMPARISONS.items():
        before = start.comparisons[name]
        m = smoothed(counts[name], {level: before[level].m for level in levels}, _BELIEF)
        comparisons[name] = ordered(name, m, start.comparisons[name])
    return replace(model, comparisons=comparisons)


def ordered(name: str, m: Mapping[Level, float], before: Mapping[Level, Shares]) -> dict[Level, Shares]:
    """Join new m with u and household so that more agreement never weighs less (pool adjacent violators)."""
    levels = COMPARISONS[name]
    u = monotone(levels, m, {level: before[level].u for level in levels})
    if name == "address":
        # Whoever moves and whoever stays behind lived at one address: it tells members of a household not apart.
        return {level: Shares(m[level], u[level], m[level]) for level in levels}
    household = monotone(levels, m, {level: before[level].household for level in levels})
    return {level: Shares(m[level], u[level], household[level]) for level in levels}


def monotone(levels: Sequence[Level], m: Mapping[Level, float], u: Mapping[Level, float]) -> dict[Level, float]:
    """Return u, pooled where a level would weigh more than one of more agreement; its sum stays."""
    pools: list[tuple[list[Level], float, float]] = []
    for level in levels:
        pools.append(([level], m[level], u[level]))
        while len(pools) > 1 and pools[-1][1] / pools[-1][2] > pools[-2][1] / pools[-2][2]:
            below, above = pools.pop(), pools.pop()
            pools.append((above[0] + below[0], above[1] + below[1], above[2] + below[2]))
    return {level: m[level] * of_u / of_m for pool, of_m, of_u in pools for level in pool}


def smoothed(counts: Mapping[Level, float], before: Mapping[Level, float], belief: float) -> dict[Level, float]:
    """Return shares that sum to 1, with what was believed before counting for so many pairs."""
    total = math.fsum(counts.get(level, 0.0) for level in before) + belief
    return {level: (counts.get(level, 0.0) + belief * share) / total for level, share in before.items()}


def _sum(one: Mapping[Level, float], other: Mapping[Level, float]) -> dict[Level, float]:
    return {level: one.get(level, 0.0) + other.get(level, 0.0) for level in {*one, *other}}
