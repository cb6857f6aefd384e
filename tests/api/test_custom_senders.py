"""Messages that a pool's own code sends: many at once, while it hangs, and when it comes back too late."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.listing import eventually
from api.own_code import KEY_ARN, OwnCode, own_code
from api.people import enlist, listed
from api.second_factors import EMAIL_OTP, pool_with
from api.signing_in import at_once
from api.world import SMS, ClientOfTests, PoolOfTests, World
from poolkeeper.clock import DAY, HOUR, MINUTE

WAITING = "SELECT job_id FROM due WHERE kind = 'message' AND pool_id = $1"
FAILED, NOT_TRIED = WAITING + " AND attempts > 0", WAITING + " AND attempts = 0"
MAIL = "ada@lovelace.example"
MOVES = [
    pytest.param("email", "mallory@evil.example", "ceo@corp.example", id="email"),
    pytest.param("phone_number", "+15550106661", "+15550100001", id="phone_number"),
]
SENDERS = {"email": "CustomEmailSender", "phone_number": "CustomSMSSender"}


@pytest.fixture
def code(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCode]:
    """Hand a test a place for the functions of its pool."""
    with own_code(world, tmp_path, monkeypatch) as made:
        yield made


def sending(world: World, arn: str) -> ClientOfTests:
    """Return a client of a pool whose mail a function sends."""
    config = {"CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": arn}, "KMSKeyID": KEY_ARN}
    return world.pool(AutoVerifiedAttributes=["email"], LambdaConfig=config).client()


def told(code: OwnCode, number: int) -> bool:
    """Say, within some seconds, whether the sender got so many events or more."""
    ends = time.monotonic() + 10
    while len(code.told("sender")) < number and time.monotonic() < ends:
        time.sleep(0.02)
    return len(code.told("sender")) >= number


def moving(world: World, attribute: str, *, first: bool, **settings: Any) -> PoolOfTests:
    """Return a pool that proves an address when it changes, before it is written or after."""
    return world.pool(
        AliasAttributes=[attribute],
        AutoVerifiedAttributes=[attribute],
        SmsConfiguration=SMS,
        UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": [attribute] if first else []},
        **settings,
    )


def move(pool: PoolOfTests, attribute: str, old: str, new: str) -> None:
    """Have mallory change an address of hers, ask for another code for it, and an administrator do so in her stead."""
    wanted = listed({attribute: new})
    enlist(pool, "mallory", {attribute: old, f"{attribute}_verified": "true"})
    token = pool.client().tokens("mallory")["AccessToken"]
    pool.world.unsigned.update_user_attributes(AccessToken=token, UserAttributes=wanted)
    pool.world.unsigned.get_user_attribute_verification_code(AccessToken=token, AttributeName=attribute)
    enlist(pool, "eve", {attribute: old[:-1] + "9", f"{attribute}_verified": "true"})
    pool.admin("admin_update_user_attributes", "eve", UserAttributes=wanted)


def addressed(event: dict[str, Any], attribute: str) -> tuple[str | None, str | None, str | None]:
    """Return an address that an event tells of, whether it is proved, and the name to sign in by that it is."""
    told = event["request"]["userAttributes"]
    return told.get(attribute), told.get(f"{attribute}_verified"), told.get(f"cognito:{attribute}_alias")


def test_a_crowd_is_handed_over_in_turn(world: World, code: OwnCode) -> None:
    """Forty at once: none is refused for there being so many, and waiting for a turn is no failed attempt."""
    lines = ("import os, time", "while not os.path.exists('open'): time.sleep(0.01)")
    client = sending(world, code.function("sender", *lines))
    at_once([partial(client.sign_up, f"user-{n}", email=f"user-{n}@tests.example") for n in range(40)])
    assert told(code, 1)
    (code.folder / "open").touch()
    assert told(code, 32)
    assert world.rows(FAILED, client.pool.pool_id) == []
    world.clock.advance(MINUTE)  # The turns of whoever waits are spread over a minute at most.
    eventually(world, WAITING, client.pool.pool_id)
    assert len(code.told("sender")) == 40


def test_a_sender_that_hangs_holds_up_nobody_else(world: World, code: OwnCode) -> None:
    """The messages of another pool go out while it is waited for."""
    hanging = sending(world, code.function("sender", "import time; time.sleep(60)"))
    hanging.sign_up("ada", email=MAIL)
    assert told(code, 1)
    other = world.pool(AutoVerifiedAttributes=["email"]).client()
    other.sign_up("ada", email=MAIL)
    eventually(world, WAITING, other.pool.pool_id)
    assert len(world.rows(NOT_TRIED, hanging.pool.pool_id)) == 1


def test_a_code_that_has_run_out_is_not_handed_over(world: World, code: OwnCode) -> None:
    """A sender that can be called again after a day gets no dead codes."""
    arn = "arn:aws:lambda:us-east-1:000000000000:function:sender"
    client = sending(world, arn)
    client.sign_up("ada", email=MAIL)
    eventually(world, NOT_TRIED, client.pool.pool_id)
    assert code.function("sender") == arn
    world.clock.advance(DAY)
    eventually(world, WAITING, client.pool.pool_id)
    assert code.told("sender") == []


@pytest.mark.parametrize("first", [False, True], ids=["written at once", "proved first"])
@pytest.mark.parametrize(("attribute", "old", "new"), MOVES)
def test_a_sender_is_told_the_address_that_the_code_is_for(
    world: World, code: OwnCode, attribute: str, old: str, new: str, *, first: bool
) -> None:
    """attacks.md 20: an event names no destination but the attributes, so the old address gets no code of the new one."""
    sender = {"LambdaVersion": "V1_0", "LambdaArn": code.function("sender")}
    name = SENDERS[attribute]
    pool = moving(world, attribute, first=first, LambdaConfig={name: sender, "KMSKeyID": KEY_ARN})
    move(pool, attribute, old, new)
    eventually(world, WAITING, pool.pool_id)

    kinds = ("UpdateUserAttribute", "UpdateUserAttribute", "VerifyUserAttribute")
    codes = [one for one in code.told("sender") if not one["triggerSource"].endswith("_AccountTakeOverNotification")]
    assert sorted(one["triggerSource"] for one in codes) == [f"{name}_{kind}" for kind in kinds]
    for event in codes:
        assert addressed(event, attribute) == (new, "false", None)


@pytest.mark.parametrize("first", [False, True], ids=["written at once", "proved first"])
@pytest.mark.parametrize(("attribute", "old", "new"), MOVES)
def test_the_words_are_asked_for_the_address_that_the_code_is_for(
    world: World, code: OwnCode, attribute: str, old: str, new: str, *, first: bool
) -> None:
    """CustomMessage hears what a sender would; the message itself goes to the new address."""
    pool = moving(world, attribute, first=first, LambdaConfig={"CustomMessage": code.function("words")})
    move(pool, attribute, old, new)
    assert len(code.told("words")) == 3
    for event in code.told("words"):
        assert addressed(event, attribute) == (new, "false", None)
    assert [one for one in world.outbox(old) if one["code"]] == []  # a notice alone


def test_an_address_given_while_signing_in_is_told_too(world: World, code: OwnCode) -> None:
    """MFA_SETUP by mail: the user has no address yet but the one that the code is to prove."""
    sender = {"LambdaVersion": "V1_0", "LambdaArn": code.function("sender")}
    pool = pool_with(world, EMAIL_OTP, LambdaConfig={"CustomEmailSender": sender, "KMSKeyID": KEY_ARN})
    pool.user("ada")
    client = pool.client()
    client.respond("MFA_SETUP", client.sign_in("ada")["Session"], USERNAME="ada", EMAIL=MAIL)
    eventually(world, WAITING, pool.pool_id)
    (event,) = code.told("sender")
    assert addressed(event, "email") == (MAIL, "false", None)


def test_an_address_that_stays_is_told_as_it_is(world: World, code: OwnCode) -> None:
    """A code for a proved address leaves it proved, and the name to sign in by that it is."""
    sender = {"LambdaVersion": "V1_0", "LambdaArn": code.function("sender")}
    pool = moving(world, "email", first=False, LambdaConfig={"CustomEmailSender": sender, "KMSKeyID": KEY_ARN})
    pool.user("ada", email=MAIL, email_verified="true")
    world.unsigned.forgot_password(ClientId=pool.client().client_id, Username="ada")
    eventually(world, WAITING, pool.pool_id)
    (event,) = code.told("sender")
    assert addressed(event, "email") == (MAIL, "true", MAIL)


def test_what_a_sender_was_to_have_goes_our_own_way_once_there_is_none(world: World) -> None:
    """A function that nobody set up cannot be called; when it is taken off the pool, its message does not wait for it."""
    client = sending(world, "arn:aws:lambda:us-east-1:000000000000:function:nobody")
    client.sign_up("ada", email=MAIL)
    eventually(world, NOT_TRIED, client.pool.pool_id)
    assert len(world.rows(FAILED, client.pool.pool_id)) == 1

    world.signed.update_user_pool(UserPoolId=client.pool.pool_id, AutoVerifiedAttributes=["email"], LambdaConfig={})
    world.clock.advance(HOUR)
    eventually(world, WAITING, client.pool.pool_id)
    world.unsigned.confirm_sign_up(ClientId=client.client_id, Username="ada", ConfirmationCode=world.code(MAIL))
