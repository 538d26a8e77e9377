"""Moves of every kind, and whom they are told."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from adapters.sandbox.chronicle import Chronicle, day_of, settled
from adapters.sandbox.person import Event, EventKind, Person
from adapters.sandbox.places import AREAS
from sync.model import Address

FILING_RATE = 0.7  # how many of those who move tell the postal operator
_NEXT_TENANTS = 0.1  # how many move into a home that others of the population have left


@dataclass(slots=True)
class Moving:
    """Makes people move.

    Attributes:
        chronicle: where it is written down.
    """

    chronicle: Chronicle
    _moves: int = 0
    _notices: int = 0
    _told_of: set[EventKind] = field(default_factory=set)

    def move(self, at: datetime) -> None:
        """Let somebody move for good; the first four moves are two families and two people alone, ahead and late."""
        chronicle, rng, turn = self.chronicle, self.chronicle.rng, self._moves
        self._moves += 1
        ahead = turn % 2 == 0 if turn < 4 else rng.random() < 0.45
        together = turn < 2 or (turn > 3 and rng.random() < 0.72)
        on = chronicle.moving_day(at, ahead=ahead)
        least = 3 if turn < 2 else 1
        mover = chronicle.pick(at, on, lambda p: settled(p, on) and len(chronicle.household_of(p, at, on)) >= least)
        if mover is None:
            return
        movers = chronicle.household_of(mover, at, on) if together else [mover]
        self.rehome(EventKind.MOVE, movers, at, on, self._destination(mover))

    def rehome(
        self, kind: EventKind, movers: list[Person], at: datetime, on: date, to: Address | None, into: int | None = None
    ) -> None:
        """Move them all, as one notice, into a home of their own or into a household that is there already."""
        chronicle, household = self.chronicle, self.chronicle.household[movers[0].number]
        whole = len(movers) == len(chronicle.members[household])
        if whole and movers[0].home is not None:
            chronicle.vacated.append(movers[0].home)
        if not whole or into is not None:
            chronicle.rehouse(movers, into)
        chronicle.happen(self._notice(kind, movers, at, on, to))

    def _notice(
        self,
        kind: EventKind,
        movers: list[Person],
        at: datetime,
        on: date,
        to: Address | None,
        until: date | None = None,
        story: EventKind | None = None,
    ) -> list[Event]:
        """Make one notice for all of them. The first of each story is told to the postal operator, then most are."""
        self._notices += 1
        numbers = {mover.number for mover in movers}
        story = story or kind
        tells = story not in self._told_of or self.chronicle.rng.random() < FILING_RATE
        tells = tells and not numbers & self.chronicle.ever_protected
        if tells:
            self._told_of.add(story)
            self.chronicle.told |= numbers
        return [
            Event(
                kind=kind,
                person=mover.number,
                effective=on,
                recorded=at,
                before=mover.home,
                after=to,
                since=mover.home_since,
                until=until,
                notice=f"N-{self._notices:06d}",
                providers=("dvv", "moves") if tells else ("dvv",),
            )
            for mover in movers
        ]

    def _destination(self, mover: Person) -> Address:
        """Draw a home: now and then one that others have left."""
        chronicle, rng = self.chronicle, self.chronicle.rng
        if chronicle.vacated and rng.random() < _NEXT_TENANTS:
            home = chronicle.vacated.pop(rng.randrange(len(chronicle.vacated)))
            if home != mover.home:
                return home
        area = chronicle.settlement.gazetteer.area(swedish=mover.tongue == "sv")
        if rng.random() < 0.4 and mover.home is not None:
            area = next((near for near in AREAS if near.postcode == mover.home.postcode), area)
        return chronicle.settlement.gazetteer.home(area)

    def cancelled(self, at: datetime) -> None:
        """Let a household announce a move and take it back before the day."""
        chronicle = self.chronicle
        on = day_of(at) + timedelta(days=chronicle.rng.randint(6, 30))
        mover = chronicle.pick(at, on, lambda p: settled(p, on) and p.number not in chronicle.ever_protected)
        if mover is None:
            return
        movers = chronicle.household_of(mover, at, on)
        to, taken_back = chronicle.settlement.gazetteer.home(AREAS[0]), chronicle.later(at, before=on)
        for move in self._notice(EventKind.MOVE, movers, at, on, to, story=EventKind.MOVE_CANCELLED):
            back = replace(
                move,
                kind=EventKind.MOVE_CANCELLED,
                recorded=taken_back,
                before=move.after,
                after=move.before,
                notice="",
                cancels=move.notice,
            )
            chronicle.write([move, back])

    def temporary(self, at: datetime) -> None:
        """Let somebody stay elsewhere for a time."""
        chronicle = self.chronicle
        on = chronicle.moving_day(at, ahead=chronicle.rng.random() < 0.5)
        mover = chronicle.pick(at, on, lambda p: settled(p, on) and p.temporary is None)
        if mover is not None:
            until = on + timedelta(days=chronicle.rng.randint(14, 200))
            open_end = EventKind.TEMPORARY_MOVE in self._told_of and chronicle.rng.random() < 0.15
            to = self._destination(mover)
            notice = self._notice(EventKind.TEMPORARY_MOVE, [mover], at, on, to, None if open_end else until)
            if open_end:  # the postal operator forwards for a time only
                notice = [replace(event, providers=("dvv",)) for event in notice]
            chronicle.happen(notice)

    def abroad(self, at: datetime) -> None:
        """Let somebody, or a household, leave the country."""
        chronicle = self.chronicle
        on = chronicle.moving_day(at, ahead=chronicle.rng.random() < 0.5)
        mover = chronicle.pick(at, on, lambda p: settled(p, on))
        if mover is not None:
            movers = chronicle.household_of(mover, at, on) if chronicle.rng.random() < 0.4 else [mover]
            self.rehome(EventKind.MOVE_ABROAD, movers, at, on, chronicle.settlement.gazetteer.abroad())

    def no_address(self, at: datetime) -> None:
        """Let somebody leave and not say where to."""
        on = self.chronicle.moving_day(at, ahead=False)
        mover = self.chronicle.pick(at, on, lambda p: settled(p, on))
        if mover is not None:
            self.rehome(EventKind.MOVED_NO_ADDRESS, [mover], at, on, None)
