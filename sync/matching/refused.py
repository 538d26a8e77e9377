"""Whom a change describes, in words that stay the same from one change about a person to the next.

A reviewer who says "not the same person" says it of a description: a national id, or a name with a birth date and something
that ties it to one person: a home, a telephone number, an e-mail address. A name alone ties to nobody.
"""

from collections.abc import Iterable

from sync.matching.normalise.address import Place
from sync.matching.prepared import Prepared, prepare_identity
from sync.model import LOCATION_FIELDS, Address, Change, Fact, FactKind, Field, Identity

_BRINGS = frozenset({FactKind.SET, FactKind.CORRECTED, FactKind.CONFIRMED})


def descriptions(person: Prepared) -> frozenset[str]:
    """Return how this person is described, one text for each thing that ties the name to somebody."""
    named = [f"{n.surname_folded}|{' '.join(sorted(n.given_folded))}|{person.birth_date}" for n in person.names[:1]]
    ties = [*map(_home, person.places), *(filter(None, (person.phone, person.email)))]
    return frozenset(f"id|{one}" for one in person.ids) | {f"{name}|{tie}" for name in named for tie in ties}


def described_later(change: Change) -> Identity:
    """Return how the next change about the same person may describe them: by where this one says that they are now."""
    identity = change.identity
    return Identity(
        national_id=identity.national_id,
        former_ids=identity.former_ids,
        names=identity.names,
        birth_date=identity.birth_date,
        addresses=tuple(_brought(change.facts)),
        phone=_text(change.facts, Field.PHONE),
        email=_text(change.facts, Field.EMAIL),
    )


def refusable(change: Change, customer: Prepared) -> frozenset[str]:
    """Return the descriptions by which a change, and the next one about the same person, is known not to be this customer.

    A name and home that describe the customer just as well are left out: their own next change must not be refused. Of an id
    that several records bear, a person has said which of them does not deserve it.
    """
    now, later = prepare_identity(change.identity), prepare_identity(described_later(change))
    own = customer if now.birth_date else customer._replace(birth_date="")
    return (descriptions(now) | descriptions(later)) - descriptions(own._replace(ids=frozenset()))


def _home(place: Place) -> str:
    return "|".join((place.postcode, " ".join(sorted(place.streets)), place.number, place.letters, place.flat))


def _brought(facts: Iterable[Fact]) -> Iterable[Address]:
    for fact in facts:
        if fact.field in LOCATION_FIELDS and fact.kind in _BRINGS and isinstance(fact.value, Address):
            yield fact.value


def _text(facts: Iterable[Fact], name: Field) -> str | None:
    said = (f.value for f in facts if f.field is name and f.kind in _BRINGS and isinstance(f.value, str))
    return next(said, None)
