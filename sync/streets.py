"""Taking in the postal operator's lists of names, and putting them to use."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter

import structlog

from sync.errors import ListRefused
from sync.matching.normalise.bilingual import StreetPair, TownPair
from sync.parts import Parts
from sync.ports.store import NameList

log = structlog.get_logger()

BATCH = 1_000
"""Customers whose comparable forms are made anew in one unit of work."""


def take_lists(parts: Parts, lists: Iterable[NameList], *, by: str, whatever_is_lost: bool = False) -> None:
    """Put lists in the place of the earlier ones of their kinds, all of them or none.

    Args:
        parts: what to work with.
        lists: several of one kind make one together.
        by: who does it, for the audit trail.
        whatever_is_lost: also when more than half of what is held is not in them.

    Raises:
        ListRefused: more than half of what is held would go.
    """
    new = [_together(list(same)) for _, same in groupby(sorted(lists, key=_kind), key=_kind)]
    with parts.store.begin() as work:
        for names in new:
            held = work.name_list(names.kind)
            if held is not None and not whatever_is_lost:
                _refuse_losing_half(held, names)
            work.replace_names(names)
        body = {names.kind.value: {"run_on": names.run_on.isoformat(), "entries": names.entries} for names in new}
        work.audit(by, "streets_imported", parts.clock.now(), body)
        work.commit()
    log.info("streets_imported", **body)


def refresh_forms(parts: Parts) -> bool:
    """Make every customer's comparable form anew, with the names that are there now.

    Returns:
        False when it was stopped on the way. Nothing is wrong then: one side that knows both names is enough.
    """
    with parts.store.snapshot() as work:
        total = work.counts().customers
    progress = parts.progress("making comparable forms anew")
    last: int | None = 0
    while last is not None:
        if parts.stopping():
            return False
        with parts.store.begin() as work:
            last = work.refresh_forms(last, BATCH)
            work.commit()
        progress.advance(BATCH if last else 0, total)
    progress.done()
    return True


_kind = attrgetter("kind")


def _together(lists: Sequence[NameList]) -> NameList:
    return NameList(
        kind=lists[0].kind,
        run_on=max(names.run_on for names in lists),
        entries=sum(names.entries for names in lists),
        streets=frozenset[StreetPair]().union(*(names.streets for names in lists)),
        towns=frozenset[TownPair]().union(*(names.towns for names in lists)),
    )


def _refuse_losing_half(held: NameList, new: NameList) -> None:
    """Refuse a list that is smaller by half, or brings less than half of the names that we have."""
    if 2 * new.entries < held.entries:
        raise ListRefused(
            f"the {new.kind.value.upper()} file has {new.entries} entries, the one imported before had {held.entries};"
            " if that is right, import it with --replace"
        )
    for what, old, now in (("streets", held.streets, new.streets), ("towns", held.towns, new.towns)):
        lost = len(old - now)
        if 2 * lost > len(old):
            raise ListRefused(
                f"of {len(old)} {what} imported before, {lost} are not in the {new.kind.value.upper()} file;"
                " if that is right, import it with --replace"
            )
