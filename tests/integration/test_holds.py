"""Restriction, objection and lock: what arrives is parked, and decided again in order when they are lifted."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.cli.output import Exit
from adapters.registers.memory import Fault
from sync.errors import NotFound, RegisterUnavailable, SomebodyWasFirst
from sync.freshness.status import State
from sync.holding import Lifted, lift_hold, place_hold
from sync.model import (
    Change,
    Fact,
    FactKind,
    Field,
    Hold,
    HoldKind,
    Identity,
    Outcome,
    PartialDate,
    PersonName,
    Source,
)
from sync.noting import note_confirmed
from sync.ports.register import Record
from sync.retention import forget
from sync.reviewing import decide_review
from sync.undoing import undo, update_target
from tests.harness import AINO_ID, MAIJA_ID, START, Engine, base, home, make_engine, moved, protected
from tests.integration.test_explaining import ajantasa
from tests.integration.whole_way import (
    NEW,
    OLD,
    THIRD,
    cancellation,
    deliveries,
    location_values,
    open_review,
    posti,
    pull,
    state,
    uncertain,
    watched,
)

WHOLE = [HoldKind.RESTRICTION, HoldKind.OBJECTION]
FOURTH = home("Neljästie", "4")


def place(engine: Engine, kind: HoldKind, name: Field | None = None) -> Hold:
    """Place a hold on the customer."""
    register = engine.parts.registers["clinic"]
    return place_hold(engine.parts, register, "42", kind, name=name, by="officer", reason="they asked")


def lift(engine: Engine, kind: HoldKind, name: Field | None = None) -> Lifted:
    """Lift a hold, and deliver what follows."""
    register = engine.parts.registers["clinic"]
    lifted = lift_hold(engine.parts, register, "42", kind, name=name, by="officer", reason="settled")
    engine.deliver()
    return lifted


def parked(engine: Engine) -> list[Change]:
    """Return what is parked about the customer."""
    with engine.store.snapshot() as work:
        customer = work.by_keys("clinic", ["42"])["42"]
        return [one.change for one in work.parked(customer.id)]


def phoned(number: str, *, event: str = "ph1", **more: Any) -> Change:
    """Build a change that brings a phone number and an address."""
    facts = (
        Fact(Field.PHONE, FactKind.SET, number, PartialDate.parse("2026-11-01")),
        Fact(Field.ADDRESS, FactKind.SET, NEW, PartialDate.parse("2026-11-01")),
    )
    return moved(None, event=event, facts=facts, **more)


@pytest.mark.parametrize("kind", WHOLE)
def test_nothing_changes_while_on_hold_and_everything_after(either: Engine, kind: HoldKind) -> None:
    """I11: facts and register stay as they are; lifted, the parked changes are applied."""
    watched(either)
    before = either.facts()
    place(either, kind)
    pull(either, moved(NEW))
    assert (either.facts(), either.held()[Field.ADDRESS]) == (before, OLD)
    assert either.outcomes()["parked"] == 1
    assert [change.facts[0].value for change in parked(either)] == [NEW]
    lifted = lift(either, kind)
    assert lifted.outcomes == {Outcome.APPLIED: 1}
    assert either.held()[Field.ADDRESS] == NEW
    assert parked(either) == []
    assert "parked" not in either.outcomes()


def test_what_was_parked_ends_as_if_it_had_never_been(either: Engine) -> None:
    """Lifted, everything is decided in the order of its arrival, and an older move does not overwrite a newer one."""
    watched(either)
    place(either, HoldKind.RESTRICTION)
    pull(either, moved(NEW, on="2026-11-01"), moved(THIRD, on="2026-11-10", event="e2"))
    pull(either, moved(FOURTH, on="2026-10-20", event="e3"))
    lifted = lift(either, HoldKind.RESTRICTION)
    assert either.held()[Field.ADDRESS] == THIRD
    assert lifted.outcomes == {Outcome.APPLIED: 2, Outcome.SUPERSEDED: 1}
    values = [held.fact.value for held in either.facts() if held.event]
    assert values[-3:] == [NEW, THIRD, FOURTH]


def test_a_hold_survives_replay_and_resync(engine: Engine) -> None:
    """The same events again are passed over, parked once and applied once."""
    watched(engine)
    place(engine, HoldKind.RESTRICTION)
    pull(engine, moved(NEW))
    engine.population.log.append(moved(NEW))
    engine.follow(again=True)
    assert len(parked(engine)) == 1
    assert lift(engine, HoldKind.RESTRICTION).outcomes.total() == 1
    engine.follow(again=True)
    assert [h.fact.value for h in engine.facts() if h.fact.value == NEW] == [NEW]


def test_a_parked_change_that_fits_nobody_any_more_is_forgotten(engine: Engine) -> None:
    """Staff have corrected who this is: the change was about somebody else, and is not forced on this customer."""
    place(engine, HoldKind.RESTRICTION)
    pull(engine, posti(NEW), feed="posti")
    assert engine.outcomes("posti") == {"parked": 1}
    somebody = {Field.NATIONAL_ID: AINO_ID, Field.NAME: PersonName("Virtanen", "Aino")}
    engine.register.put("42", {**somebody, Field.BIRTH_DATE: PartialDate(1990, 1, 1)})
    engine.load()
    assert lift(engine, HoldKind.RESTRICTION).outcomes == {Outcome.NO_MATCH: 1}
    assert engine.held()[Field.ADDRESS] == OLD
    assert parked(engine) == []


def test_a_protection_order_is_carried_out_although_restricted(either: Engine) -> None:
    """Truth 4: facts, register, and what is parked lose the location; the rest of the change waits."""
    watched(either)
    place(either, HoldKind.RESTRICTION)
    pull(either, moved(NEW), phoned("+358401234567"))
    order = protected(
        to=None, facts=(Fact(Field.EMAIL, FactKind.SET, "m@example.com", PartialDate.parse("2026-11-02")),)
    )
    pull(either, order)
    assert Field.ADDRESS not in either.held()
    assert either.held()[Field.PROTECTION] is True
    assert location_values(either) == []
    assert [fact.field for change in parked(either) for fact in change.facts] == [Field.PHONE, Field.EMAIL]
    assert not any(change.identity.addresses for change in parked(either))
    assert state(either) is State.CONTACT_ONLY
    lift(either, HoldKind.RESTRICTION)
    assert either.held()[Field.EMAIL] == "m@example.com"
    assert Field.ADDRESS not in either.held()


def test_the_end_of_an_order_waits_for_the_restriction(engine: Engine) -> None:
    """A restricted customer does not change: it stays protected until a person lifts the restriction."""
    watched(engine)
    pull(engine, protected())
    place(engine, HoldKind.RESTRICTION)
    engine.population.people[MAIJA_ID] = base(NEW, since="2020-01-01")
    pull(engine, protected(event="p2", active=False, recorded=START - timedelta(hours=2)))
    assert state(engine) is State.CONTACT_ONLY
    lift(engine, HoldKind.RESTRICTION)
    engine.follow()
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW


def test_a_delivery_in_the_outbox_waits(either: Engine) -> None:
    """What was decided before the restriction and has not left is written when it is lifted, not before."""
    watched(either)
    either.population.log.append(moved(NEW))
    either.follow()
    place(either, HoldKind.RESTRICTION)
    either.clock.move(days=2)
    either.deliver()
    assert either.held()[Field.ADDRESS] == OLD
    lift(either, HoldKind.RESTRICTION)
    assert either.held()[Field.ADDRESS] == NEW


@pytest.mark.parametrize("shows_status", [True, False])
def test_a_write_whose_answer_was_lost_is_known_again(url: str, shows_status: bool) -> None:
    """The register holds it already: read back while restricted, it is our own write and no edit by staff."""
    engine = make_engine(url, shows_status=shows_status, fault={1: Fault.ANSWER_LOST}.get)
    engine.add()
    engine.load()
    engine.population.people[MAIJA_ID] = base(OLD)
    engine.population.log.append(moved(NEW))
    engine.follow()
    with pytest.raises(RegisterUnavailable):
        engine.deliver()
    place(engine, HoldKind.RESTRICTION)
    engine.clock.move(hours=2)
    engine.run()
    assert not [held for held in engine.facts() if held.source is Source.STAFF]
    assert engine.held()[Field.ADDRESS] == NEW
    lift(engine, HoldKind.RESTRICTION)
    assert engine.held()[Field.ADDRESS] == NEW
    assert deliveries(engine).get("pending") is None
    engine.store.close()


def test_staff_may_edit_a_restricted_record(either: Engine) -> None:
    """What they type is kept as theirs, and not overwritten by what waits, which is older."""
    watched(either)
    place(either, HoldKind.RESTRICTION)
    pull(either, moved(NEW, on="2026-11-01"))
    either.clock.move(hours=1)
    either.register.put("42", {Field.ADDRESS: THIRD})
    either.load()
    assert either.held()[Field.ADDRESS] == THIRD
    lift(either, HoldKind.RESTRICTION)
    assert either.held()[Field.ADDRESS] == THIRD


@pytest.mark.parametrize(
    ("kind", "expected"), [(HoldKind.RESTRICTION, State.ON_HOLD), (HoldKind.OBJECTION, State.NOT_COVERED)]
)
def test_the_desk_is_told(engine: Engine, kind: HoldKind, expected: State) -> None:
    """Restricted is on hold, objected is not covered; the value shown is what the register holds."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()  # known, and not delivered yet
    place(engine, kind)
    status = engine.desk.status("clinic", "42", reader="test", reveal=True)
    assert status is not None
    assert (status.fields[0].state, status.fields[0].value) == (expected, OLD)
    lift(engine, kind)
    engine.follow()  # the person is looked up, in case that something was parked for too long
    assert state(engine) is State.CHANGED


def test_a_lock_holds_one_field_only(either: Engine) -> None:
    """The locked address is parked, the phone number beside it is applied; unlocked, the address follows."""
    watched(either)
    place(either, HoldKind.LOCK, Field.ADDRESS)
    pull(either, phoned("+358401234567"))
    assert either.outcomes()["applied"] == 1
    assert either.held()[Field.PHONE] == "+358401234567"
    assert either.held()[Field.ADDRESS] == OLD
    assert state(either) is State.NOT_COVERED
    assert state(either, field=Field.PHONE) is not State.ON_HOLD
    pull(either, moved(THIRD, on="2026-10-20", event="e9"))
    assert either.outcomes()["parked"] == 1
    assert lift(either, HoldKind.LOCK, Field.ADDRESS).outcomes == {Outcome.APPLIED: 1, Outcome.SUPERSEDED: 1}
    assert either.held()[Field.ADDRESS] == NEW


def test_a_person_may_change_what_is_locked(engine: Engine) -> None:
    """Staff's own edit of a locked field comes in as theirs."""
    watched(engine)
    place(engine, HoldKind.LOCK, Field.ADDRESS)
    engine.register.put("42", {Field.ADDRESS: THIRD})
    engine.load()
    pull(engine, moved(NEW, on="2026-11-25"))
    engine.clock.move(days=10)
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == THIRD


def test_a_coming_move_does_not_come_while_on_hold(engine: Engine) -> None:
    """Its day passes; it is written when the hold is lifted."""
    watched(engine)
    pull(engine, moved(NEW, on="2026-12-01"))
    place(engine, HoldKind.RESTRICTION)
    engine.clock.move(days=14)
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == OLD
    lift(engine, HoldKind.RESTRICTION)
    assert engine.held()[Field.ADDRESS] == NEW


def test_a_reviewers_decision_is_parked_and_stands(engine: Engine) -> None:
    """I8: decided while restricted, it is applied to that customer when lifted, by the person who decided."""
    pull(engine, posti(NEW, identity=uncertain()), feed="posti")
    with engine.store.snapshot() as work:
        (review,) = work.reviews()
    place(engine, HoldKind.RESTRICTION)
    assert state(engine) is State.ON_HOLD
    outcome = decide_review(engine.parts, review.id, same=True, by="anna", reason="she rang")
    assert outcome is Outcome.PARKED
    assert engine.held()[Field.ADDRESS] == OLD
    assert lift(engine, HoldKind.RESTRICTION).outcomes == {Outcome.APPLIED: 1}
    assert engine.held()[Field.ADDRESS] == NEW
    with engine.store.snapshot() as work:
        stored = work.stored_facts(review.best.customer_id)
    assert stored[-1].provenance.decided_by == "anna"


def test_taking_back_a_parked_notice_closes_it(engine: Engine) -> None:
    """Nothing of it is kept, and nothing is applied when the hold is lifted."""
    watched(engine)
    place(engine, HoldKind.RESTRICTION)
    pull(engine, posti(NEW, notice_id="n1"), feed="posti")
    pull(engine, cancellation(), feed="posti")
    assert parked(engine) == []
    assert lift(engine, HoldKind.RESTRICTION).outcomes.total() == 0
    assert engine.held()[Field.ADDRESS] == OLD
    assert engine.outcomes("posti") == {"superseded": 1, "no_match": 1}


def test_taking_back_an_applied_notice_waits(either: Engine) -> None:
    """A restricted customer does not change: the notice stands until the restriction is lifted."""
    watched(either)
    pull(either, posti(NEW, notice_id="n1"), feed="posti")
    place(either, HoldKind.RESTRICTION)
    pull(either, cancellation(), feed="posti")
    assert either.held()[Field.ADDRESS] == NEW
    assert not [held for held in either.facts() if held.cancelled]
    lift(either, HoldKind.RESTRICTION)
    assert either.held()[Field.ADDRESS] == OLD


def test_two_holds_are_lifted_one_by_one(engine: Engine) -> None:
    """What the first had parked stays parked by the second."""
    watched(engine)
    place(engine, HoldKind.RESTRICTION)
    place(engine, HoldKind.OBJECTION)
    with pytest.raises(SomebodyWasFirst):
        place(engine, HoldKind.OBJECTION)
    pull(engine, moved(NEW))
    first = lift(engine, HoldKind.RESTRICTION)
    assert (first.outcomes, first.still_held) == ({Outcome.PARKED: 1}, True)
    assert engine.held()[Field.ADDRESS] == OLD
    assert lift(engine, HoldKind.OBJECTION).outcomes == {Outcome.APPLIED: 1}
    assert engine.held()[Field.ADDRESS] == NEW
    with pytest.raises(NotFound):
        lift(engine, HoldKind.OBJECTION)


def test_what_is_parked_for_too_long_is_asked_for_again(engine: Engine) -> None:
    """Its payload goes with the period; when the hold is lifted the person is looked up."""
    watched(engine)
    place(engine, HoldKind.RESTRICTION)
    pull(engine, moved(NEW))
    engine.clock.move(days=366)
    forget(engine.parts)
    assert parked(engine) == []
    assert engine.outcomes()["refused"] == 1
    engine.population.people[MAIJA_ID] = base(NEW, since="2026-11-01")
    lift(engine, HoldKind.RESTRICTION)
    engine.follow()
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW


def test_retention_leaves_a_restricted_customer_alone(engine: Engine) -> None:
    """Restriction is asked for instead of erasure: previous values stay until it is lifted."""
    watched(engine)
    pull(engine, moved(NEW))
    place(engine, HoldKind.RESTRICTION)
    engine.clock.move(days=800)
    forget(engine.parts)
    assert not [held for held in engine.facts() if held.purged]
    lift(engine, HoldKind.RESTRICTION)
    forget(engine.parts)
    assert [held for held in engine.facts() if held.purged]


def test_others_go_on(engine: Engine) -> None:
    """A hold is about one customer: the neighbour's change in the same page is applied."""
    engine.add("43", national_id=AINO_ID, name=PersonName("Virtanen", "Aino"), birth_date=PartialDate(1990, 1, 1))
    engine.load()
    place(engine, HoldKind.RESTRICTION)
    pull(engine, posti(NEW), moved(THIRD, event="e2", identity=Identity(national_id=AINO_ID)), feed="posti")
    assert engine.held("43")[Field.ADDRESS] == THIRD
    assert engine.held("42")[Field.ADDRESS] == OLD


def test_it_stands_in_the_trail_without_the_reason(either: Engine) -> None:
    """Who placed and who lifted what is in the audit chain; why is sealed beside it."""
    place(either, HoldKind.RESTRICTION)
    lift(either, HoldKind.RESTRICTION)
    with either.store.snapshot() as work:
        entries = [*work.audit_entries("hold_placed"), *work.audit_entries("hold_lifted")]
        customer = work.by_keys("clinic", ["42"])["42"]
        (hold,) = work.holds_of(customer.id)
    assert [entry.actor for entry in entries] == ["officer", "officer"]
    assert not any("they asked" in entry.body or "settled" in entry.body for entry in entries)
    assert (hold.reason, hold.lifted_reason, hold.lifted_by) == ("they asked", "settled", "officer")


def test_the_registers_own_screens_are_told(engine: Engine) -> None:
    """Where a status column is mapped it says so; nothing else of the record is written."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()
    place(engine, HoldKind.RESTRICTION)
    engine.deliver()
    record = engine.register.read("42")
    assert isinstance(record, Record)
    assert record.status is not None
    assert (record.status.state, record.values[Field.ADDRESS]) == ("on_hold", OLD)
    assert deliveries(engine).get("pending") is None


def test_the_commands_place_tell_and_lift(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """Restrict, object, lock and unlock; `customer show` and `status` tell of them; twice is told so."""
    watched(engine)
    why = ("--reason", "disputed", "--by", "officer")
    assert ajantasa(engine, "customer", "restrict", "42", *why) == Exit.OK
    assert ajantasa(engine, "customer", "restrict", "42", *why) == Exit.SOMEBODY_WAS_FIRST
    assert ajantasa(engine, "customer", "object", "42", *why) == Exit.OK
    assert ajantasa(engine, "customer", "lock", "42", "phone", *why) == Exit.OK
    pull(engine, moved(NEW))
    capsys.readouterr()
    assert ajantasa(engine, "status", "--json") == Exit.OK
    figures = json.loads(capsys.readouterr().out)
    assert (figures["parked"], figures["holds"]) == (1, {"lock": 1, "objection": 1, "restriction": 1})
    assert ajantasa(engine, "customer", "show", "42") == Exit.OK
    assert "restriction since 2026-11-21, by officer: disputed" in capsys.readouterr().out
    assert ajantasa(engine, "customer", "unlock", "42", "phone", *why) == Exit.OK
    assert ajantasa(engine, "customer", "object", "42", "--lift", *why) == Exit.OK
    capsys.readouterr()
    assert ajantasa(engine, "customer", "restrict", "42", "--lift", "--json", *why) == Exit.OK
    assert json.loads(capsys.readouterr().out)["decided_again"] == {"applied": 1}
    assert ajantasa(engine, "customer", "restrict", "42", "--lift", *why) == Exit.NOT_FOUND
    assert ajantasa(engine, "customer", "lock", "42", "protection", *why) == Exit.USAGE


def shown(engine: Engine) -> str:
    """Return what the register's own status column says."""
    record = engine.register.read("42")
    assert isinstance(record, Record)
    assert record.status
    return record.status.state


def test_the_registers_own_screens_follow_who_is_watched_again(either: Engine) -> None:
    """Also where nothing of the answer counts: what the population register says of this customer was undone."""
    watched(either)
    event = next(f.event for f in either.facts() if f.source is Source.POPULATION_REGISTER)
    register = either.parts.registers["clinic"]
    undo(either.parts, update_target(either.parts, register, "42", event), by="liisa", reason="somebody else")
    place(either, HoldKind.OBJECTION)
    lift(either, HoldKind.OBJECTION)  # the customer is to be looked up again
    note_confirmed(either.parts, register, "42", Field.ADDRESS, by="liisa")
    either.deliver()
    assert shown(either) == "not_covered"
    either.follow()
    either.deliver()
    assert (shown(either), state(either)) == ("current", State.CURRENT)


def test_what_waited_is_no_newer_than_when_it_arrived(engine: Engine) -> None:
    """I3: of changes that nobody dated, the one that arrived last stands, whatever their events are called."""
    watched(engine)
    clinic = engine.parts.registers["clinic"]
    place_hold(engine.parts, clinic, "42", HoldKind.RESTRICTION, by="liisa", reason="asked for it")
    for number in range(6):
        engine.clock.move(hours=1)
        pull(engine, replace(moved(home("Katu", str(number)), event=f"e{number}"), recorded_at=None))
    lift_hold(engine.parts, clinic, "42", HoldKind.RESTRICTION, by="liisa", reason="it was right")
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == home("Katu", "5")


def test_what_waited_for_a_reviewer_is_no_newer_than_when_it_arrived(engine: Engine) -> None:
    """I3: what came meanwhile, for the same day, stands."""
    watched(engine)
    pull(engine, replace(moved(NEW, event="e1", identity=uncertain()), recorded_at=None), feed="posti")
    engine.clock.move(days=1)
    pull(engine, moved(THIRD, event="e2", recorded=engine.clock.now()), feed="posti")
    engine.clock.move(days=1)
    decide_review(engine.parts, open_review(engine), same=True, by="liisa", reason="twin")
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == THIRD
