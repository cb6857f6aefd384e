"""What may an operator's code do with messages? CustomMessage writes them, custom senders send them."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from poolkeeper.call import Call, House
from poolkeeper.model.client import Client
from poolkeeper.model.message import Medium
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.triggers.asking import arn_of, invoked, is_set, unrecognizable
from poolkeeper.triggers.events import client_metadata, event_of, sdk_version, told_attributes

_CODE, _LINK, _USERNAME = "{####}", "{##Click Here##}", "{username}"
_ANY_LINK = re.compile(r"\{##[^{}]*##\}")
_INVITATION = "CustomMessage_AdminCreateUser"
_BY_LINK = frozenset({"CustomMessage_SignUp", "CustomMessage_ResendCode"})
# The longest texts, in characters (Developer guide, "Custom message Lambda trigger"; the subject: "Quotas").
_LONGEST_EMAIL, _LONGEST_SUBJECT, _LONGEST_SMS = 20_000, 140, 140
# For each medium the sender's key in LambdaConfig, and the `type` of its requests.
_SENDERS: Mapping[Medium, tuple[str, str]] = {
    "EMAIL": ("CustomEmailSender", "customEmailSenderRequestV1"),
    "SMS": ("CustomSMSSender", "customSMSSenderRequestV1"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomText:
    """CustomMessage's texts with their placeholders: `{####}` and, in an invitation, `{username}`.

    None leaves the pool's own text. The subject is a single line.
    """

    email_subject: str | None
    email_message: str | None
    sms_message: str | None


class _CustomMessage(msgspec.Struct, frozen=True, rename="camel"):
    sms_message: str | None = None
    email_message: str | None = None
    email_subject: str | None = None


async def custom_message(
    call: Call,
    pool: Pool,
    client: Client | None,
    *,
    source: str,
    medium: Medium,
    user: User,
    metadata: Mapping[str, str],
) -> CustomText | None:
    """Ask CustomMessage for the text of a message to `user` while the request waits; otherwise like `custom_words`."""
    if is_set(pool, "CustomMessage"):
        call.trace.invocations += 1
    return await custom_words(
        call.house,
        pool,
        source=source,
        medium=medium,
        user=user,
        client_id=None if client is None else client.client_id,
        metadata=metadata,
        sdk=sdk_version(call.user_agent),
    )


async def custom_words(
    house: House,
    pool: Pool,
    *,
    source: str,
    medium: Medium,
    user: User,
    client_id: str | None,
    metadata: Mapping[str, str],
    sdk: str,
) -> CustomText | None:
    """Return CustomMessage's text of a message to `user`, None where there is no such trigger.

    `source` is CustomMessage_SignUp or another of its kind, `client_id` None where an administrator called. The function
    never sees the code. Raises as `invoked` does, and InvalidLambdaResponseException for a text without its placeholders
    or above its length: handlers in wide use answer the same text for both mediums, so the text for the other medium is
    not judged (measured.md 12).
    """
    if not is_set(pool, "CustomMessage"):
        return None
    event = event_of(
        pool,
        source=source,
        username=user.username,
        client_id=client_id,
        request={
            "userAttributes": told_attributes(pool, user),
            "codeParameter": _CODE,
            "linkParameter": _LINK,
            "usernameParameter": _USERNAME if source == _INVITATION else None,
            **client_metadata(metadata),
        },
        response=dict.fromkeys(_CustomMessage.__struct_encode_fields__),
        sdk=sdk,
    )
    answer = await invoked(house, pool, "CustomMessage", event, _CustomMessage)
    _check(pool, source, medium, answer)
    return CustomText(
        email_subject=_one_line(answer.email_subject) or None,
        email_message=answer.email_message or None,
        sms_message=answer.sms_message or None,
    )


async def custom_sender(
    house: House,
    pool: Pool,
    *,
    medium: Medium,
    source: str,
    username: str,
    attributes: Mapping[str, str],
    client_id: str | None,
    metadata: Mapping[str, str],
    code_ciphertext: bytes | None,
) -> None:
    """Hand a message to the pool's custom sender for `medium`; its answer is ignored.

    `source` is CustomEmailSender_SignUp or another of its kind, `attributes` are those of `told_attributes`,
    `code_ciphertext` is the code or temporary password as a message of the AWS Encryption SDK. Raises FunctionFailed and
    CannotInvoke unchanged: the caller decides about retries.
    """
    name, kind = _SENDERS[medium]
    code = None if code_ciphertext is None else b64encode(code_ciphertext).decode()
    event = event_of(
        pool,
        source=source,
        username=username,
        client_id=client_id,
        request={"type": kind, "code": code, "userAttributes": dict(attributes), **client_metadata(metadata)},
        response={},
    )
    await house.functions.invoke(arn_of(pool, name), event, pool_id=pool.pool_id)


def _check(pool: Pool, source: str, medium: Medium, answer: _CustomMessage) -> None:
    # UNVERIFIED: the guide of 2023 refuses e-mail texts where EmailSendingAccount is not DEVELOPER; they are taken here,
    # since handlers that return them are in use on pools with COGNITO_DEFAULT. One such call against AWS would settle it.
    by_mail = medium == "EMAIL"
    if by_mail and len(answer.email_subject or "") > _LONGEST_SUBJECT:
        raise unrecognizable("CustomMessage", f"emailSubject has more than {_LONGEST_SUBJECT} characters")
    member, text, longest = (
        ("emailMessage", answer.email_message, _LONGEST_EMAIL)
        if by_mail
        else ("smsMessage", answer.sms_message, _LONGEST_SMS)
    )
    if not text:
        return
    if len(text) > longest:
        raise unrecognizable("CustomMessage", f"{member} has more than {longest} characters")
    may_link = by_mail and source in _BY_LINK and _confirms_by_link(pool)
    if _CODE not in text and not (may_link and _ANY_LINK.search(text)):
        raise unrecognizable("CustomMessage", f"{member} does not hold the placeholder {_CODE}")
    # UNVERIFIED: that AWS refuses an invitation of CustomMessage without the name, as it does the pool's own template;
    # the guide says that it must be there.
    if source == _INVITATION and _USERNAME not in text:
        raise unrecognizable("CustomMessage", f"{member} does not hold the placeholder {_USERNAME}")


def _confirms_by_link(pool: Pool) -> bool:
    return bool(pool.document.get("VerificationMessageTemplate", {}).get("DefaultEmailOption") == "CONFIRM_WITH_LINK")


def _one_line(subject: str | None) -> str:
    """Return a subject without characters that could begin another line of a mail's header (attacks.md 97, 144)."""
    return "".join(character if character.isprintable() else " " for character in subject or "")
