"""Whom does the worker tell what became of messages? Whoever counts; nobody where there are no metrics."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What became of one try to send a message. Names are for good: metrics and events have them."""

    DELIVERED = "delivered"
    FAILED = "failed"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    EXPIRED = "expired"


def _nothing(_sender: str, _fate: Fate) -> None:
    """Count nothing."""


@dataclass(frozen=True, slots=True)
class Counts:
    """`sent` is told a sender and a fate, `oldest` the seconds that the oldest message has waited; None: nobody asks."""

    sent: Callable[[str, Fate], None] = _nothing
    oldest: Callable[[float], None] | None = None
