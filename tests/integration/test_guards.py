"""A feed that says too much to be true is paused: nothing of it is applied, but protection is."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest

from adapters.cli.output import Exit
from adapters.metrics import register_metrics
from sync.applying.guard import IDENTITY_CHANGES, Limits
from sync.errors import FeedPaused, NotFound, ProviderUnavailable
from sync.freshness.status import State
from sync.guarding import resume
from sync.model import Change, Fact, FactKind, Field, Identity, PartialDate, PersonName
from sync.ports.store import FeedHealth, FeedState
from sync.resync import resync_feed, try_resync_feed
from sync.reviewing import decide_review
from sync.schedule import due
from tests.harness import MAIJA_ID, START, Engine, base, home, make_engine, moved, protected, sqlite_url
from tests.integration.test_explaining import ajantasa
from tests.integration.whole_way import NEW, OLD, mirror, pull, state, watched
from tests.simulation.chain import verify_chain

_CHECK = "0123456789ABCDEFHJKLMNPRSTUVWXY"
KEYS = [str(n) for n in range(12)]


def id_of(key: str) -> str:
    """Return the synthetic national id of a customer."""
    number = 902 + 2 * int(key)
    return f"010190-{number}{_CHECK[int(f'010190{number}') % 31]}"


def town(url: str, limits: Limits) -> Engine:
    """Give an engine with a dozen customers whom the population register watches."""
    engine = make_engine(url)
    feeds = {name: replace(feed, limits=limits) for name, feed in engine.parts.feeds.items()}
    engine.parts = replace(engine.parts, feeds=feeds)
    for key in KEYS:
        engine.add(key, national_id=id_of(key), birth_date=PartialDate(1990, 1, 1))
        engine.population.people[id_of(key)] = base(OLD, national_id=id_of(key))
    engine.load()
    engine.follow()
    engine.deliver()
    return engine


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def clinic(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Give a town in which four customers a day may lose their address or die, on each database."""
    place = sqlite_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    engine = town(place, Limits(floor=4, identity_floor=2))
    yield engine
    engine.store.close()


def left(key: str, event: str = "") -> Change:
    """Say that a customer's address has ended."""
    fact = Fact(Field.ADDRESS, FactKind.ENDED, OLD, valid_until=PartialDate(2026, 11, 2))
    return Change(event or f"left{key}", f"left{key}", Identity(id_of(key)), (fact,), recorded_at=START)


def died(key: str) -> Change:
    """Say that a customer has died."""
    fact = Fact(Field.DEATH, FactKind.SET, PartialDate(2026, 11, 2))
    return Change(f"died{key}", f"died{key}", Identity(id_of(key)), (fact,), recorded_at=START)


def feed_state(engine: Engine, feed: str = "vtj") -> FeedState:
    """Return how a feed stands."""
    with engine.store.snapshot() as work:
        return work.feed(feed)


def trips(engine: Engine, *items: Change) -> FeedPaused:
    """Have the feed bring these, and return why it is paused."""
    engine.population.log.extend(items)
    with pytest.raises(FeedPaused) as caught:
        engine.follow()
    engine.deliver()
    return caught.value


def with_address(engine: Engine) -> set[str]:
    """Return the customers of whom an address holds."""
    return {key for key in KEYS if state(engine, key) is not State.ASK and _has_address(engine, key)}


def _has_address(engine: Engine, key: str) -> bool:
    ended = [f for f in engine.facts(key) if f.fact.kind is FactKind.ENDED]
    return not ended


# --- bursts -------------------------------------------------------------------------------------------------------------


def test_a_page_that_ends_too_much_leaves_nothing_behind(clinic: Engine) -> None:
    """No fact, no outcome, no delivery, and the cursor stays; it is said which guard, how many and how many may be."""
    before, figures = feed_state(clinic), clinic.outcomes()
    error = trips(clinic, *map(left, KEYS[:5]))
    assert (error.guard, error.count, error.total, error.most) == ("ended_addresses", 5, 5, 4)
    now = feed_state(clinic)
    assert (now.health, now.detail, now.cursor) == (FeedHealth.PAUSED, "ended_addresses", before.cursor)
    assert now.pause
    assert (now.pause.count, now.pause.most) == (5, 4)
    assert clinic.outcomes() == figures
    assert with_address(clinic) == set(KEYS)
    verify_chain(clinic.store)


def test_as_many_as_may_be_pass(clinic: Engine) -> None:
    """Four in one page; of the rest of the day none more; tomorrow again, and more when more was normal."""
    pull(clinic, *map(left, KEYS[:4]))
    assert feed_state(clinic).health is FeedHealth.OK
    assert trips(clinic, left("5")).total == 5
    resume(clinic.parts, clinic.parts.feeds["vtj"], by="liisa", reason="looked at")
    clinic.follow()
    clinic.clock.move(days=1)
    pull(clinic, *map(left, "6789"), left("10"), left("11"))  # five times the record of yesterday
    assert feed_state(clinic).health is FeedHealth.OK


def test_deaths_are_counted_too_and_not_together_with_addresses(clinic: Engine) -> None:
    """Each guard counts for itself."""
    pull(clinic, *map(left, KEYS[:4]), *map(died, KEYS[4:8]))
    assert feed_state(clinic).health is FeedHealth.OK
    assert trips(clinic, died("8"), died("9")).guard == "deaths"


def test_people_who_move_are_no_burst(clinic: Engine) -> None:
    """However many."""
    pull(clinic, *(moved(NEW, event=f"m{k}", national_id=id_of(k)) for k in KEYS))
    assert feed_state(clinic).health is FeedHealth.OK
    assert clinic.outcomes()["applied"] == len(KEYS)


def test_a_paused_feed_is_not_live(clinic: Engine) -> None:
    """The desk asks, although the provider was heard a minute ago; after the resume it need not."""
    assert state(clinic, "0") is State.CURRENT
    trips(clinic, *map(left, KEYS[1:7]))
    assert state(clinic, "0") is State.NOT_COVERED
    resume(clinic.parts, clinic.parts.feeds["vtj"], by="liisa", reason="a merger of two towns")
    clinic.follow()
    assert state(clinic, "0") is State.CURRENT


# --- protection -----------------------------------------------------------------------------------------------------------


def test_protection_in_the_tripping_page_is_carried_out(clinic: Engine) -> None:
    """P1: and nothing else of it; afterwards it is not carried out twice."""
    order = protected(event="p1", national_id=id_of("0"))
    trips(clinic, *map(left, KEYS[1:7]), order)
    assert mirror(clinic, "0").protected
    assert Field.ADDRESS not in clinic.held("0")
    assert with_address(clinic) >= set(KEYS) - {"0"}
    resume(clinic.parts, clinic.parts.feeds["vtj"], by="liisa", reason="looked at")
    report = clinic.follow()
    assert (report.repeated, report.outcomes.total()) == (1, 6)


def test_protection_that_comes_later_is_carried_out_in_a_paused_feed(clinic: Engine) -> None:
    """P1: it is read on for orders, without moving the cursor; what else it says waits, an order's end too."""
    trips(clinic, *map(left, KEYS[1:7]))
    cursor = feed_state(clinic).cursor
    assert not due(clinic.parts, clinic.parts.feeds["vtj"])
    clinic.clock.move(hours=1)
    assert due(clinic.parts, clinic.parts.feeds["vtj"])
    clinic.population.log += [
        moved(NEW, event="m", national_id=id_of("8")),
        protected(event="p1", national_id=id_of("0")),
        protected(event="p2", national_id=id_of("9")),
    ]
    clinic.population.cut(2, 3)
    report = clinic.follow()
    clinic.deliver()
    assert (report.paused, report.outcomes.total(), report.partial) == ("ended_addresses", 2, True)
    assert [mirror(clinic, key).protected for key in "0189"] == [True, False, False, True]
    assert clinic.held("8")[Field.ADDRESS] == OLD
    now = feed_state(clinic)
    assert (now.cursor, now.health) == (cursor, FeedHealth.PAUSED)
    clinic.population.log.append(protected(event="p3", national_id=id_of("0"), active=False, recorded=START))
    clinic.follow()
    assert mirror(clinic, "0").protected


def test_a_provider_that_fails_meanwhile_does_not_end_the_pause(clinic: Engine) -> None:
    """Nor do the failures make it forget why it is paused."""
    trips(clinic, *map(left, KEYS[1:7]))
    clinic.population.down = ProviderUnavailable("down")
    with pytest.raises(ProviderUnavailable):
        clinic.follow()
    assert feed_state(clinic).health is FeedHealth.PAUSED
    assert not due(clinic.parts, clinic.parts.feeds["vtj"])


# --- saying go ------------------------------------------------------------------------------------------------------------


def test_an_operator_lets_exactly_that_page_pass(clinic: Engine) -> None:
    """The page that tripped, and no other like it: the next one pauses the feed again."""
    clinic.population.cut(6, 6)
    trips(clinic, *map(left, KEYS))
    allowed = resume(clinic.parts, clinic.parts.feeds["vtj"], by="liisa", reason="looked at")
    assert allowed == 6
    clinic.population.cut(6, 6)
    with pytest.raises(FeedPaused):
        clinic.follow()
    assert len(with_address(clinic)) == 6
    resume(clinic.parts, clinic.parts.feeds["vtj"], by="liisa", reason="looked at all of it", up_to=100)
    clinic.follow()
    assert len(with_address(clinic)) == 0
    with clinic.store.snapshot() as work:
        assert work.allowances("vtj") == {}  # caught up: what is left of it has gone
        entries = [entry for action in ("feed_paused", "feed_resumed") for entry in work.audit_entries(action)]
    assert [entry.actor for entry in entries] == ["guard", "guard", "liisa", "liisa"]
    assert json.loads(entries[-1].body)["reason"] == "looked at all of it"
    verify_chain(clinic.store)


def test_a_feed_that_is_not_paused_cannot_be_resumed(clinic: Engine) -> None:
    """Nor can one that is paused be read again from elsewhere; a dry run may be."""
    feed = clinic.parts.feeds["vtj"]
    with pytest.raises(NotFound):
        resume(clinic.parts, feed, by="liisa", reason="x")
    trips(clinic, *map(left, KEYS[1:7]))
    with pytest.raises(FeedPaused):
        resync_feed(clinic.parts, feed)
    assert try_resync_feed(clinic.parts, feed).outcomes.total() > 0
    assert feed_state(clinic).health is FeedHealth.PAUSED


# --- a source that empties itself -------------------------------------------------------------------------------------------


def test_a_base_load_that_lost_most_of_what_it_had(clinic: Engine) -> None:
    """Of a dozen people six may be gone; with seven the source is taken to be broken, and nobody is noted as absent."""
    for key in KEYS[:7]:
        del clinic.population.people[id_of(key)]
    with pytest.raises(FeedPaused) as caught:
        resync_feed(clinic.parts, clinic.parts.feeds["vtj"])
    assert (caught.value.guard, caught.value.total, caught.value.most) == ("emptied", 7, 6)
    with clinic.store.snapshot() as work:
        todo = work.unwatched("clinic", "vtj", 0, 100, START)
    assert len(todo) == len(KEYS)
    resume(clinic.parts, clinic.parts.feeds["vtj"], by="liisa", reason="they have all left")
    assert clinic.follow().absent == 7
    assert feed_state(clinic).health is FeedHealth.PARTIAL


def test_whoever_was_never_known_is_not_lost(engine: Engine) -> None:
    """The first look-up of people whom a provider does not know is no alarm of this kind."""
    for key in KEYS:
        engine.add(key, national_id=id_of(key))
    engine.parts = replace(
        engine.parts, feeds={n: replace(f, limits=Limits(floor=1)) for n, f in engine.parts.feeds.items()}
    )
    engine.load()
    assert engine.follow().absent == len(KEYS) + 1


# --- somebody else ----------------------------------------------------------------------------------------------------------


def somebody_else(key: str, **more: Any) -> Change:
    """Say that a customer has another surname and another birth date."""
    facts = (
        Fact(Field.NAME, FactKind.SET, PersonName("Toinen", "Aino"), PartialDate(2026, 11, 1)),
        Fact(Field.BIRTH_DATE, FactKind.SET, PartialDate(1977, 7, 7), PartialDate(2026, 11, 1)),
    )
    return Change(f"x{key}", f"x{key}", Identity(id_of(key)), facts, recorded_at=START, **more)


def test_a_change_that_makes_somebody_else_of_a_customer_waits_for_a_person(clinic: Engine) -> None:
    """Though the national id is the same; a person may say that it is so."""
    before = clinic.held("0")
    pull(clinic, somebody_else("0"))
    assert clinic.held("0") == before
    assert state(clinic, "0") is State.CONFLICT
    with clinic.store.snapshot() as work:
        (review,) = work.reviews()
    assert review.reason == IDENTITY_CHANGES
    decide_review(clinic.parts, review.id, same=True, by="liisa", reason="")
    clinic.deliver()
    assert clinic.held("0")[Field.NAME] == PersonName("Toinen", "Aino")


def test_protection_does_not_wait_with_it(clinic: Engine) -> None:
    """P1: the order is carried out at once, and no place is kept in what waits."""
    fact = Fact(Field.ADDRESS, FactKind.SET, NEW, PartialDate(2026, 11, 2))
    change = somebody_else("0", protection=protected().protection)
    pull(clinic, replace(change, facts=(*change.facts, fact)))
    assert mirror(clinic, "0").protected
    assert Field.ADDRESS not in clinic.held("0")
    with clinic.store.snapshot() as work:
        review = work.review(work.reviews()[0].id)
    assert review.change
    assert {f.field for f in review.change.facts} == {Field.NAME, Field.BIRTH_DATE}


def test_of_a_protected_person_no_place_waits(clinic: Engine) -> None:
    """P3: nor when the order came before."""
    pull(clinic, protected(event="p1", national_id=id_of("0")))
    fact = Fact(Field.ADDRESS, FactKind.SET, NEW, PartialDate(2026, 11, 2))
    change = somebody_else("0")
    pull(clinic, replace(change, facts=(*change.facts, fact)))
    with clinic.store.snapshot() as work:
        review = work.review(work.reviews()[0].id)
    assert review.change
    assert {f.field for f in review.change.facts} == {Field.NAME, Field.BIRTH_DATE}


def test_a_new_id_with_a_new_birth_date_is_applied(clinic: Engine) -> None:
    """A correction under the old id is legitimate."""
    number = 902
    new = f"020290-{number}{_CHECK[int(f'020290{number}') % 31]}"
    facts = (
        Fact(Field.NATIONAL_ID, FactKind.SET, new),
        Fact(Field.BIRTH_DATE, FactKind.SET, PartialDate(1990, 2, 2)),
    )
    pull(clinic, Change("i", "i", Identity(id_of("0")), facts, recorded_at=START))
    assert mirror(clinic, "0").national_id == new


def test_a_burst_of_them_pauses_the_feed(clinic: Engine) -> None:
    """Two a day may be; with three nothing of the page is kept, not even the reviews."""
    error = trips(clinic, *map(somebody_else, "012"))
    assert (error.guard, error.total, error.most) == ("identity_changes", 3, 2)
    with clinic.store.snapshot() as work:
        assert work.reviews() == ()


# --- what is told -----------------------------------------------------------------------------------------------------------


def test_it_is_told_everywhere(clinic: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """By status, metric and log; the command that says go needs a reason."""
    trips(clinic, *map(left, KEYS[1:7]))
    assert "feed_paused" in capsys.readouterr().out
    assert ajantasa(clinic, "status") == Exit.OK
    told = " ".join(capsys.readouterr().out.split())
    assert "vtj is paused since" in told
    assert "by the guard ended_addresses: 6 customers, at most 4" in told
    assert ajantasa(clinic, "status", "--json") == Exit.OK
    found = json.loads(capsys.readouterr().out)["feeds"]["vtj"]
    assert (found["health"], found["pause"]["guard"], found["pause"]["count"]) == ("paused", "ended_addresses", 6)
    registry = CollectorRegistry()
    register_metrics(clinic.parts, registry)
    metrics = generate_latest(registry).decode()
    assert 'ajantasa_feed_health{feed="vtj",health="paused"} 1.0' in metrics
    assert 'ajantasa_feed_paused{feed="vtj",guard="ended_addresses"} 1.0' in metrics
    assert ajantasa(clinic, "sync", "vtj", "--once") == Exit.PARTIAL
    assert ajantasa(clinic, "feed", "resume", "vtj") == Exit.USAGE
    assert ajantasa(clinic, "feed", "resume", "nobody", "--reason", "x") == Exit.NOT_FOUND
    capsys.readouterr()
    go = ("feed", "resume", "vtj", "--reason", "asked the provider", "--up-to", "50", "--json")
    assert ajantasa(clinic, *go) == Exit.OK
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"feed": "vtj", "allowed": 50}
    assert ajantasa(clinic, "feed", "resume", "vtj", "--reason", "again") == Exit.NOT_FOUND
    assert ajantasa(clinic, "sync", "vtj", "--once") == Exit.OK
    assert len(with_address(clinic)) == len(KEYS) - 6


def test_one_customer_is_no_burst(engine: Engine) -> None:
    """With the limits that come along, a small register does not trip on three."""
    watched(engine)
    for number, street in enumerate(("Aapelinkatu", "Beetankuja", "Cecilianpolku")):
        pull(engine, moved(home(street), on=f"2026-11-0{number + 2}", event=f"m{number}"))
        ended = Fact(Field.ADDRESS, FactKind.ENDED, home(street), valid_until=PartialDate(2026, 11, 20))
        pull(engine, Change(f"l{number}", "p", Identity(MAIJA_ID), (ended,), recorded_at=START))
    assert feed_state(engine).health is FeedHealth.OK


# --- any pages --------------------------------------------------------------------------------------------------------------


@given(st.lists(st.lists(st.sampled_from(KEYS), max_size=7, unique=True), max_size=5), st.booleans())
@settings(max_examples=12, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_day_ends_more_than_may_be_without_a_word_of_an_operator(pages: list[list[str]], deaths: bool) -> None:
    """However it comes: what was applied by itself is within the limit, and what was not is still to come."""
    with tempfile.TemporaryDirectory() as folder:
        engine = town(sqlite_url(Path(folder)), Limits(floor=4))
        for number, keys in enumerate(pages):
            engine.population.log += [died(k) if deaths else left(k, f"{number}{k}") for k in keys]
        engine.population.cut(*map(len, pages))
        expected: set[str] = set()
        paused = False
        for keys in pages:
            new = {key for key in keys if key not in expected}
            paused = paused or len(expected | new) > 4
            expected |= set() if paused else new
        try:
            engine.follow()
            assert not paused
        except FeedPaused:
            assert paused
        gone = {
            k
            for k in KEYS
            if any(f.fact.kind is FactKind.ENDED or f.fact.field is Field.DEATH for f in engine.facts(k))
        }
        assert gone == expected
        if paused:
            resume(engine.parts, engine.parts.feeds["vtj"], by="liisa", reason="a test", up_to=100)
            engine.follow()
        gone = {
            k
            for k in KEYS
            if any(f.fact.kind is FactKind.ENDED or f.fact.field is Field.DEATH for f in engine.facts(k))
        }
        assert gone == {key for keys in pages for key in keys}
        engine.store.close()
