"""Phone numbers as E.164."""

import re
from functools import lru_cache

import phonenumbers

from sync.matching.normalise.text import clean

_LONGEST = 40
_FEWEST_DIGITS = 5
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_UNKNOWN_REGION = "ZZ"
_ABROAD = re.compile(r"00(?=[1-9])")
"""How most of the world dials abroad (ITU-T E.164), for numbers of an unknown region."""


@lru_cache(maxsize=4_096)  # asked when it is read, when it is compared and when it is written
def canonical_phone(text: str, region: str = "FI") -> str | None:
    """Return the number as E.164, or None when it cannot be one.

    Args:
        text: as written; what is E.164 already is taken as it is.
        region: the country (ISO 3166-1 alpha-2, in any case) of numbers written without a country code: that of the
            person's own address, or else of the register or feed. Where neither is known, the empty text: then only
            numbers with a country code are numbers.
    """
    plain = clean(text)
    if len(plain) > _LONGEST:
        return None
    if _E164.fullmatch(plain):
        return plain
    known = region.upper() if region.upper() in phonenumbers.SUPPORTED_REGIONS else _UNKNOWN_REGION
    if known == _UNKNOWN_REGION:
        plain = _ABROAD.sub("+", plain, count=1) if _ABROAD.match(plain) else plain
    try:
        number = phonenumbers.parse(plain, known)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    canonical = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return canonical if _E164.fullmatch(canonical) else None


def comparable_phone(text: str, region: str = "FI") -> str:
    """Return any number as it is compared: E.164, or else its digits, which equal only the same digits.

    Empty when there are too few of them to be a number. Made-up and mistyped numbers, and those of an unknown region,
    are evidence too when both sides have them.
    """
    known = canonical_phone(text, region)
    if known:
        return known
    digits = "".join(sign for sign in clean(text) if sign in "0123456789")
    return digits if _FEWEST_DIGITS <= len(digits) <= _LONGEST else ""
