"""Training on a register that lies in the store."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.store import Keyring, SqlStore, open_store
from sync.matching.model import Model
from sync.matching.prepared import Prepared, prepare_identity
from sync.matching.train import Training, train
from sync.model import Address, Candidate, Customer, Evidence, Field, Identity, PartialDate, PersonName, Text
from sync.ports.store import Review, ReviewState
from sync.training import Mirror, frequency_hash, reviewed
from tests.harness import KEY, START, HandClock, shipped_model, sqlite_url
from tests.labelled import Person, made_up

DATA = made_up(150, 100, seed=3)
FEW = Training(random_pairs=2_000)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """Give a store that mirrors a register of two pages' length."""
    opened = open_store(sqlite_url(tmp_path), Keyring(KEY), HandClock())
    with opened.begin() as work:
        work.add_customers([_customer(key, person) for key, person in DATA.register])
        work.commit()
    yield opened
    opened.close()


def _customer(key: str, person: Person) -> Customer:
    return Customer(
        "clinic", key, None, {Field.NAME: _name(person), Field.BIRTH_DATE: _born(person), Field.ADDRESS: _home(person)}
    )


def _name(person: Person) -> PersonName:
    return PersonName(person.surname, person.given)


def _born(person: Person) -> PartialDate:
    return PartialDate(person.born.year, person.born.month, person.born.day)


def _home(person: Person) -> Address:
    return Address(street=Text(person.street), number=str(person.number), postcode=person.postcode)


def changes() -> list[Prepared]:
    """Return what a feed says."""
    return [
        prepare_identity(Identity(names=(_name(p),), birth_date=_born(p), addresses=(_home(p),)))
        for _, p in DATA.changes
    ]


def trained(store: SqlStore, asked: list[Prepared], **options: Any) -> Model:
    """Train."""
    wanted = {"chance": random.Random(1), "digest": frequency_hash(store.digest), "training": FEW} | options
    return train(Mirror(store, "clinic"), asked, shipped_model(), "new", **wanted)


def decide(store: SqlStore, state: ReviewState, count: int, *evidence: Evidence) -> None:
    """Have reviewers decide."""
    with store.begin() as work:
        reviews = [
            Review(
                "posti", f"{state}{at}", "p", "x", None, Candidate(1, 0.0, evidence), None, START, START, state=state
            )
            for at in range(count)
        ]
        work.add_reviews(reviews)
        work.commit()


def test_the_mirror_gives_every_customer_once(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page at a time, and not those of another register."""
    monkeypatch.setattr("sync.training._PAGE", 100)
    with store.begin() as work:
        work.add_customers([Customer("other", "K1", None, {Field.NAME: PersonName("Muu", "Maija")})])
        work.commit()
    mirror = Mirror(store, "clinic")
    ids = [person.id for person in mirror.people()]
    assert len(set(ids)) == len(ids) == mirror.size() == len(DATA.register)


def test_location_is_left_out_where_it_must_not_count(store: SqlStore) -> None:
    """Somebody known by home alone is a candidate by location, and none without."""
    (person,) = [p for k, p in DATA.register if k == "K7"]
    mirror = Mirror(store, "clinic")
    nameless = prepare_identity(Identity(addresses=(_home(person),)))
    assert mirror.candidates([nameless])[0]
    assert not mirror.candidates([nameless], location=False)[0]


def test_only_what_a_person_called_the_same_is_learned_from(store: SqlStore) -> None:
    """Reviews that are open, or were decided otherwise, count for nothing; nor does what was missing or is unknown, nor another's home."""
    said = (Evidence("surname", "equal", 9.0), Evidence("phone", "missing", 0.0), Evidence("shoes", "equal", 1.0))
    said = (*said, Evidence("address", "equal", 9.0, companion=True))
    decide(store, ReviewState.SAME, 3, *said, Evidence("given_names", "a former level", 1.0))
    decide(store, ReviewState.DIFFERENT, 5, *said)
    decide(store, ReviewState.OPEN, 5, *said)
    assert {name: levels for name, levels in reviewed(store).items() if levels} == {"surname": {"equal": 3}}


def test_decisions_of_reviewers_change_m(store: SqlStore) -> None:
    """What reviewers call one person becomes likelier for one person, whatever the changes alone would tell."""
    before = trained(store, changes()).comparisons["given_names"]
    decide(store, ReviewState.SAME, 100, Evidence("given_names", "similar", 2.0))
    model = trained(store, changes(), labelled=reviewed(store))
    after = model.comparisons["given_names"]
    assert after["similar"].m > 3 * before["similar"].m
    assert after["equal"].m < before["equal"].m
    assert sum(one.m for one in after.values()) == pytest.approx(1)
    untouched = trained(store, changes()).comparisons["birth_date"]
    assert model.comparisons["birth_date"]["equal"].m == pytest.approx(untouched["equal"].m, abs=0.01)


def test_without_changes_the_register_alone_teaches(store: SqlStore) -> None:
    """How common values are, u and the household's part come from the register; m stays as it was."""
    model, shipped = trained(store, []), shipped_model()
    assert model.priors.customers == len(DATA.register)
    assert model.priors.share == shipped.priors.share
    assert model.frequencies["surname"].shares
    equal, before = model.comparisons["birth_date"]["equal"], shipped.comparisons["birth_date"]["equal"]
    assert equal.m == pytest.approx(before.m)
    assert equal.u != before.u
    assert model.counts["changes"] == 0


def test_progress_is_told_stage_by_stage(store: SqlStore) -> None:
    """Each stage goes from its beginning to its end, and none goes back."""
    told: dict[str, list[float]] = {}
    trained(store, changes(), progress=lambda stage, done: told.setdefault(stage, []).append(done))
    assert list(told) == ["register", "pairs", "changes", "learning", "thresholds"]
    assert all(parts == sorted(parts) for parts in told.values())
    assert all(told[stage][-1] == 1.0 for stage in ("register", "changes", "learning", "thresholds"))
