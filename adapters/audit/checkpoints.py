"""Signed checkpoints of the audit chain, appended to a file outside the database."""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.audit.verifier import (
    CHECKPOINT_FORMAT,
    GENESIS,
    MENTION,
    is_signed,
    key_id,
    line_hash,
    line_of,
    lines_of,
    read_checkpoint,
    signed_part,
)
from sync.errors import CheckpointFailed
from sync.parts import Parts
from sync.ports.store import AuditEntry
from sync.schedule import held

log = structlog.get_logger()

LEASE = "audit"
"""Held while a checkpoint is made."""

_BEGINNING = b'{"at":"'
_TAIL = 4_096  # bytes; a line has some five hundred


class CheckpointFile:
    """The file, and the key that signs what goes into it. Only ever appended to."""

    def __init__(self, path: Path, key: Ed25519PrivateKey) -> None:
        self.path = path
        self._key = key
        self.public_key = key.public_key()
        self.key_id = key_id(self.public_key)

    def last(self) -> tuple[dict[str, Any], str] | None:
        """Return the last checkpoint and the hash of its line; None while there is none.

        Raises:
            CheckpointFailed: the file cannot be read, or its last line is no checkpoint of this key.
        """
        with _clear_errors(self.path):
            try:
                with self.path.open("rb") as file:
                    file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
                    tail = file.read()
            except FileNotFoundError:
                return None
        line = tail[: tail.rfind(b"\n") + 1].splitlines(keepends=True)[-1:]
        if not line:
            return None
        found = read_checkpoint(line[0])
        if found is None or not is_signed(found, self.public_key):
            raise CheckpointFailed("the last line of the checkpoint file is no checkpoint of this key")
        return found, line_hash(line[0])

    def append(self, entry: AuditEntry, at: datetime) -> dict[str, Any]:
        """Sign an entry; returns the checkpoint once it is on the disk.

        Raises:
            CheckpointFailed: the file cannot be read or written; it is left as it was.
        """
        last = self.last()
        number, previous = (last[0]["number"] + 1, last[1]) if last else (1, GENESIS)
        unsigned = {
            "at": at.isoformat(),
            "entries": entry.seq,
            "format": CHECKPOINT_FORMAT,
            "hash": entry.hash,
            "key": self.key_id,
            "number": number,
            "previous": previous,
            "seq": entry.seq,
        }
        checkpoint = unsigned | {"signature": self._key.sign(signed_part(unsigned)).hex()}
        with _clear_errors(self.path):
            self._write(line_of(checkpoint))
        return checkpoint

    def lines(self) -> Iterator[bytes]:
        """Return the lines that are in the file now, for the verifier; none if there is no file yet."""
        with _clear_errors(self.path):
            size = self.path.stat().st_size if self.path.exists() else 0
        return self._lines_within(size)

    def _lines_within(self, size: int) -> Iterator[bytes]:
        if size:
            with _clear_errors(self.path), self.path.open("rb") as file:
                for line in lines_of(file):
                    size -= len(line)
                    if size < 0:
                        return
                    yield line

    def _write(self, line: bytes) -> None:
        new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            whole = _whole_lines(descriptor)
            try:
                if os.write(descriptor, line) != len(line):
                    raise OSError(errno.ENOSPC, "only a part was written")  # noqa: TRY301 - mended below like any other failure
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, whole)
                raise
        finally:
            os.close(descriptor)
        if new:
            _make_name_durable(self.path)


def sign_head(parts: Parts, file: CheckpointFile) -> dict[str, Any] | None:
    """Sign the last entry of the chain, and note in the chain that it was signed; None when nothing is new.

    The note follows the checkpoint: a crash in between leaves a checkpoint without one, which the next run notes.

    Raises:
        Busy: another worker is at it.
        CheckpointFailed: the file cannot be written, or what was signed last is not in the chain.
        StoreUnavailable: our database cannot be reached.
    """
    with held(parts, LEASE) as lease:
        last = file.last()
        with parts.store.snapshot() as work:
            head = work.audit_head()
            signed = work.audit_entry(last[0]["seq"]) if last else None
            _see_that_it_follows(file, last, signed, None if last else work.audit_entries(MENTION))
        if head is None or (last and _tells_of(head, file, last)):
            return None
        again = last is not None and last[0]["seq"] == head.seq
        checkpoint = last[0] if last and again else file.append(head, parts.clock.now())
        body = {"checkpoint": checkpoint["number"], "key": file.key_id, "line": line_hash(line_of(checkpoint))}
        with parts.store.begin(lease) as work:
            work.audit("checkpoints", MENTION, parts.clock.now(), body)
            work.commit()
    log.info("checkpoint_signed", number=checkpoint["number"], entry=checkpoint["seq"])
    return checkpoint


def _see_that_it_follows(
    file: CheckpointFile,
    last: tuple[dict[str, Any], str] | None,
    signed: AuditEntry | None,
    mentions: Iterator[AuditEntry] | None,
) -> None:
    """See that the chain is the one that was signed last, and that a file without a line never had one."""
    if last and (signed is None or signed.hash != last[0]["hash"]):
        raise CheckpointFailed(
            f"entry {last[0]['seq']} is not the one that was signed: the chain was changed, or is that of a back-up"
        )
    if any(json.loads(entry.body).get("key") == file.key_id for entry in mentions or ()):
        raise CheckpointFailed("the checkpoint file is empty, but the chain tells of checkpoints signed with this key")


def _tells_of(head: AuditEntry, file: CheckpointFile, last: tuple[dict[str, Any], str]) -> bool:
    body = json.loads(head.body) if head.action == MENTION else {}
    return bool(body.get("key") == file.key_id and body.get("line") == last[1])


def _whole_lines(descriptor: int) -> int:
    """Cut away what a crash left of a line; returns the length of the file."""
    size = os.lseek(descriptor, 0, os.SEEK_END)
    start = max(0, size - _TAIL)
    tail = os.pread(descriptor, size - start, start)
    whole = start + tail.rfind(b"\n") + 1
    if whole < size:
        torn = tail[whole - start :]
        if not torn.startswith(_BEGINNING[: len(torn)]):
            raise CheckpointFailed("the checkpoint file holds something else")
        log.warning("checkpoint_torn", cut_off_bytes=size - whole)
        os.ftruncate(descriptor, whole)
    return whole


def _make_name_durable(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _clear_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CheckpointFailed(
            f"{path}: cannot be read or written ({error.strerror}): see its disk and its rights; it is tried again"
        ) from None
