"""Does the judge say what was said before any threshold was chosen? In a pool of one user, and in one of ten thousand."""

from collections.abc import Callable
from functools import cache

import pytest

from poolkeeper.clock import DAY, HOUR, MINUTE
from poolkeeper.risk.judge import Level, kilometres
from poolkeeper.risk.networks import Lists
from poolkeeper.risk.observation import Observation
from poolkeeper.risk.places import Finder
from poolkeeper.risk.population import Population
from poolkeeper.risk.profile import NOBODY, Profile, learned
from risk.people import (
    ATLAS,
    CHROME,
    ELSEWHERE,
    FIREFOX,
    HOME6,
    IPHONE,
    NOWHERE,
    SAME_NETWORK,
    SAME_NETWORK6,
    START,
    after,
    days_at_home,
    judged,
    of_many,
    of_one,
    seen,
)

NEXT = START + 5 * DAY
STRANGER = seen(at_ms=NEXT, address=ELSEWHERE, user_agent=FIREFOX, device="another")


@cache
def _rows() -> dict[int, dict[str, int]]:
    return of_many().deltas()


def _many() -> Population:
    population = of_one()
    population.merge(_rows())
    return population


@pytest.fixture(params=[of_one, _many], ids=["one user", "10,000 users"])
def population(request: pytest.FixtureRequest) -> Population:
    """Return the counts of either pool."""
    made: Callable[[], Population] = request.param
    return made()


@pytest.fixture(params=[NOWHERE, ATLAS], ids=["no places", "places"])
def places(request: pytest.FixtureRequest) -> Finder:
    """Return who knows no places, or all of them."""
    finder: Finder = request.param
    return finder


@pytest.mark.parametrize("address", [ELSEWHERE, HOME6, "192.0.2.1"])
def test_a_first_sign_in_is_no_risk(population: Population, places: Finder, address: str) -> None:
    """Nothing is known, so nothing speaks against it, wherever it comes from."""
    for sign_in in (seen(address=address), seen(address=address, account_age_ms=1_000 * DAY), seen(address=None)):
        assert judged(sign_in, NOBODY, population, places).level is Level.NONE


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({"failures": 10}, Level.LOW),
        ({"failures": 2}, Level.NONE),
        ({"network_failures": 100}, Level.LOW),
        ({"spray_names": 10}, Level.MEDIUM),
        ({"bad_signature": True}, Level.NONE),
    ],
)
def test_who_has_no_history_is_judged_by_rules(population: Population, changes: dict[str, int], level: Level) -> None:
    """The first sign-in, with something about it."""
    assert judged(seen(**changes), NOBODY, population).level is level


@pytest.mark.parametrize("apart", [MINUTE, DAY])
@pytest.mark.parametrize(("home", "same_network"), [("198.51.100.7", SAME_NETWORK), (HOME6, SAME_NETWORK6)])
def test_five_sign_ins_are_a_habit(
    population: Population, places: Finder, home: str, same_network: str, apart: int
) -> None:
    """A sixth from there, or from another address of the same /24 or /48, is no risk, at whatever hour."""
    profile = after(
        *(seen(address=home, at_ms=START + number * apart) for number in range(5)),
        population=population,
        places=places,
    )
    for address in (home, same_network):
        for hour in (0, 12):
            judgement = judged(seen(address=address, at_ms=NEXT + hour * HOUR), profile, population, places)
            assert judgement.level is Level.NONE, judgement.sentence


@pytest.mark.parametrize("device", ["laptop", ""])
def test_another_network_and_device_are_a_risk(population: Population, device: str) -> None:
    """At least Low where nobody knows places, with fingerprints and without."""
    profile = after(*days_at_home(5, device=device), population=population)
    stranger = seen(at_ms=NEXT, address=ELSEWHERE, user_agent=FIREFOX, device=device and "another")
    judgement = judged(stranger, profile, population)
    assert judgement.level >= Level.LOW, judgement.sentence


def test_a_fingerprint_that_differs_is_another_device(population: Population) -> None:
    """At least Low too where browser and system are the same ones; and leaving the fingerprint away helps nobody."""
    profile = after(*days_at_home(5), population=population)
    for device in ("another", ""):
        judgement = judged(seen(at_ms=NEXT, address=ELSEWHERE, device=device), profile, population)
        assert judgement.level >= Level.LOW, judgement.sentence


@pytest.mark.parametrize("device", ["laptop", ""])
def test_another_country_besides_is_a_medium_risk_at_least(population: Population, device: str) -> None:
    """What a file of places adds."""
    profile = after(*days_at_home(5, device=device), population=population, places=ATLAS)
    stranger = seen(at_ms=NEXT, address=ELSEWHERE, user_agent=FIREFOX, device=device and "another")
    judgement = judged(stranger, profile, population, ATLAS)
    assert judgement.level >= Level.MEDIUM, judgement.sentence
    assert "the country BR is new" in judgement.sentence


@pytest.mark.parametrize(("names", "least"), [(9, Level.NONE), (10, Level.MEDIUM), (1_000, Level.MEDIUM)])
@pytest.mark.parametrize("habit", [0, 5, 100])
def test_a_spray_makes_every_right_password_from_there_a_medium_risk(
    population: Population, places: Finder, names: int, least: Level, habit: int
) -> None:
    """Ten names within the hour, whoever it is: also at home, and also on a remembered device."""
    profile = after(*days_at_home(habit), population=population, places=places)
    for known_device in (False, True):
        sprayed = seen(spray_names=names, known_device=known_device, at_ms=START + 101 * DAY)
        judgement = judged(sprayed, profile, population, places)
        assert judgement.level >= least, judgement.sentence
        assert ("spray" in {part.name for part in judgement.parts}) is True
        assert names > 9 or judgement.level is Level.NONE


def test_the_own_device_elsewhere_is_no_risk(population: Population) -> None:
    """Another network of the same country, with the device of five sign-ins."""
    profile = after(*days_at_home(5), population=population, places=ATLAS)
    for places in (NOWHERE, ATLAS):
        judgement = judged(seen(at_ms=NEXT, address="192.0.2.4"), profile, population, places)
        assert judgement.level is Level.NONE, judgement.sentence


def test_a_new_device_at_home_is_a_low_risk_at_most(population: Population, places: Finder) -> None:
    """Somebody bought a telephone."""
    profile = after(*days_at_home(5), population=population, places=places)
    judgement = judged(seen(at_ms=NEXT, user_agent=IPHONE, device="telephone"), profile, population, places)
    assert judgement.level <= Level.LOW, judgement.sentence


def test_a_remembered_device_that_proved_itself_is_believed(population: Population) -> None:
    """It is a secret that the device keeps, and no fingerprint."""
    profile = after(*days_at_home(5), population=population, places=ATLAS)
    at = START + 60 * DAY
    traveller = seen(at_ms=at, address=ELSEWHERE)
    proved = seen(at_ms=at, address=ELSEWHERE, known_device=True)
    assert judged(proved, profile, population, ATLAS).level is Level.NONE
    assert judged(traveller, profile, population, ATLAS).level > Level.NONE


def test_travel_that_nobody_could_make_is_named(population: Population) -> None:
    """From Berlin to Recife in an hour; not where a day lies between, nor where the far network is a habit."""
    profile = after(*days_at_home(5), population=population, places=ATLAS)
    last = START + 4 * DAY

    def names(sign_in: Observation, known: Profile = profile) -> set[str]:
        return {part.name for part in judged(sign_in, known, population, ATLAS).parts}

    assert "impossible travel" in names(seen(at_ms=last + HOUR, address=ELSEWHERE))
    assert "impossible travel" not in names(seen(at_ms=last + DAY, address=ELSEWHERE))
    abroad = learned(profile, seen(at_ms=last + HOUR, address=ELSEWHERE), ATLAS.find(ELSEWHERE), proved=True)
    assert "impossible travel" not in names(seen(at_ms=last + 2 * HOUR), abroad)
    assert kilometres((52.52, 13.40), (-8.05, -34.9)) == pytest.approx(8_100, rel=0.02)


def test_lists_decide_alone(population: Population) -> None:
    """Blocked wins over skipped; who is skipped is not judged, even in a spray; who looks at levels alone blocks."""
    lists = Lists(blocked=["203.0.113.0/28"], skipped=["203.0.113.0/24"])
    sprayed = seen(address="203.0.113.9", spray_names=100)
    blocked = judged(sprayed, NOBODY, population, lists=lists)
    skipped = judged(seen(address="203.0.113.99", spray_names=100), NOBODY, population, lists=lists)
    assert (blocked.listed, blocked.level, blocked.score) == ("blocked", Level.HIGH, 0.0)
    assert (skipped.listed, skipped.level) == ("skipped", Level.NONE)
    assert blocked.sentence == "the network is on the list of those that are always blocked."
    assert judged(sprayed, NOBODY, population).listed == ""


def test_a_judgement_is_the_sum_of_its_parts_and_can_be_told(population: Population, places: Finder) -> None:
    """For whoever asks why; also where a spray lifts the level."""
    profile = after(*days_at_home(5), population=population, places=places)
    for sign_in in (STRANGER, seen(at_ms=NEXT), seen(at_ms=NEXT, spray_names=12), seen(failures=7)):
        judgement = judged(sign_in, profile, population, places)
        assert judgement.score == pytest.approx(sum(part.weight for part in judgement.parts), abs=0.002)
        assert all(part.words in judgement.sentence for part in judgement.parts)


def test_nothing_that_a_client_says_breaks_the_judge(population: Population) -> None:
    """Lone surrogates, megabytes, addresses that are none."""
    profile = after(*days_at_home(5), population=population)
    for text in ("", "\ud800", "a" * 1_000_000, "\0", CHROME + "\n"):
        sign_in = seen(user_agent=text, device=text, time_zone=text, address=text[:100])
        judgement = judged(sign_in, learned(profile, sign_in, None), population)
        assert judgement.level <= Level.HIGH
        population.note(sign_in, None)
