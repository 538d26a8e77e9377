"""What keeps automation from a customer, or from one field: a right that was exercised, or staff's word."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sync.model.fact import Field


class HoldKind(StrEnum):
    """Why automation stays away."""

    RESTRICTION = "restriction"  # GDPR Art. 18: nothing changes until it is lifted
    OBJECTION = "objection"  # GDPR Art. 21: no automatic updates
    LOCK = "lock"  # staff: this value is changed only by a person


@dataclass(frozen=True, slots=True)
class Hold:
    """That automation stays away from a customer, or from one field. What arrives meanwhile is parked.

    Attributes:
        customer_id: our own id of the customer.
        kind: why.
        field: the field that is held; None for the whole customer.
        placed_at: since when, UTC.
        placed_by: name of the person who placed it.
        reason: in that person's words.
        lifted_at: when it was lifted, UTC; None while it is in force.
        lifted_by: name of the person who lifted it.
        lifted_reason: in that person's words.
        id: our own id; 0 before it is stored.
    """

    customer_id: int
    kind: HoldKind
    field: Field | None
    placed_at: datetime
    placed_by: str
    reason: str
    lifted_at: datetime | None = None
    lifted_by: str = ""
    lifted_reason: str = ""
    id: int = 0

    def covers(self, name: Field) -> bool:
        """Tell whether it is about this field."""
        return self.field in (None, name)
