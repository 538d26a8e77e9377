"""The register that speed is measured on: the same for every run, skewed like real ones, and measured by the real step."""

import json
import tempfile
from collections import Counter
from itertools import islice, pairwise
from pathlib import Path

import pytest

from sync.model import Field
from tests.benchmarks.at_scale.__main__ import compared
from tests.benchmarks.at_scale.made import made
from tests.benchmarks.at_scale.measured import main
from tests.benchmarks.at_scale.population import changes, customers, people


def test_the_same_people_come_out_every_time() -> None:
    """A larger register begins with the smaller one, and the changes are the same, too."""
    assert list(customers(50)) == list(islice(customers(80), 50))
    assert changes(50, 30) == changes(50, 30)


def test_names_are_as_skewed_as_real_ones_and_families_live_together() -> None:
    """A few surnames are carried by many, most by few; people of one home mostly share theirs."""
    known = list(islice(people(), 5_000))
    carried = Counter(person.surname for person in known)
    assert carried.most_common(1)[0][1] > 20
    assert sum(count <= 4 for count in carried.values()) > len(carried) / 2
    neighbours = [(one, other) for one, other in pairwise(known) if one.home == other.home]
    assert sum(one.surname == other.surname for one, other in neighbours) > len(neighbours) / 2


def test_two_of_three_changes_are_about_customers_and_none_has_an_id() -> None:
    """The others are about people of the same town, some of the same homes."""
    keys = {customer.key for customer in customers(300)}
    asked = changes(300, 300)
    assert len(asked) == 300
    assert sum(one.key in keys for one in asked) == sum(one.key is not None for one in asked) == 200
    assert not any(one.identity.national_id for one in asked)
    assert not any(Field.NATIONAL_ID in customer.values for customer in customers(300))


def test_a_register_is_made_once_and_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second time it is found again; what is measured is what the daemon does."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    register = made(300)
    at = register.changes_csv.stat().st_mtime_ns
    assert made(300).changes_csv.stat().st_mtime_ns == at
    assert len(register.register_csv.read_text().splitlines()) == 301
    main(register.folder)
    figures = json.loads(capsys.readouterr().out)
    assert figures["changes"] == 300
    assert figures["blocking_recall"] > 0.9
    assert figures["applied_wrong"] == 0


def test_ratios_are_of_the_largest_register() -> None:
    """Against the smallest one, and against Splink where there is any."""
    figures = {"single_p50_ms": 9.0, "two_pages_per_s": 15.0}
    ours = {10: figures | {"pages_per_s": 10.0}, 1: figures | {"pages_per_s": 40.0}}
    assert compared(ours, {}) == {"largest_to_smallest": 0.25}
    splink = {"single_ms": 900.0, "bulk_per_s": 5.0}
    assert compared(ours, splink) == {
        "largest_to_smallest": 0.25,
        "splink_single_to_ours": 100.0,
        "our_pages_to_splink_bulk": 3.0,
        "one_process_to_splink_bulk": 2.0,
    }
