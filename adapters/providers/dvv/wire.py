"""The register's common value shapes: texts, dates, instants, ids. Tolerant of form, strict about meaning."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from sync.errors import PageMalformed
from sync.matching.normalise.ids import canonical_national_id
from sync.model import PartialDate, Text

Group = Mapping[str, Any]
"""One object of `tietoryhmat`."""

TURVAKIELTO = "TURVAKIELTO"
LISATIETO = "LISATIETO"
LISATTY = "LISATTY"
MUUTETTU = "MUUTETTU"
POISTETTU = "POISTETTU"
KORJATTAVA = "KORJATTAVA"
KORJATTU = "KORJATTU"
ATTRIBUTES = frozenset({LISATIETO, LISATTY, MUUTETTU, POISTETTU, KORJATTAVA, KORJATTU})

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_encode_sorted = msgspec.json.Encoder(order="sorted").encode
_HELSINKI = ZoneInfo("Europe/Helsinki")
_HETU = re.compile(r"[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y]")
_GROUP_NAME = re.compile(r"[A-Z0-9_]{1,60}")
_UNNAMED = "UNNAMED"
_KEY_DIGITS = 19  # an int64
_NO_END_YEAR = 2100  # ends such as 2120-02-28 and 2999-02-28 say that none is known


class Unreadable(Exception):  # noqa: N818 - it says what is the matter with an item, it stops nothing
    """Something in an element cannot be read.

    Attributes:
        reason: code in snake_case, without any text of the payload.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_json(body: bytes) -> Any:
    """Read a body.

    Raises:
        PageMalformed: not JSON. The error does not hold on to the body, as the parser's own would.
    """
    with suppress(ValueError, RecursionError):
        try:
            return msgspec.json.decode(body)
        except ValueError:  # half a character, a number without bounds: only the slower library takes them
            return json.loads(body)
    raise PageMalformed("the body is not JSON")


def canonical(value: Any) -> bytes:
    """Write a JSON value in one way only: sorted keys, no blanks, ASCII.

    Raises:
        PageMalformed: nested deeper than any protocol is.
    """
    with suppress(RecursionError):
        return _encode(value).encode()
    raise PageMalformed("the body is nested too deep")


def digest(value: Any) -> str:
    """Return the SHA-256 of a JSON value in hexadecimal, the same however its keys are ordered.

    Raises:
        PageMalformed: nested deeper than any protocol is.
    """
    try:
        text = _encode_sorted(value)
    except (ValueError, OverflowError, RecursionError):  # as above
        text = canonical(value)
    return hashlib.sha256(text).hexdigest()


def log_key(value: Any) -> int:
    """Read a `viimeisinKirjausavain`, number or string.

    Raises:
        PageMalformed: neither.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_KEY_DIGITS:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _KEY_DIGITS:
        return int(value)
    raise PageMalformed("the answer has no viimeisinKirjausavain")


def group_name(group: Group) -> str:
    """Return the name of a group, `UNNAMED` for anything that is not a plain name."""
    name = group.get("tietoryhma")
    return _plain_name(name) if isinstance(name, str) else _UNNAMED


@lru_cache(maxsize=256)  # a few dozen names, each asked for many times in every element
def _plain_name(name: str) -> str:
    return name if _GROUP_NAME.fullmatch(name) else _UNNAMED


def attribute(group: Group) -> str | None:
    """Return the `muutosattribuutti`, None in base data; what is no text counts as an unknown one."""
    value = group.get("muutosattribuutti")
    return value if value is None or isinstance(value, str) else "UNKNOWN"


def still_valid(group: Group) -> tuple[Group, ...]:
    """Return the entries of `voimassaolevatTiedot`: what still holds after a removal.

    Raises:
        Unreadable: it is there and is no list of objects.
    """
    entries = group.get("voimassaolevatTiedot")
    if entries is None:
        return ()
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Unreadable("still_valid_malformed")
    return tuple(entries)


def clean(value: str) -> str | None:
    """Return a text with single blanks and composed letters, None when nothing is left.

    Raises:
        Unreadable: it holds control characters or halves of characters.
    """
    text = unicodedata.normalize("NFC", " ".join(value.split()))
    if not text.isprintable() and any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise Unreadable("text_malformed")
    return text or None


def text(group: Group, *keys: str) -> str | None:
    """Return the text under the first key that has one; a number is read as its digits.

    Raises:
        Unreadable: there is something else than a text.
    """
    for key in keys:
        value = group.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if value is not None and not isinstance(value, str):
            raise Unreadable("text_malformed")
        found = clean(value) if value else None
        if found:
            return found
    return None


def place(group: Group, *keys: str) -> Text | None:
    """Return the text in two languages under the first key that has one; a plain text is taken for Finnish.

    Raises:
        Unreadable: there is something else.
    """
    for key in keys:
        value = group.get(key)
        forms = value if isinstance(value, dict) else {"fi": value}
        fi, sv = text(forms, "fi"), text(forms, "sv")
        if fi or sv:
            return Text(fi=fi, sv=sv)
    return None


def day(group: Group, key: str) -> PartialDate | None:
    """Return the date under the key, to its `tarkkuus`.

    Raises:
        Unreadable: no such date, or a precision that is not known.
    """
    value = group.get(key)
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("arvo"), str):
        raise Unreadable("date_malformed")
    with suppress(ValueError):
        whole = PartialDate.parse(value["arvo"])
        return _to_precision(whole, value.get("tarkkuus"))
    raise Unreadable("date_malformed")


def _to_precision(whole: PartialDate, precision: Any) -> PartialDate:
    # `arvo` is a full date whatever the precision; its surplus parts are filled in with 01.
    if precision == "PAIVA" and whole.day is not None:
        return whole
    if precision == "KUUKAUSI" and whole.month is not None:
        return PartialDate(whole.year, whole.month)
    if precision == "VUOSI":
        return PartialDate(whole.year)
    known = precision in ("PAIVA", "KUUKAUSI")
    raise Unreadable("date_malformed" if known else "date_precision_unknown")


def is_known_end(end: PartialDate | None) -> bool:
    """Tell whether a `loppupv` is there and means a day that somebody knows."""
    return end is not None and end.year < _NO_END_YEAR


def instant(value: Any) -> datetime | None:
    """Read a `muutospv`, an ISO 8601 instant, into UTC.

    Raises:
        Unreadable: no instant, or one without a zone.
    """
    if value is None:
        return None
    with suppress(ValueError, OverflowError, TypeError):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    raise Unreadable("recorded_at_malformed")


def finnish_day(moment: datetime) -> date:
    """Return the day that it was in Finland: the register writes midnights there as 21:00 or 22:00 UTC."""
    with suppress(OverflowError):
        return moment.astimezone(_HELSINKI).date()
    return moment.date()


def looks_like_national_id(value: str) -> bool:
    """Tell whether it has the form of a Finnish personal identity code; quick enough for every id of a register."""
    return _HETU.fullmatch(value) is not None


def national_id(value: Any) -> str | None:
    """Return a personal identity code in its canonical spelling, None when there is none.

    Raises:
        Unreadable: it is not a valid one.
    """
    if value is None:
        return None
    code = canonical_national_id(value) if isinstance(value, str) else None
    if code is None:
        raise Unreadable("national_id_malformed")
    return code


def national_ids(value: Any) -> Iterator[str]:
    """Yield the codes of a list such as `edellisetHenkilotunnukset`.

    Raises:
        Unreadable: no list, or an entry that is no code.
    """
    if value is not None and not isinstance(value, list):
        raise Unreadable("national_id_malformed")
    for entry in value or ():
        code = national_id(entry)
        if code:
            yield code
