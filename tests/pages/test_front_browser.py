"""Does the page at `/` work for a person? A real browser: narrow and wide, light and dark, with and without script."""

from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from api.world import World
from pages.axe import findings_of, load_axe
from pages.inbox_window import WIDTHS, visiting
from poolkeeper.pages.front.snippets import SNIPPETS

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # a browser sees no database

HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title='taken'\">"


async def _rename(world: World, pool_id: str, name: str) -> None:
    await world.house.db.execute("UPDATE pools SET name = $2 WHERE pool_id = $1", pool_id, name)
    await world.house.db.execute("UPDATE clients SET name = $2 WHERE pool_id = $1", pool_id, name)


def _furnished(world: World) -> str:
    """Make pools with long and hostile names, requests of every kind and messages; return the hostile client's id."""
    world.clock.advance(1_000)
    long = world.pool(PoolName="w" * 128, AutoVerifiedAttributes=["email"])
    long.client(ClientName="v" * 128).sign_up("u" * 128, email=f"{'a' * 60}@{'b' * 60}.example")
    client = long.client(
        ClientName="pages",
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid"],
        CallbackURLs=["http://localhost:3000/"],
        SupportedIdentityProviders=["COGNITO"],
    )
    world.pool(PoolName="empty")
    hostile = world.pool().client(GenerateSecret=True, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])
    world.run(lambda: _rename(world, hostile.pool.pool_id, HOSTILE))
    world.http("POST", "/", body=b"{}", headers={"X-Amz-Target": f"AWSCognitoIdentityProviderService.{HOSTILE}"})
    world.get("/" + quote(HOSTILE))
    world.get("/" + "x" * 300)
    world.call("InitiateAuth", {"ClientId": client.client_id, "AuthFlow": "SOMETHING"})
    return hostile.client_id


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_tab_is_accessible_and_fits_at_every_width(browser: Browser, world: World, scheme: str) -> None:
    """No finding of axe, nothing wider than the window, no report of the policy."""
    hostile = _furnished(world)
    findings: list[str] = []
    with visiting(browser, world.url) as page:
        page.emulate_media(color_scheme="light" if scheme == "light" else "dark", reduced_motion="reduce")
        load_axe(page)
        places = ["/?show=verify", f"/?client={hostile}&show=cli", "/?client=gone"]
        for place in places:
            page.goto(place)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                findings += findings_of(page, f"{place} at {width}", frames=False)
            findings += [f"{place}: {violation}" for violation in page.evaluate("window.violations")]
        expect(page.locator(".tabs a")).to_have_count(0)
        page.set_viewport_size({"width": WIDTHS[0], "height": 800})
        for word in SNIPPETS:
            page.goto(f"/?show={word}")
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                findings.append(f"{word} is wider than the window")

    assert findings == []


def test_hostile_names_do_nothing(browser: Browser, world: World) -> None:
    """They stand there as they are, and the page keeps its title."""
    hostile = _furnished(world)
    with visiting(browser, world.url) as page:
        page.goto(f"/?client={hostile}")
        expect(page.locator(".rows strong", has_text=HOSTILE).first).to_be_visible()
        expect(page.locator(".rows .app", has_text=HOSTILE).first).to_be_visible()
        expect(page.locator(".table .name", has_text=HOSTILE).first).to_be_visible()
        expect(page).to_have_title("Poolkeeper development")
        expect(page.locator("main script, main img")).to_have_count(0)


@pytest.mark.parametrize("script", [True, False])
def test_tabs_pools_and_inbox_work_with_and_without_script(browser: Browser, world: World, *, script: bool) -> None:
    """A tab is a link; so are an app client, the inbox and the sign-in page. Without script no copy button is offered."""
    hostile = _furnished(world)
    with visiting(browser, world.url, script=script) as page:
        page.goto(f"/?client={hostile}")
        page.get_by_role("link", name="boto3").click()
        expect(page.locator("#snippet")).to_contain_text(f'"{hostile}"')
        expect(page.get_by_role("link", name="boto3")).to_have_attribute("aria-current", "true")
        assert (page.locator("[data-copy-from]:visible").count() > 0) is script
        page.get_by_role("link", name="pages", exact=False).first.click()
        expect(page.locator("#snippet")).not_to_contain_text(f'"{hostile}"')
        page.get_by_role("link", name="Open it").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.goto("/")
        page.get_by_role("link", name="Open the inbox").click()
        expect(page).to_have_url(f"{world.url}/_dev/inbox")


def test_copy_puts_the_lines_on_the_clipboard(browser: Browser, world: World) -> None:
    """The whole of them, and an id."""
    client = world.pool().client()
    with visiting(browser, world.url) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=world.url)
        page.goto(f"/?client={client.client_id}&show=sdk")
        page.get_by_role("button", name="Copy the lines").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        copied = str(page.evaluate("navigator.clipboard.readText()"))
        page.get_by_role("button", name="Copy App client id").click()
        expect(page.get_by_role("button", name="Copied")).to_have_count(2)

        assert copied == page.locator("#snippet").text_content()
        assert page.evaluate("navigator.clipboard.readText()") == client.client_id
