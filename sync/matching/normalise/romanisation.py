"""One form for all the ways in which a foreign name is written in Latin letters.

Shcherbakov, Štšerbakov, Schtscherbakow and Sjtjerbakov are one name, and so are Yuri, Juri, Jurij, Iurii and Yury: it
depends on the country that wrote the passport. The form is coarse (Carl is Karl, Alexander is Aleksander): it is a
second chance for names that are not equal already, and what blocking keys are made of, never a name's only form.
"""

import re
from functools import lru_cache

_WORDS_KEPT = 16_384
_SHORTEST = 4
"""Below it a word has no room for clusters: Khan is not Han, Shi is not Si."""

# Capitals stand for sounds that are settled: C as in Chekhov and Tsoi, J for one that stays j. Marks are gone already:
# the Finnish š is an s here, and so is every sh.
_LETTERS = str.maketrans({"w": "v", "x": "ks"})
_CH_IS_KH = re.compile(r"sch|cz|sz|j|[oe]wa?$")  # as Germans, Poles, Czechs and Swedes write
_CH_IS_CH = re.compile(r"sh|zh|kh|[aeiou]y|y[aeiou]")
CLUSTERS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"schtsch|sh?chtsch|shtsh|shch|szcz|sjtj|stsch|chtch|sts", "sC"),
        (r"tsch|tsh|tch|cz|^tj(?=[aeiou])|tj(?=ova?$|enko$)|(?<=v[iy])tj$", "C"),
        (r"sch|sh|sz|^sj(?=[aeiu])|sj(?![aeiou])", "s"),
        (r"(?<=v[iy])ch|(?<=v[iy])c$|^c(?=v)|c(?=a?n?ova?$|kova?$|uka?$)", "C"),
        (r"^(?:kh|ch|h)(?=[lrm])", "k"),
        (r"ch(?=[lr])", "k"),
        (r"zh|zj(?=[aeiou])", "z"),
        (r"ts|tz", "C"),
        (r"kh|(?<=^mi)ch(?=a)|(?<=sk[iy])ch$", "h"),
        (r"ph", "f"),
        (r"th", "t"),
        (r"qu", "kv"),
        (r"(?<=[oe])ff(?=a?$)", "v"),
    )
)
# Most names hold nothing of this: one look instead of as many as there are rules, here and below.
HAS_CLUSTER = re.compile(r"c|[skptz]h|ts|tz|[stz]j|sz|qu|ff|^h[lrm]")
_LONE_CH = re.compile(r"ch")
_LONE_C = re.compile(r"c(?=[eiy])")
_PLAIN_C = re.compile(r"c(?!h)k?|q")
# Marja is not Maria, and Tarja, Merja, Mirja, Irja, Pirjo are Finnish in the same way.
_FINNISH_J = re.compile(r"^([kmptv]?[aei]r)j")
GLIDES = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (
            r"^ye|^ie(?=v[gh])|^je(?=[vkglm]|fi|fr|.*(?:[oe]va?|sk[iy]|enko)$)",
            "e",
        ),  # Yelena, Jelena; Jenni is not Enni, nor Ieva Eva
        (r"(?<=[aeiou])[jy]e", "e"),  # Sergejev
        (r"(?<=[bcCdfgklmnprstvz])yo(?=[bcCdfgklmnprstvz])", "e"),  # Fyodor
        (r"(?<=[dflpt])jo(?=[dmt])|(?<=[lm])jo(?=n)", "e"),  # Fjodor; Björn, Gunnbjörg and Kristjón stay
        (r"(?<=[bCdfgklmnprstvz])[ijy]{1,2}[eo]v(?=a?$)", "ev"),  # Vasiljev
        (r"(?<=[Csz])ov(?=a?$)", "ev"),  # Gorbachev
        (r"(?<=[lmn])[jy]i(?=na?$)", "i"),  # Iljin
        (r"[iy][ijy]$", "i"),
        (r"(?<=..[^aeiou])[iy][ijy](?=[aeou])", "i"),  # Mariya; Piia is not Pia
        (r"[jy](?=[aeiou])|(?<=[aeiou])[jy]|(?<=[^aeiou])y$|j$", "i"),
        (r"([bcdfghklmnprstvz])\1+$", r"\1"),  # Kirill
    )
)
HAS_GLIDE = re.compile(r"[jy]|ii|^ie|i[eo]v|[Csz]ov|([bcdfghklmnprstvz])\1$")


@lru_cache(maxsize=_WORDS_KEPT)  # single words, the common ones of which come again and again
def romanised(folded: str) -> str:
    """Return what all romanisations of one folded name have in common.

    Args:
        folded: one word as names are folded. Several are taken as one.
    """
    before, word = "", folded
    while word != before:  # what one rule leaves may be another's: until nothing changes
        before, word = word, _once(word)
    return word


def _once(folded: str) -> str:
    word = _without_clusters(folded) if len(folded) > _SHORTEST else folded.translate(_LETTERS)
    word = _PLAIN_C.sub("k", word)
    word = _FINNISH_J.sub(r"\1J", word)
    if HAS_GLIDE.search(word):
        for pattern, sound in GLIDES:
            word = pattern.sub(sound, word)
    return word.replace("C", "ts").replace("J", "j")


def _without_clusters(folded: str) -> str:
    word = folded.translate(_LETTERS)
    if not HAS_CLUSTER.search(word):
        return word
    kh = _CH_IS_KH.search(folded) and not _CH_IS_CH.search(folded)
    for pattern, sound in CLUSTERS:
        word = pattern.sub(sound, word)
    word = _LONE_CH.sub("h" if kh else "C", word)
    return _LONE_C.sub("C", word)
