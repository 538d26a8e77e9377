"""Writing the audit chain out, in the form that the verifier reads."""

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path

from adapters.audit.checkpoints import LEASE, CheckpointFile
from adapters.audit.verifier import GENESIS, HEADER, line_of
from sync.parts import Parts, Progress
from sync.ports.store import AuditEntry, BoundFact, UnitOfWork
from sync.schedule import held

_TELL_EVERY = 1_000


def lines(trail: Iterable[AuditEntry | BoundFact]) -> Iterator[bytes]:
    """Yield the lines of an audit file."""
    entries, facts, hash_ = 0, 0, GENESIS
    yield line_of(HEADER)
    for one in trail:
        if isinstance(one, AuditEntry):
            entries, hash_ = entries + 1, one.hash
            yield line_of(asdict(one) | {"at": one.at.isoformat()})
        else:
            facts += 1
            yield line_of({"fact": one.id, "commitment": one.commitment, "entry": one.entry})
    yield line_of({"end": {"entries": entries, "facts": facts, "hash": hash_}})


def told(trail: Iterable[AuditEntry | BoundFact], progress: Progress, total: int) -> Iterator[AuditEntry | BoundFact]:
    """Pass the trail through, and tell a person how far it is, by its entries."""
    for one in trail:
        if isinstance(one, AuditEntry) and one.seq % _TELL_EVERY == 0:
            progress.advance(_TELL_EVERY, total)
        yield one
    progress.done()


@contextmanager
def at_one_moment(
    parts: Parts, file: CheckpointFile | None
) -> Iterator[tuple[UnitOfWork, int, Iterator[bytes] | None]]:
    """Give the store as it is now, how many entries the chain has, and the lines of the checkpoint file.

    None is made in between: a checkpoint of an entry that is not there yet would look like a chain that was cut off.

    Raises:
        Busy: one is being made right now.
        CheckpointFailed: the file cannot be read.
    """
    with ExitStack() as stack:
        with held(parts, LEASE) if file else nullcontext():
            work = stack.enter_context(parts.store.snapshot())
            head = work.audit_head()  # the snapshot is of the moment of its first reading
            checkpoints = file.lines() if file else None
        yield work, head.seq if head else 0, checkpoints


def export(parts: Parts, path: Path, file: CheckpointFile | None) -> int:
    """Write the whole chain to a new file, and the checkpoints to one beside it; returns how many entries there are.

    Only their owner can read them.

    Raises:
        FileExistsError: one of the two is there.
        OSError: one of the two cannot be written; nothing is left of either.
        Busy, CheckpointFailed: as of `at_one_moment`.
        StoreUnavailable: our database cannot be reached.
    """
    with at_one_moment(parts, file) as (work, total, checkpoints), ExitStack() as undo:
        reading = told(work.trail(), parts.progress("exporting"), total)
        _write(path, lines(reading), undo)
        if checkpoints is not None:
            _write(beside(path), checkpoints, undo)
        undo.pop_all()
    return total


def beside(path: Path) -> Path:
    """Return where the checkpoints of an exported chain go."""
    return path.with_name(path.name + ".checkpoints")


def _write(path: Path, data: Iterable[bytes], undo: ExitStack) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    undo.callback(path.unlink, missing_ok=True)
    with os.fdopen(descriptor, "wb") as file:
        file.writelines(data)
        file.flush()
        os.fsync(file.fileno())
