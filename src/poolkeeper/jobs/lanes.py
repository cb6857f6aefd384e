"""How does a dead sender delay no other? Its messages wait aside, up to a bound (attacks.md F11).

Messages of one sender are a lane. As long as all of them are quick, they are waited for together with all others. Once one
takes longer than a batch waits, the lane is slow: its next messages are begun without waiting, up to a bound, and those
beyond it come again later, the later the more there are; they have not been tried, so that counts as no attempt.
"""

from collections import Counter

from poolkeeper.clock import MINUTE, SECOND

PLACES = 64
_FIRST_WAIT, _STEP, _LONGEST_WAIT = 5 * SECOND, 20, 10 * MINUTE


class Lanes:
    """What is under way behind the batches of one worker, by sender; or in the hands of pools' own code, by pool."""

    def __init__(self) -> None:
        self._behind: Counter[str] = Counter()
        self._put_off: Counter[str] = Counter()

    def is_slow(self, lane: str) -> bool:
        """Say whether something of a lane is still under way behind a batch; what belongs to none (empty) has no lane."""
        return bool(lane) and self._behind[lane] > 0

    def has_place(self, lane: str, *, places: int = PLACES) -> bool:
        """Say whether one more may be under way."""
        return self._behind[lane] < places

    def enter(self, lane: str) -> None:
        """Count one more behind."""
        self._behind[lane] += 1

    def leave(self, lane: str) -> None:
        """Count one less; a lane that is empty is forgotten, and quick again."""
        self._behind[lane] -= 1
        if not self._behind[lane]:
            del self._behind[lane]
            self._put_off.pop(lane, None)

    def wait(self, lane: str) -> int:
        """Return how many milliseconds a message waits that finds no place: those of a long line come back one by one."""
        self._put_off[lane] += 1
        return min(_FIRST_WAIT + self._put_off[lane] * _STEP, _LONGEST_WAIT)

    def turn(self, lane: str) -> int:
        """Return how many milliseconds a message waits whose code somebody may be waiting for: a minute at the most.

        Those of a long line are spread over that minute. All at once they would be before everybody else's messages.
        """
        self._put_off[lane] += 1
        return _FIRST_WAIT + self._put_off[lane] * _STEP % (MINUTE - _FIRST_WAIT)
