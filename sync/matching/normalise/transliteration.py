"""Cyrillic and Greek letters written in Latin ones, as passports write them (ICAO 9303; ELOT 743 for Greek)."""
# ruff: noqa: RUF001 - letters that look like Latin ones are what this is about


def _table(pairs: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in pairs.split())


_RUSSIAN = _table(
    "а=a б=b в=v г=g д=d е=e ё=e ж=zh з=z и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh"
    " щ=shch ъ= ы=y ь= э=e ю=iu я=ia"
    # Ukrainian and Belarusian; Serbian and Macedonian; the Turkic languages that are written in Cyrillic.
    " ґ=g є=ie і=i ї=i ў=u ђ=dj ј=j љ=lj њ=nj ћ=c џ=dz ѕ=dz ѓ=g ќ=k ә=a ғ=g қ=k ң=n ө=o ұ=u ү=u һ=h"
)
_UKRAINIAN = _RUSSIAN | _table("г=h и=y")
_ONLY_UKRAINIAN = frozenset("єїґ")
_NEVER_UKRAINIAN = frozenset("ўыэёъәғқңөұүһ")
_GREEK = _table(
    "α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=y φ=f χ=ch ψ=ps ω=o"
    " ά=a έ=e ή=i ί=i ό=o ύ=y ώ=o ϊ=i ϋ=y ΐ=i ΰ=y"
)
_GREEK_TOGETHER = _table("γγ=ng γξ=nx γχ=nch ου=ou ού=ou αυ=av ευ=ev")
_GREEK_FIRST = _table("μπ=b ντ=nt")

_FIRST_GREEK = "\u0370"
_RUSSIAN_TABLE = str.maketrans(_RUSSIAN | _GREEK)
_UKRAINIAN_TABLE = str.maketrans(_UKRAINIAN | _GREEK)


def latin(text: str) -> str:
    """Return small letters with every Cyrillic and Greek one written in Latin; other scripts stay as they are.

    A word in Cyrillic does not tell its language. It is read as Ukrainian where it holds a letter that says so, and
    as Russian otherwise.
    """
    if max(text, default="") < _FIRST_GREEK:
        return text
    return " ".join(map(_latin_word, text.split(" ")))


def _latin_word(word: str) -> str:
    for together, written in _GREEK_TOGETHER.items():
        word = word.replace(together, written)
    for first, written in _GREEK_FIRST.items():
        if word.startswith(first):
            word = written + word[len(first) :]
    return word.translate(_UKRAINIAN_TABLE if _is_ukrainian(word) else _RUSSIAN_TABLE)


def _is_ukrainian(word: str) -> bool:
    """Tell Ukrainian by its own letters, or by the dotted i, where none of Belarusian, Kazakh or Russian stands by."""
    letters = frozenset(word)
    if letters & _ONLY_UKRAINIAN:
        return True
    return "і" in letters and not letters & _NEVER_UKRAINIAN
