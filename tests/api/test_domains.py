"""Domains: given, shown, changed, taken back; and the names that AWS refuses."""

from typing import Any

import pytest

from api.world import PoolOfTests, World, refused

CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/4c6f7665-6c61-4365-8000-000000000000"


@pytest.fixture
def pool(world: World) -> PoolOfTests:
    """Make a pool."""
    return world.pool()


def give(pool: PoolOfTests, name: str, **more: Any) -> dict[str, Any]:
    """Give a pool a domain."""
    given: dict[str, Any] = pool.world.signed.create_user_pool_domain(UserPoolId=pool.pool_id, Domain=name, **more)
    return given


def prefix_of(pool: PoolOfTests) -> str:
    """Return a prefix that no other test uses."""
    return f"juniper-{pool.pool_id[-9:].lower()}"


def host_of(pool: PoolOfTests) -> str:
    """Return a host name that no other test uses."""
    return f"login.{prefix_of(pool)}.example"


def give_host(pool: PoolOfTests, name: str = "") -> dict[str, Any]:
    """Give a pool a domain of the customer's own."""
    return give(pool, name or host_of(pool), CustomDomainConfig={"CertificateArn": CERTIFICATE})


def described(world: World, name: str) -> dict[str, Any]:
    """Return what is set of a domain."""
    found: dict[str, Any] = world.signed.describe_user_pool_domain(Domain=name)["DomainDescription"]
    return found


def names(pool: PoolOfTests) -> tuple[str | None, str | None]:
    """Return the domains that DescribeUserPool tells."""
    found = pool.world.signed.describe_user_pool(UserPoolId=pool.pool_id)["UserPool"]
    return found.get("Domain"), found.get("CustomDomain")


def test_a_prefix_and_a_host_name_come_back(world: World, pool: PoolOfTests) -> None:
    """A pool has one of each; Describe and DescribeUserPool tell them, an update of the pool leaves them alone."""
    assert give(pool, prefix_of(pool), ManagedLoginVersion=2)["ManagedLoginVersion"] == 2
    assert give_host(pool)["CloudFrontDomain"] == "auth.localhost"
    assert names(pool) == (prefix_of(pool), host_of(pool))
    world.signed.update_user_pool(UserPoolId=pool.pool_id, AutoVerifiedAttributes=["email"])
    assert names(pool) == (prefix_of(pool), host_of(pool))

    prefix, host = described(world, prefix_of(pool)), described(world, host_of(pool))
    assert (prefix["UserPoolId"], prefix["Status"], prefix["ManagedLoginVersion"]) == (pool.pool_id, "ACTIVE", 2)
    assert "CustomDomainConfig" not in prefix
    assert host["CustomDomainConfig"]["CertificateArn"] == CERTIFICATE
    assert host["ManagedLoginVersion"] == 1


def test_a_domain_that_leads_nowhere_is_described_by_nothing(world: World) -> None:
    """AWS answers an empty description, not an error: Terraform waits for it after a deletion."""
    assert described(world, "nobodys") == {}


def test_a_name_leads_to_one_pool(world: World, pool: PoolOfTests) -> None:
    """Neither a second prefix for one pool, nor one prefix for two; what was refused leaves no trace."""
    give(pool, prefix_of(pool))
    assert refused(lambda: give(pool, f"{prefix_of(pool)}-two"))[1] == "User pool already has a domain configured."
    assert described(world, f"{prefix_of(pool)}-two") == {}
    taken = "Domain already associated with another user pool."
    assert refused(lambda: give(world.pool(), prefix_of(pool)))[1] == taken


@pytest.mark.parametrize("name", ["Juniper", "juniper_1", "-juniper", "juniper-", "ju niper", "juniper.one", "jünip"])
def test_a_prefix_is_letters_digits_and_hyphens(pool: PoolOfTests, name: str) -> None:
    """Anything else is refused, and leaves the pool without a domain."""
    assert refused(lambda: give(pool, name))[0] == "InvalidParameterException"
    assert names(pool) == (None, None)


@pytest.mark.parametrize("name", ["aws", "my-cognito-pool", "amazon-fans"])
def test_words_of_amazons_are_refused(pool: PoolOfTests, name: str) -> None:
    """A reserved word is none where it stands alone between hyphens."""
    assert refused(lambda: give(pool, name))[0] == "InvalidParameterException"


def test_a_word_of_amazons_within_another_is_none(pool: PoolOfTests) -> None:
    """AWS was measured to refuse whole words alone."""
    name = f"awsome-{prefix_of(pool)}"
    give(pool, name)
    assert names(pool)[0] == name


@pytest.mark.parametrize("name", ["example", "juniper.example", "login..example", "login.juniper.example.", "10.0.0.1"])
def test_a_host_name_is_a_subdomain(pool: PoolOfTests, name: str) -> None:
    """A bare name, a name right below a top level, an empty label and an address are none."""
    assert refused(lambda: give_host(pool, name))[0] == "InvalidParameterException"


def test_a_host_name_wants_a_certificate_by_its_name(pool: PoolOfTests) -> None:
    """Its ARN is looked at for its form alone."""
    bad = {"CertificateArn": "arn:aws:iam::000000000000:role/no-certificate"}
    fault = refused(lambda: give(pool, host_of(pool), CustomDomainConfig=bad))
    assert fault[1].startswith("The specified SSL certificate doesn't exist")


@pytest.mark.parametrize("version", [0, -1, 3, 30, 2**31 - 1])
def test_there_are_two_versions_of_the_pages(world: World, pool: PoolOfTests, version: int) -> None:
    """Neither a new domain nor an update takes a third, and what is kept of the domain stays."""
    sentence = "ManagedLoginVersion must be 1 or 2."
    assert refused(lambda: give(pool, prefix_of(pool), ManagedLoginVersion=version)) == (
        "InvalidParameterException",
        sentence,
    )
    give(pool, prefix_of(pool), ManagedLoginVersion=2)
    change = {"UserPoolId": pool.pool_id, "Domain": prefix_of(pool), "ManagedLoginVersion": version}
    assert refused(lambda: world.signed.update_user_pool_domain(**change)) == ("InvalidParameterException", sentence)
    assert described(world, prefix_of(pool))["ManagedLoginVersion"] == 2


def test_an_update_changes_what_it_names(world: World, pool: PoolOfTests) -> None:
    """The pages and the certificate; what is left out stays, and no domain of another pool is reached."""
    give_host(pool)
    place = {"UserPoolId": pool.pool_id, "Domain": host_of(pool)}
    certificate = {"CertificateArn": CERTIFICATE}
    world.signed.update_user_pool_domain(**place, ManagedLoginVersion=2, CustomDomainConfig=certificate)
    world.signed.update_user_pool_domain(**place, CustomDomainConfig=certificate)
    found = described(world, host_of(pool))
    assert (found["ManagedLoginVersion"], found["CustomDomainConfig"]["CertificateArn"]) == (2, CERTIFICATE)
    give(pool, prefix_of(pool))
    world.signed.update_user_pool_domain(UserPoolId=pool.pool_id, Domain=prefix_of(pool), ManagedLoginVersion=2)
    assert described(world, prefix_of(pool))["ManagedLoginVersion"] == 2
    foreign = {**place, "UserPoolId": world.pool().pool_id}
    assert refused(lambda: world.signed.update_user_pool_domain(**foreign))[0] == "ResourceNotFoundException"


def test_an_update_of_a_custom_domain_names_its_certificate(world: World, pool: PoolOfTests) -> None:
    """Without CustomDomainConfig it would be a prefix domain, which AWS refuses; nothing has changed (measured.md 9)."""
    give_host(pool)
    place = {"UserPoolId": pool.pool_id, "Domain": host_of(pool)}
    before = described(world, host_of(pool))
    assert refused(lambda: world.signed.update_user_pool_domain(**place, ManagedLoginVersion=2)) == (
        "InvalidParameterException",
        "Cannot convert custom domain to prefix domain.",
    )
    assert described(world, host_of(pool)) == before


def test_a_domain_goes_and_can_be_given_again(world: World, pool: PoolOfTests) -> None:
    """Deleted by its own pool alone; then the name is free, and the pool can be deleted."""
    give(pool, prefix_of(pool))
    place = {"UserPoolId": pool.pool_id, "Domain": prefix_of(pool)}
    foreign = {**place, "UserPoolId": world.pool().pool_id}
    assert refused(lambda: world.signed.delete_user_pool_domain(**foreign))[0] == "ResourceNotFoundException"
    held = refused(lambda: world.signed.delete_user_pool(UserPoolId=pool.pool_id))
    assert held[1] == "User pool cannot be deleted. It has a domain configured that should be deleted first."

    world.signed.delete_user_pool_domain(**place)
    assert names(pool) == (None, None)
    assert described(world, prefix_of(pool)) == {}
    give(world.pool(), prefix_of(pool))
    world.signed.delete_user_pool(UserPoolId=pool.pool_id)
