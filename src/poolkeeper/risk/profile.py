"""How does a person usually sign in? Their profile counts the traits so far, in at most two kilobytes a user."""

import msgspec

from poolkeeper.clock import DAY
from poolkeeper.risk import habits
from poolkeeper.risk.habits import ONE, Table
from poolkeeper.risk.observation import Observation
from poolkeeper.risk.places import Place
from poolkeeper.risk.traits import TRAITS, Traits, key, traits_of

LONGEST = 2_048
# The sign-ins from which on a person has habits, and a new value is on trial.
ESTABLISHED = 5
_VERSION = 1
_ORDER = {trait.name: index for index, trait in enumerate(TRAITS)}


class Profile(msgspec.Struct, frozen=True, array_like=True):
    """The habits of a user. Their last position, in hundredths of a degree, comes only from sign-ins that were surely theirs."""

    version: int = _VERSION
    tables: tuple[Table, ...] = (Table(),) * len(TRAITS)
    last_at: int = 0
    latitude: int | None = None
    longitude: int | None = None

    def table(self, name: str) -> Table:
        return self.tables[_ORDER[name]]

    @property
    def sign_ins(self) -> float:
        """Return how many sign-ins were learnt and still count, by the time of day, which each of them has."""
        return self.table("hour").total / ONE

    @property
    def established(self) -> bool:
        return self.sign_ins >= ESTABLISHED


NOBODY = Profile()
_decoder = msgspec.msgpack.Decoder(Profile)


def decode(stored: bytes | None) -> Profile:
    """Read a profile; without one, or with one that this version cannot read, a person begins anew and is not kept out."""
    if not stored:
        return NOBODY
    try:
        profile = _decoder.decode(stored)
    except msgspec.DecodeError:
        return NOBODY
    missing = len(TRAITS) - len(profile.tables)
    if profile.version != _VERSION or missing < 0:
        return NOBODY
    return msgspec.structs.replace(profile, tables=profile.tables + (Table(),) * missing) if missing else profile


def encode(profile: Profile) -> bytes:
    """Return a profile in at most LONGEST bytes, without the oldest habits of the longest tables where there are too many."""
    encoded = msgspec.msgpack.encode(profile)
    while len(encoded) > LONGEST:
        tables = list(profile.tables)
        longest = max(range(len(tables)), key=lambda index: len(tables[index].habits))
        habits_left = tables[longest].habits[:-1]
        tables[longest] = msgspec.structs.replace(tables[longest], habits=habits_left)
        profile = msgspec.structs.replace(profile, tables=tuple(tables))
        encoded = msgspec.msgpack.encode(profile)
    return encoded


def learned(profile: Profile, observation: Observation, place: Place | None, *, proved: bool = False) -> Profile:
    """Return the profile after a sign-in that was allowed; never call this for one that was blocked.

    `proved`: it also passed a second factor, so that its new values need no trial.
    """
    traits, day = traits_of(observation, place), observation.at_ms // DAY
    proved = proved or observation.known_device
    vouched = proved or not profile.established or _vouched_for(profile, traits)
    tables = tuple(
        habits.seen(table, key(trait.name, value), day=day, vouched=vouched, proved=proved, kept=trait.kept)
        if (value := traits.of(trait.name)) or trait.name == "device"  # a missing fingerprint is a habit too
        else table
        for trait, table in zip(TRAITS, profile.tables, strict=True)
    )
    grown = msgspec.structs.replace(profile, tables=tables)
    if not vouched or place is None or place.latitude is None or place.longitude is None:
        return grown
    position = {"latitude": round(place.latitude * 100), "longitude": round(place.longitude * 100)}
    return msgspec.structs.replace(grown, last_at=observation.at_ms, **position)


def reconsidered(profile: Profile, traits: Traits, *, valid: bool, at_ms: int) -> Profile:
    """Return the profile after the person said that a sign-in with these traits was theirs (`valid`), or was not.

    A denied value counts against whoever brings it again: the network, and the device, or the program where there was no
    fingerprint. A program or a country that is the person's own stays a habit.
    """
    day = at_ms // DAY
    tables = []
    for trait, table in zip(TRAITS, profile.tables, strict=True):
        value, kept = traits.of(trait.name), trait.kept
        number = key(trait.name, value)
        if not value:
            tables.append(table)
        elif valid:
            tables.append(habits.allowed(table, number, day=day, kept=kept))
        else:
            own = trait.name == "program" and (traits.device != "" or table.weight(number) > 0)
            denied = trait.name in {"network", "device", "program"} and not own
            tables.append(habits.without(table, number, day=day, denied=denied, kept=kept))
    return msgspec.structs.replace(profile, tables=tuple(tables))


def _vouched_for(profile: Profile, traits: Traits) -> bool:
    """Say whether a usual network or fingerprint vouches for the other values; a program is too easily guessed."""
    return any(
        profile.table(name).weight(key(name, value)) >= ONE * habits.TRIAL_DAYS
        for name in ("network", "device")
        if (value := traits.of(name))
    )
