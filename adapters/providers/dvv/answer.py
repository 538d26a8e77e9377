"""From the body of an answer to what it says."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from adapters.providers.dvv.cursor import Cursor
from adapters.providers.dvv.element import Element, Envelope, read_element
from adapters.providers.dvv.wire import attribute, digest, log_key, read_json
from sync.errors import PageMalformed
from sync.ports.provider import Page


def read_key(body: bytes) -> int:
    """Read an answer of `/kirjausavain`.

    Raises:
        PageMalformed: it has no log key.
    """
    return log_key(_object(read_json(body)).get("viimeisinKirjausavain"))


def read_changes(body: bytes, position: Cursor, bucket: int) -> Page:
    """Read an answer of `/muutokset`.

    Args:
        body: of the answer.
        position: from where it was asked.
        bucket: whose ids were asked about.

    Raises:
        PageMalformed: the page as a whole cannot be read.
    """
    answer = _object(read_json(body))
    key = log_key(answer.get("viimeisinKirjausavain"))
    moved, round_ends = position.after(bucket, key, up_to_date=_up_to_date(answer))
    return _changes(answer, position.keys[bucket], moved.write(), up_to_date=round_ends)


def read_base_data(body: bytes, asked_on: date | None, *, first: int) -> tuple[list[Element], set[str]]:
    """Read an answer of `/perustiedot`; returns what became of each person, and the ids that were answered for.

    Args:
        body: of the answer.
        asked_on: day of the look-up.
        first: place of the first person among all who were asked for.

    Raises:
        PageMalformed: the answer as a whole cannot be read.
    """
    persons = _persons(_object(read_json(body)))
    return _base(persons, asked_on, first=first), set(_ids_of(persons))


def read_payload(payload: bytes, buckets: int) -> Page:
    """Read an answer of any of the three endpoints, or a part of one: an element, or the groups of one person.

    Groups without any `muutosattribuutti` are taken for base data.

    Raises:
        PageMalformed: it is none of these.
    """
    wire = read_json(payload)
    if isinstance(wire, list):
        return _parse_list(wire)
    answer = _object(wire)
    if "muutokset" in answer:
        key = log_key(answer.get("viimeisinKirjausavain"))
        return _changes(answer, key, Cursor.fresh(key, buckets).write(), up_to_date=_up_to_date(answer))
    if "perustiedot" in answer:
        return _page_of(_base(_persons(answer), None, first=0))
    if "tietoryhmat" in answer:
        return _page_of(_loose([answer], anonymous=False))
    key = log_key(answer.get("viimeisinKirjausavain"))
    return Page((), Cursor.fresh(key, buckets).write(), up_to_date=False)


def sum_of(elements: Iterable[Element]) -> Counter[str]:
    """Count what was passed over in all of them."""
    total: Counter[str] = Counter()
    for element in elements:
        total.update(element.ignored)
    return total


def _changes(answer: Mapping[str, Any], asked_key: int, cursor: str, *, up_to_date: bool) -> Page:
    read = [
        read_element(element, Envelope(digest(element), f"{asked_key}/{index}"))
        for index, element in enumerate(_list(answer, "muutokset"))
    ]
    return _page_of(read, cursor, up_to_date=up_to_date)


def _parse_list(wire: list[Any]) -> Page:
    if all(isinstance(entry, dict) and "tietoryhma" in entry for entry in wire):
        return _page_of(_loose([{"tietoryhmat": wire}], anonymous=True) if wire else [])
    if all(isinstance(entry, dict) and "tietoryhmat" in entry for entry in wire):
        return _page_of(_loose(wire, anonymous=False))
    raise PageMalformed("a list of neither groups nor elements")


def _base(persons: Sequence[Any], asked_on: date | None, *, first: int) -> list[Element]:
    on = asked_on.isoformat() if asked_on else ""
    place = f"perustiedot/{on}" if on else "perustiedot"
    return [
        read_element(
            person,
            Envelope(digest({"asked_on": on, "person": person}), f"{place}/{index}", base=True, asked_on=asked_on),
        )
        for index, person in enumerate(persons, start=first)
    ]


def _loose(elements: Iterable[Mapping[str, Any]], *, anonymous: bool) -> list[Element]:
    return [
        read_element(element, Envelope(digest(element), str(index), base=_is_base(element), anonymous=anonymous))
        for index, element in enumerate(elements)
    ]


def _is_base(element: Mapping[str, Any]) -> bool:
    groups = element["tietoryhmat"]
    if "muutospv" in element or not isinstance(groups, list):
        return False
    return all(attribute(group) is None for group in groups if isinstance(group, dict))


def _page_of(elements: Sequence[Element], cursor: str = "", *, up_to_date: bool = True) -> Page:
    items = tuple(item for element in elements for item in element.items)
    return Page(items, cursor, up_to_date=up_to_date, ignored=sum_of(elements))


def _ids_of(persons: Iterable[Any]) -> Iterator[str]:
    for person in persons:
        code = person.get("henkilotunnus") if isinstance(person, dict) else None
        if isinstance(code, str):
            yield code.strip().upper()


def _persons(answer: Mapping[str, Any]) -> list[Any]:
    return _list(answer, "perustiedot")


def _list(answer: Mapping[str, Any], key: str) -> list[Any]:
    found = answer.get(key)
    if not isinstance(found, list):
        raise PageMalformed(f"the answer has no list {key}")
    return found


def _object(wire: Any) -> Mapping[str, Any]:
    if not isinstance(wire, dict):
        raise PageMalformed("the answer is no object")
    return wire


def _up_to_date(answer: Mapping[str, Any]) -> bool:
    flag = answer.get("ajanTasalla")
    if not isinstance(flag, bool):
        raise PageMalformed("the answer has no ajanTasalla")
    return flag
