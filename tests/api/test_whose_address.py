"""Whose address is it that sign-ins come from? One answer for events, budgets and queues (identity-security.md 4.2)."""

import hashlib
import hmac
import json
from base64 import b64encode
from functools import partial
from typing import Any

import pytest

from api.networks import ask_from
from api.watched import events, judging, watched, with_ada
from api.world import PASSWORD, ClientOfTests, PoolOfTests, World
from poolkeeper.call import own_call
from poolkeeper.crypto.secret_hash import secret_hash
from poolkeeper.risk.judge import Level

TOLD = "192.0.2.33"


def address(pool: PoolOfTests) -> str | None:
    """Return the address of ada's newest event."""
    found: str | None = events(pool)[0]["EventContextData"].get("IpAddress")
    return found


def context(told: str = TOLD) -> dict[str, Any]:
    return {"IpAddress": told, "ServerName": "app", "ServerPath": "/", "HttpHeaders": []}


def begin(client: ClientOfTests, context_data: dict[str, str], **more: str) -> dict[str, Any]:
    """Sign ada in by InitiateAuth with a UserContextData."""
    given = {"USERNAME": "ada", "PASSWORD": PASSWORD, **more}
    answer: dict[str, Any] = client.world.unsigned.initiate_auth(
        ClientId=client.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters=given,
        UserContextData=context_data,
    )
    return answer


def test_a_public_client_is_believed_no_address(world: World) -> None:
    """UserContextData of one is a stranger's word; the other end of the connection counts."""
    pool = watched(world)
    client = with_ada(pool)
    begin(client, {"IpAddress": TOLD})
    assert address(pool) == "127.0.0.1"


@pytest.mark.parametrize(("propagates", "known"), [(True, TOLD), (False, None)])
def test_a_client_with_a_secret_is_believed_where_it_says_so(
    world: World, *, propagates: bool, known: str | None
) -> None:
    """EnablePropagateAdditionalUserContextData; without it the server's own address says nothing of its users."""
    pool = watched(world)
    pool.user("ada")
    client = pool.client(GenerateSecret=True, EnablePropagateAdditionalUserContextData=propagates)
    digest = secret_hash(username="ada", client_id=client.client_id, client_secret=client.secret or "")
    begin(client, {"IpAddress": TOLD}, SECRET_HASH=digest)
    assert address(pool) == known


@pytest.mark.parametrize(("told", "known"), [(TOLD, TOLD), ("::ffff:192.0.2.33", TOLD), ("nowhere", None)])
def test_a_signed_call_says_for_whom_it_is(world: World, told: str, known: str | None) -> None:
    """ContextData, in one spelling; a call without one has no network."""
    pool = watched(world)
    client = with_ada(pool)
    given = {"USERNAME": "ada", "PASSWORD": PASSWORD}
    ask = partial(
        world.signed.admin_initiate_auth,
        UserPoolId=pool.pool_id,
        ClientId=client.client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters=given,
    )
    ask(ContextData=context(told))
    assert address(pool) == known
    world.clock.advance(1_000)
    with judging(world, Level.NONE) as seen:
        ask()
    assert address(pool) is None
    assert seen[0].address is None


def test_no_header_makes_an_address(world: World) -> None:
    """X-Forwarded-For is believed of trusted proxies alone, and none is set here."""
    pool = watched(world)
    client = with_ada(pool)
    body = {
        "ClientId": client.client_id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD},
    }
    forged = dict.fromkeys(("X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP"), TOLD)
    assert world.call("InitiateAuth", body, **forged)[0] == 200
    assert address(pool) == "127.0.0.1"


def test_refusals_are_counted_by_network_and_by_name(world: World) -> None:
    """Of a network how many, and of how many names; of a user how many, from wherever they came."""
    pool = watched(world)
    client = with_ada(pool)
    world.house.memory.refusals.clear()

    def guess(source: str, name: str, password: str = "another") -> None:
        given = {"USERNAME": name, "PASSWORD": password}
        body = {"ClientId": client.client_id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": given}
        ask_from(source, world, "InitiateAuth", body)

    for number in range(3):
        guess("127.0.0.88", f"nobody{number}")
    guess("127.0.0.89", "ada")
    with judging(world, Level.NONE) as seen:
        guess("127.0.0.88", "ada", PASSWORD)
        guess("127.0.0.89", "ada", PASSWORD)
    first, second = seen
    assert (first.network_failures, first.spray_names, first.failures) == (3, 3, 1)
    assert (second.network_failures, second.spray_names, second.failures) == (1, 1, 1)


def encoded(client: ClientOfTests, *, name: str = "ada", pool_id: str = "", key: str = "", altered: str = "") -> str:
    """Return EncodedData as AWS's libraries make it."""
    said = {"DeviceId": "d-1", "DeviceName": "Pixel", "ClientTimezone": "+01:00", "DeviceFingerprint": "f"}
    payload = json.dumps(
        {
            "contextData": said,
            "username": name,
            "userPoolId": pool_id or client.pool.pool_id,
            "timestamp": str(client.world.clock.now()),
        }
    )
    version = "ANDROID20171114"
    digest = hmac.digest((key or client.client_id).encode(), (version + payload).encode(), hashlib.sha256)
    whole = {"payload": payload + altered, "signature": b64encode(digest).decode(), "version": version}
    text = b64encode(json.dumps(whole).encode()).decode()
    return "\n".join(text[at : at + 76] for at in range(0, len(text), 76))  # Android wraps its lines


@pytest.mark.parametrize("deep", ["envelope", "payload"])
def test_encoded_data_that_nests_without_end_is_no_error(world: World, deep: str) -> None:
    """It is taken for one that does not hold what it says, and the sign-in goes on without."""
    client = with_ada(watched(world))
    nested = f'{{"contextData":{{}},"more":{"[" * 4_000}{"]" * 4_000}}}'
    whole = nested if deep == "envelope" else json.dumps({"payload": nested, "signature": "", "version": ""})
    with judging(world, Level.NONE) as seen:
        answer = begin(client, {"EncodedData": b64encode(whole.encode()).decode()})
    assert "AuthenticationResult" in answer
    assert seen[0].bad_signature


def test_encoded_data_tells_of_the_device(world: World) -> None:
    """Name and time zone stand in the event; the fingerprint is the same each time."""
    pool = watched(world)
    client = with_ada(pool)
    with judging(world, Level.NONE) as seen:
        for _ in range(2):
            begin(client, {"EncodedData": encoded(client)})
    told = events(pool)[0]["EventContextData"]
    assert (told["DeviceName"], told["Timezone"]) == ("Pixel", "+01:00")
    assert seen[0].device == seen[1].device != ""
    assert not seen[0].bad_signature


@pytest.mark.parametrize(
    "what",
    [{"name": "bob"}, {"pool_id": "us-east-1_Another"}, {"key": "another"}, {"altered": " "}],
    ids=["another user", "another pool", "another client", "altered"],
)
def test_encoded_data_of_another_is_no_error_and_counts_against(world: World, what: dict[str, str]) -> None:
    """Nothing of it is taken; that it was there is one sign of many."""
    pool = watched(world)
    client = with_ada(pool)
    with judging(world, Level.NONE) as seen:
        assert "AuthenticationResult" in begin(client, {"EncodedData": encoded(client, **what)})
        assert "AuthenticationResult" in begin(client, {"EncodedData": "no base64"})
    assert [(one.bad_signature, one.device, one.time_zone) for one in seen] == [(True, "", "")] * 2


def test_a_server_s_own_call_has_no_address(world: World) -> None:
    """What nobody sent is for nobody's network."""
    assert (own_call(world.house).address, own_call(world.house).network) == ("", "")
