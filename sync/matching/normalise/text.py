"""Text as every other kind sees it: composed, on one line, of bounded length."""

import re
import unicodedata

LONGEST = 300
"""Characters of a value that are looked at; anything longer is no name, address or number of a person."""

_NOT_TEXT = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff]+")


def clean(text: str) -> str:
    """Return the text composed (NFC), blanks single, control, direction and surrogate characters taken out."""
    short = text[:LONGEST]
    if short.isascii() and short.isprintable() and "  " not in short:
        return short.strip()
    # Composing first: taking a character out may bring two others together, so that it is composed again.
    composed = _NOT_TEXT.sub(" ", unicodedata.normalize("NFC", short)).strip()
    return unicodedata.normalize("NFC", composed)[:LONGEST].strip()
