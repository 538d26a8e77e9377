"""The matching model: how much each comparison level speaks for or against one person, in bits.

Fellegi-Sunter: a level's weight is log2(m/u), where m is its share among pairs that are one person and u its share
among pairs that are not; a missing value weighs nothing. The prior is the chance that a customer who came up as a
candidate for comparison at random is the one.

The model that ajantasa ships (`config/models/default.json`) is set by hand, from public frequencies of Finnish names
and from caution; a trained one replaces it. What it takes into account:

- Surname and address are not independent: families share both. The address's u is therefore that of people who
  share a surname, not of any two people, so that it counts 6 bits instead of 16.
- Names and address alone stay below `apply`: a father and a son of one name live at one door. A birth date, or phone
  and e-mail, must come to it.
- Names and birth date alone stay below `apply`: the common names have namesakes born on one day.
- A differing given name outweighs a shared surname and address, so that a family member is forgotten; twins, who
  share the birth date besides, come to review.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

from sync.errors import ConfigurationInvalid, Problem
from sync.matching.compare import address, birth_date, email, given_names, phone, surname
from sync.matching.compare.level import MISSING
from sync.model import Evidence

COMPARISONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "surname": surname.LEVELS,
        "given_names": given_names.LEVELS,
        "birth_date": birth_date.LEVELS,
        "address": address.LEVELS,
        "phone": phone.LEVELS,
        "email": email.LEVELS,
    }
)
"""Every comparison with its levels, from the most agreement to the least."""

_THRESHOLDS = ("apply_bits", "review_bits", "margin_bits")
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Model:
    """How evidence is weighed.

    Attributes:
        version: name of the model, stored with every decision.
        prior_bits: log-odds that a candidate is the one before anything is compared.
        apply_bits: at least this weight is acted upon.
        review_bits: at least this weight is shown to a person; what is below is forgotten.
        margin_bits: a runner-up nearer than this makes it a review.
        evidence: by comparison and level, `missing` included, what it says.
    """

    version: str
    prior_bits: float
    apply_bits: float
    review_bits: float
    margin_bits: float
    evidence: Mapping[str, Mapping[str, Evidence]]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a model from its JSON.

        Raises:
            ConfigurationInvalid: every problem at once, each with its place in the file.
        """
        try:
            data = json.loads(text)
        except ValueError:
            raise ConfigurationInvalid([Problem("model", "a JSON object")]) from None
        problems = _problems(data)
        if problems:
            raise ConfigurationInvalid(problems)
        prior = data["prior"]
        return cls(
            version=data["version"],
            prior_bits=math.log2(prior / (1 - prior)),
            evidence={name: _evidence(name, data["comparisons"][name]) for name in COMPARISONS},
            **{name: float(data["thresholds"][name]) for name in _THRESHOLDS},
        )


def _evidence(comparison: str, levels: Mapping[str, Any]) -> Mapping[str, Evidence]:
    weighed = {level: Evidence(comparison, level, _bits(levels[level])) for level in COMPARISONS[comparison]}
    return weighed | {MISSING: Evidence(comparison, MISSING, 0.0)}


def _bits(level: Mapping[str, float]) -> float:
    return math.log2(level["m"] / level["u"])


def _problems(data: Any) -> list[Problem]:
    if not isinstance(data, dict):
        return [Problem("model", "a JSON object")]
    problems = []
    if not isinstance(data.get("version"), str) or not data["version"]:
        problems.append(Problem("model.version", "a text that is not empty"))
    if not _is_number(data.get("prior")) or not 0 < data["prior"] < 1:
        problems.append(Problem("model.prior", "a probability between 0 and 1"))
    problems += _threshold_problems(data.get("thresholds"))
    comparisons = data.get("comparisons")
    if not isinstance(comparisons, dict) or set(comparisons) != set(COMPARISONS):
        return [*problems, Problem("model.comparisons", f"exactly {', '.join(COMPARISONS)}")]
    for name in COMPARISONS:
        problems += _comparison_problems(name, comparisons[name])
    return problems


def _threshold_problems(thresholds: Any) -> list[Problem]:
    given = thresholds if isinstance(thresholds, dict) else {}
    problems = [
        Problem(f"model.thresholds.{name}", "a number of bits")
        for name in _THRESHOLDS
        if not _is_number(given.get(name))
    ]
    if problems:
        return problems
    if given["apply_bits"] < given["review_bits"]:
        problems.append(Problem("model.thresholds.apply_bits", "no less than review_bits"))
    if given["margin_bits"] < 0:
        problems.append(Problem("model.thresholds.margin_bits", "no less than 0"))
    return problems


def _comparison_problems(name: str, levels: Any) -> list[Problem]:
    """Check that the levels are there, that their shares sum to 1, and that more agreement never weighs less."""
    key, order = f"model.comparisons.{name}", COMPARISONS[name]
    if not isinstance(levels, dict) or set(levels) != set(order):
        return [Problem(key, f"exactly the levels {', '.join(order)}")]
    wrong = [level for level in order if not _is_level(levels[level])]
    if wrong:
        return [Problem(f"{key}.{level}", "m and u, each above 0 and at most 1") for level in wrong]
    problems = [
        Problem(key, f"values of {share} that sum to 1")
        for share in ("m", "u")
        if not math.isclose(sum(levels[level][share] for level in order), 1, abs_tol=_ROUNDING)
    ]
    weights = [_bits(levels[level]) for level in order]
    if weights != sorted(weights, reverse=True) or weights[0] <= 0 or weights[-1] > 0:
        problems.append(Problem(key, "weights log2(m/u) that fall from agreement above 0 to difference below 0"))
    return problems


def _is_level(level: Any) -> bool:
    return (
        isinstance(level, dict)
        and set(level) == {"m", "u"}
        and all(_is_number(v) and 0 < v <= 1 for v in level.values())
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
