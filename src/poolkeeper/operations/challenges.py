"""What does a challenge look like on the wire? AWS's parameter names for the facts of each (userpools.md 3.4)."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from poolkeeper.auth.challenge import (
    AppCode,
    Bare,
    Challenge,
    CodeSent,
    CustomChallenge,
    DeviceAsked,
    Exchange,
    FirstFactors,
    Methods,
    NewPassword,
    PasskeyUse,
)
from poolkeeper.messaging.compose import MEDIUMS, mask


def parameters(challenge: Challenge) -> dict[str, str]:
    """Return the ChallengeParameters of a challenge."""
    return _PARAMETERS[type(challenge.facts)](challenge.facts)


def available(challenge: Challenge) -> list[str] | None:
    """Return the AvailableChallenges, None where the client does not choose a first factor."""
    return list(challenge.facts.choices) if isinstance(challenge.facts, FirstFactors) else None


def _code_sent(facts: CodeSent) -> dict[str, str]:
    return {
        "CODE_DELIVERY_DELIVERY_MEDIUM": MEDIUMS[facts.attribute],
        "CODE_DELIVERY_DESTINATION": mask(facts.attribute, facts.destination),
        "USER_ID_FOR_SRP": facts.shown,
    }


def _app_code(facts: AppCode) -> dict[str, str]:
    friendly_name = {"FRIENDLY_DEVICE_NAME": facts.friendly_name} if facts.friendly_name else {}
    return {"USER_ID_FOR_SRP": facts.shown, **friendly_name}


def _methods(facts: Methods) -> dict[str, str]:
    name = "MFAS_CAN_SETUP" if facts.to_set_up else "MFAS_CAN_CHOOSE"
    return {name: _json(facts.methods), "USER_ID_FOR_SRP": facts.shown}


def _new_password(facts: NewPassword) -> dict[str, str]:
    return {
        "USER_ID_FOR_SRP": facts.shown,
        "requiredAttributes": _json([f"userAttributes.{name}" for name in facts.missing]),
        "userAttributes": _json(facts.held),
    }


def _exchange(facts: Exchange) -> dict[str, str]:
    parameters_of_all = {
        "SALT": facts.salt,
        "SECRET_BLOCK": facts.secret_block,
        "SRP_B": facts.server_public,
        "USERNAME": facts.username,
    }
    own_parameters = {"DEVICE_KEY": facts.device_key} if facts.device_key else {"USER_ID_FOR_SRP": facts.username}
    return {**parameters_of_all, **own_parameters}


def _device(facts: DeviceAsked) -> dict[str, str]:
    return {"DEVICE_KEY": facts.device_key, "USERNAME": facts.username}


def _passkey(facts: PasskeyUse) -> dict[str, str]:
    return {"CREDENTIAL_REQUEST_OPTIONS": _json(facts.options)}


def _custom(facts: CustomChallenge) -> dict[str, str]:
    return {**facts.public, "USERNAME": facts.shown}


def _nothing(_facts: Bare | FirstFactors) -> dict[str, str]:
    return {}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


_PARAMETERS: Mapping[type, Callable[[Any], dict[str, str]]] = {
    Bare: _nothing,
    FirstFactors: _nothing,
    CodeSent: _code_sent,
    AppCode: _app_code,
    Methods: _methods,
    NewPassword: _new_password,
    Exchange: _exchange,
    DeviceAsked: _device,
    PasskeyUse: _passkey,
    CustomChallenge: _custom,
}
