"""The made-up people are plausible, reproducible and recognisably not real."""

import random
import re
import sys
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.fi import hetu

from adapters.sandbox import names
from adapters.sandbox.chronicle import Chronicle
from adapters.sandbox.households import Settlement
from adapters.sandbox.lives import live
from adapters.sandbox.person import MOVES_HOUSE, EventKind, IdAndBirth, Person, as_of
from adapters.sandbox.places import Gazetteer
from adapters.sandbox.population import Population
from sync.errors import CannotStart

TODAY = date(2026, 11, 21)


def _ids(population: Population) -> list[tuple[str, date, bool]]:
    found = [(code, p.birth, p.female) for p in population.people for code in (p.national_id, *p.former_ids)]
    new = [(e.after, population.people[e.person].female) for e in population.events if isinstance(e.after, IdAndBirth)]
    return found + [(after.national_id, after.birth, female) for after, female in new]


def test_the_same_seed_gives_the_same_people_and_lives() -> None:
    """Growing twice gives the same text to the letter; another seed gives another."""
    one, two, other = (Population.grow(people=400, days=30, seed=seed, today=TODAY) for seed in (5, 5, 6))
    assert repr(one) == repr(two)
    assert repr(one) != repr(other)


def test_ids_are_unique_valid_and_belong_to_nobody(population: Population) -> None:
    """Every id has a right check character, its person's birth date and sex, and an individual number of 900 to 999."""
    ids = _ids(population)
    assert len({code for code, _, _ in ids}) == len(ids) > 2000
    for code, birth, female in ids:
        assert hetu.is_valid(code, allow_temporary=True), code
        assert code[:6] == f"{birth:%d%m%y}"
        assert code[6] in ("-YXWVU" if birth.year < 2000 else "ABCDEF")
        assert 900 <= int(code[7:10]) <= 999
        assert (int(code[7:10]) % 2 == 0) == female


def test_families_share_surname_and_home(population: Population) -> None:
    """People of a household live at one address, and children carry a parent's surname."""
    households: dict[int, list[int]] = {}
    for person in population.people:
        households.setdefault(person.household, []).append(person.number)
    families = 0
    for numbers in households.values():
        people = [population.people[number] for number in numbers]
        assert len({person.home for person in people}) == 1
        children = [person for person in people if person.age(population.start) < 18]
        families += bool(children)
        adults = {person.name.surname for person in people if person.age(population.start) >= 18}
        assert all(child.name.surname in adults for child in children)
    assert families > 100
    assert len({p.home for p in population.people}) == len(households)


def test_there_are_namesakes_and_twins_under_one_roof(population: Population) -> None:
    """Some households hold people of one name, some hold siblings born on one day: families are where linkers err."""
    names = Counter((p.household, str(p.name)) for p in population.people)
    births = Counter((p.household, p.birth, p.name.surname) for p in population.people)
    assert max(names.values()) == 3
    assert max(births.values()) == 2


def test_families_give_a_child_a_name_of_its_own(population: Population) -> None:
    """Namesakes live together in one household, made so on purpose; elsewhere no first name stands twice in a home."""
    assert len(_with_namesakes(population)) <= 3
    crowded = Population.grow(people=2000, days=60, seed=7, today=TODAY, customs=names.CROWDED)
    assert len(_with_namesakes(crowded)) > 10


def _with_namesakes(population: Population) -> set[int]:
    found = Counter((p.household, p.name.surname, p.name.given_names.split()[0]) for p in population.people)
    return {household for (household, _, _), often in found.items() if often > 1}


def test_most_finns_bear_a_name_that_few_bear() -> None:
    """The commonest surname is borne by less than one of a hundred, and so is hardly any first name by three."""
    giver = names.NameGiver(random.Random(1))
    surnames = Counter(giver.surname("fi") for _ in range(20_000))
    first = Counter(giver.given("fi", female=True).split()[0] for _ in range(20_000))
    assert surnames.most_common(1)[0][1] < 130
    assert len(surnames) > 2_000
    assert first.most_common(1)[0][1] < 600


@pytest.mark.parametrize(("people", "days"), [(300, 1), (300, 10), (1000, 400)])
def test_every_kind_of_event_happens(people: int, days: int) -> None:
    """A population of three hundred already has at least one event of each kind, also within one day."""
    population = Population.grow(people=people, days=days, seed=people + days, today=TODAY)
    assert {event.kind for event in population.events} == set(EventKind)


def test_a_few_hundred_events_come_ahead_late_alone_and_as_families(population: Population) -> None:
    """Sixty days of two thousand people bring a few hundred events of all shapes that a feed can bring."""
    assert 200 <= len(population.events) <= 600
    moves = [event for event in population.events if event.kind is EventKind.MOVE]
    sizes = Counter(Counter(move.notice for move in moves).values())
    assert {1, 2, 3} <= set(sizes)
    ahead = [(move.effective - move.recorded.date()).days for move in moves]
    assert 20 <= max(ahead) <= 31
    assert min(ahead) < 0
    births = [e for e in population.events if e.kind is EventKind.ID_CORRECTED and e.before.birth != e.after.birth]
    assert births


def test_events_are_in_recorded_order_within_the_story(population: Population) -> None:
    """Nothing is recorded before the first or after the last day, and the log is in the order of recording."""
    recorded = [event.recorded for event in population.events]
    assert recorded == sorted(recorded)
    assert all(at.microsecond == 0 for at in recorded)
    assert population.start <= recorded[0].date()
    assert recorded[-1].date() <= population.today
    assert max(event.effective for event in population.events) <= TODAY + timedelta(days=31)


def test_replaying_the_events_gives_each_state_that_they_speak_of(population: Population) -> None:
    """The day before a move a person lives where it starts, on its day where it ends; what is cancelled never holds."""
    cancelled = {event.cancels for event in population.events if event.cancels}
    seen = 0
    for event in population.events:
        if event.kind in MOVES_HOUSE:
            before, after = (population.at(event.person, event.effective - timedelta(days=d)) for d in (1, 0))
            if event.notice in cancelled:
                assert after.home != event.after
                continue
            held = population.at(event.person, event.effective - timedelta(days=1), known_at=event.recorded)
            assert event.before in {before.home, held.home}  # an address may have been corrected later
            assert after.home == event.after or any(
                e.kind in {EventKind.ADDRESS_CORRECTED, EventKind.ADDRESS_RESPELLED}
                for e in population.events_of(event.person)
            )
            seen += 1
    assert seen > 100


def test_a_register_knows_nothing_before_it_is_recorded(population: Population) -> None:
    """Asked with `known_at`, the state leaves out whatever was recorded later."""
    corrected = next(event for event in population.events if event.kind is EventKind.ADDRESS_CORRECTED)
    earlier = corrected.recorded - timedelta(seconds=1)
    assert population.at(corrected.person, TODAY, known_at=earlier).home == corrected.before
    assert population.at(corrected.person, TODAY, known_at=corrected.recorded).home == corrected.after
    assert population.at(corrected.person, corrected.effective).home == corrected.after


def test_a_withdrawn_death_leaves_a_living_person(population: Population) -> None:
    """Between report and withdrawal a register holds the person for dead; in truth nobody died."""
    withdrawn = next(event for event in population.events if event.kind is EventKind.DEATH_WITHDRAWN)
    before = population.at(withdrawn.person, TODAY, known_at=withdrawn.recorded - timedelta(seconds=1))
    assert before.dead_on == withdrawn.effective
    assert population.at(withdrawn.person, TODAY).dead_on is None


def test_nothing_happens_to_the_dead(population: Population) -> None:
    """After a death that was not withdrawn there is no further event of that person."""
    withdrawn = {(e.person, e.effective) for e in population.events if e.kind is EventKind.DEATH_WITHDRAWN}
    for event in population.events:
        if event.kind is EventKind.DEATH and (event.person, event.effective) not in withdrawn:
            assert population.events_of(event.person)[-1] is event


def test_nobody_protected_is_known_to_the_postal_operator(population: Population) -> None:
    """Whoever is protected at any time has told the postal operator of no move."""
    hidden = {event.person for event in population.events if event.kind is EventKind.PROTECTION_ON}
    hidden |= {person.number for person in population.people if person.protected}
    assert hidden
    assert not [event for event in population.events if event.person in hidden and "moves" in event.providers]


def test_contact_data_can_reach_nobody(population: Population) -> None:
    """E-mail addresses are under names reserved for examples; phone numbers read as Finnish mobile numbers."""
    for person in population.people:
        assert person.email is None or re.search(r"@(example\.(org|com|net)|(posti|meili)\.example)$", person.email)
        assert person.phone is None or phonenumbers.is_valid_number(phonenumbers.parse(person.phone))


@settings(max_examples=15, deadline=None)
@given(people=st.integers(1, 150), days=st.integers(1, 400), seed=st.integers(0, 10**6))
def test_any_population_is_consistent(people: int, days: int, seed: int) -> None:
    """However small the population and however long the story, ids stay unique and the replay agrees with the notices."""
    population = Population.grow(people=people, days=days, seed=seed, today=TODAY)
    assert len(population.people) == people
    ids = [code for code, _, _ in _ids(population)]
    assert len(set(ids)) == len(ids)
    test_nothing_happens_to_the_dead(population)
    for event in population.events:
        person = population.at(event.person, event.effective, known_at=event.recorded)
        if event.kind in MOVES_HOUSE:
            assert person.home == event.after


@settings(max_examples=15, deadline=None)
@given(people=st.integers(1, 150), days=st.integers(1, 400), seed=st.integers(0, 10**6))
def test_replaying_from_the_start_gives_the_end_state(people: int, days: int, seed: int) -> None:
    """The truth computed from the events alone is what the makers of the events had in mind when they stopped."""
    start = TODAY - timedelta(days=days)
    settlement = Settlement(random.Random(f"{seed} people"), start, Gazetteer(random.Random(f"{seed} homes")))
    settlement.settle(people)
    chronicle = Chronicle(random.Random(f"{seed} lives"), settlement, start, TODAY)
    live(chronicle)
    for before, after in zip(settlement.people, chronicle.people, strict=True):
        events = [event for event in chronicle.events if event.person == before.number]
        replayed = as_of(before, events, TODAY + timedelta(days=40))
        assert _lasting(replayed) == _lasting(after)


def _lasting(person: Person) -> Person:
    return replace(person, temporary=None, temporary_since=None, temporary_until=None)


def test_an_empty_population_is_refused() -> None:
    """Nobody, or no time, is no population."""
    with pytest.raises(ValueError, match="at least one"):
        Population.grow(people=0, days=1, seed=1, today=TODAY)


def test_without_faker_the_sandbox_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the extra, and is one that stops the program before anything runs."""
    names._pools.cache_clear()
    monkeypatch.setitem(sys.modules, "faker.providers.person.fi_FI", None)
    with pytest.raises(CannotStart, match="extra `sandbox`"):
        Population.grow(people=1, days=1, seed=1, today=TODAY)
    names._pools.cache_clear()
