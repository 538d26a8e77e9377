"""The mirror of the registers, what customers are found by, and who is watched by which feed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from adapters.store.candidates import CandidateRows
from adapters.store.forms import to_bytes
from adapters.store.rows import in_chunks, table_of
from adapters.store.spelling import canonical_whole
from adapters.store.tables import BlockingKeyRow, CoverageRow, CustomerRow, IdentifierRow
from sync.matching.keys import customer_keys, is_location
from sync.matching.prepared import Prepared, prepare_customer
from sync.model import LOCATION_FIELDS, Customer, Field
from sync.model.codec import status_from_plain, status_to_plain, values_from_plain, values_to_plain

_CUSTOMER = table_of(CustomerRow)
_IDENTIFIER = table_of(IdentifierRow)
_KEY = table_of(BlockingKeyRow)
_COVERAGE = table_of(CoverageRow)

_MIRROR = tuple(_CUSTOMER.c[name] for name in ("id", "register_name", "key", "version", "protected", "sealed"))
_REPLACED = ("key", "version", "protected", "sealed", "sealed_forms")

_SCHEDULED = {
    "sqlite": "UPDATE customer SET due_on = ? WHERE id = ? AND due_on IS NOT ?",
    "postgresql": """
        UPDATE customer AS c SET due_on = wanted.day FROM unnest(%s::bigint[], %s::varchar[]) AS wanted (id, day)
        WHERE c.id = wanted.id AND c.due_on IS DISTINCT FROM wanted.day
        """,
}
"""Written out for each engine: asked for every customer of every page."""


class CustomerRows(CandidateRows):
    """Customers and everything that is derived from their record."""

    def by_keys(self, register: str, keys: Sequence[str]) -> dict[str, Customer]:
        """Return the mirrored customers with these keys of the register."""
        found = {}
        for chunk in in_chunks(keys):
            query = select(*_MIRROR).where(_CUSTOMER.c.register_name == register, self._among(_CUSTOMER.c.key, chunk))
            for row in self._db.execute(query):
                found[row.key] = self._customer(row)
        return found

    def count_customers(self, register: str) -> int:
        """Return how many customers of a register are mirrored."""
        return self._db.scalar(select(func.count()).where(_CUSTOMER.c.register_name == register)) or 0

    def customer_ids(self, register: str, after: int, limit: int) -> tuple[int, ...]:
        """Return our own ids of a register's customers, in order, those after the given one."""
        query = (
            select(_CUSTOMER.c.id)
            .where(_CUSTOMER.c.register_name == register, _CUSTOMER.c.id > after)
            .order_by(_CUSTOMER.c.id)
            .limit(limit)
        )
        return tuple(self._db.scalars(query))

    def customers(self, ids: Iterable[int]) -> dict[int, Customer]:
        """Return mirrored customers by our own id."""
        found = {}
        for chunk in in_chunks(ids):
            for row in self._db.execute(select(*_MIRROR).where(self._among(_CUSTOMER.c.id, chunk))).all():
                found[row.id] = self._customer(row)
        return found

    def by_national_ids(self, register: str, ids: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """Return the customers that have, or had, each of these national ids."""
        by_hash = {self._id_hash(register, text): text for text in ids}
        found: dict[str, list[int]] = defaultdict(list)
        columns = (_IDENTIFIER.c.hash, _IDENTIFIER.c.customer_id)
        for chunk in in_chunks(by_hash):
            for row in self._db.execute(select(*columns).where(self._among(_IDENTIFIER.c.hash, chunk))):
                found[by_hash[row.hash]].append(row.customer_id)
        return {text: tuple(sorted(set(customers))) for text, customers in found.items()}

    def add_customers(self, customers: Sequence[Customer], forms: Sequence[Prepared] | None = None) -> list[Customer]:
        """Mirror new customers; returns them with our own ids."""
        added = [replace(customer, id=self._ids.next()) for customer in customers]
        if forms is None:
            forms = [prepare_customer(customer, self.street_names()) for customer in added]
        rows = [self._customer_row(c, form) | {"due_on": None} for c, form in zip(added, forms, strict=True)]
        self._insert(CustomerRow, rows)
        self._insert_keys(list(zip(added, forms, strict=True)))
        self._insert(IdentifierRow, [row for customer in added for row in self._identifier_rows(customer)])
        return added

    def update_customers(self, customers: Sequence[Customer]) -> None:
        """Replace mirrored customers, with their blocking keys and identifiers."""
        if not customers:
            return
        before = self.prepared(customer.id for customer in customers)
        pairs = [(customer, prepare_customer(customer, self.street_names())) for customer in customers]
        rows = [{f"b_{name}": value for name, value in self._customer_row(*pair).items()} for pair in pairs]
        changed: dict[str, Any] = {name: bindparam(f"b_{name}") for name in _REPLACED}
        self._db.execute(update(_CUSTOMER).where(_CUSTOMER.c.id == bindparam("b_id")).values(changed), rows)
        for chunk in in_chunks(customer.id for customer in customers):
            self._db.execute(delete(_IDENTIFIER).where(self._among(_IDENTIFIER.c.customer_id, chunk)))
        self._insert(IdentifierRow, [row for customer in customers for row in self._identifier_rows(customer)])
        # Most updates only take over a version or a status: the keys stay as they are.
        found_otherwise = [(customer, form) for customer, form in pairs if before.get(customer.id) != form]
        for chunk in in_chunks(customer.id for customer, _ in found_otherwise):
            self._db.execute(delete(_KEY).where(self._among(_KEY.c.customer_id, chunk)))
        self._insert_keys(found_otherwise)

    def refresh_forms(self, after: int, limit: int, *, only_other: bool = False) -> int | None:
        """Make comparable forms and blocking keys anew; returns the last customer done, None when there are no more.

        With `only_other` those that are kept are read, and written only where they come out otherwise.
        """
        query = select(*_MIRROR).where(_CUSTOMER.c.id > after).order_by(_CUSTOMER.c.id).limit(limit)
        customers = [self._customer(row) for row in self._db.execute(query)]
        if not customers:
            return None
        last, kept = customers[-1].id, self.prepared(c.id for c in customers) if only_other else {}
        pairs = [(customer, prepare_customer(customer, self.street_names())) for customer in customers]
        pairs = [(customer, form) for customer, form in pairs if kept.get(customer.id) != form]
        if not pairs:
            return last
        rows = [{"b_id": c.id, "b_forms": self._customer_row(c, form)["sealed_forms"]} for c, form in pairs]
        statement = update(_CUSTOMER).where(_CUSTOMER.c.id == bindparam("b_id"))
        self._db.execute(statement.values(sealed_forms=bindparam("b_forms")), rows)
        for chunk in in_chunks(customer.id for customer, _ in pairs):
            self._db.execute(delete(_KEY).where(self._among(_KEY.c.customer_id, chunk)))
        self._insert_keys(pairs)
        return last

    def schedule(self, due: Mapping[int, date | None]) -> None:
        """Say on which day each customer must be settled again; None for never."""
        days = [(id_, day.isoformat() if day else None) for id_, day in due.items()]
        if not days:
            return
        if self._db.dialect.name == "sqlite":
            self._driver().executemany(_SCHEDULED["sqlite"], [(day, id_, day) for id_, day in days])
        else:
            self._driver().execute(_SCHEDULED["postgresql"], tuple(map(list, zip(*days, strict=True))))

    def due(self, register: str, today: date, limit: int) -> tuple[int, ...]:
        """Return customers whose day has come."""
        query = (
            select(_CUSTOMER.c.id)
            .where(_CUSTOMER.c.register_name == register, _CUSTOMER.c.due_on <= today.isoformat())
            .order_by(_CUSTOMER.c.due_on, _CUSTOMER.c.id)
            .limit(limit)
        )
        return tuple(self._db.scalars(query))

    # --- coverage -----------------------------------------------------------------------------------------------
    def watched(self, register: str, feed: str) -> list[str]:
        """Return the national ids of the customers that the feed covers."""
        query = (
            select(_IDENTIFIER.c.customer_id, _IDENTIFIER.c.hash, _IDENTIFIER.c.sealed)
            .join(_COVERAGE, _COVERAGE.c.customer_id == _IDENTIFIER.c.customer_id)
            .join(_CUSTOMER, _CUSTOMER.c.id == _IDENTIFIER.c.customer_id)
            .where(_COVERAGE.c.feed == feed, _COVERAGE.c.since.is_not(None), _CUSTOMER.c.register_name == register)
            .order_by(_IDENTIFIER.c.customer_id)
        )
        return [self._identifier(row) for row in self._db.execute(query).all()]

    def unwatched(
        self, register: str, feed: str, after: int, limit: int, asked_before: datetime
    ) -> list[tuple[int, str]]:
        """Return customers with a national id whom the feed neither covers nor has been asked about since."""
        settled = (_COVERAGE.c.since.is_not(None)) | (_COVERAGE.c.asked_at >= asked_before)
        here = (_COVERAGE.c.feed == feed) & (_COVERAGE.c.customer_id == _CUSTOMER.c.id) & settled
        query = (
            select(_IDENTIFIER.c.customer_id, _IDENTIFIER.c.hash, _IDENTIFIER.c.sealed)
            .select_from(_CUSTOMER)
            .join(_IDENTIFIER, _IDENTIFIER.c.customer_id == _CUSTOMER.c.id)
            .where(
                _CUSTOMER.c.register_name == register,
                _CUSTOMER.c.id > after,
                _IDENTIFIER.c.former.is_(False),
                ~select(_COVERAGE.c.feed).where(here).exists(),
            )
            .order_by(_CUSTOMER.c.id)
            .limit(limit)
        )
        return [(row.customer_id, self._identifier(row)) for row in self._db.execute(query)]

    def cover(self, feed: str, ids: Iterable[int], since: datetime) -> None:
        """Note that the feed watches these customers, as far as they are still there."""
        self._cover(feed, ids, since, since)

    def absent(self, feed: str, ids: Iterable[int], asked_at: datetime) -> None:
        """Note that the provider knows nothing of these customers, as far as they are still there."""
        self._cover(feed, ids, None, asked_at)

    def uncover(self, feed: str, ids: Sequence[int] | None = None) -> None:
        """Forget coverage, of all customers unless some are named, so that they are looked up again."""
        if ids is None:
            self._db.execute(delete(_COVERAGE).where(_COVERAGE.c.feed == feed))
            return
        for chunk in in_chunks(ids):
            self._db.execute(
                delete(_COVERAGE).where(_COVERAGE.c.feed == feed, self._among(_COVERAGE.c.customer_id, chunk))
            )

    def coverage(self, ids: Iterable[int]) -> dict[int, dict[str, datetime]]:
        """Return, for each customer, which feeds watch it since when."""
        found: dict[int, dict[str, datetime]] = defaultdict(dict)
        for chunk in in_chunks(ids):
            query = select(_COVERAGE).where(self._among(_COVERAGE.c.customer_id, chunk), _COVERAGE.c.since.is_not(None))
            for row in self._db.execute(query).all():
                found[row.customer_id][row.feed] = row.since
        return found

    def _cover(self, feed: str, ids: Iterable[int], since: datetime | None, asked_at: datetime) -> None:
        # While a provider was asked, somebody may have been erased.
        there = [
            i
            for c in in_chunks(ids)
            for i in self._db.scalars(select(_CUSTOMER.c.id).where(self._among(_CUSTOMER.c.id, c)))
        ]
        self._upsert(
            CoverageRow, [{"feed": feed, "customer_id": id_, "since": since, "asked_at": asked_at} for id_ in there]
        )

    # --- rows ---------------------------------------------------------------------------------------------------
    def _customer_row(self, customer: Customer, form: Prepared) -> dict[str, Any]:
        plain = {
            "values": values_to_plain(customer.values),
            "corrected_id": customer.corrected_id,
            "former_ids": list(customer.former_ids),
            "status": status_to_plain(customer.status),
        }
        if customer.hidden:
            plain["hidden"] = sorted(customer.hidden)
        return {
            "id": customer.id,
            "register_name": customer.register,
            "key": customer.key,
            "version": customer.version,
            "protected": bool(customer.hidden),
            "sealed": self._seal_text(f"customer/{customer.id}", canonical_whole(plain)),
            "sealed_forms": self._keyring.seal(
                f"customer_forms/{customer.id}", to_bytes(form._replace(id=customer.id))
            ),
        }

    def _customer(self, row: Any) -> Customer:
        plain = self._unseal(f"customer/{row.id}", row.sealed)
        values = {f: v for f, v in values_from_plain(plain["values"]).items() if v is not None}
        return Customer(
            register=row.register_name,
            key=row.key,
            version=row.version,
            values=values,
            corrected_id=plain["corrected_id"],
            former_ids=tuple(plain["former_ids"]),
            status=status_from_plain(plain["status"]),
            hidden=frozenset(map(Field, plain.get("hidden", LOCATION_FIELDS if row.protected else ()))),
            id=row.id,
        )

    def _insert_keys(self, pairs: Sequence[tuple[Customer, Prepared]]) -> None:
        keys = {
            (hash_, customer.id): is_location(key)
            for customer, form in pairs
            for keys in (customer_keys(form, wide=self.small(customer.register)),)
            for key, hash_ in zip(keys, self._key_hashes(customer.register, keys), strict=True)
        }
        self._insert(
            BlockingKeyRow, [{"hash": h, "customer_id": id_, "location": loc} for (h, id_), loc in keys.items()]
        )

    def _identifier_rows(self, customer: Customer) -> list[dict[str, Any]]:
        ids = dict.fromkeys(customer.former_ids, True)
        if customer.national_id:
            ids[customer.national_id] = False
        return [
            {
                "hash": (hash_ := self._id_hash(customer.register, text)),
                "customer_id": customer.id,
                "former": former,
                "sealed": self._keyring.seal(
                    f"identifier/{hash_}/{customer.id}", text.encode("utf-8", "surrogatepass")
                ),
            }
            for text, former in ids.items()
        ]

    def _identifier(self, row: Any) -> str:
        return self._keyring.open(f"identifier/{row.hash}/{row.customer_id}", row.sealed).decode(
            "utf-8", "surrogatepass"
        )
