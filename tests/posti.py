"""Lists of streets and postcodes in the postal operator's format, made up line by line."""

from pathlib import Path


def placed(length: int, *fields: tuple[int, int, str]) -> str:
    """Print fields (position from 1, length, text) into a line of that length."""
    line = [" "] * length
    for begin, room, text in fields:
        line[begin - 1 : begin - 1 + room] = text[:room].ljust(room)
    return "".join(line)


def baf(
    postcode: str = "00100",
    fi: str = "Mannerheimintie",
    sv: str = "Mannerheimvägen",
    town: tuple[str, str] = ("HELSINKI", "HELSINGFORS"),
    municipality: tuple[str, str, str] = ("091", "Helsinki", "Helsingfors"),
    side: str = "1",
) -> str:
    """Print a street, or with no name a postcode without streets."""
    return placed(
        256,
        (1, 5, "KATUN"),
        (6, 8, "20261114"),
        (14, 5, postcode),
        (19, 30, town[0]),
        (49, 30, town[1]),
        (79, 12, town[0][:3]),
        (91, 12, town[1][:5]),
        (103, 30, fi),
        (133, 30, sv),
        (187, 1, side if fi or sv else "0"),
        (188, 5, "    1"),
        (201, 5, "   13"),
        (206, 1, "e"),
        (214, 3, municipality[0]),
        (217, 20, municipality[1]),
        (237, 20, municipality[2]),
    )


def pcf(
    postcode: str = "00100",
    town: tuple[str, str] = ("HELSINKI", "HELSINGFORS"),
    municipality: tuple[str, str, str] = ("091", "Helsinki", "Helsingfors"),
) -> str:
    """Print a postcode."""
    return placed(
        220,
        (1, 5, "PONOT"),
        (6, 8, "20261120"),
        (14, 5, postcode),
        (19, 30, town[0]),
        (49, 30, town[1]),
        (103, 8, "19900101"),
        (111, 1, "1"),
        (112, 5, "FI1B1"),
        (117, 30, "Uusimaa"),
        (147, 30, "Nyland"),
        (177, 3, municipality[0]),
        (180, 20, municipality[1]),
        (200, 20, municipality[2]),
        (220, 1, "2"),
    )


def write(path: Path, *lines: str, encoding: str = "iso-8859-1") -> Path:
    """Write lines into a file."""
    path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
    return path
