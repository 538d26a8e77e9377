"""What the register should hold of a customer, and how that differs from what it holds."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType

from sync.applying.holding import withheld
from sync.applying.same import Same, same_value
from sync.applying.survivorship import NOTHING, FieldState, frozen, hidden
from sync.freshness.policy import Policy
from sync.freshness.state import Situation, address_state
from sync.model import AddressStatus, Customer, FactValue, Field, HeldFact, PersonName

AsRead = Callable[[Mapping[Field, FactValue | None]], Mapping[Field, FactValue | None]]
"""How values read back from a register: see `sync.ports.register.Register.as_read`."""

_DELIVERED = (
    Field.NAME,
    Field.ADDRESS,
    Field.TEMPORARY_ADDRESS,
    Field.POSTAL_ADDRESS,
    Field.CONTACT_ADDRESS,
    Field.PHONE,
    Field.EMAIL,
    Field.DEATH,
    Field.PROTECTION,
    Field.MARKETING_BAN,
    Field.DISCLOSURE_BAN,
)
_BANS = frozenset({Field.MARKETING_BAN, Field.DISCLOSURE_BAN})
"""A feed may forbid; that something is allowed again, only the person tells the organisation."""
ENDS_EMPTY = frozenset({Field.TEMPORARY_ADDRESS, Field.POSTAL_ADDRESS})
"""Fields that are emptied when their time is over. A home address that ended stays, and is flagged: it is stale."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What follows for the register.

    Attributes:
        values: fields to write, None to empty them; nothing when the register holds what it should.
        status: what its status columns should show; None when the register maps none.
        due_on: the day on which to settle again, because something changes by itself; None for never.
    """

    values: Mapping[Field, FactValue | None] = field(default_factory=dict)
    status: AddressStatus | None = None
    due_on: date | None = None


def settle(
    customer: Customer,
    states: Mapping[Field, FieldState],
    situation: Situation,
    policy: Policy,
    *,
    writable: frozenset[Field],
    shows_status: bool,
    now: datetime,
    purge: Collection[Field] = (),
    uncertain: Collection[Field] = (),
    as_read: AsRead = dict,
    same: Same = same_value,
    spelled: Mapping[Field, FactValue] = MappingProxyType({}),
    stood: Mapping[Field, FactValue] = MappingProxyType({}),
) -> Settlement:
    """Work out what the register should hold of this customer today.

    Args:
        customer: as the register held it when we last read it.
        states: what holds of the customer.
        situation: what else bears on its freshness; what is on hold is not written, nor a place under an update ban.
        policy: the organisation's decisions.
        writable: the fields that the register lets us write.
        shows_status: whether it has status columns.
        now: the moment.
        purge: fields that a protection order has just begun to hide.
        uncertain: fields that we may have written without being told; they are written whatever we last read.
        as_read: tells how values read back from the register once they are written.
        same: tells which values mean one thing.
        spelled: how the register itself had values that hold again because something was undone.
        stood: what it last had of what counts, of fields of which nothing holds any more and something never did.
    """
    hides, on_hold, banned = hidden(states), withheld(situation.holds), frozen(states)
    values: dict[Field, FactValue | None] = {}
    for name in _DELIVERED:
        if name not in writable:
            continue
        if name in hides:
            # Once, when the order begins: what staff write there afterwards is theirs to answer for.
            if name in purge:
                values[name] = None
            continue
        if name in on_hold:
            continue
        held = customer.values.get(name)
        if name in banned:
            # An order that is over has its purge all the same; what staff typed since stays.
            values |= {name: held} if name in purge else {}
            continue
        if name not in states and name not in uncertain:
            continue  # nobody has ever said anything of it
        wanted = _wanted(name, states.get(name, NOTHING), held, as_read, same, spelled.get(name), stood.get(name))
        if name in uncertain or not stands(name, wanted, held, as_read, same):
            values[name] = wanted
    status = None
    if shows_status:
        address = address_state(states, situation, policy, now)
        source = policy.names.get(address.confirmed_by or "", address.confirmed_by)
        # To the second: what a register's column cannot keep must not look like a difference.
        verified = address.confirmed_at.replace(microsecond=0) if address.confirmed_at else None
        status = AddressStatus(address.state.value, verified, source)
    return Settlement(values, status, _due(states, policy, now, shows_status=shows_status))


def stands(
    name: Field, wanted: FactValue | None, held: FactValue | None, as_read: AsRead, same: Same = same_value
) -> bool:
    """Tell whether the register holds what is wanted, as far as it has a place for it."""
    return same(name, wanted, held) or same(name, as_read({name: wanted})[name], held)


def carried(
    values: Mapping[Field, FactValue | None],
    states: Mapping[Field, FieldState],
    spelled: Mapping[Field, HeldFact] = MappingProxyType({}),
) -> dict[Field, int | None]:
    """Return, for each field to write, our own id of the fact whose value it is; None where the field is emptied.

    What the register held and is only written again is no fact's value, and is left out. Where something was undone, the
    fact is the one whose spelling is written.
    """
    found: dict[Field, int | None] = {name: None for name, value in values.items() if value is None}
    for name in values.keys() - found.keys():
        current = spelled.get(name) or states.get(name, NOTHING).current
        if current is not None:
            found[name] = current.id
    return found


def _wanted(
    name: Field,
    state: FieldState,
    held: FactValue | None,
    as_read: AsRead,
    same: Same,
    spelled: FactValue | None,
    stood: FactValue | None,
) -> FactValue | None:
    if name in _BANS:
        return True if state.value is True else held
    if state.current is not None:
        return _with_calling_name(state.value if spelled is None else spelled, held)
    if name in ENDS_EMPTY and state.ended is not None:
        return None
    if any(stands(name, value, held, as_read, same) for value in state.taken_back):
        return stood  # it stands there because we put it there, and it never held
    return held


def _with_calling_name(wanted: FactValue | None, held: FactValue | None) -> FactValue | None:
    """Keep the calling name that the register knows, where the source tells none and it is still among the names."""
    if not isinstance(wanted, PersonName) or not isinstance(held, PersonName) or wanted.calling_name:
        return wanted
    known = held.calling_name
    return replace(wanted, calling_name=known) if known and known in wanted.given_names.split() else wanted


def _due(states: Mapping[Field, FieldState], policy: Policy, now: datetime, *, shows_status: bool) -> date | None:
    days = [state.changes_on for state in states.values() if state.changes_on]
    address = states.get(Field.ADDRESS, NOTHING)
    if shows_status:
        today = now.astimezone(policy.zone).date()
        turns = ((address.confirmed_at, policy.limit(Field.ADDRESS)), (address.changed_at, policy.news))
        last = [(moment + period).astimezone(policy.zone).date() for moment, period in turns if moment]
        days += [day for day in (date.fromordinal(d.toordinal() + 1) for d in last) if day > today]
    return min(days, default=None)
