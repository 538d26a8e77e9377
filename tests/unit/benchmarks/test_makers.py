"""The labels of made data are true, and the data is what it says."""

import random

import pytest

from adapters.sandbox.moves_lines import lines_of
from adapters.sandbox.population import Population
from tests.benchmarks.accuracy import febrl, population
from tests.benchmarks.accuracy.files import Labelled, Records
from tests.benchmarks.accuracy.report import GOALS
from tests.benchmarks.accuracy.sets import MAKERS, USUAL


@pytest.fixture(scope="module")
def labelled() -> Labelled:
    """A small register of the sandbox, with its changes."""
    return population.labelled(600, 5)


def test_copies_know_their_originals() -> None:
    """FEBRL's copies mean the original whose number they carry, and nobody where it was left out."""
    columns = ("rec_id", "surname")
    originals = Records(columns, [["rec-1-org", "koe"], ["rec-11-org", "laine"]])
    copies = Records(columns, [["rec-11-dup-0", "line"], ["rec-1-dup-3", "koje"], ["rec-2-dup-0", "niemi"]])
    found = febrl.paired(originals, copies)
    assert set(found.pairs) == {("rec-1-org", "rec-1-dup-3"), ("rec-11-org", "rec-11-dup-0")}
    assert found.strangers == pytest.approx(1 / 3)


def test_the_sandbox_labels_the_same_person(labelled: Labelled) -> None:
    """Birth dates of a customer and of the change about them are equal wherever both are known."""
    born = {row[0]: row[3] for row in labelled.register.rows}
    told = {row[0]: row[3] for row in labelled.changes.rows}
    both = [(born[customer], told[change]) for customer, change in labelled.pairs if born[customer] and told[change]]
    assert len(both) > 20
    assert [pair for pair in both if pair[0] != pair[1]] == []


def test_a_third_of_the_changes_is_about_strangers(labelled: Labelled) -> None:
    """As many as people of the population are no customers, families of customers among them."""
    assert 0.2 < labelled.strangers < 0.5
    known = {change for _, change in labelled.pairs}
    notices = {change.rpartition("-")[0] for change in known}
    strange = [row[0] for row in labelled.changes.rows if row[0] not in known]
    assert any(change.rpartition("-")[0] in notices for change in strange)


def test_nobody_carries_a_national_id(labelled: Labelled) -> None:
    """It would decide everything by itself."""
    assert "hetu" not in (*labelled.register.columns, *labelled.changes.columns)


def test_some_say_the_street_in_swedish() -> None:
    """Where streets have two names, a part of the notices carries the other one, town included."""
    people = Population.grow(people=600, days=90, seed=5, today=population.TODAY)
    told = [row for _, row in population.changes(people, lines_of(people), random.Random(5))]
    assert {"HELSINKI", "HELSINGFORS"} <= {row[6] for row in told}
    assert any("gatan" in row[4] or "vägen" in row[4] for row in told)


def test_every_set_has_its_maker() -> None:
    """What is measured by default, and what is promised, can be made."""
    assert {*USUAL, *(goal.name for goal in GOALS), *febrl.SETS, *population.SETS} <= set(MAKERS)
