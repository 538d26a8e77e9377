"""What the promises of a store are tried with, and short ways to try them."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from adapters.store import SqlStore
from sync.matching import keys as blocking
from sync.matching.prepared import Prepared, prepare_customer
from sync.model import (
    Address,
    AddressStatus,
    Candidate,
    Change,
    Customer,
    Evidence,
    Fact,
    FactKind,
    Field,
    HeldFact,
    Identity,
    NullHypothesis,
    Outcome,
    PartialDate,
    PersonName,
    Protection,
    Source,
    Text,
)
from sync.ports.store import Delivery, Disposition, FactCheck, Provenance, Review, StoredFact, UnitOfWork
from tests.harness import MAIJA_ID, START, home

TTL = timedelta(seconds=60)
EVERY_PART = Address(
    street=Text("Öljymäki", "Oljebacken"),
    number="11",
    stairwell="C",
    flat="3",
    split_letter="a",
    postcode="00100",
    post_office=Text("HELSINKI", "HELSINGFORS"),
    municipality="091",
    country=None,
    care_of="Åke",
    po_box="12",
    lines=("one", "two"),
)
VALUES: dict[Field, Any] = {
    Field.NATIONAL_ID: MAIJA_ID,
    Field.NAME: PersonName("Meikäläinen", "Maija", "Mai\x00\ud800"),
    Field.BIRTH_DATE: PartialDate(1952, 10),
    Field.ADDRESS: EVERY_PART,
    Field.CONTACT_ADDRESS: home(),
    Field.PHONE: "+358401234567",
    Field.DEATH: True,
    Field.PROTECTION: False,
}


EVIDENCE = (
    Evidence("surname", "equal", 9.25, 3.5),
    Evidence("phone", "different", -1.25),
    Evidence("address", "equal", 6.5, 0.0, companion=True),
)


CORRECTION = HeldFact(Fact(Field.PHONE, FactKind.CORRECTED, "1", wrong="2"), Source.STAFF, "posti", START, START, "e2")


def customer_keys(known: Customer) -> set[str]:
    """Return every key under which a customer is kept."""
    return blocking.customer_keys(prepare_customer(known), wide=True)


def found(work: UnitOfWork, *keys: Collection[str], register: str = "clinic") -> list[list[Prepared]]:
    """Return the candidates for each set of keys."""
    return [list(group) for group in work.candidates(register, keys)]


def write(store: SqlStore, action: Any, lease: Any = None) -> None:
    """Do something in a unit of work of its own."""
    with store.begin(lease) as work:
        action(work)
        work.commit()


def keep(store: SqlStore, *things: Customer | HeldFact) -> list[Customer]:
    """Mirror customers; facts beside them are about the first."""
    with store.begin() as work:
        added = work.add_customers([thing for thing in things if isinstance(thing, Customer)])
        facts = [StoredFact(added[0].id, thing, Provenance()) for thing in things if isinstance(thing, HeldFact)]
        add(work, facts)
        work.commit()
    return added


def add(work: UnitOfWork, facts: list[StoredFact]) -> None:
    """Keep facts with an entry of the audit chain that binds them."""
    if facts:
        work.add_facts(facts)
        work.audit("kit", "said", START, {})


def compared(store: SqlStore) -> FactCheck:
    """Compare every fact with what the chain bound."""
    with store.snapshot() as work:
        return work.compare_facts(lambda _done, _total: None)


def sealed_of(work: UnitOfWork, id_: int) -> bytes:
    """Return what is sealed of a fact."""
    return bytes(work._db.exec_driver_sql(f"SELECT sealed FROM fact WHERE id = {id_}").scalar())  # type: ignore[attr-defined]


def customer(key: str = "42", **more: Any) -> Customer:
    """Build a customer."""
    more.setdefault("version", None)
    return Customer("clinic", key, values=more.pop("values", VALUES), **more)


def said(value: Any, field: Field = Field.ADDRESS, *, notice: str = "", origin: str = "posti") -> HeldFact:
    """Build a fact."""
    return HeldFact(Fact(field, FactKind.SET, value), Source.POSTAL_OPERATOR, origin, START, START, "e1", notice)


def stored(customer_id: int) -> StoredFact:
    """Build a fact about somebody."""
    return StoredFact(customer_id, said(home()), Provenance())


def outcome(event: str, what: Outcome) -> Disposition:
    """Build a disposition."""
    return Disposition("posti", event, "p", what, "reason", START)


def delivery(customer_id: int) -> Delivery:
    """Build a delivery."""
    values = {Field.ADDRESS: home(), Field.PHONE: None}
    return Delivery("clinic", customer_id, values, AddressStatus("current", START, "DVV"), START)


def review(customer_id: int) -> Review:
    """Build a review whose change says everything."""
    facts = (Fact(Field.ADDRESS, FactKind.SET, home(), wrong=home()), Fact(Field.PHONE, FactKind.SET, "1"))
    identity = Identity(MAIJA_ID, ("x",), (PersonName("A", "B", "C"),), PartialDate(1990), (home(),), "1", "e")
    order = Protection(False, "TURVAKIELTO", PartialDate(2030))
    change = Change(
        "e1", "p", identity, facts, order, PartialDate(2026, 11), START, "n", None, complete=True, joint_notice="j"
    )
    best = Candidate(customer_id, 9.5, EVIDENCE, NullHypothesis.HOUSEHOLD_MEMBER, -2.5)
    return Review("posti", "e1", "p", "below_apply", change, best, Candidate(7, 1.0, ()), START, START + TTL)
