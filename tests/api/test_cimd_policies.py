"""Whether policies are made, listed, changed and taken away as the model has it, and documents fetched anew and forgotten."""

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from api.world import KEY_ID, KEY_SECRET, ClientOfTests, World
from oauth.documents import NOWHERE, Host, code_of, document, host, policy, url_of, walk
from oauth.hosted import NAME, code_client
from poolkeeper.clock import DAY, SECOND

__all__ = ["host"]
UNKNOWN = "0" * 26


@pytest.fixture
def client(world: World) -> ClientOfTests:
    """Make an app client that signs people in, and `ada`."""
    pool = world.pool()
    pool.user(NAME, email="ada@example.com", email_verified="true")
    return code_client(pool)


def described(client: ClientOfTests, policy_id: str) -> dict[str, Any]:
    """Return a policy."""
    found: dict[str, Any] = client.world.signed.describe_cimd_policy(
        UserPoolId=client.pool.pool_id, CIMDPolicyId=policy_id
    )["CIMDPolicy"]
    return found


def cached(client: ClientOfTests, policy_id: str) -> list[dict[str, Any]]:
    """Return the addresses whose documents are kept."""
    answer = client.world.signed.list_client_metadata_urls(UserPoolId=client.pool.pool_id, CIMDPolicyId=policy_id)
    listed: list[dict[str, Any]] = answer["ClientMetadataURLs"]
    return listed


def state(client: ClientOfTests, policy_id: str, url: str, action: str) -> None:
    """REFRESH or INVALIDATE a document."""
    client.world.signed.update_client_metadata_url_state(
        UserPoolId=client.pool.pool_id, CIMDPolicyId=policy_id, URL=url, Action=action
    )


def refused(client: ClientOfTests, operation: str, **given: Any) -> tuple[str, str]:
    """Return name and sentence of a refusal."""
    unchecked = boto3.client(
        "cognito-idp",
        region_name="us-east-1",
        endpoint_url=client.world.url,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=KEY_SECRET,
        config=Config(parameter_validation=False),
    )
    with pytest.raises(ClientError) as caught:
        getattr(unchecked, operation)(**{"UserPoolId": client.pool.pool_id, **given})
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_policy_is_made_described_changed_and_deleted(world: World, client: ClientOfTests) -> None:
    """Every member comes back; an update keeps name and cache duration where it leaves them out."""
    policy_id = policy(client)
    made = described(client, policy_id)
    assert policy_id.isalnum()
    assert policy_id == policy_id.lower()
    at = made.pop("CreationDate")
    assert made.pop("LastModifiedDate") == at
    known = {"UserPoolId": client.pool.pool_id, "CIMDPolicyId": policy_id, "ClientId": client.client_id}
    patterns = [url_of(client, "/*")]
    assert made == {**known, "PolicyName": "tools", "CacheDuration": 86_400, "URLPatterns": patterns}

    other, world_of = code_client(client.pool), world.signed
    world.clock.advance(SECOND)
    changed = world_of.update_cimd_policy(
        **{**known, "ClientId": other.client_id}, URLPatterns=["https://*.example.com/x"], CacheDuration=90_000
    )["CIMDPolicy"]
    assert changed == described(client, policy_id)
    assert (changed["ClientId"], changed["PolicyName"], changed["CacheDuration"]) == (other.client_id, "tools", 90_000)
    assert changed["URLPatterns"] == ["https://*.example.com/x"]
    assert changed["LastModifiedDate"] > changed["CreationDate"]
    again = world_of.update_cimd_policy(**known, URLPatterns=["https://*.example.com/x"], PolicyName="new")[
        "CIMDPolicy"
    ]
    assert (again["PolicyName"], again["CacheDuration"]) == ("new", 90_000)

    answer = world_of.delete_cimd_policy(UserPoolId=client.pool.pool_id, CIMDPolicyId=policy_id)
    assert set(answer) == {"ResponseMetadata"}
    gone = ("ResourceNotFoundException", f"CIMD policy {policy_id} does not exist.")
    for operation in ("describe_cimd_policy", "delete_cimd_policy", "list_client_metadata_urls"):
        assert refused(client, operation, CIMDPolicyId=policy_id) == gone
    assert refused(client, "update_cimd_policy", **{**known, "URLPatterns": patterns}) == gone


def test_what_the_model_does_not_have_is_refused(client: ClientOfTests) -> None:
    """Durations, patterns and names out of bounds; a client that is not there."""
    good = {"ClientId": client.client_id, "PolicyName": "x", "URLPatterns": ["https://a.io/*"]}
    wrong: list[dict[str, Any]] = [
        {"CacheDuration": 86_399},
        {"CacheDuration": 31_556_953},
        {"URLPatterns": []},
        {"URLPatterns": ["https://a.io/*"] * 6},
        {"URLPatterns": ["https://a/b"]},
        {"URLPatterns": ["http://a.example.com/*"]},
        {"URLPatterns": ["https://a.example.com/?x"]},
        {"URLPatterns": ["https://a.example.com/#x"]},
        {"URLPatterns": ["https://a.example.com/" + "x" * 256]},
        {"PolicyName": "x" * 33},
    ]
    for bad in wrong:
        assert refused(client, "create_cimd_policy", **{**good, **bad})[0] == "InvalidParameterException", bad
    unknown = refused(client, "create_cimd_policy", **{**good, "ClientId": UNKNOWN})
    assert unknown == ("ResourceNotFoundException", f"User pool client {UNKNOWN} does not exist.")
    other = code_client(client.world.pool())
    assert refused(client, "create_cimd_policy", **{**good, "ClientId": other.client_id})[0] == unknown[0]
    assert refused(client, "list_cimd_policies", MaxResults=61)[0] == "InvalidParameterException"


def test_policies_are_listed_by_pages_until_there_are_fifty(client: ClientOfTests) -> None:
    """A page begins behind the one before; the next policy than the last allowed one is refused."""
    made = sorted(policy(client) for _ in range(50))
    signed, pool_id = client.world.signed, client.pool.pool_id
    first = signed.list_cimd_policies(UserPoolId=pool_id, MaxResults=30)
    second = signed.list_cimd_policies(UserPoolId=pool_id, MaxResults=30, NextToken=first["NextToken"])
    assert "NextToken" not in second
    listed = first["CIMDPolicies"] + second["CIMDPolicies"]
    assert [one["CIMDPolicyId"] for one in listed] == made
    members = {"CIMDPolicyId", "ClientId", "PolicyName", "CacheDuration", "CreationDate", "LastModifiedDate"}
    assert {*listed[0]} == members
    given = {"ClientId": client.client_id, "PolicyName": "x", "URLPatterns": ["https://a.io/*"]}
    assert refused(client, "create_cimd_policy", **given)[0] == "LimitExceededException"
    foreign = refused(client, "list_cimd_policies", NextToken="nonsense")
    assert foreign[0] == "InvalidParameterException"


def test_a_policy_outlives_its_app_client(world: World, client: ClientOfTests) -> None:
    """It is told without one, in the list too, and lets nobody in."""
    policy_id = policy(client)
    world.signed.delete_user_pool_client(UserPoolId=client.pool.pool_id, ClientId=client.client_id)
    assert "ClientId" not in described(client, policy_id)
    (listed,) = world.signed.list_cimd_policies(UserPoolId=client.pool.pool_id)["CIMDPolicies"]
    assert "ClientId" not in listed


def test_a_document_is_refreshed_and_forgotten(world: World, client: ClientOfTests, host: Host) -> None:
    """REFRESH fetches at once, INVALIDATE lets the next sign-in fetch; what is not cached is neither."""
    policy_id, url = policy(client, CacheDuration=2 * 86_400), url_of(client)
    absent = (
        "CachedCIMDURLDoesNotExistException",
        "The client metadata document URL is not cached for this CIMD policy.",
    )
    given = {"CIMDPolicyId": policy_id, "URL": url}
    for action in ("REFRESH", "INVALIDATE"):
        assert refused(client, "update_client_metadata_url_state", **given, Action=action) == absent
    assert host.asked == []

    host.put(url)
    assert walk(client, url).authorize().status == 303
    (kept,) = cached(client, policy_id)
    assert kept["URL"] == url
    assert (kept["ExpirationDate"] - kept["CachedDate"]).days == 2
    host.put(url, headers={"cache-control": "max-age=604800"})
    world.clock.advance(SECOND)
    state(client, policy_id, url, "REFRESH")
    (anew,) = cached(client, policy_id)
    assert anew["CachedDate"] > kept["CachedDate"]
    assert (anew["ExpirationDate"] - anew["CachedDate"]).days == 7

    host.answers[url] = NOWHERE
    failed = refused(client, "update_client_metadata_url_state", **given, Action="REFRESH")
    assert failed[0] == "InvalidParameterException"
    assert cached(client, policy_id) == [anew]

    state(client, policy_id, url, "INVALIDATE")
    assert cached(client, policy_id) == []
    host.put(url)
    world.clock.advance(61 * SECOND)
    asked = len(host.asked)
    assert code_of(walk(client, url))
    assert host.asked[asked:] == [url]
    other = policy(client, "https://other.example.com/*")
    assert refused(client, "update_client_metadata_url_state", CIMDPolicyId=other, URL=url, Action="REFRESH") == absent


def test_addresses_are_listed_by_pages(client: ClientOfTests, host: Host) -> None:
    """In the order of the addresses."""
    policy_id, signed = policy(client), client.world.signed
    urls = [url_of(client, f"/{n}") for n in range(5)]
    for url in reversed(urls):
        host.put(url)
        assert walk(client, url).authorize().status == 303
    given = {"UserPoolId": client.pool.pool_id, "CIMDPolicyId": policy_id, "MaxResults": 3}
    first = signed.list_client_metadata_urls(**given)
    second = signed.list_client_metadata_urls(**given, NextToken=first["NextToken"])
    assert [one["URL"] for one in first["ClientMetadataURLs"] + second["ClientMetadataURLs"]] == urls
    assert "NextToken" not in second


def test_documents_that_expire_are_fetched_anew(world: World, client: ClientOfTests, host: Host) -> None:
    """And one that changed meanwhile counts."""
    url = url_of(client)
    policy(client)
    host.put(url)
    assert walk(client, url).authorize().status == 303
    host.put(url, document(url, redirect_uris=["https://elsewhere.example/cb"]))
    assert "/login" in walk(client, url).authorize().location
    world.clock.advance(DAY + SECOND)
    assert "redirect_mismatch" in walk(client, url).authorize().location
    assert len(host.asked) == 2
