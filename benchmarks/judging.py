"""What does judging the risk of a sign-in cost? CPU time in S, one RS256-2048 signature of the same run, and in microseconds.

Usage: python benchmarks/judging.py [rounds] [files of places ...]

The profile is as full as one may be; everybody's counts are those of 1,000 and of 1,000,000 users with a network each.
"""

import hashlib
import hmac
import sys

import msgspec
from primitives import Work, cpu

from poolkeeper.clock import DAY
from poolkeeper.crypto import jws
from poolkeeper.risk.judge import judge
from poolkeeper.risk.networks import Lists
from poolkeeper.risk.observation import Observation
from poolkeeper.risk.places import Finder, Place, Places
from poolkeeper.risk.population import Population
from poolkeeper.risk.profile import NOBODY, Profile, decode, encode, learned
from poolkeeper.risk.traits import Traits

LIMIT = 1.0
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
SIGN_IN = Observation(
    at_ms=1_796_040_000_000,
    address="198.51.100.7",
    user_agent=CHROME,
    device="laptop",
    time_zone="Europe/Berlin",
    account_age_ms=100 * DAY,
    known_device=False,
    failures=3,
    network_failures=20,
    spray_names=5,
    bad_signature=True,
)
STRANGER = msgspec.structs.replace(SIGN_IN, address="203.0.113.9", user_agent="curl/8.9.1", device="another")
# As many as AWS lets a pool have.
LISTS = Lists(
    blocked=[f"10.{number}.0.0/{16 + number % 16}" for number in range(200)],
    skipped=[f"11.{number}.0.0/{16 + number % 16}" for number in range(200)],
)


class Anywhere:
    """A file of places that costs nothing."""

    def find(self, _address: str, /) -> Place | None:
        return Place("DE", "Berlin", 64_500, 52.5, 13.4)


def population(users: int) -> Population:
    counts = Population(lambda text: hmac.digest(b"a key", text.encode(), hashlib.sha256).hex())
    for number in range(users):
        counts.count(Traits(network=f"10.{number // 250}.{number % 250}.0/24"))
    for _ in range(100):
        counts.note(SIGN_IN, Place("DE", "Berlin", 64_500))
    return counts


def full() -> Profile:
    """Return a profile that has as many habits as it may."""
    profile = NOBODY
    for number in range(200):
        sign_in = msgspec.structs.replace(
            SIGN_IN,
            at_ms=SIGN_IN.at_ms + number * DAY // 3,
            address="198.51.100.7" if number % 3 else f"192.0.{number}.1",
            device=f"device {number % 9}",
            user_agent=f"Program{number % 9}/1.0 (Android {number % 2})",
            time_zone=f"zone {number % 5}",
        )
        place = Place(f"C{number % 7}", f"city {number % 9}", number % 9 + 1, 52.0, 13.0)
        profile = learned(profile, sign_in, place, proved=True)
    return profile


def works(places: Finder) -> dict[str, Work]:
    profile, few, many = full(), population(1_000), population(1_000_000)
    stored = encode(profile)
    place = places.find("198.51.100.7")

    def judging(sign_in: Observation, counts: Population) -> Work:
        return lambda: judge(sign_in, decode(stored), counts, LISTS, places)

    return {
        "place of an address": lambda: places.find("198.51.100.7"),
        "judge, 1,000 users, at home": judging(SIGN_IN, few),
        "judge, 1,000,000 users, at home": judging(SIGN_IN, many),
        "judge, 1,000 users, a stranger": judging(STRANGER, few),
        "judge, 1,000,000 users, a stranger": judging(STRANGER, many),
        "judge and tell": lambda: judge(STRANGER, decode(stored), many, LISTS, places).sentence,
        "learn": lambda: encode(learned(decode(stored), SIGN_IN, place)),
        "count": lambda: few.note(SIGN_IN, place),
    }


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    key = jws.generate()
    unit = cpu(lambda: key.sign(b"x" * 900, jws._PADDING, jws._HASH), rounds)  # noqa: SLF001 - the unit itself
    print(f"S = {unit * 1e6:.0f} us")
    dear = []
    for name, work in works(Places(sys.argv[2:]) if len(sys.argv) > 2 else Anywhere()).items():
        seconds = cpu(work, rounds)
        print(f"{name:36}{seconds / unit:10.3f} S {seconds * 1e6:12.1f} us")
        if name.startswith("judge") and seconds > LIMIT * unit:
            dear.append(name)
    if dear:
        sys.exit(f"above {LIMIT:.0f} S: {', '.join(dear)}")


if __name__ == "__main__":
    main()
