"""How far we are: one log key for each bucket of watched ids, as an opaque JSON text.

The register's log key is one number for everybody, but an answer moves it only for the ids asked about. With several
buckets each needs a key of its own. The buckets take turns until all of them are up to date; then a new round begins.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self
from zlib import crc32

from adapters.providers.dvv.wire import looks_like_national_id
from sync.errors import CursorRefused


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in the feed.

    Attributes:
        keys: `viimeisinKirjausavain` of each bucket.
        turn: the bucket whose turn it is.
        done: buckets that are up to date in this round.
    """

    keys: tuple[int, ...]
    turn: int = 0
    done: frozenset[int] = frozenset()

    @classmethod
    def fresh(cls, key: int, buckets: int) -> Self:
        """Return the position where every bucket begins at the key."""
        return cls((key,) * buckets)

    @classmethod
    def read(cls, text: str, buckets: int) -> Self:
        """Read a position. When the number of buckets changed, every bucket begins at the smallest key.

        Raises:
            CursorRefused: it is not one that this adapter wrote.
        """
        try:
            wire = json.loads(text)
            found = cls(tuple(wire["keys"]), wire["turn"], frozenset(wire["done"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            found = cls(())
        if not (found.keys and all(_is_count(n) for n in (*found.keys, found.turn, *found.done))):
            raise CursorRefused("the cursor is not one of the population register's")
        everyone = frozenset(range(buckets))
        if len(found.keys) != buckets or found.turn not in everyone or not found.done < everyone:
            return cls.fresh(min(found.keys), buckets)
        return found

    def write(self) -> str:
        """Return the text that `read` reads; the same for the same position."""
        return json.dumps({"keys": self.keys, "turn": self.turn, "done": sorted(self.done)}, separators=(",", ":"))

    def turns(self) -> Iterator[int]:
        """Yield the buckets still to be asked for in this round, in their order."""
        count = len(self.keys)
        for step in range(count):
            bucket = (self.turn + step) % count
            if bucket not in self.done:
                yield bucket

    def after(self, bucket: int, key: int, *, up_to_date: bool) -> tuple[Self, bool]:
        """Return the position after an answer to one of the `turns`, and whether it ends the round."""
        keys = (*self.keys[:bucket], key, *self.keys[bucket + 1 :])
        done = self.done | {bucket} if up_to_date else self.done
        if len(done) == len(keys):
            return type(self)(keys), True
        moved = type(self)(keys, (bucket + 1) % len(keys), done)
        return type(self)(keys, next(moved.turns()), done), False


def in_buckets(national_ids: Iterable[str], count: int) -> list[list[str]]:
    """Return the Finnish ids of each bucket, each once, sorted. Other ids are nothing to the register, and stay here."""
    buckets: list[set[str]] = [set() for _ in range(count)]
    for code in filter(looks_like_national_id, national_ids):
        buckets[crc32(code.encode()) % count].add(code)
    return [sorted(bucket) for bucket in buckets]


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
