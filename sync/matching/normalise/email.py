"""E-mail addresses in the form under which they are compared."""

import re
from collections.abc import Iterable

from sync.matching.normalise.name import NameForms
from sync.matching.normalise.text import clean

# These deliver to one box whatever dots stand in the name, and ignore what follows a plus sign.
_DOTS_IGNORED = frozenset({"gmail.com", "googlemail.com"})
_SHOWN_NAME = re.compile(r".*<([^<>]*)>")
_SCHEME = re.compile(r"(?:mailto:\s*)+")
_NO_LETTER = re.compile(r"[\W\d_]+")
_SHORTEST_NAME = 3


def canonical_email(text: str) -> str | None:
    """Return the address in small letters, or None when it is no address.

    A name shown beside it ("Anna Koe <anna@example.org>"), `mailto:` and a full stop behind it are left out.
    """
    plain = clean(text).casefold()
    shown = _SHOWN_NAME.fullmatch(plain)
    scheme = _SCHEME.match(plain := shown[1].strip() if shown else plain)
    plain = plain[scheme.end() if scheme else 0 :].rstrip(".")
    name, at, host = plain.partition("@")
    return plain if name and at and "." in host and "@" not in host and " " not in plain else None


def mailbox(email: str) -> str:
    """Return the box that a canonical address is delivered to: without a `+tag`, and dots where they are ignored."""
    name, _, host = email.partition("@")
    name = name.partition("+")[0] or name
    return f"{name.replace('.', '')}@gmail.com" if host in _DOTS_IGNORED else f"{name}@{host}"


def host_of_own_name(email: str, names: Iterable[NameForms]) -> str:
    """Return the host of an address that says its bearer's name and nothing more: anna.koe, a.koe85, koe-anna.

    Empty for any other. One such box differs from another as the names of their bearers do, so that being alike tells
    nothing that the names have not told.
    """
    local, _, host = email.partition("@")
    letters = _NO_LETTER.sub("", local)
    return host if any(_says(letters, name) for name in names) else ""


def _says(letters: str, name: NameForms) -> bool:
    """Tell whether names, and at most an initial, are all that there is."""
    left = letters
    for part in sorted({name.surname_folded, *name.surname_parts, *name.given_folded}, key=len, reverse=True):
        if len(part) >= _SHORTEST_NAME:
            left = left.replace(part, "", 1)
    return left != letters and len(left) <= 1
