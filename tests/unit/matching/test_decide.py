"""Which customer a change is about, and whether a person must look."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.matching import decide as deciding
from sync.matching.compare.person import compare
from sync.matching.model import Model, Thresholds
from sync.matching.prepared import prepare_customer, prepare_identity
from sync.model import Candidate, Customer, Identity, Match, MatchRule, PersonName, Verdict
from tests.unit.matching.models import any_models
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

ELSEWHERE = home("Koulukatu 8 B 1", "33540", "Tampere")
CONTACTS = {"phone": "+358401234567", "email": "koe@example.org"}
"""What a family may share."""


def decide(change: Identity, people: Sequence[Customer], model: Model) -> Match:
    """Decide about people as they come."""
    return deciding.decide(prepare_identity(change), [prepare_customer(person) for person in people], model)


def verdict(change: Identity, *people: Customer) -> tuple[str, str]:
    """Return verdict and reason."""
    match = decide(change, people, MODEL)
    return str(match.verdict), match.reason


def weight(change: Identity, person: Customer) -> float:
    """Return what the only candidate weighs."""
    best = decide(change, [person], MODEL).best
    assert isinstance(best, Candidate)
    return best.weight


def test_the_same_person_is_applied() -> None:
    """Name, birth date and old address agree."""
    match = decide(identity(), [customer(7)], MODEL)
    assert (match.verdict, match.rule, match.reason) == (Verdict.APPLY, MatchRule.WEIGHT, "above_threshold")
    assert match.best is not None
    assert (match.best.customer_id, match.model) == (7, MODEL.version)


def test_nobody_and_strangers_are_forgotten() -> None:
    """No candidate, or one that little speaks for; a namesake elsewhere is a matter for a person at most."""
    assert verdict(identity()) == ("forget", "no_candidate")
    stranger = customer(name=name("Liisa Korhonen"), birth_date=born("1970-01-02"), address=ELSEWHERE)
    assert verdict(identity(), stranger) == ("forget", "below_review")
    namesake = customer(name=name("Anna Virtanen"), birth_date=None, address=ELSEWHERE)
    assert verdict(identity(), namesake) in {("forget", "below_review"), ("review", "below_apply")}


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
    unsure = {("review", "given_name_differs"), ("forget", "below_review")}
    for shared in ({}, CONTACTS):
        for birth_date in (born(), None, born("1955-02-01")):
            found = verdict(identity(**shared), customer(**wife, **shared, birth_date=birth_date))
            assert found in unsure
    assert verdict(identity(), customer(**wife, birth_date=born("1955-02-01"))) == ("forget", "below_review")


@pytest.mark.parametrize("twin", ["Liisa Virtanen", "Anni Virtanen", "Hanna Virtanen"])
def test_twins_are_never_applied(twin: str) -> None:
    """The same surname, address and birth date, phone and mail, and a name that may be alike."""
    found = verdict(identity(names=(name("Anna Virtanen"),), **CONTACTS), customer(name=name(twin), **CONTACTS))
    assert found in {("review", "given_name_differs"), ("review", "given_name_uncertain")}


def test_the_right_twin_is_applied_beside_the_other() -> None:
    """The other is not near enough."""
    assert verdict(identity(), customer(1, name=name("Liisa Virtanen")), customer(2)) == ("apply", "above_threshold")


def test_junior_and_senior_are_told_apart_by_the_birth_date() -> None:
    """Without it a person decides; with another's it is nobody, or a person decides."""
    senior = {"name": name("Matti Virtanen"), "birth_date": born("1952-10-13")}
    notice = {"names": (name("Matti Virtanen"),)}
    son = born("1987-05-06")
    assert verdict(identity(**notice, birth_date=None), customer(**senior)) == ("review", "below_apply")
    for shared in ({}, CONTACTS):
        found = verdict(identity(**notice, **shared, birth_date=son), customer(**senior, **shared))
        assert found in {("review", "birth_date_differs"), ("forget", "below_review")}


@pytest.mark.parametrize(("one", "other"), [("Virtanen Jr", "Virtanen"), ("Virtanen d.y.", "Virtanen d.ä.")])
def test_who_is_called_junior_is_not_taken_for_senior(one: str, other: str) -> None:
    """Not even when all the rest agrees: the birth date of one is soon written for the other."""
    change = identity(names=(PersonName(one, "Anna Maija"),))
    assert verdict(change, customer(name=PersonName(other, "Anna Maija"))) == ("review", "generation_differs")
    assert verdict(change, customer(name=PersonName(one, "Anna Maija"))) == ("apply", "above_threshold")


@pytest.mark.parametrize(
    ("change", "person", "reason"),
    [
        ({}, {}, None),
        ({}, {"name": name("Liisa Virtanen")}, "given_name_differs"),
        ({}, {"name": name("Liisa Virtanen"), "birth_date": born("1987-05-06")}, "given_name_differs"),
        ({}, {"birth_date": born("1987-05-06")}, "birth_date_differs"),
        ({}, {"birth_date": born("1952-10-27")}, "birth_date_differs"),
        ({}, {"birth_date": born("1952-10-31")}, None),
        ({}, {"birth_date": None}, None),
        ({"names": (name(" Virtanen"),)}, {"birth_date": None}, "no_personal_evidence"),
        ({"names": (name(" Virtanen"),)}, {}, "given_name_uncertain"),
        ({}, {"name": name("Baby Virtanen")}, "given_name_uncertain"),
        ({}, {"name": name("Anne Virtanen")}, "given_name_uncertain"),
        ({}, {"name": name("Maija Virtanen")}, "given_name_uncertain"),
        ({}, {"name": name("A Virtanen")}, "given_name_uncertain"),
        ({}, {"name": name("Anna Virtanen")}, None),
        ({}, {"name": name("Virtanen Anna")}, None),
        ({}, {"name": PersonName("Virtanen Jr", "Anna")}, "generation_differs"),
    ],
)
def test_what_no_weight_makes_sure(change: dict[str, object], person: dict[str, object], reason: str | None) -> None:
    """A given name that is not the same, a birth date that is not, or neither of them, asks for a person."""
    one, other = prepare_identity(identity(**change)), prepare_customer(customer(**person))
    assert deciding.objection(compare(one, other), one, other) == reason


def test_a_slip_in_the_birth_date_makes_it_less_sure() -> None:
    """It may be a slip, or a son born thirty years later; it is weighed, and is not forgotten."""
    equal, slip, none = (weight(identity(birth_date=date), customer()) for date in (born(), born("1982-10-13"), None))
    assert equal > slip > none
    assert verdict(identity(birth_date=born("1982-10-13")), customer())[0] != "forget"


def test_two_records_of_one_person_are_for_a_person_to_decide() -> None:
    """A coin is not tossed."""
    assert verdict(identity(), customer(1), customer(2)) == ("review", "runner_up_close")


def test_a_maiden_name_is_still_the_person() -> None:
    """The register holds the former name, and the provider tells both; with the new one alone it is less sure."""
    change = identity(names=(name("Anna Maija Koe"), name("Anna Maija Virtanen")))
    assert verdict(change, customer()) == ("apply", "above_threshold")
    unknown = identity(names=(name("Anna Maija Koe"),))
    assert verdict(unknown, customer())[0] != "forget"
    assert weight(unknown, customer()) < weight(change, customer())


@pytest.mark.parametrize(
    "held",
    [
        PersonName("Anna Maija", "Virtanen"),
        PersonName("Virtnaen", "Anna Maija"),
        PersonName("VIRTANEN", "ANNA-MAIJA"),
    ],
)
def test_swapped_names_and_typing_errors_are_still_the_person(held: PersonName) -> None:
    """As long as given name and birth date are sure."""
    assert verdict(identity(), customer(name=held)) == ("apply", "above_threshold")


def test_a_swedish_street_name_is_no_stranger() -> None:
    """Postcode, number and flat speak for the same door."""
    change = identity(addresses=(home("Mannerheimvägen 5 A 3", town="Helsingfors"),))
    assert verdict(change, customer(address=home("Mannerheimintie 5 A 3"))) == ("apply", "above_threshold")


def test_an_old_address_makes_names_and_birth_date_surer() -> None:
    """Common names have namesakes of the same day; none of them lives at the same door."""
    assert weight(identity(addresses=()), customer()) < weight(identity(), customer())
    assert verdict(identity(addresses=()), customer())[0] != "forget"


def test_thresholds_are_certainties() -> None:
    """At the threshold a change is applied, below it reviewed, and below the other forgotten."""
    sure = weight(identity(), customer())

    def with_limits(apply: float, review: float, *people: Customer) -> tuple[str, str]:
        match = decide(identity(), people, replace(MODEL, thresholds=Thresholds(apply, review, 1e-5)))
        return str(match.verdict), match.reason

    assert with_limits(sure, sure, customer()) == ("apply", "above_threshold")
    assert with_limits(sure + 0.01, sure, customer()) == ("review", "below_apply")
    assert with_limits(sure + 0.01, sure + 0.01, customer()) == ("forget", "below_review")
    assert with_limits(sure, sure, customer(1), customer(2, birth_date=None)) == ("review", "runner_up_close")
    assert with_limits(sure + 0.01, sure, customer(1), customer(2)) == ("review", "below_apply")


def test_best_and_runner_up_are_kept() -> None:
    """In the order of their weights; of more of them, two."""
    match = decide(identity(), [customer(3, birth_date=None), customer(1, name=name("Liisa Koe")), customer(2)], MODEL)
    assert match.best is not None
    assert match.runner_up is not None
    assert (match.best.customer_id, match.runner_up.customer_id) == (2, 3)
    assert match.best.weight > match.runner_up.weight


def test_nothing_of_the_person_is_never_applied() -> None:
    """Surname, address, phone and e-mail are the household's."""
    change = identity(names=(name(" Virtanen"),), birth_date=None, **CONTACTS)
    assert verdict(change, customer(**CONTACTS)) == ("review", "no_personal_evidence")


@given(any_identities, st.permutations(["00100", "90100", None]))
def test_a_protected_customer_is_decided_without_the_address(change: Identity, postcodes: list[str]) -> None:
    """Wherever they live, verdict and order are the same."""
    found = {
        decide(change, [customer(1, protected=True, address=home(postcode=postcode)), customer(2)], MODEL)
        for postcode in postcodes
    }
    assert len(found) == 1


@given(any_identities, st.lists(any_customers, max_size=4, unique_by=lambda person: person.id), st.randoms())
def test_the_order_of_candidates_makes_no_difference(change: Identity, people: list[Customer], chance: Random) -> None:
    """The same match comes out, runner-up included."""
    shuffled = list(people)
    chance.shuffle(shuffled)
    assert decide(change, shuffled, MODEL) == decide(change, people, MODEL)


@given(any_identities, any_customers, any_models)
def test_what_is_applied_by_weight_agrees_in_the_given_name(change: Identity, person: Customer, model: Model) -> None:
    """Whatever else there is, whatever the model, and no other birth date or generation."""
    match = decide(change, [person, customer(1_000_001)], replace(model, thresholds=Thresholds(-99, -99, 0.5)))
    if match.verdict == Verdict.APPLY and match.best:
        levels = {one.comparison: one.level for one in match.best.evidence}
        assert levels["given_names"] in {"all_equal", "equal", "equal_folded", "equal_romanised"}
        assert levels["birth_date"] not in {"different", "two_parts"}
