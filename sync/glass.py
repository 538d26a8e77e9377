"""Breaking the glass: in need somebody is told, for a while, what is hidden of a customer (trust rule P13).

Of a customer under an order no location is kept, so that none is told; what is told is since when the orders are in force, when
and by whom places were spoken of, and, of somebody of whom nobody has said whether there is an order, their past places.
"""

from collections.abc import Container
from datetime import timedelta
from enum import StrEnum

import structlog

from sync.holding import customer_of
from sync.parts import Parts, RegisterParts
from sync.ports.store import Opening

log = structlog.get_logger()

TIME_BOX = timedelta(minutes=15)


class Need(StrEnum):
    """Why the glass is broken: what makes the processing lawful, GDPR Art. 6(1) and 15."""

    VITAL_INTERESTS = "vital_interests"  # Art. 6(1)(d): danger to somebody's life or health
    LEGAL_OBLIGATION = "legal_obligation"  # Art. 6(1)(c): a court or an authority demands it
    ACCESS_REQUEST = "access_request"  # Art. 15: the person themselves asked, identity checked


def break_glass(parts: Parts, register: RegisterParts, key: str, need: Need, *, by: str, reader: str) -> Opening:
    """Let a reader be told what is hidden of a customer, for a quarter of an hour; audited; a daemon warns of it.

    Args:
        parts: what to work with.
        register: the customer's register.
        key: the register's own key.
        need: why.
        by: name of the person who answers for it.
        reader: as whom they read afterwards.

    Raises:
        NotFound: the register has no such record.
    """
    now = parts.clock.now()
    with parts.store.begin() as work:
        customer = customer_of(work, register, key)
        opening = work.open_glass(Opening(customer.id, register.name, reader, need.value, now, now + TIME_BOX))
        # Of whom it was stands in the opening, which goes in time: nothing can be taken out of the chain.
        work.audit(by, "glass_broken", now, {"register": register.name, "opening": opening.id, "need": need.value})
        work.commit()
    return opening


def warn_of_openings(parts: Parts, warned: Container[int]) -> set[int]:
    """Warn in the log of views that are open and were not warned of; a command's own log goes to whoever gave it.

    Returns:
        our own numbers of those that are open now.
    """
    now = parts.clock.now()
    with parts.store.snapshot() as work:
        current = [opening for opening in work.openings() if opening.at <= now < opening.until]
    for opening in current:
        if opening.id not in warned:
            named = {"register": opening.register, "reader": opening.reader, "need": opening.need}
            log.warning("glass_broken", opening=opening.id, **named)
    return {opening.id for opening in current}
