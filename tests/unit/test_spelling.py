"""The fast spelling of JSON is the one spelling: commitments and their comparison may take either."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.store.spelling import canonical_whole
from sync.model.codec import canonical

WHOLE = st.none() | st.booleans() | st.integers() | st.text() | st.text(st.characters(categories=["Cs", "Cc", "Ll"]))
DATA = st.recursive(WHOLE, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


@settings(max_examples=1_000, deadline=None)
@given(DATA)
def test_both_libraries_spell_alike(data: Any) -> None:
    """Any text, half characters and control characters included, and any whole number."""
    assert canonical_whole(data) == canonical(data)
