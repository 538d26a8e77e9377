"""Returned mail, from the provider to the desk and the register's own status columns."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from adapters.providers.memory import MemoryProvider
from sync.freshness.policy import FeedPromise
from sync.freshness.status import State
from sync.model import Change, Fact, FactKind, FactValue, Field, Identity, PartialDate, Source
from sync.parts import FeedParts
from sync.ports.provider import Capabilities
from sync.ports.register import Record
from sync.provenance.sentences import Teller, tell_story
from sync.recalling import past_of, stories_of
from tests.harness import HELSINKI, MAIJA_ID, Engine, base
from tests.integration.whole_way import NEW, OLD, THIRD, state, watched

RETURNS = Capabilities(source=Source.RETURNED_MAIL, covers=frozenset())


def returned(
    to: FactValue | None, *, kind: FactKind = FactKind.RETURNED, on: str = "2026-11-20", event: str = "b1"
) -> Change:
    """Build the message of a mail house that a letter came back."""
    fact = Fact(Field.ADDRESS, kind, to, PartialDate.parse(on))
    return Change(event, event, Identity(national_id=MAIJA_ID), (fact,))


@pytest.fixture
def house(either: Engine) -> Iterator[Engine]:
    """Give an engine with a mail house whose returns are a feed of their own."""
    mails = MemoryProvider(RETURNS)
    feeds = {**either.parts.feeds, "mails": FeedParts("mails", mails, "clinic", since=date(2026, 10, 1))}
    clinic = either.parts.registers["clinic"]
    policy = replace(
        clinic.policy, feeds={**clinic.policy.feeds, "mails": FeedPromise(RETURNS.covers, clinic.policy.news)}
    )
    either.parts = replace(either.parts, feeds=feeds, registers={"clinic": replace(clinic, policy=policy)})
    either.__post_init__()
    watched(either)
    return either


def bring(engine: Engine, *changes: Change) -> None:
    """Have the mail house tell of these."""
    provider = engine.parts.feeds["mails"].provider
    assert isinstance(provider, MemoryProvider)
    provider.log.extend(changes)
    engine.follow("mails")
    engine.deliver()


def test_the_desk_asks_until_the_address_is_confirmed(house: Engine) -> None:
    """The value stays; the register's own screen is told; the next confirmation clears it."""
    house.clock.move(days=1)
    bring(house, returned(OLD, on="2026-11-22"))
    assert house.outcomes("mails") == {"applied": 1}
    assert house.held()[Field.ADDRESS] == OLD
    assert state(house) is State.RETURNED
    record = house.register.read("42")
    assert isinstance(record, Record)
    assert record.status is not None
    assert record.status.state == "returned"
    house.clock.move(days=2)
    house.population.log.append(replace(base(OLD), event_id="b-again", complete=True))
    house.follow()
    house.deliver()
    assert state(house) is State.CURRENT


def test_what_came_back_before_the_confirmation_says_nothing(house: Engine) -> None:
    """It is kept as history."""
    bring(house, returned(OLD, on="2026-11-01"), returned(THIRD, on="2026-12-01", event="b2"))
    assert house.outcomes("mails") == {"superseded": 2}
    assert state(house) is State.CURRENT


@pytest.mark.parametrize("kind", [FactKind.SET, FactKind.ENDED, FactKind.WITHDRAWN, FactKind.CONFIRMED])
def test_a_mail_house_changes_no_value(house: Engine, kind: FactKind) -> None:
    """Evidence only: whatever else it says is refused, and nothing of it is kept."""
    before = house.facts()
    bring(house, returned(NEW if kind is FactKind.SET else OLD, kind=kind))
    assert house.outcomes("mails") == {"refused": 1}
    assert (house.facts(), house.held()[Field.ADDRESS]) == (before, OLD)


def test_provenance_tells_of_it(house: Engine) -> None:
    """In a sentence of its own, without the address."""
    house.clock.move(days=1)
    bring(house, returned(OLD, on="2026-11-22"))
    past = past_of(
        house.parts,
        replace(
            house.parts.registers["clinic"], policy=replace(house.parts.registers["clinic"].policy, assume_clear=True)
        ),
        "42",
    )
    (story,) = [one for one in stories_of(house.parts, past) if one.field is Field.ADDRESS]
    for language, words in (
        ("en", "came back on 22 Nov 2026."),
        ("fi", "palautuneen 22.11.2026."),
        ("sv", "kom i retur 22.11.2026."),
    ):
        teller = Teller(language, HELSINKI, {})  # type: ignore[arg-type]  # one of the three
        assert any(sentence.endswith(words) for told in tell_story(story, teller) for sentence in told)
