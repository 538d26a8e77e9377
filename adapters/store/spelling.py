"""The one spelling of JSON, eight times as fast for data without floats, which the library in C spells otherwise."""

from typing import Any

import msgspec

from sync.model.codec import canonical

_encode = msgspec.json.Encoder(order="sorted").encode


def canonical_whole(data: Any) -> str:
    """Write what `canonical` would, of data that holds no float."""
    try:
        return _encode(data).decode()
    except (UnicodeEncodeError, TypeError):
        # Half a character somewhere, or a kind of text of its own: only the slower library takes it.
        return canonical(data)
