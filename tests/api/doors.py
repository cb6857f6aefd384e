"""Which calls does one way to sign in make at each door? The public operation's, and the administrator's."""

from api.world import World
from poolkeeper.call import Call


def call_of(world: World) -> Call:
    """Return a call as a page makes it."""
    return world.app._call(
        region=None,
        caller=None,
        client_address="127.0.0.1",
        user_agent="tests",
        request_id="tests",
        now=world.clock.now(),
    )
