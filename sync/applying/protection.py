"""What a protection order, or its end, does to the mirror of a customer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from sync.model import LOCATION_FIELDS, Change, Customer, Field

T = TypeVar("T")


def shielded(customer: Customer, *, protected: bool) -> Customer:
    """Return the mirror of a customer who is, or is not, under an order: of a protected one it holds no location."""
    if protected:
        return replace(customer, protected=True, values=without_location(customer.values))
    if customer.protected:
        # We have not looked at the location meanwhile: the next write compares what it replaces, not the version.
        return replace(customer, protected=False, version=None)
    return customer


def without_location(values: Mapping[Field, T]) -> dict[Field, T]:
    """Return the values that do not tell where somebody is (trust rule P3)."""
    return {name: value for name, value in values.items() if name not in LOCATION_FIELDS}


def change_without_location(change: Change) -> Change:
    """Return the change without any place: neither where somebody is, nor where they were known to live."""
    facts = tuple(fact for fact in change.facts if fact.field not in LOCATION_FIELDS)
    return replace(change, facts=facts, identity=replace(change.identity, addresses=()))
