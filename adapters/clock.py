"""The machine's clock."""

from datetime import UTC, datetime


class SystemClock:
    """The clock port on the machine's own clock."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return datetime.now(UTC)
