"""The ordered levels of agreement."""

from typing import Final, Literal

Level = Literal["equal", "equal_folded", "similar_high", "similar", "different", "missing"]

EQUAL: Final = "equal"  # as written, but for case and blanks
EQUAL_FOLDED: Final = "equal_folded"  # the same, spelled, ordered or abbreviated otherwise
SIMILAR_HIGH: Final = "similar_high"  # what one slip of the pen makes of it
SIMILAR: Final = "similar"  # something in common
DIFFERENT: Final = "different"
MISSING: Final = "missing"  # either side has nothing to compare

ORDER: Final[tuple[Level, ...]] = (EQUAL, EQUAL_FOLDED, SIMILAR_HIGH, SIMILAR, DIFFERENT)
"""From the most agreement to the least; `missing` is none of them."""
