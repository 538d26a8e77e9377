"""What a line of `ajantasa-moves/1` says about each of its movers."""

from datetime import UTC, date, timedelta

import phonenumbers

from adapters.providers.moves.wire import (
    Cancellation,
    Mover,
    Notice,
    PermanentNotice,
    TemporaryNotice,
    WireAddress,
    WireText,
)
from sync.model import Address, Change, Fact, FactKind, Field, Identity, PartialDate, PersonName, Precision, Text


def changes_of(line: Notice | Cancellation, position: str) -> tuple[Change, ...]:
    """Make one change for each mover, in the order of the line."""
    if isinstance(line, Cancellation):
        # A mover named twice is the same event twice, and says nothing new.
        return tuple(_cancelled(line, mover_id, position) for mover_id in dict.fromkeys(line.movers))
    return tuple(_moved(line, mover, position) for mover in line.movers)


def contradiction_in(line: Notice | Cancellation) -> str | None:
    """Return the reason code of what the schema cannot forbid, None when the line makes sense."""
    if isinstance(line, Cancellation):
        return None
    if len({mover.mover_id for mover in line.movers}) < len(line.movers):
        return "mover_id_twice"
    if isinstance(line, TemporaryNotice) and line.until.last_day() < line.move_date.first_day():
        return "until_before_move_date"
    return None


def _cancelled(line: Cancellation, mover_id: str, position: str) -> Change:
    notice_id = f"{line.notice_id}#{mover_id}"
    return Change(
        event_id=f"{notice_id}!cancel",
        position=position,
        identity=Identity(),
        recorded_at=line.registered_at.astimezone(UTC),
        notice_id=notice_id,
        cancels=notice_id,
    )


def _moved(line: Notice, mover: Mover, position: str) -> Change:
    notice_id = f"{line.notice_id}#{mover.mover_id}"
    moves = _permanent(line) if isinstance(line, PermanentNotice) else _temporary(line)
    return Change(
        event_id=notice_id,
        position=position,
        identity=_identity(mover, line.moved_from),
        facts=moves + _contacts(line, mover),
        effective=line.move_date,
        recorded_at=line.registered_at.astimezone(UTC),
        notice_id=notice_id,
        joint_notice=line.notice_id if len(line.movers) > 1 else None,
    )


def _identity(mover: Mover, moved_from: WireAddress) -> Identity:
    surnames = (mover.surname, *mover.former_surnames)
    return Identity(
        names=tuple(PersonName(surname, mover.given_names) for surname in surnames),
        birth_date=mover.birth_date,
        addresses=(_address(moved_from),),
        phone=_phone(mover.phone),
        email=mover.email,
    )


def _permanent(line: PermanentNotice) -> tuple[Fact, ...]:
    ended = Fact(Field.ADDRESS, FactKind.ENDED, _address(line.moved_from), valid_until=_until(line))
    if line.moved_to is None:
        return (ended,)
    return ended, Fact(Field.ADDRESS, FactKind.SET, _address(line.moved_to), valid_from=line.move_date)


def _temporary(line: TemporaryNotice) -> tuple[Fact, ...]:
    address = _address(line.moved_to)
    return (Fact(Field.TEMPORARY_ADDRESS, FactKind.SET, address, valid_from=line.move_date, valid_until=line.until),)


def _contacts(line: Notice, mover: Mover) -> tuple[Fact, ...]:
    # The day as the provider wrote it down, in the zone in which it did.
    day = PartialDate.of(line.registered_at.date())
    said = ((Field.PHONE, _phone(mover.phone)), (Field.EMAIL, mover.email))
    return tuple(Fact(field, FactKind.SET, value, valid_from=day) for field, value in said if value)


def _until(line: PermanentNotice) -> PartialDate | None:
    """Return the last day, month or year of the old address, as precise as the move.

    Of a move within a month, or a year, nobody knows on which day: the old address may hold until its last one, and the new
    one ends it when it begins. Where no new one is told, the old one is not relied on for longer than is certain.
    """
    moved = line.move_date
    if moved.precision is not Precision.DAY and line.moved_to is not None:
        return moved
    first = moved.first_day()
    if first == date.min:
        return None
    last = PartialDate.of(first - timedelta(days=1))
    return {
        Precision.DAY: last,
        Precision.MONTH: PartialDate(last.year, last.month),
        Precision.YEAR: PartialDate(last.year),
    }[moved.precision]


def _phone(written: str | None) -> str | None:
    """Write an international number as E.164; leave alone what cannot be read as one."""
    if written is None:
        return None
    try:
        number = phonenumbers.parse(written)
    except phonenumbers.NumberParseException:
        return written
    if not phonenumbers.is_possible_number(number):
        return written
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _address(wire: WireAddress) -> Address:
    return Address(
        street=_text(wire.street),
        number=wire.number,
        stairwell=wire.stairwell,
        flat=wire.flat,
        postcode=wire.postcode,
        post_office=_text(wire.post_office),
        municipality=wire.municipality,
        country=wire.country,
        care_of=wire.care_of,
        po_box=wire.po_box,
        lines=wire.lines,
    )


def _text(wire: WireText | None) -> Text | None:
    return None if wire is None else Text(fi=wire.fi, sv=wire.sv)
