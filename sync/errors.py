"""Every error that ajantasa raises, grouped by what the caller does next.

AjantasaError
├── RetryLater                 try again, not before `retry_after`
│   ├── ProviderUnavailable    the provider did not answer, answered 429 or 5xx, or cut the answer
│   ├── PageMalformed          the provider answered something that is no page of its protocol
│   ├── RegisterUnavailable    the register cannot be reached
│   └── StoreUnavailable       our own database cannot be reached, read or written now; it says why
├── FeedStopped                this feed cannot go on without a person
│   ├── CredentialsRefused     401 or 403
│   ├── CursorRefused          the provider no longer knows our position: resync
│   └── FeedPaused             a guard found what it says too much to be true: an operator says go
├── LeaseLost                  another worker took over: drop everything and let it go on
├── Busy                       another worker holds the lease: it does the work, or ask again later
├── SomebodyWasFirst           a person decided the same item before this one did
├── CheckpointFailed           the audit chain's head could not be signed, or is not what was signed last
├── OnHold                     a restriction stands in the way: a person must lift it first
├── LedgerUnusable             the file of erasures cannot be read or written
├── ListRefused                a list of streets is broken, or too small to be the whole of it
├── NotFound                   no such customer, feed, register or review item
└── CannotStart                an operator must mend something before anything can run
    ├── ConfigurationInvalid   every problem, each with its key
    ├── KeyUnusable            the key file is missing, unreadable, or not the one that sealed this database
    └── SchemaUnknown          the database was written by a newer ajantasa, or is not migrated

Messages and fields carry names of feeds, positions, counts and reason codes, never a personal value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta


class AjantasaError(Exception):
    """Root of everything raised on purpose."""


class RetryLater(AjantasaError):  # noqa: N818 - named by what the caller does next
    """Try again later.

    Attributes:
        retry_after: the least time to wait, as the other side asked for it; None if it did not say.
    """

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ProviderUnavailable(RetryLater):
    """The provider did not answer, answered 429 or 5xx, or cut its answer short."""


class PageMalformed(RetryLater):
    """The provider answered something that is no page of its protocol; the cursor stays."""


class RegisterUnavailable(RetryLater):
    """The register cannot be reached."""


class StoreUnavailable(RetryLater):
    """Our own database cannot be reached, read or written now; the message says which one, why and what to do."""


class FeedStopped(AjantasaError):  # noqa: N818 - named by what the caller does next
    """This feed cannot go on without a person."""


class CredentialsRefused(FeedStopped):
    """The provider refused who we are (401, 403)."""


class CursorRefused(FeedStopped):
    """The provider no longer knows our position in the feed; the feed must be resynced."""


class FeedPaused(FeedStopped):
    """A guard found what the feed says too much to be true; nothing of it is applied until an operator says go.

    Attributes:
        guard: which guard, as `sync.applying.guard.GuardKind`.
        count: how many customers the page, or look-up, would have changed so.
        total: the same with those of the day, or run, before it.
        most: how many may be.
    """

    def __init__(self, feed: str, guard: str, *, count: int, total: int, most: int) -> None:
        self.guard, self.count, self.total, self.most = guard, count, total, most
        super().__init__(f"{feed} is paused by the guard {guard}: {total} customers, at most {most}; see `feed resume`")


class LeaseLost(AjantasaError):  # noqa: N818 - named by what the caller does next
    """Another worker holds the lease now; nothing of this unit of work may be committed."""


class Busy(AjantasaError):  # noqa: N818 - named by what the caller does next
    """Another worker holds the lease."""


class SomebodyWasFirst(AjantasaError):  # noqa: N818 - named by what the caller does next
    """The item was decided by somebody else in the meantime."""


class CheckpointFailed(AjantasaError):  # noqa: N818 - as the others
    """The head of the audit chain could not be signed, or the chain is not the one that was signed last."""


class OnHold(AjantasaError):  # noqa: N818 - named by what the caller does next
    """A restriction is in force, and stands in the way of what was asked for."""


class LedgerUnusable(AjantasaError):  # noqa: N818 - as the others
    """The file that keeps erasures outside the database cannot be read or written; nothing was erased."""


class ListRefused(AjantasaError):  # noqa: N818 - as the others
    """A list of streets or postcodes cannot be used; what an earlier one brought stays."""


class NotFound(AjantasaError):  # noqa: N818 - named by what the caller does next
    """No such customer, feed, register or review item."""


class CannotStart(AjantasaError):  # noqa: N818 - named by what the caller does next
    """An operator must mend something first."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the configuration.

    Attributes:
        key: dotted path of the setting, such as `feeds.vtj.base_url`.
        message: what it accepts; never the value found there.
    """

    key: str
    message: str


class ConfigurationInvalid(CannotStart):
    """The configuration has problems; all of them are listed at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.key}: {p.message}" for p in self.problems))


class KeyUnusable(CannotStart):
    """The key file is missing, unreadable, or not the one that sealed this database."""


class SchemaUnknown(CannotStart):
    """The database is of a schema version that this program does not know, or is not migrated."""
