"""What is a passkey? One key of a user's authenticator, the pool's rules for them, and the options that browsers take.

Source: userpools.md 3.6 and identity-security.md 5.3; the shapes are the examples of StartWebAuthnRegistration and
InitiateAuth in AWS's API reference, which are WebAuthn Level 3's own (5.4, 5.5).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from poolkeeper.model.user import User

WEB_AUTHN = "WEB_AUTHN"
PASSKEYS_OF_A_USER = 20
REGISTRATION_TIMEOUT = 60_000
ATTACHMENTS = frozenset({"platform", "cross-platform"})
TRANSPORTS = frozenset({"usb", "nfc", "ble", "smart-card", "hybrid", "internal"})

# UNVERIFIED: the names of others; AWS's example has "Roaming passkey" for a cross-platform one. A list of passkeys from
# a telephone and a laptop would settle them.
_NAMES: Mapping[str | None, str] = {"cross-platform": "Roaming passkey", "platform": "Platform passkey"}


class Details(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What lists show of a passkey, as the column `passkeys.details` has it in JSON."""

    relying_party: str
    attachment: str | None = None
    transports: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name by which people tell it from others, which nobody has chosen."""
        return _NAMES.get(self.attachment, "Passkey")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey of one user. `credential_id` is base64url, `public_key` its COSE form; times are milliseconds."""

    credential_id: str
    user_id: str
    public_key: bytes
    sign_count: int
    details: Details
    created_at: int

    @property
    def descriptor(self) -> dict[str, Any]:
        """The PublicKeyCredentialDescriptorJSON by which browsers find it."""
        return descriptor(self.credential_id, self.details.transports)


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyPolicy:
    """What a pool says of passkeys. `relying_party` is None where there is none yet, and so no passkey either."""

    allowed: bool
    relying_party: str | None
    user_verification: str
    user_verified: bool

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "PasskeyPolicy":
        """Read a pool's document.

        Where MFA is on a passkey must be two factors in one, or it would lead nowhere (userpools.md 3.6).
        """
        configured = document.get("WebAuthnConfiguration", {})
        verified = configured.get("UserVerification") == "required" or document.get("MfaConfiguration") == "ON"
        return cls(
            allowed=WEB_AUTHN in document["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"],
            relying_party=configured.get("RelyingPartyId"),
            user_verification="required" if verified else "preferred",
            user_verified=verified,
        )


def descriptor(credential_id: str, transports: Collection[str]) -> dict[str, Any]:
    """Return a PublicKeyCredentialDescriptorJSON."""
    return {"type": "public-key", "id": credential_id, "transports": list(transports)}


def creation_options(
    *,
    relying_party: str,
    user_verification: str,
    user: User,
    user_handle: str,
    shown_name: str,
    challenge: str,
    algorithms: Collection[int],
    held: Collection[Passkey],
) -> dict[str, Any]:
    """Return the PublicKeyCredentialCreationOptionsJSON for a further key of `user`, who has those `held` already."""
    return {
        "rp": {"id": relying_party, "name": relying_party},
        "user": {"id": user_handle, "name": shown_name, "displayName": user.attributes.get("name") or shown_name},
        "challenge": challenge,
        "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in algorithms],
        "timeout": REGISTRATION_TIMEOUT,
        "excludeCredentials": [passkey.descriptor for passkey in held],
        "authenticatorSelection": {
            "requireResidentKey": True,
            "residentKey": "required",
            "userVerification": user_verification,
        },
    }


def request_options(
    *, relying_party: str, user_verification: str, challenge: str, timeout: int, allowed: Collection[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the PublicKeyCredentialRequestOptionsJSON for a use of one of the `allowed` keys; `timeout` in ms."""
    return {
        "challenge": challenge,
        "timeout": timeout,
        "rpId": relying_party,
        "allowCredentials": list(allowed),
        "userVerification": user_verification,
    }
