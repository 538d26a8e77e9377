"""The labels of made data are true, and the data is what it says."""

import sys
from pathlib import Path

import pytest

from adapters.sandbox.moves_lines import lines_of
from adapters.sandbox.names import CROWDED, FINNISH
from adapters.sandbox.population import Population
from tests.benchmarks.accuracy import febrl, population
from tests.benchmarks.accuracy.files import Labelled, Records
from tests.benchmarks.accuracy.report import GOALS
from tests.benchmarks.accuracy.sets import MAKERS, USUAL, CannotMeasureError, make, run


@pytest.fixture(scope="module")
def labelled() -> Labelled:
    """A small register of the sandbox, with its changes."""
    return population.labelled(population.Story(600, 5))


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


def test_what_a_set_consists_of_is_told() -> None:
    """Shares that agree with the data; where names are crowded, more namesakes live together."""
    made = {customs: population.made(population.Story(1_000, 5, customs=customs)) for customs in (FINNISH, CROWDED)}
    told = {customs: population.shares(one) for customs, one in made.items()}
    key = "households of two or more where two have one surname and first name"
    assert 0 < told[FINNISH][key] < told[CROWDED][key] / 3
    for customs, shares in told.items():
        assert shares["about strangers"] == pytest.approx(made[customs].data.strangers)
        assert shares["about strangers who live with customers"] < shares["about strangers"]
        assert shares["with a name and the home that is left, and nothing else"] < shares["without birth date"]


def test_some_say_the_street_in_swedish() -> None:
    """Where streets have two names, a part of the notices carries the other one, town included."""
    people = Population.grow(people=600, days=90, seed=5, today=population.TODAY)
    told = [row for _, row in population.changes(people, lines_of(people), population.Story(400, 5))]
    assert {"HELSINKI", "HELSINGFORS"} <= {row[6] for row in told}
    assert any("gatan" in row[4] or "vägen" in row[4] for row in told)


def test_every_set_has_its_maker() -> None:
    """What is measured by default, and what is promised, can be made."""
    assert {*USUAL, *(goal.name for goal in GOALS), *febrl.SETS, *population.SETS} <= set(MAKERS)


def test_an_unknown_set_is_told(tmp_path: Path) -> None:
    """A mistyped name ends the measurement before anything is made, and says which names there are."""
    with pytest.raises(CannotMeasureError, match=r"no such set: febr14; there are .*febrl4_postcode"):
        make(["febr14", "sandbox_10k"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_lies_there_is_not_made_again(tmp_path: Path) -> None:
    """Sets of any name are taken as they are where they lie already."""
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "map.toml").write_text("", "utf-8")
    make(["ours"], tmp_path)
    assert [found.name for found in tmp_path.rglob("*")] == ["ours", "map.toml"]


def test_a_program_that_fails_is_told() -> None:
    """What it said last comes along."""
    with pytest.raises(CannotMeasureError, match=r"ended with 3: it is so"):
        run([sys.executable, "-c", "import sys; sys.stderr.write('it is so'); sys.exit(3)"])
