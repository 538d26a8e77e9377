"""What a receptionist makes of what a customer says."""

import random
from dataclasses import dataclass

from adapters.sandbox.person import Person
from adapters.sandbox.typist import abbreviate, drop_letter, fold, swap_letters, wrong_digit
from sync.model import Address
from sync.model.address import Language

_KNOWS_ID = 0.75
_TYPES_PHONE = 0.85


@dataclass(frozen=True, slots=True)
class Receptionist:
    """Types, mostly right.

    Attributes:
        rng: of the mistakes.
    """

    rng: random.Random

    def address(self, home: Address | None, tongue: str) -> tuple[str | None, str | None, str | None]:
        """Type an address: one line, postcode, town."""
        if home is None:
            return None, None, None
        if home.street is None:
            return home.lines[0], None, home.lines[1]
        language: Language = "sv" if home.street.sv and self._happens(0.75 if tongue == "sv" else 0.03) else "fi"
        town = home.post_office.text(language) if home.post_office else None
        line = self._line(home, language)
        postcode = home.postcode
        if postcode and self._happens(0.02):
            postcode = wrong_digit(postcode, self.rng)
        if town and self._happens(0.7):
            town = town.title()
        return line, postcode if not self._happens(0.02) else None, town

    def _line(self, home: Address, language: Language) -> str:
        street = home.street.text(language) if home.street else ""
        if self._happens(0.06):
            street = abbreviate(street)
        stairwell, flat = home.stairwell, home.flat
        if stairwell and flat and self._happens(0.05):
            stairwell = None
        elif flat and self._happens(0.04):
            flat = None
        door = " ".join(part for part in (stairwell, flat) if part)
        if stairwell and flat and self._happens(0.08):
            door = f"{stairwell}{flat}"
        line = " ".join(part for part in (street, home.number, door) if part)
        return self._slip(line)

    def name(self, person: Person, *, married_since: bool) -> tuple[str, str]:
        """Type surname and given names.

        Args:
            person: whom.
            married_since: typed so long ago that a former surname may have been the present one.
        """
        name = person.name
        surname, given = name.surname, name.given_names
        if married_since and person.former_surnames and self._happens(0.3):
            surname = person.former_surnames[0]
        if self._happens(0.3):
            given = name.calling_name or given
        if self._happens(0.015):
            return given, surname
        return self._slip(surname), self._slip(given)

    def _slip(self, text: str) -> str:
        """Make one of the mistakes of fingers, rarely."""
        dice = self.rng.random()
        if dice < 0.02:
            return swap_letters(text, self.rng)
        if dice < 0.03:
            return drop_letter(text, self.rng)
        if dice < 0.06:
            return fold(text)
        return text.upper() if dice < 0.09 else text

    def national_id(self, person: Person) -> str | None:
        """Type the national id, where the customer gave it; an old one is not always replaced."""
        if not self._happens(_KNOWS_ID):
            return None
        code = person.former_ids[-1] if person.former_ids and self._happens(0.5) else person.national_id
        return code.lower() if self._happens(0.02) else code

    def phone(self, number: str | None) -> str | None:
        """Type a phone number in one of the ways in which people say it."""
        if number is None or not self._happens(_TYPES_PHONE):
            return None
        local = f"0{number.removeprefix('+358')}"
        ways = (
            number,
            local,
            f"{local[:3]} {local[3:]}",
            f"{local[:3]}-{local[3:]}",
            f"{local[:3]} {local[3:6]} {local[6:]}",
        )
        return self.rng.choice(ways)

    def _happens(self, chance: float) -> bool:
        return self.rng.random() < chance
