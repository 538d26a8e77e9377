"""Faults are switched by rates, and pages are taken apart and put together again."""

import json

import pytest

from adapters.sandbox.faults import Faults, split_dvv, split_lines


def test_nothing_goes_wrong_by_default() -> None:
    """All rates are zero, and a rate of zero never strikes."""
    faults = Faults()
    assert not any(faults.strikes(faults.cut) for _ in range(100))
    assert set(faults.told().values()) == {0.0, 1}


@pytest.mark.parametrize(
    "wanted", [{"cut": 1.1}, {"cut": -0.1}, {"cut": "1"}, {"cut": True}, {"seed": 0.5}, {"rng": 1}, {"typo": 0.1}]
)
def test_what_is_no_fault_is_refused_and_sets_nothing(wanted: dict[str, object]) -> None:
    """Wrong names and values leave even the right ones beside them unset."""
    faults = Faults()
    with pytest.raises(ValueError, match="rates between 0 and 1"):
        faults.set({"error": 0.5, **wanted})
    assert faults == Faults()


def test_a_rate_is_about_how_often_it_strikes() -> None:
    """One in five strikes about one time in five, the same times for the same seed."""
    rows = []
    for _ in range(2):
        faults = Faults()
        faults.set({"error": 0.2, "seed": 9})
        rows.append([faults.strikes(faults.error) for _ in range(1000)])
    assert rows[0] == rows[1]
    assert 150 < sum(rows[0]) < 250


def test_pages_of_both_providers_are_put_together_with_their_items_changed() -> None:
    """The register's answer keeps key and flag; the postal page's last line counts anew and keeps its cursor."""
    answer = {"viimeisinKirjausavain": 5, "muutokset": [{"a": 1}], "ajanTasalla": True}
    items, join = split_dvv(json.dumps(answer).encode())
    assert json.loads(join(items * 2)) == answer | {"muutokset": [{"a": 1}] * 2}
    page = b'{"type":"notice"}\n{"type":"end","count":1,"cursor":"c","up_to_date":true}\n'
    items, join = split_lines(page)
    *lines, end = join(items * 3).splitlines()
    assert lines == [b'{"type":"notice"}'] * 3
    assert json.loads(end) == {"type": "end", "count": 3, "cursor": "c", "up_to_date": True}


def test_other_answers_are_left_whole() -> None:
    """A cursor, a key and base data have no items to shuffle."""
    assert split_lines(b'{"cursor":"c"}') is None
    assert split_dvv(b'{"viimeisinKirjausavain":5}') is None
    assert split_dvv(b'{"perustiedot":[],"ajanTasalla":true}') is None
