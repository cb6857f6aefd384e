"""Is anything but JSON read? CBOR is not: its lengths, tags and big numbers reach no decoder (attacks.md 150)."""

import pytest

from api.world import World

TARGET = "AWSCognitoIdentityProviderService.GetUser"
BODIES = {
    "a map": b"\xa1\x6bAccessToken\x61x",
    "a length that lies": b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
    "a big number": b"\xc2\x5a\x00\x10\x00\x00" + b"\xff" * 1024,
    "a set": b"\xd9\x01\x02\x80",
    "text without end": b"\x7f\x61a",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
def test_cbor_in_the_place_of_json_is_refused(world: World, body: bytes) -> None:
    """Whatever the Content-Type says, a body is JSON or nothing."""
    headers = {"Content-Type": "application/cbor", "X-Amz-Target": TARGET}
    status, known, _ = world.http("POST", "/", body=body, headers=headers)
    assert (status, known["x-amzn-errortype"]) == (400, "SerializationException:")


def test_the_cbor_protocol_is_not_spoken(world: World) -> None:
    """Its addresses lead nowhere."""
    headers = {"Content-Type": "application/cbor", "Smithy-Protocol": "rpc-v2-cbor"}
    path = "/service/AWSCognitoIdentityProviderService/operation/GetUser"
    assert world.http("POST", path, body=BODIES["a map"], headers=headers)[0] == 404
