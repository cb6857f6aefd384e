"""How does an answer go on from where its sign-in began? With what was said then, and the device if it is named by now."""

from dataclasses import replace

import msgspec

from poolkeeper.auth.attempt import Attempt
from poolkeeper.auth.steps import Resumed


def taken_up(attempt: Attempt, resumed: Resumed) -> Attempt:
    """Return the attempt as it was begun, by the name that was typed first.

    Any answer may name the device that it comes from (contract, user pools 3.4).
    """
    begun = resumed.sealed.journey
    journey = msgspec.structs.replace(begun, device_key=attempt.given.get("DEVICE_KEY") or begun.device_key)
    return replace(attempt, subject=resumed.subject, journey=journey)
