"""Our own comparisons, said as conditions on the columns of `splink_row`, exactly as `compare` decides them.

Splink takes the first level that holds. Ours come in such an order that this is the level that `compare` finds; where a
field is missing in more than one way, several null levels stand between them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from sync.matching.compare.level import (
    ALL_EQUAL,
    DIFFERENT,
    EQUAL,
    EQUAL_FOLDED,
    EQUAL_ROMANISED,
    FAINT,
    FIRST_NAME,
    INITIAL,
    MISSING,
    ONE_PART,
    SAME_MONTH,
    SAME_YEAR,
    SECOND_NAME,
    SIMILAR,
    SIMILAR_HIGH,
    SWAPPED,
    TWO_PARTS,
    Level,
)
from sync.matching.compare.names import ALIKE, ALMOST, FAINTLY, SHORT
from sync.matching.splink.columns import FURTHER
from sync.matching.splink.conditions import canonical, parse_condition


@dataclass(frozen=True, slots=True)
class Saying:
    """One level as a condition.

    Attributes:
        level: as `compare` names it.
        sql: the condition.
        crosswise: it is what surname and given name say in each other's place; the same level is said straight, too.
    """

    level: Level
    sql: str
    crosswise: bool = False


Said = Sequence[Saying]
"""Levels in the order in which they are asked; the last one is `ELSE`."""

ELSE = "ELSE"
LEFT_OUT: Mapping[str, str] = MappingProxyType(
    {
        "address": "homes are compared door by door, in two languages and with several homes a person: no condition on "
        "columns says that"
    }
)
"""Comparisons that cannot be said, and why."""


def _same(column: str) -> str:
    return f"{column}_l = {column}_r"


def _missing(column: str) -> str:
    return f"{column}_l IS NULL OR {column}_r IS NULL"


def _alike(one: str, other: str, least: float) -> str:
    return f"jaro_winkler_similarity({one}, {other}) >= {least}"


def _slip(one: str, other: str) -> str:
    near = f"{_alike(one, other, ALMOST)} OR damerau_levenshtein({one}, {other}) <= 1"
    return f"(length({one}) >= 4 AND length({other}) >= 4 AND ({near}))"


def _similar(one: str, other: str) -> str:
    short_slip = f"length({one}) >= {SHORT} AND length({other}) >= {SHORT} AND damerau_levenshtein({one}, {other}) <= 1"
    return f"({_alike(one, other, ALIKE)} OR ({short_slip} AND {_alike(one, other, FAINTLY)}))"


def _any_of(*conditions: str) -> str:
    return " OR ".join(conditions)


def _all_of(*conditions: str) -> str:
    return " AND ".join(f"({condition})" for condition in conditions)


class _Crossed:
    """One side's surname against the other's given names."""

    def __init__(self, surname_of: str, given_of: str) -> None:
        surname, head, together = f"surname_folded_{surname_of}", f"given_head_{given_of}", f"given_together_{given_of}"
        contained = f"list_contains(given_set_{given_of}, {surname})"
        self._two = surname, head
        self.equal = f"{surname} = {head} OR {surname} = {together}"
        self.second = f"({contained} AND {surname} <> {head} AND {surname} <> {together})"
        self.near = _any_of(self.equal, contained, _slip(surname, head))

        self.similar = _similar(*self._two)
        self.faint = _alike(*self._two, FAINTLY)


_SURNAME_HOLDS = _any_of(
    _same("surname"),
    _same("surname_folded"),
    _same("surname_romanised"),
    _slip("surname_known_l", "surname_known_r"),
    "list_has_any(surname_parts_l, surname_parts_r)",
)
_GIVEN_EQUAL = _any_of(_same("given_names"), "given_single_l = given_calling_r", "given_single_r = given_calling_l")
_GIVEN_WITHIN = "list_has_all(given_set_l, given_set_r) OR list_has_all(given_set_r, given_set_l)"
_BY_INITIALS = "list_has_all(given_and_initials_r, given_set_l) OR list_has_all(given_and_initials_l, given_set_r)"
_INITIAL = _all_of(
    "length(given_head_known_l) = 1 OR length(given_head_known_r) = 1",
    "substr(given_head_known_l, 1, 1) = substr(given_head_known_r, 1, 1)",
)
_GIVEN_HOLD = _any_of(
    _GIVEN_EQUAL,
    _GIVEN_WITHIN,
    _same("given_together"),
    _same("given_head"),
    _same("given_head_romanised"),
    _slip("given_head_known_l", "given_head_known_r"),
    f"({_INITIAL})",
)
_FURTHER_FIT = _any_of(
    "list_has_any(given_further_l, given_further_r)",
    "list_has_any(given_further_initials_l, given_further_letters_r)",
    "list_has_any(given_further_letters_l, given_further_initials_r)",
    *(_slip(f"{one}_l", f"{other}_r") for one in FURTHER for other in FURTHER),
)
_CONTRADICT = f"given_further_l IS NOT NULL AND given_further_r IS NOT NULL AND ({_FURTHER_FIT}) IS NOT TRUE"
_FIRST_SIMILAR = _any_of(_same("given_head"), _slip("given_head_known_l", "given_head_known_r"))
_LEFT, _RIGHT = _Crossed("l", "r"), _Crossed("r", "l")
_SWAP = _any_of(_LEFT.near, _RIGHT.near)
_NOT_STRAIGHT = f"({_SURNAME_HOLDS}) IS NOT TRUE"


_CROSSED_SIMILAR = _any_of(_all_of(_LEFT.near, _RIGHT.similar), _all_of(_RIGHT.near, _LEFT.similar))
_CROSSED_FAINT = _any_of(_all_of(_LEFT.near, _RIGHT.faint), _all_of(_RIGHT.near, _LEFT.faint))


def _crosswise(level: Level, *conditions: str) -> Saying:
    return Saying(level, f"{_all_of(*conditions)} AND {_NOT_STRAIGHT}", crosswise=True)


_SURNAME: Said = (
    Saying(EQUAL, _same("surname")),
    Saying(EQUAL_FOLDED, _same("surname_folded")),
    Saying(EQUAL_ROMANISED, _same("surname_romanised")),
    Saying(SIMILAR_HIGH, _slip("surname_known_l", "surname_known_r")),
    Saying(ONE_PART, "list_has_any(surname_parts_l, surname_parts_r)"),
    Saying(SWAPPED, f"({_SWAP}) AND ({_GIVEN_HOLD}) IS NOT TRUE"),
    Saying(MISSING, _missing("surname_known")),
    Saying(SIMILAR, _similar("surname_known_l", "surname_known_r")),
    Saying(FAINT, _alike("surname_known_l", "surname_known_r", FAINTLY)),
    Saying(DIFFERENT, ELSE),
)
_GIVEN_NAMES: Said = (
    Saying(MISSING, _missing("given_set")),
    Saying(ALL_EQUAL, _same("given_several")),
    Saying(EQUAL, _GIVEN_EQUAL),
    Saying(
        EQUAL_FOLDED,
        _any_of(
            _same("given_set"),
            _all_of(_same("given_head"), _any_of(_GIVEN_WITHIN, _BY_INITIALS)),
            _all_of(_same("given_together"), f"({_GIVEN_WITHIN}) IS NOT TRUE"),
        ),
    ),
    Saying(SECOND_NAME, _GIVEN_WITHIN),
    Saying(EQUAL_ROMANISED, _all_of(_same("given_head_romanised"), "given_head_l <> given_head_r")),
    Saying(FIRST_NAME, f"({_FIRST_SIMILAR}) AND {_CONTRADICT}"),
    Saying(SIMILAR_HIGH, _FIRST_SIMILAR),
    Saying(INITIAL, _INITIAL),
    _crosswise(EQUAL, _LEFT.equal, _RIGHT.equal),
    _crosswise(SECOND_NAME, _LEFT.near, _RIGHT.near, _any_of(_LEFT.second, _RIGHT.second)),
    _crosswise(SIMILAR_HIGH, _LEFT.near, _RIGHT.near),
    _crosswise(MISSING, _SWAP, _missing("surname_folded")),
    _crosswise(SIMILAR, _CROSSED_SIMILAR),
    _crosswise(FAINT, _CROSSED_FAINT),
    _crosswise(DIFFERENT, _SWAP),
    Saying(MISSING, _missing("given_head_word")),
    Saying(SIMILAR, _similar("given_head_known_l", "given_head_known_r")),
    Saying(FAINT, _alike("given_head_known_l", "given_head_known_r", FAINTLY)),
    Saying(DIFFERENT, ELSE),
)
_BIRTH_DATE: Said = (
    Saying(MISSING, _missing("birth_year")),
    Saying(EQUAL, _same("birth_date")),
    Saying(SAME_MONTH, _all_of(_missing("birth_date"), _same("birth_month"))),
    Saying(
        SIMILAR_HIGH,
        _any_of(
            "damerau_levenshtein(birth_date_l, birth_date_r) <= 1",
            "substr(birth_date_l, 3, 6) = substr(birth_date_r, 3, 6)",
            "(substr(birth_date_l, 1, 4) = substr(birth_date_r, 1, 4) "
            "AND substr(birth_date_l, 5, 2) = substr(birth_date_r, 7, 2) "
            "AND substr(birth_date_l, 7, 2) = substr(birth_date_r, 5, 2))",
        ),
    ),
    Saying(SAME_YEAR, _all_of(_missing("birth_month"), _same("birth_year"))),
    Saying(
        TWO_PARTS,
        _any_of(
            "damerau_levenshtein(birth_date_l, birth_date_r) <= 2",
            "substr(birth_date_l, 1, 6) = substr(birth_date_r, 1, 6)",
            "substr(birth_date_l, 5, 4) = substr(birth_date_r, 5, 4)",
            "(substr(birth_date_l, 1, 4) = substr(birth_date_r, 1, 4) "
            "AND substr(birth_date_l, 7, 2) = substr(birth_date_r, 7, 2))",
        ),
    ),
    Saying(DIFFERENT, ELSE),
)
_PHONE: Said = (
    Saying(MISSING, _missing("phone")),
    Saying(EQUAL, _same("phone")),
    Saying(SIMILAR, "damerau_levenshtein(phone_l, phone_r) <= 1"),
    Saying(DIFFERENT, ELSE),
)
_EMAIL: Said = (
    Saying(MISSING, _missing("email")),
    Saying(EQUAL, _same("email")),
    Saying(EQUAL_FOLDED, _same("mailbox")),
    Saying(
        SIMILAR,
        _all_of(
            "damerau_levenshtein(email_l, email_r) <= 1",
            "(email_host_of_own_name_l = email_host_of_own_name_r) IS NOT TRUE",
        ),
    ),
    Saying(DIFFERENT, ELSE),
)
_SEX: Said = (Saying(MISSING, _missing("sex")), Saying(EQUAL, _same("sex")), Saying(DIFFERENT, ELSE))

SAID: Mapping[str, Said] = MappingProxyType(
    {
        "surname": _SURNAME,
        "given_names": _GIVEN_NAMES,
        "birth_date": _BIRTH_DATE,
        "phone": _PHONE,
        "email": _EMAIL,
        "sex": _SEX,
    }
)
"""Every comparison that can be said, with its levels."""


@cache
def meaning(saying: Saying) -> str:
    """Return one text for all ways to write this condition."""
    return ELSE if saying.sql == ELSE else canonical(parse_condition(saying.sql, saying.level))
