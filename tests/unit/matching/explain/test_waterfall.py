"""The evidence as a picture and as data."""

import json
import math
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.matching.explain import candidate_as_data, steps, tell, waterfall, why_not, without_location
from sync.matching.explain.languages import WORDS
from sync.matching.explain.scale import Scale
from sync.matching.explain.waterfall import LONGEST_LABEL, LONGEST_NOTE, WIDTH
from sync.model import Candidate, Evidence
from sync.model.address import Language
from tests.unit.matching.explain.candidates import candidates, consistent, limits
from tests.unit.matching.explain.example import BEST, RUNNER_UP, draw
from tests.unit.matching.explain.test_words import LANGUAGES

PAPER = Path(__file__).parents[4] / "docs" / "matching-waterfall.svg"
NS = "{http://www.w3.org/2000/svg}"
TENTH = 0.11  # places are written to a tenth


def bars(picture: str) -> list[tuple[str, float, float]]:
    """Return kind, left and right end of each bar, from top to bottom."""
    found = ET.fromstring(picture).iter(f"{NS}rect")
    return [
        (one.attrib["class"], float(one.attrib["x"]), float(one.attrib["x"]) + float(one.attrib["width"]))
        for one in found
        if one.attrib["class"] != "ground"
    ]


def zero(picture: str) -> float:
    """Return the place of the zero line."""
    (line,) = {one.attrib["d"] for one in ET.fromstring(picture).iter(f"{NS}path") if one.attrib["class"] == "zero"}
    return float(line[1:].split()[0])


def test_the_picture_in_the_papers_is_the_one_that_is_drawn() -> None:
    """`python -m tests.unit.matching.explain.example > docs/matching-waterfall.svg` makes it anew."""
    assert PAPER.read_text("utf-8") == draw()


def test_the_bars_add_up() -> None:
    """Each begins where the one before it ended, and the total reaches from zero to where the last one ended."""
    picture = waterfall(BEST, "en")
    found, nought = bars(picture), zero(picture)
    assert [kind for kind, _, _ in found] == ["prior", *["for"] * 4, "against", "for", "against", "total"]
    assert_adds_up(found, nought, [step.bits for step in steps(BEST)])


@given(consistent)
def test_the_bars_of_any_candidate_add_up(candidate: Candidate) -> None:
    """From the prior to the total, to a tenth of a picture's unit; what rounds to nothing may be left out."""
    picture = waterfall(candidate, "sv", apply=13.0, review=2.0)
    found = steps(candidate)
    assert_adds_up(bars(picture), zero(picture), [step.bits for step in found], left_out=0.05)
    assert sum(step.bits for step in found[:-1]) == pytest.approx(found[-1].bits, abs=0.0501)


def assert_adds_up(
    found: list[tuple[str, float, float]], nought: float, bits: list[float], left_out: float = 0
) -> None:
    """Follow the bars down: a positive one goes to the right, a negative one to the left, each in proportion."""
    longest = max(range(len(bits)), key=lambda n: abs(bits[n]))
    unit = (found[longest][2] - found[longest][1]) / abs(bits[longest]) if bits[longest] else 0.0
    at = nought
    for (_, left, right), step in zip(found[:-1], bits[:-1], strict=True):
        begins, ends = (left, right) if step >= 0 else (right, left)
        assert begins == pytest.approx(at, abs=2 * TENTH)
        assert right - left == pytest.approx(abs(step) * unit, abs=4 * TENTH)
        at = ends
    _, left, right = found[-1]
    begins, ends = (left, right) if bits[-1] >= 0 else (right, left)
    assert begins == pytest.approx(nought, abs=2 * TENTH)
    assert ends == pytest.approx(at, abs=2 * TENTH + left_out * unit)


def test_the_thresholds_stand_at_their_bits() -> None:
    """On the scale of the bars, named in words."""
    picture = waterfall(BEST, "fi", apply=14.4, review=-6.1)
    (_, prior, _), *_, (_, _, total) = bars(picture)
    lines = {float(x) for x in re.findall(r'class="limit" d="M([\d.]+) ', picture)}
    assert sorted(lines) == pytest.approx([prior, total], abs=TENTH)
    assert "päivitys ≥ 14,4 bittiä" in picture
    assert "ihmiselle ≥ \u22126,1 bittiä" in picture
    assert "limit" not in re.sub("<style>.*</style>", "", waterfall(BEST, "fi"), flags=re.DOTALL)


def test_a_runner_up_is_drawn_on_the_same_scale() -> None:
    """Below, so that equal evidence has bars of one length."""
    found = bars(draw())
    first, second = found[: len(steps(BEST))], found[len(steps(BEST)) :]
    assert len(second) == len(steps(RUNNER_UP))
    for row in (0, 1, 4):  # prior, surname, address
        assert first[row][2] - first[row][1] == pytest.approx(second[row][2] - second[row][1], abs=TENTH)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_cannot_see_it_is_told_the_same(language: Language) -> None:
    """The picture has a role, a name, and every sentence as its description."""
    picture = ET.fromstring(waterfall(BEST, language, apply=13.0, review=2.0, runner_up=RUNNER_UP, name="one"))
    title, description = picture.find(f"{NS}title"), picture.find(f"{NS}desc")
    assert title is not None
    assert description is not None
    assert picture.attrib["role"] == "img"
    assert picture.attrib["aria-labelledby"] == title.attrib["id"] == "one-title"
    assert picture.attrib["aria-describedby"] == description.attrib["id"] == "one-desc"
    assert title.text == WORDS[language].title
    for sentence in (*tell(BEST, language), *tell(RUNNER_UP, language), *why_not(BEST, RUNNER_UP, language)):
        assert sentence in (description.text or "")


def test_colour_is_not_alone() -> None:
    """What speaks against is hatched and has a minus sign, what speaks for is plain and has a plus sign."""
    picture = ET.fromstring(waterfall(BEST, "en", name="x y"))
    rows = [group for group in picture.iter(f"{NS}g") if group.find(f"{NS}rect") is not None]
    for row in rows:
        bar, number = row.find(f"{NS}rect"), row.findall(f"{NS}text")[-1].text or ""
        assert bar is not None
        if bar.attrib["class"] == "against":
            assert (bar.attrib["fill"], number[0]) == ("url(#x-y-hatch)", "\u2212")
        elif bar.attrib["class"] == "for":
            assert "fill" not in bar.attrib
            assert number[0] in "+0"
    assert [one.attrib["id"] for one in picture.iter(f"{NS}pattern")] == ["x-y-hatch"]


def test_it_brings_nothing_from_outside() -> None:
    """No script, no font, no address but the name space, and the dark mode comes along."""
    picture = draw()
    assert re.findall(r"https?://[^\"]+", picture) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"<script|@import|@font-face|<image|<use|\bon\w+=", picture)
    assert "prefers-color-scheme:dark" in picture


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_fits_beside_the_bars(language: Language) -> None:
    """No word of ours is cut off; a code that nobody foresaw is."""
    words = WORDS[language]
    labels = (*words.comparisons.values(), words.companion, words.prior, words.both, words.rest, words.total)
    assert max(map(len, labels)) <= LONGEST_LABEL
    assert max(map(len, words.levels.values())) <= LONGEST_NOTE
    picture = waterfall(Candidate(1, 1.0, (Evidence("c" * 99, "l" * 99, 1.0),)), language)
    assert ">" + "c" * (LONGEST_LABEL - 1) + "…<" in picture
    assert ">" + "l" * (LONGEST_NOTE - 1) + "…<" in picture


def test_what_stands_in_it_is_escaped() -> None:
    """Text stays text, whatever it holds; what XML cannot hold is marked."""
    evil = Candidate(1, 1.0, (Evidence("</title><script>", '"&\x00\ud800', 1.0),))
    picture = ET.fromstring(waterfall(evil, "en"))
    assert picture.find(f".//{NS}script") is None
    texts = [one.text for one in picture.iter(f"{NS}text")]
    assert "</title><script>" in texts
    assert '"&\ufffd\ufffd' in texts


@given(candidates, st.none() | candidates, limits, limits, st.sampled_from(LANGUAGES), st.text(max_size=9))
def test_whatever_the_evidence_it_can_be_drawn(
    one: Candidate, other: Candidate | None, apply: float | None, review: float | None, language: Language, name: str
) -> None:
    """Any floats and any codes give XML whose bars lie within the picture; the same again gives the same bytes."""
    picture = waterfall(one, language, apply=apply, review=review, runner_up=other, name=name)
    assert all(0 <= left <= right <= WIDTH for _, left, right in bars(picture))
    assert not re.search(r'"(?:nan|-?inf)', picture)
    assert picture.encode() == waterfall(one, language, apply=apply, review=review, runner_up=other, name=name).encode()


@given(candidates, st.sampled_from(LANGUAGES))
def test_the_data_are_json(one: Candidate, language: Language) -> None:
    """Without infinities, which no parser must accept; the sum is the same as that of the bars."""
    data = candidate_as_data(one, language)
    json.dumps(data, allow_nan=False)
    assert data["words"] == list(tell(one, language))


def test_the_data_say_what_the_picture_says() -> None:
    """Bars with both ends, the sum, the odds and the sentences."""
    data = candidate_as_data(BEST, "en")
    evidence = data["evidence"]
    assert (data["weight"], data["prior"], data["against"]) == (14.4, -6.1, "household_member")
    assert (data["both"], data["rest"]) == (-0.2, 0.0)
    assert evidence[1] == {
        "comparison": "given_names",
        "level": "equal",
        "companion": False,
        "bits": 8.6,
        "rarity": 1.1,
        "start": -5.9,
        "end": 2.7,
        "words": "Given name equal: +8.6 bits (a rare given name: +1.1)",
    }
    assert data["error_probability"] == pytest.approx(1 / (1 + 2**14.4))
    unweighed = candidate_as_data(Candidate(1, 0.0, (Evidence("national_id", "equal", 0.0),)), "en")
    assert [unweighed[key] for key in ("weight", "prior", "against", "error_probability")] == [None] * 4


def test_where_a_protected_person_lives_is_not_explained() -> None:
    """How rare a place is would tell about it; the sum still adds up, by a part that is not itemised."""
    shown = without_location(BEST)
    assert not any(step.evidence and step.evidence.comparison == "address" for step in steps(shown))
    assert steps(shown)[-1].bits == BEST.weight
    found = Candidate(1, 5.0, (Evidence("address", "equal", 4.0), Evidence("region", "equal", 1.0)))
    assert without_location(found).evidence == ()


@given(st.floats(-9999, 9999), st.floats(-9999, 9999))
def test_a_scale_has_round_lines(one: float, other: float) -> None:
    """Zero among them, not too many, all within it."""
    scale = Scale.over([one, other], 0, 100)
    ticks = scale.ticks()
    assert 0 in ticks
    assert len(ticks) <= 9
    assert all(-0.01 <= scale.place(tick) <= 100.01 for tick in ticks)
    assert {str(abs(b - a)).rstrip("0") for a, b in pairwise(ticks)} <= {"1", "2", "5"}
    assert math.isclose(scale.place(scale.high), 100)
