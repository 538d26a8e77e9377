"""What happens to the made-up people besides moving, and how often everything happens."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from adapters.sandbox.chronicle import Chronicle, day_of, settled
from adapters.sandbox.households import ADULT
from adapters.sandbox.moving import Moving
from adapters.sandbox.person import Event, EventKind, IdAndBirth, Person, Value
from sync.model import Address, Text

SMALLEST_WITH_ALL = 100  # from so many people on, every kind of event happens at least once
NOISE_GROUPS = ("AMMATTI", "USKONTOKUNTALAJI", "AANIOIKEUS", "UUSI_TUNTEMATON_RYHMA")
DEATHS_FOR_A_WITHDRAWAL = 3

_PER_PERSON_YEAR_AND_LEAST = {
    EventKind.MOVE: (0.34, 8),
    EventKind.MOVE_CANCELLED: (0.012, 2),
    EventKind.TEMPORARY_MOVE: (0.04, 2),
    EventKind.MOVE_ABROAD: (0.010, 1),
    EventKind.MOVED_NO_ADDRESS: (0.006, 1),
    EventKind.ADDRESS_CORRECTED: (0.012, 2),
    EventKind.ADDRESS_RESPELLED: (0.03, 2),
    EventKind.POSTAL_ADDRESS: (0.006, 1),
    EventKind.MARRIAGE: (0.02, 2),
    EventKind.CALLING_NAME: (0.008, 1),
    EventKind.ID_CORRECTED: (0.005, 2),
    EventKind.DEATH: (0.011, DEATHS_FOR_A_WITHDRAWAL),
    EventKind.PROTECTION_ON: (0.006, 2),
    EventKind.PROTECTION_OFF: (0.003, 1),
    EventKind.UPDATE_BAN_ON: (0.006, 1),
    EventKind.UPDATE_BAN_OFF: (0.003, 1),
    EventKind.MARKETING_BAN_ON: (0.012, 1),
    EventKind.NOISE: (0.06, 2),
}


def live(chronicle: Chronicle) -> None:
    """Make everything happen; afterwards the events stand in the order in which they were recorded."""
    deaths = 0
    plan = _plan(chronicle)
    if sum(kind is EventKind.DEATH for _, kind in plan) >= DEATHS_FOR_A_WITHDRAWAL:
        deaths = 1
    doers = _doers(chronicle, withdrawals=deaths)
    for at, kind in plan:
        doers[kind](at)
    chronicle.events.sort(key=lambda event: event.recorded)  # stable


def _plan(chronicle: Chronicle) -> list[tuple[datetime, EventKind]]:
    years = len(chronicle.people) * (chronicle.today - chronicle.start).days / 365
    plan: list[tuple[datetime, EventKind]] = []
    for kind, (rate, least) in _PER_PERSON_YEAR_AND_LEAST.items():
        count = int(rate * years + chronicle.rng.random())
        if len(chronicle.people) >= SMALLEST_WITH_ALL:
            count = max(count, least)
        plan.extend((chronicle.instant(), kind) for _ in range(count))
    return sorted(plan)


def _doers(chronicle: Chronicle, *, withdrawals: int) -> dict[EventKind, Callable[[datetime], None]]:
    moving = Moving(chronicle)
    living = Living(chronicle, moving, withdrawals)
    return {
        EventKind.MOVE: moving.move,
        EventKind.MOVE_CANCELLED: moving.cancelled,
        EventKind.TEMPORARY_MOVE: moving.temporary,
        EventKind.MOVE_ABROAD: moving.abroad,
        EventKind.MOVED_NO_ADDRESS: moving.no_address,
        EventKind.ADDRESS_CORRECTED: living.correct_address,
        EventKind.ADDRESS_RESPELLED: living.respell_address,
        EventKind.POSTAL_ADDRESS: living.rent_box,
        EventKind.MARRIAGE: living.marry,
        EventKind.CALLING_NAME: living.change_calling_name,
        EventKind.ID_CORRECTED: living.correct_id,
        EventKind.DEATH: living.die,
        EventKind.PROTECTION_ON: living.protect,
        EventKind.PROTECTION_OFF: living.unprotect,
        EventKind.UPDATE_BAN_ON: living.ban_updates,
        EventKind.UPDATE_BAN_OFF: living.allow_updates,
        EventKind.MARKETING_BAN_ON: living.ban_marketing,
        EventKind.NOISE: living.make_noise,
    }


@dataclass(slots=True)
class Living:
    """Makes everything happen that is not a move.

    Attributes:
        chronicle: where it is written down.
        moving: for what comes with a move.
        withdrawals: how many of the first deaths turn out to be mistakes.
    """

    chronicle: Chronicle
    moving: Moving
    withdrawals: int
    _protections: int = 0
    _corrections: int = 0
    _minted: set[str] = field(default_factory=set)

    def _pick(self, at: datetime, test: Callable[[Person], bool], on: date | None = None) -> Person | None:
        return self.chronicle.pick(at, on or day_of(at), test)

    def _say(self, kind: EventKind, person: Person, at: datetime, after: Value = None, before: Value = None) -> Event:
        return Event(kind=kind, person=person.number, effective=day_of(at), recorded=at, before=before, after=after)

    # -- names and ids -----------------------------------------------------------------------------------------------

    def marry(self, at: datetime) -> None:
        """Let two people marry: mostly one takes the other's surname, often one moves in with the other."""
        on = day_of(at)
        one = self._pick(at, lambda p: settled(p, on) and not (p.married or p.protected))
        if one is None:
            return
        home = self.chronicle.household[one.number]
        two = self._pick(
            at,
            lambda p: (
                settled(p, on)
                and not (p.married or p.protected)
                and abs(p.age(on) - one.age(on)) <= 12
                and self.chronicle.household[p.number] != home
            ),
        )
        if two is None:
            return
        dice = self.chronicle.rng.random()
        surname = one.name.surname if dice < 0.7 else two.name.surname
        if 0.7 <= dice < 0.78 and "-" not in surname + one.name.surname:
            surname = f"{two.name.surname}-{one.name.surname}"
        names = (one.name, replace(two.name, surname=surname))
        self.chronicle.happen(
            self._say(EventKind.MARRIAGE, person, at, after=name, before=person.name)
            for person, name in zip((one, two), names, strict=True)
        )
        mover = self.chronicle.people[two.number]
        household = self.chronicle.members[self.chronicle.household[two.number]]
        if len(household) == 1 and self.chronicle.rng.random() < 0.6:
            self.moving.rehome(EventKind.MOVE, [mover], at, on, one.home, into=home)

    def change_calling_name(self, at: datetime) -> None:
        """Let somebody go by another of their given names."""
        person = self._pick(at, lambda p: " " in p.name.given_names)
        if person is not None:
            others = [name for name in person.name.given_names.split() if name != person.name.calling_name]
            name = replace(person.name, calling_name=self.chronicle.rng.choice(others))
            self.chronicle.happen([self._say(EventKind.CALLING_NAME, person, at, after=name, before=person.name)])

    def correct_id(self, at: datetime) -> None:
        """Give somebody another national id; every other time because the birth date was wrong."""
        person = self._pick(at, lambda p: p.birth.day > 3)
        if person is None:
            return
        birth = person.birth
        if self._corrections % 2 == 0:
            birth -= timedelta(days=self.chronicle.rng.randint(1, 3))
        self._corrections += 1
        code = self.chronicle.settlement.mint.mint(birth, female=person.female)
        old, new = IdAndBirth(person.national_id, person.birth), IdAndBirth(code, birth)
        self.chronicle.happen([self._say(EventKind.ID_CORRECTED, person, at, after=new, before=old)])

    # -- death -------------------------------------------------------------------------------------------------------

    def die(self, at: datetime) -> None:
        """Let somebody die, mostly of age; a death may turn out to be somebody else's."""
        rng = self.chronicle.rng
        on = day_of(at) - timedelta(days=rng.randint(0, 6))
        youngest = 65 if rng.random() < 0.85 else ADULT
        person = self._pick(at, lambda p: p.age(on) >= youngest, on)
        if person is None:
            return
        death = replace(self._say(EventKind.DEATH, person, at), effective=on)
        self.chronicle.happen([death])
        if self.withdrawals > 0 or rng.random() < 0.02:
            self.withdrawals -= 1
            withdrawn = replace(death, kind=EventKind.DEATH_WITHDRAWN, recorded=self.chronicle.later(at))
            self.chronicle.happen([withdrawn])

    # -- protection and bans -----------------------------------------------------------------------------------------

    def protect(self, at: datetime) -> None:
        """Put an adult, with the children of the household, under protection; every other time they also flee."""
        chronicle, on = self.chronicle, day_of(at)
        hidden = chronicle.told | chronicle.ever_protected
        person = self._pick(at, lambda p: settled(p, on) and p.number not in hidden)
        if person is None:
            return
        household = chronicle.household_of(person, at, on)
        group = [person, *(p for p in household[1:] if p.age(on) < ADULT and p.number not in hidden)]
        chronicle.ever_protected |= {member.number for member in group}
        chronicle.happen(self._say(EventKind.PROTECTION_ON, member, at) for member in group)
        if self._protections % 2 == 0:
            gazetteer = chronicle.settlement.gazetteer
            fleeing = [chronicle.people[member.number] for member in group]
            self.moving.rehome(EventKind.MOVE, fleeing, at, on, gazetteer.home(gazetteer.area()))
        self._protections += 1

    def unprotect(self, at: datetime) -> None:
        """End somebody's protection."""
        person = self._pick(at, lambda p: p.protected)
        if person is not None:
            over = self._say(EventKind.PROTECTION_OFF, person, at, before=person.home)
            self.chronicle.happen([replace(over, since=person.home_since)])

    def ban_updates(self, at: datetime) -> None:
        """Let somebody forbid that customer registers are updated."""
        self._simple(EventKind.UPDATE_BAN_ON, at, lambda p: p.update_ban is None and p.age(day_of(at)) >= ADULT)

    def allow_updates(self, at: datetime) -> None:
        """Let somebody lift that ban."""
        self._simple(EventKind.UPDATE_BAN_OFF, at, lambda p: p.update_ban is not None)

    def ban_marketing(self, at: datetime) -> None:
        """Let somebody forbid marketing."""
        self._simple(EventKind.MARKETING_BAN_ON, at, lambda p: p.marketing_ban is None)

    def make_noise(self, at: datetime) -> None:
        """Let something change that no customer register knows."""
        self._simple(EventKind.NOISE, at, lambda _: True, after=self.chronicle.rng.choice(NOISE_GROUPS))

    def _simple(self, kind: EventKind, at: datetime, test: Callable[[Person], bool], after: Value = None) -> None:
        person = self._pick(at, test)
        if person is not None:
            self.chronicle.happen([self._say(kind, person, at, after=after)])

    # -- addresses without a move ------------------------------------------------------------------------------------

    def correct_address(self, at: datetime) -> None:
        """Correct a household's address that was wrong from its first day there."""
        chronicle, on = self.chronicle, day_of(at)
        person = self._pick(at, lambda p: settled(p, on))
        right = self._beside(person.home) if person is not None and person.home is not None else None
        if person is None or right is None:
            return
        chronicle.happen(
            replace(
                self._say(EventKind.ADDRESS_CORRECTED, member, at, after=right, before=member.home),
                effective=member.home_since,
                since=member.home_since,
            )
            for member in chronicle.household_of(person, at, on)
        )

    def _beside(self, wrong: Address) -> Address | None:
        """Find the home next door, if nobody has it."""
        for step in (1, 2, -1, 3, 10):
            if wrong.flat is not None:
                right = replace(wrong, flat=str(abs(int(wrong.flat) + step) or 1))
            elif wrong.number is not None and wrong.number.isdigit():
                right = replace(wrong, number=str(abs(int(wrong.number) + 2 * step) or 1))
            else:
                return None
            if self.chronicle.settlement.gazetteer.claim(right):
                return right
        return None

    def respell_address(self, at: datetime) -> None:
        """Spell somebody's address otherwise; nobody moves."""
        person = self._pick(at, lambda p: settled(p, day_of(at)))
        if person is not None and person.home is not None and person.home.street is not None:
            street = person.home.street
            other = replace(person.home, street=Text(fi=_respelled(street.fi), sv=street.sv))
            event = self._say(EventKind.ADDRESS_RESPELLED, person, at, after=other, before=person.home)
            self.chronicle.happen([replace(event, since=person.home_since)])

    def rent_box(self, at: datetime) -> None:
        """Let somebody have their post sent to a post-office box."""
        person = self._pick(at, lambda p: settled(p, day_of(at)) and p.postal is None)
        if person is not None and person.home is not None:
            home = person.home
            box = Address(
                po_box=str(self.chronicle.rng.randint(10, 900)),
                postcode=f"{(home.postcode or '00000')[:4]}1",
                post_office=home.post_office,
                municipality=home.municipality,
            )
            self.chronicle.happen([self._say(EventKind.POSTAL_ADDRESS, person, at, after=box)])


def _respelled(street: str | None) -> str | None:
    """Write a street name as other registers do: the last part set apart, or in capitals."""
    for ending in ("katu", "tie", "kuja", "polku"):
        if street is not None and street.endswith(ending) and street.removesuffix(ending).endswith("n"):
            return f"{street.removesuffix(ending)} {ending}"
    return street.upper() if street is not None else None
