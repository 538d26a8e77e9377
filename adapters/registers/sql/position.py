"""How far the table was read: the mark, and the order behind it.

Rows are read in the order of (updated_at, key), those without a time first. Three traps are met here:

* Many rows share one time. Reading goes on *inside* a time by key, and only then to the times *beyond* it.
* Databases and drivers round fractions of a second differently, so that "the same time" is the same whole second.
* A transaction sets the time when it works and shows its rows when it commits. So a pass does not begin where the one
  before ended, but `overlap` before the newest time that was there when that one began. When nothing newer appears for
  so long that such a transaction must have ended, passes begin after that time: a table whose rows were all changed at
  once is not read over and over until the next change.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from adapters.registers.flat.cells import moment_of
from adapters.registers.sql.layout import Column, Kind, Layout


class Phase(StrEnum):
    """Which rows a pass is reading."""

    BEGIN = "begin"  # none yet: a new pass
    ALL = "all"  # every row by key, where there is no time to go by
    UNTIMED = "untimed"  # those without a time
    BEYOND = "beyond"  # those of later times than `border`
    INSIDE = "inside"  # those of the time `border`


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading goes on.

    Attributes:
        phase: which rows come next.
        since: the first time of this pass, as the column writes it; None from the beginning.
        next_since: the same for the next pass.
        border: the time read last, as the column writes it.
        key: the last key read within `border`, or of the phase; None before the first.
        newest: the newest time in the table when the pass began, as the column writes it.
        newest_seen_at: when that was seen first, by our clock, UTC.
    """

    phase: Phase = Phase.BEGIN
    since: str | None = None
    next_since: str | None = None
    border: str | None = None
    key: str | None = None
    newest: str | None = None
    newest_seen_at: str | None = None

    def mark(self) -> str:
        """Return it as an opaque text."""
        return json.dumps({name: value for name, value in asdict(self).items() if value is not None})

    @classmethod
    def of_mark(cls, mark: str | None, layout: Layout) -> "Position":
        """Return where a mark left off; the beginning for a mark that this table cannot have made."""
        try:
            found = json.loads(mark or "{}")
            position = cls(**found | {"phase": Phase(found.get("phase", Phase.BEGIN))})
            if position.key is not None:
                layout.key.raw_of_text(position.key)
            datetime.fromisoformat(position.newest_seen_at or "2000-01-01").astimezone(UTC)
            for text in (position.since, position.next_since, position.border):
                if text is not None and layout.updated_at is not None:
                    raw_time(layout.updated_at, text)
        except (ValueError, TypeError, AttributeError):
            return cls()
        timed = position.phase in {Phase.UNTIMED, Phase.BEYOND, Phase.INSIDE}
        fits = position.phase is Phase.BEGIN or timed == (layout.updated_at is not None)
        return position if fits else cls()


def raw_time(column: Column, text: str) -> datetime | date | str:
    """Return a time as the database holds it.

    Raises:
        ValueError: it is no time.
    """
    match column.kind:
        case Kind.TIME:
            return datetime.fromisoformat(text)
        case Kind.DATE:
            return date.fromisoformat(text)
        case _:
            return text


def border_of(column: Column, raw: Any) -> str:
    """Return the time that rows of about the same time share."""
    return column.text_of_raw(raw.replace(microsecond=0) if column.kind is Kind.TIME else raw)


def inside(column: Column, border: str) -> sa.ColumnElement[bool]:
    """Select the rows of one time."""
    start = raw_time(column, border)
    if not isinstance(start, datetime):
        return column.sql == start
    end = _next_second(start)
    return column.sql >= start if end is None else sa.and_(column.sql >= start, column.sql < end)


def beyond(column: Column, border: str) -> sa.ColumnElement[bool]:
    """Select the rows of later times."""
    start = raw_time(column, border)
    if not isinstance(start, datetime):
        return column.sql > start
    end = _next_second(start)
    return sa.false() if end is None else column.sql >= end


def begin(last: Position, column: Column, newest: object, zone: tzinfo, now: datetime, overlap: timedelta) -> Position:
    """Begin a pass.

    Args:
        last: the end of the pass before.
        column: the column of times.
        newest: the newest time in it; None when there is none.
        zone: the zone of times that do not tell their own.
        now: our clock's time, UTC.
        overlap: how late a row may show with a time that has passed already, and how wrong clocks may go.
    """
    text = None if newest is None else column.text_of_raw(newest)
    seen_at = now
    if text is not None and text == last.newest and last.newest_seen_at is not None:
        seen_at = datetime.fromisoformat(last.newest_seen_at)
    is_settled = now - seen_at >= 2 * overlap + timedelta(seconds=2)
    next_since = since(column, newest, zone, now, overlap, is_settled=is_settled)
    return Position(
        Phase.UNTIMED,
        since=last.next_since,
        next_since=next_since or last.next_since,
        newest=text,
        newest_seen_at=seen_at.isoformat(),
    )


def since(
    column: Column, newest: object, zone: tzinfo, now: datetime, overlap: timedelta, *, is_settled: bool = False
) -> str | None:
    """Return where a pass begins that must see all that shows from now on.

    Args:
        column: the column of times.
        newest: the newest time in it.
        zone: the zone of times that do not tell their own.
        now: our clock's time. A row dated into the future must not hide every change until then.
        overlap: how far to go back.
        is_settled: nothing can show any more with the newest time or an earlier one; go on after it.

    Returns:
        The time as the column writes it; None when it cannot be told.
    """
    try:
        moment = moment_of(newest, zone)
        if moment is None:
            return None
        after = moment.replace(microsecond=0) + timedelta(seconds=1)
        start = after if is_settled and after <= now else min(moment, now) - overlap
        return _lower_bound(column, newest, start.astimezone(zone))
    except (ValueError, OverflowError):
        return None


def _lower_bound(column: Column, raw: object, local: datetime) -> str:
    if column.zoned:
        return local.astimezone(UTC).isoformat()
    # In the hour that autumn repeats, a later change may bear an earlier time.
    early, late = (local.replace(fold=fold).utcoffset() or timedelta(0) for fold in (0, 1))
    bound = local.replace(tzinfo=None) - max(early - late, timedelta(0))
    match column.kind:
        case Kind.TIME:
            return bound.isoformat()
        case Kind.DATE:
            return bound.date().isoformat()
        case _:
            # Text sorts by its digits. Where it tells its zone they need not be those of ours: a day covers them all.
            if datetime.fromisoformat(str(raw).strip()).tzinfo is not None:
                bound -= timedelta(days=1)
            # A blank sorts before the `T` that may stand there, and no fraction before any.
            return bound.isoformat(sep=" ", timespec="seconds")


def _next_second(start: datetime) -> datetime | None:
    try:
        return start + timedelta(seconds=1)
    except OverflowError:
        return None
