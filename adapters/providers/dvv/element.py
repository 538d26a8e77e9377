"""From one element, a person and some groups, to one `Change`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.providers.dvv.facts import new_id_only, one_death, tell
from adapters.providers.dvv.groups import HIDDEN_FIELDS, READERS
from adapters.providers.dvv.names import NAME_GROUPS, Names
from adapters.providers.dvv.protection import Shield, is_withheld, look_for_order
from adapters.providers.dvv.wire import (
    ATTRIBUTES,
    TURVAKIELTO,
    Group,
    Unreadable,
    attribute,
    canonical,
    digest,
    finnish_day,
    group_name,
    instant,
    national_id,
    national_ids,
)
from sync.matching.normalise.ids import birth_date_of
from sync.model import (
    LOCATION_FIELDS,
    Address,
    BadItem,
    Change,
    Fact,
    FactKind,
    FactValue,
    Field,
    Identity,
    PartialDate,
    PersonName,
)

_KNOWN = READERS.keys() | NAME_GROUPS | {TURVAKIELTO}
_PAST = (FactKind.ENDED, FactKind.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is known of an element besides its content.

    Attributes:
        event_id: of the change that it becomes.
        position: where it stood.
        base: base data, where groups have no `muutosattribuutti`; such a change is complete.
        asked_on: day of the look-up; None for a change.
        anonymous: it may lack a national id; only payloads read by hand do.
    """

    event_id: str
    position: str
    base: bool = False
    asked_on: date | None = None
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Element:
    """What became of an element.

    Attributes:
        items: one, or two where an order had to be saved from an element that cannot be read.
        ignored: how many groups of which name were passed over.
    """

    items: tuple[Change | BadItem, ...]
    ignored: Mapping[str, int]


def read_element(raw: Any, envelope: Envelope) -> Element:
    """Read an element, whatever it is. Never raises for what is in it."""
    listed = raw.get("tietoryhmat") if isinstance(raw, dict) else None
    if not isinstance(listed, list):
        return Element((_bad("element_malformed", raw, envelope),), {})
    groups: list[Group] = [group if isinstance(group, dict) else {} for group in listed]
    withheld = [is_withheld(group) for group in groups]
    shield = look_for_order(groups, withheld)
    told = [None if held_back or _is_hidden(g, shield) else g for g, held_back in zip(groups, withheld, strict=True)]
    try:
        change, ignored = _read(raw, told, shield, envelope)
    except Unreadable as problem:
        return Element(tuple(_saved(problem.reason, raw, groups, shield, envelope)), {})
    return Element((change,), ignored)


def _read(
    raw: Mapping[str, Any], readable: Sequence[Group | None], shield: Shield, envelope: Envelope
) -> tuple[Change, Mapping[str, int]]:
    """Read an element; None stands where a group may not be read."""
    reported = _reported_id(raw, envelope)
    recorded_at = instant(raw.get("muutospv"))
    today = finnish_day(recorded_at) if recorded_at else envelope.asked_on
    _check(readable, base=envelope.base)
    told = tell(readable, today)
    names = Names([group for group in readable if group is not None])
    facts = names.complete(new_id_only(one_death(told.facts), readable, reported))
    facts += _moved_birth_date(facts, told.context, reported)
    change = Change(
        event_id=envelope.event_id,
        position=envelope.position,
        identity=_identity(reported, readable, facts, told.context, names),
        facts=tuple(dict.fromkeys(facts)),
        protection=shield.protection,
        effective=None if envelope.base else _effective(facts),
        recorded_at=recorded_at,
        complete=envelope.base,
    )
    return change, _passed_over(readable) + told.ignored + Counter(names.unused(facts))


def _reported_id(raw: Mapping[str, Any], envelope: Envelope) -> str | None:
    reported = national_id(raw.get("henkilotunnus"))
    if reported is None and not envelope.anonymous:
        raise Unreadable("national_id_missing")
    return reported


def _is_hidden(group: Group, shield: Shield) -> bool:
    reader = READERS.get(group_name(group))
    return shield.hides and reader is not None and reader.field in HIDDEN_FIELDS


def _check(groups: Iterable[Group | None], *, base: bool) -> None:
    for group in groups:
        if group is None:
            continue
        if "tietoryhma" not in group:
            raise Unreadable("group_malformed")
        said = attribute(group)
        if group_name(group) not in _KNOWN or (base and said is None):
            continue
        if said not in ATTRIBUTES:
            raise Unreadable("change_attribute_missing" if said is None else "change_attribute_unknown")


def _passed_over(groups: Iterable[Group | None]) -> Counter[str]:
    return Counter(name for group in groups if group is not None and (name := group_name(group)) not in _KNOWN)


def _moved_birth_date(
    facts: Iterable[Fact], context: Iterable[tuple[Field, FactValue]], reported: str | None
) -> list[Fact]:
    """Return the birth date of the context as a fact, where a new id changed it.

    The date is part of the id, so a new one can move the birth date even though the register sends it as context.
    """
    new_ids = [fact.value for fact in facts if fact.field is Field.NATIONAL_ID and fact.kind not in _PAST]
    born = birth_date_of(reported) if reported else None
    moved = born is not None and any(isinstance(new, str) and birth_date_of(new) != born for new in new_ids)
    dates = [value for about, value in context if about is Field.BIRTH_DATE]
    return [Fact(Field.BIRTH_DATE, FactKind.SET, value) for value in dates if moved]


def _identity(
    reported: str | None,
    groups: Sequence[Group | None],
    facts: Sequence[Fact],
    context: Sequence[tuple[Field, FactValue]],
    names: Names,
) -> Identity:
    past = [(f.field, f.value) for f in facts if f.kind in _PAST and f.value is not None]
    past += [(f.field, f.wrong) for f in facts if f.wrong is not None]
    now = [(f.field, f.value) for f in facts if f.kind not in _PAST and f.value is not None]
    current = names.current(facts)
    known_names = [current, *(v for _, v in past if isinstance(v, PersonName)), *names.former(current)]
    new_homes = {v for _, v in now if isinstance(v, Address)}
    homes = [v for about, v in [*context, *past] if about in LOCATION_FIELDS and isinstance(v, Address)]
    births = [v for about, v in [*now, *context] if about is Field.BIRTH_DATE and isinstance(v, PartialDate)]
    emails = [v for about, v in [*context, *past] if about is Field.EMAIL and isinstance(v, str)]
    return Identity(
        national_id=reported,
        former_ids=_former_ids(reported, groups),
        names=tuple(dict.fromkeys(name for name in known_names if name)),
        birth_date=births[0] if births else None,
        addresses=tuple(dict.fromkeys(home for home in homes if home not in new_homes)),
        email=emails[0] if emails else None,
    )


def _former_ids(reported: str | None, groups: Iterable[Group | None]) -> tuple[str, ...]:
    codes: list[str] = []
    for group in groups:
        if group is not None and group_name(group) == "HENKILOTUNNUS_KORJAUS":
            codes += national_ids(group.get("edellisetHenkilotunnukset"))
            old = national_id(group.get("muutettuHenkilotunnus"))
            codes += [old] if old and group.get("voimassaolo") == "PASSIIVI" else []
    return tuple(code for code in dict.fromkeys(codes) if code != reported)


def _effective(facts: Iterable[Fact]) -> PartialDate | None:
    """Return the latest day from which something holds, or else until which something held."""
    facts = list(facts)
    since = [fact.valid_from for fact in facts if fact.kind not in _PAST and fact.valid_from]
    until = [fact.valid_until for fact in facts if fact.kind is FactKind.ENDED and fact.valid_until]
    return max(since or until, key=PartialDate.first_day, default=None)


def _saved(
    reason: str, raw: Mapping[str, Any], groups: Sequence[Group], shield: Shield, envelope: Envelope
) -> Iterable[Change | BadItem]:
    """Yield the order of an element that cannot be read, if it has one, and the element without its places."""
    if shield.protection and shield.protection.active:
        try:
            reported = _reported_id(raw, envelope)
        except Unreadable:
            reported = None
        if reported:
            event_id = digest({"protection": envelope.event_id})
            yield Change(event_id, envelope.position, Identity(national_id=reported), protection=shield.protection)
    kept = raw
    if shield.hides:
        kept = {key: raw[key] for key in ("henkilotunnus", "muutospv") if key in raw}
        kept["tietoryhmat"] = [_without_place(group) for group in groups]
    yield _bad(reason, kept, envelope)


def _without_place(group: Group) -> Group:
    reader = READERS.get(group_name(group))
    if (reader and reader.field not in HIDDEN_FIELDS) or group_name(group) in _KNOWN - READERS.keys():
        return group
    return {key: group[key] for key in ("tietoryhma", "muutosattribuutti") if key in group}


def _bad(reason: str, raw: Any, envelope: Envelope) -> BadItem:
    return BadItem(envelope.event_id, envelope.position, reason, canonical(raw))
