"""The key file, and what is made of it: sealing, keyed hashes."""

import base64
import binascii
import hashlib
import os
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.errors import KeyUnusable

_PREFIX = "ajantasa-key-1:"
_FORMAT = b"\x01"
_KEY_ID_BYTES = 4
_NUMBER_BYTES = 8
_SALT_BYTES = 16
_NONCE_BYTES = 12  # NIST SP 800-38D: 96-bit random nonce


class Keyring:
    """Seals personal values and makes keyed hashes.

    One secret of 32 random bytes; the sealing key, the hashing key and the key's public id are derived from it by
    HKDF-SHA256 (RFC 5869), so that none of them tells anything of another. Sealed form: format byte, key id, nonce,
    AES-256-GCM ciphertext; the place of the value (table, row) is associated data, so that a value copied to another
    row does not open.
    """

    def __init__(self, secret: bytes, *, random: Callable[[int], bytes] = os.urandom) -> None:
        if len(secret) != 32:
            raise KeyUnusable("a key is 32 bytes long")
        self._cipher = AESGCM(_derive(secret, b"seal", 32))
        self._hash_key = _derive(secret, b"hash", 64)
        self._random = random
        self.key_id = _derive(secret, b"id", _KEY_ID_BYTES)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a key file.

        Raises:
            KeyUnusable: missing, unreadable, or not a key file.
        """
        try:
            text = path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise KeyUnusable(f"the key file cannot be read ({type(error).__name__}): {path}") from None
        if not text.startswith(_PREFIX):
            raise KeyUnusable(f"this is not a key file of ajantasa: {path}")
        try:
            return cls(base64.b64decode(text.removeprefix(_PREFIX), validate=True))
        except binascii.Error:
            raise KeyUnusable(f"the key file is damaged: {path}") from None

    def seal(self, place: str, plain: bytes) -> bytes:
        """Encrypt a value for its place (`table/row`)."""
        nonce = self._random(_NONCE_BYTES)
        return _FORMAT + self.key_id + nonce + self._cipher.encrypt(nonce, plain, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """Decrypt a value of its place.

        Raises:
            KeyUnusable: sealed with another key, moved from another place, or damaged.
        """
        body = 1 + _KEY_ID_BYTES + _NONCE_BYTES
        if sealed[:1] != _FORMAT or sealed[1 : 1 + _KEY_ID_BYTES] != self.key_id:
            raise KeyUnusable("a value was sealed with another key")
        try:
            return self._cipher.decrypt(sealed[1 + _KEY_ID_BYTES : body], sealed[body:], place.encode())
        except InvalidTag:
            raise KeyUnusable("a sealed value is damaged or stands in another place") from None

    def digest(self, kind: str, text: str, size: int = 16) -> str:
        """Return a keyed hash (BLAKE2b, RFC 7693) in hexadecimal; equal texts of other kinds differ."""
        # surrogatepass: a provider's text may hold unpaired surrogates, and must hash all the same.
        data = f"{kind}\x00{text}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, digest_size=size, key=self._hash_key).hexdigest()

    def salt(self) -> str:
        """Return 16 random bytes in hexadecimal, to make a hash that nobody can find by trying values."""
        return self._random(_SALT_BYTES).hex()

    def numbers(self, kind: str, texts: Iterable[tuple[str, str]]) -> tuple[int, ...]:
        """Return a keyed hash of each text as a signed 64-bit integer, for index columns.

        A text comes with a part of it: those of one part have the first 32 bits in common, so that an index keeps them
        beside each other, and one page of it answers for all.
        """
        # Kind and part are hashed once for all texts that have them.
        begun = hashlib.blake2b(f"{kind}\x00".encode(), digest_size=_NUMBER_BYTES // 2, key=self._hash_key)
        copy, halves, hashes = begun.copy, dict[str, bytes](), list[bytes]()
        for part, text in texts:
            half = halves.get(part)
            if half is None:
                hash_ = copy()
                hash_.update(part.encode("utf-8", "surrogatepass"))
                half = halves[part] = hash_.digest()
            hash_ = copy()
            hash_.update(text.encode("utf-8", "surrogatepass"))
            hashes += (half, hash_.digest())
        return struct.unpack(f">{len(hashes) // 2}q", b"".join(hashes))


def create_key_file(path: Path, *, random: Callable[[int], bytes] = os.urandom) -> None:
    """Write a new key file that only its owner can read.

    Raises:
        FileExistsError: there is a file; a key is never overwritten, everything sealed with it would be lost.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(_PREFIX + base64.b64encode(random(32)).decode() + "\n")


def _derive(secret: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=b"ajantasa/1/" + purpose).derive(secret)
