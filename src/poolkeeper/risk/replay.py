"""How would a pool's own events be judged? A replay judges them in the order of time, as if each sign-in came just now.

An export has one JSON object a line: an answer of AdminListUserAuthEvents with a `Username` beside its `AuthEvents`, or a
single event with a `Username`. An event has no User-Agent and no fingerprint: its DeviceName replaces the User-Agent.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from poolkeeper.clock import SECOND
from poolkeeper.risk.judge import Judgement, judge
from poolkeeper.risk.networks import Lists, network_of
from poolkeeper.risk.observation import Observation
from poolkeeper.risk.places import Finder, Place
from poolkeeper.risk.population import Population
from poolkeeper.risk.profile import NOBODY, Profile, learned
from poolkeeper.risk.refusals import Refusals

_NO_LISTS = Lists()
# The seconds since 1970 that are a date, until the year 9999.
_FIRST, _LAST = 0, 253_402_300_800


class Event(msgspec.Struct, frozen=True, gc=False):
    """One sign-in of an export. `feedback` is Valid, Invalid or empty, `recorded` the level at that time.

    `failed`: its proof was refused. `kept_out`: a list or its risk blocked it, so nothing is learnt from it.
    """

    at_ms: int
    user: str
    address: str
    device_name: str
    time_zone: str
    place: Place
    failed: bool
    kept_out: bool
    feedback: str
    recorded: str


class Judged(msgspec.Struct, frozen=True):
    """An event, its present judgement, and how many sign-ins of that user were learnt before."""

    event: Event
    judgement: Judgement
    before: int


def read(lines: Iterable[str]) -> list[Event]:
    """Return the sign-ins of an export in the order of time; raises ValueError with the number of a line that is no event."""
    events: list[Event] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            answer = msgspec.json.decode(line)
            user = str(answer.get("Username") or f"line {number}")
            events += _sign_ins(answer.get("AuthEvents", [answer]), user)
        except (msgspec.DecodeError, AttributeError, KeyError, TypeError, ValueError) as fault:
            raise ValueError(f"line {number} is no answer of AdminListUserAuthEvents and no event: {fault!r}") from None
    return sorted(events, key=lambda event: event.at_ms)


def replayed(events: Iterable[Event], places: Finder | None = None) -> Iterator[Judged]:
    """Judge each sign-in with a good proof, and learn it unless it was blocked, or denied later."""
    population = Population(lambda text: hashlib.blake2b(text.encode(), digest_size=8).hexdigest())
    profiles: dict[str, Profile] = {}
    before: dict[str, int] = defaultdict(int)
    first: dict[str, int] = {}
    refusals = Refusals()
    for event in events:
        network = network_of(event.address)
        age = event.at_ms - first.setdefault(event.user, event.at_ms)
        if event.failed:
            refusals.note(network, event.user, now=event.at_ms)
            continue
        observation = _observation(event, refusals, network, age)
        finder = places or _Recorded(event.place)
        profile = profiles.get(event.user, NOBODY)
        judgement = judge(observation, profile, population, _NO_LISTS, finder)
        yield Judged(event, judgement, before[event.user])
        if event.feedback != "Invalid" and not event.kept_out:
            place = finder.find(event.address)
            profiles[event.user] = learned(profile, observation, place, proved=event.feedback == "Valid")
            population.note(observation, place)
            before[event.user] += 1


class _Recorded:
    """A finder that knows only the place that was recorded with an event."""

    def __init__(self, place: Place) -> None:
        self._place = place if place.country else None

    def find(self, _address: str, /) -> Place | None:
        return self._place


def _sign_ins(events: Iterable[Mapping[str, Any]], user: str) -> Iterator[Event]:
    for event in events:
        if event["EventType"] != "SignIn":
            continue
        context, risk, feedback = (event.get(name) or {} for name in ("EventContextData", "EventRisk", "EventFeedback"))
        failed, kept_out = event.get("EventResponse") == "Fail", risk.get("RiskDecision") == "Block"
        yield Event(
            at_ms=_milliseconds(event["CreationDate"]),
            user=user,
            address=str(context.get("IpAddress") or ""),
            device_name=str(context.get("DeviceName") or ""),
            time_zone=str(context.get("Timezone") or ""),
            place=Place(country=str(context.get("Country") or ""), city=str(context.get("City") or "")),
            failed=failed and not kept_out,
            kept_out=kept_out,
            feedback=str(feedback.get("FeedbackValue") or ""),
            recorded=str(risk.get("RiskLevel") or ""),
        )


def _milliseconds(date: object) -> int:
    """Read a date: seconds as on the wire, or the text that the AWS CLI and Python make of them."""
    if isinstance(date, int | float):
        if not _FIRST <= date < _LAST:
            raise ValueError(f"{date} is no moment")
        return int(date * SECOND)
    at = datetime.fromisoformat(str(date))
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * SECOND)


def _observation(event: Event, refusals: Refusals, network: str, age: int) -> Observation:
    failures = refusals.of_name(event.user, now=event.at_ms)
    network_failures, names = refusals.of_network(network, now=event.at_ms) if network else (0, 0)
    return Observation(
        at_ms=event.at_ms,
        address=event.address or None,
        user_agent=event.device_name,
        device="",
        time_zone=event.time_zone,
        account_age_ms=age,
        known_device=False,
        failures=failures,
        network_failures=network_failures,
        spray_names=names,
        bad_signature=False,
    )
