"""National ids in the one spelling under which they are compared."""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.fi import hetu
from stdnum.nl import bsn

from sync.matching.normalise.text import clean
from sync.model import PartialDate

_LONGEST = 40
_SWEDISH_IN_FULL = re.compile(r"(?:18|19|20)[0-9]{6}\+?[0-9]{4}")
_A_HUNDRED_OLD = "1926"
"""Year of birth up to which a Swedish number of ten digits has a plus sign. A year that moves on with the calendar
would give one number two forms."""
_BSN_WITHOUT_ZERO = re.compile(r"[1-9][0-9]{7}")


@lru_cache(maxsize=4_096)  # a change is asked about its person's id again and again
def canonical_national_id(text: str) -> str | None:
    """Return a Finnish personal identity code in capitals without blanks around it, or None when it is not valid.

    All century signs are known (`+`, `-YXWVU`, `ABCDEF`), and so are the individual numbers 900-999, which are
    never given to a living person for good. The birth date and the check character must be right.
    """
    if len(text) > _LONGEST:
        return None
    try:
        number = str(hetu.validate(text, allow_temporary=True))
    except ValidationError:
        return None
    # The library takes any script's digits for digits.
    return number if number.isascii() else None


def comparable_id(text: str) -> str:
    """Return any country's id as it is compared: the canonical Finnish form, or else its letters and digits.

    The country is not told, so that only what is sure is brought together: blanks, hyphens and the like count for
    nothing (Norwegian, Estonian and Danish numbers need no more), a Swedish number of twelve digits becomes the one of
    ten, and a Dutch one gets back the zero that a spreadsheet took. A plus sign is kept, because it tells a century.
    """
    known = canonical_national_id(text)
    if known:
        return known
    kept = "".join(sign for sign in clean(text).upper() if sign.isalnum() or sign == "+")
    if _SWEDISH_IN_FULL.fullmatch(kept) and _is_swedish(kept.replace("+", "")):
        return f"{kept[2:8]}{'+' if kept[:4] <= _A_HUNDRED_OLD else ''}{kept[-4:]}"
    if _BSN_WITHOUT_ZERO.fullmatch(kept) and bsn.is_valid(kept):
        return f"0{kept}"
    # Composed once more: what is left out may have stood between two characters that belong together.
    return unicodedata.normalize("NFC", kept)


def _is_swedish(number: str) -> bool:
    """Check the date and the check digit of twelve; a coordination number has sixty added to its day."""
    day = int(number[6:8])
    try:
        date(int(number[:4]), int(number[4:6]), day - 60 if day > 60 else day)
    except ValueError:
        return False
    return bool(luhn.is_valid(number[2:]))


def birth_date_of(national_id: str) -> PartialDate | None:
    """Return the birth date that a canonical Finnish id carries; None for anything else."""
    if canonical_national_id(national_id) is None:
        return None
    day, month, year = (int(national_id[at : at + 2]) for at in (0, 2, 4))
    century = 1800 if national_id[6] == "+" else 2000 if national_id[6] in "ABCDEF" else 1900
    return PartialDate(century + year, month, day)


def sex_of(national_id: str) -> str | None:
    """Return the sex, `male` or `female`, that a canonical Finnish id carries; None for anything else."""
    if canonical_national_id(national_id) is None:
        return None
    return "male" if int(national_id[9]) % 2 else "female"
