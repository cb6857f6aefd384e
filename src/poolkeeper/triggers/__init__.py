"""Which steps run in the operator's code? Lambda triggers: they may change the outcome, so the operation itself calls them."""

from poolkeeper.triggers.authentication import post_authentication, pre_authentication
from poolkeeper.triggers.custom_auth import (
    Created,
    Definition,
    create_auth_challenge,
    define_auth_challenge,
    verify_auth_challenge,
)
from poolkeeper.triggers.events import sdk_version, told_attributes
from poolkeeper.triggers.federation import inbound_federation
from poolkeeper.triggers.messages import CustomText, custom_message, custom_sender, custom_words
from poolkeeper.triggers.migration import MigratedUser, user_migration
from poolkeeper.triggers.sign_up import SignUpVerdict, post_confirmation, pre_sign_up
from poolkeeper.triggers.token_generation import machine_token_generation, pre_token_generation

__all__ = [
    "Created",
    "CustomText",
    "Definition",
    "MigratedUser",
    "SignUpVerdict",
    "create_auth_challenge",
    "custom_message",
    "custom_sender",
    "custom_words",
    "define_auth_challenge",
    "inbound_federation",
    "machine_token_generation",
    "post_authentication",
    "post_confirmation",
    "pre_authentication",
    "pre_sign_up",
    "pre_token_generation",
    "sdk_version",
    "told_attributes",
    "user_migration",
    "verify_auth_challenge",
]
