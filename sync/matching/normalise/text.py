"""Text as every other kind sees it: composed, on one line, of bounded length; and folded for comparing."""

import re
import unicodedata

LONGEST = 300
"""Characters of a value that are looked at; anything longer is no name, address or number of a person."""

_NOT_TEXT = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff]+")
_APART = re.compile(r"[\W_]+")
_APOSTROPHES = str.maketrans("", "", "'\u2019\u02bc`\u00b4")
# The letters with marks that Finnish registers hold most, and those that decomposing does not take to plain Latin ones.
_PLAIN: dict[int, int | str] = {
    **str.maketrans("äöåéèüáàóšžõøđðł\u0131", "aoaeeuaaoszooddli"),
    ord("æ"): "ae",
    ord("œ"): "oe",
    ord("þ"): "th",
}
_LAST_OF_LATIN_1 = "\u00ff"


def clean(text: str) -> str:
    """Return the text composed (NFC), blanks single, control, direction and surrogate characters taken out."""
    short = text[:LONGEST].strip()
    if short.isprintable() and "  " not in short and unicodedata.is_normalized("NFC", short):
        return short
    # Composing again: taking a character out may bring two others together.
    composed = _NOT_TEXT.sub(" ", unicodedata.normalize("NFC", short)).strip()
    return unicodedata.normalize("NFC", composed)[:LONGEST].strip()


def words(text: str) -> str:
    """Return the words in small letters with one blank between; hyphens part words, apostrophes do not."""
    if not text:
        return ""
    if text.isalnum() and len(text) <= LONGEST and max(text) <= _LAST_OF_LATIN_1:
        return text.casefold()
    apart = _APART.sub(" ", clean(text).casefold().translate(_APOSTROPHES)).strip()
    return apart if apart.isascii() else unicodedata.normalize("NFC", apart)


def unmark(plain: str) -> str:
    """Return words (as `words` gives them) without marks on letters."""
    if plain.isascii():
        return plain
    plain = plain.translate(_PLAIN)
    return plain if plain.isascii() else words(_without_marks(plain))


def fold(text: str) -> str:
    """Return the words without marks on letters: "Mäkelä-Øster" becomes "makela oster"."""
    return unmark(words(text))


def _without_marks(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text).casefold().translate(_PLAIN)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
