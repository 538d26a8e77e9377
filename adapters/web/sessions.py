"""Who is signed in on the page."""

import secrets
import time
from collections.abc import Callable

_MOST = 1000  # a guard against a program that signs in for ever; a clinic has a few dozen screens


class Sessions:
    """Signed-in readers, in memory: a restart signs everybody out, and signing out really ends it.

    Args:
        lifetime: seconds from signing in.
        now: a clock that never goes back, in seconds.
        new_id: makes an id that cannot be guessed.
    """

    def __init__(
        self,
        lifetime: float,
        *,
        now: Callable[[], float] = time.monotonic,
        new_id: Callable[[], str] = lambda: secrets.token_urlsafe(32),
    ) -> None:
        self._lifetime = lifetime
        self._now = now
        self._new_id = new_id
        self._open: dict[str, tuple[str, float]] = {}

    def begin(self, reader: str) -> str:
        """Sign a reader in and return the session's id."""
        self._forget_old()
        session = self._new_id()
        self._open[session] = (reader, self._now() + self._lifetime)
        return session

    def reader(self, session: str | None) -> str | None:
        """Return who is signed in, None when nobody is."""
        reader, until = self._open.get(session or "", ("", 0.0))
        return reader if reader and self._now() < until else None

    def end(self, session: str | None) -> None:
        """Sign out; an unknown session is fine."""
        self._open.pop(session or "", None)

    def _forget_old(self) -> None:
        now = self._now()
        self._open = {session: entry for session, entry in self._open.items() if now < entry[1]}
        while len(self._open) >= _MOST:
            del self._open[next(iter(self._open))]
