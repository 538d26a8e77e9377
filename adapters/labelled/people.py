"""The people of a register, or those whom changes are about, from a CSV file."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from adapters.labelled.mapping import Columns
from adapters.labelled.table import Row, rows
from sync.errors import ConfigurationInvalid, Problem
from sync.matching.normalise.address import place
from sync.matching.normalise.date_column import DateReader, date_reader
from sync.matching.normalise.full_name import parse_full_name
from sync.matching.normalise.street import parse_street_line
from sync.matching.normalise.text import fold
from sync.matching.prepared import Prepared, prepare_identity
from sync.model import Address, Identity, PersonName, Text

_COUNTRY_CODE = 2


class People:
    """The records of one file, ready to be compared."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self._path = path
        self._columns = columns
        self._dates = self._date_reader()

    def __iter__(self) -> Iterator[tuple[str, Prepared]]:
        """Give each record's key and what is compared; an empty key where the map names none.

        Raises:
            ConfigurationInvalid: a record has no key, or that of another.
        """
        seen: dict[str, int] = {}
        for number, row in rows(self._path, self._columns):
            key = row.get("id", "")
            if "id" in self._columns:
                self._check(key, number, seen)
            yield key, self._prepared(row)

    def _check(self, key: str, number: int, seen: dict[str, int]) -> None:
        if not key:
            raise ConfigurationInvalid([Problem(f"{self._path.name}, row {number}", "has no key")])
        first = seen.setdefault(key, number)
        if first != number:
            raise ConfigurationInvalid([Problem(f"{self._path.name}, row {number}", f"has the key of row {first}")])

    def _date_reader(self) -> DateReader | None:
        column = self._columns.get("birth_date")
        if column is None:
            return None
        return date_reader(row["birth_date"] for _, row in rows(self._path, {"birth_date": column}))

    def _prepared(self, row: Row) -> Prepared:
        address = _address(row)
        born = row.get("birth_date", "")
        person = prepare_identity(
            Identity(
                national_id=row.get("national_id") or None,
                names=_names(row),
                birth_date=self._dates(born) if self._dates else None,
                phone=row.get("phone") or None,
                email=row.get("email") or None,
                # The country tells how a phone number is dialled, too.
                addresses=(address,),
            )
        )
        # A mistyped date that is no day of any calendar still tells most of its digits.
        digits = self._dates.digits8(born) if self._dates else ""
        home = place(address)._replace(region=fold(row.get("region", "")))
        return person._replace(
            birth_date=digits or person.birth_date,
            places=() if home.empty else (home,),
            sex=fold(row.get("sex", ""))[:1],
        )


def _names(row: Row) -> tuple[PersonName, ...]:
    """Take a name from its parts; from the whole where a part is not there."""
    name = PersonName(row.get("surname", ""), row.get("given_names", ""))
    whole = row.get("full_name", "")
    if whole and not (name.surname and name.given_names):
        name = parse_full_name(whole)
    return (name,) if name.surname or name.given_names else ()


def _address(row: Row) -> Address:
    street, line = row.get("street", ""), row.get("street_line", "")
    known = parse_street_line(line) if line else Address()
    city, country = row.get("city", ""), row.get("country", "")
    return replace(
        known,
        street=Text(fi=street) if street else known.street,
        number=row.get("number") or known.number,
        flat=row.get("flat") or known.flat,
        postcode=row.get("postcode") or None,
        post_office=Text(fi=city) if city else None,
        country=country.upper() if len(country) == _COUNTRY_CODE else None,
    )
