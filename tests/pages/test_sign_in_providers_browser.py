"""Does a person get to the app through a provider in a real browser? At npm's oidc-provider, and at one that posts its answer."""

import html
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Browser, expect

from api.forge import claims_of
from api.world import World
from federation import oidc_server
from federation.partner import NAME, add_provider, details_of, running_provider
from federation.provider import Provider
from functions.receiver import Answer, Received
from oauth.browsing import app_client
from oauth.hosted import exchange
from pages.sign_in_window import app, authorize, landed, place, window
from poolkeeper.clock import SECOND

__all__ = ["app", "place"]


def test_at_npms_oidc_provider(place: World, browser: Browser, app: str) -> None:
    """By the button; then the browser is known and goes on; signed out, it is asked again. The console has no complaint."""
    callback = f"{place.url}/oauth2/idpresponse"
    pool = place.pool()
    with oidc_server.running("client_secret_post", callback=callback) as issuer, window(browser) as (page, said):
        add_provider(pool, NAME, "OIDC", oidc_server.details_of(issuer, "posting"))
        client = app_client(
            pool,
            SupportedIdentityProviders=["COGNITO", NAME],
            CallbackURLs=[f"{app}/callback"],
            LogoutURLs=[f"{app}/bye"],
        )
        authorize(page, client, app)
        page.get_by_role("button", name=f"Continue with {NAME}").click()
        told = landed(page)
        assert told["state"] == "state-of-the-app"
        answer = exchange(client, told["code"], redirect_uri=f"{app}/callback")
        claims = claims_of(answer.body["id_token"])
        assert (claims["cognito:username"], claims["email"]) == (f"{NAME}_olga", "olga@example.com")
        assert "nonce" not in claims
        left = [one["name"] for one in page.context.cookies(place.url)]
        assert not [name for name in left if name.startswith(("return-", "comeback-"))]

        authorize(page, client, app)
        assert landed(page)["code"] != told["code"]

        page.goto(f"{place.url}/logout?client_id={client.client_id}&logout_uri={app}/bye")
        authorize(page, client, app)
        expect(page.get_by_role("button", name=f"Continue with {NAME}")).to_be_visible()
        assert said == []


def _posting(provider: Provider) -> None:
    """Have a provider answer by a page of its own that posts itself, as Apple does."""
    redirecting = provider.issuer.more["/authorize"]

    def authorize_by_post(request: Received) -> Answer:
        target, _, query = redirecting(request).headers["Location"].partition("?")
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">' for name, value in parse_qsl(query)
        )
        body = (
            f'<link rel="icon" href="data:,"><form method="post" action="{target}">{fields}<button>Yes</button></form>'
        )
        return Answer(body=body.encode(), headers={"Content-Type": "text/html"})

    provider.issuer.more["/authorize"] = authorize_by_post


def test_at_a_provider_that_posts_its_answer_from_another_site(place: World, browser: Browser, app: str) -> None:
    """The cookie of the way there comes along over http on this machine, that of the session need not; the next one does."""
    with running_provider() as other, window(browser) as (page, said):
        _posting(other)
        seconds = place.clock.now() // SECOND
        other.id_token = {"iat": seconds, "exp": seconds + 300}
        pool = place.pool()
        elsewhere = f"http://127.0.0.1:{urlsplit(other.issuer.url).port}/authorize?response_mode=form_post"
        add_provider(pool, NAME, "OIDC", details_of(other, authorize_url=elsewhere))
        client = app_client(pool, SupportedIdentityProviders=[NAME], CallbackURLs=[f"{app}/callback"])
        authorize(page, client, app)
        page.get_by_role("button", name="Yes").click()
        assert landed(page)["code"]
        authorize(page, client, app)
        assert landed(page)["code"]
        assert said == []

        # Whoever is lured to the address of somebody else's sign-in sees a page of ours, and no app.
        stranger = browser.new_context()
        victim = stranger.new_page()
        victim.goto(f"{place.url}/oauth2/idpresponse?code=x&state={pool.pool_id}.{'a' * 22}.AAAA")
        expect(victim.get_by_role("heading", name="We cannot sign you in from here")).to_be_visible()
        stranger.close()
