"""What a tier does not have is refused where the operator says so, and nowhere else."""

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import botocore.auth
import pytest

from api.round_trip import FUNCTION
from api.world import World, refused, round_to_second, running, settings_for

UNAVAILABLE = "FeatureUnavailableInTierException"
SENTENCE = "The following features need to be disabled for the {tier} pricing tier configured: {features}"
PASSWORDLESS = {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}}
WATCHED = {"UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}}


def tokens_by(version: str) -> dict[str, Any]:
    config = {"LambdaVersion": version, "LambdaArn": f"{FUNCTION}tokens"}
    return {"LambdaConfig": {"PreTokenGenerationConfig": config}}


BEYOND: dict[str, tuple[str, dict[str, Any], str]] = {
    "codes": ("LITE", PASSWORDLESS, "Passwordless Sign-In"),
    "V2_0": ("LITE", tokens_by("V2_0"), "Token Customization with Pre-Token Generation Lambda V2_0"),
    "V3_0": ("LITE", tokens_by("V3_0"), "Token Customization with Pre-Token Generation Lambda V3_0"),
    "watched": ("LITE", WATCHED, "Threat Protection"),
    "watched, essentials": ("ESSENTIALS", WATCHED, "Threat Protection"),
    "two": ("LITE", {**PASSWORDLESS, **WATCHED}, "Passwordless Sign-In, Threat Protection"),
    "history": ("LITE", {"Policies": {"PasswordPolicy": {"PasswordHistorySize": 3}}}, "Password History"),
    "levels": ("LITE", {"AcrConfiguration": {"Level1": {"AcrValue": "urn:ours:1"}}}, "Custom ACR Values"),
    "registration": ("LITE", {"DcrConfiguration": {}}, "Dynamic Client Registration"),
}


@pytest.fixture(scope="module")
def server_of_tiers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run a server that holds pools to their tiers."""
    settings = settings_for(tmp_path_factory.mktemp("tiers"), strict_tiers=True)
    with running(settings, engine="sqlite", started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        yield world


@pytest.fixture
def strict(server_of_tiers: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(botocore.auth, "get_current_datetime", server_of_tiers.clock.datetime)
    return server_of_tiers


@pytest.mark.parametrize(("tier", "settings", "features"), BEYOND.values(), ids=BEYOND)
def test_a_pool_has_what_its_tier_has(strict: World, tier: str, settings: dict[str, Any], features: str) -> None:
    """Refused at creation, by an update of the setting and by one of the tier; PLUS has everything."""
    expected = (UNAVAILABLE, SENTENCE.format(tier=tier, features=features))
    assert refused(partial(strict.pool, UserPoolTier=tier, **settings)) == expected
    lower = strict.pool(UserPoolTier=tier)
    assert refused(partial(strict.signed.update_user_pool, UserPoolId=lower.pool_id, **settings)) == expected
    full = strict.pool(UserPoolTier="PLUS", **settings)
    work = partial(strict.signed.update_user_pool, UserPoolId=full.pool_id, UserPoolTier=tier, **settings)
    assert refused(work) == expected
    assert strict.signed.describe_user_pool(UserPoolId=full.pool_id)["UserPool"]["UserPoolTier"] == "PLUS"


def test_other_calls_are_held_to_the_tier_too(strict: World) -> None:
    """E-mail MFA, session tracking, app clients that sign in by choice, and apps that name themselves by an address."""
    pool = strict.pool(UserPoolTier="LITE")
    both = [{"Name": "verified_email", "Priority": 1}, {"Name": "verified_phone_number", "Priority": 2}]
    strict.signed.update_user_pool(UserPoolId=pool.pool_id, AccountRecoverySetting={"RecoveryMechanisms": both})
    tracked = {"UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": 20}}
    for work in (
        partial(
            strict.signed.set_user_pool_mfa_config,
            UserPoolId=pool.pool_id,
            MfaConfiguration="OPTIONAL",
            EmailMfaConfiguration={},
        ),
        partial(strict.signed.set_user_pool_session_configuration, UserPoolId=pool.pool_id, **tracked),
        partial(pool.client, ExplicitAuthFlows=["ALLOW_USER_AUTH"]),
    ):
        assert refused(work)[0] == UNAVAILABLE
    client = pool.client()
    policy = {"ClientId": client.client_id, "PolicyName": "tools", "URLPatterns": ["https://app.example.com/*"]}
    assert refused(partial(strict.signed.create_cimd_policy, UserPoolId=pool.pool_id, **policy))[0] == UNAVAILABLE


def test_a_lite_pool_shows_no_managed_login(strict: World) -> None:
    """The classic look is every tier's."""
    for tier, least in (("LITE", 1), ("ESSENTIALS", 2)):
        pool = strict.pool(UserPoolTier=tier)
        named = {"UserPoolId": pool.pool_id, "Domain": f"tier-{tier.lower()}"}
        if least == 1:
            create = partial(strict.signed.create_user_pool_domain, **named, ManagedLoginVersion=2)
            assert refused(create)[0] == UNAVAILABLE
        strict.signed.create_user_pool_domain(**named, ManagedLoginVersion=least)
        update = partial(strict.signed.update_user_pool_domain, **named, ManagedLoginVersion=2)
        if least == 1:
            assert refused(update)[0] == UNAVAILABLE
        else:
            update()


@pytest.mark.parametrize(("tier", "settings", "features"), BEYOND.values(), ids=BEYOND)
def test_every_tier_has_everything_where_nobody_asks(
    world: World, tier: str, settings: dict[str, Any], features: str
) -> None:
    """The tier is kept and answered, and means nothing."""
    pool = world.pool(UserPoolTier=tier, **settings)
    assert world.signed.describe_user_pool(UserPoolId=pool.pool_id)["UserPool"]["UserPoolTier"] == tier, features
    assert pool.client(ExplicitAuthFlows=["ALLOW_USER_AUTH"]).client_id
