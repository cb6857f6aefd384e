"""Does a profile learn what a person does, not what somebody does who learnt their password, in two kilobytes? The judge says what came of it."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poolkeeper.clock import DAY, HOUR, MINUTE
from poolkeeper.risk.habits import DENIED_DAYS
from poolkeeper.risk.judge import Level
from poolkeeper.risk.places import Place
from poolkeeper.risk.profile import LONGEST, NOBODY, decode, encode, learned, reconsidered
from poolkeeper.risk.traits import Traits, traits_of
from risk.people import ATLAS, ELSEWHERE, FIREFOX, START, after, days_at_home, judged, of_many, of_one, seen

TEXT = st.text(max_size=80)
NOTHING_COUNTED = of_one()


def levels_of_a_thief(sign_ins: list[int], *, proved: bool = False) -> list[Level]:
    """Return how a thief is judged at each of their sign-ins, all of which are let in and learnt, after fifty honest ones."""
    population = of_many(1_000)
    profile = after(*days_at_home(50), population=population, places=ATLAS)
    levels = []
    for at in sign_ins:
        sign_in = seen(at_ms=START + 50 * DAY + at, address=ELSEWHERE, user_agent=FIREFOX, device="thief's")
        levels.append(judged(sign_in, profile, population, ATLAS).level)
        profile = learned(profile, sign_in, ATLAS.find(ELSEWHERE), proved=proved)
        population.note(sign_in, ATLAS.find(ELSEWHERE))
    return levels


def test_a_thief_makes_no_habit_in_a_day() -> None:
    """A hundred sign-ins under NO_ACTION: the last is judged as the first."""
    levels = levels_of_a_thief([number * 10 * MINUTE for number in range(100)])
    assert set(levels) == {Level.HIGH}


def test_who_comes_day_after_day_becomes_a_habit() -> None:
    """People move, and buy devices: on the fourth day it is theirs."""
    levels = levels_of_a_thief([number * DAY for number in range(6)])
    assert levels[:4] == [Level.HIGH] * 4
    assert levels[4:] == [Level.NONE] * 2


def test_a_second_factor_needs_no_trial() -> None:
    """Who proved more than a password is believed the next time."""
    assert levels_of_a_thief([0, HOUR], proved=True)[1] < Level.HIGH


def test_a_crowd_of_networks_teaches_nothing() -> None:
    """A thief who comes from a hundred networks in a day does not make new networks usual."""
    population = of_one()
    home = after(*days_at_home(50), population=population)
    at = START + 50 * DAY
    stranger = seen(at_ms=at + HOUR, address=ELSEWHERE, user_agent=FIREFOX, device="thief's")
    before = judged(stranger, home, population)
    profile = home
    for number in range(100):
        profile = learned(profile, seen(at_ms=at, address=f"192.0.{number}.1", user_agent=FIREFOX, device="x"), None)
    after_it = judged(stranger, profile, population)
    assert after_it.level == before.level
    assert after_it.score > before.score - 1.5


def test_the_own_device_brings_its_new_network_along() -> None:
    """A new line at home: the fingerprint is a habit, so the network is one at once."""
    population = of_one()
    profile = after(*days_at_home(10), population=population)
    moved = learned(profile, seen(at_ms=START + 10 * DAY, address=ELSEWHERE), None)
    later = seen(at_ms=START + 10 * DAY + HOUR, address=ELSEWHERE, device="another", user_agent=FIREFOX)
    assert judged(later, moved, population).score < judged(later, profile, population).score


def test_feedback_moves_the_score() -> None:
    """Valid: never a risk again. Invalid: more of one than before, until it is denied no longer."""
    population = of_one()
    profile = after(*days_at_home(10), population=population, places=ATLAS)
    at = START + 10 * DAY
    stranger = seen(at_ms=at, address=ELSEWHERE, user_agent=FIREFOX, device="another")
    traits = traits_of(stranger, ATLAS.find(ELSEWHERE))
    before = judged(stranger, profile, population, ATLAS)

    valid = reconsidered(profile, traits, valid=True, at_ms=at)
    invalid = reconsidered(profile, traits, valid=False, at_ms=at)

    assert judged(stranger, valid, population, ATLAS).level is Level.NONE
    worse = judged(stranger, invalid, population, ATLAS)
    assert worse.score > before.score + 4
    assert "not theirs" in worse.sentence
    assert judged(stranger, reconsidered(invalid, traits, valid=True, at_ms=at), population, ATLAS).level is Level.NONE
    forgiven = seen(at_ms=at + (DENIED_DAYS + 1) * DAY, address=ELSEWHERE, user_agent=FIREFOX, device="another")
    assert "denied" not in {part.name for part in judged(forgiven, invalid, population, ATLAS).parts}


def test_what_is_denied_is_not_learnt_by_coming_again() -> None:
    """A thief whose first sign-in was denied stays one, day after day."""
    population = of_one()
    profile = after(*days_at_home(10), population=population)
    at = START + 10 * DAY
    stranger = seen(at_ms=at, address=ELSEWHERE, user_agent=FIREFOX, device="another")
    profile = reconsidered(profile, traits_of(stranger, None), valid=False, at_ms=at)
    for number in range(10):
        profile = learned(profile, seen(at_ms=at + number * DAY, address=ELSEWHERE, device="another"), None)
    assert (
        judged(seen(at_ms=at + 10 * DAY, address=ELSEWHERE, device="another"), profile, population).level is Level.HIGH
    )


def test_a_denied_sign_in_takes_no_habit_of_the_person_away() -> None:
    """The thief used the browser that the person has: at home nothing changes."""
    population = of_one()
    profile = after(*days_at_home(10, device=""), population=population)
    at = START + 10 * DAY
    profile = reconsidered(
        profile, traits_of(seen(at_ms=at, address=ELSEWHERE, device=""), None), valid=False, at_ms=at
    )
    assert judged(seen(at_ms=at, device=""), profile, population).level is Level.NONE


def test_a_profile_comes_back_as_it_was_written() -> None:
    """Nobody has an empty one; what no version wrote is nobody's."""
    profile = after(*days_at_home(7), population=of_one(), places=ATLAS)
    assert decode(encode(profile)) == profile
    assert decode(None) == decode(b"") == NOBODY
    assert decode(b"\xffnonsense") == decode(encode(profile)[:-3]) == NOBODY
    assert decode(b"\x95\x09\x90\x00\xc0\xc0") == NOBODY


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(min_value=-(1 << 40), max_value=1 << 52),
            st.integers(min_value=0, max_value=255),
            TEXT,
            TEXT,
            st.booleans(),
        ),
        max_size=300,
    )
)
def test_a_profile_has_at_most_two_kilobytes(lives: list[tuple[int, int, str, str, bool]]) -> None:
    """Whatever a client brings, however often, whatever is said of it; and it can always be judged."""
    profile = NOBODY
    for at_ms, byte, agent, device, odd in lives:
        place = Place(agent[:2], device, byte, float(byte) - 90, -180.0) if odd else None
        sign_in = seen(at_ms=at_ms, address=f"10.{byte}.{byte}.1", user_agent=agent, device=device, time_zone=agent)
        profile = learned(profile, sign_in, place)
        if byte % 5 == 0:
            profile = reconsidered(profile, traits_of(sign_in, place), valid=odd, at_ms=at_ms)
        assert math.isfinite(judged(sign_in, profile, NOTHING_COUNTED).score)
    stored = encode(profile)
    assert len(stored) <= LONGEST
    assert decode(stored).tables[0].habits == profile.tables[0].habits[: len(decode(stored).tables[0].habits)]


def test_a_full_profile_fits() -> None:
    """Everything there is room for, with years behind it: nothing has to go."""
    profile = NOBODY
    for number in range(3_000):
        place = Place(f"C{number % 9}", f"city {number % 20}", number % 30, 52.0 + number % 9, -120.0)
        agent = (
            f"Program{number % 30}/1.0 (Windows)" if number % 2 else f"Program{number % 30}/1.0 (Android {number % 3})"
        )
        sign_in = seen(
            at_ms=START + number * DAY // 3,
            address=f"10.{number % 40}.1.1",
            user_agent=agent,
            device=f"device {number % 20}",
            time_zone=f"zone {number % 9}",
        )
        profile = learned(profile, sign_in, place, proved=True)
    assert decode(encode(profile)) == profile
    assert sum(len(table.habits) for table in profile.tables) > 55


@pytest.mark.parametrize("valid", [True, False])
def test_feedback_on_what_is_not_known_does_nothing(valid: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """An event of an older version may have no traits."""
    assert reconsidered(NOBODY, Traits(), valid=valid, at_ms=START) == NOBODY


def test_what_nobody_does_any_more_fades() -> None:
    """Two hundred sign-ins elsewhere: what was home once weighs little."""
    population = of_one()
    profile = after(*days_at_home(50), population=population)
    old = profile.table("network").habits[0].key
    for number in range(200):
        profile = learned(profile, seen(at_ms=START + (50 + number) * DAY, address="192.0.2.1"), None)
    assert profile.table("network").weight(old) < 10
    assert profile.sign_ins <= 50
