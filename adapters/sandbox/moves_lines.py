"""Change-of-address notices of the made-up people, as lines of `ajantasa-moves/1`."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.providers.moves.wire import (
    FORMAT,
    Cancellation,
    Mover,
    Notice,
    PermanentNotice,
    TemporaryNotice,
    WireAddress,
    WireText,
    written,
)
from adapters.sandbox.person import Event, EventKind, Person
from adapters.sandbox.population import Population
from adapters.sandbox.typist import fold, swap_letters
from sync.model import Address, PartialDate, Text

_UNKNOWN_COUNTRY = "ZZ"
_GIVES_BIRTH_DATE = 0.7
_GIVES_PHONE = 0.55
_GIVES_EMAIL = 0.4
_MISTYPES_NAME = 0.06
_WITHOUT_MARKS = 0.04
_CALLING_NAME_ONLY = 0.25
_MONTH_ONLY = 0.03


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the feed.

    Attributes:
        registered: when the operator wrote it down; it is told from then on.
        people: whom it is about.
        text: the line with its line feed.
    """

    registered: datetime
    people: tuple[int, ...]
    text: bytes


def lines_of(population: Population) -> tuple[Line, ...]:
    """Write every notice and cancellation that people told the postal operator, in the order of registering."""
    notices: dict[tuple[datetime, str], list[Event]] = {}
    for event in population.events:
        if "moves" in event.providers:
            notices.setdefault((event.recorded, event.notice or f"!{event.cancels}"), []).append(event)
    return tuple(_line(population, events) for events in notices.values())


def _line(population: Population, events: Sequence[Event]) -> Line:
    first, people = events[0], tuple(event.person for event in events)
    ids = tuple(str(place) for place in range(1, len(events) + 1))
    if first.kind is EventKind.MOVE_CANCELLED:
        back = Cancellation(
            format=FORMAT, type="cancellation", notice_id=first.cancels, registered_at=first.recorded, movers=ids
        )
        return Line(first.recorded, people, written(back))
    # How a notice was filled in depends on nothing but itself.
    rng = random.Random(f"{population.seed} {first.notice}")
    movers = tuple(
        _mover(population.at(event.person, event.effective, known_at=event.recorded), mover_id, rng)
        for event, mover_id in zip(events, ids, strict=True)
    )
    return Line(first.recorded, people, written(_notice(first, movers, rng)))


def _notice(event: Event, movers: tuple[Mover, ...], rng: random.Random) -> Notice:
    left = _address(event.before) if isinstance(event.before, Address) else None
    if left is None:
        raise TypeError("a notice needs the home that is left")
    if rng.random() < 0.08:
        left = left.model_copy(update={"stairwell": None, "flat": None})  # left out on the form
    day = PartialDate.of(event.effective)
    common = {
        "format": FORMAT,
        "type": "notice",
        "notice_id": event.notice,
        "registered_at": event.recorded,
        "movers": movers,
        "moved_from": left,
        "moved_to": _address(event.after) if isinstance(event.after, Address) else None,
    }
    if event.kind is EventKind.TEMPORARY_MOVE:
        until = PartialDate.of(event.until) if event.until else None
        return TemporaryNotice.model_validate({**common, "kind": "temporary", "move_date": day, "until": until})
    if rng.random() < _MONTH_ONLY:
        day = PartialDate(day.year, day.month)
    return PermanentNotice.model_validate({**common, "kind": "permanent", "move_date": day})


def _mover(person: Person, mover_id: str, rng: random.Random) -> Mover:
    name = person.name
    given, surname = name.given_names, name.surname
    if rng.random() < _CALLING_NAME_ONLY:
        given = name.calling_name or given
    dice = rng.random()
    if dice < _MISTYPES_NAME / 2:
        given = swap_letters(given, rng)
    elif dice < _MISTYPES_NAME:
        surname = swap_letters(surname, rng)
    elif dice < _MISTYPES_NAME + _WITHOUT_MARKS:
        given, surname = fold(given), fold(surname)
    told = {
        "former_surnames": person.former_surnames[:1] if rng.random() < 0.5 else None,
        "birth_date": PartialDate.of(person.birth) if rng.random() < _GIVES_BIRTH_DATE else None,
        "phone": person.phone if rng.random() < _GIVES_PHONE else None,
        "email": person.email if rng.random() < _GIVES_EMAIL else None,
    }
    return Mover.model_validate(
        {"mover_id": mover_id, "given_names": given, "surname": surname}
        | {key: said for key, said in told.items() if said}
    )


def _address(address: Address) -> WireAddress:
    parts = {
        "street": _text(address.street),
        "number": address.number,
        "stairwell": address.stairwell,
        "flat": address.flat,
        "postcode": address.postcode,
        "post_office": _text(address.post_office),
        "municipality": address.municipality,
        "country": address.country or _UNKNOWN_COUNTRY,
        "lines": address.lines,
    }
    return WireAddress.model_validate({key: value for key, value in parts.items() if value})


def _text(text: Text | None) -> WireText | None:
    if text is None:
        return None
    return WireText.model_validate({key: form for key, form in (("fi", text.fi), ("sv", text.sv)) if form})


def joined(lines: Iterable[Line]) -> bytes:
    """Put lines together."""
    return b"".join(line.text for line in lines)
