r"""Verifies the audit trail of ajantasa. One file, which needs nothing of ajantasa, no database and no secret key.

It needs Python 3.11 or newer and, for signatures, the package `cryptography`:

    python verifier.py AUDIT_FILE [--checkpoints FILE --public-key FILE]

An audit file is what `ajantasa audit export` writes: JSON lines, each in the one canonical spelling (sorted keys, no
spaces, UTF-8). First `{"format":"ajantasa-audit/1"}`, then every entry of the chain, each followed by the commitments
of the facts that it binds, then what all of that came to.

    entry       its hash is SHA-256 over the canonical JSON of [seq, at, actor, action, body, previous]; `previous` is
                the hash of the entry before, of the first one 64 zeros
    fact        "ID:COMMITMENT\n" of all facts of an entry, by ascending id, hash to `facts_digest` of its body
    checkpoint  a line of a file of its own: the hash of one entry, signed (Ed25519) over `ajantasa-checkpoint\n` and
                the canonical JSON of the line without its signature; `previous` is the SHA-256 of the line before
    mention     the entry `checkpoint` that was appended after a checkpoint was signed: its number, and its line's hash

Everything is read once and nothing is held in memory but the present line. Exit status: 0 no fault, 1 faults, 2 a file
cannot be read.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

HEADER = {"format": "ajantasa-audit/1"}
CHECKPOINT_FORMAT = "ajantasa-checkpoint/1"
SIGNED = b"ajantasa-checkpoint\n"
GENESIS = "0" * 64
MENTION = "checkpoint"

_ENTRY = {"action": str, "actor": str, "at": str, "body": str, "hash": str, "previous": str, "seq": int}
_FACT = {"commitment": str, "entry": int, "fact": int}
_END = {"entries": int, "facts": int, "hash": str}
_CHECKPOINT = {
    "at": str,
    "entries": int,
    "format": str,
    "hash": str,
    "key": str,
    "number": int,
    "previous": str,
    "seq": int,
    "signature": str,
}
_LONGEST = 16 * 1024 * 1024
_FAULTS_KEPT = 100
_TELL_EVERY = 10_000


class Fault(NamedTuple):
    """One thing that is wrong, and where."""

    where: str
    what: str


@dataclass
class Report:
    """What was checked, and what was found.

    Attributes:
        entries: of the chain.
        facts: whose commitments were checked.
        checkpoints: whose signature is good.
        first_at: when the first entry was appended.
        last_at: when the last one was.
        last_seq: number of the last entry.
        signed_to: number of the last entry that a checkpoint vouches for.
        signed_at: when it was signed.
        mentions: checkpoints of which the chain tells and that were not looked for: none were given, or of other keys.
        fault_count: how many faults there are in all.
        faults: the first of them.
    """

    entries: int = 0
    facts: int = 0
    checkpoints: int = 0
    first_at: str = ""
    last_at: str = ""
    last_seq: int = 0
    signed_to: int = 0
    signed_at: str = ""
    mentions: int = 0
    fault_count: int = 0
    faults: list[Fault] = field(default_factory=list)

    def add(self, where: str, what: str) -> None:
        """Note a fault."""
        self.fault_count += 1
        if len(self.faults) < _FAULTS_KEPT:
            self.faults.append(Fault(where, what))


def canonical(data: Any) -> str:
    """Write JSON with one spelling only: sorted keys, no spaces, UTF-8."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def line_of(data: Mapping[str, Any]) -> bytes:
    """Return the line of an audit or checkpoint file that says this."""
    return canonical(data).encode() + b"\n"


def hash_of(entry: Mapping[str, Any]) -> str:
    """Return what the hash of an entry must be."""
    text = canonical([entry[name] for name in ("seq", "at", "actor", "action", "body", "previous")])
    return hashlib.sha256(text.encode()).hexdigest()


def line_hash(line: bytes) -> str:
    """Return the hash of a whole line, by which the next checkpoint and the chain name it."""
    return hashlib.sha256(line).hexdigest()


def key_id(key: Ed25519PublicKey) -> str:
    """Return the name of a public key: the beginning of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def signed_part(checkpoint: Mapping[str, Any]) -> bytes:
    """Return the bytes that the signature of a checkpoint is over."""
    return SIGNED + canonical({name: each for name, each in checkpoint.items() if name != "signature"}).encode()


def read_checkpoint(line: bytes) -> dict[str, Any] | None:
    """Read a line of a checkpoint file; None for anything else. The signature is not looked at."""
    data = _parsed(line)
    good = _has_shape(data, _CHECKPOINT) and data["format"] == CHECKPOINT_FORMAT
    return data if good else None


def is_signed(checkpoint: Mapping[str, Any], key: Ed25519PublicKey) -> bool:
    """Tell whether a checkpoint was signed with this key, and is spelled as it was signed."""
    told: str = checkpoint["signature"]
    try:
        signature = bytes.fromhex(told)
        key.verify(signature, signed_part(checkpoint))
    except (InvalidSignature, ValueError):
        return False
    # The same bytes could be spelled otherwise: with capitals, or spaces.
    return signature.hex() == told and key_id(key) == checkpoint["key"]


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file; one too long to be ours comes in pieces, so that it cannot fill the memory."""
    while line := file.readline(_LONGEST):
        yield line


class Checkpoints:
    """The checkpoint file, read in step with the chain."""

    def __init__(self, lines: Iterable[bytes], key: Ed25519PublicKey, report: Report) -> None:
        self.key = key_id(key)
        self._public = key
        self._lines = iter(lines)
        self._report = report
        self._read = 0
        self._line = b""
        self._before: dict[str, Any] | None = None
        self._passed: tuple[int, str] | None = None
        self._next: dict[str, Any] | None = None
        self._advance()

    def meet(self, seq: int, hash_: str) -> None:
        """Compare an entry with what was signed of it."""
        while self._next and self._next["seq"] < seq:
            self._report.add(f"entry {self._next['seq']}", f"is not there, but was signed at {self._next['at']}")
            self._advance()
        if self._next and self._next["seq"] == seq:
            if self._next["hash"] == hash_:
                self._report.signed_to, self._report.signed_at = seq, self._next["at"]
            else:
                what = "is not the one that was signed: it, or one before it, was changed and the rest made to fit"
                self._report.add(f"entry {seq}", f"{what} (checkpoint {self._next['number']}, {self._next['at']})")
            self._advance()

    def mentioned(self, seq: int, number: object, line: object) -> None:
        """See that a checkpoint of which the chain tells is in the file, as it was written."""
        if (number, line) != self._passed:
            what = f"tells of checkpoint {number}, which is not in the checkpoint file as it was written"
            self._report.add(f"entry {seq}", what)

    def end(self, last: int) -> None:
        """See that nothing was signed beyond the last entry."""
        while self._next:
            what = f"signs entry {self._next['seq']}, but the chain ends at {last}: it was cut off"
            self._report.add(f"checkpoint {self._next['number']}", what)
            self._advance()

    def _advance(self) -> None:
        """Go on to the next line that says something and whose signature is good."""
        if self._next:
            self._passed = (self._next["number"], line_hash(self._line))
        self._next = None
        for line in self._lines:
            self._read += 1
            found = read_checkpoint(line)
            self._check_order(found, line)
            if found and is_signed(found, self._public):
                self._report.checkpoints += 1
                self._next = found
                return
            if found:
                self._report.add(f"checkpoint file, line {self._read}", "was not signed with this key")

    def _check_order(self, found: dict[str, Any] | None, line: bytes) -> None:
        where = f"checkpoint file, line {self._read}"
        if found is None:
            self._report.add(where, "is no checkpoint: it was damaged, or cut off")
        elif (found["number"], found["previous"]) != (self._read, line_hash(self._line) if self._line else GENESIS):
            self._report.add(where, "does not follow the line before: lines were dropped, added, moved or changed")
        elif found["entries"] != found["seq"] or (self._before and found["seq"] <= self._before["seq"]):
            self._report.add(where, "its figures do not follow those before")
        self._line, self._before = line, found or self._before


class Chain:
    """The audit file, line by line."""

    def __init__(self, report: Report, checkpoints: Checkpoints | None) -> None:
        self._report = report
        self._checkpoints = checkpoints
        self._line = 0
        self._seq = 0
        self._hash = GENESIS
        self._bound: tuple[object, object] = (0, None)
        self._facts = 0
        self._digest = hashlib.sha256()
        self._ended = False

    def read(self, line: bytes) -> None:
        """Take the next line."""
        self._line += 1
        data = _parsed(line)
        if self._line == 1:
            if data != HEADER:
                self._fault("is not the first line of an audit file")
        elif self._ended:
            self._fault("comes after the end")
        elif _has_shape(data, _ENTRY):
            self._entry(data)
        elif _has_shape(data, _FACT):
            self._fact(data)
        elif _has_shape(data, {"end": dict}) and _has_shape(data["end"], _END):
            self._end(data["end"])
        else:
            self._fault("is no line of an audit file: it was damaged, or cut off")

    def close(self) -> None:
        """See that the whole file was there."""
        if not self._ended:
            self._close_entry()
            self._report.add("the end", "the last line is missing: the file was cut off")
        if self._checkpoints:
            self._checkpoints.end(self._seq)

    def _entry(self, entry: dict[str, Any]) -> None:
        self._close_entry()
        seq, where, report = entry["seq"], f"entry {entry['seq']}", self._report
        if seq != self._seq + 1:
            report.add(where, f"comes after entry {self._seq}: entries were dropped, added or moved")
        elif entry["previous"] != self._hash:
            report.add(where, "does not follow the entry before it: one of the two was changed")
        if entry["hash"] != hash_of(entry):
            report.add(where, "was changed: its hash is not that of what it says")
        self._seq, self._hash = seq, entry["hash"]
        body = _parsed_object(entry["body"])
        if body is None:
            report.add(where, "its body is no JSON object")
            body = {}
        self._bound = (body.get("facts", 0), body.get("facts_digest"))
        report.entries += 1
        report.first_at, report.last_at, report.last_seq = report.first_at or entry["at"], entry["at"], seq
        self._meet(entry, body)

    def _meet(self, entry: dict[str, Any], body: dict[str, Any]) -> None:
        if self._checkpoints:
            self._checkpoints.meet(entry["seq"], entry["hash"])
        if entry["action"] == MENTION:
            if self._checkpoints and body.get("key") == self._checkpoints.key:
                self._checkpoints.mentioned(entry["seq"], body.get("checkpoint"), body.get("line"))
            else:
                self._report.mentions += 1

    def _fact(self, fact: dict[str, Any]) -> None:
        if fact["entry"] != self._seq or self._seq == 0:
            self._report.add(f"fact {fact['fact']}", f"is bound by no entry: it names entry {fact['entry']}")
            return
        self._facts += 1
        self._report.facts += 1
        self._digest.update(f"{fact['fact']}:{fact['commitment']}\n".encode())

    def _close_entry(self) -> None:
        """See that the facts of the entry are those that it binds."""
        count, digest = self._bound
        if count != self._facts:
            self._report.add(f"entry {self._seq}", f"binds {count} facts, but {self._facts} are there")
        elif (self._digest.hexdigest() if self._facts else None) != digest:
            self._report.add(
                f"entry {self._seq}", "the facts that it binds are not those that were there: one was changed"
            )
        self._facts, self._digest = 0, hashlib.sha256()

    def _end(self, told: dict[str, Any]) -> None:
        self._close_entry()
        self._ended = True
        found = {"entries": self._report.entries, "facts": self._report.facts, "hash": self._hash}
        if told != found:
            self._fault("tells of other figures than those of the lines before it")

    def _fault(self, what: str) -> None:
        self._report.add(f"line {self._line}", what)


def verify(
    audit: Iterable[bytes],
    checkpoints: Iterable[bytes] | None = None,
    key: Ed25519PublicKey | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> Report:
    """Verify an audit file.

    Args:
        audit: its lines.
        checkpoints: the lines of the checkpoint file; None where there is none.
        key: the public key that they were signed with; needed with checkpoints.
        advance: told now and then how many lines were read.
    """
    report = Report()
    chain = Chain(report, Checkpoints(checkpoints, key, report) if checkpoints is not None and key else None)
    for number, line in enumerate(audit, 1):
        chain.read(line)
        if number % _TELL_EVERY == 0:
            advance(number)
    chain.close()
    return report


def words(report: Report, *, signatures: bool) -> list[str]:
    """Say in plain words what was checked and what was found.

    Args:
        report: of the verification.
        signatures: checkpoints were given.
    """
    span = f", from {report.first_at} to {report.last_at}" if report.entries else ""
    said = [
        f"Checked {report.entries} entries{span}: their hashes, and that each follows the one before.",
        f"Checked {report.facts} facts: that each is bound by its entry, by its commitment.",
    ]
    if signatures:
        said.append(f"Checked {report.checkpoints} signed checkpoints.")
        if report.signed_to and not report.fault_count:
            said.append(f"Entries 1 to {report.signed_to} are vouched for as of {report.signed_at}.")
        if report.last_seq > report.signed_to:
            said.append(
                f"No checkpoint vouches yet for what follows entry {report.signed_to}: its end could be missing unseen."
            )
        if report.mentions:
            said.append(f"{report.mentions} checkpoints signed with other keys were not looked for.")
    else:
        said.append("No checkpoints were given: a chain cut off at its end, or wholly made anew, would not be seen.")
        if report.mentions:
            said.append(f"The chain tells of {report.mentions} checkpoints: ask for them, and for the public key.")
    said += [f"FAULT {fault.where}: {fault.what}" for fault in report.faults]
    if report.fault_count > len(report.faults):
        said.append(f"and {report.fault_count - len(report.faults)} more faults")
    said.append(f"Faults found: {report.fault_count}." if report.fault_count else "No fault was found.")
    return said


def _parsed(line: bytes) -> Any:
    """Read a line; None for one that is not in the canonical spelling."""
    try:
        data = json.loads(line)
        return data if line_of(data) == line else None
    except (ValueError, RecursionError):  # no JSON, no UTF-8, a number with thousands of digits
        return None


def _parsed_object(text: str) -> dict[str, Any] | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _has_shape(data: Any, shape: Mapping[str, type]) -> bool:
    return (
        isinstance(data, dict)
        and data.keys() == shape.keys()
        and all(type(data[name]) is kind for name, kind in shape.items())
    )


def main(arguments: list[str] | None = None) -> int:
    """Verify the files that are named; returns the exit status."""
    parser = argparse.ArgumentParser(description="Verifies an exported audit trail of ajantasa.")
    parser.add_argument("audit", type=Path, help="file that `ajantasa audit export` wrote")
    parser.add_argument("--checkpoints", type=Path, help="the checkpoint file")
    parser.add_argument("--public-key", type=Path, help="the public key that the checkpoints were signed with (PEM)")
    given = parser.parse_args(arguments)
    if (given.checkpoints is None) != (given.public_key is None):
        parser.error("--checkpoints and --public-key belong together")
    try:
        with ExitStack() as stack:
            key = load_public_key(given.public_key.read_bytes()) if given.public_key else None
            checkpoints = lines_of(stack.enter_context(given.checkpoints.open("rb"))) if given.checkpoints else None
            report = verify(lines_of(stack.enter_context(given.audit.open("rb"))), checkpoints, key, _count)
    except OSError as error:
        parser.error(f"{error.filename} cannot be read: {error.strerror}")
    except ValueError as error:
        parser.error(str(error))
    sys.stdout.write("\n".join(words(report, signatures=checkpoints is not None)) + "\n")
    return 1 if report.fault_count else 0


def load_public_key(data: bytes) -> Ed25519PublicKey:
    """Read a public key from PEM.

    Raises:
        ValueError: it is none, or of another kind.
    """
    try:
        key = load_pem_public_key(data)
    except ValueError:
        raise ValueError("the public key is no PEM file of one") from None
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("the public key is of another kind than Ed25519")  # noqa: TRY004 - it is the file that is wrong
    return key


def _count(lines: int) -> None:
    """Tell on a terminal how far the reading is."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{lines} lines")


if __name__ == "__main__":
    sys.exit(main())
