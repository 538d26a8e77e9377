"""Whom the changes are about: customers, and those who are none, although their family may be."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Division:
    """Who is a customer, and about whom there are changes.

    Attributes:
        customers: who stand in the register, in its order.
        changed: about whom there is a change, in the feed's order.
    """

    customers: Sequence[str]
    changed: Sequence[str]


def divide(then: Collection[str], now: Collection[str], share: float, rng: random.Random) -> Division:
    """Arrange that so large a share of the changes is about strangers.

    Those who live there now and did not then are strangers already. Where they are too few, people are left out of
    the register one by one, so that their families stay in it; where they are too many, some have no change.

    Args:
        then: who lived there when the register was written.
        now: who live there when the changes come.
        share: of the changes that are about strangers, 0 to 1 exclusive.
        rng: draws them, and shuffles both sides.

    Raises:
        ValueError: a share that is none.
    """
    if not 0 <= share < 1:
        raise ValueError("a share of strangers lies between 0 and 1")
    known = set(then)
    stayed = [person for person in now if person in known]
    newcomers = [person for person in now if person not in known]
    missing = round(share * (len(stayed) + len(newcomers))) - len(newcomers)
    left_out: set[str] = set()
    if missing > 0:
        left_out = set(rng.sample(stayed, missing))
    elif missing < 0:
        newcomers = rng.sample(newcomers, round(len(stayed) * share / (1 - share)))
    customers = [person for person in then if person not in left_out]
    changed = stayed + newcomers
    rng.shuffle(customers)
    rng.shuffle(changed)
    return Division(customers, changed)


@dataclass(frozen=True, slots=True)
class FormerHomes:
    """Who lived where when the register was written.

    Attributes:
        people: everybody who lived there then.
        heads: one of them for each household.
    """

    people: Collection[str]
    heads: Mapping[str, str]

    @classmethod
    def of(cls, households: Mapping[str, str]) -> Self:
        """Take the household of each person; the first of a household stands for it."""
        heads: dict[str, str] = {}
        for person, household in households.items():
            heads.setdefault(household, person)
        return cls(households.keys(), heads)

    def left_by(self, person: str, household: str) -> str | None:
        """Tell whose former home a person names as the one that is left.

        Args:
            person: who has moved.
            household: with whom the person lives now.

        Returns:
            The person; for a newborn, and for one who moved in, somebody of the household who lived there then; None
            where nobody did.
        """
        return person if person in self.people else self.heads.get(household)
