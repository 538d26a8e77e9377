"""The cursor keeps one log key for each bucket, and loses nothing when the buckets change."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.providers.dvv.cursor import Cursor, in_buckets
from sync.errors import CursorRefused
from tests.unit.providers.dvv.wire_data import ID, NEW_ID, REBORN_ID

KEYS = st.integers(0, 10**18)


@settings(deadline=None)
@given(answers=st.lists(st.tuples(KEYS, st.booleans()), max_size=30), buckets=st.integers(1, 5))
def test_buckets_take_turns_until_all_are_up_to_date(answers: list[tuple[int, bool]], buckets: int) -> None:
    """Each answer moves one bucket's key; a round ends when every bucket said that there is no more, not before."""
    position = Cursor.fresh(0, buckets)
    keys, waiting = [0] * buckets, set(range(buckets))
    for key, up_to_date in answers:
        bucket = next(position.turns())
        assert bucket in waiting
        position, ended = Cursor.read(position.write(), buckets).after(bucket, key, up_to_date=up_to_date)
        keys[bucket] = key
        waiting -= {bucket} if up_to_date else set()
        assert list(position.keys) == keys
        assert ended == (not waiting)
        waiting = waiting or set(range(buckets))


def test_turns_are_fair() -> None:
    """A bucket with much to tell does not keep the others waiting."""
    position, order = Cursor.fresh(0, 3), []
    for _ in range(6):
        order.append(next(position.turns()))
        position, _ = position.after(order[-1], 1, up_to_date=False)
    assert order == [0, 1, 2, 0, 1, 2]


def test_an_idle_cursor_is_the_same_text() -> None:
    """After a round in which nothing moved the cursor is what it was."""
    text = Cursor.fresh(7, 1).write()
    moved, ended = Cursor.read(text, 1).after(0, 7, up_to_date=True)
    assert (moved.write(), ended) == (text, True)


@pytest.mark.parametrize("buckets", [1, 2, 4])
def test_another_number_of_buckets_begins_at_the_smallest_key(buckets: int) -> None:
    """Ids change places, so that every bucket is asked again from where the slowest one was."""
    text = Cursor((30, 10, 20), turn=2, done=frozenset({0})).write()
    assert Cursor.read(text, buckets) == Cursor.fresh(10, buckets)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "17",
        "[]",
        "null",
        "{}",
        '{"keys":[],"turn":0,"done":[]}',
        '{"keys":["1"],"turn":0,"done":[]}',
        '{"keys":[-1],"turn":0,"done":[]}',
        '{"keys":[true],"turn":0,"done":[]}',
        '{"keys":[1],"turn":null,"done":[]}',
        '{"keys":[1],"turn":0,"done":[[]]}',
        '{"keys":[1],"turn":0}',
        "[" * 100_000,
    ],
)
def test_a_foreign_cursor_is_refused(text: str) -> None:
    """A cursor that this adapter did not write stops the feed."""
    with pytest.raises(CursorRefused):
        Cursor.read(text, 1)


@pytest.mark.parametrize(("turn", "done"), [(5, []), (0, [0, 1]), (0, [9])])
def test_an_impossible_round_begins_anew(turn: int, done: list[int]) -> None:
    """Where the round makes no sense, the keys count and the round begins again at the smallest."""
    assert Cursor.read(f'{{"keys":[5,6],"turn":{turn},"done":{done}}}', 2) == Cursor.fresh(5, 2)


def test_every_id_is_in_one_bucket() -> None:
    """The buckets part the list, whatever its order; the same ids land in the same bucket every time."""
    ids = [ID, NEW_ID, REBORN_ID, ID]
    parts = in_buckets(reversed(ids), 3)
    assert sorted(code for part in parts for code in part) == sorted({ID, NEW_ID, REBORN_ID})
    assert parts == in_buckets(ids, 3)
    assert in_buckets([ID], 4).index([ID]) == 2


def test_foreign_ids_stay_here() -> None:
    """What has not the form of a Finnish id is not sent to the register."""
    assert in_buckets([ID, "19521013-9015", "", "tuntematon", ID.replace("1", "\u0661")], 1) == [[ID]]
