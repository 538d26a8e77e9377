"""National ids in one spelling."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.matching.normalise.ids import canonical_national_id


@pytest.mark.parametrize("sign", "+-YXWVUABCDEF")
def test_every_century_sign_is_known(sign: str) -> None:
    """Old and new signs are valid; the sign is part of the id."""
    assert canonical_national_id(f" 131052{sign.lower()}9052\n") == f"131052{sign}9052"


@pytest.mark.parametrize(
    "text",
    ["", "131052-9053", "310252-9052", "131052-905", "131052-0012", "131052 9052", "131052-905\u0662", "x" * 10_000],
)
def test_what_is_no_id_is_none(text: str) -> None:
    """A wrong check character, an impossible date and foreign digits are refused."""
    assert canonical_national_id(text) is None


@settings(deadline=None)
@given(st.text() | st.from_regex(r"[0-3][0-9][01][0-9]{3}[-+A-FU-Y][0-9]{3}[0-9A-Y]", fullmatch=True))
def test_no_text_breaks_it_and_the_result_is_its_own_canonical_form(text: str) -> None:
    """Anything gives an id or None; an id gives itself."""
    found = canonical_national_id(text)
    assert found is None or canonical_national_id(found) == found
