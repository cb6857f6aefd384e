"""How does a user hear that what guards the account was changed? By mail, to the address that was proved before.

Whoever has come by an access token can turn MFA off, replace the app, or lead codes and mail elsewhere, and by the new
address take the account for good: the owner is told of each (attacks.md 48). AWS has no such mail; a custom sender gets it
as AWS's AccountTakeOverNotification.
"""

from collections.abc import Sequence

from poolkeeper.call import Call
from poolkeeper.defences.budgets import take_notice
from poolkeeper.messaging.compose import queue_notice
from poolkeeper.messaging.templates import (
    APP_REPLACED,
    EMAIL_MOVED,
    MFA_LED_AWAY,
    MFA_TURNED_OFF,
    NUMBER_MOVED,
    Template,
)
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.factors import EMAIL_OTP, SMS_MFA, SOFTWARE_TOKEN_MFA
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.store.db import Transaction

_WORDS = {SMS_MFA: "text message", SOFTWARE_TOKEN_MFA: "authenticator app", EMAIL_OTP: "e-mail message"}


async def mfa_turned_off(call: Call, tx: Transaction, pool: Pool, user: User, methods: Sequence[str]) -> None:
    """Tell a user, in the transaction that does it, that `methods` are off."""
    await _tell(call, tx, pool, user, MFA_TURNED_OFF, what=_named(methods))


async def mfa_led_away(call: Call, tx: Transaction, pool: Pool, user: User, methods: Sequence[str]) -> None:
    """Tell a user, as they were before, that the codes of `methods` go to another address."""
    await _tell(call, tx, pool, user, MFA_LED_AWAY, what=_named(methods))


async def app_replaced(call: Call, tx: Transaction, pool: Pool, user: User) -> None:
    """Tell a user that another authenticator app took the place of the one before."""
    await _tell(call, tx, pool, user, APP_REPLACED, what=_WORDS[SOFTWARE_TOKEN_MFA])


async def email_moved(call: Call, tx: Transaction, pool: Pool, before: User) -> None:
    """Tell the address of before that it is the account's no longer: what comes next goes elsewhere."""
    await _tell(call, tx, pool, before, EMAIL_MOVED, what="")


async def number_moved(call: Call, tx: Transaction, pool: Pool, before: User) -> None:
    """Tell a user, as they were before, that their phone number is another one, or none."""
    await _tell(call, tx, pool, before, NUMBER_MOVED, what="")


def _named(methods: Sequence[str]) -> str:
    return " and ".join(_WORDS[name] for name in methods)


async def _tell(call: Call, tx: Transaction, pool: Pool, user: User, template: Template, *, what: str) -> None:
    """Queue a mail where there is a proved address and a way to it; nothing is refused for want of one."""
    address = user.attributes.get("email")
    if not call.settings.account_notices or not address or user.attributes.get(VERIFIED["email"]) != "true":
        return
    if await take_notice(tx, pool_id=pool.pool_id, user_id=user.sub, now=call.now):
        await queue_notice(call, tx, pool, user, template, to=address, what=what)
