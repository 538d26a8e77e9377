"""What the name-change groups add: the calling name, former names, and a name made whole from its parts.

`HENKILON_NIMI` tells all given names and the surname. `NIMENMUUTOS`, `NIMENMUUTOS_LAAJA` and `KUTSUMANIMI` tell one
part each. A part that changed becomes a fact only where the element tells the rest of the name too, as context or as
other parts; a name with a hole in it would blank what the register holds. Otherwise the groups count as ignored.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from adapters.providers.dvv.groups import full_name
from adapters.providers.dvv.wire import (
    KORJATTAVA,
    LISATIETO,
    POISTETTU,
    Group,
    attribute,
    day,
    group_name,
    is_known_end,
    still_valid,
    text,
)
from sync.model import Fact, FactKind, Field, PartialDate, PersonName

NAME_GROUPS = frozenset({"NIMENMUUTOS", "NIMENMUUTOS_LAAJA", "KUTSUMANIMI"})

_GIVEN = "NYKYINEN_ETUNIMI"
_SURNAME = "NYKYINEN_SUKUNIMI"
_CALLING = "NYKYINEN_KUTSUMANIMI"
_FORMER_GIVEN = frozenset({"EDELLINEN_ETUNIMI"})
_FORMER_SURNAME = frozenset({"EDELLINEN_SUKUNIMI", "VIIMEKSI_NAIMATTOMANA_OLLESSA_OLLUT_SUKUNIMI"})


@dataclass(frozen=True, slots=True)
class _Part:
    kind: str
    name: str
    since: PartialDate | None
    until: PartialDate | None
    changed: bool
    group: str


class Names:
    """The name parts of one element."""

    def __init__(self, groups: Sequence[Group]) -> None:
        """Read the parts.

        Raises:
            Unreadable: a part is not of its type.
        """
        self._parts = [part for group in groups if group_name(group) in NAME_GROUPS for part in _parts_of(group)]
        self._context = _context_name(groups)

    def current(self, facts: Sequence[Fact]) -> PersonName | None:
        """Return the name that the element says the person has now."""
        said = [fact.value for fact in facts if _names_now(fact) and isinstance(fact.value, PersonName)]
        return said[-1] if said else self._context

    def complete(self, facts: Sequence[Fact]) -> list[Fact]:
        """Give name facts the calling name, or add the name fact that the parts make up."""
        if any(_names_now(fact) for fact in facts):
            return [self._with_calling_name(fact) for fact in facts]
        name, changed = self._whole(), self._changed()
        if name is None or not changed:
            return list(facts)
        return [*facts, Fact(Field.NAME, FactKind.SET, name, valid_from=max(changed, key=_recency).since)]

    def unused(self, facts: Sequence[Fact]) -> tuple[str, ...]:
        """Return the names of the groups whose change no fact tells."""
        if any(_names_now(fact) for fact in facts):
            return ()
        return tuple(part.group for part in self._changed())

    def former(self, current: PersonName | None) -> Iterator[PersonName]:
        """Yield former names: each former part, beside what was left behind on the same day or else is current."""
        surnames = [part for part in self._parts if part.kind in _FORMER_SURNAME]
        given_names = [part for part in self._parts if part.kind in _FORMER_GIVEN]
        for part in surnames:
            given = _left_together(part, given_names) or (current.given_names if current else "")
            if given:
                yield PersonName(surname=part.name, given_names=given)
        for part in given_names:
            surname = _left_together(part, surnames) or (current.surname if current else "")
            if surname:
                yield PersonName(surname=surname, given_names=part.name)

    def _now(self, kind: str) -> _Part | None:
        parts = [part for part in self._parts if part.kind == kind and not is_known_end(part.until)]
        return max(parts, key=_recency, default=None)

    def _changed(self) -> list[_Part]:
        parts = (self._now(kind) for kind in (_GIVEN, _SURNAME, _CALLING))
        return [part for part in parts if part and part.changed]

    def _whole(self) -> PersonName | None:
        given, surname, calling = self._now(_GIVEN), self._now(_SURNAME), self._now(_CALLING)
        given_names = given.name if given else (self._context.given_names if self._context else "")
        family_name = surname.name if surname else (self._context.surname if self._context else "")
        if not (given_names and family_name):
            return None
        return PersonName(family_name, given_names, calling.name if calling else None)

    def _with_calling_name(self, fact: Fact) -> Fact:
        calling = self._now(_CALLING)
        if calling is None or not _names_now(fact) or not isinstance(fact.value, PersonName):
            return fact
        return replace(fact, value=replace(fact.value, calling_name=calling.name))


def _names_now(fact: Fact) -> bool:
    return fact.field is Field.NAME and fact.kind in (FactKind.SET, FactKind.CORRECTED)


def _parts_of(group: Group) -> Iterator[_Part]:
    said = attribute(group)
    if said == KORJATTAVA:
        return
    for entry in still_valid(group) if said == POISTETTU else (group,):
        name = text(entry, "nimiUTF8", "nimi")
        if name:
            kind = text(entry, "nimilaji") or (_CALLING if group_name(group) == "KUTSUMANIMI" else "")
            since, until = day(entry, "alkupv"), day(entry, "loppupv")
            yield _Part(kind, name, since, until, said != LISATIETO, group_name(group))


def _context_name(groups: Sequence[Group]) -> PersonName | None:
    context = [g for g in groups if group_name(g) == "HENKILON_NIMI" and attribute(g) == LISATIETO]
    return full_name(context[0]) if context else None


def _recency(part: _Part) -> tuple[date, bool, str]:
    # The group of its own beats the list of name changes; the text only makes the choice the same every time.
    return part.since.first_day() if part.since else date.min, part.group == "KUTSUMANIMI", part.name


def _left_together(part: _Part, others: Sequence[_Part]) -> str | None:
    names = [other.name for other in others if part.until and other.until == part.until]
    return names[0] if names else None
