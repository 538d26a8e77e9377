"""Learns a model without labels."""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from sync.matching.compare.level import MISSING
from sync.matching.compare.person import COMPARISONS, Findings, compare
from sync.matching.model import FREQUENCY_WEIGHTS, HOUSEHOLD, OTHER, Frequencies, Model, Shares
from sync.matching.prepared import Prepared

NAMES = tuple(COMPARISONS)
RARE = 5
LARGEST_HOUSEHOLD = 10


def frequencies(people: Iterable[Prepared], digest) -> dict[str, Frequencies]:
    from sync.matching.compare.address import _house, _street
    counts = {"surname": Counter(), "given_name": Counter(), "house": Counter(), "street":Counter(), "postcode":Counter(),"birth_date":Counter(),"phone":Counter(),"email":Counter()}
    for p in people:
        if len(p.birth_date)==8: counts["birth_date"][p.birth_date] += 1
        if p.phone: counts["phone"][p.phone] += 1
        if p.email: counts["email"][p.email] += 1
        for n in p.names[:1]:
            if n.surname_folded: counts["surname"][n.surname_folded] += 1
            if n.head: counts["given_name"][n.head] += 1
        for h in p.places[:1]:
            if h.postcode: counts["postcode"][h.postcode] += 1
            if h.streets: counts["street"][_street(h)] += 1
            if h.streets and h.number: counts["house"][_house(h)] += 1
    return {name: _pooled(name, c, digest) for name, c in counts.items() if c}


def _pooled(name, counts, digest):
    total = sum(counts.values())
    limit = max(RARE, 3 * total / len(counts)) if name == "birth_date" else RARE
    rare = [c for c in counts.values() if c < limit]
    shares = {digest(name, v): c / total for v, c in counts.items() if c >= limit}
    # unseen values belong to the rare, too: one more of them
    pooled = (sum(c*c for c in rare) / sum(rare) if rare else 1) / total
    average = sum((c / total) ** 2 for c in counts.values())
    return Frequencies(shares, pooled, average)


def random_pairs(people: Sequence[Prepared], wanted: int, chance: random.Random) -> list[Findings]:
    found = []
    for _ in range(wanted):
        one, other = chance.sample(people, 2)
        found.append(compare(one, other))
    return found


def household_pairs(people: Iterable[Prepared], most: int) -> list[tuple[Prepared, Prepared]]:
    homes = defaultdict(list)
    for p in people:
        for h in p.places[:1]:
            if h.number and h.streets:
                homes[(h.postcode, tuple(sorted(h.streets)), h.number, h.letters, h.flat)].append(p)
    pairs = []
    n_rel = 0
    for members in homes.values():
        if 1 < len(members) <= LARGEST_HOUSEHOLD:
            n_rel += len(members) * (len(members) - 1)
            for i, one in enumerate(members):
                for other in members[i + 1 :]:
                    if len(pairs) < most:
                        pairs.append((one, other))
    return pairs, n_rel


def _count(findings: Iterable[Findings]) -> list[Counter]:
    counts = [Counter() for _ in NAMES]
    for f in findings:
        for c, (level, _, _) in zip(counts, f):
            if level != MISSING:
                c[level] += 1
    return counts


def _shares(counts: Counter, levels, prior: Mapping[str, float], weight: float) -> dict[str, float]:
    total = sum(counts[l] for l in levels) + weight
    return {l: (counts[l] + weight * prior[l]) / total for l in levels}
