"""The weight of the evidence behaves as evidence should."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sync.matching.normalise.address import place
from sync.matching.score import prepare_customer, prepare_identity, score
from sync.model import Address, Candidate, Customer, Field, Identity
from tests.unit.matching.people import MODEL, any_customers, any_identities, customer, home, identity, name

SHOWN = {
    Field.NAME: "names",
    Field.BIRTH_DATE: "birth_date",
    Field.ADDRESS: "addresses",
    Field.PHONE: "phone",
    Field.EMAIL: "email",
}


def weighed(change: Identity, person: Customer) -> Candidate:
    """Score a customer."""
    return score(prepare_identity(change), prepare_customer(person), MODEL)


def level(candidate: Candidate, comparison: str) -> str:
    """Return the level that held."""
    return next(one.level for one in candidate.evidence if one.comparison == comparison)


@settings(deadline=None)
@given(any_identities, any_customers)
def test_the_weight_is_the_prior_and_the_evidence(change: Identity, person: Customer) -> None:
    """Nothing is added that the evidence does not show."""
    found = weighed(change, person)
    assert found.customer_id == person.id
    assert found.weight == pytest.approx(MODEL.prior_bits + sum(one.bits for one in found.evidence))


@settings(deadline=None)
@given(any_identities, any_customers, st.sampled_from(sorted(SHOWN)))
def test_missing_is_neutral(change: Identity, person: Customer, field: Field) -> None:
    """Without a value a field weighs nothing, and the others weigh what they did."""
    without = replace(person, values={key: value for key, value in person.values.items() if key != field})
    comparisons = {"surname", "given_names"} if field == Field.NAME else {str(field)}
    for before, after in zip(weighed(change, person).evidence, weighed(change, without).evidence, strict=True):
        assert after.bits == (0 if before.comparison in comparisons else before.bits)


@settings(deadline=None)
@given(any_identities, any_customers, st.sampled_from(sorted(SHOWN)))
def test_more_agreement_never_lowers_the_weight(change: Identity, person: Customer, field: Field) -> None:
    """A customer who agrees with the change in one more field weighs no less."""
    known = getattr(change, SHOWN[field])
    value = known[0] if isinstance(known, tuple) and known else known
    assume(value and not (isinstance(value, Address) and not place(value).streets))
    agreeing = replace(person, values={**person.values, field: value})
    before, after = weighed(change, person), weighed(change, agreeing)
    # A value that cannot be compared ("koe" as a phone number) takes what was against it away, and what was for it.
    lost = [one.bits for one, other in zip(before.evidence, after.evidence, strict=True) if other.level == "missing"]
    assert after.weight >= before.weight - sum(bits for bits in lost if bits > 0) - 1e-9


def test_where_a_protected_customer_lives_is_never_evidence() -> None:
    """Not even when the address is the same."""
    assert level(weighed(identity(), customer(protected=True)), "address") == "missing"


def test_names_in_each_others_column_are_the_same_names() -> None:
    """Both columns must agree crosswise."""
    found = weighed(identity(), customer(name=name("Virtanen Anna")))
    assert (level(found, "surname"), level(found, "given_names")) == ("equal_folded", "equal_folded")
    other = weighed(identity(), customer(name=name("Virtanen Liisa")))
    assert level(other, "given_names") == "different"


def test_a_former_surname_is_a_name_of_the_person() -> None:
    """The best of the names counts."""
    change = identity(names=(name("Anna Maija Koe"), name("Anna Maija Virtanen")))
    assert level(weighed(change, customer()), "surname") == "equal"


def test_every_place_of_the_customer_is_compared() -> None:
    """The old address may be where the register sends the post."""
    person = customer(address=home("Koulukatu 8", "90100"), postal_address=home())
    assert level(weighed(identity(), person), "address") == "equal"
