"""What does a sign-in page offer beside the pool's own sign-in? Providers by buttons, organisations by an address at work."""

from urllib.parse import parse_qsl, urlsplit

from api.federating import metadata
from api.world import World
from federation.partner import NAME, Journey, add_provider, asked_of, details_of, journey
from federation.provider import Provider
from functions.receiver import Answer
from oauth.browsing import Browser, Page, app_client
from pages.walking import Shown, Walk, arrived
from tokens.issuer import DISCOVERY

BUTTONS = "/login/federated"


def press(walk: Walk, shown: Shown, name: str) -> Page:
    """Press the button of a provider."""
    return walk.send(shown, BUTTONS, identity_provider=name)


def there_and_back(walk: Walk, provider: Provider, page: Page) -> str:
    """Go where a button leads; return the code that the app gets."""
    through = Journey(walk.browser, walk.client, provider)
    through.now()
    return arrived(through.back(through.at_provider(page)))


def test_a_button_leads_to_the_provider_and_back(world: World, provider: Provider) -> None:
    """Those of the client in its order, by the names that people know; the form of the pool's own people is there too."""
    pool = world.pool()
    add_provider(pool, NAME, "OIDC", details_of(provider))
    social = {"client_id": "x", "client_secret": "y", "authorize_scopes": "profile"}
    add_provider(pool, "LoginWithAmazon", "LoginWithAmazon", social)
    client = app_client(pool, SupportedIdentityProviders=["LoginWithAmazon", "COGNITO", NAME])
    walk = Walk(Browser(pool), client)
    page = walk.begin()
    assert page.form(BUTTONS).buttons == [("identity_provider", "LoginWithAmazon"), ("identity_provider", NAME)]
    assert "Continue with Amazon" in page.words
    assert f"Continue with {NAME}" in page.words
    assert page.has_form("/login")
    assert there_and_back(walk, provider, press(walk, page, NAME))


def test_an_app_without_own_users_shows_providers_alone(world: World, provider: Provider) -> None:
    """No field for a name, no way to sign up; with one provider alone there is no page."""
    pool = world.pool()
    add_provider(pool, NAME, "OIDC", details_of(provider))
    add_provider(pool, "Other", "OIDC", details_of(provider))
    walk = Walk(Browser(pool), app_client(pool, SupportedIdentityProviders=[NAME, "Other"]))
    page = walk.begin()
    assert [one.action.partition("?")[0] for one in page.forms] == [BUTTONS]
    assert "Create an account" not in page.words
    assert there_and_back(walk, provider, press(walk, page, "Other"))


def test_a_button_needs_the_page_that_it_stands_on(world: World, provider: Provider) -> None:
    """attacks.md 83: no other site sends somebody off; a provider that the app has not is none; an empty form neither."""
    walk = Walk(Browser(world.pool()), journey(world, provider).client)
    walk.browser.pool = walk.client.pool
    page = walk.begin()
    form = page.form(BUTTONS)
    stolen = {**form.fields, "identity_provider": NAME}
    assert walk.browser.post(form.action, stolen, sec_fetch_site="cross-site").status == 403
    assert walk.browser.post(form.action, {**stolen, "_csrf": "x"}, sec_fetch_site="same-origin").status == 403
    assert "That way is not available now" in Shown(press(walk, page, "Google")).words
    assert "That way is not available now" in Shown(press(walk, page, "")).words
    assert walk.browser.get("/login/federated", walk.query).location.startswith("/login?")


def test_a_provider_that_cannot_be_reached_leaves_the_other_ways(world: World, provider: Provider) -> None:
    """The page comes again and says so; the app that named it is told at its address."""
    provider.issuer.faults[DISCOVERY] = Answer(status=500)
    through = journey(world, provider)
    walk = Walk(through.browser, through.client)
    page = Shown(press(walk, walk.begin(), NAME))
    assert f"{NAME} cannot be reached just now" in page.words
    assert page.has_form("/login")
    assert through.leave().told["error"] == "invalid_request"


def test_an_address_at_work_says_where_to_sign_in(world: World, provider: Provider) -> None:
    """By the domain, in any case, with the address as a hint; SAML providers that have identifiers are no buttons then."""
    pool = world.pool()
    add_provider(pool, NAME, "OIDC", details_of(provider), IdpIdentifiers=["juniper.example"])
    add_provider(pool, "Saml", "SAML", {"MetadataFile": metadata()}, {}, IdpIdentifiers=["maple.example"])
    client = app_client(pool, SupportedIdentityProviders=["COGNITO", NAME, "Saml"])
    walk = Walk(Browser(pool), client)
    page = walk.begin()
    assert next(one.buttons for one in page.forms if one.buttons) == [("identity_provider", NAME)]
    assert "Email address at work" in page.words

    box = next(one for one in page.forms if "idp_identifier" in one.fields)
    given = {**box.fields, "idp_identifier": " ada@Juniper.example "}
    left = walk.browser.post(box.action, given, sec_fetch_site="same-origin")
    assert asked_of(left)["login_hint"] == "ada@Juniper.example"
    assert there_and_back(walk, provider, left)

    for address in ("ada@nobody.example", "@", "a" * 300, "juniper.example@evil.example"):
        answer = walk.browser.post(box.action, {**box.fields, "idp_identifier": address}, sec_fetch_site="same-origin")
        assert "We do not know where people with this address sign in" in Shown(answer).words, address
    empty = walk.browser.post(box.action, {**box.fields, "idp_identifier": " "}, sec_fetch_site="same-origin")
    assert "Enter your email address at work" in Shown(empty).words
    none = app_client(pool, SupportedIdentityProviders=["COGNITO"])
    foreign = Walk(walk.browser, none).begin()
    assert not foreign.has_form(BUTTONS)


def test_who_is_signed_in_by_a_provider_goes_on_under_their_address(world: World, provider: Provider) -> None:
    """Not under the user name, which is an id of the provider's; "another account" asks there anew."""
    through = journey(world, provider)
    arrived(through.sign_in())
    walk = Walk(through.browser, through.client)
    page = walk.begin(prompt="select_account")
    assert "user@example.com" in page.words
    assert "user-1" not in page.words
    arrived(walk.send(page, "/login/continue", account="current"))
    again = walk.send(page, "/login/continue", account="other")
    assert dict(parse_qsl(urlsplit(again.location).query))["account"] == "other"
