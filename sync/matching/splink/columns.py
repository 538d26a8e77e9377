"""The flat columns that exported conditions speak of: what is compared, folded to plain letters where possible."""

from itertools import zip_longest

from sync.matching.compare.surname import is_no_surname
from sync.matching.normalise.email import host_of_own_name, mailbox
from sync.matching.normalise.name import NameForms
from sync.matching.normalise.no_name import NO_GIVEN_NAMES, is_letter
from sync.matching.normalise.romanisation import romanised
from sync.matching.prepared import Prepared
from sync.matching.splink.evaluate import Row, Value

COUNTED = ("surname", "given_name", "given_names", "birth_date", "phone", "email")
"""Frequency tables of which Splink can have its own: the values are counted in the columns `<table>_counted`."""
FURTHER = ("given_second", "given_third", "given_fourth")
"""Columns of the given names behind the first; whoever has more of them is compared by these."""
_NO_NAME = NameForms("", "", frozenset(), (), (), frozenset(), "", "")
_SOMEBODY = _NO_NAME._replace(given=("n",), given_folded=("n",), head="n")
_DAY, _MONTH, _YEAR = 8, 6, 4


def splink_row(person: Prepared) -> Row:
    """Return a person's columns, None where there is nothing; of several names only the current one.

    They hold what the person is called and when they were born: keep them as the register itself is kept.
    """
    name = person.names[0] if person.names else _NO_NAME
    row = {**_surname(name), **_given_names(name), **_others(person)}
    return {column: value or None for column, value in row.items()}


def _surname(name: NameForms) -> Row:
    folded = name.surname_folded
    if not folded:
        return dict.fromkeys(("surname", "surname_folded", "surname_romanised", "surname_known", "surname_parts")) | {
            "surname_counted": name.head
        }
    known = not is_no_surname(folded)
    return {
        "surname": name.surname,
        "surname_folded": folded,
        "surname_romanised": romanised(folded),
        "surname_known": folded if known else None,
        "surname_parts": sorted(name.surname_parts) if known else None,
        "surname_counted": folded,
    }


def _given_names(name: NameForms) -> Row:
    if not name.given_folded:
        return dict.fromkeys(_given_names(_SOMEBODY)) | {"given_name_counted": name.head}
    several, whole = len(name.given) > 1, " ".join(name.given)
    letters = {given[0] for given in name.given_folded}
    return {
        "given_names": whole,
        "given_several": whole if several else None,
        "given_single": None if several else whole,
        "given_calling": name.calling,
        "given_set": sorted(name.given_set),
        "given_and_initials": sorted(name.given_set | letters),
        "given_together": "".join(name.given_folded),
        "given_head": name.head,
        "given_head_romanised": romanised(name.head),
        "given_head_known": None if name.head in NO_GIVEN_NAMES else name.head,
        "given_head_word": None if name.head in NO_GIVEN_NAMES or is_letter(name.head) else name.head,
        **_further(name.given_folded[1:]),
        "given_name_counted": name.head,
        "given_names_counted": " ".join(name.given_folded) if several else None,
    }


def _further(names: tuple[str, ...]) -> Row:
    row: dict[str, Value] = dict(zip_longest(FURTHER, names[: len(FURTHER)]))
    return row | {
        "given_further": sorted(set(names)),
        "given_further_letters": sorted({name[0] for name in names}),
        "given_further_initials": sorted({name for name in names if len(name) == 1}),
    }


def _others(person: Prepared) -> Row:
    born = person.birth_date
    return {
        "birth_date": born if len(born) == _DAY else None,
        "birth_month": born[:_MONTH] if len(born) >= _MONTH else None,
        "birth_year": born[:_YEAR],
        "birth_date_counted": born,
        "phone": person.phone,
        "phone_counted": person.phone,
        "email": person.email,
        "email_counted": person.email,
        "mailbox": mailbox(person.email) if person.email else None,
        "email_host_of_own_name": host_of_own_name(person.email, person.names),
        "sex": person.sex,
    }
