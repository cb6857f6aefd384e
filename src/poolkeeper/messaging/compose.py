"""How does a code reach a person? Composed before the write, put on the worker's list within it, sent after it."""

import msgspec

from poolkeeper import triggers
from poolkeeper.call import Call
from poolkeeper.errors import CodeDeliveryFailureException, NotImplementedException
from poolkeeper.messaging.templates import render, template_for
from poolkeeper.model.job import MESSAGE
from poolkeeper.model.message import Medium, Message
from poolkeeper.model.names import mask_email, mask_phone
from poolkeeper.model.pool import Pool
from poolkeeper.settings import Settings
from poolkeeper.store import due
from poolkeeper.store.db import Transaction

MEDIUMS: dict[str, Medium] = {"email": "EMAIL", "phone_number": "SMS"}


def compose(
    call: Call,
    pool: Pool,
    *,
    kind: str,
    attribute: str,
    destination: str,
    username: str,
    code: str,
    valid_until: int | None,
) -> Message:
    """Return the message that carries a code (or, in an invitation, a temporary password) to an address.

    `kind` is the trigger-style name. Raises CodeDeliveryFailureException where nothing is set up that could send it:
    before anything is written, so that nobody waits for a code that never comes.
    """
    triggers.refuse_configured(pool, "CustomMessage")
    medium = MEDIUMS[attribute]
    triggers.refuse_configured(pool, "CustomEmailSender" if medium == "EMAIL" else "CustomSMSSender")
    require_sender(call.settings, medium)
    if medium == "EMAIL" and kind in {"SignUp", "ResendCode"}:
        _refuse_links(pool)

    subject, body = render(template_for(pool.document, kind), medium=medium, username=username, code=code)
    return Message(
        to=destination,
        medium=medium,
        kind=kind,
        subject=subject,
        body=body,
        code=code,
        pool_id=pool.pool_id,
        username=username,
        sender=_sender(call.settings, pool),
        valid_until=valid_until,
    )


def require_sender(settings: Settings, medium: Medium) -> None:
    """Raise CodeDeliveryFailureException where no sender is set up for a medium."""
    if settings.dev or (medium == "EMAIL" and settings.smtp_host):
        return
    what = "mail server is" if medium == "EMAIL" else "SMS provider is"
    raise CodeDeliveryFailureException(f"No {what} set up, so the code cannot be delivered.")


async def queue(call: Call, tx: Transaction, message: Message) -> None:
    """Put a message on the worker's list, sealed, in the transaction of the change that it tells of."""
    job_id = f"{call.now:013x}-{next(call.house.sequence):08x}-{call.entropy.token(9)}"
    payload = call.house.sealer.seal_column(msgspec.json.encode(message), table="due", key=job_id, column="payload")
    await due.add(tx, job_id=job_id, kind=MESSAGE, pool_id=message.pool_id, now=call.now, payload=payload)


def mask(attribute: str, destination: str) -> str:
    """Return how CodeDeliveryDetails shows an address."""
    return mask_email(destination) if attribute == "email" else mask_phone(destination)


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
