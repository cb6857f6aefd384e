"""How much work may a decision be? Steps are counted before they are taken; where there are too many nothing is allowed.

Whoever may assume a role writes policies of their own, and whoever asks writes what these are compared with: the product of
both has an end here.
"""

from typing import Final

MOST_STEPS: Final = 300_000
"""One step is one character that goes through a pattern with `?`: some 0.1 microseconds."""


class TooCostly(Exception):  # noqa: N818 - what is said of the policies, not of us
    """Policies and a request that would take more steps than one decision may."""


class Budget:
    """The steps that are left."""

    __slots__ = ("left",)

    def __init__(self, steps: int = MOST_STEPS) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Take steps away; raises TooCostly where there are not so many left."""
        self.left -= steps
        if self.left < 0:
            raise TooCostly
