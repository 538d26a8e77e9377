"""The right to work on something."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on `name` for `ttl` from the last commit; `fence` grows with every taking."""

    name: str
    owner: str
    fence: int
    ttl: timedelta
