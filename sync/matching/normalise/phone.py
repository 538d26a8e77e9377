"""Phone numbers as E.164."""

import re

import phonenumbers

from sync.matching.normalise.text import clean

_LONGEST = 40
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def canonical_phone(text: str, region: str = "FI") -> str | None:
    """Return the number as E.164, or None when it cannot be one.

    Args:
        text: as written; what is E.164 already is taken as it is.
        region: the country (ISO 3166-1 alpha-2) of numbers written without a country code.
    """
    plain = clean(text)
    if len(plain) > _LONGEST:
        return None
    if _E164.fullmatch(plain):
        return plain
    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    canonical = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return canonical if _E164.fullmatch(canonical) else None
