"""Whom does the old directory know? UserMigration says so, asked for a user who is not here (userpools.md 5.4, 6.2)."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from poolkeeper.call import Call
from poolkeeper.errors import ServiceError, UserLambdaValidationException, UserNotFoundException
from poolkeeper.model.attributes import SYSTEM_NAMES
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.triggers import events
from poolkeeper.triggers.asking import ask, is_set, texts
from poolkeeper.triggers.events import Event, event_of_call

_log = logging.getLogger("poolkeeper.triggers")


@dataclass(frozen=True, slots=True, kw_only=True)
class MigratedUser:
    """A user whom UserMigration knows, with the values to create them by.

    `username` is the name that the function gives them, None for the name that was typed.
    """

    attributes: Mapping[str, str]
    confirmed: bool
    invite: bool
    mediums: tuple[str, ...]
    force_alias: bool
    sms_mfa: bool
    username: str | None = None


class _Migration(msgspec.Struct, frozen=True, rename="camel"):
    user_attributes: dict[str, Any] | None = None
    final_user_status: str | None = None
    message_action: str | None = None
    desired_delivery_mediums: list[Literal["EMAIL", "SMS"]] | None = None
    force_alias_creation: bool | None = None
    enable_sms_mfa: bool | None = msgspec.field(default=None, name="enableSMSMFA")


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
    """Ask UserMigration for an unknown user, None where it does not know them or there is no such trigger.

    This is the only event with a password: `password` is None where none was given (UserMigration_ForgotPassword). Raises
    UserNotFoundException where the function raised, else as `ask` does. Where the client hides who exists, every failure
    means None: an unknown user is then answered, counted and locked out like anybody else, and only the log tells
    (userpools.md 7.4).
    """
    if not is_set(pool, "UserMigration"):
        return None
    event = event_of_call(
        call,
        pool,
        client,
        source=source,
        username=username,
        request={
            **({} if password is None else {"password": password}),
            **events.validation_data(validation_data),
            "userAttributes": None,
        },
        response=dict.fromkeys(_Migration.__struct_encode_fields__),
        metadata=metadata,
    )
    try:
        return await _asked(call, pool, client, event)
    except ServiceError as fault:
        if not client.hides_existence:
            raise
        _log.warning("request %s: %s (%s)", call.request_id, fault.message, fault.detail)
        return None


async def _asked(call: Call, pool: Pool, client: Client, event: Event) -> MigratedUser | None:
    try:
        answer = await ask(call, pool, "UserMigration", event, _Migration)
    except UserLambdaValidationException as fault:
        raise UserNotFoundException(
            f"Exception migrating user in app client {client.client_id}", detail=fault.message
        ) from None
    attributes = texts("UserMigration", answer.user_attributes)
    if not attributes:
        return None
    return MigratedUser(
        attributes={name: value for name, value in attributes.items() if not _is_ours(name)},
        confirmed=answer.final_user_status == "CONFIRMED",
        invite=answer.message_action != "SUPPRESS",
        mediums=tuple(answer.desired_delivery_mediums or ("SMS",)),
        force_alias=bool(answer.force_alias_creation),
        sms_mfa=bool(answer.enable_sms_mfa),
        username=attributes.get("username"),
    )


def _is_ours(name: str) -> bool:
    """Say whether only we may set an attribute: handlers copy a whole profile, whose sub is another user's."""
    return name == "username" or name in SYSTEM_NAMES or name.startswith("cognito:")
