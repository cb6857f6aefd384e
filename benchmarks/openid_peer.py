"""What is asked of a peer that speaks OpenID Connect and no Cognito? The token grants, of the clients in oidc_provider.mjs."""

from collections.abc import Mapping

from calls import answers, cycled, fetch, form
from world import World

CALLBACK = "https://app.example/callback"
PEOPLE = 32


def machines(world: World, count: int) -> list[bytes]:
    """Ask for tokens of a client's own."""
    fields = {"client_id": "machine", "client_secret": "secret-of-the-machine", "scope": "read"}
    return cycled([_token(world, {"grant_type": "client_credentials", **fields})], count)


def exchanges(world: World, count: int) -> list[bytes]:
    """Get `count` codes and return the requests that exchange them."""
    known = {"grant_type": "authorization_code", "client_id": "app", "redirect_uri": CALLBACK}
    codes = fetch(world.server.port, f"/bench/codes?count={count}")
    return [_token(world, {**known, "code": code}) for code in codes]


def refreshes(world: World, count: int) -> list[bytes]:
    """Exchange a code for each of 32 people and return the requests that go on with their sessions."""
    held = answers(world.server.port, exchanges(world, PEOPLE))
    known = {"grant_type": "refresh_token", "client_id": "app"}
    return cycled([_token(world, {**known, "refresh_token": one["refresh_token"]}) for one in held], count)


def _token(world: World, fields: Mapping[str, str]) -> bytes:
    return form(world.server.port, "/token", fields)
