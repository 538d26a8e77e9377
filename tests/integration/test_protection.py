"""Protection orders and bans, from the event to every place that held a location."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from adapters.registers.memory import Fault
from sync.errors import (
    ProviderUnavailable,
    RegisterUnavailable,
    RetryLater,
)
from sync.freshness.status import State
from sync.holding import place_hold
from sync.model import LOCATION_FIELDS, Change, Fact, FactKind, Field, HoldKind, PartialDate, Protection, Source
from sync.recalling import past_of
from sync.reviewing import decide_review
from tests.harness import (
    MAIJA_ID,
    START,
    Engine,
    base,
    home,
    make_engine,
    moved,
    protected,
)
from tests.integration.whole_way import (
    CORRECTED_ID,
    NEW,
    OLD,
    THIRD,
    location_values,
    mirror,
    open_review,
    posti,
    pull,
    state,
    uncertain,
    watched,
)

# --- protection -----------------------------------------------------------------------------------------------------


def test_an_order_removes_the_location_everywhere(either: Engine) -> None:
    """P3, P4: from facts, mirror, queue and register; the desk is told to use the contact address."""
    watched(either)
    either.population.log.append(moved(NEW))
    either.follow()  # not delivered yet: the outbox holds the new address
    pull(either, protected())
    assert Field.ADDRESS not in either.held()
    assert either.held()[Field.PROTECTION] is True
    assert location_values(either) == []
    assert state(either) is State.CONTACT_ONLY
    assert mirror(either).protected
    with either.store.snapshot() as work:
        keys = "SELECT count(*) FROM blocking_key WHERE location"
        assert work._db.exec_driver_sql(keys).scalar() == 0  # type: ignore[attr-defined]


def test_an_order_about_a_shared_id_protects_every_record(engine: Engine) -> None:
    """Three records bear one id: each loses its location at once, although a person must say which of them is meant."""
    for key in ("43", "44"):
        engine.add(key, address=home("Toinenkuja", key))
    engine.load()
    engine.population.people[MAIJA_ID] = base(home("Vanhakuja", "1"))
    engine.population.log.append(protected(to=home("Piilotie", "1")))
    engine.follow()
    engine.deliver()
    assert engine.outcomes() == {"review": 2}  # the look-up, and the order
    for key in ("42", "43", "44"):
        assert Field.ADDRESS not in engine.held(key)
        status = engine.desk.status("clinic", key, reader="test", reveal=True)
        assert status is not None
        assert (status.fields[0].state, status.fields[0].value) == (State.CONTACT_ONLY, None)
        assert all(h.fact.value is None for h in engine.facts(key) if h.fact.field is Field.ADDRESS)
    with engine.store.snapshot() as work:
        changes = [work.review(review.id).change for review in work.reviews()]
    assert not [fact for change in changes if change for fact in change.facts if fact.field is Field.ADDRESS]


@pytest.mark.parametrize("one_event", [True, False])
def test_an_order_comes_before_the_address_beside_it(engine: Engine, one_event: bool) -> None:
    """P1, P5: in one event and in one page, no address of it is kept."""
    watched(engine)
    items = [protected(to=NEW)] if one_event else [moved(NEW), protected()]
    pull(engine, *items)
    assert Field.ADDRESS not in engine.held()
    assert location_values(engine) == []


def test_when_an_order_ends_the_person_is_asked_for_again(engine: Engine) -> None:
    """What was not kept meanwhile comes from a look-up, although one was made on the same day."""
    watched(engine)
    pull(engine, protected())
    engine.population.people[MAIJA_ID] = base(NEW, since="2020-01-01")
    pull(engine, protected(event="p2", active=False, recorded=START - timedelta(hours=2)))
    engine.follow()
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW
    assert Field.PROTECTION not in engine.held() or engine.held()[Field.PROTECTION] is False
    assert state(engine) in (State.CHANGED, State.CURRENT)


def test_a_purged_address_does_not_stand_in_the_way_of_the_next(engine: Engine) -> None:
    """The value that was removed began later than the one that the look-up tells."""
    watched(engine)
    pull(engine, moved(THIRD, on="2026-11-15"))
    pull(engine, protected())
    engine.population.people[MAIJA_ID] = base(NEW, since="2026-11-01")
    pull(engine, protected(event="p2", active=False, recorded=START - timedelta(hours=2)))
    engine.follow()
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW


def test_an_old_order_that_the_first_run_replays_is_undone_by_its_end(engine: Engine) -> None:
    """A feed followed from the past brings order and end after today's look-up: the address comes back."""
    engine.population.people[MAIJA_ID] = base(OLD)
    engine.population.log += [
        protected(recorded=START - timedelta(days=40)),
        protected(event="p2", active=False, recorded=START - timedelta(days=10)),
    ]
    for _ in range(2):
        engine.follow()
        engine.deliver()
    assert engine.held()[Field.ADDRESS] == OLD
    assert not mirror(engine).protected
    assert state(engine) is State.CHANGED


def test_what_staff_write_during_an_order_is_theirs(engine: Engine) -> None:
    """We neither read nor remove it, and when the order ends it is not overwritten by something older."""
    watched(engine)
    pull(engine, protected())
    engine.clock.move(hours=1)
    engine.register.put("42", {Field.ADDRESS: THIRD})
    engine.load()
    assert location_values(engine) == []
    assert engine.held()[Field.ADDRESS] == THIRD
    engine.population.people[MAIJA_ID] = base(NEW, since="2020-01-01")
    pull(engine, protected(event="p2", active=False, recorded=START - timedelta(hours=2)))
    engine.follow()
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == THIRD


def test_a_purge_is_made_although_staff_edited_meanwhile(engine: Engine) -> None:
    """P4: the record is read afresh; what staff changed elsewhere in it stays and becomes theirs."""
    watched(engine)
    engine.population.log.append(protected())
    engine.follow()
    engine.register.put("42", {Field.ADDRESS: THIRD, Field.EMAIL: "uusi@example.fi"})
    engine.deliver()
    assert Field.ADDRESS not in engine.held()
    assert engine.held()[Field.EMAIL] == "uusi@example.fi"
    assert [f.source for f in engine.facts() if f.fact.field is Field.EMAIL] == [Source.STAFF]


def test_a_pending_purge_outlives_the_end_of_its_order(engine: Engine) -> None:
    """Unreachable from the order to its end: then the looked-up address replaces what stood there."""
    watched(engine)
    engine.register.unreachable = True
    engine.population.people[MAIJA_ID] = base(NEW, since="2026-11-01")
    for change in (protected(), protected(event="p2", active=False, recorded=START - timedelta(hours=2))):
        engine.population.log.append(change)
        engine.follow()
    engine.register.unreachable = False
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW


def test_a_record_that_is_flagged_when_it_is_first_read_is_protected(url: str) -> None:
    """P3, P6: its location enters neither facts nor keys; the register's own is left alone."""
    engine = make_engine(url)
    engine.add(protection=True)
    engine.load()
    assert mirror(engine).protected
    assert location_values(engine) == []
    assert state(engine) is State.CONTACT_ONLY
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == OLD
    engine.store.close()


def test_a_flag_that_staff_set_takes_effect_in_what_we_keep(engine: Engine) -> None:
    """P3: the location leaves our store; taken back, the person is looked up again."""
    watched(engine)
    engine.register.put("42", {Field.PROTECTION: True})
    engine.load()
    assert location_values(engine) == []
    assert state(engine) is State.CONTACT_ONLY
    engine.clock.move(hours=1)
    engine.register.put("42", {Field.PROTECTION: False})
    engine.load()
    engine.follow()
    assert not mirror(engine).protected
    assert location_values(engine)


def test_an_unset_flag_in_the_register_does_not_hide_an_order(url: str) -> None:
    """The clinic's column says no because nobody ticked it; the provider's earlier order stands."""
    engine = make_engine(url)
    engine.add(protection=False)
    engine.load()
    engine.population.people[MAIJA_ID] = base(OLD)
    pull(engine, protected(recorded=START - timedelta(days=3)))
    assert engine.held()[Field.PROTECTION] is True
    assert Field.ADDRESS not in engine.held()
    engine.store.close()


def test_an_order_while_a_delivery_is_being_made(engine: Engine) -> None:
    """A write that overlaps the order neither brings the location back into our store nor escapes the purge."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()
    engine.population.log.append(protected())
    write = engine.register.write

    def meanwhile(request: Any) -> Any:
        engine.register.write = write  # type: ignore[method-assign]
        engine.follow()
        return write(request)

    engine.register.write = meanwhile  # type: ignore[method-assign]
    engine.deliver()
    assert mirror(engine).protected
    assert location_values(engine) == []
    assert Field.ADDRESS not in engine.held()


def test_a_delivery_that_is_replaced_while_it_fails_is_not_brought_back(engine: Engine) -> None:
    """An order that comes while the register does not answer leaves the purge waiting, and nothing else."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()
    engine.population.log.append(protected())

    def fail(_: Any) -> Any:
        engine.follow()
        raise RegisterUnavailable("gone away")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine.register, "write", fail)
        with pytest.raises(RegisterUnavailable):
            engine.deliver()
    with engine.store.snapshot() as work:
        (waiting,) = work.due_deliveries("clinic", engine.clock.now() + timedelta(days=1), 9)
        assert (Field.ADDRESS in waiting.purge, waiting.values[Field.ADDRESS]) == (True, None)
    engine.clock.move(minutes=5)
    engine.deliver()
    assert Field.ADDRESS not in engine.held()
    assert location_values(engine) == []


def test_what_stood_before_an_order_is_not_taken_for_staffs_under_a_restriction(engine: Engine) -> None:
    """It began before the register was purged: the delivery is made without the address, which stands there still."""
    watched(engine)
    pull(engine, moved(NEW))
    engine.register.unreachable = True
    for order in (protected(), protected(event="p2", active=False, recorded=START - timedelta(hours=9))):
        engine.population.log.append(order)
        engine.follow()
    register = engine.parts.registers["clinic"]
    place_hold(engine.parts, register, "42", HoldKind.RESTRICTION, by="officer", reason="disputed")
    engine.register.unreachable = False
    engine.deliver()
    engine.load()
    assert engine.held()[Field.ADDRESS] == NEW
    assert [f for f in engine.facts() if f.source is Source.STAFF] == []


# --- of one address ---------------------------------------------------------------------------------------------------

SHELTER = home("Suojakuja", "7")


def stays(where: Any, *, event: str = "t1", active: bool | None = None, **change: Any) -> Change:
    """Build the change of somebody who stays somewhere for a while; with `active` an order about that address begins or ends."""
    only = frozenset({Field.TEMPORARY_ADDRESS})
    return moved(
        None,
        event=event,
        facts=(Fact(Field.TEMPORARY_ADDRESS, FactKind.SET, where, PartialDate(2026, 11, 10)),) if where else (),
        protection=None if active is None else Protection(active, "fortrolig", only=only),
        **change,
    )


def test_an_order_about_one_address_removes_that_one_everywhere(either: Engine) -> None:
    """P10: an institution's address goes from facts, mirror, queue and register; the home beside it is told as before."""
    watched(either)
    pull(either, stays(SHELTER))
    assert either.held()[Field.TEMPORARY_ADDRESS] == SHELTER
    either.population.log.append(moved(NEW, event="m1"))
    either.follow()  # not delivered yet: the outbox holds the new home
    pull(either, stays(SHELTER, event="t2", active=True, recorded=START - timedelta(hours=12)))
    assert Field.TEMPORARY_ADDRESS not in either.held()
    assert either.held()[Field.ADDRESS] == NEW
    assert [f.fact.value for f in either.facts() if f.fact.field is Field.TEMPORARY_ADDRESS and f.fact.value] == []
    assert mirror(either).hidden == {Field.TEMPORARY_ADDRESS}
    assert mirror(either).values[Field.ADDRESS] == NEW
    assert state(either) is State.CHANGED
    with either.store.snapshot() as work:
        keys = "SELECT count(*) FROM blocking_key WHERE location"
        assert work._db.exec_driver_sql(keys).scalar()  # type: ignore[attr-defined] # of the home


def test_while_one_address_is_protected_news_of_it_is_not_kept_and_of_others_is(engine: Engine) -> None:
    """Its end is an event of its own, and has the person asked for again."""
    watched(engine)
    pull(engine, stays(None, active=True), stays(SHELTER, event="t2"), moved(NEW, event="m1"))
    assert engine.outcomes() == {"no_change": 1, "applied": 2, "refused": 1}
    assert Field.TEMPORARY_ADDRESS not in engine.held()
    assert engine.held()[Field.ADDRESS] == NEW
    engine.population.people[MAIJA_ID] = base(NEW, since="2026-11-01")
    pull(engine, stays(THIRD, event="t3", active=False, recorded=START - timedelta(hours=2)))
    assert engine.held()[Field.TEMPORARY_ADDRESS] == THIRD
    assert not mirror(engine).protected


def test_an_order_about_the_person_does_not_forget_what_one_about_an_address_is_to_purge(engine: Engine) -> None:
    """The register is away while both begin: then all of it goes."""
    watched(engine)
    pull(engine, stays(SHELTER))
    engine.register.unreachable = True
    engine.population.log += [stays(None, event="t2", active=True), protected()]
    engine.population.cut(1)
    engine.follow()
    with suppress(RetryLater, RegisterUnavailable):
        engine.deliver()
    engine.register.unreachable = False
    engine.clock.move(minutes=5)
    engine.deliver()
    assert not LOCATION_FIELDS & engine.held().keys()


SAID = (
    Fact(Field.TEMPORARY_ADDRESS, FactKind.SET, SHELTER, PartialDate(2026, 11, 10)),
    Fact(Field.ADDRESS, FactKind.SET, NEW, PartialDate(2026, 11, 10)),
    Fact(Field.PHONE, FactKind.SET, "+358401234567", PartialDate(2026, 11, 10)),
)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_review_loses_the_one_address_that_is_protected(either: Engine, when: str) -> None:
    """P10: whether it waits for a person already or comes while the order stands; what else was said waits on."""
    watched(either)
    steps = [
        (stays(None, event="t1", active=True), "vtj"),
        (posti(None, event="r1", identity=uncertain(), facts=SAID), "posti"),
    ]
    for change, feed in steps if when == "before" else reversed(steps):
        pull(either, change, feed=feed)
    with either.store.snapshot() as work:
        change = work.review(open_review(either)).change
    assert change is not None
    assert change.facts == SAID[1:]
    assert change.identity.addresses == ()
    assert change.identity.names


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", [None, Field.TEMPORARY_ADDRESS, Field.ADDRESS])
def test_a_parked_change_loses_the_one_address_that_is_protected(either: Engine, when: str, name: Field | None) -> None:
    """P10: under a restriction and under a lock of a field, whether it is parked already or comes while the order stands."""
    watched(either)
    kind = HoldKind.LOCK if name else HoldKind.RESTRICTION
    place_hold(either.parts, either.parts.registers["clinic"], "42", kind, name=name, by="officer", reason="disputed")
    both = [stays(None, event="t1", active=True), moved(None, event="m1", facts=SAID)]
    for change in both if when == "before" else reversed(both):
        pull(either, change)
    with either.store.snapshot() as work:
        parked = [fact for one in work.parked(mirror(either).id) for fact in one.change.facts]
    assert parked == [fact for fact in SAID[1:] if name in (None, fact.field)]
    held = [f.fact.value for f in either.facts() if f.fact.field is Field.TEMPORARY_ADDRESS and f.fact.value]
    assert held == []


def test_history_is_not_told_of_a_protected_address_and_is_of_others(engine: Engine) -> None:
    """P7: nothing of the past of the one; a privacy officer lifts the order, nobody by the way (P12)."""
    watched(engine)
    pull(engine, stays(SHELTER), moved(NEW, event="m1"), stays(None, event="t2", active=True))
    past = past_of(engine.parts, engine.parts.registers["clinic"], "42")
    assert past.hidden == {Field.TEMPORARY_ADDRESS}
    assert Field.ADDRESS in past.fields
    assert Field.TEMPORARY_ADDRESS not in past.fields


# --- bans -----------------------------------------------------------------------------------------------------------


def banned(event: str = "ban", kind: FactKind = FactKind.SET, hours: float = 10) -> Change:
    """Build an update ban, or its end."""
    fact = Fact(Field.UPDATE_BAN, kind, True)
    return moved(None, event=event, facts=(fact,), recorded=START - timedelta(hours=hours))


def test_an_update_ban_parks_addresses(engine: Engine) -> None:
    """They are not kept, the person counts as not covered, and the ban's end has the person looked up again."""
    watched(engine)
    pull(engine, banned(), moved(NEW))
    assert engine.held()[Field.ADDRESS] == OLD
    assert engine.outcomes()["parked"] == 1
    assert state(engine) is State.NOT_COVERED
    engine.population.people[MAIJA_ID] = base(NEW, since="2026-11-01")
    pull(engine, banned("ban2", FactKind.ENDED, hours=1))  # the same run asks, not the next
    assert engine.held()[Field.ADDRESS] == NEW
    assert state(engine) is State.CHANGED


def _over_before_it_was_carried_out(engine: Engine, *, at_once: bool) -> None:
    """Let an order begin and end before the register could be purged; the person has moved meanwhile, says the base."""
    watched(engine)
    engine.population.people = {MAIJA_ID: base(NEW, since="2026-11-20")}
    engine.population.log.append(protected(event="p1", recorded=START - timedelta(hours=12)))
    engine.population.log.append(protected(event="p2", active=False, recorded=START - timedelta(hours=9)))
    if not at_once:
        engine.population.cut(1)


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("asked", [True, False])
def test_what_stood_in_the_register_before_an_order_is_not_taken_for_staffs(
    engine: Engine, at_once: bool, asked: bool
) -> None:
    """The order is over before the register was purged: the old address there is nobody's word, and does not win."""
    _over_before_it_was_carried_out(engine, at_once=at_once)
    if not asked:
        engine.population.fail(ProviderUnavailable("down"), on=2 if at_once else 3)
    with suppress(RetryLater):
        engine.follow()
    engine.load()
    assert [f for f in engine.facts() if f.source is Source.STAFF] == []
    engine.run()
    assert engine.held()[Field.ADDRESS] == NEW


def test_what_staff_type_when_an_order_is_over_is_theirs(engine: Engine) -> None:
    """Once the register was purged, an address that appears there was typed by somebody."""
    watched(engine)
    pull(engine, protected(event="p1", recorded=START - timedelta(hours=12)))
    assert Field.ADDRESS not in engine.held()
    engine.population.log.append(protected(event="p2", active=False, recorded=START - timedelta(hours=9)))
    engine.population.fail(ProviderUnavailable("down"), on=2)
    with suppress(RetryLater):
        engine.follow()
    engine.register.put("42", {Field.ADDRESS: THIRD})
    engine.run()
    typed = [f for f in engine.facts() if f.source is Source.STAFF and f.fact.field is Field.ADDRESS]
    assert [f.fact.value for f in typed] == [THIRD]
    assert engine.held()[Field.ADDRESS] == THIRD


@pytest.mark.parametrize("read", [True, False])
def test_an_order_that_is_over_at_once_brings_no_older_address_back(engine: Engine, read: bool) -> None:
    """A write whose answer was lost stands: neither is what stood there before written over it, nor is it staff's."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()
    engine.register._fault = lambda _: Fault.ANSWER_LOST
    with suppress(RetryLater):
        engine.deliver()
    engine.register._fault = lambda _: None
    engine.population.people = {MAIJA_ID: base(NEW, since="2026-11-01")}
    engine.population.log.append(protected(event="p1", recorded=START - timedelta(hours=12)))
    engine.population.log.append(protected(event="p2", active=False, recorded=START - timedelta(hours=9)))
    engine.population.fail(ProviderUnavailable("down"), on=2)
    with suppress(RetryLater):
        engine.follow()
    engine.load() if read else engine.deliver()
    assert engine.held().get(Field.ADDRESS) != OLD
    assert [f for f in engine.facts() if f.source is Source.STAFF] == []
    engine.run()
    assert engine.held()[Field.ADDRESS] == NEW


def test_a_field_that_staff_emptied_stays_empty_when_an_order_has_come_and_gone(either: Engine) -> None:
    """I8: that it was emptied tells of no place, and what is older is not brought back by the look-up."""
    watched(either)
    either.clock.move(hours=1)
    either.register.put("42", {Field.ADDRESS: None})
    either.load()
    for number, active in enumerate((True, False)):
        either.clock.move(hours=1)
        pull(either, protected(event=f"p{number}", active=active, recorded=either.clock.now()))
    assert Field.ADDRESS not in either.held()
    either.clock.move(days=1)
    pull(either, moved(NEW, on="2026-11-22", event="e1", recorded=either.clock.now()))
    assert either.held()[Field.ADDRESS] == NEW


def test_a_feed_whose_place_a_review_lost_covers_nobody_by_it(engine: Engine) -> None:
    """P7: it went for the sake of the other one whom it could have been about. A feed that can be asked is asked again."""
    engine.add("43", national_id=CORRECTED_ID)
    engine.load()
    engine.population.people[CORRECTED_ID] = base(OLD, national_id=CORRECTED_ID)
    watched(engine)
    pull(engine, posti(NEW), feed="posti")
    with engine.store.snapshot() as work:
        (review,) = work.reviews()
        people = {customer.id: customer for customer in work.by_keys("clinic", ["42", "43"]).values()}
    assert review.runner_up
    best, other = people[review.best.customer_id], people[review.runner_up.customer_id]
    pull(engine, protected(national_id=str(other.national_id)))
    decide_review(engine.parts, review.id, same=True, by="liisa", reason="known here")
    engine.deliver()
    assert engine.held(best.key)[Field.ADDRESS] == OLD
    with engine.store.snapshot() as work:
        assert "posti" not in work.coverage([best.id])[best.id]
