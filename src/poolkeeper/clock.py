"""What time is it? The one door to the system's clock; everything else is handed a Clock or a number.

Times inside Poolkeeper are integers: milliseconds since 1970-01-01T00:00:00Z.
"""

import time
from typing import Protocol

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Clock(Protocol):
    """Tell the time."""

    def now(self) -> int:
        """Return milliseconds since the epoch, UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000  # noqa: TID251 - this is the door itself
