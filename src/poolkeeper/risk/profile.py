"""What is a person's own way to sign in? Their traits so far, in at most two kilobytes a user."""

import msgspec

from poolkeeper.clock import DAY
from poolkeeper.risk import habits
from poolkeeper.risk.habits import ONE, Table
from poolkeeper.risk.observation import Observation
from poolkeeper.risk.places import Place
from poolkeeper.risk.traits import TRAITS, Traits, key, traits_of

LONGEST = 2_048
# From so many sign-ins on there is a habit, and what is new is on trial.
ESTABLISHED = 5
_VERSION = 1
_ORDER = {trait.name: place for place, trait in enumerate(TRAITS)}


class Profile(msgspec.Struct, frozen=True, array_like=True):
    """The habits of one user. Where they were last, in hundredths of a degree, is that of a sign-in that was theirs."""

    version: int = _VERSION
    tables: tuple[Table, ...] = (Table(),) * len(TRAITS)
    last_at: int = 0
    latitude: int | None = None
    longitude: int | None = None

    def table(self, name: str) -> Table:
        return self.tables[_ORDER[name]]

    @property
    def sign_ins(self) -> float:
        """Return how many sign-ins were learnt, as far as they still count; each has a time of day."""
        return self.table("hour").total / ONE

    @property
    def established(self) -> bool:
        return self.sign_ins >= ESTABLISHED


NOBODY = Profile()
_decoder = msgspec.msgpack.Decoder(Profile)


def decode(stored: bytes | None) -> Profile:
    """Read a profile; who has none, or one that this version cannot read, begins anew: nobody is kept out by it."""
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
    """Write a profile down in at most LONGEST bytes, whatever it holds: the oldest habits of the longest table go."""
    stored = msgspec.msgpack.encode(profile)
    while len(stored) > LONGEST:
        tables = list(profile.tables)
        longest = max(range(len(tables)), key=lambda place: len(tables[place].habits))
        left = tables[longest].habits[:-1]
        tables[longest] = msgspec.structs.replace(tables[longest], habits=left)
        profile = msgspec.structs.replace(profile, tables=tuple(tables))
        stored = msgspec.msgpack.encode(profile)
    return stored


def learned(profile: Profile, observation: Observation, place: Place | None, *, proved: bool = False) -> Profile:
    """Return the profile after a sign-in that was let in; what was blocked is not learnt, so do not ask.

    `proved`: it passed a second factor besides, so that what is new in it needs no trial.
    """
    traits, day = traits_of(observation, place), observation.at_ms // DAY
    proved = proved or observation.known_device
    vouched = proved or not profile.established or _vouched_for(profile, traits)
    tables = tuple(
        habits.seen(table, key(trait.name, value), day=day, vouched=vouched, proved=proved, kept=trait.kept)
        if (value := traits.of(trait.name)) or trait.name == "device"  # no fingerprint is a habit too
        else table
        for trait, table in zip(TRAITS, profile.tables, strict=True)
    )
    grown = msgspec.structs.replace(profile, tables=tables)
    if not vouched or place is None or place.latitude is None or place.longitude is None:
        return grown
    where = {"latitude": round(place.latitude * 100), "longitude": round(place.longitude * 100)}
    return msgspec.structs.replace(grown, last_at=observation.at_ms, **where)


def reconsidered(profile: Profile, traits: Traits, *, valid: bool, at_ms: int) -> Profile:
    """Return the profile after the person said that a sign-in with these traits was theirs (`valid`), or was not.

    What was denied counts against whoever brings it again: the network, and the device, or the program where no
    fingerprint came. A program or a country that the person has themselves stays a habit.
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
    """Say whether a network or a fingerprint that is a habit speaks for the rest; programs are easily guessed."""
    return any(
        profile.table(name).weight(key(name, value)) >= ONE * habits.TRIAL_DAYS
        for name in ("network", "device")
        if (value := traits.of(name))
    )
