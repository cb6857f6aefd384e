"""What does a pool's tier not have? The features that AWS gates, refused only where the operator asks for it.

Source: userpools.md 1.5 and measured 4.2. The setting is `strict_tiers`; without it every tier has everything.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from poolkeeper.errors import FeatureUnavailableInTierException
from poolkeeper.model.domain import MANAGED

_TIERS = ("LITE", "ESSENTIALS", "PLUS")
Document = Mapping[str, Any]


def _passwordless(pool: Document) -> bool:
    return set(pool["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]) != {"PASSWORD"}


def _token_version(pool: Document) -> str:
    version: str = pool["LambdaConfig"].get("PreTokenGenerationConfig", {}).get("LambdaVersion", "V1_0")
    return version


def _named_levels(pool: Document) -> bool:
    levels = pool["AcrConfiguration"].items()
    return any(config["AcrValue"] != f"urn:cognito:loa:{level.removeprefix('Level')}" for level, config in levels)


def _threat_protection(pool: Document) -> bool:
    return bool(pool.get("UserPoolAddOns", {}).get("AdvancedSecurityMode", "OFF") != "OFF")


# What AWS calls a feature, the least tier that has it, and how a pool's document shows it.
# UNVERIFIED: that the names but for Passwordless Sign-In, the token versions and Threat Protection are AWS's; a LITE pool
# with each of them would settle them.
_FEATURES: tuple[tuple[str, str, Callable[[Document], bool]], ...] = (
    ("Passwordless Sign-In", "ESSENTIALS", _passwordless),
    *(
        (
            f"Token Customization with Pre-Token Generation Lambda {version}",
            "ESSENTIALS",
            lambda pool, version=version: _token_version(pool) == version,
        )
        for version in ("V2_0", "V3_0")
    ),
    ("Email MFA", "ESSENTIALS", lambda pool: "EmailMfaConfiguration" in pool),
    (
        "Password History",
        "ESSENTIALS",
        lambda pool: bool(pool["Policies"]["PasswordPolicy"].get("PasswordHistorySize")),
    ),
    ("Custom ACR Values", "ESSENTIALS", _named_levels),
    (
        "Dynamic Client Registration",
        "ESSENTIALS",
        lambda pool: bool(pool.get("DcrConfiguration", {}).get("EnableStatus") == "Enabled"),
    ),
    (
        "Session Tracking",
        "ESSENTIALS",
        lambda pool: bool(pool.get("SessionConfiguration", {}).get("UserSessionTracking") == "ENABLED"),
    ),
    ("Threat Protection", "PLUS", _threat_protection),
)


def require_pool_in_tier(pool: Document) -> None:
    """Raise FeatureUnavailableInTierException where a pool's document has what its tier does not."""
    tier = pool["UserPoolTier"]
    beyond = [name for name, least, has in _FEATURES if _TIERS.index(tier) < _TIERS.index(least) and has(pool)]
    if beyond:
        raise FeatureUnavailableInTierException(
            f"The following features need to be disabled for the {tier} pricing tier configured: {', '.join(beyond)}"
        )


def require_logs_in_tier(configurations: Sequence[Document], pool: Document) -> None:
    """Raise FeatureUnavailableInTierException where a pool that is not PLUS is to log what threat protection sees."""
    if pool["UserPoolTier"] != "PLUS" and any(
        configuration["EventSource"] == "userAuthEvents" for configuration in configurations
    ):
        raise FeatureUnavailableInTierException(
            "The following feature is not available for the "
            f"{pool['UserPoolTier']} pricing tier configured: Log Streaming"
        )


def require_replicas_in_tier(pool: Document) -> None:
    """Raise FeatureUnavailableInTierException for a replica of a LITE pool."""
    if pool["UserPoolTier"] == "LITE":
        # UNVERIFIED: the words, and the tiers; a replica of a LITE and of an ESSENTIALS pool would settle them.
        raise FeatureUnavailableInTierException(
            "The following feature is not available for the LITE pricing tier configured: Multi-Region Replication"
        )


def require_client_documents_in_tier(pool: Document) -> None:
    """Raise FeatureUnavailableInTierException for a LITE pool whose apps are to name themselves by an address."""
    if pool["UserPoolTier"] == "LITE":
        # UNVERIFIED: the words; a CIMD policy in a LITE pool would settle them.
        raise FeatureUnavailableInTierException(
            "The following feature is not available for the LITE pricing tier configured: Client ID Metadata Document"
        )


def require_client_in_tier(client: Document, pool: Document) -> None:
    """Raise FeatureUnavailableInTierException for an app client that signs in by choice in a pool that has none."""
    if pool["UserPoolTier"] == "LITE" and "ALLOW_USER_AUTH" in client.get("ExplicitAuthFlows", ()):
        # UNVERIFIED: the words; such a client in a LITE pool would settle them.
        raise FeatureUnavailableInTierException(
            "The following feature is not available for the LITE pricing tier configured: ALLOW_USER_AUTH"
        )


def require_domain_in_tier(managed_login_version: int, pool: Document) -> None:
    """Raise FeatureUnavailableInTierException for a domain that shows managed login in a pool that has none."""
    if pool["UserPoolTier"] == "LITE" and managed_login_version == MANAGED:
        # UNVERIFIED: the words; a domain of version 2 in a LITE pool would settle them.
        raise FeatureUnavailableInTierException(
            "The following feature is not available for the LITE pricing tier configured: Managed Login"
        )
