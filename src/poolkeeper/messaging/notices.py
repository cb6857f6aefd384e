"""How does a user hear that what guards the account was changed? By mail, to the address that was proved before.

Whoever has come by an access token can turn MFA off, replace the app, or lead codes and mail elsewhere, and by the new
address take the account for good: the owner is told of each (attacks.md 48). AWS has no such mail; a custom sender gets it
as AWS's AccountTakeOverNotification.
"""

from collections.abc import Sequence

from poolkeeper.call import Call
from poolkeeper.defences.budgets import take_notice
from poolkeeper.messaging.compose import queue_notice
from poolkeeper.messaging.templates import built_in, words_of
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.factors import SOFTWARE_TOKEN_MFA
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.store.db import Transaction


async def mfa_turned_off(call: Call, tx: Transaction, pool: Pool, user: User, methods: Sequence[str]) -> None:
    """Tell a user, in the transaction that does it, that `methods` are off."""
    await _tell(call, tx, pool, user, "mfa-turned-off", what=_named(call, methods))


async def mfa_led_away(call: Call, tx: Transaction, pool: Pool, user: User, methods: Sequence[str]) -> None:
    """Tell a user, as they were before, that the codes of `methods` go to another address."""
    await _tell(call, tx, pool, user, "mfa-led-away", what=_named(call, methods))


async def app_replaced(call: Call, tx: Transaction, pool: Pool, user: User) -> None:
    """Tell a user that another authenticator app took the place of the one before."""
    await _tell(call, tx, pool, user, "app-replaced", what=_named(call, (SOFTWARE_TOKEN_MFA,)))


async def email_moved(call: Call, tx: Transaction, pool: Pool, before: User) -> None:
    """Tell the address of before that it is the account's no longer: what comes next goes elsewhere."""
    await _tell(call, tx, pool, before, "email-moved", what="")


async def number_moved(call: Call, tx: Transaction, pool: Pool, before: User) -> None:
    """Tell a user, as they were before, that their phone number is another one, or none."""
    await _tell(call, tx, pool, before, "number-moved", what="")


def _named(call: Call, methods: Sequence[str]) -> str:
    """Return what the methods are called in the language of the page, as an enumeration."""
    words = words_of(call.language)
    names = [words[f"method.{name}"] for name in methods]
    said = names[-1]
    for place, name in enumerate(reversed(names[:-1])):
        said = words["list.more" if place else "list.last"].format(a=name, b=said)
    return said


async def _tell(call: Call, tx: Transaction, pool: Pool, user: User, key: str, *, what: str) -> None:
    """Queue a mail where there is a proved address and a way to it; nothing is refused for want of one."""
    address = user.attributes.get("email")
    if not call.settings.account_notices or not address or user.attributes.get(VERIFIED["email"]) != "true":
        return
    if await take_notice(tx, pool_id=pool.pool_id, user_id=user.sub, now=call.now):
        await queue_notice(call, tx, pool, user, built_in(key, call.language), to=address, what=what)
