"""What may an operator's code do while a user is made? PreSignUp decides, PostConfirmation is only informed."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from poolkeeper.call import Call
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.triggers import events
from poolkeeper.triggers.asking import Nothing, ask, is_set, unrecognizable
from poolkeeper.triggers.events import event_of_call, told_attributes

_BY_ADMINISTRATOR = "PreSignUp_AdminCreateUser"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpVerdict:
    """What PreSignUp decided: whether the user is confirmed at once, and which attributes count as verified."""

    confirm: bool = False
    verified: frozenset[str] = frozenset()


class _PreSignUp(msgspec.Struct, frozen=True, rename="camel"):
    auto_confirm_user: bool | None = None
    auto_verify_email: bool | None = None
    auto_verify_phone: bool | None = None


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
    """Ask PreSignUp, before anything is written. `source` is PreSignUp_SignUp or another of its kind.

    `attributes` are only those of the request. For a user whom an administrator makes, the function may refuse the
    creation and decide nothing else (Developer guide, "Pre sign-up Lambda trigger"). Raises as `ask` does.
    """
    if not is_set(pool, "PreSignUp"):
        return SignUpVerdict()
    event = event_of_call(
        call,
        pool,
        client,
        source=source,
        username=username,
        request={"userAttributes": dict(attributes), **events.validation_data(validation_data)},
        response={"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False},
        metadata=metadata,
    )
    answer = await ask(call, pool, "PreSignUp", event, _PreSignUp)
    if source == _BY_ADMINISTRATOR:
        return SignUpVerdict()
    return SignUpVerdict(confirm=bool(answer.auto_confirm_user), verified=_verified(answer, attributes))


async def post_confirmation(
    call: Call, pool: Pool, client: Client | None, *, source: str, user: User, metadata: Mapping[str, str]
) -> None:
    """Call PostConfirmation; the user stays confirmed whatever it answers. Raises as `ask` does."""
    if not is_set(pool, "PostConfirmation"):
        return
    event = event_of_call(
        call,
        pool,
        client,
        source=source,
        username=user.username,
        request={"userAttributes": told_attributes(pool, user)},
        metadata=metadata,
    )
    await ask(call, pool, "PostConfirmation", event, Nothing)


def _verified(answer: _PreSignUp, attributes: Mapping[str, str]) -> frozenset[str]:
    verifications = {"email": answer.auto_verify_email, "phone_number": answer.auto_verify_phone}
    verified = frozenset(name for name, verify in verifications.items() if verify)
    for name in verified:
        if not attributes.get(name):
            # UNVERIFIED: the sentence; the guide says no more than that an error will occur.
            raise unrecognizable("PreSignUp", f"{name} is to be verified, and the user has none")
    return verified
