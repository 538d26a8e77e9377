"""What a protection order, or its end, does to the mirror of a customer."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeVar

from sync.model import Change, Customer, Field

T = TypeVar("T")


def shielded(customer: Customer, hides: frozenset[Field]) -> Customer:
    """Return the mirror of a customer of whom orders hide these fields: it holds none of them (trust rules P3, P10)."""
    if not hides and not customer.hidden:
        return customer
    # We have not looked at what is told again meanwhile: the next write compares what it replaces, not the version.
    version = None if customer.hidden - hides else customer.version
    return replace(customer, hidden=hides, version=version, values=without(customer.values, hides))


def without(values: Mapping[Field, T], hides: Collection[Field]) -> dict[Field, T]:
    """Return the values that are not hidden."""
    return {name: value for name, value in values.items() if name not in hides}


def change_without(change: Change, hides: Collection[Field]) -> Change:
    """Return the change without what is hidden: neither where somebody is, nor where they were known to live."""
    if not hides:
        return change
    facts = tuple(fact for fact in change.facts if fact.field not in hides)
    return replace(change, facts=facts, identity=replace(change.identity, addresses=()))
