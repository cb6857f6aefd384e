"""How many sign-ups may one address send? As many as it likes, unless the operator set a limit."""

import time
from pathlib import Path

import botocore.auth
import pytest

from api.world import PASSWORD, refused, round_to_second, running, settings_for
from poolkeeper.clock import MINUTE
from poolkeeper.crypto.secret_hash import secret_hash


def test_the_eleventh_sign_up_of_a_minute_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 12: with the limit at ten, for public clients alone; a minute later the address may go on."""
    settings = settings_for(tmp_path, sign_ups_per_minute=10)
    with running(settings, engine="sqlite", started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        client = world.pool().client()
        for number in range(10):
            client.sign_up(f"user-{number}")
        assert refused(lambda: client.sign_up("user-10"))[0] == "TooManyRequestsException"

        confidential = client.pool.client(GenerateSecret=True)
        for number in range(11):
            confidential.world.unsigned.sign_up(
                ClientId=confidential.client_id,
                SecretHash=secret_hash(
                    username=f"other-{number}",
                    client_id=confidential.client_id,
                    client_secret=confidential.secret or "",
                ),
                Username=f"other-{number}",
                Password=PASSWORD,
            )

        world.clock.advance(MINUTE)
        assert client.sign_up("user-10")["UserSub"]


def test_a_network_of_ipv6_is_one_that_signs_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 12: whoever is given IPv6 is given a /64, of whose addresses each would have a limit of its own."""
    settings = settings_for(tmp_path, sign_ups_per_minute=3, trusted_proxies=("127.0.0.1",))
    with running(settings, engine="sqlite", started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        client = world.pool().client()

        def sign_up(number: int, address: str) -> int:
            body = {"ClientId": client.client_id, "Username": f"user-{number}", "Password": PASSWORD}
            return world.call("SignUp", body, **{"X-Forwarded-For": address})[0]

        assert [sign_up(number, f"2001:db8::{number:x}") for number in range(5)] == [200, 200, 200, 400, 400]
        assert sign_up(9, "2001:db8:0:1::1") == 200
