"""Does a customer's look work for a person, and a hostile one harm nobody? Three brands and a hostile one in Chromium.

BRAND_SCREENSHOTS names a folder that gets a picture of every page.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

import botocore.auth
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, expect

from api.world import (
    KEY_ID,
    KEY_SECRET,
    REGION,
    ClientOfTests,
    PoolOfTests,
    World,
    round_to_second,
    running,
    settings_for,
)
from oauth.browsing import app_client, request_of
from pages.axe import findings_of, load_axe
from pages.brand_sheet import TEMPLATE
from pages.pictures import png
from pages.visits import SIZES, VIOLATIONS

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "brands"
MOST_BYTES = 60_000
# What a reader of each brand sees: scheme -> the colour of the button that signs in, and that of the page.
SEEN: dict[str, dict[Literal["light", "dark"], tuple[str, str]]] = {
    "bank": {"light": ("rgb(10, 77, 140)", "rgb(238, 242, 247)"), "dark": ("rgb(143, 193, 255)", "rgb(11, 22, 38)")},
    "children": {
        "light": ("rgb(123, 47, 191)", "rgb(255, 241, 206)"),
        "dark": ("rgb(123, 47, 191)", "rgb(255, 241, 206)"),
    },
    "developer": {"light": ("rgb(74, 222, 128)", "rgb(8, 11, 9)"), "dark": ("rgb(74, 222, 128)", "rgb(8, 11, 9)")},
}
GOOGLE = {"client_id": "g", "client_secret": "s", "authorize_scopes": "openid email"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run a server of its own: pages are the same on both engines."""
    now = round_to_second(time.time_ns() // 1_000_000)
    settings = settings_for(tmp_path_factory.mktemp("brands"))
    with running(settings, engine="sqlite", started_at=now) as world, pytest.MonkeyPatch.context() as patched:
        patched.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        yield world


def app_of(place: World) -> tuple[PoolOfTests, ClientOfTests]:
    """Make a pool with a provider, and an app client for both."""
    pool = place.pool(PoolName="Juniper", AutoVerifiedAttributes=["email"])
    place.signed.create_identity_provider(
        UserPoolId=pool.pool_id, ProviderName="Google", ProviderType="Google", ProviderDetails=GOOGLE
    )
    return pool, app_client(pool, SupportedIdentityProviders=["COGNITO", "Google"])


def apply(place: World, pool: PoolOfTests, client: ClientOfTests, brand: str) -> None:
    """Apply a brand as its README says."""
    done = applying(place, pool.pool_id, client.client_id, brand)
    assert done.returncode == 0, done.stderr


def applying(place: World, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the program of the README."""
    keys = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": KEY_SECRET, "AWS_REGION": REGION}
    where = {"AWS_ENDPOINT_URL": place.url, "AWS_DEFAULT_REGION": REGION}
    return subprocess.run(
        [sys.executable, EXAMPLES / "apply.py", *arguments],
        env={"PATH": os.environ["PATH"], **keys, **where},
        check=False,
        capture_output=True,
        text=True,
    )


def test_what_is_refused_is_said_in_a_line(place: World) -> None:
    """An app client that is not there."""
    done = applying(place, place.pool().pool_id, "0123456789abcdefghijklmnop", "bank")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("It was refused: ")


@contextmanager
def reading(browser: Browser, place: World) -> Iterator[Page]:
    """Open a window; by its end nothing foreign was asked, no policy violated, nothing failed, in no window of it."""
    faults: list[str] = []
    context = browser.new_context(base_url=place.url, reduced_motion="reduce")

    def speaks(dialog: Dialog) -> None:
        faults.append(dialog.message)
        dialog.dismiss()

    context.on("dialog", speaks)
    context.on("console", lambda line: faults.append(line.text) if _is_fault(line) else None)
    context.on("weberror", lambda fault: faults.append(str(fault.error)))
    context.on("request", lambda one: None if one.url.startswith(place.url) else faults.append(one.url))
    page = context.new_page()
    page.add_init_script(VIOLATIONS)
    yield page
    faults += page.evaluate("window.violations")
    context.close()
    assert faults == []


def _is_fault(line: ConsoleMessage) -> bool:
    """Say whether a line of the console is a fault of ours: the script of Playwright's own is blocked in a drawing's sandbox."""
    sandboxed = line.text.startswith("Blocked script execution in") and ".svg' because" in line.text
    return line.type in {"error", "warning"} and not sandboxed


def weight_of(place: World, path: str) -> int:
    """Return what a page weighs with its sheets and scripts, before pictures."""
    status, _, body = place.get(path)
    assert status == 200
    loaded = re.findall(r'(?:href|src)="(/(?:_static|_brand)/[^"]+\.(?:css|js))"', body.decode())
    return len(body) + sum(len(place.get(one)[2]) for one in loaded)


@pytest.mark.parametrize("brand", SEEN)
def test_each_brand_is_seen_and_accessible(browser: Browser, place: World, brand: str) -> None:
    """Its colours, its pictures, in the reader's scheme as far as it follows that, narrow and wide; axe finds nothing."""
    folder, findings = os.environ.get("BRAND_SCREENSHOTS"), []
    pool, client = app_of(place)
    apply(place, pool, client, brand)
    apply(place, pool, client, brand)  # laid over itself it is the same
    query = urlencode(request_of(client))
    assert weight_of(place, f"/login?{query}") < MOST_BYTES
    with reading(browser, place) as page:
        load_axe(page)
        for path in ("login", "signup", "forgotPassword"):
            page.goto(f"/{path}?{query}")
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                for scheme, (button, ground) in SEEN[brand].items():
                    page.emulate_media(color_scheme=scheme)
                    assert (
                        page.locator("button.main").first.evaluate("e => getComputedStyle(e).backgroundColor") == button
                    )
                    assert page.locator(".login-page").evaluate("e => getComputedStyle(e).backgroundColor") in {
                        ground,
                        page.locator("main").evaluate("e => getComputedStyle(e).backgroundColor"),
                    }
                    sizes = page.evaluate("[...document.images].map(one => one.naturalWidth * one.width)")
                    assert sizes
                    assert all(sizes)
                    findings += findings_of(page, f"{brand} {path} {width} {scheme}")
                    if folder:
                        page.screenshot(path=Path(folder) / f"{brand}-{path}-{width}-{scheme}.png", full_page=True)
    assert findings == []


def test_order_and_place_are_those_of_the_style(browser: Browser, place: World) -> None:
    """The developers' providers stand below the form, which stands at the start; the bank's card stands at the end."""
    with reading(browser, place) as page:
        page.set_viewport_size({"width": 1280, "height": 800})
        for brand, at_start, below in (("developer", True, True), ("bank", False, False)):
            pool, client = app_of(place)
            apply(place, pool, client, brand)
            page.goto(f"/login?{urlencode(request_of(client))}")
            card, provider = (
                page.locator("main").bounding_box(),
                page.get_by_role("button", name="Google").bounding_box(),
            )
            field = page.get_by_label("Password", exact=True).bounding_box()
            assert card is not None
            assert provider is not None
            assert field is not None
            assert (card["x"] < 100) is at_start
            assert (card["x"] + card["width"] > 1180) is not at_start
            assert (provider["y"] > field["y"]) is below
            expect(page.locator("header img")).to_have_count(0 if at_start else 1)


HOSTILE_DRAWING = b"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="90" height="30"
 onload="alert('onload')"><script>alert('script')</script><style>@import url(https://evil.example/x.css);
 rect{fill:url(https://evil.example/f)}</style><a href="javascript:alert(1)"><rect width="90" height="30" onclick="alert(2)"/></a>
 <image href="https://evil.example/i"/><foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="https://evil.example"/>
 </foreignObject><animate attributeName="onload" values="alert(3)"/><circle r="9" fill="#ffffff"/></svg>"""
WHITE = {"backgroundColor": "ffffffff", "borderColor": "ffffffff", "textColor": "ffffffff"}


def test_a_hostile_brand_does_no_harm(browser: Browser, place: World) -> None:
    """Script in a drawing, forty assets of a megabyte, no contrast: nothing runs or asks, the page is light and signs in."""
    pool, client = app_of(place)
    settings = {
        "components": {
            "form": {"logo": {"enabled": True}},
            "primaryButton": {"lightMode": {"defaults": {"backgroundColor": "ffffffff", "textColor": "ffffffff"}}},
            "secondaryButton": {"lightMode": {"defaults": WHITE}},
            "idpButton": {"custom": {'"><script>alert(1)</script>': {"lightMode": {"defaults": WHITE}}}},
        },
        "</style><script>alert(1)</script>": {"x": "url(https://evil.example)"},
    }
    logo = {"Category": "FORM_LOGO", "ColorMode": "DYNAMIC", "Extension": "SVG", "Bytes": HOSTILE_DRAWING}
    made = place.signed.create_managed_login_branding(
        UserPoolId=pool.pool_id, ClientId=client.client_id, Settings=settings, Assets=[logo]
    )["ManagedLoginBranding"]
    large = png(40, 40) + bytes(990_000)
    for number in range(0, 39, 2):
        assets: list[dict[str, Any]] = [
            {
                "Category": "PAGE_BACKGROUND",
                "ColorMode": "LIGHT",
                "Extension": "PNG",
                "Bytes": large,
                "ResourceId": f"r-{one}",
            }
            for one in range(number, min(number + 2, 39))
        ]
        place.signed.update_managed_login_branding(
            UserPoolId=pool.pool_id, ManagedLoginBrandingId=made["ManagedLoginBrandingId"], Assets=assets
        )
    query = urlencode(request_of(client))
    assert weight_of(place, f"/login?{query}") < MOST_BYTES
    with reading(browser, place) as page:
        page.goto(f"/login?{query}", wait_until="networkidle")
        address = page.locator("img.logo").get_attribute("src")
        assert page.locator("img.logo").evaluate("e => e.naturalWidth") == 90
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        assert (
            page.evaluate("performance.getEntriesByType('resource').filter(e => e.name.includes('.png')).length") == 1
        )
        assert address is not None
        alone = page.context.new_page()
        alone.goto(address, wait_until="networkidle")  # as a document of its own
        alone.locator("rect").dispatch_event("click")


def test_the_classic_look_is_seen(browser: Browser, place: World) -> None:
    """The template of Cognito's console with a logo that is too large: a band, a picture that fits, and buttons of its colours."""
    pool, client = app_of(place)
    place.signed.create_user_pool_domain(UserPoolId=pool.pool_id, Domain=f"classic-{pool.pool_id[-9:].lower()}")
    css = TEMPLATE + ".errorMessage-customizable { letter-spacing: 1px }"
    place.signed.set_ui_customization(UserPoolId=pool.pool_id, ClientId="ALL", CSS=css, ImageFile=png(1400, 356))
    query = urlencode(request_of(client))
    assert weight_of(place, f"/login?{query}") < MOST_BYTES
    with reading(browser, place) as page:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(f"/login?{query}")
            box = page.locator("img.logo").bounding_box()
            assert box is not None
            assert 0 < box["width"] <= 350
            assert 0 < box["height"] <= 178
            button = page.get_by_role("button", name="Sign in")
            assert button.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(51, 122, 183)"
            band = page.locator(".banner-customizable")
            assert band.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(211, 211, 211)"
            if folder := os.environ.get("BRAND_SCREENSHOTS"):
                page.screenshot(path=Path(folder) / f"classic-{width}.png", full_page=True)
        page.get_by_role("button", name="Sign in").click()
        shown = page.locator(".errorMessage-customizable")
        assert shown.evaluate("e => getComputedStyle(e).letterSpacing") == "1px"
