"""How often does somebody who comes back from a provider make us go to the database? Counted, as in tests/api/test_round_trips.py."""

from collections.abc import Callable

import pytest

from api.quiet import round_trips, worker_at_rest
from api.world import World
from federation.partner import journey, running_provider
from federation.saml.identity_provider import message, signed
from federation.saml_partner import encrypted, saml_journey
from oauth.browsing import Page
from pages.walking import arrived

# What takes a browser there and back again: what is called ends with the way back.
Back = Callable[[], Page]
# Beside the request: the handle is spent, the app client read, the identity found with its user, pool and user read anew;
# BEGIN, the browser session, the code, COMMIT.
OIDC = 8
# And the assertion is spent; an encrypted one is read by a key, which is looked up.
SAML, ENCRYPTED = OIDC + 1, OIDC + 2


def _counted(world: World, depart: Callable[[], Back]) -> int:
    """Sign in three times in browsers that know nobody; return what the third way back takes."""
    arrived(depart()())
    arrived(depart()())
    back = depart()
    with worker_at_rest(world):
        before = round_trips(world)
        page = back()
        count = round_trips(world) - before
    arrived(page)
    return count


def test_coming_back_from_an_openid_provider(world: World) -> None:
    """Its documents are known, and nothing of its person changes."""
    if world.engine == "sqlite":
        pytest.skip("SQLite is called in the process: there are no round trips to count")
    with running_provider() as provider:
        walk = journey(world, provider)

        def depart() -> Back:
            walk.browser.cookies.clear()
            address = walk.at_provider(walk.leave())
            return lambda: walk.back(address)

        assert _counted(world, depart) == OIDC


@pytest.mark.parametrize("expected", [SAML, ENCRYPTED], ids=["plain", "encrypted"])
def test_coming_back_from_a_saml_provider(world: World, expected: int) -> None:
    """The key that encrypts for us is asked for where something is encrypted, and nowhere else."""
    if world.engine == "sqlite":
        pytest.skip("SQLite is called in the process: there are no round trips to count")
    walk = saml_journey(world)

    def depart() -> Back:
        walk.browser.cookies.clear()
        asked = walk.leave()
        plain = message(signed(walk.story(asked.id), response=True))
        response = encrypted(walk, asked) if expected == ENCRYPTED else plain
        return lambda: walk.post(response, asked.relay_state)

    assert _counted(world, depart) == expected
