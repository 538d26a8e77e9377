"""How well the matcher does on labelled data: trained without the labels, on a store that is gone afterwards."""

import random
import secrets
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from adapters.clock import SystemClock
from adapters.labelled.mapping import Map
from adapters.labelled.people import People
from adapters.labelled.truth import Truth, read_truth
from adapters.store.engine import open_store
from adapters.store.keyring import Keyring
from sync.errors import ConfigurationInvalid, Problem
from sync.matching.decide import decide, rank
from sync.matching.evaluate import Evaluation, Outcome, evaluate
from sync.matching.model import Model
from sync.matching.prepared import Prepared
from sync.matching.score import certainty
from sync.matching.train import Training, train
from sync.model import Customer, MatchRule, Verdict
from sync.parts import Progress
from sync.ports.store import Store
from sync.steps.lone import look_for
from sync.training import Mirror, frequency_hash

REGISTER = "labelled"
_LOADED, _MATCHED = 2_000, 500
_BY_ID = 1_000.0
"""Certainty of what an equal national id decided."""


@dataclass(frozen=True, slots=True)
class Files:
    """Labelled data: three CSV files."""

    register: Path
    changes: Path
    truth: Path


@dataclass(frozen=True, slots=True)
class Watching:
    """Whom the progress is told.

    Attributes:
        bar: makes a bar with a label.
        training: told the stage of training and the part of it that is done.
    """

    bar: Callable[[str], Progress]
    training: Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found.

    Attributes:
        figures: how well the changes were matched.
        model: what was trained for it.
        unknown: rows of the truth that name a change or a record that is not there.
        train_seconds: how long training took.
        match_seconds: how long finding candidates, weighing and deciding took.
    """

    figures: Evaluation
    model: Model
    unknown: int
    train_seconds: float
    match_seconds: float


def measure(files: Files, columns: Map, start: Model, training: Training, seed: int, watching: Watching) -> Measured:
    """Train on a register and changes without looking at the truth, match the changes, and compare with the truth.

    Args:
        files: where everything lies.
        columns: which columns hold what.
        start: the model that training begins with.
        training: for which rate of false updates thresholds are chosen, and how much is looked at.
        seed: of the samples that training draws.
        watching: told how far it is.

    Raises:
        ConfigurationInvalid: something is wrong with a file.
    """
    truth = read_truth(files.truth, columns.truth)
    asked = list(People(files.changes, columns.changes))
    with temporary_store() as (store, keyring):
        ids = load(store, People(files.register, columns.register), watching.bar)
        meant, unknown = _meant(truth, ids, [key for key, _ in asked])
        _see_that_it_can_be_measured(files, bool(ids), bool(asked), any(meant), bool(truth))
        mirror, started = Mirror(store, REGISTER), time.perf_counter()
        model = train(
            mirror,
            [person for _, person in asked],
            start,
            "evaluated",
            chance=random.Random(seed),  # noqa: S311 - a sample, no secret
            digest=frequency_hash(keyring.digest),
            training=training,
            progress=watching.training,
        )
        trained = time.perf_counter()
        outcomes = _match(mirror, [person for _, person in asked], meant, model, watching.bar)
        matched = time.perf_counter()
    found = evaluate(outcomes, model.thresholds.apply_bits)
    return Measured(found, model, unknown, trained - started, matched - trained)


@contextmanager
def temporary_store() -> Iterator[tuple[Store, Keyring]]:
    """Give a store of its own, sealed with a key that nobody keeps, that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ajantasa-") as folder:
        keyring = Keyring(secrets.token_bytes(32))
        store = open_store(f"sqlite:///{folder}/labelled.db", keyring, SystemClock())
        try:
            yield store, keyring
        finally:
            store.close()


def load(store: Store, people: People, bar: Callable[[str], Progress]) -> dict[str, int]:
    """Mirror the register; returns our own id of each key."""
    keys: dict[str, int] = {}
    told, records = bar("reading the register"), iter(people)
    while page := list(islice(records, _LOADED)):
        customers = [
            Customer(REGISTER, str(len(keys) + at), None, former_ids=tuple(sorted(person.ids)))
            for at, (_, person) in enumerate(page)
        ]
        with store.begin() as work:
            added = work.add_customers(customers, [person for _, person in page])
            work.commit()
        keys.update({key: customer.id for (key, _), customer in zip(page, added, strict=True)})
        told.advance(len(page))
    told.done()
    return keys


def _meant(truth: Truth, ids: Mapping[str, int], changes: Sequence[str]) -> tuple[list[frozenset[int]], int]:
    """Return the customers that each change is about, and how many rows of the truth name what is not there."""
    meant = [frozenset(ids[key] for key in truth.get(change, ()) if key in ids) for change in changes]
    return meant, sum(map(len, truth.values())) - sum(map(len, meant))


def _see_that_it_can_be_measured(files: Files, register: bool, changes: bool, pairs: bool, truth: bool) -> None:
    problems = [
        Problem(path.name, "has no records")
        for path, there in ((files.register, register), (files.changes, changes))
        if not there
    ]
    if truth and not pairs and not problems:
        problems = [Problem(files.truth.name, "names no pair of a record and a change that are there")]
    if problems:
        raise ConfigurationInvalid(problems)


def _match(
    mirror: Mirror,
    asked: Sequence[Prepared],
    meant: Sequence[Collection[int]],
    model: Model,
    bar: Callable[[str], Progress],
) -> list[Outcome]:
    outcomes, told = [], bar("matching")
    for at in range(0, len(asked), _MATCHED):
        page = asked[at : at + _MATCHED]
        found = _candidates(mirror, page, model)
        for change, people, right in zip(page, found, meant[at : at + _MATCHED], strict=True):
            outcomes.append(outcome(change, people, right, model))
        told.advance(len(page), len(asked))
    told.done()
    return outcomes


def _candidates(mirror: Mirror, changes: Sequence[Prepared], model: Model) -> list[list[Prepared]]:
    """Return who came up for each change: by a blocking key, as the daemon looks for them, or by a national id."""
    with mirror.store.snapshot() as work:
        found = [list(people) for _, people in look_for(work, mirror.register, changes, model)]
        named = work.by_national_ids(mirror.register, {id_ for change in changes for id_ in change.ids})
        bearers = work.prepared({customer for group in named.values() for customer in group})
    for change, people in zip(changes, found, strict=True):
        people += [bearers[customer] for id_ in change.ids for customer in named.get(id_, ()) if customer in bearers]
    return found


def outcome(change: Prepared, people: Sequence[Prepared], meant: Collection[int], model: Model) -> Outcome:
    """Decide about a change, and compare with whom it means; either is right where the register holds somebody twice."""
    people = list({person.id: person for person in people}.values())
    match = decide(change, people, model)
    known, found = bool(meant), any(person.id in meant for person in people)
    if match.best is None:
        return Outcome(len(people), known, found, None, False, match.verdict)
    if match.rule is MatchRule.NATIONAL_ID:
        sure = _BY_ID if match.verdict is Verdict.APPLY else 0.0
        return Outcome(len(people), known, found, sure, match.best.customer_id in meant, match.verdict)
    allowed = [person for person in people if not (person.ids and change.ids)]
    ranked = rank(change, allowed, model)
    weights = [weight for weight, _, _ in ranked]
    right = all(id_ in meant for weight, id_, _ in ranked if weight == weights[0])
    return Outcome(len(people), known, found, certainty(weights[0], weights[1:]), right, match.verdict)
