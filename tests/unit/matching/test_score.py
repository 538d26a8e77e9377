"""The weight of the evidence behaves as evidence should."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.store.forms import from_bytes, to_bytes
from sync.matching.compare.level import MISSING
from sync.matching.compare.person import COMPARISONS, Findings, compare
from sync.matching.model import FREQUENCY, Frequencies, Model
from sync.matching.normalise.name import name_forms
from sync.matching.prepared import Prepared, prepare_identity
from sync.matching.score import candidate, certainty, prepare_customer, score
from sync.model import Candidate, Customer, Identity, NullHypothesis, PersonName
from tests.unit.matching.models import VALUES, any_findings, any_models
from tests.unit.matching.people import MODEL, any_people, customer, home, identity, name

# What is left without a value, and the comparisons that go with it.
LEFT_OUT = {
    "names": ("surname", "given_names"),
    "birth_date": ("birth_date",),
    "places": ("address",),
    "phone": ("phone",),
    "email": ("email",),
    "sex": ("sex",),
}
NULLS = tuple(NullHypothesis)


def weighed(change: Identity, person: Customer) -> Candidate:
    """Score a customer."""
    return score(prepare_identity(change), prepare_customer(person), MODEL)


def level(found: Candidate, comparison: str) -> str:
    """Return the level that held."""
    return next(one.level for one in found.evidence if one.comparison == comparison)


def levels(found: Findings) -> list[str]:
    """Return the levels alone."""
    return [level for level, _, _ in found]


@given(any_people, any_people)
def test_the_weight_is_the_prior_and_the_evidence(change: Prepared, person: Prepared) -> None:
    """Nothing is added that the evidence does not show, but the bit at most that the other hypothesis costs."""
    found = score(change, person, MODEL)
    assert found.customer_id == person.id
    assert found.prior == MODEL.prior_bits[found.against]
    told = found.prior + math.fsum(one.bits for one in found.evidence)
    assert told - 1 - 1e-9 <= found.weight <= told + 1e-9


@given(any_people, any_people, any_models)
def test_neither_side_matters_more(one: Prepared, other: Prepared, model: Model) -> None:
    """Change and customer exchanged show the same levels; with one name and one place each, the same weight as well."""
    found, turned = compare(one, other), compare(other, one)
    assert levels(found) == levels(turned)
    one, other = (each._replace(names=each.names[:1], places=each.places[:1]) for each in (one, other))
    there, back = model.find(one, other), model.find(other, one)
    assert levels(there) == levels(back)
    assert model.weigh(there) == pytest.approx(model.weigh(back))
    assert model.stronger_null(there) is model.stronger_null(back)


@given(any_people, any_people, any_models, st.sampled_from(sorted(LEFT_OUT)), st.booleans())
def test_missing_is_neutral(change: Prepared, person: Prepared, model: Model, field: str, mine: bool) -> None:
    """Without a value, on either side, a field weighs nothing, and what the others show is what they showed.

    Only a birth date hangs on another field: namesakes of a household are no twins, so that without a given name it
    tells less, and never more, of which member is meant.
    """
    empty = () if field in {"names", "places"} else ""
    sides = (change._replace(**{field: empty}), person) if mine else (change, person._replace(**{field: empty}))
    before, after = model.find(change, person), model.find(*sides)
    for at, comparison in enumerate(COMPARISONS):
        assert after[at] == before[at] or (comparison in LEFT_OUT[field] and after[at][0] == MISSING)
    for null in NULLS:
        for was, now in zip(model.evidence(before, null), model.evidence(after, null), strict=True):
            if now.comparison in LEFT_OUT[field]:
                assert (now.level, now.bits, now.rarity) == (MISSING, 0, 0)
            elif now.comparison == "birth_date" and field == "names" and null is NullHypothesis.HOUSEHOLD_MEMBER:
                assert now.bits <= was.bits
            else:
                assert now == was


@given(any_findings, st.just(MODEL) | any_models)
def test_more_agreement_never_lowers_the_weight(found: Findings, model: Model) -> None:
    """Any field at the next level of more agreement, all else equal, its rarity too: no weight is less."""
    model = replace(model, frequencies={})
    for at, order in enumerate(COMPARISONS.values()):
        ladder: list[Findings] = [(*found[:at], (level, "", ""), *found[at + 1 :]) for level in order]
        for more, less in pairwise([(*model.sums(step), model.weigh(step)) for step in ladder]):
            # A file may be off by a millionth of a bit from level to level.
            assert all(one >= other - 1e-5 for one, other in zip(more, less, strict=True))


@given(any_findings, any_models, st.sampled_from(sorted(FREQUENCY)), st.sampled_from(VALUES), st.sampled_from(VALUES))
def test_a_rarer_value_never_lowers_the_weight(
    found: Findings, model: Model, comparison: str, one: str, other: str
) -> None:
    """Whoever shares a rare name is rather the same person than whoever shares a common one."""
    at = list(COMPARISONS).index(comparison)
    table, _ = FREQUENCY[comparison].get(found[at][0], ("", 0.0))
    if table not in model.frequencies:
        return
    weights = [model.weigh((*found[:at], (found[at][0], value, value), *found[at + 1 :])) for value in (one, other)]
    rarity = [model.rarity(table, value, value) for value in (one, other)]
    assert (weights[0] - weights[1]) * (rarity[0] - rarity[1]) >= -1e-6


@given(any_people)
def test_nobody_agrees_with_a_person_more_than_the_person(person: Prepared) -> None:
    """Every comparison that can be made finds its first level, but for names and places that say nothing."""
    best = {name: {*order[:2]} for name, order in COMPARISONS.items()}
    best["birth_date"] |= {"same_month", "same_year"}  # no more is known
    best["address"] |= {"same_house", "same_street", "same_area", "same_postcode", "same_town", "same_region"}
    for comparison, found in zip(COMPARISONS, levels(compare(person, person)), strict=True):
        assert found == MISSING or found in best[comparison]


def _evil(text: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Give text of every kind: control characters, letters from right to left, halves of characters, and far too long."""
    strange = st.text(st.sampled_from("\x00\u202e\u200f\ud800\udfffא ä'-@+#|\u0301"), max_size=8)
    return (
        text | strange | st.builds(lambda part, times: part * times, text | strange, st.sampled_from([1_000, 10_000]))
    )


evil = _evil(
    st.text(st.characters(), max_size=12) | st.text(st.characters(categories=["Cs", "Cc", "Mn", "Nd"]), max_size=8)
)
"""Text of any kind."""
evil_addresses = st.builds(
    lambda line, number, flat, postcode, town, free, country: replace(
        home(line, postcode, town), number=number, flat=flat, lines=(free,) if free else (), country=country
    ),
    *(evil, st.none() | evil, st.none() | evil, st.none() | evil, evil, st.none() | evil),
    st.sampled_from(["FI", "", "SE", "US"]) | evil,
)
evil_parts = st.fixed_dictionaries(
    {
        "names": st.lists(st.builds(lambda surname, given: name(f"{given} {surname}"), evil, evil), max_size=2).map(
            tuple
        ),
        "addresses": st.lists(evil_addresses, max_size=2).map(tuple),
        "phone": st.none() | evil,
        "email": st.none() | evil,
        "national_id": st.none() | evil,
    }
)


@given(evil_parts, evil_parts)
def test_no_text_crashes_it(one: dict[str, object], other: dict[str, object]) -> None:
    """NUL, ten thousand characters, right to left, halves of characters: all of it is compared and weighed."""
    change, person = prepare_identity(identity(**one)), prepare_identity(identity(**other))
    found = score(change, person, MODEL)
    assert math.isfinite(found.weight)
    assert levels(compare(person, change)) == levels(compare(change, person))
    texts = [text for forms in change.names for text in (forms.surname, forms.head)]
    assert all(text.encode() is not None for text in texts)


@given(any_people | st.builds(lambda parts: prepare_identity(identity(**parts)), evil_parts))
def test_a_person_survives_being_kept(person: Prepared) -> None:
    """What is read back is what was prepared, field by field and type by type."""
    kept = from_bytes(to_bytes(person))
    assert kept == person
    assert [*map(type, kept)] == [*map(type, person)]


def test_every_field_is_kept() -> None:
    """None of them is empty by chance here."""
    known = customer(7, phone="+358401234567", email="anna@example.org", name=PersonName("Virtanen Jr", "Anna"))
    person = prepare_customer(known)._replace(ids=frozenset({"131052-9052"}), sex="f")
    person = person._replace(places=(person.places[0]._replace(region="wa", also=frozenset({"strandvagen"})),))
    assert all(getattr(person, field) for field in Prepared._fields)
    assert from_bytes(to_bytes(person)) == person


def test_where_a_protected_customer_lives_is_never_evidence() -> None:
    """Not even when the address is the same."""
    assert level(weighed(identity(), customer(protected=True)), "address") == "missing"


def test_names_in_each_others_column_are_the_same_names() -> None:
    """Both columns must agree crosswise."""
    found = weighed(identity(), customer(name=name("Virtanen Anna")))
    assert (level(found, "surname"), level(found, "given_names")) == ("swapped", "equal")
    other = weighed(identity(), customer(name=name("Virtanen Liisa")))
    assert level(other, "given_names") == "different"


def test_swapped_names_are_as_rare_as_the_names_are() -> None:
    """Neither side's columns are the right ones: the commoner use of either word counts, whoever stands first."""
    common = {"given_name": {"anna": 0.02}, "surname": {"virtanen": 0.02}}
    tables = {table: Frequencies(shares, rare=1e-5, average=0.005) for table, shares in common.items()}
    model = replace(MODEL, frequencies=tables)
    one, other = (
        prepare_identity(identity())._replace(names=(name_forms(name(text)),))
        for text in ("Anna Virtanen", "Virtanen Anna")
    )
    assert model.weigh(compare(one, other)) == model.weigh(compare(other, one))
    for found in (compare(one, other), compare(other, one)):
        rarity = [each.rarity for each in model.evidence(found, NullHypothesis.OTHER_PERSON)[:2]]
        assert rarity == pytest.approx([-2, -2])


def test_a_former_surname_is_a_name_of_the_person() -> None:
    """The best of the names counts."""
    change = identity(names=(name("Anna Maija Koe"), name("Anna Maija Virtanen")))
    assert level(weighed(change, customer()), "surname") == "equal"


def test_every_place_of_the_customer_is_compared() -> None:
    """The old address may be where the register sends the post."""
    person = customer(address=home("Koulukatu 8", "90100"), postal_address=home())
    assert level(weighed(identity(), person), "address") == "equal"


def test_a_member_of_the_household_is_compared_with_the_household() -> None:
    """Whatever a family shares explains it better than chance does."""
    sister = weighed(identity(birth_date=None), customer(name=name("Liisa Virtanen")))
    assert sister.against is NullHypothesis.HOUSEHOLD_MEMBER
    namesake = weighed(identity(), customer(address=None))
    assert namesake.against is NullHypothesis.OTHER_PERSON


def test_a_namesake_at_home_is_told_apart_by_the_birth_date() -> None:
    """Parent and child of one name are no twins: an equal birth date says as much as it does against any other person."""
    son = prepare_identity(identity())._replace(names=(name_forms(name("Matti Virtanen")),))
    twin = son._replace(names=(name_forms(name("Mikko Virtanen")),))
    household = NullHypothesis.HOUSEHOLD_MEMBER
    namesakes, twins = (MODEL.evidence(compare(son, other), household)[2].bits for other in (son, twin))
    assert namesakes == MODEL.evidence(compare(son, son), NullHypothesis.OTHER_PERSON)[2].bits > twins


@given(st.floats(-60, 60), st.lists(st.floats(-60, 60), max_size=4))
def test_whoever_else_could_be_meant_makes_it_less_certain(best: float, others: Sequence[float]) -> None:
    """Each of them, and nobody, takes their share; a candidate of equal weight takes half."""
    assert certainty(best, ()) == best
    assert certainty(best, others) <= best
    assert certainty(best, [*others, best]) <= 0
    odds = 2.0**best / (math.fsum(2.0**weight for weight in others) + 1)
    assert 2.0 ** certainty(best, others) == pytest.approx(odds)


def test_a_candidate_carries_what_was_found() -> None:
    """Comparison by comparison, in their order."""
    found = compare(prepare_identity(identity()), prepare_customer(customer()))
    told = candidate(1, found, MODEL)
    assert [one.comparison for one in told.evidence] == list(COMPARISONS)
    assert [one.level for one in told.evidence] == levels(found)


def test_namesakes_of_one_household_by_chance_are_as_rare_as_their_name() -> None:
    """Where names are handed down, rare ones are as well; where they are not, a rare one tells who is meant."""
    found = compare(prepare_identity(identity()), prepare_customer(customer()))
    table = Frequencies({"anna maija": 0.02}, rare=0.0001, average=0.005)

    def against_household(by_chance: float, listed: Frequencies) -> float:
        names = {
            level: replace(
                shares, household=shares.u / by_chance if level in {"all_equal", "equal"} else shares.household
            )
            for level, shares in MODEL.comparisons["given_names"].items()
        }
        comparisons = {**MODEL.comparisons, "given_names": names}
        return replace(MODEL, comparisons=comparisons, frequencies={"given_names": listed}).sums(found)[1]

    rare = replace(table, shares={})
    assert against_household(0.9, rare) - against_household(0.9, table) > 4
    assert 0 < against_household(0.01, rare) - against_household(0.01, table) < 0.2
    for listed in (rare, table):
        model = replace(MODEL, frequencies={"given_names": listed})
        told = model.evidence(found, NullHypothesis.HOUSEHOLD_MEMBER)
        prior = model.prior_bits[NullHypothesis.HOUSEHOLD_MEMBER]
        assert prior + sum(one.bits for one in told) == pytest.approx(model.sums(found)[1])
