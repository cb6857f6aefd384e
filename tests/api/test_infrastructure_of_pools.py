"""What Terraform's AWS provider sends for what hangs at a pool: risk, logs, replicas, a client that is another's, data sources.

Source of the sequences: hashicorp/terraform-provider-aws, internal/service/cognitoidp (infrastructure.md 4).
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from api.principals import pool_arn
from api.world import REGION, PoolOfTests, World, refused
from poolkeeper.log_delivery_settings import LogDestination, LogTransport

ELSEWHERE = "eu-central-1"
LOGS = f"arn:aws:logs:{REGION}:000000000000:log-group:pool"
STREAM = f"arn:aws:firehose:{REGION}:000000000000:deliverystream/pool"
NOTIFIED = {
    "EventSource": "userNotification",
    "LogLevel": "ERROR",
    "CloudWatchLogsConfiguration": {"LogGroupArn": LOGS},
}
WATCHED = {"EventSource": "userAuthEvents", "LogLevel": "INFO", "FirehoseConfiguration": {"StreamArn": STREAM}}
BLOCKED = {"RiskExceptionConfiguration": {"BlockedIPRangeList": ["10.10.10.10/32"]}}
# What each of the acceptance tests has configured, one by one (TestAccCognitoIDPRiskConfiguration_...).
RISKS: dict[str, dict[str, Any]] = {
    "exception": BLOCKED,
    "compromised": {
        "CompromisedCredentialsRiskConfiguration": {"EventFilter": ["SIGN_IN"], "Actions": {"EventAction": "BLOCK"}}
    },
    "takeover_without_notification": {
        "AccountTakeoverRiskConfiguration": {
            "Actions": {
                "MediumAction": {"EventAction": "MFA_REQUIRED", "Notify": False},
                "HighAction": {"EventAction": "BLOCK", "Notify": False},
            }
        }
    },
}
# What the provider takes from the answers to DescribeUserPoolClient and UpdateUserPoolClient, and sends back as it is.
CLIENT_MEMBERS = (
    "AccessTokenValidity",
    "AllowedOAuthFlows",
    "AllowedOAuthFlowsUserPoolClient",
    "AllowedOAuthScopes",
    "AnalyticsConfiguration",
    "AuthSessionValidity",
    "CallbackURLs",
    "ClientId",
    "ClientName",
    "DefaultRedirectURI",
    "EnablePropagateAdditionalUserContextData",
    "EnableTokenRevocation",
    "ExplicitAuthFlows",
    "IdTokenValidity",
    "LogoutURLs",
    "PreventUserExistenceErrors",
    "ReadAttributes",
    "RefreshTokenValidity",
    "SupportedIdentityProviders",
    "TokenValidityUnits",
    "UserPoolId",
    "WriteAttributes",
)


@pytest.fixture
def pool(world: World) -> PoolOfTests:
    """Make a pool that names nothing but its name, as the provider's acceptance tests do."""
    return world.pool()


@pytest.mark.parametrize("of_client", [False, True], ids=["of the pool", "of a client"])
@pytest.mark.parametrize("configured", RISKS.values(), ids=RISKS)
def test_the_life_of_a_risk_configuration(pool: PoolOfTests, configured: dict[str, Any], *, of_client: bool) -> None:
    """Put, read, an empty plan, another put in its place, import by the ids alone, a put of nothing; gone with the pool."""
    signed = pool.world.signed
    ids = {"UserPoolId": pool.pool_id, **({"ClientId": pool.client().client_id} if of_client else {})}

    def read() -> dict[str, Any]:
        found: dict[str, Any] = signed.describe_risk_configuration(**ids)["RiskConfiguration"]
        return {name: value for name, value in found.items() if name.endswith("RiskConfiguration") or name in BLOCKED}

    signed.set_risk_configuration(**ids, **configured)
    assert read() == read() == configured
    changed = {
        "RiskExceptionConfiguration": {
            "BlockedIPRangeList": ["10.10.10.10/32", "10.10.10.11/32"],
            "SkippedIPRangeList": ["10.10.10.12/32"],
        }
    }
    signed.set_risk_configuration(**ids, **changed)
    assert read() == changed
    signed.set_risk_configuration(**ids)
    assert read() == {}
    signed.delete_user_pool(UserPoolId=pool.pool_id)
    assert refused(lambda: signed.set_risk_configuration(**ids))[0] == "ResourceNotFoundException"
    assert refused(read)[0] == "ResourceNotFoundException"


@pytest.fixture
def destinations(world: World) -> Iterator[None]:
    """Let what the configurations name mean something here, as the operator does."""
    settings, transport = world.house.settings, LogTransport()
    known = tuple(LogDestination(arn=arn, transport=transport, pools=None) for arn in (LOGS, STREAM))
    object.__setattr__(settings, "log_delivery", known)
    yield
    object.__setattr__(settings, "log_delivery", ())


@pytest.mark.usefixtures("destinations")
def test_the_life_of_a_log_delivery(pool: PoolOfTests) -> None:
    """State is the answer of the put itself: a list, in its order. Put, read, an empty plan, a shorter one, none; gone with the pool."""
    signed, ids = pool.world.signed, {"UserPoolId": pool.pool_id}

    def put(*configured: dict[str, Any]) -> dict[str, Any]:
        answer = signed.set_log_delivery_configuration(**ids, LogConfigurations=list(configured))
        return dict(answer["LogDeliveryConfiguration"])

    def read() -> dict[str, Any]:
        return dict(signed.get_log_delivery_configuration(**ids)["LogDeliveryConfiguration"])

    for configured in ((NOTIFIED,), (WATCHED, NOTIFIED), (NOTIFIED, WATCHED)):
        assert put(*configured) == read() == read() == {**ids, "LogConfigurations": list(configured)}
    assert put(NOTIFIED) == read() == {**ids, "LogConfigurations": [NOTIFIED]}
    put()
    assert not read().get("LogConfigurations")
    signed.delete_user_pool(**ids)
    assert refused(put)[0] == refused(read)[0] == "ResourceNotFoundException"


def test_the_life_of_a_replica(pool: PoolOfTests) -> None:
    """Create with tags, poll until it is there, activate, poll; read by role and region; tags by its ARN; not active, then gone."""
    signed = pool.world.signed
    about = {"UserPoolId": pool.pool_id, "RegionName": ELSEWHERE}

    def read() -> dict[str, Any] | None:
        listed = signed.list_user_pool_replicas(UserPoolId=pool.pool_id)
        assert "NextToken" not in listed
        found = [
            one for one in listed["UserPoolReplicas"] if (one["Role"], one["RegionName"]) == ("SECONDARY", ELSEWHERE)
        ]
        return dict(found[0]) if found else None

    def status() -> str:
        found = read()
        return "" if found is None else str(found["Status"])

    signed.create_user_pool_replica(**about, UserPoolTags={"key1": "value1"})
    assert status() == "INACTIVE"
    signed.update_user_pool_replica(**about, Status="ACTIVE")
    assert status() == "ACTIVE"
    first = read()
    assert first is not None
    assert first == read()
    assert first["UserPoolArn"] == pool_arn(pool.pool_id).replace(REGION, ELSEWHERE, 1)
    tagged = {"ResourceArn": first["UserPoolArn"]}
    signed.tag_resource(**tagged, Tags={"key1": "value1updated", "key2": "value2"})
    signed.untag_resource(**tagged, TagKeys=["key2"])
    assert signed.list_tags_for_resource(**tagged)["Tags"] == {"key1": "value1updated"}
    signed.update_user_pool_replica(**about, Status="INACTIVE")
    assert status() == "INACTIVE"
    signed.delete_user_pool_replica(**about)
    assert read() is None
    assert refused(lambda: signed.delete_user_pool_replica(**about))[0] == "ResourceNotFoundException"


def test_the_life_of_a_client_that_another_service_made(pool: PoolOfTests) -> None:
    """Found by the beginning of its name on any page, described, updated with all that was read; the state is left at the end."""
    signed = pool.world.signed
    for name in ("other", "AmazonOpenSearchService-search-us-east-1-abc", "third"):
        made = signed.create_user_pool_client(UserPoolId=pool.pool_id, ClientName=name, GenerateSecret=True)
        assert made["UserPoolClient"]["ClientName"] == name
    pages = signed.get_paginator("list_user_pool_clients").paginate(
        UserPoolId=pool.pool_id, PaginationConfig={"PageSize": 1}
    )
    listed = [one for page in pages for one in page["UserPoolClients"]]
    (found,) = [one for one in listed if one["ClientName"].startswith("AmazonOpenSearchService-")]
    ids = {"UserPoolId": pool.pool_id, "ClientId": found["ClientId"]}

    def read() -> dict[str, Any]:
        described: dict[str, Any] = signed.describe_user_pool_client(**ids)["UserPoolClient"]
        return described

    before = read()
    planned = {"CallbackURLs": ["https://search.example/_dashboards"], "SupportedIdentityProviders": ["COGNITO"]}
    planned |= {"AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid"]}
    sent = {name: before[name] for name in CLIENT_MEMBERS if name in before} | planned
    answer = signed.update_user_pool_client(**{**sent, "AllowedOAuthFlowsUserPoolClient": True})["UserPoolClient"]
    changed = {**planned, "AllowedOAuthFlowsUserPoolClient": True, "LastModifiedDate": answer["LastModifiedDate"]}
    assert answer == read() == read() == {**before, **changed}
    assert answer["ClientSecret"] == before["ClientSecret"]


def test_the_life_of_a_group_whose_members_are_taken_away(pool: PoolOfTests) -> None:
    """UpdateGroup has only what changed: what it leaves out stays, an empty description and a precedence of 0 are set; a name with slashes."""
    signed, named = pool.world.signed, {"UserPoolId": pool.pool_id, "GroupName": "tf/a/b/c/test"}
    role = "arn:aws:iam::000000000000:role/swimmers"

    def read() -> dict[str, Any]:
        found: dict[str, Any] = signed.get_group(**named)["Group"]
        return {name: found.get(name) for name in ("Description", "Precedence", "RoleArn")}

    signed.create_group(**named)
    assert read() == read() == {"Description": None, "Precedence": None, "RoleArn": None}
    signed.update_group(**named, Description="all wet", Precedence=42, RoleArn=role)
    signed.update_group(**named, Description="")
    assert read() == {"Description": "", "Precedence": 42, "RoleArn": role}
    signed.update_group(**named, Precedence=0)
    assert read() == {"Description": "", "Precedence": 0, "RoleArn": role}
    signed.delete_group(**named)
    assert refused(lambda: signed.delete_group(**named))[0] == "ResourceNotFoundException"


def test_what_data_sources_read(pool: PoolOfTests) -> None:
    """All pages of pools, clients and groups; a pool, a client, a certificate; a user by name, and by an address that one has."""
    signed, world = pool.world.signed, pool.world
    client, ids = pool.client(), {"UserPoolId": pool.pool_id}
    for name in ("runners", "swimmers"):
        signed.create_group(**ids, GroupName=name)
    quoted = 'u"w\\e@pool.example'
    for name, email in (("ada", "ada@pool.example"), ("eve", "twice@pool.example"), ("kim", "twice@pool.example")):
        pool.user(name, email=email)

    def by_email(email: str) -> list[str]:
        escaped = email.replace("\\", "\\\\").replace('"', '\\"')
        pages = signed.get_paginator("list_users").paginate(**ids, Filter=f'email = "{escaped}"', Limit=2)
        return [one["Username"] for page in pages for one in page["Users"]]

    assert (by_email("ada@pool.example"), by_email("nobody@pool.example"), by_email(quoted)) == (["ada"], [], [])
    assert sorted(by_email("twice@pool.example")) == ["eve", "kim"]
    user = signed.admin_get_user(**ids, Username="ada")
    assert {"UserAttributes", "UserCreateDate", "UserLastModifiedDate", "Enabled", "UserStatus"} <= user.keys()

    groups = [one for page in signed.get_paginator("list_groups").paginate(**ids) for one in page["Groups"]]
    assert sorted(one["GroupName"] for one in groups) == ["runners", "swimmers"]
    pools = signed.get_paginator("list_user_pools").paginate(MaxResults=60)
    assert pool.pool_id in [one["Id"] for page in pools for one in page["UserPools"]]
    clients = signed.get_paginator("list_user_pool_clients").paginate(**ids, MaxResults=60)
    assert [one["ClientId"] for page in clients for one in page["UserPoolClients"]] == [client.client_id]
    told = signed.describe_user_pool(**ids)["UserPool"]
    assert {"Arn", "CreationDate", "LastModifiedDate", "EstimatedNumberOfUsers", "SchemaAttributes"} <= told.keys()
    assert signed.get_signing_certificate(**ids)["Certificate"]
    missing = partial(world.signed.get_signing_certificate, UserPoolId=f"{REGION}_nothing")
    assert refused(missing)[0] == "ResourceNotFoundException"
