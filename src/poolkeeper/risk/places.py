"""Where is an address? Nowhere, as long as no data say so."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import msgspec


class Place(msgspec.Struct, frozen=True, gc=False):
    """What the files say of an address, nothing (`""`, 0, None) for what they do not."""

    country: str = ""
    city: str = ""
    asn: int = 0
    latitude: float | None = None
    longitude: float | None = None


class Finder(Protocol):
    """Whoever can say where an address is."""

    def find(self, address: str, /) -> Place | None: ...


class Places:
    """A stand-in: no file is read."""

    def __init__(self, files: Iterable[str | Path] = ()) -> None:
        self._files = tuple(files)

    @property
    def faults(self) -> dict[str, str]:
        return {}

    def find(self, _address: str, /) -> Place | None:
        """Say where an address is; None where no file knows."""
        return None
