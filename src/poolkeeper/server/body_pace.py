"""Does a body that may be large come fast enough? At a lowest rate, where a small one has a time in which it must be there."""

from dataclasses import dataclass

# 100 MB take no longer than two hours so.
SLOWEST = 16 * 1024


@dataclass(slots=True)
class BodyPace:
    """How far one body was at the last look, and whether we ourselves held it up."""

    bytes_seen: int = 0
    paused: bool = False

    def keeps_up(self, total: int, *, seconds: float, paused: bool) -> bool:
        """Say whether enough has come since the last look; while we do not read, nothing is missing."""
        came, held_up = total - self.bytes_seen, paused or self.paused
        self.bytes_seen, self.paused = total, paused
        return held_up or came >= SLOWEST * seconds
