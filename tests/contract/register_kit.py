"""What every register adapter must do, as checks that its own test module inherits."""

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import Barrier

import pytest

from sync.errors import RegisterUnavailable
from sync.model import Address, FactValue, Field, PersonName, Text
from sync.ports.register import (
    AddressStatus,
    Conflict,
    Record,
    Register,
    Rejected,
    UnreadableRecord,
    Write,
    Written,
)

Values = Mapping[Field, FactValue | None]

NAME = PersonName("Kissalanmäki", "Maija Liisa")
HOME = Address(
    street=Text(fi="Hämeenkatu"),
    number="5",
    stairwell="A",
    flat="3",
    postcode="33100",
    post_office=Text(fi="Tampere"),
)
NEW_HOME = Address(street=Text(fi="Öljymäentie"), number="11", postcode="00950", post_office=Text(fi="Helsinki"))
PERSON: dict[Field, FactValue] = {
    Field.NAME: NAME,
    Field.ADDRESS: HOME,
    Field.PHONE: "+358401234567",
    Field.EMAIL: "maija@posti.example",
}
NEW_PHONE = "+358509876543"
CONFIRMED = AddressStatus("current", datetime(2026, 11, 18, 9, 30, tzinfo=UTC), "vtj")
PERSONAL = ("Kissalanmäki", "Maija", "Hämeenkatu", "Öljymäentie", "401234567", "509876543", "posti.example")


class RegisterKit:
    """Inherit under a name that begins with `Test`, give the fixture `register` and the helpers below it.

    The helpers work on the register's own records, behind the adapter's back.

    Attributes:
        chunk_size: to which the fixture sets the adapter; records in a chunk at most.
        versioned: the register's records have a version.
        upkeep: columns that the register itself changes with every update.
    """

    chunk_size = 3
    versioned = True
    upkeep: frozenset[str] = frozenset()

    @pytest.fixture
    def register(self) -> Iterator[Register]:
        """Give an empty register whose chunks have `chunk_size` records."""
        raise NotImplementedError

    @abstractmethod
    def insert(self, keys: Iterable[str], values: Values) -> None:
        """Add records of these values, all in one batch that gives them one and the same time of change."""

    @abstractmethod
    def edit(self, key: str, values: Values) -> None:
        """Change a record as staff would, later than any change before; None empties a field."""

    @abstractmethod
    def remove(self, key: str) -> None:
        """Delete a record."""

    @abstractmethod
    def spoil(self, key: str) -> None:
        """Put something into a mapped column that cannot be read."""

    @abstractmethod
    def raw(self, key: str) -> Mapping[str, object]:
        """Return everything that the record holds, mapped or not, by its own columns."""

    @abstractmethod
    def unreachable(self) -> Register:
        """Return the same adapter set to a register that cannot be reached."""

    def columns_of(self, field: Field) -> frozenset[str]:
        """Return the columns of `raw` that hold this field."""
        return frozenset({field.value})

    def refused(self) -> tuple[Field, FactValue] | None:
        """Return a field with a value that the register never takes; None when it takes everything."""
        return None

    # Reading

    def test_reads_everything_in_bounded_chunks(self, register: Register) -> None:
        """Without a mark all records come, in chunks of bounded size, as they are."""
        keys = {str(number) for number in range(1, 11)}
        self.insert(keys, PERSON)
        chunks = list(register.changed_since(None))
        assert {record.key for chunk in chunks for record in chunk.records} == keys
        assert max(len(chunk.records) for chunk in chunks) <= self.chunk_size
        assert all(holds(record, PERSON) for chunk in chunks for record in chunk.records)
        assert all(chunk.total in {None, len(keys)} for chunk in chunks)

    def test_an_empty_register_has_a_mark(self, register: Register) -> None:
        """Reading nothing still tells where to go on."""
        chunks = list(register.changed_since(None))
        assert not [record for chunk in chunks for record in chunk.records]
        self.insert(["1"], PERSON)
        assert chunks
        assert keys_since(register, chunks[-1].mark) == {"1"}

    def test_no_mark_loses_a_record(self, register: Register) -> None:
        """Going on from the mark of any chunk gives everything that had not come, though all changed at one time."""
        keys = {str(number) for number in range(1, 12)}
        self.insert(keys, PERSON)
        seen: set[str] = set()
        for chunk in register.changed_since(None):
            seen |= {record.key for record in chunk.records}
            assert seen | keys_since(register, chunk.mark) == keys

    def test_every_mark_leads_on(self, register: Register) -> None:
        """A reader that stops after each chunk and goes on from its mark comes to the end."""
        keys = {str(number) for number in range(1, 12)}
        self.insert(keys, PERSON)
        seen: set[str] = set()
        mark = None
        for _ in keys:
            chunk = next(iter(register.changed_since(mark)))
            seen |= {record.key for record in chunk.records}
            mark = chunk.mark
        assert seen == keys

    def test_changes_after_the_last_mark_come(self, register: Register) -> None:
        """What is edited or added after a reading comes with the next one."""
        self.insert([str(number) for number in range(1, 9)], PERSON)
        mark = list(register.changed_since(None))[-1].mark
        self.edit("2", {Field.PHONE: NEW_PHONE})
        self.insert(["9"], PERSON)
        found = {record.key: record for chunk in register.changed_since(mark) for record in chunk.records}
        assert {"2", "9"} <= found.keys()
        assert value(found["2"], Field.PHONE) == NEW_PHONE

    def test_edits_while_reading_are_not_lost(self, register: Register) -> None:
        """Records edited between two chunks come in their new state, in this reading or the next."""
        keys = [str(number) for number in range(1, 10)]
        self.insert(keys, PERSON)
        latest: dict[str, FactValue | None] = {}
        reading = register.changed_since(None)
        for chunk in islice(reading, 1):
            latest |= {record.key: value(record, Field.PHONE) for record in chunk.records}
            mark = chunk.mark
        for key in keys:
            self.edit(key, {Field.PHONE: f"+35850{key}"})
        for source in (reading, None):
            for chunk in source if source is not None else register.changed_since(mark):
                latest |= {record.key: value(record, Field.PHONE) for record in chunk.records}
                mark = chunk.mark
        assert latest == {key: f"+35850{key}" for key in keys}

    def test_reads_one_record(self, register: Register) -> None:
        """One record reads as it is, with a time of change in UTC where the register tells it."""
        self.insert(["1", "2"], PERSON)
        record = readable(register, "1")
        assert record.key == "1"
        assert holds(record, PERSON)
        assert record.changed_at is None or record.changed_at.utcoffset() == timedelta(0)

    def test_an_unknown_key_is_no_record(self, register: Register) -> None:
        """There is nothing to read under a key that does not exist."""
        self.insert(["1"], PERSON)
        assert register.read("404") is None

    def test_versions_tell_edits(self, register: Register) -> None:
        """A version stays while nothing happens and differs after an edit; without versions there is none."""
        self.insert(["1"], PERSON)
        before, again = readable(register, "1").version, readable(register, "1").version
        self.edit("1", {Field.PHONE: NEW_PHONE})
        after = readable(register, "1").version
        assert before == again
        assert (before != after) == self.versioned
        assert (before is not None) == self.versioned

    def test_an_empty_field_is_absent(self, register: Register) -> None:
        """A field whose columns are all empty is not among the values."""
        self.insert(["1"], PERSON)
        self.edit("1", {Field.EMAIL: None, Field.ADDRESS: None})
        assert not readable(register, "1").values.keys() & {Field.EMAIL, Field.ADDRESS}

    def test_an_unreadable_record_does_not_stop_its_neighbours(self, register: Register) -> None:
        """A record that cannot be read is named with column and reason; the others come."""
        keys = {str(number) for number in range(1, 8)}
        self.insert(keys, PERSON)
        self.spoil("4")
        records = {record.key: record for chunk in register.changed_since(None) for record in chunk.records}
        unreadable = records.get("4")
        assert isinstance(unreadable, UnreadableRecord)
        assert unreadable.column
        assert is_code(unreadable.reason)
        assert all(holds(records.get(key), PERSON) for key in keys - {"4"})
        assert isinstance(register.read("4"), UnreadableRecord)

    # Writing

    def test_writes_only_what_is_given(self, register: Register) -> None:
        """A write changes the columns of its fields and no other."""
        self.insert(["1", "2"], PERSON)
        before, neighbour = self.raw("1"), self.raw("2")
        result = register.write(write_to(readable(register, "1"), {Field.ADDRESS: NEW_HOME}))
        assert isinstance(result, Written)
        assert holds(result.record, PERSON | {Field.ADDRESS: NEW_HOME})
        assert holds(register.read("1"), PERSON | {Field.ADDRESS: NEW_HOME})
        assert changed(before, self.raw("1")) <= self.columns_of(Field.ADDRESS) | self.upkeep
        assert self.raw("2") == neighbour

    def test_what_was_written_is_what_is_read(self, register: Register) -> None:
        """The record that a write gives back is the one that reading gives."""
        self.insert(["1"], PERSON)
        result = register.write(write_to(readable(register, "1"), {Field.PHONE: NEW_PHONE, Field.NAME: NAME}))
        assert isinstance(result, Written)
        assert result.record == register.read("1")

    def test_none_empties_a_field(self, register: Register) -> None:
        """Writing None leaves nothing of the field."""
        self.insert(["1"], PERSON)
        result = register.write(write_to(readable(register, "1"), {Field.ADDRESS: None, Field.EMAIL: None}))
        assert isinstance(result, Written)
        assert not readable(register, "1").values.keys() & {Field.ADDRESS, Field.EMAIL}
        assert holds(register.read("1"), {Field.NAME: NAME, Field.PHONE: PERSON[Field.PHONE]})

    def test_a_stale_version_is_a_conflict(self, register: Register) -> None:
        """A record that was edited since it was read is left alone and comes back as it is now."""
        if not self.versioned:
            pytest.skip("the register has no versions")
        self.insert(["1"], PERSON)
        read = readable(register, "1")
        self.edit("1", {Field.EMAIL: "uusi@posti.example"})
        before = self.raw("1")
        result = register.write(write_to(read, {Field.ADDRESS: NEW_HOME}))
        assert isinstance(result, Conflict)
        assert result.record == register.read("1")
        assert self.raw("1") == before

    def test_stale_old_values_are_a_conflict(self, register: Register) -> None:
        """Without a version, a field that holds something else than was read is left alone."""
        self.insert(["1"], PERSON)
        read = readable(register, "1")
        self.edit("1", {Field.PHONE: "+358411111111"})
        before = self.raw("1")
        result = register.write(write_to(read, {Field.PHONE: NEW_PHONE}, by_version=False))
        assert isinstance(result, Conflict)
        assert result.record == register.read("1")
        assert self.raw("1") == before

    def test_old_values_of_other_fields_do_not_matter(self, register: Register) -> None:
        """Without a version, an edit of another field is no conflict, and survives."""
        self.insert(["1"], PERSON)
        read = readable(register, "1")
        self.edit("1", {Field.EMAIL: "uusi@posti.example"})
        assert isinstance(register.write(write_to(read, {Field.PHONE: NEW_PHONE}, by_version=False)), Written)
        assert value(register.read("1"), Field.EMAIL) == "uusi@posti.example"

    def test_an_empty_old_value_is_a_value(self, register: Register) -> None:
        """Empty equals empty, and nothing else."""
        self.insert(["1", "2", "3"], PERSON)
        self.edit("1", {Field.PHONE: None})
        self.edit("2", {Field.PHONE: None})
        empty, filled, other = (readable(register, key) for key in ("1", "3", "2"))
        new = {Field.PHONE: NEW_PHONE}
        assert isinstance(register.write(write_to(empty, new, by_version=False)), Written)
        pretends_filled = replace(write_to(filled, new, by_version=False), key=other.key)
        assert isinstance(register.write(pretends_filled), Conflict)
        pretends_empty = replace(write_to(empty, new, by_version=False), key=filled.key)
        assert isinstance(register.write(pretends_empty), Conflict)
        assert value(register.read("3"), Field.PHONE) == PERSON[Field.PHONE]

    @pytest.mark.parametrize("street", ["hämeenkatu", "HÄMEENKATU", "Hameenkatu", "Hämeen-katu"])
    def test_old_values_are_compared_exactly(self, register: Register, street: str) -> None:
        """Case and umlauts make a difference, whatever the database thinks."""
        self.insert(["1"], PERSON)
        read = readable(register, "1")
        self.edit("1", {Field.ADDRESS: replace(HOME, street=Text(fi=street))})
        result = register.write(write_to(read, {Field.ADDRESS: NEW_HOME}, by_version=False))
        assert isinstance(result, Conflict)
        assert value(register.read("1"), Field.ADDRESS) != NEW_HOME

    @pytest.mark.parametrize("by_version", [True, False])
    def test_the_same_write_again_is_written(self, register: Register, by_version: bool) -> None:
        """A write whose answer was lost may be sent again: it finds its values there and changes nothing."""
        self.insert(["1"], PERSON)
        status = CONFIRMED if register.shows_status else None
        values: Values = {Field.ADDRESS: NEW_HOME, Field.EMAIL: None}
        write = write_to(readable(register, "1"), values, status=status, by_version=by_version)
        assert isinstance(register.write(write), Written)
        before = self.raw("1")
        again = register.write(write)
        assert isinstance(again, Written)
        assert again.record == register.read("1")
        assert self.raw("1") == before

    def test_a_vanished_record_is_a_conflict(self, register: Register) -> None:
        """Writing to a record that is gone tells so and does not make it again."""
        self.insert(["1", "2"], PERSON)
        write = write_to(readable(register, "1"), {Field.PHONE: NEW_PHONE})
        self.remove("1")
        assert register.write(write) == Conflict(None)
        assert register.read("1") is None

    def test_of_two_writers_one_wins(self, register: Register) -> None:
        """Of two writes at the same moment, both made from the same reading, one is written and one conflicts."""
        self.insert(["1"], PERSON)
        read = readable(register, "1")
        writes = [write_to(read, {Field.PHONE: phone}) for phone in ("+358501111111", "+358502222222")]
        barrier = Barrier(len(writes))

        def send(write: Write) -> Written | Conflict | Rejected:
            barrier.wait(timeout=10)
            return register.write(write)

        with ThreadPoolExecutor(len(writes)) as pool:
            results = list(pool.map(send, writes))
        assert sorted(type(result).__name__ for result in results) == ["Conflict", "Written"]
        winner = next(write for write, result in zip(writes, results, strict=True) if isinstance(result, Written))
        assert value(register.read("1"), Field.PHONE) == winner.values[Field.PHONE]

    def test_a_batch_writes_each_by_itself(self, register: Register) -> None:
        """Of several writes, one that comes too late and one to nobody leave the others, and their order, alone."""
        self.insert(["1", "2", "3"], PERSON)
        writes = [write_to(readable(register, key), {Field.ADDRESS: NEW_HOME}) for key in ("1", "2", "3")]
        self.edit("2", {Field.ADDRESS: None})
        before = self.raw("2")
        results = register.write_all([*writes, replace(writes[0], key="999")])
        assert [type(result) for result in results] == [Written, Conflict, Written, Conflict]
        assert self.raw("2") == before
        assert all(holds(register.read(key), {Field.ADDRESS: NEW_HOME}) for key in ("1", "3"))

    def test_a_refused_write_leaves_its_batch_alone(self, register: Register) -> None:
        """A value that the register never takes is rejected, and its neighbours are written."""
        refused = self.refused()
        if refused is None:
            pytest.skip("the register takes every value")
        self.insert(["1", "2"], PERSON)
        bad = write_to(readable(register, "1"), {refused[0]: refused[1]})
        good = write_to(readable(register, "2"), {Field.PHONE: NEW_PHONE})
        rejected, written = register.write_all([bad, good])
        assert isinstance(rejected, Rejected)
        assert isinstance(written, Written)
        assert holds(register.read("2"), {Field.PHONE: NEW_PHONE})

    def test_tells_how_values_read_back(self, register: Register) -> None:
        """What a value is said to read back as is what is read after it was written."""
        abroad = Address(country="FR", post_office=Text(fi="69004 Lyon"), lines=("Rue de la Gare 7",))
        self.insert(["1"], PERSON)
        for home in (abroad, NEW_HOME):
            wanted: dict[Field, FactValue | None] = {Field.ADDRESS: home, Field.NAME: NAME}
            foretold = register.as_read(wanted)
            result = register.write(write_to(readable(register, "1"), wanted))
            assert isinstance(result, Written)
            assert {field: result.record.values.get(field) for field in wanted} == foretold

    def test_a_field_that_is_not_writable_is_rejected(self, register: Register) -> None:
        """Nothing of a write is carried out when one of its fields may not be written."""
        assert Field.NATIONAL_ID not in register.writable
        self.insert(["1"], PERSON)
        before = self.raw("1")
        values = {Field.NATIONAL_ID: "131052-9044", Field.PHONE: NEW_PHONE}
        result = register.write(write_to(readable(register, "1"), values))
        assert isinstance(result, Rejected)
        assert is_code(result.reason)
        assert self.raw("1") == before

    def test_a_refused_value_is_rejected(self, register: Register) -> None:
        """A value that the register never takes is rejected with a code, and nothing is written."""
        refused = self.refused()
        if refused is None:
            pytest.skip("the register takes every value")
        self.insert(["1"], PERSON)
        before = self.raw("1")
        result = register.write(write_to(readable(register, "1"), {refused[0]: refused[1], Field.NAME: None}))
        assert isinstance(result, Rejected)
        assert is_code(result.reason)
        assert self.raw("1") == before

    # Status

    def test_status_is_written_and_read_back(self, register: Register) -> None:
        """The status columns hold what was written; a write without status leaves them alone."""
        if not register.shows_status:
            pytest.skip("the register has no status columns")
        self.insert(["1"], PERSON)
        result = register.write(write_to(readable(register, "1"), {}, status=CONFIRMED))
        assert isinstance(result, Written)
        assert result.record.status == CONFIRMED
        assert isinstance(register.write(write_to(readable(register, "1"), {Field.PHONE: NEW_PHONE})), Written)
        assert readable(register, "1").status == CONFIRMED
        assert holds(register.read("1"), PERSON | {Field.PHONE: NEW_PHONE})

    def test_status_can_lose_its_source(self, register: Register) -> None:
        """A status that was never confirmed empties what the one before said."""
        if not register.shows_status:
            pytest.skip("the register has no status columns")
        self.insert(["1"], PERSON)
        register.write(write_to(readable(register, "1"), {}, status=CONFIRMED))
        never = AddressStatus("not_covered", None, None)
        assert isinstance(register.write(write_to(readable(register, "1"), {}, status=never)), Written)
        assert readable(register, "1").status == never

    # Trouble

    def test_an_unreachable_register_says_so(self, register: Register) -> None:
        """Every call to a register that cannot be reached raises the one error that means it."""
        self.insert(["1"], PERSON)
        write = write_to(readable(register, "1"), {Field.PHONE: NEW_PHONE})
        away = self.unreachable()
        with pytest.raises(RegisterUnavailable):
            away.read("1")
        with pytest.raises(RegisterUnavailable):
            list(away.changed_since(None))
        with pytest.raises(RegisterUnavailable):
            away.write(write)
        away.close()

    def test_trouble_tells_nothing_personal(self, register: Register) -> None:
        """Neither errors nor reasons hold any of the record's values."""
        self.insert(["1"], PERSON)
        self.insert(["2"], PERSON)
        write = write_to(readable(register, "1"), {Field.ADDRESS: NEW_HOME, Field.PHONE: NEW_PHONE})
        told: list[object] = []
        self.spoil("2")
        told.append(register.read("2"))
        refused = self.refused()
        if refused:
            told.append(register.write(write_to(readable(register, "1"), {**write.values, refused[0]: refused[1]})))
        away = self.unreachable()
        with pytest.raises(RegisterUnavailable) as caught:
            away.write(write)
        told += chain(caught.value)
        away.close()
        text = " ".join(f"{one!s} {one!r}" for one in told)
        assert not [word for word in PERSONAL if word in text]

    def test_closing_twice_is_fine(self, register: Register) -> None:
        """A register may be closed when it is closed already."""
        self.insert(["1"], PERSON)
        register.read("1")
        register.close()
        register.close()


def readable(register: Register, key: str) -> Record:
    """Read a record that must be there and readable."""
    record = register.read(key)
    assert isinstance(record, Record)
    return record


def write_to(record: Record, values: Values, *, status: AddressStatus | None = None, by_version: bool = True) -> Write:
    """Make the write that follows from having read the record."""
    return Write(
        key=record.key,
        values=values,
        status=status,
        expected={field: record.values[field] for field in values if field in record.values},
        expected_version=record.version if by_version else None,
        idempotency_key="3f0c9d",
    )


def value(record: Record | UnreadableRecord | None, field: Field) -> FactValue | None:
    """Return one value of a record that must be readable."""
    assert isinstance(record, Record)
    return record.values.get(field)


def holds(record: Record | UnreadableRecord | None, values: Mapping[Field, FactValue]) -> bool:
    """Tell whether the record holds these values; addresses are the same when they print the same."""
    if not isinstance(record, Record):
        return False
    return all(_printed(record.values.get(field)) == _printed(expected) for field, expected in values.items())


def _printed(fact: FactValue | None) -> object:
    return fact.print() if isinstance(fact, Address) else fact


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> set[str]:
    """Return the columns that differ."""
    return {column for column in before.keys() | after.keys() if before.get(column) != after.get(column)}


def keys_since(register: Register, mark: str | None) -> set[str]:
    """Return the keys of everything that comes after the mark."""
    return {record.key for chunk in register.changed_since(mark) for record in chunk.records}


def is_code(reason: str) -> bool:
    """Tell whether a reason is a code in snake_case."""
    return re.fullmatch("[a-z][a-z0-9_]*", reason) is not None


def chain(error: BaseException | None) -> list[BaseException]:
    """Return the error and all that hang on to it."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
