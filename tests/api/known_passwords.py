"""How do tests of the API give a server more passwords that everybody knows? A service of ranges, for as long as a test wants it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from api.world import ClientOfTests, PoolOfTests, World
from compromised.range_service import RangeService, answering
from poolkeeper.accounts import compromised
from poolkeeper.risk.compromised.ranges import Ranges

# On the list when it is folded, and yet by the policy of every pool.
LISTED = "Password123!"
ADA = "ada@x.example"
REFUSED = ("InvalidPasswordException", "Provided password cannot be used for security reasons.")
RESET = ("PasswordResetRequiredException", "Password reset required for the user")


def mode(text: str) -> dict[str, Any]:
    """Return the setting of a pool's threat protection."""
    return {"UserPoolAddOns": {"AdvancedSecurityMode": text}}


def protected(world: World, text: str = "ENFORCED", **settings: Any) -> PoolOfTests:
    """Create a pool that looks whether passwords are known."""
    return world.pool(AutoVerifiedAttributes=["email"], **mode(text), **settings)


def with_ada(world: World, password: str, text: str = "ENFORCED", **flows: Any) -> ClientOfTests:
    """Create a pool that begins to look at passwords when ada has one already, as pools do that come from AWS."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    pool.user("ada", password=password, email=ADA, email_verified="true")
    world.signed.update_user_pool(UserPoolId=pool.pool_id, AutoVerifiedAttributes=["email"], **mode(text))
    return pool.client(**flows)


class Looks:
    """A list that has nothing, and notes what it was asked for."""

    def __init__(self) -> None:
        self.passwords: list[str] = []

    def __call__(self, password: str) -> bool:
        self.passwords.append(password)
        return False


@contextmanager
def service_of(world: World, *, patience: float = 20) -> Iterator[RangeService]:
    """Let a server ask a service until the end of the block; a new password waits for it with more `patience` than otherwise.

    On a busy machine the right answer may take longer than users should wait.
    """
    known = world.house.known_passwords
    with answering() as service, pytest.MonkeyPatch.context() as patched:
        patched.setattr(known, "ranges", Ranges(service.url, world.house.egress))
        patched.setattr(compromised, "_PATIENCE_SECONDS", patience)
        try:
            yield service
        finally:
            service.go_on.set()
            world.run(known.close)
