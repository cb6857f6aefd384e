"""How does an answer go on from where its sign-in began? With what was said then, and the device if it is named by now."""

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from poolkeeper.auth.attempt import Attempt
from poolkeeper.auth.state import Journey
from poolkeeper.auth.steps import Resumed
from poolkeeper.model.device import LONGEST_KEY
from poolkeeper.model.factors import DEVICE


def taken_up(attempt: Attempt, resumed: Resumed) -> Attempt:
    """Return the attempt as it was begun, by the name that was typed first.

    Any answer may name the device that it comes from (contract, user pools 3.4), until one has proved itself: the
    session is that device's then.
    """
    begun = resumed.sealed.journey
    journey = begun if DEVICE in resumed.sealed.factors else on_device(begun, attempt.given)
    return replace(attempt, subject=resumed.subject, journey=journey)


def on_device(journey: Journey, given: Mapping[str, str]) -> Journey:
    """Return a journey with the device that a request names; what is too long to be one's key is nobody's."""
    device_key = given.get("DEVICE_KEY", "")
    if not device_key or len(device_key) > LONGEST_KEY:
        return journey
    return msgspec.structs.replace(journey, device_key=device_key)
