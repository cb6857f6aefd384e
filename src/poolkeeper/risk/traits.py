"""Which traits of a sign-in can be habits? Network, place, device, program and time of day, each as a text."""

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
    """One kind of trait: how many values the world may have, and how many a profile keeps."""

    name: str
    values: int
    kept: int
    noun: str


# In the order of the tables in a stored profile: add new traits at the end.
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
    """The traits of one sign-in, empty where unknown."""

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
    """Return the traits of a sign-in."""
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


def _short(text: str) -> str:
    """Return a text of the client, or its hash where the text is long or not printable."""
    if len(text) <= _LONGEST and text.isprintable():
        return text
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def key(name: str, value: str) -> int:
    """Return the number by which a profile knows a value: 64 bits, so that profiles have a bounded length."""
    return int.from_bytes(blake2b(f"{name}\0{value}".encode(), digest_size=8).digest())
