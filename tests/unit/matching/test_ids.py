"""National ids in one spelling."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.matching.normalise.ids import canonical_national_id, comparable_id


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


@pytest.mark.parametrize(
    "spellings",
    [
        ["131005A913L", " 131005a913l\n"],
        ["19900118-9811", "199001189811", "900118-9811", "9001189811", "900118 9811"],
        ["20120118-9808", "120118-9808"],
        ["19120118-9808", "19120118+9808", "120118+9808"],
        ["19900178-9800", "900178-9800"],
        ["991352 99999", "99135299999", "991352-99999"],
        ["991352-9999", "9913529999"],
        ["111222333", "111.222.333", "111 222 333"],
        ["012345672", "12345672", "0123.45.672"],
    ],
)
def test_spellings_of_one_id_are_one(spellings: list[str]) -> None:
    """Finnish, Swedish with and without century, coordination number, Norwegian, Danish and Dutch ones."""
    assert len({comparable_id(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("131052-9052", "131052+9052"),
        ("19120118-9808", "20120118-9808"),
        ("199001189812", "9001189812"),
        ("12345678", "012345678"),
    ],
)
def test_ids_of_different_people_stay_different(one: str, other: str) -> None:
    """Centuries are told apart, and what has a wrong check digit is left as it is."""
    assert comparable_id(one) != comparable_id(other)
