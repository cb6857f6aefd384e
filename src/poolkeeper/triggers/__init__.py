"""What runs in somebody else's code? Lambda triggers: calls that may change an outcome, so they stand in the operation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from poolkeeper.call import Call
from poolkeeper.errors import NotImplementedException
from poolkeeper.lookup import Subject
from poolkeeper.model.client import Client
from poolkeeper.model.group import Membership
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User


def refuse_configured(pool: Pool, *names: str) -> None:
    """Stop where the pool wants a trigger called: none can be yet, and leaving one out would change what it decides.

    Raises NotImplementedException.
    """
    for name in names:
        if pool.triggers.get(name):
            raise NotImplementedException(
                f"The user pool calls the trigger {name} here, and Poolkeeper does not call triggers yet; "
                "take it out of LambdaConfig to go on without it."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpVerdict:
    """What PreSignUp decided: whether the user is confirmed at once, and which attributes count as verified."""

    confirm: bool = False
    verified: frozenset[str] = frozenset()


async def pre_sign_up(
    call: Call,
    pool: Pool,
    client: Client | None,
    *,
    source: str,
    username: str,
    attributes: Mapping[str, str],
    validation_data: Mapping[str, str] | None,
    metadata: Mapping[str, str],
) -> SignUpVerdict:
    """Ask PreSignUp, before anything is written. `source` is PreSignUp_SignUp or another of its kind."""
    refuse_configured(pool, "PreSignUp")
    return SignUpVerdict()


async def post_confirmation(
    call: Call, pool: Pool, client: Client | None, *, source: str, user: User, metadata: Mapping[str, str]
) -> None:
    """Tell PostConfirmation; the user stays confirmed whatever it says."""
    refuse_configured(pool, "PostConfirmation")


async def pre_authentication(
    call: Call, pool: Pool, client: Client, *, subject: Subject, validation_data: Mapping[str, str]
) -> None:
    """Ask PreAuthentication, before the proof is looked at; a ghost comes as `userNotFound`."""
    refuse_configured(pool, "PreAuthentication")


async def post_authentication(
    call: Call, pool: Pool, client: Client, *, user: User, new_device: bool, metadata: Mapping[str, str]
) -> None:
    """Tell PostAuthentication, after the last proof and before tokens."""
    refuse_configured(pool, "PostAuthentication")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOverrides:
    """What PreTokenGeneration changes, as versions 1 to 3 have it in common. Values of claims are JSON."""

    id_claims: Mapping[str, Any] = field(default_factory=dict)
    id_suppressed: frozenset[str] = frozenset()
    access_claims: Mapping[str, Any] = field(default_factory=dict)
    access_suppressed: frozenset[str] = frozenset()
    scopes_added: tuple[str, ...] = ()
    scopes_suppressed: frozenset[str] = frozenset()
    # None leaves the groups alone; an empty one takes them away.
    groups: tuple[str, ...] | None = None
    roles: tuple[str, ...] | None = None
    preferred_role: str | None = None


async def pre_token_generation(
    call: Call,
    pool: Pool,
    client: Client,
    *,
    source: str,
    user: User,
    memberships: Sequence[Membership],
    scopes: Sequence[str],
    metadata: Mapping[str, str],
) -> TokenOverrides | None:
    """Ask PreTokenGeneration what to change in the tokens, None where there is no such trigger."""
    refuse_configured(pool, "PreTokenGeneration", "PreTokenGenerationConfig")
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class MigratedUser:
    """A user whom UserMigration knows: what to create it with."""

    attributes: Mapping[str, str]
    confirmed: bool
    invite: bool
    mediums: tuple[str, ...]
    force_alias: bool
    sms_mfa: bool


async def user_migration(
    call: Call,
    pool: Pool,
    client: Client,
    *,
    source: str,
    username: str,
    password: str | None,
    validation_data: Mapping[str, str] | None,
    metadata: Mapping[str, str],
) -> MigratedUser | None:
    """Ask UserMigration for an unknown user, None where it knows none or there is no such trigger."""
    refuse_configured(pool, "UserMigration")
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What DefineAuthChallenge decided."""

    challenge_name: str | None
    issue_tokens: bool
    fail: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """What CreateAuthChallenge made: shown to the client, kept from it, and remembered in the history."""

    public: Mapping[str, str]
    private: Mapping[str, str]
    metadata: str | None


async def define_auth_challenge(
    call: Call,
    pool: Pool,
    client: Client,
    *,
    subject: Subject,
    session: Sequence[Mapping[str, Any]],
    metadata: Mapping[str, str],
) -> Definition:
    """Ask DefineAuthChallenge what comes next, given the history of the conversation."""
    raise NotImplementedException("Poolkeeper does not call triggers yet.")


async def create_auth_challenge(
    call: Call,
    pool: Pool,
    client: Client,
    *,
    subject: Subject,
    challenge_name: str,
    session: Sequence[Mapping[str, Any]],
    metadata: Mapping[str, str],
) -> Created:
    """Ask CreateAuthChallenge for a challenge."""
    raise NotImplementedException("Poolkeeper does not call triggers yet.")


async def verify_auth_challenge(
    call: Call,
    pool: Pool,
    client: Client,
    *,
    subject: Subject,
    private: Mapping[str, str],
    answer: str,
    metadata: Mapping[str, str],
) -> bool:
    """Ask VerifyAuthChallengeResponse whether an answer is right."""
    raise NotImplementedException("Poolkeeper does not call triggers yet.")
