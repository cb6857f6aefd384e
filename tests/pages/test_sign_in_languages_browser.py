"""Do the pages fit in every language? Chromium, narrow and wide: German, Japanese, and words 1.6 times as long as ours.

SIGN_IN_SCREENSHOTS names a folder that gets a picture of every page.
"""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from pages.axe import findings_of, load_axe
from pages.visits import DIFFERENT, FIRST, SIZES, visiting
from poolkeeper.model.languages import OWN_NAMES
from poolkeeper.pages.managed_login.words import Speech, load_words

WORDS = load_words()
NARROW = (320, 640)
# What is not a word of ours: values, the brackets of a link.
_WHOLE = re.compile(r"(\{[^{}]*\}|[\[\]])")
_WORD = re.compile(r"[^\W\d_]+")
# What of a page reaches over the edge of the window, or of the button or card that it is in.
OVER_THE_EDGE = """
() => [...document.querySelectorAll("main *, nav *, footer *")].filter(element => {
  if (!element.checkVisibility() || element.closest("svg, .unseen")) return false;
  const box = element.getBoundingClientRect();
  const card = (element.closest("main, .tongues ul") ?? document.body).getBoundingClientRect();
  const spills = element.matches("button, summary, label") && element.scrollWidth > element.clientWidth + 1
    && element.clientWidth > 0;
  return spills || box.right > card.right + 1 || box.left < card.left - 1;
}).map(element => element.tagName + " " + element.className + " " + element.textContent.trim().slice(0, 60))
"""


def lengthened(sentence: Any) -> Any:
    """Return a sentence with every word 1.6 times as long, and letters that English has not."""
    if not isinstance(sentence, str):
        return {form: lengthened(words) for form, words in sentence.items()}

    def longer(match: re.Match[str]) -> str:
        word = match[0]
        more = -(-len(word) * 6 // 10)
        return f"{word}{(word * 2)[:more].replace('e', 'ë').replace('o', 'ö').replace('a', 'å')}"

    return "".join(one if _WHOLE.fullmatch(one) else _WORD.sub(longer, one) for one in _WHOLE.split(sentence))


LONG = Speech("de-x-long", {key: lengthened(sentence) for key, sentence in WORDS["en"].sentences.items()})


def test_the_long_words_are_long() -> None:
    """1.6 times, of every sentence that is worth the name; what is no word is as it was."""
    for key, sentence in WORDS["en"].sentences.items():
        if isinstance(sentence, str):
            before, after = (len(re.sub(r"\{\w+\}|[\W\d]", "", one)) for one in (sentence, str(LONG.sentences[key])))
            assert after >= 1.6 * before, key
    assert LONG.sentences["as"] == "SigningSigni inin asås {name}."


def _over_the_edge(page: Page, what: str) -> list[str]:
    found = [f"{what}: {one}" for one in page.evaluate(OVER_THE_EDGE)]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{what}: wider than the window")
    return found


@pytest.mark.parametrize("half", [0, 1])
def test_nothing_overflows_with_words_of_one_and_a_half_length(browser: Browser, half: int) -> None:
    """Every sample at 320, 390 and 1280 pixels, the menu of languages open and closed."""
    findings: list[str] = []
    with visiting(browser, words={"en": WORDS["en"], LONG.language: LONG}) as (page, _):
        for name in DIFFERENT[half::2]:
            page.goto(f"/in/{LONG.language}/{name}")
            for width, height in (NARROW, *SIZES):
                page.set_viewport_size({"width": width, "height": height})
                findings += _over_the_edge(page, f"{name} at {width}")
                page.locator(".tongues").evaluate("menu => { menu.open = true; }")
                findings += _over_the_edge(page, f"{name} at {width}, menu open")
                page.locator(".tongues").evaluate("menu => { menu.open = false; }")

    assert findings == []


@pytest.mark.parametrize("language", ["de", "ja"])
def test_every_page_fits_and_is_accessible_in_german_and_japanese(browser: Browser, language: str) -> None:
    """At 390 and 1280 pixels: nothing over an edge, of the first of each kind no finding of axe.

    Pictures of all where a folder is named.
    """
    folder = os.environ.get("SIGN_IN_SCREENSHOTS")
    findings: list[str] = []
    with visiting(browser) as (page, _):
        load_axe(page)
        for name in DIFFERENT:
            page.goto(f"/in/{language}/{name}")
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                if name in FIRST:
                    findings += findings_of(page, f"{name} in {language} at {width}")
                findings += _over_the_edge(page, f"{name} in {language} at {width}")
                if folder:
                    page.screenshot(path=Path(folder) / f"{name}-{language}-{width}.png", full_page=True)

    assert findings == []


@pytest.mark.parametrize("language", OWN_NAMES)
def test_every_language_fits_on_a_narrow_window(browser: Browser, language: str) -> None:
    """The first page of each kind at 320 pixels, in all twelve."""
    findings: list[str] = []
    with visiting(browser) as (page, _):
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        for name in FIRST:
            page.goto(f"/in/{language}/{name}")
            findings += _over_the_edge(page, f"{name} in {language}")

    assert findings == []


def test_the_menu_leads_to_the_page_in_another_language(browser: Browser) -> None:
    """By keyboard and without script: it opens, each language is a button with its own name, and the address has it."""
    with visiting(browser, script=False) as (page, _):
        page.goto("/in/en/sign-in-empty")
        # The samples' server has no such page: what the browser says of that may come before the end of the visit, or not.
        page.route("**/login?*", lambda route: route.fulfill(body="here we are"))
        menu = page.locator("summary", has_text="English")
        menu.focus()
        page.keyboard.press("Enter")
        buttons = page.locator(".tongues button")
        expect(buttons).to_have_text([name for tag, name in OWN_NAMES.items() if tag != "en"])
        assert [one.get_attribute("lang") for one in buttons.all()] == [tag for tag in OWN_NAMES if tag != "en"]
        page.keyboard.press("Tab")
        with page.expect_request(lambda request: "lang=de" in request.url) as asked:
            page.keyboard.press("Enter")
        assert "/login?response_type=code&client_id=4f2k9s0m1q8x7c6v5b4n3a2l1k&state=a%26b&lang=de" in asked.value.url


def test_the_open_menu_is_accessible(browser: Browser) -> None:
    """Light and dark, at both widths."""
    findings: list[str] = []
    with visiting(browser) as (page, _):
        load_axe(page)
        page.goto("/in/zh-TW/sign-up-wrong")
        page.locator(".tongues summary").click()
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                findings += findings_of(page, f"menu at {width} {scheme}")

    assert findings == []
