"""What is a user pool? Its settings as AWS names them, and the view of them that behaviour reads."""

import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from poolkeeper.model.attributes import Schema
from poolkeeper.model.device import DevicePolicy
from poolkeeper.model.names import Name, name_of
from poolkeeper.model.password_policy import PasswordPolicy
from poolkeeper.model.second_factor import MfaPolicy
from poolkeeper.model.session import Tracking

# The preference `dpop_required_clients` where it names no app client, but all.
ALL_CLIENTS = "all"
# What can be a pool's id (AWS: UserPoolIdType): NUL, which no database takes, cannot.
POOL_ID = re.compile(r"(?=.{1,55}\Z)[\w-]+_[0-9a-zA-Z]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A user pool, decoded once per (id, version).

    `document` holds every setting under AWS's own member names, as DescribeUserPool answers them; the fields below it
    are read from it. `longest_sso_minutes` is the longest that any of its app clients was ever told to go on from a browser
    session; 0: none was ever told to. `secret` (32 bytes) is the key of the pool's ghosts, code digests and refresh
    tokens.
    """

    pool_id: str
    region: str
    version: int
    created_at: int
    updated_at: int
    document: Mapping[str, Any]
    secret: bytes
    issuer_form: str | None
    srp: bool
    localhost_any_port: bool

    name: str
    schema: Schema
    password_policy: PasswordPolicy
    case_sensitive: bool
    username_attributes: frozenset[str]
    alias_attributes: frozenset[str]
    auto_verified: frozenset[str]
    verified_first: frozenset[str]
    admin_only_sign_up: bool
    mfa: MfaPolicy
    first_factors: frozenset[str]
    devices: DevicePolicy | None
    tracking: Tracking | None
    longest_sso_minutes: int
    user_info_booleans: bool
    pushed_requests_only: bool
    dpop_nonces: bool
    dpop_required_clients: frozenset[str]
    triggers: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        *,
        pool_id: str,
        region: str,
        version: int,
        created_at: int,
        updated_at: int,
        document: Mapping[str, Any],
        preferences: Mapping[str, Any],
        secret: bytes,
    ) -> "Pool":
        """Decode a pool from its stored document; `preferences` are Poolkeeper's own settings of a pool."""
        return cls(
            pool_id=pool_id,
            region=region,
            version=version,
            created_at=created_at,
            updated_at=updated_at,
            document=document,
            secret=secret,
            issuer_form=preferences.get("issuer"),
            srp=preferences.get("srp", True),
            localhost_any_port=preferences.get("localhost_any_port", False),
            name=document["Name"],
            schema=Schema.of(document["SchemaAttributes"]),
            password_policy=PasswordPolicy.of(document["Policies"]["PasswordPolicy"]),
            case_sensitive=document.get("UsernameConfiguration", {}).get("CaseSensitive", True),
            username_attributes=frozenset(document.get("UsernameAttributes", ())),
            alias_attributes=frozenset(document.get("AliasAttributes", ())),
            auto_verified=frozenset(document.get("AutoVerifiedAttributes", ())),
            verified_first=frozenset(
                document.get("UserAttributeUpdateSettings", {}).get("AttributesRequireVerificationBeforeUpdate", ())
            ),
            admin_only_sign_up=document.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly", False),
            mfa=MfaPolicy.of(document),
            first_factors=frozenset(document["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]),
            devices=DevicePolicy.of(document.get("DeviceConfiguration")),
            tracking=Tracking.of(document.get("SessionConfiguration")),
            longest_sso_minutes=preferences.get("longest_sso_minutes", 0),
            user_info_booleans=preferences.get("user_info_booleans", False),
            pushed_requests_only=preferences.get("pushed_requests_only", False),
            dpop_nonces=preferences.get("dpop_nonces", False),
            dpop_required_clients=frozenset(preferences.get("dpop_required_clients", ())),
            triggers=document.get("LambdaConfig", {}),
        )

    def demands_key_of(self, client_id: str) -> bool:
        """Say whether an app client gets no tokens but those that are bound to a key, as the operator wants it."""
        return not self.dpop_required_clients.isdisjoint((client_id, ALL_CLIENTS))

    @property
    def srp_name(self) -> str:
        """The part of the pool's id after the underscore, which enters every SRP proof (userpools.md 3.3)."""
        return self.pool_id.partition("_")[2]

    @property
    def device_group_key(self) -> str:
        """The name that enters the SRP proof of every device of the pool; ConfirmDevice does not send it (userpools.md 3.9).

        Its form is AWS's: a hyphen and eight letters or digits (measured.md 8).
        """
        digest = hmac.digest(self.secret, b"device group", hashlib.sha256)
        return "-" + b32encode(digest)[:8].decode().lower()

    def named(self, typed: str) -> Name:
        """Return a typed name with what it comes to in this pool: made once a request, and passed on."""
        return name_of(typed, case_sensitive=self.case_sensitive)


def pool_arn(*, region: str, account_id: str, pool_id: str) -> str:
    """Return the pool's ARN (userpools.md 2.5)."""
    return f"arn:aws:cognito-idp:{region}:{account_id}:userpool/{pool_id}"
