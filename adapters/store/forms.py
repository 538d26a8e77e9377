"""Customers in the form in which matching compares them, as bytes (MessagePack).

Read for every candidate of every change, so it is a library in C that makes the objects.
"""

import msgspec

from sync.matching.prepared import Prepared

_ENCODER = msgspec.msgpack.Encoder(order="deterministic")  # sets in one order, so that equal forms are equal bytes
_DECODER = msgspec.msgpack.Decoder(Prepared)


def to_bytes(person: Prepared) -> bytes:
    """Write a prepared customer."""
    return _ENCODER.encode(person)


from_bytes = _DECODER.decode
"""Read a prepared customer back, our own id included."""
