"""Whether an app that nobody registered signs people in by the address of its document, and by nothing else."""

import pytest

from api.forge import claims_of
from api.world import ClientOfTests, World
from oauth.documents import Host, code_of, document, exchange, host, metadata, policy, refresh, url_of, walk
from oauth.hosted import CALLBACK, NAME, code_client, user_info

__all__ = ["host"]


@pytest.fixture
def client(world: World) -> ClientOfTests:
    """Make an app client with a secret, which gives apps without one their settings, and `ada`."""
    pool = world.pool()
    pool.user(NAME, email="ada@example.com", email_verified="true")
    return code_client(pool, GenerateSecret=True, ClientName="behind the policy")


@pytest.fixture
def url(client: ClientOfTests, host: Host) -> str:
    """Return an address with a good document, which a policy allows."""
    url = url_of(client)
    host.put(url)
    policy(client)
    return url


def test_an_address_signs_in_like_an_app_client(world: World, client: ClientOfTests, host: Host, url: str) -> None:
    """From a policy to refreshed tokens: the page names the host, the tokens the address."""
    browser = walk(client, url)
    page = browser.follow(browser.authorize())
    assert url.split("/")[2] in page.words
    assert "that calls itself “ The Tool ”" in page.words
    held = exchange(world, code_of(walk(client, url)), url)
    assert held.status == 200, held
    access, identity = claims_of(held.body["access_token"]), claims_of(held.body["id_token"])
    assert (access["client_id"], identity["aud"]) == (url, url)
    assert user_info(world, held.body["access_token"]).body["username"] == NAME
    again = refresh(world, held.body["refresh_token"], url)
    assert again.status == 200, again
    assert claims_of(again.body["access_token"])["client_id"] == url
    assert world.unsigned.get_user(AccessToken=again.body["access_token"])["Username"] == NAME
    assert host.asked == [url]
    assert host.most_bytes == 32 * 1024
    assert metadata(client.pool)["client_id_metadata_document_supported"] is True
