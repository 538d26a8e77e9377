"""Finnish personal identity codes that no living person has: individual numbers 900 to 999 only."""

import random
from dataclasses import dataclass, field
from datetime import date

_CHECK = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_SIGNS = {19: "-YXWVU", 20: "ABCDEF"}
_USUAL_SIGN = 0.93


def spell(birth: date, sign: str, individual: int) -> str:
    """Spell the code out, with its check character."""
    digits = f"{birth:%d%m%y}"
    return f"{digits}{sign}{individual:03d}{_CHECK[int(f'{digits}{individual:03d}') % 31]}"


@dataclass(slots=True)
class IdMint:
    """Gives out codes, each once.

    Attributes:
        rng: the source of chance.
    """

    rng: random.Random
    _given: set[str] = field(default_factory=set)

    def mint(self, birth: date, *, female: bool) -> str:
        """Give out a code; even individual numbers are women's. Born 1900 to 2099.

        Raises:
            ValueError: all 300 codes of that day and sex are given out.
        """
        signs = _SIGNS[birth.year // 100]
        first = signs[0] if self.rng.random() < _USUAL_SIGN else self.rng.choice(signs[1:])
        for sign in (first, *signs):
            start = self.rng.randrange(50)
            for step in range(50):
                individual = 900 + 2 * ((start + step) % 50) + (0 if female else 1)
                code = spell(birth, sign, individual)
                if code not in self._given:
                    self._given.add(code)
                    return code
        raise ValueError("no code is left for that birth date")
