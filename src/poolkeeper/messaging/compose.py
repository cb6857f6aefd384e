"""How does a code reach a person? Composed before the write, put on the worker's list within it, sent after it."""

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from poolkeeper import triggers
from poolkeeper.call import Call
from poolkeeper.errors import CodeDeliveryFailureException, NotImplementedException
from poolkeeper.messaging import budget
from poolkeeper.messaging.templates import Template, render, template_for
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.client import Client
from poolkeeper.model.job import MESSAGE
from poolkeeper.model.message import Handover, Medium, Message
from poolkeeper.model.names import mask_email, mask_phone
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.settings import Settings
from poolkeeper.store import due
from poolkeeper.store.db import Transaction

MEDIUMS: dict[str, Medium] = {"email": "EMAIL", "phone_number": "SMS"}
# What AWS's risk mail is called, which our notices are too: custom senders know it.
NOTICE = "AccountTakeOverNotification"
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
    require_way(call.settings, pool, attribute=attribute, kind=kind)
    medium = MEDIUMS[attribute]
    custom = _has_custom_sender(pool, medium)
    template = template_for(pool.document, kind)
    user = _reached_at(user, attribute, destination)
    if not custom:
        template = await _asked(call, pool, client, template, kind=kind, user=user, metadata=metadata)
    name = shown_name or user.username
    subject, body = render(template, medium=medium, username=name, code=code)
    return Message(
        to=destination,
        medium=medium,
        kind=kind,
        subject=subject,
        body=body,
        code=code,
        pool_id=pool.pool_id,
        username=name,
        sender=_sender(call.settings, pool),
        valid_until=valid_until,
        handover=_handover(pool, client, user, metadata) if custom else None,
    )


def require_way(settings: Settings, pool: Pool, *, attribute: str, kind: str) -> None:
    """Refuse a message of a kind for which there is no way to an address; whoever pretends to send one asks this too.

    Raises CodeDeliveryFailureException where nothing is set up that could send it, NotImplementedException where it
    would have to hold a link.
    """
    # UNVERIFIED: what AWS answers where the model of an operation has no CodeDeliveryFailureException, as those of sign-in,
    # AdminResetUserPassword and AdminUpdateUserAttributes; a pool whose SNS role was deleted would settle it.
    medium = MEDIUMS[attribute]
    if not _sends(settings, medium) and not _has_custom_sender(pool, medium):
        what = "mail server is" if medium == "EMAIL" else "SMS provider is"
        raise CodeDeliveryFailureException(f"No {what} set up, so the code cannot be delivered.")
    if medium == "EMAIL" and kind in {"SignUp", "ResendCode"}:
        _refuse_links(pool)


async def queue_notice(
    call: Call, tx: Transaction, pool: Pool, user: User, template: Template, *, to: str, what: str
) -> None:
    """Put a mail without a code on the worker's list, in words of our own; nothing where there is no way to send it.

    `what` stands in the place of the code.
    """
    custom = _has_custom_sender(pool, "EMAIL")
    if not custom and not _sends(call.settings, "EMAIL"):
        return
    subject, body = render(template, medium="EMAIL", username=user.username, code=what)
    message = Message(
        to=to,
        medium="EMAIL",
        kind=NOTICE,
        subject=subject,
        body=body,
        pool_id=pool.pool_id,
        username=user.username,
        sender=_sender(call.settings, pool),
        handover=_handover(pool, None, user, {}) if custom else None,
    )
    await queue(call, tx, message)


async def queue(call: Call, tx: Transaction, message: Message) -> None:
    """Put a message on the worker's list, sealed, in the transaction of the change that it tells of.

    Raises LimitExceededException or TooManyRequestsException where no more text messages may be sent for now.
    """
    await budget.spend(tx, call, message)
    job_id = f"{call.now:013x}-{next(call.house.sequence):08x}-{call.entropy.token(9)}"
    payload = call.house.sealer.seal_column(msgspec.json.encode(message), table="due", key=job_id, column="payload")
    await due.add(tx, job_id=job_id, kind=MESSAGE, pool_id=message.pool_id, now=call.now, payload=payload)


def mask(attribute: str, destination: str) -> str:
    """Return how CodeDeliveryDetails shows an address."""
    return mask_email(destination) if attribute == "email" else mask_phone(destination)


async def _asked(
    call: Call,
    pool: Pool,
    client: Client | None,
    own: Template,
    *,
    kind: str,
    user: User,
    metadata: Mapping[str, str],
) -> Template:
    """Return the words of CustomMessage, the pool's own where it leaves some out."""
    custom = await triggers.custom_message(
        call, pool, client, source=f"CustomMessage_{kind}", user=user, metadata=metadata
    )
    if custom is None:
        return own
    return Template(
        custom.email_subject or own.subject,
        custom.email_message or own.email,
        custom.sms_message or own.sms,
    )


def _reached_at(user: User, attribute: str, destination: str) -> User:
    """Return a user as functions are told of it: with the address that the message goes to.

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
        metadata=dict(metadata),
    )


def _sends(settings: Settings, medium: Medium) -> bool:
    """Say whether Poolkeeper itself has a way to send such a message."""
    return settings.dev or (medium == "EMAIL" and bool(settings.smtp_host))


def _refuse_links(pool: Pool) -> None:
    template = pool.document.get("VerificationMessageTemplate", {})
    if template.get("DefaultEmailOption") == "CONFIRM_WITH_LINK":
        raise NotImplementedException(
            "The user pool confirms by link, and Poolkeeper has no page for the link yet; "
            "set DefaultEmailOption to CONFIRM_WITH_CODE."
        )


def _sender(settings: Settings, pool: Pool) -> str:
    own = pool.document.get("EmailConfiguration", {}).get("From")
    return own or settings.mail_from
