"""A family's notice, the whole way from the provider's line to the register."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from adapters.providers.moves.lines import read_payload
from sync.applying.protection import shielded
from sync.matching.explain import candidate_as_data
from sync.model import LOCATION_FIELDS, Change, FactValue, Field, PartialDate, PersonName
from sync.ports.store import Review, StoredFact
from sync.steps.match import match
from sync.steps.receive import Received
from tests.harness import Engine, home, moved, protected
from tests.integration.whole_way import mirror, pull, watched

OLD = home("Vanhakuja", "1")
"""Where the register has the family."""
LEFT = {
    "street": {"fi": "Välikatu"},
    "number": "7",
    "postcode": "33100",
    "post_office": {"fi": "Tampere"},
    "country": "FI",
}
"""Where the notice says that they lived, which the register never heard of."""
NEW = {
    "street": {"fi": "Rantatie"},
    "number": "5",
    "postcode": "00100",
    "post_office": {"fi": "Helsinki"},
    "country": "FI",
}
PHONE, EMAIL = "+358401234567", "koe@example.org"


def mover(given_names: str, born: str | None = None, surname: str = "Koe", **more: str) -> dict[str, str]:
    """Return one of the people of a line."""
    return {"given_names": given_names, "surname": surname} | ({"birth_date": born} if born else {}) | more


def line(*movers: dict[str, str], notice: str = "N1", left: dict[str, Any] = LEFT) -> dict[str, Any]:
    """Return a notice."""
    numbered = [{"mover_id": str(number), **who} for number, who in enumerate(movers, 1)]
    return {
        "format": "ajantasa-moves/1",
        "type": "notice",
        "kind": "permanent",
        "notice_id": notice,
        "registered_at": "2026-11-20T10:00:00+02:00",
        "move_date": "2026-11-01",
        "movers": numbered,
        "from": left,
        "to": NEW,
    }


def cancellation(*movers: str, notice: str = "N1") -> dict[str, Any]:
    """Return a line that takes a notice back for some of its movers."""
    said = {"format": "ajantasa-moves/1", "type": "cancellation", "notice_id": notice}
    return said | {"registered_at": "2026-11-20T12:00:00+02:00", "movers": list(movers)}


def read(*lines: dict[str, Any]) -> list[Change]:
    """Read lines that are nothing but changes."""
    page = read_payload("".join(json.dumps(each) + "\n" for each in lines).encode())
    changes = [item for item in page.items if isinstance(item, Change)]
    assert len(changes) == len(page.items)
    return changes


def bring(engine: Engine, *lines: dict[str, Any]) -> None:
    """Have the postal operator tell these lines, and deliver what follows."""
    engine.postal.log.extend(read(*lines))
    engine.follow("posti")
    engine.deliver()


def add(engine: Engine, key: str, given_names: str, born: PartialDate, **more: FactValue) -> None:
    """Put somebody of the family into the register, without a national id."""
    person = {"national_id": "", "name": PersonName("Koe", given_names), "birth_date": born, "address": OLD}
    engine.add(key, **(person | more))


@pytest.fixture
def family(either: Engine) -> Engine:
    """Give an engine whose register has a family by an outdated address; of the father it knows the phone, too."""
    add(either, "1", "Olli", PartialDate(1980, 1, 2), phone=PHONE)
    add(either, "2", "Liisa", PartialDate(1982, 3, 4))
    add(either, "3", "Anni", PartialDate(2015, 5, 6))
    either.load()
    return either


OLLI = mover("Olli", "1980-01-02", phone=PHONE)
LIISA, ANNI = mover("Liisa", "1982-03-04"), mover("Anni", "2015-05-06")


def streets(engine: Engine, keys: Sequence[str] = "123") -> list[str]:
    """Return the streets that stand in the register."""
    return [engine.held(key)[Field.ADDRESS].street.text() for key in keys]  # type: ignore[union-attr]  # all have one


def stored(engine: Engine, key: str) -> StoredFact:
    """Return what is held of somebody's new address, with its provenance."""
    with engine.store.snapshot() as work:
        customer = work.by_keys("clinic", [key])[key]
        return next(
            one for one in work.stored_facts(customer.id) if one.held.fact.field is Field.ADDRESS and one.weighed
        )


def reviews(engine: Engine) -> dict[str, Review]:
    """Return the open reviews, by the key of whom each is about."""
    with engine.store.snapshot() as work:
        return {work.customers([one.best.customer_id])[one.best.customer_id].key: one for one in work.reviews()}


def test_a_family_is_found_by_its_outdated_address(family: Engine) -> None:
    """One of them is sure without the address; the register has the others where it has that one."""
    bring(family, line(OLLI, LIISA, ANNI))
    assert family.outcomes("posti") == {"applied": 3}
    assert streets(family) == ["Rantatie"] * 3


def test_each_alone_waits_for_a_person(family: Engine) -> None:
    """Without the others the same evidence does not suffice: notices of one mover are decided as they ever were."""
    bring(family, line(OLLI), line(LIISA, notice="N2"), line(ANNI, notice="N3"))
    assert family.outcomes("posti") == {"applied": 1, "review": 2}
    assert streets(family) == ["Rantatie", "Vanhakuja", "Vanhakuja"]
    assert {one.reason for one in reviews(family).values()} == {"below_apply"}


def test_the_explanation_says_whose_home_it_was(family: Engine) -> None:
    """With the decision is kept that the address came from a companion, and nothing of that person besides."""
    bring(family, line(OLLI, LIISA))
    weighed = stored(family, "2").weighed
    assert weighed is not None
    told = candidate_as_data(weighed, "fi")
    (home_of_other,) = [one for one in told["evidence"] if one["companion"]]
    assert (home_of_other["comparison"], home_of_other["level"]) == ("address", "equal")
    assert home_of_other["words"].startswith("Mukana muuttavan koti sama: ")
    assert "Olli" not in str(told)
    assert "Vanhakuja" not in str(told)
    own = stored(family, "1").weighed
    assert own is not None
    assert not any(one["companion"] for one in candidate_as_data(own, "fi")["evidence"])


def test_whoever_is_found_by_the_home_alone_is_looked_for(family: Engine) -> None:
    """A customer whom no key of the change finds is found under the companion's home."""
    odd = PersonName("Koe", "Maija")
    for number in range(40):  # so many of that name that it finds nobody
        add(
            family,
            f"{100 + number}",
            "Maija",
            PartialDate(1950, 1, 1 + number % 28),
            address=home("Muukatu", f"{number}"),
        )
    add(family, "4", "Maija", PartialDate(1990, 7, 8))
    family.load()
    bring(family, line(mover("Maija"), notice="N0"))
    before = reviews(family)
    bring(family, line(OLLI, mover("Maija")))
    assert "4" not in before
    assert reviews(family)["4"].reason == "below_apply"
    assert family.held("4")[Field.NAME] == odd


def test_father_and_son_of_one_name_are_told_apart(either: Engine) -> None:
    """The birth date of one of them is told; the other is the one who is left."""
    left = {
        **LEFT,
        "street": {"fi": "Vanhakuja"},
        "number": "1",
        "postcode": "00100",
        "post_office": {"fi": "Helsinki"},
    }
    add(either, "1", "Olli", PartialDate(1955, 1, 2), email=EMAIL)
    add(either, "2", "Olli", PartialDate(1985, 3, 4), email=EMAIL)
    either.load()
    bring(either, line(mover("Olli", email=EMAIL), notice="N0", left=left))
    assert either.outcomes("posti") == {"review": 1}
    bring(either, line(mover("Olli", email=EMAIL), mover("Olli", "1955-01-02", email=EMAIL), left=left))
    assert either.outcomes("posti") == {"review": 1, "applied": 2}
    assert streets(either, "12") == ["Rantatie", "Rantatie"]


def test_a_stranger_in_the_notice_is_not_pulled_in(family: Engine) -> None:
    """Neither somebody's namesake elsewhere nor a newborn of the family is taken for a customer."""
    add(family, "4", "Maija", PartialDate(1971, 2, 3), name=PersonName("Outo", "Maija"), address=home("Muukatu", "9"))
    family.load()
    bring(family, line(OLLI, LIISA, ANNI, mover("Maija", "1990-09-09", "Outo"), mover("Eino", "2026-10-01")))
    assert family.outcomes("posti") == {"applied": 3, "no_match": 2}
    assert streets(family, "1234") == ["Rantatie", "Rantatie", "Rantatie", "Muukatu"]


def test_one_customer_is_not_two_of_them(family: Engine) -> None:
    """Somebody who stands in a notice twice waits for a person, once for each."""
    bring(family, line(OLLI, OLLI))
    assert family.outcomes("posti") == {"review": 2}
    assert {one.reason for one in reviews(family).values()} == {"companion_fits"}
    assert streets(family, "1") == ["Vanhakuja"]


def test_one_of_them_is_taken_back(family: Engine) -> None:
    """A cancellation is about the mover whom it names, found through the others or not."""
    bring(family, line(OLLI, LIISA, ANNI))
    bring(family, cancellation("2"))
    assert streets(family) == ["Rantatie", "Vanhakuja", "Rantatie"]


def test_people_of_one_notice_may_come_apart(family: Engine) -> None:
    """Those are decided together who stand in one page."""
    family.postal.cut(1, 2)
    bring(family, line(ANNI, OLLI, LIISA))
    assert family.outcomes("posti") == {"applied": 2, "review": 1}
    assert streets(family) == ["Rantatie", "Rantatie", "Vanhakuja"]


def test_the_order_of_a_page_makes_no_difference(family: Engine) -> None:
    """Neither that of the movers nor that of the notices; and a notice of one is decided as if it were alone."""
    items = read(line(OLLI, LIISA, ANNI), line(OLLI, OLLI, notice="N2"), line(LIISA, notice="N3"), cancellation("2"))
    page = [Received(item, item.event_id, item.notice_id or "", item.cancels or "") for item in items]
    feed, chance = family.parts.feeds["posti"], Random(1)
    with family.store.snapshot() as work:
        told = dict(zip(items, match(family.parts, feed, work, page), strict=True))
        for _ in range(10):
            chance.shuffle(page)
            for received, found in zip(page, match(family.parts, feed, work, page), strict=True):
                assert told[received.change] == found
        (alone,) = [one for one in page if one.change.event_id == "N3#1"]
        assert match(family.parts, feed, work, [alone]) == [told[alone.change]]
    assert [str(told[item].verdict) for item in items] == ["apply"] * 3 + ["review"] * 3 + ["forget"]


def test_where_a_protected_customer_lives_supports_nobody(family: Engine) -> None:
    """P6: the others are decided as if nobody knew that home."""
    with family.store.begin() as work:
        customer = work.by_keys("clinic", ["1"])["1"]
        work.update_customers([shielded(customer, LOCATION_FIELDS)])
        work.commit()
    bring(family, line(OLLI, LIISA, ANNI))
    assert set(reviews(family)) >= {"2", "3"}


def test_an_order_waits_for_nobody(either: Engine) -> None:
    """P1: whatever the others of a notice make doubtful, whoever is protected is so at once."""
    watched(either)
    pull(either, protected(event="e1", joint_notice="N1"), moved(OLD, event="e2", joint_notice="N1"))
    assert mirror(either).protected


def test_one_id_of_two_people_is_for_a_person_to_decide(either: Engine) -> None:
    """The same without an order."""
    watched(either)
    pull(either, moved(OLD, event="e1", joint_notice="N1"), moved(OLD, event="e2", joint_notice="N1"))
    assert {one.reason for one in reviews(either).values()} == {"companion_fits"}
