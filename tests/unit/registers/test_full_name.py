"""A whole name in one column is taken apart and put together again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.registers.flat import FlatSettings, RowMapping
from adapters.registers.flat.full_name import print_full_name, read_full_name
from sync.model import Field, PersonName

ORDERS = ["surname given", "given surname"]


@pytest.mark.parametrize(
    ("text", "order", "surname", "given_names"),
    [
        ("Virtanen Maija Liisa", "surname given", "Virtanen", "Maija Liisa"),
        ("Maija Liisa Virtanen", "given surname", "Virtanen", "Maija Liisa"),
        ("von Essen Anna", "surname given", "von Essen", "Anna"),
        ("Anna von Essen", "given surname", "von Essen", "Anna"),
        ("Virtanen Korhonen, Maija", "surname given", "Virtanen Korhonen", "Maija"),
        ("VIRTANEN,MAIJA", "given surname", "VIRTANEN", "MAIJA"),
        ("Virtanen", "surname given", "Virtanen", ""),
        ("Virtanen", "given surname", "Virtanen", ""),
        ("Van Minh", "given surname", "Minh", "Van"),
    ],
)
def test_names_are_taken_apart(text: str, order: str, surname: str, given_names: str) -> None:
    """Particles go with the surname, a comma decides."""
    assert read_full_name(text, order) == PersonName(surname, given_names)


@pytest.mark.parametrize(
    ("order", "text"), [("surname given", "Virtanen Maija Liisa"), ("given surname", "Maija Liisa Virtanen")]
)
def test_names_are_printed_plainly(order: str, text: str) -> None:
    """No comma is put where the order alone tells the parts."""
    assert print_full_name(PersonName("Virtanen", "Maija Liisa"), order) == text


words = st.text("abcdeäöÅ-", min_size=1, max_size=6) | st.sampled_from(["von", "de", "af"])
several = st.lists(words, min_size=1, max_size=3).map(" ".join)


@given(surname=several, given_names=several | st.just(""), order=st.sampled_from(ORDERS))
def test_a_printed_name_reads_as_itself(surname: str, given_names: str, order: str) -> None:
    """Whatever the parts, reading a printed name gives them back."""
    name = PersonName(surname, given_names)
    assert read_full_name(print_full_name(name, order), order) == name


def test_the_calling_name_has_its_own_column() -> None:
    """The calling name is read and written beside the whole name, and emptied with it."""
    rows = RowMapping(FlatSettings(columns={"full_name": "nimi", "calling_name": "kutsumanimi"}))
    name = PersonName("Virtanen", "Maija Liisa", "Liisa")
    row = {"full_name": "Virtanen Maija Liisa", "calling_name": "Liisa"}
    assert rows.values(row) == {Field.NAME: name}
    assert rows.print({Field.NAME: name}, None) == row
    assert rows.print({Field.NAME: None}, None) == dict.fromkeys(row)
