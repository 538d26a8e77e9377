"""A customer's past to tell: said by several, matched in every way, delivered with every end."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sync.applying.history import Asking
from sync.applying.same import same_value
from sync.model import Evidence, FactKind, Field, HeldFact, MatchRule, NullHypothesis
from sync.ports.store import Delivery, DeliveryState, Provenance, StoredFact
from sync.provenance.sentences import Teller
from sync.provenance.story import Statement, Story, stories
from tests.harness import HELSINKI
from tests.unit.applying.said import FOUND, NOON, POST, STAFF, A, B, C, corrected, ended, said, undone, withdrawn

NOW = NOON + timedelta(days=20)
ASKING = Asking(NOW.astimezone(HELSINKI).date(), NOW, NOW, HELSINKI)
NAMES = {"vtj": "DVV", "posti": "Posti", "clinic": "Klinikka"}
WEIGHED = Provenance(
    "p 7",
    MatchRule.WEIGHT,
    14.25,
    (Evidence("surname", "equal", 11.25, 2.5), Evidence("address", "equal", 6.0, 3.25)),
    "m1",
    against=NullHypothesis.HOUSEHOLD_MEMBER,
    prior=-3.0,
)
BY_ID = Provenance("p 8", MatchRule.NATIONAL_ID, None, (Evidence("national_id", "equal", 0.0),), "m1")
UNDONE = Provenance(decided_by="liisa", reason="wrong person", undo=5)
DECIDED = replace(WEIGHED, rule=MatchRule.REVIEWER, decided_by="liisa äö")


def numbered(facts: Sequence[HeldFact], whys: Sequence[Provenance] = ()) -> list[StoredFact]:
    """Give facts ids from 1 on, and provenance where it is given."""
    padded = [*whys, *[Provenance()] * (len(facts) - len(whys))]
    return [StoredFact(7, replace(h, id=n), why) for n, (h, why) in enumerate(zip(facts, padded, strict=True), 1)]


def told(*facts: HeldFact, deliveries: Sequence[Delivery] = (), now: datetime = NOW) -> Story:
    """Tell the only field that these are about."""
    (story,) = stories(numbered(facts), deliveries, replace(ASKING, now=now), same_value)
    return story


def statement(number: int, *facts: HeldFact) -> Statement:
    """Tell one of these statements, counted from 1."""
    return told(*facts).statements[number - 1]


def delivery(id_: int, state: DeliveryState, carried: dict[Field, int | None], *, days: float = 1) -> Delivery:
    """Build a delivery, acknowledged an hour after it was made if it is."""
    made = NOON + timedelta(days=days)
    done = made + timedelta(hours=1) if state is DeliveryState.ACKNOWLEDGED else None
    reason = "too_long" if state is DeliveryState.REJECTED else ""
    return Delivery(
        "clinic", 7, {}, None, made, state=state, acknowledged_at=done, carried=carried, reason=reason, id=id_
    )


def whole_past() -> tuple[Story, ...]:
    """Tell of a customer of whom everything was said that can be said."""
    facts = [
        said(A, source=FOUND, hours=-900),
        said(B, "2020-01", event="aa" * 32, source=POST),
        replace(said(C, "2021-05-01", event="bb" * 32), cancelled=True, cancelled_at=NOON + timedelta(hours=30)),
        corrected(B, C, "2020-02", hours=3, event="cc" * 32),
        said(A, "2026-12-01", hours=4, learned=6, event="dd" * 32, until="2027"),
        withdrawn(C, "2015-01-01", hours=5),
        replace(said(None, "2010"), purged=True),
        said(C, kind=FactKind.CONFIRMED, hours=7),
        said(True, field=Field.PROTECTION),  # type: ignore[arg-type]  # orders have truth values
        said(False, field=Field.PROTECTION, hours=2),  # type: ignore[arg-type]  # likewise
        said("+358401234567", "2026-10-01", field=Field.PHONE, source=STAFF),
        ended(None, "2026-11-05", field=Field.PHONE, source=STAFF, hours=90),
        said("koe@example.org", "2026-10-01", field=Field.EMAIL, event="ee" * 32),
        undone(13, field=Field.EMAIL, hours=91),
        undone(14, field=Field.EMAIL, hours=92),
        undone(13, field=Field.EMAIL, hours=93),
    ]
    deliveries = [
        delivery(100 + n, state, {Field.ADDRESS: 4, Field.PHONE: None}, days=1 + n)
        for n, state in enumerate(DeliveryState)
    ]
    found = numbered(facts, [Provenance(), WEIGHED, BY_ID, DECIDED, BY_ID, *[Provenance()] * 8, *[UNDONE] * 3])
    return stories(found, deliveries, ASKING, same_value)


def teller(language: str = "en", *, reveal: bool = False) -> Teller:
    """Build somebody who tells in that language."""
    weighed = {one.held.id: c for story in whole_past() for one in story.statements if (c := one.stored.weighed)}
    return Teller(language, HELSINKI, NAMES, reveal, weighed)  # type: ignore[arg-type]  # one of the three
