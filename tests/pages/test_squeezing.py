"""Does a stylesheet mean the same without its comments and blanks? Rule by rule, in a browser."""

from importlib.resources import files

import pytest
from playwright.sync_api import Browser

from poolkeeper.pages.assets import load_assets
from poolkeeper.pages.squeezing import squeezed

RULES = r"""
texts => texts.map(text => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  // Of a custom property and a condition a browser keeps the text, blanks at commas and behind colons too.
  return [...sheet.cssRules].map(rule => rule.cssText.replaceAll(/\s*,\s*/g, ",").replaceAll(/:\s+/g, ":"));
})
"""


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        ("a { color : red ; }", "a{color :red;}"),
        ("a,\n b > c { margin: 1px  2px }", "a,b > c{margin:1px 2px}"),
        ("/* one */ a/* two */b { }", "a b{}"),
        ('a { content: "/* ;  } */"; }', 'a{content:"/* ;  } */";}'),
        ("a { content: '\\'  x'; }", "a{content:'\\'  x';}"),
        ("a :hover { }", "a :hover{}"),
        ("a { width: calc(1px + 2px); --x: ; }", "a{width:calc(1px + 2px);--x:;}"),
        ("@media (min-width: 30rem) and (x) { a { b: c } }", "@media (min-width:30rem) and (x){a{b:c}}"),
    ],
)
def test_what_says_nothing_goes(sheet: str, expected: str) -> None:
    """Strings stay whole; where a blank parts two words or binds a selector, one stays."""
    assert squeezed(sheet) == expected


def test_a_browser_reads_the_same_rules(browser: Browser) -> None:
    """Every sheet of ours, as it is written and as it is sent, rule by rule."""
    written = {one.name: one.read_text() for one in (files("poolkeeper.pages") / "static").iterdir()}
    sheets = {name: text for name, text in written.items() if name.endswith(".css")}
    sent = load_assets().content
    page = browser.new_page()
    before, after = (
        page.evaluate(RULES, list(texts)) for texts in (sheets.values(), [sent[n].decode() for n in sheets])
    )
    assert before == after
    assert sum(len(rules) for rules in before) > 300
    assert sum(len(sent[name]) for name in sheets) < 0.9 * sum(len(text) for text in sheets.values())
