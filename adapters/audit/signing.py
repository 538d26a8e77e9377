"""The key that signs checkpoints of the audit chain. It is not the one that seals values."""

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from adapters.audit.verifier import load_public_key
from sync.errors import KeyUnusable


def create_signing_key(path: Path) -> Path:
    """Write a new private key that only its owner can read, and beside it the public key; returns where that is.

    Raises:
        FileExistsError: one of the two is there; a key is never overwritten.
    """
    public = path.with_name(path.name + ".pub")
    if public.exists():
        raise FileExistsError
    key = Ed25519PrivateKey.generate()
    _write(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    _write(public, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), 0o644)
    return public


def load_signing_key(path: Path) -> Ed25519PrivateKey:
    """Read a private key.

    Raises:
        KeyUnusable: missing, unreadable, or no such key.
    """
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise KeyUnusable(f"the signing key cannot be read ({type(error).__name__}): {path}") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):  # no PEM, locked with a password, of an unknown kind
        raise KeyUnusable(f"this is no signing key of ajantasa: {path}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"this is no signing key of ajantasa: {path}")
    return key


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Read a public key.

    Raises:
        KeyUnusable: missing, unreadable, or no such key.
    """
    try:
        return load_public_key(path.read_bytes())
    except OSError as error:
        raise KeyUnusable(f"the public key cannot be read ({type(error).__name__}): {path}") from None
    except ValueError as error:
        raise KeyUnusable(f"{error}: {path}") from None


def _write(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
