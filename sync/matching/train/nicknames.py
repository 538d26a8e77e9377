"""Nicknames, learned from changes: names that differ although everything else says that it is one person.

Jukka and Juhani, Liz and Elizabeth: two names that come together so in several changes, and far more often than two
members of a family would bear just those two, are one person's.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sync.matching.compare.level import DIFFERENT, MISSING, NICKNAME, Level
from sync.matching.compare.person import COMPARISONS
from sync.matching.model import Frequencies, Model, Shares, nickname_pair
from sync.matching.train.maximise import Group, Levels, Rarity, beliefs

FEWEST = 5
"""Changes in which two names must come together; fewer would tell of single persons."""
FAR_MORE = 10.0
"""Times as often as chance would bring the two together."""
_SURE = 0.5
_GIVEN_NAMES = list(COMPARISONS).index("given_names")
_LEAST_SHARE = 1e-7

Pair = tuple[str, str]


def learn(groups: Sequence[Group], model: Model) -> Mapping[Pair, float]:
    """Return the pairs of names that are nicknames, with how often they came together."""
    memo: dict[Levels, tuple[float, float]] = {}
    together: Counter[Pair] = Counter()
    unlike = 0.0
    for group in groups:
        blind = _without_given_names(group)
        if blind is None:
            continue
        believed, _ = beliefs(blind, model, memo)
        for (_, _, _, pair), belief in zip(group.candidates, believed, strict=True):
            if pair and belief > _SURE:
                together[pair] += belief  # type: ignore[assignment]  # a Counter adds fractions as well
                unlike += belief
    common = model.frequencies.get("given_name")
    if common is None:
        return {}
    return {
        pair: count
        for pair, count in together.items()
        if count >= FEWEST and count > FAR_MORE * unlike * _by_chance(pair, common, model.digest)
    }


def with_nicknames(groups: Sequence[Group], model: Model, found: Mapping[Pair, float]) -> tuple[list[Group], Model]:
    """Return groups in which these pairs are nicknames, and a model that knows them."""
    common = model.frequencies["given_name"]
    by_chance = max(sum(_by_chance(pair, common, model.digest) for pair in found), _LEAST_SHARE)
    levels = dict(model.comparisons["given_names"])
    before, rest = levels[NICKNAME], levels[DIFFERENT]
    now = Shares(before.m, min(by_chance, before.u), min(by_chance, before.household))
    levels[NICKNAME] = now
    levels[DIFFERENT] = Shares(rest.m, rest.u + before.u - now.u, rest.household + before.household - now.household)
    hashes = frozenset(model.digest("nickname", nickname_pair(*pair)) for pair in found)
    renamed = [Group(tuple(_renamed(one) if one[3] in found else one for one in group.candidates)) for group in groups]
    return renamed, replace(model, nicknames=hashes, comparisons={**model.comparisons, "given_names": levels})


def _without_given_names(group: Group) -> Group | None:
    """Return the group with the unlike names overlooked; None when there are none."""
    if not any(pair for _, _, _, pair in group.candidates):
        return None
    return Group(tuple((_at_given(one[0], MISSING) if one[3] else one[0], *one[1:]) for one in group.candidates))


def _renamed(one: tuple[Levels, Rarity, bool, Pair | None]) -> tuple[Levels, Rarity, bool, Pair | None]:
    return (_at_given(one[0], NICKNAME), *one[1:])


def _at_given(levels: Levels, level: Level) -> Levels:
    return (*levels[:_GIVEN_NAMES], level, *levels[_GIVEN_NAMES + 1 :])


def _by_chance(pair: Pair, common: Frequencies, digest: Callable[[str, str], str]) -> float:
    """Return the chance that two persons bear these two names."""
    one, other = (common.shares.get(digest("given_name", name), common.rare) for name in pair)
    return 2 * one * other
