"""Made-up things that were said of somebody's address."""

from hypothesis import strategies as st

from sync.model import FactKind, HeldFact
from tests.unit.applying.said import DVV, FOUND, POST, STAFF, A, B, C, said

PLACES = [A, B, C]
SAID = list(FactKind)
DAYS = [None, "2020-01-01", "2026-11-01", "2026-11-10", "2026-12-01"]


@st.composite
def histories(draw: st.DrawFn) -> list[HeldFact]:
    """Make up statements that often share their moment; every one is an event of its own."""
    facts = []
    for number in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from([FactKind.SET, FactKind.SET, *SAID]))
        value = draw(st.sampled_from(PLACES))
        held = said(
            None if kind in (FactKind.ENDED, FactKind.WITHDRAWN) and draw(st.booleans()) else value,
            draw(st.sampled_from(DAYS)),
            kind=kind,
            until=draw(st.sampled_from([None, "2026-11-15", "2026-12-15"])),
            wrong=draw(st.sampled_from(PLACES)) if kind is FactKind.CORRECTED else None,
            source=draw(st.sampled_from([DVV, POST, STAFF, FOUND])),
            hours=draw(st.integers(0, 2)),
            learned=draw(st.integers(0, 3)),
            event=f"e{number}",
            cancelled=draw(st.integers(0, 9)) == 0,
        )
        facts.append(held)
    return facts
