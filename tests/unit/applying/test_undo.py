"""What undoing means, on any history: nothing else than that what was undone had never been said."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.applying.counting import counted, repeats
from sync.applying.history import Asking, recall
from sync.applying.survivorship import NOTHING, resolve, resolve_all
from sync.applying.undo import Circumstances, Conflict, Effect, UndoPlan, marks_for, plan_undo
from sync.model import LOCATION_FIELDS, Field, HeldFact
from tests.harness import HELSINKI
from tests.unit.applying.said import FOUND, NOON, POST, STAFF, A, B, C, ended, said, undone, withdrawn
from tests.unit.applying.test_survivorship import histories

NOW = NOON + timedelta(days=14)
TODAY = NOW.date()
AROUND = Circumstances(TODAY, NOW, "clinic")
DAYS = [date(2020, 1, 1), TODAY, date(2026, 11, 20), date(2026, 12, 20)]


def numbered(*facts: HeldFact) -> list[HeldFact]:
    """Give facts ids from 1 on, where they have none."""
    return [replace(h, id=h.id or n) for n, h in enumerate(facts, 1)]


def without(facts: Sequence[HeldFact], ids: Iterable[int]) -> tuple[UndoPlan, list[HeldFact]]:
    """Undo some facts; returns the plan, and the facts with its marks."""
    plan = plan_undo(facts, set(ids), AROUND)
    return plan, numbered(*facts, *marks_for(plan.targets, AROUND))


def holding(facts: Sequence[HeldFact]) -> list[Any]:
    """Return what holds of everything, today and on other days, to the last byte, and since when we know it."""
    return [
        [
            (name, s.current, s.ended, s.coming, s.later, s.until, s.confirmed_at, s.changed_at, s.changes_on)
            for name, s in sorted(resolve_all(facts, day).items())
            if (s.current, s.ended, s.coming) != (None, None, None)
        ]
        for day in DAYS
    ]


@given(histories(), st.data())
@settings(max_examples=400, derandomize=True, deadline=None)
def test_undoing_leaves_what_would_hold_if_it_had_never_been_said(facts: list[HeldFact], data: st.DataObject) -> None:
    """I15: neither the statement, nor what the same feed said again after it; and undoing that restores every byte."""
    facts = numbered(*facts)
    ids = data.draw(st.sets(st.sampled_from([h.id for h in facts]), min_size=1))
    chosen = [h for h in facts if h.id in ids]
    never = [h for h in facts if h.id not in ids and not any(repeats(h, one) for one in chosen)]
    _, marked = without(facts, ids)
    assert holding(marked) == holding(never)
    _, back = without(marked, [h.id for h in marked if h.about])
    assert holding(back) == holding(facts)
    _, again = without(back, [h.id for h in back if h.id > len(marked)])
    assert holding(again) == holding(marked)


@given(histories(), st.data())
@settings(max_examples=200, derandomize=True, deadline=None)
def test_what_was_known_before_an_undoing_is_told_as_it_was(facts: list[HeldFact], data: st.DataObject) -> None:
    """No mark reaches back: as known a moment earlier, everything is as if it had never been made."""
    facts = numbered(*facts)
    _, marked = without(facts, data.draw(st.sets(st.sampled_from([h.id for h in facts]))))
    asking = Asking(data.draw(st.sampled_from(DAYS)), NOW - timedelta(seconds=1), NOW, HELSINKI)
    assert recall(marked, asking) == recall(facts, asking)


@given(histories(), st.data())
@settings(max_examples=200, derandomize=True, deadline=None)
def test_the_order_of_rows_makes_no_difference(facts: list[HeldFact], data: st.DataObject) -> None:
    """Marks of marks are followed to their end in any order."""
    rows = numbered(*facts)
    for _ in range(data.draw(st.integers(1, 4))):
        _, rows = without(rows, data.draw(st.sets(st.sampled_from([h.id for h in rows]))))
    shuffled = data.draw(st.permutations(rows))
    assert resolve(Field.ADDRESS, shuffled, TODAY) == resolve(Field.ADDRESS, rows, TODAY)


def effect(ids: set[int], *facts: HeldFact, **around: Any) -> tuple[Effect, set[Conflict]]:
    """Plan to undo these of the facts, counted from 1, all about the address."""
    (one,) = plan_undo(numbered(*facts), ids, replace(AROUND, **around)).fields
    return one.effect, set(one.conflicts)


OLD, NEW = said(A, "2020-01-01", source=FOUND), said(B, "2026-11-01", hours=1)


@pytest.mark.parametrize(
    ("ids", "facts", "expected"),
    [
        ({2}, [OLD, NEW], (Effect.BACK, set())),
        ({1}, [NEW], (Effect.EMPTY, set())),
        ({1}, [NEW, replace(OLD, purged=True)], (Effect.EMPTY, {Conflict.NOT_KEPT})),
        ({2}, [OLD, said(C, "2026-12-01", hours=1)], (Effect.COMING, set())),
        ({1}, [NEW, said(C, "2026-11-05", hours=2)], (Effect.STAYS, {Conflict.REPLACED})),
        ({1}, [NEW, said(C, "2026-11-05", source=STAFF, hours=2)], (Effect.STAYS, {Conflict.STAFF_EDITED})),
        ({2}, [said(B, "2026-11-01", source=POST), NEW], (Effect.STAYS, {Conflict.SAID_BY_OTHERS})),
        ({2}, [OLD, NEW, said(B, "2026-11-01", hours=5)], (Effect.BACK, {Conflict.SAID_AGAIN})),
        ({2}, [OLD, replace(NEW, cancelled=True)], (Effect.STAYS, {Conflict.TAKEN_BACK, Conflict.REPLACED})),
        ({2}, [OLD, withdrawn(A, hours=1)], (Effect.BACK, set())),
        ({2}, [OLD, ended(A, "2026-11-01", hours=1)], (Effect.BACK, set())),
    ],
)
def test_the_plan_says_what_becomes_of_a_field(
    ids: set[int], facts: list[HeldFact], expected: tuple[Effect, set[Conflict]]
) -> None:
    """And what came later or stands in the way."""
    assert effect(ids, *facts) == expected


def test_nothing_is_told_of_places_that_are_hidden() -> None:
    """P7: not even whether one comes back."""
    assert effect({2}, OLD, NEW, untold=LOCATION_FIELDS) == (Effect.STAYS, {Conflict.HIDDEN})


def test_an_order_is_lifted_only_on_purpose() -> None:
    """P12: by a privacy officer, and then people are looked up again; an order that is back has places removed."""
    order = said(True, field=Field.PROTECTION, hours=1)  # type: ignore[arg-type]  # orders have truth values
    facts = numbered(OLD, order)
    kept = plan_undo(facts, {1, 2}, AROUND)
    assert ([h.id for h in kept.targets], kept.conflicts) == ([1], (Conflict.ORDER_STAYS,))
    lifted = plan_undo(facts, {2}, replace(AROUND, lift=True))
    assert ([h.id for h in lifted.targets], lifted.look_up, lifted.purge) == ([2], True, frozenset())
    end = said(False, field=Field.PROTECTION, hours=2)  # type: ignore[arg-type]  # likewise
    assert plan_undo(numbered(OLD, order, end), {3}, AROUND).purge == LOCATION_FIELDS


def test_an_order_that_is_given_again_is_in_force_again() -> None:
    """Undone or not: safety comes before a decision about what was said earlier."""
    order = said(True, field=Field.PROTECTION)  # type: ignore[arg-type]  # orders have truth values
    facts = [replace(order, id=1), replace(undone(1, field=Field.PROTECTION, hours=1), id=2)]
    assert resolve(Field.PROTECTION, facts, TODAY) == NOTHING
    again = replace(order, id=3, learned_at=NOW)
    assert resolve(Field.PROTECTION, [*facts, again], TODAY).value is True


def test_what_is_undone_already_is_passed_over() -> None:
    """Asked for twice, there is nothing left to do."""
    plan, marked = without(numbered(OLD, NEW), {2})
    assert [h.id for h in plan.targets] == [2]
    assert without(marked, {2})[0].targets == ()


def test_another_feed_that_says_the_same_counts() -> None:
    """Only the one that was undone is not to bring it back, and only by the very same statement."""
    facts = [replace(NEW, id=1), replace(undone(1, hours=2), id=2)]
    repeated = replace(said(B, "2026-11-01", hours=3), id=3)
    other = replace(said(B, "2026-11-01", hours=3, source=POST), id=4)
    newer = replace(said(B, "2026-11-08", hours=3), id=5)
    before = replace(said(B, "2026-11-01", hours=-3), id=6)
    told = {h.id: h.undone for h in counted([*facts, repeated, other, newer, before])}
    assert told == {1: True, 2: False, 3: True, 4: False, 5: False, 6: False}
