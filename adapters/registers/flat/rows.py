"""A whole row: the customer's fields from its columns, and back."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.registers.flat import cells, names
from adapters.registers.flat.addresses import print_address, read_address
from adapters.registers.flat.cells import Cell, Unprintable, UnreadableCell
from adapters.registers.flat.full_name import print_full_name, read_full_name
from adapters.registers.flat.settings import FlatSettings
from sync.model import Address, FactValue, Field, PartialDate, PersonName
from sync.ports.register import AddressStatus

_NEVER_WRITTEN = frozenset({Field.NATIONAL_ID, Field.BIRTH_DATE})


class RowMapping:
    """Reads and prints rows as the settings say. Knows nothing of where the rows are."""

    def __init__(self, settings: FlatSettings) -> None:
        self._settings = settings
        self.zone = ZoneInfo(settings.time_zone)
        self.fields = frozenset(names.FIELD_OF[name] for name in settings.columns if name in names.FIELD_OF)
        self.writable = self.fields - settings.read_only - _NEVER_WRITTEN
        self.shows_status = any(name in settings.columns for name in names.STATUS_NAMES)

    def cell(self, name: str, raw: object) -> Cell:
        """Read one column.

        Raises:
            UnreadableCell: it holds something else than it should.
        """
        with suppress(ValueError, OverflowError):
            cell = self._reader(name)(raw)
            return False if name == "deceased" and cell is None else cell
        # Out here, no error that quotes the value hangs on to ours.
        raise UnreadableCell(name, _REASONS.get(name, "not_readable"))

    def values(self, raws: Mapping[str, object]) -> dict[Field, FactValue]:
        """Read the customer's fields from the mapped columns, given by our names.

        Raises:
            UnreadableCell: a column holds something else than it should.
        """
        row = {name: self.cell(name, raw) for name, raw in raws.items() if name in names.FIELD_OF}
        values = {field: self._value(field, row) for field in self.fields}
        return {field: value for field, value in values.items() if value is not None}

    def status(self, raws: Mapping[str, object]) -> AddressStatus | None:
        """Read the status columns; None when none is mapped or all are empty.

        Raises:
            UnreadableCell: a column holds something else than it should.
        """
        state, verified_at, source = (self.cell(name, raws.get(name)) for name in names.STATUS_NAMES)
        if state is None and verified_at is None and source is None:
            return None
        moment = verified_at if isinstance(verified_at, datetime) else None
        return AddressStatus(str(state or ""), moment, str(source) if source else None)

    def print(self, values: Mapping[Field, FactValue | None], status: AddressStatus | None) -> dict[str, Cell]:
        """Print fields and status into the columns that they have, given by our names; None empties a column.

        Raises:
            Unprintable: a value has no form in the mapped columns.
        """
        row: dict[str, Cell] = {}
        for field, value in values.items():
            row |= self._cells(field, value)
        if status is not None:
            # Whole seconds: columns round fractions each in its own way, and then look as if somebody had edited them.
            verified_at = status.verified_at.replace(microsecond=0) if status.verified_at else None
            printed = zip(names.STATUS_NAMES, (status.state or None, verified_at, status.source), strict=True)
            row |= {name: cell for name, cell in printed if name in self._settings.columns}
        return row

    def as_read(self, field: Field, value: FactValue | None) -> FactValue | None:
        """Return how a value would read back once printed: a part that has no column is lost."""
        if not isinstance(value, Address | PersonName) or field not in self.fields:
            return value
        with suppress(Unprintable, UnreadableCell):
            return self._value(field, dict.fromkeys(names.NAME_PARTS) | self._cells(field, value))
        return value

    def text(self, cell: Cell) -> str | None:
        """Print a cell for a column that holds text."""
        match cell:
            case bool():
                return self._settings.yes if cell else self._settings.no
            case PartialDate():
                return cells.print_date(cell, self._settings.date_format)
            case datetime():
                return cell.astimezone(self.zone).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
            case _:
                return cell

    def _reader(self, name: str) -> Callable[[object], Cell]:
        if name in names.DATE_NAMES:
            return cells.date_of
        if name in names.YES_NO_NAMES:
            return self._yes_no
        if name in names.MOMENT_NAMES:
            return lambda raw: cells.moment_of(raw, self.zone)
        if name.endswith("municipality"):
            return _municipality
        if name.endswith("postcode"):
            return _postcode
        return _national_id if name == "national_id" else cells.text_of

    def _yes_no(self, raw: object) -> bool | None:
        return cells.yes_no_of(raw, yes=self._settings.yes, no=self._settings.no)

    def _value(self, field: Field, row: Mapping[str, Cell]) -> FactValue | None:
        if field in names.ADDRESS_PREFIXES:
            prefix = names.ADDRESS_PREFIXES[field]
            texts = {part: _text(row[prefix + part]) for part in names.ADDRESS_PARTS if prefix + part in row}
            return read_address(texts, self._settings.default_country)
        if field is Field.NAME:
            return self._name({part: _text(row.get(part)) for part in names.NAME_PARTS})
        if field is Field.DEATH:
            day = row.get("death_date")
            return day if isinstance(day, PartialDate) else True if row.get("deceased") else None
        value = row.get(field.value)
        return value if isinstance(value, str | bool | PartialDate) else None

    def _name(self, texts: Mapping[str, str | None]) -> PersonName | None:
        whole = texts["full_name"]
        if whole:
            name = read_full_name(whole, self._settings.full_name_order)
            return PersonName(name.surname, name.given_names, texts["calling_name"])
        if not any(texts.values()):
            return None
        return PersonName(texts["surname"] or "", texts["given_names"] or "", texts["calling_name"])

    def _cells(self, field: Field, value: FactValue | None) -> dict[str, Cell]:
        mapped = frozenset(name for name in self._settings.columns if names.FIELD_OF.get(name) is field)
        match value:
            case None:
                return {name: False if name == "deceased" else None for name in mapped}
            case Address():
                prefix = names.ADDRESS_PREFIXES[field]
                parts = frozenset(name.removeprefix(prefix) for name in mapped)
                printed = print_address(value, parts, self._settings.language)
                return {prefix + part: text for part, text in printed.items()}
            case PersonName():
                return {name: text for name, text in self._name_cells(value).items() if name in mapped}
            case _ if field is Field.DEATH:
                return _death_cells(value, mapped)
            case _:
                return dict.fromkeys(mapped, value)

    def _name_cells(self, name: PersonName) -> dict[str, str | None]:
        return {
            "surname": name.surname or None,
            "given_names": name.given_names or None,
            "full_name": print_full_name(name, self._settings.full_name_order) or None,
            "calling_name": name.calling_name,
        }


_REASONS = {
    **dict.fromkeys(names.DATE_NAMES, "not_a_date"),
    **dict.fromkeys(names.YES_NO_NAMES, "neither_yes_nor_no"),
    **dict.fromkeys(names.MOMENT_NAMES, "not_a_time"),
    **{f"{prefix}municipality": "not_a_municipality_code" for prefix in names.ADDRESS_PREFIXES.values()},
}


def _death_cells(value: FactValue, mapped: frozenset[str]) -> dict[str, Cell]:
    day = value if isinstance(value, PartialDate) else None
    if day is None and "deceased" not in mapped:
        raise Unprintable("day_of_death_unknown")
    return {name: bool(value) if name == "deceased" else day for name in mapped}


def _text(cell: Cell | None) -> str | None:
    return cell if isinstance(cell, str) else None


def _municipality(raw: object) -> str | None:
    text = cells.text_of(raw)
    if text is not None and not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise ValueError("a municipality has a code of three digits")
    return text.zfill(3) if text else None


def _postcode(raw: object) -> str | None:
    """Give numbers their leading zeros back: 100 is 00100 in Finland."""
    text = cells.text_of(raw)
    return text.zfill(5) if text and not isinstance(raw, str) else text


def _national_id(raw: object) -> str | None:
    text = cells.text_of(raw)
    return "".join(text.split()).upper() if text else None
