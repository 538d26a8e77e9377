"""Values go in time, and nothing that holds, or will, changes by it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.applying.outlived import Outlived, outlived
from sync.applying.survivorship import resolve
from sync.model import Field, HeldFact, PartialDate
from tests.unit.applying.said import DVV, FOUND, NOON, POST, STAFF, A, B, C, corrected, ended, said, withdrawn
from tests.unit.applying.test_survivorship import histories

TODAY = date(2028, 12, 1)
NOW = datetime(2028, 12, 1, tzinfo=UTC)
BEFORE = NOW - timedelta(days=730)


def of(*facts: HeldFact, before: datetime = BEFORE) -> Outlived:
    """Number the facts from 1, and ask."""
    return outlived([replace(h, id=n) for n, h in enumerate(facts, 1)], before, TODAY)


def test_a_superseded_value_goes_and_the_current_stays() -> None:
    """With everything that said the superseded one."""
    assert of(said(A, source=FOUND), said(A, "2020-01-01"), said(B, "2026-11-01")) == Outlived(whole=(1, 2))


def test_a_value_that_was_superseded_lately_stays() -> None:
    """The period begins when it was superseded, not when it was said."""
    assert of(said(A, "2020-01-01"), said(B, "2028-01-01", hours=24 * 500)) == Outlived()


def test_what_has_been_said_lately_stays() -> None:
    """Although it was past when it was said."""
    assert of(said(B, "2026-11-01"), said(A, "2020-01-01", hours=24 * 500)) == Outlived()


def test_the_last_known_address_stays_although_it_ended() -> None:
    """It is what the register still holds. A stay that is over is not."""
    assert of(said(A, "2020-01-01"), ended(A, "2026-11-01", hours=1)) == Outlived()
    stay = said(A, "2020-01-01", until="2020-12-31", field=Field.TEMPORARY_ADDRESS)
    assert of(stay) == Outlived(whole=(1,))


def test_what_keeps_a_value_from_coming_back_stays_with_it() -> None:
    """A withdrawal goes only when everything that it withdraws goes."""
    gone, back = said(B, "2026-11-01"), withdrawn(B, hours=1)
    assert of(said(A, "2020-01-01"), gone, back) == Outlived(whole=(2, 3))
    late = said(B, "2026-11-01", learned=24 * 500)
    assert of(said(A, "2020-01-01"), late, back) == Outlived()


def test_the_wrong_value_of_a_correction_that_holds_goes() -> None:
    """The right one stays."""
    assert of(said(A, "2020-01-01"), corrected(A, B, "2020-01-01", hours=1)) == Outlived(whole=(1,), wrong=(2,))


def test_what_gives_a_correction_its_date_stays_and_the_rest_goes() -> None:
    """A correction that tells no day holds since the value that it corrects; older ones are in nobody's way."""
    facts = (said(C, "1990-01-01"), said(A, "2020-01-01"), corrected(A, B, hours=1))
    assert of(*facts) == Outlived(whole=(1,))


def test_orders_stay() -> None:
    """They are no values that tell anything of a person's past."""
    orders = [said(value, field=Field.PROTECTION, hours=n) for n, value in enumerate((True, False))]
    assert of(*orders) == Outlived()


def test_what_is_gone_goes_once() -> None:
    """A second look finds nothing."""
    assert of(replace(said(None, "2020-01-01"), purged=True), said(B, "2026-11-01")) == Outlived()


@given(histories(), st.integers(0, 4))
@settings(max_examples=400, derandomize=True, deadline=None)
def test_nothing_that_holds_changes(facts: Sequence[HeldFact], hours: int) -> None:
    """Not today, and not on any day to come."""
    numbered = [replace(h, id=n) for n, h in enumerate(facts, 1)]
    gone = outlived(numbered, NOON + timedelta(hours=hours), date(2026, 11, 21))
    emptied = [_emptied(h, gone) for h in numbered]
    for day in (date(2026, 11, 21), date(2026, 12, 5), date(2027, 1, 5)):
        before, after = (resolve(Field.ADDRESS, said, day) for said in (numbered, emptied))
        assert before.value == after.value
        assert before.confirmed_at == after.confirmed_at


def _emptied(held: HeldFact, gone: Outlived) -> HeldFact:
    if held.id in gone.whole:
        return replace(held, fact=replace(held.fact, value=None, wrong=None), purged=True)
    return replace(held, fact=replace(held.fact, wrong=None)) if held.id in gone.wrong else held


def test_other_sources_and_fields_are_judged_alike() -> None:
    """A phone number that staff replaced goes too."""
    numbers = [said("+358401111111", "2026-10-01", source=source, field=Field.PHONE) for source in (DVV, POST)]
    typed = said("+358402222222", "2026-11-01", source=STAFF, field=Field.PHONE, hours=1)
    assert of(*numbers, typed, said(C, "2020-01-01"), said(PartialDate(2020), field=Field.BIRTH_DATE)).whole == (1, 2)
