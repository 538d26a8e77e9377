"""Commitments: what the audit chain holds of a fact instead of the fact itself.

A commitment has two halves, `2:told:value`. The first is a keyed hash of everything but the value: whose it is, since
when, who said so, why it was believed. The second is a keyed hash of the value and of a salt that is sealed beside it.
When the value is purged the salt goes with it, so that not even the holder of the key can find the value again by
trying every address of the country, while the first half can still be checked.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.store.keyring import Keyring
from adapters.store.spelling import canonical_whole
from sync.model.codec import canonical

_PREFIX = "2:"

SALT = "s"
"""Name of the salt in a fact's sealed JSON; without it the value can no longer be compared with its commitment."""

_TOLD = (
    "id",
    "customer_id",
    "field",
    "kind",
    "valid_from",
    "valid_until",
    "source",
    "origin",
    "event",
    "notice",
    "position",
    "learned_at",
    "recorded_at",
    "rule",
    "weight",
    "evidence",
    "model",
    "decided_by",
)
# "weight" is the only float among them: what has none is written the fast way.
_MOMENTS = frozenset({"learned_at", "recorded_at"})
_TOLD_OF_MARKS = ("about", "undo")
"""What is told of marks only: facts from before there were any are committed to as they ever were."""


def commitment(keyring: Keyring, row: Mapping[str, Any], plain: str | None) -> str:
    """Return the commitment of a fact's row and of the JSON that is sealed in it; None where it never had a value."""
    return f"{_PREFIX}{_told(keyring, row)}:{_value(keyring, row['id'], plain) if plain else ''}"


def can_be_compared(committed: str) -> bool:
    """Tell whether it is of this form; those of earlier builds bound the value and its date only, unsalted."""
    return committed.startswith(_PREFIX)


def told_as_committed(keyring: Keyring, row: Mapping[str, Any], committed: str) -> bool:
    """Tell whether everything but the value is as it was when the chain bound it."""
    return committed.removeprefix(_PREFIX).partition(":")[0] == _told(keyring, row)


def had_value(committed: str) -> bool:
    """Tell whether the fact came with a value, as the chain bound it."""
    return not committed.endswith(":")


def value_as_committed(keyring: Keyring, row: Mapping[str, Any], plain: Mapping[str, Any], committed: str) -> bool:
    """Tell whether the value, with its salt, is the one that the chain bound."""
    return committed.rpartition(":")[2] == _value(keyring, row["id"], canonical(plain))


def _told(keyring: Keyring, row: Mapping[str, Any]) -> str:
    names = (*_TOLD, *_TOLD_OF_MARKS) if any(row[name] is not None for name in _TOLD_OF_MARKS) else _TOLD
    told = [_spelled(row[name]) if name in _MOMENTS else row[name] for name in names]
    return keyring.digest("fact", canonical_whole(told) if row["weight"] is None else canonical(told))


def _value(keyring: Keyring, id_: int, plain: str) -> str:
    return keyring.digest("fact-value", f"[{id_},{plain}]")  # the id and the value as one JSON list


def _spelled(moment: datetime) -> str:
    """Spell a moment as every database gives it back."""
    return moment.astimezone(UTC).isoformat()
