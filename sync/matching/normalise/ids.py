"""National ids in the one spelling under which they are compared."""

import unicodedata

from stdnum.exceptions import ValidationError
from stdnum.fi import hetu

from sync.matching.normalise.text import clean
from sync.model import PartialDate

_LONGEST = 40


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
    """Return any country's id as it is compared: the canonical Finnish form, or else its letters, digits and signs."""
    known = canonical_national_id(text)
    if known:
        return known
    # Composed once more: what is left out may have stood between two characters that belong together.
    kept = "".join(sign for sign in clean(text).upper() if sign.isalnum() or sign in "+-")
    return unicodedata.normalize("NFC", kept)


def birth_date_of(national_id: str) -> PartialDate | None:
    """Return the birth date that a canonical Finnish id carries; None for anything else."""
    if canonical_national_id(national_id) is None:
        return None
    day, month, year = (int(national_id[at : at + 2]) for at in (0, 2, 4))
    century = 1800 if national_id[6] == "+" else 2000 if national_id[6] in "ABCDEF" else 1900
    return PartialDate(century + year, month, day)
