"""Edits that somebody might make to an exported audit trail: by accident, by hand, or with a program that knows it all.

None of them has the signing key. Each takes lines and a source of chance, and returns other lines.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.audit.checkpoints import CheckpointFile, sign_head
from adapters.audit.export import lines
from adapters.audit.verifier import GENESIS, Report, hash_of, line_hash, line_of, signed_part, verify
from sync.model import PartialDate, PersonName
from sync.retention import forget
from tests.harness import AINO_ID, MAIJA_ID, Engine, base, home, make_engine, moved, protected, sqlite_url

Lines = list[bytes]


@dataclass(frozen=True)
class Trail:
    """An exported trail with its checkpoints, and another one to take pieces from."""

    audit: Lines
    checkpoints: Lines
    key: Ed25519PrivateKey
    other: "Trail | None" = None

    def check(self, audit: Lines, checkpoints: Lines) -> Report:
        return verify(audit, checkpoints, self.key.public_key())

    @property
    def signed(self) -> list[int]:
        """Return where the entries are that a checkpoint vouches for."""
        last = json.loads(self.checkpoints[-1])["seq"]
        return [n for n, each in enumerate(self.audit) if json.loads(each).get("seq", last + 1) <= last]


def make_trail(folder: Path, streets: Sequence[str], other: Trail | None = None) -> Trail:
    """Let an engine live for some weeks, signing now and then, and export what its chain holds."""
    engine = make_engine(sqlite_url(folder))
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"tests").digest())
    file = CheckpointFile(folder / "checkpoints.jsonl", key)
    for day, _ in enumerate(_weeks(engine, streets)):
        if day % 2:
            assert sign_head(engine.parts, file)
    sign_head(engine.parts, file)
    with engine.store.snapshot() as work:
        trail = Trail(list(lines(work.trail())), list(file.lines()), key, other)
    engine.store.close()
    return trail


def _weeks(engine: Engine, streets: Sequence[str]) -> Iterator[None]:
    engine.add()
    engine.add("44", national_id=AINO_ID, name=PersonName("Virtanen", "Aino"), birth_date=PartialDate(1990, 1, 1))
    engine.population.people = {MAIJA_ID: base(home()), AINO_ID: base(home("Avokatu"), national_id=AINO_ID)}
    engine.run()
    yield
    for number, street in enumerate(streets):
        engine.clock.move(days=1)
        who = MAIJA_ID if number % 3 else AINO_ID
        recorded = engine.clock.now() - timedelta(hours=1)
        engine.population.log.append(moved(home(street), event=f"m{number}", national_id=who, recorded=recorded))
        engine.run()
        yield
    engine.population.log.append(protected())
    engine.run()
    forget(engine.parts)
    yield


# --- edits of either file ---------------------------------------------------------------------------------------------


def flip(lines: Lines, chance: Random) -> Lines:
    """Change one bit of one byte."""
    data = bytearray(b"".join(lines))
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data).splitlines(keepends=True)


def drop(lines: Lines, chance: Random) -> Lines:
    """Leave out one line, or some that follow one another."""
    first = chance.randrange(len(lines))
    return lines[:first] + lines[first + chance.randint(1, 5) :]


def swap(lines: Lines, chance: Random) -> Lines:
    """Let two lines change places."""
    one, other = chance.sample(range(len(lines)), 2)
    edited = lines[:]
    edited[one], edited[other] = edited[other], edited[one]
    return edited


def truncate(lines: Lines, chance: Random) -> Lines:
    """Cut the file off, anywhere."""
    data = b"".join(lines)
    return data[: chance.randrange(len(data))].splitlines(keepends=True)


def duplicate(lines: Lines, chance: Random) -> Lines:
    """Repeat some lines, there or elsewhere."""
    first = chance.randrange(len(lines))
    some = lines[first : first + chance.randint(1, 5)]
    place = chance.choice([first, chance.randrange(len(lines) + 1)])
    return lines[:place] + some + lines[place:]


def splice(lines: Lines, other: Lines, chance: Random) -> Lines:
    """Put a piece of another trail in the place of one of this."""
    first, length = chance.randrange(len(lines)), chance.randint(1, 8)
    there = min(first, len(other) - 1) if chance.random() < 0.5 else chance.randrange(len(other))
    return lines[:first] + other[there : there + length] + lines[first + length :]


# --- edits by somebody who knows how the files are made ----------------------------------------------------------------


def recompute(trail: Trail, chance: Random) -> Lines:
    """Change, drop or add an entry that was signed, and make everything after it fit again."""
    edited = [json.loads(line) for line in trail.audit]
    place = chance.choice(trail.signed)
    what = chance.choice(["actor", "body", "at", "drop", "add", "fact"])
    if what == "drop":
        del edited[place]
    elif what == "add":
        edited.insert(place, {**edited[place], "action": "invented", "body": "{}"})
    elif what == "fact" and "fact" in edited[place + 1]:
        edited[place + 1]["commitment"] = hashlib.sha256(chance.randbytes(8)).hexdigest()
    elif what == "body":
        edited[place]["body"] = '{"customers":0}'
    elif what == "at":
        edited[place]["at"] = edited[place]["at"].replace("2026", "2025")
    else:
        edited[place]["actor"] = "nobody"
    return refit(edited)


def cut(trail: Trail, chance: Random) -> Lines:
    """Leave out the end of the chain, beginning with an entry that was signed, and make the rest look whole."""
    place = chance.choice(trail.signed)
    return refit([json.loads(line) for line in (*trail.audit[:place], trail.audit[-1])])


def refit(edited: list[dict[str, Any]]) -> Lines:
    """Number and hash all entries anew, and bind the facts that follow each."""
    header, *rest, end = edited
    seq, previous, made, facts = 0, GENESIS, [header], 0
    for place, one in enumerate(rest):
        if "fact" in one:
            made.append(one | {"entry": seq})
            facts += 1
            continue
        seq += 1
        entry = one | {"seq": seq, "previous": previous, "body": _binding(one["body"], rest[place + 1 :])}
        previous = hash_of(entry)
        made.append(entry | {"hash": previous})
    end = {"end": {"entries": seq, "facts": facts, "hash": previous}}
    return [line_of(one) for one in (*made, end)]


def _binding(body: str, rest: list[dict[str, Any]]) -> str:
    digest, count = hashlib.sha256(), 0
    for one in rest:
        if "fact" not in one:
            break
        digest.update(f"{one['fact']}:{one['commitment']}\n".encode())
        count += 1
    told = {name: value for name, value in json.loads(body).items() if name not in ("facts", "facts_digest")}
    told |= {"facts": count, "facts_digest": digest.hexdigest()} if count else {}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def forge(trail: Trail, chance: Random) -> Lines:
    """Change a checkpoint, sign it with a key of one's own, and make those after it follow."""
    stranger = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
    place, made = chance.randrange(len(trail.checkpoints)), list[bytes]()
    change = chance.choice([{"hash": chance.randbytes(32).hex()}, {"at": "2026-01-01T00:00:00+00:00"}, {}])
    for number, line in enumerate(trail.checkpoints):
        one = json.loads(line)
        if number >= place:
            one |= {"previous": line_hash(made[-1]) if made else GENESIS} | (change if number == place else {})
            one["signature"] = stranger.sign(signed_part(one)).hex()
        made.append(line_of(one))
    return made


EDITS: dict[str, Callable[[Lines, Random], Lines]] = {
    "flip": flip,
    "drop": drop,
    "swap": swap,
    "truncate": truncate,
    "duplicate": duplicate,
}
"""Those that anybody can make, to either file."""

KINDS = (*EDITS, "splice", "recompute", "cut", "forge")


def edited(trail: Trail, kind: str, chance: Random) -> tuple[Lines, Lines]:
    """Make one edit of that kind to one of the two files; returns both."""
    assert trail.other
    if kind == "recompute":
        return recompute(trail, chance), trail.checkpoints
    if kind == "cut":
        return cut(trail, chance), trail.checkpoints
    if kind == "forge":
        return trail.audit, forge(trail, chance)
    of_audit = chance.random() < 0.6
    lines_, other = (trail.audit, trail.other.audit) if of_audit else (trail.checkpoints, trail.other.checkpoints)
    made = splice(lines_, other, chance) if kind == "splice" else EDITS[kind](lines_, chance)
    return (made, trail.checkpoints) if of_audit else (trail.audit, made)


def try_edits(trail: Trail, number: int, chance: Random) -> Iterator[tuple[str, bool]]:
    """Make so many edits, of all kinds in turn; yields each kind, and whether the verifier saw it."""
    whole = (b"".join(trail.audit), b"".join(trail.checkpoints))
    done = 0
    while done < number:
        kind = KINDS[done % len(KINDS)]
        audit, checkpoints = edited(trail, kind, chance)
        if (b"".join(audit), b"".join(checkpoints)) == whole:
            continue  # two equal lines that changed places: nothing was edited
        done += 1
        yield kind, trail.check(audit, checkpoints).fault_count > 0
