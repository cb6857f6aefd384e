"""What a pool and its app clients do about risk: what is set, kept, inherited and refused (identity-security.md 4.1)."""

from functools import partial
from typing import Any

import pytest

from api.round_trip import sent_back, settled
from api.world import ClientOfTests, PoolOfTests, World, refused

WATCHED = {"UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}}
TAKEOVER = {
    "NotifyConfiguration": {
        "SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/x.example",
        "From": "guard@x.example",
        "BlockEmail": {"Subject": "Blocked", "TextBody": "Somebody was kept out."},
    },
    "Actions": {
        "LowAction": {"Notify": False, "EventAction": "NO_ACTION"},
        "HighAction": {"Notify": True, "EventAction": "BLOCK"},
    },
}
EXCEPTIONS = {"BlockedIPRangeList": ["192.0.2.0/24"], "SkippedIPRangeList": ["2001:db8::/32"]}
COMPROMISED = {"EventFilter": ["SIGN_IN"], "Actions": {"EventAction": "BLOCK"}}
ALL = {
    "AccountTakeoverRiskConfiguration": TAKEOVER,
    "RiskExceptionConfiguration": EXCEPTIONS,
    "CompromisedCredentialsRiskConfiguration": COMPROMISED,
}


def writing(**member: str) -> dict[str, Any]:
    """Return a configuration with one member more of its mails."""
    mails: Any = TAKEOVER["NotifyConfiguration"]
    return {"AccountTakeoverRiskConfiguration": {**TAKEOVER, "NotifyConfiguration": {**mails, **member}}}


def put(of: PoolOfTests | ClientOfTests, **settings: Any) -> dict[str, Any]:
    """Call SetRiskConfiguration; return what it answers, without the time."""
    return bare(of.world.signed.set_risk_configuration(**ids(of), **settings))


def described(of: PoolOfTests | ClientOfTests) -> dict[str, Any]:
    return bare(of.world.signed.describe_risk_configuration(**ids(of)))


def ids(of: PoolOfTests | ClientOfTests) -> dict[str, str]:
    if isinstance(of, ClientOfTests):
        return {"UserPoolId": of.pool.pool_id, "ClientId": of.client_id}
    return {"UserPoolId": of.pool_id}


def bare(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer["RiskConfiguration"].items() if name != "LastModifiedDate"}


@pytest.mark.parametrize("settings", [{}, {"UserPoolAddOns": {"AdvancedSecurityMode": "OFF"}}], ids=["unnamed", "off"])
def test_a_pool_without_the_add_on_keeps_it_without_effect(world: World, settings: dict[str, Any]) -> None:
    """Terraform sets it in pools that name nothing but their name (infrastructure.md 4); a blocked network signs in there."""
    pool = world.pool(**settings)
    client = pool.client()
    pool.user("ada")
    for of in (pool, client):
        assert put(of, **ALL) == described(of) == {**ids(of), **ALL}
        put(of, RiskExceptionConfiguration={"BlockedIPRangeList": ["127.0.0.0/8"]})
    assert client.tokens("ada")["AccessToken"]


def test_what_is_set_is_answered_and_replaced_as_a_whole(world: World) -> None:
    """Set and Describe answer alike, with the time; the next call leaves nothing of the one before, and one of ids all away."""
    pool = world.pool(**WATCHED)
    assert described(pool) == ids(pool)
    assert put(pool, **ALL) == described(pool) == {**ids(pool), **ALL}
    told = world.signed.describe_risk_configuration(**ids(pool))["RiskConfiguration"]
    assert told["LastModifiedDate"].timestamp() == world.clock.now() / 1000
    assert put(pool, RiskExceptionConfiguration=EXCEPTIONS) == {**ids(pool), "RiskExceptionConfiguration": EXCEPTIONS}
    assert put(pool) == described(pool) == ids(pool)


def test_all_events_are_looked_at_unless_some_are_named(world: World) -> None:
    """EventFilter is filled in (AWS: CompromisedCredentialsRiskConfigurationType)."""
    pool = world.pool(**WATCHED)
    told = put(pool, CompromisedCredentialsRiskConfiguration={"Actions": {"EventAction": "BLOCK"}})
    events = told["CompromisedCredentialsRiskConfiguration"]["EventFilter"]
    assert sorted(events) == ["PASSWORD_CHANGE", "SIGN_IN", "SIGN_UP"]


def test_a_client_has_its_own_beside_the_pool(world: World) -> None:
    """Neither touches the other, and each is taken back by itself."""
    pool = world.pool(**WATCHED)
    client = pool.client()
    put(pool, **ALL)
    assert put(client, RiskExceptionConfiguration=EXCEPTIONS) == described(client)
    assert described(pool) == {**ids(pool), **ALL}
    assert put(client) == described(client) == ids(client)
    assert described(pool) == {**ids(pool), **ALL}


def test_updates_of_pool_and_client_keep_it(world: World) -> None:
    """No description of either has it, and what is sent back from one takes nothing away."""
    pool = world.pool(**WATCHED)
    client = pool.client()
    before = world.signed.describe_user_pool(UserPoolId=pool.pool_id)["UserPool"]
    put(pool, **ALL)
    put(client, RiskExceptionConfiguration=EXCEPTIONS)
    after = world.signed.describe_user_pool(UserPoolId=pool.pool_id)["UserPool"]
    assert settled(after) == settled(before)
    world.signed.update_user_pool(UserPoolId=pool.pool_id, **sent_back(after, "UpdateUserPoolRequest"))
    world.signed.update_user_pool_client(UserPoolId=pool.pool_id, ClientId=client.client_id)
    assert described(pool) == {**ids(pool), **ALL}
    assert described(client) == {**ids(client), "RiskExceptionConfiguration": EXCEPTIONS}


@pytest.mark.parametrize(
    "settings",
    [
        {"RiskExceptionConfiguration": {"BlockedIPRangeList": ["anywhere"]}},
        {"RiskExceptionConfiguration": {"SkippedIPRangeList": ["192.0.2.0/33"]}},
        {"RiskExceptionConfiguration": {"BlockedIPRangeList": ["192.0.2.0/24"] * 201}},
        {"AccountTakeoverRiskConfiguration": {"Actions": {"LowAction": {"Notify": False, "EventAction": "SING"}}}},
        writing(From="a@b.example\r\nBcc: d@e.example"),
        writing(From="nobody"),
        writing(ReplyTo="a@b.example\nX: y"),
    ],
)
def test_what_is_none_is_refused(world: World, settings: dict[str, Any]) -> None:
    """Ranges and senders that are none, more ranges than AWS takes, actions that it does not have; nothing is set then."""
    pool = world.pool(**WATCHED)
    assert refused(lambda: put(pool, **settings))[0] == "InvalidParameterException"
    assert described(pool) == ids(pool)


def test_a_client_of_another_pool_is_none(world: World) -> None:
    """ResourceNotFoundException, for setting and for reading."""
    pool, other = world.pool(**WATCHED), world.pool(**WATCHED).client()
    about = {"UserPoolId": pool.pool_id, "ClientId": other.client_id}
    for work in (world.signed.set_risk_configuration, world.signed.describe_risk_configuration):
        assert refused(partial(work, **about))[0] == "ResourceNotFoundException"
