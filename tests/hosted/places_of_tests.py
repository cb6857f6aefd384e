"""At which places do tests knock? A pool with both domains and an app client, and a request for each form."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx

from api.world import ClientOfTests, PoolOfTests, World
from oauth.browsing import app_client, request_of

CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/4c6f7665-6c61-4365-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Estate:
    """A pool, its app client and its two domains."""

    pool: PoolOfTests
    client: ClientOfTests
    prefix: str
    custom: str

    @property
    def world(self) -> World:
        return self.pool.world

    @property
    def forms(self) -> dict[str, tuple[str, str]]:
        """Return host and mount of every form, by its name."""
        settings = self.world.house.settings
        return {
            "bare": (settings.base_host, ""),
            "prefix": (f"{self.prefix}.{settings.domain_host}", ""),
            "custom": (self.custom, ""),
            "path": (settings.base_host, f"/_domains/{self.prefix}"),
            "path of the custom domain": (settings.base_host, f"/_domains/{self.custom}"),
        }

    def ask(self, host: str, path: str, *, method: str = "GET", tls: bool = False, **more: Any) -> httpx.Response:
        """Send one request with this Host to the application, as the server or its TLS listener would hand it on."""
        return asked(self.world, host, path, method=method, tls=tls, **more)

    def authorize(self, host: str, mount: str, *, tls: bool = False, **more: str) -> httpx.Response:
        """Send an authorize request."""
        return self.ask(host, f"{mount}/oauth2/authorize", tls=tls, params=request_of(self.client, **more))


def asked(world: World, host: str, path: str, *, method: str = "GET", tls: bool = False, **more: Any) -> httpx.Response:
    """Send one request with this Host to the application of a server; redirects are not followed."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=world.app)
        scheme = "https" if tls else "http"
        async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://server.tests") as client:
            headers = {**more.pop("headers", {}), "Host": host}
            return await client.request(method, path, headers=headers, **more)

    return asyncio.run_coroutine_threadsafe(send(), world.loop).result(30)


def estate(world: World) -> Estate:
    """Make a pool with an app client and both domains."""
    pool = world.pool()
    prefix = f"juniper-{pool.pool_id[-9:].lower()}"
    custom = f"login.{prefix}.example"
    world.signed.create_user_pool_domain(UserPoolId=pool.pool_id, Domain=prefix)
    world.signed.create_user_pool_domain(
        UserPoolId=pool.pool_id, Domain=custom, CustomDomainConfig={"CertificateArn": CERTIFICATE}
    )
    return Estate(pool, app_client(pool), prefix, custom)
