"""From a register and some changes to a model that knows them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby

import pytest

from sync.matching.compare.person import COMPARISONS
from sync.matching.decide import decide
from sync.matching.model import Model
from sync.matching.model_file import dump_model, parse_model
from sync.matching.prepared import Prepared
from sync.matching.train import Training, train
from sync.model import Verdict
from tests.unit.matching.people import MODEL
from tests.unit.matching.train.town import Town, somebody, town

WANTED = Training(false_update_rate=1e-3, random_pairs=4_000, household_pairs=2_000, sample=1_000, decoys=300, page=100)
TOWN = town(300, random.Random(1))


def digest(table: str, text: str) -> str:
    """Return a keyed hash."""
    return blake2b(f"{table}|{text}".encode(), digest_size=8, key=b"k").hexdigest()


def learn(population: Town, seed: int = 1, start: Model = MODEL, **more: object) -> Model:
    """Learn a model of a town."""
    return train(
        population,
        population.changes,
        start,
        "town-1",
        chance=random.Random(seed),
        digest=digest,
        training=WANTED,
        **more,
    )


@pytest.fixture(scope="module")
def model() -> Model:
    """Give what was learned of the town."""
    return learn(TOWN)


def test_the_same_seed_learns_the_same(model: Model) -> None:
    """To the last digit; another one learns nearly the same."""
    assert dump_model(learn(TOWN)) == dump_model(model)
    other = learn(TOWN, seed=2)
    assert dump_model(other) != dump_model(model)
    assert other.priors.share == pytest.approx(model.priors.share, abs=0.02)


def test_what_was_learned_is_read_again(model: Model) -> None:
    """The file holds everything that counts."""
    assert parse_model(dump_model(model), digest) == model
    assert (model.version, model.digest, model.thresholds.false_update_rate) == ("town-1", digest, 1e-3)


def test_what_is_known_of_the_town_is_learned(model: Model) -> None:
    """Two of three changes are about customers; many of the others live with one; errors are as frequent as they are."""
    assert model.priors.customers == len(TOWN.customers)
    assert model.priors.share == pytest.approx(2 / 3, abs=0.06)
    assert 0.2 < model.priors.household < 1
    surname, birth_date = model.comparisons["surname"], model.comparisons["birth_date"]
    assert surname["equal"].m == pytest.approx(0.94, abs=0.04)
    assert birth_date["equal"].m == pytest.approx(0.95, abs=0.04)
    assert surname["equal"].household > 0.5 > 5 * surname["equal"].u
    assert model.counts["customers"] == len(TOWN.customers)
    assert model.counts["changes"] == len(TOWN.changes)
    assert model.counts["household_pairs"] > 50


def test_what_is_too_rare_to_be_met_stays_as_rare_as_was_believed() -> None:
    """Numbers one digit apart are not met among a few pairs; trained time and again, they get no rarer."""
    once = learn(town(100, random.Random(2)))
    again = learn(town(100, random.Random(3)), start=once)
    before, after = (one.comparisons["phone"]["similar"].u for one in (MODEL, again))
    assert after >= min(before, 1 / WANTED.random_pairs) * 0.99


def test_it_finds_people_and_updates_no_stranger(model: Model) -> None:
    """Of another town whose people err alike, nobody gets another's address, and most get their own."""
    other = town(250, random.Random(9))
    candidates = other.candidates(other.changes, location=True)
    matches = [decide(change, people, model) for change, people in zip(other.changes, candidates, strict=True)]
    applied = [
        (match.best.customer_id, true)
        for match, true in zip(matches, other.truth, strict=True)
        if match.verdict is Verdict.APPLY and match.best
    ]
    assert all(found == true for found, true in applied)
    assert len(applied) > 0.6 * sum(true > 0 for true in other.truth)


def test_no_value_of_few_is_in_the_file(model: Model) -> None:
    """Every listed share stands for five customers at least, under a hash of sixteen letters."""
    size = len(TOWN.customers)
    for table in model.frequencies.values():
        assert all(share * size >= 4.99 for share in table.shares.values())
        assert all(len(key) == 16 for key in table.shares)
    text = dump_model(model)
    assert not any(name.surname_folded in text for person in TOWN.customers for name in person.names)


def test_progress_is_told_stage_by_stage() -> None:
    """Each from its beginning to its end."""
    told: list[tuple[str, float]] = []
    learn(TOWN, progress=lambda stage, done: told.append((stage, done)))
    stages = [(stage, [done for _, done in part]) for stage, part in groupby(told, key=lambda one: one[0])]
    assert [stage for stage, _ in stages] == ["register", "pairs", "changes", "learning", "thresholds"]
    for stage, done in stages:
        assert done == sorted(done)
        assert done[-1] == 1.0 or stage == "pairs"


@dataclass(frozen=True)
class Nosy(Town):
    """A town that notes by what it is asked."""

    asked: list[bool]

    def candidates(self, changes: Sequence[Prepared], *, location: bool = True) -> list[list[Prepared]]:
        self.asked.append(location)
        return super().candidates(changes, location=location)


def test_nothing_is_learned_from_who_lives_where() -> None:
    """Who is found otherwise is told apart from who is found by an address as well, page by page."""
    nosy = Nosy(TOWN.customers, TOWN.changes, TOWN.truth, [])
    learn(nosy)
    pages = -(-len(TOWN.changes) // WANTED.page)
    assert nosy.asked[: 2 * pages] == [False, True] * pages
    assert set(nosy.asked[2 * pages :]) == {True}


def _without(people: Sequence[Prepared], **values: object) -> list[Prepared]:
    return [person._replace(**values) for person in people]


def _odd_registers() -> Iterator[Town]:
    customers, changes = TOWN.customers[:40], TOWN.changes[:60]
    yield Town(customers, (), ())
    yield Town(customers[:1], changes, ())
    yield Town(_without(customers, phone="+358400000000"), _without(changes, phone="+358400000000"), ())
    yield Town([customers[0]._replace(phone="+358401234567"), *_without(customers[1:], phone="")], changes, ())
    yield Town(_without(customers, birth_date="19700101"), changes, ())
    yield Town(_without(customers, places=customers[0].places), changes, ())
    yield Town(_without(customers, names=()), changes, ())
    yield Town([somebody(number)._replace(sex="f") for number in range(1, 9)], changes, ())


@pytest.mark.parametrize("odd", list(_odd_registers()))
def test_an_odd_register_still_makes_a_model(odd: Town) -> None:
    """One customer, one telephone for all, a date for everybody, no names, no changes: shares stay shares.

    And where there was little to learn from, nothing is applied that would not meet the rate by itself.
    """
    model = learn(odd)
    assert parse_model(dump_model(model), digest) == model
    assert set(model.comparisons) == set(COMPARISONS)
    assert model.thresholds.apply_bits >= 4
