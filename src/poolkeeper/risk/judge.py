"""How likely is it that another person signs in? The score says so in log-odds, a sum of parts that each have a sentence.

Habits: how likely these values are for everybody, against how likely they are for this person (Freeman et al., "Who Are
You?", NDSS 2016). A value that the person never had backs off to the coarser value above it (network, provider, city,
country), and costs less the more often they had new values before (Witten and Bell). Named rules are added. docs/risk.md
explains it all.
"""

import enum
from collections.abc import Sequence
from itertools import zip_longest
from math import asin, cos, exp, log, radians, sin, sqrt
from typing import Final

import msgspec

from poolkeeper.clock import DAY, HOUR
from poolkeeper.risk.habits import ONE, Table
from poolkeeper.risk.networks import Listed, Lists
from poolkeeper.risk.observation import Observation
from poolkeeper.risk.places import Finder, Place
from poolkeeper.risk.population import Population
from poolkeeper.risk.profile import ESTABLISHED, Profile
from poolkeeper.risk.traits import NAMED, Traits, key, traits_of


class Level(enum.IntEnum):
    """AWS's levels of risk, and NONE."""

    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3


# The score from which each level begins; docs/risk.md says how many honest sign-ins and how many attacks reach it.
THRESHOLDS: Final = ((Level.HIGH, 5.0), (Level.MEDIUM, 3.0), (Level.LOW, 1.0))
LEAST: Final = dict(THRESHOLDS)

# (traits, the coarsest first; the least and the most that they may add together)
CHAINS: Final = (
    (("country", "city", "asn", "network"), -3.0, 5.0),
    (("system", "program", "device"), -3.0, 4.0),
    (("zone",), -0.5, 1.0),
    (("hour",), -0.5, 0.8),
)
# How much trust a coarser trait may lend to a new value of a finer trait: the provider of a home has many networks, but a
# browser that half the world uses says nothing about a new device.
LENT: Final = {"network": 1.0, "asn": 1.0, "city": 0.5, "device": 0.5, "program": 0.5}
# How likely a new value is before anything is known, as (new values, of how many): of a chain's finest trait among
# sign-ins, of a coarser trait among new values of the finer trait. People change networks, and seldom countries.
FINEST: Final = (0.5, 0.5)
FINEST_OF: Final = {"hour": (4.0, 4.0)}
COARSER: Final = {
    "asn": (1.0, 1.5),
    "city": (0.5, 1.0),
    "country": (0.5, 10.0),
    "program": (1.0, 2.0),
    "system": (1.0, 2.0),
}
HOURS_FROM = 10

# (the least number of failures, weight); the first row that fits counts.
USER_FAILURES: Final = ((15, 2.0), (10, 1.5), (6, 1.0), (3, 0.5))
NETWORK_FAILURES: Final = ((100, 1.0), (20, 0.5))
# (the least number of names, weight, the least level that results)
SPRAYS: Final = ((50, 3.0, Level.MEDIUM), (10, 2.0, Level.MEDIUM), (5, 0.7, Level.NONE))
DENIED, KNOWN_DEVICE, BAD_SIGNATURE, DORMANT, TRAVEL = 2.5, -3.0, 0.5, 0.3, 2.0
DORMANT_AFTER = 90 * DAY
FASTEST_KMH, NEAR_KM, EARTH_KM = 900.0, 300.0, 6_371.0


class Part(msgspec.Struct, frozen=True, gc=False):
    """One reason for or against a risk: its name, its weight, and its sentence."""

    name: str
    weight: float
    words: str


class Judgement(msgspec.Struct, frozen=True):
    """The verdict and its reasons. `score` is the sum of the parts, in log-odds (0 where a list decided).

    `listed` says which list of the pool names the network. The level then follows from the list: HIGH where the network is
    blocked, so that code that reads only levels does not let it in, and NONE where it is never judged.
    """

    level: Level
    score: float
    parts: tuple[Part, ...]
    listed: Listed

    @property
    def sentence(self) -> str:
        """The judgement in words: the level, the score, and the parts, the weightiest first."""
        if self.listed:
            return f"{self.parts[0].words}."
        parts = sorted(self.parts, key=lambda part: -abs(part.weight))
        reasons = ", ".join(f"{part.words} ({part.weight:+.1f})" for part in parts)
        level = "No risk" if self.level is Level.NONE else f"{self.level.name.capitalize()} risk"
        return f"{level}, score {self.score:.1f}: {reasons}." if reasons else f"{level}: nothing speaks against it."


def judge(
    observation: Observation, profile: Profile, population: Population, lists: Lists, places: Finder
) -> Judgement:
    """Judge a sign-in by the habits of its user and of everybody, and by the rules."""
    listed = lists.naming(observation.address)
    if listed:
        words = "the network is on the list of those that are " + (
            "always blocked" if listed == "blocked" else "never judged"
        )
        level = Level.HIGH if listed == "blocked" else Level.NONE
        return Judgement(level=level, score=0.0, parts=(Part("listed network", 0.0, words),), listed=listed)

    place = places.find(observation.address) if observation.address else None
    traits = traits_of(observation, place)
    parts = _habits(traits, profile, population)
    parts += _rules(observation, profile, traits, place)
    least = _spray(observation, parts)
    score = sum(part.weight for part in parts)
    level = next((level for level, least_score in THRESHOLDS if score >= least_score), Level.NONE)
    if level < least:
        level = least
        parts = [_raised(part, LEAST[least] - score) if part.name == "spray" else part for part in parts]
        score = LEAST[least]
    return Judgement(level=level, score=round(score, 3), parts=tuple(parts), listed="")


def _habits(traits: Traits, profile: Profile, population: Population) -> list[Part]:
    """Compare a sign-in with the person's habits; few habits count for less, and without habits there is no part."""
    parts: list[Part] = []
    confidence = min(1.0, profile.sign_ins / ESTABLISHED)
    if not confidence:
        return parts
    for names, least, most in CHAINS:
        if names == ("hour",) and profile.sign_ins < HOURS_FROM:
            continue
        chain = _chain(names, traits, profile, population)
        total = sum(part.weight for part in chain)
        bounded = min(max(total, least), most)
        scale = confidence * (bounded / total if bounded != total else 1.0)
        parts += [_raised(part, part.weight * (scale - 1)) for part in chain if abs(part.weight * scale) >= 0.05]
    return parts


def _chain(names: Sequence[str], traits: Traits, profile: Profile, population: Population) -> list[Part]:
    """Return the part of each trait of a chain. The part of a usual value includes those of the coarser traits before it."""
    parts: list[Part] = []
    so_far = 0.0
    traits_with_habits = [
        name for name in names if profile.table(name).total and _says_something(name, traits, profile)
    ]
    for name, finer in zip_longest(traits_with_habits, traits_with_habits[1:]):
        value, table = traits.of(name), profile.table(name)
        weight = table.weight(key(name, value))
        new = _newness(name, table, profile.table(finer) if finer else None)
        if weight:
            everybody = population.share(name, value)
            usual = (1 - new) * weight / table.total
            so_far = log(everybody / (usual + new * everybody / exp(so_far)))
            parts = [Part(name, so_far, _words(name, value, usual=True))]
        else:
            lent = -LENT.get(name, 0.0)
            if so_far < lent:  # then `parts` holds only that of a usual value
                parts, so_far = [_raised(part, lent - so_far) for part in parts], lent
            parts.append(Part(name, -log(new), _words(name, value, usual=False)))
            so_far += parts[-1].weight
    return parts


def _says_something(name: str, traits: Traits, profile: Profile) -> bool:
    """Say whether a trait tells anything. A missing fingerprint does for a person who never came without one."""
    return bool(traits.of(name)) or (name == "device" and not profile.table(name).weight(key(name, "")))


def _newness(name: str, table: Table, finer: Table | None) -> float:
    """Return how likely this person brings a new value: at all, or where the value of the finer trait is new."""
    novel = table.novel / ONE
    if finer is None:
        new, count = FINEST_OF.get(name, FINEST)
        return (novel + new) / (table.total / ONE + novel + count)
    new, count = COARSER[name]
    novel = max(novel, 1.0)  # a person's first value is no novelty
    return min((novel - 1 + new) / (max(finer.novel / ONE, novel) - 1 + new + count), 0.95)


def _words(name: str, value: str, *, usual: bool) -> str:
    noun = NAMED[name].noun
    if name == "device":
        return f"the {noun} is a usual one" if usual else f"the {noun} is new" if value else f"no {noun} is told"
    return f"the {noun} {value} is a usual one" if usual else f"the {noun} {value} is new"


def _rules(observation: Observation, profile: Profile, traits: Traits, place: Place | None) -> list[Part]:
    """Return the parts of the rules that apply, except for sprays."""
    parts = [
        Part("denied", DENIED, f"they said of a sign-in by this {NAMED[name].noun} that it was not theirs")
        for name in ("network", "device", "program")
        if (value := traits.of(name)) and profile.table(name).denied(key(name, value), observation.at_ms // DAY)
    ]
    if observation.known_device:
        parts.append(Part("known device", KNOWN_DEVICE, "a remembered device proved itself"))
    if observation.bad_signature:
        parts.append(Part("bad signature", BAD_SIGNATURE, "the signature of the device's data does not hold"))
    if not profile.sign_ins and observation.account_age_ms >= DORMANT_AFTER:
        days = observation.account_age_ms // DAY
        parts.append(Part("dormant", DORMANT, f"nothing is known of an account that is {days} days old"))
    for name, counted, steps, words in (
        ("failures", observation.failures, USER_FAILURES, "{} failures of theirs within the hour"),
        ("network failures", observation.network_failures, NETWORK_FAILURES, "{} failures from the network"),
    ):
        weight = next((weight for least, weight in steps if counted >= least), 0.0)
        if weight:
            parts.append(Part(name, weight, words.format(counted)))
    return parts + _travel(observation, profile, traits, place)


def _spray(observation: Observation, parts: list[Part]) -> Level:
    """Add the part of a spray; return the least level that it results in."""
    names = observation.spray_names
    weight, least = next(((weight, level) for fewest, weight, level in SPRAYS if names >= fewest), (0.0, Level.NONE))
    if weight:
        parts.append(Part("spray", weight, f"{names} names were refused from the network within the hour"))
    return least


def _travel(observation: Observation, profile: Profile, traits: Traits, place: Place | None) -> list[Part]:
    """Return the part of a journey that nobody could make in time; a usual network (a VPN) may be anywhere."""
    if place is None or place.latitude is None or place.longitude is None:
        return []
    if (
        profile.latitude is None
        or profile.longitude is None
        or profile.table("network").weight(key("network", traits.network))
    ):
        return []
    distance = kilometres((profile.latitude / 100, profile.longitude / 100), (place.latitude, place.longitude))
    hours = max(observation.at_ms - profile.last_at, 0) / HOUR
    if distance <= NEAR_KM or distance <= hours * FASTEST_KMH:
        return []
    return [Part("impossible travel", TRAVEL, f"{distance:.0f} km from the last sign-in {hours:.1f} hours ago")]


def kilometres(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Return the distance over the ground between two places (latitude, longitude in degrees)."""
    latitude, longitude = radians(there[0] - here[0]), radians(there[1] - here[1])
    half = sin(latitude / 2) ** 2 + cos(radians(here[0])) * cos(radians(there[0])) * sin(longitude / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))


def _raised(part: Part, by: float) -> Part:
    return Part(part.name, part.weight + by, part.words)
