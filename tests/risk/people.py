"""Sign-ins for the tests of risk: a person at home, elsewhere, and somebody who is not them; pools of one and of many."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

from poolkeeper.clock import DAY, HOUR
from poolkeeper.risk.judge import Judgement, judge
from poolkeeper.risk.networks import Lists
from poolkeeper.risk.observation import Observation
from poolkeeper.risk.places import Finder, Place
from poolkeeper.risk.population import Population
from poolkeeper.risk.profile import NOBODY, Profile, learned

START = 1_796_040_000_000
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
NO_LISTS = Lists()
HOME, SAME_NETWORK, ELSEWHERE = "198.51.100.7", "198.51.100.200", "203.0.113.9"
HOME6, SAME_NETWORK6 = "2001:db8:7::1", "2001:db8:7:ff::2"
PLACES: Mapping[str, Place] = {
    "198.51.100": Place("DE", "Berlin", 64_500, 52.52, 13.40),
    "192.0.2": Place("DE", "Hamburg", 64_500, 53.55, 9.99),
    "203.0.113": Place("BR", "Recife", 64_501, -8.05, -34.9),
}


class Nowhere:
    """Who has no file of places."""

    def find(self, address: str, /) -> Place | None:
        return None


class Atlas:
    """The places of the tests' networks."""

    def find(self, address: str, /) -> Place | None:
        return PLACES.get(address.rpartition(".")[0])


NOWHERE, ATLAS = Nowhere(), Atlas()
AT_HOME = Observation(
    at_ms=START,
    address=HOME,
    user_agent=CHROME,
    device="laptop",
    time_zone="",
    account_age_ms=10 * DAY,
    known_device=False,
    failures=0,
    network_failures=0,
    spray_names=0,
    bad_signature=False,
)


def seen(**changes: Any) -> Observation:
    """Return a sign-in at home with something else about it."""
    return msgspec.structs.replace(AT_HOME, **changes)


def hashed(text: str) -> str:
    """Hash as a server would, with its key."""
    return hmac.new(b"a key", text.encode(), hashlib.sha256).hexdigest()


def of_one() -> Population:
    """Return the counts of a pool that has only this person."""
    return Population(hashed)


def of_many(people: int = 10_000) -> Population:
    """Return the counts of a pool in which everybody signed in once: three browsers, many networks, most at home in Germany."""
    population = Population(hashed)
    for number in range(people):
        agent = (CHROME, CHROME, CHROME, FIREFOX, IPHONE)[number % 5]
        address = f"10.{number % 5_000 // 250}.{number % 250}.1"
        place = Place("BR" if number % 20 == 0 else "DE", "Berlin" if number % 3 else "Hamburg", 64_500 + number % 7)
        sign_in = seen(address=address, user_agent=agent, device=f"device {number}", at_ms=START + number * HOUR)
        population.note(sign_in, place)
    return population


def after(*sign_ins: Observation, population: Population, places: Finder = NOWHERE, since: Profile = NOBODY) -> Profile:
    """Return a profile that learnt sign-ins, which the population counted too."""
    profile = since
    for sign_in in sign_ins:
        place = places.find(sign_in.address or "")
        profile = learned(profile, sign_in, place)
        population.note(sign_in, place)
    return profile


def days_at_home(count: int, **changes: Any) -> list[Observation]:
    """Return sign-ins, one a day."""
    return [seen(at_ms=START + number * DAY, **changes) for number in range(count)]


def judged(
    sign_in: Observation, profile: Profile, population: Population, places: Finder = NOWHERE, lists: Lists = NO_LISTS
) -> Judgement:
    """Judge a sign-in."""
    return judge(sign_in, profile, population, lists, places)
