"""From bits to places along a line."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

_MOST_TICKS = 8
_LEAST_SPAN = 1.0


@dataclass(frozen=True, slots=True)
class Scale:
    """A line of bits, zero included.

    Attributes:
        low: the bits at its left end.
        high: the bits at its right end.
        left: place of the left end.
        right: place of the right end.
    """

    low: float
    high: float
    left: float
    right: float

    @classmethod
    def over(cls, bits: Iterable[float], left: float, right: float) -> Self:
        """Return a scale on which all of these, and zero, have their place."""
        values = [0.0, *bits]
        low, high = min(values), max(values)
        return cls(low, max(high, low + _LEAST_SPAN), left, right)

    def place(self, bits: float) -> float:
        """Return the place of so many bits."""
        return self.left + (self.right - self.left) * (bits - self.low) / (self.high - self.low)

    def x(self, bits: float) -> str:
        """Return the place as a picture writes it, to a tenth."""
        return f"{self.place(bits):.1f}"

    def ticks(self) -> tuple[int, ...]:
        """Return round numbers of bits along the line, zero among them, eight or so at most."""
        step = 1
        while (self.high - self.low) / step > _MOST_TICKS:
            step = _next(step)
        return tuple(range(math.ceil(self.low / step) * step, math.floor(self.high / step) * step + 1, step))


def _next(step: int) -> int:
    """Go on from 1 to 2, 5, 10, 20 and so on."""
    return step * 5 // 2 if str(step).startswith("2") else step * 2
