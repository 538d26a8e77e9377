"""Files of notices in a folder: each read once, whole, in order, and moved away only when nothing can be lost."""

import tracemalloc
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.providers.moves import MovesInFolder, MovesSettings, in_folder, open_moves
from adapters.providers.moves.drop import MAX_LINE_BYTES
from adapters.providers.moves.in_folder import FolderCursor
from sync.errors import CannotStart, CursorRefused, PageMalformed, ProviderUnavailable
from sync.model import BadItem
from sync.ports.provider import Page
from tests.contract.provider_kit import PEOPLE, event_ids, follow
from tests.contract.test_moves_provider import NOON, StandingClock, file_of, notice

START = FolderCursor().model_dump_json()


def nobody() -> list[str]:
    """Watch nobody."""
    return []


def opened(folder: Path, clock: StandingClock | None = None, **settings: float) -> MovesInFolder:
    """Return an adapter for the folder."""
    made = MovesSettings.model_validate({"folder": folder, "page_size": 3, **settings})
    return MovesInFolder(made, clock=clock or StandingClock())


def lines(*numbers: int) -> list[bytes]:
    """Write the notices of these numbers."""
    return [notice(number, PEOPLE[number % 26]) for number in numbers]


def ids(*numbers: int) -> list[str]:
    """Return the event ids of these notices."""
    return [f"N-{number:06d}#1" for number in numbers]


def drop(folder: Path, name: str, *numbers: int) -> Path:
    """Drop a whole file."""
    file = folder / name
    file.write_bytes(file_of(lines(*numbers)))
    return file


def followed(folder: Path, cursor: str = START) -> list[Page]:
    """Follow the folder to its end with a new adapter."""
    return follow(opened(folder), cursor, nobody)


def test_files_come_in_the_order_of_their_names_in_pages(tmp_path: Path) -> None:
    """Files are read by name, each in pages of at most the configured number of lines."""
    drop(tmp_path, "b.jsonl", 5, 6)
    drop(tmp_path, "a.jsonl", 1, 2, 3, 4)
    pages = followed(tmp_path)
    assert [len(page.items) for page in pages] == [3, 1, 2]
    assert event_ids(pages) == ids(1, 2, 3, 4, 5, 6)
    assert [page.up_to_date for page in pages] == [False, False, True]


def test_the_settings_choose_the_way_in(tmp_path: Path) -> None:
    """A folder in the settings opens the folder; an adapter without one cannot start."""
    assert isinstance(open_moves(MovesSettings(folder=tmp_path), clock=StandingClock()), MovesInFolder)
    settings = MovesSettings.model_validate({"base_url": "http://127.0.0.1", "token": "t"})
    with pytest.raises(CannotStart):
        MovesInFolder(settings, clock=StandingClock())


def test_an_unfinished_file_waits(tmp_path: Path) -> None:
    """A file without its end line, or with another count, is left; once whole it is read from its beginning."""
    whole = file_of(lines(1, 2))
    file = tmp_path / "a.jsonl"
    for part in (b"", whole[:100], whole[:-10], whole.replace(b'"count":2', b'"count":3'), whole + lines(3)[0]):
        file.write_bytes(part)
        with capture_logs() as logs:
            assert followed(tmp_path) == [Page((), START, up_to_date=True)]
        assert [entry["event"] for entry in logs] == ["moves_file_incomplete"]
    file.write_bytes(whole)
    assert event_ids(followed(tmp_path)) == ids(1, 2)


def test_an_unfinished_file_holds_up_no_other(tmp_path: Path) -> None:
    """What lies beside an unfinished file is read."""
    (tmp_path / "a.jsonl").write_bytes(lines(1)[0])
    drop(tmp_path, "b.jsonl", 2)
    assert event_ids(followed(tmp_path)) == ids(2)


def test_a_file_is_moved_only_when_a_cursor_has_passed_it(tmp_path: Path) -> None:
    """Reading moves nothing; coming back with the cursor behind the file does."""
    file = drop(tmp_path, "a.jsonl", 1, 2, 3, 4)
    provider = opened(tmp_path)
    first = provider.pull(START, nobody)
    second = provider.pull(first.cursor, nobody)
    provider.pull(first.cursor, nobody)
    assert file.exists()
    assert provider.pull(second.cursor, nobody) == Page((), second.cursor, up_to_date=True)
    assert not file.exists()
    assert (tmp_path / "done" / "a.jsonl").exists()


def test_a_resync_reads_again_what_was_moved(tmp_path: Path) -> None:
    """From the start cursor, files in done/ come again in the same order with the same ids."""
    drop(tmp_path, "a.jsonl", 1, 2)
    drop(tmp_path, "b.jsonl", 3)
    before = event_ids(followed(tmp_path))
    followed(tmp_path, followed(tmp_path)[-1].cursor)
    assert not list(tmp_path.glob("*.jsonl"))
    assert event_ids(followed(tmp_path, opened(tmp_path).start(date(2026, 1, 1)))) == before == ids(1, 2, 3)


def test_the_same_content_is_read_once(tmp_path: Path) -> None:
    """Content that was read comes no more, under another name, beside its twin, or after done/ was emptied."""
    drop(tmp_path, "a.jsonl", 1)
    drop(tmp_path, "b.jsonl", 1)
    pages = followed(tmp_path)
    assert event_ids(pages) == ids(1)
    end = followed(tmp_path, pages[-1].cursor)[-1].cursor
    assert sorted(file.name for file in (tmp_path / "done").iterdir()) == ["a.jsonl", "b.jsonl"]
    for file in (tmp_path / "done").iterdir():
        file.unlink()
    drop(tmp_path, "c.jsonl", 1)
    drop(tmp_path, "d.jsonl", 2)
    assert event_ids(followed(tmp_path, end)) == ids(2)


def test_the_cursor_stays_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of contents that are no longer on disk only the latest are remembered."""
    monkeypatch.setattr(in_folder, "REMEMBERED", 2)
    cursor = START
    for number in range(5):
        file = drop(tmp_path, f"{number}.jsonl", number)
        cursor = followed(tmp_path, cursor)[-1].cursor
        file.unlink()
    assert len(FolderCursor.read(cursor).done) == 3


def test_the_same_name_again_overwrites_nothing(tmp_path: Path) -> None:
    """A second file of the same name keeps a place of its own in done/, after the first."""
    cursor = START
    for number in (1, 2, 3):
        drop(tmp_path, "moves.jsonl", number)
        cursor = followed(tmp_path, cursor)[-1].cursor
        opened(tmp_path).pull(cursor, nobody)
    assert len(list((tmp_path / "done").iterdir())) == 3
    assert sorted(event_ids(followed(tmp_path))) == ids(1, 2, 3)
    assert event_ids(followed(tmp_path))[0] == ids(1)[0]


def test_a_file_that_cannot_be_moved_is_not_read_again(tmp_path: Path) -> None:
    """When done/ cannot be made, the file stays where it is, a warning says so, and the cursor knows better."""
    drop(tmp_path, "a.jsonl", 1)
    (tmp_path / "done").write_text("in the way")
    end = followed(tmp_path)[-1].cursor
    with capture_logs() as logs:
        assert followed(tmp_path, end)[-1].items == ()
    assert [entry["event"] for entry in logs] == ["moves_file_not_moved"]


def test_a_file_that_vanishes_midway_is_told_by_its_position(tmp_path: Path) -> None:
    """The error names the content and the line; the cursor works again when the file is back, under any name."""
    file = drop(tmp_path, "virtanen.jsonl", 1, 2, 3, 4)
    page = opened(tmp_path).pull(START, nobody)
    away = file.rename(tmp_path / "away.txt")
    with pytest.raises(PageMalformed, match=rf"^at {page.items[-1].position}: the file is gone$"):
        opened(tmp_path).pull(page.cursor, nobody)
    away.rename(tmp_path / "korhonen.jsonl")
    assert event_ids([opened(tmp_path).pull(page.cursor, nobody)]) == ids(4)


def test_a_file_that_is_rewritten_midway_is_another_file(tmp_path: Path) -> None:
    """Content that changes under the reader is never mixed with what was read of it before."""
    file = drop(tmp_path, "a.jsonl", 1, 2, 3, 4)
    provider = opened(tmp_path)
    page = provider.pull(START, nobody)
    drop(tmp_path, "a.jsonl", 1, 2, 3, 9)
    assert file.exists()
    with pytest.raises(PageMalformed):
        provider.pull(page.cursor, nobody)


def test_a_file_that_changes_while_it_is_opened_is_not_read(tmp_path: Path) -> None:
    """What was found and what is opened are the same content, or nothing is read."""
    drop(tmp_path, "a.jsonl", 1, 2)
    provider = opened(tmp_path)
    (found,) = provider._drop.files()
    drop(tmp_path, "a.jsonl", 7, 8, 9)
    with pytest.raises(PageMalformed, match="the file changed"):
        provider._part(found, FolderCursor(file=found.digest))


def test_an_offset_beyond_the_file_is_no_position(tmp_path: Path) -> None:
    """A cursor that points behind the end line brings no empty success."""
    drop(tmp_path, "a.jsonl", 1, 2, 3, 4)
    cursor = FolderCursor.read(opened(tmp_path).pull(START, nobody).cursor)
    with pytest.raises(PageMalformed, match="ends before"):
        opened(tmp_path).pull(cursor.model_copy(update={"offset": 10**9}).model_dump_json(), nobody)


@pytest.mark.parametrize("cursor", ["", "7", "{", '{"done":["x"]}', '{"done":[],"line":-1}', '{"other":1}'])
def test_a_foreign_cursor_is_refused(tmp_path: Path, cursor: str) -> None:
    """A text that is no cursor of a folder is refused, not taken for the start."""
    with pytest.raises(CursorRefused):
        opened(tmp_path).pull(cursor, nobody)


def test_names_of_files_go_nowhere(tmp_path: Path) -> None:
    """Cursors, positions, ids and logs hold no file name, and positions tell content and line."""
    drop(tmp_path, "kanarialintu.jsonl", 1, 2)
    (tmp_path / "sitruuna.jsonl").write_bytes(lines(3)[0])
    with capture_logs() as logs:
        pages = followed(tmp_path)
    told = repr((pages, logs)).replace(repr([page.items for page in pages]), "")
    assert "kanarialintu.jsonl" not in told
    assert "sitruuna.jsonl" not in told
    digest = FolderCursor.read(pages[-1].cursor).done[0]
    assert [item.position for item in pages[0].items] == [f"{digest[:12]}:1", f"{digest[:12]}:2"]


def test_only_dropped_files_count(tmp_path: Path) -> None:
    """Hidden files, other endings, links and folders are none of ours."""
    drop(tmp_path, ".a.jsonl", 1)
    drop(tmp_path, "a.jsonl.part", 2)
    (tmp_path / "b.jsonl").mkdir()
    (tmp_path / "c.jsonl").symlink_to(tmp_path / ".a.jsonl")
    drop(tmp_path, "d.jsonl", 3)
    assert event_ids(followed(tmp_path)) == ids(3)


def test_a_missing_folder_is_unavailable(tmp_path: Path) -> None:
    """A folder that is not there, such as a share that is not mounted, is no empty folder."""
    with pytest.raises(ProviderUnavailable):
        opened(tmp_path / "nowhere").pull(START, nobody)


def test_silence_for_too_long_is_no_life(tmp_path: Path) -> None:
    """With an expected rhythm, an idle folder whose newest file is too old, or that never had one, is unavailable."""
    now = datetime.now(timezone(timedelta(hours=2)))
    idle = opened(tmp_path, StandingClock(now), expect_every_hours=24)
    with pytest.raises(ProviderUnavailable):
        idle.pull(START, nobody)
    drop(tmp_path, "a.jsonl", 1)
    end = idle.pull(START, nobody).cursor
    assert idle.pull(end, nobody).up_to_date
    later = opened(tmp_path, StandingClock(now + timedelta(hours=25)), expect_every_hours=24)
    with pytest.raises(ProviderUnavailable):
        later.pull(end, nobody)
    assert opened(tmp_path, StandingClock(NOON + timedelta(days=9999))).pull(end, nobody).up_to_date


def test_a_line_without_end_is_one_bad_item(tmp_path: Path) -> None:
    """A line longer than any notice is passed over in pieces; its neighbours come."""
    endless = b"x" * (2 * MAX_LINE_BYTES + 5) + b"\n"
    (tmp_path / "a.jsonl").write_bytes(file_of([*lines(1), endless, *lines(2)]))
    first, bad, last = followed(tmp_path)[0].items
    assert [first.event_id, last.event_id] == ids(1, 2)
    assert isinstance(bad, BadItem)
    assert (bad.reason, len(bad.payload)) == ("line_too_long", MAX_LINE_BYTES)


def test_blank_lines_and_foreign_bytes_hold_nothing_up(tmp_path: Path) -> None:
    """Blank lines are none, a line that is not UTF-8 is one bad item, an end line midway is counted, all of it once."""
    end = file_of([])
    content = file_of([lines(1)[0], b"\xff\xfe\n", end, lines(2)[0], lines(3)[0]])
    (tmp_path / "a.jsonl").write_bytes(content.replace(b"\xff\xfe\n", b"\n  \n\xff\xfe\n\r\n"))
    pages = followed(tmp_path)
    assert [getattr(item, "reason", item.event_id) for page in pages for item in page.items] == [
        *ids(1),
        "not_utf8",
        *ids(2, 3),
    ]
    assert [page.ignored for page in pages] == [{"line.end": 1}, {}]


def test_an_empty_delivery_is_read_too(tmp_path: Path) -> None:
    """A file that says that nobody moved is read and moved like any other."""
    drop(tmp_path, "a.jsonl")
    (page,) = followed(tmp_path)
    assert (page.items, page.up_to_date) == ((), True)
    opened(tmp_path).pull(page.cursor, nobody)
    assert (tmp_path / "done" / "a.jsonl").exists()


def test_memory_stays_flat_in_large_files(tmp_path: Path) -> None:
    """A pull from a file of 30 MB holds no more than a page and a line of it."""
    count = 60_000
    with (tmp_path / "a.jsonl").open("wb") as file:
        for chunk in range(count // 1000):
            file.write(b"".join(lines(*range(chunk * 1000, chunk * 1000 + 1000))))
        file.write(file_of([]).replace(b'"count":0', b'"count":%d' % count))
    assert (tmp_path / "a.jsonl").stat().st_size > 25_000_000
    tracemalloc.start()
    page = opened(tmp_path).pull(START, nobody)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert event_ids([page]) == ids(0, 1, 2)
    assert peak < 2_000_000
