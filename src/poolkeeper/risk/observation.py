"""What does the judge see of a sign-in? The plain values of an Observation, which its caller puts together."""

import msgspec


class Observation(msgspec.Struct, frozen=True, gc=False):
    """A sign-in as the server sees it; only `known_device` is proved.

    `device` is the fingerprint in EncodedData, empty without one. `known_device`: a remembered device of this user proved
    itself. Counts are of the last hour: `failures` of this user, `network_failures` refusals from the network, and
    `spray_names` how many names were refused from it. `bad_signature`: the HMAC of EncodedData is wrong.
    """

    at_ms: int
    address: str | None
    user_agent: str
    device: str
    time_zone: str
    account_age_ms: int
    known_device: bool
    failures: int
    network_failures: int
    spray_names: int
    bad_signature: bool
