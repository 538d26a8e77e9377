"""One transaction over everything that we keep."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete, update

from adapters.store.customers import CustomerRows
from adapters.store.deliveries import DeliveryRows
from adapters.store.erasure import ErasureRows
from adapters.store.events import EventRows
from adapters.store.housekeeping import HousekeepingRows
from adapters.store.ids import RowIds
from adapters.store.keyring import Keyring
from adapters.store.reviews import ReviewRows
from adapters.store.rows import in_chunks, table_of
from adapters.store.streets import Shelf
from adapters.store.tables import BlockingKeyRow, LeaseRow
from adapters.store.trail import TrailRows
from adapters.store.undoing import UndoRows
from sync.errors import LeaseLost
from sync.model import LOCATION_FIELDS, Field
from sync.ports.clock import Clock
from sync.ports.store import Lease

_KEY = table_of(BlockingKeyRow)
_LEASE = table_of(LeaseRow)


class SqlUnitOfWork(
    CustomerRows, ErasureRows, TrailRows, UndoRows, EventRows, ReviewRows, DeliveryRows, HousekeepingRows
):
    """A unit of work on one connection. Leaving it without `commit()` rolls back."""

    def __init__(
        self,
        connection: Connection,
        keyring: Keyring,
        ids: RowIds,
        clock: Clock,
        *,
        lease: Lease | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        super().__init__(connection, keyring, ids, shelf)
        self._clock = clock
        self._lease = lease

    def commit(self) -> None:
        """Make everything durable, if the lease is still ours."""
        if self._unaudited:
            raise AssertionError("facts were added without an audit entry: no audit, no change")
        if self._lease:
            held = (_LEASE.c.name == self._lease.name, _LEASE.c.fence == self._lease.fence)
            until = self._clock.now() + self._lease.ttl  # work goes on: hold it for longer
            if self._db.execute(update(_LEASE).where(*held).values(until=until)).rowcount != 1:
                raise LeaseLost(f"somebody else works on {self._lease.name} now")
        self._db.commit()

    def forget_location(self, hides: Mapping[int, frozenset[Field]], keep: Collection[int] = ()) -> None:
        """Remove every value of these fields of these customers from facts, keys, reviews, parked changes and the outbox.

        Facts to keep are named by our own ids.

        The mirror comes first: it makes the keys of what is left.
        """
        for fields in set(hides.values()):
            ids = sorted(id_ for id_, theirs in hides.items() if theirs == fields)
            self.forget_location_facts(ids, fields, keep)
            self.forget_reviewed_location(ids, fields)
            self.forget_parked_location(ids, fields)
            self.forget_location_deliveries(ids, fields)
            for chunk in in_chunks(ids if fields == LOCATION_FIELDS else ()):
                self._db.execute(delete(_KEY).where(_KEY.c.customer_id.in_(chunk), _KEY.c.location))
