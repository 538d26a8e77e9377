"""Bits and odds as people of each language write them."""

import math

from sync.model.address import Language

MOST_BITS = 9_999.0
"""No evidence weighs more; whatever a damaged row or model says, sentences and pictures stay readable."""
MOST_CASES = 1_000_000
"""Further than this no model knows its own error, so no smaller share is claimed."""

_MINUS = "\u2212"
_NO_BREAK_SPACE = "\u00a0"
_MOST_DOUBLINGS = 1_000  # 2.0**1024 is too large for a float


def bounded(bits: float) -> float:
    """Return bits that can be shown: a finite number of at most four digits; what is not a number weighs nothing."""
    return 0.0 if math.isnan(bits) else max(-MOST_BITS, min(MOST_BITS, bits))


def decimal(bits: float, language: Language) -> str:
    """Print without a sign, to a tenth of a bit."""
    text = f"{abs(bounded(bits)):.1f}"
    return text if language == "en" else text.replace(".", ",")


def signed(bits: float, language: Language) -> str:
    """Print with its sign, to a tenth of a bit; what rounds to nothing has none."""
    tenths = round(bounded(bits), 1)
    sign = "+" if tenths > 0 else _MINUS if tenths < 0 else ""
    return sign + decimal(tenths, language)


def counted(number: int, language: Language) -> str:
    """Print a whole number with its thousands apart."""
    text = f"{number:,}"
    return text if language == "en" else text.replace(",", _NO_BREAK_SPACE)


def one_in(weight: float) -> int:
    """Return n when, at this log-odds in bits, one such match in n is wrong; below 0: one in n is right.

    Two digits are told and no more, cut off: a model knows its error no better, and an error is not told as rarer than it is.
    """
    cases = 1 + math.exp2(min(abs(bounded(weight)), _MOST_DOUBLINGS))
    if cases > MOST_CASES:
        return MOST_CASES
    unit = 10.0 ** max(0, math.floor(math.log10(cases)) - 1)
    return int(math.floor(cases / unit) * unit)


def error_probability(weight: float) -> float:
    """Return the probability, at this log-odds in bits, that the match is wrong."""
    return 1 / (1 + math.exp2(max(-_MOST_DOUBLINGS, min(_MOST_DOUBLINGS, bounded(weight)))))
