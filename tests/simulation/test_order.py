"""I4: the same events in any order, cut into any pages, repeated or not, end in the same register."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sync.applying.survivorship import resolve_all
from sync.model import Change, Fact, FactKind, Field, Identity, PartialDate, Protection
from tests.harness import AINO_ID, MAIJA_ID, START, Engine, base, home, make_engine, sqlite_url

STREETS = st.sampled_from(["Aapelinkatu", "Beetankuja", "Cecilianpolku"]).map(home)
DAYS = st.sampled_from(["2015-06-01", "2026-11-01", "2026-11-10", "2026-12-01"]).map(PartialDate.parse)
CORRECTED = "131052-902Y"


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    """Make up a statement about an address."""
    kind = draw(st.sampled_from([FactKind.SET, FactKind.SET, FactKind.ENDED, FactKind.WITHDRAWN, FactKind.CORRECTED]))
    value, day = draw(STREETS), draw(DAYS)
    match kind:
        case FactKind.ENDED:
            return Fact(Field.ADDRESS, kind, value, valid_until=day)
        case FactKind.CORRECTED:
            return Fact(Field.ADDRESS, kind, value, day, wrong=draw(STREETS))
        case FactKind.WITHDRAWN:
            return Fact(Field.ADDRESS, kind, value, draw(st.none() | DAYS))
        case _:
            field = draw(st.sampled_from([Field.ADDRESS, Field.ADDRESS, Field.TEMPORARY_ADDRESS]))
            return Fact(field, kind, value, day, draw(st.none() | st.just(PartialDate(2026, 11, 25))))


@st.composite
def feeds(draw: st.DrawFn) -> list[Change]:
    """Make up a feed about two people: moves, ends, corrections, notices taken back, an id corrected, an order."""
    told = []
    for number in range(draw(st.integers(2, 9))):
        id_ = draw(st.sampled_from([MAIJA_ID, AINO_ID]))
        at = START - timedelta(hours=draw(st.integers(0, 30)), seconds=number)
        notice = draw(st.none() | st.just(f"n{number}"))
        told.append(Change(f"e{number}", "p", Identity(id_), (draw(facts()),), recorded_at=at, notice_id=notice))
        if notice and draw(st.booleans()):
            told.append(Change(f"{notice}!", "p", Identity(), notice_id=notice, cancels=notice, recorded_at=START))
    if draw(st.integers(0, 2)) == 0:
        order = Protection(active=True, code="TURVAKIELTO")
        at = START - timedelta(hours=draw(st.integers(0, 30)), minutes=1)
        told.append(Change("order", "p", Identity(AINO_ID), (draw(facts()),), order, recorded_at=at))
    if draw(st.booleans()):
        new = Fact(Field.NATIONAL_ID, FactKind.SET, CORRECTED)
        told.append(Change("id", "p", Identity(MAIJA_ID), (new,), recorded_at=START))
    return told


@contextmanager
def engine() -> Iterator[Engine]:
    """Give an engine with both people, loaded and watched."""
    with tempfile.TemporaryDirectory() as folder:
        made = make_engine(sqlite_url(Path(folder)))
        for key, id_ in (("42", MAIJA_ID), ("44", AINO_ID)):
            made.add(key, national_id=id_)
            made.population.people[id_] = base(home("Vanhakuja", "1"), national_id=id_)
        made.load()
        made.follow()
        yield made
        made.store.close()


def end_state(events: list[Change], days: int, random: Random | None = None) -> dict[str, Any]:
    """Follow the events, let days pass, and return what the registers and the desk show."""
    with engine() as made:
        log = list(events)
        if random:
            log += random.choices(events, k=2)
            random.shuffle(log)
            made.postal.cut(*(random.randint(0, 3) for _ in range(6)))
        deliver_meanwhile = bool(random and random.random() < 0.5)
        for part in (log[: len(log) // 2], log[len(log) // 2 :]) if deliver_meanwhile else (log,):
            made.postal.log.extend(part)
            made.follow("posti")
            made.deliver()
        made.clock.at = START + timedelta(days=days)
        made.load()
        made.follow("posti")
        made.deliver()
        return {key: (_known(made, key), _shown(made, key)) for key in ("42", "44")}


def _known(made: Engine, key: str) -> dict[Field, Any]:
    """Return the record without what has ended: that is left as it stood, whatever it was."""
    states = resolve_all(made.facts(key), made.clock.now().date())
    stale = {field for field, state in states.items() if state.current is None}
    return {field: value for field, value in made.held(key).items() if field not in stale}


def _shown(made: Engine, key: str) -> tuple[Any, datetime | None]:
    status = made.desk.status("clinic", key, reader="test", reveal=True)
    assert status
    return [(f.field, f.state, f.day, f.value) for f in status.fields if f.field is Field.ADDRESS], status.asked_at


@given(feeds(), st.sampled_from([0, 6, 12]), st.integers(0, 10_000))
@settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_any_order_ends_alike(events: list[Change], days: int, seed: int) -> None:
    """Values in the register, and what the desk is told, are the same."""
    assert end_state(events, days) == end_state(events, days, Random(seed))
