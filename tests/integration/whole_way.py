"""Short ways to drive an engine the whole way, and to look at what came of it."""

from typing import Any

from sync.freshness.status import State
from sync.model import (
    BadItem,
    Change,
    Field,
    Identity,
    PartialDate,
    PersonName,
)
from tests.harness import (
    MAIJA_ID,
    START,
    Engine,
    base,
    home,
    moved,
)

OLD, NEW, THIRD = home("Vanhakuja", "1"), home("Rantatie", "5"), home("Kolmaskatu", "3")
CORRECTED_ID = "131052-902Y"
MAIJA = PersonName("Meikäläinen", "Maija")


def pull(engine: Engine, *items: Change | BadItem, feed: str = "vtj") -> None:
    """Have the feed bring these, and deliver what follows."""
    provider = engine.population if feed == "vtj" else engine.postal
    provider.log.extend(items)
    engine.follow(feed)
    engine.deliver()


def watched(engine: Engine, at: Any = OLD) -> None:
    """Have the population register watch the customer."""
    engine.population.people[MAIJA_ID] = base(at)
    engine.follow()
    engine.deliver()


def posti(to: Any, **more: Any) -> Change:
    """Build a notice of the postal operator, which knows no national ids."""
    identity = Identity(names=(MAIJA,), birth_date=PartialDate(1952, 10, 13), addresses=(OLD,))
    return moved(to, identity=more.pop("identity", identity), **more)


def state(engine: Engine, key: str = "42", field: Field = Field.ADDRESS) -> State:
    """Return what the desk is told."""
    status = engine.desk.status("clinic", key, reader="test")
    return next(one.state for one in status.fields if one.field is field)


def deliveries(engine: Engine) -> dict[str, int]:
    """Count deliveries by state."""
    with engine.store.snapshot() as work:
        return {state: count for (_, state), count in work.counts().deliveries.items()}


def mirror(engine: Engine, key: str = "42") -> Any:
    """Return the mirrored customer."""
    with engine.store.snapshot() as work:
        return work.by_keys("clinic", [key])[key]


def cancellation(notice: str = "n1", event: str = "n1!cancel", *, own: bool = True) -> Change:
    """Build a cancellation; some providers call it by the notice's own id too."""
    return Change(event, event, Identity(), notice_id=notice if own else None, cancels=notice, recorded_at=START)


def location_values(engine: Engine) -> list[Any]:
    """Return every location that our own store holds of the customer."""
    held = [f.fact.value for f in engine.facts() if f.fact.field is Field.ADDRESS and f.fact.value]
    return held + [v for f, v in mirror(engine).values.items() if f is Field.ADDRESS]


def uncertain() -> Identity:
    """Describe somebody who could be the customer: everything but the given name agrees."""
    return Identity(names=(PersonName("Meikäläinen", "Marja"),), birth_date=PartialDate(1952, 10, 13), addresses=(OLD,))


def open_review(engine: Engine) -> int:
    """Return the one review that is open."""
    with engine.store.snapshot() as work:
        (review,) = work.reviews()
    return review.id
