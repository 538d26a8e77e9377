"""The desk's page in a real browser: by keyboard alone, hidden values, languages, looks."""

import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.integration.test_web_api import TOKEN, SmallDesk, SmallHealth, served

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

expect.set_options(timeout=20_000)  # a bound for busy machines; nothing waits longer than it has to

CONTRASTS = """() => {
  const channel = (c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = rgb(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const own = (node) => [...node.childNodes].some((c) => c.nodeType === 3 && c.textContent.trim());
  return [...document.querySelectorAll("body *")].filter((n) => own(n) && n.checkVisibility()).map((node) => {
    const [a, b] = [light(rgb(getComputedStyle(node).color)), light(ground(node))];
    return [node.textContent.trim(), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  });
}"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; where it is missing the tests are skipped, and in CI that is an error."""
    if not CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI has to have {CHROMIUM}")
        pytest.skip(f"{CHROMIUM} is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def desk() -> SmallDesk:
    """A desk with one register."""
    return SmallDesk()


@pytest.fixture
def base(desk: SmallDesk) -> Iterator[str]:
    """The address of a served desk."""
    with served(desk, SmallHealth()) as address:
        yield address


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complains about: errors, warnings, policy violations."""
    return []


@pytest.fixture
def page(chromium: Browser, base: str, complaints: list[str]) -> Iterator[Page]:
    """The way in, opened in a fresh browser profile that writes down every complaint."""
    context = chromium.new_context(viewport={"width": 1200, "height": 860})
    page = context.new_page()
    page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(base)
    yield page
    context.close()


def sign_in(page: Page) -> None:
    """Sign in by keyboard: the box has the focus already."""
    expect(page.locator("#token")).to_be_focused()
    page.keyboard.type(TOKEN)
    page.keyboard.press("Enter")
    expect(page.locator("#key")).to_be_focused()
    page.wait_for_load_state()


def look_up(page: Page, key: str) -> None:
    """Type a number where the focus is, and press Enter."""
    expect(page.locator("#key")).to_be_focused()
    page.keyboard.type(key)
    page.keyboard.press("Enter")


def focused(page: Page) -> str:
    """Return the text of the control that has the focus."""
    return page.evaluate("document.activeElement.textContent.trim()")


def test_the_keyboard_alone_suffices(page: Page, desk: SmallDesk, base: str, complaints: list[str]) -> None:
    """Sign in, look up, show and hide the address, change the language and clear, without a mouse or a complaint."""
    sign_in(page)
    look_up(page, "4711")
    expect(page.get_by_text("Osoite varmistettu 3 pv sitten")).to_be_visible()
    expect(page.locator("#key")).to_be_focused()

    page.keyboard.press("Tab")
    assert focused(page) == "Hae"
    page.keyboard.press("Tab")
    assert focused(page) == "Näytä osoite"
    page.keyboard.press("Enter")
    expect(page.locator(".shown")).to_be_focused()
    expect(page.locator(".shown")).to_have_text("Koekuja 5 B 12 00990 Helsinki")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Koekuja")).to_have_count(0)
    assert focused(page) == "Näytä osoite"
    page.keyboard.press("Tab")
    assert focused(page) == "Näytä numero"

    page.get_by_role("button", name="English").focus()
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_text("Address confirmed 3 days ago (Posti)")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("Escape")
    expect(page.locator(".card")).to_have_count(0)
    expect(page.locator("#key")).to_be_focused()
    expect(page.locator("#key")).to_have_value("")

    assert "4711" not in page.url
    assert [asked[1:] for asked in desk.asked] == [
        ("4711", "frontdesk", False),
        ("4711", "frontdesk", True),
        ("4711", "frontdesk", False),
    ]
    assert page.evaluate("performance.getEntries().map((e) => e.name).filter((n) => /4711|\\?/.test(n))") == []
    stored = page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    assert not re.search("4711|Koekuja|Osoite", stored)
    assert complaints == []


def test_a_number_typed_next_replaces_the_last(page: Page, complaints: list[str]) -> None:
    """After a look-up the number is selected, so that the next customer is one number away."""
    sign_in(page)
    look_up(page, "4711")
    expect(page.locator(".key")).to_have_text("4711")
    look_up(page, "4712")
    expect(page.locator(".key")).to_have_text("4712")
    look_up(page, "9999")
    expect(page.get_by_text("Tällä numerolla ei löydy asiakasta")).to_be_visible()
    expect(page.locator(".card")).to_have_count(0)
    assert complaints == []


def test_a_number_typed_while_the_answer_is_awaited_stays_whole(page: Page, desk: SmallDesk) -> None:
    """A quick reader's next number is neither cut nor joined to the last when the answer arrives in its middle."""
    sign_in(page)
    desk.open = threading.Event()
    look_up(page, "4711")
    page.keyboard.type("47")
    desk.open.set()
    expect(page.locator(".key")).to_have_text("4711")
    page.wait_for_function("!document.querySelector('.htmx-settling, .htmx-request, .htmx-added')")
    look_up(page, "12")
    expect(page.locator(".key")).to_have_text("4712")


def test_a_shown_value_hides_after_half_a_minute(page: Page) -> None:
    """Thirty seconds after it was shown a value is gone from the page, and its button is back."""
    page.clock.install()
    sign_in(page)
    look_up(page, "4711")
    page.get_by_role("button", name="Näytä osoite").click()
    expect(page.get_by_text("Koekuja")).to_be_visible()
    page.clock.run_for(29_000)
    expect(page.get_by_text("Koekuja")).to_be_visible()
    page.clock.run_for(1_000)
    expect(page.get_by_text("Koekuja")).to_have_count(0)
    expect(page.get_by_role("button", name="Näytä osoite")).to_be_visible()


def test_a_shown_value_hides_when_it_is_left(page: Page) -> None:
    """Moving on to another control, pressing Hide, or asking for another value hides the one before."""
    sign_in(page)
    look_up(page, "4711")
    address = page.get_by_text("Koekuja")
    page.get_by_role("button", name="Näytä osoite").click()
    expect(address).to_be_visible()
    page.locator(".shown").click()
    expect(address).to_be_visible()
    page.keyboard.press("Tab")
    assert focused(page) == "Piilota"
    page.keyboard.press("Tab")
    expect(address).to_have_count(0)

    page.get_by_role("button", name="Näytä osoite").click()
    page.get_by_role("button", name="Piilota").click()
    expect(address).to_have_count(0)
    assert focused(page) == "Näytä osoite"

    page.get_by_role("button", name="Näytä osoite").click()
    expect(address).to_be_visible()
    page.get_by_role("button", name="Näytä numero").click()
    expect(page.get_by_text("+358 45 7300000")).to_be_visible()
    expect(address).to_have_count(0)


def test_escape_also_stops_an_answer_on_its_way(page: Page, desk: SmallDesk) -> None:
    """A card that was cleared before it came does not come."""
    sign_in(page)
    desk.open = threading.Event()
    with page.expect_event("requestfailed"):
        look_up(page, "4711")
        page.keyboard.press("Escape")
    desk.open.set()
    expect(page.locator("#key")).to_have_value("")
    look_up(page, "4712")
    expect(page.locator(".key")).to_have_text("4712")


def test_a_value_that_comes_late_is_not_shown(page: Page, desk: SmallDesk, complaints: list[str]) -> None:
    """A value whose button was left before the answer came stays hidden and does not take the focus."""
    sign_in(page)
    look_up(page, "4711")
    expect(page.locator(".key")).to_have_text("4711")
    desk.open = threading.Event()
    page.get_by_role("button", name="Näytä osoite").focus()
    with page.expect_response("**/reveal"):
        page.keyboard.press("Enter")
        page.locator("#key").focus()
        desk.open.set()
    page.wait_for_function("!document.querySelector('.htmx-settling, .htmx-request, .htmx-added')")
    expect(page.get_by_text("Koekuja")).to_have_count(0)
    expect(page.get_by_role("button", name="Näytä osoite")).to_be_visible()
    expect(page.locator("#key")).to_be_focused()
    assert complaints == []


def test_a_failing_desk_is_told_in_place(page: Page, desk: SmallDesk) -> None:
    """When the desk cannot answer, the result says what to do instead, and the next look-up works again."""
    sign_in(page)
    desk.failure = RuntimeError("gone")
    look_up(page, "4711")
    expect(page.get_by_role("alert")).to_have_text("Tila ei ole nyt saatavilla \N{EN DASH} kysy asiakkaalta")
    desk.failure = None
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_be_visible()


def test_a_server_that_is_gone_is_told_in_place(page: Page) -> None:
    """A connection that fails gives the same sentence as a failing desk, and takes the old card away."""
    sign_in(page)
    look_up(page, "4711")
    expect(page.locator(".card")).to_be_visible()
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Tila ei ole nyt saatavilla \N{EN DASH} kysy asiakkaalta")
    expect(page.locator(".card")).to_have_count(0)


def test_an_ended_session_leads_to_the_way_in(page: Page) -> None:
    """A look-up after the session ended asks for the token again."""
    sign_in(page)
    page.context.clear_cookies(name="ajantasa_session")
    look_up(page, "4711")
    expect(page.locator("#token")).to_be_focused()


def test_the_page_works_without_javascript(chromium: Browser, base: str) -> None:
    """With scripts off the same forms sign in, look up, show, hide and change the language; the value fades by style."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base)
    page.locator("#token").fill(TOKEN)
    page.keyboard.press("Enter")
    page.locator("#key").fill("4711")
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_be_visible()
    expect(page.locator("#key")).to_be_focused()
    page.keyboard.type("9999")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Tällä numerolla ei löydy asiakasta")).to_be_visible()
    page.locator("#key").fill("4711")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Näytä osoite").click()
    expect(page.locator(".shown")).to_have_text("Koekuja 5 B 12 00990 Helsinki")
    expect(page.locator(".shown")).to_have_css("animation-delay", "30s")
    page.get_by_role("button", name="Piilota").click()
    expect(page.get_by_text("Koekuja")).to_have_count(0)
    expect(page.locator(".card")).to_be_visible()
    page.get_by_role("button", name="Svenska").click()
    expect(page.get_by_text("Adressen bekräftad för 3 dagar sedan")).to_be_visible()
    page.get_by_role("button", name="Logga ut").click()
    expect(page.get_by_label("Nyckel")).to_be_visible()
    context.close()


def test_print_holds_no_value(page: Page) -> None:
    """What is shown on the screen is not on paper."""
    sign_in(page)
    look_up(page, "4711")
    page.get_by_role("button", name="Näytä osoite").click()
    expect(page.get_by_text("Koekuja")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_text("Koekuja")).to_be_hidden()
    expect(page.get_by_text("Osoite varmistettu 3 pv sitten")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(chromium: Browser, base: str, scheme: str) -> None:
    """Every text of every state has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3), light and dark."""
    context = chromium.new_context(color_scheme=scheme)  # type: ignore[arg-type] # one of the two words
    page = context.new_page()
    page.goto(base)
    measured = page.evaluate(CONTRASTS)
    sign_in(page)
    for key in ("4711", "4712", "4713", "4714", "9999"):
        look_up(page, key)
        expect(page.locator(".key, .notice").first).to_contain_text("Tällä" if key == "9999" else key)
        if key == "4711":
            page.get_by_role("button", name="Näytä osoite").click()
            expect(page.locator(".shown")).to_be_visible()
        measured += page.evaluate(CONTRASTS)
        page.locator("#key").focus()
    assert len(measured) > 60
    assert [entry for entry in measured if entry[1] < 4.5] == []
    context.close()


def test_shapes_differ_where_colours_may_not_be_seen(page: Page) -> None:
    """Each state has a shape of its own and a word beside it."""
    sign_in(page)
    shapes = {}
    for key in ("4711", "4712", "4713", "4714"):
        look_up(page, key)
        expect(page.locator(".key")).to_have_text(key)
        for line in page.locator(".line").all():
            state = line.evaluate("(n) => [...n.classList].find((c) => c.startsWith('is-'))")
            shapes[state] = line.locator("svg").inner_html()
            assert line.locator(".word").inner_text().strip()
    assert len(shapes) == 10
    assert len(set(shapes.values())) == 10


def test_controls_have_names_and_the_page_a_language(page: Page) -> None:
    """Every control has an accessible name, the page a language, a title and one heading of the first level."""
    for step in (lambda: None, lambda: sign_in(page), lambda: look_up(page, "4711")):
        step()
        page.wait_for_load_state()
        assert page.evaluate("document.documentElement.lang") == "fi"
        assert page.title() == "Vastaanotto · ajantasa"
        expect(page.locator("h1")).to_have_count(1)
        unnamed = page.evaluate(
            """() => [...document.querySelectorAll("input:not([type=hidden]), select, button")].filter((node) =>
                 !(node.labels?.length && node.labels[0].textContent.trim()) && !node.textContent.trim()).length"""
        )
        assert unnamed == 0
    assert page.evaluate("document.querySelectorAll('[id]').length") == page.evaluate(
        "new Set([...document.querySelectorAll('[id]')].map((node) => node.id)).size"
    )


def test_a_narrow_screen_has_no_sideways_scroll(chromium: Browser, base: str) -> None:
    """On a screen of 320 pixels (WCAG 2.2, 1.4.10) nothing is cut off."""
    context = chromium.new_context(viewport={"width": 320, "height": 700})
    page = context.new_page()
    page.goto(base)
    sign_in(page)
    look_up(page, "4711")
    page.get_by_role("button", name="Näytä osoite").click()
    expect(page.locator(".shown")).to_be_visible()
    rightmost = "Math.max(...[...document.querySelectorAll('body *')].map((n) => n.getBoundingClientRect().right))"
    assert page.evaluate(rightmost) <= 320
    context.close()
