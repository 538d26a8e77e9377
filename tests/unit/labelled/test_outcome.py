"""What counts as right for one change."""

from typing import Any

from adapters.labelled.measure import outcome
from sync.matching.prepared import Prepared, prepare_customer, prepare_identity
from sync.model import Verdict
from tests.unit.matching.people import ID, MODEL, OTHER_ID, customer, identity, name


def who(number: int, **values: Any) -> Prepared:
    """Return a customer who is the person of the change, but for what is given otherwise."""
    return prepare_customer(customer(number, **values))


CHANGE = prepare_identity(identity())


def test_the_counterpart_is_right_and_another_is_wrong() -> None:
    """The best candidate is compared with the truth."""
    people = [who(1), who(2, name=name("Pekka Koe"), phone="+358401234567")]
    good, bad = (outcome(CHANGE, people, meant, MODEL) for meant in ({1}, {2}))
    assert (good.scored, good.known, good.found, good.right) == (2, True, True, True)
    assert (bad.known, bad.found, bad.right) == (True, True, False)


def test_a_change_about_nobody_has_no_right_candidate() -> None:
    """Whoever comes up for it is wrong; when nobody comes up there is no certainty."""
    wrong = outcome(CHANGE, [who(1)], (), MODEL)
    assert (wrong.known, wrong.found, wrong.right) == (False, False, False)
    assert outcome(CHANGE, [], (), MODEL).certainty is None


def test_a_tie_is_no_match_unless_both_are_right() -> None:
    """Two customers exactly alike: right only where the truth names both, because the register holds somebody twice."""
    twice = [who(1), who(2)]
    assert not outcome(CHANGE, twice, {1}, MODEL).right
    assert not outcome(CHANGE, twice, {2}, MODEL).right
    assert outcome(CHANGE, twice, {1, 2}, MODEL).right


def test_either_of_two_records_is_right() -> None:
    """Of somebody whom the register holds twice the better record is found, and counts once."""
    people = [who(1, birth_date=None), who(2)]
    found = outcome(CHANGE, people, {1, 2}, MODEL)
    assert (found.known, found.found, found.right) == (True, True, True)
    assert outcome(CHANGE, people[:1], {1, 2}, MODEL).right


def test_a_counterpart_that_did_not_come_up_was_not_found() -> None:
    """Blocking recall counts the counterpart among the candidates, not any candidate."""
    found = outcome(CHANGE, [who(1)], {7}, MODEL)
    assert (found.known, found.found, found.right) == (True, False, False)


def test_national_ids_decide_and_forbid() -> None:
    """An equal id is surer than any weight, and a differing one leaves nobody."""
    change = CHANGE._replace(ids=frozenset({ID}))
    same = outcome(change, [who(1, national_id=ID), who(2)], {1}, MODEL)
    assert (same.verdict, same.right) == (Verdict.APPLY, True)
    assert same.certainty is not None
    assert same.certainty > 100
    other = outcome(change, [who(1, national_id=OTHER_ID)], {1}, MODEL)
    assert (other.verdict, other.certainty, other.right) == (Verdict.FORGET, None, False)
    twice = outcome(change, [who(1, national_id=ID), who(2, national_id=ID)], {1, 2}, MODEL)
    assert (twice.verdict, twice.right) == (Verdict.REVIEW, True)
