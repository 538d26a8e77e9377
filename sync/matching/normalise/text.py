"""Text as every other kind sees it: composed, on one line, of bounded length; and folded for comparing."""

import re
import unicodedata
from functools import lru_cache

LONGEST = 300
"""Characters of a value that are looked at; anything longer is no name, address or number of a person."""

_TEXTS_KEPT = 8_192

_NOT_TEXT = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff]+")
_APART = re.compile(r"[\W_]+")
_APOSTROPHES = str.maketrans("", "", "'\u2019\u02bc`\u00b4")
# The letters with marks that Finnish registers hold most, and those that decomposing does not take to plain Latin ones.
_PLAIN: dict[int, int | str] = {
    **str.maketrans("äöåéèüáàóšžõøđðł\u0131ħŧŋə", "aoaeeuaaoszooddlihtna"),
    ord("æ"): "ae",
    ord("œ"): "oe",
    ord("þ"): "th",
}
_LAST_OF_LATIN_1 = "\u00ff"


def clean(text: str) -> str:
    """Return the text composed (NFC), blanks single, control, direction and surrogate characters taken out."""
    if text.isalnum() and text.isascii() and len(text) <= LONGEST:
        return text
    short = text[:LONGEST].strip()
    if short.isprintable() and "  " not in short and unicodedata.is_normalized("NFC", short):
        return short
    # Composing again: taking a character out may bring two others together.
    composed = _NOT_TEXT.sub(" ", unicodedata.normalize("NFC", short)).strip()
    return unicodedata.normalize("NFC", composed)[:LONGEST].strip()


@lru_cache(maxsize=_TEXTS_KEPT)  # names, streets and towns: the common ones come again and again
def words(text: str) -> str:
    """Return the words in small letters with one blank between; hyphens part words, apostrophes do not."""
    if not text:
        return ""
    if (text.isalnum() or _are_plain_words(text)) and len(text) <= LONGEST and max(text) <= _LAST_OF_LATIN_1:
        return text.replace("-", " ").casefold()
    plain = clean(text).casefold().translate(_APOSTROPHES)
    if plain.isascii() or max(plain) <= _LAST_OF_LATIN_1:
        return _APART.sub(" ", plain).strip()
    parts = (_from_first_letter(part) for part in "".join(map(_kept, plain)).split())
    return unicodedata.normalize("NFC", " ".join(filter(None, parts)))


def _are_plain_words(text: str) -> bool:
    """Tell letters and digits with one blank or hyphen between, which most values are, without taking them apart."""
    spaced = text.replace("-", " ")
    return "  " not in spaced and spaced[0] != " " != spaced[-1] and spaced.replace(" ", "").isalnum()


def _kept(sign: str) -> str:
    """Return letters, digits and the marks on them, which the regular expressions take for blanks."""
    return sign if sign.isalnum() or unicodedata.category(sign)[0] == "M" else " "


def _from_first_letter(part: str) -> str:
    """Leave out marks that stand on nothing: written together, words would take them for theirs."""
    return next((part[at:] for at, sign in enumerate(part) if sign.isalnum()), "")


def unmark(plain: str) -> str:
    """Return words (as `words` gives them) without marks on letters."""
    if plain.isascii():
        return plain
    plain = plain.translate(_PLAIN)
    return plain if plain.isascii() else words(_without_marks(plain))


@lru_cache(maxsize=_TEXTS_KEPT)
def fold(text: str) -> str:
    """Return the words without marks on letters: "Mäkelä-Øster" becomes "makela oster"."""
    return unmark(words(text))


def _without_marks(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text).casefold().translate(_PLAIN)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
