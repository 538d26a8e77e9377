"""What goes on at once and what is parked, where an order hides one address only (trust rule P10)."""

from datetime import UTC, datetime

import pytest

from sync.applying.holding import divide
from sync.model import LOCATION_FIELDS, Change, Fact, FactKind, Field, Hold, HoldKind, PartialDate, Protection
from tests.harness import home, moved

DAY = PartialDate(2026, 11, 10)
STAY = Fact(Field.TEMPORARY_ADDRESS, FactKind.SET, home("Suojakuja", "7"), DAY)
HOME = Fact(Field.ADDRESS, FactKind.SET, home("Rantatie", "5"), DAY)
PHONE = Fact(Field.PHONE, FactKind.SET, "+358401234567", DAY)
ONE = frozenset({Field.TEMPORARY_ADDRESS})
ORDER = Protection(active=True, code="fortrolig", only=ONE)


def said(protection: Protection | None = None) -> Change:
    """Build a change that speaks of two addresses and a phone."""
    return moved(None, facts=(STAY, HOME, PHONE), protection=protection)


def hold(kind: HoldKind, name: Field | None = None) -> Hold:
    """Build a hold of the whole customer, or a lock of one field."""
    return Hold(1, kind, name, datetime(2026, 11, 1, tzinfo=UTC), "officer", "disputed")


@pytest.mark.parametrize("protection", [None, ORDER])
def test_under_a_restriction_all_is_parked_but_the_one_address(protection: Protection | None) -> None:
    """Whether the order stood before or comes with the change; then it is all that goes on."""
    hides = frozenset[Field]() if protection else ONE
    divided = divide(said(protection), [hold(HoldKind.RESTRICTION)], hides)
    assert divided.later is not None
    assert (divided.later.facts, divided.later.protection) == ((HOME, PHONE), None)
    assert divided.reason == "restricted"
    assert divided.now == (moved(None, protection=protection) if protection else None)


@pytest.mark.parametrize("protection", [None, ORDER])
def test_a_locked_field_is_parked_unless_it_is_the_one_address(protection: Protection | None) -> None:
    """A lock of another address parks that one; a lock of the protected one parks nothing, and lets the rest go on."""
    hides = frozenset[Field]() if protection else ONE
    other = divide(said(protection), [hold(HoldKind.LOCK, Field.ADDRESS)], hides)
    assert other.later is not None
    assert other.later.facts == (HOME,)
    same = divide(said(protection), [hold(HoldKind.LOCK, Field.TEMPORARY_ADDRESS)], hides)
    assert (same.later, same.reason) == (None, "")
    assert same.now is not None
    assert (same.now.facts, same.now.protection) == ((HOME, PHONE), protection)


def test_where_nothing_is_left_to_park_nothing_is_parked() -> None:
    """An order about the person, with nothing beside it but where they are."""
    change = moved(None, facts=(STAY, HOME), protection=Protection(active=True, code="TURVAKIELTO"))
    divided = divide(change, [hold(HoldKind.OBJECTION)], LOCATION_FIELDS)
    assert (divided.later, divided.reason) == (None, "")
