"""The register in memory keeps the contract, and goes wrong on demand."""

from collections.abc import Iterable, Iterator, Mapping

import pytest

from adapters.registers.memory import Fault, MemoryRegister
from sync.errors import RegisterUnavailable
from sync.model import FactValue, Field
from sync.ports.register import Conflict, Written
from tests.contract.register_kit import CONFIRMED, NEW_PHONE, PERSON, RegisterKit, Values, readable, write_to


class MemoryKit(RegisterKit):
    """The kit's helpers for a register in memory."""

    memory: MemoryRegister
    upkeep = frozenset({"version"})

    def make(self) -> MemoryRegister:
        """Make the register that is checked."""
        return MemoryRegister(chunk_size=self.chunk_size, versioned=self.versioned, refuses=_no_long_texts)

    @pytest.fixture
    def register(self) -> Iterator[MemoryRegister]:
        """Give an empty register."""
        self.memory = self.make()
        yield self.memory
        self.memory.close()

    def insert(self, keys: Iterable[str], values: Values) -> None:
        for key in keys:
            self.memory.put(key, values)

    def edit(self, key: str, values: Values) -> None:
        self.memory.put(key, values)

    def remove(self, key: str) -> None:
        self.memory.remove(key)

    def spoil(self, key: str) -> None:
        self.memory.spoil(key, "syntynyt", "not_a_date")

    def raw(self, key: str) -> Mapping[str, object]:
        row = self.memory._rows[key]
        return {field.value: value for field, value in row.values.items()} | {
            "status": row.status,
            "version": row.version,
        }

    def unreachable(self) -> MemoryRegister:
        register = self.make()
        register.unreachable = True
        return register

    def refused(self) -> tuple[Field, FactValue]:
        return Field.EMAIL, "m" * 500 + "@posti.example"


def _no_long_texts(_field: Field, value: FactValue) -> str | None:
    return "value_too_long" if isinstance(value, str) and len(value) > 200 else None


class TestMemoryRegister(MemoryKit):
    """With versions."""


class TestMemoryRegisterWithoutVersions(MemoryKit):
    """Without versions: old values are compared."""

    versioned = False


def test_a_fault_before_the_write_leaves_the_record_alone() -> None:
    """The n-th write fails without having written, and the one after it goes through."""
    register = MemoryRegister(fault={1: Fault.BEFORE_WRITE}.get)
    register.put("1", PERSON)
    write = write_to(readable(register, "1"), {Field.PHONE: NEW_PHONE})
    with pytest.raises(RegisterUnavailable):
        register.write(write)
    assert readable(register, "1").values == PERSON
    assert isinstance(register.write(write), Written)


def test_a_lost_answer_leaves_the_record_written() -> None:
    """The n-th write is made and fails all the same; sending it again finds it there."""
    register = MemoryRegister(fault={1: Fault.ANSWER_LOST}.get)
    register.put("1", PERSON)
    write = write_to(readable(register, "1"), {Field.PHONE: NEW_PHONE})
    with pytest.raises(RegisterUnavailable):
        register.write(write)
    version = readable(register, "1").version
    assert readable(register, "1").values[Field.PHONE] == NEW_PHONE
    assert isinstance(register.write(write), Written)
    assert readable(register, "1").version == version


def test_a_conflict_on_demand_is_a_real_one() -> None:
    """The n-th write meets a record that somebody touched; the version read before stays stale."""
    register = MemoryRegister(fault={1: Fault.CONFLICT}.get)
    register.put("1", PERSON)
    write = write_to(readable(register, "1"), {Field.PHONE: NEW_PHONE})
    result = register.write(write)
    assert result == Conflict(readable(register, "1"))
    assert isinstance(register.write(write), Conflict)
    assert readable(register, "1").values == PERSON


def test_a_register_without_status_columns_forgets_status() -> None:
    """A status goes nowhere when there are no columns for it, and the write counts as made."""
    register = MemoryRegister(shows_status=False)
    register.put("1", PERSON)
    result = register.write(write_to(readable(register, "1"), {}, status=CONFIRMED))
    assert isinstance(result, Written)
    assert result.record.status is None


def test_only_the_last_change_of_a_record_is_read() -> None:
    """However often a record changes, it comes once, at its last place in the order."""
    register = MemoryRegister()
    for key in ("1", "2", "1"):
        register.put(key, PERSON)
    (chunk,) = register.changed_since(None)
    assert [record.key for record in chunk.records] == ["2", "1"]
