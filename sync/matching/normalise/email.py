"""E-mail addresses in the form under which they are compared."""

import re

from sync.matching.normalise.text import clean

# These deliver to one box whatever dots stand in the name, and ignore what follows a plus sign.
_DOTS_IGNORED = frozenset({"gmail.com", "googlemail.com"})
_SHOWN_NAME = re.compile(r".*<([^<>]*)>")
_SCHEME = re.compile(r"(?:mailto:\s*)+")


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
