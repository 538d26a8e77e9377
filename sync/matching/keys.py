"""Blocking keys: what two records share so that they are compared at all.

A person is found again although any one field is mistyped: every kind leaves out something that another has. Names
stand in a key in alphabetical order, so that surname and given name put into each other's place are found, too. The
store hashes a key, `kind|shared#rest`, with a secret one, so that neither tells anything about anybody there. A change
gets a key for each of its names, addresses and readings, because it is not stored.

Before the `#` stands what several keys of one person share (the birth date, the pair of names, the door), so that a store
can keep them beside each other, and finds them all on one page of its index.
"""

from collections.abc import Iterator
from itertools import product

from sync.matching.normalise.address import Place
from sync.matching.normalise.date import turned
from sync.matching.normalise.email import mailbox
from sync.matching.normalise.name import NameForms, sound
from sync.matching.prepared import Prepared

LOCATION_KINDS = frozenset({"unit", "number_name", "postcode_name", "postcode", "town", "house", "number_one"})
"""Made from where somebody lives; never made for a protected customer (trust rule P6)."""

WIDE_KINDS = frozenset({"birth", "year_start", "prefix", "surname", "given", "postcode", "town", "house", "number_one"})
"""Kinds that tell so little that in a large register nearly every block is full. They are made for small ones only,
where they find whoever has errors in two fields at once."""

BLOCK_LIMIT = 30
"""Customers that one key may hold before it is passed over. What it would have found, a narrower kind finds."""

SMALL_REGISTER = 50_000
"""Customers up to which wide kinds are worth their cost."""

MOST_GIVEN_NAMES = 3
_DAY_DIGITS, _YEAR_DIGITS = 8, 4
_PREFIX, _START = 3, 2


def kind_of(key: str) -> str:
    """Return the kind of a key."""
    return key.partition("|")[0]


def shared_part(key: str) -> str:
    """Return what other keys of the same person may begin with, too; of a key that shares nothing, all of it."""
    text, shared, _ = key.partition("#")
    return text.partition("|")[2] if shared else key


def is_location(key: str) -> bool:
    """Tell whether a key is made from where somebody lives."""
    return kind_of(key) in LOCATION_KINDS


def customer_keys(customer: Prepared, *, wide: bool) -> set[str]:
    """Return the keys under which a customer is stored."""
    names = [(name.surname_folded, name.head) for name in customer.names]
    by_names = ("name", "number_name") if _is_dated(customer) else ("name", "number_name", "undated_name")
    return _keys(customer, names, [customer.birth_date], by_names, wide=wide)


def personal_keys(change: Prepared) -> set[str]:
    """Return the keys of which somebody with the same birth date and both names shares two."""
    if not _is_dated(change):
        return set()
    names = {part for name in change.names for part in (name.surname_folded, *name.surname_parts, *_given_names(name))}
    return {f"birth_name|{change.birth_date}#{sounds}" for sounds in map(sound, names) if sounds}


def change_keys(change: Prepared, *, wide: bool) -> set[str]:
    """Return the keys under which to look for whom a change is about.

    Where a birth date is told, whoever shares both names, and neither year nor day of birth, is somebody else: in a large
    register only those are looked for by names alone, or beside a house number, whose own birth date nobody knows. Nor is
    anybody looked for there by day and month in each other's place, whom both names and the year find all the same.
    """
    readings = list(dict.fromkeys(_readings(change.names)))
    if _is_dated(change) and not wide:
        return _keys(change, readings, [change.birth_date], ("undated_name",), wide=False)
    dates = list(filter(None, (change.birth_date, turned(change.birth_date))))
    return _keys(change, readings, dates, ("name", "number_name"), wide=wide)


def _is_dated(person: Prepared) -> bool:
    return len(person.birth_date) == _DAY_DIGITS


def _readings(names: tuple[NameForms, ...]) -> Iterator[tuple[str, str]]:
    """Give every part of a double surname with every given name."""
    for name in names:
        surnames = dict.fromkeys((name.surname_folded, *sorted(name.surname_parts)))
        yield from product(surnames, dict.fromkeys(_given_names(name)))


def _given_names(name: NameForms) -> tuple[str, ...]:
    return name.head, *name.given_folded[:MOST_GIVEN_NAMES]


def _keys(
    person: Prepared, names: list[tuple[str, str]], dates: list[str], by_names: tuple[str, ...], *, wide: bool
) -> set[str]:
    """Make keys; `by_names` are those kinds that not everybody gets of what both names are part of."""
    keys = set(_contact_keys(person))
    days = [date for date in dates if len(date) == _DAY_DIGITS]
    for surname, given in names:
        one, two = sound(surname), sound(given)
        for day in days:
            keys.update(f"birth_name|{day}#{sounds}" for sounds in (one, two) if sounds)
        if one and two:
            pair = f"{one}|{two}" if one < two else f"{two}|{one}"
            keys.update(f"{kind}|{pair}#" for kind in by_names if kind != "number_name")
            keys.update(_pair_keys(pair, dates, person.places, numbers="number_name" in by_names))
        for home in person.places:
            if home.postcode and home.number:
                door = f"unit|{home.postcode}|{home.number}|{home.flat}#"
                keys.update(door + sounds for sounds in (one, two) if sounds)
    if wide:
        keys.update(_wide_keys(person, names, days))
    return keys


def _contact_keys(person: Prepared) -> Iterator[str]:
    if person.phone:
        yield f"phone|{person.phone}"
    if person.email:
        yield f"email|{mailbox(person.email)}"


def _pair_keys(pair: str, dates: list[str], places: tuple[Place, ...], *, numbers: bool) -> Iterator[str]:
    for date in dates:
        if date:
            yield f"year_name|{pair}#{date[:_YEAR_DIGITS]}"
        if len(date) == _DAY_DIGITS:
            yield f"day_name|{pair}#{date[_YEAR_DIGITS:]}"
    for home in places:
        if home.number and numbers:
            yield f"number_name|{pair}#{home.number}"
        if home.postcode:
            yield f"postcode_name|{pair}#{home.postcode}"


def _wide_keys(person: Prepared, names: list[tuple[str, str]], days: list[str]) -> Iterator[str]:
    yield from (f"birth|{day}#" for day in days)
    for surname, given in names:
        sounds = [sound(name) for name in (surname, given) if name]
        if surname:
            yield f"surname|{sounds[0]}"
        if given:
            yield f"given|{given}"
        if surname and given:
            start, other = surname[:_PREFIX], given[:_PREFIX]
            yield f"prefix|{min(start, other)}|{max(start, other)}"
        starts = [name[:_START] for name in (surname, given) if name]
        yield from (f"year_start|{day[:_YEAR_DIGITS]}|{start}" for day in days[:1] for start in starts)
        yield from (f"number_one|{home.number}|{one}" for home in person.places if home.number for one in sounds)
    for home in person.places:
        if home.postcode:
            yield f"postcode|{home.postcode}"
        yield from (f"town|{town}" for town in home.towns)
        for street in home.folded:
            yield f"house|{street}|{home.number}"
