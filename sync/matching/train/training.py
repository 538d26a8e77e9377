"""The way from a register and some changes to a model, with progress."""

import math
import random
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sync.matching.compare.household import with_household
from sync.matching.compare.level import MISSING, OF_HOUSEHOLD, Level
from sync.matching.compare.person import COMPARISONS, Findings, compare
from sync.matching.model import FREQUENCY, HOUSEHOLD, Frequencies, Model, Shares
from sync.matching.prepared import Prepared
from sync.matching.score import certainty
from sync.matching.train.frequencies import Census
from sync.matching.train.households import Homes, looks_like_one
from sync.matching.train.maximise import Group, group, maximise, smoothed
from sync.matching.train.nicknames import learn, with_nicknames
from sync.matching.train.thresholds import choose
from sync.model import NullHypothesis

Labelled = Mapping[str, Mapping[Level, float]]
"""By comparison and level: pairs that a person said are one."""

_BELIEF = 30.0
_MOST_EQUAL = 0.999
"""Where a register holds one value for everybody, or for a single customer, other levels still have a share."""
_EXACT = {"birth_date": "birth_date", "phone": "phone", "email": "email", "address": "house"}
"""Comparisons whose share of equal pairs follows from the census, without sampling."""


class Population(Protocol):
    """What training needs of the register."""

    def size(self) -> int:
        """Return how many customers there are."""
        ...

    def people(self) -> Iterator[Prepared]:
        """Return every customer, in an order that does not matter."""
        ...

    def candidates(self, changes: Sequence[Prepared], *, location: bool = True) -> Sequence[Sequence[Prepared]]:
        """Return, for each change, the customers that share a blocking key; keys of location only where wanted."""
        ...


@dataclass(frozen=True, slots=True)
class Training:
    """How much is looked at, and for which rate of false updates thresholds are chosen.

    Attributes:
        tables: learn how common each value is, too; without it, a model of one register can be used for another.
    """

    false_update_rate: float = 1e-5
    random_pairs: int = 200_000
    household_pairs: int = 20_000
    changes: int = 20_000
    decoys: int = 10_000
    sample: int = 20_000
    page: int = 500
    tables: bool = True


def train(
    population: Population,
    changes: Sequence[Prepared],
    start: Model,
    version: str,
    *,
    chance: random.Random,
    digest: Callable[[str, str], str],
    labelled: Labelled | None = None,
    training: Training | None = None,
    progress: Callable[[str, float], None] = lambda _stage, _done: None,
) -> Model:
    """Learn a model.

    Args:
        population: the register.
        changes: as they come from feeds, about customers and others; nobody needs to know about whom.
        start: where learning begins; what data cannot tell is taken from it.
        version: name of the new model.
        chance: source of randomness.
        digest: keyed hash of a value, for the frequency tables.
        labelled: what reviewers decided.
        training: how much to look at.
        progress: told the stage and the part of it that is done.
    """
    wanted = training or Training()
    size = population.size()
    census, homes, sample = _survey(population, wanted, chance, size, lambda done: progress("register", done))
    changes = changes if len(changes) <= wanted.changes else chance.sample(changes, wanted.changes)
    tables = census.tables(digest, homes)
    model = replace(
        start,
        version=version,
        frequencies=tables if wanted.tables else {},
        digest=digest,
        priors=replace(start.priors, customers=size),
    )

    def find(one: Prepared, other: Prepared) -> Findings:
        return model.told_apart(compare(one, other))

    pairs = min(wanted.random_pairs, len(sample) * (len(sample) - 1) // 2)
    random_pairs = _random_pairs(sample, pairs, chance, find, lambda done: progress("pairs", done))
    household_pairs, relatives = _levels(homes.pairs(wanted.household_pairs, find)), homes.relatives
    del census, homes  # they hold much of the register
    model = replace(model, comparisons=_with_u(model, tables, random_pairs, household_pairs))
    groups = list(_groups(population, changes, model, wanted.page, lambda done: progress("changes", done)))
    model = maximise(groups, model, labelled or {}, lambda done: progress("learning", done))
    nicknames = learn(groups, model)
    if nicknames:
        groups, model = with_nicknames(groups, model, nicknames)
        model = maximise(groups, model, labelled or {}, lambda _done: None)  # short: it begins where it ended
    counts = {
        "customers": size,
        "changes": len(changes),
        "random_pairs": pairs,
        "household_pairs": sum(household_pairs["surname"].values()),
        "nicknames": len(nicknames),
        "labelled": round(sum((labelled or {}).get("surname", {}).values())),
    }
    model = replace(model, counts={name: int(count) for name, count in counts.items()})
    best = _Best(population, model, wanted.page)
    found = [sure for sure, _ in best.of(changes, lambda done: progress("thresholds", done / 2))]
    decoys = sample[: wanted.decoys]
    false = list(best.of(decoys, lambda done: progress("thresholds", 0.5 + done / 2)))
    # Every decoy lives with customers; of the strangers in the feed only some do.
    kept = min(1.0, model.priors.household / max(relatives, model.priors.household))
    strangers = [sure for sure, against in false if against is not HOUSEHOLD or chance.random() < kept]
    limits = choose(found, strangers, 1 - model.priors.share, wanted.false_update_rate, len(decoys))
    return replace(model, thresholds=limits)


def _survey(
    population: Population, wanted: Training, chance: random.Random, size: int, progress: Callable[[float], None]
) -> tuple[Census, Homes, list[Prepared]]:
    """Go through the register once: count values, note households, and draw a sample (Vitter's algorithm R)."""
    census, homes, sample = Census(), Homes(max(1, size // wanted.sample)), list[Prepared]()
    for at, person in enumerate(population.people()):
        census.add(person)
        homes.add(person)
        if len(sample) < wanted.sample:
            sample.append(person)
        elif (place := chance.randrange(at + 1)) < wanted.sample:
            sample[place] = person
        if at % 1_000 == 0:
            progress(at / max(size, 1))
    progress(1.0)
    return census, homes, sample


def _random_pairs(
    sample: Sequence[Prepared],
    wanted: int,
    chance: random.Random,
    find: Callable[[Prepared, Prepared], Findings],
    progress: Callable[[float], None],
) -> dict[str, dict[Level, float]]:
    def pairs() -> Iterator[Findings]:
        for at in range(wanted if len(sample) > 1 else 0):
            if at % 10_000 == 0:
                progress(at / wanted)
            yield find(*chance.sample(sample, 2))

    return _levels(pairs())


def _levels(pairs: Iterator[Findings]) -> dict[str, dict[Level, float]]:
    """Count levels; what is missing says nothing."""
    counts: dict[str, dict[Level, float]] = {name: {} for name in COMPARISONS}
    for findings in pairs:
        for name, (level, _, _) in zip(COMPARISONS, findings, strict=True):
            if level != MISSING:
                counts[name][level] = counts[name].get(level, 0) + 1
    return counts


def _with_u(
    model: Model,
    tables: Mapping[str, Frequencies],
    random_pairs: Mapping[str, Mapping[Level, float]],
    household: Mapping[str, Mapping[Level, float]],
) -> dict[str, dict[Level, Shares]]:
    comparisons = {}
    for name, levels in COMPARISONS.items():
        before = model.comparisons[name]
        counted = {level for level, (of, _) in FREQUENCY.get(name, {}).items() if of in model.frequencies}
        u = _shares(random_pairs[name], {level: before[level].u for level in levels}, counted)
        table = tables.get(_EXACT.get(name, ""))
        if table:
            # Without the tables nobody can tell a rare value: then no shared value is believed to be rarer than rare.
            average = table.average if model.frequencies else max(table.average, table.rare)
            equal, rest = min(average, _MOST_EQUAL), 1 - u["equal"]
            u = {level: share * (1 - equal) / rest for level, share in u.items()} | {"equal": equal}
        in_household = _shares(household[name], {level: before[level].household for level in levels})
        if name == "birth_date":
            # It is found only of people at one address, so that between strangers there it is no rarer.
            at_home, rest = in_household[OF_HOUSEHOLD], 1 - u[OF_HOUSEHOLD]
            u = {level: share * (1 - at_home) / rest for level, share in u.items()} | {OF_HOUSEHOLD: at_home}
        shares = {level: Shares(before[level].m, u[level], in_household[level]) for level in levels}
        comparisons[name] = shares
    return comparisons


def _shares(
    counts: Mapping[Level, float], before: Mapping[Level, float], counted: Container[Level] = ()
) -> dict[Level, float]:
    """Return how common each level is; what is too rare for so many pairs to show is as rare as was believed.

    Two phone numbers one digit apart are met once in a million pairs. Not to have met any among fewer says nothing,
    but for levels whose values are counted: their table tells how rare each is, and it would be told twice.
    """
    pairs = math.fsum(counts.values())
    found = smoothed(counts, before, _BELIEF)
    found = {
        level: max(share, 0.0 if level in counted else min(before[level], 1 / max(pairs, 1)))
        for level, share in found.items()
    }
    whole = math.fsum(found.values())
    return {level: share / whole for level, share in found.items()}


def _groups(
    population: Population, changes: Sequence[Prepared], model: Model, page: int, progress: Callable[[float], None]
) -> Iterator[Group]:
    for at in range(0, len(changes), page):
        part = changes[at : at + page]
        # m is never learned from who was found by an address: families live at one, and would be taken for matches.
        found = population.candidates(part, location=False)
        for change, people, others in zip(part, found, population.candidates(part), strict=True):
            learn = {person.id for person in people}
            everybody = {person.id: person for person in (*people, *others)}
            findings = with_household([model.told_apart(compare(change, one)) for one in everybody.values()])
            yield group([(one, id_ in learn) for one, id_ in zip(findings, everybody, strict=True)], model)
        progress(min(1.0, (at + page) / len(changes)))


@dataclass(frozen=True, slots=True)
class _Best:
    """Finds the best candidate of changes, or of decoys."""

    population: Population
    model: Model
    page: int

    def of(
        self, changes: Sequence[Prepared], progress: Callable[[float], None]
    ) -> Iterator[tuple[float, NullHypothesis]]:
        """Give the certainty of each change's best candidate, and who else it could be.

        A customer is never its own candidate, nor is its double.
        """
        for at in range(0, len(changes), self.page):
            part = changes[at : at + self.page]
            for change, people in zip(part, self.population.candidates(part), strict=True):
                others = [self.model.find(change, person) for person in people if person.id != change.id]
                if change.id:
                    others = [findings for findings in others if not looks_like_one(findings)]
                if others:
                    yield self._best(with_household(others))
            progress(min(1.0, (at + self.page) / len(changes)))

    def _best(self, findings: Sequence[Findings]) -> tuple[float, NullHypothesis]:
        ranked = sorted(((self.model.weigh(one), at) for at, one in enumerate(findings)), reverse=True)
        against = self.model.stronger_null(findings[ranked[0][1]])
        return certainty(ranked[0][0], [weight for weight, _ in ranked[1:]]), against
