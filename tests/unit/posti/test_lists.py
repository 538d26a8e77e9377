"""Reading the postal operator's lists of streets and postcodes."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.posti import ReadList, read_list
from adapters.posti.records import LineUnreadable, layout_of, read_line
from sync.errors import ListRefused
from sync.matching.normalise.bilingual import StreetPair, TownPair
from sync.parts import Silence
from sync.ports.store import ListKind
from tests.posti import baf, pcf, write


def read(path: Path) -> ReadList:
    """Read a file that nobody watches being read."""
    return read_list(path, Silence())


def test_a_list_of_streets_gives_its_bilingual_names(tmp_path: Path) -> None:
    """Streets with two names once for each postcode, every town in both languages, and how many streets there are."""
    lines = [
        baf(),
        baf(side="2"),
        baf("00250"),
        baf(fi="Rantatie", sv="Rantatie"),
        baf(fi="Koetie", sv=""),
        baf(fi="", sv=""),
    ]
    found = read(write(tmp_path / "BAF.dat", *lines))
    assert (found.records, found.bad) == (6, 0)
    assert found.names.kind is ListKind.BAF
    assert found.names.run_on == date(2026, 11, 14)
    assert found.names.entries == 4
    assert found.names.streets == {
        StreetPair(postcode, "091", "Mannerheimintie", "Mannerheimvägen") for postcode in ("00100", "00250")
    }
    assert TownPair("00250", "HELSINKI", "HELSINGFORS") in found.names.towns
    assert TownPair("00250", "Helsinki", "Helsingfors") in found.names.towns


def test_a_list_of_postcodes_gives_its_towns(tmp_path: Path) -> None:
    """Post office and municipality, in both languages."""
    lines = [pcf(), pcf("22930", ("FISKÖ", "FISKÖ"), ("035", "Brändö", "Brändö"))]
    found = read(write(tmp_path / "PCF.dat", *lines))
    assert (found.names.kind, found.names.entries, found.names.streets) == (ListKind.PCF, 2, frozenset())
    assert found.names.towns == {
        TownPair("00100", "HELSINKI", "HELSINGFORS"),
        TownPair("00100", "Helsinki", "Helsingfors"),
        TownPair("22930", "FISKÖ", "FISKÖ"),
        TownPair("22930", "Brändö", "Brändö"),
    }


BAD = {
    baf()[:-1]: "255 bytes long instead of 256",
    baf("001 0"): "no postcode at position 14",
    baf(municipality=("", "Helsinki", "Helsingfors")): "no municipality code at position 214",
    baf().replace("20261114", "20261314"): "no date at position 6",
    baf(fi="Koe\x00tie"): "a control character at position 106",
    pcf(): "does not begin with KATUN",
    "": "does not begin with KATUN",
}


@pytest.mark.parametrize(("line", "problem"), BAD.items(), ids=BAD.values())
def test_a_bad_line_is_told_and_stops_nobody(tmp_path: Path, line: str, problem: str) -> None:
    """Its number and what is wrong with it; the lines beside it are read."""
    found = read(write(tmp_path / "BAF.dat", baf(), line, baf("00250")))
    assert (found.records, found.bad) == (2, 1)
    assert [(bad.number, bad.problem) for bad in found.bad_lines] == [(2, problem)]
    assert len(found.names.streets) == 2


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    """Two bytes for a letter move everything behind it."""
    lines = [baf(fi="Rantatie", sv="Rantatie"), baf(fi="Koetie", sv="Koetie"), baf()]
    found = read(write(tmp_path / "BAF.dat", *lines, encoding="utf-8"))
    assert [bad.problem for bad in found.bad_lines] == ["257 bytes long instead of 256; is it still ISO-8859-1?"]


def test_endings_of_another_system_are_no_part_of_a_line(tmp_path: Path) -> None:
    """A carriage return before the line feed is let pass, and so is a last line without its end."""
    path = tmp_path / "BAF.dat"
    path.write_bytes(f"{baf()}\r\n{baf('00250')}".encode("iso-8859-1"))
    assert (read(path).records, read(path).bad) == (2, 0)


def test_many_bad_lines_are_counted_and_not_all_told(tmp_path: Path) -> None:
    """The first thousand are."""
    found = read(write(tmp_path / "PCF.dat", *(pcf() for _ in range(1_200)), *("PONOT" for _ in range(1_100))))
    assert (found.records, found.bad, len(found.bad_lines)) == (1_200, 1_100, 1_000)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "neither a BAF nor a PCF file"),
        (b"POM..2026\n", "neither a BAF nor a PCF file"),
        (b"PK\x03\x04BAF.dat", "unpack it first"),
        (f"{baf()}\n{baf()[:200]}".encode("iso-8859-1"), "its last line ends after 200 of 256 bytes"),
        (f"{baf()}\n\n".encode("iso-8859-1"), "1 of its lines are bad, 1 are good"),
        (b"KATUN" + b"x" * 100_000, "1 of its lines are bad, 0 are good"),
        (b"KATUN" + b"x" * 100_000 + b"\n" + b"KATUN\n", "2 of its lines are bad, 0 are good"),
    ],
)
def test_a_file_that_is_no_whole_list_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    """Empty, another list, packed, cut off, or mostly unreadable."""
    path = tmp_path / "file.dat"
    path.write_bytes(content)
    with pytest.raises(ListRefused, match=problem):
        read(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """With the reason that the system gives."""
    with pytest.raises(ListRefused, match=r"BAF\.dat cannot be read: No such file"):
        read(tmp_path / "BAF.dat")


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from([baf(), pcf()]))
def test_no_bytes_break_a_line(noise: bytes, line: str) -> None:
    """Whatever stands in a line, it is read or said to be bad, and the problem repeats nothing of it."""
    good = line.encode("iso-8859-1")
    layout = layout_of(good)
    assert layout is not None
    for bad in (noise, good[:20] + noise + good[20 + len(noise) :], good[:5] + noise):
        try:
            read_line(layout, bad)
        except LineUnreadable as error:
            assert str(error).isascii()  # noqa: PT017 - both ways out are right
