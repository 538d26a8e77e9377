"""The evidence in words."""

import pytest

from sync.matching.compare.level import MISSING
from sync.matching.explain import describe
from sync.matching.model import COMPARISONS
from sync.matching.score import prepare_customer, prepare_identity, score
from sync.model import Candidate, Evidence
from tests.unit.matching.people import MODEL, customer, identity, name


def test_each_language_says_it_with_its_own_signs() -> None:
    """Decimal comma and minus sign as the language has them."""
    found = Candidate(1, 0.0, (Evidence("birth_date", "equal", 13.24), Evidence("phone", "different", -1.38)))
    assert describe(found, "fi") == ("Syntymäaika sama: +13,2 bittiä", "Puhelinnumero eri: \u22121,4 bittiä")
    assert describe(found, "sv") == ("Födelsedatum samma: +13,2 bitar", "Telefonnummer skiljer sig: \u22121,4 bitar")
    assert describe(found, "en") == ("Birth date equal: +13.2 bits", "Phone number different: \u22121.4 bits")


def test_what_weighs_nothing_has_no_sign() -> None:
    """Missing is neither for nor against."""
    found = Candidate(1, 0.0, (Evidence("email", "missing", 0.0), Evidence("address", "similar", -0.04)))
    assert describe(found, "en") == ("E-mail missing: 0.0 bits", "Former address similar: 0.0 bits")


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_level_of_every_comparison_has_words(language: str) -> None:
    """Whatever the model can say can be read."""
    for comparison, levels in COMPARISONS.items():
        for level in (*levels, MISSING):
            assert describe(Candidate(1, 0.0, (Evidence(comparison, level, 1.0),)), language)


def test_no_personal_value_is_told() -> None:
    """Only how the values compare."""
    found = score(prepare_identity(identity()), prepare_customer(customer(name=name("Liisa Korhonen"))), MODEL)
    told = " ".join(describe(found, "fi"))
    assert not any(value in told for value in ("Virtanen", "Korhonen", "Anna", "Liisa", "Rantatie", "1952"))
