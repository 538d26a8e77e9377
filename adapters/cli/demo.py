"""The demonstration: the whole way on a made-up clinic, told so that a person can follow it."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from rich.console import Console

from adapters.cli.output import out, table
from adapters.sandbox.score import Score, score
from adapters.sandbox.world import REGISTER, World
from sync.applying.settle import stands
from sync.applying.survivorship import FieldState, active, resolve_all
from sync.errors import RetryLater
from sync.freshness.census import census
from sync.freshness.desk import DeskService
from sync.freshness.sentences import label, sentence
from sync.freshness.status import CustomerStatus, State
from sync.matching import explain
from sync.model import (
    Address,
    Customer,
    FactValue,
    Field,
    HeldFact,
    MatchRule,
    Outcome,
    Source,
)
from sync.parts import FeedParts, Parts
from sync.ports.register import Record
from sync.ports.store import Counts, StoredFact
from sync.report import RunReport
from sync.schedule import run_feed, run_register

_STEPS = 6
_FAULTS = {"duplicate": 0.3, "reorder": 0.3, "error": 0.05, "cut": 0.05}
_PATIENCE = 50  # tries of one pull before the demonstration gives up


@dataclass(slots=True)
class Run:
    """What happened, in figures."""

    reports: dict[str, RunReport] = field(default_factory=dict)
    before: Counter[State] = field(default_factory=Counter)
    after: Counter[State] = field(default_factory=Counter)
    interruptions: int = 0
    conflicts: int = 0
    delivered: int = 0
    load_seconds: float = 0.0
    follow_seconds: float = 0.0
    deliver_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Known:
    """One customer with everything held about it."""

    customer: Customer
    facts: tuple[StoredFact, ...]
    states: dict[Field, FieldState]


def live_through(world: World, parts: Parts, console: Console) -> Run:
    """Load the register, then follow both feeds through the story, providers misbehaving on the way."""
    run, register = Run(), parts.registers[REGISTER]
    started = time.monotonic()
    console.print("Reading the clinic's register for the first time …")
    run_register(parts, register)
    run.load_seconds = time.monotonic() - started
    run.before = census(parts, register).states
    world.faults.set({**_FAULTS})
    days = (world.population.today - world.population.start).days
    for step in range(_STEPS + 1):
        day = round(days * step / _STEPS)
        world.clock.set(world.beginning + timedelta(days=day, hours=12 if step == _STEPS else 0))
        console.print(f"Day {day}: following {', '.join(parts.feeds)} …")
        _one_day(world, parts, run)
    world.faults.set(dict.fromkeys(_FAULTS, 0.0))
    run.after = census(parts, register).states
    return run


def _one_day(world: World, parts: Parts, run: Run) -> None:
    started = time.monotonic()
    for feed in parts.feeds.values():
        _add(run, _persist(parts, feed, run))
    followed = time.monotonic()
    world.clinic.staff_edits(3, world.clock.now())
    _, delivered = run_register(parts, parts.registers[REGISTER])
    run.conflicts += delivered.conflicts
    run.delivered += delivered.acknowledged
    run.follow_seconds += followed - started
    run.deliver_seconds += time.monotonic() - followed


def _persist(parts: Parts, feed: FeedParts, run: Run) -> RunReport:
    """Follow a feed although its provider fails now and then; what an interrupted run committed is counted too."""
    whole = RunReport(feed.name)
    for _ in range(_PATIENCE):
        try:
            run_feed(parts, feed, report=whole)
        except RetryLater:
            run.interruptions += 1
        else:
            return whole
    raise RetryLater(f"{feed.name} failed {_PATIENCE} times in a row")


def _add(run: Run, report: RunReport) -> None:
    total = run.reports.setdefault(report.feed, RunReport(report.feed))
    total.received += report.received
    total.repeated += report.repeated
    total.outcomes.update(report.outcomes)


def tell(world: World, parts: Parts, run: Run, started: float) -> bool:
    """Tell what happened; True when everything adds up."""
    console = out()
    customers = list(_everybody(parts))
    scored = _score(world, parts)
    _tell_world(console, world, customers)
    _tell_outcomes(console, run)
    _tell_updates(console, customers)
    _tell_protected(console, parts, customers)
    _tell_freshness(console, run)
    _tell_desk(console, parts, customers)
    good = _tell_sums(console, parts, run, customers, scored)
    _tell_speed(console, run, started)
    return good


def _everybody(parts: Parts) -> Iterator[Known]:
    today = parts.today(parts.registers[REGISTER])
    with parts.store.snapshot() as work:
        ids = work.customer_ids(REGISTER, 0, 1_000_000)
        for id_, customer in sorted(work.customers(ids).items()):
            facts = work.stored_facts(id_)
            yield Known(customer, facts, resolve_all([stored.held for stored in facts], today))


def _score(world: World, parts: Parts) -> Score:
    with parts.store.snapshot() as work:
        waiting = work.customers({review.best.customer_id for review in work.reviews()})
    return score(
        world.clinic,
        at=parts.clock.now(),
        on=world.population.today,
        washed=True,
        in_review=[int(customer.key) for customer in waiting.values()],
    )


def _tell_world(console: Console, world: World, customers: list[Known]) -> None:
    _heading(console, "A made-up clinic")
    population = world.population
    with_id = sum(1 for known in customers if known.customer.national_id)
    console.print(
        f"{len(population.people)} people live {(population.today - population.start).days} days; "
        f"{len(customers)} of them are customers, {with_id} with a national id that can be read.\n"
        f"{len(world.clinic.truth.stale)} addresses were out of date from the start. Nobody here is real."
    )


def _tell_outcomes(console: Console, run: Run) -> None:
    _heading(console, "What came in")
    kinds = [o for o in Outcome if any(report.outcomes[o] for report in run.reports.values())]
    shown = table("", "", *run.reports)
    for title, figures in (
        ("received", [report.received for report in run.reports.values()]),
        ("repeats", [report.repeated for report in run.reports.values()]),
        *((kind.value, [report.outcomes[kind] for report in run.reports.values()]) for kind in kinds),
    ):
        shown.add_row(title, *map(str, figures))
    console.print(shown)
    console.print(
        f"The providers broke off {run.interruptions} times on the way, and sent items twice and out of order. "
        f"Staff went on editing records; {run.conflicts} of them just before we wrote."
    )


def _tell_updates(console: Console, customers: list[Known]) -> None:
    _heading(console, "Three updates in full")
    for number, (known, stored) in enumerate(_stories(customers), start=1):
        _tell_update(console, number, known, stored)


def _stories(customers: list[Known]) -> Iterator[tuple[Known, StoredFact]]:
    """One found by its national id, one by weighing evidence, one that is no address; as far as there are such."""
    wanted = ((Field.ADDRESS, MatchRule.NATIONAL_ID), (Field.ADDRESS, MatchRule.WEIGHT), (Field.NAME, None))
    for name, rule in wanted:
        for known in customers:
            state = known.states.get(name)
            if state is None or state.changed_at is None or active(known.states, Field.PROTECTION):
                continue
            stored = _stored(known, state.current)
            if stored and _before(known, name) and rule in (None, stored.provenance.rule):
                yield known, stored
                break


def _tell_update(console: Console, number: int, known: Known, stored: StoredFact) -> None:
    fact, why, held = stored.held.fact, stored.provenance, stored.held
    console.print(f"\n{number}. Customer {known.customer.key}: {label(fact.field, 'en').lower()}", style="bold")
    lines = [
        ("stood in the register", _print(_before(known, fact.field))),
        ("stands there now", _print(known.customer.values.get(fact.field))),
        ("holds from", str(fact.valid_from or "no date was told")),
        ("said by", f"{held.origin}, event {held.event[:12]}…, position {why.position}"),
        ("written down", f"{held.recorded_at:%Y-%m-%d %H:%M} UTC, learned {held.learned_at:%Y-%m-%d %H:%M} UTC"),
        ("matched by", _rule(stored)),
    ]
    for name, text in lines:
        console.print(f"   {name:<22} {text}", markup=False)
    for line in explain.tell(stored.weighed, "en") if stored.weighed else ():
        console.print(f"   {'':<22} {line}", markup=False)


def _rule(stored: StoredFact) -> str:
    why = stored.provenance
    if why.rule is MatchRule.WEIGHT:
        return f"weighing the evidence: {why.weight:.1f} bits (model {why.model})"
    return "the same national id" if why.rule is MatchRule.NATIONAL_ID else str(why.rule)


def _tell_protected(console: Console, parts: Parts, customers: list[Known]) -> None:
    _heading(console, "One protected person")
    protected = [k for k in customers if active(k.states, Field.PROTECTION)]
    if not protected:
        console.print("Nobody is under a protection order at the end of this story.")
        return
    known = protected[0]
    record = parts.registers[REGISTER].port.read(known.customer.key)
    locations = [s for s in known.facts if s.held.fact.field is Field.ADDRESS]
    left = sum(1 for stored in locations if stored.held.fact.value is not None)
    empty = isinstance(record, Record) and Field.ADDRESS not in record.values
    ordered = known.states[Field.PROTECTION].current
    console.print(
        f"Customer {known.customer.key} is one of {len(protected)}. The order was written down "
        f"{ordered.recorded_at if ordered else '':%Y-%m-%d %H:%M} UTC and carried out before anything else of its page.\n"
        f"   address statements kept: {len(locations)}, with a value that can still be read: {left}\n"
        f"   address columns in the clinic's own table: {'emptied' if empty else 'STILL FILLED'}"
    )
    _print_desk(console, DeskService(parts).status(REGISTER, known.customer.key, reader="demo"), ("fi", "en"))


def _tell_freshness(console: Console, run: Run) -> None:
    _heading(console, "How right the register is: addresses by state")
    shown = table("", "state", "before", "after")
    for state in State:
        if run.before[state] or run.after[state]:
            shown.add_row(state.value, str(run.before[state]), str(run.after[state]))
    console.print(shown)


def _tell_desk(console: Console, parts: Parts, customers: list[Known]) -> None:
    _heading(console, "What the desk is told")
    desk = DeskService(parts)
    seen: dict[State, CustomerStatus] = {}
    for known in customers:
        if len(seen) == 3:
            break
        status = desk.status(REGISTER, known.customer.key, reader="demo")
        if status and status.fields[0].state in _WORTH_SEEING and status.fields[0].state not in seen:
            seen[status.fields[0].state] = status
    for status in seen.values():
        console.print(f"Customer {status.key}")
        _print_desk(console, status, ("fi", "sv", "en"))


_WORTH_SEEING = (State.CHANGED, State.CURRENT, State.NOT_COVERED, State.COMING)


def _print_desk(console: Console, status: CustomerStatus | None, languages: tuple[str, ...]) -> None:
    for language in languages if status else ():
        assert status is not None
        text = sentence(status.fields[0], language, asked_at=status.asked_at, today=status.today)  # type: ignore[arg-type]  # one of the three
        console.print(f"   {language}: {text}", markup=False)


def _tell_sums(console: Console, parts: Parts, run: Run, customers: list[Known], scored: Score) -> bool:
    _heading(console, "Does it add up?")
    with parts.store.snapshot() as work:
        counts = work.counts()
    checks = [
        *_event_checks(run, counts),
        *_register_checks(parts, customers, counts),
        *_truth_checks(scored, {int(k.customer.key) for k in customers if k.customer.national_id}),
    ]
    for text, good in checks:
        console.print(f"   {'yes' if good else 'NO '}  {text}", style="" if good else "bold red", markup=False)
    return all(good for _, good in checks)


def _event_checks(run: Run, counts: Counts) -> Iterator[tuple[str, bool]]:
    for name, report in run.reports.items():
        given = report.outcomes.total()
        text = f"{name}: {report.received} items in = {report.repeated} repeats + {given} dispositions"
        yield text, report.received == report.repeated + given
        stored = sum(n for (feed, _), n in counts.dispositions.items() if feed == name)
        yield f"{name}: the database holds {stored} dispositions, one for each event", stored == given


def _register_checks(parts: Parts, customers: list[Known], counts: Counts) -> Iterator[tuple[str, bool]]:
    applied = [(k, name) for k in customers for name in _DELIVERED if _ours(k, name)]
    port = parts.registers[REGISTER].port
    records = {k.customer.key: port.read(k.customer.key) for k, _ in applied}
    visible = sum(
        isinstance(record := records[k.customer.key], Record)
        and stands(name, k.states[name].value, record.values.get(name), port.as_read)
        for k, name in applied
    )
    yield f"{visible} of {len(applied)} applied values stand in the clinic's own table", visible == len(applied)
    waiting = counts.deliveries.get((REGISTER, "pending"), 0)
    yield f"{waiting} deliveries are still on their way", waiting == 0


def _truth_checks(scored: Score, with_id: set[int]) -> Iterator[tuple[str, bool]]:
    yield f"{len(scored.updated)} addresses were put right", bool(scored.updated)
    yield f"{len(scored.wrong)} addresses of somebody else were written", not scored.wrong
    missing = with_id.intersection(scored.stale)
    yield f"{len(missing)} delivered moves of customers with a national id are missing", not missing
    # Of the others a notice may well fit nobody surely enough: no match is better than a wrong one.
    yield f"{len(scored.stale) - len(missing)} moves of customers without one found nobody", True
    yield (
        f"{len(scored.protected)} protected persons' addresses are left, of those whom a provider told of",
        (not scored.protected),
    )
    yield f"{len(scored.vanished)} customers were lost", not scored.vanished


_DELIVERED = (Field.ADDRESS, Field.NAME, Field.PHONE, Field.EMAIL)


def _ours(known: Known, name: Field) -> bool:
    """A provider's value holds, and it was for us to write it."""
    current = known.states[name].current if name in known.states else None
    if current is None or current.fact.value is None or current.source in (Source.REGISTER, Source.STAFF):
        return False
    return not (name is Field.ADDRESS and active(known.states, Field.PROTECTION))


def _tell_speed(console: Console, run: Run, started: float) -> None:
    changes = sum(report.outcomes.total() for report in run.reports.values())
    console.print(
        f"\n{time.monotonic() - started:.1f} s in all: first load {run.load_seconds:.1f} s, {changes} changes followed in "
        f"{run.follow_seconds:.1f} s ({changes / max(run.follow_seconds, 0.001):.0f} a second), "
        f"{run.delivered} deliveries in {run.deliver_seconds:.1f} s."
    )


def _before(known: Known, name: Field) -> FactValue | None:
    """What stood in the register when we first read it."""
    return next(
        (s.held.fact.value for s in known.facts if s.held.fact.field is name and s.held.source is Source.REGISTER), None
    )


def _stored(known: Known, held: HeldFact | None) -> StoredFact | None:
    return next((stored for stored in known.facts if held is not None and stored.held.id == held.id), None)


def _print(value: FactValue | None) -> str:
    return ", ".join(value.print()) if isinstance(value, Address) else str(value if value is not None else "-")


def _heading(console: Console, text: str) -> None:
    console.print(f"\n{text}", style="bold underline")
