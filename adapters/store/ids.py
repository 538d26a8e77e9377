"""Row ids that grow with time and need no database to be given."""

import secrets
from threading import Lock

from sync.ports.clock import Clock

_EPOCH_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
_NODE_BITS, _SEQUENCE_BITS = 10, 12


class RowIds:
    """Sortable 63-bit ids: milliseconds, a random node number, a sequence.

    Known before the row is written, so that a sealed value can be bound to its row. The clock going back does not
    make ids go back.
    """

    def __init__(self, clock: Clock, *, node: int | None = None) -> None:
        self._clock = clock
        self._node = (secrets.randbits(_NODE_BITS) if node is None else node) << _SEQUENCE_BITS
        self._last = 0
        self._sequence = 0
        self._lock = Lock()

    def next(self) -> int:
        """Return the next id. Threads may ask at once."""
        with self._lock:
            now = int(self._clock.now().timestamp() * 1000) - _EPOCH_MS
            if now > self._last:
                self._last, self._sequence = now, 0
            else:
                self._sequence += 1
                if self._sequence >> _SEQUENCE_BITS:  # this millisecond is used up: borrow the next one
                    self._last, self._sequence = self._last + 1, 0
            return self._last << (_NODE_BITS + _SEQUENCE_BITS) | self._node | self._sequence
