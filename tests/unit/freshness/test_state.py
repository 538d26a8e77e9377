"""The state of a field at the moment of asking: safety, then doubt, then news, then age."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sync.applying.settle import settle
from sync.applying.survivorship import resolve_all
from sync.freshness.coverage import covered
from sync.freshness.policy import FeedPromise, Policy
from sync.freshness.state import Judgement, Situation, judge, may_tell
from sync.freshness.status import State
from sync.model import LOCATION_FIELDS, AddressStatus, Customer, FactKind, Field, HeldFact, Hold, HoldKind, PartialDate
from tests.unit.applying.said import DVV, FOUND, MAIL, POST, STAFF, A, B, C, ended, said

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
DAY = timedelta(days=1)
POLICY = Policy(
    zone=ZoneInfo("Europe/Helsinki"),
    limits={Field.PHONE: 30 * DAY},
    feeds={"vtj": FeedPromise(frozenset({Field.ADDRESS, Field.NAME}), 2 * DAY)},
    names={"vtj": "DVV"},
)
LIVE = Situation({"vtj": NOW - 90 * DAY}, {"vtj": NOW - DAY})
CLEAR = said(False, field=Field.PROTECTION, kind=FactKind.CONFIRMED)
ORDER = said(True, field=Field.PROTECTION)
DEAD = said(PartialDate(2026, 11, 2), field=Field.DEATH)
HOME = said(A, "2020-01-01")
"""Said three weeks ago by the population register, and found in the register before that."""
FOUND_HOME = said(A, source=FOUND)


def judged(
    *facts: HeldFact, situation: Situation = LIVE, now: datetime = NOW, field: Field = Field.ADDRESS
) -> Judgement:
    """Judge a field."""
    day = now.astimezone(POLICY.zone).date()
    return judge(field, resolve_all(facts, day), situation, POLICY, now)


NEWS = said(B, "2026-11-01")
COMING = said(C, "2026-12-01")


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ((HOME, FOUND_HOME, CLEAR), State.CURRENT),
        ((HOME, NEWS, FOUND_HOME, CLEAR), State.CHANGED),
        ((HOME, COMING, CLEAR), State.COMING),
        ((FOUND_HOME, CLEAR), State.ASK),  # watched, and never confirmed
        ((HOME, ended(A, "2026-11-10", hours=1), CLEAR), State.ASK),
        ((), State.ASK),
        ((HOME, said(True, field=Field.UPDATE_BAN)), State.NOT_COVERED),
        ((HOME, NEWS, COMING, ORDER), State.CONTACT_ONLY),
        ((HOME, ORDER, DEAD), State.DECEASED),
        ((HOME, NEWS, DEAD), State.DECEASED),
        ((HOME, said(False, field=Field.DEATH), FOUND_HOME), State.CURRENT),
    ],
)
def test_the_first_rule_that_fits_wins(facts: tuple[HeldFact, ...], state: State) -> None:
    """Safety, doubt, news, age."""
    assert judged(*facts).state is state


def test_nothing_is_told_of_the_history_of_somebody_not_known_to_be_unprotected() -> None:
    """P2: unknown counts as protected where a change or a move to come would be told."""
    assert judged(HOME, NEWS).state is State.CURRENT
    assert judged(HOME, COMING).state is State.CURRENT
    states = resolve_all([HOME], NOW.date())
    assert not may_tell(Field.ADDRESS, states, POLICY)
    assert may_tell(Field.ADDRESS, states, replace(POLICY, assume_clear=True))
    assert may_tell(Field.PHONE, states, POLICY)
    protected = resolve_all([HOME, ORDER], NOW.date())
    assert not may_tell(Field.ADDRESS, protected, replace(POLICY, assume_clear=True))


def test_a_protected_persons_card_tells_no_day() -> None:
    """P7: neither when it was confirmed, nor by whom, nor when it changed."""
    assert judged(HOME, NEWS, COMING, ORDER) == Judgement(State.CONTACT_ONLY)
    assert judged(HOME, NEWS, DEAD) == Judgement(State.DECEASED)


def test_an_open_review_is_a_conflict() -> None:
    """Until somebody decides."""
    assert judged(HOME, CLEAR, situation=replace(LIVE, under_review=True)).state is State.CONFLICT
    assert judged(HOME, ORDER, situation=replace(LIVE, under_review=True)).state is State.CONTACT_ONLY


def test_two_values_of_one_day_are_a_conflict() -> None:
    """Below safety and rights, above what comes, what came back and who watches; and of this field only."""
    other = said(C, "2026-11-01", source=POST)
    assert judged(HOME, NEWS, other, CLEAR).state is State.CONFLICT
    assert judged(HOME, NEWS, other).state is State.CONFLICT
    assert judged(HOME, NEWS, other, ORDER).state is State.CONTACT_ONLY
    assert judged(HOME, NEWS, other, DEAD).state is State.DECEASED
    restricted = replace(LIVE, holds=(Hold(0, HoldKind.RESTRICTION, None, NOW, "officer", "claim"),))
    assert judged(HOME, NEWS, other, CLEAR, situation=restricted).state is State.ON_HOLD
    assert judged(HOME, NEWS, other, COMING, CLEAR).state is State.CONFLICT
    assert judged(HOME, NEWS, other, CLEAR, situation=Situation()).state is State.CONFLICT
    assert judged(HOME, NEWS, other, CLEAR, field=Field.NAME).state is State.ASK


def test_a_confirmation_grows_old() -> None:
    """On the moment, and not before; each field by its own limit."""
    confirmed = HOME.recorded_at
    live = Situation({"vtj": confirmed}, {"vtj": confirmed + 366 * DAY})
    limit = confirmed + 365 * DAY
    assert judged(HOME, FOUND_HOME, situation=live, now=limit).state is State.CURRENT
    assert judged(HOME, FOUND_HOME, situation=live, now=limit + timedelta(seconds=1)).state is State.ASK
    assert POLICY.limit(Field.PHONE) == 30 * DAY


def test_news_grow_old() -> None:
    """After thirty days a change is an ordinary value."""
    at = NEWS.learned_at + 30 * DAY
    live = Situation({"vtj": at}, {"vtj": at})
    assert judged(HOME, NEWS, CLEAR, situation=live, now=at).state is State.CHANGED
    assert judged(HOME, NEWS, CLEAR, situation=live, now=at + timedelta(seconds=1)).state is State.CURRENT


def test_the_day_of_a_change_is_when_it_holds_from() -> None:
    """Or when we learned it, where it holds from long ago."""
    assert str(judged(HOME, NEWS, CLEAR).day) == "2026-11-01"
    assert str(judged(said(B, "2019-05-01"), CLEAR).day) == "2026-11-01"
    assert str(judged(HOME, COMING, CLEAR).day) == "2026-12-01"


@pytest.mark.parametrize(
    "situation",
    [
        Situation(),  # nobody watches
        Situation({"vtj": NOW}, {"vtj": None}),  # the feed never came to its end
        Situation({"vtj": NOW}, {"vtj": NOW - 2 * DAY - timedelta(seconds=1)}),  # it stalls
        Situation({"unknown": NOW}, {"unknown": NOW}),  # nobody promised anything for it
    ],
)
def test_silence_of_nobody_is_no_accuracy(situation: Situation) -> None:
    """Truth 1: freshness without coverage is not enough."""
    assert judged(HOME, CLEAR, situation=situation).state is State.NOT_COVERED


@pytest.mark.parametrize(
    ("country", "home", "is_covered"),
    [
        ("SE", "FI", False),
        ("FI", "FI", True),
        (None, "FI", True),  # nobody told
        ("AX", "FI", True),  # Åland has a code of its own, and Finland's registers
        ("FI", "AX", True),
        ("SE", "SE", True),
        ("FI", "SE", False),
        ("SE", None, True),  # nobody has said which country is meant
    ],
)
def test_nobody_watches_an_address_abroad(country: str | None, home: str | None, *, is_covered: bool) -> None:
    """No feed tells of moves there; what it tells of other fields is covered as before."""
    states = resolve_all([said(replace(A, country=country), "2020-01-01")], NOW.date())
    policy = replace(POLICY, country=home)
    found = [
        covered(name, states, LIVE.watched_by, LIVE.caught_up, policy, NOW) for name in (Field.ADDRESS, Field.NAME)
    ]
    assert found == [is_covered, True]


def test_what_bears_on_an_address_abroad_comes_before_who_watches_it() -> None:
    """Safety, doubt and what is to come stand above; who watches stands above news and age."""
    abroad = said(replace(A, country="SE"), "2026-11-01")
    came_back = said(None, "2026-11-10", kind=FactKind.RETURNED, source=MAIL, hours=240)
    assert judged(abroad, CLEAR).state is State.NOT_COVERED
    assert judged(abroad, ORDER).state is State.CONTACT_ONLY
    assert judged(abroad, CLEAR, situation=replace(LIVE, under_review=True)).state is State.CONFLICT
    assert judged(abroad, COMING, CLEAR).state is State.COMING
    assert judged(abroad, came_back, CLEAR).state is State.RETURNED


def test_a_feed_covers_only_what_it_speaks_of() -> None:
    """A confirmed phone number is not watched by a feed of addresses."""
    phone = said("+358401234567", "2026-11-01", field=Field.PHONE)
    assert judged(phone, field=Field.PHONE).state is State.NOT_COVERED
    states = resolve_all([said(True, field=Field.UPDATE_BAN)], NOW.date())
    assert covered(Field.NAME, {}, LIVE.watched_by, LIVE.caught_up, POLICY, NOW)
    assert not covered(Field.NAME, states, LIVE.watched_by, LIVE.caught_up, POLICY, NOW)


# --- what follows for the register ----------------------------------------------------------------------------------------


def settled(*facts: HeldFact, held: dict[Field, Any] | None = None, **more: Any) -> Any:
    """Settle a customer whose record holds these values."""
    customer = Customer("clinic", "42", "1", {Field.ADDRESS: A} if held is None else held)
    more.setdefault("writable", frozenset(Field) - {Field.NATIONAL_ID})
    more.setdefault("shows_status", False)
    states = resolve_all(facts, NOW.date())
    return settle(customer, states, more.pop("situation", LIVE), POLICY, now=NOW, **more)


def test_what_differs_is_written_and_nothing_else() -> None:
    """Only writable fields; a value spelled otherwise is left as it is."""
    assert settled(HOME, NEWS).values == {Field.ADDRESS: B}
    assert settled(HOME, NEWS, writable=frozenset()).values == {}
    assert settled(said(replace(A, number="01"), "2020-01-01")).values == {}


def test_an_ended_home_stays_and_an_ended_stay_goes() -> None:
    """The first is stale; the second is over."""
    over = ended(A, "2026-11-10", hours=1)
    assert settled(HOME, over).values == {}
    stay = said(B, "2026-10-01", until="2026-11-10", field=Field.TEMPORARY_ADDRESS)
    assert settled(stay, held={Field.TEMPORARY_ADDRESS: B}).values == {Field.TEMPORARY_ADDRESS: None}


def test_what_we_wrote_and_never_held_is_emptied() -> None:
    """But not what staff wrote since."""
    gone = said(A, "2020-01-01", cancelled=True)
    assert settled(gone).values == {Field.ADDRESS: None}
    assert settled(gone, held={Field.ADDRESS: B}).values == {}


def test_an_order_empties_locations_once() -> None:
    """With the order, and not again: what staff write there afterwards is theirs."""
    held = {Field.ADDRESS: A, Field.PROTECTION: True}
    assert settled(HOME, ORDER, held=held).values == {}
    purged = settled(HOME, ORDER, held=held, purge=LOCATION_FIELDS).values
    assert purged == {Field.ADDRESS: None, Field.TEMPORARY_ADDRESS: None, Field.POSTAL_ADDRESS: None}


def test_what_may_have_been_written_is_written_again() -> None:
    """Although the mirror already shows it: nobody knows what the record holds."""
    assert settled(HOME, uncertain={Field.ADDRESS}).values == {Field.ADDRESS: A}


def test_the_status_is_what_the_desk_is_told() -> None:
    """To the second, by the display name."""
    status = settled(HOME, FOUND_HOME, CLEAR, shows_status=True).status
    assert status == AddressStatus("current", HOME.recorded_at, "DVV")
    assert settled(HOME, shows_status=False).status is None


def test_the_customer_is_settled_again_when_something_changes_by_itself() -> None:
    """A move to come, the end of a stay, the end of news, an age limit: whatever is first."""
    assert str(settled(HOME, COMING).due_on) == "2026-12-01"
    assert str(settled(HOME, shows_status=True).due_on) == "2026-12-02"  # the news' last day has passed
    stay = said(B, "2026-10-01", until="2026-11-25", field=Field.TEMPORARY_ADDRESS)
    assert str(settled(HOME, COMING, stay).due_on) == "2026-11-26"
    assert settled(HOME).due_on is None


def test_a_speaker_of_lower_rank_confirms_too() -> None:
    """Whoever said last that it still holds."""
    said_again = said(A, "2020-01-01", source=POST, hours=24)
    typed = said(A, "2026-11-03", source=STAFF, hours=48)
    assert judged(HOME, said_again).confirmed_by == "posti"
    assert judged(HOME, said_again, typed).confirmed_by == "clinic"
    assert DVV.precedence < POST.precedence
