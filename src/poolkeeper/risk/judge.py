"""How risky is a sign-in? Nobody's is, in this stand-in."""

from enum import Enum
from typing import Any, Literal

import msgspec

from poolkeeper.risk.observation import Observation
from poolkeeper.risk.places import Places
from poolkeeper.risk.population import Population
from poolkeeper.risk.profile import Profile


class Level(Enum):
    """How risky a sign-in is."""

    NONE = "NONE"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class Part(msgspec.Struct, frozen=True):
    """One thing that speaks for or against."""

    name: str
    weight: float
    words: str


class Judgement(msgspec.Struct, frozen=True):
    """What a sign-in was judged to be, and why."""

    level: Level
    score: float
    parts: tuple[Part, ...] = ()
    listed: Literal["", "blocked", "skipped"] = ""


def judge(
    _observation: Observation, _profile: Profile, _population: Population, _lists: Any, _places: Places
) -> Judgement:
    return Judgement(Level.NONE, 0.0)
