"""Whether temporary keys are good for what they were made for, and for nothing else, and end when they should."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import boto3
import msgspec
import pytest
from botocore.client import BaseClient
from botocore.config import Config

from api.principals import person
from api.world import KEY_ID, KEY_SECRET, REGION, World, refused
from poolkeeper.clock import HOUR, SECOND
from poolkeeper.entropy import Entropy
from poolkeeper.rights import tokens

INVALID = ("UnrecognizedClientException", "The security token included in the request is invalid.")
INVALID_OF_QUERY = ("InvalidClientTokenId", "The security token included in the request is invalid.")
EXPIRED = ("ExpiredTokenException", "The security token included in the request is expired")

Credentials = Mapping[str, Any]


def client_with(world: World, held: Credentials, service: str = "cognito-idp", **other: Any) -> BaseClient:
    """Return an unmodified client that signs with temporary credentials."""
    given = {
        "aws_access_key_id": held["AccessKeyId"],
        "aws_secret_access_key": held["SecretAccessKey"],
        "aws_session_token": held["SessionToken"],
        **other,
    }
    config = Config(retries={"max_attempts": 0})
    return boto3.client(service, region_name=REGION, endpoint_url=world.url, config=config, **given)


def session(world: World, **asked: Any) -> dict[str, Any]:
    """Return temporary credentials of the first access key."""
    made: dict[str, Any] = world.client("sts").get_session_token(**asked)["Credentials"]
    return made


def listing(client: BaseClient) -> Callable[[], Any]:
    return lambda: client.list_user_pools(MaxResults=1)


def test_a_session_works_where_its_key_does(world: World) -> None:
    """The form of temporary keys is AWS's, and whoever holds one is who asked for it."""
    held = session(world)
    assert held["AccessKeyId"].startswith("ASIA")
    assert (len(held["AccessKeyId"]), len(held["SecretAccessKey"])) == (20, 40)
    assert len(held["SessionToken"]) < 700
    client_with(world, held).list_user_pools(MaxResults=1)
    assert client_with(world, held, "sts").get_caller_identity()["Arn"].endswith(":root")


def test_a_session_ends(world: World) -> None:
    """To the second: AWS's sentences of both protocols are for what was good once."""
    held = session(world, DurationSeconds=900)
    assert int(held["Expiration"].timestamp() * 1000) == world.clock.second() + 900 * SECOND
    client = client_with(world, held)
    world.clock.advance(899 * SECOND)
    client.list_user_pools(MaxResults=1)
    world.clock.advance(1 * SECOND)
    assert refused(listing(client)) == EXPIRED
    of_query = refused(client_with(world, held, "sts").get_caller_identity)
    assert of_query == ("ExpiredToken", EXPIRED[1])


def test_a_session_of_root_lasts_an_hour_at_the_most(world: World) -> None:
    """AWS cuts it without a word."""
    held = session(world, DurationSeconds=43_200)
    assert int(held["Expiration"].timestamp() * 1000) == world.clock.second() + HOUR


def test_a_session_makes_no_session(world: World) -> None:
    """Else one key would live for ever by its children."""
    held = session(world)
    denied = refused(client_with(world, held, "sts").get_session_token)
    assert denied == ("AccessDenied", "Cannot call GetSessionToken with session credentials")


def test_no_mfa_device_is_there(world: World) -> None:
    """A code of a device that nobody has proves nothing, and no session passes for one that was proved by it."""
    serial = "arn:aws:iam::000000000000:mfa/ada"
    code, sentence = refused(lambda: session(world, SerialNumber=serial, TokenCode="123456"))
    assert code == "AccessDenied"
    assert sentence.startswith("MultiFactorAuthentication failed, unable to validate MFA code.")


def test_a_key_and_a_token_belong_together(world: World) -> None:
    """A token of another key, a key without its token, and a token beside a key that needs none are refused alike."""
    first, second = session(world), session(world)
    pairs = {
        "another's token": client_with(world, first, aws_session_token=second["SessionToken"]),
        "no token": client_with(world, first, aws_session_token=None),
        "another's secret": client_with(world, first, aws_secret_access_key=second["SecretAccessKey"]),
        "a long-lived key": client_with(world, first, aws_access_key_id=KEY_ID, aws_secret_access_key=KEY_SECRET),
    }
    told = {name: refused(listing(client)) for name, client in pairs.items()}
    assert told.pop("another's secret")[0] == "InvalidSignatureException"
    assert set(told.values()) == {INVALID}
    assert refused(client_with(world, first, "sts", aws_session_token=None).get_caller_identity) == INVALID_OF_QUERY


def test_a_token_with_any_byte_changed_is_refused(world: World) -> None:
    """Each byte of the sealed value, each length of it, another spelling of the same bytes, and nonsense."""
    held = session(world)
    sealed = b64decode(held["SessionToken"])
    step = max(1, len(sealed) // 40)
    altered = [sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(0, len(sealed), step)]
    altered += [sealed[:end] for end in range(1, len(sealed), step)] + [sealed + b"\x00"]
    texts = [b64encode(one).decode() for one in altered]
    texts += [held["SessionToken"].rstrip("=") + "A", "x", "é".encode().decode("latin-1"), "A" * 6_000]
    for text in texts:
        with_text = client_with(world, held, aws_session_token=text)
        assert refused(listing(with_text)) == INVALID, text


def test_a_token_of_another_house_is_refused(world: World) -> None:
    """What is sealed for another purpose is no session token, whatever it holds."""
    held = session(world)
    sealer, now = world.house.sealer, world.clock.now()
    claims = sealer.open_blob(b64decode(held["SessionToken"]), purpose="session token")
    foreign = b64encode(sealer.seal_blob(claims, purpose="session", now=now)).decode()
    assert refused(listing(client_with(world, held, aws_session_token=foreign))) == INVALID
    ours = b64encode(sealer.seal_blob(claims, purpose="session token", now=now)).decode()
    client_with(world, held, aws_session_token=ours).list_user_pools(MaxResults=1)


def test_a_session_ends_with_its_key(world: World) -> None:
    """Switched off, it ends at once; switched on again, so is the session: nothing is stored of it."""
    held = session(world)
    client = client_with(world, held)
    client.list_user_pools(MaxResults=1)
    switch(world, on=False)
    try:
        assert refused(listing(client)) == INVALID
    finally:
        switch(world, on=True)
    client.list_user_pools(MaxResults=1)


def test_a_session_is_of_whose_key_began_it(world: World) -> None:
    """A key's id can be another's by now (a seed chooses ids): the session was its former owner's, and is nobody's."""
    ada, bob = person(world), person(world)
    held = ada.client("sts").get_session_token()["Credentials"]
    house, now = world.house, world.clock.now()
    claims, _ = tokens.opened(house, held["SessionToken"], access_key_id=held["AccessKeyId"], now=now)
    bobs = world.client("iam").get_user(UserName=bob.name)["User"]["UserId"]

    def whose(owner_id: str) -> Callable[[], Any]:
        made = tokens.issue(house, msgspec.structs.replace(claims, owner_id=owner_id))
        keys = {"AccessKeyId": made.access_key_id, "SecretAccessKey": made.secret.reveal(), "SessionToken": made.token}
        return partial(client_with(world, keys, "sts").get_caller_identity)

    assert whose(claims.owner_id)()["Arn"] == ada.arn
    assert refused(whose(bobs)) == INVALID_OF_QUERY


def switch(world: World, *, on: bool) -> None:
    """Switch the first access key off or on, as `poolkeeper keys disable` does."""
    world.run(
        lambda: world.house.db.execute("UPDATE access_keys SET enabled = $2 WHERE access_key_id = $1", KEY_ID, int(on))
    )


def test_a_session_outlives_a_rotation(world: World) -> None:
    """It is sealed under a key that the ring still reads; whoever retires that key ends the sessions under it."""
    held = session(world)
    client = client_with(world, held)
    world.house.sealer.ring.add(Entropy())
    world.house.sealer.refresh()
    client.list_user_pools(MaxResults=1)
    later = session(world)
    assert b64decode(later["SessionToken"])[1:5] != b64decode(held["SessionToken"])[1:5]
    client_with(world, later).list_user_pools(MaxResults=1)


def test_a_session_is_older_than_a_restore(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ended it may be gone with the restore, so it ends for good."""
    held = session(world)
    client = client_with(world, held)
    with monkeypatch.context() as patched:
        patched.setattr(tokens, "opened", restored_before(world, tokens.opened))
        assert refused(listing(client)) == INVALID
    client.list_user_pools(MaxResults=1)


def restored_before(world: World, opened: Callable[..., Any]) -> Callable[..., Any]:
    """Return `tokens.opened` over a house whose database was restored just now."""
    restored = replace(world.house, restored_at=world.clock.now())
    return lambda _house, token, **more: opened(restored, token, **more)


def test_an_account_is_told_for_any_key(world: World) -> None:
    """As at AWS: of whoever's key, whether it is there or not."""
    told = world.client("sts").get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE")
    assert told["Account"] == "000000000000"
