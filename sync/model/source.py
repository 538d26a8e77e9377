"""Who said so."""

from enum import StrEnum


class Source(StrEnum):
    """The kind of speaker behind a fact, highest precedence first (see `precedence`)."""

    CUSTOMER = "customer"  # told us, identity checked
    STAFF = "staff"  # typed into the register while we watched
    POPULATION_REGISTER = "population_register"
    POSTAL_OPERATOR = "postal_operator"
    RETURNED_MAIL = "returned_mail"  # evidence only: makes stale, never changes a value
    REGISTER = "register"  # stood in the register when we first read it: nobody knows since when

    @property
    def precedence(self) -> int:
        """Rank among facts of the same date; the lower wins."""
        return _PRECEDENCE[self]


_PRECEDENCE = {source: rank for rank, source in enumerate(Source)}
