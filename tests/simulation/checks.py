"""What must hold of a story, whatever happened in it: I1 to I17, as far as one engine can tell."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from random import Random
from typing import Any

from sqlalchemy import text

from adapters.audit.export import lines
from adapters.audit.verifier import verify
from sync.applying.survivorship import frozen, resolve, resolve_all
from sync.freshness.state import address_state
from sync.freshness.status import State
from sync.model import LOCATION_FIELDS, Fact, FactKind, Field, HeldFact, PartialDate, Source
from sync.ports.store import FeedHealth, UndoKind
from sync.resync import resync_feed
from sync.settling import situations_of
from tests.harness import HELSINKI, home
from tests.simulation.chain import verify_chain
from tests.simulation.reference import Statement, Word, counting, holding, protected
from tests.simulation.rights import brought, check_erased, undo_something
from tests.simulation.story import (
    FEEDS,
    OLD_STREET,
    PEOPLE,
    STAFFS_STREET,
    STRANGER_ID,
    STRANGERS_STREET,
    STREETS,
    Story,
    databases,
    street_of,
)

NO_NEED_TO_ASK = (State.CURRENT, State.CHANGED)
CLEAR = [*STREETS, OLD_STREET, STAFFS_STREET, STRANGERS_STREET, STRANGER_ID, *PEOPLE.values()]
BACK_MS = 31_000
_SQL = "SELECT event, customer_id, field FROM fact WHERE event <> '' AND position <> 'look-up' AND about IS NULL"


def calm_down(story: Story) -> None:
    """Faults stop and holds are lifted: the backlog reaches zero (I17), and everything is as the rules say."""
    engine = story.engine
    for key in sorted(story.restricted):
        story.restrict(key, on=False)
    story.clinic.unreachable, story.clinic._fault, story.clinic.answers = False, lambda _: None, 1
    for feed in FEEDS:
        provider = story.provider(feed)
        provider.down, provider._failures, provider._cuts, provider._repeats = None, {}, [], 0
    engine.clock.move(hours=2)
    engine.run()
    engine.clock.move(hours=2)  # what was put off is due now
    engine.load()
    engine.deliver()
    check_dispositions(story)
    check_deliveries(story)
    chain = verify_chain(engine.store)
    assert chain[: len(story.chain)] == story.chain, "the trail was rewritten (I7)"
    story.chain = chain
    check_people(story)


def check_people(story: Story) -> None:
    """What the second opinion says of each; of who was erased, that nothing is here."""
    for key in PEOPLE:
        check_erased(story, key)
        if key not in story.erased:
            check_person(story, key)


def check_dispositions(story: Story) -> None:
    """I1, I2, I6, I9: every event delivered has one outcome, and speaks of one customer at most, once."""
    store = story.engine.store
    with store.snapshot() as work:
        for feed in FEEDS:
            state = work.feed(feed)
            assert (state.cursor, state.health) == (str(len(story.log(feed))), FeedHealth(state.health)), feed
            events = {store.digest(f"event/{feed}", event): event for f, event in story.owed if f == feed}
            decided = work.outcomes(feed, events)
            without = [event for one, event in events.items() if one not in decided]
            assert not without, f"{without} of {feed} have no outcome (I1)"
        db: Any = work._db  # type: ignore[attr-defined]  # below the port on purpose
        found = db.execute(text(_SQL)).all()
    assert all(count == 1 for count in Counter(found).values()), "an event was carried out twice (I2)"
    owners: dict[str, set[int]] = {}
    for event, customer, _ in found:
        owners.setdefault(event, set()).add(customer)
    assert all(len(customers) == 1 for customers in owners.values()), "an event was about two customers (I9)"


def check_deliveries(story: Story) -> None:
    """I12, I17: nothing waits, the mirror is the register, and each customer's deliveries were made in order.

    Of what may have been written before a ban on updates, and is not to be, the memory waits for the ban's end.
    """
    with story.engine.store.snapshot() as work:
        counts = work.counts().deliveries
        mirrored = work.by_keys("clinic", list(PEOPLE))
        pending = work.pending([customer.id for customer in mirrored.values()])
    banned = {c.id for key, c in mirrored.items() if frozen(resolve_all(story.engine.facts(key), story.today))}
    waiting = [id_ for id_, delivery in pending.items() if delivery.values or delivery.status or id_ not in banned]
    assert not waiting, "a delivery waits although nothing is wrong"
    assert not counts.get(("clinic", "rejected"))
    for key, customer in mirrored.items():
        record = story.clinic.read(key)
        values = {f: v for f, v in record.values.items() if not (customer.protected and f in LOCATION_FIELDS)}  # type: ignore[union-attr]
        assert (customer.values, customer.status) == (values, record.status)  # type: ignore[union-attr]
    for key, ids in story.clinic.keys.items():
        made = [id_ >> 22 for id_ in ids]  # milliseconds; a second worker does not know of a clock that was set back
        back = [one - other for one, other in pairwise(made) if one - other > BACK_MS]
        assert not back, f"an older delivery to {key} came after a newer one (I12)"


def check_person(story: Story, key: str) -> None:
    """I3, I8: what the second opinion says holds, and what staff typed last stands."""
    facts = story.engine.facts(key)
    by_staff = [f for f in facts if f.source is Source.STAFF and not f.purged and not f.about]
    typed = [street_of(f.fact.value) or "" for f in by_staff if f.fact.field is Field.ADDRESS]
    assert len(typed) == len(by_staff), "our own write was taken for staff's"
    assert all(street.startswith(STAFFS_STREET) for street in typed), "our own write was taken for staff's"
    customer, hides = story.mirrored(key), protected(_orders(story, key, facts))
    assert customer.protected is hides
    if hides:
        check_hidden(story, key, customer.id)
        return
    assert not story.engine.held(key).get(Field.PROTECTION), "an order that ended is still shown"
    said = statements(story, key, facts)
    street, sure = holding(said, story.today)
    held = street_of(story.engine.held(key).get(Field.ADDRESS))
    if street and sure and not frozen(resolve_all(facts, story.today)):  # under a ban the register stays as it was
        assert held == street, f"{held} instead of {street}"
    if key in story.typed and key not in story.shielded:
        _check_staff(story, key, held)
    _check_asking(story, customer.id, facts, [s.recorded for s in said if s.street == held and s.source != "register"])


def _orders(story: Story, key: str, facts: Sequence[HeldFact]) -> list[Word]:
    """Return what was said of orders: as it was sent, and when it came."""
    digest, found = story.engine.store.digest, []
    kept = {h.event: h for h in facts if h.fact.field is Field.PROTECTION}
    for event in story.ordered[key]:
        said, held = story.said["vtj", event], kept[digest("event/vtj", event)]
        assert said.protection
        assert held.recorded_at == said.recorded_at or not said.protection.active
        found.append(Word(said.protection.active, held.recorded_at, held.learned_at))
    return found


def _check_staff(story: Story, key: str, held: str | None) -> None:
    """I8: what staff typed last stands, unless something of a later day was said."""
    street, day = story.typed[key]
    facts = [f for event, c in story.said.items() if story.meant.get(event) == key for f in c.facts]
    if not any(f.valid_from and f.valid_from.first_day() > day for f in facts):
        assert held == street, "staff were overwritten"


def _check_asking(story: Story, customer: int, facts: Sequence[HeldFact], words: Sequence[datetime]) -> None:
    """I14: "no need to ask" rests on somebody's word, within the field's limit; and it ends when the feeds stall."""
    parts, now = story.engine.parts, story.clock.now()
    policy = parts.registers["clinic"].policy
    with parts.store.snapshot() as work:
        situation = situations_of(parts, work, [customer])[customer]
    if address_state(resolve_all(facts, story.today), situation, policy, now).state in NO_NEED_TO_ASK:
        assert words, "nobody has ever confirmed it"
        assert now - max(words) <= policy.limit(Field.ADDRESS)
    later = now + timedelta(days=8)
    then = address_state(resolve_all(facts, later.date()), situation, policy, later)
    assert then.state not in NO_NEED_TO_ASK, "a stalled feed still says that nobody need ask (I14)"


def check_hidden(story: Story, key: str, customer: int) -> None:
    """P3: no location of a protected person in facts, mirror, queue, keys or, once purged, the register."""
    engine = story.engine
    assert not [f for f in engine.facts(key) if f.fact.field in LOCATION_FIELDS and (f.fact.value or f.fact.wrong)]
    assert not [f for f in story.mirrored(key).values if f in LOCATION_FIELDS]
    with engine.store.snapshot() as work:
        db: Any = work._db  # type: ignore[attr-defined]  # below the port on purpose
        where = {"id": customer}
        keys = "SELECT count(*) FROM blocking_key WHERE customer_id = :id AND location"
        assert db.execute(text(keys), where).scalar() == 0
        sealed = "SELECT count(*) FROM delivery WHERE customer_id = :id AND sealed IS NOT NULL"
        assert db.execute(text(sealed), where).scalar() == 0
    address = street_of(engine.held(key).get(Field.ADDRESS))
    assert address is None or address.startswith(STAFFS_STREET), "the register still has the location"
    status = engine.desk.status("clinic", key, reader="machine", reveal=True)
    assert status
    assert status.fields[0].state is State.CONTACT_ONLY
    assert status.fields[0].value is None


def statements(story: Story, key: str, held: Sequence[HeldFact]) -> list[Statement]:
    """What was said of a person: by events as they were sent, by the rest as it was kept."""
    found, digest = [], story.engine.store.digest
    learned = {h.event: (h.learned_at, h.id) for h in held if h.fact.field is Field.ADDRESS and not h.about}
    events = {
        digest(f"event/{feed}", event): (FEEDS[feed], change)
        for (feed, event), change in story.said.items()
        if story.meant.get((feed, event)) == key and (feed, event) in story.owed - story.bygone.get(key, set())
    }
    if key in story.shielded:  # then not everything was kept, and only that counts
        events = {}
    for event, (source, change) in events.items():
        gone = source is FEEDS["posti"] and change.notice_id in story.cancelled  # each provider takes back its own
        known = {"cancelled": gone, "event": event, "learned": learned.get(event)}
        found += [_statement(f, source, change.recorded_at, **known) for f in change.facts]
    for h in held:
        if h.event not in events and not h.purged and not h.about:
            known = {"cancelled": h.cancelled, "event": h.event, "learned": (h.learned_at, h.id)}
            found.append(_statement(h.fact, h.source, h.recorded_at, **known))
    return counting([one for one in found if one], story.marks.undone())


def _statement(fact: Fact, source: Source, recorded: Any, **known: Any) -> Statement | None:
    if fact.field is not Field.ADDRESS:
        return None
    return Statement(
        fact.kind.value,
        street_of(fact.value),
        source.value,
        recorded,
        fact.valid_from.first_day() if fact.valid_from else None,
        fact.valid_until.last_day() if fact.valid_until else None,
        street_of(fact.wrong),
        **known,
    )


def check_freshness(story: Story) -> None:
    """I14: nothing but a new fact makes the confirmation of a value younger."""
    for key, facts in story.facts().items():
        held = resolve(Field.ADDRESS, [f for f in facts if f.fact.field is Field.ADDRESS], story.today)
        before = story.confirmed.get(key)
        if before and before[:2] == (len(facts), held.value) and held.value and held.confirmed_at:
            assert before[2]
            assert held.confirmed_at <= before[2]
        story.confirmed[key] = (len(facts), held.value, held.confirmed_at)


def check_restricted(story: Story, key: str, before: int) -> None:
    """I11: into a restricted record nothing was written, but for what a protection order takes away."""
    for written, values in story.clinic.made[before:]:
        if written == key:
            taken = {name for name, value in values.items() if value is None and name in LOCATION_FIELDS}
            assert values.keys() <= taken | {Field.PROTECTION}, "a restricted record was changed (I11)"


def check_end(story: Story, chance: Random, logged: str) -> None:
    """I7, I13, I16: an edit of the trail is seen, nothing is kept in clear, a resync changes nobody's record."""
    engine = story.engine
    with engine.store.snapshot() as work:
        trail = b"".join(lines(work.trail()))
    place = chance.randrange(len(trail))
    edited = trail[:place] + bytes([trail[place] ^ 1 << chance.randrange(8)]) + trail[place + 1 :]
    assert verify(edited.splitlines(keepends=True)).fault_count, "an edit of the trail went unseen (I7)"
    data = b"".join(file.read_bytes() for file in databases().files())
    assert not [name for name in CLEAR if name.encode() in data], "the database holds a value in clear (I13)"
    assert not [name for name in CLEAR if name in logged], "a log line holds a value (I13)"
    check_undo(story, chance)
    settled = [key for key in PEOPLE if key not in story.bygone or key in story.erased]
    before = {key: _shown(story, key) for key in settled}
    outcomes = {feed: engine.outcomes(feed) for feed in FEEDS}
    for feed in FEEDS:
        resync_feed(engine.parts, engine.parts.feeds[feed], story.start.date() - timedelta(days=30))
    engine.deliver()
    assert {key: _shown(story, key) for key in settled} == before, "a resync changed a record (I16)"
    assert sum(engine.outcomes("posti").values()) == sum(outcomes["posti"].values()), "a resync doubled an outcome (I2)"
    for key in story.erased:
        check_erased(story, key)


def _shown(story: Story, key: str) -> dict[Field, Any]:
    """Return the record; where an answer was undone, the next one tells anew that there is no order."""
    return {name: value for name, value in story.engine.held(key).items() if value is not False}


def check_undo(story: Story, chance: Random) -> None:
    """I15: a move that is told now and undone leaves what was, to the byte; undone and told again, it does not count."""
    if story.shielded:  # an undoing cannot bring back what was not kept
        return
    engine, key = story.engine, chance.choice(sorted(story.facts()))
    # In the first minute of a day: what grows old in the course of one is told by the register's columns on the next.
    engine.clock.at = datetime.combine(story.today + timedelta(days=1), time(0, 1), HELSINKI).astimezone(UTC)
    engine.run()
    before = registered(story)
    move = Fact(Field.ADDRESS, FactKind.SET, home(chance.choice(STREETS)), PartialDate.of(story.today))
    told = engine.store.digest("event/posti", story.say("posti", key, move))
    engine.run()
    after = registered(story)
    events = sorted(brought(story))
    for kind, which, wanted in (
        (UndoKind.UPDATE, events.index(told), before),
        (UndoKind.UNDO, -1, after),
        (UndoKind.UNDO, -1, before),
    ):
        undo_something(story, kind, which)
        engine.deliver()
        check_people(story)
        assert registered(story) == wanted, "undoing did not restore what was (I15)"
    story.say("posti", key, move)
    engine.run()
    check_people(story)
    assert registered(story) == before, "what a person undid came back (I8)"


def registered(story: Story) -> Any:
    """Return what the clinic's own table holds of everybody."""
    return [(record.values, record.status) for record in map(story.clinic.read, PEOPLE)]  # type: ignore[union-attr]
