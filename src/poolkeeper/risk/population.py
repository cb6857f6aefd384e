"""What is usual? Counts of values over everybody."""

from poolkeeper.risk.observation import Observation
from poolkeeper.risk.places import Place


class Population:
    """Counts over everybody, in the memory of a process."""

    def note(self, observation: Observation, place: Place | None) -> None:
        """Count one sign-in."""
