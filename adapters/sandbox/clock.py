"""The sandbox's own time: real, until somebody sets it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from adapters.sandbox.chronicle import day_of
from sync.ports.clock import Clock


class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return datetime.now(UTC)


@dataclass(slots=True)
class SandboxClock:
    """A clock that can be set; then it stands still until it is set again.

    Attributes:
        real: tells the time while it is not set.
        at: the time that was set, aware; None to follow `real`.
    """

    real: Clock
    at: datetime | None = None

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return self.at or self.real.now()

    def today(self) -> date:
        """Return the day of the Finnish calendar."""
        return day_of(self.now())

    def set(self, at: datetime | None) -> None:
        """Set the clock; None lets it follow the real one again.

        Raises:
            ValueError: a time without its zone.
        """
        if at is not None and at.tzinfo is None:
            raise ValueError("a time is given with its offset from UTC")
        self.at = None if at is None else at.astimezone(UTC)
