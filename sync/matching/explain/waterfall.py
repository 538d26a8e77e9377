"""The sum behind a weight as a picture: inline SVG, without script, outside font or any value of a person.

A bar says more than its colour: what speaks against is hatched, and every number has its sign. Colours follow the
reader's dark mode; a page overrides them by setting the custom properties of `.waterfall`.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sync.matching.explain.languages import WORDS
from sync.matching.explain.numbers import signed
from sync.matching.explain.scale import Scale
from sync.matching.explain.sentences import say_against, say_limits, say_rarity, say_step, step_label, tell, why_not
from sync.matching.explain.steps import Step, StepKind, is_weighed, steps
from sync.model import Candidate
from sync.model.address import Language

WIDTH = 760
_EDGE, _PLOT, _PLOT_END = 16, 276, 664  # names | bars | numbers
_ROW, _BAR, _BAR_TOP = 36, 18, 9
_MARGIN, _HEAD, _MARK_ROW, _FOOT = 10, 28, 18, 20
LONGEST_LABEL, LONGEST_NOTE = 30, 36
"""Letters that fit beside the bars, the widest common font taken."""

_STYLE = """\
.waterfall{--ink:#1b1f23;--soft:#50575e;--rule:#d5d9dd;--ground:#ffffff;--for:#1a7f5a;--against:#b3401f;--prior:#7c858d;\
font-family:system-ui,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif;font-size:13px}
@media(prefers-color-scheme:dark){.waterfall{--ink:#eef0f1;--soft:#b2b9bf;--rule:#3a4249;--ground:#1d2226;--for:#63c99a;\
--against:#f0936f;--prior:#8d969e}}
.waterfall text{fill:var(--ink)}
.waterfall .note,.waterfall .tick,.waterfall .mark{fill:var(--soft);font-size:12px}
.waterfall .name,.waterfall .sum{font-weight:600}
.waterfall .number,.waterfall .sum{text-anchor:end;font-variant-numeric:tabular-nums}
.waterfall .tick{font-size:11px}
.waterfall .ground{fill:var(--ground)}
.waterfall .grid{stroke:var(--rule)}
.waterfall .zero{stroke:var(--soft)}
.waterfall .limit{stroke:var(--ink);stroke-dasharray:5 4}
.waterfall .link{stroke:var(--soft);stroke-dasharray:1 2}
.waterfall .for{fill:var(--for)}
.waterfall .against{stroke:var(--against)}
.waterfall .hatch{stroke:var(--against);stroke-width:3}
.waterfall .prior{fill:var(--prior)}
.waterfall .total{fill:var(--ink)}
"""
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ID = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class _Canvas:
    """What every part of the picture is drawn with."""

    language: Language
    scale: Scale
    hatch: str
    limits: Sequence[tuple[float, str]]


def waterfall(
    candidate: Candidate,
    language: Language,
    *,
    apply: float | None = None,
    review: float | None = None,
    runner_up: Candidate | None = None,
    name: str = "waterfall",
) -> str:
    """Draw the sum behind a candidate's weight; the same input gives the same bytes.

    Args:
        candidate: the best one.
        language: of the words and numbers.
        apply: weight in bits from which a change is carried out; a line.
        review: weight in bits from which a person is asked; a line.
        runner_up: drawn below, on the same scale.
        name: what ids within the picture begin with; to differ where several stand on one page.

    Returns:
        An `svg` element, to be set into a page or kept as a file.
    """
    words, shown = WORDS[language], [one for one in (candidate, runner_up) if one]
    limits = say_limits(apply, review, language)
    sums = [steps(one) for one in shown]
    ends = [at for found in sums for step in found for at in (step.start, step.end)]
    name = _ID.sub("-", name)
    scale = Scale.over([*ends, *(bits for bits, _ in limits)], _PLOT, _PLOT_END)
    canvas = _Canvas(language, scale, f"{name}-hatch", limits)
    headings = (words.best, words.runner_up) if runner_up else ("",)
    parts: list[str] = []
    y = _MARGIN
    for heading, one, found in zip(headings, shown, sums, strict=True):
        top = y + _HEAD + (0 if parts else _MARK_ROW * len(limits))
        bottom = top + _ROW * len(found)
        marks = [] if parts else list(_marks(canvas, y + _HEAD, top))
        parts += [_heading(canvas, heading, one, y), *marks, *_lines(canvas, top, bottom), *_bars(canvas, found, top)]
        y = bottom + _MARGIN
    parts += _numbers(canvas, y)
    said = _description(candidate, runner_up, language, [text for _, text in limits])
    return _document(name, y + _FOOT, words.title, said, parts)


def _document(name: str, height: int, title: str, said: str, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="waterfall" role="img" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" aria-labelledby="{name}-title" aria-describedby="{name}-desc">'
    )
    hatch = (
        f'<defs><pattern id="{name}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path class="hatch" d="M0 0V6"/></pattern></defs>'
    )
    lines = (
        head,
        f'<title id="{name}-title">{_text(title)}</title>',
        f'<desc id="{name}-desc">{_text(said)}</desc>',
        f"<style>{_STYLE}</style>",
        hatch,
        f'<rect class="ground" width="{WIDTH}" height="{height}" rx="6"/>',
        *parts,
        "</svg>",
    )
    return "\n".join(lines) + "\n"


def _description(candidate: Candidate, runner_up: Candidate | None, language: Language, limits: Sequence[str]) -> str:
    """Say everything that the picture shows, for those who cannot see it."""
    said = [*tell(candidate, language), *limits]
    if runner_up:
        words = WORDS[language]
        said = [f"{words.best}:", *said, f"{words.runner_up}:", *tell(runner_up, language)]
        said += why_not(candidate, runner_up, language)
    return " ".join(text if text.endswith((".", ":")) else f"{text}." for text in said)


def _heading(canvas: _Canvas, heading: str, candidate: Candidate, top: int) -> str:
    """Say which candidate it is, and whom it is compared with."""
    against = say_against(candidate.against, canvas.language) if is_weighed(candidate) else ""
    said = " · ".join(filter(None, (heading, against)))
    return f'<text class="name" x="{_EDGE}" y="{top + 16}">{_text(said)}</text>'


def _marks(canvas: _Canvas, top: int, bottom: int) -> Iterator[str]:
    """Name the thresholds left of their lines, each in a row of its own, the higher one above so that none is crossed."""
    for row, (bits, text) in enumerate(canvas.limits):
        x, y = canvas.scale.place(bits), top + _MARK_ROW * row
        yield f'<path class="limit" d="M{x:.1f} {y}V{bottom}"/>'
        yield f'<text class="mark" x="{x - 6:.1f}" y="{y + 12}" text-anchor="end">{_text(text)}</text>'


def _lines(canvas: _Canvas, top: int, bottom: int) -> Iterator[str]:
    """Draw the lines of the scale, the zero line stronger, and the thresholds."""
    for bits in canvas.scale.ticks():
        yield f'<path class="{"grid" if bits else "zero"}" d="M{canvas.scale.x(bits)} {top}V{bottom}"/>'
    for limit, _ in canvas.limits:
        yield f'<path class="limit" d="M{canvas.scale.x(limit)} {top}V{bottom}"/>'


def _numbers(canvas: _Canvas, y: int) -> Iterator[str]:
    """Number the lines of the scale."""
    for bits in canvas.scale.ticks():
        number = signed(bits, canvas.language)[:-2]  # round numbers need no tenths
        yield f'<text class="tick" text-anchor="middle" x="{canvas.scale.x(bits)}" y="{y + 10}">{_text(number)}</text>'
    unit = WORDS[canvas.language].bits
    yield f'<text class="number tick" x="{WIDTH - _EDGE}" y="{y + 10}">{_text(unit)}</text>'


def _bars(canvas: _Canvas, found: Sequence[Step], top: int) -> Iterator[str]:
    """Draw a bar for each step, each tied to the next."""
    for row, step in enumerate(found):
        y = top + _ROW * row
        yield from _row(canvas, step, y)
        if row + 1 < len(found):
            # A bar of no width has nothing to be seen: its tie goes through it.
            begin = y + _BAR_TOP + (_BAR if step.bits else 0)
            yield f'<path class="link" d="M{canvas.scale.x(step.end)} {begin}V{y + _ROW + _BAR_TOP}"/>'


def _row(canvas: _Canvas, step: Step, y: int) -> Iterator[str]:
    """Draw one step: its name, how it compares, its bar and its number. What it says is told when pointed at."""
    start, end = sorted((float(canvas.scale.x(step.start)), float(canvas.scale.x(step.end))))
    label, note = _labels(step, canvas.language)
    fill = f' fill="url(#{canvas.hatch})"' if step.side == "against" else ""
    number = "sum" if step.kind is StepKind.TOTAL else "number"
    yield f"<g><title>{_text(say_step(step, canvas.language))}</title>"
    yield f'<text class="name" x="{_EDGE}" y="{y + (16 if note else 23)}">{_text(label)}</text>'
    if note:
        yield f'<text class="note" x="{_EDGE}" y="{y + 31}">{_text(note)}</text>'
    yield (
        f'<rect class="{step.side}"{fill} x="{start:.1f}" y="{y + _BAR_TOP}" width="{end - start:.1f}" '
        f'height="{_BAR}"/>'
    )
    text = _text(signed(step.bits, canvas.language))
    yield f'<text class="{number}" x="{WIDTH - _EDGE}" y="{y + 23}">{text}</text></g>'


def _labels(step: Step, language: Language) -> tuple[str, str]:
    """Return what is compared and how it compares; that it is rare where there is room for it."""
    evidence = step.evidence
    if evidence is None:
        return _cut(step_label(step, language), LONGEST_LABEL), ""
    words = WORDS[language]
    note = words.level(evidence.comparison, evidence.level)
    rarity = say_rarity(evidence, language)
    if rarity and len(note) + len(rarity) + 3 <= LONGEST_NOTE:
        note = f"{note} · {rarity}"
    return _cut(words.compared_in(evidence), LONGEST_LABEL), _cut(note, LONGEST_NOTE)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _text(text: str) -> str:
    """Escape, with a replacement mark for what XML has no way to write."""
    return html.escape(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", text))
