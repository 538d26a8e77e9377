"""Bans on marketing and on handing data on are kept and delivered, never acted on otherwise; one on updates freezes places."""

from datetime import timedelta
from typing import Any

import pytest

from adapters.registers.memory import Fault
from sync.errors import RegisterUnavailable
from sync.freshness.status import State
from sync.model import Address, Change, Fact, FactKind, Field, PartialDate, Source
from tests.harness import MAIJA_ID, START, Engine, base, make_engine, moved, protected
from tests.integration.whole_way import NEW, OLD, THIRD, deliveries, open_review, posti, pull, state, uncertain, watched

BANS = [Field.MARKETING_BAN, Field.DISCLOSURE_BAN]


def banned(name: Field, *, kind: FactKind = FactKind.SET, value: bool | None = True, **more: Any) -> Change:
    """Build the change that brings a ban, or its end."""
    return moved(None, facts=(Fact(name, kind, value),), event=more.pop("event", "ban"), **more)


@pytest.mark.parametrize("name", BANS)
def test_a_ban_is_kept_and_delivered(either: Engine, name: Field) -> None:
    """The register's column says so."""
    watched(either)
    pull(either, banned(name))
    assert [held.fact.value for held in either.facts() if held.fact.field is name] == [True]
    assert either.held()[name] is True


@pytest.mark.parametrize("name", BANS)
def test_a_ban_changes_nothing_else(either: Engine, name: Field) -> None:
    """The data is kept as well as before: a move is applied, and the desk says what it would have said."""
    watched(either)
    before = state(either)
    pull(either, banned(name))
    assert state(either) is before
    pull(either, moved(NEW))
    assert either.held()[Field.ADDRESS] == NEW


@pytest.mark.parametrize("ending", [{"kind": FactKind.ENDED}, {"kind": FactKind.WITHDRAWN}, {"value": False}])
@pytest.mark.parametrize("name", BANS)
def test_its_end_creates_no_consent(engine: Engine, name: Field, ending: dict[str, Any]) -> None:
    """That a provider no longer says so is no permission: the register's column stays as it is."""
    watched(engine)
    pull(engine, banned(name))
    pull(engine, banned(name, event="end", recorded=START, **ending))
    assert engine.held()[name] is True


@pytest.mark.parametrize("name", BANS)
def test_what_the_person_tells_the_organisation_stands(engine: Engine, name: Field) -> None:
    """Staff note a permission after the ban: it is not overwritten, until a newer ban comes."""
    watched(engine)
    pull(engine, banned(name))
    engine.clock.move(hours=1)
    engine.register.put("42", {name: False})
    engine.load()
    pull(engine, moved(NEW))
    assert engine.held()[name] is False
    engine.clock.move(hours=1)
    pull(engine, banned(name, event="again", recorded=engine.clock.now()))
    assert engine.held()[name] is True


@pytest.mark.parametrize("name", BANS)
def test_nothing_is_written_without_a_ban(engine: Engine, name: Field) -> None:
    """Neither that there is none, nor what a provider says of there being none."""
    watched(engine)
    pull(engine, banned(name, value=False))
    assert name not in engine.held()


# --- a ban on updates -------------------------------------------------------------------------------------------------


def frozen(event: str = "ban", kind: FactKind = FactKind.SET, **more: Any) -> Change:
    """Build a ban on updates, or its end."""
    return banned(Field.UPDATE_BAN, kind=kind, event=event, recorded=more.pop("recorded", START), **more)


def shown(engine: Engine) -> Address | None:
    """Return the address that the desk is told."""
    status = engine.desk.status("clinic", "42", reader="test", reveal=True)
    return next(one.value for one in status.fields if one.field is Field.ADDRESS)


def test_an_update_ban_freezes_a_move_that_was_to_come(either: Engine) -> None:
    """It is not written on its day, nor told as coming or as what holds; when the ban is lifted it is."""
    watched(either)
    pull(either, moved(NEW, on="2026-12-01"), frozen())
    assert state(either) is State.NOT_COVERED
    either.clock.move(days=15)
    either.deliver()
    assert either.held()[Field.ADDRESS] == OLD
    assert (state(either), shown(either)) == (State.NOT_COVERED, OLD)
    either.population.people[MAIJA_ID] = base(NEW, since="2026-12-01")
    pull(either, frozen("end", FactKind.ENDED, recorded=either.clock.now()))
    assert (either.held()[Field.ADDRESS], shown(either)) == (NEW, NEW)


def test_what_was_delivered_before_a_ban_stays(engine: Engine) -> None:
    """Nothing is taken back, nor emptied on the day on which it ends."""
    watched(engine)
    stay = Fact(Field.TEMPORARY_ADDRESS, FactKind.SET, THIRD, PartialDate(2026, 11, 2), PartialDate(2026, 12, 1))
    pull(engine, moved(NEW), moved(None, event="stay", facts=(stay,)))
    assert engine.held()[Field.TEMPORARY_ADDRESS] == THIRD
    pull(engine, frozen())
    engine.clock.move(days=15)
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW
    assert engine.held()[Field.TEMPORARY_ADDRESS] == THIRD
    pull(engine, frozen("end", FactKind.ENDED, recorded=engine.clock.now()))
    assert Field.TEMPORARY_ADDRESS not in engine.held()


def test_staff_may_edit_under_a_ban(engine: Engine) -> None:
    """What they type is theirs, and stands against what had been to come of an earlier day."""
    watched(engine)
    pull(engine, moved(NEW, on="2026-12-01"), frozen())
    engine.clock.move(days=15)
    engine.register.put("42", {Field.ADDRESS: THIRD})
    engine.run()
    assert engine.held()[Field.ADDRESS] == THIRD
    assert shown(engine) == THIRD
    pull(engine, frozen("end", FactKind.ENDED, recorded=engine.clock.now()))
    assert engine.held()[Field.ADDRESS] == THIRD


def test_what_else_is_said_under_a_ban_goes_on(engine: Engine) -> None:
    """It is about where somebody is, and nothing else."""
    watched(engine)
    phone = Fact(Field.PHONE, FactKind.SET, "+358401234567", PartialDate(2026, 11, 10))
    move = Fact(Field.ADDRESS, FactKind.SET, NEW, PartialDate(2026, 11, 10))
    pull(engine, frozen(), moved(None, facts=(move, phone)))
    assert engine.held()[Field.ADDRESS] == OLD
    assert engine.held()[Field.PHONE] == "+358401234567"


def test_a_purge_is_made_under_a_ban(engine: Engine) -> None:
    """A protection order outranks it, also one that was over before the register could be reached."""
    watched(engine)
    engine.register.unreachable = True
    order = protected(), protected(event="p2", active=False, recorded=START - timedelta(hours=9))
    for change in (*order, frozen()):
        engine.population.log.append(change)
        engine.follow()
    engine.register.unreachable = False
    engine.deliver()
    assert Field.ADDRESS not in engine.held()
    assert deliveries(engine).get("pending", 0) == 0


@pytest.mark.parametrize("shows_status", [True, False])
def test_a_write_before_a_ban_whose_answer_was_lost_is_known_again(url: str, shows_status: bool) -> None:
    """The register holds it already: it is our own write and no edit by staff."""
    engine = make_engine(url, shows_status=shows_status, fault={2: Fault.ANSWER_LOST}.get)
    engine.add()
    engine.load()
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()
    with pytest.raises(RegisterUnavailable):
        engine.deliver()
    engine.population.log.append(frozen())
    engine.follow()
    engine.clock.move(hours=2)
    engine.run()
    staffs = [held for held in engine.facts() if held.source is Source.STAFF]
    held, waiting = engine.held()[Field.ADDRESS], deliveries(engine).get("pending", 0)
    pull(engine, frozen("end", FactKind.ENDED, recorded=engine.clock.now()))
    left = deliveries(engine).get("pending", 0)
    engine.store.close()
    assert not staffs
    assert (held, waiting, left) == (NEW, 0, 0)


@pytest.mark.parametrize("first", ["ban", "review", "one page"])
def test_a_review_keeps_no_place_of_somebody_who_has_banned_updates(either: Engine, first: str) -> None:
    """While the ban is in force a place that arrives is not kept, not even sealed; one that waits for a person goes."""
    watched(either)
    uncertain_move = posti(NEW, event="r1", identity=uncertain())
    if first == "one page":
        pull(either, uncertain_move, frozen(), feed="posti")
    else:
        said = [lambda: pull(either, frozen()), lambda: pull(either, uncertain_move, feed="posti")]
        for each in said if first == "ban" else said[::-1]:
            each()
    with either.store.snapshot() as work:
        change = work.review(open_review(either)).change
    assert change is not None
    assert all(fact.field is not Field.ADDRESS for fact in change.facts)
    assert not change.identity.addresses


def test_a_feed_covers_nobody_by_a_word_that_was_not_kept(engine: Engine) -> None:
    """It will not repeat the move that the ban kept out: after the ban's end its silence proves nothing."""
    watched(engine)
    pull(engine, posti(OLD, event="before"), feed="posti")
    assert covering(engine) == {"vtj", "posti"}
    pull(engine, banned(Field.UPDATE_BAN))
    pull(engine, posti(NEW, event="meanwhile"), feed="posti")
    assert covering(engine) == {"vtj"}
    pull(engine, posti(OLD, event="phone", facts=(Fact(Field.PHONE, FactKind.SET, "+358401234567"),)), feed="posti")
    assert covering(engine) == {"vtj"}
    pull(engine, banned(Field.UPDATE_BAN, kind=FactKind.ENDED, event="end", recorded=engine.clock.now()))
    pull(engine, posti(NEW, event="after"), feed="posti")
    assert covering(engine) == {"vtj", "posti"}


def covering(engine: Engine) -> set[str]:
    """Return which feeds cover the customer."""
    with engine.store.snapshot() as work:
        (customer,) = work.by_keys("clinic", ["42"]).values()
        return set(work.coverage([customer.id])[customer.id])
