"""The picture of a waterfall in a real browser: nothing overflows, everything can be told from its ground."""

from typing import Any, Literal, get_args

import pytest
from playwright.sync_api import Browser

from sync.matching.compare.level import MISSING
from sync.matching.explain import waterfall
from sync.matching.model import COMPARISONS
from sync.model import Candidate, Evidence, NullHypothesis
from sync.model.address import Language
from tests.integration.test_desk_browser import chromium  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser

BOXES = """() => [...document.querySelectorAll("svg text")].map((node) => {
  const box = node.getBBox();
  return [node.getAttribute("class"), node.textContent, box.x, box.y, box.x + box.width, box.y + box.height];
})"""
CONTRASTS = """() => {
  const channel = (c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number);
    return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  };
  const fill = (node) => getComputedStyle(node).fill, stroke = (node) => getComputedStyle(node).stroke;
  const ground = light(fill(document.querySelector(".ground")));
  const all = [...document.querySelectorAll("svg text")].map((node) => ["text", fill(node)]);
  for (const kind of ["for", "prior", "total"]) all.push(["bar", fill(document.querySelector(`rect.${kind}`))]);
  all.push(["bar", stroke(document.querySelector(".hatch"))]);
  return all.map(([what, colour]) => {
    const [a, b] = [light(colour), ground];
    return [what, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  });
}"""


def everything() -> Candidate:
    """Give a candidate with every level of every comparison, rare here and common there."""
    levels = [(name, level) for name, levels in COMPARISONS.items() for level in (*levels, MISSING)]
    evidence = tuple(
        Evidence(name, level, 3.0 if n % 3 else -4.5, 2.0 if n % 2 else -2.0) for n, (name, level) in enumerate(levels)
    )
    weight = sum(one.bits for one in evidence) - 20.0
    return Candidate(1, weight - 0.5, evidence, NullHypothesis.HOUSEHOLD_MEMBER, -20.0)


def shown(browser: Browser, language: Language, scheme: Literal["dark", "light"], script: str) -> Any:
    """Draw a page with the picture in it, and ask it something."""
    one = everything()
    context = browser.new_context(color_scheme=scheme)
    try:
        page = context.new_page()
        page.set_content(waterfall(one, language, apply=13.0, review=12.0, runner_up=one))
        return page.evaluate(script)
    finally:
        context.close()


@pytest.mark.parametrize("language", get_args(Language))
def test_no_word_overflows(chromium: Browser, language: Language) -> None:  # noqa: F811 - the fixture
    """Names and levels end before the bars begin; all of it lies within the picture; marks do not touch."""
    texts = shown(chromium, language, "light", BOXES)
    assert len(texts) > 60
    for kind, text, left, top, right, _ in texts:
        assert left >= 0, text
        assert top >= 0, text
        assert right <= (276 if kind == "note" or (kind == "name" and " · " not in text) else 760), text
    marks = [box for box in texts if box[0] == "mark"]
    assert len(marks) == 2
    assert marks[0][5] <= marks[1][3] + 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_told_from_its_ground(
    chromium: Browser,  # noqa: F811 - the fixture
    scheme: Literal["dark", "light"],
) -> None:
    """Text by 4.5 to 1, bars by 3 to 1, as WCAG asks, in both of the reader's modes."""
    found = shown(chromium, "en", scheme, CONTRASTS)
    assert min(ratio for what, ratio in found if what == "text") >= 4.5
    assert min(ratio for what, ratio in found if what == "bar") >= 3
