"""One field and its value, with the time for which it holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from sync.model.address import Address
from sync.model.dates import PartialDate
from sync.model.name import PersonName
from sync.model.source import Source

FactValue = Address | PersonName | PartialDate | str | bool


class Field(StrEnum):
    """What a fact is about, with the type of its value."""

    NATIONAL_ID = "national_id"  # str
    NAME = "name"  # PersonName
    BIRTH_DATE = "birth_date"  # PartialDate
    ADDRESS = "address"  # Address: permanent home
    TEMPORARY_ADDRESS = "temporary_address"  # Address
    POSTAL_ADDRESS = "postal_address"  # Address: where post goes instead of home
    CONTACT_ADDRESS = "contact_address"  # Address that may be used for a protected person (yhteysosoite)
    PHONE = "phone"  # str, E.164 where it could be read
    EMAIL = "email"  # str
    DEATH = "death"  # PartialDate, or True when the day is not known
    PROTECTION = "protection"  # bool: non-disclosure order in force
    ADDRESS_PROTECTION = "address_protection"  # bool: in force for this one address, as the next two
    TEMPORARY_ADDRESS_PROTECTION = "temporary_address_protection"
    POSTAL_ADDRESS_PROTECTION = "postal_address_protection"
    UPDATE_BAN = "update_ban"  # True: ASIAKASREKISTERIN_PAIVITYSKIELTO
    MARKETING_BAN = "marketing_ban"  # True
    DISCLOSURE_BAN = "disclosure_ban"  # True: contact data not to be handed on


LOCATION_FIELDS = frozenset({Field.ADDRESS, Field.TEMPORARY_ADDRESS, Field.POSTAL_ADDRESS})
"""Fields that tell where a person is; a protection order removes them."""

PROTECTS: Mapping[Field, frozenset[Field]] = MappingProxyType(
    {
        Field.PROTECTION: LOCATION_FIELDS,
        Field.ADDRESS_PROTECTION: frozenset({Field.ADDRESS}),
        Field.TEMPORARY_ADDRESS_PROTECTION: frozenset({Field.TEMPORARY_ADDRESS}),
        Field.POSTAL_ADDRESS_PROTECTION: frozenset({Field.POSTAL_ADDRESS}),
    }
)
"""What each protection order hides: where somebody is, or one address that would tell something of them (trust rule P10)."""

ORDERS = frozenset({*PROTECTS, Field.UPDATE_BAN})
"""What a provider orders, and only a provider ends (trust rule P12)."""

STANDING_FIELDS = frozenset({*ORDERS, Field.MARKETING_BAN, Field.DISCLOSURE_BAN})
"""Orders that hold from the moment they are written down until an explicit end: an expiry date is not acted upon."""


def hides_of(orders: Iterable[Field]) -> frozenset[Field]:
    """Return what these fields hide together; a field that is no protection order hides nothing."""
    return frozenset[Field]().union(*(PROTECTS[order] for order in orders if order in PROTECTS))


class FactKind(StrEnum):
    """What the source says about the value."""

    SET = "set"  # holds from `valid_from`
    ENDED = "ended"  # held until `valid_until` and no longer
    CORRECTED = "corrected"  # `wrong` never held; `value` does
    WITHDRAWN = "withdrawn"  # never held
    CONFIRMED = "confirmed"  # still holds, said on the day the change was received
    RETURNED = "returned"  # what was sent there came back, on `valid_from`; evidence, never a value of its own
    UNDONE = "undone"  # a person's mark: the fact that `HeldFact.about` names does not count


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement about one field.

    Attributes:
        field: what it is about.
        kind: what is said of the value.
        value: of the type that `Field` names; None where the source withdraws or ends without repeating it.
        valid_from: first day on which it holds; None when the source does not say.
        valid_until: last day on which it holds, inclusive; None while it goes on.
        wrong: with CORRECTED, the value that never held.
    """

    field: Field
    kind: FactKind
    value: FactValue | None
    valid_from: PartialDate | None = None
    valid_until: PartialDate | None = None
    wrong: FactValue | None = None


@dataclass(frozen=True, slots=True)
class HeldFact:
    """A fact that we hold about a customer, with where it came from.

    Attributes:
        fact: what was said; its value is None once it was purged.
        source: the kind of speaker.
        origin: name of the feed or register that it came from.
        learned_at: when we learned it, UTC.
        recorded_at: when the source wrote it down, UTC; `learned_at` where the source does not say.
        event: keyed hash of the provider's event id; empty for facts read from the register.
        notice: keyed hash of the provider's notice, by which it may be cancelled later; empty without one.
        cancelled: the provider took the whole notice back.
        cancelled_at: when we learned that, UTC; None where it did not, or where that is not stored yet.
        purged: what it said is no longer kept; that something was said stays.
        about: with UNDONE, our own id of the fact that does not count, which may be such a mark itself; 0 otherwise.
        undone: it does not count because a person undid it; worked out from marks (`sync.applying.counting`), not stored.
        id: our own id of the row; 0 before it is stored.
    """

    fact: Fact
    source: Source
    origin: str
    learned_at: datetime
    recorded_at: datetime
    event: str = ""
    notice: str = ""
    cancelled: bool = False
    cancelled_at: datetime | None = None
    purged: bool = False
    about: int = 0
    undone: bool = False
    id: int = 0
