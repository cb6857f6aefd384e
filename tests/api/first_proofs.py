"""How does a person of a test prove an address first? By the code that a message brings."""

from typing import Any

from api.world import FLOWS, SMS, ClientOfTests, World

MAIL, PHONE = "owner@x.example", "+15550100777"


def taking_codes(world: World, *factors: str, **settings: Any) -> ClientOfTests:
    """Return a client of a pool where passwords and codes of these kinds sign in."""
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", *(factors or ("EMAIL_OTP",))]}}
    pool = world.pool(
        **{"AutoVerifiedAttributes": ["email"], "Policies": policies, "SmsConfiguration": SMS, **settings}
    )
    return pool.client(ExplicitAuthFlows=[*FLOWS, "ALLOW_USER_AUTH"])


def by_code(
    client: ClientOfTests, name: str, address: str, *, factor: str = "EMAIL_OTP", session: str | None = None
) -> dict[str, Any]:
    """Sign in by a code to an address, begun with a Session or without one; return the whole answer."""
    client.world.clock.advance(1_000)
    more = {} if session is None else {"Session": session}
    begun = client.world.unsigned.initiate_auth(
        ClientId=client.client_id,
        AuthFlow="USER_AUTH",
        AuthParameters={"USERNAME": name, "PREFERRED_CHALLENGE": factor},
        **more,
    )
    code = {f"{factor}_CODE": client.world.code(address)}
    return client.respond(factor, begun["Session"], USERNAME=name, **code)
