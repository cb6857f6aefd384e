"""Does a budget of text messages tell who exists? Signing in by a code, at the budget's end, as somebody and as nobody."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import botocore.auth
import pytest

from api.signing_in import raw
from api.world import FLOWS, World, round_to_second, running, settings_for

OVER = b'"TooManyRequestsException"'
SMS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "tests"}
KNOWN, UNKNOWN = "+15550104711", "+15550104712"


def asked_for_a_code(world: World, client_id: str, name: str) -> tuple[int, bool, bool]:
    """Begin USER_AUTH by SMS; return (status, whether a Session came, whether a budget was at its end)."""
    parameters = {"USERNAME": name, "PREFERRED_CHALLENGE": "SMS_OTP"}
    body = {"ClientId": client_id, "AuthFlow": "USER_AUTH", "AuthParameters": parameters}
    status, _, answer = raw(world, "InitiateAuth", body)
    return status, b'"Session"' in answer, OVER in answer


@pytest.mark.parametrize(
    "limits", [{"sms_per_number_per_hour": 3}, {"sms_prefixes": ("+49",)}], ids=["number", "prefix"]
)
def test_the_end_of_a_budget_is_the_same_for_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: dict[str, Any]
) -> None:
    """Of five codes in a row the same ones are refused; nobody is sent any."""
    settings = replace(settings_for(tmp_path), **limits)
    with running(settings, engine="sqlite", started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        factors = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}
        pool = world.pool(Policies=factors, SmsConfiguration=SMS, UsernameAttributes=["phone_number"])
        client = pool.client(ExplicitAuthFlows=[*FLOWS, "ALLOW_USER_AUTH"])
        pool.user(KNOWN, phone_number=KNOWN)

        told = {name: [asked_for_a_code(world, client.client_id, name) for _ in range(5)] for name in (KNOWN, UNKNOWN)}

        assert told[KNOWN] == told[UNKNOWN]
        assert told[KNOWN][-1] == (400, False, True)
        assert world.outbox(UNKNOWN) == []
