"""How people type what they hear: small, plausible mistakes."""

import random
import unicodedata

_ABBREVIATIONS = (("katu", "k."), ("tie", "t."), ("kuja", "kj."), ("polku", "p."), ("gatan", "g."), ("vägen", "v."))
_MARKS = str.maketrans(
    {"ä": "a", "ö": "o", "å": "a", "Ä": "A", "Ö": "O", "Å": "A", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L"}
)


def swap_letters(text: str, rng: random.Random) -> str:
    """Swap two neighbouring letters inside a word; a text too short stays."""
    places = [n for n in range(1, len(text) - 2) if text[n : n + 2].isalpha() and text[n] != text[n + 1]]
    if not places:
        return text
    place = rng.choice(places)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def drop_letter(text: str, rng: random.Random) -> str:
    """Leave out one letter inside a word; a text too short stays."""
    places = [n for n in range(1, len(text) - 1) if text[n].isalpha()]
    if len(places) < 3:
        return text
    place = rng.choice(places)
    return text[:place] + text[place + 1 :]


def fold(text: str) -> str:
    """Type without the marks above letters, as on a foreign keyboard."""
    plain = unicodedata.normalize("NFKD", text.translate(_MARKS))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def wrong_digit(text: str, rng: random.Random) -> str:
    """Hit a neighbouring key for one digit."""
    places = [n for n, letter in enumerate(text) if letter.isdigit()]
    if not places:
        return text
    place = rng.choice(places)
    return f"{text[:place]}{(int(text[place]) + rng.choice((1, 9))) % 10}{text[place + 1 :]}"


def abbreviate(street: str) -> str:
    """Shorten the last part of a street's name: Mannerheiminkatu, Mannerheimink."""
    for ending, short in _ABBREVIATIONS:
        if street.endswith(ending) and len(street) > len(ending) + 2:
            return street.removesuffix(ending) + short
    return street
