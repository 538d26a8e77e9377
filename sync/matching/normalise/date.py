"""Birth dates as digits, and the slips that people make in them."""

from rapidfuzz.distance import OSA

from sync.model import PartialDate

_DAY_DIGITS = 8


def digits(date: PartialDate) -> str:
    """Return `19521013`, `195210` or `1952`, as far as the date is known."""
    text = f"{date.year:04d}"
    if date.month is not None:
        text += f"{date.month:02d}"
    return text if date.day is None else f"{text}{date.day:02d}"


def turned(date: str) -> str | None:
    """Return the digits with day and month swapped; None when that is no other date."""
    if len(date) != _DAY_DIGITS or date[4:6] == date[6:]:
        return None
    return date[:4] + date[6:] + date[4:6] if date[6:] <= "12" else None


def is_slip(one: str, other: str) -> bool:
    """Tell whether two different days look like one, mistyped.

    One digit wrong, two neighbouring digits swapped, day and month swapped, or another century.
    """
    if len(one) != _DAY_DIGITS or len(other) != _DAY_DIGITS:
        return False
    if one[2:] == other[2:] or (one[:4] == other[:4] and one[4:6] == other[6:] and one[6:] == other[4:6]):
        return True
    # Of two texts of one length nothing else is one edit apart, optimal string alignment given.
    return OSA.distance(one, other, score_cutoff=1) == 1


def parts_agreeing(one: str, other: str) -> int:
    """Return how many of year, month and day agree (0 to 3); a part that either side does not know does not."""
    year, month, day = one[:4], one[4:6], one[6:8]
    return bool(year and year == other[:4]) + bool(month and month == other[4:6]) + bool(day and day == other[6:8])
