"""What the organisation has decided about freshness: limits, names, time zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from sync.model import Field, Source


@dataclass(frozen=True, slots=True)
class FeedPromise:
    """What a feed's silence is worth.

    Attributes:
        covers: the fields that it would have told us about.
        live_within: after this long without the provider saying "that is all", its silence says nothing.
    """

    covers: frozenset[Field]
    live_within: timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """The organisation's decisions about one register.

    Attributes:
        zone: whose days are meant by dates and at the desk.
        limits: how long a confirmation of each field is good for.
        news: how long a change is shown as news.
        feeds: by name, what each feed's silence is worth.
        names: display names of feeds and registers.
        assume_clear: the recorded decision that customers of unknown protection count as unprotected (trust rule P2).
        precedence: by field, whose word ranks above whose on one date, the highest first; else `Source.precedence`.
        country: of moves within it the feeds tell (ISO 3166-1 alpha-2); None when nobody has said which it is.
    """

    zone: ZoneInfo
    limits: Mapping[Field, timedelta] = field(default_factory=dict)
    news: timedelta = timedelta(days=30)
    feeds: Mapping[str, FeedPromise] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    assume_clear: bool = False
    precedence: Mapping[Field, Sequence[Source]] = field(default_factory=dict)
    country: str | None = "FI"

    def limit(self, name: Field) -> timedelta:
        """Return how long a confirmation of this field is good for."""
        return self.limits.get(name, timedelta(days=365))
