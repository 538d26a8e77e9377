"""Expectation maximisation: which share of true pairs shows each level, learned without knowing which pairs are true.

A change is about one of the customers, each as likely before anything is compared, or about none of them. The posterior
of each (expectation) says how much its levels count in the next estimate of m (maximisation), until nothing changes.
Customers that share no blocking key with the change are as good as excluded, so that blocking distorts nothing; what
is not found is not learned from. That the candidate may be a relative of a stranger is a hypothesis of its own:
without it families would be taken for matches.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sync.matching.compare.level import MISSING, Level
from sync.matching.compare.person import COMPARISONS, Findings
from sync.matching.model import FREQUENCY, Model, Shares

Levels = tuple[Level, ...]
Counts = Mapping[str, Mapping[Level, float]]

ROUNDS = 40
_ENOUGH = 1e-5
_BELIEF = 20.0
"""Pairs that the starting model counts for, so that a level never seen does not weigh infinitely."""
_NEGLIGIBLE = 1e-6
_LEAST_SHARE, _MOST_SHARE = 1e-4, 0.999


@dataclass(frozen=True, slots=True)
class Group:
    """One change's candidates: for each, its levels and by how much its values are rarer than average, in bits."""

    candidates: tuple[tuple[Levels, float], ...]


def group(findings: Sequence[Findings], model: Model) -> Group:
    """Keep of what was found what matters here."""
    return Group(tuple((tuple(level for level, _, _ in found), _rarity(found, model)) for found in findings))


def _rarity(findings: Findings, model: Model) -> float:
    total = 0.0
    for name, (level, one, other) in zip(COMPARISONS, findings, strict=True):
        table, counting = FREQUENCY.get(name, {}).get(level, ("", 0.0))
        if table in model.frequencies:
            total += counting * model.rarity(table, one, other)
    return total


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
        counts, found = _expect(groups, model)
        share = min(max(found / len(groups), _LEAST_SHARE), _MOST_SHARE) if groups else model.priors.share
        moved = abs(share - model.priors.share)
        model = _with(model, start, {name: _sum(counts[name], labelled.get(name, {})) for name in COMPARISONS}, share)
        progress((number + 1) / ROUNDS)
        if moved < _ENOUGH:
            break
    progress(1.0)
    return model


def _expect(groups: Sequence[Group], model: Model) -> tuple[dict[str, Counter[Level]], float]:
    """Count levels, each pair as much as it is believed to be true; returns the number of true pairs besides."""
    by_levels: defaultdict[Levels, float] = defaultdict(float)
    memo: dict[Levels, tuple[float, float]] = {}
    for one in groups:
        for levels, belief in beliefs(one, model, memo):
            if belief > _NEGLIGIBLE:
                by_levels[levels] += belief
    counts: dict[str, Counter[Level]] = {name: Counter() for name in COMPARISONS}
    for levels, belief in by_levels.items():
        for name, level in zip(COMPARISONS, levels, strict=True):
            if level != MISSING:
                counts[name][level] += belief  # type: ignore[assignment]  # a Counter adds fractions as well
    return counts, sum(by_levels.values())


def beliefs(one: Group, model: Model, memo: dict[Levels, tuple[float, float]]) -> list[tuple[Levels, float]]:
    """Return the posterior of each candidate, against the others, against nobody, and against relatives of nobody."""
    odds, rest = [], 1 - model.priors.share
    for levels, rarity in one.candidates:
        found = memo.get(levels)
        if found is None:
            found = memo[levels] = model.sums(tuple((level, "", "") for level in levels), plain=True)
        other, household = found
        likely = 2.0 ** (other + rarity)
        odds.append((levels, likely))
        rest += likely + (1 - model.priors.share) * likely / 2.0**household
    return [(levels, likely / rest) for levels, likely in odds]


def _with(model: Model, start: Model, counts: Counts, share: float) -> Model:
    comparisons = {}
    for name, levels in COMPARISONS.items():
        before = start.comparisons[name]
        m = smoothed(counts[name], {level: before[level].m for level in levels}, _BELIEF)
        comparisons[name] = ordered(name, m, start.comparisons[name])
    return replace(model, comparisons=comparisons, priors=replace(model.priors, share=share))


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
