"""Are the rates and curves of an evaluation what a hand can work out? A small example."""

import math

import pytest

from poolkeeper.risk.evaluation import curve


def test_rates_and_areas_of_a_small_example() -> None:
    """Four honest sign-ins and two attacks: seven of the eight pairs are in order, one is a tie."""
    found = curve([0.0, 0.0, 1.0, 2.0], [2.0, 3.0])
    assert found.asked(1.0) == 0.5
    assert found.caught(2.0) == 1.0
    assert found.caught(2.5) == 0.5
    assert found.points == [(0.0, 0.5), (0.25, 1.0)]
    assert found.area == pytest.approx(7.5 / 8)
    assert found.equal_error == 0.25
    assert found.asked_to_catch(0.5) == 0.0
    assert found.asked_to_catch(0.9) == 0.25


def test_a_score_that_tells_nothing_has_half_the_area() -> None:
    """Everybody has the same one."""
    assert curve([1.0] * 5, [1.0] * 7).area == 0.5


def test_without_attacks_nothing_can_be_said() -> None:
    """No rate is made up."""
    found = curve([1.0], [])
    assert math.isnan(found.area)
    assert math.isnan(found.caught(0.0))
    assert math.isnan(found.equal_error)
    assert found.asked(1.0) == 1.0
