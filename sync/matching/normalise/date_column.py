"""Birth dates of a whole column, in whatever order it writes day, month and year."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from itertools import islice
from typing import Final

from sync.matching.normalise.text import clean
from sync.model import PartialDate

_LOOKED_AT = 100_000
"""Values that tell a column's order; more of them tell no more."""
_EARLIEST, _LATEST = 1850, 2099
"""Years that a birth is looked for in while the order is being told."""
_PIVOT = 30
"""Years of two digits below it are 20xx, the others 19xx. Fixed, so that a column reads alike on any day."""
_YEAR_DIGITS = 4

# "1965-10-13T00:00:00Z" and "19651013.0", which is how a spreadsheet or data frame hands dates on.
_TAIL = re.compile(r"(?<=[0-9])(?:[T ][0-9]{1,2}:[0-9:.]*(?:Z|[+-][0-9:]+)?|\.0)$")
_TOGETHER = re.compile(r"[0-9]{4}|[0-9]{6}|[0-9]{8}")
_APART = re.compile(r"([0-9]{1,4})[-./ ]{1,2}([0-9]{1,4}|[A-Za-z]{3,9})(?:[-./ ,]{1,2}([0-9]{1,4}))?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Order(Enum):
    """What the parts of a date mean: `y`, `m` and `d`, from first to last."""

    YEAR_MONTH_DAY = "ymd"
    DAY_MONTH_YEAR = "dmy"
    MONTH_DAY_YEAR = "mdy"
    YEAR_DAY_MONTH = "ydm"
    YEAR_MONTH = "ym"


EIGHT: Final = "eight digits"
SIX: Final = "six digits"
YEAR_FIRST: Final = "year first"
YEAR_LAST: Final = "year last"
SHORT: Final = "year of two digits"

_ORDERS: Mapping[str, tuple[Order, ...]] = {
    EIGHT: (Order.YEAR_MONTH_DAY, Order.DAY_MONTH_YEAR, Order.MONTH_DAY_YEAR, Order.YEAR_DAY_MONTH),
    SIX: (Order.YEAR_MONTH_DAY, Order.DAY_MONTH_YEAR, Order.MONTH_DAY_YEAR, Order.YEAR_MONTH),
    YEAR_FIRST: (Order.YEAR_MONTH_DAY, Order.YEAR_DAY_MONTH),
    YEAR_LAST: (Order.DAY_MONTH_YEAR, Order.MONTH_DAY_YEAR),
    SHORT: (Order.DAY_MONTH_YEAR, Order.MONTH_DAY_YEAR, Order.YEAR_MONTH_DAY),
}
"""The orders that each way of writing can have; where a column leaves it open, the first."""


@dataclass(frozen=True, slots=True)
class DateReader:
    """Reads the dates of one column.

    Attributes:
        orders: the column's order for each way of writing a date.
    """

    orders: Mapping[str, Order]

    def __call__(self, text: str) -> PartialDate | None:
        """Return the most precise date that the text can mean; None when not even the year is known.

        Zeros stand for an unknown part. Where there is no such day the month is still true, and where there is no
        such month the year is.
        """
        parts = self._parts(text)
        return _most_precise(*map(int, parts)) if parts else None

    def digits8(self, text: str) -> str:
        """Return year, month and day as eight digits, though there be no such day ("19651340"); "" if one is unknown.

        So a mistyped date stays comparable with the true one.
        """
        parts = self._parts(text)
        return "".join(parts) if parts and all(map(int, parts)) else ""

    def _parts(self, text: str) -> tuple[str, str, str] | None:
        raw = _cut(text)
        if len(raw) == 3 or (len(raw) == 1 and len(raw[0]) > _YEAR_DIGITS):
            return _arranged(raw, self.orders[_way(raw)])
        if len(raw) == 2:
            year, month = raw if len(raw[0]) == _YEAR_DIGITS else raw[::-1]
            return _checked(year, month, "0") if len(year) == _YEAR_DIGITS else None
        return _checked(raw[0], "0", "0") if raw else None


def date_reader(column: Iterable[str]) -> DateReader:
    """Tell from a whole column how it writes dates, and return what reads them.

    Each way of writing takes the order in which most of its values are real days of plausible years: one first part
    above 12 tells the day from the month for all its neighbours, and a few mistyped values change nothing.
    """
    votes: dict[str, Counter[Order]] = {way: Counter() for way in _ORDERS}
    for text in islice(column, _LOOKED_AT):
        raw = _cut(text)
        if len(raw) == 3 or (len(raw) == 1 and len(raw[0]) > _YEAR_DIGITS):
            way = _way(raw)
            votes[way].update(order for order in _ORDERS[way] if _is_plausible(_arranged(raw, order)))
    chosen = {way: max(orders, key=votes[way].__getitem__) for way, orders in _ORDERS.items()}
    if votes[EIGHT]:
        chosen[SIX] = Order.YEAR_MONTH  # beside whole dates, six digits are one whose day is not known
    return DateReader(chosen)


def _cut(text: str) -> tuple[str, ...]:
    """Return the parts of a date as they stand; one part when it is digits alone, none when it is no date."""
    plain = _TAIL.sub("", clean(text))
    if _TOGETHER.fullmatch(plain):
        return (plain,)
    found = _APART.fullmatch(plain)
    return tuple(part for part in found.groups() if part) if found else ()


def _way(raw: tuple[str, ...]) -> str:
    if len(raw) == 1:
        return EIGHT if len(raw[0]) > 6 else SIX
    if len(raw[0]) > 2:
        return YEAR_FIRST
    return YEAR_LAST if len(raw[2]) > 2 else SHORT


def _arranged(raw: tuple[str, ...], order: Order) -> tuple[str, str, str] | None:
    """Return year, month and day as digits; None when the parts cannot be these."""
    if len(raw) == 1:
        raw = _sliced(raw[0], order.value)
    part = dict(zip(order.value, raw, strict=True))
    return _checked(part["y"], part["m"], part.get("d", "0"))


def _sliced(digits: str, order: str) -> tuple[str, ...]:
    """Cut digits that stand together: all parts have two of them, but a year in full."""
    year_digits = len(digits) - 2 * (len(order) - 1)
    at, parts = 0, []
    for part in order:
        width = year_digits if part == "y" else 2
        parts.append(digits[at : at + width])
        at += width
    return tuple(parts)


def _checked(year: str, month: str, day: str) -> tuple[str, str, str] | None:
    """Return the parts with four, two and two digits; None where they have others."""
    if month[:3].casefold() in _MONTHS:
        month = str(_MONTHS.index(month[:3].casefold()) + 1)
    if len(year) == 2:
        year = f"{20 if int(year) < _PIVOT else 19}{year}"
    fits = len(year) == _YEAR_DIGITS and month.isdecimal() and day.isdecimal() and max(len(month), len(day)) <= 2
    return (year, month.zfill(2), day.zfill(2)) if fits else None


def _is_plausible(parts: tuple[str, str, str] | None) -> bool:
    if parts is None or not _EARLIEST <= int(parts[0]) <= _LATEST:
        return False
    try:
        date(int(parts[0]), int(parts[1]), int(parts[2]) or 1)
    except ValueError:
        return False
    return True


def _most_precise(year: int, month: int, day: int) -> PartialDate | None:
    known = (year, month, day) if month and day else (year, month) if month else (year,)
    for count in range(len(known), 0, -1):
        try:
            return PartialDate(*known[:count])
        except ValueError:
            continue
    return None
