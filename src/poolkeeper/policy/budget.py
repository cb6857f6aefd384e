"""How much work may a decision take? MOST_STEPS: steps are counted before they are taken, and too many mean a refusal.

Whoever may assume a role writes session policies, and whoever makes a request writes the texts that they are compared with:
this file bounds the product of both.
"""

from typing import Final

MOST_STEPS: Final = 300_000
"""A step is one character that goes through a pattern with `?`: some 0.1 microseconds."""


class TooCostly(Exception):  # noqa: N818 - what is said of the policies, not of us
    """Policies and a request that would take more steps than a decision may."""


class Budget:
    """The steps that are left."""

    __slots__ = ("left",)

    def __init__(self, steps: int = MOST_STEPS) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Subtract steps; raises TooCostly where not enough are left."""
        self.left -= steps
        if self.left < 0:
            raise TooCostly
