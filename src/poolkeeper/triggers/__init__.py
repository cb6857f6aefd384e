"""What runs in somebody else's code? Lambda triggers: calls that may change an outcome, so they stand in the operation."""

from poolkeeper.errors import NotImplementedException
from poolkeeper.model.pool import Pool
from poolkeeper.triggers.authentication import post_authentication, pre_authentication
from poolkeeper.triggers.custom_auth import (
    Created,
    Definition,
    create_auth_challenge,
    define_auth_challenge,
    verify_auth_challenge,
)
from poolkeeper.triggers.events import told_attributes
from poolkeeper.triggers.federation import inbound_federation
from poolkeeper.triggers.messages import CustomText, custom_message, custom_sender
from poolkeeper.triggers.migration import MigratedUser, user_migration
from poolkeeper.triggers.sign_up import SignUpVerdict, post_confirmation, pre_sign_up
from poolkeeper.triggers.token_generation import TokenOverrides, machine_token_generation, pre_token_generation

__all__ = [
    "Created",
    "CustomText",
    "Definition",
    "MigratedUser",
    "SignUpVerdict",
    "TokenOverrides",
    "create_auth_challenge",
    "custom_message",
    "custom_sender",
    "define_auth_challenge",
    "inbound_federation",
    "machine_token_generation",
    "post_authentication",
    "post_confirmation",
    "pre_authentication",
    "pre_sign_up",
    "pre_token_generation",
    "refuse_configured",
    "told_attributes",
    "user_migration",
    "verify_auth_challenge",
]


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
