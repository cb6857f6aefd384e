"""How does a test link people of a provider to users? By the administrator's operations."""

from api.world import PoolOfTests

SUBJECT = "Cognito_Subject"


def link(
    pool: PoolOfTests,
    value: str = "user-1",
    *,
    to: str = "native",
    at: str = "Cognito",
    provider: str = "Corporate",
    by: str = SUBJECT,
) -> None:
    """Link an identity to a user."""
    pool.world.signed.admin_link_provider_for_user(
        UserPoolId=pool.pool_id,
        DestinationUser={"ProviderName": at, "ProviderAttributeValue": to},
        SourceUser={"ProviderName": provider, "ProviderAttributeName": by, "ProviderAttributeValue": value},
    )


def disable(pool: PoolOfTests, provider: str, value: str, by: str = SUBJECT) -> None:
    """Take an identity from whoever has it."""
    pool.world.signed.admin_disable_provider_for_user(
        UserPoolId=pool.pool_id,
        User={"ProviderName": provider, "ProviderAttributeName": by, "ProviderAttributeValue": value},
    )


def sub_of(pool: PoolOfTests, name: str = "native") -> str:
    """Return the sub of a user."""
    found = pool.admin("admin_get_user", name)["UserAttributes"]
    return next(str(one["Value"]) for one in found if one["Name"] == "sub")
