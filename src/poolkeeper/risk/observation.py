"""What is seen of one sign-in? Plain values, put together by whoever asks the judge."""

import msgspec


class Observation(msgspec.Struct, frozen=True, gc=False):
    """One sign-in as it looks from here; nothing of it is believed but what `known_device` says.

    `device` is the fingerprint out of EncodedData, nothing without one. `known_device`: a remembered device of this user
    proved itself. Counts are of the last hour: `failures` of this user, `network_failures` refusals from the network, and
    `spray_names` how many names were refused from it. `bad_signature`: the HMAC of EncodedData does not hold.
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
