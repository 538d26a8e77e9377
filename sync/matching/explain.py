"""Says in words what speaks for and against a candidate. No value of the person is told, only how values compare."""

from collections.abc import Mapping

from sync.model import Candidate, Evidence
from sync.model.address import Language

_COMPARISONS: Mapping[Language, Mapping[str, str]] = {
    "fi": {
        "surname": "Sukunimi",
        "given_names": "Etunimi",
        "birth_date": "Syntymäaika",
        "address": "Entinen osoite",
        "phone": "Puhelinnumero",
        "email": "Sähköposti",
    },
    "sv": {
        "surname": "Efternamn",
        "given_names": "Förnamn",
        "birth_date": "Födelsedatum",
        "address": "Tidigare adress",
        "phone": "Telefonnummer",
        "email": "E-post",
    },
    "en": {
        "surname": "Surname",
        "given_names": "Given name",
        "birth_date": "Birth date",
        "address": "Former address",
        "phone": "Phone number",
        "email": "E-mail",
    },
}
_LEVELS: Mapping[Language, Mapping[str, str]] = {
    "fi": {
        "equal": "sama",
        "equal_folded": "sama toisin kirjoitettuna",
        "similar_high": "melkein sama",
        "similar": "samankaltainen",
        "different": "eri",
        "missing": "puuttuu",
    },
    "sv": {
        "equal": "samma",
        "equal_folded": "samma med annan stavning",
        "similar_high": "nästan samma",
        "similar": "liknande",
        "different": "skiljer sig",
        "missing": "saknas",
    },
    "en": {
        "equal": "equal",
        "equal_folded": "equal, spelled otherwise",
        "similar_high": "almost equal",
        "similar": "similar",
        "different": "different",
        "missing": "missing",
    },
}
_BITS: Mapping[Language, str] = {"fi": "bittiä", "sv": "bitar", "en": "bits"}
_MINUS = "\u2212"


def describe(candidate: Candidate, language: Language) -> tuple[str, ...]:
    """Return one sentence for each piece of evidence: "Syntymäaika sama: +14,5 bittiä"."""
    return tuple(_sentence(evidence, language) for evidence in candidate.evidence)


def _sentence(evidence: Evidence, language: Language) -> str:
    what = f"{_COMPARISONS[language][evidence.comparison]} {_LEVELS[language][evidence.level]}"
    return f"{what}: {_signed(evidence.bits, language)} {_BITS[language]}"


def _signed(bits: float, language: Language) -> str:
    tenths = round(bits, 1)
    sign = "+" if tenths > 0 else _MINUS if tenths < 0 else ""
    text = f"{sign}{abs(tenths):.1f}"
    return text if language == "en" else text.replace(".", ",")
