"""How does a user hear that what guards the account was changed? By mail, to the address that was proved before.

Whoever has come by an access token can turn MFA off, replace the app, or lead codes and mail elsewhere, and by the new
address take the account for good: the owner is told of each (attacks.md 48). AWS has no such mail; a custom sender gets it
as AWS's AccountTakeOverNotification.
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from poolkeeper.call import Call
from poolkeeper.defences.budgets import take_notice
from poolkeeper.defences.ghosts import shared_place
from poolkeeper.messaging.compose import queue_notice, queue_written
from poolkeeper.messaging.templates import built_in, render, words_of
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.auth_event import Seen
from poolkeeper.model.factors import SOFTWARE_TOKEN_MFA
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.store.db import Transaction

# What AWS's mails of threat protection name (AWS: NotifyConfigurationType; Message templates).
_NAMED = re.compile(r"\{([a-z-]+)\}")


async def mfa_turned_off(call: Call, tx: Transaction, pool: Pool, user: User, methods: Sequence[str]) -> None:
    """Tell a user, in the transaction that does it, that `methods` are off."""
    await _tell(call, tx, pool, user, "mfa-turned-off", fact=_named(call, methods))


async def mfa_led_away(call: Call, tx: Transaction, pool: Pool, user: User, methods: Sequence[str]) -> None:
    """Tell a user, as they were before, that the codes of `methods` go to another address."""
    await _tell(call, tx, pool, user, "mfa-led-away", fact=_named(call, methods))


async def app_replaced(call: Call, tx: Transaction, pool: Pool, user: User) -> None:
    """Tell a user that another authenticator app took the place of the one before."""
    await _tell(call, tx, pool, user, "app-replaced", fact=_named(call, (SOFTWARE_TOKEN_MFA,)))


async def email_moved(call: Call, tx: Transaction, pool: Pool, before: User) -> None:
    """Tell the address of before that it is the account's no longer: what comes next goes elsewhere."""
    await _tell(call, tx, pool, before, "email-moved", fact="")


async def number_moved(call: Call, tx: Transaction, pool: Pool, before: User) -> None:
    """Tell a user, as they were before, that their phone number is another one, or none."""
    await _tell(call, tx, pool, before, "number-moved", fact="")


class Mail(Enum):
    """Which of the operator's mails tells of a sign-in, and which of our own texts stands in for it."""

    BLOCK = "BlockEmail", "sign-in-kept-out"
    MFA = "MfaEmail", "sign-in-seen"
    NO_ACTION = "NoActionEmail", "sign-in-seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInNoticed:
    """A sign-in that its user is told of. `valid` and `invalid` are the links by which somebody says whose it was."""

    mail: Mail
    when: str
    event_id: str
    token: str
    seen: Seen
    valid: str
    invalid: str

    def values(self, username: str) -> Mapping[str, str]:
        """Return what stands in the place of each name in an operator's mail."""
        origin = self.seen
        return {
            "username": username,
            "login-time": self.when,
            "device-name": origin.device_name or origin.user_agent,
            "ip-address": origin.address,
            "city": origin.city,
            "country": origin.country,
            "event-id": self.event_id,
            "feedback-token": self.token,
            "one-click-link-valid": self.valid,
            "one-click-link-invalid": self.invalid,
        }


async def sign_in_noticed(
    call: Call,
    tx: Transaction,
    pool: Pool,
    user: User | None,
    subject_id: str,
    configured: Mapping[str, Any],
    noticed: SignInNoticed,
) -> None:
    """Tell a user of a sign-in, in the operator's words where NotifyConfiguration has some; without a user nobody is told.

    What is for nobody is counted, apart, and written all the same.
    """
    address = "" if user is None else user.attributes.get("email", "")
    proved = user is not None and user.attributes.get(VERIFIED["email"]) == "true"
    to_nobody = user is None
    whose = shared_place(subject_id) if to_nobody else subject_id
    if not await take_notice(tx, pool_id=pool.pool_id, user_id=whose, now=call.now, to_nobody=to_nobody):
        return
    member, key = noticed.mail.value
    own, username = configured.get(member), "" if user is None else user.username
    if own is None:
        facts = ", ".join(filter(None, (noticed.when, noticed.seen.city, noticed.seen.country, noticed.seen.address)))
        subject, body = render(
            built_in(key, call.language), medium="EMAIL", username=username, code=facts, link=noticed.invalid
        )
    else:
        values = noticed.values(username)
        html_body = own.get("HtmlBody") or f"<pre>{html.escape(own.get('TextBody') or '', quote=False)}</pre>"
        subject, body = own["Subject"], _filled(html_body, values)
    to = address if proved else ""
    await queue_written(call, tx, pool, user, to=to, subject=subject, body=body, configured=configured)


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Return an operator's mail, which is HTML, with what it names put in once, escaped."""
    return _NAMED.sub(lambda match: html.escape(values.get(match[1], match[0])), text)


def _named(call: Call, methods: Sequence[str]) -> str:
    """Return what the methods are called in the language of the page, as an enumeration."""
    words = words_of(call.language)
    names = [words[f"method.{name}"] for name in methods]
    text = names[-1]
    for position, name in enumerate(reversed(names[:-1])):
        text = words["list.more" if position else "list.last"].format(a=name, b=text)
    return text


async def _tell(call: Call, tx: Transaction, pool: Pool, user: User, key: str, *, fact: str) -> None:
    """Queue a mail where there is a proved address and a way to it; nothing is refused for want of one."""
    address = user.attributes.get("email")
    if not call.settings.account_notices or not address or user.attributes.get(VERIFIED["email"]) != "true":
        return
    if await take_notice(tx, pool_id=pool.pool_id, user_id=user.sub, now=call.now):
        await queue_notice(call, tx, pool, user, built_in(key, call.language), to=address, fact=fact)
