"""Our weights and those of Splink itself, which runs in a process of its own (optional extra `splink`)."""

import importlib.util
import json
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sync.matching.compare.person import compare
from sync.matching.model import FREQUENCY, Frequencies, Model
from sync.matching.model_file import dump_model, parse_model
from sync.matching.prepared import Prepared
from sync.matching.splink import LEFT_OUT, from_splink, parse_splink, splink_row, to_splink
from sync.matching.splink.evaluate import Row
from sync.matching.splink.ours import SAID
from tests.unit.matching.pairs import EMAILS, GIVEN, SURNAMES, people
from tests.unit.matching.people import MODEL

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("splink") is None, reason="Splink is not installed (extra `splink`)"
)
SIDE = Path(__file__).with_name("splink_side.py")
PEOPLE = 65
TABLES = ("surname", "given_name", "given_names", "birth_date", "phone", "email")


@pytest.mark.parametrize("counted", [False, True], ids=["plain", "with frequencies"])
def test_splink_gives_the_weights_that_we_give(counted: bool, tmp_path: Path) -> None:
    """Over all levels that can be said, umlauts and missing values: exported to Splink, a model weighs the same."""
    ones, others = people(PEOPLE, seed=8)
    model = replace(MODEL, frequencies=frequencies(ones) if counted else {})
    sides = [[counted_row(person, model) for person in side] for side in (ones, others)]
    found = splinks(to_splink(model), sides, tmp_path)
    levels = set()
    for one, person in enumerate(ones):
        for other, customer in enumerate(others):
            findings = compare(person, customer)
            levels |= {(name, level) for name, (level, _, _) in zip(model.comparisons, findings, strict=True)}
            assert found[one, other] == pytest.approx(model.sums(findings)[0], abs=1e-9)
    assert {(name, saying.level) for name, said in SAID.items() for saying in said} <= levels
    assert len(found) == PEOPLE**2


def test_a_model_of_splinks_own_weighs_the_same_here(tmp_path: Path) -> None:
    """Settings that Splink's library wrote, untrained levels, umlauts and term frequencies included."""
    done = subprocess.run([sys.executable, SIDE, "--library"], check=True, capture_output=True, text=True)
    settings = json.loads(done.stdout)
    model = parse_splink(settings)
    chance = random.Random(5)
    sides = [[foreign_row(chance) for _ in range(PEOPLE)] for _ in range(2)]
    found = splinks(settings, sides, tmp_path)
    reached = set()
    for at, one in enumerate(sides[0]):
        for number, other in enumerate(sides[1]):
            assert found[at, number] == pytest.approx(model.weigh(one, other), abs=1e-9)
            reached |= {(evidence.comparison, evidence.level) for evidence in model.evidence(one, other)}
    assert reached == {(one.name, level.label) for one in model.comparisons for level in one.levels}


def test_what_splink_learns_comes_back_whole(tmp_path: Path) -> None:
    """Trained by Splink on our rows and saved by it, every comparison is taken over, and the daemon takes the model."""
    ones, others = people(PEOPLE, seed=8)
    sides = [[splink_row(person) for person in side] for side in (ones, [*others, *ones])]
    taken = from_splink(asked(to_splink(MODEL), sides, tmp_path, "--train"), MODEL, "learned")
    assert taken.left == LEFT_OUT
    assert taken.levels.keys() == SAID.keys()
    before, after = MODEL.comparisons["phone"], taken.model.comparisons["phone"]
    assert after["equal"].u != before["equal"].u
    assert after["equal"].m != before["equal"].m
    assert parse_model(dump_model(taken.model)).comparisons == taken.model.comparisons


def splinks(settings: Mapping[str, Any], sides: Sequence[Sequence[Row]], folder: Path) -> dict[tuple[int, int], float]:
    """Return the weights of all pairs, by Splink."""
    return {(left, right): weight for left, right, weight in asked(settings, sides, folder)}


def asked(settings: Mapping[str, Any], sides: Sequence[Sequence[Row]], folder: Path, *options: str) -> Any:
    """Return what Splink makes of settings and rows."""
    files = [folder / name for name in ("settings.json", "left.json", "right.json")]
    numbered = [[{"unique_id": at, **row} for at, row in enumerate(side)] for side in sides]
    for file, content in zip(files, (settings, *numbered), strict=True):
        file.write_text(json.dumps(content), "utf-8")
    done = subprocess.run([sys.executable, SIDE, *options, *files], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def frequencies(ones: Sequence[Prepared]) -> Mapping[str, Frequencies]:
    """Return made-up tables: some values are common, the others pooled as rare."""
    assert {table for name in SAID for table, _ in FREQUENCY.get(name, {}).values()} == set(TABLES)
    found = {}
    for at, table in enumerate(TABLES):
        values = sorted({str(splink_row(person)[f"{table}_counted"]) for person in ones})
        shares = {value: 0.01 * (number + 1) for number, value in enumerate(values[:: at + 2])}
        found[table] = Frequencies(shares, rare=0.0003, average=0.004 + at / 1000)
    return found


def counted_row(person: Prepared, model: Model) -> Row:
    """Return a row that says of each counted value how common it is, as Splink does of its own values."""
    row = splink_row(person)
    counted = {column: row[column] for table in model.frequencies if (column := f"{table}_counted")}
    return {
        **row,
        **{
            f"tf_{column}": model.frequencies[column.removesuffix("_counted")].shares.get(str(value), 0.0003)
            for column, value in counted.items()
        },
    }


def foreign_row(chance: random.Random) -> Row:
    """Return a row as an organisation has it: not folded, with gaps."""
    first, last = chance.choice([(GIVEN, SURNAMES), (GIVEN, SURNAMES), (SURNAMES, GIVEN)])
    row: dict[str, Any] = {
        "first_name": chance.choice(first) or None,
        "surname": chance.choice(last) or None,
        "dob": chance.choice(["1952-10-13", "1952-13-10", "1952-10-14", "1953-01-14", None]),
        "postcode": chance.choice(["00100", "00120", "01021", "00010", "33720", None]),
        "email": chance.choice(EMAILS) or None,
    }
    common = {name: chance.choice([0.0005, 0.01, 0.03]) if row[name] else None for name in ("first_name", "surname")}
    return row | {f"tf_{name}": share for name, share in common.items()}
