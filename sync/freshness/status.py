"""What the desk is told about one field."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from sync.model import FactValue, Field


class State(StrEnum):
    """Whether the desk needs to ask, and why."""

    CURRENT = "current"  # covered, feed live without gap, confirmed within the field's limit
    CHANGED = "changed"  # applied in the last 30 days
    COMING = "coming"  # a new value holds from a future day
    ASK = "ask"  # not confirmed within the field's limit, or ended with nothing after it
    NOT_COVERED = "not_covered"  # nobody watches: update ban, abroad, no national id, no live feed
    CONFLICT = "conflict"  # an open review, or two values
    RETURNED = "returned"  # post came back after the last confirmation
    CONTACT_ONLY = "contact_only"  # protected: use the contact address
    ON_HOLD = "on_hold"  # restricted (GDPR Art. 18)
    DECEASED = "deceased"  # death known, not withdrawn


@dataclass(frozen=True, slots=True)
class FieldStatus:
    """The state of one field at the moment of asking.

    Attributes:
        field: which field.
        state: whether to ask, and why.
        confirmed_at: when the value was last confirmed, UTC; None when never.
        source: display name of the feed or register behind the last confirmation; None when there is none.
        day: the day that the sentence names: of the change (`changed`), of the coming value (`coming`), of the
            returned post (`returned`); in the register's time zone.
        value: the value as of today, only when it was asked for and may be shown.
    """

    field: Field
    state: State
    confirmed_at: datetime | None = None
    source: str | None = None
    day: date | None = None
    value: FactValue | None = None


@dataclass(frozen=True, slots=True)
class CustomerStatus:
    """Everything the desk is told about one customer.

    Attributes:
        register: name of the register.
        key: the register's own key.
        asked_at: the moment that all of it is true for, in the register's time zone.
        today: that moment's day in the register's time zone.
        fields: the fields that the register holds and people ask about, the address first.
    """

    register: str
    key: str
    asked_at: datetime
    today: date
    fields: tuple[FieldStatus, ...]


class Desk(Protocol):
    """What the desk's screens ask."""

    def status(self, register: str, key: str, *, reader: str, reveal: bool = False) -> CustomerStatus | None:
        """Return the status of a customer, None when the register has no such record.

        Args:
            register: name of the register.
            key: the register's own key, as typed.
            reader: who asks; goes into the who-read-what trail.
            reveal: fill in `FieldStatus.value` where it may be shown.
        """
        ...

    def registers(self) -> tuple[str, ...]:
        """Return the names of the configured registers."""
        ...
