"""What were the last requests? The newest hundred in the memory of one process, for a developer to look at."""

from collections import deque
from collections.abc import Sequence

import msgspec

MOST = 100


class Seen(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One answered request. `sentence` is what its caller read where it was refused, else why the server says it was."""

    at: int
    status: int
    service: str
    operation: str
    pool_id: str
    outcome: str
    sentence: str
    microseconds: int


class Recent:
    """The newest requests; an older one goes for each that comes."""

    def __init__(self) -> None:
        self._kept: deque[Seen] = deque(maxlen=MOST)

    def note(self, request: Seen) -> None:
        """Keep one more."""
        self._kept.append(request)

    def newest_first(self) -> Sequence[Seen]:
        """Return all that are kept."""
        return list(reversed(self._kept))
