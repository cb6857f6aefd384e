"""How does a test sign in at a provider through a pool? A provider beside the server, a browser that goes there and back."""

import asyncio
import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from api.world import ClientOfTests, PoolOfTests, World
from federation.provider import SECRET, Provider, providing
from oauth.browsing import Browser, Page, app_client, request_of
from poolkeeper.clock import SECOND
from tokens.issuer import CLIENT

NAME = "Partner"
MAPPING = {"email": "email", "name": "name"}


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Run a provider in a loop of its own, for a server in another one."""
    loop, started = asyncio.new_event_loop(), threading.Event()
    made: list[Provider] = []
    stop = asyncio.Event()

    async def run() -> None:
        async with providing() as provider:
            made.append(provider)
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    try:
        assert started.wait(30)
        yield made[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def details_of(provider: Provider, **more: str) -> dict[str, str]:
    """Return the ProviderDetails of a provider of type OIDC that is found by discovery."""
    return {
        "client_id": CLIENT,
        "client_secret": SECRET,
        "authorize_scopes": "openid email",
        "oidc_issuer": provider.issuer.url,
        "attributes_request_method": "GET",
        **more,
    }


def add_provider(
    pool: PoolOfTests, name: str, kind: str, details: dict[str, str], mapping: dict[str, str] | None = None, **more: Any
) -> None:
    """Add an identity provider to a pool, as an administrator does."""
    pool.world.signed.create_identity_provider(
        UserPoolId=pool.pool_id,
        ProviderName=name,
        ProviderType=kind,
        ProviderDetails=details,
        AttributeMapping=MAPPING if mapping is None else mapping,
        **more,
    )


def remove_provider(pool: PoolOfTests, name: str) -> None:
    """Remove an identity provider from a pool, as an administrator does."""
    pool.world.signed.delete_identity_provider(UserPoolId=pool.pool_id, ProviderName=name)


@dataclass
class Journey:
    """One browser on its way to one app, by way of a provider; `said` changes the claims of its ID token."""

    browser: Browser
    client: ClientOfTests
    provider: Provider
    name: str = NAME
    more: dict[str, str] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.client.world

    def leave(self, **more: str) -> Page:
        """Come from the app, which names the provider; return where the browser is sent."""
        self.now()
        asked = request_of(self.client, **{"identity_provider": self.name, **self.more, **more})
        return self.browser.get("/oauth2/authorize", asked)

    def now(self) -> None:
        """Have the provider's clock say what the server's does."""
        seconds = self.world.clock.now() // SECOND
        self.provider.id_token = {"iat": seconds, "exp": seconds + 300, **self.said}

    def at_provider(self, page: Page) -> str:
        """Go where the browser is sent, and say yes; return the address to which the provider sends it back."""
        assert page.status == 303, (page.status, page.body[:500])
        return visit_provider(page.location)

    def back(self, address: str) -> Page:
        """Follow a provider's redirect back to the pool."""
        parts = urlsplit(address)
        return self.browser.get(parts.path, parts.query)

    def sign_in(self, **more: str) -> Page:
        """Sign in from the app to the app."""
        return self.back(self.at_provider(self.leave(**more)))


def visit_provider(url: str) -> str:
    """GET an address at a provider; return where it redirects to."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 302, answer.status
    return answer.headers["location"]


def journey(
    world: World,
    provider: Provider,
    *,
    pool: PoolOfTests | None = None,
    details: dict[str, str] | None = None,
    **settings: Any,
) -> Journey:
    """Open a browser at a pool whose one provider is `provider`."""
    pool = pool or world.pool()
    add_provider(pool, NAME, "OIDC", details_of(provider, **(details or {})))
    client = app_client(pool, **{"SupportedIdentityProviders": ["COGNITO", NAME], **settings})
    return Journey(Browser(pool), client, provider)


def asked_of(page: Page) -> dict[str, str]:
    """Return the parameters of the address that a browser is sent to."""
    return dict(parse_qsl(urlsplit(page.location).query))
