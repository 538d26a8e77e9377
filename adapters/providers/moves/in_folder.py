"""Change-of-address notices as files in a folder.

The cursor tells which contents were read, which one is being read and how far. A file is moved away only when a
later pull comes with a cursor that has passed it: whoever asks with that cursor has kept what was in the file.
"""

import os
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, BinaryIO, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adapters.providers.moves.capabilities import capabilities_of
from adapters.providers.moves.drop import Drop, Found, RawLine, Stamp, raw_lines
from adapters.providers.moves.lines import Read, bad, read_line, read_payload
from adapters.providers.moves.settings import MovesSettings
from sync.errors import CannotStart, CursorRefused, PageMalformed, ProviderUnavailable
from sync.ports.clock import Clock
from sync.ports.provider import Capabilities, LookUp, Page, WatchList

# So many contents that are no longer on disk are remembered, so that one that is dropped again is not read again.
REMEMBERED = 1000

_Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class FolderCursor(BaseModel):
    """How far a folder was read.

    Attributes:
        done: digests of the contents that were read to their end, in the order of reading.
        file: digest of the content that is being read; None between two files.
        offset: how many of its bytes were read.
        line: how many of its lines were read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    done: tuple[_Digest, ...] = ()
    file: _Digest | None = None
    offset: int = Field(default=0, ge=0)
    line: int = Field(default=0, ge=0)

    @classmethod
    def read(cls, cursor: str) -> Self:
        """Read a cursor.

        Raises:
            CursorRefused: it is none of a folder.
        """
        try:
            return cls.model_validate_json(cursor)
        except ValidationError:
            pass
        raise CursorRefused("no position of this feed")

    def position(self) -> str:
        """Return the position for people: of which content, and of which of its lines."""
        return f"{(self.file or '')[:12]}:{self.line}"

    def passed(self, digest: str, present: Collection[str]) -> Self:
        """Return the cursor after this content was read to its end."""
        absent = [each for each in self.done if each not in present]
        forgotten = frozenset(absent[: max(0, len(absent) - REMEMBERED)])
        kept = tuple(each for each in self.done if each not in forgotten)
        return type(self)(done=(*kept, digest))


@dataclass(frozen=True, slots=True)
class _Part:
    """Some lines of a file, and the cursor after them, which does not yet tell that the file is done."""

    read: tuple[Read, ...]
    after: FolderCursor


class MovesInFolder:
    """A `Provider` that reads files dropped into a folder."""

    def __init__(self, settings: MovesSettings, *, clock: Clock) -> None:
        """Make ready; the folder is not looked at yet.

        Args:
            settings: with `folder`.
            clock: tells how long ago the last file came.

        Raises:
            CannotStart: the settings name no folder.
        """
        if settings.folder is None:
            raise CannotStart("the settings name no folder")
        self._settings = settings
        self._clock = clock
        self._drop = Drop(settings.folder)

    @property
    def capabilities(self) -> Capabilities:
        """Return what a postal operator can do and say."""
        return capabilities_of(self._settings)

    @property
    def look_up_size(self) -> int:
        """Return 0: there is no look-up."""
        return 0

    def start(self, since: date) -> str:  # noqa: ARG002 - files do not tell of which days they speak
        """Return the cursor before the first file, whatever the day: events older than asked for are no error."""
        return FolderCursor().model_dump_json()

    def pull(self, cursor: str, watch: WatchList) -> Page:  # noqa: ARG002 - it tells of everybody
        """Bring the next lines of the file being read, or else of the first unread one.

        Raises:
            ProviderUnavailable: the folder or the file cannot be read, or no file came for too long.
            PageMalformed: the file being read is gone or changed, or is of another version.
            CursorRefused: the cursor is none of a folder.
        """
        state = FolderCursor.read(cursor)
        files = self._drop.files()
        self._drop.settle(state.done)
        passed = frozenset(state.done)
        unread = [file for file in files if file.digest not in passed]
        file = _next(unread, state)
        if file is None:
            self._require_life(files)
            return Page((), cursor, up_to_date=True)
        part = self._part(file, state.model_copy(update={"file": file.digest}))
        if part.after.line < file.lines:
            return _page(part, part.after, up_to_date=False)
        after = part.after.passed(file.digest, {each.digest for each in files})
        return _page(part, after, up_to_date=len(unread) == 1)

    def look_up(self, national_ids: Sequence[str], asked_on: date) -> LookUp:
        """Refuse: a postal operator tells of moves, not of persons.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError("this provider does not look up")

    def parse(self, payload: bytes) -> Page:
        """Read lines of the format, with or without an end line.

        Raises:
            PageMalformed: not this wire format.
        """
        return read_payload(payload)

    def close(self) -> None:
        """Do nothing: no file stays open between pulls."""

    def _part(self, file: Found, state: FolderCursor) -> _Part:
        try:
            with file.path.open("rb") as stream:
                if Stamp.of(os.fstat(stream.fileno())) == file.stamp:
                    stream.seek(state.offset)
                    return _lines(stream, file, state, self._settings.page_size)
            error: PageMalformed | ProviderUnavailable = PageMalformed(f"at {state.position()}: the file changed")
        except FileNotFoundError:
            error = PageMalformed(f"at {state.position()}: the file is gone")
        except OSError:
            error = ProviderUnavailable(f"at {state.position()}: the file cannot be read")
        raise error

    def _require_life(self, files: Sequence[Found]) -> None:
        """Refuse to call silence a feed: nobody moved and nobody delivers look the same in an empty folder."""
        if self._settings.expect_every_hours is None:
            return
        limit = self._clock.now() - timedelta(hours=self._settings.expect_every_hours)
        newest = max((file.stamp.modified_ns for file in files), default=0)
        if datetime.fromtimestamp(newest / 1e9, UTC) < limit:
            raise ProviderUnavailable("no file came for longer than expected")


def _next(unread: Sequence[Found], state: FolderCursor) -> Found | None:
    if state.file is None:
        return next(iter(unread), None)
    for file in unread:
        if file.digest == state.file:
            return file
    raise PageMalformed(f"at {state.position()}: the file is gone")


def _lines(stream: BinaryIO, file: Found, state: FolderCursor, count: int) -> _Part:
    offset, line = state.offset, state.line
    last = min(line + count, file.lines)
    read: list[Read] = []
    for raw in raw_lines(stream):
        if line == last:
            break
        offset = raw.end
        if raw.data.strip():
            line += 1
            read.append(_read(raw, f"{file.digest[:12]}:{line}"))
    if line < last:
        raise PageMalformed(f"at {state.position()}: the file ends before its end line")
    return _Part(tuple(read), state.model_copy(update={"offset": offset, "line": line}))


def _read(raw: RawLine, position: str) -> Read:
    return bad(raw.data, position, "line_too_long") if raw.too_long else read_line(raw.data, position)


def _page(part: _Part, after: FolderCursor, *, up_to_date: bool) -> Page:
    ignored: Counter[str] = Counter()
    for read in part.read:
        ignored.update(read.ignored)
        ignored.update({"line.end": 1} if read.end else {})
    items = tuple(item for read in part.read for item in read.items)
    return Page(items, after.model_dump_json(), up_to_date, dict(ignored))
