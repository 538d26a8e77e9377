"""One statement by a provider about one person."""

from dataclasses import dataclass
from datetime import datetime

from sync.model.address import Address
from sync.model.dates import PartialDate
from sync.model.fact import LOCATION_FIELDS, PROTECTS, Fact, Field
from sync.model.name import PersonName


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider means, as well as it can say. Evidence for matching, never data to apply.

    Attributes:
        national_id: the id under which the provider reports, in its canonical spelling.
        former_ids: ids that the same person had or has besides (corrections, D-numbers).
        names: the current name first, then former and alternative ones.
        birth_date: may be partial.
        addresses: addresses where the person is known to have lived **before** the change.
        phone: E.164 where it could be read.
        email: as written.
    """

    national_id: str | None = None
    former_ids: tuple[str, ...] = ()
    names: tuple[PersonName, ...] = ()
    birth_date: PartialDate | None = None
    addresses: tuple[Address, ...] = ()
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Protection:
    """A non-disclosure order, or its end.

    Attributes:
        active: in force; False says that an order ended.
        code: the provider's own word (`TURVAKIELTO`, `strengtFortrolig` …). Need-to-know: never shown at the desk.
        until: last day of the order. Shown to a privacy officer, never acted upon.
        only: the location fields that it is about, where it protects an address and not the person (trust rule P10).
    """

    active: bool
    code: str
    until: PartialDate | None = None
    only: frozenset[Field] = frozenset()

    @property
    def orders(self) -> tuple[Field, ...]:
        """The standing fields that it sets."""
        each = (order for order, hides in PROTECTS.items() if order is not Field.PROTECTION and hides <= self.only)
        return tuple(each) if self.only else (Field.PROTECTION,)

    @property
    def hides(self) -> frozenset[Field]:
        """The location fields that are hidden while it is in force; none when it says that an order ended."""
        return (self.only or LOCATION_FIELDS) if self.active else frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """One statement by a provider about one person.

    Attributes:
        event_id: the provider's own id, or one derived from the content; the same for the same event for ever.
            Holds no personal value.
        position: where it stood in the feed, for people to find it again.
        identity: whom it is about.
        facts: what is said, in the provider's order. Location facts are absent where the provider withheld them.
        protection: the order that this event carries, found before any address was read; None when it says nothing.
        effective: when it happened in the world, to the provider's precision.
        recorded_at: when the provider wrote it down, UTC; None when it does not say.
        notice_id: the provider's id of the notice that this statement is part of, by which it can be cancelled.
        cancels: the notice id that this statement takes back; such a change carries no facts.
        joint_notice: the provider's id of a notice by which several people leave one home together; the same in the
            change of each of them, None for somebody who moves alone.
        complete: the event tells the person's whole current state (a base load), so that what it
            does not mention about protection is known to be clear.
    """

    event_id: str
    position: str
    identity: Identity
    facts: tuple[Fact, ...] = ()
    protection: Protection | None = None
    effective: PartialDate | None = None
    recorded_at: datetime | None = None
    notice_id: str | None = None
    cancels: str | None = None
    complete: bool = False
    joint_notice: str | None = None


@dataclass(frozen=True, slots=True)
class BadItem:
    """An item of a page that could not be read. Becomes one dead letter; its neighbours go on.

    Attributes:
        event_id: derived from the content, so that a replay is recognised.
        position: where it stood in the feed.
        reason: a reason code in snake_case, without any text of the payload.
        payload: the raw item; sealed before it is stored.
    """

    event_id: str
    position: str
    reason: str
    payload: bytes
