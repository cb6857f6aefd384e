"""What does a document of settings do to a page? Handed in, not saved: each switch, each picture, every page under a full look."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pages.hostile import PAYLOADS
from pages.rendered import ASSETS, MOST_BYTES, RENDER, Reader
from pages.sign_in_samples import FRAME, PROVIDERS, SIGN_IN, samples
from poolkeeper.branding import colors, documents, looks
from poolkeeper.branding.defaults import DEFAULTS
from poolkeeper.branding.documents import merged
from poolkeeper.branding.looks import PLAIN, Asset, Look
from poolkeeper.pages import headers
from poolkeeper.pages.managed_login import views
from poolkeeper.pages.managed_login.dressing import in_order
from poolkeeper.pages.managed_login.views import View

BASE = "/_brand/us-east-1_tests/managed/style"
ALL = dict(samples())
CATEGORIES = (
    "FAVICON_SVG",
    "EMAIL_GRAPHIC",
    "SMS_GRAPHIC",
    "AUTH_APP_GRAPHIC",
    "PASSWORD_GRAPHIC",
    "PASSKEY_GRAPHIC",
    "PAGE_HEADER_LOGO",
    "PAGE_HEADER_BACKGROUND",
    "PAGE_FOOTER_LOGO",
    "PAGE_FOOTER_BACKGROUND",
    "PAGE_BACKGROUND",
    "FORM_BACKGROUND",
    "FORM_LOGO",
)


def setting(path: str, value: Any) -> dict[str, Any]:
    """Return a document that says one thing."""
    for name in reversed(path.split(".")):
        value = {name: value}
    found: dict[str, Any] = value
    return found


def switch(path: str, *, on: bool) -> dict[str, Any]:
    """Return a document that turns one thing on or off."""
    return setting(path, on)


def document(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document that says several."""
    whole: dict[str, Any] = {}
    for part in parts:
        whole = merged(whole, part)
    return whole


def asset(category: str, mode: str = "DYNAMIC", digest: str = "", **more: str) -> Asset:
    """Return an asset; its digest says what it is."""
    digest = digest or f"{CATEGORIES.index(category) if category in CATEGORIES else 99:02}{len(mode)}".ljust(32, "0")
    return Asset(category=category, color_mode=mode, extension="SVG", digest=digest, **more)


ENABLED = document(
    switch("components.form.logo.enabled", on=True),
    switch("components.form.backgroundImage.enabled", on=True),
    switch("components.pageHeader.logo.enabled", on=True),
    switch("components.pageHeader.backgroundImage.enabled", on=True),
    switch("components.pageFooter.logo.enabled", on=True),
    switch("components.pageFooter.backgroundImage.enabled", on=True),
    setting("categories.global", {"pageHeader": {"enabled": True}, "pageFooter": {"enabled": True}}),
)
EVERYTHING = [asset(category, mode) for category in CATEGORIES for mode in ("LIGHT", "DARK")]
FULL = looks.managed(
    document(DEFAULTS, ENABLED, setting("categories.global.colorSchemeMode", "DYNAMIC")), EVERYTHING, base=BASE
)


def shown(look: Look, view: View = SIGN_IN) -> Reader:
    """Return a page under a look."""
    return Reader(bytes(RENDER(view, replace(FRAME, look=look)).body).decode())


def of(settings: dict[str, Any] | None, *assets: Asset) -> Look:
    """Return the look of a document."""
    return looks.managed(settings, assets, base=BASE)


@pytest.mark.parametrize("name", ALL)
def test_every_page_is_whole_and_light_under_a_full_look(name: str) -> None:
    """Nothing inline, pictures with words or none, ids once, less than sixty kilobytes before pictures; the policy is the same."""
    response = RENDER(ALL[name], replace(FRAME, look=FULL))
    body = bytes(response.body)
    page = Reader(body.decode())
    for tag, given, words in page.elements:
        assert not [one for one in given if one == "style" or one.startswith("on")], given
        assert tag != "style"
        assert tag != "script" or "".join(words) == ""
    assert all("alt" in given for given, _ in page.all("img"))
    assert len(page.ids()) == len(set(page.ids()))
    loaded = re.findall(r'(?:href|src)="/_static/[^/]+/([^"]+)"', body.decode())
    assert len(body) + len(FULL.sheet) + sum(len(ASSETS.content[one]) for one in loaded) < MOST_BYTES
    plain = RENDER(ALL[name], FRAME)
    assert response.headers["content-security-policy"] == plain.headers["content-security-policy"]
    assert response.headers["content-security-policy"] == headers.SIGN_IN_PAGE["content-security-policy"]


def test_the_plain_look_asks_for_nothing_of_a_customers() -> None:
    """Neither does Cognito's own document without pictures, but that its pages are light."""
    for look, sheets in ((PLAIN, 3), (of(None), 2)):
        page = shown(look)
        assert len(page.all("link", rel="stylesheet")) == sheets
        assert page.all("img") == []


@pytest.mark.parametrize(
    ("scheme", "media"), [("LIGHT", None), ("DARK", ""), ("DYNAMIC", "(prefers-color-scheme: dark)")]
)
def test_the_scheme_chooses_sheet_and_pictures(scheme: str, media: str | None) -> None:
    """LIGHT without the dark sheet, DARK with it always, DYNAMIC by the reader; of pictures the one of the scheme."""
    settings = document(
        switch("components.form.logo.enabled", on=True),
        setting("components.pageText.lightMode.headingColor", "111111ff"),
        setting("components.pageText.darkMode.headingColor", "eeeeee80"),
        setting("categories.global.colorSchemeMode", scheme),
    )
    look = of(settings, asset("FORM_LOGO", "LIGHT", "a" * 32), asset("FORM_LOGO", "DARK", "b" * 32))
    page = shown(look)
    dark = [given for given, _ in page.all("link", rel="stylesheet") if "tokens-dark" in str(given["href"])]
    assert [given.get("media", "") for given in dark] == ([] if media is None else [media])
    ((picture, _),) = page.all("img")
    assert str(picture["src"]).startswith(f"{BASE}/{'b' if scheme == 'DARK' else 'a'}")
    assert len(page.all("source")) == (scheme == "DYNAMIC")
    assert ("#111111" in look.sheet) is (scheme != "DARK")
    assert ("#eeeeee80" in look.sheet) is (scheme != "LIGHT")


def test_a_mode_that_a_document_does_not_speak_of_keeps_its_colours() -> None:
    """Under DYNAMIC what is said of light alone is said where the reader wants light."""
    look = of(
        document(
            setting("components.pageText.lightMode.headingColor", "111111ff"),
            setting("categories.global.colorSchemeMode", "DYNAMIC"),
        )
    )
    assert look.sheet.startswith("@media not all and (prefers-color-scheme: dark) {")
    assert look.sheet.count("{") == 2


def test_every_member_with_a_colour_or_a_length_is_in_the_sheet() -> None:
    """Of the whole default document, but what there is nothing of on our pages: menus, disabled buttons, things pending."""
    unseen = re.compile(r"dropDown|disabled|pending|borderRadius.dropDown")
    marked = iter(range(0x100000, 0xFFFFFF))
    wanted: set[str] = set()

    def mark(held: Any, path: str) -> Any:
        if isinstance(held, dict):
            return {name: mark(value, f"{path}.{name}") for name, value in held.items()}
        if isinstance(held, float):
            if not unseen.search(path):
                wanted.add(f"{(number := next(marked) % 9_999) + 1}px")
                return float(number + 1)
            return held
        if path.endswith(("Color", ".color")):
            color = f"{next(marked):06x}"
            if not unseen.search(path) and ".statusIndicator." not in path:
                wanted.add(f"#{color}")
            return f"{color}ff"
        return held

    whole = mark(
        {**DEFAULTS, "categories": merged(DEFAULTS["categories"], {"global": {"colorSchemeMode": "DYNAMIC"}})}, ""
    )
    sheet = of(whole).sheet
    assert [one for one in sorted(wanted) if one not in sheet] == []


def test_pictures_stand_where_they_belong() -> None:
    """The logo in the card or out of it, bars above and below, a picture above a heading, one of the browser's tab."""
    page = shown(FULL)
    order = [(tag, given.get("class")) for tag, given, _ in page.elements if tag in {"header", "main", "nav", "footer"}]
    # The menu of languages is below the card, and above the lower bar.
    assert [tag for tag, _ in order] == ["header", "main", "nav", "footer"]
    assert len(page.all("img")) == 3
    assert page.all("div", _class="outside") == []
    outside = of(document(ENABLED, setting("components.form.logo.formInclusion", "OUT")), *EVERYTHING)
    tags = [(tag, given.get("class")) for tag, given, _ in shown(outside).elements]
    assert (
        tags.index(("div", "outside"))
        < tags.index(("section", "logo-row"))
        < tags.index(("main", "banner-customizable"))
    )
    icons = [given for given, _ in page.all("link", rel="icon")]
    assert [(given["type"], str(given["href"])[: len(BASE)]) for given in icons] == [("image/svg+xml", BASE)]
    drawn = {name: len(shown(FULL, view).all("img", _class="graphic")) for name, view in ALL.items()}
    assert {name.partition("-empty")[0] for name, count in drawn.items() if count and "-empty" in name} == {
        "password", "sent-code", "app-code", "passkey", "confirm", "await-link", "forgot", "reset", "new-password",
        "set-up-app", "set-up-address", "offer-passkey",
    }  # fmt: skip
    hidden = of(document(ENABLED, switch("categories.form.displayGraphics", on=False)), *EVERYTHING)
    assert shown(hidden, ALL["password-empty"]).all("img", _class="graphic") == []


def test_what_is_switched_off_is_not_there() -> None:
    """Each picture has its switch; without it the asset is kept and not shown."""
    page, look = (
        shown(of({}, *EVERYTHING)),
        of(switch("components.pageBackground.image.enabled", on=False), *EVERYTHING),
    )
    assert page.all("img") == []
    assert page.all("header") == []
    assert "url(" not in look.sheet
    assert "--ml-page-image: none" in look.sheet
    assert of(setting("components.favicon.enabledTypes", []), *EVERYTHING).favicons == ()


def test_places_and_space() -> None:
    """START, CENTER, END on both axes; COMPACT is three quarters of all space."""
    look = of(
        document(
            setting("categories.form.location", {"horizontal": "START", "vertical": "END"}),
            setting("components.form.logo.location", "END"),
            setting("categories.global.spacingDensity", "COMPACT"),
        )
    )
    for said in ("--ml-form-x: start", "--ml-form-y: end", "--ml-logo-x: end", "--pk-4: 0.75rem", "--pk-1: 0.1875rem"):
        assert said in look.sheet


def test_providers_in_order_with_icons_and_colours_of_their_own() -> None:
    """Above or below the form, in the style's order, a mark, an icon or neither, a class that the sheet knows."""
    view = replace(SIGN_IN, providers=PROVIDERS)
    style = document(
        setting("categories.auth.federation.order", ["Juniper-Staff", 5, {}, "Nobody"]),
        setting("components.idpButton.custom.Google.lightMode.hover.textColor", "123456ff"),
    )
    look = of(style, asset("IDP_BUTTON_ICON", resource_id="Google"))
    assert [one.name for one in in_order(look, PROVIDERS)] == ["Juniper-Staff", "Google"]
    page = shown(look, view)
    ((icon, _),) = page.all("img", _class="idp-icon")
    assert icon["alt"] == ""
    assert len(page.all("span", _class="idp-mark")) == 1
    (button,) = [given for given, _ in page.all("button", value="Google")]
    assert str(button["class"]).endswith(" idp-0")
    assert ".idp-0 { --ml-idp-hover-ink: #123456 }" in look.sheet
    bare = shown(of(switch("componentClasses.idpButtons.icons.enabled", on=False)), view)
    assert bare.all("span", _class="idp-mark") == []

    def first(look: Look) -> str:
        return next(str(given["action"]).partition("?")[0] for given, _ in shown(look, view).all("form"))

    methods = [{"display": "INPUT", "type": "USERNAME_PASSWORD"}, {"display": "BUTTON", "type": "FEDERATED"}]
    last = setting("categories.auth.authMethodOrder", [methods])
    assert (first(PLAIN), first(of(last))) == ("/login/federated", "/login")
    assert first(of(setting("categories.auth.authMethodOrder", [1, [2, {}], None]))) == "/login/federated"
    assert of(setting("categories.auth.federation.interfaceStyle", "SEARCH")).asks_domain is True


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_name_of_a_style_becomes_markup_or_css(payload: str) -> None:
    """Attack row 87: names of providers, the one free text that a style has, in every place for one."""
    name = payload[:200]
    colored = {"lightMode": {"defaults": {"textColor": "123456ff"}}}
    style = document(
        {"components": {"idpButton": {"custom": {name: colored}}}}, setting("categories.auth.federation.order", [name])
    )
    look = of(style, asset("IDP_BUTTON_ICON", resource_id=name))
    assert look.sheet == ".idp-0 { --ml-idp-ink: #123456 }\n"
    harmless = shown(of(None), replace(SIGN_IN, providers=PROVIDERS))
    view = replace(SIGN_IN, providers=(replace(PROVIDERS[0], name=name, label=name), PROVIDERS[1]))
    hostile = shown(replace(look, icons={}, base=""), view)
    tags = [tag for tag, _ in hostile.shape() if tag != "link"]
    assert tags == [tag for tag, _ in harmless.shape() if tag != "link"]


def test_the_colours_that_the_pages_come_with_can_be_read() -> None:
    """The default document has no pair under AA in either mode, so that whoever is told of one has chosen it."""
    whole = merged(DEFAULTS, setting("categories.global.colorSchemeMode", "DYNAMIC"))
    assert list(colors.faint(whole)) == []
    assert colors.contrast("000000ff", "ffffffff") == pytest.approx(21)
    assert colors.contrast("00000000", "ffffffff") == pytest.approx(1)
    assert colors.contrast("777777ff", "ffffffff") == pytest.approx(4.48, abs=0.01)


def test_documents_are_laid_over_one_another() -> None:
    """Objects member by member, lists and everything else as a whole; neither of the two changes."""
    below = {"a": {"b": 1, "c": [1, 2]}, "d": {"e": 1}}
    above = {"a": {"c": [3]}, "d": 4, "f": {"g": {}}}
    assert merged(below, above) == {"a": {"b": 1, "c": [3]}, "d": 4, "f": {"g": {}}}
    assert below == {"a": {"b": 1, "c": [1, 2]}, "d": {"e": 1}}
    assert list(documents.unknown(document(DEFAULTS, {"x": 1}, setting("components.form.y.z", 1)))) == [
        "components.form.y",
        "x",
    ]
    assert isinstance(views.SignIn(), View)
