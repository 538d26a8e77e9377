"""Non-disclosure orders (turvakielto), found in a whole element before anything else in it is read.

Nothing here raises: an order is never lost because some other part of the element cannot be read. What is unclear
counts as in force, since a person can end a wrong order, and nobody can take back a place once told:

- a `TURVAKIELTO` group is over only with a clear `turvakieltoAktiivinen: false`, or when it is removed or corrected
  away; half of a correction is in force;
- as context (`LISATIETO`) it can confirm an order and cannot end one;
- withheld fields (`turvakiellonAlaisetKentat`, whatever it lists) or the mask text of older deliveries prove an order
  where no `TURVAKIELTO` group speaks. Where one says that the order is over and fields are still withheld, the end
  counts, and yet no place is taken from that element.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from adapters.providers.dvv.wire import (
    ATTRIBUTES,
    KORJATTAVA,
    KORJATTU,
    LISATIETO,
    POISTETTU,
    TURVAKIELTO,
    Group,
    Unreadable,
    attribute,
    day,
    group_name,
    still_valid,
)
from sync.model import PartialDate, Protection

_MASK = "***lisätietoja"  # "***Lisätietoja maistraatista" stood where the street would be


@dataclass(frozen=True, slots=True)
class Shield:
    """What an element says about protection.

    Attributes:
        protection: the order or its end; None when nothing is said.
        hides: no place may be taken from the element.
    """

    protection: Protection | None
    hides: bool


def look_for_order(groups: Sequence[Group], withheld: Sequence[bool]) -> Shield:
    """Look through a whole element for an order; `withheld` tells of each group whether its content was held back."""
    said = list(_statements(groups))
    proven = any(withheld)
    in_force = [group for active, group in said if active]
    if in_force or (proven and not said):
        return Shield(Protection(active=True, code=TURVAKIELTO, until=_until(in_force)), hides=True)
    if said:
        ended = [group for _, group in said]
        return Shield(Protection(active=False, code=TURVAKIELTO, until=_until(ended)), hides=proven)
    return Shield(None, hides=False)


def is_withheld(group: Group) -> bool:
    """Tell whether the group's content was held back because of an order."""
    entries = [group]
    if "voimassaolevatTiedot" in group:
        with suppress(Unreadable):
            entries += still_valid(group)
    # Only the person's own addresses: a guardian's masked one says nothing about the child.
    own_address = group_name(group).endswith("OSOITE")
    return any("turvakiellonAlaisetKentat" in entry or (own_address and _is_masked(entry)) for entry in entries)


def _is_masked(entry: Group) -> bool:
    values = [form for value in entry.values() for form in (value.values() if isinstance(value, dict) else [value])]
    return any(isinstance(value, str) and value.strip().casefold().startswith(_MASK) for value in values)


def _statements(groups: Sequence[Group]) -> Iterator[tuple[bool, Group]]:
    """Yield what each group says: whether the order is in force."""
    for index, group in enumerate(groups):
        if group_name(group) != TURVAKIELTO:
            continue
        following = groups[index + 1] if index + 1 < len(groups) else {}
        active = _in_force(group, following)
        if active is not None:
            yield active, group


def _in_force(group: Group, following: Group) -> bool | None:
    flag = group.get("turvakieltoAktiivinen")
    said = attribute(group)
    if said == LISATIETO:
        return None if flag is False else True
    if said == KORJATTAVA:
        corrected = group_name(following) == TURVAKIELTO and attribute(following) == KORJATTU
        return None if corrected else True
    if said == POISTETTU:
        return flag is not True or _still_in_force(group)
    if said is not None and said not in ATTRIBUTES:
        return True
    return flag is not False


def _still_in_force(group: Group) -> bool:
    try:
        return any(entry.get("turvakieltoAktiivinen") is not False for entry in still_valid(group))
    except Unreadable:
        return True


def _until(groups: Sequence[Group]) -> PartialDate | None:
    """Return the last day of the order, None when one of the groups does not tell it."""
    ends = []
    for group in groups:
        try:
            ends.append(day(group, "turvaLoppuPv"))
        except Unreadable:
            return None
    known = [end for end in ends if end]
    return max(known, key=PartialDate.last_day) if known and len(known) == len(ends) else None
