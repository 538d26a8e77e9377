"""One column's value: from whatever the register gives to a value of ours, and back into text."""

import re
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Literal

from sync.model import PartialDate

Cell = str | bool | PartialDate | datetime | None

_DAY_FIRST = re.compile(r"(?:(?:(\d{1,2})\.)?(\d{1,2})\.)?(\d{4})")
_MIDNIGHT = re.compile(r"[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00(?::?00)?)?$")
_YES = frozenset({"1", "true", "t", "yes", "y", "k", "kyllä", "on", "ja", "j"})
_NO = frozenset({"0", "false", "f", "no", "n", "e", "ei", "nej"})


class UnreadableCell(Exception):  # noqa: N818 - says what is the matter, as the port's own word does
    """A column holds something that cannot be read. Carries our name of the column and a code, never the value."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


class Unprintable(Exception):  # noqa: N818 - named by what the caller does next
    """A value has no form in the mapped columns. Carries a reason code, never the value."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def text_of(raw: object) -> str | None:
    """Return the text without blanks around it; None when nothing is left."""
    match raw:
        case None:
            return None
        case str():
            text = raw
        case bool():
            text = str(int(raw))
        case Decimal() | float() if raw == int(raw):
            text = str(int(raw))
        case bytes() | bytearray() | memoryview():
            # A binary collation makes some drivers give text as bytes.
            text = bytes(raw).decode("utf-8")
        case _:
            text = str(raw)
    return text.strip() or None


def date_of(raw: object) -> PartialDate | None:
    """Read a date column, or text as `1952-10-13`, `1952-10`, `1952` or `13.10.1952`.

    Raises:
        ValueError: any other form, or no such date.
    """
    if isinstance(raw, date):  # a datetime is one, too
        return PartialDate(raw.year, raw.month, raw.day)
    text = text_of(raw)
    if text is None:
        return None
    found = _DAY_FIRST.fullmatch(text)
    if found is None:
        return PartialDate.parse(_MIDNIGHT.sub("", text))
    day, month, year = (int(part) if part else None for part in found.groups())
    return PartialDate(int(found[3]) if year is None else year, month, day)


def print_date(value: PartialDate, form: Literal["iso", "d.m.yyyy"]) -> str:
    """Print a date as text, as much of it as is known."""
    if form == "iso":
        return str(value)
    return ".".join(str(part) for part in (value.day, value.month, f"{value.year:04d}") if part is not None)


def yes_no_of(raw: object, *, yes: str = "1", no: str = "0") -> bool | None:
    """Read a boolean column, a number, or one of the usual words for yes and no.

    Raises:
        ValueError: anything else.
    """
    if isinstance(raw, bytes) and raw in {b"\x00", b"\x01"}:  # MySQL's BIT(1)
        return raw == b"\x01"
    text = text_of(raw)
    if text is None:
        return None
    word = text.casefold()
    if word == yes.casefold() or (word in _YES and word != no.casefold()):
        return True
    if word == no.casefold() or word in _NO:
        return False
    raise ValueError("neither yes nor no")


def moment_of(raw: object, zone: tzinfo) -> datetime | None:
    """Read a time column, or text in ISO 8601, into UTC; one that does not tell its zone is taken in `zone`.

    Raises:
        ValueError: any other form.
    """
    if isinstance(raw, datetime):
        moment = raw
    elif isinstance(raw, date):
        moment = datetime(raw.year, raw.month, raw.day, tzinfo=zone)
    else:
        text = text_of(raw)
        if text is None:
            return None
        moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
