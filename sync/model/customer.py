"""One record of a register, as we mirror it."""

from dataclasses import dataclass, field
from datetime import datetime

from sync.model.address import Address
from sync.model.dates import PartialDate
from sync.model.fact import FactValue, Field
from sync.model.name import PersonName


@dataclass(frozen=True, slots=True)
class AddressStatus:
    """What the register's own screens may show about the address.

    Attributes:
        state: one of the states of `sync.freshness.status.State`.
        verified_at: when the address was last confirmed, UTC; None when never.
        source: name of the feed or register that confirmed it; None when none did.
    """

    state: str
    verified_at: datetime | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as the register holds it today: no more fields than matching, applying and delivery need.

    Attributes:
        register: name of the register.
        key: the register's own key of the record.
        version: the register's version of the record, opaque; None where it has none.
        values: what the register's mapped columns hold, by field; a field without a value is absent.
        corrected_id: the national id that a provider said replaces the one in the register; None without a correction.
        former_ids: other national ids that are this customer's by what providers said; never one that only staff typed.
        status: what stands in the register's status columns.
        hidden: the fields that protection orders in force hide; of them there is no value here.
        id: our own id; 0 before it is stored.
    """

    register: str
    key: str
    version: str | None
    values: dict[Field, FactValue] = field(default_factory=dict)
    corrected_id: str | None = None
    former_ids: tuple[str, ...] = ()
    status: AddressStatus | None = None
    hidden: frozenset[Field] = frozenset()
    id: int = 0

    @property
    def protected(self) -> bool:
        """Whether a protection order is in force, about the person or about an address."""
        return bool(self.hidden)

    @property
    def national_id(self) -> str | None:
        """The national id in force, in canonical spelling."""
        if self.corrected_id:
            return self.corrected_id
        value = self.values.get(Field.NATIONAL_ID)
        return value if isinstance(value, str) else None

    @property
    def name(self) -> PersonName | None:
        """The name."""
        value = self.values.get(Field.NAME)
        return value if isinstance(value, PersonName) else None

    @property
    def birth_date(self) -> PartialDate | None:
        """The birth date."""
        value = self.values.get(Field.BIRTH_DATE)
        return value if isinstance(value, PartialDate) else None

    @property
    def address(self) -> Address | None:
        """The permanent home address."""
        value = self.values.get(Field.ADDRESS)
        return value if isinstance(value, Address) else None

    @property
    def phone(self) -> str | None:
        """The phone number."""
        value = self.values.get(Field.PHONE)
        return value if isinstance(value, str) else None

    @property
    def email(self) -> str | None:
        """The e-mail address."""
        value = self.values.get(Field.EMAIL)
        return value if isinstance(value, str) else None
