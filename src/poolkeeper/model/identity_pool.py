"""What is an identity pool? Its settings as AWS names them, and the view of them that behaviour reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

AUTHENTICATED, UNAUTHENTICATED = "authenticated", "unauthenticated"

_AWS = ".amazonaws.com/"
_PREFIXES = ("cognito-idp.", "issuer-cognito-idp.")


@dataclass(frozen=True, slots=True)
class UserPoolProvider:
    """A user pool whose ID tokens, for one app client, are taken; `checks_server` asks whether the session still lives."""

    name: str
    client_id: str
    checks_server: bool

    @property
    def pool_id(self) -> str:
        return self.name.rpartition("/")[2]

    @property
    def mapping_key(self) -> str:
        """How RoleMappings name it."""
        return f"{self.name}:{self.client_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityPool:
    """An identity pool, decoded once per (id, version).

    `document` holds AWS's members but id and tags, those that were given alone. `classic_flow` is None where nobody said.
    `mappings` and `principal_tags` are AWS's structures, by provider.
    """

    identity_pool_id: str
    region: str
    version: int
    document: Mapping[str, Any]
    tags: Mapping[str, str]
    roles: Mapping[str, str]
    mappings: Mapping[str, Mapping[str, Any]]
    principal_tags: Mapping[str, Mapping[str, Any]]

    allows_guests: bool
    classic_flow: bool | None
    developer_provider: str | None
    user_pools: tuple[UserPoolProvider, ...]
    login_providers: Mapping[str, str]
    oidc_provider_arns: tuple[str, ...]
    saml_provider_arns: tuple[str, ...]

    @classmethod
    def of(
        cls,
        *,
        identity_pool_id: str,
        region: str,
        version: int,
        document: Mapping[str, Any],
        tags: Mapping[str, str],
        roles: Mapping[str, Any],
        principal_tags: Mapping[str, Any],
    ) -> "IdentityPool":
        """Decode an identity pool from what is stored."""
        return cls(
            identity_pool_id=identity_pool_id,
            region=region,
            version=version,
            document=document,
            tags=tags,
            roles=roles.get("Roles", {}),
            mappings=roles.get("RoleMappings", {}),
            principal_tags=principal_tags,
            allows_guests=document["AllowUnauthenticatedIdentities"],
            classic_flow=document.get("AllowClassicFlow"),
            developer_provider=document.get("DeveloperProviderName"),
            user_pools=tuple(
                UserPoolProvider(
                    name=provider.get("ProviderName", ""),
                    client_id=provider.get("ClientId", ""),
                    checks_server=provider.get("ServerSideTokenCheck", False),
                )
                for provider in document.get("CognitoIdentityProviders", ())
            ),
            login_providers=document.get("SupportedLoginProviders", {}),
            oidc_provider_arns=tuple(document.get("OpenIdConnectProviderARNs", ())),
            saml_provider_arns=tuple(document.get("SamlProviderARNs", ())),
        )

    @property
    def has_providers(self) -> bool:
        """Whether anybody but guests and a back end's users can come."""
        return bool(self.user_pools or self.login_providers or self.oidc_provider_arns or self.saml_provider_arns)

    @property
    def rule_roles(self) -> tuple[str, ...]:
        """The ARNs of the roles that its rules give."""
        return tuple(
            rule["RoleARN"]
            for mapping in self.mappings.values()
            for rule in mapping.get("RulesConfiguration", {}).get("Rules", ())
        )

    @property
    def mapping_keys(self) -> frozenset[str]:
        """The providers that RoleMappings may name: with their clients, or by their ARNs."""
        return frozenset(
            (
                *(user_pool.mapping_key for user_pool in self.user_pools),
                *self.login_providers,
                *self.oidc_provider_arns,
                *self.saml_provider_arns,
            )
        )

    def name_of(self, provider: str) -> str:
        """Return the name that a provider is configured by, for a login's one spelling of it."""
        names = {provider_of_pool(user_pool.pool_id): user_pool.name for user_pool in self.user_pools}
        return names.get(provider, provider)


def provider_of_pool(pool_id: str) -> str:
    """Return the one spelling of a user pool as a provider of logins, whichever address is used for it."""
    return f"cognito-idp.{pool_id.rpartition('_')[0]}{_AWS}{pool_id}"


def pool_of_aws_name(name: str) -> str | None:
    """Return the id of the user pool that AWS's spelling of a provider names, in any region; None for another name."""
    host, slash, pool_id = name.partition(_AWS)
    return pool_id if slash and host.startswith(_PREFIXES) and "/" not in host + pool_id else None
