"""All ways of writing a foreign name in Latin letters meet, and Finnish names stay apart."""
# ruff: noqa: RUF001 - letters that look like Latin ones are what this is about

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.matching.normalise.name import fold_name, name_forms, sound
from sync.matching.normalise.romanisation import CLUSTERS, GLIDES, HAS_CLUSTER, HAS_GLIDE, romanised
from sync.matching.normalise.transliteration import latin
from sync.model import PersonName

ONE_NAME = [
    "Юрий Yuri Juri Jurij Iurii Yury Yuriy Jurii",
    "Щербаков Shcherbakov Štšerbakov Stserbakov Schtscherbakow Sjtjerbakov Szczerbakow Ščerbakov",
    "Хрущёв Хрущев Khrushchev Khrushchyov Hruštšov Hruštšev Chruschtschow Chruščov",
    "Евгений Yevgeni Jevgeni Evgeny Evgenii Yevgeniy Evgenij Jevgenij",
    "Горбачёв Gorbachev Gorbatšov Gorbatsov Gorbatschow Gorbatjov Gorbaczow",
    "Чехов Chekhov Tšehov Tsehov Tschechow Tjechov Czechow",
    "Михаил Mikhail Mihail Michail",
    "Татьяна Tatiana Tatyana Tatjana",
    "Наталья Natalia Natalya Natalja",
    "Мария Mariia Mariya Marija Maria",
    "Юлия Iuliia Yuliya Julija Yulia Julia",
    "Елена Elena Yelena Jelena",
    "Екатерина Ekaterina Yekaterina Jekaterina",
    "Фёдор Fedor Fyodor Fjodor",
    "Сергеев Sergeev Sergejev Sergeyev",
    "Николаев Nikolaev Nikolajev Nikolayev",
    "Васильев Vasilev Vasiliev Vasilyev Vasiljev",
    "Достоевский Dostoevsky Dostoevskii Dostojevski Dostoyevsky Dostojewski Dostojevskij",
    "Абрамович Abramovich Abramovitš Abramowitsch Abramovitj Abramovič",
    "Шевченко Shevchenko Ševtšenko Sevtsenko Schewtschenko Sjevtjenko",
    "Александр Aleksandr Alexandr",
    "Смирнов Smirnov Smirnow Smirnoff",
    "Дмитрий Dmitrii Dmitri Dmitry Dmitriy Dmitrij",
    "Кирилл Kirill Kiril",
    "Зоя Zoia Zoya Zoja",
    "Сергій Serhii Serhiy Serhij",
    "Євген Yevhen Ievhen Jevhen",
    "Παπαδόπουλος Papadopoulos",
]
DIFFERENT = [
    "Jenni Enni",
    "Marja Maria",
    "Tarja Taria",
    "Saari Sari",
    "Aaro Aro Ari",
    "Aada Ada",
    "Liisa Lisa",
    "Niina Nina",
    "Piia Pia",
    "Miia Mia",
    "Kari Karri Kaari",
    "Manninen Maninen",
    "Mattila Matila",
    "Niemi Nemi",
    "Tyyne Tiine",
    "Hyvönen Hivonen",
    "Laine Leino Laina",
    "Virtanen Virtala",
    "Khan Han Chan",
    "Ivanov Ivanova",
    "Petrov Popov",
    "Gunnbjörg Gunnberg",
    "Kristjón Kristen",
    "Ieva Eva",
]


@pytest.mark.parametrize("spellings", ONE_NAME)
def test_all_spellings_of_a_foreign_name_meet(spellings: str) -> None:
    """In the romanised form, and so under one blocking key."""
    names = [fold_name(spelling) for spelling in spellings.split()]
    assert len({romanised(name) for name in names}) == 1
    assert len({sound(name) for name in names}) == 1


@pytest.mark.parametrize("name", ["Кузнецов Kuznetsov Kuznecov Kusnezow", "Жуков Zhukov Žukov Zjukov Schukow"])
def test_what_only_the_ear_tells_meets_under_one_key(name: str) -> None:
    """German writes one letter for two sounds: good enough for finding, not for comparing."""
    assert len({sound(fold_name(spelling)) for spelling in name.split()}) == 1


@pytest.mark.parametrize("names", DIFFERENT)
def test_names_that_a_letter_tells_apart_stay_apart(names: str) -> None:
    """Neither folding nor the coarser romanised form makes one of two names that are people's own."""
    for one, other in combinations(names.split(), 2):
        assert fold_name(one) != fold_name(other)
        assert romanised(fold_name(one)) != romanised(fold_name(other))


@pytest.mark.parametrize("names", ["Virtanen Wirtanen", "Karl Carl", "Aleksi Alexi", "Tanja Tania", "Eric Erik"])
def test_spellings_are_one_only_in_the_romanised_form(names: str) -> None:
    """A folded name keeps v from w, k from c, ks from x and j from i."""
    one, other = names.split()
    assert fold_name(one) != fold_name(other)
    assert romanised(fold_name(one)) == romanised(fold_name(other))


def test_a_name_in_cyrillic_folds_to_what_its_passport_says() -> None:
    """Also with its stress marked; a Ukrainian one by the rules of Ukraine."""
    assert fold_name("ЩЕРБАКО\u0301В Юрий") == "shcherbakov iurii"
    assert fold_name("Сергій") == "serhii"
    assert latin("Сергей".casefold()) == "sergei"
    forms = name_forms(PersonName("Иванов", "Иван Петрович", "Иван"))
    assert forms.surname_folded == "ivanov"
    assert forms.given_folded == ("ivan", "petrovich")
    assert (forms.head, forms.calling) == ("ivan", "иван")


def test_greek_is_read_as_passports_do() -> None:
    """Two letters for one sound, and accents."""
    assert fold_name("Γιώργος Μπάμης Ευάγγελος") == "giorgos bamis evangelos"


@given(st.text() | st.text(st.characters(min_codepoint=0x370, max_codepoint=0x52F)) | st.text("abcehijkosтщьzv"))
def test_no_text_breaks_it(text: str) -> None:
    """The romanised form of anything is its own, and transliterating twice changes nothing."""
    folded = fold_name(text)
    assert fold_name(folded) == folded
    assert romanised(romanised(folded)) == romanised(folded)
    assert latin(latin(text)) == latin(text)


@given(st.text("aeioujybcdfghklmnprstqvz", max_size=10), st.text("aeioujybcCdfghklmnprstvz", max_size=10))
def test_no_rule_is_passed_over(word: str, settled: str) -> None:
    """A word in which the first look finds nothing is one that no rule would change."""
    assert HAS_CLUSTER.search(word) or not any(pattern.search(word) for pattern, _ in CLUSTERS)
    assert HAS_GLIDE.search(settled) or not any(pattern.search(settled) for pattern, _ in GLIDES)
