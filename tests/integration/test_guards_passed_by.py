"""What must not get past a guard, and what a guard must not keep out."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from sync.applying.guard import Limits
from sync.errors import FeedPaused
from sync.guarding import resume
from sync.model import Change, Fact, FactKind, Field, Identity, PartialDate, PersonName
from tests.harness import START, Engine, protected
from tests.integration.test_guards import KEYS, died, id_of, left, town, trips
from tests.integration.whole_way import NEW, OLD, mirror

NEW_ID = id_of("40")


@pytest.fixture
def clinic(url: str) -> Iterator[Engine]:
    """Give a town in which four customers a day may lose their address or die."""
    engine = town(url, Limits(floor=4))
    yield engine
    engine.store.close()


def renamed(key: str) -> Change:
    """Say that a customer has a new national id."""
    fact = Fact(Field.NATIONAL_ID, FactKind.SET, NEW_ID, PartialDate(2026, 11, 2))
    return Change("renamed", "renamed", Identity(id_of(key)), (fact,), recorded_at=START)


def named_anew(key: str) -> Change:
    """Name a customer by a new national id, and by the former one too."""
    return Change("named", "named", Identity(NEW_ID, (id_of(key),)), recorded_at=START)


@pytest.mark.parametrize("told", [renamed, named_anew])
@pytest.mark.parametrize("one_page", [True, False])
def test_an_order_under_an_id_that_waits_in_a_paused_feed_is_carried_out(
    clinic: Engine, one_page: bool, told: Callable[[str], Change]
) -> None:
    """P1: the new id is brought by the page that tripped the guard, the order by that page or the next."""
    page = [*map(left, KEYS[:5]), told("11")]
    clinic.postal.log += [*page, protected(national_id=NEW_ID)]
    for _ in range(2):
        clinic.postal.cut(*([] if one_page else [len(page)]))
        with suppress(FeedPaused):
            clinic.follow("posti")
    assert mirror(clinic, "11").protected


def test_an_order_that_matched_nobody_while_a_feed_was_paused_is_decided_again(clinic: Engine) -> None:
    """P1: an order that is told again is not passed over because it was taken out of its turn."""
    clinic.postal.log += map(left, KEYS[:5])
    with pytest.raises(FeedPaused):
        clinic.follow("posti")
    clinic.postal.log.append(protected(national_id=NEW_ID))
    clinic.follow("posti")
    assert clinic.outcomes("posti") == {"no_match": 1}
    clinic.add("60", national_id=NEW_ID)
    clinic.load()
    resume(clinic.parts, clinic.parts.feeds["posti"], by="operator", reason="checked", up_to=5)
    clinic.follow("posti")
    assert mirror(clinic, "60").protected


@pytest.mark.parametrize("days", [0, 1, 90])
def test_what_ends_by_itself_later_counts_when_it_is_said(clinic: Engine, days: int) -> None:
    """A feed that dates its burst today, or ahead, gets no more past the guard than one that dates it back."""
    day = PartialDate.of(START.date() + timedelta(days=days))
    ends = [Fact(Field.ADDRESS, FactKind.ENDED, OLD, valid_until=day) for _ in KEYS]
    said = [replace(left(key), facts=(fact,)) for key, fact in zip(KEYS[:5], ends, strict=False)]
    assert trips(clinic, *said).guard == "ended_addresses"


def test_deaths_of_a_day_to_come_count_when_they_are_said(clinic: Engine) -> None:
    """Nobody can know them, and they would come true by themselves."""
    day = PartialDate.of(START.date() + timedelta(days=1))
    said = [replace(died(key), facts=(Fact(Field.DEATH, FactKind.SET, day, day),)) for key in KEYS[:5]]
    assert trips(clinic, *said).guard == "deaths"


def test_whoever_moves_on_a_day_to_come_loses_nothing(clinic: Engine) -> None:
    """A notice ends the old home on the day before: that is no burst, nor is it when the day comes."""
    until, since = PartialDate.of(START.date() + timedelta(days=9)), PartialDate.of(START.date() + timedelta(days=10))
    facts = (
        Fact(Field.ADDRESS, FactKind.ENDED, OLD, valid_until=until),
        Fact(Field.ADDRESS, FactKind.SET, NEW, valid_from=since),
    )
    clinic.population.log += [replace(left(key), facts=facts) for key in KEYS]
    clinic.follow()
    assert clinic.outcomes()["applied"] == len(KEYS)


def test_somebody_who_would_be_another_on_a_day_to_come_waits_for_a_person(clinic: Engine) -> None:
    """Two of family name, birth date and sex at once are doubted on the day on which it is said."""
    day = PartialDate.of(START.date() + timedelta(days=1))
    facts = (
        Fact(Field.NAME, FactKind.SET, PersonName("Toinen", "Maija"), day),
        Fact(Field.BIRTH_DATE, FactKind.SET, PartialDate(1980, 1, 1), day),
    )
    clinic.population.log.append(replace(left("0"), facts=facts))
    clinic.follow()
    assert clinic.outcomes()["review"] == 1
