"""What is answered where nothing could be sent? Outside development without a mail server and an SMS provider."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import botocore.auth
import pytest

from api.people import enlist, listed
from api.world import FLOWS, PASSWORD, ClientOfTests, World, refused, round_to_second, running, settings_for

SMS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "tests"}
KNOWN = {"email": "ada@lovelace.example", "phone_number": "+15550100123"}
UNKNOWN = {"email": "eve@lovelace.example", "phone_number": "+15550100999"}
FIRST = {"email": "EMAIL_OTP", "phone_number": "SMS_OTP"}
NOTHING = {
    "email": ("CodeDeliveryFailureException", "No mail server is set up, so the code cannot be delivered."),
    "phone_number": ("CodeDeliveryFailureException", "No SMS provider is set up, so the code cannot be delivered."),
}


@pytest.fixture
def mute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Run a server that can send nothing."""
    started_at = round_to_second(time.time_ns() // 1_000_000)
    with running(settings_for(tmp_path, dev=False), engine="sqlite", started_at=started_at) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        yield world


def by_address(world: World, attribute: str) -> ClientOfTests:
    """Make a pool that signs in by one kind of address, with codes too, and a client that hides who exists."""
    factors = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", FIRST[attribute]]}}
    pool = world.pool(UsernameAttributes=[attribute], Policies=factors, SmsConfiguration=SMS)
    return pool.client(ExplicitAuthFlows=[*FLOWS, "ALLOW_USER_AUTH"])


def verify(client: ClientOfTests, **settings: Any) -> None:
    """Let a pool verify addresses from now on: whoever signed up before was sent nothing."""
    client.world.signed.update_user_pool(UserPoolId=client.pool.pool_id, **settings)


@pytest.mark.parametrize("attribute", KNOWN)
def test_what_cannot_be_sent_tells_nobody_who_exists(mute: World, attribute: str) -> None:
    """attacks.md 9: a reset, a resend and a code to sign in with fail for a ghost as they fail for a user."""
    client = by_address(mute, attribute)
    client.sign_up(KNOWN[attribute])
    verify(client, AutoVerifiedAttributes=[attribute], SmsConfiguration=SMS)
    resend = partial(mute.unsigned.resend_confirmation_code, ClientId=client.client_id)
    assert refused(lambda: resend(Username=KNOWN[attribute])) == NOTHING[attribute]
    assert refused(lambda: resend(Username=UNKNOWN[attribute])) == NOTHING[attribute]

    client = by_address(mute, attribute)
    enlist(client.pool, KNOWN[attribute], {attribute: KNOWN[attribute], f"{attribute}_verified": "true"})
    forgot = partial(mute.unsigned.forgot_password, ClientId=client.client_id)
    begin = partial(client.initiate, "USER_AUTH", PREFERRED_CHALLENGE=FIRST[attribute])
    for name in (KNOWN[attribute], UNKNOWN[attribute]):
        asked: list[Callable[[], Any]] = [partial(forgot, Username=name), partial(begin, USERNAME=name)]
        assert [refused(one) for one in asked] == [NOTHING[attribute]] * 2, name


def test_nothing_is_written_that_waits_for_a_code(mute: World) -> None:
    """SignUp and an invitation fail before there is a user; who verifies nothing, or is not invited, comes in."""
    pool = mute.pool(AutoVerifiedAttributes=["email"])
    client = pool.client()
    assert refused(lambda: client.sign_up("ada", email=KNOWN["email"])) == NOTHING["email"]
    invite = partial(pool.admin, "admin_create_user", "ada", UserAttributes=listed({"email": KNOWN["email"]}))
    assert refused(lambda: invite(DesiredDeliveryMediums=["EMAIL"])) == NOTHING["email"]
    assert mute.signed.list_users(UserPoolId=pool.pool_id)["Users"] == []

    assert invite(MessageAction="SUPPRESS", TemporaryPassword=PASSWORD)["User"]["Username"] == "ada"
    assert client.sign_up("grace")["UserConfirmed"] is False
