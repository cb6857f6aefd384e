"""Does Amplify's signInWithRedirect work, unmodified? In a browser, over the development TLS port: Amplify knows https alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from clients import person
from clients.application import Application, bundle, opened, served, write_pages
from clients.oauth import oauth_client
from clients.serving import Server, new_pool, new_user, service, verified_claims


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the application's script in one file."""
    made = tmp_path_factory.mktemp("application")
    bundle("amplify_redirect.mjs", made)
    return made


@pytest.fixture(params=["bare host", "prefix host", "path"])
def application(
    request: pytest.FixtureRequest, server: Server, browser: Browser, folder: Path
) -> Iterator[Application]:
    """Open the application, with the pool's pages in each form that their address may have."""
    pool_id = new_pool(server)
    new_user(server, pool_id, "amy", person.PASSWORD)
    prefix = f"amplify-{pool_id.rpartition('_')[2].lower()}"
    service(server).create_user_pool_domain(UserPoolId=pool_id, Domain=prefix)
    port = server.place.tls_port
    domain = {
        "bare host": f"localhost:{port}",
        "prefix host": f"{prefix}.auth.localhost:{port}",
        "path": f"localhost:{port}/_domains/{prefix}",
    }[request.param]
    with served(folder) as home:
        client_id = oauth_client(server, pool_id, home)["ClientId"]
        facts = {"poolId": pool_id, "clientId": client_id, "endpoint": server.endpoint, "domain": domain, "home": home}
        write_pages(folder, facts, "index.html")
        with opened(browser, home, pool_id, client_id) as application:
            yield application


def test_there_back_refreshed_and_out(server: Server, application: Application) -> None:
    """The code becomes tokens by Amplify's own hand; its refresh and revocation go by the JSON API, as ever."""
    page, pool_id = application.page, application.pool_id
    application.begin("signIn")
    person.sign_in(page, "amy")
    expect(page).to_have_url(application.home)
    page.wait_for_function("window.story.events().includes('signInWithRedirect')")

    assert application.tell("user")["answer"]["username"] == "amy"
    assert application.tell("attributes")["answer"]["email"] == "amy@example.com"
    first, refreshed = application.tell("tokens"), application.tell("refreshed")
    before, after = (verified_claims(server, pool_id, tokens["accessToken"]) for tokens in (first, refreshed))
    assert before["jti"] != after["jti"]
    assert before["origin_jti"] == after["origin_jti"]
    assert verified_claims(server, pool_id, first["idToken"])["aud"] == application.client_id

    with page.expect_response(lambda response: "/logout?" in response.url):
        application.begin("signOut")
    expect(page).to_have_url(application.home)
    assert application.tell("user")["error"] == "UserUnAuthenticatedException"
    idp = service(server)
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="Access Token has been revoked"):
        idp.get_user(AccessToken=refreshed["accessToken"])
    application.begin("signIn")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
