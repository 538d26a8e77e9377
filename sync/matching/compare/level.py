"""The ordered levels of agreement, and what a comparison finds."""

from typing import Final, Literal

Level = Literal[
    "all_equal",
    "equal",
    "equal_folded",
    "equal_romanised",
    "swapped",
    "nickname",
    "second_name",
    "similar_high",
    "first_name",
    "one_part",
    "initial",
    "similar",
    "faint",
    "same_house",
    "same_street",
    "same_area",
    "same_postcode",
    "similar_postcode",
    "same_town",
    "same_region",
    "same_month",
    "same_year",
    "of_household",
    "two_parts",
    "different",
    "missing",
]

ALL_EQUAL: Final = "all_equal"  # several given names, every one the same
EQUAL: Final = "equal"  # as written, but for case and blanks
EQUAL_FOLDED: Final = "equal_folded"  # the same, spelled, ordered or abbreviated otherwise
EQUAL_ROMANISED: Final = "equal_romanised"  # two spellings of one name in Latin letters: Juri, Yuri
SWAPPED: Final = "swapped"  # surname and given name stand in each other's place
NICKNAME: Final = "nickname"  # two names that one person often goes by, as training learned
SECOND_NAME: Final = "second_name"  # the name of one stands among the further names of the other: fathers and sons, too
SIMILAR_HIGH: Final = "similar_high"  # what one slip of the pen makes of it
FIRST_NAME: Final = "first_name"  # the first names are one or nearly so, the further ones contradict
ONE_PART: Final = "one_part"  # one part of a double name
INITIAL: Final = "initial"  # a lone initial that fits
SIMILAR: Final = "similar"  # much in common
FAINT: Final = "faint"  # something in common
SAME_HOUSE: Final = "same_house"  # one house, with the flat left out, or one door, mistyped
SAME_STREET: Final = "same_street"  # one street of one town, another number or flat
SAME_AREA: Final = "same_area"  # postcode and town
SAME_POSTCODE: Final = "same_postcode"
SIMILAR_POSTCODE: Final = "similar_postcode"  # one slip apart
SAME_TOWN: Final = "same_town"
SAME_REGION: Final = "same_region"
SAME_MONTH: Final = "same_month"  # year and month agree; no more is known
SAME_YEAR: Final = "same_year"  # the year agrees; no more is known
OF_HOUSEHOLD: Final = "of_household"  # another date, but one that somebody else of the household has
TWO_PARTS: Final = "two_parts"  # two of year, month and day agree
DIFFERENT: Final = "different"
MISSING: Final = "missing"  # either side has nothing to compare

Finding = tuple[Level, str, str]
"""A level, and the two values that were compared, where it matters how common they are; else two empty texts."""
