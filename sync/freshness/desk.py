"""Answering the desk from the local store, at the moment of asking."""

from datetime import UTC, datetime

from sync.applying.holding import withheld
from sync.applying.same import same_by
from sync.applying.survivorship import NOTHING, FieldState, frozen, resolve_all
from sync.freshness.state import Judgement, judge, may_tell
from sync.freshness.status import CustomerStatus, FieldStatus
from sync.model import LOCATION_FIELDS, Customer, FactValue, Field
from sync.parts import Parts, RegisterParts
from sync.ports.store import UnitOfWork
from sync.settling import situations_of

_ASKED = (Field.ADDRESS, Field.CONTACT_ADDRESS, Field.PHONE, Field.EMAIL, Field.NAME)
"""The fields that people at a desk ask about, in their order."""


class DeskService:
    """The desk, over the store."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def registers(self) -> tuple[str, ...]:
        """Return the names of the configured registers."""
        return tuple(self._parts.registers)

    def status(self, register: str, key: str, *, reader: str, reveal: bool = False) -> CustomerStatus | None:
        """Return the status of a customer, None when the register has no such record; the reading is noted."""
        parts = self._parts.registers.get(register)
        if parts is None:
            return None
        with self._parts.store.snapshot() as work:
            customer = work.by_keys(register, [key]).get(key)
            if customer is None:
                return None
            status = _status(self._parts, parts, work, customer, reveal=reveal)
        revealed = any(field.value is not None for field in status.fields)
        with self._parts.store.begin() as work:
            work.note_reading(reader, register, customer.id, status.asked_at, revealed=revealed)
            work.commit()
        return status


def _status(
    parts: Parts, register: RegisterParts, work: UnitOfWork, customer: Customer, *, reveal: bool
) -> CustomerStatus:
    now = parts.clock.now()
    today = parts.today(register)
    facts = work.facts([customer.id]).get(customer.id, ())
    states = resolve_all(facts, today, same_by(work.street_names(), register.policy.precedence))
    situation = situations_of(parts, work, [customer.id])[customer.id]
    fields = []
    for name in _ASKED:
        held = states.get(name, NOTHING)
        if name is not Field.ADDRESS and held.current is None and held.ended is None:
            continue
        judged = judge(name, states, situation, register.policy, now)
        on_hold = name in withheld(situation.holds) | frozen(states)
        value = customer.values.get(name) if on_hold else states.get(name, NOTHING).value
        shown = value if reveal and _may_show(name, states, register) else None
        fields.append(_field(name, judged, register, shown))
    return CustomerStatus(customer.register, customer.key, now.astimezone(register.policy.zone), today, tuple(fields))


def _field(name: Field, judged: Judgement, register: RegisterParts, value: FactValue | None) -> FieldStatus:
    by = register.policy.names.get(judged.confirmed_by or "", judged.confirmed_by)
    return FieldStatus(name, judged.state, _moment(judged.confirmed_at), by, judged.day, value)


def _may_show(name: Field, states: dict[Field, FieldState], register: RegisterParts) -> bool:
    """Tell whether a value may be shown: a location only of somebody known to be unprotected (trust rule P2)."""
    return name not in LOCATION_FIELDS or may_tell(name, states, register.policy)


def _moment(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC) if at else None
