"""Which customer a change is about, and whether a person must look."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.matching import decide as deciding
from sync.matching.model import Model
from sync.matching.prepared import prepare_customer, prepare_identity, prepared_from_plain, prepared_to_plain
from sync.model import Customer, Identity, Match, MatchRule, Verdict
from tests.unit.matching.people import (
    ID,
    MODEL,
    OTHER_ID,
    any_customers,
    any_identities,
    born,
    customer,
    home,
    identity,
    name,
)

ELSEWHERE = home("Koulukatu 8 B 1", "90100", "Oulu")


def decide(change: Identity, people: Sequence[Customer], model: Model) -> Match:
    """Decide about people as they come."""
    return deciding.decide(prepare_identity(change), [prepare_customer(person) for person in people], model)


def verdict(change: Identity, *people: Customer) -> tuple[str, str]:
    """Return verdict and reason."""
    match = decide(change, people, MODEL)
    return str(match.verdict), match.reason


def test_the_same_person_is_applied() -> None:
    """Name, birth date and old address agree."""
    match = decide(identity(), [customer(7)], MODEL)
    assert (match.verdict, match.rule, match.reason) == (Verdict.APPLY, MatchRule.WEIGHT, "above_threshold")
    assert match.best is not None
    assert (match.best.customer_id, match.model) == (7, MODEL.version)


def test_nobody_and_strangers_are_forgotten() -> None:
    """No candidate, or one that only a little speaks for."""
    assert verdict(identity()) == ("forget", "no_candidate")
    stranger = customer(name=name("Liisa Korhonen"), birth_date=born("1970-01-02"), address=ELSEWHERE)
    assert verdict(identity(), stranger) == ("forget", "below_review")
    namesake = customer(birth_date=None, address=ELSEWHERE)
    assert verdict(identity(), namesake) == ("forget", "below_review")


@pytest.mark.parametrize(
    "person",
    [
        customer(national_id=ID),
        customer(national_id=OTHER_ID, former_ids=(ID,)),
        customer(national_id=OTHER_ID, corrected_id=ID),
        customer(national_id=ID, corrected_id=OTHER_ID),
    ],
)
def test_an_equal_id_decides_whatever_the_rest_says(person: Customer) -> None:
    """Current, former and corrected ids alike, in any spelling."""
    change = Identity(national_id=ID.lower(), names=(name("Liisa Korhonen"),), birth_date=born("1970-01-02"))
    match = decide(change, [customer(2), person], MODEL)
    assert (match.verdict, match.rule, match.reason) == (Verdict.APPLY, MatchRule.NATIONAL_ID, "ids_equal")
    assert match.best is not None
    assert match.best.customer_id == 1


def test_a_former_id_of_the_change_is_an_id_of_the_person() -> None:
    """A change comes under one id and brings the other."""
    assert verdict(identity(national_id=OTHER_ID, former_ids=(ID,)), customer(national_id=ID)) == ("apply", "ids_equal")


def test_an_id_on_two_customers_is_for_a_person_to_decide() -> None:
    """Whichever of the change's ids each of them has."""
    twice = [customer(1, national_id=ID), customer(2, national_id=ID)]
    assert verdict(identity(national_id=ID), *twice) == ("review", "id_not_unique")
    split = [customer(1, national_id=ID), customer(2, national_id=OTHER_ID)]
    assert verdict(identity(national_id=ID, former_ids=(OTHER_ID,)), *split) == ("review", "id_not_unique")
    assert verdict(identity(national_id=ID), twice[0], twice[0]) == ("apply", "ids_equal")


def test_a_differing_id_forbids_whatever_the_rest_says() -> None:
    """And does not stand in the way of the right customer."""
    assert verdict(identity(national_id=ID), customer(national_id=OTHER_ID)) == ("forget", "id_differs")
    assert verdict(identity(national_id=ID), customer(1, national_id=OTHER_ID), customer(2)) == (
        "apply",
        "above_threshold",
    )


def test_a_family_member_at_the_same_door_is_never_applied() -> None:
    """Surname and address are the family's, not the person's; a birth date that differs says so besides."""
    wife = {"name": name("Liisa Virtanen")}
    assert verdict(identity(birth_date=None), customer(**wife)) == ("forget", "below_review")
    assert verdict(identity(), customer(**wife, birth_date=born("1955-02-01"))) == ("forget", "below_review")
    phone = "+358401234567"
    shared_phone = verdict(
        identity(phone=phone, email="koe@example.org"), customer(**wife, phone=phone, email="koe@example.org")
    )
    assert shared_phone == ("review", "given_name_differs")


@pytest.mark.parametrize("twin", ["Liisa Virtanen", "Anni Virtanen", "Hanna Virtanen"])
def test_twins_are_never_applied(twin: str) -> None:
    """The same surname, address and birth date, and a name that may be alike."""
    found = verdict(identity(names=(name("Anna Virtanen"),)), customer(name=name(twin)))
    assert found in {("review", "given_name_differs"), ("review", "given_name_uncertain")}


def test_the_right_twin_is_applied_beside_the_other() -> None:
    """The other is not near enough."""
    assert verdict(identity(), customer(1, name=name("Liisa Virtanen")), customer(2)) == ("apply", "above_threshold")


def test_junior_and_senior_are_told_apart_by_the_birth_date() -> None:
    """Without it a person decides; with another's it is nobody."""
    senior = customer(name=name("Matti Virtanen"), birth_date=born("1952-10-13"))
    notice = {"names": (name("Matti Virtanen"),)}
    assert verdict(identity(**notice, birth_date=None), senior) == ("review", "below_apply")
    assert verdict(identity(**notice, birth_date=born("1987-05-06")), senior) == ("forget", "below_review")


def test_one_digit_of_the_birth_date_is_for_a_person_to_decide() -> None:
    """It may be a slip, or a son born thirty years later, whatever else the family shares."""
    phone = "+358401234567"
    found = verdict(identity(birth_date=born("1982-10-13"), phone=phone), customer(phone=phone))
    assert found == ("review", "birth_date_uncertain")


def test_two_records_of_one_person_are_for_a_person_to_decide() -> None:
    """A coin is not tossed."""
    assert verdict(identity(), customer(1), customer(2)) == ("review", "runner_up_close")


def test_a_maiden_name_is_still_the_person() -> None:
    """The register holds the former name, and the provider tells both."""
    change = identity(names=(name("Anna Maija Koe"), name("Anna Maija Virtanen")))
    assert verdict(change, customer()) == ("apply", "above_threshold")
    unknown = identity(names=(name("Anna Maija Koe"),))
    assert verdict(unknown, customer()) == ("review", "below_apply")


def test_swapped_names_and_typing_errors_are_still_the_person() -> None:
    """As long as given name and birth date are sure."""
    assert verdict(identity(), customer(name=name("Virtanen Anna"))) == ("apply", "above_threshold")
    assert verdict(identity(), customer(name=name("Anna Virtnaen"))) == ("apply", "above_threshold")


def test_a_swedish_street_name_is_no_stranger() -> None:
    """Postcode, number and flat speak for the same door."""
    change = identity(addresses=(home("Mannerheimvägen 5 A 3", town="Helsingfors"),))
    assert verdict(change, customer(address=home("Mannerheimintie 5 A 3"))) == ("apply", "above_threshold")


def test_names_and_birth_date_alone_are_for_a_person_to_decide() -> None:
    """Common names have namesakes of the same day."""
    assert verdict(identity(addresses=()), customer()) == ("review", "below_apply")


def test_nothing_of_the_person_is_never_applied() -> None:
    """Surname, address, phone and e-mail are the household's."""
    shared = {"phone": "+358401234567", "email": "koe@example.org"}
    change = identity(names=(name(" Virtanen"),), birth_date=None, **shared)
    assert verdict(change, customer(**shared)) == ("review", "no_personal_evidence")


@settings(deadline=None)
@given(any_identities, st.permutations(["00100", "90100", None]))
def test_a_protected_customer_is_decided_without_the_address(change: Identity, postcodes: list[str]) -> None:
    """Wherever they live, verdict and order are the same."""
    found = {
        decide(change, [customer(1, protected=True, address=home(postcode=postcode)), customer(2)], MODEL)
        for postcode in postcodes
    }
    assert len(found) == 1


@settings(deadline=None)
@given(any_identities, st.lists(any_customers, max_size=4, unique_by=lambda person: person.id), st.randoms())
def test_the_order_of_candidates_makes_no_difference(change: Identity, people: list[Customer], chance: object) -> None:
    """The same match comes out, runner-up included."""
    shuffled = list(people)
    chance.shuffle(shuffled)
    assert decide(change, shuffled, MODEL) == decide(change, people, MODEL)


@settings(deadline=None)
@given(any_identities, any_customers)
def test_what_is_applied_by_weight_agrees_in_the_given_name(change: Identity, person: Customer) -> None:
    """Whatever else there is, and no other birth date."""
    match: Match = decide(change, [person, customer(1_000_001)], MODEL)
    if match.verdict == Verdict.APPLY and match.best:
        levels = {one.comparison: one.level for one in match.best.evidence}
        assert levels["given_names"] in {"equal", "equal_folded"}
        assert levels["birth_date"] not in {"different", "similar_high"}


@settings(deadline=None)
@given(any_customers)
def test_a_prepared_customer_survives_being_kept(person: Customer) -> None:
    """What is read back from JSON compares as what was prepared."""
    prepared = prepare_customer(person)
    assert prepared_from_plain(person.id, json.loads(json.dumps(prepared_to_plain(prepared)))) == prepared
