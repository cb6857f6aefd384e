"""How do tests come by a passkey, and sign in with it? Pools that take passkeys, a user with a key, both ceremonies."""

import json
from dataclasses import dataclass
from typing import Any

from api.software_authenticator import Authenticator
from api.world import FLOWS, ClientOfTests, PoolOfTests, World

RELYING_PARTY = "localhost"
OTHER_PARTY = "pools.example.com"


def passkey_pool(
    world: World, *, relying_party: str = RELYING_PARTY, verification: str = "preferred", **settings: Any
) -> PoolOfTests:
    """Create a pool that takes passkeys as a first factor."""
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    pool = world.pool(Policies=policies, **settings)
    configure(pool, relying_party=relying_party, verification=verification)
    return pool


def configure(
    pool: PoolOfTests,
    *,
    relying_party: str = RELYING_PARTY,
    verification: str = "preferred",
    two_factors: bool = False,
    mfa: str = "OFF",
) -> None:
    """Set what a pool says of passkeys, and of TOTP where MFA is not off."""
    passkeys = {
        "RelyingPartyId": relying_party,
        "UserVerification": verification,
        "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION" if two_factors else "SINGLE_FACTOR",
    }
    totp = {} if mfa == "OFF" else {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
    pool.world.signed.set_user_pool_mfa_config(
        UserPoolId=pool.pool_id, MfaConfiguration=mfa, WebAuthnConfiguration=passkeys, **totp
    )


def passkey_client(pool: PoolOfTests, **settings: Any) -> ClientOfTests:
    """Create an app client that allows USER_AUTH as well."""
    return pool.client(ExplicitAuthFlows=[*FLOWS, "ALLOW_USER_AUTH"], **settings)


@dataclass
class Owner:
    """A user who has signed in by password, and the authenticator in its hand."""

    client: ClientOfTests
    name: str
    sub: str
    access_token: str
    authenticator: Authenticator

    @property
    def world(self) -> World:
        return self.client.world

    def start(self) -> dict[str, Any]:
        """Call StartWebAuthnRegistration; return the options."""
        answer = self.world.unsigned.start_web_authn_registration(AccessToken=self.access_token)
        options: dict[str, Any] = answer["CredentialCreationOptions"]
        return options

    def complete(self, credential: object) -> None:
        """Call CompleteWebAuthnRegistration."""
        self.world.unsigned.complete_web_authn_registration(AccessToken=self.access_token, Credential=credential)

    def register(self, authenticator: Authenticator | None = None, **otherwise: Any) -> Authenticator:
        """Register a key, by default the own one; what browser and authenticator say can be said `otherwise`."""
        key = authenticator or self.authenticator
        self.complete(key.create(self.start(), **otherwise))
        return key

    def listed(self, **more: Any) -> list[dict[str, Any]]:
        """Call ListWebAuthnCredentials; return one page."""
        answer = self.world.unsigned.list_web_authn_credentials(AccessToken=self.access_token, **more)
        credentials: list[dict[str, Any]] = answer["Credentials"]
        return credentials

    def delete(self, credential_id: str) -> None:
        """Call DeleteWebAuthnCredential."""
        self.world.unsigned.delete_web_authn_credential(AccessToken=self.access_token, CredentialId=credential_id)

    def challenged(self) -> tuple[dict[str, Any], str]:
        """Begin to sign in; return (request options, Session)."""
        return challenged(self.client, self.name)

    def answer(self, session: str, credential: object) -> dict[str, Any]:
        """Answer WEB_AUTHN with a credential, or with whatever text."""
        text = credential if isinstance(credential, str) else json.dumps(credential)
        return self.client.respond("WEB_AUTHN", session, USERNAME=self.name, CREDENTIAL=text)

    def sign_in(self, authenticator: Authenticator | None = None, **otherwise: Any) -> dict[str, Any]:
        """Sign in with a key; return the whole answer."""
        options, session = self.challenged()
        return self.answer(session, (authenticator or self.authenticator).get(options, **otherwise))


def challenged(client: ClientOfTests, name: str) -> tuple[dict[str, Any], str]:
    """Begin USER_AUTH with WEB_AUTHN for a name; return (request options, Session)."""
    begun = client.initiate("USER_AUTH", USERNAME=name, PREFERRED_CHALLENGE="WEB_AUTHN")
    assert begun["ChallengeName"] == "WEB_AUTHN"
    options: dict[str, Any] = json.loads(begun["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    return options, begun["Session"]


def owner(client: ClientOfTests, name: str = "ada", *, authenticator: Authenticator | None = None) -> Owner:
    """Create a user who has signed in by password and may register a key."""
    sub = client.pool.user(name)
    token = client.tokens(name)["AccessToken"]
    return Owner(client, name, sub, token, authenticator or Authenticator())


def with_passkey(world: World, name: str = "ada", *, authenticator: Authenticator | None = None, **pool: Any) -> Owner:
    """Create a pool and a user in it who has registered a key."""
    made = owner(passkey_client(passkey_pool(world, **pool)), name, authenticator=authenticator)
    made.register()
    return made
