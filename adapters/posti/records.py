"""One line of a list: fixed positions, ISO-8859-1.

BAF has 256 bytes and begins with KATUN, PCF has 220 and begins with PONOT. The ranges of house numbers in a BAF line,
and a postcode's type and region in a PCF line, are not read: they say nothing of names.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sync.matching.normalise.bilingual import StreetPair, TownPair
from sync.ports.store import ListKind

_POSTCODE = re.compile(r"[0-9]{5}")
_MUNICIPALITY = re.compile(r"[0-9]{3}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class LineUnreadable(Exception):  # noqa: N818 - as our other errors
    """A line that is no record; the message says what is wrong and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one line says.

    Attributes:
        run_on: the day on which the list was made.
        postcode: five digits.
        street: its two names, either of which may be empty; None where the line is about no street.
        towns: postal town and municipality.
    """

    run_on: date
    postcode: str
    street: StreetPair | None
    towns: tuple[TownPair, TownPair]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the lines of one kind of list look.

    Attributes:
        kind: of list.
        mark: the record id that every line begins with.
        length: of a line in bytes, without its end.
        read: takes a line of that length apart.
    """

    kind: ListKind
    mark: str
    length: int
    read: Callable[[str], Entry]


def layout_of(line: bytes) -> Layout | None:
    """Tell which list a line is from, None when from neither."""
    return next((layout for layout in _LAYOUTS if line.startswith(layout.mark.encode())), None)


def read_line(layout: Layout, line: bytes) -> Entry:
    """Read a line without its end.

    Raises:
        LineUnreadable: not a record of this list.
    """
    if not line.startswith(layout.mark.encode()):
        raise LineUnreadable(f"does not begin with {layout.mark}")
    if len(line) != layout.length:
        hint = "; is it still ISO-8859-1?" if b"\xc3" in line else ""
        raise LineUnreadable(f"{len(line)} bytes long instead of {layout.length}{hint}")
    text = line.decode("iso-8859-1")
    if found := _CONTROL.search(text):
        raise LineUnreadable(f"a control character at position {found.start() + 1}")
    return layout.read(text)


def _baf(line: str) -> Entry:
    postcode, municipality = _postcode(line), _municipality(line, 214)
    fi, sv = _field(line, 103, 30), _field(line, 133, 30)
    towns = (_towns(postcode, line, 19, 30), _towns(postcode, line, 217, 20))
    street = StreetPair(postcode, municipality, fi, sv) if fi or sv else None
    return Entry(_run_on(line), postcode, street, towns)


def _pcf(line: str) -> Entry:
    postcode = _postcode(line)
    _municipality(line, 177)
    return Entry(_run_on(line), postcode, None, (_towns(postcode, line, 19, 30), _towns(postcode, line, 180, 20)))


_LAYOUTS = (Layout(ListKind.BAF, "KATUN", 256, _baf), Layout(ListKind.PCF, "PONOT", 220, _pcf))


def _field(line: str, begin: int, length: int) -> str:
    """Cut a field out; positions begin with 1."""
    return " ".join(line[begin - 1 : begin - 1 + length].split())


def _towns(postcode: str, line: str, begin: int, length: int) -> TownPair:
    return TownPair(postcode, _field(line, begin, length), _field(line, begin + length, length))


def _postcode(line: str) -> str:
    text = _field(line, 14, 5)
    if not _POSTCODE.fullmatch(text):
        raise LineUnreadable("no postcode at position 14")
    return text


def _municipality(line: str, begin: int) -> str:
    text = _field(line, begin, 3)
    if not _MUNICIPALITY.fullmatch(text):
        raise LineUnreadable(f"no municipality code at position {begin}")
    return text


def _run_on(line: str) -> date:
    try:
        return date.fromisoformat(_field(line, 6, 8))
    except ValueError:
        raise LineUnreadable("no date at position 6") from None
