"""What people may ask for at any time: that a person is erased or taken in again, and that something is undone."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, select, text

from adapters.store.columns import SCHEMA_TABLES, Instant
from adapters.store.facts import PURGED
from sync.erasing import Ground, erase_customer, readmit_customer
from sync.errors import NotFound, OnHold
from sync.ports.store import ReviewState, UndoKind
from sync.undoing import Target, decision_target, run_target, undo, undo_target, update_target
from tests.simulation.mortal import POINTS, Fate, Killed
from tests.simulation.story import FEEDS, PEOPLE, Story, databases

ERASABLE = "44"
"""Only one of the customers, so that whatever was said goes on being about somebody."""

_CUSTOMER_COLUMNS = ("customer_id", "best_id", "runner_up_id")
LATELY = [timedelta(minutes=1), timedelta(hours=30), timedelta(days=40)]
"""How far back what a feed brought is undone."""
_READERS = "reading"  # who read what stays: it is about the reader
_PAGES = """SELECT DISTINCT f.event FROM fact f JOIN audit a ON a.seq = f.audit_seq
WHERE a.action = 'page_applied' AND a.actor = :feed AND f.origin = :feed AND f.decided_by = '' AND a.at BETWEEN :since AND :until"""


# --- erasure (I10) ----------------------------------------------------------------------------------------------------


def erase(story: Story, fate: Fate | None = None) -> None:
    """Erase a customer; killed while it is done, the next start does it, once the file beside the database knows."""
    key, parts = ERASABLE, story.engine.parts
    customer = story.mirrored(key)
    if customer is None:
        return
    secrets = _sealed(story, customer.id)
    told = {event for event, owner in brought(story).items() if owner == key}
    parts = fate.bind(parts) if fate else parts
    try:
        done = erase_customer(parts, parts.registers["clinic"], key, Ground.OBJECTED, by="dpo", dry_run=False)
    except OnHold:
        assert key in story.restricted
        return
    except Killed:
        story.restart()
        assert fate
        if fate.point is POINTS["audit entry written"]:
            return
    else:
        if done.scrubbed:
            data = b"".join(file.read_bytes() for file in databases().files())
            assert not [one for one in secrets if one in data], "what was sealed is still in the files (I10)"
    assert key not in story.restricted, "a restricted customer was erased (Art. 18)"
    story.erased[key] = customer.id
    story.marks.forget(told)
    story.confirmed.pop(key, None)
    # What died with a worker before it was decided is not handed out again: nobody watches this person any more.
    about = {event for event, meant in story.meant.items() if meant == key}
    story.delivered -= about - _with_outcome(story)


def readmit(story: Story, fate: Fate | None = None) -> None:
    """Take an erased person in again: what was told before stays what it became, an event about nobody."""
    parts = story.engine.parts
    if ERASABLE not in story.erased or story.clinic.unreachable:
        return
    bygone, gone_by = _with_outcome(story), _gone_by(story)
    parts = fate.bind(parts) if fate else parts
    try:
        assert readmit_customer(parts, parts.registers["clinic"], ERASABLE, by="dpo")
    except Killed:
        story.restart()
        assert fate
        if fate.point is not POINTS["after a commit"]:
            return
    assert story.mirrored(ERASABLE), "who is a customer again was not taken in"
    del story.erased[ERASABLE]
    story.typed.pop(ERASABLE, None)
    story.bygone[ERASABLE] = bygone
    story.gone_by |= gone_by - bygone


def check_erased(story: Story, key: str) -> None:
    """I10: the register still has the record, and nothing of the person is here; of a later life, nothing of the first."""
    if key in story.erased:
        assert story.mirrored(key) is None, "an erased person is back (I10)"
        assert not _rows_with(story, story.erased[key]), "something of an erased person is left (I10)"
        with story.engine.store.snapshot() as work:
            named = [r for r in work.reviews() if r.change and r.change.identity.national_id == PEOPLE[key]]
        assert not named, "a review waits about an erased person (I10)"
    elif key in story.bygone:
        before = {story.engine.store.digest(f"event/{feed}", event) for feed, event in story.bygone[key]}
        assert not [f for f in story.engine.facts(key) if f.event in before], "what had been erased is back (I10)"


def check_unwritten(story: Story) -> None:
    """I10: nothing was written into an erased person's record, but what was on its way when they were erased."""
    for key in story.erased:
        assert key in story.amid or not [k for k, _ in story.clinic.made if k == key], "an erased person was updated"
    story.amid.clear()


def _gone_by(story: Story) -> set[tuple[str, str]]:
    """Return what was said of the erasable customer at a place in a log that our cursor has left behind."""
    with story.engine.store.snapshot() as work:
        cursors = {feed: int(work.feed(feed).cursor or 0) for feed in FEEDS}
    read = {(feed, item.event_id) for feed in FEEDS for item in story.log(feed)[: cursors[feed]]}
    return {event for event in read if story.meant.get(event) == ERASABLE}


def _with_outcome(story: Story) -> set[tuple[str, str]]:
    """Return the events about which everything was decided."""
    digest = story.engine.store.digest
    with story.engine.store.snapshot() as work:
        told = {feed: {digest(f"event/{feed}", e): (f, e) for f, e in story.said if f == feed} for feed in FEEDS}
        return {events[one] for feed, events in told.items() for one in work.outcomes(feed, events)}


def _rows_with(story: Story, customer: int) -> list[str]:
    """Return the tables in which our own number of a customer stands."""
    with story.beneath() as db:
        return [
            name
            for name, table in SCHEMA_TABLES.tables.items()
            for column in table.columns
            if name != _READERS and (column.name in _CUSTOMER_COLUMNS or (name, column.name) == ("customer", "id"))
            if db.execute(select(column).where(column == customer).limit(1)).first()
        ]


def _sealed(story: Story, customer: int) -> list[bytes]:
    """Return everything that is sealed about a customer, as it stands in the database."""
    found = []
    with story.beneath() as db:
        for name, table in SCHEMA_TABLES.tables.items():
            owner = table.c.get("id") if name == "customer" else table.c.get("customer_id", table.c.get("best_id"))
            if owner is not None and "sealed" in table.c:
                found += db.scalars(select(table.c.sealed).where(owner == customer)).all()
    return [one for one in found if one and one != PURGED]


# --- undo (I15) -------------------------------------------------------------------------------------------------------


def undo_something(story: Story, kind: UndoKind, which: int, fate: Fate | None = None) -> None:
    """Undo an update, a decision, what a feed brought lately, or an undoing; note which events it takes out of account."""
    chosen = _choose(story, kind, which)
    if chosen is None:
        return
    target, wanted = chosen
    owners = brought(story)
    roots = {about: story.marks.root(about) for about in wanted}
    wanted = [about for about in wanted if owners.get(roots[about]) not in story.restricted]
    parts = story.engine.parts
    before, marks = len(undos_of(story)), _marks(story)
    try:
        report = undo(fate.bind(parts) if fate else parts, target, by="liisa", reason="asked")
    except Killed:
        story.restart()
        assert fate
        if fate.point is not POINTS["after a commit"]:
            return
    else:
        marked = {event for id_, event in _marks(story).items() if id_ not in marks}
        assert marked or not wanted, "what was asked for is not undone (I15)"
        assert bool(report.facts) is bool(marked)
        beside = marked - {story.marks.root(about) for about in wanted}
        assert beside <= _told_again(story), "what was undone is not what was asked for (I15)"
    made = undos_of(story)[before:]
    assert made or not wanted, "an undoing left no trace (I15)"
    story.marks.add(made[-1].id if made else 0, wanted)


def _marks(story: Story) -> dict[int, str]:
    """Return every mark by our own id, with the event that it takes out of account."""
    return {h.id: h.event for facts in story.facts().values() for h in facts if h.about}


def _told_again(story: Story) -> set[str]:
    """Return the events that were told in two pages: undoing one of the pages leaves unmarked what the other brought."""
    told = Counter(
        (held.event, held.fact.field, held.fact.kind, customer)
        for customer, facts in story.facts().items()
        for held in facts
        if held.event and not held.about
    )
    return {event for (event, *_), times in told.items() if times > 1}


def brought(story: Story) -> dict[str, str]:
    """Return the events that brought anything, by keyed hash, with the key of the customer, the oldest first."""
    held = sorted(
        (h.id, h.event, key) for key, facts in story.facts().items() for h in facts if h.event and not h.about
    )
    return {event: key for _, event, key in held}


def _choose(story: Story, kind: UndoKind, which: int) -> tuple[Target, list[str | int]] | None:
    """Return what to undo, and which events or marks that takes out of account."""
    parts, owners, undone = story.engine.parts, brought(story), story.marks.undone()
    if kind is UndoKind.UPDATE:
        events = sorted(owners)
        if not events:
            return None
        event = events[which % len(events)]
        return update_target(parts, parts.registers["clinic"], owners[event], event), [*({event} - undone)]
    if kind is UndoKind.DECISION:
        return _choose_decision(story, owners, which)
    if kind is UndoKind.RUN:
        return _choose_run(story, owners, which)
    undos = undos_of(story)
    if not undos:
        return None
    chosen = undos[which % len(undos)].id
    there = [mark for mark in story.marks.of(chosen) if story.marks.root(mark) in owners]
    return undo_target(parts, chosen), list(there)


def _choose_decision(story: Story, owners: dict[str, str], which: int) -> tuple[Target, list[str | int]] | None:
    with story.engine.store.snapshot() as work:
        decided = [r for r in work.reviews(None) if r.state in (ReviewState.SAME, ReviewState.DIFFERENT)]
    if not decided or story.restricted:
        return None
    review = decided[which % len(decided)]
    if not review.best.customer_id:  # of somebody who was erased since
        with pytest.raises(NotFound):
            decision_target(story.engine.parts, review.id)
        return None
    undone = story.marks.undone()
    return decision_target(story.engine.parts, review.id), [
        e for e in (review.event,) if e in owners and e not in undone
    ]


def _choose_run(story: Story, owners: dict[str, str], which: int) -> tuple[Target, list[str | int]]:
    feed, until = sorted(FEEDS)[which % len(FEEDS)], story.clock.now()
    since, undone = until - LATELY[which % len(LATELY)], story.marks.undone()
    moments = {"since": since, "until": until}
    with story.beneath() as db:
        events = db.scalars(
            text(_PAGES).bindparams(bindparam("since", type_=Instant), bindparam("until", type_=Instant)),
            {"feed": feed, **moments},
        ).all()
    return run_target(story.engine.parts, feed, since, until), [e for e in events if e in owners and e not in undone]


def undos_of(story: Story) -> tuple[Any, ...]:
    """Return every undoing, the oldest first."""
    with story.engine.store.snapshot() as work:
        return work.undos()
