"""What people at the desk note of a value: that the customer confirmed it, or that what was sent there came back."""

from datetime import date

from sync.applying.holding import restricted
from sync.applying.same import same_by
from sync.applying.survivorship import NOTHING, resolve_all
from sync.errors import NotFound, OnHold
from sync.freshness.state import judge
from sync.freshness.status import State
from sync.holding import customer_of
from sync.model import Fact, FactKind, Field, HeldFact, PartialDate, Source
from sync.parts import Parts, RegisterParts
from sync.ports.store import Provenance, StoredFact
from sync.settling import settle_customers, situations_of

CONFIRMABLE = frozenset(
    {Field.ADDRESS, Field.TEMPORARY_ADDRESS, Field.POSTAL_ADDRESS, Field.CONTACT_ADDRESS, Field.PHONE, Field.EMAIL}
)
RETURNABLE = CONFIRMABLE - {Field.PHONE}


def note_confirmed(parts: Parts, register: RegisterParts, key: str, name: Field, *, by: str) -> State:
    """Note that the customer said, with their identity checked, that a value still holds.

    Args:
        parts: what to work with.
        register: the customer's register.
        key: the register's own key.
        name: the field.
        by: name of the person who asked.

    Returns:
        The state of the field from now on.

    Raises:
        NotFound: the register has no such record, or nothing is held of this field.
        OnHold: a restriction is in force.
    """
    return _note(parts, register, key, name, parts.today(register), FactKind.CONFIRMED, Source.CUSTOMER, by)


def note_returned(parts: Parts, register: RegisterParts, key: str, name: Field, day: date, *, by: str) -> State:
    """Note that what was sent to the customer came back. It is evidence, and changes no value.

    Args:
        parts: what to work with.
        register: the customer's register.
        key: the register's own key.
        name: the address, or e-mail, that it was sent to.
        day: on which it came back, in the register's time zone; what held then is doubted.
        by: name of the person who notes it.

    Returns:
        The state of the field from now on: not `returned` where it was confirmed since.

    Raises:
        NotFound: the register has no such record, or nothing was held of this field on that day.
        OnHold: a restriction is in force.
    """
    return _note(parts, register, key, name, day, FactKind.RETURNED, Source.RETURNED_MAIL, by)


def _note(
    parts: Parts, register: RegisterParts, key: str, name: Field, day: date, kind: FactKind, source: Source, by: str
) -> State:
    now = parts.clock.now()
    with parts.store.begin() as work:
        customer = customer_of(work, register, key)
        if restricted(work.holds([customer.id]).get(customer.id, ())):
            raise OnHold("processing of this customer is restricted; lift the restriction first")
        facts = work.facts([customer.id]).get(customer.id, ())
        same = same_by(work.street_names(), register.policy.precedence)
        held = resolve_all(facts, day, same).get(name, NOTHING).current
        if held is None or held.fact.value is None:
            raise NotFound(f"nothing is held of {name.value} for this record on {day.isoformat()}")
        on = PartialDate.of(day) if kind is FactKind.RETURNED else None
        noted = HeldFact(Fact(name, kind, held.fact.value, on), source, register.name, learned_at=now, recorded_at=now)
        work.add_facts([StoredFact(customer.id, noted, Provenance(decided_by=by))])
        work.audit(by, f"{kind.value}_noted", now, {"register": register.name, "field": name.value})
        settle_customers(parts, register, work, [customer.id])
        states = resolve_all([*facts, noted], parts.today(register), same)
        state = judge(name, states, situations_of(parts, work, [customer.id])[customer.id], register.policy, now).state
        work.commit()
    return state
