"""The one final disposition of a change."""

from enum import StrEnum


class Outcome(StrEnum):
    """What became of a change. Every event that the cursor has passed has exactly one."""

    APPLIED = "applied"  # it altered what we hold to be true of a customer
    NO_CHANGE = "no_change"  # it said what we hold already; it confirms
    REVIEW = "review"  # a person decides
    NO_MATCH = "no_match"  # about nobody here; forgotten
    SUPERSEDED = "superseded"  # older than what we hold, or taken back; kept as history
    PARKED = "parked"  # waits until a ban or a restriction is lifted
    REFUSED = "refused"  # well-formed, and not acceptable
    DEAD_LETTER = "dead_letter"  # could not be read
