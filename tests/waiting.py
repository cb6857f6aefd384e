"""Wait for what another process or thread brings about."""

import time
from collections.abc import Callable


def wait_for(true: Callable[[], bool], seconds: float = 30, told: Callable[[], object] = lambda: "") -> None:
    """Return once something is true. Raises AssertionError, with what `told` returns, when it is not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, told()
        time.sleep(0.05)
