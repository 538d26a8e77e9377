"""By which national ids providers name one person, and by which of them a customer is known."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sync.model import Change, Customer, FactKind, Field, Identity

_RENAMES = frozenset({FactKind.SET, FactKind.CORRECTED})


def ids_of(identity: Identity) -> tuple[str, ...]:
    """Return the national ids by which a change names whom it is about."""
    return ((identity.national_id,) if identity.national_id else ()) + identity.former_ids


def renames(change: Change) -> list[str]:
    """Return the national ids that a change brings."""
    said = (f.value for f in change.facts if f.field is Field.NATIONAL_ID and f.kind in _RENAMES)
    return [value for value in said if isinstance(value, str)]


def told_together(change: Change) -> tuple[str, ...]:
    """Return the national ids that are one person's by what a change says: named, brought, or corrected by it."""
    wrong = (f.wrong for f in change.facts if f.field is Field.NATIONAL_ID and f.kind in _RENAMES)
    ids = (*ids_of(change.identity), *renames(change), *(value for value in wrong if isinstance(value, str)))
    return tuple(dict.fromkeys(ids))


def with_aliases(changes: Sequence[Change]) -> Sequence[Change]:
    """Return the changes; whoever is named by an id goes by those beside which another of them names, or brings, it."""
    beside: dict[str, tuple[str, ...]] = {}
    for change in changes:
        ids, new = ids_of(change.identity), renames(change)
        if len(ids) > 1 or new:
            beside |= {one: (*beside.get(one, ()), *ids) for one in (*ids, *new)}
    if not beside:
        return changes
    return [also_named(c, [i for known in ids_of(c.identity) for i in beside.get(known, ())]) for c in changes]


def also_named(change: Change, ids: Iterable[str]) -> Change:
    """Return a change that names its person by these ids, too."""
    identity = change.identity
    former = tuple(dict.fromkeys((*identity.former_ids, *(i for i in ids if i != identity.national_id))))
    return change if former == identity.former_ids else replace(change, identity=replace(identity, former_ids=former))


def also_called(
    customer: Customer, before: Customer, told: Iterable[Sequence[str]], aliases: Iterable[str]
) -> Customer:
    """Return a customer with the aliases that follow from what was said.

    Args:
        customer: the mirror as it is to be.
        before: as it was.
        told: ids that are one person's each time; they are the customer's where one of them is.
        aliases: ids that are the customer's.
    """
    known, fresh = {*_ids_known(customer), *_ids_known(before)}, list(aliases)
    for ids in told:
        if not known.isdisjoint(ids):
            known.update(ids)
            fresh += ids
    former = dict.fromkeys((*customer.former_ids, *fresh))
    return replace(customer, former_ids=tuple(i for i in former if i != customer.national_id))


def _ids_known(customer: Customer) -> set[str]:
    written = customer.values.get(Field.NATIONAL_ID)
    return {i for i in (customer.national_id, written, *customer.former_ids) if isinstance(i, str)}
