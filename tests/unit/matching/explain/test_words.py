"""The evidence in words."""

import ast
import math
import re
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.matching import decide, notice
from sync.matching.compare.level import MISSING, Level
from sync.matching.explain import describe, say_odds, say_reason, tell, waterfall, why_not
from sync.matching.explain.languages import WORDS
from sync.matching.explain.numbers import one_in
from sync.matching.model import COMPARISONS
from sync.matching.score import prepare_customer, prepare_identity, score
from sync.model import Candidate, Evidence, NullHypothesis
from sync.model.address import Language
from tests.unit.matching.explain.candidates import candidates
from tests.unit.matching.explain.example import BEST, RUNNER_UP
from tests.unit.matching.people import MODEL, customer, identity, name

LANGUAGES: tuple[Language, ...] = get_args(Language)
CODE = re.compile(r"[a-z]+(_[a-z]+)+")


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


@pytest.mark.parametrize(
    ("language", "rare", "common"),
    [
        ("fi", "harvinainen sukunimi: +4,1", "yleinen sukunimi: \u22121,0"),
        ("sv", "ovanligt efternamn: +4,1", "vanligt efternamn: \u22121,0"),
        ("en", "a rare surname: +4.1", "a common surname: \u22121.0"),
    ],
)
def test_rarity_is_told_where_it_matters(language: Language, rare: str, common: str) -> None:
    """A bit of it or more, in either direction, is said with its share."""
    for rarity, said in ((4.1, rare), (-1.0, common)):
        (told,) = describe(Candidate(1, 0.0, (Evidence("surname", "equal", 9.0, rarity),)), language)
        assert told.endswith(f"({said})")
    (told,) = describe(Candidate(1, 0.0, (Evidence("surname", "equal", 9.0, 0.99),)), language)
    assert "(" not in told


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fi", "Mukana muuttavan koti sama: +6,0 bittiä"),
        ("sv", "En medflyttares hem samma: +6,0 bitar"),
        ("en", "Home of a fellow mover equal: +6.0 bits"),
    ],
)
def test_a_companions_home_is_not_told_as_ones_own(language: Language, said: str) -> None:
    """In the sum, in the picture, and in what sets the runner-up apart."""
    found = Candidate(1, 6.0, (Evidence("address", "equal", 6.0, companion=True),))
    other = Candidate(2, -2.0, (Evidence("address", "different", -2.0),))
    assert describe(found, language) == (said,)
    label = said.partition(":")[0].rpartition(" ")[0]
    assert f">{label}<" in waterfall(found, language)
    assert why_not(found, other, language)[0].startswith(f"{label}: ")
    assert not why_not(other, other, language)[0].startswith(label)


def test_the_whole_sum_is_told() -> None:
    """Whom it is compared with, what was before, each comparison, both hypotheses together, the total, its odds."""
    assert tell(BEST, "en") == (
        "Compared with another member of the same household",
        "Before anything is compared: \u22126.1 bits",
        *describe(BEST, "en"),
        "Both alternatives together: \u22120.2 bits",
        "Total: +14.4 bits",
        "By the model, about 1 in 21,000 such matches is wrong.",
    )
    assert tell(BEST, "fi")[0] == "Verrattu saman talouden toiseen jäseneen"
    assert tell(BEST, "sv")[-1] == "Enligt modellen är ungefär 1 av 21\u00a0000 sådana träffar fel."


def test_a_weight_kept_without_all_its_evidence_says_so() -> None:
    """What two hypotheses cost is a bit at most; a larger gap is not passed off as that."""
    assert "Not itemised: +5.0 bits" in tell(Candidate(1, 9.0, (Evidence("surname", "equal", 4.0),)), "en")
    assert "Not itemised: \u22122.0 bits" in tell(Candidate(1, 2.0, (Evidence("surname", "equal", 4.0),)), "en")


def test_an_equal_id_needs_no_sum() -> None:
    """It decides; a weight of 0 is not told as a toss-up."""
    found = Candidate(1, 0.0, (Evidence("national_id", "equal", 0.0),))
    assert tell(found, "fi") == ("Henkilötunnus sama: se ratkaisee",)
    assert tell(Candidate(1, 0.0, ()), "fi") == ()


@pytest.mark.parametrize(
    ("weight", "language", "said"),
    [
        (13.0, "en", "By the model, about 1 in 8,100 such matches is wrong."),
        (13.0, "fi", "Mallin mukaan noin joka 8\u00a0100. tällainen osuma on väärä."),
        (0.0, "en", "By the model, about 1 in 2 such matches is wrong."),
        (-5.0, "en", "By the model, about 1 in 33 such candidates is the right one."),
        (20.0, "en", "By the model, fewer than 1 in 1,000,000 such matches are wrong."),
        (9e99, "sv", "Enligt modellen är färre än 1 av 1\u00a0000\u00a0000 sådana träffar fel."),
        (-40.0, "fi", "Mallin mukaan harvempi kuin joka 1\u00a0000\u00a0000. tällainen ehdokas on oikea."),
    ],
)
def test_the_odds_are_told_in_peoples_words(weight: float, language: Language, said: str) -> None:
    """Two digits, and no smaller share than a model can know."""
    assert say_odds(weight, language) == said


@given(st.floats(0, 19.9))
def test_no_match_is_told_as_surer_than_it_is(weight: float) -> None:
    """Rounding never makes an error rarer, and never ten times as frequent either."""
    cases = 1 + 2**weight
    assert cases / 1.5 < one_in(weight) <= cases


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_level_of_every_comparison_has_words(language: Language) -> None:
    """Whatever the model can say can be read, and fits beside the bars."""
    words = WORDS[language]
    for comparison, levels in COMPARISONS.items():
        assert comparison in words.comparisons
        for level in (*levels, MISSING):
            assert level in words.levels or f"{comparison}.{level}" in words.levels
    assert [level for level in get_args(Level) if level not in words.levels] == []


def test_all_languages_have_words_for_the_same() -> None:
    """Nothing is left out in one of them."""
    one, *others = WORDS.values()
    for other in others:
        for table in ("comparisons", "levels", "rare", "common", "reasons", "others"):
            assert getattr(one, table).keys() == getattr(other, table).keys()
    assert all(words.others.keys() == set(NullHypothesis) for words in WORDS.values())


def test_every_reason_has_words() -> None:
    """Whatever code the decision gives."""
    given_codes = {
        node.value
        for module in (decide, notice)
        for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value)
    }
    levels = {level for levels in COMPARISONS.values() for level in levels}
    codes = given_codes - COMPARISONS.keys() - levels - {"national_id"}
    assert {"above_threshold", "runner_up_close", "no_personal_evidence", "companion_fits"} <= codes
    for words in WORDS.values():
        assert codes <= words.reasons.keys()
        assert {"notice_known", "notice_unknown", "household_twin", "namesake", "same_person"} <= words.reasons.keys()


def test_what_has_no_words_is_told_by_its_code() -> None:
    """A model or row of another version does not break the explanation."""
    (told,) = describe(Candidate(1, 0.0, (Evidence("shoe_size", "one_off", 1.0, 2.0),)), "sv")
    assert told == "shoe_size one_off: +1,0 bitar (ovanligt värde: +2,0)"
    assert say_reason("of_the_future", "fi") == "of_the_future"
    assert say_reason("runner_up_close", "fi") == "Toinen asiakas sopii melkein yhtä hyvin."


def test_what_is_no_number_weighs_nothing() -> None:
    """A damaged row is told within bounds: neither as not a number nor with hundreds of digits."""
    evidence = (Evidence("surname", "equal", math.nan, math.nan), Evidence("phone", "equal", math.inf))
    assert describe(Candidate(1, math.nan, evidence), "en") == (
        "Surname equal: 0.0 bits",
        "Phone number equal: +9999.0 bits",
    )


def test_why_not_the_runner_up() -> None:
    """What sets the two apart comes first where it is most, and says whom it speaks for."""
    assert why_not(BEST, RUNNER_UP, "en") == (
        "Given name: equal for the first, different for the second: 13.8 bits in favour of the first",
        "Birth date: equal for the first, same year for the second: 13.7 bits in favour of the first",
        "Phone number: different for the first, missing for the second: 1.4 bits in favour of the second",
        "In all: 25.9 bits in favour of the first",
    )
    assert (
        why_not(BEST, RUNNER_UP, "fi")[0]
        == "Etunimi: ensimmäisellä sama, toisella eri: 13,8 bittiä ensimmäisen hyväksi"
    )
    assert why_not(BEST, RUNNER_UP, "sv")[-1] == "Sammanlagt: 25,9 bitar till den förstas fördel"
    assert why_not(BEST, None, "en") == ()


def test_two_who_are_alike_are_told_so() -> None:
    """Nothing is made up; one level with other bits is told as one level; another comparison partner is told."""
    assert why_not(BEST, BEST, "en") == ("In all the two weigh the same",)
    one = Candidate(1, 9.0, (Evidence("surname", "equal", 9.0, 3.0),))
    other = Candidate(2, 6.0, (Evidence("surname", "equal", 6.0),), NullHypothesis.HOUSEHOLD_MEMBER)
    assert why_not(one, other, "en") == (
        "Surname: equal for both: 3.0 bits in favour of the first",
        "The first is compared with any other person, the second with another member of the same household",
        "In all: 3.0 bits in favour of the first",
    )


def test_no_personal_value_is_told() -> None:
    """Only how the values compare."""
    found = score(prepare_identity(identity()), prepare_customer(customer(name=name("Liisa Korhonen"))), MODEL)
    told = " ".join(tell(found, "fi"))
    assert not any(value in told for value in ("Virtanen", "Korhonen", "Anna", "Liisa", "Rantatie", "1952"))


@given(candidates, candidates, st.sampled_from(LANGUAGES))
def test_whatever_the_evidence_it_can_be_told(one: Candidate, other: Candidate, language: Language) -> None:
    """Any floats, any codes: sentences come out, none of them endless."""
    told = (*tell(one, language), *why_not(one, other, language), say_odds(one.weight, language))
    longest = max((len(e.comparison) + len(e.level) for c in (one, other) for e in c.evidence), default=0)
    assert all(0 < len(sentence) < 200 + 2 * longest for sentence in told)
