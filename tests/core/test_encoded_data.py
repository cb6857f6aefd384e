"""What is read out of EncodedData as AWS's script makes it? A device that stays the same when its browser is another version."""

import hashlib
import hmac
import json
from base64 import b64encode
from typing import Any

from poolkeeper.model.encoded_data import Fingerprint, read
from poolkeeper.risk.user_agents import parse

CLIENT, POOL = "1example23456789", "us-east-1_EXAMPLE"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)


def agent(version: int) -> str:
    return (
        f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
    )


def seen(user_agent: str, **more: Any) -> Fingerprint:
    """Return what is read of a browser that AWS's script tells of (identity-security.md 4.2)."""
    said = {
        "UserAgent": user_agent,
        "DeviceId": "qn8ojaedcuyc9nnt228:1627189424942",
        "DeviceLanguage": "en-US",
        "DeviceFingerprint": f"{user_agent}PDF Viewer:Chrome PDF Viewer:en-US",
        "DevicePlatform": "Linux x86_64",
        "ClientTimezone": "01:00",
    } | more
    payload = json.dumps({"contextData": said, "username": "ada", "userPoolId": POOL, "timestamp": "1627189424999"})
    signature = b64encode(hmac.digest(CLIENT.encode(), f"JS20171115{payload}".encode(), hashlib.sha256)).decode()
    envelope = json.dumps({"payload": payload, "signature": signature, "version": "JS20171115"})
    return read(b64encode(envelope.encode()).decode(), client_id=CLIENT, pool_id=POOL, names={"ada"})


def test_a_browser_that_was_updated_is_the_same_device() -> None:
    """Its fingerprint holds the User-Agent, and so the version; its id is what stays."""
    assert seen(agent(142)).device == seen(agent(143)).device != ""
    assert seen(agent(142), DeviceId="another:1").device != seen(agent(142)).device
    assert (seen(agent(142)).time_zone, seen(agent(142)).forged) == ("01:00", False)


def test_a_device_without_an_id_is_what_else_it_tells() -> None:
    """Another fingerprint is another device then."""
    phone = {"DeviceId": "", "DeviceFingerprint": "google/oriole/oriole:14"}
    assert seen(IPHONE, **phone).device == seen(agent(142), **phone).device != ""
    assert seen(IPHONE, **phone).device != seen(IPHONE, **phone | {"DeviceFingerprint": "another"}).device


def test_a_long_user_agent_is_read_to_its_end() -> None:
    """There alone stands which browser it is."""
    assert parse(seen(IPHONE).user_agent).browser == "Safari"
