"""Which notices does a user get by mail? Those that lie in the outbox, of one kind."""

from typing import Any

from api.second_factors import EMAIL, EMAIL_OTP, PHONE, SMS_MFA, TOTP, asked, enrol, give, next_codes, pool_with, shown
from api.world import ClientOfTests, World

OFF = {"Enabled": False}


NOTICE = "AccountTakeOverNotification"


def owner(world: World, *, settings: dict[str, Any] | None = None, **attributes: str) -> tuple[ClientOfTests, str]:
    """Make a user with a proved mailbox and an app that is on; return a client and the secret of the app."""
    pool = pool_with(world, SMS_MFA, EMAIL_OTP, TOTP, mode="OPTIONAL", **(settings or {}))
    known: dict[str, Any] = {"email": EMAIL, "email_verified": "true", "phone_number": PHONE, **attributes}
    pool.user("ada", **known)
    client = pool.client()
    return client, enrol(client, "ada")


def signed_in(client: ClientOfTests, secret: str) -> str:
    """Sign in by the password and the app; return an access token."""
    next_codes(client.world)
    session = asked(client, TOTP)["Session"]
    answer = give(client, TOTP, session, shown(client.world, secret))
    return str(answer["AuthenticationResult"]["AccessToken"])


def notices(client: ClientOfTests, to: str = EMAIL) -> list[dict[str, Any]]:
    pool_id = client.pool.pool_id
    return [one for one in client.world.outbox(to) if (one["kind"], one["pool_id"]) == (NOTICE, pool_id)]
