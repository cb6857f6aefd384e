"""What do triggers cost? Requests in pools whose triggers are handlers of receiver.py, and what custom senders ask KMS.

What the receiver's process uses is not counted: it stands for a machine of the operator's.
"""

import io
import queue
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

from aws_encryption_sdk.internal.formatting.deserialize import (  # type: ignore[import-untyped]  # the library ships no types
    deserialize_header,
)
from calls import REGION, Refused, answers, call, cycled, post
from flows import Place, a_place, people, tokens
from handlers.riddle import ANSWER
from receiver import WEBHOOK
from world import PASSWORD, World

KEY_ARN = f"arn:aws:kms:{REGION}:000000000000:key/11111111-2222-3333-4444-555555555555"
_CUSTOM = ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")


def _riddles(world: World, function: str, count: int) -> tuple[Place, list[str]]:
    place = a_place(world, LambdaConfig=dict.fromkeys(_CUSTOM, function))
    names = people(place)
    return place, [names[number % len(names)] for number in range(count)]


def _custom_starts(place: Place, names: Sequence[str]) -> list[bytes]:
    return [place.begin("CUSTOM_AUTH", USERNAME=name) for name in names]


def custom_starts(world: World, count: int, *, function: str) -> list[bytes]:
    """Begin CUSTOM_AUTH: Define and Create are asked."""
    return _custom_starts(*_riddles(world, function, count))


def custom_answers(world: World, count: int, *, function: str) -> list[bytes]:
    """Begin CUSTOM_AUTH, and return the requests that answer right: Verify and Define are asked."""
    place, names = _riddles(world, function, count)
    started = answers(place.port, _custom_starts(place, names))
    return [
        place.respond("CUSTOM_CHALLENGE", one["Session"], USERNAME=name, ANSWER=ANSWER)
        for one, name in zip(started, names, strict=True)
    ]


def refreshes(world: World, count: int, *, function: str | None) -> list[bytes]:
    """Refresh, with PreTokenGeneration V2 unless there is no function."""
    triggers: dict[str, Any] = {}
    if function is not None:
        setting = {"LambdaArn": function, "LambdaVersion": "V2_0"}
        triggers = {"LambdaConfig": {"PreTokenGeneration": function, "PreTokenGenerationConfig": setting}}
    place = a_place(world, **triggers)
    held = [one["RefreshToken"] for one in tokens(place, people(place))]
    return cycled([place.begin("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token) for token in held], count)


def decrypts(world: World, count: int) -> list[bytes]:
    """Have a code sent through a custom sender, and return what it asks KMS about it."""
    sender = {"CustomEmailSender": {"LambdaArn": WEBHOOK, "LambdaVersion": "V1_0"}, "KMSKeyID": KEY_ARN}
    place = a_place(world, AutoVerifiedAttributes=["email"], LambdaConfig=sender)
    name = world.fresh_name()
    email = [{"Name": "email", "Value": name}]
    call(
        place.port,
        "SignUp",
        {"ClientId": place.client_id, "Username": name, "Password": PASSWORD, "UserAttributes": email},
    )
    question = _question(b64decode(_letter(world)["request"]["code"]))
    return cycled([post(place.port, "Decrypt", question, signed=True, service="kms")], count)


def _letter(world: World) -> dict[str, Any]:
    if world.receiver is None:
        raise Refused("no receiver was given")
    try:
        return world.receiver.letter()
    except queue.Empty:
        raise Refused("CustomEmailSender was not called") from None


def _question(message: bytes) -> dict[str, Any]:
    """Return what a keyring of the AWS Encryption SDK asks KMS for a message."""
    header, _ = deserialize_header(io.BytesIO(message))
    (wrapped,) = header.encrypted_data_keys
    blob = b64encode(wrapped.encrypted_data_key).decode()
    return {"CiphertextBlob": blob, "EncryptionContext": header.encryption_context, "KeyId": KEY_ARN}
