"""What of a sign-in can be a habit? Its traits: network, place, device, program, time of day, each as a text."""

from hashlib import blake2b
from typing import Final

import msgspec

from poolkeeper.clock import DAY, HOUR
from poolkeeper.risk.networks import network_of
from poolkeeper.risk.observation import Observation
from poolkeeper.risk.places import Place
from poolkeeper.risk.user_agents import parse

HOURS_TOGETHER = 3
_LONGEST = 64


class Trait(msgspec.Struct, frozen=True):
    """What one trait is: how many values of it the world may have, and how many a profile keeps."""

    name: str
    values: int
    kept: int
    noun: str


# The order is that of the tables in a profile as it is stored: new ones go to the end.
TRAITS: Final = (
    Trait("network", 20_000, 16, "network"),
    Trait("asn", 2_000, 8, "provider"),
    Trait("city", 2_000, 8, "city"),
    Trait("country", 50, 6, "country"),
    Trait("device", 20_000, 8, "device"),
    Trait("program", 30, 8, "browser"),
    Trait("system", 8, 6, "system"),
    Trait("zone", 40, 4, "time zone"),
    Trait("hour", DAY // HOUR // HOURS_TOGETHER, 8, "time of day"),
)
NAMED: Final = {trait.name: trait for trait in TRAITS}


class Traits(msgspec.Struct, frozen=True, gc=False):
    """The traits of one sign-in, nothing for what is not known."""

    network: str = ""
    asn: str = ""
    city: str = ""
    country: str = ""
    device: str = ""
    program: str = ""
    system: str = ""
    zone: str = ""
    hour: str = ""

    def of(self, name: str) -> str:
        value: str = getattr(self, name)
        return value


def traits_of(observation: Observation, place: Place | None) -> Traits:
    """Return what of a sign-in can be a habit."""
    agent = parse(observation.user_agent)
    hour = observation.at_ms % DAY // HOUR // HOURS_TOGETHER * HOURS_TOGETHER
    country, city, asn = (place.country, place.city, place.asn) if place else ("", "", 0)
    return Traits(
        network=network_of(observation.address or ""),
        asn=f"AS{asn}" if asn else "",
        city=f"{city}, {country}" if city else "",
        country=country,
        device=_short(observation.device),
        program=" on ".join(part for part in (agent.browser, agent.system) if part) or "unknown",
        system=" ".join(part for part in (agent.system, agent.kind) if part) or "unknown",
        zone=_short(observation.time_zone),
        hour=f"{hour:02}:00-{hour + HOURS_TOGETHER:02}:00 UTC",
    )


def _short(said: str) -> str:
    """Return what a client says of itself, or its hash where it is long or cannot be printed."""
    if len(said) <= _LONGEST and said.isprintable():
        return said
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def key(name: str, value: str) -> int:
    """Return the number by which a profile knows a value: 64 bits, so that what is kept has a length."""
    return int.from_bytes(blake2b(f"{name}\0{value}".encode(), digest_size=8).digest())
