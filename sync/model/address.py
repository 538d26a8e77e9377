"""A postal address in parts, which knows how to print itself."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["fi", "sv", "en"]

_PART_OF = {"AX": "FI"}
"""Codes of ISO 3166-1 for parts of a country, with that country: Åland, whose people Finland's registers know."""


def country_of(code: str) -> str:
    """Return the country whose registers know who lives there: Finland's for Åland."""
    return _PART_OF.get(code, code)


@dataclass(frozen=True, slots=True)
class Text:
    """A place name in Finland's two languages, either of which may be missing.

    Attributes:
        fi: the Finnish form; also holds a form whose language the source does not tell.
        sv: the Swedish form.
    """

    fi: str | None = None
    sv: str | None = None

    def __post_init__(self) -> None:
        if not (self.fi or self.sv):
            raise ValueError("a place name needs a form in one language at least")

    def text(self, language: Language = "fi") -> str:
        """Return the form in that language, or else the one there is."""
        return (self.sv or self.fi or "") if language == "sv" else (self.fi or self.sv or "")

    def forms(self) -> tuple[str, ...]:
        """Return every form, the Finnish first."""
        return tuple(form for form in (self.fi, self.sv) if form)


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address. Parts that the source does not give are None.

    Attributes:
        street: street name without number.
        number: house number as written: "11", "6a-6b", "5-7".
        stairwell: "A" (DVV `huoneistokirjain`).
        flat: "3", without leading zeros (DVV `huoneistonumero`).
        split_letter: "a" of a divided flat (DVV `jakokirjain`).
        postcode: as written; five digits in Finland.
        post_office: the postal town.
        municipality: three-digit code of the municipality (Statistics Finland).
        country: ISO 3166-1 alpha-2; None when unknown.
        care_of: the person or office it is sent care of, without "c/o".
        po_box: the number of a post-office box, without "PL" or "PB".
        lines: free delivery lines of an address that is not in parts: foreign, poste restante.
    """

    street: Text | None = None
    number: str | None = None
    stairwell: str | None = None
    flat: str | None = None
    split_letter: str | None = None
    postcode: str | None = None
    post_office: Text | None = None
    municipality: str | None = None
    country: str | None = "FI"
    care_of: str | None = None
    po_box: str | None = None
    lines: tuple[str, ...] = ()

    def street_line(self, language: Language = "fi") -> str:
        """Print the delivery line: `Öljymäki 11 C 3 a`, `PL 12`, or the free lines."""
        if self.po_box:
            return f"{'PB' if language == 'sv' else 'PL'} {self.po_box}"
        if self.street is None:
            return ", ".join(self.lines)
        parts = (self.street.text(language), self.number, self.stairwell, self.flat, self.split_letter)
        return " ".join(part for part in parts if part)

    def post_line(self, language: Language = "fi") -> str:
        """Print postcode and postal town."""
        town = self.post_office.text(language) if self.post_office else None
        return " ".join(part for part in (self.postcode, town) if part)

    def is_abroad(self, home: str | None) -> bool:
        """Tell whether it is known to lie in another country than `home` (ISO 3166-1 alpha-2, None when unknown)."""
        if not self.country or not home:
            return False
        return country_of(self.country) != country_of(home)

    def print(self, language: Language = "fi", *, home: str = "FI") -> tuple[str, ...]:
        """Print the whole address as envelope lines; the country only when it is not `home`."""
        care_of = f"c/o {self.care_of}" if self.care_of else ""
        country = self.country if self.country and self.country != home else ""
        lines = (care_of, self.street_line(language), self.post_line(language), country or "")
        return tuple(line for line in lines if line)
