"""What is seen of one sign-in? The request and what is counted, none of it believed more than it says."""

import msgspec


class Observation(msgspec.Struct, frozen=True, gc=False):
    """One sign-in as it is seen.

    `address` is None where a server calls and does not say for whom. `device` is the fingerprint of EncodedData, empty
    without; `bad_signature`: there was one whose HMAC does not hold. `known_device`: a remembered device of this user proved
    itself. `failures` are of this user, `network_failures` of the network, `spray_names` the distinct names that were refused
    from it, all within the last hour.
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
