"""The register kit catches what it is there to catch: one broken register for each of its checks."""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from threading import Barrier

import pytest

from adapters.registers.memory import MemoryRegister
from sync.errors import RegisterUnavailable
from sync.model import Address, FactValue, Field
from sync.ports.register import Chunk, Conflict, Record, Rejected, UnreadableRecord, Write, Written
from tests.contract.register_kit import RegisterKit
from tests.contract.test_memory_register import MemoryKit

BROKEN: dict[str, list[type[MemoryRegister]]] = {}


def breaks(*checks: str):
    """Say which checks the register must fail."""

    def note(register: type[MemoryRegister]) -> type[MemoryRegister]:
        for check in checks:
            BROKEN.setdefault(check, []).append(register)
        return register

    return note


@breaks("test_reads_everything_in_bounded_chunks")
class OneGreatChunk(MemoryRegister):
    def changed_since(self, mark: str | None) -> Iterator[Chunk]:
        chunks = list(super().changed_since(mark))
        yield replace(chunks[-1], records=tuple(chain.from_iterable(chunk.records for chunk in chunks)))


@breaks("test_reads_everything_in_bounded_chunks")
class LosesTheLastChunk(MemoryRegister):
    def changed_since(self, mark: str | None) -> Iterator[Chunk]:
        yield from list(super().changed_since(mark))[:-1]


@breaks("test_an_empty_register_has_a_mark")
class SilentWhenEmpty(MemoryRegister):
    def changed_since(self, mark: str | None) -> Iterator[Chunk]:
        yield from (chunk for chunk in super().changed_since(mark) if chunk.records)


@breaks("test_no_mark_loses_a_record")
class MarkRunsAhead(MemoryRegister):
    def changed_since(self, mark: str | None) -> Iterator[Chunk]:
        for chunk in super().changed_since(mark):
            yield replace(chunk, mark=str(self._changes))


@breaks("test_every_mark_leads_on")
class MarkStandsStill(MemoryRegister):
    def changed_since(self, mark: str | None) -> Iterator[Chunk]:
        for chunk in super().changed_since(mark):
            done = len(chunk.records) < self._chunk_size
            yield chunk if done else replace(chunk, mark=mark or "0")


@breaks("test_changes_after_the_last_mark_come")
class SeesNewRecordsOnly(MemoryRegister):
    def _touch(self, key: str) -> None:
        place = self._log.get(key)
        super()._touch(key)
        if place is not None:
            self._log[key] = place


@breaks("test_edits_while_reading_are_not_lost")
class ReadsASnapshot(MemoryRegister):
    def changed_since(self, mark: str | None) -> Iterator[Chunk]:
        for chunk in list(super().changed_since(mark)):
            yield replace(chunk, mark=str(self._changes))


@breaks("test_reads_one_record")
class ReadsHalf(MemoryRegister):
    def read(self, key: str) -> Record | UnreadableRecord | None:
        record = super().read(key)
        if isinstance(record, Record):
            record.values.pop(Field.ADDRESS, None)
        return record


@breaks("test_an_unknown_key_is_no_record")
class MakesRecordsUp(MemoryRegister):
    def read(self, key: str) -> Record | UnreadableRecord | None:
        return super().read(key) or Record(key, None, {})


@breaks("test_versions_tell_edits")
class VersionNeverChanges(MemoryRegister):
    def _record(self, key: str) -> Record:
        return replace(super()._record(key), version="1")


@breaks("test_an_empty_field_is_absent")
class EmptyTexts(MemoryRegister):
    def _record(self, key: str) -> Record:
        record = super()._record(key)
        return replace(record, values={Field.EMAIL: "", **record.values})


@breaks("test_an_unreadable_record_does_not_stop_its_neighbours")
class StopsAtTheUnreadable(MemoryRegister):
    def changed_since(self, mark: str | None) -> Iterator[Chunk]:
        for chunk in super().changed_since(mark):
            if any(isinstance(record, UnreadableRecord) for record in chunk.records):
                return
            yield chunk


@breaks("test_an_unreadable_record_does_not_stop_its_neighbours")
class HidesTheUnreadable(MemoryRegister):
    def _read(self, key: str) -> Record | UnreadableRecord:
        return self._record(key)


@breaks("test_writes_only_what_is_given")
class WritesTheWholeRecord(MemoryRegister):
    def _write(self, write: Write) -> Written | Conflict | Rejected:
        others = dict.fromkeys(self.writable - write.values.keys())
        return super()._write(replace(write, values={**others, **write.values}))


@breaks("test_what_was_written_is_what_is_read")
class AnswersWithTheOldRecord(MemoryRegister):
    def _write(self, write: Write) -> Written | Conflict | Rejected:
        before = self._record(write.key)
        result = super()._write(write)
        return Written(before) if isinstance(result, Written) else result


@breaks("test_none_empties_a_field")
class NoneSaysNothing(MemoryRegister):
    def _write(self, write: Write) -> Written | Conflict | Rejected:
        return super()._write(replace(write, values={f: v for f, v in write.values.items() if v is not None}))


@breaks("test_a_stale_version_is_a_conflict")
class IgnoresVersions(MemoryRegister):
    def _write(self, write: Write) -> Written | Conflict | Rejected:
        return super()._write(replace(write, expected_version=None))


@breaks("test_stale_old_values_are_a_conflict")
class IgnoresOldValues(MemoryRegister):
    def _write(self, write: Write) -> Written | Conflict | Rejected:
        row = self._rows.get(write.key)
        version = str(row.version) if row else None
        return super()._write(replace(write, expected_version=write.expected_version or version))


@breaks("test_stale_old_values_are_a_conflict")
class WritesAndThenConflicts(MemoryRegister):
    def _write(self, write: Write) -> Written | Conflict | Rejected:
        result = super()._write(write)
        if isinstance(result, Conflict) and result.record:
            self.put(write.key, write.values)
        return result


@breaks("test_old_values_of_other_fields_do_not_matter")
class AnyEditIsAConflict(MemoryRegister):
    def _write(self, write: Write) -> Written | Conflict | Rejected:
        if write.expected_version is None and self._rows[write.key].version > 1:
            return Conflict(self._record(write.key))
        return super()._write(write)


@breaks("test_an_empty_old_value_is_a_value")
class EmptyEqualsAnything(MemoryRegister):
    def _write(self, write: Write) -> Written | Conflict | Rejected:
        now = self._rows[write.key].values if write.key in self._rows else {}
        unknown = {field: value for field, value in now.items() if field not in write.expected}
        return super()._write(replace(write, expected={**write.expected, **unknown}))


@breaks("test_an_empty_old_value_is_a_value")
class EmptyEqualsNothing(MemoryRegister):
    def _write(self, write: Write) -> Written | Conflict | Rejected:
        if write.expected_version is None and write.values.keys() - write.expected.keys():
            return Conflict(self._record(write.key))
        return super()._write(write)


@breaks("test_old_values_are_compared_exactly")
class ComparesAsMySqlDoes(MemoryRegister):
    def _write(self, write: Write) -> Written | Conflict | Rejected:
        now = self._rows[write.key].values
        loose = {field: now[field] for field in write.expected if _loosely(now[field], write.expected[field])}
        return super()._write(replace(write, expected={**write.expected, **loose}))


def _loosely(one: FactValue, other: FactValue) -> bool:
    texts = [" ".join(fact.print()) if isinstance(fact, Address) else str(fact) for fact in (one, other)]
    plain = [unicodedata.normalize("NFD", text).encode("ascii", "ignore").lower() for text in texts]
    return plain[0].replace(b"-", b"") == plain[1].replace(b"-", b"")


@breaks("test_the_same_write_again_is_written")
class NeverRecognisesItsOwnWrite(MemoryRegister):
    def _holds(self, current: Record, write: Write) -> bool:
        return False


@breaks("test_a_vanished_record_is_a_conflict")
class MakesTheRecordAgain(MemoryRegister):
    def _write(self, write: Write) -> Written | Conflict | Rejected:
        if write.key not in self._rows:
            self.put(write.key, write.values)
            return Written(self._record(write.key))
        return super()._write(write)


@breaks("test_of_two_writers_one_wins")
class ChecksBeforeItLocks(MemoryRegister):
    both_have_checked = Barrier(2)

    def write(self, write: Write) -> Written | Conflict | Rejected:
        current = self._record(write.key)
        self.both_have_checked.wait(timeout=10)
        if write.expected_version != current.version:
            return Conflict(current)
        self.put(write.key, write.values)
        return Written(self._record(write.key))


@breaks("test_a_field_that_is_not_writable_is_rejected")
class WritesWhatItMayNot(MemoryRegister):
    def _reason_to_reject(self, write: Write) -> str | None:
        return None


@breaks("test_a_refused_value_is_rejected")
class CutsLongTexts(MemoryRegister):
    def _write(self, write: Write) -> Written | Conflict | Rejected:
        short = {field: value[:50] if isinstance(value, str) else value for field, value in write.values.items()}
        return super()._write(replace(write, values=short))


@breaks("test_a_refused_value_is_rejected")
class RejectsHalf(MemoryRegister):
    def _write(self, write: Write) -> Written | Conflict | Rejected:
        result = super()._write(write)
        if isinstance(result, Rejected):
            self.put(write.key, {field: value for field, value in write.values.items() if value is None})
        return result


@breaks("test_status_is_written_and_read_back", "test_status_can_lose_its_source")
class ForgetsStatus(MemoryRegister):
    def _write(self, write: Write) -> Written | Conflict | Rejected:
        return super()._write(replace(write, status=None))


@breaks("test_status_can_lose_its_source")
class KeepsOldStatusParts(MemoryRegister):
    def _write(self, write: Write) -> Written | Conflict | Rejected:
        old = self._rows[write.key].status
        if write.status and old:
            write = replace(write, status=replace(write.status, source=write.status.source or old.source))
        return super()._write(write)


@breaks("test_an_unreachable_register_says_so")
class EmptyWhenUnreachable(MemoryRegister):
    def changed_since(self, mark: str | None) -> Iterator[Chunk]:
        if self.unreachable:
            return iter(())
        return super().changed_since(mark)


@breaks("test_trouble_tells_nothing_personal")
class QuotesTheWrite(MemoryRegister):
    def write(self, write: Write) -> Written | Conflict | Rejected:
        try:
            return super().write(write)
        except RegisterUnavailable:
            raise RegisterUnavailable(f"cannot write {dict(write.values)}") from None


@breaks("test_trouble_tells_nothing_personal")
class DragsTheCauseAlong(MemoryRegister):
    def _check_reachable(self) -> None:
        try:
            super()._check_reachable()
        except RegisterUnavailable as unavailable:
            cause = OSError("could not send: UPDATE asiakas SET katu = 'Öljymäentie'")
            raise unavailable from cause


@breaks("test_a_batch_writes_each_by_itself")
class StopsAtTheFirstConflict(MemoryRegister):
    def write_all(self, writes):
        results = []
        for write in writes:
            results.append(self.write(write))
            if isinstance(results[-1], Conflict):
                break
        return results


@breaks("test_a_refused_write_leaves_its_batch_alone")
class StopsAtTheFirstRefusal(MemoryRegister):
    def write_all(self, writes):
        results = [self.write(write) for write in writes]
        refused = any(isinstance(result, Rejected) for result in results)
        return [Rejected("batch") for _ in writes] if refused else results


@breaks("test_tells_how_values_read_back")
class ForetellsNothing(MemoryRegister):
    def as_read(self, values):
        return dict.fromkeys(values)


@breaks("test_closing_twice_is_fine")
class ClosesOnce(MemoryRegister):
    closed = False

    def close(self) -> None:
        assert not self.closed, "closed already"
        self.closed = True


ARGUMENTS: dict[str, dict[str, object]] = {
    "test_old_values_are_compared_exactly": {"street": "hameenkatu"},
    "test_the_same_write_again_is_written": {"by_version": True},
}
CHECKS = [name for name in vars(RegisterKit) if name.startswith("test_")]


@pytest.mark.parametrize("check", CHECKS)
def test_a_broken_register_fails(check: str) -> None:
    """Each check fails for every register that is broken in the way it looks for, and there is one."""
    assert BROKEN.get(check)
    for broken in BROKEN[check]:
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            run(check, broken)


@pytest.mark.parametrize("check", CHECKS)
def test_a_sound_register_passes(check: str) -> None:
    """The same way of running a check passes for the register that is not broken."""
    run(check, MemoryRegister)


def run(check: str, register: type[MemoryRegister]) -> None:
    """Run one check on a fresh register of this class."""

    class Kit(MemoryKit):
        def make(self) -> MemoryRegister:
            sound = super().make()
            return register(chunk_size=self.chunk_size, refuses=sound._refuses)

    kit = Kit()
    kit.memory = kit.make()
    getattr(kit, check)(kit.memory, **ARGUMENTS.get(check, {}))
