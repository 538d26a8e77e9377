"""The tables, for both engines. Nothing outside `adapters.store` sees them.

Columns named `sealed` hold encrypted JSON; hashes are keyed. What is in clear tells nothing about where or who a
person is: outcomes, reasons, weights, dates of statements, the register's own record keys.
"""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from adapters.store.columns import Base, id_column, long_text, moment, number, sealed_column

_IS_MARK = "about IS NOT NULL"


class MetaRow(Base, table=True):
    """Single facts about this database: the id of the key that sealed it."""

    __tablename__ = "meta"
    name: str = Field(primary_key=True)
    value: str


class LeaseRow(Base, table=True):
    """Who may work on what; `fence` grows with every taking."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    owner: str
    fence: int = number(nullable=False)
    until: datetime = moment()


class FeedRow(Base, table=True):
    """How far we are in each feed."""

    __tablename__ = "feed"
    name: str = Field(primary_key=True)
    cursor: str | None = long_text(nullable=True)
    health: str
    detail: str
    caught_up_at: datetime | None = moment(nullable=True)
    next_at: datetime | None = moment(nullable=True)
    failures: int
    live: bool  # as it was when its customers were last settled
    pause: str | None = long_text(nullable=True)  # JSON: which guard paused it, when, by what counts


class GuardRow(Base, table=True):
    """How many customers a feed has changed on a day in the ways that its guards count."""

    __tablename__ = "guard"
    feed: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    day: str = Field(primary_key=True)  # ISO date in the register's time zone
    count: int


class AllowanceRow(Base, table=True):
    """How many customers an operator lets pass a guard."""

    __tablename__ = "allowance"
    feed: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    left: int


class RegisterRow(Base, table=True):
    """How far changed records of each register were read."""

    __tablename__ = "register"
    name: str = Field(primary_key=True)
    mark: str = long_text()
    read_at: datetime = moment()
    loaded_at: datetime | None = moment(nullable=True)


class CustomerRow(Base, table=True):
    """The mirror: one row for each record of a register."""

    __tablename__ = "customer"
    __table_args__ = (
        Index("uq_customer_register_name_key", "register_name", "key", unique=True),
        Index("ix_customer_due", "register_name", "due_on"),
        Index("ix_customer_page", "register_name", "id"),  # walking through a register, a page at a time
    )
    id: int = id_column()
    register_name: str
    key: str
    version: str | None
    protected: bool
    due_on: str | None  # ISO date on which it must be settled again
    sealed: bytes = sealed_column(nullable=False)
    sealed_forms: bytes = sealed_column(nullable=False)  # the same record as matching compares it


class IdentifierRow(Base, table=True):
    """National ids, present and former, by keyed hash."""

    __tablename__ = "identifier"
    hash: str = Field(primary_key=True)
    customer_id: int = number(primary_key=True, autoincrement=False, index=True)
    former: bool
    sealed: bytes = sealed_column(nullable=False)


class BlockingKeyRow(Base, table=True):
    """What candidates are found by. `location` keys do not exist for protected customers."""

    __tablename__ = "blocking_key"
    __table_args__ = ({"sqlite_with_rowid": False},)
    hash: int = number(primary_key=True, autoincrement=False)
    customer_id: int = number(primary_key=True, autoincrement=False, index=True)
    location: bool


class FactRow(Base, table=True):
    """Everything said about a customer, with its provenance. Only added to; a purge empties `sealed`."""

    __tablename__ = "fact"
    __table_args__ = (
        Index("ix_fact_customer_id", "customer_id"),
        Index("ix_fact_notice", "notice", sqlite_where=text("notice <> ''"), postgresql_where=text("notice <> ''")),
        *(
            Index(f"ix_fact_{name}", column, sqlite_where=text(_IS_MARK), postgresql_where=text(_IS_MARK))
            for name, column in (("undo", "undo"), ("undone_event", "event"))
        ),
    )
    id: int = id_column()
    customer_id: int = number(nullable=False)
    field: str
    kind: str
    sealed: bytes | None = sealed_column()
    valid_from: str | None
    valid_until: str | None
    source: str
    origin: str
    event: str
    notice: str
    position: str
    learned_at: datetime = moment()
    recorded_at: datetime = moment()
    rule: str | None
    weight: float | None
    evidence: str | None  # JSON of evidence, null hypothesis and prior; see facts.py
    model: str
    decided_by: str
    # What only the mark of a person who undid a fact has: which fact, and as part of which undoing; why is sealed.
    about: int | None = number(nullable=True)
    undo: int | None = number(nullable=True)
    commitment: str  # keyed hashes of the row and of its value: what the audit chain holds instead; see commitments.py
    audit_seq: int = number(nullable=False, index=True)


class DispositionRow(Base, table=True):
    """The one outcome of each event."""

    __tablename__ = "disposition"
    __table_args__ = (Index("ix_disposition_outcome", "feed", "outcome"),)
    feed: str = Field(primary_key=True)
    event: str = Field(primary_key=True)
    position: str
    outcome: str
    reason: str
    customer_id: int | None = number(nullable=True)
    rule: str | None
    weight: float | None
    model: str
    received_at: datetime = moment(index=True)


class UndoRow(Base, table=True):
    """What people have undone."""

    __tablename__ = "undo"
    id: int = id_column()
    kind: str
    target: str = long_text()  # canonical JSON: what was undone, by names of feeds, our own ids, hashes and moments
    by: str
    at: datetime = moment()
    done: bool
    sealed: bytes = sealed_column(nullable=False)  # why, in that person's words


class CancellationRow(Base, table=True):
    """Notices that a provider took back, whether we have seen them or not."""

    __tablename__ = "cancellation"
    feed: str = Field(primary_key=True)
    notice: str = Field(primary_key=True)
    at: datetime = moment()


class DeadLetterRow(Base, table=True):
    """Items that could not be read."""

    __tablename__ = "dead_letter"
    id: int = id_column()
    feed: str
    event: str
    position: str
    reason: str
    size: int  # bytes of the payload
    digest: str  # keyed hash of the payload
    sealed: bytes = sealed_column(nullable=False)
    received_at: datetime = moment()
    expires_at: datetime = moment(index=True)


class ReviewRow(Base, table=True):
    """Uncertain matches that wait for a person, and what was decided."""

    __tablename__ = "review"
    __table_args__ = (Index("ix_review_best", "best_id", "state"), Index("ix_review_event", "event"))
    id: int = id_column()
    feed: str
    event: str
    position: str
    notice: str
    reason: str
    best_id: int = number(nullable=False)
    runner_up_id: int | None = number(nullable=True)
    evidence: str = long_text()  # JSON of both candidates
    sealed: bytes | None = sealed_column()
    opened_at: datetime = moment()
    expires_at: datetime = moment(index=True)
    state: str = Field(index=True)
    decided_by: str
    decided_at: datetime | None = moment(nullable=True)
    decision_reason: str


class RefusalRow(Base, table=True):
    """Who is not which customer, as reviewers said: descriptions by keyed hash."""

    __tablename__ = "refusal"
    hash: str = Field(primary_key=True)
    customer_id: int = number(primary_key=True, autoincrement=False, index=True)
    review_id: int = number(nullable=False)


class HoldRow(Base, table=True):
    """Restrictions, objections and locks, those that were lifted too."""

    __tablename__ = "hold"
    __table_args__ = (
        Index(
            "uq_hold_in_force",
            "customer_id",
            "kind",
            "field",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )
    id: int = id_column()
    customer_id: int = number(nullable=False, index=True)
    kind: str
    field: str  # empty: the whole customer
    placed_at: datetime = moment()
    placed_by: str
    lifted_at: datetime | None = moment(nullable=True)
    lifted_by: str
    sealed: bytes = sealed_column(nullable=False)  # the reasons, in people's words


class ParkedRow(Base, table=True):
    """Changes that wait until a hold is lifted."""

    __tablename__ = "parked"
    __table_args__ = (Index("uq_parked_event", "feed", "event", unique=True),)
    id: int = id_column()
    feed: str
    event: str
    notice: str
    customer_id: int = number(nullable=False, index=True)
    parked_at: datetime = moment(index=True)
    sealed: bytes = sealed_column(nullable=False)


class TombstoneRow(Base, table=True):
    """Erased people, by keyed hash."""

    __tablename__ = "tombstone"
    register_name: str = Field(primary_key=True)
    hash: str = Field(primary_key=True)
    mark: str
    erased_at: datetime = moment(index=True)
    seen_at: datetime | None = moment(nullable=True)


class DeliveryRow(Base, table=True):
    """The outbox."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_queue", "register_name", "state", "purge", "id"),
        Index(
            "uq_delivery_pending",
            "customer_id",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )
    id: int = id_column()
    register_name: str
    customer_id: int = number(nullable=False)
    state: str
    reason: str
    purge: bool
    attempts: int
    not_before: datetime | None = moment(nullable=True)
    created_at: datetime = moment()
    acknowledged_at: datetime | None = moment(nullable=True)
    # JSON: the fact, by its id, behind each field that is written; NULL where that was not kept yet
    carried: str | None = long_text(nullable=True)
    sealed: bytes | None = sealed_column()


class CoverageRow(Base, table=True):
    """Which feed watches which customer."""

    __tablename__ = "coverage"
    feed: str = Field(primary_key=True)
    customer_id: int = number(primary_key=True, autoincrement=False, index=True)
    since: datetime | None = moment(nullable=True)  # None: asked, and the provider knows nobody
    asked_at: datetime = moment()


class AuditRow(Base, table=True):
    """The audit chain: each entry carries the hash of the one before."""

    __tablename__ = "audit"
    seq: int = id_column()
    at: datetime = moment()
    actor: str
    action: str
    body: str = long_text()  # canonical JSON without personal values
    previous: str
    hash: str


class ReadingRow(Base, table=True):
    """Who read what."""

    __tablename__ = "reading"
    id: int = id_column()
    at: datetime = moment(index=True)
    reader: str
    register_name: str
    customer_id: int = number(nullable=False)
    revealed: bool


class OpeningRow(Base, table=True):
    """Who had themselves told what is hidden of a customer, in which need, and until when."""

    __tablename__ = "opening"
    id: int = id_column()
    at: datetime = moment()
    until: datetime = moment()
    reader: str
    need: str
    register_name: str
    customer_id: int = number(nullable=False)


class CensusRow(Base, table=True):
    """How right each register was when it was last counted."""

    __tablename__ = "census"
    register_name: str = Field(primary_key=True)
    word: str = Field(primary_key=True)
    customers: int = number(nullable=False)
    at: datetime = moment()


class NameListRow(Base, table=True):
    """Which of the postal operator's lists were imported; `version` is another one after each import."""

    __tablename__ = "name_list"
    kind: str = Field(primary_key=True)
    version: int = number(nullable=False)
    run_on: str  # ISO date
    entries: int


class StreetRow(Base, table=True):
    """Streets with two names, as the operator writes them. What has one name is not kept."""

    __tablename__ = "street"
    __table_args__ = ({"sqlite_with_rowid": False},)
    postcode: str = Field(primary_key=True)
    municipality: str = Field(primary_key=True)
    name_fi: str = Field(primary_key=True)
    name_sv: str = Field(primary_key=True)


class TownRow(Base, table=True):
    """Postal towns and municipalities of each postcode, by the list that says so."""

    __tablename__ = "town"
    __table_args__ = ({"sqlite_with_rowid": False},)
    kind: str = Field(primary_key=True)
    postcode: str = Field(primary_key=True)
    name_fi: str = Field(primary_key=True)
    name_sv: str = Field(primary_key=True)
