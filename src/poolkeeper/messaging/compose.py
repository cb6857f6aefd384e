"""How does a code reach a person? Composed before the write, put on the worker's list within it, sent after it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import msgspec

from poolkeeper import triggers
from poolkeeper.call import Call
from poolkeeper.defences import budgets
from poolkeeper.errors import CodeDeliveryFailureException, InvalidParameterException
from poolkeeper.messaging.templates import INVITATION, Template, as_it_reads, confirms_by_link, render, template_for
from poolkeeper.model.address import main_address
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.client import Client
from poolkeeper.model.job import MESSAGE
from poolkeeper.model.message import Handover, Medium, Message, Question
from poolkeeper.model.names import mask_email, mask_phone
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.sender_settings import sender_of
from poolkeeper.settings import Settings
from poolkeeper.store import due
from poolkeeper.store.db import Transaction

MEDIUMS: dict[str, Medium] = {"email": "EMAIL", "phone_number": "SMS"}
# What AWS's risk mail is called, which our notices are too: custom senders know it.
NOTICE = "AccountTakeOverNotification"
_LONGEST_METADATA = 16_384
CUSTOM_SENDERS: Mapping[Medium, str] = {"EMAIL": "CustomEmailSender", "SMS": "CustomSMSSender"}


async def compose(
    call: Call,
    pool: Pool,
    client: Client | None,
    *,
    kind: str,
    user: User,
    attribute: str,
    destination: str,
    code: str,
    valid_until: int | None,
    metadata: Mapping[str, str],
    shown_name: str = "",
) -> Message:
    """Return the message that carries a code (or, in an invitation, a temporary password) to an address of `user`.

    `kind` is the trigger-style name, `client` None where an administrator calls, `metadata` the call's ClientMetadata;
    `shown_name` is what the text calls the user, where that is not the username. Composed before anything is written, so
    that nobody waits for a code that never comes: raises as `require_way` does. Triggers: CustomMessage, unless a custom
    sender takes the place of the pool's own words.
    """
    message = _in_own_words(
        call,
        pool,
        client,
        kind=kind,
        user=user,
        attribute=attribute,
        destination=destination,
        code=code,
        valid_until=valid_until,
        metadata=metadata,
        shown_name=shown_name,
    )
    if message.handover is not None:
        return message
    text = await triggers.custom_message(
        call,
        pool,
        client,
        source=f"CustomMessage_{kind}",
        medium=message.medium,
        user=reached_at(user, attribute, destination),
        metadata=metadata,
    )
    return in_words(message, text)


def compose_for_worker(
    call: Call,
    pool: Pool,
    client: Client,
    *,
    kind: str,
    user: User,
    nobody: bool,
    attribute: str,
    destination: str,
    code: str,
    valid_until: int,
    metadata: Mapping[str, str],
) -> Message:
    """Return the message of a code where existence is hidden: it takes as long for an unknown name as for a user.

    CustomMessage is asked by the worker, after the answer. `nobody`: `user` stands for whom the message pretends to go
    to. Raises as `require_way` does, and InvalidParameterException for more ClientMetadata than a row keeps.
    """
    message = _in_own_words(
        call,
        pool,
        client,
        kind=kind,
        user=user,
        attribute=attribute,
        destination=destination,
        code=code,
        valid_until=valid_until,
        metadata=metadata,
    )
    question = None
    if message.handover is None and pool.triggers.get("CustomMessage"):
        question = Question(
            user_id=user.sub,
            attribute=attribute,
            client_id=client.client_id,
            metadata=_kept(metadata),
            sdk=triggers.sdk_version(call.user_agent),
            request_id=call.request_id,
        )
    return msgspec.structs.replace(message, question=question, to="" if nobody else message.to)


def in_words(message: Message, text: triggers.CustomText | None) -> Message:
    """Return a message in the words of CustomMessage, its own where that leaves some out."""
    if text is None:
        return message
    own = Template(text.email_subject or "", text.email_message or "", text.sms_message or "")
    subject, body = render(
        own,
        medium=message.medium,
        username=message.username if message.kind == INVITATION else None,
        code=message.code or "",
        link=message.link,
    )
    return msgspec.structs.replace(message, subject=subject or message.subject, body=body or message.body)


def require_way(settings: Settings, pool: Pool, *, attribute: str, kind: str) -> None:
    """Refuse a message of a kind for which there is no way to an address; whoever pretends to send one asks this too.

    Raises CodeDeliveryFailureException where nothing is set up that could send it, InvalidParameterException where it
    has to hold a link and the pool has no address that one could lead to.
    """
    # UNVERIFIED: what AWS answers where the model of an operation has no CodeDeliveryFailureException, as those of sign-in,
    # AdminResetUserPassword and AdminUpdateUserAttributes; a pool whose SNS role was deleted would settle it.
    medium = MEDIUMS[attribute]
    if not _sends(settings, pool, medium) and not _has_custom_sender(pool, medium):
        missing = "mail server is" if medium == "EMAIL" else "SMS provider is"
        raise CodeDeliveryFailureException(f"No {missing} set up, so the code cannot be delivered.")
    if medium == "EMAIL" and confirms_by_link(pool.document, kind) and main_address(settings, pool) is None:
        # UNVERIFIED: name and words; a sign-up in a pool with CONFIRM_WITH_LINK and without a domain would settle them.
        raise InvalidParameterException("The user pool confirms by link, and has no domain that a link could lead to.")


async def queue_notice(
    call: Call, tx: Transaction, pool: Pool, user: User, template: Template, *, to: str, fact: str
) -> None:
    """Put a mail without a code on the worker's list, in words of our own; nothing where there is no way to send it.

    `fact` stands in the place of the code.
    """
    custom = _has_custom_sender(pool, "EMAIL")
    if not custom and not _sends(call.settings, pool, "EMAIL"):
        return
    subject, body = render(template, medium="EMAIL", username=user.username, code=fact)
    message = Message(
        to=to,
        medium="EMAIL",
        kind=NOTICE,
        subject=subject,
        body=body,
        pool_id=pool.pool_id,
        username=user.username,
        handover=_handover(pool, None, user, {}) if custom else None,
    )
    await queue(call, tx, pool, on_its_way(call.settings, pool, message))


async def queue_written(
    call: Call,
    tx: Transaction,
    pool: Pool,
    user: User | None,
    *,
    to: str,
    subject: str,
    body: str,
    configured: Mapping[str, Any],
) -> None:
    """Put a mail that is written on the worker's list, for nobody where `to` is empty; nothing where there is no way.

    `configured` has its From and ReplyTo, where they are others than the pool's.
    """
    custom = _has_custom_sender(pool, "EMAIL")
    if not custom and not _sends(call.settings, pool, "EMAIL"):
        return
    message = on_its_way(
        call.settings,
        pool,
        Message(
            to=to,
            medium="EMAIL",
            kind=NOTICE,
            subject=as_it_reads("".join(c if c.isprintable() else " " for c in subject)),
            body=body,
            pool_id=pool.pool_id,
            username="" if user is None else user.username,
            handover=_handover(pool, None, user, {}) if custom and user is not None and to else None,
        ),
    )
    sender, reply_to = configured.get("From") or message.sender, configured.get("ReplyTo") or message.reply_to
    await post(call, tx, msgspec.structs.replace(message, sender=sender, reply_to=reply_to))


async def queue(
    call: Call, tx: Transaction, pool: Pool, message: Message, *, proved: bool = False, asked_for: bool = False
) -> bool:
    """Put a message on the worker's list, in the transaction of the change that it tells of, if the budgets let it.

    `proved` and `asked_for` as `budgets.spend` has them; False where the budgets keep the message back. Raises
    LimitExceededException or TooManyRequestsException where no more text messages may be sent for now.
    """
    sent = await budgets.spend(tx, call, pool, message, proved=proved, asked_for=asked_for)
    await post(call, tx, message, sent=sent)
    return sent


async def post(call: Call, tx: Transaction, message: Message, *, sent: bool = True) -> None:
    """Put a message that the budgets let through, or one for nobody, on the worker's list, sealed.

    One that is not `sent` is written for nobody: the time of an answer must not tell whose budget is used up.
    """
    if not sent:
        message = msgspec.structs.replace(message, to="")
    job_id = f"{call.now:013x}-{next(call.house.sequence):08x}-{call.entropy.token(9)}"
    payload = call.house.sealer.seal_column(msgspec.json.encode(message), table="due", key=job_id, column="payload")
    await due.add(tx, job_id=job_id, kind=MESSAGE, pool_id=message.pool_id, now=call.now, payload=payload)


def mask(attribute: str, destination: str) -> str:
    """Return how CodeDeliveryDetails shows an address."""
    return mask_email(destination) if attribute == "email" else mask_phone(destination)


def _in_own_words(
    call: Call,
    pool: Pool,
    client: Client | None,
    *,
    kind: str,
    user: User,
    attribute: str,
    destination: str,
    code: str,
    valid_until: int | None,
    metadata: Mapping[str, str],
    shown_name: str = "",
) -> Message:
    """Return a message as the pool's own templates have it, with what its custom sender is told where it has one."""
    require_way(call.settings, pool, attribute=attribute, kind=kind)
    medium = MEDIUMS[attribute]
    name = shown_name or user.username
    username = name if kind == INVITATION else None
    link = _link(call, pool, client, kind=kind, username=user.username, code=code) if medium == "EMAIL" else ""
    subject, body = render(
        template_for(pool.document, kind, call.language), medium=medium, username=username, code=code, link=link
    )
    handover = None
    if _has_custom_sender(pool, medium):
        handover = _handover(pool, client, reached_at(user, attribute, destination), metadata)
    message = Message(
        to=destination,
        medium=medium,
        kind=kind,
        subject=subject,
        body=body,
        code=code,
        pool_id=pool.pool_id,
        username=name,
        valid_until=valid_until,
        handover=handover,
        link=link,
    )
    return on_its_way(call.settings, pool, message)


def _link(call: Call, pool: Pool, client: Client | None, *, kind: str, username: str, code: str) -> str:
    """Return the address that confirms a sign-up, empty for a message that holds a code (oauth-federation.md 5)."""
    if client is None or not confirms_by_link(pool.document, kind):
        return ""
    address = main_address(call.settings, pool)
    fields = {"client_id": client.client_id, "user_name": username, "confirmation_code": code}
    if call.language:  # the page that it leads to goes on in the language of the one that it comes from
        fields["lang"] = call.language
    return "" if address is None else f"{address}/confirmUser?{urlencode(fields)}"


def reached_at(user: User, attribute: str, destination: str) -> User:
    """Return a user as functions are told of them: with the address that the message goes to.

    An event names no destination. A code for a new address that an event led to the old one would prove the new one to
    whoever reads the old one (attacks.md 20).
    """
    # UNVERIFIED: how AWS tells of an address that waits for its code; one event of a custom sender would settle it.
    if user.attributes.get(attribute) == destination:
        return user
    return replace(user, attributes={**user.attributes, attribute: destination, VERIFIED[attribute]: "false"})


def _has_custom_sender(pool: Pool, medium: Medium) -> bool:
    return bool(pool.triggers.get(CUSTOM_SENDERS[medium]))


def _handover(pool: Pool, client: Client | None, user: User, metadata: Mapping[str, str]) -> Handover:
    return Handover(
        username=user.username,
        attributes=triggers.told_attributes(pool, user),
        client_id=None if client is None else client.client_id,
        metadata=_kept(metadata),
    )


def _kept(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return ClientMetadata that a row keeps until a function is told of it: no stranger fills the list with it."""
    # UNVERIFIED: AWS's own bound; a ForgotPassword with 100,000 characters of ClientMetadata would settle it.
    if sum(len(name) + len(value) for name, value in metadata.items()) > _LONGEST_METADATA:
        raise InvalidParameterException(f"ClientMetadata must have no more than {_LONGEST_METADATA} characters")
    return dict(metadata)


def _sends(settings: Settings, pool: Pool, medium: Medium) -> bool:
    """Say whether Poolkeeper itself has a way to send such a message of a pool."""
    account = account_of(pool, medium)
    return settings.dev or (
        sender_of(settings.all_senders, medium=medium, pool_id=pool.pool_id, account=account) is not None
    )


def account_of(pool: Pool, medium: Medium) -> str:
    """Return what a pool's configuration names to send by: an identity of SES, or the role by which SNS is used."""
    if medium == "SMS":
        return str(pool.document.get("SmsConfiguration", {}).get("SnsCallerArn", ""))
    return str(pool.document.get("EmailConfiguration", {}).get("SourceArn", ""))


def on_its_way(settings: Settings, pool: Pool, message: Message) -> Message:
    """Return a message with what its pool's EmailConfiguration or SmsConfiguration says of how it goes, and its From."""
    account = account_of(pool, message.medium)
    if message.medium == "SMS":
        region = str(pool.document.get("SmsConfiguration", {}).get("SnsRegion", ""))
        return msgspec.structs.replace(message, account=account, region=region)
    own = pool.document.get("EmailConfiguration", {})
    entry = sender_of(settings.all_senders, medium="EMAIL", pool_id=pool.pool_id, account=account)
    # UNVERIFIED: that AWS writes in the name of a SourceArn that is an address where no From is given; one mail of such a
    # pool would settle it.
    identity = account.partition(":identity/")[2]
    names = (own.get("From"), identity if "@" in identity else "", entry.mail_from if entry else "", settings.mail_from)
    return msgspec.structs.replace(
        message,
        account=account,
        sender=next(filter(None, names), ""),
        reply_to=own.get("ReplyToEmailAddress", ""),
        configuration_set=own.get("ConfigurationSet", ""),
    )
