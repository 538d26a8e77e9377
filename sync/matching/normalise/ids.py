"""National ids in the one spelling under which they are compared."""

from stdnum.exceptions import ValidationError
from stdnum.fi import hetu

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
