"""E-mail addresses in the form under which they are compared."""

from sync.matching.normalise.text import clean

# These deliver to one box whatever dots stand in the name, and ignore what follows a plus sign.
_DOTS_IGNORED = frozenset({"gmail.com", "googlemail.com"})


def canonical_email(text: str) -> str | None:
    """Return the address in small letters, or None when it is no address."""
    plain = clean(text).casefold().removeprefix("mailto:")
    name, at, host = plain.partition("@")
    return plain if name and at and "." in host and "@" not in host and " " not in plain else None


def mailbox(email: str) -> str:
    """Return the box that a canonical address is delivered to: without a `+tag`, and dots where they are ignored."""
    name, _, host = email.partition("@")
    name = name.partition("+")[0] or name
    return f"{name.replace('.', '')}@gmail.com" if host in _DOTS_IGNORED else f"{name}@{host}"
