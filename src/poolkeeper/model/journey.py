"""What did a sign-in say when it began? What the later steps go by; none of it is a proof."""

from collections.abc import Mapping

import msgspec

from poolkeeper.model.auth_event import Assessment
from poolkeeper.model.device import LONGEST_KEY


class Journey(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a sign-in said when it began and what the later steps go by.

    `device_key` is the device that it claims to come from, `conversation` the row of a CUSTOM_AUTH, `shown` the name by
    which it answers (USER_ID_FOR_SRP), `target` the levels that a step-up asks for and `origin` its session. `signed_up`:
    it brought along the Session of the sign-up of its user. `provisioned`: its user was made by this very sign-in, at an
    identity provider. `vouched` is that provider's name and the user's id there. `assessed` is how risky it was found to
    be, None where nobody looks.
    """

    flow: str = ""
    device_key: str = ""
    conversation: str = ""
    shown: str = ""
    target: tuple[str, ...] = ()
    origin: str = ""
    signed_up: bool = False
    provisioned: bool = False
    vouched: tuple[str, str] | None = None
    assessed: Assessment | None = None

    def on_device(self, given: Mapping[str, str]) -> "Journey":
        """Return the journey with the device that a request names; what is too long to be a key names none."""
        device_key = given.get("DEVICE_KEY", "")
        if not device_key or len(device_key) > LONGEST_KEY:
            return self
        return msgspec.structs.replace(self, device_key=device_key)
