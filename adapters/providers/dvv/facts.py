"""From groups to facts, by what happened to each (`muutosattribuutti`).

    LISATIETO             context of another group: no fact
    LISATTY, MUUTETTU     set; ended, when `loppupv` is not after the day of the change
    POISTETTU             withdrawn; what is listed as still valid is set
    KORJATTAVA, KORJATTU  one directly after the other: corrected. Alone: withdrawn, set
    none                  base data: set

A `loppupv` in the future is kept as the last day of a value that is set. Without a day to compare it with, which only
happens to a payload read by hand, an ended group is known by being MUUTETTU and not ending in the far future.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from adapters.providers.dvv.groups import READERS, Content, Reader
from adapters.providers.dvv.wire import (
    KORJATTAVA,
    KORJATTU,
    LISATIETO,
    MUUTETTU,
    POISTETTU,
    Group,
    Unreadable,
    attribute,
    group_name,
    is_known_end,
    national_id,
    still_valid,
)
from sync.model import Fact, FactKind, FactValue, Field

_DECLARED_DEAD = "KUOLLEEKSIJULISTAMISPAIVA"
_NEW_ID = "HENKILOTUNNUS_KORJAUS"


@dataclass(slots=True)
class Told:
    """What an element tells.

    Attributes:
        facts: each with the group that it comes from.
        context: values that held before, and still do.
        ignored: groups without a field that is known.
    """

    facts: list[tuple[str, Fact]] = field(default_factory=list)
    context: list[tuple[Field, FactValue]] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)


def tell(groups: Sequence[Group | None], today: date | None) -> Told:
    """Read all groups; None stands where a group may not be read.

    Args:
        groups: in the provider's order.
        today: the day of the change in Finland, or of the look-up.

    Raises:
        Unreadable: a group that is known is not as it should be.
    """
    told = Told()
    for group, wrong in _with_corrected(groups):
        name = group_name(group)
        if name in READERS:
            told.facts += [(name, fact) for fact in _facts_of(group, wrong, today, told)]
    return told


def one_death(facts: Sequence[tuple[str, Fact]]) -> list[Fact]:
    """Leave one statement about death: the day of death beats the day of being declared dead, dead beats a bare no."""
    dead = {name for name, fact in facts if fact.field is Field.DEATH and fact.kind is not FactKind.WITHDRAWN}
    kept = []
    for name, fact in facts:
        second = name == _DECLARED_DEAD and name in dead and len(dead) > 1
        bare_no = fact.kind is FactKind.WITHDRAWN and fact.value is None
        if fact.field is not Field.DEATH or not (second or (dead and bare_no)):
            kept.append(fact)
    return kept


def new_id_only(facts: Sequence[Fact], groups: Sequence[Group | None], reported: str | None) -> list[Fact]:
    """Keep a new national id, and no statement about the one under which the person is reported.

    Raises:
        Unreadable: the id changed, and no group tells the new one.
    """
    others = [fact for fact in facts if fact.field is not Field.NATIONAL_ID]
    ids = [fact for fact in facts if fact.field is Field.NATIONAL_ID]
    changes = [g for g in groups if g is not None and group_name(g) == _NEW_ID and attribute(g) != LISATIETO]
    if changes and not ids:
        # Only the entry of the old id is there, which may still name the active one.
        active = [code for g in changes if (code := national_id(g.get("aktiivinenHenkilotunnus")))]
        ids = [Fact(Field.NATIONAL_ID, FactKind.SET, code) for code in active]
        if not ids and any(attribute(g) is not None for g in changes):
            raise Unreadable("new_national_id_missing")
    return others + [fact for fact in ids if fact.value != reported]


def _with_corrected(groups: Sequence[Group | None]) -> Iterator[tuple[Group, Group | None]]:
    """Yield each group, and with a correction the wrong group directly before it."""
    wrong: Group | None = None
    for group in groups:
        paired = wrong is not None and group is not None and _corrects(group, wrong)
        if wrong is not None and not paired:
            yield wrong, None
        if group is not None and attribute(group) == KORJATTAVA:
            wrong = group
            continue
        if group is not None:
            yield group, wrong if paired else None
        wrong = None
    if wrong is not None:
        yield wrong, None


def _corrects(group: Group, wrong: Group) -> bool:
    return attribute(group) == KORJATTU and group_name(group) == group_name(wrong)


def _facts_of(group: Group, wrong: Group | None, today: date | None, told: Told) -> Iterator[Fact]:
    reader = READERS[group_name(group)]
    said = attribute(group)
    content = _content(reader, group, told)
    if said == LISATIETO:
        if content and content.value is not None:
            told.context.append((reader.field, content.value))
        return
    if wrong is not None:
        yield from _correction(reader.field, content, _content(reader, wrong, told), today)
    elif said in (POISTETTU, KORJATTAVA):
        yield from _withdrawal(reader.field, content)
    elif content:
        yield _statement(reader.field, content, today, over_if_undated=said == MUUTETTU)
    for entry in still_valid(group) if said != KORJATTAVA else ():
        if valid := _content(reader, entry, told):
            yield _statement(reader.field, valid, today)


def _content(reader: Reader, group: Group, told: Told) -> Content | None:
    if not reader.undocumented:
        return reader.read(group)
    try:
        content = reader.read(group)
    except Unreadable:
        content = None
    if content and content.value is not None:
        return content
    told.ignored[group_name(group)] += 1
    return None


def _statement(about: Field, content: Content, today: date | None, *, over_if_undated: bool = False) -> Fact:
    if not content.holds:
        return Fact(about, FactKind.WITHDRAWN, None)
    over = _is_over(content, today, if_undated=over_if_undated)
    if content.value is None and not over:
        raise Unreadable("value_missing")
    kind = FactKind.ENDED if over else FactKind.SET
    return Fact(about, kind, content.value, content.valid_from, content.valid_until)


def _is_over(content: Content, today: date | None, *, if_undated: bool) -> bool:
    end = content.valid_until
    if end is None or not is_known_end(end):
        return False
    return if_undated if today is None else end.last_day() <= today


def _withdrawal(about: Field, content: Content | None) -> Iterator[Fact]:
    if content and content.holds:
        yield Fact(about, FactKind.WITHDRAWN, content.value, content.valid_from, content.valid_until)


def _correction(about: Field, right: Content | None, wrong: Content | None, today: date | None) -> Iterator[Fact]:
    if right is None or not right.holds:
        yield from _withdrawal(about, wrong)
    elif wrong is None or not wrong.holds:
        yield _statement(about, right, today)
    elif right.value is None:
        raise Unreadable("value_missing")
    else:
        yield Fact(about, FactKind.CORRECTED, right.value, right.valid_from, right.valid_until, wrong=wrong.value)
