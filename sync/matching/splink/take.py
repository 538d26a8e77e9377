"""Takes over into our model what a Splink model learned, where both mean the same."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from sync.errors import ConfigurationInvalid, Problem
from sync.matching.compare.level import MISSING, Level
from sync.matching.compare.person import COMPARISONS
from sync.matching.model import Model, Shares
from sync.matching.splink.columns import COUNTED
from sync.matching.splink.conditions import canonical, parse_condition
from sync.matching.splink.export import anchor
from sync.matching.splink.foreign import SplinkComparison
from sync.matching.splink.ours import LEFT_OUT, SAID, meaning
from sync.matching.splink.read import SplinkFile, name_of, read_comparison, read_file
from sync.matching.train.maximise import ordered
from sync.model import NullHypothesis

_LEAST_SHARE = 1e-9
"""A level that training never met is rare, not impossible."""
_ROUNDING = 1e-9
_MOST_SHARE = 0.999
_MATCH = "probability_two_random_records_match"
_ANCHORS = frozenset(canonical(parse_condition(anchor(f"{table}_counted"), table)) for table in COUNTED)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of an import.

    Attributes:
        model: the start model with what was taken over.
        levels: by our comparison, the levels that were.
        left: what was not, by the name of the comparison in the file or of ours, and why.
    """

    model: Model
    levels: Mapping[str, tuple[Level, ...]]
    left: Mapping[str, str]


def from_splink(settings: Any, start: Model, version: str) -> Taken:
    """Take over m, u and the prior of a Splink model.

    A comparison is taken over when its conditions say what ours say (`SAID`), in the same order; the last ones may be
    lacking, and what Splink has for `ELSE` is then shared out as the start model does. Everything that Splink does not
    have stays as it is: what is known of households, frequency tables, thresholds.

    Args:
        settings: as `json.loads` gives them.
        start: the model that is changed.
        version: name of the new one.

    Raises:
        ConfigurationInvalid: it is no Splink model, or nothing of it can be taken over.
    """
    file = read_file(settings)
    found, left = _found(file)
    if not found:
        raise ConfigurationInvalid(
            [Problem("splink.comparisons", "a comparison that means what one of ours does")]
            + [Problem(f"splink.{name}", f"left out: {why}") for name, why in left.items()]
        )
    for name in COMPARISONS:
        if name not in found:
            left.setdefault(name, LEFT_OUT.get(name, "the file has nothing that means the same"))
    comparisons = {
        name: _shares(name, found[name], start) if name in found else levels
        for name, levels in start.comparisons.items()
    }
    share = _share(file.match, start) if _MATCH in settings else start.priors.share
    if share is None:
        left[_MATCH] = "so many matches would be more than there are changes"
    priors = start.priors if share is None else replace(start.priors, share=share)
    levels = {name: tuple(level for level in COMPARISONS[name] if level in found[name]) for name in found}
    return Taken(replace(start, version=version, comparisons=comparisons, priors=priors), levels, left)


Learned = Mapping[Level, tuple[float | None, float | None]]
"""By level m and u; None where training never met it. The last one stands for all levels that are lacking, too."""


def _found(file: SplinkFile) -> tuple[dict[str, Learned], dict[str, str]]:
    found: dict[str, Learned] = {}
    left: dict[str, str] = {}
    for at, raw in enumerate(file.comparisons):
        try:
            foreign = read_comparison(file, at)
        except ConfigurationInvalid as invalid:
            left[name_of(raw, at)] = str(invalid)
            continue
        same = ((name, _learned(name, foreign)) for name in SAID if name not in found)
        name, learned = next(((name, learned) for name, learned in same if learned), ("", {}))
        if learned:
            found[name] = learned
        else:
            left[foreign.name] = "its levels are not those of a comparison of ours"
    return found, left


def _learned(name: str, foreign: SplinkComparison) -> Learned:
    """Return what was learned for a comparison of ours; nothing where the conditions mean something else."""
    theirs = [level for level in foreign.levels if level.meaning not in _ANCHORS]
    ours, rest = SAID[name][: len(theirs) - 1], SAID[name][len(theirs) - 1 : -1]
    same = [(saying.level == MISSING, meaning(saying)) for saying in ours] == [
        (level.is_null, level.meaning) for level in theirs[:-1]
    ]
    if not same or {saying.level for saying in rest} & {MISSING, *(saying.level for saying in ours)}:
        return {}
    learned: dict[Level, tuple[float | None, float | None]] = {}
    for saying, level in zip((*ours, SAID[name][-1]), theirs, strict=True):
        if saying.level != MISSING:
            m, u = learned.pop(saying.level, (None, None))
            learned[saying.level] = _sum(m, level.m), _sum(u, level.u)
    return learned


def _sum(one: float | None, other: float | None) -> float | None:
    return other if one is None else one + (other or 0.0)


def _shares(name: str, learned: Learned, start: Model) -> Mapping[Level, Shares]:
    before = start.comparisons[name]
    m = _spread(name, {level: m for level, (m, _) in learned.items()}, {level: s.m for level, s in before.items()})
    u = _spread(name, {level: u for level, (_, u) in learned.items()}, {level: s.u for level, s in before.items()})
    shares = {level: Shares(m[level], u[level], before[level].household) for level in before}
    return shares if _never_rises(name, shares) else ordered(name, m, shares)


def _spread(name: str, learned: Mapping[Level, float | None], before: Mapping[Level, float]) -> dict[Level, float]:
    """Return the shares of all our levels: those learned, and of those that are lacking as much as there was before."""
    said = {saying.level for saying in SAID[name]}
    *others, last = learned
    lacking = [level for level in COMPARISONS[name] if level in said and level not in others]
    shares = {level: share for level, share in before.items() if level not in said}  # levels that nothing says
    left = 1 - math.fsum(shares.values())
    known = {
        level: before[level] if (share := learned[level]) is None else max(share, _LEAST_SHARE) for level in others
    }
    rest, whole = learned[last], math.fsum(before[level] for level in lacking)
    rest = whole if rest is None else max(rest, _LEAST_SHARE)
    known |= {level: rest if len(lacking) == 1 else rest * before[level] / whole for level in lacking}
    scale = left / math.fsum(known.values())
    if math.isclose(scale, 1, abs_tol=_ROUNDING):
        scale = 1  # rounded elsewhere: as it stands there
    return shares | {level: share * scale for level, share in known.items()}


def _never_rises(name: str, shares: Mapping[Level, Shares]) -> bool:
    """Tell whether no level weighs more than one of more agreement, against either null hypothesis."""
    odds = [(s.m / s.u, s.m / s.household) for s in (shares[level] for level in COMPARISONS[name])]
    return all(
        after <= before * (1 + _ROUNDING)
        for above, below in pairwise(odds)
        for before, after in zip(above, below, strict=True)
    )


def _share(match: float, start: Model) -> float | None:
    """Return the share of changes that are about a customer; None where it is none that training would find."""
    odds = match / (1 - match)
    if math.isclose(math.log2(odds), start.prior_bits[NullHypothesis.OTHER_PERSON], abs_tol=_ROUNDING):
        return start.priors.share
    share = odds * start.priors.customers / (1 + odds * start.priors.customers)
    return share if share <= _MOST_SHARE else None
