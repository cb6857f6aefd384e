"""What is evidence without a check of ours? That the pool's own code, which was asked, let a user in."""

from poolkeeper.model.factors import CUSTOM
from poolkeeper.model.proof import Proof
from poolkeeper.model.user import User


def by_pools_code(user: User) -> Proof:
    """Return the evidence that DefineAuthChallenge lets a user in, after whatever challenges it saw fit."""
    return Proof(user=user, factor=CUSTOM)
