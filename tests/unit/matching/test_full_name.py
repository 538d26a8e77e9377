"""Whole names taken apart, junior and senior, and beginnings of surnames."""
# ruff: noqa: RUF001 - letters that look like Latin ones are among them

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.matching.normalise.full_name import parse_full_name
from sync.matching.normalise.generation import generation
from sync.matching.normalise.name import name_forms
from sync.model import PersonName
from tests.unit.matching.people import few_words


@pytest.mark.parametrize(
    ("text", "surname", "given_names"),
    [
        ("Virtanen, Matti Juhani", "Virtanen", "Matti Juhani"),
        ("Matti Juhani Virtanen", "Virtanen", "Matti Juhani"),
        ("  Matti   Virtanen ", "Virtanen", "Matti"),
        ("VIRTANEN Matti", "VIRTANEN", "Matti"),
        ("Matti J. VIRTANEN", "VIRTANEN", "Matti J."),
        ("Anna Maija KOE-VIRTANEN", "KOE-VIRTANEN", "Anna Maija"),
        ("McDONALD Anna", "McDONALD", "Anna"),
        ("Carl von ESSEN", "von ESSEN", "Carl"),
        ("VAN DER BERG Anna", "VAN DER BERG", "Anna"),
        ("MATTI VIRTANEN", "VIRTANEN", "MATTI"),
        ("M. VIRTANEN", "VIRTANEN", "M."),
        ("Virtanen Matti Juhani", "Virtanen", "Matti Juhani"),
        ("Andersson Anna", "Andersson", "Anna"),
        ("Anna Virtanen", "Virtanen", "Anna"),
        ("von Essen Carl", "von Essen", "Carl"),
        ("Von Essen Carl Gustaf", "Von Essen", "Carl Gustaf"),
        ("Carl von Essen", "von Essen", "Carl"),
        ("von Essen", "von Essen", ""),
        ("Maria de la Cruz", "de la Cruz", "Maria"),
        ("Ahmed bin Ali", "bin Ali", "Ahmed"),
        ("van der Berg, Anna", "van der Berg", "Anna"),
        ("Van Nguyen", "Nguyen", "Van"),
        ("Mary O Koe", "O Koe", "Mary"),
        ("Matti O. Koe", "Koe", "Matti O."),
        ("Иванов Иван Иванович", "Иванов", "Иван Иванович"),
        ("Иван Иванович Иванов", "Иванов", "Иван Иванович"),
        ("Dr. Matti Virtanen", "Virtanen", "Matti"),
        ("Prof. Dr. Anna Koe", "Koe", "Anna"),
        ("rouva Anna Koe", "Koe", "Anna"),
        ("Koe, Dr. Anna", "Koe", "Anna"),
        ("Matti Virtanen, PhD", "Virtanen", "Matti"),
        ("Herr Virtanen", "Virtanen", ""),
        ("Madonna", "Madonna", ""),
        ("Mr", "Mr", ""),
        ("", "", ""),
        (" , ", "", ""),
    ],
)
def test_a_whole_name_is_taken_apart(text: str, surname: str, given_names: str) -> None:
    """Comma, capitals, particles and endings tell the surname; titles are left out."""
    assert parse_full_name(text) == PersonName(surname, given_names)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Dr. Matti Virtanen jr.", "junior"),
        ("Matti Virtanen nuorempi", "junior"),
        ("Matti Virtanen d.y.", "junior"),
        ("Virtanen, Matti, Sr.", "senior"),
        ("Virtanen vanhempi, Matti", "senior"),
        ("Matti Virtanen d.ä.", "senior"),
        ("Virtanen, Matti Jr", "junior"),
        ("Matti Virtanen, III", "3"),
        ("Matti Virtanen", ""),
    ],
)
def test_a_suffix_tells_the_generation_and_is_no_part_of_the_name(text: str, told: str) -> None:
    """Wherever it stands; the name compares as if it were not there."""
    name = parse_full_name(text)
    assert generation(name) == told
    assert name.surname == "Virtanen"
    assert name_forms(name) == name_forms(PersonName("Virtanen", "Matti"))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (PersonName("Virtanen nuorempi", "Matti"), "junior"),
        (PersonName("Virtanen", "Matti Sr."), "senior"),
        (PersonName("Virtanen d.y.", "Matti"), "junior"),
        (PersonName("Virtanen den äldre", "Matti"), "senior"),
        (PersonName("Virtanen", "Matti II"), "2"),
        (PersonName("VIRTANEN JR", "MATTI"), "junior"),
    ],
)
def test_a_suffix_in_an_ordinary_field_is_told_too(name: PersonName, told: str) -> None:
    """Registers put it behind either name."""
    assert generation(name) == told
    assert name_forms(name) == name_forms(PersonName("Virtanen", "Matti"))


@pytest.mark.parametrize(
    "name",
    [PersonName("Silva", "Junior"), PersonName("Junior", "Anna"), PersonName("Koe", "Anna D. Y."), PersonName("", "")],
)
def test_a_name_that_could_be_a_suffix_stays(name: PersonName) -> None:
    """Junior is somebody's name, and D and Y are initials."""
    assert generation(name) == ""
    assert " ".join(name_forms(name).given) == name.given_names.replace(".", "").lower()
    assert name_forms(name).surname == name.surname.lower()


@pytest.mark.parametrize(
    "spellings",
    [
        ["O'Brien", "OBrien", "O Brien", "O\u2019BRIEN", "o`brien"],
        ["McDonald", "Mc Donald", "MC DONALD", "Mc-Donald"],
        ["MacDonald", "Mac Donald"],
        ["D'Angelo", "Dangelo", "D Angelo"],
        ["von Essen", "Essen", "VON ESSEN"],
        ["van der Berg", "Berg", "van den Berg"],
        ["de la Cruz", "Cruz", "De La Cruz"],
        ["al-Hassan", "Hassan", "Al Hassan", "bin Hassan", "ibn Hassan"],
        ["García y Vega", "Garcia Vega", "García-Vega"],
        ["Müller", "Mueller", "Muller", "MUELLER"],
        ["Weiß", "Weiss", "WEISS"],
        ["Sørensen", "Sörensen", "Sorensen", "Soerensen"],
        ["Kjær", "Kjaer"],
        ["Ågård", "Aagaard", "Agard"],
        ["Håkonsen", "Haakonsen"],
        ["Õunapuu", "Ounapuu"],
        ["Šešok", "Sesok"],
        ["Þórsson", "Thorsson"],
        ["Guðmundsson", "Gudmundsson"],
        ["Wałęsa", "Walesa"],
        ["Dvořák", "Dvorak"],
        ["Yıldız", "Yildiz", "YILDIZ"],
        ["Çelik", "Celik"],
        ["İnönü", "Inonu"],
        ["Ionescu-Țăranu", "Ionescu-Ţăranu", "Ionescu Taranu"],
        ["Nguyễn", "Nguyen"],
        ["Đặng", "Dang"],
    ],
)
def test_surnames_of_many_languages_fold_alike(spellings: list[str]) -> None:
    """With marks or without, tied or apart, with particles or without."""
    assert len({name_forms(PersonName(spelling, "")).surname_folded for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("apart", "together"), [("al-Hassan", "Alhassan"), ("van der Berg", "Vanderberg"), ("von Essen", "Vonessen")]
)
def test_a_particle_written_together_with_the_name_is_one_of_its_parts(apart: str, together: str) -> None:
    """So that both are found and compared."""
    one, other = (name_forms(PersonName(text, "")) for text in (apart, together))
    assert not one.surname_parts.isdisjoint(other.surname_parts)


def test_a_particle_behind_the_given_names_belongs_to_the_surname() -> None:
    """Registers that sort by the name itself write "Essen, Carl von"."""
    assert name_forms(PersonName("Essen", "Carl von")).given == ("carl",)
    assert name_forms(PersonName("Essen", "von")).given == ("von",)


@pytest.mark.parametrize("name", ["Michael", "Joel", "Joe", "Samuel", "Bauer", "Nikolaev", "Manuel", "Enrique"])
def test_vowels_that_stand_for_no_umlaut_stay(name: str) -> None:
    """They are the name."""
    assert name_forms(PersonName(name, name)).surname_folded == name.lower()
    assert name_forms(PersonName(name, name)).head == name.lower()


@given(
    st.text() | st.text(st.characters()) | st.lists(few_words | st.sampled_from(["jr", "Dr.", ",", "de"])).map(" ".join)
)
def test_no_text_breaks_it_and_nothing_is_invented(text: str) -> None:
    """Whatever is written, what comes of it can be compared, and holds no word that was not there."""
    name = parse_full_name(text)
    name_forms(name)
    assert generation(name) in {"", "junior", "senior", "2", "3", "4"}
    assert len(str(name)) <= len(text) + 1 or generation(name)


@given(few_words, few_words)
def test_case_and_decomposition_make_no_other_name(surname: str, given_names: str) -> None:
    """Capitals and NFD compare as the name does."""
    name = name_forms(PersonName(surname, given_names))
    assert name == name_forms(PersonName(surname.upper(), given_names.upper()))
    assert name == name_forms(
        PersonName(unicodedata.normalize("NFD", surname), unicodedata.normalize("NFD", given_names))
    )
