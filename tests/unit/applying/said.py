"""Short ways to say who said what, for tests of what follows from it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sync.model import Address, Fact, FactKind, FactValue, Field, HeldFact, PartialDate, Source, Text

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
DVV, POST, MAIL, STAFF, FOUND = (
    Source.POPULATION_REGISTER,
    Source.POSTAL_OPERATOR,
    Source.RETURNED_MAIL,
    Source.STAFF,
    Source.REGISTER,
)
_ORIGINS = {DVV: "vtj", POST: "posti", MAIL: "mails", STAFF: "clinic", FOUND: "clinic"}


def at(street: str) -> Address:
    """Build an address."""
    return Address(street=Text(street), number="1", postcode="00100", post_office=Text("HELSINKI"))


A, B, C = at("Aapelinkatu"), at("Beetankuja"), at("Cecilianpolku")


def day(text: str | None) -> PartialDate | None:
    """Read a day."""
    return PartialDate.parse(text) if text else None


def said(
    value: FactValue | None,
    since: str | None = None,
    *,
    kind: FactKind = FactKind.SET,
    until: str | None = None,
    wrong: FactValue | None = None,
    source: Source = DVV,
    field: Field = Field.ADDRESS,
    hours: float = 0,
    learned: float | None = None,
    event: str = "",
    cancelled: bool = False,
    purged: bool = False,
) -> HeldFact:
    """Build a fact written down so many hours after noon of 1 November 2026."""
    recorded = NOON + timedelta(hours=hours)
    return HeldFact(
        Fact(field, kind, value, day(since), day(until), wrong),
        source,
        _ORIGINS[source],
        learned_at=recorded if learned is None else NOON + timedelta(hours=learned),
        recorded_at=recorded,
        event=event,
        cancelled=cancelled,
        purged=purged,
    )


def ended(value: FactValue | None, until: str | None, **more: object) -> HeldFact:
    """Say until when something held."""
    return said(value, kind=FactKind.ENDED, until=until, **more)  # type: ignore[arg-type]  # passed on as it is


def withdrawn(value: FactValue | None, since: str | None = None, **more: object) -> HeldFact:
    """Say that something never held."""
    return said(value, since, kind=FactKind.WITHDRAWN, **more)  # type: ignore[arg-type]  # passed on as it is


def corrected(wrong: FactValue, value: FactValue, since: str | None = None, **more: object) -> HeldFact:
    """Say what holds instead of what never held."""
    return said(value, since, kind=FactKind.CORRECTED, wrong=wrong, **more)  # type: ignore[arg-type]  # passed on


def undone(about: int, **more: object) -> HeldFact:
    """Say that a fact, by its id, does not count."""
    return replace(said(None, kind=FactKind.UNDONE, source=STAFF, **more), about=about)  # type: ignore[arg-type]  # passed on
