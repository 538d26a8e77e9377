"""People who leave one home by one notice support each other, and are different customers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.matching.compare.level import MISSING
from sync.matching.compare.person import COMPARISONS
from sync.matching.decide import decide
from sync.matching.explain import describe
from sync.matching.model import Model, Thresholds
from sync.matching.notice import Companion, decide_together, with_support
from sync.matching.prepared import prepare_customer, prepare_identity
from sync.model import LOCATION_FIELDS, Customer, Identity, Match, MatchRule, Verdict
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

LEFT = home("Koulukatu 8 B 1", "33540", "Tampere")
"""The home that a notice says is left; where the register has not heard of it, it agrees with nobody's."""
OLD = (home(),)
"""The home that the register has heard of."""
FATHER, MOTHER, CHILD = name("Olli Koe"), name("Liisa Koe"), name("Anni Koe")
PHONE, EMAIL = "+358401234567", "koe@example.org"


def mover(who: Any, born_on: str | None, **more: Any) -> Identity:
    """Return one of the people of a notice."""
    return identity(names=(who,), birth_date=born(born_on) if born_on else None, **{"addresses": (LEFT,)} | more)


def known(number: int, who: Any, born_on: str | None, **more: Any) -> Customer:
    """Return a customer, at the family's older home unless another is given."""
    return customer(number, name=who, birth_date=born(born_on) if born_on else None, **more)


def companions(notice: Sequence[Identity], people: Sequence[Customer], model: Model = MODEL) -> list[Companion]:
    """Let everybody be looked at for everybody, and help each other."""
    known_people = [prepare_customer(person) for person in people]
    changes = [prepare_identity(one) for one in notice]
    return with_support([Companion(one, known_people, decide(one, known_people, model)) for one in changes], model)


def together(notice: Sequence[Identity], people: Sequence[Customer], model: Model = MODEL) -> list[Match]:
    """Decide about a notice."""
    return decide_together(companions(notice, people, model), model)


def told(matches: Sequence[Match]) -> list[tuple[str, str, int | None]]:
    """Return verdict, reason and customer."""
    return [(str(one.verdict), one.reason, one.best.customer_id if one.best else None) for one in matches]


FAMILY = [
    mover(FATHER, "1980-01-02", phone=PHONE),
    mover(MOTHER, "1982-03-04"),
    mover(CHILD, "2015-05-06"),
]
THEIR_RECORDS = [
    known(1, FATHER, "1980-01-02", phone=PHONE),
    known(2, MOTHER, "1982-03-04"),
    known(3, CHILD, "2015-05-06"),
]


# --- support ----------------------------------------------------------------------------------------------------------


def test_a_family_with_an_outdated_address_is_found_through_one_of_them() -> None:
    """The register knows all of them by an older home; one is sure without it, and that makes the others so."""
    alone = [decide(prepare_identity(one), list(map(prepare_customer, THEIR_RECORDS)), MODEL) for one in FAMILY]
    assert [str(one.verdict) for one in alone] == ["apply", "review", "review"]
    assert told(together(FAMILY, THEIR_RECORDS)) == [
        ("apply", "above_threshold", 1),
        ("apply", "above_threshold", 2),
        ("apply", "above_threshold", 3),
    ]


def test_the_evidence_says_that_it_came_from_a_companion() -> None:
    """And says so of the address alone; nothing of the other person is told."""
    father, mother, _ = together(FAMILY, THEIR_RECORDS)
    assert father.best is not None
    assert mother.best is not None
    assert [one.comparison for one in mother.best.evidence if one.companion] == ["address"]
    assert not any(one.companion for one in father.best.evidence)
    (said,) = [line for line in describe(mother.best, "en") if "mover" in line]
    assert said.startswith("Home of a fellow mover equal: ")
    assert "Muk" in "".join(describe(mother.best, "fi"))


def test_what_the_change_itself_says_is_told_as_its_own() -> None:
    """The mother's record has the home that the notice tells, so that the father's older one adds nothing to it."""
    people = [THEIR_RECORDS[0], known(2, MOTHER, None, address=LEFT)]
    _, mother = together(FAMILY[:2], people)
    assert mother.best is not None
    assert [(one.level, one.companion) for one in mother.best.evidence if one.comparison == "address"] == [
        ("equal", False)
    ]


def test_only_the_doubtful_are_looked_for_again() -> None:
    """Under the homes of those who are sure, in an order of their own."""
    elsewhere = home("Rantatie 99", "90570", "Oulu")
    people = [THEIR_RECORDS[0], known(2, MOTHER, "1982-03-04", email=EMAIL, address=elsewhere), THEIR_RECORDS[2]]
    notice = [FAMILY[0], mover(MOTHER, "1982-03-04", email=EMAIL), FAMILY[2]]
    one, other = companions(notice, people), companions(notice[::-1], people)
    assert [len(each.homes) for each in one] == [0, 0, 2]
    assert one[2].homes == other[0].homes


def test_whom_nobody_resembles_is_nobody() -> None:
    """Support finds nobody who is not there."""
    movers = companions(FAMILY[:2], THEIR_RECORDS)
    nobody = Companion(movers[1].change, [], decide(movers[1].change, [], MODEL), movers[1].homes)
    assert nobody.homes
    assert decide_together([movers[0], nobody], MODEL)[1].reason == "no_candidate"


def test_an_id_makes_sure_too() -> None:
    """Who is known by national id supports the others."""
    notice = [replace(FAMILY[0], national_id=ID, phone=None), FAMILY[1]]
    people = [known(1, FATHER, "1980-01-02", national_id=ID), THEIR_RECORDS[1]]
    assert told(together(notice, people)) == [("apply", "ids_equal", 1), ("apply", "above_threshold", 2)]


def test_a_member_of_the_family_is_not_taken_for_another() -> None:
    """The father's home says as much of every one who lives there: without a birth date a person is asked, as before."""
    notice = [mover(FATHER, "1980-01-02", phone=PHONE), mover(MOTHER, None)]
    people = [THEIR_RECORDS[0], known(2, MOTHER, "1982-03-04"), known(3, MOTHER, "2015-05-06")]
    _, mother = together(notice, people)
    assert (str(mother.verdict), mother.reason) == ("review", "below_apply")
    assert mother.best is not None
    assert mother.runner_up is not None
    assert mother.best.weight == mother.runner_up.weight
    _, other_date = together([notice[0], mover(MOTHER, "1985-07-08")], people)
    assert (str(other_date.verdict), other_date.reason) == ("review", "birth_date_differs")


def test_a_stranger_in_the_notice_is_not_pulled_in() -> None:
    """Neither to the family's home nor to a namesake elsewhere."""
    newborn, flatmate = mover(name("Eino Koe"), "2026-10-01"), mover(name("Maija Outo"), "1990-01-01")
    namesake = known(9, name("Maija Outo"), "1971-02-03", address=home("Rantatie 99", "90570", "Oulu"))
    matches = together([*FAMILY, newborn, flatmate], [*THEIR_RECORDS, namesake])
    assert [str(one.verdict) for one in matches] == ["apply", "apply", "apply", "forget", "forget"]


def test_where_a_protected_customer_lives_is_no_evidence() -> None:
    """P6: of whoever supports, and of whoever is supported."""
    shielded = [replace(THEIR_RECORDS[0], hidden=LOCATION_FIELDS), *THEIR_RECORDS[1:]]
    assert [str(one.verdict) for one in together(FAMILY, shielded)] == ["apply", "review", "review"]
    shielded = [THEIR_RECORDS[0], replace(THEIR_RECORDS[1], hidden=LOCATION_FIELDS), THEIR_RECORDS[2]]
    _, mother, child = together(FAMILY, shielded)
    assert mother.best is not None
    assert next(one.level for one in mother.best.evidence if one.comparison == "address") == "missing"
    assert child.verdict is Verdict.APPLY


def test_a_home_that_the_notice_tells_itself_supports_nobody() -> None:
    """It says nothing new, so that nobody needs to be looked for again."""
    people = [known(1, FATHER, "1980-01-02", phone=PHONE, address=LEFT), *THEIR_RECORDS[1:]]
    assert [one.homes for one in companions(FAMILY, people)] == [(), (), ()]


# --- one to one -------------------------------------------------------------------------------------------------------


def test_junior_and_senior_who_move_together_are_told_apart() -> None:
    """One name, one e-mail address; the birth date is told of the father alone, whose record then is nobody else's."""
    notice = [mover(FATHER, "1960-01-02", email=EMAIL, addresses=OLD), mover(FATHER, None, email=EMAIL, addresses=OLD)]
    people = [known(1, FATHER, "1960-01-02", email=EMAIL), known(2, FATHER, "1990-03-04", email=EMAIL)]
    alone = decide(prepare_identity(notice[1]), list(map(prepare_customer, people)), MODEL)
    assert (str(alone.verdict), alone.reason) == ("review", "runner_up_close")
    assert told(together(notice, people)) == [("apply", "above_threshold", 1), ("apply", "above_threshold", 2)]


def test_somebody_kept_twice_is_not_taken_for_two() -> None:
    """A second record that may be the father's is not the son's because the first is taken."""
    father = mover(FATHER, "1960-01-02", email=EMAIL, addresses=OLD, national_id=ID)
    notice = [father, mover(FATHER, None, email=EMAIL, addresses=OLD)]
    first = known(1, FATHER, "1960-01-02", email=EMAIL, national_id=ID)
    (*_, son) = together(notice, [first, known(2, FATHER, None, email=EMAIL)])
    assert (str(son.verdict), son.reason) == ("review", "runner_up_close")
    (*_, son) = together(notice, [first, known(2, FATHER, "1990-03-04", email=EMAIL)])
    assert told([son]) == [("apply", "above_threshold", 2)]


def test_two_ids_tell_two_records_apart() -> None:
    """What has another national id than the father is not the father's second record."""
    day = "1952-10-13"
    father = mover(FATHER, day, email=EMAIL, addresses=OLD, national_id=ID)
    people = [known(n, FATHER, day, email=EMAIL, national_id=id_) for n, id_ in ((1, ID), (2, OTHER_ID))]
    (*_, son) = together([father, mover(FATHER, None, email=EMAIL, addresses=OLD)], people)
    assert told([son]) == [("apply", "above_threshold", 2)]


def test_an_id_that_is_not_unique_stays_so() -> None:
    """Although one of the two who bear it is surely somebody else of the notice."""
    people = [known(1, FATHER, None, national_id=ID), known(2, MOTHER, "1982-03-04", email=EMAIL, national_id=ID)]
    notice = [mover(FATHER, None, national_id=ID), mover(MOTHER, "1982-03-04", email=EMAIL)]
    father, mother = together(notice, people)
    assert (father.reason, len(father.alike)) == ("id_not_unique", 2)
    assert told([mother]) == [("apply", "above_threshold", 2)]


def test_two_who_fit_one_customer_alike_are_for_a_person_to_decide() -> None:
    """One customer cannot be both."""
    one = mover(FATHER, "1980-01-02", email=EMAIL, addresses=OLD)
    for model in (MODEL, replace(MODEL, thresholds=Thresholds(-5.0, -5.0, 0.5))):
        assert told(together([one, one], [known(1, FATHER, "1980-01-02", email=EMAIL)], model)) == [
            ("review", "companion_fits", 1),
            ("review", "companion_fits", 1),
        ]


def test_of_two_who_fit_one_customer_the_far_better_has_it() -> None:
    """The other is nobody here: before, the father's address would have been changed by the son's notice, too."""
    notice = [
        mover(FATHER, "1960-01-02", phone=PHONE, email=EMAIL, addresses=OLD),
        mover(FATHER, None, email=EMAIL, addresses=OLD),
    ]
    people = [known(1, FATHER, "1960-01-02", phone=PHONE, email=EMAIL)]
    alone = [decide(prepare_identity(one), list(map(prepare_customer, people)), MODEL) for one in notice]
    assert [str(one.verdict) for one in alone] == ["apply", "apply"]
    clear = replace(MODEL, thresholds=Thresholds(12.0, 0.0, 1e-4))
    assert told(together(notice, people, clear)) == [
        ("apply", "above_threshold", 1),
        ("forget", "companion_only", None),
    ]
    assert [str(one.verdict) for one in together(notice, people)] == ["review", "review"]


def test_a_doubtful_companion_may_yet_be_the_one() -> None:
    """Somebody else of the notice has the customer's birth date and a part of the name: that counts like a rival."""
    notice = [
        mover(name("Tapio Matias Koe"), None, email=EMAIL, addresses=OLD),
        mover(name("Matias Koe"), "1982-08-25", addresses=OLD),
    ]
    people = [known(1, name("Tapio Matias Koe"), "1982-08-25", email=EMAIL)]
    assert told(together(notice[:1], people)) == [("apply", "above_threshold", 1)]
    assert told(together(notice, people)) == [("review", "companion_fits", 1), ("review", "given_name_uncertain", 1)]


def test_an_id_comes_before_any_weight() -> None:
    """And one id of two people is for a person to decide."""
    record = known(1, FATHER, "1980-01-02", email=EMAIL, national_id=ID)
    named, unnamed = replace(FAMILY[0], national_id=ID), mover(FATHER, "1980-01-02", email=EMAIL)
    assert told(together([unnamed, named], [record])) == [("forget", "companion_only", None), ("apply", "ids_equal", 1)]
    assert [one.reason for one in together([named, named], [record])] == ["companion_fits", "companion_fits"]


def test_nobody_is_asked_whether_a_stranger_is_a_companion() -> None:
    """The son is no customer; the father's record, which nearly has his name and is all that is found, is not his."""
    son = mover(name("Olli Eino Koe"), None, phone=PHONE)
    record = known(1, FATHER, "1980-01-02", phone=PHONE, email=EMAIL, address=LEFT)
    alone = decide(prepare_identity(son), [prepare_customer(record)], MODEL)
    assert str(alone.verdict) == "review"
    assert told(together([replace(FAMILY[0], email=EMAIL), son], [record])) == [
        ("apply", "above_threshold", 1),
        ("forget", "companion_only", None),
    ]
    # With no more than the birth date to tell them apart, the father's record may yet be the son's.
    assert told(together([FAMILY[0], son], [record]))[0] == ("review", "companion_fits", 1)


# --- any notice -------------------------------------------------------------------------------------------------------

few_people = st.lists(any_customers, min_size=1, max_size=5).map(
    lambda people: [replace(one, id=number) for number, one in enumerate(people, 1)]
)


@st.composite
def families(draw: st.DrawFn) -> tuple[list[Identity], list[Customer]]:
    """Draw a notice about some of a few customers, in whom now and then something differs, and about others."""
    people = draw(few_people)
    notice = []
    for person in draw(st.lists(st.sampled_from(people), min_size=1, max_size=4)):
        other, keep = draw(any_identities), draw(st.integers(0, 15))
        notice.append(
            replace(
                other,
                names=(person.name,) if person.name and keep & 1 else other.names,
                birth_date=person.birth_date if keep & 2 else other.birth_date,
                phone=person.phone if keep & 4 else other.phone,
                email=person.email if keep & 8 else other.email,
            )
        )
    return notice, people


loose = st.sampled_from([MODEL, *(replace(MODEL, thresholds=Thresholds(at, 0.0, 1e-3)) for at in (2.0, 8.0))])
models = loose | any_models


@given(families(), models, st.randoms(use_true_random=False))
def test_the_order_makes_no_difference(
    family: tuple[list[Identity], list[Customer]], model: Model, chance: Random
) -> None:
    """Neither that of the notice nor that of the customers."""
    notice, people = family
    order = chance.sample(range(len(notice)), len(notice))
    shuffled = together([notice[n] for n in order], chance.sample(people, len(people)), model)
    assert shuffled == [together(notice, people, model)[n] for n in order]


@given(families(), models)
def test_no_customer_is_two_of_them(family: tuple[list[Identity], list[Customer]], model: Model) -> None:
    """Whatever the weights and thresholds are."""
    matches = together(*family, model)
    applied = Counter(one.best.customer_id for one in matches if one.best and one.verdict is Verdict.APPLY)
    assert max(applied.values(), default=1) == 1


@given(families(), models)
def test_whoever_is_surely_one_of_them_stays_so(family: tuple[list[Identity], list[Customer]], model: Model) -> None:
    """The others may change what is decided about the doubtful, and take a customer in dispute from everybody."""
    movers = companions(*family, model)
    wanted = Counter(one.alone.best.customer_id for one in movers if one.alone.best and one.alone.verdict != "forget")
    for one, match in zip(movers, decide_together(movers, model), strict=True):
        best = one.alone.best
        if best and one.alone.verdict is Verdict.APPLY and wanted[best.customer_id] == 1:
            assert match == one.alone


@given(any_identities, few_people, models)
def test_somebody_alone_is_decided_as_ever(change: Identity, people: list[Customer], model: Model) -> None:
    """A notice of one mover has nobody to support or to contradict it."""
    prepared = list(map(prepare_customer, people))
    assert together([change], people, model) == [decide(prepare_identity(change), prepared, model)]


@given(families(), models)
def test_without_anybody_sure_nothing_changes(family: tuple[list[Identity], list[Customer]], model: Model) -> None:
    """Missing support is neutral."""
    movers = companions(*family, model)
    if not any(one.alone.verdict is Verdict.APPLY for one in movers):
        assert decide_together(movers, model) == [one.alone for one in movers]


@given(families())
def test_support_never_speaks_against_anybody(family: tuple[list[Identity], list[Customer]]) -> None:
    """Where the change's own address can be compared, a further reading of it lowers no candidate's weight."""
    address = list(COMPARISONS).index("address")
    for one in companions(*family):
        for person in one.people if one.alone.rule is MatchRule.WEIGHT else ():
            before, after = MODEL.find(one.change, person), MODEL.find(one.supported, person)
            if before[address][0] != MISSING:
                assert MODEL.weigh(after) >= MODEL.weigh(before)


@pytest.mark.parametrize("count", [2, 20])
def test_a_notice_of_any_size_is_decided(count: int) -> None:
    """As many as a notice may have, all of one name, each with a birth date of their own."""
    dates = [f"{1990 + n}-01-02" for n in range(count)]
    notice = [mover(FATHER, date, phone=PHONE) for date in dates]
    people = [known(n, FATHER, date, phone=PHONE) for n, date in enumerate(dates, 1)]
    assert [one.best.customer_id for one in together(notice, people) if one.best] == list(range(1, count + 1))
