"""What staff do meanwhile, and what goes wrong on the way into the register."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.registers.memory import Fault
from sync.errors import (
    RegisterUnavailable,
)
from sync.model import (
    LOCATION_FIELDS,
    Fact,
    FactKind,
    Field,
    PartialDate,
    Source,
)
from sync.ports.store import DeliveryState
from sync.schedule import run_register
from tests.harness import (
    AINO_ID,
    START,
    Engine,
    HandClock,
    base,
    make_engine,
    moved,
    protected,
)
from tests.integration.whole_way import (
    NEW,
    OLD,
    THIRD,
    cancellation,
    deliveries,
    mirror,
    posti,
    pull,
    watched,
)

# --- staff ----------------------------------------------------------------------------------------------------------


def test_staffs_edit_between_our_read_and_our_write_stands(clinic: Engine) -> None:
    """I12, truth 6: a conflict is read again, and the newer edit of a person wins."""
    watched(clinic)
    clinic.population.log.append(moved(NEW))
    clinic.follow()
    clinic.register.put("42", {Field.ADDRESS: THIRD})
    clinic.deliver()
    assert clinic.held()[Field.ADDRESS] == THIRD
    clinic.load()
    clinic.deliver()
    assert clinic.held()[Field.ADDRESS] == THIRD
    assert not deliveries(clinic).get("pending")


def test_staffs_edit_of_another_field_survives_our_write(clinic: Engine) -> None:
    """It comes in as theirs, and nothing that we know of older overwrites it."""
    watched(clinic)
    phone = Fact(Field.PHONE, FactKind.SET, "+358401111111", PartialDate(2026, 10, 1))
    pull(clinic, moved(None, event="tel", facts=(phone,)))
    clinic.population.log.append(moved(NEW))
    clinic.follow()
    clinic.register.put("42", {Field.PHONE: "+358402222222"})
    clinic.deliver()
    clinic.load()
    clinic.deliver()
    assert clinic.held()[Field.ADDRESS] == NEW
    assert clinic.held()[Field.PHONE] == "+358402222222"
    assert Source.STAFF in [f.source for f in clinic.facts() if f.fact.field is Field.PHONE]


def test_an_older_change_does_not_overwrite_staff(clinic: Engine) -> None:
    """What staff typed today outranks what held from last month."""
    watched(clinic)
    clinic.register.put("42", {Field.ADDRESS: THIRD})
    clinic.load()
    pull(clinic, moved(NEW))
    assert clinic.held()[Field.ADDRESS] == THIRD
    pull(clinic, moved(NEW, on="2026-11-22", event="e2"))
    clinic.clock.move(days=1)
    clinic.deliver()
    assert clinic.held()[Field.ADDRESS] == NEW


def test_a_field_that_staff_emptied_stays_empty(clinic: Engine) -> None:
    """Neither settling on the same day nor a look-up that repeats the old value writes it back."""
    phone = Fact(Field.PHONE, FactKind.SET, "+358401111111", PartialDate(2026, 10, 1))
    watched(clinic)
    pull(clinic, moved(None, event="tel", facts=(phone,)))
    clinic.register.put("42", {Field.PHONE: None})
    clinic.load()
    clinic.deliver()
    assert Field.PHONE not in clinic.held()
    clinic.clock.move(hours=2)
    pull(clinic, moved(None, event="tel2", facts=(phone,), recorded=clinic.clock.now()))
    assert Field.PHONE not in clinic.held()


def test_an_edit_shortly_after_midnight_is_of_that_day(engine: Engine) -> None:
    """The register's day is meant, not Greenwich's."""
    watched(engine)
    engine.clock.at = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    engine.register.put("42", {Field.ADDRESS: THIRD})
    engine.load()
    (fact,) = [f.fact for f in engine.facts() if f.source is Source.STAFF]
    assert fact.valid_from == PartialDate(2026, 11, 23)


def test_an_edit_from_the_future_holds_from_now(engine: Engine) -> None:
    """A register whose clock is ahead does not have its staff overwritten until then."""
    watched(engine)
    engine.register._clock = HandClock(START + timedelta(days=2))
    engine.register.put("42", {Field.ADDRESS: THIRD})
    engine.load()
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == THIRD


@pytest.mark.parametrize("back", [{"seconds": -30}, {"days": -1}])
def test_the_last_of_two_edits_stands_although_the_registers_clock_was_set_back(
    engine: Engine, back: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was made upon the other: neither its moment nor its day says so, and the first is not written over it."""
    theirs = HandClock(START)
    monkeypatch.setattr(engine.register, "_clock", theirs)
    engine.register.put("42", {Field.ADDRESS: THIRD})
    engine.load()
    theirs.move(**back)
    engine.register.put("42", {Field.ADDRESS: NEW})
    engine.clock.move(minutes=1)
    engine.load()
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW
    engine.register.put("42", {Field.ADDRESS: None})
    engine.clock.move(days=1)
    engine.run()
    assert Field.ADDRESS not in engine.held()


def test_a_record_with_a_key_that_nobody_can_store_is_set_aside(either: Engine) -> None:
    """Its neighbours are read."""
    either.add("a\x00b")
    either.add("c\ud800")
    either.add("44", national_id=AINO_ID)
    read, _ = run_register(either.parts, either.parts.registers["clinic"])
    assert read.unreadable == {"key_not_storable": 2}
    assert mirror(either, "44").national_id == AINO_ID


# --- delivery -------------------------------------------------------------------------------------------------------


def failing(engine: Engine, fault: Fault, *writes: int) -> None:
    """Have the n-th writes from now go wrong."""
    numbers = {engine.register.writes + n for n in writes}
    engine.register._fault = lambda number: fault if number in numbers else None


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.BEFORE_WRITE])
def test_a_write_without_an_answer_is_made_or_found_made(clinic: Engine, fault: Fault) -> None:
    """It is not taken for an edit of staff, and is acknowledged in the end."""
    watched(clinic)
    clinic.population.log.append(moved(NEW))
    clinic.follow()
    failing(clinic, fault, 1)
    with pytest.raises(RegisterUnavailable):
        clinic.deliver()
    clinic.clock.move(minutes=5)
    clinic.load()
    assert clinic.held()[Field.ADDRESS] == NEW
    assert not [f for f in clinic.facts() if f.source is Source.STAFF]
    assert not deliveries(clinic).get("pending")


@pytest.mark.parametrize("back", [False, True])
def test_a_lost_answer_and_then_another_change(clinic: Engine, back: bool) -> None:
    """What we may have written ourselves is not taken for staff's, also when something else replaced it meanwhile."""
    watched(clinic)
    clinic.population.log.append(posti(NEW, notice_id="n1") if back else moved(NEW))
    clinic.postal.log += clinic.population.log
    clinic.population.log.clear()
    clinic.follow("posti")
    failing(clinic, Fault.ANSWER_LOST, 1)
    with pytest.raises(RegisterUnavailable):
        clinic.deliver()
    clinic.postal.log.append(cancellation() if back else moved(THIRD, on="2026-11-10", event="e2"))
    clinic.follow("posti")
    clinic.clock.move(minutes=5)
    clinic.load()
    clinic.deliver()
    assert clinic.held()[Field.ADDRESS] == (OLD if back else THIRD)
    assert not [f for f in clinic.facts() if f.source is Source.STAFF]
    assert not deliveries(clinic).get("pending")


def test_a_lost_answer_and_then_an_order(clinic: Engine) -> None:
    """An order takes places out of what may have been written; the rest is remembered, and is not taken for staff's."""
    watched(clinic)
    one, other = (
        moved(None, event=f"e{day}", facts=(Fact(Field.PHONE, FactKind.SET, number, PartialDate(2026, 11, day)),))
        for day, number in ((1, "+358401234567"), (2, "+358407654321"))
    )
    clinic.population.log.append(one)
    clinic.follow()
    failing(clinic, Fault.ANSWER_LOST, 1)
    with pytest.raises(RegisterUnavailable):
        clinic.deliver()
    clinic.population.log += [other, protected(event="p2")]
    clinic.follow()
    clinic.clock.move(hours=2)
    clinic.load()
    clinic.deliver()
    assert not [f for f in clinic.facts() if f.source is Source.STAFF]
    assert not deliveries(clinic).get("pending")
    assert mirror(clinic).protected


def test_killed_between_write_and_commit(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """I2: what the register holds already is found there, also when another change came before the restart."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()

    class Killed(BaseException):
        pass

    def kill(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("sync.delivery._acknowledge", kill)
        with pytest.raises(Killed):
            engine.deliver()
    engine.population.log.append(moved(THIRD, on="2026-11-10", event="e2"))
    engine.follow()
    engine.load()
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == THIRD
    assert not [f for f in engine.facts() if f.source is Source.STAFF]


def test_a_delivery_that_became_moot_is_superseded(engine: Engine) -> None:
    """Taken back before it was tried, nothing is written."""
    watched(engine)
    engine.postal.log.append(posti(NEW, notice_id="n1"))
    engine.follow("posti")
    writes = engine.register.writes
    engine.postal.log.append(cancellation())
    engine.follow("posti")
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == OLD
    assert deliveries(engine).get("superseded", 0) >= 1
    assert engine.register.writes <= writes + 1  # the status, at most


def test_an_unreachable_register_is_asked_less_and_less_often(engine: Engine) -> None:
    """For days on end, without the wait overflowing."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()
    failing(engine, Fault.BEFORE_WRITE, *range(1, 200))
    for _ in range(70):
        engine.clock.move(hours=2)
        with pytest.raises(RegisterUnavailable):
            engine.deliver()
    engine.register._fault = lambda _: None
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == OLD  # not yet
    engine.clock.move(hours=2)
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW


def test_a_record_that_is_gone_is_not_written(engine: Engine) -> None:
    """The delivery ends, and nothing is made anew."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()
    engine.register.remove("42")
    engine.deliver()
    assert deliveries(engine)["gone"] == 1
    assert not deliveries(engine).get("pending")
    assert engine.register.read("42") is None


def test_a_refused_update_waits_for_an_operator(engine: Engine) -> None:
    """It blocks nobody else."""
    engine.add("44", national_id=AINO_ID)
    engine.load()
    engine.population.people |= {AINO_ID: base(OLD, national_id=AINO_ID)}
    watched(engine)
    engine.register._refuses = lambda _, value: "too_long" if value == NEW else None
    pull(engine, moved(NEW), moved(THIRD, national_id=AINO_ID, event="e2"))
    assert engine.held("44")[Field.ADDRESS] == THIRD
    assert deliveries(engine)["rejected"] == 1


def test_a_register_in_conflict_for_ever_does_not_keep_a_worker_busy(engine: Engine) -> None:
    """Tried again at once, and then later."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()
    failing(engine, Fault.CONFLICT, *range(1, 100))
    before = engine.register.writes
    engine.deliver()
    assert engine.register.writes - before == 2
    engine.register._fault = lambda _: None
    engine.clock.move(minutes=1)
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW


# --- what a delivery carries -------------------------------------------------------------------------------------------


def carried(engine: Engine) -> list[dict[Field, Any]]:
    """Return, for each delivery that carries something, the values of the facts that it names."""
    facts = {held.id: held.fact.value for held in engine.facts()}
    with engine.store.snapshot() as work:
        done = [one.carried for one in work.deliveries_of(mirror(engine).id) if one.carried]
    return [{name: facts[id_] if id_ else None for name, id_ in one.items()} for one in done]


def test_a_delivery_names_the_facts_that_it_carries(clinic: Engine) -> None:
    """Whether they came in its own page, were there before, or were taken back: then the older one again."""
    watched(clinic)
    pull(clinic, posti(NEW, notice_id="n1"), feed="posti")
    assert carried(clinic)[-1] == {Field.ADDRESS: NEW}
    pull(clinic, cancellation(), feed="posti")
    assert carried(clinic)[-1] == {Field.ADDRESS: OLD}


def test_a_purge_names_the_fields_that_it_empties(clinic: Engine) -> None:
    """And no fact for them: it carries nobody's place."""
    watched(clinic)
    pull(clinic, protected())
    assert carried(clinic)[-1] == dict.fromkeys(LOCATION_FIELDS) | {Field.PROTECTION: True}


def test_a_purge_that_the_register_refuses_is_tried_until_it_is_acknowledged(engine: Engine) -> None:
    """P4: a protected home does not stay behind because the record could not be read for a while."""
    watched(engine)
    engine.register.spoil("42", "birth_date", "no_such_date")
    pull(engine, protected())
    assert (deliveries(engine)["pending"], deliveries(engine).get("rejected")) == (1, None)
    engine.register.put("42", {})  # somebody mends the record
    engine.clock.move(minutes=1)
    engine.deliver()
    assert Field.ADDRESS not in engine.held()
    assert not deliveries(engine).get("pending")


def test_a_write_that_is_found_made_is_in_the_trail(url: str) -> None:
    """No audit, no change: every delivery that is acknowledged is named by an entry of the chain."""
    engine = make_engine(url, fault={2: Fault.ANSWER_LOST, 3: Fault.BEFORE_WRITE}.get)
    engine.add()
    engine.load()
    watched(engine)
    with pytest.raises(RegisterUnavailable):
        pull(engine, moved(NEW))
    engine.load()
    with engine.store.snapshot() as work:
        (id_,) = (one.id for one in work.by_keys("clinic", ["42"]).values())
        made = {d.id for d in work.deliveries_of(id_) if d.state is DeliveryState.ACKNOWLEDGED}
        told = [e for action in ("delivered", "found_delivered") for e in work.audit_entries(action)]
    assert len(made) == 2
    assert made == {number for entry in told for number in json.loads(entry.body)["deliveries"]}
    engine.store.close()
