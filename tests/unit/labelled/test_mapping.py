"""Maps: which of somebody's columns hold our fields."""

from pathlib import Path

import pytest

from adapters.labelled.mapping import FIELDS, compared, read_changes_map, read_map
from sync.errors import ConfigurationInvalid

GOOD = """
[register]
id = "nro"
given_names = "etunimi"
surname = "sukunimi"
phone = "puhelin"
street_line = ["katu", "talo"]
[changes]
id = "nr"
given_names = "förnamn"
surname = "efternamn"
street_line = "adress"
email = "e-post"
[truth]
register = "nro"
change = "nr"
"""


def written(folder: Path, text: str) -> Path:
    """Write a map."""
    path = folder / "map.toml"
    path.write_text(text, "utf-8")
    return path


def problems(folder: Path, text: str) -> dict[str, str]:
    """Return what is wrong with a map, by place."""
    with pytest.raises(ConfigurationInvalid) as caught:
        read_map(written(folder, text))
    return {problem.key: problem.message for problem in caught.value.problems}


def test_fields_of_one_side_are_left_out(tmp_path: Path) -> None:
    """What only the register or only the changes tell is not compared, and its column need not be there."""
    found = read_map(written(tmp_path, GOOD))
    assert found.register.keys() == found.changes.keys() == {"id", "given_names", "surname", "street_line"}
    assert found.register["street_line"] == ("katu", "talo")
    assert found.truth == {"register": ("nro",), "change": ("nr",)}


@pytest.mark.parametrize(
    ("side", "other", "kept"),
    [
        (["full_name"], ["given_names", "surname"], {"full_name"}),
        (["given_names", "surname"], ["full_name"], {"given_names", "surname"}),
        (["full_name", "given_names", "surname"], ["given_names", "surname"], {"given_names", "surname"}),
        (["full_name", "surname"], ["given_names", "surname"], {"full_name", "surname"}),
        (["given_names", "surname"], ["full_name", "surname"], {"given_names", "surname"}),
        (["given_names", "surname"], ["surname"], {"surname"}),
        (["full_name"], ["surname"], {"full_name"}),
        (["street", "number", "postcode"], ["street_line", "postcode"], {"street", "number", "postcode"}),
        (["street_line", "flat"], ["street_line"], {"street_line"}),
        (["phone"], ["email"], set()),
        (["id"], ["id"], set()),
    ],
)
def test_a_whole_is_compared_with_its_parts(side: list[str], other: list[str], kept: set[str]) -> None:
    """A name or an address in one column meets one in several; nothing is taken apart that both sides have."""
    assert compared(side, other) == kept


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    """Unknown tables and fields, values of a wrong kind and missing keys, each with its place."""
    found = problems(tmp_path, '[register]\nnme = "a"\nsurname = []\n[changes]\nid = 3\n[truths]\nchange = "a"')
    assert found.keys() == {
        *("truths", "register.nme", "register.surname", "register.id", "changes.id", "truth.register", "truth.change")
    }
    assert "given_names" in found["register.nme"]


def test_a_map_that_compares_nothing_is_refused(tmp_path: Path) -> None:
    """The two sides have to share a field beside the key."""
    text = '[register]\nid = "a"\nphone = "b"\n[changes]\nid = "a"\nemail = "b"\n[truth]\nregister = "a"\nchange = "b"'
    assert problems(tmp_path, text) == {"map.toml": "names no field on both sides"}


@pytest.mark.parametrize("content", [b"register = ", b'[register]\nid = "\xe4"', b"\xff\xfe["])
def test_a_file_that_is_no_map_is_told(tmp_path: Path, content: bytes) -> None:
    """No TOML, or not UTF-8: the file is named."""
    path = tmp_path / "map.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationInvalid, match=r"map\.toml: is no"):
        read_map(path)


def test_changes_alone_have_a_map_too(tmp_path: Path) -> None:
    """Training looks at the changes: neither register nor truth nor a key has to be named."""
    text = '[changes]\nsurname = "sn"\nfull_name = "n"'
    assert read_changes_map(written(tmp_path, text)) == {"surname": ("sn",), "full_name": ("n",)}
    with pytest.raises(ConfigurationInvalid, match="names no field"):
        read_changes_map(written(tmp_path, '[changes]\nid = "nr"'))


def test_every_field_of_ours_can_be_mapped(tmp_path: Path) -> None:
    """Each name that is accepted on one side is accepted on the other, and kept."""
    side = "\n".join(f'{field} = "{field}"' for field in ("id", *FIELDS))
    found = read_map(
        written(tmp_path, f'[register]\n{side}\n[changes]\n{side}\n[truth]\nregister = "a"\nchange = "b"\n')
    )
    assert found.register.keys() == found.changes.keys() == {"id", *FIELDS}
