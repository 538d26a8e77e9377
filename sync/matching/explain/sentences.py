"""What speaks for and against a candidate, and why something was decided, in sentences."""

from collections.abc import Iterator

from sync.matching.explain.languages import WORDS
from sync.matching.explain.numbers import MOST_CASES, bounded, counted, decimal, one_in, signed
from sync.matching.explain.steps import NATIONAL_ID, Step, StepKind, is_weighed, steps
from sync.model import Candidate, Evidence, NullHypothesis
from sync.model.address import Language

_TELLING_RARITY = 1.0
_NOTHING = 0.05  # rounds to 0.0 bits


def describe(candidate: Candidate, language: Language) -> tuple[str, ...]:
    """Return one sentence for each piece of evidence: "Syntymäaika sama: +14,5 bittiä"."""
    return tuple(say_evidence(evidence, language) for evidence in candidate.evidence)


def tell(candidate: Candidate, language: Language) -> tuple[str, ...]:
    """Return the whole sum in sentences: whom it is compared with, the prior, the evidence, the total and its odds."""
    told = tuple(say_step(step, language) for step in steps(candidate))
    if not is_weighed(candidate):
        return told
    return (say_against(candidate.against, language), *told, say_odds(candidate.weight, language))


def say_step(step: Step, language: Language) -> str:
    """Say one step of the sum."""
    if step.evidence:
        return say_evidence(step.evidence, language)
    return f"{step_label(step, language)}: {say_bits(step.bits, language)}"


def say_what(step: Step, language: Language) -> str:
    """Say what a step stands for, without its number."""
    if step.evidence is None:
        return step_label(step, language)
    rarity = say_rarity(step.evidence, language)
    return _compared(step.evidence, language) + (f" ({rarity})" if rarity else "")


def step_label(step: Step, language: Language) -> str:
    """Name a step that is no evidence."""
    words = WORDS[language]
    labels = {
        StepKind.PRIOR: words.prior,
        StepKind.BOTH: words.both,
        StepKind.REST: words.rest,
        StepKind.TOTAL: words.total,
    }
    return labels[step.kind]


def say_evidence(evidence: Evidence, language: Language) -> str:
    """Say how one comparison went, what it weighs, and how much of that its rarity makes, if that is a bit or more."""
    what = _compared(evidence, language)
    if evidence.comparison == NATIONAL_ID:
        return f"{what}: {WORDS[language].decides}"
    rarity = say_rarity(evidence, language)
    because = f" ({rarity}: {signed(evidence.rarity, language)})" if rarity else ""
    return f"{what}: {say_bits(evidence.bits, language)}{because}"


def _compared(evidence: Evidence, language: Language) -> str:
    words = WORDS[language]
    return f"{words.compared_in(evidence)} {words.level(evidence.comparison, evidence.level)}"


def say_rarity(evidence: Evidence, language: Language) -> str:
    """Say that the value is rare or common; empty where that makes less than a bit."""
    rarity = bounded(evidence.rarity)
    if abs(rarity) < _TELLING_RARITY:
        return ""
    return WORDS[language].rarity(evidence.comparison, rare=rarity > 0)


def say_against(against: NullHypothesis, language: Language) -> str:
    """Say which other explanation the evidence speaks against."""
    words = WORDS[language]
    return words.compared.format(other=words.others[against])


def say_odds(weight: float, language: Language) -> str:
    """Say how often such a match is wrong; where that is more often than not, how often it is right."""
    words, cases = WORDS[language], one_in(weight)
    told, seldom = (words.wrong, words.seldom_wrong) if bounded(weight) >= 0 else (words.right, words.seldom_right)
    return (seldom if cases == MOST_CASES else told).format(cases=counted(cases, language))


def say_bits(bits: float, language: Language) -> str:
    """Say a number of bits with its sign."""
    return WORDS[language].bits_of.format(number=signed(bits, language))


def say_limits(apply: float | None, review: float | None, language: Language) -> list[tuple[float, str]]:
    """Name the thresholds that are given, the higher one first: their bits, and what happens from there on."""
    words = WORDS[language]
    return [
        (bounded(bits), text.format(bits=words.bits_of.format(number=signed(bits, language).removeprefix("+"))))
        for bits, text in ((apply, words.apply), (review, words.review))
        if bits is not None
    ]


def say_reason(reason: str, language: Language) -> str:
    """Say why something was decided; a reason without words by its code."""
    return WORDS[language].reasons.get(reason, reason)


def why_not(best: Candidate, runner_up: Candidate | None, language: Language) -> tuple[str, ...]:
    """Return what sets the runner-up apart from the best, the largest difference first; nothing where there is none."""
    if runner_up is None:
        return ()
    return tuple(_why_not(best, runner_up, language))


def _why_not(best: Candidate, runner_up: Candidate, language: Language) -> Iterator[str]:
    words = WORDS[language]
    for first, second in _differences(best, runner_up):
        pattern = words.alike if first.level == second.level else words.apart
        yield pattern.format(
            what=words.compared_in(first, second),
            first=words.level(first.comparison, first.level),
            second=words.level(second.comparison, second.level),
            bits=_in_favour(_lead(first, second), language),
        )
    if best.against != runner_up.against:
        yield words.compared_apart.format(first=words.others[best.against], second=words.others[runner_up.against])
    lead = bounded(best.weight) - bounded(runner_up.weight)
    yield words.in_all.format(bits=_in_favour(lead, language)) if abs(lead) >= _NOTHING else words.same_weight


def _differences(best: Candidate, runner_up: Candidate) -> list[tuple[Evidence, Evidence]]:
    """Pair the evidence of both by comparison; what one lacks is missing there."""
    first = {one.comparison: one for one in best.evidence}
    second = {one.comparison: one for one in runner_up.evidence}
    pairs = [
        (first.get(name) or Evidence(name, "missing", 0.0), second.get(name) or Evidence(name, "missing", 0.0))
        for name in first | second
    ]
    telling = [pair for pair in pairs if abs(_lead(*pair)) >= _NOTHING]
    return sorted(telling, key=lambda pair: -abs(_lead(*pair)))  # stable: equals stay in the order of the comparisons


def _lead(first: Evidence, second: Evidence) -> float:
    return bounded(first.bits) - bounded(second.bits)


def _in_favour(lead: float, language: Language) -> str:
    words = WORDS[language]
    bits = words.bits_of.format(number=decimal(lead, language))
    return (words.for_first if lead > 0 else words.for_second).format(bits=bits)
